"""Surfaces from a user's arrays: what becomes of them, and the line for arrays that do not fit."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch

from landscape.figures import surface_panel
from landscape.figures.panel import Scene, SceneGrid
from landscape.figures.surface_panel import surface

T, P, H, W = 5, 7, 3, 2
HEIGHTS = np.arange(H * W, dtype=float).reshape(H, W)


def scene(*given: Any, **options: Any) -> Scene:
    body = surface(*given, **options).body
    assert isinstance(body, Scene)
    return body


def test_a_surface_keeps_its_heights_and_its_place() -> None:
    panel = surface(torch.tensor(HEIGHTS), (-1, 2, 0, 5), title="A slope", caption="It rises.")
    body = panel.body
    assert isinstance(body, Scene)
    assert (panel.title, panel.caption, body.extent) == ("A slope", "It rises.", (-1, 2, 0, 5))
    assert np.array_equal(body.surfaces[0].height, HEIGHTS)
    assert body.limits[0] <= 0
    assert body.limits[1] >= 5


def test_grids_and_meshes_say_where_a_surface_lies() -> None:
    x, y = np.linspace(-1, 2, W), np.linspace(0, 4, H)
    assert scene(HEIGHTS, x=x, y=y).extent == (-1, 2, 0, 4)
    mesh_x, mesh_y = np.meshgrid(x, y)
    assert scene(HEIGHTS, x=mesh_x, y=mesh_y).extent == (-1, 2, 0, 4)
    assert scene(HEIGHTS).extent == (0, 1, 0, 1)


def test_several_surfaces_share_a_scale_and_stand_in_a_menu_or_a_row() -> None:
    both = {"a": HEIGHTS, "b": 10 * HEIGHTS}
    menu = scene(both, points={"b": [[0.5, 0.5]]})
    assert [one.label for one in menu.surfaces] == ["a", "b"]
    assert menu.surfaces[0].markers is None
    assert menu.surfaces[1].markers is not None
    assert menu.limits[1] >= 50
    row = surface(both, side_by_side=True).body
    assert isinstance(row, SceneGrid)
    assert row.columns == ("a", "b")
    assert all(one is not None and one.limits == menu.limits for one in row.scenes[0])
    assert [one.label for one in scene(np.stack([HEIGHTS, HEIGHTS])).surfaces] == ["surface 1", "surface 2"]


@pytest.mark.skipif("film" not in {field.name for field in fields(Scene)}, reason="films are merged with this")
def test_a_slider_goes_over_the_values_of_a_parameter() -> None:
    swept = scene({0.1: HEIGHTS, 0.5: 2 * HEIGHTS}, slider="t")
    assert swept.film == "t"  # type: ignore[attr-defined]
    assert [one.label for one in swept.surfaces] == ["0.1", "0.5"]


def test_gaps_do_not_change_the_scale_and_a_logarithm_spans_six_decades() -> None:
    gap = HEIGHTS.copy()
    gap[0, 1] = np.nan
    assert scene(gap).limits == scene(HEIGHTS).limits
    wide = scene(np.array([[1e-12, 1.0], [0.0, 3.0]]), log=True)
    assert wide.limits[0] == pytest.approx(1e-6)
    assert scene(1e-9 * (HEIGHTS + 1), log=True).limits[1] < 1e-7


@pytest.mark.parametrize(
    ("given", "options", "line"),
    [
        (np.zeros(5), {}, r"`heights` must be \(H, W\) with at least 2 rows and columns.*got \(5,\)"),
        ({"a": HEIGHTS, "b": HEIGHTS[:2]}, {}, r"alike for all surfaces; got \(2, 2\), \(3, 2\)"),
        ([["a", "b"]] * 2, {}, r"`heights` must be an array of numbers"),
        (
            HEIGHTS,
            {"extent": (1, 0, 0, 1)},
            r"`extent` must be \(x_low, x_high, y_low, y_high\), low below high; got \(1",
        ),
        (HEIGHTS, {"x": [0, 1]}, r"give both grids, `x` and `y`, or neither"),
        (HEIGHTS, {"x": [0, 1], "y": [0, 1]}, r"`y` must have 3 numbers, as the heights have along it; got \(2,\)"),
        (HEIGHTS, {"x": [0, 1], "y": [0, 1, 9]}, r"`y` must rise in even steps"),
        (HEIGHTS, {"extent": (0, 1, 0, 1), "x": [0, 1], "y": [0, 1, 2]}, r"give either `extent` or the grids"),
        (-HEIGHTS, {"log": True}, r"`log` needs heights above 0; none is"),
        (HEIGHTS, {"slider": "t", "side_by_side": True}, r"give either `slider` or `side_by_side`"),
        (HEIGHTS, {"limits": (3, 1)}, r"`limits` must be \(low, high\), low below high; got \(3, 1\)"),
        (HEIGHTS, {"points": np.zeros((4, 3))}, r"`points` must have the shape \(M, 2\); got \(4, 3\)"),
        (HEIGHTS, {"orbits": np.zeros((4, 2))}, r"`orbits` must have the shape \(T, S, 2\); got \(4, 2\)"),
        ({"a": HEIGHTS}, {"points": {"c": [[0, 0]]}}, r"`points` has the label 'c', and `heights` has 'a'"),
        (np.zeros((201, 2, 2)), {}, r"at most 200 surfaces and 33,554,432 heights; got 201 of \(2, 2\)"),
    ],
)
def test_heights_that_do_not_fit_give_a_line(given: Any, options: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        surface(given, **options)


def test_too_many_positions_give_a_line_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface_panel, "MAX_PLACES", 10)
    with pytest.raises(ValueError, match=r"at most 10 positions; `orbits` \(5, 7, 2\) have 35"):
        surface(HEIGHTS, orbits=np.zeros((T, P, 2)))
