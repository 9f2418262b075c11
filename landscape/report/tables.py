"""DataFrames as the page's tables, and numbers as text."""

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
    """A column's heading and its kind: number, bool or text. Numbers are aligned to the right."""

    name: str
    kind: str


@dataclass(frozen=True)
class TableView:
    """What the page shows of a table: its first rows as text. `payload` is the id of the whole table in the page."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    count: int
    payload: str


def table_view(frame: pd.DataFrame, payload: str) -> TableView:
    """The first rows of `frame`, formatted; `payload` is the id of the whole table in the page."""
    frame = flat(frame)
    columns = [Column(str(name), _kind(frame[name])) for name in frame.columns]
    shown = frame.head(FIRST_ROWS)
    rows = [[format_value(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    return TableView(columns, rows, len(frame), payload)


def to_csv(frame: pd.DataFrame) -> str:
    """The whole table as CSV, in full precision, with one row of headings.

    A column that holds nothing but float32 numbers has the digits of these, at most 9: as float64 they would have 17."""
    return flat(frame).apply(_in_own_precision).to_csv(index=False, lineterminator="\n")


def _in_own_precision(column: pd.Series[Any]) -> pd.Series[Any]:
    """A float64 column as float32 if that loses nothing."""
    if column.dtype != np.float64:
        return column
    with np.errstate(over="ignore"):
        narrow = column.astype(np.float32)
    same = (narrow.astype(np.float64) == column) | column.isna()
    return narrow if same.all() else column


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its named index as columns, and with headings of several levels joined by spaces."""
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
    """A cell as text: a dash if missing, yes or no, a number, or the text itself. viewer/format.js does the same."""
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
    """`value` with four significant digits; whole numbers below 1e7 in full; powers of ten below 1e-3 and from 1e7 on."""
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
