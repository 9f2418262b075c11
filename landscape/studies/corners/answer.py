"""What a run on corners found, in words: whether the loss far from the data falls, and whether networks only copy inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from landscape.claims import NO_BOUNDS, Claim, Interval, mean_interval
from landscape.findings import Answer, Finding, listed, number, percent, together, told
from landscape.results import Result
from landscape.studies.corners.captions import dims_words, in_dimensions, slopes
from landscape.studies.corners.claims import (
    C2B,
    C6,
    C7B,
    C8,
    C8B,
    CLAIMED_HIDDEN,
    FEW_POINTS,
    IDENTITY,
    MANY_POINTS,
    SPREAD_COUNT,
    per_seed,
)
from landscape.studies.parts.claim_words import estimated, mostly_unfit, tested, too_few, unfit

Titled = tuple[str, list[Finding]]
FIVEFOLD = "fivefold"  # in words, the inverse of the ratio that C6 asks for
CUT = "ore training points cut the loss at corners fivefold"
WIDER = "Training points spread wider"
HIGHEST = "Loss highest at the corners"
MOST_FINDINGS = 3


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run from those of its claims that it can test; None if it can test none."""
    by_key = tested(claims)
    told_of: Mapping[str, Callable[[Claim, Result], Titled]] = {
        C6.key: _falls, C7B.key: _spreads, C2B.key: _ceiling, C8.key: _highest, C8B.key: _middle,
    }  # fmt: skip
    titled = [
        (by_key[key], *one)
        for key, words in told_of.items()
        if key in by_key and (one := words(by_key[key], result))[1]
    ]
    if not titled:
        return None
    claim, title, _ = titled[0]
    found = [finding for *_, findings in titled for finding in findings][:MOST_FINDINGS]
    found[0] = replace(found[0], sentence=found[0].sentence + (_few(claim) or mostly_unfit(result.whole["status"])))
    return Answer(
        asked=(
            "A network learns to return some points of a cube unchanged. How large is its error (the loss) far from these "
            "points, as at the corners, and what lowers it?"
        ),
        found=found,
        why=(
            "A network that led every input back to its data would have a high loss at the corners. A low loss there means "
            "copying the input: no memory of the data."
        ),
        not_shown=_limits(result, any(one.short.startswith(HIGHEST) for one in found)),
        title=title,
    )


def _few(claim: Claim) -> str:
    """That fewer seeds than needed decide nothing, of the part with the fewest; empty with enough."""
    return too_few(min((claim, *claim.details), key=lambda one: one.clusters or math.inf))


def _falls(claim: Claim, result: Result) -> Titled:
    """Whether the largest loss over the corners falls with the number of points, by dimension; and whether by copying."""
    parts = {int(part.setting.removeprefix("D=")): part for part in claim.details if _is_dimension(part)}
    judged = {dim: part for dim, part in parts.items() if math.isfinite(part.estimate)}
    if not judged:
        return "", []
    verdict = together(part.verdict for part in judged.values())
    copying = [IDENTITY in part.label for part in judged.values()]
    least, most = (choose(judged, key=lambda dim: judged[dim].estimate) for choose in (min, max))
    ends = f"to at most {_given(judged[least], percent)} of its value in {dims_words([least])}"
    if most != least:
        ends += f" and {_given(judged[most], percent)} in {most}"
    needs = "" if verdict == "supported" else f"; the claim needs {percent(C6['ratio'].number)} ({FIVEFOLD})"
    sentence = f"From {FEW_POINTS} to {MANY_POINTS:,} points it falls {ends}{needs}."
    words = "yes" if all(copying) else "in part" if any(copying) else "no"
    found = [
        told(f"Corner loss falls {FIVEFOLD}", {"": verdict}, sentence),
        Finding(f"Networks mostly copy any input: {words}.", _copying(result, list(judged))),
    ]
    return _fall_title(list(judged.values()), all(copying)), found


def _copying(result: Result, dims: Sequence[int]) -> str:
    """How much of a change of the input networks of many points pass on, in the lowest and the highest dimension."""
    table = result.whole
    many = table[
        (table["count"] == MANY_POINTS) & (table["spread"] == 1.0) & table["hidden"].isin(list(CLAIMED_HIDDEN))
    ]
    first, *last = (
        _given(mean_interval(per_seed(many[many["dim"] == dim], "trace_share"), bounds=NO_BOUNDS), percent)
        for dim in dict.fromkeys((min(dims), max(dims)))
    )
    rest = "".join(f", {share} in {max(dims)}" for share in last)
    return (
        f"With {MANY_POINTS:,} points they pass on {first} of a change of the input in {dims_words([min(dims)])}{rest}; a copy "
        "passes on all."
    )


def _is_dimension(part: Claim) -> bool:
    return part.setting.removeprefix("D=").isdigit()


def _fall_title(parts: Sequence[Claim], copying: bool) -> str:
    """The heading: by how much the loss falls in every dimension, else whether it falls as much as the claim needs."""
    verdicts = {part.verdict for part in parts}
    if verdicts == {"supported"}:
        copies = f"More points make networks mostly copy inputs, so corner losses fall {_fold(parts)}"
        return copies if copying else f"M{CUT.replace(FIVEFOLD, _fold(parts))}"
    if "supported" in verdicts:
        return f"M{CUT}, {'but not in every dimension' if 'refuted' in verdicts else 'undecided in some dimensions'}"
    return (
        f"Whether m{CUT} is undecided"
        if "undecided" in verdicts
        else f"More training points do not {CUT.removeprefix('ore training points ')}"
    )


def _fold(parts: Sequence[Claim]) -> str:
    """'at least 8-fold': how many times less the loss is, by the upper ends of the intervals of all dimensions."""
    most = max(part.high if math.isfinite(part.high) else part.estimate for part in parts)
    return f"at least {math.floor(1 / most):,}-fold" if most > 0 else f"more than {FIVEFOLD}"


def _spreads(claim: Claim, result: Result) -> Titled:
    """Whether the loss over the cube falls as the data spread, and alike in every dimension."""
    falls, alike = (
        next((part for part in claim.details if word in part.setting), None) for word in ("slope", "difference")
    )
    found = []
    if falls is not None and math.isfinite(falls.estimate):
        clause = (
            _where_it_falls(result)
            if falls.verdict == "supported"
            else f"; the claim needs {percent(2 ** C7B['slope'].number)} or less"
        )
        left = _given(falls, lambda slope: percent(2**slope))
        sentence = (
            f"Spread twice as wide, {SPREAD_COUNT} training points leave {left} of the loss over the cube, on "
            f"average{clause}."
        )
        found.append(told("Wider data lower the mean loss", {"": falls.verdict}, sentence))
    if alike is not None and math.isfinite(alike.estimate):
        sentence = (
            f"The share left differs between dimensions by a factor of up to {_given(alike, _factor)}; the claim allows "
            f"{_factor(C7B['difference of slopes'].number)}."
        )
        found.append(told("Alike in every dimension", {"": alike.verdict}, sentence))
    lower = {
        "supported": f"{WIDER} lower the loss over the cube",
        "refuted": f"{WIDER} hardly lower the loss over the cube",
    }.get(falls.verdict if falls is not None else "")
    if lower is None:
        return "Whether training points spread wider lower the loss is undecided", found
    rest = {"supported": ", alike in every dimension", "refuted": ", but not alike in every dimension"}
    if alike is None or falls is None or falls.verdict == "refuted" or alike.verdict not in rest:
        return lower, found
    return f"{WIDER} lower the loss{rest[alike.verdict]}", found


def _where_it_falls(result: Result) -> str:
    """A clause on the dimensions in which the loss of the deepest networks falls, and in which not; empty without such."""
    table = result.whole
    rows = table[(table["count"] == SPREAD_COUNT) & (table["hidden"] == table["hidden"].max())]
    falls = slopes(rows) < 0
    return "" if falls.all() else f"; with {rows['hidden'].iloc[0]} layers it falls {in_dimensions(falls)}"


def _factor(binary: float) -> str:
    """The number of which this is the binary logarithm."""
    return number(2.0 ** min(binary, 50.0))


def _ceiling(claim: Claim, result: Result) -> Titled:
    """Whether networks of one point have a loss near its ceiling elsewhere."""
    sentence = (
        f"Away from a single training point the mean loss is {_given(claim, percent)} of the largest possible; the claim "
        f"needs {percent(C2B['share of the ceiling'].number)}."
    )
    title = {
        "supported": "After one training point the loss elsewhere is near its maximum",
        "refuted": "After one training point the loss elsewhere is far below its maximum",
    }.get(claim.verdict, "Whether one training point leaves the loss elsewhere near its maximum is undecided")
    return title, _findings("High loss after one training point", claim, sentence)


def _highest(claim: Claim, result: Result) -> Titled:
    """Whether the loss is highest at the corners; the claim can only be refuted."""
    sentence = (
        f"At most {_given(claim, percent)} of networks have their highest loss at a corner; the claim needs "
        f"{percent(C8['share'].number)}."
    )
    title = {"refuted": "The loss is often not highest at the corners of the cube"}.get(
        claim.verdict, "Whether the loss is highest at the corners of the cube is undecided"
    )
    return title, _findings(HIGHEST, claim, sentence)


def _middle(claim: Claim, result: Result) -> Titled:
    """Whether the mean loss is lowest in the middle, which a constant and untrained networks have as well."""
    before = " Untrained networks show it, too." if claim.verdict == "supported" else ""
    sentence = (
        f"Around the centre the mean loss is {_given(claim, lambda value: percent(math.exp(value)))} of the lowest at any "
        f"other distance from it.{before}"
    )
    title = {
        "supported": "The loss is lowest in the middle of the cube, even before training",
        "refuted": "The loss is not lowest in the middle of the cube",
    }.get(claim.verdict, "Whether the loss is lowest in the middle of the cube is undecided")
    return title, _findings("Lowest loss in the middle", claim, sentence)


def _findings(topic: str, claim: Claim, sentence: str) -> list[Finding]:
    """The finding of a claim; none without an estimate."""
    return [told(topic, {"": claim.verdict}, sentence)] if math.isfinite(claim.estimate) else []


def _given(measured: Claim | Interval, form: Callable[[float], str]) -> str:
    """An estimate with its interval, if it has both ends. The first finding says where seeds are too few for one."""
    return estimated(measured, form) if math.isfinite(measured.high - measured.low) else form(measured.estimate)


def _limits(result: Result, searched: bool) -> str:
    """What the run does not show. `searched`: a finding is on the highest loss in the cube."""
    table, run = result.whole, result.record["parameters"]
    depths, dims = listed(sorted(table["hidden"].unique())), dims_words(sorted(table["dim"].unique()))
    search = " The highest loss was searched for, not proven." if searched else ""
    return (
        f"Anything beyond random points in {dims}, and networks of {depths} hidden layers of width {run['width']}."
        f"{'' if mostly_unfit(table['status']) else unfit(table['status'])}{search}"
    )
