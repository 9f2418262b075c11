"""How studies judge a claim over their members: failed members are counted, and the converged are the second estimand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.choices import USUAL_ACTIVATION
from landscape.claims import (
    MAX_P,
    Claim,
    Interval,
    Statement,
    Threshold,
    judge,
    judge_pooled,
    labelled,
    over_settings,
    primary_and_second,
    unjudged,
)

FITS = "training loss"  # the limit of statements about networks that fit


def finite_rows(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows with a finite number in each of the columns. A diverged member has none; claims still count it as failed."""
    finite: pd.DataFrame = rows.loc[np.isfinite(rows[list(columns)].to_numpy(float)).all(axis=1)]
    return finite


def as_untrained(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a status, by which no network counts as failed, because none was trained."""
    return rows.assign(status="converged")


def judged(
    statement: Statement,
    interval: Interval,
    rows: pd.DataFrame,
    threshold: Threshold,
    settings: Sequence[Claim] = (),
) -> Claim:
    """The claim of a statement, judged by the interval of its estimand. Its members, and those that failed, are the `rows`.

    None counts as failed where the statement has a limit FITS: it says itself which networks fit, and is judged of these.
    If the interval pools several settings, `settings` are the claims in each of them."""
    failed = 0 if FITS in statement.limits else int((rows.status != "converged").sum())
    if len(settings) < 2:
        return judge(interval, statement, threshold, members=len(rows), failed=failed)
    return judge_pooled(interval, statement, threshold, settings, members=len(rows), failed=failed)


def with_converged(
    statement: Statement,
    parts: list[pd.DataFrame],
    interval: Callable[[list[pd.DataFrame]], Interval],
    threshold: Threshold,
    settings: Sequence[Claim] = (),
) -> Claim:
    """The claim with all members as its primary estimand and the converged as the second, if each part has two of these.

    `interval` computes the interval from the `parts`, tables of members. If it pools several settings, `settings` are the
    claims in each of them; they stand beside it."""
    everyone = pd.concat(parts)
    primary = judged(statement, interval(parts), everyone, threshold, settings)
    kept = [part[part.status == "converged"] for part in parts]
    if min(map(len, kept)) < 2:
        return primary
    second = statement.at(estimand=f"{statement.estimand}, among the converged")
    return primary_and_second(primary, judged(second, interval(kept), pd.concat(kept), threshold))


def untestable(statement: Statement, reason: str, threshold: str = "") -> Claim:
    """The claim in a run whose parameters leave its setting out, for the `reason` given.

    `threshold` are the words of the threshold, if they are not the statement's."""
    return unjudged(statement, "untestable", threshold or statement.words(), f"not in this run: {reason}")


def combined(statement: Statement, parts: Sequence[Claim]) -> Claim:
    """The claim that consists of several named parts, in the words of the whole statement, with the labels of all parts.

    A claim that says several things is refuted if one of them is, at a p of MAX_P over the number of parts (Bonferroni), as the
    parts are tested together; its p is then that part's, times their number. It is supported if all are, with the largest p.
    The parts are about the same networks, which count once: as in the part with most of them."""
    whole = over_settings(
        parts, threshold=statement.words(), estimand=statement.estimand, setting=f"{len(parts)} parts"
    )
    least = min((len(parts) * part.p for part in parts if part.verdict == "refuted"), default=math.nan)
    refuted = least <= MAX_P
    largest = max(parts, key=lambda part: part.members)
    labels = dict.fromkeys(filter(None, (part.label for part in parts)))
    return replace(
        whole,
        verdict="refuted" if refuted else whole.verdict,
        p=least if refuted else whole.p,
        members=largest.members,
        failed=largest.failed,
        label="; ".join(labels),
    )


def over_parts(statement: Statement, parts: Sequence[Claim], needs: str) -> Claim:
    """The claim over its settings `parts`. A single part is the claim itself; without parts it is untestable.

    `needs` says what a run without parts would need."""
    if not parts:
        return untestable(statement, needs)
    return parts[0] if len(parts) == 1 else combined(statement, parts)


def of_net(claims: Iterator[Claim], net: str, activation: str) -> Iterator[Claim]:
    """The claims, with a label if the networks are not ReLU MLPs as in the paper: results on others say nothing about these."""
    words = [f"of {net}, where the paper speaks of MLPs"] if net != "mlp" else []
    if activation not in (USUAL_ACTIVATION, "relu"):
        words.append(f"of {activation} units, where the paper's are ReLUs")
    for claim in claims:
        yield labelled(claim, *words)
