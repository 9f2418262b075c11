"""What a run in the settings of the paper's Figures 2 to 5 found, in words: the paper's claims, at sizes that are not equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from landscape.claims import Claim, Threshold
from landscape.findings import Answer, Finding, number, percent, points, told
from landscape.results import Result
from landscape.studies.depth_sweep.claims import C1B, C3, C4, C5, PAPERS_NET, READINGS_OF_L
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION, NEIGHBOURHOOD_REACH
from landscape.studies.parts.claim_words import closed, estimated, needed, part, remarks, tested, too_few, unfit
from landscape.studies.parts.words import data_sets, layers, spanned, two_digits

WHY = "The paper explains by over-generalization why applying a network again and again draws samples."
QUESTIONS = {
    C1B.key: "A network learns to return one point. Does it then return outputs near that point for every input "
    "(over-generalization)?",
    C3.key: "A network learns to return two points. Is it flat beside them, and does it carry random inputs there sooner the "
    "deeper it is?",
    C4.key: "With a tanh output, is a network flat at its training points, and does it carry random inputs there soon?",
    C5.key: "Do larger networks, applied again and again, carry random inputs (samples) to their training points in fewer "
    "iterations?",
}
TITLES = {
    C1B.key: {
        "supported": "Training on one point narrows a network's outputs to its neighbourhood",
        "refuted": "Training on one point does not narrow a network's outputs to its neighbourhood",
        "there": "Outputs lie near the one training point, but training hardly narrows their range",
        "before": "Outputs lie near the one training point, but did so before training",
        "": "Whether training on one point narrows a network's outputs is undecided",
    },
    C3.key: {
        "supported": "Deeper networks carry random inputs to two training points sooner",
        "refuted": "Deeper networks do not carry random inputs to two training points sooner",
        "somewhat": "Deeper networks bring inputs to two training points sooner, but perhaps not much",
        "": "Whether depth carries random inputs to two training points sooner is undecided",
    },
    C4.key: {
        "supported": "With a tanh output, too, training points lie in flat regions that inputs reach",
        "refuted": "With a tanh output few networks are flat at their points and reached soon",
        "": "Whether a tanh output lets networks bring inputs to training points is undecided",
    },
    C5.key: {
        "supported": "Larger networks need fewer iterations, in inverse proportion to their size",
        "refuted": "The iterations needed are not in inverse proportion to a network's size",
        "": "Whether larger networks need proportionally fewer iterations is undecided",
    },
}


def paper_answer(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer by the first of the paper's claims that the run tests; None if it tests none of them."""
    told_of: dict[str, Callable[[Claim, pd.DataFrame], Iterator[Finding]]] = {
        C1B.key: _one_point, C3.key: _two_points, C4.key: _tanh, C5.key: _size,
    }  # fmt: skip
    judged = tested(claims)
    for key, words in told_of.items():
        found = list(words(judged[key], result.whole)) if key in judged else []
        if found:
            decides = next((one for one in judged[key].details if one.setting.startswith("difference")), judged[key])
            titles, own = TITLES[key], _own_words(judged[key])
            title: str = decides.verdict
            if own is not None and (own.verdict, judged[key].verdict) == ("supported", "refuted"):
                before = C1B.limits["output range"].holds(_range_before(result.whole))
                title = "before" if before else "there"
            if key == C3.key and (decides.verdict, decides.low > 0) == ("undecided", True):
                title = "somewhat"
            return Answer(
                QUESTIONS[key], found, why=WHY, not_shown=_limits(result, judged[key]),
                title=titles.get(title, titles[""]),
            )  # fmt: skip
    return None


def _one_point(claim: Claim, table: pd.DataFrame) -> Iterator[Finding]:
    """On the range of the outputs over all inputs, and on what training does to it."""
    (hidden, width), own = PAPERS_NET, _own_words(claim)
    span, limit = number(C1B.limits["output range"].number), _share_of_log(C1B["log ratio"].number)
    if own:
        yield told(
            "Outputs near the training point",
            {"": own.verdict},
            f"With {layers(hidden)} of {width} units outputs for all inputs span {estimated(own, two_digits)} of 1 in the "
            f"median network, {two_digits(_range_before(table))} before training{needed(own, f'{span} or less')}.",
        )
    yield told(
        "Training narrows their range",
        {"": claim.verdict},
        f"In the median network it leaves {estimated(claim, _share_of_log)} of the range that outputs had before"
        f"{needed(claim, f'less than {limit}')}.",
    )


def _range_before(table: pd.DataFrame) -> float:
    """The median range of the outputs that the paper's network has before training."""
    hidden, width = PAPERS_NET
    return float(table.untrained_range[(table.hidden == hidden) & (table.width == width)].median())


def _own_words(claim: Claim) -> Claim | None:
    """The claim in the text's own words, on the range of outputs alone, beside the claim on what training does."""
    return next((one for one in claim.details if one.estimand.startswith("the text's own")), None)


def _two_points(claim: Claim, table: pd.DataFrame) -> Iterator[Finding]:
    """On what depth brings, how flat the deep network is beside the points, and its burn-in."""
    gain, flat = part(claim, "difference"), part(claim, "flat share")
    deep, shallow = _depths(table)
    if gain:
        yield told(
            f"Sooner by {number(100 * C3['difference'].number)} points",
            {"": gain.verdict},
            f"In {EARLY_ITERATION} iterations {deep} hidden layers bring {_signed(gain)} more of the inputs to the data than "
            f"{shallow}{needed(gain, points(C3['difference'].number))}.",
        )
    if flat:
        yield told(
            "Flat beside the points",
            {"": flat.verdict},
            f"With {deep} hidden layers {estimated(flat, percent)} of the line within ±{NEIGHBOURHOOD_REACH:g} of the points "
            f"is flat{needed(flat, percent(C3['flat share'].number))}.",
        )
    yield from _burn_in(claim, C3["burn-in"], f"with {deep} hidden layers ")


def _depths(table: pd.DataFrame) -> tuple[str, str]:
    """The hidden layers of the deep networks and of the shallow ones, over the readings of L that the run has: '6 or 7'."""
    there = set(table.hidden[(table.data == "two-points") & (table.width == PAPERS_NET[1])])
    pairs = [sizes for sizes, _ in READINGS_OF_L.values() if there.issuperset(sizes)]
    deep, shallow = (" or ".join(map(str, sorted(side))) for side in zip(*pairs, strict=True))
    return deep, shallow


def _tanh(claim: Claim, _: pd.DataFrame) -> Iterator[Finding]:
    """On the networks that are flat at the points and reached early, and on their burn-in."""
    networks = part(claim, "networks")
    if networks:
        yield told(
            "Most flat and reached soon",
            {"": networks.verdict},
            f"{estimated(networks, percent)} of networks are flat near the points and bring half of the inputs there in "
            f"{EARLY_ITERATION} iterations{needed(networks, percent(C4['networks'].number))}.",
        )
    yield from _burn_in(claim, C4["burn-in"])


def _burn_in(claim: Claim, limit: Threshold, which: str = "") -> Iterator[Finding]:
    """On the iterations that the median network needs."""
    median, (low, high) = part(claim, "burn-in"), limit.ends
    if median:
        yield told(
            f"Settled after {low:g} to {high:g} iterations",
            {"": median.verdict},
            f"The samples of the median network {which}are at the data after {estimated(median, number)} iterations."
            f"{too_few(median)}",
        )


def _size(claim: Claim, _: pd.DataFrame) -> Iterator[Finding]:
    """On how the burn-in changes with the number of parameters."""
    low, high = (_factor(end) for end in C5["slope"].ends)
    words = (
        f"With twice the parameters samples need {estimated(claim, _factor)} times the iterations. Inverse proportion means "
        f"0.5; the claim allows {low} to {high}"
    )
    yield told("Inversely proportional to size", {"": claim.verdict}, closed(words, claim))


def _share_of_log(value: float) -> str:
    return percent(math.exp(value))


def _signed(claim: Claim) -> str:
    """A difference of shares in percentage points, with its interval."""
    return estimated(claim, points).replace(" (", " percentage points (", 1)


def _factor(slope: float) -> str:
    """By what a doubling of the parameters multiplies, for a slope of logarithms."""
    return number(2.0 ** max(min(slope, 30.0), -30.0))


def _limits(result: Result, claim: Claim) -> str:
    """What the run does not show: other sizes and data than its own, and what the claim's label says."""
    names = data_sets(result.whole.data)
    notes = remarks(claim).removesuffix(too_few(claim))
    return (
        f"Anything beyond networks of {spanned(result.whole.parameters)} parameters on {names}. A deeper network is also "
        f"larger.{unfit(result.whole.status)}{notes}"
    )
