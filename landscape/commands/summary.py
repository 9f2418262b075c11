"""What a run came to, as tables for people or JSON for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from landscape import reporting
from landscape.commands.progress import CENTURY, PETABYTE, room, rough
from landscape.results import Result

if TYPE_CHECKING:
    from landscape.commands.plan import Plan

MEASUREMENTS = 3  # columns of medians beside the counts, where the line is long enough
NARROW = 100  # columns of text where stdout is no terminal
PLAIN: dict[str, Any] = {"highlight": False, "soft_wrap": False, "markup": False, "emoji": False}
COLOURS = {"supported": "green", "refuted": "red", "mixed": "yellow", "undecided": "yellow"}


class _Console(Console):
    """A console that raises BrokenPipeError when its reader has gone, for `cli.main` to handle."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """Where to print, every text as it is; files get lines long enough for the tables."""
    found = _Console(stderr=stderr, **PLAIN)
    return found if found.is_terminal else _Console(stderr=stderr, width=NARROW, **PLAIN)


def show_readings(readings: Mapping[str, str]) -> None:
    """Print how files and folders of data were read, a line each, on stderr."""
    for name, words in readings.items():
        print(f"data    {name}: {words}", file=sys.stderr)


def show_places(folder: Path, page: Path | None) -> None:
    """The run's folder and report, alone on their lines for copying."""
    print(f"run     {folder}")
    if page is not None:
        print(f"report  {page}")


def show_result(result: Result, claims: pd.DataFrame) -> None:
    """The members per cell, then the verdicts."""
    out = console()
    if len(result.table):
        out.print(table(members_per_cell(result, width=out.width)))
        found = reporting.counts(result)
        if found.has_status:
            out.print(f"{found.converged} of {found.members} members converged; failed {found.failed_words()}\n")
    show_claims(out, claims)


def show_claims(out: Console, claims: pd.DataFrame) -> None:
    """A claim a row: key, verdict, statement, estimate with interval against its threshold, label. Details are in the
    report."""
    rows = [row for row in claims.to_dict("records") if not row.get("part_of")] if len(claims) else []
    grid = Table.grid(padding=(0, 2))
    for row in rows:
        verdict, told = str(row["verdict"]), Text(str(row["statement"]))
        if math.isfinite(row["estimate"]):
            told.append(f" ({row['estimand']}: {row['estimate']:.3g}{_interval(row)}; asked {row['threshold']})", "dim")
        if row.get("label"):
            told.append(f" ({row['label']})", "yellow")
        grid.add_row(Text(str(row["key"]), "bold"), Text(verdict, COLOURS.get(verdict, "")), told)
    if rows:
        out.print(grid, "")


def members_per_cell(result: Result, width: int = NARROW) -> pd.DataFrame:
    """A row per cell: its values, members, converged and failed; then medians of measurements among the converged, the
    training loss first, as many as fit into `width` columns of text."""
    keys = [name for name, _ in next(iter(result.arrays)).values]
    rest = [name for name in result.table if name not in (*keys, "member", "seed", "status")]
    measured = [name for name in rest if pd.api.types.is_float_dtype(result.table[name])]
    measured.sort(key=lambda name: name not in ("loss", "training_loss"))
    rows, medians = [], []
    for values, group in result.table.groupby(keys, sort=False, dropna=False):
        good = group[group["status"] == "converged"] if "status" in group else group
        counted = {"members": len(group)}
        if "status" in group:
            counted |= {"converged": len(good), "failed": len(group) - len(good)}
        rows.append({**dict(zip(keys, values, strict=True)), **counted})
        medians.append({name: good[name].median() if len(good) else math.nan for name in measured})
    found = pd.DataFrame(rows)
    for name in measured[:MEASUREMENTS]:
        wider = found.assign(**{f"median {name}": [one[name] for one in medians]})
        if _width(wider) <= width and wider.iloc[:, -1].notna().any():
            found = wider
    return found


def _width(frame: pd.DataFrame) -> int:
    """Columns of text that a table takes."""
    return sum(3 + max(len(str(name)), *(len(_text(value)) for value in frame[name])) for name in frame)


def table(frame: pd.DataFrame) -> Table:
    """A DataFrame as a rich table."""
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in frame:
        number = pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        found.add_column(str(name), justify="right" if number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        found.add_row(*map(_text, row))
    return found


def summary(result: Result, claims: pd.DataFrame | None, page: Path | None = None) -> dict[str, Any]:
    """A run as JSON-able values."""
    found = reporting.counts(result)
    return {
        "run": str(result.path),
        "report": str(page) if page else None,
        "study": result.record["study"],
        "parameters": result.record["parameters"],
        "data": result.record.get("data") or {},
        "device": result.record.get("device"),
        "seconds": result.record.get("seconds"),
        "cells": {"all": found.cells, "done": found.done, "failed": result.failed_cells},
        "members": {"all": found.members, "converged": found.converged, "failed": found.failed},
        "claims": None if claims is None else [_plain(row) for row in claims.to_dict("records")],
    }


def print_json(result: Result, claims: pd.DataFrame | None, page: Path | None = None) -> None:
    """The summary on stdout."""
    print_as_json(summary(result, claims, page))


def print_as_json(value: Any) -> None:
    """JSON on stdout; NaN, which JSON lacks, must have been replaced. What stdout cannot encode is escaped as JSON does."""
    text = json.dumps(value, indent=1, ensure_ascii=False, default=str, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1, default=str, allow_nan=False)
    print(text)


def show_plan(plan: Plan, *, to_stderr: bool = False) -> None:
    """What is left of a study and what it takes at most."""
    left = plan.estimate
    if plan.options.json and not to_stderr:
        cells = [{"cell": one.cell.name, "members": one.members, "seconds": one.seconds} for one in left.cells]
        found = {"cells": cells, "finished": left.finished, "stored": left.stored, "seconds": plan.seconds}
        found |= {"bytes": left.bytes(plan.processes), "device": plan.device, "engine": plan.engine}
        print_as_json({"study": plan.study.name, **found, "processes": plan.processes})
        return
    out = console(stderr=to_stderr)
    rows = [
        {"cell": one.cell.name, "members": one.members, "member-steps": f"{one.steps:,}", "at most": rough(one.seconds)}
        for one in left.cells
    ]
    if rows:
        out.print(table(pd.DataFrame(rows)))
    every = len(left.cells) + left.finished
    words = f"{len(left.cells)} of {every} cells to run, {sum(one.members for one in left.cells)} members"
    if left.stored:
        words += f", {left.stored} ensembles already trained"
    where = f"{plan.processes} processes" if plan.engine == "processes" else "this process"
    out.print(f"{words}; on {plan.device}, {where}")
    if rows:
        size = left.bytes(plan.processes)
        if plan.seconds < CENTURY and size < PETABYTE:
            out.print(f"at most {rough(plan.seconds)} and about {room(size)} of memory")
        else:
            takes = f"it may take {rough(plan.seconds)} and {room(size)} of memory"
            out.print(f"{takes}, which no machine can give: sweep, count or iterate less", soft_wrap=True)
    out.print(f"into {plan.study.folder(plan.options.out)}", soft_wrap=True)


def _interval(row: Any) -> str:
    return f" [{row['low']:.3g}, {row['high']:.3g}]" if math.isfinite(row["low"]) or math.isfinite(row["high"]) else ""


def _plain(row: Any) -> dict[str, Any]:
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()
    }


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}"
    return str(value)
