"""The claim on injective layers: they take away exact plateaus, and training points still attract.

Both thresholds were set before any network of this study was trained. The sizes of networks, and that seeds are compared by
their median, were fixed after a trial with other seeds, in which large networks had no plateaus at all. The certificate is in
`tests/certificates/test_injective_kaleidoscope.py`."""

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
    with_beside,
)
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.parameters import IMAGES, INJECTIVE, LEAKY, ORDINARY
from landscape.studies.parts.judging import judged, untestable
from landscape.studies.parts.pooling import LEAST_JUDGED, Setting, judged_over
from landscape.studies.parts.words import two_digits

END_OF_TRAINING = 0.0  # the band of networks that are trained for all steps
ALL_PAIRS = "all pairs, whether they fit or not"
SETTING = ["data", "hidden", "budget", "band"]
PAIR = [*SETTING, "seed"]
# What each part of the claim estimates, by the name of its threshold.
ESTIMANDS = {
    "plateaus": "share of random inputs at which the slope before the output function is exactly zero, of an ordinary network "
    "less that of the injective one of its seed, size and training loss: a seed's mean over settings, median over seeds",
    "attraction": "share of injective networks in which half of the training points or more attract (ρ(J) < 1)",
}
I4 = Statement(
    "I4",
    "One-to-one layers take away exact plateaus, and training points still attract",
    "none: our prediction",
    f"{ESTIMANDS['plateaus']}; {ESTIMANDS['attraction']}; of networks on points that reach the training loss",
    {"plateaus": Threshold(above=0.05), "attraction": Threshold(at_least=0.5)},
    {"training loss": Threshold(at_most=1e-6), "training points": Threshold(at_least=0.5)},
    whole="plateaus {plateaus.words}; attraction {attraction.words}",
    label="sizes, and the median over seeds, were chosen after a trial with other seeds",
)
STATEMENTS = (I4,)
Rows = pd.DataFrame


def claims_of(result: Result) -> Iterator[Claim]:
    """I4: both parts, over all sets of points at the training losses asked. The parts disagree: mixed.

    Images, and networks trained for all steps, stand beside; so do all pairs, whether they fit or not."""
    table = result.table
    if not {ORDINARY, INJECTIVE} <= set(table.layers):
        yield untestable(I4, f"needs --layers {ORDINARY},{INJECTIVE}")
        return
    pairs, own = paired(table, "zero_slope", ORDINARY), fitted(table[table.layers == INJECTIVE])
    needs = "needs a set of points, as two-points, and a --band of at most 1e-6 above 0"
    attracting = own.assign(value=half_attract(own).astype(float))
    plateaus = with_beside(_plateaus(pairs, needs), _beside(table))
    of = I4.at(setting="attraction", estimand=ESTIMANDS["attraction"], label="")
    attraction = judged_over(of, I4["attraction"], _settings(attracting), needs=needs)
    attraction = replace(attraction, label="; ".join(filter(None, [attraction.label, _untrained_words(result)])))
    parts = [plateaus, attraction]
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


def half_attract(rows: Rows) -> pd.Series[bool]:
    """Of each network, whether as many of its training points attract as the claim asks."""
    enough: pd.Series[bool] = rows.attracting.map(I4.limits["training points"].holds)
    return enough


def setting_words(row: pd.Series) -> str:
    """'two-points, 4 hidden, 200 parameters, loss 1e-6'."""
    loss = "all steps" if row.band == END_OF_TRAINING else f"loss {two_digits(row.band)}"
    return f"{row.data}, {row.hidden} hidden, {row.budget:,} parameters, {loss}"


def attracting_untrained(result: Result) -> float:
    """The share of untrained injective networks on sets of points in which half of the training points or more attract."""
    rows = result.tables["controls"]
    own = rows[(rows.control == "untrained") & (rows.layers == INJECTIVE) & decides(rows)]
    return float(half_attract(own).mean()) if len(own) else float("nan")


def _settings(rows: Rows) -> list[Setting]:
    return [
        Setting(setting_words(own.iloc[0]), bool(decides(own[:1]).all()), own[own.fits], len(own), _lacking(own))
        for _, own in rows.groupby(SETTING, sort=False)
    ]


def _plateaus(pairs: Rows, needs: str) -> Claim:
    """The part on plateaus: the median over seeds of their means over settings, with the settings' claims beside it.

    As in `judged_over`, only settings of which at least half of the pairs fit count. The mean over seeds of a number between −1
    and 1 has an interval of ± .12 or more with 30 seeds, which could never tell a difference of .05 from none."""
    of, threshold, settings = (
        I4.at(setting="plateaus", estimand=ESTIMANDS["plateaus"], label=""),
        I4["plateaus"],
        _settings(pairs),
    )
    details, others = ([_alone(of, one) for one in settings if one.decides == decided] for decided in (True, False))
    deciding = [one for one in settings if one.decides]
    rows = [one.rows for one in deciding if one.enough]
    if not rows:
        reason = deciding[0].lacking if deciding else needs
        return with_beside(untestable(of, reason, threshold.words), [*details, *others])
    kept, trained = pd.concat(rows), sum(one.trained for one in deciding)
    of = of.at(label=f"{len(kept)} of {trained} pairs are judged" if len(kept) < trained else "")
    return with_beside(judge_pooled(_median(kept), of, threshold, details), others)


def _alone(of: Statement, setting: Setting) -> Claim:
    """The part on plateaus in one setting."""
    of = of.at(setting=setting.words)
    if not setting.enough:
        return untestable(of, setting.lacking, I4["plateaus"].words)
    return judged(of, _median(setting.rows), setting.rows, I4["plateaus"])


def _median(pairs: Rows) -> Interval:
    return median_interval(pairs.groupby("seed").value.mean())


def _lacking(rows: Rows) -> str:
    return f"needs half of the networks to fit; {int(rows.fits.sum())} of {len(rows)} do: more --steps"


def _beside(table: Rows) -> Iterator[Claim]:
    """The difference of plateaus over all pairs, whether they fit or not, and that of leaky networks that fit."""
    for layers, words in ((ORDINARY, ALL_PAIRS), (LEAKY, "leaky less injective networks")):
        pairs = paired(table, "zero_slope", layers)
        pairs = pairs[decides(pairs)] if layers == ORDINARY else judged_pairs(pairs[decides(pairs)])
        if pairs.seed.nunique() > 1:
            of = I4.at(setting=words, estimand=ESTIMANDS["plateaus"], label="")
            yield judged(of, _median(pairs), pairs, I4["plateaus"])


def _untrained_words(result: Result) -> str:
    """What untrained networks have of the attraction; empty if too few of them have it."""
    share = attracting_untrained(result)
    return f"before training {percent(share)} of them attract as well" if share >= I4["attraction"].number else ""
