"""What the corners study says of the paper's claims C2, C2b, C6, C7b and C8, at thresholds fixed before the first run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    judge,
    mean_interval,
    over_settings,
    ratio_interval,
    share_interval,
    slope_difference_interval,
    slope_interval,
)
from landscape.results import Result
from landscape.studies.parts.judging import known

HIDDEN = {2: "the text's network", 6: "the code's network"}  # the settings, listed beforehand
DIMS = (1, 2, 4, 8, 16)
MEAN_CEILING = (
    7 / 12
)  # of max(x, 1−x)² over x uniform in [0, 1]: the mean of the highest loss that an output in (0, 1) can have
CEILING_SHARE = 0.5  # C2b
FEW, MANY, FALL = 1, 2048, 0.2  # C6
BY_IDENTITY = 0.5  # C6: tr J/D above it adds the label
SPREAD_COUNT, SPREAD_SLOPE, SLOPE_MARGIN = 16, -0.2, 0.25  # C7b
CORNER_EXCESS, CORNER_SHARE = 1.01, 0.9  # C8
THRESHOLDS = {
    "hidden": list(HIDDEN),
    "dim": list(DIMS),
    "C2b": [1, CEILING_SHARE],
    "C6": [FEW, MANY, FALL, BY_IDENTITY],
    "C7b": [SPREAD_COUNT, SPREAD_SLOPE, SLOPE_MARGIN],
    "C8": [CORNER_EXCESS, CORNER_SHARE],
}
Detail = Callable[[pd.DataFrame, "Words", str], Claim | None]


@dataclass(frozen=True)
class Words:
    """The wording of a claim, and which options a run needs to test it."""

    key: str
    statement: str
    estimand: str
    threshold: str
    quote: str
    needs: str


C2B = Words(
    "C2b",
    "A network trained on one point has losses elsewhere near the ceiling",
    "mean loss over the cube / mean ceiling over the cube (7/12), one training point",
    "≥ .5",
    "x = 0.5; L = 2, H = 5; “max loss is 1” (Fig. 2)",
    "--count 1",
)
C6 = Words(
    "C6",
    "The largest loss over the corners falls with the number of points, “no matter the dimension”",
    "mean corner maximum at n = 2048 over that at n = 1, all members, the same seeds",
    "< .2",
    "n = 2⁰ … 2¹¹, D = 1, 2, 4, 8, 16, L = 2, H = 50, points uniform (Fig. 6)",
    "--count 1,2048",
)
C7B = Words(
    "C7b",
    "At a fixed number of points the loss over the cube falls as the data spread, alike in every dimension",
    "slope of log cube-mean loss on log spread at n = 16",
    "< -.2",
    "flatness ∝ spread, regardless of D",
    "--count 16 --spread 1,.5,.25",
)
C8 = Words(
    "C8",
    "The loss is highest at the extremes and flatter mid-space",
    "share of networks whose highest loss found in the cube is ≤ 1.01 × their corner maximum",
    "≥ .9",
    "no setting given",
    "at any --count",
)


def claims_of(result: Result) -> Iterator[Claim]:
    """C2 to C8, each over the settings listed beforehand: 2 and 6 hidden layers, D = 1, 2, 4, 8, 16.

    All members enter, whether or not their training reached 1e-6: at many points few do. Clusters are the seeds, each of which
    draws its own data."""
    whole = result.table[result.table["spread"] == 1.0]
    here = _setting_of(result)
    yield _no_ceiling()
    yield _over_dims(C2B, whole[whole["count"] == 1], _ceiling_share, here)
    yield _over_dims(C6, whole[whole["count"].isin([FEW, MANY])], _fall, here)
    yield _over_dims(C7B, result.table[result.table["count"] == SPREAD_COUNT], _spread_slope, here, _slope_differences)
    at_corners = _over_dims(C8, whole, partial(_highest_at_corners, result.tables["shells"]), here)
    yield replace(at_corners, label="provisional: found, not certified")


def _no_ceiling() -> Claim:
    return Claim(
        key="C2",
        statement="“Max loss is 1”, and without over-generalization one might expect about 1 elsewhere",
        estimand="none",
        threshold="none",
        verdict="ill-posed",
        reason="arithmetic, not learning: an output in (0, 1) is at most max(x, 1−x)² from x per coordinate, which is 1 at the "
        "corners alone, 1/4 at the centre and 7/12 on average; the constant ½ has loss 1/4 at every corner. C2b asks it anew",
        quote_setting=C2B.quote,
        primary=False,
    )


def _ceiling_share(rows: pd.DataFrame, words: Words, setting: str) -> Claim | None:
    finite = known(rows, "cube_mean")
    if finite.empty:
        return None
    found = mean_interval(finite["cube_mean"] / MEAN_CEILING, finite["seed"])
    return _judged(found, words, setting, rows, above=CEILING_SHARE)


def _fall(rows: pd.DataFrame, words: Words, setting: str) -> Claim | None:
    pairs = rows.pivot(index="seed", columns="count", values="corner_maximum").dropna()
    if not {FEW, MANY} <= set(pairs) or pairs.empty:
        return None
    if (pairs[FEW] <= 0).any():
        return _untestable(words, setting, "the corner maximum at n = 1 is 0, so that nothing can fall")
    found = ratio_interval(pairs[MANY], pairs[FEW], paired=True)
    trace = rows.loc[rows["count"] == MANY, "trace_share"].mean()
    label = "by identity" if trace > BY_IDENTITY else ""
    claim = _judged(found, words, setting, rows, below=FALL)
    meaning = "by identity, " if label else ""
    return replace(claim, label=label, reason=f"{claim.reason}; {meaning}tr J/D = {trace:.2f} at n = {MANY}")


def _spread_slope(rows: pd.DataFrame, words: Words, setting: str) -> Claim | None:
    finite = known(rows, "cube_mean")
    if finite["spread"].nunique() < 2:
        return None
    if (finite["cube_mean"] <= 0).any():
        return _untestable(words, setting, "the loss is 0, so that it has no logarithm")
    found = slope_interval(np.log(finite["spread"]), np.log(finite["cube_mean"]), finite["seed"])
    return _judged(found, words, setting, rows, below=SPREAD_SLOPE)


def _slope_differences(rows: pd.DataFrame, words: Words, hidden: int) -> list[Claim]:
    """The slope of each dimension against that of every other, to be within ± .25 (two one-sided tests)."""
    rows = rows[rows["cube_mean"] > 0]
    swept = [dim for dim in DIMS if rows.loc[rows["dim"] == dim, "spread"].nunique() > 1]
    details = []
    for first, second in combinations(swept, 2):
        both = rows[rows["dim"].isin([first, second])]
        logs = np.log(both["spread"]), np.log(both["cube_mean"])
        found = slope_difference_interval(*logs, both["dim"] == second, both["seed"])
        asked = replace(
            words, estimand="difference of the slopes of two dimensions", threshold=f"within ± {SLOPE_MARGIN}"
        )
        details.append(_judged(found, asked, f"hidden={hidden}, D={second} minus D={first}", both, margin=SLOPE_MARGIN))
    return details


def _highest_at_corners(shells: pd.DataFrame, rows: pd.DataFrame, words: Words, setting: str) -> Claim | None:
    """The share of networks with their highest loss at a corner, and that their loss is lowest in the centre."""
    finite = known(rows, "maximum_ratio")
    if finite.empty:
        return None
    at_corner = finite["maximum_ratio"] <= CORNER_EXCESS
    share = _judged(share_interval(at_corner, finite["seed"]), words, setting, rows, above=CORNER_SHARE)
    bound = "the maximum is found, not certified: the share is an upper bound, so that only a refutation is final"
    share = replace(share, reason=f"{share.reason}; {bound}")
    return _all_of([share, *_centre_lowest(shells, rows, words, setting)], words, setting)


def _centre_lowest(shells: pd.DataFrame, rows: pd.DataFrame, words: Words, setting: str) -> list[Claim]:
    """The mean loss of the central shell minus that of every other, to be below zero."""
    keys = ["hidden", "dim", "count", "member"]
    own = shells[(shells["control"] == "none") & (shells["spread"] == 1.0)]
    wide = own.pivot(index=keys, columns="shell", values="shell_mean").dropna()
    wide = wide.join(rows.set_index(keys)["seed"], how="inner")
    asked = replace(words, estimand="mean loss in the central shell minus that in another", threshold="< 0")
    return [
        _judged(
            mean_interval(wide[0] - wide[shell], wide["seed"]),
            asked,
            f"{setting}, shell 1 minus shell {shell + 1}",
            rows,
            below=0.0,
        )
        for shell in sorted(set(shells["shell"]) - {0})
    ]


def _over_dims(
    words: Words,
    table: pd.DataFrame,
    detail: Detail,
    here: str,
    more: Callable[[pd.DataFrame, Words, int], list[Claim]] | None = None,
) -> Claim:
    """The claim in every setting listed beforehand; those that were not run are one untestable detail per depth."""
    claims = []
    for hidden, name in HIDDEN.items():
        rows, setting = table[table["hidden"] == hidden], f"hidden={hidden} ({name})"
        found = {dim: detail(rows[rows["dim"] == dim], words, f"hidden={hidden}, D={dim}") for dim in DIMS}
        details = [claim for claim in found.values() if claim is not None]
        absent = [dim for dim, claim in found.items() if claim is None]
        if not details:
            claims.append(_not_run(words, setting, [hidden]))
            continue
        details += more(rows, words, hidden) if more else []
        if absent:
            details.append(_not_run(words, f"hidden={hidden}, D={', '.join(map(str, absent))}", [hidden], absent))
        claims.append(_all_of(details, words, setting))
    if not any(claim.details for claim in claims):
        return _not_run(words, here, list(HIDDEN))
    return _all_of(claims, words, here)


def _not_run(words: Words, setting: str, hidden: Sequence[int], dims: Sequence[int] = DIMS) -> Claim:
    options = f"--hidden {','.join(map(str, hidden))} --dim {','.join(map(str, dims))} {words.needs}"
    return _untestable(words, setting, f"not in this run; add {options}")


def _all_of(details: Sequence[Claim], words: Words, setting: str) -> Claim:
    """One claim that all its settings must bear out; its label says in how many of them it holds."""
    whole = over_settings(
        details, statement=words.statement, estimand=words.estimand, threshold=words.threshold, setting=setting
    )
    judged = [claim for claim in _leaves(details) if claim.verdict != "untestable"]
    labels = [claim.label for claim in judged if claim.label]
    label = f"{labels[0]} in {len(labels)} of {len(judged)} settings" if labels else ""
    return replace(whole, label=label, quote_setting=words.quote)


def _leaves(details: Sequence[Claim]) -> list[Claim]:
    return [leaf for claim in details for leaf in (_leaves(claim.details) if claim.details else [claim])]


def _judged(found: Interval, words: Words, setting: str, rows: pd.DataFrame, **bound: Any) -> Claim:
    return judge(
        found,
        key=words.key,
        statement=words.statement,
        estimand=words.estimand,
        threshold=words.threshold,
        members=len(rows),
        failed=int((rows["status"] != "converged").sum()),
        setting=setting,
        quote_setting=words.quote,
        **bound,
    )


def _untestable(words: Words, setting: str, reason: str) -> Claim:
    return Claim(
        key=words.key,
        statement=words.statement,
        estimand=words.estimand,
        threshold=words.threshold,
        verdict="untestable",
        reason=reason,
        setting=setting,
        quote_setting=words.quote,
    )


def _setting_of(result: Result) -> str:
    run = result.record["parameters"]
    return f"width {run['width']}, {run['steps']:,} steps, batch ≤ {run['batch']}, {run['members']} seeds"
