"""What a run on memorisation found, in words: whether samples are copies, and varied, and what more images change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.memorisation.claims import C14, P1
from landscape.studies.parts.claim_words import asked, estimated, reason, remarks, tested, too_few
from landscape.studies.parts.words import data_sets, spanned

COPIES = {
    "supported": "Samples are more than copies",
    "refuted": "Samples copy the training images",
    "undecided": "Whether samples are more than copies is undecided",
}
CHANGE = "samples from copies into spurious, then new images"
ORDER = {
    "supported": f"More training images turn {CHANGE}",
    "refuted": f"More training images do not turn {CHANGE}",
    "undecided": "Whether more images turn copies into spurious, then new ones is undecided",
}
MOST = 0.5  # of samples
VARIETY = {"varied": "Varied:", "collapsed": "Few different images:", "undecided": "Variety undecided in"}
COPYING = {"copies": "copy", "does not copy": "do not copy", "undecided": "remain undecided"}
ALWAYS_SPURIOUS = {
    "supported": "Most samples are repeated spurious images, not copies, however many training images",
    "refuted": "Most samples are repeated spurious images, close to training images but none of these",
    "": "Most samples are repeated spurious images, with few training images and with many",
}
ASKED = "Are samples of networks trained on images copies of these images, and are they varied?"
ASKED_ORDER = (
    "As networks learn more images, do their samples turn from copies (memorised) into repeated images outside the data "
    "(spurious), and then into new ones?"
)


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer, from the claims that the run tests and the variety that it measures; None without claims.

    A run that tests the order of states asks for that first."""
    table, order, copies = result.whole, tested(claims).get("P1"), asked(claims, "C14")
    if not copies:
        return None
    found = [*_order(order, table), *_copies(copies, table, alone=order is None), *_variety(table)]
    return Answer(
        ASKED_ORDER if order else ASKED,
        found,
        why="Copies are of no use, and may give away private data. Samples that are no copies may still be all alike.",
        not_shown=_limits(table, order or copies),
        title=_order_title(order, copies, table) if order else _title(copies, table),
    )


def fitting(table: pd.DataFrame) -> pd.DataFrame:
    """The networks whose training loss is low enough for their samples to be judged."""
    return table[table.training_loss <= C14.limits["training loss"].number]


def _title(copies: Claim, table: pd.DataFrame) -> str:
    """The heading: whether samples are copies, and how many networks have few different samples or varied ones."""
    word, count, whole = _commonest_variety(table)
    varied = {
        "collapsed": f"{count} of {whole} networks repeat few images",
        "varied": f"{count} of {whole} networks vary them",
    }.get(word, "")
    told_copies = COPIES.get(copies.verdict, "")
    if copies.verdict == "undecided" or not varied:
        return told_copies
    if not told_copies:
        return varied.replace("vary them", "have varied samples")
    contrast = (copies.verdict == "supported") == (word == "collapsed")
    return f"{told_copies}, {'but' if contrast else 'and'} {varied}"


def _copies(claim: Claim, table: pd.DataFrame, alone: bool) -> Iterator[Finding]:
    """On the share of networks whose samples are more than copies. Where it is not tested, why, if it is the question."""
    if claim.verdict == "untestable":
        if alone:
            yield told("Hardly nearer than unseen images", {"": claim.verdict}, reason(claim))
        return
    needs = "" if claim.verdict == "supported" else f"; the claim needs over {percent(C14['share'].number)}"
    yield told(
        "Hardly nearer than unseen images",
        {"": claim.verdict},
        f"In {estimated(claim, percent)} of {_those(claim)} samples are hardly nearer to training images than unseen images are"
        f"{needs}.{too_few(claim) or _stricter(fitting(table).copying)}",
    )


def _those(claim: Claim) -> str:
    """The words for the networks that a share is of: 'the 177 networks judged', or 'networks' if their number is not known."""
    return f"the {claim.members:,} networks judged" if claim.members else "networks"


def _stricter(answers: pd.Series[str]) -> str:
    """A sentence, with a space before it, on the commonest answer where equal samples count once; empty without answers."""
    counts = answers.value_counts()
    if counts.empty:
        return ""
    return f" Counting equal samples once, {counts.iloc[0]} of {len(answers)} networks {COPYING[str(counts.index[0])]}."


def _variety(table: pd.DataFrame) -> Iterator[Finding]:
    """On how many networks have samples that are varied, or few different ones."""
    word, count, whole = _commonest_variety(table)
    if not whole:
        return
    samples, different = float(table.samples.median()), float(table.distinct.median())
    images = f"{number(different)} different image{'' if different == 1 else 's'}"
    yield Finding(
        f"{VARIETY[word]} {count} of {whole} networks.",
        f"The {number(samples)} samples of the median network hold {images}.",
    )


def _commonest_variety(table: pd.DataFrame) -> tuple[str, int, int]:
    """The commonest answer on variety, how many networks have it, and how many have any."""
    counts = table.variety.dropna().value_counts()
    return (str(counts.index[0]), int(counts.iloc[0]), int(counts.sum())) if len(counts) else ("", 0, 0)


def _order(claim: Claim | None, table: pd.DataFrame) -> Iterator[Finding]:
    """On whether samples are memorised first, then spurious, then new, with the share of seeds that have each part."""
    if not claim:
        return
    needs = "" if claim.verdict == "supported" else f"; the claim needs over {percent(P1['share'].number)}"
    yield told(
        "Copies, then spurious, then new images",
        {"": claim.verdict},
        f"{_course(table)}In {estimated(claim, percent)} of seeds samples take this course{needs}.{too_few(claim)}",
    )


def _order_title(claim: Claim, copies: Claim, table: pd.DataFrame) -> str:
    """The heading of a run over numbers of images: whether samples take the course claimed, or that most are spurious."""
    spurious = fitting(table).groupby("count").spurious.mean().reindex(table["count"].unique())
    always = claim.verdict == "refuted" and (spurious > MOST).all()
    return ALWAYS_SPURIOUS.get(copies.verdict, ALWAYS_SPURIOUS[""]) if always else ORDER[claim.verdict]


def _course(table: pd.DataFrame) -> str:
    """A sentence, with a space after it, on the mean shares of the states with the fewest and the most images; or empty.

    Where the spurious share is largest at a number of images in between, that share is named, too."""
    counts = sorted(table["count"].unique())
    means = fitting(table).groupby("count")[["memorised", "spurious", "new"]].mean().reindex(counts)
    if means.iloc[[0, -1]].isna().any(axis=None):
        return ""
    course = []
    for name in means:
        first, most, last = (float(share) for share in (means[name].iloc[0], means[name].max(), means[name].iloc[-1]))
        shares = [first, most, last] if name == "spurious" and most > max(first, last) else [first, last]
        course.append(f"{' to '.join(map(percent, shares))} {name}")
    return f"From {counts[0]:,} to {counts[-1]:,} images, {listed(course)}. "


def _limits(table: pd.DataFrame, judged: Claim) -> str:
    """What the run does not show: other networks, images and lengths of training; how many fit, and what the label says."""
    names = data_sets(table.data)
    notes = "" if judged.verdict == "untestable" else remarks(judged).removesuffix(too_few(judged))
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters after {spanned(table.budget)} steps on "
        f"{spanned(table['count'])} images of {names}. {len(fitting(table))} of {len(table)} fit (loss ≤ "
        f"{number(C14.limits['training loss'].number)}).{notes}"
    )
