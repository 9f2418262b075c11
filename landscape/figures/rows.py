"""Which rows of a table the marks of a figure are."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist

_ROWS = "_landscape_rows"


def stand_for(marks: Artist, rows: pd.DataFrame) -> None:
    """Say that `marks` are the `rows` of a table of networks, one each and in order, so that a page reads and links them.

    `rows` needs the column member, and those that tell its cells apart."""
    setattr(marks, _ROWS, rows)


def rows_of(marks: Artist) -> pd.DataFrame | None:
    """The rows that `marks` stand for, if a figure says so."""
    found = getattr(marks, _ROWS, None)
    return found if isinstance(found, pd.DataFrame) else None
