"""A run with named axes: each number stands at its cell and member."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from landscape.named_axes import dataset, variables
from landscape.record import cell

CELLS = [cell(hidden=2, data="a"), cell(hidden=6, data="b")]
TABLE = pd.DataFrame(
    {
        "hidden": [2, 2, 2, 6, 6], "data": ["a", "a", "a", "b", "b"], "member": [0, 1, 2, 0, 2],
        "loss": [0.0, 1.0, 2.0, 10.0, 12.0], "steps": [5, 6, 7, 8, 9], "status": ["x"] * 5,
    }
)  # fmt: skip
ARRAYS = {
    one: {"map": np.full((5, 7), number), "odd": np.zeros(number + 1)} for number, one in enumerate(CELLS)
}  # fmt: skip


def test_numbers_stand_at_their_cell_and_member() -> None:
    found, coordinates, left_out = variables(TABLE, ARRAYS, ["hidden", "data"])
    axes, loss = found["loss"]
    assert axes == ("cell", "member")
    assert np.array_equal(loss, [[0, 1, 2], [10, np.nan, 12]], equal_nan=True)
    assert found["steps"][1][1, 2] == 9
    assert np.isnan(found["steps"][1][1, 1])
    assert found["map"][0] == ("cell", "map_0", "map_1")
    assert found["map"][1].shape == (2, 5, 7)
    assert found["map"][1][1].min() == 1
    assert left_out == ["odd"]
    assert coordinates["hidden"][0] == ("cell",)
    assert coordinates["hidden"][1].tolist() == [2, 6]
    assert coordinates["member"][1].tolist() == [0, 1, 2]


def test_a_full_table_keeps_its_types() -> None:
    found, _, _ = variables(TABLE.iloc[[0, 2, 3, 4]], ARRAYS, ["hidden", "data"])
    assert found["steps"][1].dtype.kind == "i"
    assert found["steps"][1].tolist() == [[5, 7], [8, 9]]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(
        ImportError, match=r"to_xarray needs the package xarray: pip install 'input-landscape\[xarray\]'"
    ):
        dataset(TABLE, ARRAYS, ["hidden", "data"], {})


def test_xarray_takes_it() -> None:
    pytest.importorskip("xarray", reason="the extra xarray is not installed")
    found = dataset(TABLE, ARRAYS, ["hidden", "data"], {"study": "toy"})
    assert float(found.loss.where(found.hidden == 6, drop=True).max()) == 12
    assert found.attrs == {"study": "toy", "left_out": ["odd"]}
