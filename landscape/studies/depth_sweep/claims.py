"""The paper's claims about depth, width and burn-in that a depth sweep tests, with the thresholds registered for them.

Each claim has one estimand over all its settings: the two readings of L, the data sets, or the sizes of network. A seed
begins networks of equal width with equal hidden layers whatever their depth, and runs in every setting: seeds are the
clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.claims import (
    MINIMUM_CLUSTERS,
    Claim,
    Interval,
    Statement,
    Threshold,
    censored_slope,
    difference_interval,
    mean_interval,
    median_interval,
    share_interval,
    with_beside,
)
from landscape.results import Result
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.judging import combined, judged, untestable, with_converged
from landscape.studies.parts.trends import over_data, rank_trend

LATE_ITERATION = 100
# C1b's output range of .1, in the text's own words, is shown beside it and does not decide: untrained networks have it, too. A
# constant passes; the label says so. The median over networks is used: 30 networks cannot show that a mean is below .1.
C1B = Statement(
    "C1b",
    "Outputs over the whole input range stay near the training range (over-generalization)",
    "x = 0.5; L = 2, H = 5, sigmoid (Fig. 2)",
    "median log ratio of the output range over [0, 1], trained over untrained network",
    {"log ratio": Threshold(below=math.log(0.5), wording="CI < log ½")},
    {"output range": Threshold(at_most=0.1), "by constant, share of networks": Threshold(above=0.5)},
    setting="hidden 2, width 5",
)
# The deep and the shallow network of a seed are paired. The preset `paper` has 40 networks: fewer than 36 cannot show that a
# mean difference of shares is below .10, not even if all are 0.
C3 = Statement(
    "C3",
    "Flat regions form at {0.2, 0.8}; burn-in is about 5; L = 7 converges faster than L = 2",
    "two points {0.2, 0.8}, H = 5 (Fig. 3)",
    "mean share near a training point at B = 5, deep network less the shallow one of its seed; mean flat share within ±.1 of "
    "each point and median burn-in, deep network",
    {
        "difference": Threshold(at_least=0.10, form="+.2f"),
        "flat share": Threshold(at_least=0.25),
        "burn-in": Threshold(between=(3, 8)),
    },
    whole="difference {difference.words}; flat share {flat share.words}; median burn-in {burn-in.words}",
)
FLAT, REACHED = Threshold(at_least=0.25), Threshold(at_least=0.5)
# Each network is decided first: most shares are 0 or 1. The nearest-neighbour memoriser passes the count of networks; its
# burn-in of 1 fails the second part, which is C3's.
C4 = Statement(
    "C4",
    "With tanh, too, flat regions form at the training points, samples reach them, and burn-in is about 5",
    "{−.8, −.2, .2, .8}, H = L = 10 (Fig. 4)",
    "share of networks that are flat near the points and bring samples there by B = 5; median burn-in",
    {"networks": Threshold(at_least=0.8), "burn-in": Threshold(between=(3, 8))},
    {"flat share": FLAT, "share": REACHED},
    whole=f"{{networks.words}} of networks with a flat share {FLAT.words} and a share at B = 5 {REACHED.words}; "
    "median burn-in {burn-in.words}",
)
C5 = Statement(
    "C5",
    "In two dimensions the burn-in is inversely proportional to the model's complexity",
    "{.2, .8}², L = 7, H = 50; starts N(.5, .5 I) (Fig. 5)",
    "slope of log burn-in on log parameters (censored regression)",
    {"slope": Threshold(between=(-1.5, -0.5))},
    setting="four points, all depths and widths of the run",
)
# Within a budget the correlation with width is that with depth, mirrored; only budgets together set the two apart.
C10 = Statement(
    "C10",
    "Depth has a strong positive correlation with over-generalization, more than width",
    "no setting given",
    "Spearman(hidden, share near) among a seed's networks of the equal-parameter grid, mean over data sets, median over seeds",
    {"correlation": Threshold(at_least=0.3), "over width": Threshold(at_least=0.2, wording="≥ + {number}")},
    quote="“strong positive correlation”",
    whole="{correlation.words} and ≥ Spearman(width, ·) + {over width.short}, at B = 5 and at B = 100",
)
STATEMENTS = (C1B, C3, C4, C5, C10)
# Hidden layers under each reading of the paper's L: the (deep, shallow) nets of Fig. 3, and the net of Fig. 4.
READINGS_OF_L = {"text, hidden = L": ((7, 2), 10), "code, hidden = L − 1": ((6, 1), 9)}
TANH_WIDTH = 10  # units in each hidden layer in Fig. 4
PAPERS_NET = (2, 5)  # hidden layers and width in Fig. 2; C1b is judged there, and other sizes are a robustness check
RANGE_FLOOR = 2**-24  # float32's spacing just below 1; output ranges are raised to it, because log 0 does not exist


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study. A claim is 'untestable' if the run lacks its setting."""
    table = result.whole
    yield from (_over_generalises(table), _deeper_is_faster(table), _tanh(table), _burn_in(table), _depth(result))


def _over_generalises(table: pd.DataFrame) -> Claim:
    """C1b, outputs stay near the training range: the paper's net decides, and other sizes of the run stand beside it."""
    grid = dict(list(_pick(table, data="one-point").groupby(["hidden", "width"])))
    rows = grid.pop(PAPERS_NET, None)
    if rows is None:
        return untestable(C1B, "needs --data one-point --hidden 2 --width 5")
    claim, limits = _narrowed(C1B, rows), C1B.limits
    constant = (rows.kind == "constant").mean()
    if claim.verdict == "supported" and limits["by constant, share of networks"].holds(constant):
        claim = replace(claim, label=f"by constant: {constant * 100:.0f} % of networks are constants")
    own_words = C1B.at(estimand="the text's own: median output range over [0, 1]")
    beside = [judged(own_words, median_interval(_ranges(rows)), rows, limits["output range"])]
    if (claim.verdict, beside[0].verdict) == ("refuted", "supported"):
        claim = replace(claim, label="outputs do stay near; that training brings them there is refuted")
    others = [_narrowed(C1B.at(setting=f"hidden {h}, width {w}"), rows) for (h, w), rows in grid.items()]
    if others:
        holding = sum(other.high < C1B["log ratio"].number for other in others)
        robust = f"at the grid's other L and H {holding} of {len(others)} settings have {C1B['log ratio'].words}"
        claim = replace(claim, reason=f"{claim.reason}; {robust}")
    return with_beside(claim, [*beside, *others])


def _ranges(rows: pd.DataFrame) -> pd.Series[float]:
    """The output range of each trained network. A network that diverged has +inf."""
    return rows.output_range.where(np.isfinite(rows.output_range), np.inf)


def _narrowed(statement: Statement, rows: pd.DataFrame) -> Claim:
    """The median log of the output range after training over that before."""
    after, before = _ranges(rows).clip(lower=RANGE_FLOOR), rows.untrained_range.clip(lower=RANGE_FLOOR)
    return judged(statement, median_interval(np.log(after / before)), rows, C1B["log ratio"])


def _deeper_is_faster(table: pd.DataFrame) -> Claim:
    """C3: flat regions form, and samples of the deep net reach the data sooner. The readings of L are pooled."""
    pairs = []
    for reading, (sizes, _) in READINGS_OF_L.items():
        nets = [_pick(table, data="two-points", hidden=h, width=5).assign(reading=reading) for h in sizes]
        if not any(rows.empty for rows in nets):
            pairs.append(nets)
    if not pairs:
        return untestable(C3, "needs --data two-points --hidden 2,7 (or 1,6) --width 5")
    deep, shallow = ([nets[which] for nets in pairs] for which in (0, 1))
    near, median = (
        C3.at(estimand=f"{words}, deep network")
        for words in ("mean flat share within ±.1 of each point", "median burn-in")
    )
    gain = C3.at(estimand="mean share near at B = 5, the deep network less the shallow one of its seed")
    return combined(
        C3,
        [
            _over_readings(gain, [deep, shallow], _gain, "difference"),
            _over_readings(near, [deep], _flat_share, "flat share"),
            _over_readings(median, [deep], _median_burn_in, "burn-in"),
        ],
    )


def _tanh(table: pd.DataFrame) -> Claim:
    """C4, the same with tanh. The readings of L are pooled."""
    nets = [
        _pick(table, data="tanh-four", hidden=hidden, width=TANH_WIDTH).assign(reading=reading)
        for reading, (_, hidden) in READINGS_OF_L.items()
    ]
    nets = [rows for rows in nets if not rows.empty]
    if not nets:
        return untestable(C4, "needs --data tanh-four --hidden 10 (or 9) --width 10")
    counted = C4.at(estimand="share of networks that are flat near the points and bring samples there by B = 5")
    median = C4.at(estimand="median burn-in")
    return combined(
        C4,
        [
            _over_readings(counted, [nets], _reaching, "networks"),
            _over_readings(median, [nets], _median_burn_in, "burn-in"),
        ],
    )


def _over_readings(
    statement: Statement,
    parts: list[list[pd.DataFrame]],
    interval: Callable[[list[pd.DataFrame]], Interval],
    threshold: str,
) -> Claim:
    """The claim pooled over the readings of L, each seed a cluster. `parts` are lists of a table per reading."""
    asked, whole = statement[threshold], [pd.concat(part, ignore_index=True) for part in parts]
    each = []
    for nets in zip(*parts, strict=True):
        sizes = " against ".join(str(rows.hidden.iloc[0]) for rows in nets)
        setting = f"{nets[0].reading.iloc[0]}: hidden {sizes}, width {nets[0].width.iloc[0]}"
        each.append(judged(statement.at(setting=setting), interval(list(nets)), pd.concat(nets), asked))
    settings = "both readings of L" if len(each) > 1 else each[0].setting
    return with_converged(statement.at(setting=f"{threshold}, {settings}"), whole, interval, asked, each)


def _gain(parts: list[pd.DataFrame]) -> Interval:
    """How much larger the early share is with the deep network than with the shallow one of its seed."""
    deep, shallow = parts
    pairs = deep.merge(shallow, on=["reading", "seed"], suffixes=("", "_shallow"))
    return difference_interval(pairs.share_early, pairs.share_early_shallow, pairs.seed, paired=True, bounds=(0, 1))


def _flat_share(parts: list[pd.DataFrame]) -> Interval:
    return mean_interval(flat_share(parts[0]), parts[0].seed, bounds=(0, 1))


def _reaching(parts: list[pd.DataFrame]) -> Interval:
    """The share of networks that satisfy both limits of C4."""
    (rows,) = parts
    return share_interval(flat_share(rows).map(FLAT.holds) & rows.share_early.map(REACHED.holds), rows.seed)


def flat_share(rows: pd.DataFrame) -> pd.Series[float]:
    """The flat shares near the training points; 0 of networks that diverged."""
    return rows.flat_near_data.where(np.isfinite(rows.flat_near_data), 0.0)


def _median_burn_in(parts: list[pd.DataFrame]) -> Interval:
    (rows,) = parts
    return median_interval(rows.burn_in.where(~rows.burn_in_censored, np.inf), rows.seed)


def _burn_in(table: pd.DataFrame) -> Claim:
    """C5: burn-in is inversely proportional to the number of parameters."""
    rows = _pick(table, data="four-points")
    if rows.empty or rows.parameters.nunique() < 2:
        return untestable(C5, "needs --data four-points and two or more sizes of net")

    def slope(parts: list[pd.DataFrame]) -> Interval:
        (part,) = parts
        times = np.log(part.burn_in.clip(lower=1))
        return censored_slope(np.log(part.parameters), times, part.burn_in_censored, part.seed)

    return with_converged(C5, [rows], slope, C5["slope"])


def _depth(result: Result) -> Claim:
    """C10: depth correlates with over-generalization more than width does, early and late, on the equal-parameter grids."""
    equal = result.whole[result.whole.budget > 0]
    rows = equal[equal.groupby("data").hidden.transform("nunique") > 1]
    if rows.empty:
        return untestable(C10, "needs --budget and two or more --hidden")
    rows = rows[rows.groupby("data").width.transform("nunique") > 1]
    if rows.empty:
        return untestable(C10, "needs a larger --budget: at this one networks of every depth have the same width")
    early = _correlations(rows, "share_early", EARLY_ITERATION)
    if result.record["parameters"]["iterations"] != LATE_ITERATION:
        of = C10.at(setting=f"B = {LATE_ITERATION}")
        return combined(C10, [*early, untestable(of, f"needs --iterations {LATE_ITERATION}")])
    late = _correlations(rows, "share_end", LATE_ITERATION)
    whole = combined(C10, [*early, *late])
    first, last = early[0], late[0]
    all_refuted = all(part.verdict == "refuted" for part in whole.details)
    if all_refuted or first.estimate * last.estimate >= 0 or first.clusters < MINIMUM_CLUSTERS:
        return whole
    signs = f"signs differ: {first.estimate:.3g} at B = {EARLY_ITERATION}, {last.estimate:.3g} at B = {LATE_ITERATION}"
    return replace(whole, verdict="mixed", reason=f"{signs}; {whole.reason}")


def _correlations(rows: pd.DataFrame, column: str, when: int) -> list[Claim]:
    """Two claims: the rank correlation of `column` with depth, and that less its rank correlation with width."""

    def depth(part: pd.DataFrame) -> pd.Series[float]:
        return rank_trend(part, "hidden", column)

    def less_width(part: pd.DataFrame) -> pd.Series[float]:
        return depth(part) - rank_trend(part, "width", column)

    of = C10.at(estimand=f"Spearman(hidden, share at B = {when})", setting=f"B = {when}")
    words = f"the same less Spearman(width, share at B = {when})"
    less = of.at(estimand=words, setting=f"{of.setting}, over width")
    return [over_data(of, rows, depth, "correlation"), over_data(less, rows, less_width, "over width")]


def _pick(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows with these values. A cell in both the plain and an equal-parameter grid is kept once."""
    for name, value in values.items():
        table = table[table[name] == value]
    return table.drop_duplicates(["data", "hidden", "width", "member"])
