"""Several runs of a study as one: equal cells pool their networks, other cells stand side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from landscape.record import Cell, cell_of
from landscape.results import Result

POOLED = "pooled"  # in the record of such a result: the command of each run, by the run's name
SHOWN = "shown"  # an array of the numbers of the members that a cell's pictures show


def concat(runs: Sequence[Result]) -> Result:
    """The runs as one result: all cells of all of them, and in cells that several have the networks of each.

    A network that several runs have, by its seed, counts once; the runs must agree on its numbers. Members are numbered anew,
    in the order of the runs. Arrays with a row per member are pooled; other arrays, such as pictures, and tables without
    networks are those of the first run with the cell. `path` is the first run's. Claims, figures and pages are made of the
    pooled tables.

    Raises ValueError for fewer than two runs, runs of different studies or versions, parameters that differ and are not swept,
    and networks on which the runs do not agree."""
    if len(runs) < 2:
        raise ValueError(f"`runs` must be two results or more; got {len(runs)}")
    whole, *others = runs
    for other in others:
        whole = _both(whole, other)
    return whole


def can_pool(runs: Sequence[Result]) -> bool:
    """Whether the runs can be pooled and some cell of the first has further networks in another."""
    first, *others = runs
    seeds = {cell: set(_rows(first.whole, cell).get("seed", ())) for cell in first.arrays}
    more = any(set(_rows(other.whole, cell).get("seed", ())) - seeds[cell] for other in others for cell in seeds)
    try:
        for other in others:
            _parameters(first, other)
    except ValueError:
        return False
    return more


def commands(result: Result) -> str:
    """The commands of the runs that were pooled, a line each; empty for a run."""
    return "\n".join(result.record.get(POOLED, {}).values())


def seeds(result: Result) -> list[int]:
    """The seeds of the runs that were pooled, ascending; empty for a run."""
    return sorted(set(map(int, result.whole["seed"]))) if POOLED in result.record else []


def words(result: Result) -> str:
    """A sentence that names the runs that were pooled; empty for a run."""
    return f" Pooled from {', '.join(result.record[POOLED])}." if POOLED in result.record else ""


def _both(first: Result, second: Result) -> Result:
    parameters = _parameters(first, second)
    both = [cell for cell in first.arrays if cell in second.arrays]
    fresh = {cell: _new_members(first, second, cell) for cell in both}
    tables = {
        name: _joined(first.tables.get(name), second.tables.get(name), fresh)
        for name in dict.fromkeys([*first.tables, *second.tables])
    }
    arrays = {cell: one for cell, one in second.arrays.items() if cell not in fresh} | dict(first.arrays)
    for cell in both:
        members = len(_rows(first.whole, cell)), len(_rows(second.whole, cell))
        arrays[cell] = _pooled(first.arrays[cell], second.arrays[cell], fresh[cell], members)
    done = {entry["name"] for entry in first.record["cells"] if entry["status"] == "done"}
    entries = {entry["name"]: entry for entry in first.record["cells"]}
    entries |= {entry["name"]: entry for entry in second.record["cells"] if entry["name"] not in done}
    record = {
        **first.record,
        "parameters": parameters | _seeds(tables.get("members", pd.DataFrame()), parameters),
        "cells": list(entries.values()),
        "seconds": sum(float(one.record.get("seconds", 0.0)) for one in (first, second)),
        POOLED: _commands(first) | _commands(second),
    }
    digests = [str(one.record.get("sha256", "")) for one in (first, second)]
    if all(digests):
        record["sha256"] = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    cells = [cell for entry in record["cells"] if (cell := cell_of(entry)) in arrays]
    return replace(
        first,
        record=record,
        tables={name: _by_cell(table, cells) for name, table in tables.items()},
        arrays={cell: arrays[cell] for cell in cells},
        left_out=first.left_out | second.left_out,
    )


def _parameters(first: Result, second: Result) -> dict[str, Any]:
    """The parameters of both runs: of swept ones the values of both. Raises ValueError where the runs cannot be pooled."""
    for name in ("study", "version"):
        one, other = first.record.get(name), second.record.get(name)
        if one != other:
            raise ValueError(
                f"only runs of one study and version are pooled; {first.path.name} is of {name} {one}, {second.path.name} of "
                f"{other}"
            )
    if "seed" not in first.whole:
        raise ValueError(f"{first.path.name} has no networks with seeds, by which runs are pooled")
    mine, theirs = first.record["parameters"], second.record["parameters"]
    whole = dict(mine)
    for name in mine.keys() | theirs.keys():
        one, other = mine.get(name), theirs.get(name)
        if one == other or name in ("seed", "members"):
            continue
        if not (isinstance(one, list) and isinstance(other, list)):
            raise ValueError(
                f"runs are pooled whose seeds and swept values alone differ; {name.replace('_', '-')} is {one} in "
                f"{first.path.name} and {other} in {second.path.name}"
            )
        whole[name] = list(dict.fromkeys([*one, *other]))
    return whole


def _seeds(members: pd.DataFrame, parameters: dict[str, Any]) -> dict[str, int]:
    """The first seed and the number of members of the pooled run. Seeds need not follow one another."""
    seeds = set(members.get("seed", ()))
    return {"seed": int(min(seeds, default=parameters["seed"])), "members": max(len(seeds), 1)}


def _commands(one: Result) -> dict[str, str]:
    return one.record.get(POOLED) or {one.path.name: str(one.record.get("command", ""))}


def _rows(table: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """The rows of a cell."""
    if any(name not in table for name, _ in cell.values):
        return table.iloc[:0]
    chosen = np.logical_and.reduce([table[name] == value for name, value in cell.values])
    found: pd.DataFrame = table[np.broadcast_to(chosen, len(table))]
    return found


def _by_cell(table: pd.DataFrame, cells: Sequence[Cell]) -> pd.DataFrame:
    """The rows in the order of the cells, as in the table of one run."""
    place = np.full(len(table), len(cells))
    for number, cell in enumerate(cells):
        place[table.index.get_indexer(_rows(table, cell).index)] = number
    return table.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _new_members(first: Result, second: Result, cell: Cell) -> dict[int, int]:
    """The members of a cell that only the second run has: their numbers there, with those in the pooled run.

    Raises ValueError if a network of both has different numbers."""
    mine, theirs = (_rows(one.whole, cell) for one in (first, second))
    known = mine.set_index("seed")
    again = theirs[theirs.seed.isin(known.index)].set_index("seed")
    columns = [name for name in known if name in again and name != "member"]
    before, now = known.loc[again.index, columns], again[columns]
    if not ((before == now) | (before.isna() & now.isna())).all(axis=None):
        raise ValueError(
            f"{first.path.name} and {second.path.name} do not agree on the network of seed {again.index[0]} in cell "
            f"{cell.name}; pool runs with different seeds"
        )
    fresh = theirs[~theirs.seed.isin(known.index)]
    return {int(member): len(mine) + place for place, member in enumerate(fresh.member)}


def _joined(first: pd.DataFrame | None, second: pd.DataFrame | None, fresh: dict[Cell, dict[int, int]]) -> pd.DataFrame:
    """A table of both runs: that of the first, new members of common cells, and the rows of the second's own cells."""
    if first is None or second is None:
        (only,) = (one for one in (first, second) if one is not None)
        return only
    common, added = np.zeros(len(second), bool), []
    for cell, numbers in fresh.items():
        rows = _rows(second, cell)
        common[second.index.get_indexer(rows.index)] = True
        if "member" in rows:
            chosen = rows[rows.member.isin(numbers)]
            added.append(chosen.assign(member=chosen.member.map(numbers)))
        elif "seed" in rows:
            added.append(rows[~rows.seed.isin(_rows(first, cell).seed)])
    parts = [first, *added, second[~common]]
    return pd.concat([part for part in parts if len(part)] or [first], ignore_index=True)


def _pooled(
    first: dict[str, np.ndarray], second: dict[str, np.ndarray], fresh: dict[int, int], members: tuple[int, int]
) -> dict[str, np.ndarray]:
    """The arrays of a cell: those with a row per member in both runs have the rows of both."""
    arrays = dict(first)
    chosen = list(fresh)
    for name, mine in first.items():
        theirs = second.get(name)
        if theirs is None or not mine.ndim or mine.shape[1:] != theirs.shape[1:] or not chosen:
            continue
        if (len(mine), len(theirs)) == members:
            rows = theirs[chosen]
            arrays[name] = np.concatenate([mine, [fresh[int(one)] for one in rows] if name == SHOWN else rows])
    return arrays
