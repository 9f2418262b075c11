"""`landscape runs`, `show` and `report`: list the runs on disk, show a run, and write reports."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from landscape import joining, loading, overview, presets, reporting, results
from landscape.claims import claims_table
from landscape.commands import faults, summary
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.tables import print_table
from landscape.commands.waiting import WRITING, waiting
from landscape.progress import rough
from landscape.record import PAGE, unchecked

STANDARD_OUTPUT = Path("-")


def named_or_newest(run: str | None, out: Path | None) -> str:
    """The run that a command line names; else the newest under `out`, which a line on stderr then names."""
    if run is not None:
        return run
    newest = loading.newest_run(out)
    print(f"landscape: no run is named: this is the newest, {newest.name}", file=sys.stderr)
    return str(newest)


def chosen_model(
    run: str | None, where: Mapping[str, str], member: str, *, recipe: int = 0, out: Path | None = None
) -> loading.Model:
    """The network of a run, by default the newest, that a command line describes. A line on stderr says what was chosen."""
    place = named_or_newest(run, out)
    cell, words = loading.choose_cell(place, where, out)
    model = loading.model_of_cell(place, cell, member, recipe=recipe, out=out)
    _say(words)
    return model


def chosen_values(run: str, where: Mapping[str, str]) -> dict[str, Any]:
    """The values of the cell that a command line describes by some of them. A line on stderr says what was chosen."""
    cell, words = loading.choose_cell(run, where)
    _say(words)
    return dict(cell.values)


def _say(words: str) -> None:
    if words:
        print(f"landscape: {words}", file=sys.stderr)


def list_runs(out: Path, *, as_json: bool = False) -> int:
    """Print the runs under `out`, newest first."""
    with bad_input():
        listed = results.runs(out)
    rows = [
        {
            "run": folder.name,
            "study": record["study"],
            "cells": f"{sum(cell['status'] == 'done' for cell in record['cells'])}/{len(record['cells'])}",
            "failed": sum(cell["status"] == "failed" for cell in record["cells"]),
            "took": rough(float(record.get("seconds", 0))),
            "started": str(record.get("started", ""))[:16].replace("T", " "),
            "report": "yes" if (folder / PAGE).exists() else "",
            "checked": "no" if unchecked(record) else "yes",
        }
        for folder, record in listed
    ]
    for reason in results.unreadable(out):
        print(f"landscape: left out: {' '.join(reason.split())}", file=sys.stderr)
    if as_json:
        summary.print_as_json(rows)
    elif rows:
        if all(row["checked"] == "yes" for row in rows):
            rows = [{key: value for key, value in row.items() if key != "checked"} for row in rows]
        print_table(summary.console(), pd.DataFrame(rows), optional=("study", "report", "took", "started", "failed"))
    else:
        print(f"no runs in {out}", file=sys.stderr)
    return faults.OK


def show(run: str | None, out: Path, *, as_json: bool = False, partial: bool = False) -> int:
    """Print a run (by default the newest): command, members per cell, failed cells and verdicts.

    `partial` leaves damaged cells out."""
    with bad_input():
        result = loading.load(loading.newest_run(out) if run is None else run, out, partial=partial)
    try:
        study, missing = presets.study_of(result.record, result.path), ""
        with waiting("judging the claims"):
            judged = reporting.claims_of(study, result)
            claims, answer = claims_table(judged), reporting.answer_of(study, result, judged)
    except ValueError as error:  # the study is missing or has changed; the tables can still be shown
        claims, answer, missing = pd.DataFrame(), None, str(error)
    page = result.path / PAGE
    if as_json:
        summary.print_json(result, claims, page if page.exists() else None, answer)
        return faults.OK
    summary.show_places(result.path, page if page.exists() else None)
    out_to = summary.console()
    for name in ("command", "started", "device", "commit"):
        if result.record.get(name):
            out_to.print(f"{name:<8}{result.record[name]}", soft_wrap=True)
    for name, words in (result.record.get("data") or {}).items():
        out_to.print(f"data    {name}: {words}", soft_wrap=True)
    found = reporting.counts(result)
    to_run = found.cells - found.done - found.failed_cells - len(result.left_out)
    damaged = f", {len(result.left_out)} damaged" if result.left_out else ""
    out_to.print(f"cells   {found.done} of {found.cells} done, {found.failed_cells} failed, {to_run} waiting{damaged}")
    if result.unchecked:
        out_to.print(reporting.UNCHECKED, soft_wrap=True)
    summary.show_result(result, claims, answer)
    for cell, error in result.failed_cells.items():
        out_to.print(f"failed: {cell}: {' '.join(error.split())}", soft_wrap=True)
    for cell, reason in result.left_out.items():
        out_to.print(f"left out: {cell}: {reason}", soft_wrap=True)
    if missing:
        out_to.print(f"no verdicts: {missing}", soft_wrap=True)
    return faults.OK


def report(
    names: list[str],
    out: Path,
    page: Path | None,
    title: str | None = None,
    story: Path | None = None,
    *,
    partial: bool = False,
) -> int:
    """Write the report of a run (by default the newest), or a single page about several runs. `title` is its heading.

    Runs that differ by their seeds, and have equal cells, are pooled: their claims are judged on the networks of all of them.

    `story` is a file of Markdown whose text stands below the heading. The page '-' is standard output. `partial` leaves
    damaged cells out, and the page lists them."""
    from landscape.report.story import read_story

    with bad_input():
        told = read_story(story) if story else ""
        folders = [loading.find_run(name, out) for name in names] or [loading.newest_run(out)]
        folders = list(dict.fromkeys(folders))
        found = [results.load(folder, partial=partial) for folder in folders]
        if len(found) > 1 and joining.can_pool(found):
            found = [joining.concat(found)]
            print(f"pooled  {', '.join(folder.name for folder in folders)}: their equal cells are one", file=sys.stderr)
        if page == STANDARD_OUTPUT:
            sys.stdout.buffer.write(reporting.page(found, title, told).encode(errors="backslashreplace"))
            sys.stdout.flush()
            return faults.OK
        target = page or (folders[0] / PAGE if len(folders) == 1 else out / PAGE)
        writable = writing_to(target.parent, option="--to", kept="nothing is written")
        with stoppable(f"{target} is not written"), writable, waiting(WRITING):
            from landscape.report import check_target  # loads the drawing libraries

            check_target(target)
            judged = [reporting.claims_of(presets.study_of(one.record, one.path), one) for one in found]
            written = reporting.write(found, target, title, told, judged)
    print(f"report  {written}")
    shown = (found[0], judged[0]) if target == folders[0] / PAGE and not partial else ()
    overview.refresh(folders[0].parent, *shown, create=folders[0].parent == overview.USUAL)
    return faults.OK
