"""Run folders: a run of a study with fixed parameters, with a folder per finished cell, readable with pandas alone."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
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
from landscape.record import cell_of as cell_of
from landscape.record import read_record as read_record
from landscape.record import refuse_no_folder
from landscape.record import write_record as write_record
from landscape.result import Result as Result
from landscape.result import as_control as as_control
from landscape.sharing import CELL_LOCKS, LOCK, in_progress
from landscape.sharing import CELLS as CELLS


def parameter_key(study: str, version: int, parameters: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits, a hash of a study with its parameters: equal parameters give the same folder."""
    content = json.dumps([study, version, parameters], sort_keys=True, default=list)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def create(
    folder: Path, record: Mapping[str, Any], *, fresh: bool = False, later: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Make a run's folder, or accept an existing folder of the same study and parameters and return its record.

    A new folder gets `record`. `fresh` deletes finished cells, and accepts a damaged record. `later` are parameters that older
    records lack, with the values they had. Removes half-written files where no cell is in progress. Raises RunError for a
    folder that is not this run's, and for `fresh` while a cell is in progress."""
    existing = None
    if (folder / RECORD).exists():
        try:
            existing = read_record(folder)
        except RunError:
            if not fresh:
                raise
        else:
            _refuse_another(folder, {**existing, "parameters": {**(later or {}), **existing["parameters"]}}, record)
    elif folder.exists() and any(
        entry.name not in (LOCK, CELLS, CELL_LOCKS) and entry.suffix != ".part" and not _cells.is_litter(entry.name)
        for entry in folder.iterdir()
    ):
        raise RunError(f"{folder} exists and is no run folder (no {RECORD}); choose another --out")
    if not in_progress(folder):
        for part in [*folder.glob("*.part"), *folder.glob(f"{CELLS}/*.part")]:
            disk.remove(part)
    elif fresh:
        raise RunError(f"{folder} is being written by another process; wait for it, or choose another --out")
    (folder / CELLS).mkdir(parents=True, exist_ok=True)
    if fresh:
        shutil.rmtree(folder / CELLS)
        (folder / CELLS).mkdir()
    if existing is None or fresh:
        write_record(folder, record)
        return None
    return existing


def _refuse_another(folder: Path, existing: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Raise RunError if the existing record differs from `record` in study, version or parameters."""
    for name in ("study", "version", "parameters"):
        wanted = json.loads(json.dumps(record[name]))
        if _as_json(existing[name]) != _as_json(wanted):
            pairs = wanted.items() if isinstance(wanted, dict) else ()
            fields = [key for key, value in pairs if _as_json(existing[name].get(key)) != _as_json(value)]
            what = f"`{fields[0]}` differs" if fields else f"{name} differs"
            raise RunError(f"{folder} holds another run ({what}); choose another --out, or delete it")


def _as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)  # unlike Python's ==, JSON distinguishes 1 from true


def save_cell(folder: Path, cell: Cell, measured: Measured, seconds: float) -> str:
    """Write a finished cell atomically, as a folder of Parquet tables and an .npz. Returns its digest."""
    return _cells.save_cell(folder / CELLS / cell.key, cell, measured, seconds)


def unfinished(folder: Path, cells: Sequence[Cell]) -> dict[Cell, str]:
    """The cells that are still to run. The value is the reason for a finished cell that is damaged, "" for other cells."""
    try:
        digests = _digests(read_record(folder))
    except RunError:
        digests = {}
    reasons = {}
    for candidate in cells:
        place = folder / CELLS / candidate.key
        if reason := _cells.damage(place, candidate, digests.get(candidate, "")):
            reasons[candidate] = reason if place.exists() or candidate in digests else ""
    return reasons


def finished(folder: Path, cell: Cell) -> bool:
    """Whether the cell is stored and its files are those that were written. A damaged cell counts as not run."""
    return not unfinished(folder, [cell])


def remove_cell(folder: Path, cell: Cell) -> None:
    """Delete a cell's folder, before it runs again."""
    disk.remove(folder / CELLS / cell.key)


def digests(folder: Path, cells: Sequence[Cell]) -> dict[Cell, str]:
    """The digests of finished cells, for `entries`."""
    return {cell: _cells.digest_of(folder / CELLS / cell.key) for cell in cells}


def load(path: str | Path, *, partial: bool = False, record: dict[str, Any] | None = None) -> Result:
    """Read a run folder, its tables joined over the finished cells. A `record` that is already read is not read again.

    Raises RunError if the folder holds no run, and Damaged if a finished cell is missing or was altered. With `partial`, such
    cells are left out instead and named in `left_out`."""
    folder = Path(path)
    record = read_record(folder) if record is None else record
    tables: dict[str, list[pd.DataFrame]] = {}
    arrays, left_out = dict[Cell, dict[str, np.ndarray]](), dict[str, str]()
    for entry in record["cells"]:
        cell = cell_of(entry)
        place = folder / CELLS / cell.key
        if entry["status"] == "failed" or (entry["status"] == "waiting" and not place.exists()):
            continue
        try:
            measured = _cells.read_cell(place, cell, entry.get("sha256", ""))
        except Damaged as error:
            left_out[entry["name"]] = str(error)
            entry |= {"status": "damaged", "error": str(error)}
            continue
        entry["status"] = "done"  # a run that was killed may not have noted its last cell
        arrays[cell] = measured.arrays
        for name, table in measured.tables.items():
            for position, (key, value) in enumerate(cell.values):
                if key not in table:
                    table.insert(position, key, value)
            if len(table) or name not in tables:  # a cell without networks has an empty table of them
                tables.setdefault(name, []).append(table)
    if left_out and not partial:
        raise Damaged(
            f"{_listed(left_out)} of {folder} cannot be used; run the study again to redo what is damaged, or give --partial "
            "(partial=True) to leave it out"
        )
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    return Result(folder, record, joined, arrays, left_out)


def recipes_of(folder: Path, cell: Cell) -> list[str]:
    """The keys, in the model store, of the ensembles that a finished cell trained. Empty for runs of earlier versions."""
    return _cells.recipes_of(folder / CELLS / cell.key)


def check_cell(folder: Path, cell: Cell) -> None:
    """Raise Damaged if the record lists the cell as finished, but its folder is missing or was altered."""
    for entry in read_record(folder)["cells"]:
        if cell_of(entry) == cell and entry["status"] == "done":
            reason = _cells.damage(folder / CELLS / cell.key, cell, entry.get("sha256", ""))
            if reason:
                raise Damaged(f"cell {cell.name} ({reason}) of {folder} cannot be used; run the study again to redo it")


def _listed(left_out: Mapping[str, str], most: int = 3) -> str:
    """The first `most` cells, each with its reason, and the number of the others, in words."""
    words = [f"{name} ({reason})" for name, reason in left_out.items()]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"cell{'s' if len(words) > 1 else ''} {', '.join(words[:most])}{more}"


def _digests(record: Mapping[str, Any]) -> dict[Cell, str]:
    """The digests of the finished cells in a record, "" in records without digests."""
    return {cell_of(entry): entry.get("sha256", "") for entry in record["cells"] if entry["status"] == "done"}


def check_place(out: Path) -> None:
    """Raise RunError if `out` exists and is no folder, so that it cannot hold runs."""
    refuse_no_folder(out, "runs are in a folder; choose another --out")


def runs(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The runs under `out`, newest first. Folders whose record cannot be read are left out; `unreadable` lists them.

    Raises RunError if `out` is no folder."""
    check_place(out)
    readable = [(folder, record) for folder, record in _records(out) if not isinstance(record, RunError)]
    return sorted(readable, key=lambda pair: pair[1].get("started", ""), reverse=True)


def unreadable(out: Path) -> list[str]:
    """The error, in words, of each record under `out` that cannot be read."""
    return [str(record) for _, record in _records(out) if isinstance(record, RunError)]


def _records(out: Path) -> Iterator[tuple[Path, dict[str, Any] | RunError]]:
    """Each run folder under `out`, with its record or with the error that reading it raised."""
    for file in sorted(out.glob(f"*/{RECORD}")):
        try:
            yield file.parent, read_record(file.parent)
        except RunError as error:
            yield file.parent, error


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def entries(
    cells: Sequence[Cell],
    done: Mapping[Cell, str],
    failed: Mapping[Cell, str],
    others: Mapping[Cell, Any] | None = None,
) -> list[dict[str, Any]]:
    """The record's list of cells: each is done (with its digest), failed (with its error in one line), or as `others` say.

    `others` are entries that are in the record, of cells of which this process knows nothing. Further cells are waiting."""
    return [
        {"name": cell.name, "values": cell.values}
        | (
            {"status": "failed", "error": failed[cell]}
            if cell in failed
            else {"status": "done", "sha256": done[cell]}
            if cell in done
            else (others or {}).get(cell, {"status": "waiting"})
        )
        for cell in cells
    ]
