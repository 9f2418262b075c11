"""The cells of a study, counted before they are made."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Protocol

from landscape.results import Cell

MOST_CELLS = 20_000  # of a study: more are a mistake, and only listing them takes minutes


class Swept(Protocol):
    """A frozen dataclass whose tuples are swept: a study."""

    def cells(self) -> Sequence[Cell]: ...


def all_cells(study: Swept) -> list[Cell]:
    """The study's cells. Raises ValueError where a sweep gives more than MOST_CELLS, or two with the same values."""
    swept = {name: value for name, value in vars(study).items() if isinstance(value, tuple)}
    if (
        math.prod(map(len, swept.values())) > MOST_CELLS
    ):  # more combinations, but cells need not differ by every parameter
        first: Any = dataclasses.replace(study, **{name: value[:1] for name, value in swept.items()})  # type: ignore[type-var]
        keys = {key for cell in first.cells() for key, _ in cell.values}
        count = math.prod(len(value) for name, value in swept.items() if name in keys)
        if count > MOST_CELLS:
            raise ValueError(f"a sweep may have at most {MOST_CELLS:,} cells; this has {count:,}. Give fewer values")
    cells = list(study.cells())
    if len(set(cells)) != len(cells):
        raise ValueError("two cells have the same values; remove repeated values from the sweep")
    return cells
