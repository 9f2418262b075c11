"""What a comparison of architectures found: where samples end, how well networks fit, what one image makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, points, told
from landscape.results import Result
from landscape.studies.architectures.claims import (
    BY_IDENTITY,
    C15,
    C24,
    FITTED_LOSS,
    LINE_SET,
    PAPERS_NETS,
    S2,
    USUAL_INIT,
    WHOLE_BUDGET,
)
from landscape.studies.parts.claim_words import (
    asked,
    closed,
    counted,
    estimated,
    interval_of,
    part,
    reason,
    remarks,
    tested,
    too_few,
)
from landscape.studies.parts.words import data_sets, spanned

NET_WORDS = {
    "mlp": "MLP",
    "cnn": "CNN",
    "cnn-bottleneck": "CNN with a bottleneck",
    "unet": "U-Net",
    "transformer": "Transformer",
    "residual": "residual network",
    "injective": "injective network",
}
FIT = {
    "supported": "MLPs fit images less well than CNNs and Transformers",
    "refuted": "MLPs do not fit images less well than CNNs and Transformers",
    "mixed": "MLPs fit images less well than some other networks only",
    "undecided": "Whether MLPs fit images less well than other networks is undecided",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer to what the run asks: of a single training image, or of several; None without claims."""
    images = result.whole[result.whole.data != LINE_SET]
    single = images[images["count"] == 1]
    if not claims or images.empty:
        return None
    several = images[images["count"] > 1]
    return _of_several(several, claims) if len(several) else _of_one(single, claims)


def _of_several(images: pd.DataFrame, claims: Sequence[Claim]) -> Answer:
    """The answer of a run with several training images."""
    ends, fit = tested(claims).get("C15"), tested(claims).get("C24")
    nets = listed([f"{_named(net)}s" for net in images.net.unique() if net in PAPERS_NETS] or ["other networks"])
    found = [*_ends(ends), *_fit(fit)] or [_untested(asked(claims, "C15"), "End off the training images")]
    title = _title_of_ends(ends, nets) if ends else FIT.get(fit.verdict, FIT["undecided"]) if fit else ""
    return Answer(
        "Applied again and again to noise, do CNNs, U-Nets and Transformers end at images they were not trained on? Do MLPs "
        "fit images less well than these?",
        found,
        why="The paper's theory of memories is about MLPs. Networks that end elsewhere than at training images are no such "
        "memory.",
        not_shown=f"{_limits(images)}{_compared(ends, images)}{_near_identity(fit, images)}",
        title=title[:1].upper() + title[1:],
    )


def _title_of_ends(claim: Claim, nets: str) -> str:
    """The heading: whether networks end at images off the training set, and if not, which part of the claim fails."""
    level, less = (part(claim, name) for name in C15.thresholds)
    if claim.verdict == "supported":
        return f"{nets}, applied repeatedly, do not end at training images"
    if claim.verdict == "refuted" and level and level.verdict == "refuted":
        return f"{nets}, applied repeatedly, do not mostly end off the training images"
    if claim.verdict == "refuted" and less and less.verdict == "refuted":
        return f"{nets} end off the training images little more often than MLPs"
    if claim.verdict == "refuted":
        return f"{nets} do not end off the training images as claimed"
    if claim.verdict == "mixed":
        return f"{nets} end off the training images in some settings only"
    return f"Whether {nets} end off the training images is undecided"


def _ends(claim: Claim | None) -> Iterator[Finding]:
    """On the share of samples at attractors off the training images, and how much more it is than the MLP's."""
    if not claim:
        return
    level, less = (part(claim, name) for name in C15.thresholds)
    needs, words = [percent(C15["off the images"].number), points(C15["less the MLP's"].number)], []
    if level:
        words.append(f"{estimated(level, percent)} of their samples do")
    if less:
        words.append(f"{points(less.estimate)} percentage points ({interval_of(less, points)}) against MLPs")
    one = level or less or claim
    need = "" if claim.verdict == "supported" or too_few(one) else f"; the claim needs {' and '.join(needs)}"
    yield told(
        "End off the training images", {"": claim.verdict}, closed(", ".join(words) + need, one) if words else ""
    )


def _compared(claim: Claim | None, images: pd.DataFrame) -> str:
    """Sentences on the loss at which networks are compared, and what limits the verdict on where samples end."""
    if not claim:
        return ""
    parts = [one for name in C15.thresholds if (one := part(claim, name))]
    bands = sorted(images.band[images.band != WHOLE_BUDGET].unique(), reverse=True)
    loss = f" Compared at a training loss of {' or '.join(f'{band:g}' for band in bands)}." if bands else ""
    return loss + "".join(dict.fromkeys(remarks(replace(one, verdict="supported")) for one in parts))


def _fit(claim: Claim | None) -> Iterator[Finding]:
    """On how often the MLP's training loss is the larger one; and whether the nets fit by returning whatever they are given."""
    if not claim:
        return
    parts = {net: part(claim, net) for net in C24.thresholds}
    known: Mapping[str, Claim] = {net: one for net, one in parts.items() if one}
    few = min(known.values(), key=lambda one: one.clusters, default=claim)
    need = "" if claim.verdict == "supported" or too_few(few) else f"; the claim needs {percent(C24['cnn'].number)}"
    shares = [_exceeded(net, one, first=not place) for place, (net, one) in enumerate(known.items())]
    identity = " But these copy their input in part." if BY_IDENTITY in claim.label else ""
    sentence = closed(f"Their loss exceeds {', '.join(shares) or 'no other in any seed'}{need}", few)
    yield told("MLPs fit less well", {"": claim.verdict}, sentence + identity)


def _exceeded(net: str, claim: Claim, *, first: bool) -> str:
    reach = interval_of(claim, percent)
    share = f"{percent(claim.estimate)} ({reach if first else reach.removeprefix('95 % CI ')}){' of seeds' * first}"
    return f"the {_named(net)}'s in {share}"


def _near_identity(claim: Claim | None, images: pd.DataFrame) -> str:
    """A sentence on how much of their input the nets return that the MLP is compared with; empty if they are no identity."""
    if not claim or BY_IDENTITY not in claim.label:
        return ""
    whole = images[(images.band == WHOLE_BUDGET) & images.net.isin(list(C24.thresholds))]
    share = percent(float(whole.trace.mean()))
    nets = listed([f"{_named(net)}s" for net in C24.thresholds])
    return f" The identity returns its input whole; {nets} return {share} of a small change."


def _of_one(images: pd.DataFrame, claims: Sequence[Claim]) -> Answer:
    """The answer of a run with a single training image."""
    claim = tested(claims).get("S2")
    parts = {net: part(claim, net) for net in S2.thresholds} if claim else {}
    known = {net: one for net, one in parts.items() if one}
    found = [_kind(net, one, images) for net, one in known.items()]
    return Answer(
        "Trained on a single image, does a network always return that image (a constant), or does it return whatever it is "
        "given (the identity)?",
        found or [_untested(asked(claims, "S2"), "Constant or identity")],
        why="One image can be fitted either way. Which of the two a network takes shows what it prefers to learn.",
        not_shown=_limits(images) + "".join(_judged(net, one) for net, one in known.items()),
        title=_title_of_one({net: one.verdict for net, one in known.items()}),
    )


def _kind(net: str, claim: Claim, images: pd.DataFrame) -> Finding:
    """On whether networks of a kind are a constant (MLPs) or the identity (CNNs), on a scale from 0 to 1."""
    mlp = net == "mlp"
    scale = "on a scale from 0 (always the training image) to 1 (the input itself)" if mlp else "on the same scale"
    side = f"{'less' if mlp else 'more'} than {number(S2[net].number)}"
    need = "" if claim.verdict == "supported" or too_few(claim) else f"; the claim needs {side}"
    return told(
        "MLPs mostly return that image" if mlp else "CNNs mostly return their input",
        {"": claim.verdict},
        closed(
            f"On unseen images they are at {estimated(claim, number)} {scale}{_ends_by_depth(net, images)}{need}", claim
        ),
    )


def _ends_by_depth(net: str, images: pd.DataFrame) -> str:
    """', 0.92 with 1 layer and 0.17 with 10': the means of the shallowest and the deepest networks that fit; or empty."""
    rows = images[(images.net == net) & (images.init == USUAL_INIT) & (images.loss <= FITTED_LOSS)]
    means = rows.groupby("hidden").identity_share.mean()
    if len(means) < 2:
        return ""
    (least, first), (most, last) = ((int(means.index[end]), number(float(means.iloc[end]))) for end in (0, -1))
    return "" if first == last else f", {first} with {counted(least, 'layer')} and {last} with {most}"


def _judged(net: str, claim: Claim) -> str:
    """What a reader must know of the claim on one kind of network; how many are judged is said of that kind."""
    return remarks(replace(claim, verdict="supported")).replace("networks are judged", f"{_named(net)}s are judged")


def _title_of_one(verdicts: Mapping[str, str]) -> str:
    """The heading: what each kind of network mostly returns that was trained on one image."""
    image, input_ = "it", "their input"
    returned = {"mlp": {"supported": image, "refuted": input_}, "cnn": {"supported": input_, "refuted": image}}
    known = {net: returned[net][verdict] for net, verdict in verdicts.items() if verdict in ("supported", "refuted")}
    if not known:
        return "Whether networks trained on one image return it or their input is undecided"
    if len(known) == 2 and len(set(known.values())) == 1:
        return f"Trained on one image, MLPs and CNNs mostly return {known['mlp']}"
    return f"Trained on one image, {listed([f'{_named(net)}s mostly return {what}' for net, what in known.items()])}"


def _untested(claim: Claim | None, topic: str) -> Finding:
    return told(topic, {"": "untestable"}, reason(claim) if claim else "")


def _named(net: str) -> str:
    return NET_WORDS.get(net, net)


def _limits(images: pd.DataFrame) -> str:
    """What the run does not show: other data, numbers of images, sizes and depths."""
    names = data_sets(images.data)
    one = bool((images["count"] == 1).all())
    counts = "one image" if one else f"{spanned(images['count'])} images"
    return (
        f"Anything beyond networks of {spanned(images.parameters)} parameters and {spanned(images.hidden)} hidden "
        f"layer{'' if (images.hidden == 1).all() else 's'} on {counts} of {names}."
    )
