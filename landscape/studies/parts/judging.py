"""How studies state a claim over their members: failed ones counted, the converged as the second estimand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.choices import USUAL_ACTIVATION
from landscape.claims import Claim, Interval, Statement, Threshold, judge, over_settings, primary_and_second, unjudged


def known(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows that have a number in each column: a diverged member has none. Claims count it among the failed all the same."""
    finite: pd.DataFrame = rows.loc[np.isfinite(rows[list(columns)].to_numpy(float)).all(axis=1)]
    return finite


def judged(statement: Statement, interval: Interval, rows: pd.DataFrame, threshold: Threshold) -> Claim:
    """The claim of this statement, judged by its interval, with `rows` counted as its members."""
    failed = int((rows.status != "converged").sum())
    return judge(interval, statement, threshold, members=len(rows), failed=failed)


def with_converged(
    statement: Statement,
    parts: list[pd.DataFrame],
    interval: Callable[[list[pd.DataFrame]], Interval],
    threshold: Threshold,
) -> Claim:
    """All members as the primary estimand, the converged as the second."""
    everyone = pd.concat(parts)
    primary = judged(statement, interval(parts), everyone, threshold)
    kept = [part[part.status == "converged"] for part in parts]
    if min(map(len, kept)) < 2:
        return primary
    second = statement.at(estimand=f"{statement.estimand}, among the converged")
    return primary_and_second(primary, judged(second, interval(kept), pd.concat(kept), threshold))


def untestable(statement: Statement, reason: str, threshold: str = "") -> Claim:
    """The claim where the run's parameters leave its setting out; `threshold` are words other than the statement's."""
    return unjudged(statement, "untestable", threshold or statement.words(), f"not in this run: {reason}")


def combined(statement: Statement, parts: Sequence[Claim]) -> Claim:
    """The claim over its settings, in the words of the whole statement."""
    return over_settings(parts, threshold=statement.words(), estimand=statement.estimand)


def over_parts(statement: Statement, parts: Sequence[Claim], needs: str) -> Claim:
    """The claim over its settings; the setting itself where there is one, untestable where there is none."""
    if not parts:
        return untestable(statement, needs)
    return parts[0] if len(parts) == 1 else combined(statement, parts)


def of_net(claims: Iterator[Claim], net: str, activation: str) -> Iterator[Claim]:
    """The claims, labelled where the networks are not the paper's MLPs of ReLUs: what holds for these says nothing about
    those."""
    words = [f"of {net}, where the paper speaks of MLPs"] if net != "mlp" else []
    if activation not in (USUAL_ACTIVATION, "relu"):
        words.append(f"of {activation} units, where the paper's are ReLUs")
    for claim in claims:
        yield replace(claim, label="; ".join(filter(None, [claim.label, *words])))
