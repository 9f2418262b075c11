"""DataFrames as HTML tables, and numbers as a reader wants to see them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

FIRST_ROWS = 30  # what a page shows before "show all"
MISSING_SIGN = "–"


@dataclass(frozen=True)
class Column:
    """A column's heading and what it holds: number, bool or text. Numbers stand to the right."""

    name: str
    kind: str


@dataclass(frozen=True)
class TableView:
    """What the page shows of a table: the first rows as text; the rest travels in the payload."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    count: int
    payload: str


def table_view(frame: pd.DataFrame, payload: str) -> TableView:
    """The first rows of `frame`, formatted; `payload` names the whole table within the page."""
    frame = flat(frame)
    columns = [Column(str(name), _kind(frame[name])) for name in frame.columns]
    shown = frame.head(FIRST_ROWS)
    rows = [[format_value(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    return TableView(columns, rows, len(frame), payload)


def to_csv(frame: pd.DataFrame) -> str:
    """The whole table, full precision, one heading row."""
    return flat(frame).to_csv(index=False, lineterminator="\n")


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with a named index as ordinary columns and headings of one line."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    if isinstance(frame.columns, pd.MultiIndex):
        frame = frame.copy(deep=False)
        frame.columns = pd.Index([" ".join(str(part) for part in name if part != "") for name in frame.columns])
    return frame


def _kind(column: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "bool"
    return "number" if pd.api.types.is_numeric_dtype(column) else "text"


def format_value(value: Any) -> str:
    """A cell as text: a dash for what is missing, yes or no, a number, or the text itself. viewer/format.js agrees."""
    if value is None or value is pd.NA or value is pd.NaT:
        return MISSING_SIGN
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return str(int(value)).replace("-", "−")
    if isinstance(value, Real):
        return format_number(float(value))
    return str(value)


def format_number(value: float) -> str:
    """Four significant digits; powers of ten for the very small and the very large; whole numbers in full."""
    if math.isnan(value):
        return MISSING_SIGN
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if value == int(value) and size < 1e7:
        text = str(int(value))
    elif 1e-3 <= size < 1e4:
        text = f"{value:.4g}"
    elif 1e4 <= size < 1e7:
        text = f"{value:.0f}"
    else:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")
