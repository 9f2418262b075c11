"""The rules that turn an interval into a verdict, and Holm's adjustment over a family of tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from landscape.claims.intervals import Interval
from landscape.claims.threshold import Threshold

Verdict = Literal["supported", "refuted", "undecided", "mixed", "ill-posed", "untestable"]
MINIMUM_CLUSTERS = 20  # with fewer, a nominal 2.5 % of false "supported" was measured at 4 to 9 %
LEVEL = 0.05  # of the two-sided p that must agree with the 95 % interval
PAPER_FAMILY = (
    *("C1b", "C2b", "C3", "C4", "C5", "C6", "C7b", "C8", "C9", "C10", "C11", "C12"),
    *("C13", "C14", "C15", "C16", "C17b", "C18", "C19b", "C20", "C21", "C22", "C23", "C24"),
)  # the paper's primary tests: one Holm family, whatever subset was run


def decide(
    interval: Interval,
    *,
    above: float | None = None,
    below: float | None = None,
    minimum_clusters: int = MINIMUM_CLUSTERS,
    p: float | None = None,
) -> Verdict:
    """Supported where the interval lies wholly beyond the threshold and p ≤ .05 agrees, refuted where wholly short of it.

    `p` defaults to the interval's own test at the threshold; with no p at all nothing is supported. Fewer than
    `minimum_clusters` are always undecided."""
    return verdict_on(interval, Threshold(above=above, below=below), minimum_clusters=minimum_clusters, p=p)


def within(
    interval: Interval, low: float, high: float, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """Supported where the interval lies in [low, high], ends included, and p agrees at both; refuted where wholly outside."""
    return verdict_on(interval, Threshold(between=(low, high)), minimum_clusters=minimum_clusters, p=p)


def equivalent(
    interval: Interval, margin: float, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """Two one-sided tests that the estimand is within ± `margin`, at 2.5 % each, since the interval is the 95 % one."""
    return verdict_on(interval, Threshold(margin=margin), minimum_clusters=minimum_clusters, p=p)


def verdict_on(
    interval: Interval, threshold: Threshold, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """The verdict on "the estimand satisfies the threshold"."""
    place = threshold.place(interval)
    if interval.clusters < minimum_clusters or place == "across":
        return "undecided"
    if place == "outside":
        return "refuted"
    return "supported" if (threshold.p(interval) if p is None else p) <= LEVEL else "undecided"


def reason_for(
    interval: Interval, threshold: Threshold, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> str:
    """Why `verdict_on` says what it says, in one line."""
    if math.isnan(interval.estimate):
        return f"no estimate from {interval.clusters} clusters ({interval.method or 'no method'})"
    place, found = threshold.place(interval), threshold.p(interval) if p is None else p
    where = {"inside": "satisfies", "outside": "lies wholly outside", "across": "straddles"}[place]
    text = f"{interval.estimate:.3g} [{interval.low:.3g}, {interval.high:.3g}] {where} {threshold}"
    text += (
        f", {interval.clusters} clusters" if math.isnan(found) else f", p = {found:.2g}, {interval.clusters} clusters"
    )
    if interval.constant:
        text += "; no spread in the data"
    if interval.clusters < minimum_clusters:
        return f"{text}: fewer than {minimum_clusters}"
    disagrees = place == "inside" and not found <= LEVEL
    return f"{text}: {'there is no p' if math.isnan(found) else 'p does not agree'}" if disagrees else text


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict over settings listed beforehand.

    All alike: that one. Supported in one and refuted in another (or mixed in any): mixed. Otherwise something is missing from
    a full answer, undecided or untestable: undecided. Raises ValueError where there are no settings."""
    if not verdicts:
        raise ValueError("`verdicts` must hold at least one; got none. A claim without settings is 'untestable'.")
    found = {known_verdict(verdict) for verdict in verdicts}
    if len(found) == 1:
        return verdicts[0]
    return "mixed" if "mixed" in found or {"supported", "refuted"} <= found else "undecided"


def known_verdict(verdict: Verdict) -> Verdict:
    """The verdict itself. Raises ValueError for a word that is none."""
    if verdict not in get_args(Verdict):
        raise ValueError(f"`verdict` must be one of {', '.join(map(repr, get_args(Verdict)))}; got {verdict!r}.")
    return verdict


def holm(p: Mapping[str, float], family: int | None = len(PAPER_FAMILY)) -> dict[str, float]:
    """Holm-adjusted p by key. `family` is the number of tests whatever subset was run: one that is missing counts as p = 1.

    So no subset gives a smaller p than the whole would. None: the given ones are the family. NaN counts and stays NaN."""
    size = len(p) if family is None else family
    if len(p) > size:
        raise ValueError(f"`family` must be at least the number of tests; got {family} for {len(p)}. Raise it.")
    known = sorted((value, key) for key, value in p.items() if not math.isnan(value))
    if any(not 0 <= value <= 1 for value, _ in known):
        raise ValueError(f"`p` must lie in [0, 1]; got {known[0][0]} to {known[-1][0]}.")
    adjusted, highest = dict.fromkeys(p, math.nan), 0.0
    for rank, (value, key) in enumerate(known):
        highest = max(highest, min(1.0, (size - rank) * value))
        adjusted[key] = highest
    return adjusted
