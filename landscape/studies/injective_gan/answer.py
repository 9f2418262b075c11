"""What a run on injective generators found, in words: whether codes are inferred better, and whether images are "
"as good."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, ci, number, told
from landscape.results import Result
from landscape.studies.injective_gan.claims import I5, I6, checked, pairs_of
from landscape.studies.parts.claim_words import closed, counted, tested, too_few
from landscape.studies.parts.words import data_sets

CODES, IMAGES, LAYERS = "Codes inferred better", "Images no worse", "One-to-one"
TITLES = {
    ("supported", "supported"): "Injective generators let codes be inferred better, and make images that are no worse",
    ("supported", "refuted"): "Injective generators let codes be inferred better, but make worse images",
    ("supported", ""): "Injective generators let codes be inferred better",
    ("refuted", "supported"): "Injective generators do not let codes be inferred better; their images are no worse",
    (
        "refuted",
        "refuted",
    ): "Injective generators neither let codes be inferred better nor make images as good",
    ("refuted", ""): "Injective generators do not let codes be inferred better",
    ("", "supported"): "Injective generators make images that are no worse than those of ordinary ones",
    ("", "refuted"): "Injective generators make worse images than ordinary ones",
    ("", ""): "Whether injective generators let codes be inferred better is undecided",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer for runs with both kinds of generator; None for others."""
    rows = checked(result.whole, result.tables["curves"])
    if set(rows.generator) != {"ordinary", "injective"}:
        return None
    by_key, pairs = tested(claims), pairs_of(rows)
    found = [_ratio(by_key.get(one.key), one.key, topic, pairs) for one, topic in ((I5, CODES), (I6, IMAGES))]
    return Answer(
        asked=(
            "If no hidden layer of a generator merges points, can its codes be inferred better from its images, and are "
            "the images as good?"
        ),
        found=[*found, _layers(result)],
        why=(
            "To edit an image or to solve an inverse problem with a generator, one needs the image's code. If several "
            "codes share an image, it cannot be known."
        ),
        not_shown=_limits(rows, pairs),
        title=_title(by_key),
    )


def ratio(value: float) -> str:
    """A ratio from its logarithm: '0.83 times'."""
    return f"{number(math.exp(value))} times"


def _ratio(claim: Claim | None, key: str, topic: str, pairs: pd.DataFrame) -> Finding:
    """The finding on one of the two ratios: of the pairs that are trained enough; of all that did not diverge where these are
    too few."""
    words = "distance between the distributions of inferred and true codes" if key == I5.key else "Fréchet distance"
    if claim is None:
        of = pairs[pairs.finite]
        return told(
            topic, {"": "untestable"}, f"Too few pairs are trained enough to judge the {words}.{_lower(of, key)}"
        )
    middle = f"In the median pair the {words} is {ratio(claim.estimate)} the ordinary one's"
    ends = f" ({ci(math.exp(claim.low), math.exp(claim.high), number)})" if math.isfinite(claim.low) else ""
    need = "" if claim.verdict == "supported" or too_few(claim) or key == I5.key else "; the claim needs less than 1.25"
    return told(topic, {"": claim.verdict}, closed(middle + ends + need, claim) + _lower(pairs[pairs.enough], key))


def _lower(pairs: pd.DataFrame, key: str) -> str:
    """A sentence, with a space before it, on how many of these pairs have a lower number in the injective place.

    As for the median, what counts is a seed's mean over data sets if there are several."""
    values = pairs.groupby("seed")[key].mean()
    noun = "pair" if len(pairs) == len(values) else "seed"
    return f" Lower in {int((values < 0).sum())} of {counted(len(values), noun)}." if len(values) else ""


def _layers(result: Result) -> Finding:
    """The finding on the hidden layers: how many of each kind are one-to-one, and how many merge points."""
    rows = result.tables["layers"]
    hidden = rows[rows.layer != "last"]
    paired, plain = (hidden[hidden.generator == kind] for kind in ("injective", "ordinary"))
    shown = int((paired.verdict == "one-to-one").sum())
    merging = plain[plain.verdict == "not one-to-one"].groupby(["data", "seed"]).ngroups
    networks = plain.groupby(["data", "seed"]).ngroups
    all_shown = shown == len(paired)
    short = f"{LAYERS}: layer by layer." if all_shown else f"{LAYERS}: {shown} of {len(paired)} layers."
    sentence = (
        f"{'All' if all_shown else 'Of the'} {counted(len(paired), 'hidden layer')} of injective generators "
        f"{'are' if all_shown else f'{shown} are'} one-to-one; {merging} of {counted(networks, 'ordinary generator')} "
        f"{'has' if merging == 1 else 'have'} one that merges two values of its range, perhaps of no code."
    )
    return Finding(short, sentence)


def _limits(rows: pd.DataFrame, pairs: pd.DataFrame) -> str:
    failed = int((~rows.enough).sum())
    unfit = (
        f" {failed} of {counted(len(rows), 'generator')} {'is' if failed == 1 else 'are'} not trained enough{_diverged(rows)}."
        if failed
        else ""
    )
    accuracy = ", ".join(f"{100 * one:.0f} %" for one in np.unique(rows.accuracy.round(2)))
    middles = rows.groupby("generator").parameters.median()
    return (
        f"Anything beyond small networks on {data_sets(rows.data)}; the paper's are of 64 × 64 faces.{unfit} Ordinary ones "
        f"have batch normalisation and {number(middles['ordinary'] / middles['injective'])} times the parameters. No last "
        f"layer or whole generator is proven one-to-one. Images are compared by our own classifier's features ({accuracy} "
        "right)."
    )


def _diverged(rows: pd.DataFrame) -> str:
    """' (2 diverged)', of the rows' generators; empty if none did."""
    count = int((~rows.finite).sum())
    return f" ({count} diverged)" if count else ""


def _title(claims: dict[str, Claim]) -> str:
    """The heading that states what is decided of both claims."""
    known = [claims[one.key].verdict if one.key in claims else "" for one in (I5, I6)]
    first, second = (verdict if verdict in ("supported", "refuted") else "" for verdict in known)
    return TITLES[first, second]
