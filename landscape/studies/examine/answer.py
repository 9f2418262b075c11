"""The answer of an examination in plain words, computed from its tables: what kind of map each network is, and why.

This module loads no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from landscape.findings import Answer, Finding, ci, percent, unclear_share
from landscape.studies.examine.kinds import KINDS, UNFITTED_LOSS, values
from landscape.studies.examine.sources import MEMORY
from landscape.studies.parts.claim_words import counted

ASKED = "What kind of map is the network, where does repeating it lead, and does it memorise its data?"
WHY = "A map that sends many inputs to its data points, at once or when repeated, holds them as a memory."
MOST_TOLD = 3  # networks or kinds with a finding each


def label_of(model: str) -> str:
    """A model's name for people: the name in FILE.py:NAME, the file's name, or the name given in Python."""
    if ".py:" in model:
        return model.rpartition(":")[2]
    return MEMORY.sub("", model).replace("\\", "/").rpartition("/")[2] or model


def last_checkpoints(members: pd.DataFrame) -> pd.DataFrame:
    """The rows of networks, of checkpoints of one model the last alone."""
    if "time" not in members:
        return members
    return members[~(members.time < members.groupby("model").time.transform("max"))]


def answer_of(members: pd.DataFrame, skipped: pd.DataFrame, moments: pd.DataFrame | None = None) -> Answer:
    """The answer to the whole examination, of checkpoints of a model on the last: on one network what it is, where repeating
    it leads, and whether it copies; a finding each on few networks; and many by their kinds.

    `moments` are those of films over checkpoints, with a row per network and time."""
    members = last_checkpoints(members)
    rows: list[dict[str, Any]] = [{str(key): value for key, value in row.items()} for row in members.to_dict("records")]
    names = names_of(members)
    films = []
    if moments is not None:
        named = dict(zip(members.network, members.model, strict=True))
        films = [film_finding(film, label_of(str(named[key]))) for key, film in moments.groupby("network", sort=False)]
    if len(rows) == 1:
        found = [_kind(rows[0]), *films[:1], *filter(None, [_repeated(rows[0]), _copies(rows[0]), _merging(rows[0])])]
    elif len(rows) + len(films) <= MOST_TOLD:
        found = [*(brief(row, name) for row, name in zip(rows, names, strict=True)), *films]
    else:
        found = [*_by_kind(rows, names)[: MOST_TOLD - bool(films)], *films[:1]]
    return Answer(ASKED, found[:MOST_TOLD], why=WHY, not_shown=_limits(rows, names, skipped), title=_title(rows, names))


def film_finding(moments: pd.DataFrame, name: str) -> Finding:
    """How a network came about, over its checkpoints."""
    ordered = moments.sort_values("time")
    first, last = ordered.iloc[0], ordered.iloc[-1]
    began = ordered[ordered.attracting_data > 0]
    when = f", the first at time {began.time.iloc[0]:g}" if len(began) else ""
    return Finding(
        f"{name} over {len(ordered)} checkpoints.",
        f"From time {first.time:g} to {last.time:g} the share of data points that attract goes from "
        f"{percent(first.attracting_data)} to {percent(last.attracting_data)}{when}. The loss goes from {first.loss:.2g} to "
        f"{last.loss:.2g}.",
    )


def names_of(members: pd.DataFrame) -> list[str]:
    """The name of each network for people, by row; checkpoints with their time."""
    timed = members["time"] if "time" in members else pd.Series(math.nan, members.index)
    return [
        f"{label_of(str(model))}, time {time:g}" if time == time else label_of(str(model))
        for model, time in zip(members.model, timed, strict=True)
    ]


def brief(row: Mapping[str, Any], name: str) -> Finding:
    """One network among several: its kind, and where repeating it leads."""
    ends = _ends(row)
    most = max(ends, key=lambda words: ends[words]) if ends else ""
    repeated = f" Repeated, {percent(ends[most])} of the orbits from noise {most}." if most else ""
    words = KINDS[_kind_of(row)]
    return Finding(f"{name}: {words[1].removeprefix('It is ').removeprefix('It ')}.", f"{_reason(row)}{repeated}")


def _kind_of(row: Mapping[str, Any]) -> str:
    return str(row.get("kind", "between"))


def _kind(row: Mapping[str, Any]) -> Finding:
    random = row.get("random_weights")
    weights = " Its weights are random." if random is True or random == 1 else ""
    return Finding(f"{KINDS[_kind_of(row)][1]}.", f"{_reason(row)}{weights}")


def _reason(row: Mapping[str, Any]) -> str:
    """A sentence on why a network is of its kind, with the numbers that decide."""
    value = values(row)
    rank, dim, data = max(value("rank_data"), value("rank_noise")), value("dim"), value("loss_data")
    losses = f"loss {data:.2g} on the data, {value('loss_noise'):.2g} on noise"
    left = percent(value("noise_left"))
    against = percent(data / value("loss_constant")) if value("loss_constant") > 0 else "not less"
    return {
        "diverging": f"{percent(value('outside_noise'))} of the orbits from noise leave the range.",
        "identity": f"It returns nearly every input ({losses}).",
        "constant": f"Its outputs vary by {_share(value('output_range'))} of the range.",
        "copycat": f"{percent(value('copies_at_once'))} of its outputs on noise are data points.",
        "memoriser": f"It returns its data, and {percent(value('data_attracting'))} of them attract ({losses}).",
        "unfitted": f"Its loss on them is {against} of that of their mean.",
        "denoiser": f"It returns its data, and {left} of an added noise is left ({losses}).",
        "undecided": f"It returns its data; {left} of an added noise is left, where a projection leaves {percent(rank / dim)}.",
        "autoencoder": f"It returns its data, {_of_noise(value)} ({losses}{_bottleneck(rank, dim)}).",
        "between": f"Its numbers fit no rule ({losses}).",
    }[_kind_of(row)]


def _bottleneck(rank: float, dim: float) -> str:
    return f"; Jacobian of rank about {rank:.0f} of {dim:.0f}" if rank <= dim / 2 else ""


def _of_noise(value: Any) -> str:
    """How well an autoencoder returns noise: not, where more than half of its variance is lost."""
    lost = value("loss_noise") / (value("side") ** 2 / 12)
    return "but not noise" if lost > UNFITTED_LOSS else "and noise less well"


def _ends(row: Mapping[str, Any]) -> dict[str, float]:
    """Where orbits from noise lead, and their shares, but for the smallest; none if this was not measured."""
    value = values(row)
    if math.isnan(value("at_training_noise")):
        return {}
    moving = "still drift by short steps" if value("settled_noise") > 1 - value("moving_noise") else "still move"
    shares = {
        "end at data points": value("at_training_noise"),
        "end at other attractors": value("elsewhere_noise"),
        "rest where nothing attracts": value("still_noise"),
        moving: value("moving_noise"),
        "leave the range": value("outside_noise"),
    }
    return {words: share for words, share in shares.items() if share >= 0.005}


def _repeated(row: Mapping[str, Any]) -> Finding | None:
    """Where orbits lead, and what attracts."""
    ends, value = _ends(row), values(row)
    if not ends:
        return None
    most = max(ends, key=lambda words: ends[words])
    told = [f"{percent(share)} {words}" for words, share in ends.items()]
    found, at = int(value("attractors")), int(value("attractors_at_training"))
    which = f"{at} of them data points" if at not in (0, found) else f"{'all' if at else 'none'} of them data points"
    if found == 1:
        which = "a data point" if at else "no data point"
    shown = f"{counted(found, 'attractor')}, {which}" if found else "no attractor"
    return Finding(
        f"Repeated: most orbits from noise {most}.",
        f"After {value('iterations'):.0f} iterations {_joined(told)}. All orbits, also from data, show {shown}.",
    )


def _copies(row: Mapping[str, Any]) -> Finding | None:
    """Whether the ends of orbits from noise copy the data; None without a verdict."""
    word, value = row.get("verdict"), values(row)
    if not isinstance(word, str) or not word:
        return None
    reach = ci(value("copied_low"), value("copied_high"), percent)
    unclear = unclear_share(value("copied_low"), value("copied_high"), value("distinct"))
    copies = f"{percent(value('copied'))} ({reach}) of the ends are copies."
    return Finding(
        f"As samples: {word}.",
        f"{unclear or copies} {percent(value('coverage'))} of the data points have an end near them, "
        f"{percent(value('coverage_null'))} have a held-out point near them.",
    )


def _merging(row: Mapping[str, Any]) -> Finding | None:
    """How many layers merge points at the data, and what is left; None for a network that was not asked by layers."""
    value = values(row)
    if math.isnan(value("layers")):
        return None
    count, layers, left = int(value("layers_merging")), int(value("layers")), value("rank_hidden")
    short = (
        f"{count} of {counted(layers, 'layer')} merge{'s' * (count == 1)} its data."
        if count
        else "No layer merges its data."
    )
    pairs = int(value("colliding_pairs"))
    shown = (
        f" {counted(pairs, 'pair')} of inputs that a layer cannot tell apart {'is' if pairs == 1 else 'are'} shown."
        if pairs
        else ""
    )
    rest = f"{left:.0f} of {value('dim'):.0f} directions {'is' if left == 1 else 'are'} left"
    return Finding(short, f"Before the output's map {rest} at the median data point.{shown}")


def _by_kind(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[Finding]:
    """A finding on each of the most frequent kinds, with the networks that are of it."""
    found = []
    for kind, own in _kinds(rows, names).items():
        more = f" and {len(own) - MOST_TOLD} more" if len(own) > MOST_TOLD else ""
        noun = KINDS[kind][2]
        found.append(
            Finding(f"{noun[:1].upper()}{noun[1:]}: {len(own)} of {len(rows)}.", f"{', '.join(own[:MOST_TOLD])}{more}.")
        )
    return found


def _kinds(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[str]]:
    """The names of the networks of each kind, the most frequent kind first."""
    kinds: dict[str, list[str]] = {}
    for row, name in zip(rows, names, strict=True):
        kinds.setdefault(_kind_of(row), []).append(name)
    return dict(sorted(kinds.items(), key=lambda one: -len(one[1])))


def _title(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """'The network net is a memoriser'; of several networks how many are of each kind."""
    if len(rows) == 1:
        return f"The network {names[0]} {KINDS[_kind_of(rows[0])][0]}"
    kinds = _kinds(rows, names)
    words = [f"{len(own)} {KINDS[kind][2]}" for kind, own in list(kinds.items())[:MOST_TOLD]]
    rest = sum(map(len, list(kinds.values())[MOST_TOLD:]))
    return f"{len(rows)} networks: {', '.join([*words, *([f'{rest} other'] if rest else [])])}"


def _limits(rows: Sequence[Mapping[str, Any]], names: Sequence[str], skipped: pd.DataFrame) -> str:
    """What is not known of the networks: whether they copy, and why not; and which weights are random."""
    words = []
    random = [name for row, name in zip(rows, names, strict=True) if row.get("random_weights") in (True, 1)]
    if random:
        words.append(f"The weights of {', '.join(random)} are random, as no file of weights was given.")
    own = skipped[(skipped.measurement == "verdict") & skipped.network.isin([row["network"] for row in rows])]
    if len(own):
        words.append(f"Whether its samples copy is not known: {_first_clause(str(own.reason.iloc[0]))}.")
    words.append("Other starts than noise and the data, and more iterations.")
    return " ".join(words)


def _first_clause(reason: str) -> str:
    return reason.partition(";")[0].rstrip(".")


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "none is followed"


def _share(value: float) -> str:
    return f"{value:.2%}" if value >= 0.001 else "less than 0.1 %"
