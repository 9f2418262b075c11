"""Samples in the plane are animated: each frame shows its own iteration."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.figures import plane_film
from landscape.figures.plane_film import plane_frames

TRAINING = np.array([[0.2, 0.8], [0.8, 0.2], [0.2, 0.2]])


def blue(frame: np.ndarray) -> np.ndarray:
    """The mean place (row, column) of the pixels in the samples' colour, as shares of the frame's size."""
    height, width = frame.shape[:2]
    inner = frame[int(0.15 * height) : int(0.75 * height)].astype(int)  # without the heading and the key
    rows, columns = np.nonzero(inner[..., 2] - inner[..., 0] > 60)
    return np.array([rows.mean() / height, columns.mean() / width])


def test_samples_move_from_frame_to_frame() -> None:
    path = np.linspace([0.1, 0.1], [0.9, 0.9], 5)[:, None] + np.zeros((5, 7, 2))
    film = plane_frames(path, range(5), TRAINING, 0.0, 1.0, alt="a", unit="step")
    assert film.labels == tuple(f"step {number}" for number in range(5))
    assert film.frames.shape[0] == 5
    places = np.array([blue(frame) for frame in film.frames])
    assert (np.diff(places[:, 0]) < 0).all()  # upwards
    assert (np.diff(places[:, 1]) > 0).all()  # to the right


def test_a_long_way_has_as_many_frames_as_are_shown_and_a_lost_sample_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plane_film, "MAX_FRAMES", 3)
    path = np.full((101, 3, 2), 0.5)
    path[50:, 0] = np.nan
    film = plane_frames(path, range(101), TRAINING, 0.0, 1.0, alt="a")
    assert (len(film.frames), film.labels[-1]) == (3, "iteration 100")
    assert np.isfinite(blue(film.frames[-1])).all()
