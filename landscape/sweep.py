"""The cells of a study. A sweep that is too large is refused before any cell is made."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Protocol

from landscape.results import Cell

MAX_CELLS = 20_000  # a study with more is a mistake: even listing them takes minutes


class Swept(Protocol):
    """A study: a frozen dataclass whose tuples are swept."""

    def cells(self) -> Sequence[Cell]: ...


def all_cells(study: Swept) -> list[Cell]:
    """The study's cells. Raises ValueError for more than MAX_CELLS, and for two cells with the same values."""
    swept = {name: value for name, value in vars(study).items() if isinstance(value, tuple)}
    if math.prod(map(len, swept.values())) > MAX_CELLS:
        # A cell may lack some swept parameters: multiply the numbers of values of those that it has.
        first: Any = dataclasses.replace(study, **{name: value[:1] for name, value in swept.items()})  # type: ignore[type-var]
        keys = {key for cell in first.cells() for key, _ in cell.values}
        count = math.prod(len(value) for name, value in swept.items() if name in keys)
        if count > MAX_CELLS:
            raise ValueError(f"a sweep may have at most {MAX_CELLS:,} cells; this has {count:,}. Give fewer values")
    cells = list(study.cells())
    if len(set(cells)) != len(cells):
        raise ValueError("two cells have the same values; remove repeated values from the sweep")
    return cells


def of_study(cells: Sequence[Cell], every: Sequence[Cell]) -> list[Cell]:
    """The cells as a list. Raises ValueError for one that is not among `every`, the cells of the study."""
    if foreign := [cell.name for cell in cells if cell not in every]:
        raise ValueError(f"`cells` must be cells of the study; got {foreign[0]}")
    return list(cells)
