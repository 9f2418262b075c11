"""What changes with the layers: each measure of injective networks less that of others of the same seed, size and loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landscape.claims import Interval, median_interval
from landscape.findings import listed, percent, points
from landscape.studies.injective_kaleidoscope.claims import fitted, judged_pairs, paired
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LAYERS, LEAKY, ORDINARY
from landscape.studies.parts.claim_words import interval_of
from landscape.studies.parts.words import two_digits

Rows = pd.DataFrame
RESOLVED = 1e-7  # smaller numbers are zeros to float32 weights, and no ratio has them


@dataclass(frozen=True)
class Measured:
    """A column of the table of members, and what it is. A `share` is compared by differences, another number by ratios."""

    column: str
    words: str
    share: bool = True


SHARES = (
    Measured("zero_slope", "inputs with exactly no slope"),
    Measured("flat_share", "inputs with a slope below 0.1"),
    Measured("attracting", "training points that attract"),
    Measured("reached", "training points that a start reaches"),
    Measured("at_training", "starts that end at a training point"),
    Measured("elsewhere", "starts that end at another attractor"),
)
IMAGE_SHARES = (
    Measured("memo_coverage", "coverage of the training images"),
    Measured("memo_copied", "samples that are copies"),
    Measured("memo_authenticity", "authenticity of samples"),
    Measured("variation", "class histogram's distance (TV)"),
)
NUMBERS = (
    Measured("burn_in", "burn-in, iterations", share=False),
    Measured("rho_max", "largest ρ(J) at a training point", share=False),
    Measured("least_singular", "least singular value there", share=False),
    Measured("trace", "tr J / D (1: the identity)", share=False),
    Measured("steps", "training steps to the loss", share=False),
)


def compared(rows: Rows, measured: Sequence[Measured]) -> Rows:
    """A row per measure and other layers, of pairs that fit: both medians, the change, and its 95 % interval over seeds.

    Columns: measure, share, other, injective, value (that of the others), change, low, high, pairs, seeds, zeros. A seed has
    its mean over settings, and medians are over seeds: of either kind's share, and of the difference, injective less other,
    which need not be that of the medians. Of other numbers they are medians of pairs, and of the ratio over seeds. `zeros` are
    the pairs that a ratio leaves out, because a number of theirs is below RESOLVED; without any other pair it is NaN."""
    found = []
    for one in measured:
        if one.column not in rows:
            continue
        for other in (ORDINARY, LEAKY):
            if not {other, INJECTIVE} <= set(rows.layers):
                continue
            pairs = judged_pairs(paired(rows, one.column, INJECTIVE, other))
            if pairs.seed.nunique() < 2:
                continue
            ratios = pairs[(pairs[["first", "second"]] >= RESOLVED).all(axis=1)]
            change = _difference(pairs) if one.share else _ratio(ratios)
            found.append(
                {
                    "measure": one.words, "share": one.share, "other": other, "injective": _middle(pairs, "first", one),
                    "value": _middle(pairs, "second", one), "change": change.estimate, "low": change.low,
                    "high": change.high, "pairs": len(pairs), "seeds": pairs.seed.nunique(),
                    "zeros": 0 if one.share else len(pairs) - len(ratios),
                }
            )  # fmt: skip
    return pd.DataFrame(found)


def changes_table(changes: Rows) -> Rows:
    """The changes in words, a row per measure: shares in per cent and percentage points, other numbers and their ratios."""
    rows = []
    for measure, own in changes.groupby("measure", sort=False):
        form = percent if bool(own["share"].iloc[0]) else two_digits
        row = {"measure": measure, "injective": form(float(own.injective.iloc[0]))}
        for _, one in own.iterrows():
            row |= {one.other: form(float(one.value)), f"injective against {one.other}": _change_words(one)}
        rows.append(row | {"pairs": "/".join(f"{pairs:,}" for pairs in own.pairs)})
    return pd.DataFrame(rows).fillna("–")


def zeros_words(changes: Rows) -> str:
    """A sentence, with a space before it, on the pairs that ratios leave out; empty if they leave none out."""
    some = changes[(changes.zeros > 0) & (changes.other == changes.other.iloc[0])]
    counts = [f"{one.measure} {one.zeros:,} of {one.pairs:,}" for one in some.itertuples()]
    return f" Left out of ratios for a zero: {listed(counts)}." if counts else ""


def fits_table(rows: Rows) -> Rows:
    """A row per layers: how many networks reached the loss asked, their median loss and steps, and numbers of parameters."""
    judged = fitted(rows)
    found = []
    for layers in [name for name in LAYERS if (rows.layers == name).any()]:
        own = judged[judged.layers == layers]
        found.append(
            {
                "layers": layers, "networks": len(own), "fit": f"{int(own.fits.sum()):,} ({percent(own.fits.mean())})",
                "median loss": two_digits(float(own.loss.median())), "median steps": int(own.steps.median()),
                "parameters": f"{own.parameters.min():,} to {own.parameters.max():,}",
            }
        )  # fmt: skip
    return pd.DataFrame(found)


def most_apart(rows: Rows) -> float:
    """The largest difference between numbers of parameters of networks that are compared, as a share of the larger."""
    counts = rows.groupby(["data", "hidden", "budget"]).parameters.agg(["min", "max"])
    return float((1 - counts["min"] / counts["max"]).max())


def _difference(pairs: Rows) -> Interval:
    return median_interval(pairs.groupby("seed").value.mean())


def _ratio(pairs: Rows) -> Interval:
    if pairs.empty:
        return Interval(np.nan, np.nan, np.nan, 0)
    found = median_interval((np.log(pairs["first"]) - np.log(pairs.second)).groupby(pairs.seed).mean())
    estimate, low, high = np.exp([found.estimate, found.low, found.high]).tolist()
    return Interval(estimate, low, high, found.clusters)


def _middle(pairs: Rows, side: str, measured: Measured) -> float:
    return float((pairs.groupby("seed")[side].mean() if measured.share else pairs[side]).median())


def _change_words(one: pd.Series) -> str:
    """'+3 points (95 % CI 1 to 5)', or '× 0.5 (95 % CI 0.4 to 0.6)'; '–' without a pair to compare."""
    if np.isnan(one.change):
        return "–"
    found = Interval(one.change, one.low, one.high, one.seeds)
    if one["share"]:
        return f"{points(one.change)} points ({interval_of(found, points)})"
    return f"× {two_digits(one.change)} ({interval_of(found, two_digits)})"
