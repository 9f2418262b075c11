"""What a kaleidoscope found, in words: whether samples settle, whether they are like the data, and whether noise moves them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import C11, C12, C13, C20, IMAGE_RULE, PAPERS_NOISE
from landscape.studies.parts.claim_words import asked, estimated, reason, remarks, tested
from landscape.studies.parts.words import data_words, spanned

SETTLE = {"supported": "Samples settle soon", "refuted": "Samples settle late or unevenly"}
LIKE = {"supported": "like the data", "refuted": "unlike the data"}
IDENTITY = "by identity"  # how the label begins of a claim that holds of the starts alone, too


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests. Without any, why the first is not tested; None without claims."""
    images = result.table[result.table.rule == IMAGE_RULE]
    found = [
        *_settling(tested(claims).get("C13"), images),
        *_likeness(tested(claims).get("C11"), images),
        *_jumps(tested(claims).get("C12"), result, images),
        *_dimension(tested(claims).get("C20")),
    ]
    if not found:
        first = asked(claims, "C11")
        if not first:
            return None
        found = [told("Samples are like the data", {"": first.verdict}, reason(first))]
    return Answer(
        "A network trained on images maps noise again and again. Do these samples settle soon, are they distributed like the "
        "data, and does noise make them jump between images?",
        found,
        why="Such a network is a generator only if its samples are many and like the data; one that always shows the same few "
        "images is none.",
        not_shown=_limits(images, tested(claims).get("C23")),
        title=_title(tested(claims).get("C13"), tested(claims).get("C11")),
    )


def _title(settling: Claim | None, likeness: Claim | None) -> str:
    """The heading: what was decided on settling and on likeness."""
    soon = SETTLE.get(settling.verdict, "") if settling else ""
    like = LIKE.get(likeness.verdict, "") if likeness else ""
    if soon and like:
        contrast = settling and likeness and settling.verdict != likeness.verdict
        return f"{soon}, {'but' if contrast else 'and'} they are {like}"
    if soon or like:
        return soon or f"Samples are {like}"
    return "Whether samples settle soon and are like the data is undecided" if settling or likeness else ""


def _settling(claim: Claim | None, images: pd.DataFrame) -> Iterator[Finding]:
    """On the burn-in of samples, the share that is at rest at last, and whether the kind of starts matters."""
    if not claim:
        return
    low, high = C13.limits["burn-in"].ends
    late = f"{images.burn_in_uniform.median():g}" if images.burn_in_uniform.notna().any() else "–"
    yield told(
        f"Settled after {low:g} to {high:g} iterations",
        {"": claim.verdict},
        f"{estimated(claim, percent)} of the networks do, with most samples at rest at last and alike ends from both kinds of "
        f"noise; at least {percent(C13['networks'].number)} was asked. The median network takes {late} iterations, and at the "
        f"end {percent(float(images.settled_uniform.median()))} of its samples are at rest.{remarks(claim)}",
    )


def _likeness(claim: Claim | None, images: pd.DataFrame) -> Iterator[Finding]:
    """On the coverage, the classes and the distances of samples, beside those of held-out images."""
    if not claim:
        return
    covered, unseen = (percent(float(images[name].median())) for name in ("coverage", "coverage_held_out"))
    yield told(
        "Like the data",
        {"": claim.verdict},
        f"Samples of {estimated(claim, percent)} of the networks cover the training images, have their classes and are as "
        f"near to them as unseen images; at least {percent(C11['networks'].number)} was asked. They cover {covered} of the "
        f"training images (median), where as many unseen images cover {unseen}.{remarks(claim)}",
    )


def _jumps(claim: Claim | None, result: Result, images: pd.DataFrame) -> Iterator[Finding]:
    """On jumps that noise adds, beside those that it adds without any network."""
    if not claim:
        return
    rates = result.tables["jumps"]
    rates = rates[(rates.noise == "normal") & (rates.control == "none")]
    means = rates.groupby("amplitude").mode_jumps.median()
    still, noisy = (number(float(means.get(amplitude, float("nan")))) for amplitude in (0.0, PAPERS_NOISE))
    yield told(
        "Noise makes samples jump",
        {"": claim.verdict},
        f"In {estimated(claim, percent)} of the networks noise of amplitude {PAPERS_NOISE:g} adds more than "
        f"{C12.limits['jumps gained'].number:g} jump in 100 iterations to what it adds without a network; more than "
        f"{percent(C12['networks'].number)} was asked. The median network has {noisy} jumps in 100 iterations with noise and "
        f"{still} without.{remarks(claim)}",
    )


def _dimension(claim: Claim | None) -> Iterator[Finding]:
    """On whether the time until samples settle depends on the dimension, under each rule for the number of points."""
    if not claim:
        return
    sentences, notes = [], ""
    for one in claim.details:
        if one.primary and one.verdict != "untestable":
            per = (
                "as many points in each dimension"
                if "per dimension" in one.setting
                else "the same number of points in all"
            )
            sentences.append(f"{estimated(one, _factor)} with {per}")
            notes += f" With {per}:{remarks(one)}" if remarks(one) else ""
    margin = C20["slope"].number
    yield told(
        "Settling takes as long in every dimension",
        {"": claim.verdict},
        f"Each doubling of the dimension multiplies the time until samples settle by {listed(sentences)}; within "
        f"{_factor(-margin)} to {_factor(margin)} was asked.{notes}",
    )


def _factor(slope: float) -> str:
    """By what a doubling multiplies, for a slope of natural logarithms on binary ones."""
    return number(math.exp(max(min(slope, 30.0), -30.0)))


def _limits(images: pd.DataFrame, classes: Claim | None) -> str:
    """What the run does not show: other networks and images; and classes, where the starts alone have them."""
    names = listed([data_words(str(name)) for name in images.data.unique()])
    sizes, counts = spanned(images.parameters), spanned(images["count"])
    words = f"Anything beyond networks of {sizes} parameters on {counts} images of {names}."
    if classes and classes.verdict == "supported" and IDENTITY in classes.label:
        words += (
            " That starts end at an image of their class holds of the starts themselves, and says nothing of networks."
        )
    return words
