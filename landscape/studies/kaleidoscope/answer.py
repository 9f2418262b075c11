"""What a kaleidoscope found, in words: whether samples settle, whether they are like the data, and whether noise moves them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from landscape.claims import Claim, Statement
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.kaleidoscope.claims import C11, C12, C13, C20, IMAGE_RULE, PAPERS_NOISE
from landscape.studies.parts.claim_words import asked, counted, estimated, needed, reason, remarks, tested, too_few
from landscape.studies.parts.words import data_sets, spanned, two_digits

LIKE = {"supported": "like the data", "refuted": "unlike the data"}
IDENTITY = "by identity"  # how the label begins of a claim that holds of the starts alone, too
MOST_FINDINGS = 3


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests. Without any, why the first is not tested; None without claims."""
    images, judged = result.whole[result.whole.rule == IMAGE_RULE], tested(claims)
    settling, likeness, jumps, dimension = (judged.get(one.key) for one in (C13, C11, C12, C20))
    found = [
        *_settling(settling, images),
        *_likeness(likeness, images),
        *_jumps(jumps, images, result),
        *_dimension(dimension),
    ][:MOST_FINDINGS]
    if not found:
        first = asked(claims, "C11")
        if not first:
            return None
        found = [told("Samples are like the data", {"": first.verdict}, reason(first))]
    return Answer(
        "Applied again and again, a network trained on images turns noise into samples. Do they settle soon, resemble the "
        "data, and jump if noise is added on the way?",
        found,
        why="Such a network is a generator only if its samples are many and like the data; one that always shows the same few "
        "images is none.",
        not_shown=_limits(images, [one for one in (settling, likeness, jumps) if one], judged.get("C23")),
        title=_title(settling, likeness, images),
    )


def _title(settling: Claim | None, likeness: Claim | None, images: pd.DataFrame) -> str:
    """The heading: what was decided on settling and on likeness."""
    soon = _settle_words(settling, images) if settling else ""
    like = LIKE.get(likeness.verdict, "") if likeness else ""
    if soon and like:
        contrast = settling and likeness and settling.verdict != likeness.verdict
        return f"Samples {soon} {'but' if contrast else 'and'} are {like}"
    if soon or like:
        return f"Samples {soon or f'are {like}'}"
    judged = settling or likeness
    if judged and len(images) == 1:
        late, near = (float(images[name].iloc[0]) for name in ("burn_in_uniform", "coverage"))
        return f"One network: samples settle after {_iterations(late)} and cover {percent(near)} of the training images"
    if judged and too_few(judged):
        return f"{counted(judged.clusters, 'seed')} cannot tell whether samples settle soon and are like the data"
    return "Whether samples settle soon and are like the data is undecided" if judged else ""


def _settle_words(claim: Claim, images: pd.DataFrame) -> str:
    """How samples settle, by the first condition of the claim that the median network fails; empty if it is undecided."""
    if claim.verdict != "refuted":
        return "settle soon" if claim.verdict == "supported" else ""
    limits = C13.limits
    if not limits["burn-in"].holds(float(images.burn_in_uniform.median())):
        return "settle late" if images.burn_in_uniform.median() > limits["burn-in"].ends[1] else "settle at once"
    rest = float(images.settled_uniform.median())
    return "settle soon in too few networks" if limits["settled"].holds(rest) else "do not all settle"


def _settling(claim: Claim | None, images: pd.DataFrame) -> Iterator[Finding]:
    """On the burn-in of samples, and the share of networks whose samples settle as claimed."""
    if not claim:
        return
    low, high = C13.limits["burn-in"].ends
    late, rest = float(images.burn_in_uniform.median()), percent(float(images.settled_uniform.median()))
    soon = f", {rest} of samples rest" if C13.limits["burn-in"].holds(late) else ""
    yield _finding(
        f"Settled after {low:g} to {high:g} iterations",
        "Settled soon",
        claim,
        f"{_whose(len(images))} takes {_iterations(late)}{soon}.{_share(claim, images, 'settle as claimed', C13)}",
    )


def _likeness(claim: Claim | None, images: pd.DataFrame) -> Iterator[Finding]:
    """On the coverage of samples beside that of unseen images, and the share of networks whose samples are like the data."""
    if not claim:
        return
    covered, unseen = (percent(float(images[name].median())) for name in ("coverage", "coverage_held_out"))
    yield _finding(
        "Like the data",
        "Like the data",
        claim,
        f"Samples cover {covered} of the training images, unseen images {unseen}{_medians(images)}."
        f"{_share(claim, images, 'pass all tests of likeness', C11)}",
    )


def _jumps(claim: Claim | None, images: pd.DataFrame, result: Result) -> Iterator[Finding]:
    """On jumps that noise adds, beside those that it adds without any network."""
    if not claim:
        return
    rates = result.tables["jumps"]
    rates = rates[(rates.noise == "normal") & (rates.control == "none")]
    means = rates.groupby("amplitude").mode_jumps.median()
    gain = f"gain more than {C12.limits['jumps gained'].number:g} beyond noise alone"
    still, noisy = (two_digits(float(means.get(amplitude, float("nan")))) for amplitude in (0.0, PAPERS_NOISE))
    yield _finding(
        "Noise makes samples jump",
        "Jumps beyond noise alone",
        claim,
        f"With noise each iteration the nearest training image changes {noisy} times in 100, without {still} times"
        f"{_medians(images)}.{_share(claim, images, gain, C12)}",
    )


def _finding(topic: str, brief: str, claim: Claim, sentence: str) -> Finding:
    """The finding with the claim's verdict. Of a single network, which decides no claim, what that network does.

    `brief` are the words of the topic that leave room for it."""
    if claim.clusters == 1 and math.isfinite(claim.estimate):
        return Finding(f"{brief}: {'yes, this network' if claim.estimate == 1 else 'not this network'}.", sentence)
    return told(topic, {"": claim.verdict}, sentence)


def _whose(networks: int) -> str:
    return f"The median of {networks:,} networks" if networks > 1 else "The network"


def _iterations(late: float) -> str:
    return f"{'–' if math.isnan(late) else f'{late:g}'} iterations"


def _medians(images: pd.DataFrame) -> str:
    return " (medians)" if len(images) > 1 else ""


def _share(claim: Claim, images: pd.DataFrame, what: str, statement: Statement) -> str:
    """A sentence on the share of networks of which the claim holds, and on what it needs; empty for a single network.

    The share has its interval, if there is one; without, the clause on what is needed says why."""
    if len(images) == 1:
        return ""
    share = estimated(claim, percent) if math.isfinite(claim.high - claim.low) else percent(claim.estimate)
    (threshold,) = statement.thresholds.values()
    return f" {share} of networks {what}{needed(claim, percent(threshold.number))}."


def _dimension(claim: Claim | None) -> Iterator[Finding]:
    """On whether the time until samples settle depends on the dimension, under each rule for the number of points."""
    if not claim:
        return
    factors = [
        f"{estimated(one, _factor)} with {'twice as many' if 'per dimension' in one.setting else 'equally many'} points"
        for one in claim.details
        if one.primary and one.verdict != "untestable"
    ]
    margin = C20["slope"].number
    yield told(
        "As fast in every dimension",
        {"": claim.verdict},
        f"In twice the dimensions samples take {listed(factors)} times as long; the claim allows {_factor(-margin)} to "
        f"{_factor(margin)}.",
    )


def _factor(slope: float) -> str:
    """By what a doubling multiplies, for a slope of natural logarithms on binary ones."""
    return number(math.exp(max(min(slope, 30.0), -30.0)))


def _limits(images: pd.DataFrame, judged: Sequence[Claim], classes: Claim | None) -> str:
    """What the run does not show: other networks and images, what the labels say, and classes that the starts alone have."""
    names = data_sets(images.data)
    sizes, counts = spanned(images.parameters), spanned(images["count"])
    # The findings say that seeds are too few, but for a single network, of which they give no share.
    said = {one: too_few(one) if len(images) > 1 else "" for one in judged}
    notes = "".join(dict.fromkeys(remarks(one).removesuffix(words) for one, words in said.items()))
    words = f"Anything beyond networks of {sizes} parameters on {counts} images of {names}.{notes}"
    if classes and classes.verdict == "supported" and IDENTITY in classes.label:
        ends, chance = (percent(float(images[name].median())) for name in ("purity", "purity_null"))
        words += f" Started at an unseen image, {ends} of samples end in its class, {chance} by chance."
    return words
