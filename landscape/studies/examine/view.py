"""A run of an examination as its page reads it: tables and arrays by the networks' names, and the page's sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from landscape.results import Result
from landscape.studies.examine.answer import last_checkpoints, names_of

FILM, ORBITS, LOSS, SLOPES, EXACT, MERGING, COPIES, TABLES = (
    "Over training", "Where orbits lead", "What is returned", "Slopes", "Fixed points and pieces", "Where points merge",
    "Copies", "Tables",
)  # fmt: skip
SOURCES = {"data": "loss_data", "held out": "loss_held_out", "noise": "loss_noise", "near data": ""}
PLANES = {
    "range": "the whole range",
    "three points": "the plane through three data points",
    "principal axes": "the data's two principal axes",
}
IN_WORDS = 3  # networks that a caption names, at most; the tables have all
CURVES_NEAR = 0.02  # of the range: a sample so near to a data point is coloured as arrived
Arrays = dict[str, np.ndarray]


def quantified(share: float) -> str:
    """'All', 'Most', 'Some' or 'No': of what a share speaks, to begin a title with."""
    return "All" if share == 1 else "Most" if share > 0.5 else "Some" if share > 0 else "No"


def few(parts: Sequence[str]) -> str:
    """The first parts of a list that has one for each network, with the number of the others."""
    more = f"; and {len(parts) - IN_WORDS} more" if len(parts) > IN_WORDS else ""
    return f"{'; '.join(parts[:IN_WORDS])}{more}"


class View:
    """A run's tables and arrays with the networks' names."""

    def __init__(self, result: Result) -> None:
        last = last_checkpoints(result.whole)
        names = names_of(last)
        self.members = last.assign(name=names)
        self.name = dict(zip(last.network, names, strict=True))
        self.tables = {key: self._named(table) for key, table in result.tables.items()}
        self.arrays: dict[str, Arrays] = {}
        for key, arrays in zip(result.whole.network, result.arrays.values(), strict=True):
            if key in self.name:
                self.arrays[self.name[key]] = arrays
        given = result.record["parameters"]
        low, high = (float(part) for part in str(given["range"]).split(","))
        self.limits, self.iterations = (low, high), int(given["iterations"])
        self.image = len(next(iter(self.arrays.values()))["picture"]) > 1
        self.dim = int(self.members.dim.iloc[0])

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with the names of its networks, without those of earlier checkpoints."""
        if "network" not in table:
            return table
        return table[table.network.isin(list(self.name))].assign(name=lambda rows: rows.network.map(self.name))

    def table(self, key: str) -> pd.DataFrame:
        """A table with the column `name`; empty where no network has it."""
        return self.tables.get(key, pd.DataFrame({"name": []}))

    def having(self, *keys: str) -> dict[str, Arrays]:
        """The arrays of the networks that have all of these, by name."""
        return {name: arrays for name, arrays in self.arrays.items() if all(key in arrays for key in keys)}
