"""The paper's claims about the loss at the corners and over the cube, at thresholds fixed before the first run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.claims import (
    NO_BOUNDS,
    Claim,
    Interval,
    Statement,
    Threshold,
    judge_pooled,
    mean_interval,
    median_interval,
    pooled,
    range_interval,
    unjudged,
    with_beside,
)
from landscape.claims.pooling import MOST_MISSING
from landscape.results import Result
from landscape.studies.parts.judging import combined, finite_rows, judged

# The settings at which claims are judged: depths and dimensions, listed before the first run.
CLAIMED_HIDDEN = {2: "the text's network", 6: "the code's network"}
CLAIMED_DIMS = (1, 2, 4, 8, 16)
# max(x, 1−x)² is the largest loss per coordinate that an output in (0, 1) can have at x. This is its mean over x in [0, 1].
MEAN_CEILING = 7 / 12
FEW_POINTS, MANY_POINTS = 1, 2048  # numbers of training points whose corner maxima C6 compares
SPREAD_COUNT = 16  # training points of the cells in which the spread varies, for C7b
LEAST_LOSS = float(np.finfo(np.float32).tiny)  # logs are taken of no smaller loss
NETWORK = ["hidden", "dim", "count", "member"]  # what names a network among those of one spread
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
    "mean loss over the cube / mean ceiling over the cube (7/12), one training point; mean over depths and dimensions",
    {"share of the ceiling": Threshold(at_least=0.5)},
    quote=C2.quote,
)
# A median, because the mean of a sample of losses has no upper end that holds. Each dimension is a part of the claim as quoted;
# the depths are two readings of its "L = 2", of which no average may hide that one fails.
C6 = Statement(
    "C6",
    "The largest loss over the corners falls with the number of points, “no matter the dimension”",
    "n = 2⁰ … 2¹¹, D = 1, 2, 4, 8, 16, L = 2, H = 50, points uniform (Fig. 6)",
    "corner maximum at n = 2048 over that at n = 1 of a seed, the larger ratio of its depths, median over seeds, in each D",
    {"ratio": Threshold(below=0.2)},
    {"by identity, tr J/D": Threshold(above=0.5)},
    quote="“no matter the dimension” (Fig. 6)",
)
C7B = Statement(
    "C7b",
    "At a fixed number of points the loss over the cube falls as the data spread, alike in every dimension",
    "flatness ∝ spread, regardless of D",
    "slope of log cube-mean loss on log spread at n = 16, mean over depths and dimensions; the largest difference between the "
    "mean slopes of two dimensions",
    {
        "slope": Threshold(below=-0.2, wording="< -.2"),
        "difference of slopes": Threshold(at_most=0.25, wording="at most .25 apart"),
    },
    whole="{slope.words}; {difference of slopes.words}",
)
C8 = Statement(
    "C8",
    "The loss is highest at the corners of the cube",
    "no setting given: loss highest at the extremes",
    "share of networks whose largest loss in the cube, with proof, is ≤ 1.01 × their corner maximum; mean over depths, "
    "dimensions and numbers of points",
    {"share": Threshold(at_least=0.9)},
    {"maximum over the corner maximum": Threshold(at_most=1.01)},
)
# A constant ½ and untrained networks have it as well, so that it says nothing about training.
C8B = Statement(
    "C8b",
    "The mean loss is lowest in the middle of the cube",
    "no setting given: loss flatter mid-space",
    "log of the mean loss in the central shell less that of the lowest other shell, mean over depths, dimensions and numbers "
    "of points, median over seeds",
    {"centre less the lowest other shell": Threshold(below=0.0)},
    label="by constant: a constant ½ and untrained networks have it, too",
    primary=False,
)
STATEMENTS = (C2, C2B, C6, C7B, C8, C8B)
OPTIONS_NEEDED = {
    "C2b": "--count 1",
    "C6": "--count 1,2048",
    "C7b": "--count 16 --spread 1,.5,.25",
    "C8": "at any --count",
    "C8b": "at any --count",
}
IDENTITY = "by identity"  # the label of falls where networks copy their input
CORNER_EXCESS = C8.limits["maximum over the corner maximum"].number
Rows = pd.DataFrame
Estimate = Callable[[Rows], Interval]


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study, each an estimand over those settings of the run that were listed beforehand.

    Only C6 and C7b, which are about dimensions, need all of them. All members count, converged or not, because few networks of
    many training points reach a loss of 1e-6. The clusters of every interval are the seeds: each draws its own data, and the
    same seeds run in every setting."""
    listed = result.whole["hidden"].isin(list(CLAIMED_HIDDEN)) & result.whole["dim"].isin(CLAIMED_DIMS)
    table, here = result.whole[listed], _setting_of(result)
    whole = table[table["spread"] == 1.0]
    yield _no_ceiling()
    yield _ceiling_share(whole[whole["count"] == 1], C2B.at(setting=here))
    yield _fall(whole[whole["count"].isin([FEW_POINTS, MANY_POINTS])], C6.at(setting=here))
    yield _spread_slope(table[table["count"] == SPREAD_COUNT], C7B.at(setting=here))
    yield _highest_at_corners(whole, C8.at(setting=here))
    yield _lowest_in_the_middle(whole, result.tables["shells"], C8B.at(setting=here))


def _no_ceiling() -> Claim:
    """C2, "max loss is 1": ill-posed, because the number follows from the output's range."""
    reason = (
        "arithmetic, not learning: an output in (0, 1) is at most max(x, 1−x)² from x per coordinate, which is 1 at the "
        "corners alone, 1/4 at the centre and 7/12 on average; the constant ½ has loss 1/4 at every corner. C2b asks it anew"
    )
    return unjudged(C2, "ill-posed", "none", reason)


def _ceiling_share(rows: Rows, of: Statement) -> Claim:
    """C2b: the mean loss over the cube is near its ceiling."""
    if rows.empty:
        return _not_run(of)

    def share(some: Rows) -> Interval:
        shares = (some["cube_mean"] / MEAN_CEILING).clip(
            upper=1
        )  # beyond 1 by the error of a mean over random points alone
        return mean_interval(per_seed(some.assign(share=shares), "share"), bounds=(0, 1))

    return _over_settings(rows, of, C2B["share of the ceiling"], share)


def _fall(rows: Rows, of: Statement) -> Claim:
    """C6: the largest loss over the corners falls with the number of points, in each dimension.

    The label 'by identity' says that tr J/D of the networks of many points is above C6's limit: they copy their input."""
    keys = ["hidden", "dim", "seed"]
    wide = rows.pivot(index=keys, columns="count", values="corner_maximum").dropna()
    if not {FEW_POINTS, MANY_POINTS} <= set(wide):
        return _not_run(of)
    logs = wide.clip(lower=LEAST_LOSS).transform(np.log)
    falls = (logs[MANY_POINTS] - logs[FEW_POINTS]).rename("fall")
    many = rows[rows["count"] == MANY_POINTS].merge(falls, left_on=keys, right_index=True)
    status = rows.groupby(keys)["status"].agg(lambda both: "converged" if (both == "converged").all() else "stalled")
    many = many.drop(columns="status").merge(status, left_on=keys, right_index=True)
    parts, copies = [], 0
    for dim in CLAIMED_DIMS:
        some, part = many[many["dim"] == dim], of.at(setting=f"D={dim}")
        if some.empty:
            parts.append(_not_run(part, [dim]))
        elif (wide.xs(dim, level="dim")[FEW_POINTS] <= 0).any():
            parts.append(_untestable(part, "the corner maximum at n = 1 is 0, so that nothing can fall"))
        else:
            trace = some["trace_share"].mean()
            copied = C6.limits["by identity, tr J/D"].holds(trace)
            copies += copied
            claim = _over_settings(some, part.at(label=IDENTITY if copied else ""), C6["ratio"], _median_ratio)
            parts.append(replace(claim, reason=f"{claim.reason}; tr J/D = {trace:.2f} at n = {MANY_POINTS}"))
    label = (
        f"{IDENTITY} in {copies} of {sum(one.verdict != 'untestable' for one in parts)} dimensions" if copies else ""
    )
    return replace(_all_of(of, parts), label=label)


def _median_ratio(rows: Rows) -> Interval:
    """The median over seeds of the largest ratio of a seed's depths."""
    wide = rows.pivot(index="seed", columns="hidden", values="fall").dropna()
    return median_interval(np.exp(wide.max(axis=1)))


def _spread_slope(rows: Rows, of: Statement) -> Claim:
    """C7b: the loss over the cube falls as the data spread, and alike in every dimension."""
    finite = finite_rows(rows, "cube_mean")
    if finite["spread"].nunique() < 2:
        return _not_run(of)
    if (finite["cube_mean"] <= 0).any():
        return _untestable(of, "the loss is 0, so that it has no logarithm")
    slopes = _slopes(finite)
    falls = _over_settings(
        slopes,
        of.at(setting="slope, all dimensions"),
        C7B["slope"],
        lambda some: mean_interval(per_seed(some, "slope"), bounds=NO_BOUNDS),
    )
    alike = of.at(setting="largest difference of two dimensions")
    by_dim = slopes.pivot_table(index="seed", columns="dim", values="slope")
    if set(by_dim) == set(CLAIMED_DIMS):
        parts = [falls, judged(alike, range_interval(by_dim), slopes, C7B["difference of slopes"])]
    else:
        parts = [falls, _not_run(alike, [dim for dim in CLAIMED_DIMS if dim not in by_dim])]
    return _all_of(of, parts)


def _slopes(rows: Rows) -> Rows:
    """A row per depth, dimension and seed: the slope of log loss on log spread. Its status is that of the worst network."""
    x, y = np.log(rows["spread"]), np.log(rows["cube_mean"])
    keys = [rows[name] for name in ("hidden", "dim", "seed")]
    x = x - x.groupby(keys).transform("mean")
    sums = pd.DataFrame({"xy": x * y, "xx": x * x}).groupby(keys).sum()
    converged = (rows["status"] == "converged").groupby(keys).all()
    table = pd.DataFrame({"slope": sums["xy"] / sums["xx"], "status": np.where(converged, "converged", "stalled")})
    return table.reset_index()


def _highest_at_corners(rows: Rows, of: Statement) -> Claim:
    """C8: most networks have their highest loss at a corner. Refuted or untestable, as the highest loss found is no maximum."""
    if rows.empty:
        return _not_run(of)
    at_corner = rows["maximum_ratio"].le(CORNER_EXCESS).where(rows["maximum_ratio"].notna())
    rows = rows.assign(at_corner=at_corner.astype(float))
    claim = _over_settings(
        rows, of, C8["share"], lambda some: mean_interval(per_seed(some, "at_corner"), bounds=(0, 1))
    )
    bound = "the highest loss is found, not proven, so that this share is an upper bound"
    claim = replace(claim, reason=f"{claim.reason}; {bound}", details=tuple(map(_only_refuted, claim.details)))
    return _only_refuted(claim)


def _only_refuted(claim: Claim) -> Claim:
    """The claim if it is refuted; otherwise untestable, as no maximum is proven."""
    if claim.verdict == "refuted":
        return claim
    return replace(
        claim, verdict="untestable", reason=f"{claim.reason}; not yet run: needs a proven maximum over the cube"
    )


def _lowest_in_the_middle(rows: Rows, shells: Rows, of: Statement) -> Claim:
    """C8b: the mean loss is lowest in the central shell."""
    trained = shells[(shells["control"] == "none") & (shells["spread"] == 1.0)]
    if rows.empty or trained.empty:
        return _not_run(of)
    wide = trained.pivot(index=NETWORK, columns="shell", values="shell_mean").clip(lower=LEAST_LOSS).transform(np.log)
    excess = (wide[0] - wide.drop(columns=0).min(axis=1)).rename("excess")
    rows = rows.merge(excess, left_on=NETWORK, right_index=True)
    threshold = C8B["centre less the lowest other shell"]
    return _over_settings(rows, of, threshold, lambda some: median_interval(per_seed(some, "excess")))


def per_seed(rows: Rows, column: str) -> pd.Series[float]:
    """The mean over settings of each seed's values: depths, dimensions, and numbers of points if there are any.

    Seeds that lack more settings than `pooled` fills in, because networks diverged, are left out."""
    finite = finite_rows(rows, column)
    settings = finite.groupby([name for name in NETWORK[:-1] if name in finite]).ngroup()
    here = settings.groupby(finite["seed"]).transform("nunique")
    kept = here >= (1 - MOST_MISSING) * settings.nunique()
    return pooled(finite.loc[kept, column], settings[kept], finite.loc[kept, "seed"])


def _over_settings(rows: Rows, of: Statement, threshold: Threshold, estimate: Estimate) -> Claim:
    """The claim over all rows, with each depth and dimension beside it."""
    details = [
        judged(of.at(setting=f"hidden={hidden}, D={dim}"), estimate(some), some, threshold)
        for (hidden, dim), some in rows.groupby(["hidden", "dim"])
    ]
    return judge_pooled(estimate(rows), of, threshold, details)


def _all_of(of: Statement, parts: Sequence[Claim]) -> Claim:
    """The claim that holds if all its parts do."""
    if all(one.verdict == "untestable" and not one.details for one in parts):
        return parts[0] if len({one.reason for one in parts}) == 1 else with_beside(_not_run(of), parts)
    return replace(combined(of, parts), setting=of.setting)


def _not_run(of: Statement, dims: Sequence[int] = CLAIMED_DIMS) -> Claim:
    hidden = ",".join(map(str, CLAIMED_HIDDEN))
    options = f"--hidden {hidden} --dim {','.join(map(str, dims))} {OPTIONS_NEEDED[of.key]}"
    return _untestable(of, f"not in this run; add {options}")


def _untestable(of: Statement, reason: str) -> Claim:
    return unjudged(of, "untestable", of.words(), reason)


def _setting_of(result: Result) -> str:
    run, table = result.record["parameters"], result.whole
    hidden = ", ".join(f"{one} ({name})" for one, name in CLAIMED_HIDDEN.items() if (table["hidden"] == one).any())
    dims = ", ".join(str(dim) for dim in CLAIMED_DIMS if (table["dim"] == dim).any())
    training = f"width {run['width']}, {run['steps']:,} steps, batch ≤ {run['batch']}, {run['members']} seeds"
    return f"hidden {hidden}; D = {dims}; {training}"
