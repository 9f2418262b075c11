"""A study: its parameters, the cells they make, and the run that fills a folder with them."""

from __future__ import annotations

import dataclasses
import math
import shlex
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from landscape import engine, results
from landscape.claims import Claim
from landscape.data import summary_of
from landscape.ensemble import TOL, threads
from landscape.names import written
from landscape.parameters import Parameters
from landscape.parameters import option as option
from landscape.provenance import PIP_NAMES, commit, device_name, imports, versions
from landscape.results import Cell, Measured, Result
from landscape.sweep import all_cells
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    import pandas as pd

    from landscape.figures import Panel


@dataclass(frozen=True)
class Study(Parameters, ABC):
    """A question asked of networks: a frozen dataclass whose fields are its parameters, options, TOML keys and columns.

    A new study supplies `version` (raised when its numbers or thresholds change), fields made by `option`, `cells`,
    `recipes` (what a cell trains), `measure`, `panels` and `claims`; the command line, resume, the report and the tests over
    the registry then work unchanged. Field types are int, float, str, bool, or a tuple of one of them; tuples are swept.
    Raises ValueError for a value outside its field's type, range or choices."""

    version: ClassVar[int]
    needs: ClassVar[tuple[str, ...]] = ()  # modules for measuring that a bare GPU box may lack

    @classmethod
    def lacking(cls) -> list[str]:
        """The packages in `needs` that cannot be imported here, by pip's names."""
        return [PIP_NAMES.get(name, name) for name in cls.needs if not imports(name)]

    @classmethod
    def check_needs(cls) -> None:
        """Raise ValueError if a package that measuring needs cannot be imported here."""
        if lacking := cls.lacking():
            raise ValueError(
                f"{cls.__name__} measures with {', '.join(lacking)}, which cannot be imported here; "
                f"pip install {' '.join(lacking)}"
            )

    @abstractmethod
    def cells(self) -> Sequence[Cell]:
        """Every combination of the swept parameters."""

    @abstractmethod
    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        """What `measure` trains for this cell: dry runs estimate from it."""

    @abstractmethod
    def measure(self, cell: Cell, site: Site) -> Measured:
        """The cell's tables and arrays; depends on the cell alone, never on the site."""

    @abstractmethod
    def panels(self, result: Result) -> Iterator[Panel]:
        """What the report shows. Reads, never trains."""

    @abstractmethod
    def claims(self, result: Result) -> Iterator[Claim]:
        """The paper's claims that this study bears on, with their verdicts."""

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """The training losses above which a network of the table counts as failed, ascending: TOL, unless cells set theirs."""
        return [TOL]

    def evaluations(self, cell: Cell) -> int:
        """At how many points `measure` evaluates each member, for the dry run's estimate; 0 where training outweighs it."""
        return 0

    def held(self, cell: Cell) -> int:
        """How many numbers `measure` holds at once beside the networks, for the estimate of memory; 0 where they are few."""
        return 0

    @property
    def name(self) -> str:
        """The name on the command line: that of the study's folder, with hyphens."""
        return type(self).__module__.split(".")[-2].replace("_", "-")

    @property
    def seeds(self) -> tuple[int, ...]:
        """One seed per member."""
        return tuple(range(self.seed, self.seed + self.members))

    def parameters(self) -> dict[str, Any]:
        """The fields by name, JSON-able."""
        return {
            one.name: list(value) if isinstance(value := getattr(self, one.name), tuple) else value
            for one in dataclasses.fields(self)
        }

    def command(self, preset: str = "none", base: Study | None = None) -> str:
        """The command line that runs exactly this study: `preset`, which alone makes `base`, and the options that differ.

        Without a base, one that depends on the fields' defaults alone; `presets.command` finds the shortest."""
        words = ["landscape", "study", self.name, *(["--preset", preset] if preset else [])]
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            if value == (getattr(base, one.name) if base else one.default):
                continue
            flag = one.name.replace("_", "-")
            if isinstance(value, bool):
                words.append(f"--{flag}" if value else f"--no-{flag}")
            else:
                words += [f"--{flag}", written(list(map(str, value))) if isinstance(value, tuple) else str(value)]
        return shlex.join(words)

    def readings(self) -> dict[str, str]:
        """One line on how each file or folder of data was read, by its path."""
        first = {dict(cell.values).get("data"): cell for cell in reversed(self.cells())}
        specs = {recipe.data.name: recipe.data for cell in reversed(first.values()) for recipe in self.recipes(cell)}
        return {name: summary for name, spec in specs.items() if (summary := summary_of(spec))}

    def folder(self, out: Path) -> Path:
        """Where this study's run goes under `out`."""
        usual = {
            one.name
            for one in dataclasses.fields(self)
            if one.metadata["later"] and getattr(self, one.name) == one.default
        }
        told = {name: value for name, value in self.parameters().items() if name not in usual}
        return out / f"{self.name}-{results.parameter_key(self.name, self.version, told)}"


@dataclass(frozen=True)
class RunProgress:
    """A moment of a run: cells finished of all, and within `cell` member-steps done of `total`, members converged and the
    median loss of those in training.

    With `total` 0 the cell has just ended. A `note` is a line for the user, such as that a damaged cell is run again."""

    cells_done: int
    cells: int
    failed: int
    cell: str = ""
    done: int = 0
    total: int = 0
    converged: int = 0
    loss: float = math.nan
    note: str = ""


def run_study(
    study: Study,
    *,
    out: Path,
    device: str = "cpu",
    engine_name: str = "here",
    workers: int | None = None,
    fresh: bool = False,
    command: str = "",
    progress: Callable[[RunProgress], None] | None = None,
    debug: bool = False,
) -> Path:
    """Run the cells that are not yet finished; the run's folder is returned.

    A cell's failure is recorded in run.json and never stops the others; with `debug` it is raised. Interrupting keeps every
    finished cell. Raises RunError where the folder belongs to another run or process, OSError where it cannot be written."""
    if engine_name == "processes":
        engine.refuse_in_a_worker()
    study.check_needs()
    folder, cells = study.folder(out), all_cells(study)
    (out / "models").mkdir(parents=True, exist_ok=True)  # fails now rather than in every cell
    show = progress or (lambda _: None)
    with results.locked(folder):
        record = _record(study, cells, device, command)
        there = results.create(folder, record, fresh=fresh)
        damaged = results.unfinished(folder, cells)
        waiting = [one for one in cells if one in damaged]
        if there and not waiting and all(entry["status"] == "done" for entry in there["cells"]):
            return folder  # nothing to add: the record goes on telling which code and machine made the cells
        before = float(there.get("seconds", 0.0)) if there else 0.0
        kept = results.digests(folder, [one for one in cells if one not in damaged])
        failed: dict[Cell, str] = {}
        record["cells"] = results.entries(cells, kept, failed)
        results.write_record(folder, record)
        began = time.monotonic()
        show(RunProgress(len(kept), len(cells), 0))
        for one in waiting:
            if damaged[one]:
                show(RunProgress(len(kept), len(cells), 0, note=f"cell {one.name} is run again: {damaged[one]}"))
                results.remove_cell(folder, one)

        def report(cell: Cell, reached: int, total: int, converged: int, loss: float) -> None:
            show(RunProgress(len(kept), len(cells), len(failed), cell.name, reached, total, converged, loss))

        together = max(1, min(workers or engine.cores(), len(waiting))) if engine_name == "processes" else 1
        site = Site(device, out / "models", max(1, engine.cores() // together))
        function = partial(_measure_cell, study, site)

        def note() -> None:
            record["seconds"] = before + time.monotonic() - began
            record["cells"] = results.entries(cells, kept, failed)
            results.write_record(folder, record)

        try:
            for outcome in engine.run(function, waiting, engine=engine_name, workers=workers, report=report):
                if outcome.error is not None:
                    outcome.error.add_note(f"in cell {outcome.item.name}")
                    if debug:
                        raise outcome.error
                    failed[outcome.item] = f"{type(outcome.error).__name__}: {outcome.error}"
                else:
                    assert outcome.value is not None
                    kept[outcome.item] = results.save_cell(folder, outcome.item, outcome.value, outcome.seconds)
                note()
                show(RunProgress(len(kept), len(cells), len(failed), outcome.item.name))
        finally:
            note()
    return folder


def _measure_cell(study: Study, site: Site, cell: Cell, report: engine.Report) -> Measured:
    site = dataclasses.replace(site, progress=report)
    with threads(1, site.device):
        return study.measure(cell, site)


def _record(study: Study, cells: Sequence[Cell], device: str, command: str) -> dict[str, Any]:
    return {
        "study": study.name,
        "version": study.version,
        "parameters": study.parameters(),
        "command": command or study.command(),
        "started": results.now(),
        "seconds": 0.0,
        "device": device_name(device),
        "versions": versions(),
        "commit": commit(),
        "data": study.readings(),
        "cells": [{"name": one.name, "values": one.values, "status": "waiting"} for one in cells],
    }
