"""Messages about a run, and their display: a bar in a terminal, a line in a notebook, lines on stderr elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

LINE_SECONDS = 30.0  # between two lines about the same cell, if stderr is no terminal
YEAR = 365.25 * 86_400  # seconds
CENTURY, PETABYTE = 100 * YEAR, 1e15  # seconds and bytes; larger estimates are shown as "more than …"
BAR_WIDTH = 20  # columns of text
MIN_NAME_WIDTH = 12  # columns of text below which no part of a cell's name is shown
MIN_SECONDS_TO_PREDICT = 3.0  # the time left is shown only after this time
NOTEBOOK_SECONDS = 0.2  # between two changes of the line in a notebook
NOTEBOOK_COLUMNS = 100  # of that line


Shown = Callable[["RunProgress"], None] | str | None  # who shows the messages about a run; the only text is "auto"


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


class RunDisplay:
    """A context manager that is called with each RunProgress and shows it.

    `converged(name)` returns the number of converged members of a finished cell, and of all its members."""

    def __init__(
        self, converged: Callable[[str], tuple[int, int]], *, quiet: bool = False, console: Console | None = None
    ) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.weights: dict[str, float] = {}
        self.count, self.quiet = converged, quiet
        self.notebook: Any = None  # the handle of the line in a notebook, and what it says
        self.said = ""
        self.running: dict[str, RunProgress] = {}
        self.ended: set[str] = set()
        self.members = self.good = 0
        self.began = self.last_line = time.monotonic()
        self.bar = Progress(
            BarColumn(bar_width=BAR_WIDTH),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task("starting", total=1.0)

    @property
    def is_seen(self) -> bool:
        """Whether somebody watches: the display is in a terminal or in a notebook."""
        return self.console.is_terminal or self.console.is_jupyter

    def weigh(self, seconds: Mapping[str, float]) -> None:
        """Take the estimated seconds of the cells that run, by name: the bar and the time left weigh the cells by them."""
        self.weights = {name: max(one, 1e-3) for name, one in seconds.items()}

    def __enter__(self) -> RunDisplay:
        if self.quiet:
            return self
        if self.console.is_jupyter:
            from IPython.display import display  # in a notebook it is there

            self.notebook = display(_Line("starting"), display_id=True)  # type: ignore[no-untyped-call]
        elif self.console.is_terminal:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar.live.is_started:
            self.bar.stop()
        if self.notebook is not None:
            self.notebook.update(_Line(self.said.partition(", ended")[0]))

    def __call__(self, now: RunProgress) -> None:
        """Show the message `now`."""
        if now.note:
            self.console.print(f"landscape: {now.note}", markup=False, soft_wrap=True)
            return
        ended = bool(now.cell) and not now.total
        if ended:
            self.running.pop(now.cell, None)
            self.ended.add(now.cell)
            good, members = self.count(now.cell)
            self.good, self.members = self.good + good, self.members + members
        elif now.cell:
            self.running[now.cell] = now
        if self.quiet:
            return
        if self.notebook is not None:
            self.said = f"{_bar(self.share())} {self.line(now, NOTEBOOK_COLUMNS - BAR_WIDTH)}"
            if ended or time.monotonic() - self.last_line > NOTEBOOK_SECONDS:
                self.last_line = time.monotonic()
                self.notebook.update(_Line(self.said))
        elif self.console.is_terminal:
            line = self.line(now, self.console.width - BAR_WIDTH - 1)
            self.bar.update(self.task, completed=self.share(), description=line)
        elif ended or time.monotonic() - self.last_line > LINE_SECONDS:
            self.last_line = time.monotonic()
            print(f"{self._doing(now)}: {self.summary(now)}", file=sys.stderr, flush=True)

    def share(self) -> float:
        """The share of the work that is done, from 0 to 1. Cells are weighted by their estimated seconds."""
        weights = self.weights
        total = sum(weights.values())
        if not total:
            return 1.0
        done = sum(weights.get(name, 0.0) for name in self.ended)
        partly = (weights.get(name, 0.0) * last.done / last.total for name, last in self.running.items())
        return min((done + sum(partly)) / total, 1.0)

    def summary(self, now: RunProgress) -> str:
        """The cells done, the members converged, the loss if a single cell runs, and the time left, in words."""
        return ", ".join([*self._cells(now), *self._members(), *self._left()])

    def line(self, now: RunProgress, room: int) -> str:
        """The same in `room` columns of text beside the bar, with the cell that runs.

        The cells done and the time left stand always. Of the members, the loss and the name of the cell there is what fits."""
        words = ", ".join([*self._cells(now), *self._left()])
        for more in self._members():
            if len(words) + len(more) + 2 <= room:
                words = f"{words}, {more}"
        doing, rest = self._doing(now), room - len(words) - 2
        if len(doing) > rest >= MIN_NAME_WIDTH:
            doing = f"{doing[: rest - 1]}…"
        return f"{words}, {doing}" if len(doing) <= rest else words

    def _cells(self, now: RunProgress) -> list[str]:
        return [f"{now.cells_done}/{now.cells} cells", *([f"{now.failed} failed"] if now.failed else [])]

    def _members(self) -> list[str]:
        words = []
        good = self.good + sum(last.converged for last in self.running.values())
        if self.running and (good or any(math.isfinite(last.loss) for last in self.running.values())):
            words.append(f"{good} converged")
        elif self.members:
            words.append(f"{good} of {self.members} members converged")
        if len(self.running) == 1 and math.isfinite(loss := next(iter(self.running.values())).loss):
            words.append(f"loss {loss:.2g}")
        return words

    def _left(self) -> list[str]:
        elapsed, share = time.monotonic() - self.began, self.share()
        known = 0.02 < share < 0.999 and elapsed > MIN_SECONDS_TO_PREDICT
        return [f"{rough(elapsed * (1 - share) / share)} left"] if known else []

    def _doing(self, now: RunProgress) -> str:
        if now.cell and not now.total:
            return f"ended {now.cell}" if not self.running else self._doing_many()
        return self._doing_many() if self.running else "starting"

    def _doing_many(self) -> str:
        first = next(iter(self.running))
        return first if len(self.running) == 1 else f"{first} and {len(self.running) - 1} more"


@dataclass(frozen=True)
class _Line:
    """A line of text as a notebook shows it."""

    text: str

    def __repr__(self) -> str:
        return self.text


def _bar(share: float) -> str:
    full = round(share * BAR_WIDTH)
    return "█" * full + "░" * (BAR_WIDTH - full)


def room(size: float) -> str:
    """A number of bytes in GB or TB. Above a petabyte it is always "more than 1,000 TB"."""
    if not size < PETABYTE:
        return "more than 1,000 TB"
    return f"{size / 1e9:.1f} GB" if size < 1e13 else f"{size / 1e12:,.0f} TB"


def rough(seconds: float) -> str:
    """A duration in one unit: 40 s, 12 min, 3.5 h, 4 days, 7 years. Above a century it is always "more than 100 years"."""
    if not seconds < CENTURY:
        return "more than 100 years"
    if seconds > 2 * YEAR:
        return f"{seconds / YEAR:.0f} years"
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
