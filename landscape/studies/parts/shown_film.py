"""A film as a page shows it: the tables of its fixed points and training points, and its surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class ShownFilm:
    """One film as the page shows it: the tables that `film` made, cut to the member `shown`, and the arrays of `surfaces`.

    `moments` has the rows of all members; the arrays may be empty."""

    shown: int
    moments: pd.DataFrame
    branches: pd.DataFrame
    events: pd.DataFrame
    points: pd.DataFrame
    point_events: pd.DataFrame
    arrays: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame], shown: int, arrays: Mapping[str, np.ndarray]) -> ShownFilm:
        """The film of one cell or model: `tables` are those of Film.tables, with the rows of all members."""
        names = ("branches", "points", "events", "point_events")
        own = {name: tables[name][tables[name].member == shown] for name in names}
        for name in (
            "branches",
            "points",
        ):  # maps of fewer dimensions leave columns empty; a table without rows keeps its own
            if len(own[name]):
                own[name] = own[name].dropna(axis="columns", how="all")
        return cls(shown, tables["moments"], arrays=arrays, **own)
