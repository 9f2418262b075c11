"""What a run on injective layers found, in words: plateaus, attraction, and where samples end."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, percent, points, told
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.changes import SHARES, compared
from landscape.studies.injective_kaleidoscope.claims import (
    I4,
    decides,
    fitted,
    half_attract,
    half_slopes,
    judged_pairs,
    paired,
    untrained_injective,
)
from landscape.studies.injective_kaleidoscope.parameters import (
    IMAGES,
    INJECTIVE,
    ORDINARY,
    InjectiveKaleidoscopeParameters,
)
from landscape.studies.parts.claim_words import closed, estimated, part, too_few
from landscape.studies.parts.words import data_sets, spanned, two_digits

PLATEAUS = {
    "supported": "One-to-one layers take away exact plateaus",
    "refuted": "One-to-one layers keep exact plateaus",
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
    rows = result.whole[decides(result.whole)]
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
        not_shown=_limits(rows, result),
        title=_title(*(parts[name].verdict for name in I4.thresholds)),
    )


def _plateaus(claim: Claim, rows: pd.DataFrame) -> Finding:
    ordinary = fitted(rows[rows.layers == ORDINARY])
    fit, failed = ordinary[ordinary.fits], ordinary[~ordinary.fits]
    words = (
        f"In {estimated(claim, percent)} of seeds no injective network has one where its ordinary one does"
        if claim.clusters
        else "No ordinary network has one to lose"
    )
    rare = f" They fill {percent(fit.zero_slope.mean())} of inputs in ordinary networks that fit"
    if len(failed):
        rare += f", {percent(failed.zero_slope.mean())} in {len(failed):,} that fail"
    return told("Exact plateaus vanish", {"": claim.verdict}, closed(words + _need(claim, "90 %"), claim) + rare + ".")


def _attraction(claim: Claim, rows: pd.DataFrame, result: Result) -> Finding:
    injective = judged_pairs(paired(rows, "attracting", INJECTIVE, ORDINARY))
    half = I4.limits["training points"].holds
    shares = [percent(float(injective[side].map(half).mean())) for side in ("first", "second")]
    words = (
        f"Half of the points attract in {estimated(claim, percent)} of injective networks; in pairs, {shares[0]} against "
        f"{shares[1]} of ordinary ones"
    )
    own = untrained_injective(result)
    before = f" Before training {percent(half_slopes(own).mean())} have slopes below 1, but no fixed points."
    untrained = before if len(own) and not half_attract(own).any() else ""
    return told(
        "Training points still attract", {"": claim.verdict}, closed(words + _need(claim, "50 %"), claim) + untrained
    )


def _samples(rows: pd.DataFrame) -> list[Finding]:
    """Whether more or fewer starts end at training points."""
    found = {row["other"]: row for row in compared(rows, [AT_TRAINING]).to_dict("records")}
    if ORDINARY not in found:
        return []
    one = found[ORDINARY]
    way = "more starts" if one["low"] > 0 else "fewer starts" if one["high"] < 0 else "no clear change"
    reach = f"(95 % CI {points(one['low'])} to {points(one['high'])})"
    return [
        Finding(
            f"Samples at training points: {way}.",
            f"{percent(one['injective'])} of random starts, in ordinary networks {percent(one['value'])} (median seeds); in "
            f"pairs {points(one['change'])} points {reach}, not adjusted for the number of comparisons.",
        )
    ]


def _need(claim: Claim, needed: str) -> str:
    return "" if claim.verdict == "supported" or too_few(claim) else f"; the claim needs {needed}"


def _images(result: Result) -> str:
    """A sentence, with a space before it, on the images that the run has, and that it lacks MNIST; empty without images."""
    sets = set(result.whole.data) & set(IMAGES)
    if not sets:
        return ""
    count = result.record["parameters"].get("image_count", InjectiveKaleidoscopeParameters.image_count)
    lacks = "" if "mnist" in sets else ", no MNIST"
    return f" Images: {count} {', '.join(sorted(sets))}{lacks}."


def _limits(rows: pd.DataFrame, result: Result) -> str:
    judged = fitted(rows)
    shares = [f"{percent(judged[judged.layers == one].fits.mean())} of {one}" for one in (ORDINARY, INJECTIVE)]
    return (
        f"Anything beyond networks of {spanned(rows.parameters)} parameters on {data_sets(rows.data)}. Only networks with a "
        f"loss of {two_digits(rows.band.max())} count for attraction: {' and '.join(shares)} ones. We chose sizes after a "
        f"trial and changed thresholds after a first run. The last layer may still merge points.{_images(result)}"
    )


def _title(plateaus: str, attraction: str) -> str:
    """The heading: what is decided of both parts."""
    first, second = PLATEAUS.get(plateaus, ""), ATTRACTION.get(attraction, "")
    if not first and not second:
        return NEITHER
    if not first:
        return f"Without merging layers, {second}; whether plateaus vanish is undecided"
    return f"{first}; {second}" if second else first
