"""Cells that are almost numbers or almost missing, and files that are almost tables: read correctly or refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape.data import Dataset, DataSpec, load_data
from landscape.data.dates import is_date

BODY = ["1.5,3,x", "2.5,4,y", "3.75,5,x", "4,7,y"]
ROWS = {"a": [1.5, 2.5, 3.75, 4.0], "b": [3, 4, 5, 7], "class": ["x", "y", "x", "y"]}


def read(root: Path, content: str | bytes) -> Dataset:
    (root / "own.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return load_data(DataSpec("own.csv"), (0,))


def rows(data: Dataset) -> dict[str, list[Any]]:
    """The table's columns in the file's order."""
    order = np.argsort(np.random.default_rng(0).permutation(data.count))
    found: dict[str, list[Any]] = data.decode(data.points[0]).iloc[order].to_dict("list")
    return found


def column(cells: list[str], copies: int = 3) -> str:
    quoted = [cell.replace('"', '""') for cell in cells * copies]
    return "a,b\n" + "".join(f'"{cell}",{place}\n' for place, cell in enumerate(quoted))


@pytest.mark.parametrize(
    "cells",
    [
        ["(5)", "(7)", "(12)"], ["(5.00)", "7", "($12)", "(9)"], ["5-", "7-", "8-"], ["~5", "≈6", "~7"],
        ["5±0.1", "6 ± 0.2", "7+/-0.1"], ["5.12(3)", "6.13(4)"], ["1.5×10^3", "2*10**4", "3x10³"], ["1.5D+03", "2d-5"],
        ["0b101", "0b11"], ["0o17", "0o7"], ["1_000", "2_500"], ["1,00,000", "12,34,567"], ["'5", "'7.5"],
        ['="5"', '="7"'], ["1+2j", "(2-3j)"], ["45°30'", "10° 5′"], ["5'10\"", "6'2\""], ["45.5N", "30.2S"],
        ["45.5 N", "30.2 S"],
    ],
    ids=lambda cells: cells[0],
)  # fmt: skip
def test_a_few_numbers_in_an_unknown_notation_are_no_categories(root: Path, cells: list[str]) -> None:
    with pytest.raises(ValueError, match=r"column 'a' holds . texts such as .*look like numbers in a notation"):
        read(root, column(cells))


@pytest.mark.parametrize(
    "cells",
    [
        ["18-25", "26-35"], ["18–25", "26–35"], ["<=50K", ">50K"], ["1/2", "3/4"], ["1+", "2+", "3+"], ["(0, 10]", "(10, 20]"],
        ["2x4", "2x6"], ["Ａ", "Ｂ"], ["+", "-"], ["+", "-", "."], ["*", "**"], ["d6", "2d6"], ["A-", "B+"], ["4WD", "2WD"],
        ["😀", "🙂"], ["می‌خواهم", "می"],
    ],
    ids=lambda cells: cells[0],
)  # fmt: skip
def test_words_that_look_like_numbers_stay_as_they_are_written(root: Path, cells: list[str]) -> None:
    assert rows(read(root, column(cells)))["a"] == cells * 3


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["７．５", "１，２３４．５", "－３"], [7.5, 1234.5, -3]),
        (["١٢٫٥", "٣", "١٬٢٣٤٫٥"], [12.5, 3, 1234.5]),
        (["\u200b5", "\u200e7\u200f", "\ufeff9.5"], [5, 7, 9.5]),
        (["EUR 5", "EUR 1,234.5", "-EUR 7"], [5, 1234.5, -7]),
    ],
)
def test_more_signs_of_numbers_are_known(root: Path, cells: list[str], numbers: list[float]) -> None:
    assert rows(read(root, column(cells, 1)))["a"] == pytest.approx(numbers)


@pytest.mark.parametrize("gap", ["-", "—", "?", "..", ".", "n.a.", "\\N", "#REF!", "#DIV/0!", "NaT", "(null)"])
@pytest.mark.parametrize("others", [["1", "2"], ["x", "y"]], ids=["numbers", "words"])
def test_signs_for_a_gap_are_refused_even_where_they_are_most(root: Path, gap: str, others: list[str]) -> None:
    with pytest.raises(ValueError, match=r"row 2 of column 'a' is .*, which may mean a missing value"):
        read(root, column([others[0], gap, gap, gap, others[1]]))


@pytest.mark.parametrize("text", ["1:30.5", "90:00,25", "3. März 2021", "3 de marzo de 2021", "12 mai 2021"])
def test_more_dates_and_durations_are_recognised(text: str) -> None:
    assert is_date(text)


def lines(before: str = "", after: str = "", between: str = ",") -> str:
    return "".join(f"{before}{line.replace(',', between)}{after}\n" for line in ["a,b,class", *BODY])


@pytest.mark.parametrize(
    "content",
    [
        lines(after=","), lines(between=";", after=";"), lines(between="\t", after="\t"), lines(before=","),
        lines("| ", " |", " | "), lines(between=",,"), lines(between="||"),
    ],
    ids=["commas", "semicolons", "tabs", "at the beginning", "both ends", "twice", "bars twice"],
)  # fmt: skip
def test_columns_without_a_name_or_a_value_are_left_out_with_a_note(root: Path, content: str) -> None:
    data = read(root, content)
    assert rows(data) == ROWS
    assert "empty columns without a name left out" in data.summary


def test_separators_at_the_ends_of_a_file_without_a_header_are_no_column(root: Path) -> None:
    data = read(root, "".join(f"{line},\n" for line in BODY))
    assert list(rows(data).values()) == list(ROWS.values())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lines().encode("utf-16-le"), "it holds NUL characters"),
        (lines().encode("utf-32"), "it holds NUL characters"),
        (lines().replace("x", "x\0"), "it holds NUL characters"),
        (b"\x1f\x8b\x08\0rest", "it is a gzip file"),
        (b"PK\x03\x04rest", "it is a zip or Excel file"),
        (b"PAR1rest", "it is a Parquet file"),
        (("The title\n" + lines()).replace("\n", "\r"), "its first line, 'The title', names no columns"),
        (",a\n1,5\n2,7\n3,9\n", "a column has no name"),
        (",a\n,5\n2,7\n,9\n", "row 1 of column '' is empty"),
    ],
)
def test_what_is_no_table_is_refused_as_what_it_is(root: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=r"own\.csv") as found:
        read(root, content)
    assert words in str(found.value)
    assert "\n" not in str(found.value)


def test_the_primary_key_is_no_zip_file(root: Path) -> None:
    assert list(rows(read(root, "PK,a\n1,2\n2,5\n3,3\n"))) == ["PK", "a"]


@pytest.mark.parametrize("base", [2**53 + 1, 2**63 + 1, 10**30])
def test_decimals_that_are_whole_stay_exact(root: Path, base: int) -> None:
    numbers = [base, base + 1, base + 5]
    pd.DataFrame({"a": [Decimal(number) for number in numbers], "b": [1, 2, 4]}).to_parquet(root / "own.parquet")
    assert rows(load_data(DataSpec("own.parquet"), (0,)))["a"] == numbers


def test_an_index_called_as_a_column_is_refused(root: Path) -> None:
    pd.DataFrame({"a": [1.5, 2.5]}, index=pd.Index([3, 4], name="a")).to_parquet(root / "own.parquet")
    with pytest.raises(ValueError, match="its index and a column are both called 'a'"):
        load_data(DataSpec("own.parquet"), (0,))


def test_the_name_of_a_file_keeps_a_message_in_one_line(root: Path) -> None:
    (root / "a\n\x1b[31mb.csv").write_text("a,b\n1,x\n")
    with pytest.raises(ValueError, match=r"a\\n\\x1b\[31mb\.csv: there is one row") as found:
        load_data(DataSpec("a\n\x1b[31mb.csv"), (0,))
    assert found.value.args[0].isprintable()
