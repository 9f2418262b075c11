"""The claim on injective layers: they take away exact plateaus, and training points still attract.

The sizes of networks were fixed after a trial, and the part on plateaus and its threshold were changed after a first run; the
preset `paper` has other seeds than both. What the first run asked stands beside the claim and decides nothing. The certificate
is in `tests/certificates/test_injective_kaleidoscope.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.claims import (
    Claim,
    Interval,
    Statement,
    Threshold,
    judge_pooled,
    median_interval,
    over_settings,
    share_interval,
    with_beside,
)
from landscape.findings import listed
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.parameters import IMAGES, INJECTIVE, LEAKY, ORDINARY
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.judging import judged, untestable
from landscape.studies.parts.pooling import LEAST_JUDGED, Setting, judged_over
from landscape.studies.parts.words import two_digits

END_OF_TRAINING = 0.0  # the band of networks that are trained for all steps
FITTING_PAIRS, ALL_PAIRS, LEAKY_PAIRS = (
    f"how frequent plateaus are: {pairs}"
    for pairs in (
        "ordinary less injective, pairs that fit",
        "ordinary less injective, all pairs",
        "leaky less injective, pairs that fit",
    )
)
SETTING = ["data", "hidden", "budget", "band"]
PAIR = [*SETTING, "seed"]
# What each part of the claim estimates, by the name of its threshold.
ESTIMANDS = {
    "plateaus": "share of seeds in which no injective network has an exact plateau (a random input at which the slope before "
    "the output function is exactly zero) where the ordinary network of its size has one, whether they fit or not",
    "attraction": "share of injective networks with the training loss, so that training points are nearly fixed, in which half "
    "of these or more attract (ρ(J) < 1)",
}
FREQUENT = (
    "share of random inputs at which the slope before the output function is exactly zero, difference of a pair's networks: a "
    "seed's mean over settings, median over seeds"
)
FIRST_ASKED = Threshold(above=0.05)  # of FREQUENT, in the first run, which refuted it; it decides nothing
BY_CONSTRUCTION = "by construction: the hidden map is one-to-one"
I4 = Statement(
    "I4",
    "One-to-one layers take away exact plateaus, and training points still attract",
    "none: our prediction",
    f"{ESTIMANDS['plateaus']}; {ESTIMANDS['attraction']}; of networks on points",
    {"plateaus": Threshold(at_least=0.9), "attraction": Threshold(at_least=0.5)},
    {"training loss": Threshold(at_most=1e-6), "training points": Threshold(at_least=0.5)},
    whole="plateaus {plateaus.words}; attraction {attraction.words}",
    label="sizes were chosen after a trial; changed after a first run (seeds 100 to 129), whose wording of plateaus, a "
    "difference > .05 in networks that fit, was refuted: +.0067 [.0016, .0115]",
)
STATEMENTS = (I4,)
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """I4: both parts, over all sets of points at the training losses asked. The parts disagree: mixed.

    Images, and networks trained for all steps, stand beside; so do all pairs, whether they fit or not."""
    table = result.whole
    if not {ORDINARY, INJECTIVE} <= set(table.layers):
        yield untestable(I4, f"needs --layers {ORDINARY},{INJECTIVE}")
        return
    own = fitted(table[table.layers == INJECTIVE])
    needs = "needs a set of points, as two-points, and a --band of at most 1e-6 above 0"
    attracting = own.assign(value=half_attract(own).astype(float))
    of = I4.at(setting="attraction", estimand=ESTIMANDS["attraction"], label="")
    attraction = judged_over(of, I4["attraction"], _settings(attracting), needs=needs)
    attraction = replace(attraction, label="; ".join(filter(None, [attraction.label, _controls_words(result)])))
    parts = [_plateaus(table, needs), attraction]
    whole = over_settings(parts, threshold=I4.words(), estimand=I4.estimand, setting="2 parts")
    yield replace(whole, label=I4.label, members=max(part.members for part in parts))


def fitted(rows: Rows) -> Rows:
    """The rows with the column `fits`: whether a network has the training loss that is asked of it.

    Of networks that are trained for all steps, the status says whether they fit."""
    reached = np.where(rows.band == END_OF_TRAINING, rows.status == "converged", rows.loss <= rows.band)
    return rows.assign(fits=reached & rows.loss.notna())


def paired(table: Rows, column: str, first: str, second: str = INJECTIVE) -> Rows:
    """A row per pair of networks of a setting and seed: `value`, the column of the first layers less that of the second.

    `fits`: both fit. Pairs without a number in either are left out."""
    each = [fitted(table[table.layers == layers]) for layers in (first, second)]
    both = each[0].merge(each[1], on=PAIR, suffixes=("_1", "_2"))
    pairs = both[[*PAIR]].assign(
        value=both[f"{column}_1"] - both[f"{column}_2"],
        first=both[f"{column}_1"],
        second=both[f"{column}_2"],
        fits=both.fits_1 & both.fits_2,
        status=both.status_1.where(both.status_1 != "converged", both.status_2),
    )
    known: Rows = pairs[np.isfinite(pairs.value)]
    return known


def judged_pairs(pairs: Rows) -> Rows:
    """The pairs that fit, in the settings in which at least half of them do: those that claims and comparisons are about."""
    share = pairs.groupby(SETTING).fits.transform("mean")
    kept: Rows = pairs[pairs.fits & (share >= LEAST_JUDGED)]
    return kept


def decides(rows: Rows) -> pd.Series[bool]:
    """Which rows the claim speaks of: sets of points, at a training loss that is asked."""
    asked = (rows.band != END_OF_TRAINING) & rows.band.map(I4.limits["training loss"].holds)
    speaks: pd.Series[bool] = ~rows.data.isin(IMAGES) & asked
    return speaks


def had_plateaus(pairs: Rows) -> Rows:
    """The pairs of `paired` whose first network has an exact plateau to lose."""
    some: Rows = pairs[pairs["first"] > 0]
    return some


def half_slopes(rows: Rows) -> pd.Series[bool]:
    """Of each network, whether ρ(J) < 1 at as many of its training points as the claim asks, fixed or not."""
    enough: pd.Series[bool] = rows.attracting.map(I4.limits["training points"].holds)
    return enough


def half_attract(rows: Rows) -> pd.Series[bool]:
    """Of each network, whether as many of its training points attract as the claim asks.

    Only a fixed point attracts, so that the network must also have the training loss of its band."""
    found: pd.Series[bool] = half_slopes(rows) & fitted(rows).fits
    return found


def setting_words(row: pd.Series) -> str:
    """'two-points, 4 hidden, 200 parameters, loss 1e-6'."""
    loss = "all steps" if row.band == END_OF_TRAINING else f"loss {two_digits(row.band)}"
    return f"{row.data}, {row.hidden} hidden, {row.budget:,} parameters, {loss}"


def untrained_injective(result: Result) -> Rows:
    """The rows of untrained injective networks on sets of points."""
    rows = result.tables["controls"]
    own: Rows = rows[(rows.control == "untrained") & (rows.layers == INJECTIVE) & decides(rows)]
    return own


def _settings(rows: Rows) -> list[Setting]:
    return [
        Setting(setting_words(own.iloc[0]), bool(decides(own[:1]).all()), own[own.fits], len(own), _lacking(own))
        for _, own in rows.groupby(SETTING, sort=False)
    ]


def _plateaus(table: Rows, needs: str) -> Claim:
    """The part on plateaus: the share of seeds that lose them all, with the settings' claims and the frequencies beside it."""
    of, threshold = I4.at(setting="plateaus", estimand=ESTIMANDS["plateaus"], label=""), I4["plateaus"]
    pairs = paired(table, "zero_slope", ORDINARY)
    pairs = pairs[decides(pairs)]
    if pairs.empty:
        return untestable(of, needs, threshold.words)
    had = had_plateaus(pairs)
    without = pairs.seed.nunique() - had.seed.nunique()
    words = [
        BY_CONSTRUCTION,
        f"{len(had)} of {len(pairs)} pairs have plateaus to lose",
        f"{counted(without, 'seed')} without any left out" if without else "",
    ]
    details = [
        judged(of.at(setting=setting_words(own.iloc[0])), _lost(own), own, threshold)
        for _, own in had.groupby(SETTING, sort=False)
    ]
    claim = judge_pooled(
        _lost(had), of.at(label="; ".join(filter(None, words))), threshold, details, members=len(pairs)
    )
    return with_beside(claim, frequencies(table))


def _lost(had: Rows) -> Interval:
    """The share of seeds of which no injective network has a plateau, of pairs whose ordinary network has one."""
    return share_interval(had.assign(lost=had.second == 0).groupby("seed").lost.all().astype(float))


def _lacking(rows: Rows) -> str:
    return f"needs half of the networks to fit; {int(rows.fits.sum())} of {len(rows)} do: more --steps"


def frequencies(table: Rows) -> Iterator[Claim]:
    """How much more frequent plateaus are than in injective networks: in ordinary and leaky ones. They decide nothing."""
    for setting, layers, fit in (
        (FITTING_PAIRS, ORDINARY, True),
        (ALL_PAIRS, ORDINARY, False),
        (LEAKY_PAIRS, LEAKY, True),
    ):
        pairs = paired(table, "zero_slope", layers)
        pairs = pairs[decides(pairs)]
        pairs = judged_pairs(pairs) if fit else pairs
        if pairs.seed.nunique() > 1:
            of = I4.at(setting=setting, estimand=FREQUENT, label="the first wording; decides nothing")
            yield judged(of, median_interval(pairs.groupby("seed").value.mean()), pairs, FIRST_ASKED)


def _controls_words(result: Result) -> str:
    """Which controls pass the part on attraction; empty if none does."""
    controls = result.tables["controls"]
    controls = controls[decides(controls)]
    shares = half_attract(controls).groupby(controls.control).mean()
    passing = [f"the {name}" for name, share in shares.items() if I4["attraction"].holds(share)]
    if not passing:
        return ""
    return f"{listed(passing)} {'passes' if len(passing) == 1 else 'pass'} as well: not a sign of training alone"
