"""Results as tidy tables: a row per item, `member` first, plain columns."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape import cube, measures
from landscape.ensemble import Ensemble
from landscape.measures.exact import FixedPoints, plateaus
from landscape.measures.known_maps.controls import Identity, Memoriser
from landscape.measures.local import OneToOne, plateaus_along, step_sharpness
from landscape.measures.memorisation import twins
from landscape.measures.neighbours import class_shares, surroundings, variety
from landscape.measures.tables import coordinates, tidy, unrolled
from tests.measures.hand_built import MEMBERS, broken_line, chain

HOUSE = Path(measures.__file__).parent


def drawn(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def test_a_result_per_member_has_a_row_per_member() -> None:
    table = unrolled({"mean": torch.tensor([2.0, 3.0, 5.0]), "count": torch.tensor([7, 11, 13])})
    expected = pd.DataFrame({"member": [0, 1, 2], "mean": [2.0, 3.0, 5.0], "count": [7, 11, 13]})
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1)])
def test_a_result_per_member_and_line_has_a_row_for_each(shape: tuple[int, ...]) -> None:
    table = unrolled({"share": torch.arange(15.0).view(shape)}, "line")
    assert table.columns.tolist() == ["member", "line", "share"]
    assert table["member"].tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert table["line"].tolist() == [0, 1, 2, 3, 4] * 3
    assert table["share"].tolist() == list(range(15))


def test_coordinates_are_columns_up_to_three_dimensions() -> None:
    points = drawn(5, 3)
    columns = coordinates("x", points)
    assert list(columns) == ["x1", "x2", "x3"]
    assert torch.equal(torch.stack(list(columns.values()), 1), points)
    assert coordinates("x", drawn(5, 4)) == {}


def test_columns_are_plain_numbers_and_words() -> None:
    given = torch.tensor([2.0, 3.0], requires_grad=True)
    table = tidy({"member": torch.tensor([0, 1]), "x": given, "kink": torch.tensor([True, False]), "kind": ["a", "b"]})
    assert [table[name].dtype.kind for name in ("member", "x", "kink")] == ["i", "f", "b"]
    assert table["kind"].tolist() == ["a", "b"]


def test_fixed_points_have_a_row_each() -> None:
    """The line rises by ½ below the kink at ½ and by 2 above it, and meets the identity at the kink alone."""
    found = measures.fixed_points(broken_line([0.5], [1.5], 0.25, slope=0.5))
    table = found.table()
    assert table.columns.tolist() == ["member", "x1", "residual", "radius", "stability", "kink", "proven"]
    assert table["x1"].tolist() == found.points[:, 0].tolist() == pytest.approx([0.5])
    assert table.loc[0, ["stability", "kink", "proven"]].tolist() == ["one-sided", True, found.proven.item()]


def cross() -> Ensemble:
    """f(x, y) = (relu(x − ¼), relu(y − ½)) of three members."""
    weight, bias = torch.eye(2).expand(3, 2, 2), torch.tensor([[-0.25, -0.5]]).expand(3, 2)
    return chain((weight, bias), (weight, torch.zeros(3, 2)))


def listed(members: torch.Tensor, proven: torch.Tensor, dim: int) -> FixedPoints:
    """Fixed points of the given members, repellers all, of maps of `dim` dimensions."""
    count, none = len(members), torch.zeros(len(members))
    kind = torch.full((count,), 2)
    index = torch.zeros(len(proven), dtype=torch.int64)
    return FixedPoints(
        members, drawn(count, dim), none, torch.zeros(count, dim, dim), none, kind, none > 0, proven, index
    )


def test_a_row_says_whether_its_own_member_is_proven() -> None:
    table = listed(torch.tensor([0, 2, 2]), torch.tensor([False, True, True]), 2).table()
    assert table["member"].tolist() == [0, 2, 2]
    assert table["proven"].tolist() == [False, True, True]
    assert table["stability"].tolist() == ["repeller"] * 3
    assert {"x1", "x2"} <= set(table)


def test_fixed_points_of_many_dimensions_have_no_columns_of_coordinates() -> None:
    table = listed(torch.tensor([0, 1]), torch.tensor([False, False]), 5).table()
    assert table.columns.tolist() == ["member", "residual", "radius", "stability", "kink", "proven"]


def test_no_fixed_points_give_an_empty_table_with_its_columns() -> None:
    table = listed(torch.zeros(0, dtype=torch.int64), torch.tensor([True]), 1).table()
    assert len(table) == 0
    assert "stability" in table


@pytest.mark.parametrize("dim", [1, 2])
def test_regions_have_a_row_each_with_their_centre(dim: int) -> None:
    net = broken_line([0.25], [1.0], 0.1, 0.0) if dim == 1 else cross()
    found = measures.regions(net, cube.whole(dim))
    table = found.table()
    places = ["t1", "t2"][:dim]
    assert table.columns.tolist() == ["member", "share", "slope", "rank", "corners", *places]
    assert table.groupby("member")["share"].sum().tolist() == pytest.approx([1.0] * net.members)
    assert table[places].to_numpy() == pytest.approx(found.centres.numpy())
    assert set(table["corners"]) == ({2} if dim == 1 else {4})
    assert len(plateaus(found).table()) == len(plateaus(found).share)


def test_plateaus_of_regions_have_a_row_each() -> None:
    """The cross is constant where both units are off, at the lower left: a quarter times a half."""
    table = plateaus(measures.regions(cross(), cube.whole(2))).table()
    assert table.columns.tolist() == ["member", "share"]
    assert table["member"].tolist() == [0, 1, 2]
    assert table["share"].tolist() == pytest.approx([0.125] * 3)


def test_plateaus_and_steps_along_lines_have_a_row_per_line() -> None:
    start, end = torch.zeros(MEMBERS, 5, 2), torch.ones(MEMBERS, 5, 2)
    runs, steps = (
        plateaus_along(Identity(MEMBERS, 2), start, end, 7),
        step_sharpness(Identity(MEMBERS, 2), start, end, 7),
    )
    assert runs.table().columns.tolist() == ["member", "line", "share", "number", "width_start", "width_end"]
    assert steps.table().columns.tolist() == ["member", "line", "largest", "steepest"]
    assert len(runs.table()) == len(steps.table()) == MEMBERS * 5
    single = plateaus_along(Identity(MEMBERS, 2), start[:, 0], end[:, 0], 7).table()
    assert single.columns.tolist() == ["member", "share", "number", "width_start", "width_end"]
    assert single["number"].tolist() == [0] * MEMBERS


def test_tables_of_corners_give_the_corner_of_the_largest_loss() -> None:
    table = measures.corner_loss(Memoriser(torch.zeros(3, 1, 2))).table()
    assert table.columns.tolist() == ["member", "maximum", "mean", "x1", "x2"]
    assert table[["x1", "x2"]].to_numpy().tolist() == [[1, 1]] * 3
    assert "x1" not in measures.corner_loss(Memoriser(torch.zeros(3, 1, 5))).table()


def test_tables_of_samples() -> None:
    samples, training, held_out = drawn(2, 31, 3), drawn(2, 60, 3), drawn(2, 41, 3)
    labels = torch.arange(60).remainder(2).expand(2, -1)
    tables = {
        "fidelity": (measures.fidelity(samples, training).table(), 2),
        "variety": (variety(samples, training).table(), 2),
        "copying": (measures.data_copying(samples, training, held_out).table(), 2),
        "twins": (twins(samples, samples, training, held_out).table(), 2),
        "nearness": (measures.nearness(samples, training, held_out).table(), 2 * 31),
        "surroundings": (surroundings(training, 5).table(), 2 * 60),
        "classes": (class_shares(samples, training, labels, held_out, labels[:, :41]).table(), 2 * 2),
    }
    for table, rows in tables.values():
        assert table.columns[0] == "member"
        assert len(table) == rows
    assert tables["twins"][0].columns.tolist() == ["member", "agreement", "chance", "copied"]
    near = measures.nearness(samples, training, held_out)
    row = tables["nearness"][0].set_index(["member", "sample"]).loc[(1, 17)]
    assert row.tolist() == [near.samples[1, 17].item(), near.sample_gaps[1, 17].item()]


def test_the_table_of_injective_nets_has_a_row_per_member() -> None:
    table = OneToOne(torch.tensor([True, False]), torch.tensor([0.5, 0.0]), torch.ones(2), torch.ones(2)).table()
    assert table.columns.tolist() == ["member", "holds", "margin", "rank", "scale"]
    assert table["holds"].tolist() == [True, False]


@pytest.mark.parametrize("file", sorted(HOUSE.rglob("*.py")), ids=lambda file: file.stem)
def test_measures_import_pandas_only_where_a_table_is_made(file: Path) -> None:
    """At the top of a module, pandas is imported for types alone."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        assert not (isinstance(node, ast.Import) and "pandas" in {alias.name for alias in node.names})
        assert not (isinstance(node, ast.ImportFrom) and str(node.module).startswith("pandas"))
