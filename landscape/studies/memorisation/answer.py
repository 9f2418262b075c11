"""What a run on memorisation found, in words: whether samples are copies, and varied, and what more images change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.memorisation.claims import C14, P1, PARTS
from landscape.studies.parts.claim_words import asked, estimated, reason, remarks, tested
from landscape.studies.parts.words import data_words, spanned

COPIES = {
    "supported": "Networks do not merely copy their training images",
    "refuted": "Networks copy their training images",
    "undecided": "Whether networks merely copy their training images is undecided",
}
CHANGE = "from copies into repeated false images, and then into new ones"
ORDER = {
    "supported": f"With more training images, samples turn {CHANGE}",
    "refuted": f"With more training images, samples do not turn {CHANGE}",
    "undecided": f"Whether samples turn {CHANGE} is undecided",
}
ASKED = "Are samples of networks trained on images copies of these images, and are they varied?"
ASKED_ORDER = (
    "As networks learn more images, do their samples turn from copies (memorised) into images that recur but are none of the "
    "data (spurious), and then into new images?"
)


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests and the variety that it measures; None without claims.

    A run that tests the order of states asks for that first."""
    table, order, copies = result.table, tested(claims).get("P1"), asked(claims, "C14")
    if not copies:
        return None
    found = [*_order(order, table), *_copies(copies, table, alone=order is None), *_variety(table)]
    return Answer(
        ASKED_ORDER if order else ASKED,
        found,
        why="Copies are of no use, and may give away private data. Samples that are no copies may still be all alike.",
        not_shown=_limits(table),
        title=ORDER[order.verdict] if order else _title(copies, table),
    )


def fitting(table: pd.DataFrame) -> pd.DataFrame:
    """The networks whose training loss is low enough for their samples to be judged."""
    return table[table.training_loss <= C14.limits["training loss"].number]


def _title(copies: Claim, table: pd.DataFrame) -> str:
    """The heading: whether networks copy, and how many have collapsed or are varied."""
    word, count, whole = _commonest_variety(table)
    varied = {
        "collapsed": f"{count} of {whole} have collapsed to few images",
        "varied": f"{count} of {whole} have varied samples",
    }.get(word, "")
    told_copies = COPIES.get(copies.verdict, "")
    if not told_copies or not varied:
        return told_copies or (f"{varied[0].upper()}{varied[1:]}" if varied else "")
    contrast = (copies.verdict == "supported") == (word == "collapsed")
    return f"{told_copies}, {'but' if contrast else 'and'} {varied}"


def _copies(claim: Claim, table: pd.DataFrame, alone: bool) -> Iterator[Finding]:
    """On the share of networks whose samples are more than copies. Where it is not tested, why, if it is the question."""
    if claim.verdict == "untestable":
        if alone:
            yield told("More than copies", {"": claim.verdict}, reason(claim))
        return
    fits = fitting(table)
    stricter = f" By a stricter rule, which counts equal samples as one, {_counted(fits.copying)}."
    yield told(
        "More than copies",
        {"": claim.verdict},
        f"In {estimated(claim, percent)} of the networks that fit, samples are not much nearer to the training images than "
        f"unseen images are; more than {percent(C14['share'].number)} was asked.{stricter}{remarks(claim)}",
    )


def _counted(answers: pd.Series[str]) -> str:
    """How many networks copy, do not, or are undecided, in words."""
    words = {"copies": "{} copy", "does not copy": "{} do not copy", "undecided": "{} cannot be told"}
    counts = answers.value_counts()
    numbers = [words[word].format(counts[word]) for word in words if word in counts]
    return f"of {len(answers)} networks {listed(numbers)}" if numbers else "nothing can be told"


def _variety(table: pd.DataFrame) -> Iterator[Finding]:
    """On how many networks have samples that are varied, or collapsed to few images."""
    word, count, whole = _commonest_variety(table)
    if not whole:
        return
    rest = {name: int((table.variety == name).sum()) for name in ("varied", "collapsed", "undecided") if name != word}
    others = listed([f"{name} in {number}" for name, number in rest.items()])
    samples, different = float(table.samples.median()), float(table.distinct.median())
    images = f"{number(different)} different image{'' if different == 1 else 's'}"
    yield Finding(
        f"{word.capitalize()}: {count} of {whole} networks.",
        f"Samples are {others}. The {number(samples)} samples of a network hold {images} (median).",
    )


def _commonest_variety(table: pd.DataFrame) -> tuple[str, int, int]:
    """The commonest answer on variety, how many networks have it, and how many have any."""
    counts = table.variety.dropna().value_counts()
    return (str(counts.index[0]), int(counts.iloc[0]), int(counts.sum())) if len(counts) else ("", 0, 0)


def _order(claim: Claim | None, table: pd.DataFrame) -> Iterator[Finding]:
    """On whether samples are memorised first, then spurious, then new, with the share of seeds that have each part."""
    if not claim:
        return
    counts = sorted(table["count"].unique())
    words = {
        "memorised": f"most samples are memorised with {counts[0]:,} images",
        "spurious": "spurious samples are commonest between",
        "new": f"most are new with {counts[-1]:,}",
    }
    parts = {
        name: next((one for one in claim.details if one.estimand == f"the part: {PARTS[name]}"), None) for name in words
    }
    shares = listed(
        [
            f"{words[name]} in {estimated(one, percent)}"
            for name, one in parts.items()
            if one and one.verdict != "untestable"
        ]
        or ["no part is tested alone"]
    )
    yield told(
        "Memorised, then spurious, then new",
        {"": claim.verdict},
        f"{estimated(claim, percent)} of the seeds have the whole order; more than {percent(P1['share'].number)} was asked. "
        f"By parts, {shares} of the seeds.{_course(table, counts)}{remarks(claim)}",
    )


def _course(table: pd.DataFrame, counts: list[int]) -> str:
    """A sentence on the mean shares of the states with the fewest and with the most images; empty without numbers."""
    fits = fitting(table)
    means = fits.groupby("count")[["memorised", "spurious", "new"]].mean().reindex(counts)
    if means.iloc[[0, -1]].isna().any(axis=None):
        return ""
    course = [f"{percent(means[name].iloc[0])} to {percent(means[name].iloc[-1])} are {name}" for name in means]
    return f" From {counts[0]:,} to {counts[-1]:,} images, {listed(course)}."


def _limits(table: pd.DataFrame) -> str:
    """What the run does not show: other networks, images and lengths of training; and how many networks fit."""
    names = listed([data_words(str(name)) for name in table.data.unique()])
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters after {spanned(table.budget)} steps on "
        f"{spanned(table['count'])} images of {names}. They train for all steps, and {len(fitting(table))} of {len(table)} fit "
        f"(loss ≤ {number(C14.limits['training loss'].number)})."
    )
