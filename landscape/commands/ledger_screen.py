"""The ledger on one screen of a terminal: a line per claim that was run, and one line for all that were not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from landscape.commands import summary
from landscape.reproduce.ledger import NOT_RUN, after_holm, counts
from landscape.reproduce.rows import family_size


def show_ledger(table: pd.DataFrame) -> None:
    """Print the ledger: key, verdict, effect with its interval, adjusted p, and the claim, cut to the width of the screen."""
    out = summary.console()
    run = table[table.verdict != NOT_RUN].to_dict("records")
    lines = [(str(row["key"]), _verdict(row), effect(row), adjusted(row), str(row["statement"])) for row in run]
    grid = Table.grid(padding=(0, 2))
    for cells in list(zip(*lines, strict=True))[:-1]:
        grid.add_column(no_wrap=True, min_width=max(map(len, cells)))
    grid.add_column(overflow="ellipsis", no_wrap=True)
    for key, verdict, *rest in lines:
        grid.add_row(Text(key, "bold"), Text(verdict, summary.COLOURS.get(verdict.rstrip("*"), "")), *rest)
    if lines:
        out.print(grid)
        out.print("effect with its 95 % interval; p by Holm's method over the family; * the adjusted p does not agree")
    waiting = table[table.verdict == NOT_RUN]
    if len(waiting):
        out.print(f"{NOT_RUN}: {', '.join(waiting.key)}", soft_wrap=True)
    words = ", ".join(f"{number} {verdict}" for verdict, number in counts(table).items())
    out.print(f"of the paper's {family_size('paper')} claims: {words}", soft_wrap=True)


def _verdict(row: Mapping[Any, Any]) -> str:
    return f"{row['verdict']}{'*' if after_holm(row) else ''}"


def effect(row: Mapping[Any, Any]) -> str:
    """The estimate with its interval, or that there is one by setting."""
    if not math.isfinite(row["estimate"]):
        return "by setting" if row["clusters"] else ""
    if not (math.isfinite(row["low"]) or math.isfinite(row["high"])):
        return f"{row['estimate']:.3g}"
    return f"{row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]"


def adjusted(row: Mapping[Any, Any]) -> str:
    """The adjusted p, or nothing."""
    return "" if not math.isfinite(row["p_holm"]) else f"p {row['p_holm']:.2g}"
