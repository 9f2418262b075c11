"""The claims on injectivity: when Gaussian layers become one-to-one, images with the same code, and depth and merging."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    Statement,
    Threshold,
    judge,
    judge_pooled,
    median_interval,
    pooled_slope,
    share_interval,
    with_beside,
)
from landscape.ensemble import TOL
from landscape.results import Result
from landscape.studies.injectivity.parameters import EXACT, LEAST_DISTANCE
from landscape.studies.parts.judging import FITS, as_untrained, judged, untestable
from landscape.studies.parts.words import data_words

SOURCE = "Puthawala et al. (JMLR 2022); not a claim of the paper on kaleidoscopes"
EXPANSIVITY, CONTRAST = 2.1, 0.9  # of which I2 speaks
NECESSARY, LOWER, REPLICA, UPPER = PUBLISHED = 2.0, 3.4, 6.7, 10.5  # rows per input; the last three for many inputs
I1 = Statement(
    "I1",
    "Gaussian ReLU layers become one-to-one at an expansivity between 3.4 and 10.5",
    SOURCE,
    "rows per input at which half of Gaussian matrices are one-to-one, at the largest number of inputs decided exactly: the "
    "median over matrices of the first number of rows; unresolved matrices count at both of their bounds",
    {"expansivity": Threshold(between=(LOWER, UPPER))},
    label="of few inputs, where the source speaks of infinitely many",
    primary=False,
)
# A digit's background is exactly black: no pixel of it can fall. So no second image within [0, 1] is near, whatever the layer,
# unless the contrast is lowered. A trial with other seeds showed this before the first run.
I2 = Statement(
    "I2",
    "At expansivity 2.1 a Gaussian layer gives two images the same code",
    SOURCE,
    f"share of Gaussian matrices for which one of the images tried, at {CONTRAST:.0%} contrast, has a second image in [0, 1] "
    f"at a distance of at least {LEAST_DISTANCE:.0%} of its norm, with the same code to 1e-10".replace("%", " %"),
    {"share": Threshold(at_least=0.8)},
    primary=False,
)
I3 = Statement(
    "I3",
    "Deeper ordinary networks merge more points",
    "none: our question",
    "slope of the share of points merged before the last affine map on log2 hidden, at equal widths, of trained networks that "
    "fit; a point is merged if the Jacobian up to there has a rank below the number of inputs",
    {"slope": Threshold(above=0.0)},
    {FITS: Threshold(at_most=TOL)},
    primary=False,
)
STATEMENTS = (I1, I2, I3)
BEFORE, ADDED = "before training", "trained − untrained"  # what stands beside I3, of the same networks
NO_STEEPER = "no steeper than before training"
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """I1 of the largest number of inputs that was decided exactly, I2 of all sets of images, I3 pooled over data and widths.

    Beside I1 stand the other numbers of inputs, beside I2 each set of images and other contrasts, beside I3 each data set
    and width, the networks before training, and the slope of what training adds to the same networks that fit."""
    yield _threshold(result.tables.get("matrices", pd.DataFrame()))
    yield _images(result)
    yield _depth(result.whole)


def half_interval(rows: Rows) -> Interval:
    """The rows per input at which half of the matrices of one number of inputs are one-to-one, with both bounds of each.

    The interval reaches from the lower end of all lower bounds to the upper end of all upper bounds. The larger p counts."""
    inputs = int(rows.inputs.iloc[0])
    least, most = (median_interval(rows[column] / inputs) for column in ("least", "most"))

    def larger(threshold: float) -> float:
        return max(one.against(threshold).p for one in (least, most))

    estimate = (least.estimate + most.estimate) / 2 if math.isfinite(most.estimate) else math.inf
    return Interval(
        estimate, least.low, most.high, least.clusters, constant=least.constant and most.constant, method=least.method,
        test=larger,
    )  # fmt: skip


def _threshold(matrices: Rows) -> Claim:
    exact = matrices[matrices.method == EXACT] if len(matrices) else matrices
    if exact.empty:
        return untestable(I1, "needs the part gaussian and --inputs or --hard-inputs")
    asked, each = I1["expansivity"], {}
    for inputs, rows in exact.groupby("inputs"):
        of = I1.at(setting=f"n = {inputs}, {len(rows)} matrices")
        each[int(str(inputs))] = judge(half_interval(rows), of, asked)
    largest = each.pop(max(each))
    return with_beside(largest, list(each.values()))


def _images(result: Result) -> Claim:
    images = result.tables.get("images", pd.DataFrame())
    if images.empty or result.record["parameters"]["expansivity"] != EXPANSIVITY:
        return untestable(I2, f"needs the part images and --expansivity {EXPANSIVITY}")
    rows = images[images.control == "none"]
    here = rows[rows.contrast == CONTRAST]
    if here.empty:
        return untestable(I2, f"needs --contrast {CONTRAST}")
    each = [_share(str(name), part) for (name, _), part in here.groupby(["images", "contrast"], sort=False)]
    others = [
        _share(str(name), part)
        for (name, level), part in rows.groupby(["images", "contrast"], sort=False)
        if level != CONTRAST
    ]
    whole = I2.at(setting=", ".join(one.setting for one in each))
    return with_beside(_pooled(whole, here, each), others)


def _pooled(statement: Statement, rows: Rows, each: list[Claim]) -> Claim:
    """The claim over all layers, with those of several sets of images beside it. No network is counted: there is none."""
    interval, asked = share_interval(hits(rows)), statement["share"]
    return judge_pooled(interval, statement, asked, each) if len(each) > 1 else judge(interval, statement, asked)


def hits(rows: Rows) -> pd.Series[bool]:
    """Of each matrix, whether an image has a second one with the same code, far enough."""
    found: pd.Series[bool] = rows.distance >= LEAST_DISTANCE
    return found


def _share(name: str, rows: Rows) -> Claim:
    of = I2.at(setting=f"{data_words(name)} at {100 * rows.contrast.iloc[0]:g} % contrast")
    return judge(share_interval(hits(rows)), of, I2["share"])


def _depth(networks: Rows) -> Claim:
    needs = "needs the part layers and several --hidden"
    if networks.empty or networks.hidden.nunique() < 2:
        return untestable(I3, needs)
    fit = networks[networks.status == "converged"]
    if fit.empty or fit.hidden.nunique() < 2:
        return untestable(I3, "networks of several depths that fit their data (loss at most 1e-6)")
    depths = ", ".join(map(str, sorted(networks.hidden.unique())))
    asked, whole = I3["slope"], I3.at(setting=f"hidden {depths}")
    each = [
        _setting(str(name), int(str(width)), rows) for (name, width), rows in fit.groupby(["data", "width"], sort=False)
    ]
    trained = judged(whole, slope(fit, "merged"), fit, asked, each)
    before = I3.at(setting=f"hidden {depths}, {BEFORE}")
    untrained = judged(before, slope(networks, "merged_untrained"), as_untrained(networks), asked)
    added = fit.assign(added=fit.merged - fit.merged_untrained)
    paired = judged(I3.at(setting=f"hidden {depths}, {ADDED}"), slope(added, "added"), fit, asked)
    return with_beside(replace(trained, label="" if paired.low > 0 else NO_STEEPER), [untrained, paired])


def _setting(name: str, width: int, fit: Rows) -> Claim:
    """The claim of one data set and width, of its networks that fit."""
    return judged(I3.at(setting=f"{data_words(name)}, width {width}"), slope(fit, "merged"), fit, I3["slope"])


def slope(rows: Rows, column: str) -> Interval:
    """The slope of a share on log2 hidden, with an intercept for each data set and width; seeds are the clusters."""
    settings = rows.data.astype(str) + " " + rows.width.astype(str)
    return pooled_slope(np.log2(rows.hidden.astype(float)), rows[column], settings, rows.seed)
