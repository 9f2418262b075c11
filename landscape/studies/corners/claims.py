"""The paper's claims about the loss at the corners and over the cube, at thresholds fixed before the first run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from landscape.claims import (
    NO_BOUNDS,
    Claim,
    Statement,
    Threshold,
    mean_interval,
    ratio_interval,
    share_interval,
    slope_difference_interval,
    slope_interval,
    unjudged,
)
from landscape.results import Result
from landscape.studies.parts.judging import combined, finite_rows, judged

# The settings at which claims are judged: depths and dimensions, listed before the first run.
CLAIMED_HIDDEN = {2: "the text's network", 6: "the code's network"}
CLAIMED_DIMS = (1, 2, 4, 8, 16)
# max(x, 1−x)² is the largest loss per coordinate that an output in (0, 1) can have at x. This is its mean over x in [0, 1].
MEAN_CEILING = 7 / 12
FEW_POINTS, MANY_POINTS = 1, 2048  # numbers of training points whose corner maxima C6 compares
SPREAD_COUNT = 16  # training points of the cells in which the spread varies, for C7b
C2 = Statement(
    "C2",
    "“Max loss is 1”, and without over-generalization one might expect about 1 elsewhere",
    "x = 0.5; L = 2, H = 5; “max loss is 1” (Fig. 2)",
    "none",
    quote="“Max loss is 1” (Fig. 2)",
    primary=False,
)
C2B = Statement(
    "C2b",
    "A network trained on one point has losses elsewhere near the ceiling",
    C2.quote_setting,
    "mean loss over the cube / mean ceiling over the cube (7/12), one training point",
    {"share of the ceiling": Threshold(at_least=0.5)},
    quote=C2.quote,
)
C6 = Statement(
    "C6",
    "The largest loss over the corners falls with the number of points, “no matter the dimension”",
    "n = 2⁰ … 2¹¹, D = 1, 2, 4, 8, 16, L = 2, H = 50, points uniform (Fig. 6)",
    "mean corner maximum at n = 2048 over that at n = 1, all members, the same seeds",
    {"ratio": Threshold(below=0.2)},
    {"by identity, tr J/D": Threshold(above=0.5)},
    quote="“no matter the dimension” (Fig. 6)",
)
C7B = Statement(
    "C7b",
    "At a fixed number of points the loss over the cube falls as the data spread, alike in every dimension",
    "flatness ∝ spread, regardless of D",
    "slope of log cube-mean loss on log spread at n = 16",
    {
        "slope": Threshold(below=-0.2, wording="< -.2"),
        "difference of slopes": Threshold(margin=0.25, wording="within ± 0.25"),
    },
    whole="{slope.words}",
)
C8 = Statement(
    "C8",
    "The loss is highest at the extremes and flatter mid-space",
    "no setting given",
    "share of networks whose highest loss found in the cube is ≤ 1.01 × their corner maximum",
    {"share": Threshold(at_least=0.9), "centre less another shell": Threshold(below=0.0)},
    {"maximum over the corner maximum": Threshold(at_most=1.01)},
    whole="{share.words}",
)
STATEMENTS = (C2, C2B, C6, C7B, C8)
OPTIONS_NEEDED = {
    "C2b": "--count 1",
    "C6": "--count 1,2048",
    "C7b": "--count 16 --spread 1,.5,.25",
    "C8": "at any --count",
}
CORNER_EXCESS = C8.limits["maximum over the corner maximum"].number
Detail = Callable[[pd.DataFrame, Statement, str], Claim | None]


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study, over the settings listed beforehand: 2 and 6 hidden layers, D = 1, 2, 4, 8, 16.

    All members count, converged or not, because few networks of many training points reach a loss of 1e-6. The clusters of
    every interval are the seeds, because each seed draws data of its own."""
    whole = result.table[result.table["spread"] == 1.0]
    here = _setting_of(result)
    yield _no_ceiling()
    yield _over_dims(C2B, whole[whole["count"] == 1], _ceiling_share, here)
    yield _over_dims(C6, whole[whole["count"].isin([FEW_POINTS, MANY_POINTS])], _fall, here)
    yield _over_dims(C7B, result.table[result.table["count"] == SPREAD_COUNT], _spread_slope, here, _slope_differences)
    at_corners = _over_dims(C8, whole, partial(_highest_at_corners, result.tables["shells"]), here)
    yield replace(at_corners, label="provisional: found, not certified")


def _no_ceiling() -> Claim:
    """C2, "max loss is 1": ill-posed, because the number follows from the output's range."""
    reason = (
        "arithmetic, not learning: an output in (0, 1) is at most max(x, 1−x)² from x per coordinate, which is 1 at the "
        "corners alone, 1/4 at the centre and 7/12 on average; the constant ½ has loss 1/4 at every corner. C2b asks it anew"
    )
    return unjudged(C2, "ill-posed", "none", reason)


def _ceiling_share(rows: pd.DataFrame, of: Statement, setting: str) -> Claim | None:
    """C2b: the mean loss over the cube is near its ceiling. None without a member whose loss is finite."""
    finite = finite_rows(rows, "cube_mean")
    if finite.empty:
        return None
    share = mean_interval(finite["cube_mean"] / MEAN_CEILING, finite["seed"])
    return judged(of.at(setting=setting), share, rows, C2B["share of the ceiling"])


def _fall(rows: pd.DataFrame, of: Statement, setting: str) -> Claim | None:
    """C6: the largest loss over the corners falls with the number of points. None without seeds that have both numbers.

    The label 'by identity' says that tr J/D of the networks of many points is above C6's limit: they copy their input."""
    pairs = rows.pivot(index="seed", columns="count", values="corner_maximum").dropna()
    if not {FEW_POINTS, MANY_POINTS} <= set(pairs) or pairs.empty:
        return None
    if (pairs[FEW_POINTS] <= 0).any():
        return _untestable(of, setting, "the corner maximum at n = 1 is 0, so that nothing can fall")
    ratio = ratio_interval(pairs[MANY_POINTS], pairs[FEW_POINTS], paired=True, bounds=NO_BOUNDS)
    trace = rows.loc[rows["count"] == MANY_POINTS, "trace_share"].mean()
    label = "by identity" if C6.limits["by identity, tr J/D"].holds(trace) else ""
    claim = judged(of.at(setting=setting), ratio, rows, C6["ratio"])
    meaning = "by identity, " if label else ""
    return replace(claim, label=label, reason=f"{claim.reason}; {meaning}tr J/D = {trace:.2f} at n = {MANY_POINTS}")


def _spread_slope(rows: pd.DataFrame, of: Statement, setting: str) -> Claim | None:
    """C7b: the loss over the cube falls as the data spread. None with fewer than two spreads."""
    finite = finite_rows(rows, "cube_mean")
    if finite["spread"].nunique() < 2:
        return None
    if (finite["cube_mean"] <= 0).any():
        return _untestable(of, setting, "the loss is 0, so that it has no logarithm")
    slope = slope_interval(np.log(finite["spread"]), np.log(finite["cube_mean"]), finite["seed"])
    return judged(of.at(setting=setting), slope, rows, C7B["slope"])


def _slope_differences(rows: pd.DataFrame, of: Statement, hidden: int) -> list[Claim]:
    """C7b, alike in every dimension: the slopes of each two dimensions differ by at most .25 (two one-sided tests)."""
    rows = rows[rows["cube_mean"] > 0]
    swept = [dim for dim in CLAIMED_DIMS if rows.loc[rows["dim"] == dim, "spread"].nunique() > 1]
    details = []
    for first, second in combinations(swept, 2):
        both = rows[rows["dim"].isin([first, second])]
        logs = np.log(both["spread"]), np.log(both["cube_mean"])
        difference = slope_difference_interval(*logs, both["dim"] == second, both["seed"])
        part = of.at(
            setting=f"hidden={hidden}, D={second} minus D={first}",
            estimand="difference of the slopes of two dimensions",
        )
        details.append(judged(part, difference, both, C7B["difference of slopes"]))
    return details


def _highest_at_corners(shells: pd.DataFrame, rows: pd.DataFrame, of: Statement, setting: str) -> Claim | None:
    """C8: most networks have their highest loss at a corner, and the mean loss is lowest in the central shell.

    None without a member whose ratio is finite."""
    finite = finite_rows(rows, "maximum_ratio")
    if finite.empty:
        return None
    at_corner = finite["maximum_ratio"] <= CORNER_EXCESS
    share = judged(of.at(setting=setting), share_interval(at_corner, finite["seed"]), rows, C8["share"])
    bound = "the maximum is found, not certified: the share is an upper bound, so that only a refutation is final"
    share = replace(share, reason=f"{share.reason}; {bound}")
    return _all_of([share, *_centre_lowest(shells, rows, of, setting)], of, setting)


def _centre_lowest(shells: pd.DataFrame, rows: pd.DataFrame, of: Statement, setting: str) -> list[Claim]:
    """For each other shell, the claim that the mean loss in the central shell minus that in the other is below zero."""
    keys = ["hidden", "dim", "count", "member"]
    trained = shells[(shells["control"] == "none") & (shells["spread"] == 1.0)]
    wide = trained.pivot(index=keys, columns="shell", values="shell_mean").dropna()
    wide = wide.join(rows.set_index(keys)["seed"], how="inner")
    asked = of.at(estimand="mean loss in the central shell minus that in another")
    return [
        judged(
            asked.at(setting=f"{setting}, shell 1 minus shell {shell + 1}"),
            mean_interval(wide[0] - wide[shell], wide["seed"], bounds=NO_BOUNDS),
            rows,
            C8["centre less another shell"],
        )
        for shell in sorted(set(shells["shell"]) - {0})
    ]


def _over_dims(
    of: Statement,
    table: pd.DataFrame,
    detail: Detail,
    here: str,
    more: Callable[[pd.DataFrame, Statement, int], list[Claim]] | None = None,
) -> Claim:
    """The claim over the settings listed beforehand: `detail` judges each one, and `more` adds claims per depth.

    The dimensions of a depth that the run lacks make one untestable detail."""
    claims = []
    for hidden, name in CLAIMED_HIDDEN.items():
        rows, setting = table[table["hidden"] == hidden], f"hidden={hidden} ({name})"
        by_dim = {dim: detail(rows[rows["dim"] == dim], of, f"hidden={hidden}, D={dim}") for dim in CLAIMED_DIMS}
        details = [claim for claim in by_dim.values() if claim is not None]
        absent = [dim for dim, claim in by_dim.items() if claim is None]
        if not details:
            claims.append(_not_run(of, setting, [hidden]))
            continue
        details += more(rows, of, hidden) if more else []
        if absent:
            details.append(_not_run(of, f"hidden={hidden}, D={', '.join(map(str, absent))}", [hidden], absent))
        claims.append(_all_of(details, of, setting))
    if not any(claim.details for claim in claims):
        return _not_run(of, here, list(CLAIMED_HIDDEN))
    return _all_of(claims, of, here)


def _not_run(of: Statement, setting: str, hidden: Sequence[int], dims: Sequence[int] = CLAIMED_DIMS) -> Claim:
    options = f"--hidden {','.join(map(str, hidden))} --dim {','.join(map(str, dims))} {OPTIONS_NEEDED[of.key]}"
    return _untestable(of, setting, f"not in this run; add {options}")


def _untestable(of: Statement, setting: str, reason: str) -> Claim:
    return unjudged(of.at(setting=setting), "untestable", of.words(), reason)


def _all_of(details: Sequence[Claim], of: Statement, setting: str) -> Claim:
    """The claim that holds if it holds in all its settings; a label says in how many testable settings it occurs."""
    whole = replace(combined(of, details), setting=setting)
    judged = [claim for claim in _leaves(details) if claim.verdict != "untestable"]
    labels = [claim.label for claim in judged if claim.label]
    label = f"{labels[0]} in {len(labels)} of {len(judged)} settings" if labels else ""
    return replace(whole, label=label, quote_setting=of.quote_setting)


def _leaves(details: Sequence[Claim]) -> list[Claim]:
    """The claims at the ends of a tree of details."""
    return [leaf for claim in details for leaf in (_leaves(claim.details) if claim.details else [claim])]


def _setting_of(result: Result) -> str:
    run = result.record["parameters"]
    return f"width {run['width']}, {run['steps']:,} steps, batch ≤ {run['batch']}, {run['members']} seeds"
