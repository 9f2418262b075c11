"""Summaries of members that several studies show: counts for captions, tables with a row per cell, members to picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from landscape.ensemble import STATUSES
from landscape.figures import Panel
from landscape.results import Cell, Result


def failed_words(table: pd.DataFrame) -> str:
    """Words for captions: '3 of 40 members did not converge (loss > 1e-6)'."""
    failed = int((table.status != "converged").sum())
    return f"{failed} of {len(table)} members did not converge (loss > 1e-6)"


def reached_words(table: pd.DataFrame) -> str:
    """Words for captions: '20 members: 2 converged, 18 stalled (converged: loss ≤ 1e-6); median training loss 0.00031'."""
    found = table.status.value_counts()
    counts = ", ".join(f"{found[name]} {name}" for name in STATUSES if name in found)
    return f"{len(table)} members: {counts} (converged: loss ≤ 1e-6); median training loss {table.loss.median():.2g}"


def by_data(result: Result, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """The data sets of a run of which the table of members has rows: each with its name, its rows and its section's heading."""
    names = [name for name in result.record["parameters"]["data"] if (table.data == name).any()]
    for name in names:
        yield name, table[table.data == name], name if len(names) > 1 else f"Data: {name}"


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
    table = result.table
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


def how_many(table: pd.DataFrame, holds: pd.Series[bool], outer: str, inner: str) -> tuple[str, str]:
    """For how many members it `holds`, in words, by `outer` and within it by `inner`; then the same among the converged.

    'mlp: 20 of 20, 16 of 20; injective: 0 of 20, 0 of 20'"""
    converged = table.status == "converged"
    return _shares(table, holds, holds.notna(), outer, inner), _shares(table, holds, converged, outer, inner)


def _shares(table: pd.DataFrame, holds: pd.Series[bool], among: pd.Series[bool], outer: str, inner: str) -> str:
    found = table.assign(some=holds & among, all=among).groupby([outer, inner], sort=False)[["some", "all"]].sum()
    named = "" if outer == "net" else f"{outer} "
    return "; ".join(
        f"{named}{one}: {', '.join(f'{some} of {size}' for some, size in rows.itertuples(index=False, name=None))}"
        for one, rows in found.groupby(level=0, sort=False)
    )
