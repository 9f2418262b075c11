"""Tables as points of the unit cube, and back: numbers are scaled by their column's range, categories encoded one-hot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from landscape.data.texts import shown, whole_numbers

MAX_CATEGORIES = 100  # a text column with more different values is a name or a remark rather than a category
ALWAYS_CATEGORIES = 3  # up to this many values are categories in any table; more values must each come twice on average
LABEL_COLUMNS = (
    "class",
    "label",
    "target",
)  # the column that holds the classes, whether they are texts or whole numbers
EXACT_IN_FLOAT64 = 2**53  # whole numbers below it are exact as float64
MAX_DECIMALS = 290  # that numbers are rounded to: np.round overflows near 308


@dataclass(frozen=True)
class Column:
    """A column of numbers in [low, high], which has one coordinate, or of the categories `values`, encoded one-hot.

    `label` is the column's label in the DataFrame, which need not be a text; `dtype` its NumPy type by name, or pandas'
    categorical type."""

    name: str
    dtype: Any
    low: float = 0.0
    high: float = 1.0
    values: tuple[Any, ...] = ()
    label: Any = None

    @property
    def width(self) -> int:
        """The number of its coordinates."""
        return len(self.values) or 1

    @property
    def whole(self) -> bool:
        """Whether it holds integers."""
        return isinstance(self.low, int)

    @property
    def decimals(self) -> int:
        """The number of decimals of decoded numbers: 0 for integers, else seven digits of the column's range."""
        return 0 if self.whole else 6 - math.floor(math.log10(self.high - self.low))

    def encode(self, cells: pd.Series) -> np.ndarray:
        if self.values:
            same: np.ndarray = cells.to_numpy(object)[:, None] == np.array(self.values, object)
            return same.astype(np.float64)
        if self.whole and max(abs(self.low), abs(self.high)) > EXACT_IN_FLOAT64:
            above = np.array([int(cell) - int(self.low) for cell in cells], np.float64)
            return (above / (self.high - self.low))[:, None]
        return ((cells.to_numpy(np.float64) - self.low) / (self.high - self.low))[:, None]

    def decode(self, unit: np.ndarray) -> pd.Series:
        if self.values:
            categories = [self.values[place] for place in unit.argmax(1)]
            return pd.Series(categories, name=self.name, dtype=self.dtype if self._typed else None)
        above = unit[:, 0] * float(self.high - self.low)
        if not self.whole:
            numbers = self.low + above
            if self.decimals < MAX_DECIMALS:
                numbers = np.round(numbers, self.decimals)
            return pd.Series(numbers.astype(self.dtype), name=self.name)
        if not np.isfinite(above).all():
            return pd.Series(np.round(self.low + above), name=self.name)
        return pd.Series(np.array([self._within(round(part)) for part in above.tolist()], self.dtype), name=self.name)

    @property
    def _typed(self) -> bool:
        return isinstance(self.dtype, pd.CategoricalDtype) or np.dtype(type(self.values[0])).kind in "iuf"

    def _within(self, above: int) -> int:
        """The integer at a distance above the lowest, clipped to what its type can hold."""
        number = int(self.low) + above
        if self.dtype == "object":
            return number
        limits = np.iinfo(self.dtype)
        return min(max(number, int(limits.min)), int(limits.max))


@dataclass(frozen=True)
class Table:
    """How the rows of a table become points in [0, 1]^D: a coordinate for each column of numbers, and for each category."""

    columns: tuple[Column, ...]

    @property
    def coordinates(self) -> tuple[str, ...]:
        """The name of each coordinate: (D,). A column of numbers gives 'hue', a category 'class=b'."""
        return tuple(
            f"{column.name}={value}" if column.values else column.name
            for column in self.columns
            for value in column.values or (None,)
        )

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """The rows as points: (N, D) float32 in [0, 1] for rows within the columns' ranges."""
        parts = [column.encode(_as_numpy(frame.iloc[:, place])) for place, column in enumerate(self.columns)]
        return np.hstack(parts).astype(np.float32)

    def decode(self, unit: np.ndarray) -> pd.DataFrame:
        """Points of the unit cube (n, D) as rows; numbers beyond [0, 1] give numbers beyond the column's range."""
        ends = np.cumsum([column.width for column in self.columns])[:-1]
        parts = np.split(unit, ends, axis=1)
        frame = pd.concat([column.decode(part) for column, part in zip(self.columns, parts, strict=True)], axis=1)
        labels = [column.label for column in self.columns]
        tuples = all(isinstance(label, tuple) for label in labels)
        frame.columns = pd.MultiIndex.from_tuples(labels) if tuples else pd.Index(labels)
        return frame

    def labels(self, frame: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]] | None:
        """The class of each row and the names of the classes, from a column of categories called class, label or target.

        None if there is no such column."""
        for place, column in enumerate(self.columns):
            if column.values and column.name.lower() in LABEL_COLUMNS:
                names = tuple(map(str, column.values))
                return column.encode(_as_numpy(frame.iloc[:, place])).argmax(1), names
        return None


def table_of(frame: pd.DataFrame) -> Table:
    """The scales and categories of a table's columns, taken from all its rows. Texts are categories.

    Raises ValueError, naming the column and the row, for:
    - cells that are empty, infinite or not numbers, and dates;
    - columns with a single value, or with a range too wide to be scaled;
    - columns of texts with over a hundred values, or with nearly as many as there are rows;
    - columns without a name, and two columns with the same name."""
    if len(frame) < 2 or not len(frame.columns):
        rows = "is one row" if len(frame) == 1 else "are no rows"
        raise ValueError(f"there {rows}; a header and at least two rows are needed")
    names = [_name(label) for label in frame.columns]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f"two columns are called {name!r}; give each column another name")
    columns = [_column(name, _as_numpy(frame.iloc[:, place])) for place, name in enumerate(names)]
    return Table(tuple(replace(column, label=label) for column, label in zip(columns, frame.columns, strict=True)))


def _name(label: Any) -> str:
    """The name of a column as a text. The parts of a label with several levels are joined by points."""
    parts = label if isinstance(label, tuple) else (label,)
    name = ".".join(str(part) for part in parts if str(part))
    if not name or name.startswith("Unnamed: "):
        raise ValueError("a column has no name; name it, or save without the rows' numbers (to_csv(…, index=False))")
    return name


def _as_numpy(cells: pd.Series) -> pd.Series:
    """The column in a NumPy type. Sparse, nullable and Arrow-backed columns are converted unless a cell is missing."""
    cells = _without_decimals(cells)
    kind = cells.dtype
    if isinstance(kind, pd.SparseDtype):
        return pd.Series(np.asarray(cells), cells.index, name=cells.name)
    if (
        isinstance(kind, pd.CategoricalDtype)
        or not isinstance(kind, pd.api.extensions.ExtensionDtype)
        or cells.isna().any()
    ):
        return cells
    plain = getattr(kind, "numpy_dtype", None)
    return cells.astype(plain) if plain is not None and np.dtype(plain).kind in "biuf" else cells


def _without_decimals(cells: pd.Series) -> pd.Series:
    """A column of Python's Decimals as floats, or as integers if all of them are whole. Other columns are unchanged."""
    if not pd.api.types.is_object_dtype(cells) or not all(isinstance(cell, Decimal) for cell in cells):
        return cells
    return whole_numbers(cells) if all(cell == int(cell) for cell in cells) else cells.astype(np.float64)


def _column(name: str, cells: pd.Series) -> Column:
    """The scale or the categories of a column. Raises ValueError as `table_of`."""
    _refuse(name, cells, cells.isna(), "is empty; fill it in or remove the row")
    kind = cells.dtype
    if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        raise ValueError(f"column {name!r} holds dates; turn them into numbers (days since …) or leave it out")
    if pd.api.types.is_complex_dtype(kind):
        raise ValueError(f"column {name!r} holds complex numbers; give the real and imaginary parts a column each")
    huge = pd.api.types.is_object_dtype(kind) and all(
        isinstance(cell, int) and not isinstance(cell, bool) for cell in cells
    )
    if not huge and (not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)):
        return Column(name, kind, values=_categories(name, cells))
    whole = huge or pd.api.types.is_integer_dtype(kind)
    numeric = cells if whole else cells.to_numpy(np.float64)
    _refuse(name, cells, [False] if whole else ~np.isfinite(numeric), "is {cell}; finite numbers are needed")
    low, high = (int if whole else float)(numeric.min()), (int if whole else float)(numeric.max())
    if low == high:
        raise ValueError(f"column {name!r} holds the same number, {low}, in all {len(cells)} rows; leave it out")
    if not math.isfinite(high - low):
        raise ValueError(
            f"column {name!r} reaches from {low:g} to {high:g}, too far to be scaled; mend it or leave it out"
        )
    if name.lower() in LABEL_COLUMNS and (whole or (numeric == np.rint(numeric)).all()):
        values = tuple(sorted(cells.unique().tolist()))
        if len(values) <= MAX_CATEGORIES and not _names_rows(values, len(cells)):
            return Column(name, str(kind), values=values)
    return Column(name, str(kind), low, high)


def _names_rows(values: Sequence[Any], rows: int) -> bool:
    """Whether a column has so many different values that they are names of rows rather than categories."""
    return len(values) > ALWAYS_CATEGORIES and 2 * len(values) > rows


def _categories(name: str, cells: pd.Series) -> tuple[Any, ...]:
    """The different values of a column of categories, in order. Raises ValueError as `table_of`."""
    plain = cells.astype(object)
    if isinstance(first := plain.iloc[0], date | time | timedelta):
        raise ValueError(f"column {name!r} holds dates or times, e.g. {first}; turn them into numbers (days since …)")
    if isinstance(first, bytes | pd.Period | pd.Interval):
        raise ValueError(f"column {name!r} holds {type(first).__name__.lower()} values; write them as numbers or texts")
    odd = ~plain.map(lambda cell: isinstance(cell, str | bool | int | float | np.bool_)).to_numpy(bool)
    _refuse(name, plain, odd, "is neither a number nor a text; leave the column out")
    numbers = all(isinstance(cell, int | float) for cell in plain)
    values = tuple(sorted(plain.unique(), key=None if numbers else str))
    if len(values) == 1:
        raise ValueError(
            f"column {name!r} holds the same value, {shown(values[0])}, in all {len(cells)} rows; leave it out"
        )
    if len(values) > MAX_CATEGORIES:
        raise ValueError(
            f"column {name!r} holds {len(values)} different texts, e.g. {shown(plain.iloc[0])}; categories have at most "
            f"{MAX_CATEGORIES}: leave the column out"
        )
    if _names_rows(values, len(cells)):
        raise ValueError(
            f"column {name!r} holds {len(values)} different values in {len(cells)} rows, e.g. {shown(plain.iloc[0])}: names "
            "rather than categories; leave the column out, or write its numbers as 1234.5"
        )
    return values


def _refuse(name: str, cells: pd.Series, bad: Any, what: str) -> None:
    """Raise ValueError for the first bad cell, with its row counted from 1 below the header."""
    places = np.flatnonzero(np.asarray(bad))
    if len(places):
        cell = cells.iloc[int(places[0])]
        raise ValueError(f"row {places[0] + 1} of column {name!r} {what.format(cell=shown(cell))}")
