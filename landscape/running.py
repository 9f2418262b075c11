"""A run in progress: what has become of its cells so far, on disk in its record, and as messages to a display."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landscape import disk, results, sharing
from landscape.results import Cell, Measured
from landscape.worker import Outcome


@dataclass(frozen=True)
class RunProgress:
    """One message about a run: its finished, all and failed cells, and how far the training within `cell` has come.

    `done` counts the member-steps of `total`, `converged` the members, and `loss` is the median over members still in training.
    If `total` is 0, the cell has just ended. A `note` is a line for the user: for example, that a damaged cell runs again."""

    cells_done: int
    cells: int
    failed: int
    cell: str = ""
    done: int = 0
    total: int = 0
    converged: int = 0
    loss: float = math.nan
    note: str = ""


@dataclass
class Run:
    """The part of a run that this process does. Several processes may share a run: each takes cells that no other has.

    `record` is what run.json holds beside the states of cells. `kept` holds the digest of each cell that is finished, here or
    elsewhere, and `failed` the error of each cell that failed here. `show` receives the messages."""

    folder: Path
    record: dict[str, Any]
    cells: Sequence[Cell]
    kept: dict[Cell, str]
    show: Callable[[RunProgress], None]
    failed: dict[Cell, str] = field(default_factory=dict)
    claims: dict[Cell, ExitStack] = field(default_factory=dict)  # the locks of cells that run here
    noted: float = field(default_factory=time.monotonic)  # when the record's seconds were last counted

    def start(self) -> None:
        """Write the record, and tell the display how many cells there are."""
        self.write()
        self.say()

    def begin(self, cell: Cell) -> bool:
        """Lock a cell that is about to run; False if another process runs it or has finished it.

        A damaged cell is deleted, with a note to the user."""
        with disk.uninterrupted():
            return self._begin(cell)

    def _begin(self, cell: Cell) -> bool:
        claim = ExitStack()
        try:
            claim.enter_context(sharing.claimed(self.folder, cell))
        except disk.Busy:
            return False
        left = results.unfinished(self.folder, [cell])
        if cell not in left:
            claim.close()
            self.kept |= results.digests(self.folder, [cell])
            self.say(cell.name)
            return False
        self.claims[cell] = claim
        if left[cell]:
            self.say(note=f"cell {cell.name} is run again: {left[cell]}")
            results.remove_cell(self.folder, cell)
        return True

    def free(self, cells: Sequence[Cell]) -> list[Cell]:
        """Those of `cells` that another process took and did not finish, as it died: neither finished, failed nor claimed."""
        failed = {entry["name"] for entry in results.read_record(self.folder)["cells"] if entry["status"] == "failed"}
        left = [cell for cell in results.unfinished(self.folder, cells) if cell.name not in failed]
        return [cell for cell in left if not sharing.is_claimed(self.folder, cell.key)]

    def say(self, cell: str = "", *numbers: Any, note: str = "") -> None:
        """Send a message; `numbers` are done, total, converged and loss."""
        self.show(RunProgress(len(self.kept), len(self.cells), len(self.failed), cell, *numbers, note=note))

    def report(self, cell: Cell, done: int, total: int, converged: int, loss: float) -> None:
        """Send a message about a cell in training."""
        self.say(cell.name, done, total, converged, loss)

    def finish(self, outcome: Outcome[Cell, Measured], *, debug: bool) -> None:
        """Save a cell that has ended, or note its error; with `debug` the error is raised."""
        with disk.uninterrupted():  # a stop in between would leave a lock that this process itself then waits for
            self._finish(outcome, debug)

    def _finish(self, outcome: Outcome[Cell, Measured], debug: bool) -> None:
        cell = outcome.item
        if outcome.error is not None:
            place = f"{outcome.place}: " if outcome.place else ""
            outcome.error.add_note(f"{place}in cell {cell.name}")
            if debug:
                raise outcome.error
            self.failed[cell] = f"{place}{type(outcome.error).__name__}: {outcome.error}"
        else:
            assert outcome.value is not None
            self.kept[cell] = results.save_cell(self.folder, cell, outcome.value, outcome.seconds)
        self.write()
        self.claims.pop(cell).close()
        self.say(cell.name)

    def write(self) -> None:
        """Write the record: what this process knows of cells, what others wrote of theirs, and the seconds of all."""
        with sharing.locked(self.folder):
            there = results.read_record(self.folder)
            now = time.monotonic()
            self.record["seconds"] = float(there.get("seconds", 0.0)) + now - self.noted
            self.noted = now
            others = {results.cell_of(entry): entry for entry in there["cells"]}
            for cell in self.claims:
                others.pop(cell, None)
            self.record["cells"] = results.entries(self.cells, self.kept, self.failed, others)
            results.write_record(self.folder, self.record)

    def stop(self) -> None:
        """Write the record, and release the locks of cells that were not finished."""
        with disk.uninterrupted():
            self.write()
            for claim in self.claims.values():
                claim.close()
            if len(self.kept) == len(self.cells):
                sharing.remove_locks(self.folder)
