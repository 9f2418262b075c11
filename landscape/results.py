"""Run folders: one study with its parameters fixed, a folder per finished cell, readable with pandas alone."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from landscape import cells as _cells
from landscape import disk
from landscape.cells import Measured as Measured
from landscape.record import RECORD as RECORD
from landscape.record import Cell as Cell
from landscape.record import Damaged as Damaged
from landscape.record import RunError as RunError
from landscape.record import cell as cell
from landscape.record import cell_of, refuse_no_folder, unchecked
from landscape.record import read_record as read_record
from landscape.record import write_record as write_record

CELLS, LOCK = "cells", "run.lock"


@dataclass(frozen=True, eq=False)
class Result:
    """A run read back. `tables` join the tables of all finished cells, the cells' values as columns; `arrays` are by cell.

    `left_out` gives the reason for each damaged cell that a partial reading left out, by the cell's name. An `unchecked` run
    was made before records had digests, so that damage to it may go unnoticed."""

    path: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    arrays: dict[Cell, dict[str, np.ndarray]]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def unchecked(self) -> bool:
        """Whether the run was made before records had digests."""
        return unchecked(self.record)

    @property
    def table(self) -> pd.DataFrame:
        """The members' table: a row per member, tidy."""
        return self.tables.get("members", pd.DataFrame())

    @property
    def failed_cells(self) -> dict[str, str]:
        """The error of every cell that failed, by the cell's name."""
        return {entry["name"]: entry["error"] for entry in self.record["cells"] if entry["status"] == "failed"}

    def _repr_html_(self) -> str:
        states = [entry["status"] for entry in self.record["cells"]]
        head = (
            f"<b>{self.record['study']}</b>: {states.count('done')} of {len(states)} cells, {len(self.table)} members"
        )
        return f"<p>{head}</p>{self.table.head(10).to_html(index=False, max_cols=12)}"


def parameter_key(study: str, version: int, parameters: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits of a study with its parameters: equal parameters give an equal folder."""
    content = json.dumps([study, version, parameters], sort_keys=True, default=list)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def create(
    folder: Path, record: Mapping[str, Any], *, fresh: bool = False, later: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Make a run's folder, or accept an existing folder of the same study and parameters and return its record.

    A new folder gets `record`. `fresh` deletes finished cells, and accepts a damaged record. `later` are parameters that older
    records lack, with the values they had. Files that a killed process left half written are removed. Raises RunError for a
    folder of another study, and for a folder that is no run."""
    there = None
    if (folder / RECORD).exists():
        try:
            there = read_record(folder)
        except RunError:
            if not fresh:
                raise
        else:
            _refuse_another(folder, {**there, "parameters": {**(later or {}), **there["parameters"]}}, record)
    elif folder.exists() and any(
        entry.name not in (LOCK, CELLS) and entry.suffix != ".part" and not _cells.is_litter(entry.name)
        for entry in folder.iterdir()
    ):
        raise RunError(f"{folder} exists and is no run folder (no {RECORD}); choose another --out")
    for part in [*folder.glob("*.part"), *folder.glob(f"{CELLS}/*.part")]:
        disk.remove(part)
    (folder / CELLS).mkdir(parents=True, exist_ok=True)
    if fresh:
        shutil.rmtree(folder / CELLS)
        (folder / CELLS).mkdir()
    if there is None or fresh:
        write_record(folder, record)
        return None
    return there


def _refuse_another(folder: Path, there: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Raise RunError if the record that is there is of another study, version or parameters."""
    for name in ("study", "version", "parameters"):
        mine = json.loads(json.dumps(record[name]))
        if _as_json(there[name]) != _as_json(mine):
            pairs = mine.items() if isinstance(mine, dict) else ()
            fields = [key for key, value in pairs if _as_json(there[name].get(key)) != _as_json(value)]
            what = f"`{fields[0]}` differs" if fields else f"{name} differs"
            raise RunError(f"{folder} holds another run ({what}); choose another --out, or delete it")


def _as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)  # unlike Python, it tells 1 from true


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run for writing; RunError if another process does. The system drops the lock of a dead process."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with disk.locked(folder / LOCK, wait=False):
            yield
    except disk.Busy:
        raise RunError(f"{folder} is being written by another process; wait for it, or choose another --out") from None


def save_cell(folder: Path, cell: Cell, measured: Measured, seconds: float) -> str:
    """Write a finished cell: a folder of Parquet tables and one .npz, whole or not at all. Its digest is returned."""
    return _cells.save_cell(folder / CELLS / cell.key, cell, measured, seconds)


def unfinished(folder: Path, cells: Sequence[Cell]) -> dict[Cell, str]:
    """The cells that are still to run: with the reason for a finished cell that is damaged, with "" for the others."""
    try:
        digests = _digests(read_record(folder))
    except RunError:
        digests = {}
    found = {}
    for one in cells:
        place = folder / CELLS / one.key
        if reason := _cells.damage(place, one, digests.get(one, "")):
            found[one] = reason if place.exists() or one in digests else ""
    return found


def finished(folder: Path, cell: Cell) -> bool:
    """Whether the cell is stored whole: its files are those that were written. A damaged cell counts as not run."""
    return not unfinished(folder, [cell])


def remove_cell(folder: Path, cell: Cell) -> None:
    """Delete a cell's folder, before it runs again."""
    disk.remove(folder / CELLS / cell.key)


def digests(folder: Path, cells: Sequence[Cell]) -> dict[Cell, str]:
    """The digests of finished cells, for `entries`."""
    return {one: _cells.digest_of(folder / CELLS / one.key) for one in cells}


def load(path: str | Path, *, partial: bool = False) -> Result:
    """Read a run folder: its tables joined over the finished cells.

    Raises RunError if there is no run, and Damaged if a finished cell is missing or was altered; with `partial` such cells
    are left out instead, and named in `left_out`."""
    folder = Path(path)
    record = read_record(folder)
    tables: dict[str, list[pd.DataFrame]] = {}
    arrays: dict[Cell, dict[str, np.ndarray]] = {}
    left_out = {}
    for entry in record["cells"]:
        one = cell_of(entry)
        place = folder / CELLS / one.key
        if entry["status"] == "failed" or (entry["status"] == "waiting" and not place.exists()):
            continue
        try:
            measured = _cells.read_cell(place, one, entry.get("sha256", ""))
        except Damaged as error:
            left_out[entry["name"]] = str(error)
            entry |= {"status": "damaged", "error": str(error)}
            continue
        entry["status"] = "done"  # a run that was killed may not have noted its last cell
        arrays[one] = measured.arrays
        for name, table in measured.tables.items():
            for position, (key, value) in enumerate(one.values):
                if key not in table:
                    table.insert(position, key, value)
            tables.setdefault(name, []).append(table)
    if left_out and not partial:
        raise Damaged(
            f"{_listed(left_out)} of {folder} cannot be used; run the study again to redo what is damaged, or give --partial "
            "(partial=True) to leave it out"
        )
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    return Result(folder, record, joined, arrays, left_out)


def recipes_of(folder: Path, cell: Cell) -> list[str]:
    """The keys, in the model store, of what a finished cell trained; none where the run was made before they were noted."""
    return _cells.recipes_of(folder / CELLS / cell.key)


def check_cell(folder: Path, cell: Cell) -> None:
    """Raise Damaged where the record calls the cell finished and its folder is missing or altered."""
    for entry in read_record(folder)["cells"]:
        if cell_of(entry) == cell and entry["status"] == "done":
            reason = _cells.damage(folder / CELLS / cell.key, cell, entry.get("sha256", ""))
            if reason:
                raise Damaged(f"cell {cell.name} ({reason}) of {folder} cannot be used; run the study again to redo it")


def _listed(left_out: Mapping[str, str], most: int = 3) -> str:
    """The first few cells, each with its reason, and the number of the others."""
    words = [f"{name} ({reason})" for name, reason in left_out.items()]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"cell{'s' if len(words) > 1 else ''} {', '.join(words[:most])}{more}"


def _digests(record: Mapping[str, Any]) -> dict[Cell, str]:
    """The digests of the finished cells in a record, "" in records without digests."""
    return {cell_of(entry): entry.get("sha256", "") for entry in record["cells"] if entry["status"] == "done"}


def as_control(result: Result, name: str) -> Result:
    """The result as if its members were the control `name`: what a study's claims say of maps that learned nothing.

    In the members' table every column that table "controls" has too is replaced; seeds, and whatever controls were not measured
    for, stay. Other tables with a column `control` keep the control's rows, as 'none'. Raises ValueError for a control that
    the run does not have."""
    controls = result.tables.get("controls", pd.DataFrame({"control": []}))
    found = controls[controls["control"] == name].drop(columns="control")
    if found.empty:
        known = ", ".join(map(repr, controls["control"].unique())) or "none at all"
        raise ValueError(f"`name` must be a control of the run ({known}); got {name!r}")
    keys = [*(key for key, _ in result.record["cells"][0]["values"]), "member"]
    replaced = [column for column in found if column in result.table and column not in keys]
    members = result.table.drop(columns=replaced).merge(found[[*keys, *replaced]], on=keys, validate="one_to_one")
    tables = {"members": members[list(result.table)]}
    for key, table in result.tables.items():
        if key not in ("members", "controls"):
            chosen = table[table["control"] == name].assign(control="none") if "control" in table else table
            tables[key] = chosen.reset_index(drop=True)
    return replace(result, tables=tables)


def check_place(out: Path) -> None:
    """Raise RunError where `out` is there and is no folder, so that no runs can be in it."""
    refuse_no_folder(out, "runs are in a folder; choose another --out")


def runs(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The runs under `out`, newest first. A folder whose record cannot be read is left out: `unreadable` names those.

    Raises RunError where `out` is no folder."""
    check_place(out)
    found = [(folder, record) for folder, record in _records(out) if not isinstance(record, RunError)]
    return sorted(found, key=lambda pair: pair[1].get("started", ""), reverse=True)


def unreadable(out: Path) -> list[str]:
    """What is wrong with each record under `out` that cannot be read."""
    return [str(record) for _, record in _records(out) if isinstance(record, RunError)]


def _records(out: Path) -> Iterator[tuple[Path, dict[str, Any] | RunError]]:
    """Each run folder under `out` with its record, or with the error of reading it."""
    for file in sorted(out.glob(f"*/{RECORD}")):
        try:
            yield file.parent, read_record(file.parent)
        except RunError as error:
            yield file.parent, error


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def entries(cells: Sequence[Cell], done: Mapping[Cell, str], failed: Mapping[Cell, str]) -> list[dict[str, Any]]:
    """The record's list of cells: done (with its digest), failed (with the error in a line) or waiting."""
    return [
        {"name": one.name, "values": one.values}
        | (
            {"status": "failed", "error": failed[one]}
            if one in failed
            else {"status": "done", "sha256": done[one]}
            if one in done
            else {"status": "waiting"}
        )
        for one in cells
    ]
