"""The claims that a depth sweep tests: C1b, C3, C4, C5 and C10, with the thresholds registered for them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from landscape.choices import DRAWN_SETS
from landscape.claims import (
    Claim,
    Interval,
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
from landscape.studies.depth_sweep.parameters import EARLY
from landscape.studies.parts.judging import judged, known, untestable, with_converged

LATE = 100
THRESHOLDS: dict[str, Any] = {
    "C1b": {"log ratio below": math.log(0.5), "output range below": 0.1},
    "C3": {"difference above": 0.10, "flat share above": 0.25, "burn-in within": [3, 8]},
    "C4": {"flat share above": 0.25, "share above": 0.5},
    "C5": {"slope within": [-1.5, -0.5]},
    "C10": {"correlation above": 0.3, "over width above": 0.2},
}
# What each reading of the paper's L says, as hidden layers: (deep, shallow) of Fig. 3, and Fig. 4's depth.
READINGS = {"text, hidden = L": ((7, 2), 10), "code, hidden = L − 1": ((6, 1), 9)}
PAPERS_NET = (2, 5)  # C1b: Fig. 2's L and H; the other nets that a run has on its point are the robustness grid
SMALLEST = 2**-24  # float32's resolution of outputs below 1: an output range of exactly zero has no logarithm


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study; 'untestable' where the run's parameters leave a claim's setting out."""
    table = result.table
    yield from (_over_generalises(table), _deeper_is_faster(table), _tanh(table), _burn_in(table), _depth(result))


def _over_generalises(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C1b",
        "statement": "Outputs over the whole input range stay near the training range (over-generalization)",
        "estimand": "log ratio of the output range over [0, 1], trained over untrained net",
        "quote_setting": "x = 0.5; L = 2, H = 5, sigmoid (Fig. 2)",
    }
    grid = dict(list(_pick(table, data="one-point").groupby(["hidden", "width"])))
    rows = grid.pop(PAPERS_NET, None)
    if rows is None:
        return untestable(words, "CI < log ½", "needs --data one-point --hidden 2 --width 5")
    text = judged(
        {**words, "estimand": "the text's own: output range over [0, 1]"},
        mean_interval(known(rows, "output_range").output_range), rows,
        below=THRESHOLDS["C1b"]["output range below"], threshold="≤ .1",
    )  # fmt: skip
    claim = over_settings([_narrowed(words, rows), text], threshold="CI < log ½; the text's own: output range ≤ .1")
    others = [_narrowed({**words, "setting": f"hidden {h}, width {w}"}, rows) for (h, w), rows in grid.items()]
    if not others:
        return claim
    holding = sum(other.high < THRESHOLDS["C1b"]["log ratio below"] for other in others)
    robust = f"at the grid's other L and H {holding} of {len(others)} settings have CI < log ½"
    return with_beside(replace(claim, reason=f"{claim.reason}; {robust}"), others)


def _narrowed(words: dict[str, Any], rows: pd.DataFrame) -> Claim:
    """How much training narrowed the range of outputs, as a log ratio."""
    finite = known(rows, "output_range")
    after, before = finite.output_range.clip(lower=SMALLEST), finite.untrained_range.clip(lower=SMALLEST)
    limit = THRESHOLDS["C1b"]["log ratio below"]
    return judged(words, log_ratio_interval(after, before, paired=True), rows, below=limit, threshold="CI < log ½")


def _deeper_is_faster(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C3",
        "statement": "Flat regions form at {0.2, 0.8}; burn-in is about 5; L = 7 converges faster than L = 2",
        "estimand": "share near a training point at B = 5, deep minus shallow",
        "quote_setting": "two points {0.2, 0.8}, H = 5 (Fig. 3)",
    }
    limits, parts = THRESHOLDS["C3"], []
    for reading, ((deep, shallow), _) in READINGS.items():
        deeper, less = (_pick(table, data="two-points", hidden=h, width=5) for h in (deep, shallow))
        if deeper.empty or less.empty:
            continue
        setting = {**words, "setting": f"{reading}: hidden {deep} against {shallow}, width 5"}
        gain = with_converged(
            setting,
            [deeper, less],
            lambda pair: difference_interval(pair[0].share_early, pair[1].share_early),
            above=limits["difference above"],
            threshold="≥ +.10",
        )
        shares = known(deeper, "flat_near_data").flat_near_data
        flat = judged(
            {**setting, "estimand": "flat share within ±.1 of each point, deep net"},
            mean_interval(shares), deeper, above=limits["flat share above"], threshold="≥ .25",
        )  # fmt: skip
        steps = judged(
            {**setting, "estimand": "median burn-in of the deep net"},
            median_interval(deeper.burn_in.where(~deeper.burn_in_censored, np.inf)), deeper,
            inside=tuple(limits["burn-in within"]), threshold="CI within [3, 8]",
        )  # fmt: skip
        parts += [gain, flat, steps]
    if not parts:
        return untestable(words, "≥ +.10", "needs --data two-points --hidden 2,7 (or 1,6) --width 5")
    return over_settings(parts, threshold="difference ≥ +.10; flat share ≥ .25; median burn-in CI within [3, 8]")


def _tanh(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C4",
        "statement": "The same holds with tanh",
        "estimand": "flat share within ±.1 of each point",
        "quote_setting": "{−.8, −.2, .2, .8}, H = L = 10 (Fig. 4)",
    }
    parts = []
    for reading, (_, hidden) in READINGS.items():
        rows = _pick(table, data="tanh-four", hidden=hidden, width=10)
        if rows.empty:
            continue
        setting = {**words, "setting": f"{reading}: hidden {hidden}, width 10"}
        flat = THRESHOLDS["C4"]["flat share above"]
        shares = known(rows, "flat_near_data").flat_near_data
        parts.append(judged(setting, mean_interval(shares), rows, above=flat, threshold="≥ .25"))
        parts.append(
            judged(
                {**setting, "estimand": "share near a training point at B = 5"}, mean_interval(rows.share_early), rows,
                above=THRESHOLDS["C4"]["share above"], threshold="≥ .5",
            )
        )  # fmt: skip
    if not parts:
        return untestable(words, "≥ .25 and ≥ .5", "needs --data tanh-four --hidden 10 (or 9) --width 10")
    return over_settings(parts, threshold="flat share ≥ .25; share at B = 5 ≥ .5")


def _burn_in(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C5",
        "statement": "In two dimensions the burn-in is inversely proportional to the model's complexity",
        "estimand": "slope of log burn-in on log parameters (censored regression)",
        "quote_setting": "{.2, .8}², L = 7, H = 50; starts N(.5, .5 I) (Fig. 5)",
        "setting": "four points, all depths and widths of the run",
    }
    rows = _pick(table, data="four-points")
    if rows.empty or rows.parameters.nunique() < 2:
        return untestable(words, "CI within [−1.5, −.5]", "needs --data four-points and two or more sizes of net")

    def slope(parts: list[pd.DataFrame]) -> Interval:
        (part,) = parts
        times = np.log(part.burn_in.clip(lower=1))
        return censored_slope(np.log(part.parameters), times, part.burn_in_censored)

    limits = tuple(THRESHOLDS["C5"]["slope within"])
    return with_converged(words, [rows], slope, inside=limits, threshold="CI within [−1.5, −.5]")


def _depth(result: Result) -> Claim:
    words: dict[str, Any] = {
        "key": "C10",
        "statement": "Depth has a strong positive correlation with over-generalization, more than width",
        "estimand": "Spearman(hidden, share at B = 5) on the equal-parameter grid",
        "quote_setting": "no setting given",
    }
    table, parts = result.table, []
    late = result.record["parameters"]["iterations"] == LATE
    for name, rows in table[table.budget > 0].groupby("data", sort=False):
        if rows.hidden.nunique() < 2:
            continue
        parts += _correlations({**words, "setting": f"{name}, B = {EARLY}"}, rows, "share_early", f"B = {EARLY}")
        setting = {**words, "setting": f"{name}, B = {LATE}"}
        if late:
            parts += _correlations(setting, rows, "share_end", f"B = {LATE}")
        else:
            parts.append(untestable(setting, "≥ .3", f"needs --iterations {LATE}"))
    if not parts:
        return untestable(words, "≥ .3 and ≥ Spearman(width, ·) + .2", "needs --budget and two or more --hidden")
    return over_settings(parts, threshold="≥ .3 and ≥ Spearman(width, ·) + .2, at B = 5 and at B = 100")


def _correlations(words: dict[str, Any], rows: pd.DataFrame, column: str, when: str) -> list[Claim]:
    depth = with_converged(
        {**words, "estimand": f"Spearman(hidden, share at {when})"},
        [rows],
        lambda parts: spearman_interval(parts[0].hidden, parts[0][column], _clusters(parts[0])),
        above=THRESHOLDS["C10"]["correlation above"],
        threshold="≥ .3",
    )
    over_width = judged(
        {**words, "estimand": f"the same minus Spearman(width, share at {when}); within a budget width falls as depth grows"},
        spearman_difference_interval(rows.hidden, rows.width, rows[column], _clusters(rows)), rows,
        above=THRESHOLDS["C10"]["over width above"], threshold="≥ + .2",
    )  # fmt: skip
    return [depth, over_width]


def _clusters(rows: pd.DataFrame) -> pd.Series | None:
    """A seed's nets share their data where data are drawn; on fixed sets only the initialisation varies, net by net."""
    return rows.seed if rows.data.iloc[0] in DRAWN_SETS else None


def _pick(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows of the plain grid and the equal-parameter grids with these values, one copy of cells that both hold."""
    for name, value in values.items():
        table = table[table[name] == value]
    return table.drop_duplicates(["data", "hidden", "width", "member"])
