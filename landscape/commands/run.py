"""`landscape study`: read the parameters, ask before long work, run the cells, write the report, print where both are."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import typer

from landscape import devices, engine, measuring, overview, presets, ray_engine, reporting, results
from landscape.away import ClusterError
from landscape.choices import IMAGE_SETS
from landscape.claims import Claim, claims_table
from landscape.commands import faults, shares, slurm, summary
from landscape.commands.faults import Fault, bad_input, check_writable, stoppable, terminable, writing_to
from landscape.commands.plan import Plan, RunOptions, asked
from landscape.commands.waiting import TIMING, WRITING, waiting
from landscape.data import at_hand, fetch
from landscape.engine import cores
from landscape.estimate import Speed, estimate
from landscape.machine import memory
from landscape.parameters import Parameters
from landscape.progress import CENTURY, room, rough
from landscape.record import PAGE
from landscape.running import display_of, run_study
from landscape.study import Study
from landscape.trackers import Tracker, trackers_of
from landscape.trackers.tracker import STOPPED

ASK_ABOVE_SECONDS = 3600.0  # estimated work from which the user is asked before it starts


def run(
    name: Any, settings: Mapping[str, Any], options: RunOptions, question: Path | None = None, title: str = ""
) -> int:
    """Run the study `name` (a name, a path or a class), and return the exit code.

    `settings` are the parameters given on the command line, `question` is a TOML file that asks the study. A `title` heads the
    report; by default it is the question's."""
    faults.use_data_root(options.data_root)
    with bad_input():
        found = asked(name, settings, options, question)
        study = presets.make_study(name, found.preset, found.files, found.values)
        if options.print_config:
            print(presets.to_toml(study), end="")
            return faults.OK
        cells = shares.chosen(study, options)
        if options.list_cells:
            shares.show_cells(study, options, cells)
            return faults.OK
        with waiting(TIMING, quiet=options.quiet):
            plan = plan_of(study, options, title or found.title, cells=cells)
        if options.slurm:
            print(slurm.script(plan, options.slurm), end="")
            return faults.OK
        summary.show_readings(study.readings())
    if options.dry_run:
        summary.show_plan(plan)
        return faults.OK
    check_room(plan)
    ask(plan.seconds, options)
    with bad_input():
        fetch_data(plan)
    check_writable(options.out)
    if options.verbose:
        summary.show_plan(plan, to_stderr=True)
    folder = study.folder(options.out)
    logs = trackers_of(options.log or (), study, options.out)
    with ExitStack() as stack:
        try:
            with terminable(), writing_to(options.out), bad_input_of_run():
                for log in logs:
                    stack.enter_context(log)
                run_cells(plan, folder, logs)
        except KeyboardInterrupt as stop:
            for log in logs:
                log.close(STOPPED)
            return _stopped(plan, folder, stop)
        if not plan.estimate.cells and not options.quiet:
            finished = f"all {plan.estimate.finished} cells were finished before"
            print(f"{finished}: nothing was run (--fresh would)", file=sys.stderr)
        return _finish(plan, folder, logs)


def plan_of(
    study: Study,
    options: RunOptions,
    title: str = "",
    speed: Speed | None = None,
    cells: list[results.Cell] | None = None,
) -> Plan:
    """The plan of a study's run, or of some of its cells.

    `speed` is that of the device; without it a few short trainings measure it.

    Raises ValueError for an option that is wrong."""
    if options.engine not in ("auto", *engine.ENGINES):
        names = ("auto", *engine.ENGINES)
        near = presets.did_you_mean(options.engine, names)
        raise ValueError(f"`engine` must be one of {', '.join(map(repr, names))}; got {options.engine!r}{near}")
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"`workers` must be at least 1; got {options.workers}")
    check_cluster(options)
    study.check_needs()
    measuring.functions(study.measures)
    away = options.engine == "ray" and options.device == "cuda"  # the GPUs are those of the cluster
    device = options.device if away else devices.resolve(options.device)
    here = devices.here(device)
    left = estimate(study, options.out, device=here, fresh=options.fresh, speed=speed, cells=cells)
    return Plan(study, options, device, options.workers or cores(), left, title, cells)


def check_cluster(options: RunOptions) -> None:
    """Raise ValueError for options of a Ray cluster that are wrong, or that another engine does not have."""
    for name in ("address", "gpus_per_cell"):
        if options.engine != "ray" and getattr(options, name) not in ("", None):
            raise ValueError(f"`{name.replace('_', '-')}` is an option of the engine 'ray'; give --engine ray, too")
    if options.engine != "ray":
        return
    ray_engine.library()
    if options.gpus_per_cell is not None and not (math.isfinite(options.gpus_per_cell) and options.gpus_per_cell >= 0):
        raise ValueError(f"`gpus-per-cell` must be a number of at least 0; got {options.gpus_per_cell:g}")
    if options.device.startswith("cuda:"):
        raise ValueError(f"Ray chooses the GPU of a cell: give --device cuda; got {options.device}")


def check_room(plan: Plan) -> None:
    """Raise a Fault for a plan that needs more memory than the machine has."""
    needed, available = plan.estimate.bytes(plan.processes), memory()
    if needed > available:
        alone = plan.processes > 1 and plan.estimate.bytes(1) <= available
        sizes = "".join(f", or smaller --{name.replace('_', '-')}" for name in memory_parameters(plan.study))
        advice = "fewer --workers" if alone else f"fewer --members{sizes}"
        raise Fault(f"this needs about {room(needed)} of memory, and the machine has {room(available)}; try {advice}")


def ask(seconds: float, options: RunOptions) -> None:
    """Ask the user before work of more than an hour. Raises a Fault for a no, and where nobody can be asked."""
    if seconds <= ASK_ABOVE_SECONDS or options.yes:
        return
    words = f"this takes {'about ' if seconds < CENTURY else ''}{rough(seconds)}"
    if not sys.stdin.isatty():
        raise Fault(f"{words}, and nobody can be asked; give --yes to run it, or --dry-run to see why")
    if not typer.confirm(f"{words[0].upper()}{words[1:]}. Go on?", err=True):
        raise Fault("not started; --dry-run shows what takes the time")


def memory_parameters(study: Parameters) -> list[str]:
    """The parameters, beside `members`, that need more memory the larger they are: those made by `option(memory=True)`."""
    return [field.name for field in dataclasses.fields(study) if field.metadata["memory"]]


def fetch_data(plan: Plan) -> None:
    """Download the published data that the cells need, so that a download fails before any work."""
    study, cells = plan.study, [estimated.cell for estimated in plan.estimate.cells]
    names = {recipe.data.name for cell in cells for recipe in study.recipes(cell)}
    missing = [name for name in IMAGE_SETS if name in names and not at_hand(name)]
    for name in missing:
        fetch(name)
    if missing:  # raises ValueError for a count or class that the data, now here, do not have
        for cell in cells:
            study.recipes(cell)


def run_cells(plan: Plan, folder: Path, logs: Sequence[Tracker] = ()) -> None:
    """Run the cells of a plan that are not finished, into their folder, and show the progress, here and in `logs`."""
    options = plan.options

    with display_of(plan.study, folder, quiet=options.quiet) as display:
        display.weigh(plan.estimate.seconds_by_name())
        run_study(
            plan.study,
            out=options.out,
            device=plan.device,
            engine_name=plan.engine,
            workers=plan.options.workers if plan.engine == "ray" else plan.processes,
            fresh=options.fresh,
            command=presets.command(plan.study),
            progress=[display, *logs],
            debug=options.debug,
            title=plan.title,
            cells=plan.cells,
            address=options.address,
            gpus_per_cell=options.gpus_per_cell,
        )


@contextmanager
def bad_input_of_run() -> Iterator[None]:
    """Turn errors that the user's input causes into Faults: a folder or a cluster that cannot be used, a measure that
    cannot measure.

    Any other ValueError of a run is no fault of the input, and passes."""
    try:
        yield
    except (results.RunError, measuring.MeasureError, ClusterError) as error:
        raise Fault(str(error), faults.UNEXPECTED if isinstance(error, results.Damaged) else faults.USAGE) from error


def _stopped(plan: Plan, folder: Path, stop: KeyboardInterrupt) -> int:
    cells = plan.study.cells()
    kept = len(cells) - len(results.unfinished(folder, cells))
    print(
        f"\nstopped: {kept} of {len(cells)} cells are finished and kept in {folder}; "
        "the same command goes on from there",
        file=sys.stderr,
    )
    _refresh(plan)
    return faults.code_of_stop(stop)


def _finish(plan: Plan, folder: Path, logs: Sequence[Tracker]) -> int:
    options, page = plan.options, None
    with bad_input_of_run():
        result = results.load(folder)
    if any(entry["status"] == "waiting" for entry in result.record["cells"]):
        summary.show_places(folder, None)
        print(shares.still_to_run(result.record["cells"]), file=sys.stderr)
        _refresh(plan)
        return faults.SOME_FAILED if result.failed_cells else faults.OK
    try:
        judged = reporting.claims_of(plan.study, result)
        claims, answer = claims_table(judged), reporting.answer_of(plan.study, result, judged)
        for log in logs:
            log.claims = judged
        if options.report and reporting.is_current(result):
            page = folder / PAGE
        elif options.report and reporting.measured(result):
            kept = f"the run is saved in {folder}, without a report"
            with stoppable(kept), writing_to(options.out), waiting(WRITING, quiet=options.quiet):
                page = reporting.write([result], folder / PAGE, judged=[judged])
    except Exception as error:
        again = f"landscape report {folder}{' --code FILE' if plan.study.code() else ''}"
        error.add_note(f"the run itself is saved in {folder}; `{again}` tries its report again")
        raise
    if options.json:
        summary.print_json(result, claims, page, answer)
    else:
        if not options.quiet:
            summary.show_result(result, claims, answer)
        summary.show_places(folder, page)
        summary.show_logs(log.place for log in logs if not log.is_off)
    if _refresh(plan, result if options.report else None, judged) and not (options.json or options.quiet):
        print(f"index   {options.out / overview.INDEX}")
    if not result.failed_cells:
        return faults.OK
    saved = "the others are saved, and " if reporting.measured(result) else ""
    for cell, error in result.failed_cells.items():
        print(f"failed: {cell}: {' '.join(error.split())}", file=sys.stderr)
    print(
        f"{len(result.failed_cells)} of {len(result.record['cells'])} cells failed; {saved}the same command "
        "tries the failed ones again",
        file=sys.stderr,
    )
    return faults.SOME_FAILED


def _refresh(plan: Plan, result: results.Result | None = None, judged: Sequence[Claim] | None = None) -> bool:
    """Write the overview of the runs, if there is one or they are in the usual folder; whether it was written."""
    out = plan.options.out
    return overview.refresh(out, result, judged, create=out == overview.USUAL)
