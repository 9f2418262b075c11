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

from landscape import engine, measuring, outside, results
from landscape.claims import Claim
from landscape.data import summary_of
from landscape.ensemble import TOL, threads
from landscape.names import written
from landscape.parameters import Parameters, outside_texts
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

    A study must bring

    1. `@dataclass(frozen=True)`, and fields made by `option(default, help)`. Their types are int, float, str, bool, or a tuple
       of one of them; tuples are swept. A value outside its field's type, range or choices raises ValueError.
    2. `cells`: the combinations to run, each made by `cell(name=value, …)`; at least one.
    3. `recipes`: what a cell trains. The dry run estimates from it; it may be empty.
    4. `measure`: a cell's tables, of which "members" is compulsory and has a row per network, and its arrays.

    It may bring

    - `panels`, what the report shows, and `claims`, statements with verdicts; both are empty by default.
    - a docstring: its first paragraph is what the report says was asked.
    - columns `member`, `seed`, `status` and `loss` in "members", as `members_table` makes them: networks that did not
      converge are then counted.
    - presets: tables of parameters in mine.toml beside mine.py, or in presets.toml of a folder, with a `title` above them. The
      preset `quick` is what runs by default; without it the fields' defaults do.
    - `version`, raised when its numbers change. A study that is not ours has its code's digest in its run's name besides.

    The command line, resume, dry run, worker processes and the report then work unchanged: `landscape study ./mine.py`. A study
    is one file, or a folder with study.py (and `from . import …`), or the entry point of an installed package in the group
    `landscape.studies`. Data files that it reads are not in the digest."""

    version: ClassVar[int] = 1
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

    def panels(self, result: Result) -> Iterator[Panel]:
        """What the report shows. Reads, never trains."""
        return iter(())

    def claims(self, result: Result) -> Iterator[Claim]:
        """The paper's claims that this study bears on, with their verdicts."""
        return iter(())

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """The training losses above which a network of the table counts as failed, ascending: TOL, unless cells set theirs."""
        return [TOL]

    def evaluations(self, cell: Cell) -> int:
        """At how many points `measure` evaluates each member, for the dry run's estimate; 0 where training outweighs it."""
        return 0

    def held(self, cell: Cell) -> int:
        """How many numbers `measure` holds at once beside the networks, for the estimate of memory; 0 where they are few."""
        return 0

    @classmethod
    def named(cls) -> str:
        """The study's name: of ours that of its folder, with hyphens; of another that of its file, folder or entry point."""
        if source := outside.source_of(cls):
            return source.name
        parts = cls.__module__.split(".")
        return parts[-2].replace("_", "-") if len(parts) > 1 else cls.__name__.lower()

    @property
    def name(self) -> str:
        """The study's name, with which its runs' names begin."""
        return self.named()

    @property
    def word(self) -> str:
        """What the command line calls the study: its name, or the path of its file."""
        source = outside.source_of(type(self))
        return source.word if source else self.name

    def code(self) -> dict[str, dict[str, str]]:
        """The code that is not ours: the study's own under 'study', and that of parameters such as mine.py:make under their
        texts; where each is, and its digest. Raises ValueError where there is no such file."""
        found = {"study": source} if (source := outside.source_of(type(self))) else {}
        found |= {text: code for text, group in outside_texts(self) if (code := outside.code_of(text, group)[0])}
        return {text: code.record() for text, code in found.items()}

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
        words = ["landscape", "study", self.word, *(["--preset", preset] if preset else [])]
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
        usual = self.usual()
        told = {name: value for name, value in self.parameters().items() if name not in usual or value != usual[name]}
        if code := self.code():
            told["code of others"] = sorted((text, about["sha256"]) for text, about in code.items())
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
    title: str = "",
) -> Path:
    """Run the cells that are not yet finished; the run's folder is returned. A `title` heads its report.

    A cell's failure is recorded in run.json and never stops the others; with `debug` it is raised. Interrupting keeps every
    finished cell. Raises RunError where the folder belongs to another run or process, OSError where it cannot be written, and
    MeasureError for a function given by --measure that cannot measure an untrained network."""
    if engine_name == "processes":
        engine.refuse_in_a_worker()
    study.check_needs()
    measuring.functions(study.measures)
    folder, cells = study.folder(out), all_cells(study)
    if study.measures and (left := results.unfinished(folder, cells)):
        measuring.try_measures(study, next(iter(left)), device)
    (out / "models").mkdir(parents=True, exist_ok=True)  # fails now rather than in every cell
    show = progress or (lambda _: None)
    names = [text for text, _ in outside_texts(study)]
    with results.locked(folder), outside.pinned(names):  # the run is of one state of the user's files
        record = _record(study, cells, device, command) | ({"title": title} if title else {})
        there = results.create(folder, record, fresh=fresh, later=study.usual())
        damaged = results.unfinished(folder, cells)
        waiting = [one for one in cells if one in damaged]
        if there and not waiting and all(entry["status"] == "done" for entry in there["cells"]):
            if title and there.get("title") != title:
                results.write_record(folder, there | {"title": title})
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
                    place = f"{outcome.place}: " if outcome.place else ""
                    outcome.error.add_note(f"{place}in cell {outcome.item.name}")
                    if debug:
                        raise outcome.error
                    failed[outcome.item] = f"{place}{type(outcome.error).__name__}: {outcome.error}"
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
        return measuring.measured(study, site, cell)


def _record(study: Study, cells: Sequence[Cell], device: str, command: str) -> dict[str, Any]:
    return {
        "study": study.name,
        **({"code": code} if (code := study.code()) else {}),
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
