"""The paper's claims about depth, width and burn-in that a depth sweep tests, with the thresholds registered for them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.choices import DRAWN_SETS
from landscape.claims import (
    Claim,
    Interval,
    Statement,
    Threshold,
    censored_slope,
    difference_interval,
    log_ratio_interval,
    mean_interval,
    median_interval,
    over_settings,
    spearman_difference_interval,
    spearman_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.judging import combined, finite_rows, judged, untestable, with_converged

LATE_ITERATION = 100
C1B = Statement(
    "C1b",
    "Outputs over the whole input range stay near the training range (over-generalization)",
    "x = 0.5; L = 2, H = 5, sigmoid (Fig. 2)",
    "log ratio of the output range over [0, 1], trained over untrained net",
    {"log ratio": Threshold(below=math.log(0.5), wording="CI < log ½"), "output range": Threshold(at_most=0.1)},
    whole="{log ratio.words}; the text's own: output range {output range.words}",
)
C3 = Statement(
    "C3",
    "Flat regions form at {0.2, 0.8}; burn-in is about 5; L = 7 converges faster than L = 2",
    "two points {0.2, 0.8}, H = 5 (Fig. 3)",
    "share near a training point at B = 5, deep minus shallow",
    {
        "difference": Threshold(at_least=0.10, form="+.2f"),
        "flat share": Threshold(at_least=0.25),
        "burn-in": Threshold(between=(3, 8)),
    },
    whole="difference {difference.words}; flat share {flat share.words}; median burn-in {burn-in.words}",
)
C4 = Statement(
    "C4",
    "The same holds with tanh",
    "{−.8, −.2, .2, .8}, H = L = 10 (Fig. 4)",
    "flat share within ±.1 of each point",
    {"flat share": Threshold(at_least=0.25), "share": Threshold(at_least=0.5)},
    whole="flat share {flat share.words}; share at B = 5 {share.words}",
)
C5 = Statement(
    "C5",
    "In two dimensions the burn-in is inversely proportional to the model's complexity",
    "{.2, .8}², L = 7, H = 50; starts N(.5, .5 I) (Fig. 5)",
    "slope of log burn-in on log parameters (censored regression)",
    {"slope": Threshold(between=(-1.5, -0.5))},
    setting="four points, all depths and widths of the run",
)
C10 = Statement(
    "C10",
    "Depth has a strong positive correlation with over-generalization, more than width",
    "no setting given",
    "Spearman(hidden, share at B = 5) on the equal-parameter grid",
    {"correlation": Threshold(at_least=0.3), "over width": Threshold(at_least=0.2, wording="≥ + {number}")},
    quote="“strong positive correlation”",
    whole="{correlation.words} and ≥ Spearman(width, ·) + {over width.short}, at B = 5 and at B = 100",
)
STATEMENTS = (C1B, C3, C4, C5, C10)
# Hidden layers under each reading of the paper's L: the (deep, shallow) nets of Fig. 3, and the net of Fig. 4.
READINGS_OF_L = {"text, hidden = L": ((7, 2), 10), "code, hidden = L − 1": ((6, 1), 9)}
PAPERS_NET = (2, 5)  # hidden layers and width in Fig. 2; C1b is judged there, and other sizes are a robustness check
RANGE_FLOOR = 2**-24  # float32's spacing just below 1; output ranges are raised to it, because log 0 does not exist


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study. A claim is 'untestable' if the run lacks its setting."""
    table = result.table
    yield from (_over_generalises(table), _deeper_is_faster(table), _tanh(table), _burn_in(table), _depth(result))


def _over_generalises(table: pd.DataFrame) -> Claim:
    """C1b, outputs stay near the training range: the paper's net decides, and other sizes of the run stand beside it."""
    grid = dict(list(_pick(table, data="one-point").groupby(["hidden", "width"])))
    rows = grid.pop(PAPERS_NET, None)
    if rows is None:
        return untestable(C1B, "needs --data one-point --hidden 2 --width 5", C1B["log ratio"].words)
    text = C1B.at(estimand="the text's own: output range over [0, 1]")
    widths = mean_interval(finite_rows(rows, "output_range").output_range, bounds=(0, 1))
    reach = judged(text, widths, rows, C1B["output range"])
    claim = combined(C1B, [_narrowed(C1B, rows), reach])
    others = [_narrowed(C1B.at(setting=f"hidden {h}, width {w}"), rows) for (h, w), rows in grid.items()]
    if not others:
        return claim
    limit = C1B["log ratio"]
    holding = sum(other.high < limit.number for other in others)
    robust = f"at the grid's other L and H {holding} of {len(others)} settings have {limit.words}"
    return with_beside(replace(claim, reason=f"{claim.reason}; {robust}"), others)


def _narrowed(statement: Statement, rows: pd.DataFrame) -> Claim:
    """The log of the output range after training over that before."""
    finite = finite_rows(rows, "output_range")
    after, before = finite.output_range.clip(lower=RANGE_FLOOR), finite.untrained_range.clip(lower=RANGE_FLOOR)
    return judged(statement, log_ratio_interval(after, before, paired=True), rows, C1B["log ratio"])


def _deeper_is_faster(table: pd.DataFrame) -> Claim:
    """C3: flat regions form, and samples of the deep net reach the data sooner, under each reading of L that the run has."""
    parts = []
    for reading, ((deep, shallow), _) in READINGS_OF_L.items():
        deeper, less = (_pick(table, data="two-points", hidden=h, width=5) for h in (deep, shallow))
        if deeper.empty or less.empty:
            continue
        of = C3.at(setting=f"{reading}: hidden {deep} against {shallow}, width 5")
        gain = with_converged(
            of,
            [deeper, less],
            lambda pair: difference_interval(pair[0].share_early, pair[1].share_early, bounds=(0, 1)),
            C3["difference"],
        )
        near = of.at(estimand="flat share within ±.1 of each point, deep net")
        flat = judged(
            near,
            mean_interval(finite_rows(deeper, "flat_near_data").flat_near_data, bounds=(0, 1)),
            deeper,
            C3["flat share"],
        )
        times = deeper.burn_in.where(~deeper.burn_in_censored, np.inf)
        median = of.at(estimand="median burn-in of the deep net")
        parts += [gain, flat, judged(median, median_interval(times), deeper, C3["burn-in"])]
    if not parts:
        return untestable(C3, "needs --data two-points --hidden 2,7 (or 1,6) --width 5", C3["difference"].words)
    return combined(C3, parts)


def _tanh(table: pd.DataFrame) -> Claim:
    """C4, the same with tanh, under each reading of L that the run has."""
    parts = []
    for reading, (_, hidden) in READINGS_OF_L.items():
        rows = _pick(table, data="tanh-four", hidden=hidden, width=10)
        if rows.empty:
            continue
        of = C4.at(setting=f"{reading}: hidden {hidden}, width 10")
        parts.append(
            judged(
                of,
                mean_interval(finite_rows(rows, "flat_near_data").flat_near_data, bounds=(0, 1)),
                rows,
                C4["flat share"],
            )
        )
        early = of.at(estimand="share near a training point at B = 5")
        parts.append(judged(early, mean_interval(rows.share_early, bounds=(0, 1)), rows, C4["share"]))
    if not parts:
        words = C4.words("{flat share.words} and {share.words}")
        return untestable(C4, "needs --data tanh-four --hidden 10 (or 9) --width 10", words)
    return combined(C4, parts)


def _burn_in(table: pd.DataFrame) -> Claim:
    """C5: burn-in is inversely proportional to the number of parameters."""
    rows = _pick(table, data="four-points")
    if rows.empty or rows.parameters.nunique() < 2:
        return untestable(C5, "needs --data four-points and two or more sizes of net")

    def slope(parts: list[pd.DataFrame]) -> Interval:
        (part,) = parts
        times = np.log(part.burn_in.clip(lower=1))
        return censored_slope(np.log(part.parameters), times, part.burn_in_censored)

    return with_converged(C5, [rows], slope, C5["slope"])


def _depth(result: Result) -> Claim:
    """C10: depth correlates with over-generalization more than width does, on the equal-parameter grid of each data set."""
    table, parts = result.table, []
    late = result.record["parameters"]["iterations"] == LATE_ITERATION
    for name, rows in table[table.budget > 0].groupby("data", sort=False):
        if rows.hidden.nunique() < 2:
            continue
        parts += _correlations(
            C10.at(setting=f"{name}, B = {EARLY_ITERATION}"), rows, "share_early", f"B = {EARLY_ITERATION}"
        )
        of = C10.at(setting=f"{name}, B = {LATE_ITERATION}")
        if late:
            parts += _correlations(of, rows, "share_end", f"B = {LATE_ITERATION}")
        else:
            parts.append(untestable(of, f"needs --iterations {LATE_ITERATION}", C10["correlation"].words))
    if not parts:
        words = C10.words("{correlation.words} and ≥ Spearman(width, ·) + {over width.short}")
        return untestable(C10, "needs --budget and two or more --hidden", words)
    return over_settings(parts, threshold=C10.words())


def _correlations(statement: Statement, rows: pd.DataFrame, column: str, when: str) -> list[Claim]:
    """Two claims: the rank correlation of `column` with depth, and that less its rank correlation with width."""
    depth = with_converged(
        statement.at(estimand=f"Spearman(hidden, share at {when})"),
        [rows],
        lambda parts: spearman_interval(parts[0].hidden, parts[0][column], _clusters(parts[0])),
        C10["correlation"],
    )
    less_width = statement.at(
        estimand=f"the same minus Spearman(width, share at {when}); within a budget width falls as depth grows"
    )
    difference = spearman_difference_interval(rows.hidden, rows.width, rows[column], _clusters(rows))
    return [depth, judged(less_width, difference, rows, C10["over width"])]


def _clusters(rows: pd.DataFrame) -> pd.Series | None:
    """The seeds as clusters if the data are drawn, because the nets of a seed then share their data; None for fixed data."""
    return rows.seed if rows.data.iloc[0] in DRAWN_SETS else None


def _pick(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows with these values. A cell in both the plain and an equal-parameter grid is kept once."""
    for name, value in values.items():
        table = table[table[name] == value]
    return table.drop_duplicates(["data", "hidden", "width", "member"])
