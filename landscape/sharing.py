"""How processes share a run: a lock on its record while that changes, and a lock on each cell while it is run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landscape import disk
from landscape.record import Cell, RunError

CELLS, LOCK, CELL_LOCKS = "cells", "run.lock", "locks"  # in the run's folder
LONGEST_WAIT = 60.0  # seconds for the lock of a record, which is held while it is read and written again


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the run's record, to read it and write it again. Raises RunError if another process holds the lock for long.

    The lock of a dead process is released."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with disk.locked(folder / LOCK, wait=LONGEST_WAIT):
            yield
    except disk.Busy:
        raise RunError(f"{folder} is being written by another process; wait for it, or choose another --out") from None


@contextmanager
def claimed(folder: Path, cell: Cell) -> Iterator[None]:
    """Lock a cell while it is run, so that no other process runs it. Raises disk.Busy if another process does.

    The lock of a dead process is released. Half-written files that such a process left are removed."""
    (folder / CELL_LOCKS).mkdir(parents=True, exist_ok=True)
    with disk.locked(folder / CELL_LOCKS / cell.key, wait=False):
        for part in folder.glob(f"{CELLS}/{cell.key}.*.part"):
            disk.remove(part)
        yield


def is_claimed(folder: Path, key: str) -> bool:
    """Whether a process runs the cell of this key."""
    return disk.is_locked(folder / CELL_LOCKS / key)


def in_progress(folder: Path) -> bool:
    """Whether a process runs a cell of this run."""
    return any(is_claimed(folder, lock.name) for lock in folder.glob(f"{CELL_LOCKS}/*"))


def remove_locks(folder: Path) -> None:
    """Delete the locks of a run of which every cell is finished: who still takes one finds nothing to run."""
    if not in_progress(folder):
        disk.remove(folder / CELL_LOCKS)
