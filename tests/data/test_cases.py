"""Tables collected from users: each is read as the README beside them says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from landscape.data import Dataset, DataSpec, held_out, load_data

CASES = Path(__file__).parents[3] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not beside this checkout")

TREES = ("length", "weight", "class=ash", "class=elm", "class=oak")
# file → rows and coordinates
READ = {
    "semicolon-decimal-comma.csv": (40, TREES),
    "decimal-comma-300-rows.csv": (300, ("length", "width", "class=a", "class=b", "class=c")),
    "thousands-comma.csv": (40, TREES),
    "pipe.csv": (40, TREES),
    "header-with-commas-semicolon.csv": (40, ("length, in cm, to .01", "weight")),
    "headerless-with-class.csv": (40, ("column 1", "column 2", "column 3=ash", "column 3=elm", "column 3=oak")),
    "comma-space.csv": (12, ("length", "width", "class=a", "class=b")),
    "spaces-in-category.csv": (40, ("length", "class=no", "class=yes")),
    "int-column-names.parquet": (40, ("0", "1", "2")),
    "arrow-dtypes.parquet": (40, ("length", "weight", "n")),
    "int64-ids.csv": (40, ("id", "length")),
    "named-index.parquet": (40, ("length", "weight")),
    "class-with-comma.csv": (81, ("length", "class=elm", "class=oak, red", "class=oak, white")),
}
REFUSED = {
    "headerless-space-numbers.csv": r"begins with numbers \(6.1,1757.4\); its first line must name the columns",
    "row-id-named.csv": "column 'id' holds 40 different values in 40 rows, e.g. 'sample-0': names rather than categories",
    "units-row.csv": "row 1 of column 'length' is 'cm', in a column of numbers",
    "na-category.csv": "row 2 of column 'region' is 'NA'",
}


def load(name: str) -> Dataset:
    return load_data(DataSpec(str(CASES / "tables" / name)), (0,))


@pytest.mark.parametrize("name", READ)
def test_tables_read_as_their_readme_says(name: str) -> None:
    data, (rows, coordinates) = load(name), READ[name]
    assert data.table is not None
    assert (data.count, data.table.coordinates) == (rows, coordinates)
    assert data.summary.startswith(f"{rows} rows: ")
    back = data.decode(data.points[0])
    again = data.table.encode(back)
    assert np.abs(again - data.points[0].numpy()).max() < 1e-6


@pytest.mark.parametrize("name", REFUSED)
def test_tables_that_could_mean_two_things_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[name]):
        load(name)


def test_whole_numbers_beyond_double_precision_stay_apart() -> None:
    points = np.sort(load("int64-ids.csv").points[0, :, 0].numpy())
    assert np.diff(points) == pytest.approx(np.full(39, 1 / 39), rel=1e-5)


def test_types_of_arrow_become_plain_ones() -> None:
    data = load("arrow-dtypes.parquet")
    assert data.decode(data.points).dtypes.astype(str).tolist() == ["float64", "float64", "int64"]


@pytest.mark.parametrize("rows", [39, 40, 60])
def test_held_out_rows_are_what_training_leaves(rows: int) -> None:
    spec = DataSpec(str(CASES / "tables" / f"rows-{rows}.csv"), 20)
    training, held = load_data(spec, (0,)).points[0], held_out(spec, (0,), 15).points[0]
    assert not set(map(tuple, training.tolist())) & set(map(tuple, held.tolist()))


def test_a_class_with_a_comma_can_be_chosen() -> None:
    spec = DataSpec(str(CASES / "tables" / "class-with-comma.csv"), classes=("oak, red",))
    assert load_data(spec, (0,)).classes == ("oak, red",)
