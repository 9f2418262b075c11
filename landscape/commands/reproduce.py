"""`landscape reproduce`: run the paper again, and write the ledger of its claims with a page of its figures."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from landscape import devices, presets, reporting, results
from landscape.commands import faults, summary
from landscape.commands.faults import Fault, bad_input, check_writable, stoppable, terminable, writing_to
from landscape.commands.ledger_screen import show_ledger
from landscape.commands.plan import Plan, RunOptions
from landscape.commands.run import ask, check_room, fetch_data, plan_of, run_cells
from landscape.commands.tables import print_table
from landscape.estimate import measure_speed
from landscape.names import listed
from landscape.progress import rough
from landscape.reproduce.choice import Choice, choose
from landscape.reproduce.ledger import Found, ledger
from landscape.reproduce.made import Made, found_of, made_of
from landscape.reproduce.quirks import CHANGES
from landscape.reproduce.rows import INJECTIVE_FAMILY
from landscape.reproduce.runs import PaperRun
from landscape.reproduce.saved import save
from landscape.study import Study


@dataclass
class State:
    """What has become of the runs so far: those with a result, what they found, and why others have none or lack cells."""

    made: dict[str, Made] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def reproduce(
    what: Sequence[str], options: RunOptions, *, without: Sequence[str] = (), as_published: bool = False
) -> int:
    """Run what is asked, write the page and the ledger, and return the exit code. `options.preset` is one of ours.

    Each text of `without` holds names of runs to leave out, with commas between them."""
    faults.use_data_root(options.data_root)
    with bad_input():
        choice = choose(what, options.preset, [name for text in without for name in listed(text)])
        runs = choice.runs
        studies = {run.name: _study(run, options.preset) for run in runs}
        plans = _plans(runs, studies, options)
    if options.dry_run:
        _show_plans(runs, plans)
        return faults.OK
    for plan in plans.values():
        check_room(plan)
    ask(sum(plan.seconds for plan in _distinct(plans).values()), options)
    check_writable(options.out)
    state = State()
    try:
        with terminable(), writing_to(options.out):
            for number, run in enumerate(runs, 1):
                if not options.quiet:
                    print(f"[{number}/{len(runs)}] {run.title}", file=sys.stderr, flush=True)
                _one(run, plans[run.name], state)
    except KeyboardInterrupt as stop:
        print("\nstopped: finished cells are kept; the same command goes on from there", file=sys.stderr)
        return faults.code_of_stop(stop)
    return _finish(choice, options, state, as_published)


def _study(run: PaperRun, preset: str) -> Study:
    name, settings = run.asked[preset]
    return presets.make_study(run.study, name, overrides=settings)


def _plans(runs: Sequence[PaperRun], studies: Mapping[str, Study], options: RunOptions) -> dict[str, Plan]:
    speed = measure_speed(devices.resolve(options.device))
    cells_alone = replace(options, report=False)  # a single page is written of all runs
    return {run.name: plan_of(studies[run.name], cells_alone, run.title, speed) for run in runs}


def _distinct(plans: Mapping[str, Plan]) -> dict[Path, Plan]:
    """The plans by the folders of their runs: two figures may be shown from a single run."""
    return {plan.study.folder(plan.options.out): plan for plan in plans.values()}


def _show_plans(runs: Sequence[PaperRun], plans: Mapping[str, Plan]) -> None:
    rows = [
        {
            "run": run.name,
            "cells": len(plans[run.name].estimate.cells),
            "finished": plans[run.name].estimate.finished,
            "about": rough(plans[run.name].seconds),
            "command": presets.command(plans[run.name].study),
        }
        for run in runs
    ]
    out = summary.console()
    out.print(f"about {rough(sum(plan.seconds for plan in _distinct(plans).values()))} in all")
    print_table(out, pd.DataFrame(rows), prose=("command",))


def _one(run: PaperRun, plan: Plan, state: State) -> None:
    """Run one study. Whatever goes wrong in it is noted in `state`, and does not stop the others."""
    folder = plan.study.folder(plan.options.out)
    with _noted(run.name, state, plan.options.debug):
        fetch_data(plan)
        run_cells(plan, folder)
        made = made_of(run, plan.study, results.load(folder))
        if made.result.failed_cells:
            state.failed[run.name] = "; ".join(f"{cell}: {error}" for cell, error in made.result.failed_cells.items())
        if reporting.measured(made.result):
            state.found[run.name] = found_of(made)
            state.made[run.name] = made


@contextmanager
def _noted(name: str, state: State, debug: bool) -> Iterator[None]:
    """Note an error of the block in `state`; with `debug` it is raised."""
    try:
        yield
    except Exception as error:
        if debug:
            raise
        state.failed[name] = f"{type(error).__name__}: {error}" if not isinstance(error, Fault) else str(error)


def _finish(choice: Choice, options: RunOptions, state: State, as_published: bool) -> int:
    if not options.quiet:
        print("writing the ledger and the page", file=sys.stderr, flush=True)
    table = ledger(state.found, failed=state.failed, preset=options.preset)
    folder = options.out / choice.folder
    with stoppable(f"the runs are kept in {options.out}, without a page"), writing_to(options.out):
        quirks = _quirks(state) if as_published else None
        files = save(table, folder, quirks)
        page = _page(table, choice, state, folder, quirks) if options.report and state.made else None
    if options.json:
        summary.print_as_json(_as_json(table, choice, state, files, page, quirks))
    else:
        if not options.quiet:
            show_ledger(table[table.family == INJECTIVE_FAMILY] if choice.is_injective else table)
            if quirks is not None:
                _show_quirks(quirks)
        for file in (*files, *([page] if page else [])):
            print(f"{file.suffix.removeprefix('.'):<8}{file}")
    for name, error in state.failed.items():
        print(f"failed: {name}: {' '.join(error.split())}", file=sys.stderr)
    if not state.failed:
        return faults.OK
    print("the others are saved, and the same command tries the failed ones again", file=sys.stderr)
    return faults.SOME_FAILED


def _quirks(state: State) -> pd.DataFrame:
    """The quirks of the published code beside the text. An error is noted, and leaves the ledger and the page as they are."""
    from landscape.reproduce.as_published import compared  # loads studies that a bare machine may not be able to

    found: pd.DataFrame | None = None
    with _noted("as-published", state, False):
        found = compared(state.made)
    return compared({}) if found is None else found


def _page(table: pd.DataFrame, choice: Choice, state: State, folder: Path, quirks: pd.DataFrame | None) -> Path:
    from landscape.reproduce.paper_page import write_page  # a bare GPU box has no drawing libraries

    page = folder / "report.html"
    return write_page(table, state.made, page, choice=choice, failed=state.failed, quirks=quirks)


def _show_quirks(quirks: pd.DataFrame) -> None:
    """Print the quirks of which a claim was judged, and the names of the others."""
    run, out = quirks["as the text"] != "", summary.console()
    shown = quirks[run].assign(claim=quirks.claim.str.partition(":")[0])  # the ledger has the sentences of claims
    columns = ["quirk", "claim", "as the text", "as the code", "code less text", CHANGES]
    print_table(out, shown[columns], prose=columns)
    out.print(
        f"quirks that no verdict tells of, here or at all: {', '.join(quirks.quirk[~run].unique())}", soft_wrap=True
    )


def _as_json(
    table: pd.DataFrame,
    choice: Choice,
    state: State,
    files: Sequence[Path],
    page: Path | None,
    quirks: pd.DataFrame | None,
) -> dict[str, Any]:
    runs = {
        name: {
            "folder": str(made.result.path),
            "command": made.command,
            "seconds": made.result.record.get("seconds"),
            "networks": len(made.result.whole),
        }
        for name, made in state.made.items()
    }
    return {
        "preset": choice.preset,
        "command": choice.command,
        "left_out": [run.name for run in choice.left_out],
        "page": str(page) if page else None,
        "files": [str(file) for file in files],
        "runs": runs,
        "failed": state.failed,
        "claims": [summary.plain(row) for row in table.to_dict("records")],
        **({} if quirks is None else {"quirks": quirks.to_dict("records")}),
    }
