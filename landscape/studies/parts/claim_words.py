"""Claims in the words of an answer: which claim a run tests, its numbers with their interval, and what it leaves out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from landscape.claims import MINIMUM_CLUSTERS, Claim
from landscape.findings import ci, number

# Parts of a label that stand in a finding. The others repeat medians, or a training loss that no study of images asks for.
TOLD_LABELS = ("illustration", "one training set", "of ")
UNTOLD_LABEL = "of networks most of which"
TOLD_ENDS = ("networks are judged", "had not settled at the end")


def tested(claims: Sequence[Claim], key: str) -> Claim | None:
    """The claim with this key; None if the run does not test it."""
    return next((claim for claim in claims if claim.key == key and claim.verdict != "untestable"), None)


def asked(claims: Sequence[Claim], key: str) -> Claim | None:
    """The claim with this key, tested or not; None if the study has no such claim."""
    return next((claim for claim in claims if claim.key == key), None)


def part(claim: Claim, setting: str) -> Claim | None:
    """The part of a claim whose setting begins with these words; None if the run does not test it."""
    found = (one for one in claim.details if one.setting.startswith(setting) and one.verdict != "untestable")
    return next(found, None)


def estimated(claim: Claim, form: Callable[[float], str]) -> str:
    """The estimate of a claim with its interval: '71 % (95 % CI 66 % to 77 %)'. Says so if there are too few seeds for one."""
    return f"{form(claim.estimate)} ({interval_words(claim, form)})"


def interval_words(claim: Claim, form: Callable[[float], str]) -> str:
    """'95 % CI 66 % to 77 %', or words for an interval without ends."""
    if math.isfinite(claim.low) and math.isfinite(claim.high):
        return ci(claim.low, claim.high, form)
    if claim.clusters < 2:
        return "one seed has no interval"
    return f"{claim.clusters} seeds do not bound it"


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
    if claim.verdict == "undecided" and claim.clusters < MINIMUM_CLUSTERS:
        words.append(f" Nothing is decided by fewer than {MINIMUM_CLUSTERS} seeds.")
    return "".join(words)


def reason(claim: Claim) -> str:
    """A sentence on why a run does not test a claim; empty if none is given."""
    words = next((one.reason for one in (claim, *claim.details) if one.reason.startswith("not in this run: ")), "")
    found = words.removeprefix("not in this run: ")
    return f"Not in this run: it {found}." if found.startswith("needs") else f"It needs {found}." if found else ""


def large(value: float) -> str:
    """A number with two decimals at most; a whole number with commas from 100 on."""
    return f"{value:,.0f}" if math.isfinite(value) and abs(value) >= 100 else number(value)


def joined(words: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
