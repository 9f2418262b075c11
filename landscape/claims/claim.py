"""Claims: statements with an estimand, a threshold and a verdict, alone or over several settings."""

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

MAX_SETTINGS_NAMED = 8  # with more settings, the reason of a claim only counts their verdicts
UNJUDGED = ("untestable", "ill-posed")  # verdicts that say nothing about the data


@dataclass(frozen=True)
class Claim:
    """A testable statement with its estimate, interval and verdict.

    - `threshold`: the words as registered. `quote_setting` is the paper's setting, `setting` is what was measured here.
    - `asked_low`, `asked_high`: the ends between which the threshold asks the estimate to be, infinite where it is open. NaN
      for a claim of several parts, and for one that was not tested.
    - `estimate`, `low`, `high`: the estimate and its 95 % interval. `p` is not adjusted for multiple tests. NaN if missing.
    - `clusters`: the number of independent units. `failed`: how many of the `members` did not converge.
    - `details`: the claims of the single settings that this claim sums up. A detail that is not `primary`, such as a second
      estimand, is shown beside them."""

    key: str
    statement: str
    estimand: str
    threshold: str
    verdict: Verdict
    reason: str = ""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    asked_low: float = math.nan
    asked_high: float = math.nan
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
    """The claim that the statement's estimand satisfies the threshold, with the verdict that the interval gives."""
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
        asked_low=threshold.low,
        asked_high=threshold.high,
        p=tested,
        clusters=interval.clusters,
        members=members,
        failed=failed,
    )


def unjudged(statement: Statement, verdict: Verdict, threshold: str, reason: str) -> Claim:
    """A claim without an interval: ill-posed, or untestable in this run."""
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
    """The claim that a statement holds in every setting: the combined verdict, the largest p, and the sums of members.

    This is for the few named parts of one claim. Over many settings such a conjunction is undecided by arithmetic;
    `judge_pooled` judges one estimand for all of them. Words that are not given are those of the first setting. There is no
    common estimate. `clusters` is the least number."""
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
        asked_low=math.nan,
        asked_high=math.nan,
        p=largest([claim.p for claim in details]),
        clusters=min(claim.clusters for claim in details),
        members=sum(claim.members for claim in details),
        failed=sum(claim.failed for claim in details),
        setting=setting or f"{len(details)} settings",
        label=first.label if len({claim.label for claim in details}) == 1 else "",
        details=tuple(details),
    )


def _of_settings(details: Sequence[Claim]) -> str:
    """The verdict of each setting, or the counts of the verdicts if there are many settings."""
    if len(details) <= MAX_SETTINGS_NAMED:
        return "; ".join(f"{claim.setting or claim.key}: {claim.verdict}" for claim in details)
    return composition(details)


def composition(details: Sequence[Claim]) -> str:
    """How many settings have each verdict, in words: "of 72 settings 59 refuted, 7 undecided, 6 supported"."""
    counts = Counter(claim.verdict for claim in details)
    return f"of {len(details)} settings " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def with_beside(claim: Claim, others: Iterable[Claim]) -> Claim:
    """The claim with `others` as further details. They are not primary, and the verdict does not change."""
    return replace(claim, details=(*claim.details, *(replace(other, primary=False) for other in others)))


def primary_and_second(primary: Claim, second: Claim) -> Claim:
    """The primary claim (all members) with the second (converged members) as a detail; 'mixed' if their signs differ.

    If either claim has too few clusters, or the second has no estimate, the verdict is that of the primary claim."""
    kept = with_beside(primary, [second])
    if not primary.estimate * second.estimate < 0 or min(primary.clusters, second.clusters) < MINIMUM_CLUSTERS:
        return kept
    signs = f"signs differ: {primary.estimate:.3g} over all members, {second.estimate:.3g} by the second estimand"
    return replace(kept, verdict="mixed", reason=f"{signs}; alone: {primary.verdict}")


def with_failures(claim: Claim, asked: str) -> Claim:
    """The claim and its details, each with a label if most of its networks failed, so that no verdict is read without it.

    `asked` is the training loss above which a network counts as failed, in words. If it is empty, none is asked, and no network
    counts as failed."""
    details = tuple(with_failures(detail, asked) for detail in claim.details)
    if not asked:
        return replace(claim, details=details, failed=0)
    if 2 * claim.failed <= claim.members:
        return replace(claim, details=details)
    words = f"of networks most of which did not reach a training loss of {asked}: {claim.failed} of {claim.members}"
    return labelled(replace(claim, details=details), words)


def labelled(claim: Claim, *words: str) -> Claim:
    """The claim with further words in its label; empty ones add nothing."""
    return replace(claim, label="; ".join(filter(None, [claim.label, *words])))


def claims_table(claims: Iterable[Claim]) -> pd.DataFrame:
    """A table with a row per claim and, below it, per detail: the fields of Claim, `part_of` and `level`.

    `part_of` is the key of the parent. `level` is 0 for a claim, 1 for its details, 2 for theirs."""
    names = [item.name for item in fields(Claim) if item.name != "details"]
    rows = [
        {**{name: getattr(claim, name) for name in names}, "part_of": parent, "level": level}
        for claim, parent, level in _with_details(claims)
    ]
    return pd.DataFrame(rows, columns=[*names, "part_of", "level"])


def thresholds_digest(thresholds: Mapping[str, object]) -> str:
    """A fingerprint of what a study registered, as from `registered`: 16 hex digits. A test compares it with the recorded one.

    The order of keys does not matter. Raises TypeError or ValueError for values that JSON cannot hold, such as NaN."""
    text = json.dumps(thresholds, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_details(claims: Iterable[Claim], part_of: str = "", level: int = 0) -> Iterator[tuple[Claim, str, int]]:
    """Each claim and its details, depth first, with the key of the parent and the level."""
    for claim in claims:
        yield claim, part_of, level
        yield from _with_details(claim.details, claim.key, level + 1)
