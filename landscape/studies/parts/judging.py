"""How studies state a claim over their members: failed ones counted, the converged as the second estimand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from landscape.choices import USUAL_ACTIVATION
from landscape.claims import Claim, Interval, judge, primary_and_second


def known(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The rows that have a number in each column: a diverged member has none. Claims count it among the failed all the same."""
    finite: pd.DataFrame = rows.loc[np.isfinite(rows[list(columns)].to_numpy(float)).all(axis=1)]
    return finite


def judged(words: dict[str, Any], interval: Interval, rows: pd.DataFrame, **bound: Any) -> Claim:
    """The claim of these `words`, judged by its interval, with `rows` counted as its members."""
    failed = int((rows.status != "converged").sum())
    return judge(interval, members=len(rows), failed=failed, **words, **bound)


def with_converged(
    words: dict[str, Any],
    parts: list[pd.DataFrame],
    interval: Callable[[list[pd.DataFrame]], Interval],
    **bound: Any,
) -> Claim:
    """All members as the primary estimand, the converged as the second."""
    everyone = pd.concat(parts)
    primary = judged(words, interval(parts), everyone, **bound)
    kept = [part[part.status == "converged"] for part in parts]
    if min(map(len, kept)) < 2:
        return primary
    second = {**words, "estimand": f"{words['estimand']}, among the converged"}
    return primary_and_second(primary, judged(second, interval(kept), pd.concat(kept), **bound))


def untestable(words: dict[str, Any], threshold: str, reason: str) -> Claim:
    """The claim where the run's parameters leave its setting out."""
    return Claim(threshold=threshold, verdict="untestable", reason=f"not in this run: {reason}", **words)


def of_net(claims: Iterator[Claim], net: str, activation: str) -> Iterator[Claim]:
    """The claims, labelled where the networks are not the paper's MLPs of ReLUs: what holds for these says nothing about
    those."""
    words = [f"of {net}, where the paper speaks of MLPs"] if net != "mlp" else []
    if activation not in (USUAL_ACTIVATION, "relu"):
        words.append(f"of {activation} units, where the paper's are ReLUs")
    for claim in claims:
        yield replace(claim, label="; ".join(filter(None, [claim.label, *words])))
