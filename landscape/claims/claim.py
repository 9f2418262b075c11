"""Claims with their estimand, threshold and verdict."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import pandas as pd

from landscape.claims.intervals import Interval
from landscape.claims.statement import Statement
from landscape.claims.threshold import Threshold, largest
from landscape.claims.verdicts import (
    MINIMUM_CLUSTERS,
    Verdict,
    combine,
    known_verdict,
    reason_for,
    verdict_on,
)

NAMED = 8  # of more settings than these the reason gives the counts of verdicts


@dataclass(frozen=True)
class Claim:
    """A testable statement with what was found.

    `threshold` is in words, exactly as registered; `quote_setting` is the paper's setting, `setting` the one measured here.
    `low` and `high` are the 95 % interval, `p` is exact and unadjusted, `clusters` counts the independent units, `failed` those
    of `members` that did not converge. What there is none of is NaN. `details` are the settings this claim sums up; one that is
    not `primary`, such as a second estimand, stands beside them."""

    key: str
    statement: str
    estimand: str
    threshold: str
    verdict: Verdict
    reason: str = ""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    clusters: int = 0
    members: int = 0
    failed: int = 0
    setting: str = ""
    quote_setting: str = ""
    label: str = ""
    primary: bool = True
    details: tuple[Claim, ...] = ()

    def __post_init__(self) -> None:
        known_verdict(self.verdict)


def judge(
    interval: Interval,
    statement: Statement,
    threshold: Threshold,
    *,
    members: int = 0,
    failed: int = 0,
    p: float | None = None,
    minimum_clusters: int = MINIMUM_CLUSTERS,
) -> Claim:
    """The claim that what the statement speaks of satisfies the threshold, with its verdict by the interval."""
    tested = threshold.p(interval) if p is None else p
    return replace(
        unjudged(
            statement,
            verdict_on(interval, threshold, minimum_clusters=minimum_clusters, p=tested),
            threshold.words,
            reason_for(interval, threshold, minimum_clusters=minimum_clusters, p=tested),
        ),
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        p=tested,
        clusters=interval.clusters,
        members=members,
        failed=failed,
    )


def unjudged(statement: Statement, verdict: Verdict, threshold: str, reason: str) -> Claim:
    """The claim without an interval: ill-posed, or untestable in this run."""
    return Claim(
        key=statement.key,
        statement=statement.text,
        estimand=statement.estimand,
        threshold=threshold,
        verdict=verdict,
        reason=reason,
        setting=statement.setting,
        quote_setting=statement.quote_setting,
        label=statement.label,
        primary=statement.primary,
    )


def over_settings(
    details: Sequence[Claim], *, statement: str = "", estimand: str = "", threshold: str = "", setting: str = ""
) -> Claim:
    """One claim from its settings: their combined verdict, their largest p (all must hold), their members summed.

    Words default to the first setting's. There is no single estimate; the clusters are those of the poorest setting."""
    verdict = combine([claim.verdict for claim in details])
    first = details[0]
    return replace(
        first,
        statement=statement or first.statement,
        estimand=estimand or first.estimand,
        threshold=threshold or first.threshold,
        verdict=verdict,
        reason=_of_settings(details),
        estimate=math.nan,
        low=math.nan,
        high=math.nan,
        p=largest([claim.p for claim in details]),
        clusters=min(claim.clusters for claim in details),
        members=sum(claim.members for claim in details),
        failed=sum(claim.failed for claim in details),
        setting=setting or f"{len(details)} settings",
        label=first.label if len({claim.label for claim in details}) == 1 else "",
        details=tuple(details),
    )


def _of_settings(details: Sequence[Claim]) -> str:
    """Each setting's verdict; of many, how many have each."""
    if len(details) <= NAMED:
        return "; ".join(f"{claim.setting or claim.key}: {claim.verdict}" for claim in details)
    counts = Counter(claim.verdict for claim in details)
    return f"of {len(details)} settings " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def with_beside(claim: Claim, others: Iterable[Claim]) -> Claim:
    """The claim with `others` as details that are not primary: shown below it, the verdict as it was."""
    return replace(claim, details=(*claim.details, *(replace(other, primary=False) for other in others)))


def primary_and_second(primary: Claim, second: Claim) -> Claim:
    """The primary claim (all members) with the second (among the converged) as a detail: mixed where their signs differ.

    A primary with too few clusters stays undecided; a second with too few, or without an estimate, changes nothing."""
    kept = with_beside(primary, [second])
    if not primary.estimate * second.estimate < 0 or min(primary.clusters, second.clusters) < MINIMUM_CLUSTERS:
        return kept
    signs = f"signs differ: {primary.estimate:.3g} over all members, {second.estimate:.3g} by the second estimand"
    return replace(kept, verdict="mixed", reason=f"{signs}; alone: {primary.verdict}")


def with_failures(claim: Claim, asked: str) -> Claim:
    """The claim, with a label where most of its networks failed, so that no such verdict stands unqualified; details, too.

    `asked` is the training loss above which a network counts as failed, in words."""
    details = tuple(with_failures(one, asked) for one in claim.details)
    if 2 * claim.failed <= claim.members:
        return replace(claim, details=details)
    words = f"of networks most of which did not reach a training loss of {asked}: {claim.failed} of {claim.members}"
    return replace(claim, details=details, label="; ".join(filter(None, [claim.label, words])))


def claims_table(claims: Iterable[Claim]) -> pd.DataFrame:
    """A row per claim and, below it, per detail: Claim's fields, `part_of` naming the claim that a detail belongs to."""
    names = [item.name for item in fields(Claim) if item.name != "details"]
    rows = [
        {**{name: getattr(claim, name) for name in names}, "part_of": parent} for claim, parent in _with_details(claims)
    ]
    return pd.DataFrame(rows, columns=[*names, "part_of"])


def thresholds_digest(thresholds: Mapping[str, object]) -> str:
    """A fingerprint of a study's thresholds, for the test that they change only with its `version`: 16 hex digits.

    The order of keys does not matter; raises TypeError or ValueError for what JSON cannot hold (NaN among it)."""
    text = json.dumps(thresholds, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_details(claims: Iterable[Claim], part_of: str = "") -> Iterator[tuple[Claim, str]]:
    for claim in claims:
        yield claim, part_of
        yield from _with_details(claim.details, claim.key)
