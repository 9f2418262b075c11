"""The outcome of a run: printed as tables for people, or as JSON for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from landscape import reporting
from landscape.commands.tables import print_table, text_of
from landscape.findings import Answer
from landscape.progress import CENTURY, PETABYTE, room, rough
from landscape.results import Result

if TYPE_CHECKING:
    from landscape.commands.plan import Plan
    from landscape.estimate import CellEstimate

MAX_MEDIANS = 3  # columns of medians beside the counts, if the line is long enough
FILE_WIDTH = 100  # columns of text if stdout is no terminal
PLAIN_TEXT: dict[str, Any] = {"highlight": False, "soft_wrap": False, "markup": False, "emoji": False}
LINES_BESIDE_CELLS = 10  # of a dry run in a terminal: the total, the heading of the table, the command itself
COLOURS = {"supported": "green", "refuted": "red", "mixed": "yellow", "undecided": "yellow"}


class _Console(Console):
    """A console that raises BrokenPipeError when its reader has gone, for `cli.main` to handle."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console that prints every text unchanged. If it is no terminal, its lines are long enough for the tables."""
    screen = _Console(stderr=stderr, **PLAIN_TEXT)
    return screen if screen.is_terminal else _Console(stderr=stderr, width=FILE_WIDTH, **PLAIN_TEXT)


def show_readings(readings: Mapping[str, str]) -> None:
    """Print on stderr, in a line for each file or folder of data, how it was read."""
    for name, words in readings.items():
        print(f"data    {name}: {words}", file=sys.stderr)


def show_places(folder: Path, page: Path | None) -> None:
    """Print the run's folder and report, each on a line for itself, to be copied."""
    print(f"run     {folder}")
    if page is not None:
        print(f"report  {page}")


def show_logs(places: Iterable[str]) -> None:
    """Print where the logs of a run are, each on a line for itself."""
    for place in places:
        print(f"log     {place}")


def show_result(result: Result, claims: pd.DataFrame, answer: Answer | None = None) -> None:
    """Print the answer, or else the members per cell; then the verdicts."""
    out = console()
    if answer is not None:
        rows = [("Asked", answer.asked), *(("Found", f"{one.short} {one.sentence}".strip()) for one in answer.found)]
        rows += [(head, words) for head, words in (("Limits", answer.not_shown),) if words]
        grid = Table.grid(padding=(0, 2))
        for head, words in rows:
            grid.add_row(Text(head, "bold"), Text(words))
        out.print(grid, "")
    elif len(result.whole):
        print_table(out, members_per_cell(result, width=out.width))
        found = reporting.counts(result)
        if found.has_status:
            out.print(f"{found.converged_words()}\n")
    show_claims(out, claims)


def show_claims(out: Console, claims: pd.DataFrame) -> None:
    """Print a row per claim: key, verdict, statement, estimate with interval and threshold or why there is none, label.

    Claims that are parts of another claim are left to the report."""
    rows = [row for row in claims.to_dict("records") if not row.get("part_of")] if len(claims) else []
    grid = Table.grid(padding=(0, 2))
    for row in rows:
        verdict, words = str(row["verdict"]), Text(str(row["statement"]))
        if math.isfinite(row["estimate"]):
            words.append(
                f" ({row['estimand']}: {row['estimate']:.3g}{_interval(row)}; the claim needs {row['threshold']})",
                "dim",
            )
        elif isinstance(row.get("reason"), str) and row["reason"]:
            words.append(f" ({row['reason']})", "dim")
        if row.get("label"):
            words.append(f" ({row['label']})", "yellow")
        grid.add_row(Text(str(row["key"]), "bold"), Text(verdict, COLOURS.get(verdict, "")), words)
    if rows:
        out.print(grid, "")


def members_per_cell(result: Result, width: int = FILE_WIDTH) -> pd.DataFrame:
    """A row per cell: its values, how many members it has, how many converged and how many did not, and medians.

    The medians are over the converged members. The training loss comes first; of the others, as many are shown as fit into
    `width` columns of text, at most MAX_MEDIANS in all."""
    keys = [name for name, _ in next(iter(result.arrays)).values]
    rest = [name for name in result.whole if name not in (*keys, "member", "seed", "status")]
    measured = [name for name in rest if pd.api.types.is_float_dtype(result.whole[name])]
    measured.sort(key=lambda name: name not in ("loss", "training_loss"))
    rows, medians = [], []
    for values, group in result.whole.groupby(keys, sort=False, dropna=False):
        good = group[group["status"] == "converged"] if "status" in group else group
        counted = {"members": len(group)}
        if "status" in group:
            counted |= {"converged": len(good), "not converged": len(group) - len(good)}
        rows.append({**dict(zip(keys, values, strict=True)), **counted})
        medians.append({name: good[name].median() if len(good) else math.nan for name in measured})
    frame = pd.DataFrame(rows)
    for name in measured[:MAX_MEDIANS]:
        wider = frame.assign(**{f"median {name}": [by_name[name] for by_name in medians]})
        if _width(wider) <= width and wider.iloc[:, -1].notna().any():
            frame = wider
    return frame


def _width(frame: pd.DataFrame) -> int:
    """The number of columns of text that a table takes."""
    return sum(3 + max(len(str(name)), *(len(text_of(value)) for value in frame[name])) for name in frame)


def summary(
    result: Result, claims: pd.DataFrame | None, page: Path | None = None, answer: Answer | None = None
) -> dict[str, Any]:
    """A run as JSON-able values."""
    found = reporting.counts(result)
    return {
        "run": str(result.path),
        "answer": answer and answer.record(),
        "report": str(page) if page else None,
        "study": result.record["study"],
        "parameters": result.record["parameters"],
        "data": result.record.get("data") or {},
        "device": result.record.get("device"),
        "seconds": result.record.get("seconds"),
        "cells": {"all": found.cells, "done": found.done, "failed": result.failed_cells},
        "members": {"all": found.members, "converged": found.converged, "failed": found.unconverged},
        "claims": None if claims is None else [plain(row) for row in claims.to_dict("records")],
    }


def print_json(
    result: Result, claims: pd.DataFrame | None, page: Path | None = None, answer: Answer | None = None
) -> None:
    """Print the summary of a run as JSON."""
    print_as_json(summary(result, claims, page, answer))


def print_as_json(value: Any) -> None:
    """Print `value` as JSON. It must not contain NaN. Characters that stdout cannot encode are written as JSON escapes."""
    text = json.dumps(value, indent=1, ensure_ascii=False, default=str, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1, default=str, allow_nan=False)
    print(text)


def show_plan(plan: Plan, *, to_stderr: bool = False) -> None:
    """Print the time and memory that a study takes about, and the cells that are left."""
    left = plan.estimate
    if plan.options.json and not to_stderr:
        cells = [{"cell": each.cell.name, "members": each.members, "seconds": each.seconds} for each in left.cells]
        found = {"cells": cells, "finished": left.finished, "stored": left.stored, "seconds": plan.seconds}
        found |= {"bytes": left.bytes(plan.processes), "device": plan.device, "engine": plan.engine}
        print_as_json({"study": plan.study.name, **found, "processes": plan.processes})
        return
    out = console(stderr=to_stderr)
    every, networks = len(left.cells) + left.finished, sum(each.members for each in left.cells)
    words = f"{len(left.cells)} of {every} cells to run, {networks} members"
    for name, value in plan.study.main().items():
        beside = sum(dict(each.cell.values).get(name, value) != value for each in left.cells)
        words += f", {beside} of these cells beside the main grid (--{name})" if beside else ""
    if left.stored:
        words += f", {left.stored} ensembles already trained"
    if left.cells:
        out.print(_takes(plan), soft_wrap=True)
    out.print(f"{words}, into {plan.study.folder(plan.options.out)}", soft_wrap=True)
    _show_cells(out, left.cells)


def _takes(plan: Plan) -> str:
    """The time and memory of a plan, and where it runs, in words."""
    where = "this process" if plan.engine == "here" else f"{plan.processes} processes"
    where = f"one core of the Ray cluster at {plan.cluster}" if plan.cluster else where
    size = plan.estimate.bytes(plan.processes)
    if plan.seconds < CENTURY and size < PETABYTE:
        return f"about {rough(plan.seconds)} and {room(size)} of memory; on {plan.device}, {where}"
    takes = f"it may take {rough(plan.seconds)} and {room(size)} of memory"
    return f"{takes}, which is out of reach: sweep fewer values, or lower counts and iterations"


def _show_cells(out: Console, cells: Sequence[CellEstimate]) -> None:
    """Print a row per cell; in a terminal as many as leave the total on the screen, the longest first."""
    most = max(out.height - LINES_BESIDE_CELLS, 5) if out.is_terminal else len(cells)
    shown = sorted(cells, key=lambda each: -each.seconds)[:most] if len(cells) > most else cells
    rows = [
        {
            "cell": each.cell.name,
            "members": each.members,
            "member-steps": f"{each.steps:,}",
            "about": rough(each.seconds),
        }
        for each in shown
    ]
    if rows:
        print_table(out, pd.DataFrame(rows), optional=("member-steps", "members"))
    if len(rows) < len(cells):
        out.print(f"and {len(cells) - len(rows)} shorter cells; --json lists all", soft_wrap=True)


def _interval(row: Any) -> str:
    return f" [{row['low']:.3g}, {row['high']:.3g}]" if math.isfinite(row["low"]) or math.isfinite(row["high"]) else ""


def plain(row: Any) -> dict[str, Any]:
    """A row of a table as JSON-able values: None for numbers that are not finite."""
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()
    }
