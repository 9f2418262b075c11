"""What every tracker does: it takes the messages about a run, thins them, and never stops the run."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from landscape import notes, presets
from landscape.cells import count_converged, median_loss
from landscape.claims import Claim
from landscape.progress import RunProgress
from landscape.record import PAGE
from landscape.sharing import CELLS
from landscape.study import Study
from landscape.sweep import all_cells

LOGS = "logs"  # the folder of local logs, among the runs
SECONDS_BETWEEN = 1.0  # between two points of a cell's curves
LONGEST_TEXT = 400  # characters of a parameter: trackers refuse longer ones
FINISHED, FAILED, STOPPED = "finished", "failed", "stopped"  # the states in which a run ends


class Tracker(ABC):
    """A context manager that is called with each RunProgress of a run of `study` under `out`, and sends it to a tool.

    A new tracker supplies `name`, and these methods, which may raise any error:

    1. `start()` opens the log, and sends the study's parameters;
    2. `write(values, step)` sends numbers, by names such as 'loss/hidden=6';
    3. `end(state, texts)` sends the last texts by name, and closes the log. `state` is finished, failed or stopped.

    The first error becomes a note, and no more is sent: the run goes on."""

    name: ClassVar[str]

    def __init__(self, study: Study, out: Path) -> None:
        self.study, self.out = study, out
        self.folder = study.folder(out)
        self.place = ""  # where the log is: a folder or an address
        self.claims: Sequence[Claim] = ()
        self.is_open = self.is_off = self.has_begun = False
        self.failed = 0  # cells
        self.keys = {cell.name: cell.key for cell in all_cells(study)}
        self.curves: dict[str, _Curve] = {}
        self.ended = 0  # cells

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def write(self, values: Mapping[str, float], step: int) -> None: ...

    @abstractmethod
    def end(self, state: str, texts: Mapping[str, str]) -> None: ...

    @property
    def logs(self) -> Path:
        """The folder of local logs, an absolute path."""
        return self.out.resolve() / LOGS

    @property
    def members(self) -> int:
        """The networks of a cell."""
        return max(len(self.study.seeds), 1)

    def settings(self) -> dict[str, str]:
        """The study, its parameters, and the run's name and command, as texts."""
        values = {"study": self.study.name, "run": self.folder.name, "command": presets.command(self.study)}
        values |= {name: _text(value) for name, value in self.study.parameters().items()}
        return {name: text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…" for name, text in values.items()}

    def __enter__(self) -> Tracker:
        self._guarded(self._open)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(STOPPED if kind is not None and not issubclass(kind, Exception) else FAILED if kind else "")

    def __call__(self, now: RunProgress) -> None:
        """Send the numbers of the message `now`."""
        self._guarded(lambda: self._show(now))

    def close(self, state: str = "") -> None:
        """Send the verdicts and the address of the page, if there are any, and close the log.

        By default a run has failed if a cell has."""
        if self.is_open:
            self._guarded(self._begin)
            self._guarded(lambda: self.end(state or (FAILED if self.failed else FINISHED), self._texts()))
            self.is_open = False
        self.is_off = True

    def _open(self) -> None:
        if not self.is_open:
            self.start()
            self.is_open = True

    def _begin(self) -> None:
        """Send the numbers of cells that were finished before."""
        if not self.has_begun:
            self.has_begun = True
            for name, key in self.keys.items():
                if (self.folder / CELLS / key).exists():
                    self._write_ended(name, 0)

    def _show(self, now: RunProgress) -> None:
        if now.note:
            return
        self._open()
        self._begin()
        self.failed = now.failed
        curve = self.curves.setdefault(now.cell, _Curve(self.members))
        if now.total:
            if curve.takes(now):
                self.write({f"loss/{now.cell}": now.loss, f"converged/{now.cell}": now.converged}, curve.step)
            return
        if now.cell:
            self.ended += 1
            self._write_ended(now.cell, self.curves.pop(now.cell).last_step)
        counts = {"cells/finished": now.cells_done, "cells/failed": now.failed, "cells/all": now.cells}
        self.write(counts, self.ended)

    def _write_ended(self, cell: str, step: int) -> None:
        place = self.folder / CELLS / self.keys[cell]
        good, members = count_converged(place)
        if members:
            self.write({f"converged/{cell}": good, f"final loss/{cell}": median_loss(place)}, step)

    def _texts(self) -> dict[str, str]:
        page = self.folder / PAGE
        texts = {f"verdict {claim.key}": f"{claim.verdict}: {claim.statement}" for claim in self.claims}
        return texts | ({"report": page.resolve().as_uri()} if page.exists() else {})

    def _guarded(self, action: Callable[[], None]) -> None:
        """Do the action; after an error, a note says that no more is sent."""
        if self.is_off:
            return
        try:
            action()
        except Exception as error:  # of a network, a server, a disk or a package: none may stop a run
            self.is_off = True
            words = f"{type(error).__name__}: {error}"
            notes.note(f"--log {self.name} is off from here, and the run goes on ({words[:LONGEST_TEXT]})")


class _Curve:
    """The training of a cell as steps of a network: the member-steps over the members, added up over its trainings."""

    def __init__(self, members: int) -> None:
        self.members = members
        self.before = 0  # member-steps of trainings that have ended
        self.last = RunProgress(0, 0, 0)
        self.written = -math.inf

    @property
    def step(self) -> int:
        return (self.before + self.last.done) // self.members

    @property
    def last_step(self) -> int:
        """The step at which the cell's trainings end."""
        return (self.before + self.last.total) // self.members

    def takes(self, now: RunProgress) -> bool:
        """Take a message. Whether it is to be written: SECONDS_BETWEEN have passed since the last one."""
        if now.done < self.last.done:
            self.before += self.last.total
        self.last = now
        if time.monotonic() - self.written < SECONDS_BETWEEN:
            return False
        self.written = time.monotonic()
        return True


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """The values that are finite: the loss is NaN where no member is in training."""
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
