"""Tables in a terminal: what a user copies, such as the name of a run, stays in one piece at any width."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import pandas as pd
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

FOLDED_WIDTH = 24  # columns of text that a column of prose has at least
UNBOUNDED = 10_000  # columns of text, more than any table takes


def print_table(
    out: Console, frame: pd.DataFrame, *, optional: Sequence[str] = (), prose: Collection[str] = ()
) -> list[str]:
    """Print a DataFrame, each value in one piece but those of columns of `prose`. Returns the columns that were left out.

    1. While the table is wider than a terminal, the first of the `optional` columns is left out.
    2. A table that is still wider keeps its lines: the terminal continues each on its next line, so that it can be copied.
    3. Where stdout is no terminal, nothing is left out."""
    left_out: list[str] = []
    waiting = [name for name in optional if name in frame]
    while out.is_terminal and waiting and _needed(out, frame, prose) > out.width:
        left_out.append(waiting.pop(0))
        frame = frame.drop(columns=left_out[-1])
    usual = out.width
    try:
        out.width = max(usual, _needed(out, frame, prose))
        out.print(table(frame, prose))
    finally:
        out.width = usual
    return left_out


def table(frame: pd.DataFrame, prose: Collection[str] = ()) -> Table:
    """A DataFrame as a rich table. The values of columns of `prose` may take several lines."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in frame:
        number = pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        grid.add_column(str(name), justify="right" if number else "left", overflow="fold", no_wrap=name not in prose)
    for row in frame.itertuples(index=False):
        grid.add_row(*map(text_of, row))
    return grid


def _needed(out: Console, frame: pd.DataFrame, prose: Collection[str]) -> int:
    """The columns of text that a table takes, with columns of prose as narrow as they may be."""
    rest = table(frame.drop(columns=[name for name in prose if name in frame]))
    return Measurement.get(out, out.options.update(width=UNBOUNDED), rest).maximum + FOLDED_WIDTH * len(prose)


def text_of(value: object) -> str:
    """A value as tables print it."""
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}"
    return str(value)
