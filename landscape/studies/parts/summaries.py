"""Summaries of members that several studies show: counts for captions, tables with a row per cell, members to picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from landscape.ensemble import STATUSES, TOL
from landscape.figures import Panel
from landscape.results import Cell, Result
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import two_digits


def fitted_words(table: pd.DataFrame) -> str:
    """The sentence on how training ended, once a section, for texts on how to read it.

    '37 of 40 networks converged (training loss at most 1e-6); 2 stalled, 1 diverged; all are counted.' If less than half of the
    networks converged, the median training loss is added. 'Converged' is a status of training and nothing else."""
    found = table.status.value_counts()
    converged, rule = int(found.get("converged", 0)), f"(training loss at most {two_digits(TOL)})"
    if converged == len(table):
        return f"All {counted(len(table), 'network')} converged {rule}."
    others = ", ".join(f"{found[name]:,} {name}" for name in STATUSES[1:] if name in found)
    median = f" The median training loss is {two_digits(table.loss.median())}." if 2 * converged < len(table) else ""
    return f"{converged:,} of {counted(len(table), 'network')} converged {rule}; {others}; all are counted.{median}"


def trained_words(table: pd.DataFrame) -> str:
    """The sentence on networks of which no training loss is asked, once a section, for texts on how to read it.

    '20 networks, each trained for all its steps; the median training loss is 0.00039; 1 diverged.'"""
    found = table.status.value_counts()
    lost = [f"{found[name]:,} {name}" for name in STATUSES[2:] if name in found]
    loss = f"the median training loss is {two_digits(table.loss.median())}"
    return "; ".join([f"{counted(len(table), 'network')}, each trained for all its steps", loss, *lost]) + "."


def by_data(result: Result, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """The data sets of a run of which the table of members has rows: each with its name, its rows and its section's heading."""
    names = [name for name in result.record["parameters"]["data"] if (table.data == name).any()]
    own = result.record.get("own_data", {})
    for name in names:
        words = f"{name}, {own[name]['form']}" if "form" in own.get(name, {}) else name
        yield name, table[table.data == name], words if len(names) > 1 else f"Data: {words}"


def in_tabs(panels: Iterable[Panel], group: str = "Each data set") -> Iterator[Panel]:
    """The panels about one data set or setting, whose section becomes a tab beside those of the others in `group`."""
    for panel in panels:
        yield replace(panel, group=group)


def cell_summary(table: pd.DataFrame, keys: Sequence[str], medians: Sequence[str]) -> pd.DataFrame:
    """A table with a row per cell: numbers of members by status, the commonest kind, and medians of the columns `medians`."""
    kind = table.groupby(list(keys), sort=False).kind.agg(commonest).reset_index()
    summary = status_summary(table, keys, ["parameters", *medians])
    summary.insert(list(summary).index("parameters"), "kind", kind.kind)
    return summary


def status_summary(table: pd.DataFrame, keys: Sequence[str], medians: Sequence[str]) -> pd.DataFrame:
    """A table with a row per cell: numbers of members by status, and medians of the columns `medians`."""
    groups = table.groupby(list(keys), sort=False)
    counts = groups.status.value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=list(STATUSES), fill_value=0)
    middle = groups[list(medians)].median()
    return pd.concat([groups.size().rename("members"), counts, middle], axis=1).reset_index()


def control_summary(controls: pd.DataFrame, keys: Sequence[str], medians: Sequence[str]) -> pd.DataFrame:
    """A table with a row per `keys` and control: the commonest kind, and medians of the columns `medians` that it has."""
    columns: dict[str, tuple[str, Any]] = {"kind": ("kind", commonest)} if "kind" in controls else {}
    columns |= {name: (name, "median") for name in medians if name in controls}
    return controls.groupby([*keys, "control"], sort=False).agg(**columns).reset_index()


def shown_members(members: pd.DataFrame, column: str = "cube_mean") -> list[int]:
    """Up to three members to picture: the median by `column` first, then the lowest and the highest.

    They are chosen among the converged members, or among all if none converged. Members without a value are chosen only if no
    member has one."""
    pool = members[members.status == "converged"]
    ordered = (pool if len(pool) else members).sort_values(column)
    known = int(ordered[column].notna().sum()) or len(ordered)
    return [int(ordered.member.iloc[place]) for place in dict.fromkeys([(known - 1) // 2, 0, known - 1])]


def member_rows(result: Result, one: Cell) -> pd.DataFrame:
    """The rows of the members of a cell, indexed by member."""
    table = result.whole
    for name, value in one.values:
        table = table[table[name] == value]
    return table.set_index("member")


def commonest(words: pd.Series[str]) -> str:
    """The most frequent word; of equally frequent words the first in alphabetical order."""
    return str(words.mode().iloc[0])


def finite_members(members: pd.DataFrame) -> list[int]:
    """The rows of the members that did not diverge. Raises ValueError if all did, as there is nothing to measure."""
    finite = [place for place, status in enumerate(members.status) if status != "diverged"]
    if not finite:
        raise ValueError(f"all {len(members)} networks diverged; lower --lr")
    return finite
