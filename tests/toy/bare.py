"""The smallest study of a user: no presets, panels or claims, and members without seeds, statuses or losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from landscape import Cell, Measured, Recipe, Site, Study, cell, option


@dataclass(frozen=True)
class Bare(Study):
    """What squares come to."""

    number: tuple[int, ...] = option((2, 3), "Numbers.")

    def cells(self) -> Sequence[Cell]:
        return [cell(number=number) for number in self.number]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return []

    def measure(self, cell: Cell, site: Site) -> Measured:
        return Measured({"members": pd.DataFrame({"square": [cell["number"] ** 2] * self.members})})
