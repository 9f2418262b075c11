"""Words of answers about claims: which ones a run tests, their estimates with intervals, and why a verdict is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from landscape.claims import MINIMUM_CLUSTERS, Claim
from landscape.ensemble import TOL
from landscape.findings import ci

UNJUDGED = ("untestable", "ill-posed")


def tested(claims: Iterable[Claim]) -> dict[str, Claim]:
    """The claims that have a verdict in this run, by their keys: not those that it cannot test, nor the ill-posed."""
    return {claim.key: claim for claim in claims if claim.verdict not in UNJUDGED}


def estimated(claim: Claim, form: Callable[[float], str]) -> str:
    """'20 % (95 % CI 18 % to 23 %)': the claim's estimate with its interval, in a form."""
    return f"{form(claim.estimate)} ({interval_of(claim, form)})"


def interval_of(claim: Claim, form: Callable[[float], str]) -> str:
    """'95 % CI 18 % to 23 %'; an end that is not finite is said to be missing."""
    if math.isfinite(claim.low) and math.isfinite(claim.high):
        return ci(claim.low, claim.high, form)
    ends = [f"from {form(claim.low)}"] if math.isfinite(claim.low) else []
    ends += [f"to {form(claim.high)}"] if math.isfinite(claim.high) else []
    return f"95 % CI {ends[0]} on, without the other end" if ends else "too few values for an interval"


def too_few(claim: Claim) -> str:
    """A sentence, with a space before it, that says that no verdict is possible with so few seeds; empty with enough."""
    if claim.clusters >= MINIMUM_CLUSTERS:
        return ""
    return f" {counted(claim.clusters, 'seed')} cannot decide this: {MINIMUM_CLUSTERS} are needed."


def counted(count: int, noun: str) -> str:
    """'1 seed', '2 seeds', '1,000 networks'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: Sequence[object]) -> str:
    """'1', '1 and 2', '1, 2 and 4'."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def unfit(statuses: Iterable[str]) -> str:
    """A sentence, with a space before it, on the networks that did not fit their data; empty if all did."""
    fits = [status == "converged" for status in statuses]
    failed = fits.count(False)
    if not failed:
        return ""
    loss = f"{TOL:g}".replace("e-0", "e-")
    return f" {failed:,} of {counted(len(fits), 'network')} did not reach a training loss of {loss}; all are counted."
