"""`run_study`: the cells of a study are run into a folder. A run in progress writes its record and tells displays of it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from landscape import contents, devices, disk, engine, entry_files, measuring, outside, results, sharing, worker
from landscape.away import Exchange
from landscape.cells import count_converged
from landscape.ensemble import threads
from landscape.estimate import estimate
from landscape.parameters import outside_texts
from landscape.progress import RunDisplay, RunProgress, Shown
from landscape.provenance import commit, device_name, versions
from landscape.ray_engine import Cluster
from landscape.result import MAIN
from landscape.results import Cell, Measured
from landscape.study import Study
from landscape.sweep import all_cells, of_study
from landscape.training import Site
from landscape.worker import Outcome, Report, refuse_in_a_worker


@dataclass
class Run:
    """The part of a run that this process does. Several processes may share a run: each takes cells that no other has.

    `record` is what run.json holds beside the states of cells. `kept` holds the digest of each cell that is finished, here or
    elsewhere, and `failed` the error of each cell that failed here. Each of `shows` receives the messages."""

    folder: Path
    record: dict[str, Any]
    cells: Sequence[Cell]
    kept: dict[Cell, str]
    shows: Sequence[Callable[[RunProgress], None]]
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
        now = RunProgress(len(self.kept), len(self.cells), len(self.failed), cell, *numbers, note=note)
        for show in self.shows:
            show(now)

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


def run_study(
    study: Study,
    *,
    out: str | Path,
    device: str = "cpu",
    engine_name: str = "here",
    workers: int | None = None,
    fresh: bool = False,
    command: str = "",
    progress: Shown | Sequence[Shown] = "auto",
    debug: bool = False,
    title: str = "",
    cells: Sequence[Cell] | None = None,
    address: str = "",
    gpus_per_cell: float | None = None,
) -> Path:
    """Run the cells that are not yet finished, and return the run's folder. A `title` heads its report.

    `progress` shows how far the run is: "auto" as a bar in a terminal and in a notebook, and not at all elsewhere. A function
    is called with each RunProgress, in this process; None is silence; a list has several of these.

    Several processes, on any machines that see the folder, may run the same study at once: each takes a cell that no other
    has. With `cells`, only those of the study are run here. The error of a cell is recorded in run.json and does not stop the
    other cells; with `debug` it is raised. An interrupted run keeps its finished cells.

    The engine 'ray' runs cells on the Ray cluster at `address`: by default that of RAY_ADDRESS, else one of `workers` cores of
    this machine. A cell takes a core, and `gpus_per_cell` of the GPUs: by default a whole one with a CUDA device, else none.

    Raises RunError if the folder belongs to another run, ValueError for cells that are none of the study, OSError if it cannot
    be written, ClusterError if the cluster cannot be used, and MeasureError if a function given by --measure cannot measure an
    untrained network."""
    out, shows = Path(out), _listed(progress)
    if engine_name == "processes":
        refuse_in_a_worker()
    study.check_needs()
    measuring.functions(study.measures)
    folder, every = study.folder(out), all_cells(study)
    chosen = every if cells is None else of_study(cells, every)
    if study.measures and (left := results.unfinished(folder, chosen)):
        measuring.try_measures(study, next(iter(left)), devices.here(device))
    (out / "models").mkdir(parents=True, exist_ok=True)  # fails now rather than in every cell
    with outside.pinned([text for text, _ in outside_texts(study)]):  # all cells use one state of the user's files
        record = _record(study, every, device, command, out) | ({"title": title} if title else {})
        with sharing.locked(folder):
            there = results.create(folder, record, fresh=fresh, later=study.usual())
            left = results.unfinished(folder, every)
            if there and not left and all(entry["status"] == "done" for entry in there["cells"]):
                if title and there.get("title") != title:
                    results.write_record(folder, there | {"title": title})
                return folder  # nothing to run: the record keeps the code and the machine that made the cells
        kept = results.digests(folder, [cell for cell in every if cell not in left])
        waiting = [cell for cell in chosen if cell in left]
        together = max(1, min(workers or engine.cores(), len(waiting))) if engine_name == "processes" else 1
        away = engine_name == "ray"
        site = Site(device, None if away else out / "models", 1 if away else max(1, engine.cores() // together))
        function = partial(_measure_cell, study, site)
        options: dict[str, Any] = {"engine": engine_name, "workers": workers}
        if away and waiting:
            gpus = float(device.startswith("cuda")) if gpus_per_cell is None else gpus_per_cell
            options |= {"cluster": Cluster(address, gpus), "exchange": _exchange(study, out / "models")}
        with ExitStack() as stack:
            if "auto" in shows and (display := display_of(study, folder)).is_seen:
                display.weigh(estimate(study, out, device=devices.here(device), cells=waiting).seconds_by_name())
                shows.append(stack.enter_context(display))
            state = Run(folder, record, every, kept, [show for show in shows if callable(show)])
            stack.callback(state.stop)
            state.start()
            while waiting:
                for outcome in engine.run(function, waiting, begin=state.begin, report=state.report, **options):
                    state.finish(outcome, debug=debug)
                waiting = state.free(chosen)
    return folder


def _listed(progress: Shown | Sequence[Shown]) -> list[Shown]:
    """The displays in a list of their own. Raises ValueError for what is none."""
    given = [progress] if isinstance(progress, str) or not isinstance(progress, Sequence) else progress
    shows: list[Shown] = []
    for show in given:
        if not (show is None or show == "auto" or callable(show)):
            raise ValueError(f"`progress` must be 'auto', a function, None, or a list of these; got {show!r}")
        shows.append(show)
    return shows


def display_of(study: Study, folder: Path, *, quiet: bool = False) -> RunDisplay:
    """The display of a run of the study in `folder`."""
    keys = {cell.name: cell.key for cell in all_cells(study)}
    return RunDisplay(lambda name: count_converged(folder / results.CELLS / keys[name]), quiet=quiet)


def _exchange(study: Study, models: Path) -> Exchange:
    """The files of a study's cells on a cluster: its data, and entries of the model store."""
    return Exchange(
        entry_files.data_of(study),
        sent=lambda cell: entry_files.of_recipes(study.recipes(cell), models),
        kept=lambda files: entry_files.store(files, models),
    )


def _measure_cell(study: Study, site: Site, cell: Cell, report: Report) -> Measured:
    site = dataclasses.replace(site, models=site.models or worker.folder.get(), progress=report)
    with threads(1, site.device):
        return measuring.measured(study, site, cell)


def _record(study: Study, cells: Sequence[Cell], device: str, command: str, out: Path) -> dict[str, Any]:
    return {
        "study": study.name,
        **({"code": code} if (code := study.code() | contents.code(study)) else {}),
        **({contents.KEY: own} if (own := contents.recorded(study, out)) else {}),
        "version": study.version,
        "parameters": study.parameters(),
        MAIN: study.main(),
        "command": command or study.command(),
        "started": results.now(),
        "seconds": 0.0,
        "device": device_name(device),
        "versions": versions(),
        "commit": commit(),
        "data": study.readings(),
        "cells": results.entries(cells, {}, {}),
    }
