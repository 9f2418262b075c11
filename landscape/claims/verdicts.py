"""The rules that turn an interval into a verdict, and Holm's adjustment over a family of tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from landscape.claims.intervals import Interval
from landscape.claims.threshold import Threshold

Verdict = Literal["supported", "refuted", "undecided", "mixed", "ill-posed", "untestable"]
MINIMUM_CLUSTERS = 20  # with fewer, 4 to 9 % of simulated null effects came out "supported" instead of 2.5 %
MAX_P = 0.05  # two-sided: "supported" and "refuted" need a p of at most this besides the 95 % interval
PAPER_FAMILY = (
    *("C1b", "C2b", "C3", "C4", "C5", "C6", "C7b", "C8", "C9", "C10", "C11", "C12"),
    *("C13", "C14", "C15", "C16", "C17b", "C18", "C19b", "C20", "C21", "C22", "C23", "C24"),
)  # the paper's primary tests, a single Holm family even if a run tests only some of them


def decide(
    interval: Interval,
    *,
    above: float | None = None,
    below: float | None = None,
    minimum_clusters: int = MINIMUM_CLUSTERS,
    p: float | None = None,
) -> Verdict:
    """The verdict on "the estimand is above (or below) the threshold".

    1. Fewer than `minimum_clusters` clusters: undecided.
    2. The 95 % interval lies wholly on the wrong side, and p ≤ .05: refuted.
    3. It lies wholly on the claimed side, and p ≤ .05: supported.
    4. Otherwise: undecided.

    `p` defaults to that of the interval's test at the threshold. Without any p the verdict is undecided."""
    return verdict_on(interval, Threshold(above=above, below=below), minimum_clusters=minimum_clusters, p=p)


def within(
    interval: Interval, low: float, high: float, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """The verdict on "the estimand lies in [low, high]", ends included.

    Supported if the interval lies inside and p ≤ .05 at both ends; refuted if it lies wholly outside and p ≤ .05 at the
    end that it lies beyond."""
    return verdict_on(interval, Threshold(between=(low, high)), minimum_clusters=minimum_clusters, p=p)


def equivalent(
    interval: Interval, margin: float, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """The verdict on "the estimand is within ± `margin`": two one-sided tests at 2.5 % each, by the 95 % interval."""
    return verdict_on(interval, Threshold(margin=margin), minimum_clusters=minimum_clusters, p=p)


def verdict_on(
    interval: Interval, threshold: Threshold, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> Verdict:
    """The verdict on "the estimand satisfies the threshold", by the rules of `decide`."""
    place = threshold.place(interval)
    if interval.clusters < minimum_clusters or place == "across":
        return "undecided"
    if not (threshold.p(interval) if p is None else p) <= MAX_P:
        return "undecided"
    return "supported" if place == "inside" else "refuted"


def reason_for(
    interval: Interval, threshold: Threshold, *, minimum_clusters: int = MINIMUM_CLUSTERS, p: float | None = None
) -> str:
    """The reason for the verdict of `verdict_on`, as a line of text."""
    if math.isnan(interval.estimate):
        return f"no estimate from {interval.clusters} clusters ({interval.method or 'no method'})"
    place, tested = threshold.place(interval), threshold.p(interval) if p is None else p
    where = {"inside": "satisfies", "outside": "lies wholly outside", "across": "straddles"}[place]
    text = f"{interval.estimate:.3g} [{interval.low:.3g}, {interval.high:.3g}] {where} {threshold}"
    text += (
        f", {interval.clusters} clusters" if math.isnan(tested) else f", p = {tested:.2g}, {interval.clusters} clusters"
    )
    if interval.constant:
        text += "; no spread in the data"
    if interval.clusters < minimum_clusters:
        return f"{text}: fewer than {minimum_clusters}"
    if not math.isfinite(interval.low) or not math.isfinite(interval.high):
        text += f"; {interval.method}"
    disagrees = place != "across" and not tested <= MAX_P
    return f"{text}: {'there is no p' if math.isnan(tested) else 'p does not agree'}" if disagrees else text


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict over settings listed beforehand.

    1. All verdicts are equal: that verdict.
    2. A setting is mixed, or some are supported and others refuted: mixed.
    3. Otherwise: undecided, because a setting lacks an answer.

    Raises ValueError if there are no settings."""
    if not verdicts:
        raise ValueError("`verdicts` must hold at least one; got none. A claim without settings is 'untestable'.")
    distinct = {known_verdict(verdict) for verdict in verdicts}
    if len(distinct) == 1:
        return verdicts[0]
    return "mixed" if "mixed" in distinct or {"supported", "refuted"} <= distinct else "undecided"


def known_verdict(verdict: Verdict) -> Verdict:
    """The same verdict. Raises ValueError for a word that is not a verdict."""
    if verdict not in get_args(Verdict):
        raise ValueError(f"`verdict` must be one of {', '.join(map(repr, get_args(Verdict)))}; got {verdict!r}.")
    return verdict


def holm(p: Mapping[str, float], family: int | None = len(PAPER_FAMILY)) -> dict[str, float]:
    """Holm-adjusted p by key.

    `family` is the number of tests in the family. Tests that are missing from `p` count as p = 1, so that no subset gets a
    smaller adjusted p than the whole family would. With None the given tests are the family. A NaN counts and stays NaN.
    Raises ValueError for more tests than `family` and for a p outside [0, 1]."""
    size = len(p) if family is None else family
    if len(p) > size:
        raise ValueError(f"`family` must be at least the number of tests; got {family} for {len(p)}. Raise it.")
    ascending = sorted((value, key) for key, value in p.items() if not math.isnan(value))
    if any(not 0 <= value <= 1 for value, _ in ascending):
        raise ValueError(f"`p` must lie in [0, 1]; got {ascending[0][0]} to {ascending[-1][0]}.")
    adjusted, highest = dict.fromkeys(p, math.nan), 0.0
    for rank, (value, key) in enumerate(ascending):
        highest = max(highest, min(1.0, (size - rank) * value))
        adjusted[key] = highest
    return adjusted
