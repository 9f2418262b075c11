"""The tables of a run, as a paper needs them: claims with verdicts and intervals, a row per cell, and the run's own tables."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from landscape import presets, reporting
from landscape.claims import claims_table
from landscape.names import unknown
from landscape.results import Result

CLAIMS, CELLS = "claims", "cells"


def tables_of(result: Result) -> dict[str, pd.DataFrame]:
    """The tables by name: `claims`, if the study makes any, `cells`, and those of the run, such as `members`."""
    claims = claims_of(result)
    return ({CLAIMS: claims} if len(claims) else {}) | {CELLS: cells_of(result)} | result.separate


def table_of(result: Result, name: str) -> pd.DataFrame:
    """The table of this name. Raises ValueError, which lists the names, if there is none."""
    tables = tables_of(result)
    if name not in tables:
        raise ValueError(unknown("table", name, list(tables)))
    return tables[name]


def claims_of(result: Result) -> pd.DataFrame:
    """A row for each claim and, below it, each of its parts: statement, estimate, 95 % interval, threshold, p, n, verdict.

    `n` is the number of independent units, `label` says what limits a verdict. Raises ValueError for a run of another version
    of its study."""
    study = presets.study_of(result.record, result.path)
    table = claims_table(reporting.claims_of(study, result))
    rows = [_claim_row(row) for row in table.to_dict("records")]
    frame = pd.DataFrame(rows)
    return frame.drop(columns=[name for name in ("setting", "label") if len(frame) and not frame[name].any()])


def _claim_row(row: dict[Any, Any]) -> dict[str, Any]:
    ends = [row["low"], row["high"]]
    interval = f"[{', '.join(_end(end) for end in ends)}]" if any(map(math.isfinite, ends)) else ""
    return {
        "claim": row["key"],
        "statement": row["statement"],
        "setting": row["setting"],
        "estimand": row["estimand"],
        "estimate": row["estimate"],
        "95 % interval": interval,
        "needs": row["threshold"],
        "p": row["p"],
        "n": row["clusters"],
        "verdict": row["verdict"],
        "label": row["label"],
    }


def _end(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "∞" if value > 0 else "-∞"


def cells_of(result: Result) -> pd.DataFrame:
    """A row per cell: its values, the numbers of members and of converged members, and the median training loss.

    The median is over the converged members, NaN where there are none."""
    rows = []
    keys = [key for key in result.keys if key in result.whole]
    for values, group in result.whole.groupby(keys, sort=False, dropna=False):
        row: dict[str, Any] = dict(zip(keys, values, strict=True)) | {"members": len(group)}
        good = group
        if "status" in group:
            good = group[group["status"] == "converged"]
            row |= {"converged": len(good), "not converged": len(group) - len(good)}
        if "loss" in group:
            row["median loss"] = good["loss"].median() if len(good) else math.nan
        rows.append(row)
    return pd.DataFrame(rows)
