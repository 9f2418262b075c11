"""What a run on corners found, in words: whether the loss far from the data falls, and whether networks only copy inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, number, percent, told
from landscape.results import Result
from landscape.studies.corners.claims import (
    C2B,
    C6,
    C7B,
    C8,
    C8B,
    FEW_POINTS,
    IDENTITY,
    MANY_POINTS,
    SPREAD_COUNT,
)
from landscape.studies.parts.claim_words import estimated, tested, too_few, unfit

Titled = tuple[str, list[Finding]]
CORNERS = f"From {FEW_POINTS} to {MANY_POINTS:,} training points the largest loss at the corners"
COPIED = "the networks come to copy any input"
MOST_FINDINGS = 3


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run from those of its claims that it can test; None if it can test none."""
    by_key = tested(claims)
    told_of: Mapping[str, Callable[[Claim], Titled]] = {
        C6.key: _falls, C7B.key: _spreads, C2B.key: _ceiling, C8.key: _highest, C8B.key: _middle,
    }  # fmt: skip
    titled = [one for key, words in told_of.items() if key in by_key and (one := words(by_key[key]))[1]]
    if not titled:
        return None
    return Answer(
        asked=(
            "A network learns to return some points of a cube unchanged. How large is its loss (the mean squared difference "
            "between input and output) far from them, at the corners of the cube and between, and what lowers it?"
        ),
        found=[finding for _, findings in titled for finding in findings][:MOST_FINDINGS],
        why=(
            "If a network led every input back to its data, its loss at the corners would stay high. A low loss there means "
            "that it copies its input: that is no memory of the data."
        ),
        not_shown=_limits(result),
        title=titled[0][0],
    )


def _falls(claim: Claim) -> Titled:
    """Whether the largest loss over the corners falls with the number of points, by dimension, and by copying."""
    parts = {int(part.setting.removeprefix("D=")): part for part in claim.details if _is_dimension(part)}
    judged = {dim: part for dim, part in parts.items() if math.isfinite(part.estimate)}
    asked = percent(C6["ratio"].number)
    sizes = [f"to {estimated(part, percent)} of its value in {_dims([dim])}" for dim, part in judged.items()]
    ends = [sizes[0], sizes[-1]] if len(sizes) > 1 else sizes
    copies = [dim for dim, part in judged.items() if IDENTITY in part.label]
    because = f" In {_dims(copies)} {COPIED} ({IDENTITY}): a low loss is then no sign of memory." if copies else ""
    few = too_few(next(iter(judged.values()))) if judged else ""
    sentence = (
        f"{CORNERS} falls {' and '.join(ends)}, in the depth that falls least; below {asked} was asked.{because}{few}"
    )
    by_verdict = _by_verdict(judged)
    verdicts = {f"in {_dims(dims)}": verdict for verdict, dims in by_verdict.items()}
    all_copy = bool(copies) and len(copies) == len(judged)
    by_copying = ", by copying" if all_copy else ""
    topic = f"More points cut the loss at the corners to under {asked}{by_copying}"
    how = COPIED if all_copy else "in part by copying the input" if copies else ""
    return _fall_title(by_verdict, how), [told(topic, verdicts, sentence)] if judged else []


def _is_dimension(part: Claim) -> bool:
    return part.setting.removeprefix("D=").isdigit()


def _by_verdict(parts: Mapping[int, Claim]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for dim, part in parts.items():
        found.setdefault(part.verdict, []).append(dim)
    return found


def _fall_title(by_verdict: Mapping[str, list[int]], how: str) -> str:
    because = f": {how}" if how else ""
    cut = "ore training points cut the loss at the corners"
    if set(by_verdict) == {"supported"}:
        return f"M{cut} in every dimension{because}"
    if "supported" not in by_verdict:
        return f"Whether m{cut} is undecided{because}" if "undecided" in by_verdict else f"M{cut} too little{because}"
    rest = {"refuted": "but too little", "undecided": "undecided"}
    parts = [f"{words} in {_dims(by_verdict[verdict])}" for verdict, words in rest.items() if verdict in by_verdict]
    within = f", {f'as {how}' if how == COPIED else how}" if how else ""  # beside the fall that it explains
    return f"M{cut}{within}, {', '.join(parts)}"


def _dims(dims: Sequence[int]) -> str:
    """'1 dimension', '1, 2 and 4 dimensions'."""
    return f"{listed(dims)} dimension{'' if list(dims) == [1] else 's'}"


def _spreads(claim: Claim) -> Titled:
    """Whether the loss over the cube falls as the data spread, and alike in every dimension."""
    falls, alike = (
        next((part for part in claim.details if word in part.setting), None) for word in ("slope", "difference")
    )
    found, slope = [], C7B["slope"].number
    if falls is not None and math.isfinite(falls.estimate):
        sentence = (
            f"With {SPREAD_COUNT} points the mean loss over the cube changes with the side of the box that they fill to the "
            f"power {estimated(falls, number)}, on average over depths and dimensions; below {number(slope)} was asked."
            f"{too_few(falls)}"
        )
        found.append(told("Data that spread wider lower the loss over the cube", {"": falls.verdict}, sentence))
    if alike is not None and math.isfinite(alike.estimate):
        sentence = (
            f"The powers of two dimensions differ by up to {estimated(alike, number)}; at most "
            f"{number(C7B['difference of slopes'].number)} was asked.{too_few(alike)}"
        )
        found.append(told("Alike in every dimension", {"": alike.verdict}, sentence))
    first = falls.verdict if falls is not None else "undecided"
    lower = {
        "supported": "Data that spread wider lower the loss over the cube",
        "refuted": "Data that spread wider hardly lower the loss over the cube",
    }.get(first, "Whether data that spread wider lower the loss over the cube is undecided")
    second = alike.verdict if alike is not None else "untestable"
    rest = {"supported": ", alike in every dimension", "refuted": ", but not alike in every dimension"}.get(second, "")
    return lower + (rest if first in ("supported", "refuted") else ""), found


def _ceiling(claim: Claim) -> Titled:
    """Whether networks of one point have a loss near its ceiling elsewhere."""
    asked = percent(C2B["share of the ceiling"].number)
    sentence = (
        f"Networks trained on one point have {estimated(claim, percent)} of the largest mean loss over the cube that outputs "
        f"between 0 and 1 can have; at least {asked} was asked.{too_few(claim)}"
    )
    title = {
        "supported": "After one training point the loss elsewhere is near its ceiling",
        "refuted": "After one training point the loss elsewhere is far below its ceiling",
    }.get(claim.verdict, "Whether the loss elsewhere is near its ceiling after one training point is undecided")
    return title, _finding("With one training point the loss elsewhere is near its ceiling", claim, sentence)


def _highest(claim: Claim) -> Titled:
    """Whether the loss is highest at the corners; the claim can only be refuted."""
    sentence = (
        f"At most {estimated(claim, percent)} of the networks have their highest loss at a corner, by a search of the cube; at "
        f"least {percent(C8['share'].number)} was asked.{too_few(claim)}"
    )
    title = {"refuted": "The loss is often not highest at the corners of the cube"}.get(
        claim.verdict, "Whether the loss is highest at the corners of the cube is undecided"
    )
    return title, _finding("The loss is highest at the corners", claim, sentence)


def _middle(claim: Claim) -> Titled:
    """Whether the mean loss is lowest in the middle, which a constant has as well."""
    title = {
        "supported": "The loss is lowest in the middle of the cube, as that of a constant is",
        "refuted": "The loss is not lowest in the middle of the cube",
    }.get(claim.verdict, "Whether the loss is lowest in the middle of the cube is undecided")
    sentence = (
        f"The mean loss in the middle is {_ratio(claim)} times that of the lowest shell around it; below 1 was asked. The "
        f"constant ½ and untrained networks have it, too (by constant): it says nothing about training.{too_few(claim)}"
    )
    by_constant = ", as that of a constant is" if claim.verdict == "supported" else ""
    return title, _finding(f"The loss is lowest in the middle{by_constant}", claim, sentence)


def _ratio(claim: Claim) -> str:
    """The claim's logarithm and its interval as a ratio."""
    return estimated(claim, lambda value: number(math.exp(value)))


def _finding(topic: str, claim: Claim, sentence: str) -> list[Finding]:
    """The finding of a claim; none without an estimate."""
    return [told(topic, {"": claim.verdict}, sentence)] if math.isfinite(claim.estimate) else []


def _limits(result: Result) -> str:
    table, run = result.table, result.record["parameters"]
    depths, dims = listed(sorted(table["hidden"].unique())), listed(sorted(table["dim"].unique()))
    return (
        f"Anything beyond random points, {dims} dimensions, and networks of {depths} hidden layers of width "
        f"{run['width']} trained for {run['steps']:,} steps.{unfit(table['status'])} The highest loss in the cube "
        "was searched for, not proven."
    )
