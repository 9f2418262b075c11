"""CSV and Parquet files as sources of points."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

import pandas as pd

from landscape.data.source import Source
from landscape.data.tables import table_of

SEPARATORS = ",;\t"


@lru_cache(maxsize=8)
def read_table(path: Path, digest: str) -> Source:
    """The rows of a table as points in [0, 1], to be taken in one fixed shuffled order; `digest` tells versions apart.

    A column called class, label or target also labels the rows. Raises ValueError, naming the file, for one that is corrupt
    or holds what is neither a number nor a category: see `table_of`."""
    frame = _read(path)
    try:
        table = table_of(frame)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    points = table.encode(frame)
    labels, classes = table.labels(frame) or (None, ())
    width = (points.shape[1],)
    return Source(
        path.name, "rows", width, len(points), points.__getitem__, labels, classes, shuffled=True, table=table
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path).reset_index(drop=True)
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline().rstrip("\n")
        separator = max(SEPARATORS, key=header.count)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header would be cut
            frame = pd.read_csv(path, sep=separator, index_col=False, low_memory=False, encoding="utf-8-sig")
    except (OSError, ValueError, NotImplementedError, pd.errors.ParserWarning) as error:
        raise ValueError(f"{path} cannot be read as a table ({_line(error)}); is it whole, and in UTF-8?") from error
    if all(_is_number(cell) for cell in header.split(separator)):
        raise ValueError(f"{path} begins with numbers ({header[:40]}); its first line must name the columns")
    return frame


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().strip('"'))
    except ValueError:
        return False
    return True


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120]
