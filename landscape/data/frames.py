"""CSV and Parquet files as sources of points."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from landscape import disk
from landscape.data.source import Source
from landscape.data.tables import Table, table_of
from landscape.data.text_tables import read_text_table
from landscape.data.texts import numbers_of
from landscape.names import printable

MAX_CELL_BYTES = 4_000_000_000  # of a Parquet file, in memory
READ_ERRORS = (
    OSError,
    UnicodeError,
    NotImplementedError,
    csv.Error,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    pd.errors.ParserWarning,
    pa.ArrowException,
)


@lru_cache(maxsize=8)
def read_table(path: Path, digest: str) -> Source:
    """The rows of a CSV or Parquet file as a source of points in [0, 1], in one fixed shuffled order.

    A column called class, label or target also labels the rows. `digest` is part of the cache's key, so that a changed file
    is read again. Raises ValueError, naming the file, for a corrupt file, for cells that are neither numbers nor categories
    (see `table_of`), and for numbers that could be read in two ways."""
    frame, table, notes = _frame(path)
    return _source(path, frame, table, notes)


def read_table_by(path: Path, table: Table) -> Source:
    """As `read_table`, but with the scales and categories of another file's `table`: rows beyond its ranges leave [0, 1].

    Raises ValueError, naming the file, if its columns are others, or a category is not in the table."""
    frame, own, notes = _frame(path)
    name, names = printable(str(path)), [column.name for column in table.columns]
    if [column.name for column in own.columns] != names:
        found = ", ".join(column.name for column in own.columns)
        raise ValueError(f"{name} must have the columns {', '.join(names)}, in this order; it has {found}")
    for column, other in zip(table.columns, own.columns, strict=True):
        if bool(column.values) != bool(other.values) or not set(other.values) <= set(column.values):
            strange = [value for value in other.values if value not in column.values]
            what = f"the value {strange[0]!r}" if strange and column.values else "numbers in place of categories"
            what = what if column.values else "categories in place of numbers"
            raise ValueError(f"{name}: column {column.name!r} has {what}, unlike the training rows; mend one of them")
    return _source(path, frame, table, [*notes, "scaled as the training rows"])


def _frame(path: Path) -> tuple[pd.DataFrame, Table, list[str]]:
    """The table in a file, its scales and categories, and notes on how it was read. Raises ValueError as `read_table`."""
    name = printable(str(path))
    disk.open_regular(path).close()  # raises an error that names the file if it is a pipe or a device
    try:
        frame, notes = _parquet(path) if path.suffix.lower() == ".parquet" else read_text_table(path)
        return frame, table_of(frame), notes
    except READ_ERRORS as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"{name} cannot be read as a table ({reason}); is it whole, and in UTF-8?") from error
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _source(path: Path, frame: pd.DataFrame, table: Table, notes: list[str]) -> Source:
    points = table.encode(frame)
    labels, classes = table.labels(frame) or (None, ())
    width, summary = (points.shape[1],), _summary(table, len(points), points.shape[1], notes)
    return Source(
        printable(path.name), "rows", width, len(points), points.__getitem__, labels, classes, shuffled=True, table=table,
        summary=summary,
    )  # fmt: skip


def _parquet(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The table in a Parquet file, and notes on how it was read. Raises ValueError for a file that is too large."""
    with disk.open_regular(path) as file:
        kinds = pq.read_schema(file)
        texts = [
            field.name for field in kinds if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        for field in kinds:
            if pa.types.is_nested(field.type):
                raise ValueError(
                    f"column {field.name!r} holds lists or records; give each part a column, or leave it out"
                )
        # As dictionaries, repeated texts stay short in memory until their whole length has been checked.
        stored = pq.ParquetFile(file, read_dictionary=texts)
        chunks = stored.metadata.num_row_groups
        size = sum(stored.metadata.row_group(place).total_byte_size for place in range(chunks))
        _refuse_large(max(size, 8 * stored.metadata.num_rows * max(len(kinds), 1)))
        table = stored.read(use_pandas_metadata=True)
        _refuse_large(sum(_length(column) for column in table.columns if pa.types.is_dictionary(column.type)))
    plain = table.cast(pa.schema([_plain(field, field.name in texts) for field in table.schema], table.schema.metadata))
    categories = [
        column["field_name"]
        for column in (kinds.pandas_metadata or {}).get("columns", [])
        if column["pandas_type"] == "categorical"
    ]
    for place, field in enumerate(plain.schema):  # Parquet keeps pandas' categories only where they are texts
        if field.name in categories and not pa.types.is_dictionary(field.type):
            plain = plain.set_column(place, field.name, plain.column(place).dictionary_encode())
    frame, notes = _with_index(plain.to_pandas())
    frame, more = numbers_of(frame)
    return frame, [*notes, *more]


def _plain(field: pa.Field, text: bool) -> pa.Field:
    return field.with_type(pa.large_string()) if text else field


def _length(column: pa.ChunkedArray) -> int:
    """The bytes of a dictionary-encoded column of texts, each repetition counted."""
    return sum(
        pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
        for chunk in column.chunks
        if pa.types.is_string(chunk.type.value_type) or pa.types.is_large_string(chunk.type.value_type)
    )


def _refuse_large(size: int) -> None:
    if size > MAX_CELL_BYTES:
        raise ValueError(
            f"its cells take {size / 1e9:,.1f} GB, and at most {MAX_CELL_BYTES / 1e9:g} are read; take fewer rows"
        )


def _with_index(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The table with the named levels of its index as columns, and notes; levels without a name are dropped."""
    names = [name for name in frame.index.names if name is not None]
    if not names:
        plain = isinstance(frame.index, pd.RangeIndex)
        return frame.reset_index(drop=True), [] if plain else ["an index without a name left out"]
    twice = next((name for name in names if name in frame.columns), None)
    if twice is not None:
        raise ValueError(f"its index and a column are both called {str(twice)!r}; give each a name of its own")
    unnamed = [place for place, name in enumerate(frame.index.names) if name is None]
    named = frame.reset_index(level=unnamed, drop=True) if unnamed else frame
    return named.reset_index(), [f"index {', '.join(map(repr, map(str, names)))} kept as a column"]


def _summary(table: Table, rows: int, width: int, notes: list[str]) -> str:
    """What was read, in one line: rows, columns by kind, coordinates, and the notes."""
    categories = [len(column.values) for column in table.columns if column.values]
    numbers = len(table.columns) - len(categories)
    kinds = [f"{numbers} number{'s' * (numbers != 1)}"] if numbers else []
    if categories:
        counts = ", ".join(map(str, categories)) if len(categories) < 6 else f"{min(categories)} to {max(categories)}"
        kinds.append(f"{len(categories)} categor{'y' if len(categories) == 1 else 'ies'} ({counts} values)")
    content = f"{rows} rows: {', '.join(kinds)} → {width} coordinate{'s' * (width != 1)}"
    return "; ".join([content, *notes])
