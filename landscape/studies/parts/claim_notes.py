"""What an answer says about a claim besides its estimate: its parts, the notes of its label, and why a run does not test it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from landscape.claims import Claim
from landscape.findings import number
from landscape.studies.parts.claim_words import too_few

# Parts of a label that stand in a finding. The others repeat medians, or a training loss that no study of images asks for.
TOLD_LABELS = ("illustration", "one training set", "of ")
UNTOLD_LABEL = "of networks most of which"
TOLD_ENDS = ("networks are judged", "had not settled at the end")


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
