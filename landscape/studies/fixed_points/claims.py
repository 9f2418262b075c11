"""The claims on fixed points: where gradient descent ends, how samples are distributed, how many minima are off the data.

Every estimand is pooled over the settings of a run. Clusters are seeds, as the same seeds run in every setting, and networks of
equal width have equal hidden layers at different depths. A claim is judged on the networks that fit their points; how many do
stands in its setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    Statement,
    Threshold,
    mean_interval,
    median_interval,
    pooled_slope,
)
from landscape.results import Result
from landscape.studies.fixed_points.tables import KEYS, setting_words
from landscape.studies.parts.judging import combined, finite_rows, untestable
from landscape.studies.parts.pooling import judged_by

FIT = Threshold(at_most=1e-4)
# The ratio of two bounded means was unfit for the second half: a fifth of the ends from noise is at no training point, and the
# ratio's interval then reaches past .8 even where data with noise halve it.
C16 = Statement(
    "C16",
    "Descending the loss from noise ends at points that iteration leaves; from data with noise it ends at training points",
    "N(0, I) starts, or training data with noise",
    "of networks with an unstable fixed point: share of ends from N(0, I) at unstable fixed points or none; "
    "share of ends that are at no training point, from data with noise over that from N(0, I), median seed",
    {"unstable or none": Threshold(at_least=0.5), "missed from data over from noise": Threshold(at_most=0.8)},
    {"training loss": FIT, "unstable fixed points": Threshold(at_least=1)},
    whole="{unstable or none.words}, and {missed from data over from noise.words}",
)
# The registered rank correlation of samples with −loss was unfit: exact draws from the density scored .015 to .136, since their
# counts in boxes are mostly noise, and .5 was asked.
C19B = Statement(
    "C19b",
    "Samples have the density exp(−‖x − f(x)‖²)",
    "none",
    "states of Eq. 3 at ε = .01 in one and two dimensions, median seed: β of the density exp(−β‖x − f(x)‖²) that fits them "
    "best; their total variation from it over boxes, beyond chance",
    {"inverse temperature": Threshold(between=(0.5, 2.0)), "excess variation": Threshold(at_most=0.1)},
    {"training loss": FIT},
    whole="{inverse temperature.words}, and {excess variation.words}",
)
# On symmetric sets, such as the corners of a square, every map to the nearest point visits all alike. Drawn sets have no such
# symmetry.
C19C = Statement(
    "C19c",
    "Samples without noise visit all stable fixed points alike, as every fixed point has the same density exp(0)",
    "none",
    "uniform sets, of networks with several stable fixed points, median seed: total variation of the visits from equal "
    "ones, beyond chance",
    {"unequal visits": Threshold(at_most=0.1)},
    {"training loss": FIT},
    label="follows from the density claim (C19b); outside the family of the paper's claims",
    primary=False,
)
C22 = Statement(
    "C22",
    "There are more local minima off the data the more training points there are",
    "more local minima outside the data",
    "slope of log₂(1 + spurious fixed points) on log₂ n, uniform sets on the line or in the plane, at each of two training "
    "budgets; displaced memories are not spurious",
    {"slope": Threshold(above=0.0)},
    {"training loss": FIT},
    quote="“more local minima outside the data”",
)
STATEMENTS = (C16, C19B, C19C, C22)

IntervalOf = Callable[[pd.DataFrame], Interval]


def _in_words(row: pd.Series) -> str:
    return f"{row['data']}, {setting_words(row)}"


def _size_words(row: pd.Series) -> str:
    return f"{row['hidden']} hidden, width {row['width']}"


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    yield from (judge(result) for judge in (gradient_ends, sampled_density, equal_visits, growth_of_spurious))


def gradient_ends(result: Result) -> Claim:
    """C16: where gradient descent ends, of the networks with an unstable fixed point; the others are counted."""
    fit = _fit(result.whole)
    known = finite_rows(fit, "gradient_stable")
    several = known[(known.fixed - known.stable).map(C16.limits["unstable fixed points"].holds).astype(bool)]
    if several.empty:
        return untestable(C16, f"none of the {len(fit)} networks that fit their points has an unstable fixed point")
    setting = (
        f"{len(several)} of {len(fit)} networks that fit, of {len(result.whole)}; the others have none that is unstable"
    )
    unstable = _pooled(C16, "unstable or none", several, _of_unstable, setting)
    return combined(C16, [unstable, _pooled(C16, "missed from data over from noise", several, _of_missed, setting)])


def _of_unstable(rows: pd.DataFrame) -> Interval:
    return mean_interval(1 - rows.gradient_stable, rows.seed, bounds=(0, 1))


def _of_missed(rows: pd.DataFrame) -> Interval:
    missed = (1 - rows[["gradient_data_training", "gradient_training"]]).groupby(rows.seed).mean()
    missed = missed[missed.gradient_training > 0]  # else nothing is left to gain
    return median_interval(missed.gradient_data_training / missed.gradient_training)


def sampled_density(result: Result) -> Claim:
    """C19b: the temperature and the shape of the density of noisy samples, of the networks that fit their points."""
    rows = finite_rows(_fit(result.whole), "beta", "density_excess")
    if rows.empty:
        return untestable(C19B, "no network that fits its points on the line or in the plane has a loss that varies")
    setting = f"{len(rows)} networks that fit, of {len(result.whole)}"
    parts = [
        _pooled(C19B, "inverse temperature", rows, lambda own: median_interval(own.beta, own.seed), setting),
        _pooled(C19B, "excess variation", rows, lambda own: median_interval(own.density_excess, own.seed), setting),
    ]
    return combined(C19B, parts)


def equal_visits(result: Result) -> Claim:
    """C19c: whether samples without noise visit all stable fixed points alike, on drawn sets."""
    drawn = _fit(result.whole[result.whole.data == "uniform"])
    rows = finite_rows(drawn, "visits_excess")
    if rows.empty:
        return untestable(C19C, "needs --data uniform and networks with several stable fixed points")
    setting = f"{len(rows)} networks with several stable fixed points, of {len(drawn)} that fit"
    return _pooled(C19C, "unequal visits", rows, lambda own: median_interval(own.visits_excess, own.seed), setting)


def growth_of_spurious(result: Result) -> Claim:
    """C22: the growth of spurious fixed points with the number of training points, at each training budget."""
    plane = result.record["parameters"].get("dim", 2) <= 2
    drawn = result.whole[(result.whole.data == "uniform") & plane]
    rows = finite_rows(_fit(drawn), "spurious")
    budgets = sorted(drawn.longer.unique())
    if len(budgets) < 2 or rows["count"].nunique() < 2:
        return untestable(
            C22,
            "needs --data uniform, --dim 1 or 2, two values of --longer, and networks that fit two values of --count",
        )
    parts = [_slope_at(drawn[drawn.longer == one], rows[rows.longer == one], one) for one in budgets]
    return combined(C22, parts)


def _fit(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the networks that fit their training points."""
    fit: pd.DataFrame = table[table.loss.map(FIT.holds).astype(bool)]  # no rows make no boolean column
    return fit


def _slope_at(drawn: pd.DataFrame, rows: pd.DataFrame, longer: int) -> Claim:
    counts = drawn["count"].value_counts(sort=False).sort_index()
    fit = rows["count"].value_counts().to_dict()
    words = ", ".join(f"n = {count:,}: {fit.get(count, 0)} of {size}" for count, size in counts.items())
    setting = (
        f"{longer} × the steps; networks that fit, {words}; displaced memories: {rows.displaced.mean():.2g} a network"
    )
    return judged_by(C22, "slope", rows, _of_slope, ["hidden", "width"], _size_words, setting)


def _of_slope(rows: pd.DataFrame) -> Interval:
    size = rows.hidden.astype(str) + " " + rows.width.astype(str)
    return pooled_slope(np.log2(rows["count"]), np.log2(1 + rows.spurious), size, rows.seed)


def _pooled(statement: Statement, name: str, rows: pd.DataFrame, interval: IntervalOf, setting: str) -> Claim:
    """The claim of the threshold `name` over all rows, with each setting beside it."""
    return judged_by(statement, name, rows, interval, KEYS, _in_words, setting)
