"""Two exploratory claims of step flatness, of which neither implies the other: steps sharpen with depth, and they are reached.

The flat share near the data, of the paper's Fig. 3, is tested by depth-sweep."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import Claim, Statement, Threshold
from landscape.results import Result
from landscape.studies.parts.judging import untestable
from landscape.studies.parts.trends import GROUPS, over_data, rank_trend

NOT_THE_PAPERS, LABEL = (
    "none: not a claim of the paper",
    "exploratory, threshold set before the first run of this version; not registered",
)
EXPLORATORY = "{words} (exploratory, set before the first run of this version)"
# The ripples of an almost constant map count as no step, because sharpness does not depend on the scale of the output. Without
# this limit untrained networks pass S1a: with 10 hidden layers their outputs vary by 1e-5 of the range.
NO_STEP = {"output range": Threshold(at_least=0.01)}
S1A = Statement(
    "S1a",
    "Steps sharpen with depth: the deeper the net, the more step-like the map between training points",
    NOT_THE_PAPERS,
    "Spearman(hidden, sharpness) among a seed's networks of the equal-parameter grid, mean over data sets, median over seeds; "
    "almost constant and diverged maps counted as no step (.1)",
    {"correlation": Threshold(at_least=0.3, wording=EXPLORATORY)},
    NO_STEP,
    label=LABEL,
    primary=False,
)
# The median over seeds is used: 30 networks cannot show that a mean is above .884. The memoriser is a step function; in the
# networks' place it makes this claim true.
S1B = Statement(
    "S1b",
    "The deepest networks reach a step: nearly all of the output changes within a tenth of the way between training points",
    NOT_THE_PAPERS,
    "sharpness of a seed's deepest networks of the equal-parameter grid, mean over data sets, median over seeds; almost "
    "constant and diverged maps counted as no step (.1)",
    {"sharpness": Threshold(at_least=0.9, wording=EXPLORATORY)},
    NO_STEP,
    label=LABEL,
    primary=False,
)
STATEMENTS = (S1A, S1B)
LINEAR_SHARPNESS, STEP_SHARPNESS = 0.1, 1.0  # the sharpness of an affine map, and of a step


def claims_of(result: Result) -> Iterator[Claim]:
    """S1a, steps sharpen with depth, and S1b, they are reached. Neither is the paper's claim, and neither is registered.

    Each is pooled over the data sets in which the grid at equal parameters has several depths; seeds are the clusters."""
    rows = compared_rows(result)
    if rows.empty:
        needs = "needs two or more --hidden and a --budget (--image-budget for images)"
        yield from (untestable(statement, needs) for statement in STATEMENTS)
        return
    depths = ", ".join(map(str, sorted(rows.hidden.unique())))
    trend = S1A.at(setting=f"hidden {depths}")
    yield over_data(trend, rows, lambda part: rank_trend(part, "hidden", "steps"), "correlation")
    deepest = rows[rows.hidden == rows.groupby("data").hidden.transform("max")]
    yield over_data(S1B.at(setting=f"hidden {deepest.hidden.max()}"), deepest, sharpness_of_seeds, "sharpness")


def compared_rows(result: Result) -> pd.DataFrame:
    """The networks of which the claims speak: those of the grids at equal parameters that have several depths.

    The column `steps` is their sharpness, as the claims count it."""
    equal = result.whole[result.whole.budget > 0]
    rows = equal[equal.groupby("data").hidden.transform("nunique") > 1]
    return rows.assign(steps=_steps(rows))


def sharpness_of_seeds(rows: pd.DataFrame) -> pd.Series[float]:
    """The mean sharpness of the networks of each data set and seed."""
    means: pd.Series[float] = rows.groupby(GROUPS).steps.mean()
    return means


def _steps(rows: pd.DataFrame) -> pd.Series[float]:
    """The sharpness. Members that collapsed, diverged or vary by less than the limit count as linear, without a step."""
    varies = rows.output_range.map(NO_STEP["output range"].holds) & np.isfinite(rows.sharpness)
    return rows.sharpness.where(varies & ~rows.status.isin(["collapsed", "diverged"]), LINEAR_SHARPNESS)
