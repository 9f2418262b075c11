"""CSV and similar text files as tables: the delimiter, the header row, the rows."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import pandas as pd

from landscape import disk
from landscape.data.dates import is_date_of_digits
from landscape.data.texts import LEAST_NUMERIC_SHARE, is_number, numbers_of, shown

SEPARATORS = ",;\t| "
UNREAD_SEPARATORS = ":/~^&#\x01\x1f"  # separators of tables that are refused
SEPARATOR_NAMES = {";": "';'", "\t": "tabs", "|": "'|'", " ": "blanks"}
MAX_FILE_BYTES = 2_000_000_000  # of a file
SAMPLE_CHARACTERS, SAMPLE_ROWS = 4_000_000, 1000  # at the beginning of a file, from which its layout is read
_YEAR = re.compile(r"[12]\d{3}")
BINARY_HEADS = {  # the first bytes of files that are not text
    b"\x1f\x8b": "a gzip file; unpack it",
    b"PK\x03\x04": "a zip or Excel file; unpack it, or save the sheet as CSV",
    b"PAR1": "a Parquet file; name it .parquet",
}
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class _Layout:
    """How a text is laid out as a table: its separator and the names of its columns, made up unless it is `headed`."""

    separator: str
    names: Sequence[str]
    headed: bool
    notes: tuple[str, ...] = ()


def read_text_table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The table that a CSV file holds, and notes on how it was read.

    1. Separator and header are read from the first 1,000 rows.
    2. pandas parses the file. If some texts hold digits, it is parsed again as texts alone, so that no digit is lost.
    3. Columns of texts become numbers where they are numbers (`numbers_of`).

    Raises ValueError for a file that is too large or no table, and where its notation allows two readings. Other errors of
    pandas, csv and the decoder pass."""
    content = disk.read_regular(path, MAX_FILE_BYTES)
    for head, what in BINARY_HEADS.items():
        if content.startswith(head):
            raise ValueError(f"it is {what}")
    text = content.decode(BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig")).strip("\r\n")
    if "\0" in text:
        raise ValueError("it holds NUL characters, as UTF-16 without its mark and binary files do; save it in UTF-8")
    text = re.sub(r"\Asep=.[\r\n]+", "", text)  # Excel writes its separator in a first line; the rows show it, too
    layout = _layout(text)
    european = layout.separator == ";"
    frame = _parsed(text, layout, as_text=european)
    if not european and any(_has_digits(frame.iloc[:, place]) for place in range(frame.shape[1])):
        frame = _parsed(text, layout, as_text=True)
    empty = _nameless(frame, layout)
    frame = frame.drop(columns=frame.columns[empty]) if empty else frame
    frame, notes = numbers_of(frame, european=european)
    first = [] if layout.headed else [f"without a header, columns named {layout.names[0]} to {layout.names[-1]}"]
    return frame, [
        *first,
        *([f"separated by {SEPARATOR_NAMES[layout.separator]}"] if layout.separator in SEPARATOR_NAMES else []),
        *(["empty columns without a name left out"] if empty else []),
        *notes,
        *layout.notes,
    ]


def _has_digits(cells: pd.Series) -> bool:
    """Whether a column is of texts, some of which hold digits."""
    return pd.api.types.is_string_dtype(cells) and bool(cells.astype("str").str.contains(r"\d").any())


def _nameless(frame: pd.DataFrame, layout: _Layout) -> list[int]:
    """The places of columns with neither a name nor a value, which lines that begin or end with a separator make."""
    made_up = [] if layout.headed else list(layout.names)
    return [
        place
        for place, name in enumerate(frame.columns)
        if (name == "" or name in made_up) and len(frame) and (frame.iloc[:, place] == "").all()
    ]


def _parsed(text: str, layout: _Layout, *, as_text: bool) -> pd.DataFrame:
    """The table as pandas parses it, all cells texts if `as_text`."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # pandas would cut rows that are longer than the header
        frame = pd.read_csv(
            io.StringIO(text),
            sep=r"\s+" if layout.separator == " " else layout.separator,
            header=0 if layout.headed else None,
            index_col=False,
            dtype=str if as_text else None,
            na_filter=False,
            skipinitialspace=True,
            skip_blank_lines=len(layout.names) > 1,  # an empty line of a single column is a row without a value
            low_memory=False,
        )
    if len(frame.columns) == len(layout.names):
        frame.columns = pd.Index(layout.names)
    return frame


def _layout(text: str) -> _Layout:
    """The layout of a text. Raises ValueError for a title above the header, and for rows longer than the first."""
    separator = _separator(text)
    rows = _rows(text, separator)
    if not rows:
        return _Layout(separator, (), True)  # pandas raises the error for an empty file
    first, body = [cell.strip() for cell in rows[0]], rows[1:]
    if body and len(first) == 1:
        _refuse_unread_separator(text)
    title, *rest = re.split(r"\r\n?|\n", text, maxsplit=1)
    alone = separator == " " and all(len(row) != len(first) for row in body)
    if (
        alone
        and rest
        and (other := _separator(rest[0])) != " "
        and any(len(row) > 1 for row in _rows(rest[0], other)[:1])
    ):
        raise ValueError(f"its first line, {shown(title)}, names no columns; remove it")
    if body and all(len(row) > len(first) for row in body):
        hint = "; where commas are decimal marks, separate the columns by semicolons" if separator == "," else ""
        raise ValueError(
            f"it cannot be read as a table: its first line has {len(first)} cells, its rows have {len(body[0])}; name every "
            f"column, and leave out the rows' names (row.names = FALSE in R){hint}"
        )
    headed = _headed(first, body)
    names = first if headed else [f"column {place + 1}" for place in range(len(first))]
    years = [cell for cell in first if headed and is_number(cell)]
    notes = [f"the years {years[0]} to {years[-1]} in the first line are names of columns"] if years else []
    return _Layout(separator, names, headed, (*notes, *_codes(names, body)))


def _refuse_unread_separator(text: str) -> None:
    """Raise ValueError where a character that is never taken for a separator splits all lines alike, the header too."""
    for separator in UNREAD_SEPARATORS:
        widths = {len(row) for row in _rows(text, separator)}
        if len(widths) == 1 and widths != {1}:
            raise ValueError(
                f"its cells seem to be separated by {separator!r}, which is not read, for times and paths hold it too; "
                "separate them by commas, semicolons, tabs, '|' or blanks"
            )


def _codes(names: Sequence[str], body: Sequence[Sequence[str]]) -> Iterator[str]:
    """Notes on columns of whole numbers that may be codes or dates. They are read as numbers all the same."""
    for name, column in zip(names, zip(*body, strict=False), strict=False):
        cells = [cell.strip() for cell in column]
        if all(map(is_date_of_digits, cells)):
            yield f"{name!r} is read as whole numbers, though it may hold dates ({cells[0]})"
        elif all(map(str.isdecimal, cells)) and len(set(map(len, cells))) == 1 < len(cells[0]):
            padded = next((cell for cell in cells if cell.startswith("0")), None)
            if padded:
                yield f"{name!r} is read as whole numbers, without the zeros before them ({padded})"


def _rows(text: str, separator: str) -> list[list[str]]:
    """The first 1,000 rows that are not empty. If the text is longer than what was looked at, the last row is left out."""
    start = text[:SAMPLE_CHARACTERS]
    if separator == " ":
        start = "\n".join(line.strip() for line in start.splitlines())
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator, skipinitialspace=True)
    rows = list(islice((row for row in reader if row), SAMPLE_ROWS + 1))
    return rows[:-1] if len(text) > SAMPLE_CHARACTERS and len(rows) > 2 else rows


def _separator(text: str) -> str:
    """The character that separates the cells of a text.

    1. A candidate must split the first row into at least two cells.
    2. It must split the largest share of rows into as many cells as the first; among equals, it leaves the largest share of
       numbers among the cells; among equals, it is not the blank.
    3. Without a candidate it is a character that splits all rows but the first (row names without a header), else the comma.

    Raises ValueError where two candidates are equal and split every row."""
    scores: dict[str, tuple[float, float, bool]] = {}
    unlike_first = ""
    for separator in SEPARATORS:
        rows = _rows(text, separator)
        width = len(rows[0]) if rows else 0
        if width > 1:
            fitting = sum(len(row) == width for row in rows) / len(rows)
            cells = [cell for row in rows[1:] for cell in row]
            scores[separator] = fitting, sum(map(is_number, cells)) / max(len(cells), 1), separator != " "
        elif separator != " " and len(rows) > 1 and all(len(row) > 1 for row in rows[1:]):
            unlike_first = separator
    if not scores:
        return unlike_first or ","
    best = max(scores, key=lambda separator: scores[separator])
    tied = [separator for separator in scores if scores[separator] == scores[best]]
    if len(tied) > 1 and scores[best][0] == 1:
        names = " or ".join(SEPARATOR_NAMES.get(separator, repr(separator)) for separator in tied)
        raise ValueError(f"its cells may be separated by {names}; quote the cells that hold such a character")
    return best


def _headed(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first line names the columns.

    1. It does if no cell is a number, and some column below holds numbers or no cell comes again in its column.
    2. It is a row like the others if some cells are numbers, but not all, and every cell suits its column: a number above
       numbers, a word that comes again below.
    Otherwise raises ValueError."""
    columns = [[row[place].strip() for row in body if place < len(row)] for place in range(len(first))]
    numeric = [sum(map(is_number, column)) >= LEAST_NUMERIC_SHARE * len(column) > 0 for column in columns]
    numbers = [is_number(cell) for cell in first]
    again = [cell in column for cell, column in zip(first, columns, strict=True)]
    if not any(numbers) and (any(numeric) or not any(again)):
        return True
    line = ",".join(first)[:40]
    if all(numbers):
        raise ValueError(
            f"it begins with numbers ({line}); its first line must name the columns: add one above them, such as "
            f"{','.join(f'x{place + 1}' for place in range(min(len(first), 3)))}{',…' if len(first) > 3 else ''}"
        )
    if any(numbers):
        if all(
            number if is_numeric else repeats and not number
            for number, is_numeric, repeats in zip(numbers, numeric, again, strict=True)
        ):
            return False
        if _are_years(first, numbers, columns) and not any(again):
            return True
        cell = next(cell for cell, number in zip(first, numbers, strict=True) if number)
        raise ValueError(
            f"its first line must name the columns in words, and has {shown(cell)} among them ({line}); write x{cell} if that "
            "is a name, or add a line of names above if that is a row"
        )
    cell = next(cell for cell, repeats in zip(first, again, strict=True) if repeats)
    raise ValueError(
        f"its first line may be a row, for {shown(cell)} comes again below; add a line that names the columns"
    )


def _are_years(first: Sequence[str], numbers: Sequence[bool], columns: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers in the first line are names: two or more years at equal steps, above columns of other numbers."""
    years = [cell for cell, number in zip(first, numbers, strict=True) if number]
    below = [cell for column, number in zip(columns, numbers, strict=True) if number for cell in column]
    if len(years) < 2 or not all(map(_YEAR.fullmatch, years)):
        return False
    steps = {int(later) - int(earlier) for earlier, later in pairwise(years)}
    return (
        len(steps) == 1
        and steps != {0}
        and sum(map(bool, map(_YEAR.fullmatch, below))) < LEAST_NUMERIC_SHARE * len(below)
    )
