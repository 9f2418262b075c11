"""Run folders: one study with its parameters fixed, a file per finished cell, readable with pandas alone."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from landscape.disk import settle

RECORD, CELLS, LOCK = "run.json", "cells", "run.lock"
Scalar = str | int | float | bool | None


class RunError(ValueError):
    """A run folder that cannot be used, and what to do about it."""


@dataclass(frozen=True)
class Cell:
    """One combination of a study's swept parameters: the unit that is run, stored and resumed."""

    values: tuple[tuple[str, Scalar], ...]

    def __getitem__(self, name: str) -> Any:
        return dict(self.values)[name]

    @property
    def name(self) -> str:
        """For people: 'hidden=6 width=50'."""
        return " ".join(f"{key}={value}" for key, value in self.values)

    @property
    def key(self) -> str:
        """For files: sixteen hexadecimal digits of the values."""
        return hashlib.sha256(json.dumps(self.values).encode()).hexdigest()[:16]


def cell(**values: Scalar) -> Cell:
    """A cell from keyword arguments, in the order given."""
    return Cell(tuple(values.items()))


@dataclass(frozen=True, eq=False)
class Measured:
    """What one cell yields. tables["members"] has a row a member (columns member, seed, status and the measurements); other
    tables are keyed by member too. `arrays` hold surfaces, orbits and the like."""

    tables: dict[str, pd.DataFrame]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """A run read back. `tables` join all finished cells, the cell's values as columns; `arrays[cell]` are a cell's own."""

    path: Path
    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    arrays: dict[Cell, dict[str, np.ndarray]]

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


def create(folder: Path, record: Mapping[str, Any], *, fresh: bool = False) -> dict[str, Any] | None:
    """Make the folder, or accept the one that is there if it is of the same study and parameters: the record it had.

    A new folder is given `record`. `fresh` deletes finished cells first, and forgives a damaged record. What a killed process
    left half written is removed. Raises RunError for a folder of another study or a folder that is no run."""
    there = None
    if (folder / RECORD).exists():
        try:
            there = read_record(folder)
        except RunError:
            if not fresh:
                raise
        else:
            _refuse_another(folder, there, record)
    elif folder.exists() and any(
        entry.name not in (LOCK, CELLS) and entry.suffix != ".part" for entry in folder.iterdir()
    ):
        raise RunError(f"{folder} exists and is no run folder (no {RECORD}); choose another --out")
    for part in [*folder.glob("*.part"), *folder.glob(f"{CELLS}/*.part")]:
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    (folder / CELLS).mkdir(parents=True, exist_ok=True)
    if fresh:
        shutil.rmtree(folder / CELLS)
        (folder / CELLS).mkdir()
    if there is None or fresh:
        write_record(folder, record)
        return None
    return there


def _refuse_another(folder: Path, there: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    for name in ("study", "version", "parameters"):
        if there[name] != json.loads(json.dumps(record[name])):
            raise RunError(f"{folder} holds another run ({name} differs); choose another --out, or delete it")


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace run.json atomically."""
    part = folder / f"{RECORD}.{os.getpid()}.part"
    try:
        part.write_text(json.dumps(record, indent=1, default=list))
        settle(part, folder / RECORD)
    finally:
        part.unlink(missing_ok=True)


def read_record(folder: Path) -> dict[str, Any]:
    """run.json; RunError where it is missing or damaged."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text())
        if not isinstance(record, dict) or not {"study", "version", "parameters", "cells"} <= record.keys():
            raise ValueError("fields are missing")
    except FileNotFoundError:
        raise RunError(f"no run in {folder} (no {RECORD}); `landscape runs` lists the runs there are") from None
    except (ValueError, OSError) as error:
        raise RunError(f"{folder / RECORD} cannot be read ({error}); run the study again with --fresh") from None
    return record


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run for writing; RunError where another process has it. The kernel drops the lock of a dead process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"{folder} is being written by another process; wait for it, or choose another --out"
            ) from None
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def save_cell(folder: Path, cell: Cell, measured: Measured, seconds: float) -> None:
    """Write a finished cell: a folder of Parquet tables and one .npz, under a temporary name, then renamed."""
    target = folder / CELLS / cell.key
    part = target.with_name(f"{cell.key}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name, table in measured.tables.items():
            table.to_parquet(part / f"{name}.parquet", index=False)
        np.savez_compressed(part / "arrays.npz", **measured.arrays)  # type: ignore[arg-type]
        digests = {file.name: _digest(file) for file in sorted(part.iterdir())}
        note = {"values": cell.values, "seconds": seconds, "sha256": digests}
        (part / "cell.json").write_text(json.dumps(note, indent=1))
        shutil.rmtree(target, ignore_errors=True)
        settle(part, target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def finished(folder: Path, cell: Cell) -> bool:
    """Whether the cell is stored whole: its files are those that were written. A damaged cell counts as not run."""
    target = folder / CELLS / cell.key
    try:
        note = json.loads((target / "cell.json").read_text())
        return all(_digest(target / name) == digest for name, digest in note["sha256"].items())
    except (OSError, ValueError, KeyError):
        return False


def load(path: str | Path) -> Result:
    """Read a run folder: its tables joined over the finished cells.

    Raises RunError where there is no run, or where a cell's files are not those that were written."""
    folder = Path(path)
    record = read_record(folder)
    tables: dict[str, list[pd.DataFrame]] = {}
    arrays: dict[Cell, dict[str, np.ndarray]] = {}
    for entry in record["cells"]:
        found = Cell(tuple((name, value) for name, value in entry["values"]))
        target = folder / CELLS / found.key
        if not target.exists():
            continue
        if not finished(folder, found):
            failed = f" (it failed the last time: {entry['error']})" if "error" in entry else ""
            raise RunError(
                f"cell {found.name} of {folder} was altered or is incomplete; run the study again to redo it{failed}"
            )
        for file in sorted(target.glob("*.parquet")):
            table = pd.read_parquet(file)
            for position, (name, value) in enumerate(found.values):
                if name not in table:
                    table.insert(position, name, value)
            tables.setdefault(file.stem, []).append(table)
        with np.load(target / "arrays.npz") as stored:
            arrays[found] = {name: stored[name] for name in stored.files}
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    return Result(folder, record, joined, arrays)


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


def runs(out: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The runs under `out`, newest first. A folder whose record cannot be read is left out."""
    found = []
    for file in out.glob(f"*/{RECORD}"):
        try:
            found.append((file.parent, read_record(file.parent)))
        except RunError:
            continue
    return sorted(found, key=lambda pair: str(pair[1].get("started", "")), reverse=True)


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def entries(folder: Path, cells: Sequence[Cell], failed: Mapping[Cell, str]) -> list[dict[str, Any]]:
    """The record's list of cells: done, failed (with the error in a line) or waiting."""
    return [
        {
            "name": one.name,
            "values": one.values,
            "status": "failed" if one in failed else "done" if (folder / CELLS / one.key).exists() else "waiting",
            **({"error": failed[one]} if one in failed else {}),
        }
        for one in cells
    ]
