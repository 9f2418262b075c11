"""What there is on disk: list the runs, show one, and write reports about them."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from landscape import loading, presets, reporting, results
from landscape.commands import faults, summary
from landscape.commands.faults import bad_input, writing_to
from landscape.commands.progress import rough


def list_runs(out: Path, *, as_json: bool = False) -> int:
    """The runs under `out`, newest first."""
    rows = [
        {
            "run": folder.name,
            "study": record["study"],
            "cells": f"{sum(cell['status'] == 'done' for cell in record['cells'])}/{len(record['cells'])}",
            "failed": sum(cell["status"] == "failed" for cell in record["cells"]),
            "took": rough(float(record.get("seconds", 0))),
            "started": str(record.get("started", ""))[:16].replace("T", " "),
            "report": "yes" if (folder / "report.html").exists() else "",
        }
        for folder, record in results.runs(out)
    ]
    if as_json:
        summary.print_as_json(rows)
    elif rows:
        summary.console().print(summary.table(pd.DataFrame(rows)))
    else:
        print(f"no runs in {out}", file=sys.stderr)
    return faults.OK


def show(run: str, out: Path, *, as_json: bool = False) -> int:
    """One run: its parameters, members per cell, failed cells and verdicts."""
    with bad_input():
        result = loading.load(run, out)
    try:
        claims = reporting.claims_of(presets.study_of(result.record), result)
        missing = ""
    except ValueError as error:  # the tables are readable whatever became of the study
        claims, missing = pd.DataFrame(), str(error)
    page = result.path / "report.html"
    if as_json:
        summary.print_json(result, claims, page if page.exists() else None)
        return faults.OK
    summary.show_places(result.path, page if page.exists() else None)
    out_to = summary.console()
    for name in ("command", "started", "device", "commit"):
        if result.record.get(name):
            out_to.print(f"{name:<8}{result.record[name]}", soft_wrap=True, markup=False)
    for name, words in (result.record.get("data") or {}).items():
        out_to.print(f"data    {name}: {words}", soft_wrap=True, markup=False)
    found = reporting.counts(result)
    waiting = found.cells - found.done - found.failed_cells
    out_to.print(f"cells   {found.done} of {found.cells} done, {found.failed_cells} failed, {waiting} waiting")
    summary.show_result(result, claims)
    for cell, error in result.failed_cells.items():
        out_to.print(f"failed: {cell}: {' '.join(error.split())}", soft_wrap=True, markup=False)
    if missing:
        out_to.print(f"no verdicts: {missing}", soft_wrap=True, markup=False)
    return faults.OK


def report(names: list[str], out: Path, page: Path | None, title: str | None = None) -> int:
    """Write the report of one run, or one page about several headed by `title`; the newest run by default."""
    with bad_input():
        folders = [loading.find_run(name, out) for name in names] or [loading.newest_run(out)]
        folders = list(dict.fromkeys(folders))
        found = [results.load(folder) for folder in folders]
        target = page or (folders[0] / "report.html" if len(folders) == 1 else out / "report.html")
        with writing_to(target.parent):
            written = reporting.write(found, target, title)
    print(f"report  {written}")
    return faults.OK
