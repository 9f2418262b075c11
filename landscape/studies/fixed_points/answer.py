"""What a run on fixed points found, in words: minima off the data, where descent ends, and how samples are distributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.fixed_points.claims import C16, C19B, FIT
from landscape.studies.parts.claim_words import estimated, large, part, remarks, tested
from landscape.studies.parts.words import data_words, spanned

MINIMA = {
    "supported": "The more training points, the more minima off the data",
    "refuted": "More training points do not bring more minima off the data",
    "mixed": "More training points bring more minima off the data only at some lengths of training",
}
DENSITY = {
    "supported": "samples are spread as the loss predicts",
    "refuted": "samples are not spread as the loss predicts",
    "mixed": "samples are spread only in part as the loss predicts",
}

# Whether descent from noisy data ends at training points more often than from noise; {}: the ratio of misses that is asked.
MISSED = {
    "supported": "at most {}, as the paper's statement asks",
    "refuted": "above {}, against the paper's statement",
    "undecided": "whether it is at most {}, as the paper's statement asks, is undecided",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests; None if it tests none."""
    found = [*_minima(result.table, tested(claims).get("C22")), *_descent(tested(claims).get("C16"))]
    found += _density(tested(claims).get("C19b"))
    if not found:
        return None
    return Answer(
        "A trained network returns some points unchanged (fixed points): its loss has a minimum there. How many lie off the "
        "training points, and where among them do samples end?",
        found,
        why="A minimum off the data can hold samples that look like nothing in the data. If the loss gave the density of "
        "samples, it would tell how likely each is.",
        not_shown=_limits(result.table),
        title=_title(tested(claims).get("C22"), tested(claims).get("C19b")),
    )


def _title(minima: Claim | None, density: Claim | None) -> str:
    """The heading: what was decided on minima, on the density, or on both."""
    told_minima, told_density = (
        words.get(claim.verdict, "") if claim else "" for claim, words in ((minima, MINIMA), (density, DENSITY))
    )
    if told_minima and told_density:
        return f"{told_minima}; {told_density}"
    alone = told_minima or told_density
    if alone:
        return alone[0].upper() + alone[1:]
    if minima:
        return "Whether more training points bring more minima off the data is undecided"
    return "Where samples end among the fixed points of networks"


def _minima(table: pd.DataFrame, claim: Claim | None) -> Iterator[Finding]:
    """On the growth of minima off the data with the number of training points, at each length of training."""
    if not claim:
        return
    drawn = table[(table.data == "uniform") & table.loss.map(FIT.holds).astype(bool)]
    fewest, most = int(drawn["count"].min()), int(drawn["count"].max())
    verdicts, sentences = {}, []
    for one in claim.details:
        factor = int(one.setting.split()[0])
        when = "after the usual training" if factor == 1 else f"after {factor} times the training"
        rows = drawn[drawn.longer == factor].groupby("count").spurious.mean()
        few, many = (number(float(rows.get(count, float("nan")))) for count in (fewest, most))
        verdicts[when] = one.verdict
        sentences.append(
            f"{when[0].upper()}{when[1:]} a network has {few} on average with {fewest} training points and {many} with {most}; "
            f"each doubling multiplies one plus their number by {estimated(one, _factor)}."
        )
    yield told("More minima off the data", verdicts, " ".join(sentences) + remarks(claim.details[0]))


def _factor(slope: float) -> str:
    """By what a doubling multiplies, for a slope of the binary logarithms."""
    return number(2.0 ** min(slope, 50))


def _descent(claim: Claim | None) -> Iterator[Finding]:
    """On where descending the loss ends, from noise and from noisy data."""
    away, missed = (part(claim, name) if claim else None for name in ("unstable or none", "missed from data"))
    if not away:
        return
    sentence = (
        f"{estimated(away, percent)} of descents from noise end at unstable fixed points or at none; at least "
        f"{percent(C16['unstable or none'].number)} was asked."
    )
    if missed:
        most = number(C16["missed from data over from noise"].number)
        sentence += (
            f" Descents from noisy training data miss the training points {estimated(missed, number)} times as often as those "
            f"from noise: {MISSED.get(missed.verdict, MISSED['undecided']).format(most)}."
        )
    yield told("Descent of the loss ends where iteration would not stay", {"": away.verdict}, sentence + remarks(away))


def _density(claim: Claim | None) -> Iterator[Finding]:
    """On whether samples have the density exp(−loss)."""
    if not claim:
        return
    sentences, remark = [], ""
    if beta := part(claim, "inverse temperature"):
        low, high = C19B["inverse temperature"].ends
        sentences.append(
            f"Among densities exp(−β‖x − f(x)‖²), β = {estimated(beta, large)} fits the samples best; β from "
            f"{number(low)} to {number(high)} was asked."
        )
        remark = remarks(beta)
    if excess := part(claim, "excess variation"):
        most = C19B["excess variation"].number
        sentences.append(
            f"Even by this density {estimated(excess, percent)} of the samples are in the wrong place, beyond chance; at most "
            f"{percent(most)} was asked."
        )
        remark = remark or remarks(excess)
    yield told("Samples have the density exp(−loss)", {"": claim.verdict}, " ".join(sentences) + remark)


def _limits(table: pd.DataFrame) -> str:
    names = listed([data_words(str(name)) for name in table.data.unique()])
    fit = int(table.loss.map(FIT.holds).sum())
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {names}; nothing on networks that do not fit "
        f"their points ({len(table) - fit} of {len(table)})."
    )
