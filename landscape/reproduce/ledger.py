"""The ledger: a row per claim of the paper, of others and of ours, with its verdict, whatever was run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from landscape.claims import Statement, holm
from landscape.claims.verdicts import MAX_P
from landscape.reproduce.rows import Row, family_size, in_family, rows
from landscape.reproduce.runs import CLAIMS, INJECTIVE, PaperRun, deciding
from landscape.reproduce.thresholds import set_by, statements

NOT_RUN = "not yet run"
FROM_CLAIM = (
    *("threshold", "verdict", "reason", "estimate", "low", "high", "asked_low", "asked_high"),
    *("p", "clusters", "members", "failed", "setting", "label"),
)
NUMBERS = ("estimate", "low", "high", "asked_low", "asked_high", "p", "p_holm")
COLUMNS = (
    *("key", "family", "statement", "quote", "place", "estimand", "threshold", "stands", "version", "digest", "commit"),
    *("units", "clusters", "members", "failed", *NUMBERS, "verdict", "label", "reason"),
    *("setting", "needs", "run", "folder", "command"),
)  # fmt: skip
TESTED = tuple(row.key for row in rows() if in_family(row))  # the tests of the families


@dataclass(frozen=True)
class Found:
    """What a run says of its claims: a table as `claims_table` makes it, the study's version, the run's folder and command."""

    run: PaperRun
    claims: pd.DataFrame
    version: int
    folder: str = ""
    command: str = ""


def ledger(
    found: Mapping[str, Found], *, failed: Mapping[str, str] | None = None, preset: str = "quick"
) -> pd.DataFrame:
    """A row per claim, columns COLUMNS, in the order of rows.toml. `found` holds what was run, by the run's name; `failed` says
    why other runs have no result. `preset` is that of a command which would make a missing run.

    The p of a row is adjusted by Holm's method over the whole family, whose size does not depend on what was run. `verdict` is
    'not yet run' for a row without a study, and for a row whose run is not in `found`; `needs` says what it takes."""
    table = pd.DataFrame([_entry(row, found, failed or {}, preset) for row in rows()], columns=list(COLUMNS))
    for family in table.family.unique():
        tested = table[(table.family == family) & table.key.isin(TESTED)].dropna(subset=["p"])
        adjusted = holm(dict(zip(tested.key, tested.p.astype(float), strict=True)), family_size(family))
        table.loc[tested.index, "p_holm"] = tested.key.map(adjusted)
    return table.astype(dict.fromkeys(NUMBERS, float))


def _entry(row: Row, found: Mapping[str, Found], failed: Mapping[str, str], preset: str) -> dict[str, Any]:
    """A row of the ledger; what nobody has said is empty, and numbers that nobody has measured are NaN."""
    entry: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {
        "key": row.key, "family": row.family, "statement": row.said, "quote": row.quote, "place": row.place,
        "stands": row.stands, "units": row.units, "verdict": NOT_RUN, "needs": row.needs,
        "clusters": 0, "members": 0, "failed": 0, "version": 0, **dict.fromkeys(NUMBERS, math.nan),
    }  # fmt: skip
    run = deciding(row.key)
    if run is None:
        return entry
    stated = next((one for one in statements(run.study) if one.key == row.key), None)
    if stated is None:
        raise ValueError(f"runs.py lets {run.name!r} decide {row.key}, which the study {run.study!r} does not state")
    entry |= {"run": run.name} | _stated(row, stated)
    if run.name not in found:
        what = run.name if run.is_figure else INJECTIVE if run.is_injective else CLAIMS
        command = run.lacks or f"landscape reproduce {what} --preset {preset}"
        return entry | {"needs": f"{command}, as it failed: {failed[run.name]}" if run.name in failed else command}
    return entry | _judged(row.key, found[run.name])


def _stated(row: Row, statement: Statement) -> dict[str, Any]:
    """What the study's statement says, before any run."""
    return {
        "statement": statement.text,
        "quote": statement.quote or row.quote,
        "estimand": statement.estimand,
        "threshold": statement.words(),
    }


def _judged(key: str, found: Found) -> dict[str, Any]:
    """What the run found. Raises ValueError for a run that says nothing of the claim that it is to decide."""
    whole = found.claims[(found.claims.key == key) & (found.claims.part_of == "")]
    if whole.empty:
        raise ValueError(
            f"the run {found.run.name!r} must decide {key}, and its study {found.run.study!r} says nothing of it"
        )
    claim, setting = whole.iloc[0], set_by(found.run.study, found.version)
    return {name: claim[name] for name in FROM_CLAIM} | {
        "version": setting.version, "digest": setting.digest, "commit": setting.commit,
        "folder": found.folder, "command": found.command,
    }  # fmt: skip


def after_holm(row: Mapping[Any, Any]) -> str:
    """What Holm's adjustment adds to a verdict, in words: nothing where its p still agrees, or where the row has none."""
    adjusted = float(row["p_holm"])
    if row["verdict"] not in ("supported", "refuted") or math.isnan(adjusted) or adjusted <= MAX_P:
        return ""
    return f"not after Holm's adjustment over the family: p = {adjusted:.2g}"


def counts(table: pd.DataFrame, family: str = "paper") -> dict[str, int]:
    """How many rows of a family have each verdict, the most frequent first."""
    tested = table[(table.family == family) & table.key.isin(TESTED)]
    return {str(word): int(number) for word, number in tested.verdict.value_counts().items()}
