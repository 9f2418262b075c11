"""Runs that move: packed with their networks into one file, and gathered from files and folders into one folder."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from landscape import disk, model_store, results, sharing
from landscape.record import PAGE, RECORD, RunError, cell_of

MODELS = "models"


@dataclass(frozen=True)
class Packed:
    """What a packed run holds: `cells` of `of_cells` that the run has, `networks` of `of_networks` that these cells trained."""

    cells: int
    of_cells: int
    networks: int
    of_networks: int


@dataclass(frozen=True)
class Gathered:
    """What came of gathering: a run's folder, the cells and networks that are new there, and the cells it lacks.

    `damaged` gives the reason, by the cell's name, for cells of the source that were left out."""

    folder: Path
    new_cells: int
    new_networks: int
    missing: int
    damaged: dict[str, str]


def pack(folder: Path, to: Path) -> Packed:
    """Write a run with its finished cells, its page and its networks to the tar file `to`.

    Networks are read from the store beside the run. Raises ValueError for a name that does not end in .tar, RunError for a
    folder that is no run or has no finished cell."""
    if to.suffix != ".tar":
        raise ValueError(f"the file must end in .tar; got {to.name}")
    record = results.read_record(folder)
    cells = [cell_of(entry) for entry in record["cells"]]
    left = results.unfinished(folder, cells)
    done = [cell for cell in cells if cell not in left]
    if not done:
        raise RunError(f"{folder} has no finished cell; run the study first")
    keys = model_store.keys_of(folder, record, done)
    networks = {key: files for key in keys if (files := model_store.files_of(folder.parent / MODELS, key))}
    with disk.replacing(to) as part, tarfile.open(part, "w") as tar:
        tar.add(folder / RECORD, f"{folder.name}/{RECORD}")
        if (folder / PAGE).exists():
            tar.add(folder / PAGE, f"{folder.name}/{PAGE}")
        for cell in done:
            tar.add(folder / results.CELLS / cell.key, f"{folder.name}/{results.CELLS}/{cell.key}")
        for key, files in networks.items():
            for file in files:
                tar.add(file, f"{MODELS}/{key}/{file.name}")
    return Packed(len(done), len(cells), len(networks), len(keys))


def gather(source: Path, out: Path) -> list[Gathered]:
    """Copy the runs of `source` into `out`, cell by cell, with their networks.

    `source` is a run's folder, a folder with runs, or a file that `pack` wrote. Cells that are there already stay. Raises
    RunError for a source without runs, and where `out` holds another run of the same name."""
    with _opened(source, out) as place:
        folders = [place] if (place / RECORD).exists() else sorted(file.parent for file in place.glob(f"*/{RECORD}"))
        if not folders:
            raise RunError(
                f"{source} holds no run: give a run's folder, a folder with runs, or a file of `landscape pack`"
            )
        if any(folder.resolve().parent == out.resolve() for folder in folders):
            raise RunError(f"the runs of {source} are in {out} already; choose another --out")
        return [_merged(folder, out) for folder in folders]


@contextmanager
def _opened(source: Path, out: Path) -> Iterator[Path]:
    """The folder of a source. A file is unpacked into a temporary folder under `out`, which is removed after the block."""
    if source.is_dir():
        yield source
        return
    if not source.exists():
        raise RunError(f"{source} does not exist")
    if not tarfile.is_tarfile(source):
        raise RunError(f"{source} is no file of `landscape pack`")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gather-", dir=out) as place:
        try:
            with tarfile.open(source, "r:") as tar:
                tar.extractall(place, filter="data")
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise RunError(f"{source} cannot be unpacked ({error})") from None
        yield Path(place)


def _merged(folder: Path, out: Path) -> Gathered:
    """Add what a run's folder has to the run of the same name under `out`."""
    record, target = results.read_record(folder), out / folder.name
    cells = [cell_of(entry) for entry in record["cells"]]
    failed = {cell_of(entry): entry["error"] for entry in record["cells"] if entry["status"] == "failed"}
    there_not = results.unfinished(folder, cells)
    damaged = {cell.name: reason for cell, reason in there_not.items() if reason}
    with sharing.locked(target):
        blank = record | {"cells": results.entries(cells, {}, {}), "seconds": 0.0}
        known = results.create(target, blank) or blank
        lacking = results.unfinished(target, cells)
        new = [cell for cell in cells if cell in lacking and cell not in there_not]
        for cell in new:
            place = target / results.CELLS / cell.key
            with disk.replacing(place) as part:
                shutil.copytree(folder / results.CELLS / cell.key, part)
        left = results.unfinished(target, cells)
        done = results.digests(target, [cell for cell in cells if cell not in left])
        entries = results.entries(cells, done, {cell: failed[cell] for cell in failed if cell in left})
        seconds = float(known["seconds"]) + (float(record.get("seconds", 0.0)) if new else 0.0)
        results.write_record(target, known | {"cells": entries, "seconds": seconds})
    keys = model_store.keys_of(folder, record, [cell for cell in cells if cell not in there_not])
    return Gathered(target, len(new), _networks(keys, folder.parent / MODELS, out / MODELS), len(left), damaged)


def _networks(keys: Iterable[str], source: Path, models: Path) -> int:
    """Copy the networks of these keys that the store `models` lacks; their number."""
    count = 0
    (models / "locks").mkdir(parents=True, exist_ok=True)
    for key in keys:
        files = model_store.files_of(source, key)
        if not files or model_store.files_of(models, key):
            continue
        with disk.locked(models / "locks" / key), disk.replacing(models / key) as part:
            part.mkdir()
            for file in files:
                shutil.copyfile(file, part / file.name)
        count += 1
    return count
