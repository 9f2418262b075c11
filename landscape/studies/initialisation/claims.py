"""The claim on networks before training: light tails of the weights give one fixed point, heavy tails several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim, Statement, Threshold, mean_interval, share_interval, with_beside
from landscape.results import Result
from landscape.studies.parts.judging import as_untrained, judged, over_parts

LIGHT, HEAVY = "he-biased", "cauchy"  # the initialisations of which the claim speaks; others stand beside them
PROVEN_DIMS = (1, 2)  # in which all fixed points are known
# The number at MIDDLE hidden layers is compared with that at the ends. All three were set after a trial with other seeds.
SHALLOW, MIDDLE, DEEP = 1, 4, 8
B1 = Statement(
    "B1",
    "Before training, networks with light-tailed weights have one stable fixed point, with heavy-tailed weights several, and "
    "their number first rises and then falls with depth (Berlyand et al. 2025)",
    "normal and Cauchy weights, numbers of layers from a few to tens; not a claim of the paper",
    "share of networks with exactly one fixed point, a stable one (normal weights); share with two stable ones or more (Cauchy "
    f"weights); share of seeds with more fixed points at {MIDDLE} hidden layers than at {SHALLOW} (and at {DEEP}), less the "
    "share with fewer",
    {
        "one stable": Threshold(at_least=0.9),
        "several stable": Threshold(at_least=0.5),
        "rise": Threshold(above=0.0),
        "fall": Threshold(above=0.0),
    },
    whole="one {one stable.words}; several {several stable.words}; rise {rise.words} and fall {fall.words}",
    primary=False,
)
STATEMENTS = (B1,)
# What each part of the claim estimates, by the name of its threshold.
ESTIMANDS = {
    "one stable": "share with one fixed point, a stable one",
    "several stable": "share with two stable fixed points or more",
    "rise": f"share of seeds with more fixed points at {MIDDLE} hidden layers than at {SHALLOW}, less that with fewer",
    "fall": f"share of seeds with more fixed points at {MIDDLE} hidden layers than at {DEEP}, less that with fewer",
}
NOT_PROVEN = "found from random starts, not proven"
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """B1, of the networks whose fixed points are all known. The same numbers in more dimensions stand beside it.

    Each part is pooled over dimensions, widths and, unless it compares them, depths. The clusters are the seeds, because
    networks of the same seed begin with the same draws."""
    table, proven = result.whole, provable(result)
    activation = result.record["parameters"]["activation"]
    parts = _parts(B1.at(setting=_setting(table[proven])), table[proven])
    rest = table[~proven]
    beside = _parts(B1.at(setting=f"{_setting(rest)}, {NOT_PROVEN}"), rest)
    needs = f"needs --dim 2 (or 1), --activation relu and --init {LIGHT},{HEAVY}"
    units = f"of {activation} units and a sigmoid at the output, where the source's units are all sigmoidal"
    label = f"{units}; the depths were chosen after a trial with other seeds"
    yield replace(with_beside(over_parts(B1, parts, needs), beside), label=label)


def _setting(rows: Rows) -> str:
    dims, widths = (", ".join(map(str, sorted(rows[name].unique()))) for name in ("dim", "width"))
    return f"D = {dims}, width {widths}"


def _parts(of: Statement, rows: Rows) -> list[Claim]:
    """The parts of the claim that the rows can test."""
    light, heavy = (as_untrained(rows[rows.init == init]) for init in (LIGHT, HEAVY))
    shares = {
        "one stable": (light, (light.fixed == 1) & (light.stable == 1)),
        "several stable": (heavy, heavy.stable >= 2),
    }
    parts = []
    for name, (own, holds) in shares.items():
        if len(own):
            setting = f"{of.setting}: {own.init.iloc[0]}"
            part = of.at(setting=setting, estimand=ESTIMANDS[name], label=_unproven(own))
            parts.append(judged(part, share_interval(holds, own.seed), own, B1[name]))
    for name, end in (("rise", SHALLOW), ("fall", DEEP)):
        if {MIDDLE, end} <= set(heavy.hidden):
            signs = _signs(heavy, end)
            more = mean_interval(signs, signs.index.get_level_values("seed"), bounds=(-1, 1))
            part = of.at(setting=f"{of.setting}: {HEAVY}", estimand=ESTIMANDS[name])
            parts.append(judged(part, more, heavy, B1[name]))
    return parts


def provable(result: Result) -> pd.Series[bool]:
    """Of each network, whether all of its fixed points can be known."""
    known: pd.Series[bool] = result.whole.dim.isin(PROVEN_DIMS)
    return known & (result.record["parameters"]["activation"] in PIECEWISE_ACTIVATIONS)


def more_at_middle(result: Result, end: int, *, proven: bool) -> pd.Series[float]:
    """Of each seed's heavy-tailed networks, 1 for more fixed points at MIDDLE hidden layers than at `end`, −1 for fewer."""
    table = result.whole[provable(result) == proven]
    return _signs(table[table.init == HEAVY], end)


def _signs(heavy: Rows, end: int) -> pd.Series[float]:
    depths = heavy.pivot(index=["dim", "width", "seed"], columns="hidden", values="fixed")
    return pd.Series(np.sign(depths[MIDDLE] - depths[end]), depths.index)


def _unproven(rows: Rows) -> str:
    """The label that says how many lists of fixed points are not proven to be complete; empty if all are."""
    missing = int((~rows.proven.astype(bool)).sum())
    return f"for {missing} of {len(rows)} networks it is not proven that all fixed points were found" if missing else ""
