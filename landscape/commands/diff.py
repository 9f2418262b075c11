"""`landscape diff`: what differs between two runs of a study."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from landscape import loading
from landscape.commands import faults, summary
from landscape.commands.faults import bad_input
from landscape.commands.tables import print_table
from landscape.differences import Differences, compare

DIFFERENT = 1  # the exit code, as that of diff(1)
MOST_NAMED = 3  # cells


def diff(first: str, second: str, out: Path, *, as_json: bool = False) -> int:
    """Print what differs between two runs; return OK if they are equal, else DIFFERENT."""
    with bad_input():
        runs = loading.load(first, out), loading.load(second, out)
        found = compare(*runs)
    if as_json:
        summary.print_as_json(_record(found))
    else:
        print(f"first   {runs[0].path}\nsecond  {runs[1].path}")
        _show(found)
    return faults.OK if found.equal else DIFFERENT


def _show(found: Differences) -> None:
    screen = summary.console()
    for name, (one, two) in found.parameters.items():
        screen.print(f"{name}: {_value(one)} → {_value(two)}", soft_wrap=True)
    cells = "cell" if found.both == 1 else "cells"
    screen.print(
        f"{found.both} {cells} in both runs{_only(found.only_first, 'first')}{_only(found.only_second, 'second')}"
    )
    for name, (one, two) in found.rows.items():
        screen.print(f"{name}: {one:,} rows only in the first run, {two:,} only in the second")
    if len(found.numbers):
        print_table(screen, found.numbers)
    elif found.both:
        screen.print("no number differs in the rows of both runs")
    if len(found.verdicts):
        print_table(screen, found.verdicts)
    elif found.unjudged:
        screen.print(f"no verdicts: {found.unjudged}", soft_wrap=True)
    else:
        screen.print("no verdict differs")
    screen.print("the runs are equal" if found.equal else "the runs differ")


def _value(value: object) -> str:
    return (
        ",".join(map(str, value)) if isinstance(value, list) else "not set" if value is None else str(value) or "none"
    )


def _only(cells: list[str], which: str) -> str:
    named = "; ".join(cells[:MOST_NAMED]) + (" …" if len(cells) > MOST_NAMED else "")
    return f", {len(cells)} only in the {which} ({named})" if cells else ""


def _record(found: Differences) -> dict[str, object]:
    return {
        "equal": found.equal,
        "parameters": found.parameters,
        "cells": {"both": found.both, "only_first": found.only_first, "only_second": found.only_second},
        "rows": found.rows,
        "numbers": _rows(found.numbers),
        "verdicts": _rows(found.verdicts),
        "unjudged": found.unjudged,
    }


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return [summary.plain(row) for row in table.to_dict("records")]
