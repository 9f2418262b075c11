"""The answer of an examination in plain words, computed from its tables: what kind of map each network is, and why.

This module loads no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from landscape.findings import Answer, Finding, unclear_share
from landscape.studies.examine.sources import MEMORY

ASKED = "What kind of map is the network, where does repeating it lead, and does it memorise its data?"
KINDS = {
    "diverging": "a map whose orbits leave the range",
    "identity": "the identity",
    "constant": "a constant",
    "copycat": "a copycat",
    "memoriser": "a memoriser",
    "unfitted": "a map that does not return its data",
    "denoiser": "a denoiser",
    "undecided": "between a denoiser and an autoencoder",
    "autoencoder": "an autoencoder",
    "between": "none of the known kinds",
}
DIVERGING_SHARE = 0.5  # of the orbits from noise that end outside the range
IDENTITY_LOSS = 0.01  # of range²/12, the loss of the best constant map on uniform points; as in measures.behaviour
CONSTANT_RANGE = 0.01  # of the range: outputs of a constant vary by less; as in measures.behaviour
COPYCAT_SHARE = 0.95  # of outputs on noise that are at a point of the data; as in measures.behaviour
MEMORISER_SHARE = 0.5  # of the data points that attract, or of the orbits from noise that end at one
UNFITTED_LOSS = 0.5  # of the best constant map's loss on the data; as in measures.behaviour
NOISE_LEFT = 0.75  # of the energy of an added noise: a map that leaves more is near an identity there, and no denoiser
# The best denoiser's Jacobian is Cov(x | y) / σ², which is symmetric (Miyasawa 1961; Alain and Bengio 2014). Of a matrix
# without structure the antisymmetric part is .7. Trained denoisers have up to .3, the autoencoders of a gallery page .65.
ASYMMETRY = 0.25  # at most: a map that may be a denoiser
# Pairs: the antisymmetric part, and the noise left in units of what a projection leaves. A denoiser is below both of a pair.
DENOISING = ((0.5, 0.25), (0.25, 0.5))
BETTER = 2.0  # an autoencoder leaves this many times less of its data's variance than of that of noise


def label_of(model: str) -> str:
    """A model's name for people: the name in FILE.py:NAME, the file's name, or the name given in Python."""
    if ".py:" in model:
        return model.rpartition(":")[2]
    return MEMORY.sub("", model).replace("\\", "/").rpartition("/")[2] or model


def kind_of(row: Mapping[str, Any]) -> str:
    """The kind of map that a row of measurements shows, a key of KINDS. Measurements that are missing decide nothing.

    A name says what one step of the map does; where its orbits lead stands beside it. The first rule that holds names the kind:
    1. identity: the loss on noise and on the data is below 1 % of that of the best constant map on noise.
    2. constant: outputs vary by less than 1 % of the range.
    3. copycat: 95 % of the outputs on noise are data points, of which there are several.
    4. memoriser: the loss on the data is as low as an identity's, and half of the data points attract, or half of the orbits
       from noise end at them.
    5. diverging: the data are not returned (rule 6), and more than half of the orbits from noise end outside the range.
    6. unfitted: the loss on the data is above half of that of their mean.
    7. denoiser: its Jacobian at the data is nearly symmetric, and of a noise added to the data less is left than a projection
       onto r dimensions leaves, r / D. Here r is the Jacobian's rank, or the number of data points if that is less: a network
       trained on few points may project onto their span. Enough is: symmetric up to a half, with a quarter of r / D left;
       symmetric up to a quarter, with half of r / D left, or, if there are more points than coordinates, with less than r / D
       and three quarters left. An autoencoder with a bottleneck projects, and decoder times encoder is not symmetric.
    8. undecided between a denoiser and an autoencoder: symmetric up to a quarter, and less is left than a projection leaves,
       and at most three quarters.
    9. autoencoder: the share of the data's variance that it does not return is at most half of that of noise.
    10. diverging, though the data are returned; else between: none of these."""
    value = _values(row)
    noise_variance = value("side") ** 2 / 12
    uniform = IDENTITY_LOSS * noise_variance
    projected = min(max(value("rank_data"), value("rank_noise")), value("count")) / value("dim")
    symmetric = value("asymmetry_data") <= ASYMMETRY
    denoises = any(
        value("asymmetry_data") <= asymmetry and value("noise_left") <= left * projected
        for asymmetry, left in DENOISING
    )
    removes = value("noise_left") < min(projected, NOISE_LEFT)
    several = value("count") > 1
    unfitted = several and value("loss_data") > UNFITTED_LOSS * value("loss_constant")
    leaves = value("outside_noise") > DIVERGING_SHARE
    data_scale = value("loss_constant") / noise_variance if value("loss_constant") > 0 else 1.0
    rules = (
        ("identity", value("loss_noise") < uniform and value("loss_data") < uniform),
        ("constant", value("output_range") < CONSTANT_RANGE),
        ("copycat", several and value("copies_at_once") >= COPYCAT_SHARE),
        ("memoriser", value("loss_data") < uniform and _memorised(value) >= MEMORISER_SHARE),
        ("diverging", leaves and (unfitted or not several)),
        ("unfitted", unfitted),
        ("denoiser", denoises or (symmetric and removes and value("count") > value("dim"))),
        ("undecided", symmetric and removes),
        ("autoencoder", BETTER * value("loss_data") <= data_scale * value("loss_noise")),
        ("diverging", leaves),
    )
    return next((name for name, holds in rules if holds), "between")


def _memorised(value: Any) -> float:
    return max(_or_zero(value("data_attracting")), _or_zero(value("at_training_noise")))


def last_checkpoints(members: pd.DataFrame) -> pd.DataFrame:
    """The rows of networks, of checkpoints of one model the last alone."""
    if "time" not in members:
        return members
    return members[~(members.time < members.groupby("model").time.transform("max"))]


def answer_of(members: pd.DataFrame, skipped: pd.DataFrame, moments: pd.DataFrame | None = None) -> Answer:
    """The answer to the whole examination: a finding for each network, or for the last checkpoint and for the film of all.

    `moments` are those of films over checkpoints, with a row per network and time."""
    members = last_checkpoints(members)
    rows: list[dict[str, Any]] = [{str(key): value for key, value in row.items()} for row in members.to_dict("records")]
    names = names_of(members)
    found = [finding(row, skipped[skipped.network == row["network"]], names[place]) for place, row in enumerate(rows)]
    if moments is not None:
        named = dict(zip(members.network, members.model, strict=True))
        found += [film_finding(rows, label_of(str(named[key]))) for key, rows in moments.groupby("network", sort=False)]
    return Answer(ASKED, found)


def film_finding(moments: pd.DataFrame, name: str) -> Finding:
    """How a network came about, over its checkpoints."""
    ordered = moments.sort_values("time")
    first, last = ordered.iloc[0], ordered.iloc[-1]
    began = ordered[ordered.attracting_data > 0]
    when = f" The first does at time {began.time.iloc[0]:g}." if len(began) else ""
    return Finding(
        f"Over {len(ordered)} checkpoints of {name}, from time {first.time:g} to {last.time:g}, the share of the data points "
        f"that attract goes from {first.attracting_data:.0%} to {last.attracting_data:.0%}.",
        f"{when} The loss goes from {first.loss:.2g} to {last.loss:.2g}.".strip(),
    )


def names_of(members: pd.DataFrame) -> list[str]:
    """The name of each network for people, by row; checkpoints with their time."""
    timed = members["time"] if "time" in members else pd.Series(math.nan, members.index)
    return [
        f"{label_of(str(model))}, time {time:g}" if time == time else label_of(str(model))
        for model, time in zip(members.model, timed, strict=True)
    ]


def finding(row: Mapping[str, Any], skipped: pd.DataFrame, name: str) -> Finding:
    """What is known of one network: its kind; where repeating it leads, and whether it copies."""
    sentences = filter(None, [_weights_words(row), _iteration_words(row), _verdict_words(row, skipped)])
    return Finding(_kind_words(row, name), " ".join(sentences))


def _kind_words(row: Mapping[str, Any], name: str) -> str:
    value, kind = _values(row), str(row.get("kind", "between"))
    data, noise = value("loss_data"), value("loss_noise")
    held = value("loss_held_out")
    new = f", {held:.2g} on held-out points" if held == held else ""
    losses = f"loss {data:.2g} on the data{new}, {noise:.2g} on noise"
    against = (
        f"{data / value('loss_constant'):.0%} of the loss of the data's mean" if value("loss_constant") > 0 else ""
    )
    rank = max(value("rank_data"), value("rank_noise"))
    words = {
        "diverging": f"diverges: {value('outside_noise'):.0%} of the orbits from noise leave the range",
        "identity": f"returns nearly every input: an identity ({losses})",
        "constant": "returns nearly the same output for every input: a constant (outputs vary by "
        f"{_share(value('output_range'))} of the range)",
        "copycat": f"is a copycat: {value('copies_at_once'):.0%} of its outputs on noise are data points",
        "memoriser": f"is a memoriser: {value('data_attracting'):.0%} of the data points attract ({losses})",
        "unfitted": f"does not return its data: its loss on them is {against}",
        "denoiser": f"returns its data and removes noise from them: a denoiser ({value('noise_left'):.0%} of an added noise is "
        f"left; {losses})",
        "undecided": f"returns its data and removes some noise from them: between a denoiser and an autoencoder "
        f"({value('noise_left'):.0%} of an added noise is left, where a projection of its rank leaves "
        f"{rank / value('dim'):.0%}; {losses})",
        "autoencoder": f"returns its data, {_of_noise(value)}: an autoencoder ({losses}{_bottleneck(rank, value('dim'))})",
        "between": f"is none of the known kinds ({losses})",
    }
    return f"{name} {words[kind]}."


def _bottleneck(rank: float, dim: float) -> str:
    return f"; Jacobian of rank about {rank:.0f} of {dim:.0f}" if rank <= dim / 2 else ""


def _of_noise(value: Any) -> str:
    """How well an autoencoder returns noise: not, where more than half of its variance is lost."""
    lost = value("loss_noise") / (value("side") ** 2 / 12)
    return "but not noise" if lost > UNFITTED_LOSS else "and noise less well"


def _weights_words(row: Mapping[str, Any]) -> str:
    random = row.get("random_weights")
    return "Its weights are random, as no file of weights was given." if random is True or random == 1 else ""


def _iteration_words(row: Mapping[str, Any]) -> str:
    """Where orbits lead, and what else is at rest."""
    value = _values(row)
    if math.isnan(value("at_training_noise")):
        return ""
    moving = "still drift by short steps" if value("settled_noise") > 1 - value("moving_noise") else "still move"
    shares = {
        "end at data points": value("at_training_noise"),
        "end at other attractors": value("elsewhere_noise"),
        "rest where nothing attracts": value("still_noise"),
        moving: value("moving_noise"),
        "leave the range": value("outside_noise"),
    }
    told = [f"{share:.0%} {words}" for words, share in shares.items() if share >= 0.005]
    found = int(value("attractors"))
    at = int(value("attractors_at_training"))
    which = "none of them a data point" if not at else f"{'all' if at == found else at} of them data points"
    if found == 1:
        which = "a data point" if at else "which is no data point"
    listed = f"{found} attractor{'' if found == 1 else 's'}, {which}" if found else "no attractor"
    attracting = ""
    if value("data_attracting") > 0 and row.get("kind") != "memoriser":
        attracting = f" {value('data_attracting'):.0%} of the data points attract."
    return (
        f"Repeated {value('iterations'):.0f} times, of the orbits from noise {_joined(told)}; all orbits together show "
        f"{listed}.{attracting}"
    )


def _verdict_words(row: Mapping[str, Any], skipped: pd.DataFrame) -> str:
    word = row.get("verdict")
    if isinstance(word, str) and word:
        value = _values(row)
        copies = f"{value('copied'):.0%} [{value('copied_low'):.0%}, {value('copied_high'):.0%}] are copies."
        unclear = unclear_share(value("copied_low"), value("copied_high"), value("distinct"))
        return (
            f"As samples, the ends of orbits from noise read: {word}. {unclear or copies} They cover {value('coverage'):.0%} "
            f"of the data, where held-out points cover {value('coverage_null'):.0%}."
        )
    reason = skipped[skipped.measurement == "verdict"].reason
    return f"No memorisation verdict: {_first_clause(reason.iloc[0])}." if len(reason) else ""


def _first_clause(reason: str) -> str:
    return reason.partition(";")[0].rstrip(".")


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "none is followed"


def _share(value: float) -> str:
    return f"{value:.2%}" if value >= 0.001 else "less than 0.1 %"


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _values(row: Mapping[str, Any]) -> Any:
    """A function that gives a measurement of the row, NaN where it is missing."""

    def value(name: str) -> float:
        found = row.get(name, math.nan)
        return float(found) if isinstance(found, (int, float)) and found is not None else math.nan

    return value
