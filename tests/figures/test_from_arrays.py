"""Panels from a user's arrays: what becomes of them, and the line for arrays that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from landscape.figures import from_arrays
from landscape.figures.from_arrays import player, surface
from landscape.figures.panel import Kaleidoscope, Scene, SceneGrid

T, P, N, H, W = 5, 7, 11, 3, 2
TALL = 13  # of images whose height is no number of channels
HEIGHTS = np.arange(H * W, dtype=float).reshape(H, W)


def scene(*given: Any, **options: Any) -> Scene:
    body = surface(*given, **options).body
    assert isinstance(body, Scene)
    return body


def film(*given: Any, **options: Any) -> Kaleidoscope:
    body = player(*given, **options).body
    assert isinstance(body, Kaleidoscope)
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


def test_a_player_shows_the_nearest_images_at_their_exact_distance() -> None:
    rng = np.random.default_rng(0)
    data, orbits = rng.random((N, H, W)), rng.random((T, P, H, W))
    orbits[-1, 2] = data[6]  # arrives exactly
    body = film(orbits, data)
    away = np.linalg.norm(orbits[:, :, None] - data, axis=(-2, -1))
    shown = (255 * data).round().astype(np.uint8)
    assert np.allclose(body.distance, away.min(-1))
    assert np.array_equal(body.neighbours[body.nearest], shown[away.argmin(-1)])
    assert body.distance[-1, 2] == 0
    assert body.near == pytest.approx(0.02 * (H * W) ** 0.5)
    assert "0.049" in player(orbits, data).caption
    assert np.array_equal(body.frames, (255 * orbits).round().astype(np.uint8))


def test_a_jump_is_a_step_longer_than_a_tenth_of_the_diameter() -> None:
    orbits = np.zeros((T, P, H, W))
    orbits[2:, 1] = 0.11
    orbits[3:, 4] = 0.09
    assert film(orbits, iterations=[0, 2, 4, 6, 8]).last_jump.tolist() == [-1, 4, *[-1] * (P - 2)]


@pytest.mark.parametrize("shape", [(TALL, W), (1, TALL, W), (TALL, W, 1), (3, TALL, W), (TALL, W, 3)])
def test_a_player_takes_images_of_every_shape(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    data, orbits = rng.random((N, *shape)), rng.random((T, P, *shape))
    colour = 3 in (shape[0], shape[-1]) and len(shape) == 3
    body = film(orbits, torch.tensor(data))
    assert body.frames.shape == (T, P, TALL, W, *((3,) if colour else ()))
    flat = film(orbits.reshape(T, P, -1), data.reshape(N, -1), shape=shape)
    assert np.array_equal(flat.frames, body.frames)


def test_what_is_not_finite_is_grey_and_has_no_distance() -> None:
    orbits = np.full((T, P, H, W), 0.25)
    orbits[3, 4] = np.nan
    body = film(orbits, np.full((N, H, W), 0.25))
    assert (body.frames[3, 4] == 128).all()
    assert np.isnan(body.distance[3, 4])
    assert (np.delete(body.distance.ravel(), 3 * P + 4) == 0).all()


def test_without_data_there_are_samples_alone() -> None:
    body = film(np.zeros((T, P, H, W)))
    assert len(body.neighbours) == 0
    assert body.near is None


@pytest.mark.parametrize(
    ("orbits", "data", "options", "line"),
    [
        (
            (T, P, 2),
            None,
            {},
            r"`orbits` must be images \(T, P, h, w\).*got \(5, 7, 2\); flat points need `shape`, and",
        ),
        ((T, P), None, {}, r"`orbits` must be images"),
        ((T, P, TALL, W, 4), None, {}, r"grey or with 1 or 3 channels; got \(5, 7, 13, 2, 4\)"),
        ((T, P, H, W), (N, W, H), {}, r"`data` must hold images \(3, 2\), as the orbits do; got \(2, 3\)"),
        ((T, P, H, W), None, {"iterations": [1, 2]}, r"`iterations` must name the time of each of the 5 frames; got 2"),
        ((T, P, H, W), None, {"range": (1, 0)}, r"`range` must be \(low, high\) with low < high; got \(1, 0\)"),
    ],
)
def test_orbits_that_do_not_fit_give_a_line(
    orbits: tuple[int, ...], data: tuple[int, ...] | None, options: dict[str, Any], line: str
) -> None:
    with pytest.raises(ValueError, match=line):
        player(np.zeros(orbits), None if data is None else np.zeros(data), **options)


def test_arrays_that_are_too_large_give_a_line_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_arrays, "MAX_PIXELS", 100)
    with pytest.raises(ValueError, match=r"at most 100 numbers; `orbits` \(5, 7, 3, 2\) have 210\. Take fewer"):
        player(np.zeros((T, P, H, W)))
    monkeypatch.setattr(from_arrays, "MAX_PLACES", 10)
    with pytest.raises(ValueError, match=r"at most 10 positions; `orbits` \(5, 7, 2\) have 35"):
        surface(HEIGHTS, orbits=np.zeros((T, P, 2)))
