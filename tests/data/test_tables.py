"""Tables: scaled, one-hot, decoded to the same rows, and refused by row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape.data import DataSpec, load_data
from landscape.data.tables import table_of

FRAME = pd.DataFrame(
    {
        "hue": np.array([0.25, 0.5, -3.5, 7.1, 1.3]),
        "rings": [3, 11, 7, 5, 5],
        "kind": ["red", "blue", "red", "grey", "blue"],
        "ripe": [True, False, False, True, True],
        "class": [2, 0, 2, 1, 0],
    }
)
ORDER = np.random.default_rng(0).permutation(5)


@pytest.mark.parametrize("name", ["own.csv", "own.tsv", "own.parquet", "semicolons.csv"])
@pytest.mark.parametrize("signed", [False, True])
def test_rows_come_back_as_they_were_written(root: Path, name: str, signed: bool) -> None:
    if name == "own.parquet":
        FRAME.to_parquet(root / name)
    else:
        FRAME.to_csv(root / name, index=False, sep={"own.csv": ",", "own.tsv": "\t"}.get(name, ";"))
    data = load_data(DataSpec(name, signed=signed), range(3))
    assert data.points.shape == (3, 5, 2 + 3 + 2 + 3)
    assert data.table is not None
    assert data.table.coordinates[1:4] == ("rings", "kind=blue", "kind=grey")
    back = data.decode(data.points[1])
    pd.testing.assert_frame_equal(back, FRAME.iloc[ORDER].reset_index(drop=True), rtol=1e-6)
    assert len(data.decode(data.points)) == 15


def test_numbers_are_scaled_to_the_range_and_categories_one_hot(root: Path) -> None:
    FRAME.to_csv(root / "own.csv", index=False)
    points = load_data(DataSpec("own.csv"), (0,)).points[0, np.argsort(ORDER)]
    assert points[:, 1].tolist() == pytest.approx([0, 1, 0.5, 0.25, 0.25])
    assert points[:, 2:5].tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert points.amin(0).tolist() == [0] * 10
    assert points.amax(0).tolist() == [1] * 10


def test_a_column_called_class_labels_the_rows(root: Path) -> None:
    FRAME.to_csv(root / "own.csv", index=False)
    data = load_data(DataSpec("own.csv", classes=("2",)), (0,))
    assert (data.count, data.classes) == (2, ("2",))
    assert data.decode(data.points)["class"].tolist() == [2, 2]
    with pytest.raises(ValueError, match=r"own.csv has 2 rows of class 2; got count 5. Ask for 1 to 2"):
        load_data(DataSpec("own.csv", 5, classes=("2",)), (0,))
    with pytest.raises(ValueError, match=r"`size` and `grey` are for images, and own.csv has rows"):
        load_data(DataSpec("own.csv", size=8), (0,))


def test_samples_decode_to_the_nearest_category_and_beyond_the_range() -> None:
    table = table_of(FRAME)
    sample = torch.tensor([[1.5, 0.49, 0.2, 0.3, 0.1, 0.6, 0.4, 0.1, 0.1, 0.2]]).double().numpy()
    row = table.decode(sample).iloc[0]
    assert row["hue"] == pytest.approx(-3.5 + 1.5 * 10.6)
    assert (row["rings"], row["kind"], row["ripe"], row["class"]) == (7, "grey", False, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n1,3\n", "column 'a' holds the same number, 1, in all 2 rows; leave it out"),
        ("a,b\nx,2\nx,3\n", "column 'a' holds the same value, 'x', in all 2 rows; leave it out"),
        ("a,b\n1,2\n2,x\n3,4\n", "row 2 of column 'b' is 'x', in a column of numbers; mend the cell or remove the row"),
        ("a,b\n1,2\n2,\n3,4\n", "row 2 of column 'b' is empty; fill it in or remove the row"),
        ("a,b\nu,2\nNaN,3\nv,4\n", "row 2 of column 'a' is empty"),
        ("a,b\n1,2\n2,inf\n3,4\n", "row 2 of column 'b' is inf; finite numbers are needed"),
        ("a,b\n1,2\n2\n", "row 2 of column 'b' is empty"),  # cut short
        ("a,b\n1,2\n2,3,4\n5,6\n", "cannot be read as a table (Error tokenizing data"),
        ("a,b\n1,2,7\n2,3,8\n", "cannot be read as a table"),
        (",b\n0,2\n1,3\n", "a column has no name; name it, or save without the rows' numbers"),
        ("1.5,2\n3,4\n5,6\n", "begins with numbers (1.5,2); its first line must name the columns"),
        ("a,b\n", "there are no rows; a header and at least two rows are needed"),
        ("a,b\n1,2\n", "there is one row; a header and at least two rows are needed"),
        ("a,b\n-1.7e308,2\n1.7e308,3\n", "column 'a' reaches from -1.7e+308 to 1.7e+308, too far to be scaled"),
        ("a,b\n1,2\n3,4\n5,6\n7," + "x" * 99 + "\n", f"row 4 of column 'b' is '{'x' * 39}…, in a column of numbers"),
        ("", "cannot be read as a table (No columns to parse from file)"),
        ("a,b\n" + "".join(f"name {n},{n}\n" for n in range(101)), "holds 101 different texts, e.g. 'name 0'"),
        ("a,b\n\xff,2\n", "in UTF-8?"),
    ],
)
def test_bad_tables_are_refused_by_row_and_column(root: Path, text: str, message: str) -> None:
    (root / "own.csv").write_bytes(text.encode("latin1"))
    with pytest.raises(ValueError, match=r"own\.csv") as found:
        load_data(DataSpec("own.csv"), (0,))
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), "column 'a' holds dates; turn them into numbers"),
        ([[1], [2]], "row 1 of column 'a' is neither a number nor a text; leave the column out"),
    ],
)
def test_columns_of_neither_numbers_nor_texts_are_refused(column: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table_of(pd.DataFrame({"a": column, "b": [1, 2]}))


def test_a_truncated_parquet_file_is_refused(root: Path) -> None:
    FRAME.to_parquet(root / "own.parquet")
    (root / "own.parquet").write_bytes((root / "own.parquet").read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"own.parquet cannot be read as a table") as found:
        load_data(DataSpec("own.parquet"), (0,))
    assert "\n" not in str(found.value)
