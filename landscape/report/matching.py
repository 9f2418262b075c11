"""Which rows of a table the points of a figure are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the page and its id. What the search for rows needs of it is computed once, for all figures."""

    name: str
    frame: pd.DataFrame
    _places: dict[tuple[str, ...], Mapping[tuple[Any, ...], int] | None] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """The columns that hold numbers, as float64."""
        columns = {name: self.frame[name] for name in self.frame}
        return {name: one.to_numpy(float) for name, one in columns.items() if pd.api.types.is_numeric_dtype(one)}

    @cached_property
    def fractions(self) -> dict[str, np.ndarray]:
        """Those of its columns of numbers that are not made for whole numbers."""
        return {name: one for name, one in self.numbers.items() if pd.api.types.is_float_dtype(self.frame[name])}

    def places(self, keys: tuple[str, ...]) -> Mapping[tuple[Any, ...], int] | None:
        """The row of each combination of values in the columns `keys`; None if two rows have the same."""
        if keys not in self._places:
            rows = zip(*(self.frame[name] for name in keys), strict=True)
            alike = self.frame.duplicated(list(keys)).any()
            self._places[keys] = None if alike else {row: place for place, row in enumerate(rows)}
        return self._places[keys]


def located(rows: pd.DataFrame, table: Table) -> np.ndarray | None:
    """The row of `table` that has the same member and cell as each of `rows`, (M,); None if it lacks one, or two have them.

    The columns of the table before `member` name the cell."""
    if "member" not in rows or "member" not in table.frame:
        return None
    before = list(table.frame.columns)[: list(table.frame.columns).index("member") + 1]
    keys = tuple(name for name in before if name in rows)
    places = table.places(keys)
    if places is None:
        return None
    found = np.array([places.get(key, -1) for key in zip(*(rows[name] for name in keys), strict=True)])
    return found if (found >= 0).all() else None


def matched(points: np.ndarray, table: Table) -> np.ndarray | None:
    """The row of `table` that each of `points` (M, 2) is, (M,), or None if they are no rows, or it is not certain which.

    A column of fractions must hold one coordinate of every point, each exactly once. The other coordinate must be that of
    another column in these rows, or be in no column: a place beside others of a category."""
    if len(table.frame) < len(points):
        return None
    answers = []
    for name, values in table.fractions.items():
        for axis in (1, 0):
            rows = _only(points[:, axis], values)
            if rows is None:
                continue
            others = [other for key, other in table.numbers.items() if key != name]
            wanted = points[:, 1 - axis]
            if any((other[rows] == wanted).all() for other in others) or not any(
                np.isin(wanted[0], other) for other in others
            ):
                answers.append(rows)
    same = bool(answers) and all((answer == answers[0]).all() for answer in answers)
    return answers[0] if same else None


def _only(wanted: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    """The place in `values` of each number of `wanted`; None if one is not there, or there twice, or all are whole numbers."""
    if not (values == wanted[0]).any() or (wanted == wanted.round()).all() or len(set(wanted.tolist())) < len(wanted):
        return None
    order = np.argsort(values, kind="stable")
    first, last = (np.searchsorted(values[order], wanted, side) for side in ("left", "right"))
    return order[first] if (last - first == 1).all() else None
