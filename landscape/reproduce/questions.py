"""Ten questions that a careful reader asks, answered from the ledger and from tables of the runs."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from landscape.reproduce.ledger import NOT_RUN

UNANSWERED = "Not answered here: the run that decides it was not made."
MAX_REASON = 160  # characters of a reason; longer ones are in the ledger and beside the settings
FILE = Path(__file__).with_name("questions.toml")
Tables = Mapping[str, Mapping[str, pd.DataFrame]]  # of each run by its name, by the table's name


@dataclass(frozen=True)
class Question:
    """A question: the row whose verdict answers it, the sentence for each verdict, further rows, and what else is counted."""

    asked: str
    by: str
    open: str
    rows: tuple[str, ...]
    also: tuple[str, ...]
    supported: str = ""
    refuted: str = ""


@cache
def questions() -> tuple[Question, ...]:
    """The ten questions."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))["question"]
    return tuple(Question(**{**one, "rows": tuple(one["rows"]), "also": tuple(one["also"])}) for one in content)


def answer(question: Question, ledger: pd.DataFrame, tables: Tables) -> list[str]:
    """The answer as sentences: by the verdict first, then a sentence for each row, then numbers of the runs' tables."""
    by_key = {str(row["key"]): row for row in ledger.to_dict("records")}
    verdict = str(by_key[question.by]["verdict"]) if question.by else NOT_RUN
    first = {"supported": question.supported, "refuted": question.refuted, NOT_RUN: UNANSWERED}.get(
        verdict, question.open
    )
    first = question.open if not question.by else first
    numbers = [ALSO[name](tables) for name in question.also]
    return [first, *(row_words(by_key[key]) for key in question.rows), *filter(None, numbers)]


def row_words(row: Mapping[Any, Any]) -> str:
    """A row of the ledger as a sentence: its claim, its verdict, the effect with its interval, and the verdict's label."""
    if row["verdict"] == NOT_RUN:
        return f"{row['key']} ({row['statement']}) is not yet run: it needs {row['needs']}."
    words = f"{row['key']} ({row['statement']}) is {row['verdict']}"
    if math.isfinite(row["estimate"]):
        words += f": {row['estimand']} {row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]"
        words = f"{words}, where the claim needs {row['threshold']}"
    elif 0 < len(row["reason"]) <= MAX_REASON:
        words = f"{words}: {row['reason']}"
    return f"{words} ({row['label']})." if row["label"] else f"{words}."


def _ranges(tables: Tables) -> str:
    """The output ranges of the paper's network of Figure 2, before and after training."""
    rows = _members(tables, "fig2", hidden=2, width=5)
    if rows.empty:
        return ""
    return (
        f"Figure 2's network has a median output range of {rows.output_range.median():.2g} after training and of "
        f"{rows.untrained_range.median():.2g} before it."
    )


def _identity(tables: Tables) -> str:
    """How near networks of many points are to the identity."""
    rows = _members(tables, "fig6")
    if rows.empty:
        return ""
    many = rows[rows["count"] == rows["count"].max()]
    near = float((many.trace_share > 0.5).mean())
    return (
        f"A rival of many-to-one maps: of the networks of {many['count'].max():,} points {near:.0%} are nearer to the identity "
        f"than to a constant (tr J / D > ½), and a low loss at the corners follows from that."
    )


def _arrivals(tables: Tables) -> str:
    """The share of samples near the points of Figure 3 after 5 iterations, by depth."""
    rows = _members(tables, "fig3", width=5)
    if rows.empty:
        return ""
    shares = ", ".join(
        f"{mean:.0%} with {hidden}" for hidden, mean in rows.groupby("hidden").share_early.mean().items()
    )
    return (
        f"On Figure 3's two points the share of samples that are near one after 5 iterations is {shares} hidden layers."
    )


def _depths(tables: Tables) -> str:
    """The share of samples near the data after 5 iterations at equal parameters, by depth."""
    rows = _members(tables, "depth")
    rows = rows[rows.budget > 0] if len(rows) else rows
    if rows.empty:
        return ""
    middle = rows.groupby("hidden").share_early.mean()
    words = ", ".join(f"{mean:.0%} with {hidden}" for hidden, mean in middle.items())
    return (
        f"At equal parameters the share of samples near a training point after 5 iterations is {words} hidden layers."
    )


def _noises(tables: Tables) -> str:
    """Jumps per 100 steps at the paper's amplitude, by kind of noise."""
    rows = _jumps(tables)
    if rows.empty:
        return ""
    still = rows[rows.amplitude == 0].mode_jumps.mean()
    at = rows[rows.amplitude == 0.01].groupby("noise").mode_jumps.mean()
    words = ", ".join(f"{value:.3g} with {kind} noise" for kind, value in at.items())
    return f"Jumps to another training image per 100 steps at ε = .01: {words}; {still:.3g} without noise."


def _jumpiness(tables: Tables) -> str:
    """Long steps without noise, of networks and of the identity."""
    rows = _jumps(tables)
    if rows.empty:
        return ""
    still = rows[rows.amplitude == 0]
    return (
        f"Without noise {still.jumpiness.mean():.2%} of the steps on digits are longer than a tenth of the range's diameter, "
        f"and {still.mode_jumps.mean():.3g} in 100 lead to another nearest training image: the two are not the same."
    )


def _members(tables: Tables, run: str, **values: Any) -> pd.DataFrame:
    """The networks of a run with these values; none if the run was not made."""
    table = tables.get(run, {}).get("members", pd.DataFrame())
    for name, value in values.items():
        table = table[table[name] == value] if len(table) else table
    return table


def _jumps(tables: Tables) -> pd.DataFrame:
    """The jumps of networks, without controls."""
    table = tables.get("samples", {}).get("jumps", pd.DataFrame())
    return table[table.control == "none"] if len(table) else table


ALSO: Mapping[str, Callable[[Tables], str]] = {
    "ranges": _ranges, "identity": _identity, "arrivals": _arrivals, "depths": _depths, "noises": _noises, "jumps": _jumpiness,
}  # fmt: skip
