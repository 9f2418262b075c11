"""Cells, claims and provenance as the page shows them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from landscape.report.record import duration, provenance
from landscape.report.tables import flat, format_number, format_value, table_view, to_csv


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (1234.567, "1235"),
        (0.00012345, "1.23e−4"),
        (65536.0, "65536"),
        (np.nan, "–"),
        (-np.inf, "−∞"),
    ],
)
def test_numbers_keep_four_digits(value: float, text: str) -> None:
    assert format_number(value) == text


def test_cells_of_every_kind() -> None:
    cells = [None, pd.NA, True, np.False_, np.int64(-3), "word"]
    assert [format_value(cell) for cell in cells] == ["–", "–", "yes", "no", "−3", "word"]


def test_a_saved_table_has_the_digits_of_its_numbers_and_loses_none() -> None:
    single, double = np.array([0.1, np.nan, 7e30], np.float32), [0.1, np.nan, 1e300]
    table = pd.DataFrame(
        {"single": single.astype(float), "double": double, "whole": [1, 2, 3], "word": ["a", "b", "c"]}
    )
    assert to_csv(table).splitlines()[1] == "0.1,0.1,1,a"
    again = pd.read_csv(io.StringIO(to_csv(table)))
    assert np.array_equal(again["single"].astype(np.float32), single, equal_nan=True)
    assert np.array_equal(again["double"], double, equal_nan=True)
    assert table["single"].dtype == float  # the caller's table is as it was


def test_a_named_index_and_headings_of_two_lines_become_columns() -> None:
    frame = pd.DataFrame({"a": [1, 1, 2], "x": [1.0, 2, 3]}).groupby("a").agg({"x": ["mean", "max"]})
    assert list(flat(frame).columns) == ["a", "x mean", "x max"]
    view = table_view(frame, "t")
    assert [column.kind for column in view.columns] == ["number"] * 3
    assert view.rows[0] == ["1", "1.5", "2"]


def test_provenance_names_failed_cells_by_their_parameters() -> None:
    record = {
        "seed": 0,
        "cells": [{"hidden": 2, "status": "done"}, {"hidden": 6, "error": "a\nb: c"}],
        "other": {"x": 0.5},
    }
    seen = provenance(record)
    assert seen.failures == [("hidden 6", "b: c")]
    assert seen.rows == [("seed", "0"), ("other", "x 0.5")]
    assert [duration(41.23), duration(200), duration(7500)] == ["41.2 s", "3 min 20 s", "2 h 5 min"]
