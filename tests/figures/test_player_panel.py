"""Players of a user's orbits: pictures, nearest images and distances, and the line for arrays that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from landscape.figures import player_panel
from landscape.figures.panel import Kaleidoscope
from landscape.figures.player_panel import player

T, P, N, H, W = 5, 7, 11, 3, 2
TALL = 13  # of images whose height is no number of channels


def film(*given: Any, **options: Any) -> Kaleidoscope:
    body = player(*given, **options).body
    assert isinstance(body, Kaleidoscope)
    return body


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
    monkeypatch.setattr(player_panel, "MAX_PIXELS", 100)
    with pytest.raises(ValueError, match=r"at most 100 numbers; `orbits` \(5, 7, 3, 2\) have 210\. Take fewer"):
        player(np.zeros((T, P, H, W)))
