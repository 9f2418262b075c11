"""Words of answers about claims: which are tested, their estimates, parts and notes, and why a verdict is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from landscape.claims import MINIMUM_CLUSTERS, UNJUDGED, Claim, Interval
from landscape.ensemble import TOL
from landscape.findings import ci, number

# Parts of a label that stand in a finding. The others repeat medians, or a training loss that no study of images asks for.
TOLD_LABELS = ("illustration", "one training set", "of ")
UNTOLD_LABEL = "of networks most of which"
TOLD_ENDS = ("networks are judged", "had not settled at the end")


def tested(claims: Iterable[Claim]) -> dict[str, Claim]:
    """The claims that have a verdict in this run, by their keys: not those that it cannot test, nor the ill-posed."""
    return {claim.key: claim for claim in claims if claim.verdict not in UNJUDGED}


def estimated(claim: Claim | Interval, form: Callable[[float], str]) -> str:
    """'20 % (95 % CI 18 % to 23 %)': the estimate of a claim, or of an interval, with its interval, in a form."""
    return f"{form(claim.estimate)} ({interval_of(claim, form)})"


def interval_of(claim: Claim | Interval, form: Callable[[float], str]) -> str:
    """'95 % CI 18 % to 23 %', or 'at least 18 %' where only one end is finite."""
    if math.isfinite(claim.low) and math.isfinite(claim.high):
        return ci(claim.low, claim.high, form)
    ends = [f"at least {form(claim.low)}"] if math.isfinite(claim.low) else []
    ends += [f"at most {form(claim.high)}"] if math.isfinite(claim.high) else []
    return f"95 % CI {ends[0]}" if ends else "too few values for an interval"


def too_few(claim: Claim) -> str:
    """A sentence, with a space before it, that says that no verdict is possible with so few seeds; empty with enough."""
    if claim.clusters >= MINIMUM_CLUSTERS:
        return ""
    return f" {counted(claim.clusters, 'seed')} cannot decide this: {MINIMUM_CLUSTERS} are needed."


def counted(count: int, noun: str) -> str:
    """'1 seed', '2 seeds', '1,000 networks'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unfit(statuses: Iterable[str]) -> str:
    """A sentence, with a space before it, on the networks that did not fit their data; empty if all did."""
    failed, trained = _failed(statuses)
    if not failed:
        return ""
    loss = f"{TOL:g}".replace("e-0", "e-")
    return f" {failed:,} of {counted(trained, 'network')} did not fit their data (loss above {loss}); all are counted."


def mostly_unfit(statuses: Iterable[str]) -> str:
    """A sentence, with a space before it, that most networks failed, to stand beside a finding; empty if they did not."""
    failed, trained = _failed(statuses)
    return f" {failed:,} of {trained:,} networks do not fit the data." if 2 * failed > trained else ""


def _failed(statuses: Iterable[str]) -> tuple[int, int]:
    """How many networks did not fit their data, and how many there are."""
    fits = [status == "converged" for status in statuses]
    return fits.count(False), len(fits)


def asked(claims: Sequence[Claim], key: str) -> Claim | None:
    """The claim with this key, tested or not; None if the study has no such claim."""
    return next((claim for claim in claims if claim.key == key), None)


def part(claim: Claim, setting: str) -> Claim | None:
    """The part of a claim whose setting begins with these words; None if the run does not test it."""
    found = (one for one in claim.details if one.setting.startswith(setting) and one.verdict != "untestable")
    return next(found, None)


def remarks(claim: Claim) -> str:
    """Sentences on what a reader must know of the claim: its label, and that fewer seeds than needed decide nothing."""
    labels = [
        one
        for one in claim.label.split("; ")
        if (one.startswith(TOLD_LABELS) or one.endswith(TOLD_ENDS)) and not one.startswith(UNTOLD_LABEL)
    ]
    words = [
        f" Here {one.removeprefix('of ')}." if one.startswith("of ") else f" {one.capitalize()}." for one in labels
    ]
    if claim.verdict == "undecided":
        words.append(too_few(claim))
    return "".join(words)


def reason(claim: Claim) -> str:
    """A sentence on why a run does not test a claim; empty if none is given."""
    words = next((one.reason for one in (claim, *claim.details) if one.reason.startswith("not in this run: ")), "")
    found = words.removeprefix("not in this run: ")
    return f"Not in this run: it {found}." if found.startswith("needs") else f"It needs {found}." if found else ""


def large(value: float) -> str:
    """A number with two decimals at most; a whole number with commas from 100 on."""
    return f"{value:,.0f}" if math.isfinite(value) and abs(value) >= 100 else number(value)


def needed(claim: Claim, limit: str) -> str:
    """What the claim needs, where it is not supported; that the seeds are too few, where they decide nothing."""
    if few := too_few(claim).strip(" ."):
        return f"; {few}"
    return "" if claim.verdict == "supported" else f"; the claim needs {limit}"


def closed(words: str, claim: Claim) -> str:
    """The words as a sentence, with the clause that its seeds are too few to decide the claim, if they are."""
    return f"{words}{too_few(claim).rstrip('.').replace(' ', '; ', 1)}."
