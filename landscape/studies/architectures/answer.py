"""What a comparison of architectures found: where samples end, how well networks fit, what one image makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, points, told
from landscape.results import Result
from landscape.studies.architectures.claims import BY_IDENTITY, C15, C24, LINE_SET, PAPERS_NETS, S2, WHOLE_BUDGET
from landscape.studies.parts.claim_words import asked, estimated, part, reason, remarks, tested
from landscape.studies.parts.words import data_words, spanned

NET_WORDS = {
    "mlp": "MLP",
    "cnn": "CNN",
    "unet": "U-Net",
    "transformer": "Transformer",
    "residual": "residual network",
    "injective": "injective network",
}
REST = {
    "supported": "{} come to rest at images of their own, not at training images",
    "refuted": "{} do not come to rest at images of their own",
    "mixed": "{} come to rest at images of their own only in some settings",
    "undecided": "Whether {} come to rest at images of their own is undecided",
}
FIT = {
    "supported": "MLPs fit images less well than CNNs and Transformers",
    "refuted": "MLPs do not fit images less well than CNNs and Transformers",
    "mixed": "MLPs fit images less well than some other networks only",
    "undecided": "Whether MLPs fit images less well than other networks is undecided",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer to what the run asks: of a single training image, or of several; None without claims."""
    images = result.table[result.table.data != LINE_SET]
    single = images[images["count"] == 1]
    if not claims or images.empty:
        return None
    several = images[images["count"] > 1]
    return _of_several(several, claims) if len(several) else _of_one(single, claims)


def _of_several(images: pd.DataFrame, claims: Sequence[Claim]) -> Answer:
    """The answer of a run with several training images."""
    ends, fit = tested(claims).get("C15"), tested(claims).get("C24")
    nets = listed([f"{_named(net)}s" for net in images.net.unique() if net in PAPERS_NETS] or ["other networks"])
    found = [*_ends(ends, images, nets), *_fit(fit, images)] or [
        _untested(asked(claims, "C15"), "Rest off the training images")
    ]
    title = ""
    if ends:
        title = REST.get(ends.verdict, REST["undecided"]).format(f"samples of {nets}")
    elif fit:
        title = FIT.get(fit.verdict, FIT["undecided"])
    return Answer(
        "Do samples of CNNs, U-Nets and Transformers come to rest at images that they were not trained on, and do MLPs fit "
        "images less well than these?",
        found,
        why="The paper's theory speaks of MLPs. If other networks come to rest elsewhere, what it says of memories is not "
        "true of them.",
        not_shown=_limits(images),
        title=title[:1].upper() + title[1:],
    )


def _ends(claim: Claim | None, images: pd.DataFrame, nets: str) -> Iterator[Finding]:
    """On the share of samples at attractors off the training images, and how much more it is than the MLP's."""
    level, less = (part(claim, name) if claim else None for name in C15.thresholds)
    if not claim:
        return
    bands = sorted(images.band[images.band != WHOLE_BUDGET].unique(), reverse=True)
    loss = (
        f" Networks are compared at a training loss of {' or '.join(f'{band:g}' for band in bands)}." if bands else ""
    )
    sentences = []
    if level:
        sentences.append(
            f"{estimated(level, percent)} of the samples of {nets} end at attractors that are no training image; at least "
            f"{percent(C15['off the images'].number)} was asked."
        )
    if less:
        least = points(C15["less the MLP's"].number)
        sentences.append(
            f"That is {estimated(less, points)} points more than of the MLP's; more than {least} was asked."
        )
    notes = "".join(dict.fromkeys(remarks(one) for one in (level, less) if one))
    sentence = " ".join(sentences) + loss + notes
    yield told("Rest off the training images", {"": claim.verdict}, sentence)


def _fit(claim: Claim | None, images: pd.DataFrame) -> Iterator[Finding]:
    """On how often the MLP's training loss is the larger one; and whether the nets fit by returning whatever they are given."""
    if not claim:
        return
    parts = {net: part(claim, net) for net in C24.thresholds}
    known: Mapping[str, Claim] = {net: one for net, one in parts.items() if one}
    shares = [f"against the {_named(net)} in {estimated(one, percent)} of the seeds" for net, one in known.items()]
    finding = told(
        "MLPs fit less well",
        {"": claim.verdict},
        f"At equal size and training the MLP's loss is the larger one {listed(shares or ['in no seed'])}; more than "
        f"{percent(C24['cnn'].number)} was asked.{_near_identity(claim, images)}{remarks(claim)}",
    )
    if BY_IDENTITY in claim.label and claim.verdict == "supported":
        finding = replace(finding, short=f"{finding.short.removesuffix('.')}, but the others are near the identity.")
    yield finding


def _near_identity(claim: Claim, images: pd.DataFrame) -> str:
    """A sentence on how much of their input the nets return that the MLP is compared with; empty if they are no identity."""
    if BY_IDENTITY not in claim.label:
        return ""
    whole = images[(images.band == WHOLE_BUDGET) & images.net.isin(list(C24.thresholds))]
    share = percent(float(whole.trace.mean()))
    words = "The others are near the identity, which returns what it is given"
    return f" {words}: even of a small change in noise they return {share}."


def _of_one(images: pd.DataFrame, claims: Sequence[Claim]) -> Answer:
    """The answer of a run with a single training image."""
    claim = tested(claims).get("S2")
    parts = {net: part(claim, net) for net in S2.thresholds} if claim else {}
    known = {net: one for net, one in parts.items() if one}
    found = [_kind(net, one) for net, one in known.items()]
    return Answer(
        "Trained on a single image, does a network return that image whatever it is given (a constant), or does it return what "
        "it is given (the identity)?",
        found or [_untested(asked(claims, "S2"), "Constant or identity")],
        why="One image can be fitted either way. Which of the two a network takes shows what it prefers to learn.",
        not_shown=_limits(images),
        title=_title_of_one({net: one.verdict for net, one in known.items()}),
    )


def _kind(net: str, claim: Claim) -> Finding:
    """On whether networks of a kind are a constant (MLPs) or the identity (CNNs), on a scale from 0 to 1."""
    what = "MLPs return their training image" if net == "mlp" else "CNNs return their input"
    asked_for = "below" if net == "mlp" else "above"
    return told(
        what,
        {"": claim.verdict},
        f"On a scale from 0 for a constant to 1 for the identity they are at {estimated(claim, number)} on unseen images; "
        f"{asked_for} {number(S2[net].number)} was asked.{remarks(claim)}",
    )


def _title_of_one(verdicts: Mapping[str, str]) -> str:
    """The heading: what each kind of network returns that was trained on one image."""
    words = {
        ("mlp", "supported"): "MLPs return it whatever they are given",
        ("mlp", "refuted"): "MLPs do not return it whatever they are given",
        ("cnn", "supported"): "CNNs return what they are given",
        ("cnn", "refuted"): "CNNs do not return what they are given",
    }
    known = [words[one] for one in verdicts.items() if one in words]
    if known:
        return f"Trained on one image, {listed(known)}"
    return "Whether one image makes networks constants or the identity is undecided"


def _untested(claim: Claim | None, topic: str) -> Finding:
    return told(topic, {"": "untestable"}, reason(claim) if claim else "")


def _named(net: str) -> str:
    return NET_WORDS.get(net, net)


def _limits(images: pd.DataFrame) -> str:
    """What the run does not show: other data, numbers of images, sizes and depths."""
    names = listed([data_words(str(name)) for name in images.data.unique()])
    one = bool((images["count"] == 1).all())
    counts = "one image" if one else f"{spanned(images['count'])} images"
    return (
        f"Anything beyond networks of {spanned(images.parameters)} parameters and {spanned(images.hidden)} hidden layers on "
        f"{counts} of {names}."
    )
