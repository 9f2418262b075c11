"""A run in progress: what has become of its cells so far, on disk in its record, and as messages to a display."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landscape import results
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
    """The state of a run. `kept` holds the digest of each finished cell, `failed` the error of each failed cell.

    `record` is what run.json will hold. `before` is the time in seconds that the run took until it was stopped or failed.
    `show` receives the messages."""

    folder: Path
    record: dict[str, Any]
    cells: Sequence[Cell]
    kept: dict[Cell, str]
    before: float
    show: Callable[[RunProgress], None]
    failed: dict[Cell, str] = field(default_factory=dict)
    began: float = math.nan

    def begin(self, damaged: Mapping[Cell, str]) -> None:
        """Write the record, start the clock, and delete the damaged cells, with a note to the user for each.

        `damaged` gives the reason of each cell that is to run, "" for a cell that never ran."""
        self.write()
        self.began = time.monotonic()
        self.say()
        for cell, reason in damaged.items():
            if reason:
                self.say(note=f"cell {cell.name} is run again: {reason}")
                results.remove_cell(self.folder, cell)

    def say(self, cell: str = "", *numbers: Any, note: str = "") -> None:
        """Send a message; `numbers` are done, total, converged and loss."""
        self.show(RunProgress(len(self.kept), len(self.cells), len(self.failed), cell, *numbers, note=note))

    def report(self, cell: Cell, done: int, total: int, converged: int, loss: float) -> None:
        """Send a message about a cell in training."""
        self.say(cell.name, done, total, converged, loss)

    def finish(self, outcome: Outcome[Cell, Measured], *, debug: bool) -> None:
        """Save a cell that has ended, or note its error; with `debug` the error is raised."""
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
        self.say(cell.name)

    def write(self) -> None:
        """Write the record with the present state of all cells, and the seconds so far once the clock runs."""
        if not math.isnan(self.began):
            self.record["seconds"] = self.before + time.monotonic() - self.began
        self.record["cells"] = results.entries(self.cells, self.kept, self.failed)
        results.write_record(self.folder, self.record)
