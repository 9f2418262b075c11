"""Tables as points of the unit cube: numbers scaled to their column's range, categories one-hot, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

CATEGORIES = 100  # a text column with more different values is a name or a remark rather than a category
MOSTLY = 0.5  # a column of which at least this share reads as numbers is a column of numbers
QUOTED = 40  # characters of a cell in a message
LABELS = ("class", "label", "target")  # the column that holds the classes, whether they are texts or whole numbers


@dataclass(frozen=True)
class Column:
    """A column of numbers in [low, high], or of one of `values`, which then has a coordinate for each."""

    name: str
    dtype: str
    low: float = 0.0
    high: float = 1.0
    values: tuple[Any, ...] = ()

    @property
    def width(self) -> int:
        """How many coordinates it takes."""
        return len(self.values) or 1

    @property
    def decimals(self) -> int:
        """To how many decimals its numbers are decoded: none of whole numbers, else seven digits of the largest."""
        if np.issubdtype(np.dtype(self.dtype), np.integer):
            return 0
        return 6 - math.floor(math.log10(max(abs(self.low), abs(self.high))))

    def encode(self, cells: pd.Series) -> np.ndarray:
        if self.values:
            same: np.ndarray = cells.to_numpy(object)[:, None] == np.array(self.values, object)
            return same.astype(np.float64)
        return ((cells.to_numpy(np.float64) - self.low) / (self.high - self.low))[:, None]

    def decode(self, unit: np.ndarray) -> pd.Series:
        if self.values:
            return pd.Series([self.values[place] for place in unit.argmax(1)], name=self.name)
        numbers = self.low + unit[:, 0] * (self.high - self.low)
        return pd.Series(np.round(numbers, self.decimals).astype(self.dtype), name=self.name)


@dataclass(frozen=True)
class Table:
    """How the rows of a table are points in [0, 1]^D: its columns in order, each with one coordinate or one a category."""

    columns: tuple[Column, ...]

    @property
    def coordinates(self) -> tuple[str, ...]:
        """What each coordinate stands for: 'hue', or 'class=b': (D,)."""
        return tuple(
            f"{column.name}={value}" if column.values else column.name
            for column in self.columns
            for value in column.values or (None,)
        )

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """The rows as points: (N, D) float32 in [0, 1] for rows within the columns' ranges."""
        return np.hstack([column.encode(frame[column.name]) for column in self.columns]).astype(np.float32)

    def decode(self, unit: np.ndarray) -> pd.DataFrame:
        """Points of the unit cube (n, D) as rows; numbers beyond [0, 1] give numbers beyond the column's range."""
        ends = np.cumsum([column.width for column in self.columns])[:-1]
        parts = np.split(unit, ends, axis=1)
        return pd.DataFrame({one.name: one.decode(part) for one, part in zip(self.columns, parts, strict=True)})

    def labels(self, frame: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]] | None:
        """The class of each row and the classes' names, where a column called class, label or target holds categories."""
        for column in self.columns:
            if column.values and column.name.lower() in LABELS:
                names = tuple(map(str, column.values))
                return column.encode(frame[column.name]).argmax(1), names
        return None


def table_of(frame: pd.DataFrame) -> Table:
    """The scales and categories of a table's columns, read off all its rows.

    Raises ValueError, naming the column and where there is one the row, for an empty, infinite or non-numeric cell, a
    column of one value or of too wide a range, a text column of over a hundred values, dates, and columns without a name."""
    if len(frame) < 2 or not len(frame.columns):
        there = "is one row" if len(frame) == 1 else "are no rows"
        raise ValueError(f"there {there}; a header and at least two rows are needed")
    return Table(tuple(_column(str(name), frame[name]) for name in frame.columns))


def _column(name: str, cells: pd.Series) -> Column:
    if not name or name.startswith("Unnamed: "):
        raise ValueError("a column has no name; name it, or save without the rows' numbers (to_csv(…, index=False))")
    _refuse(name, cells, cells.isna(), "is empty; fill it in or remove the row")
    kind = str(cells.dtype)
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        numbers = _numbers(name, cells)
        if numbers is None:
            return Column(name, kind, values=_categories(name, cells))
        cells, kind = numbers, "float64"
    numeric = cells.to_numpy(np.float64)
    _refuse(name, cells, ~np.isfinite(numeric), "is {cell}; finite numbers are needed")
    low, high = float(numeric.min()), float(numeric.max())
    if low == high:
        raise ValueError(f"column {name!r} holds the same number, {low:g}, in all {len(cells)} rows; leave it out")
    if not math.isfinite(high - low):
        raise ValueError(
            f"column {name!r} reaches from {low:g} to {high:g}, too far to be scaled; mend it or leave it out"
        )
    if name.lower() in LABELS and (numeric == np.rint(numeric)).all() and cells.nunique() <= CATEGORIES:
        return Column(name, kind, values=tuple(np.sort(cells.unique()).tolist()))
    return Column(name, kind.lower(), low, high)


def _numbers(name: str, cells: pd.Series) -> pd.Series | None:
    """A column that is not numeric as it was read, as numbers where nearly all of it is; None for one of categories."""
    if pd.api.types.is_bool_dtype(cells):
        return None
    if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_timedelta64_dtype(cells):
        raise ValueError(f"column {name!r} holds dates; turn them into numbers (days since …) or leave it out")
    numbers = pd.to_numeric(cells.astype(object), errors="coerce")
    if numbers.notna().mean() < MOSTLY:
        return None
    _refuse(name, cells, numbers.isna(), "is {cell}, in a column of numbers; mend it or remove the row")
    return numbers


def _categories(name: str, cells: pd.Series) -> tuple[Any, ...]:
    plain = cells.astype(object)
    odd = ~plain.map(lambda cell: isinstance(cell, str | bool | int | float | np.bool_)).to_numpy(bool)
    _refuse(name, plain, odd, "is neither a number nor a text; leave the column out")
    values = tuple(sorted(plain.unique(), key=str))
    if len(values) == 1:
        raise ValueError(
            f"column {name!r} holds the same value, {_shown(values[0])}, in all {len(cells)} rows; leave it out"
        )
    if len(values) > CATEGORIES:
        raise ValueError(
            f"column {name!r} holds {len(values)} different texts, e.g. {_shown(plain.iloc[0])}; categories have at most "
            f"{CATEGORIES}: leave the column out"
        )
    return values


def _refuse(name: str, cells: pd.Series, bad: Any, what: str) -> None:
    """Raise ValueError for the first bad cell, with its row counted from 1 below the header."""
    places = np.flatnonzero(np.asarray(bad))
    if len(places):
        cell = cells.iloc[int(places[0])]
        raise ValueError(f"row {places[0] + 1} of column {name!r} {what.format(cell=_shown(cell))}")


def _shown(cell: Any) -> str:
    """The cell as a message quotes it, cut where it is long: a binary file may read as one long text."""
    text = repr(cell.item() if isinstance(cell, np.generic) else cell)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
