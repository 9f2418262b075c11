"""What a run on injective layers found, in words: plateaus, attraction, and where samples end."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, percent, points, told
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.changes import SHARES, compared
from landscape.studies.injective_kaleidoscope.claims import (
    ALL_PAIRS,
    I4,
    attracting_untrained,
    decides,
    fitted,
    half_attract,
    judged_pairs,
    paired,
)
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LEAKY, ORDINARY
from landscape.studies.parts.claim_words import closed, estimated, part, too_few
from landscape.studies.parts.words import data_sets, spanned, two_digits

PLATEAUS = {
    "supported": "One-to-one layers take away exact plateaus",
    "refuted": "Ordinary networks have few exact plateaus to lose",
}
ATTRACTION = {
    "supported": "training points still attract",
    "refuted": "training points no longer attract",
}
NEITHER = "Whether one-to-one layers change plateaus and attraction is undecided"
AT_TRAINING = next(one for one in SHARES if one.column == "at_training")


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run with ordinary and injective networks on points; None for others, or where too few fit."""
    claim = next((one for one in claims if one.key == I4.key), None)
    parts = {name: one for name in I4.thresholds if claim and (one := part(claim, name))}
    if set(parts) != set(I4.thresholds):
        return None
    rows = result.table[decides(result.table)]
    found = [_plateaus(parts["plateaus"], rows), _attraction(parts["attraction"], rows, result), *_samples(rows)]
    return Answer(
        asked=(
            "What becomes of a network's plateaus, of the attraction of its training points and of its samples when its layers "
            "cannot merge two inputs?"
        ),
        found=found,
        why=(
            "Samples come from a map that sends many inputs to one output. Layers that never do this show how much of it that "
            "needs."
        ),
        not_shown=_limits(rows),
        title=_title(*(parts[name].verdict for name in I4.thresholds)),
    )


def plateau_shares(rows: pd.DataFrame) -> dict[str, float]:
    """The mean share of inputs with exactly no slope, by layers: over the pairs with injective networks of which both fit."""
    found: dict[str, float] = {}
    for other in (ORDINARY, LEAKY):
        if (rows.layers == other).any():
            pairs = judged_pairs(paired(rows, "zero_slope", other))
            found |= {other: float(pairs["first"].mean())}
            found.setdefault(INJECTIVE, float(pairs["second"].mean()))
    return found


def _plateaus(claim: Claim, rows: pd.DataFrame) -> Finding:
    shares = plateau_shares(rows)
    leaky = f" and {percent(shares[LEAKY])} in leaky" if LEAKY in shares else ""
    every = part(claim, ALL_PAIRS)
    words = (
        f"Of inputs {percent(shares[ORDINARY])} have exactly no slope in ordinary networks that fit, "
        f"{percent(shares[INJECTIVE])} in injective{leaky} ones: {estimated(claim, points)} points (median seed)"
    )
    failed = f" With networks that fail: {points(every.estimate)}." if every else ""
    return told("Many exact plateaus vanish", {"": claim.verdict}, closed(words + _need(claim, "+5"), claim) + failed)


def _attraction(claim: Claim, rows: pd.DataFrame, result: Result) -> Finding:
    ordinary = fitted(rows[rows.layers == ORDINARY])
    ordinary = ordinary[ordinary.fits]
    words = (
        f"In {estimated(claim, percent)} of injective networks half of the training points attract, in "
        f"{percent(half_attract(ordinary).mean())} of ordinary ones; before training, in "
        f"{percent(attracting_untrained(result))}"
    )
    return told("Training points still attract", {"": claim.verdict}, closed(words + _need(claim, "50 %"), claim))


def _samples(rows: pd.DataFrame) -> list[Finding]:
    """Whether more or fewer starts end at training points."""
    found = {row["other"]: row for row in compared(rows, [AT_TRAINING]).to_dict("records")}
    if ORDINARY not in found:
        return []
    one = found[ORDINARY]
    way = "more starts" if one["low"] > 0 else "fewer starts" if one["high"] < 0 else "no clear change"
    reach = f"(95 % CI {points(one['low'])} to {points(one['high'])})"
    leaky = f" Leaky networks have {percent(found[LEAKY]['value'])}." if LEAKY in found else ""
    return [
        Finding(
            f"Samples at training points: {way}.",
            f"Of random starts {percent(one['injective'])} end at a training point, against {percent(one['value'])} in "
            f"ordinary networks: {points(one['change'])} points {reach}.{leaky}",
        )
    ]


def _need(claim: Claim, needed: str) -> str:
    return "" if claim.verdict == "supported" or too_few(claim) else f"; the claim needs {needed}"


def _limits(rows: pd.DataFrame) -> str:
    judged = fitted(rows)
    shares = [f"{percent(judged[judged.layers == one].fits.mean())} of {one}" for one in (ORDINARY, INJECTIVE)]
    return (
        f"Anything beyond networks of {spanned(rows.parameters)} parameters on {data_sets(rows.data)}. Only networks with a "
        f"loss of {two_digits(rows.band.max())} count: {' and '.join(shares)} ones. We chose sizes after a trial with other "
        "seeds. The last layer may still merge points."
    )


def _title(plateaus: str, attraction: str) -> str:
    """The heading: what is decided of both parts."""
    first, second = PLATEAUS.get(plateaus, ""), ATTRACTION.get(attraction, "")
    if not first and not second:
        return NEITHER
    if not first:
        return f"Without merging layers, {second}; whether plateaus vanish is undecided"
    return f"{first}; {second}" if second else first
