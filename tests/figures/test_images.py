"""Tiles, contact sheets and animations of images."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from landscape.figures import images
from landscape.figures.film import LAST_FRAME_TIME
from landscape.figures.images import (
    contact_sheet,
    enlarged,
    moving_gif,
    moving_webp,
    pictures,
    spread,
    tile_frames,
    tiled,
)


def test_points_become_bytes_and_what_lies_beyond_is_clipped() -> None:
    points = np.array([[-1.0, 0.0, 1.0, 3.0, np.nan, -np.inf]])
    assert pictures(points, (2, 3), -1.0, 1.0).tolist() == [[[0, 128, 255], [255, 128, 0]]]
    assert pictures(np.zeros((5, 7, 12)), (2, 2, 3), 0.0, 1.0).shape == (5, 7, 2, 2, 3)


def test_tiles_stand_row_by_row() -> None:
    made = tiled(np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((5, 2, 3), np.uint8), 3)
    assert made.shape == (5, 11, 3)  # 2 rows of 2 and 3 columns of 3, a pixel between them
    assert made[0, ::4, 0].tolist() == [0, 1, 2]
    assert made[3, ::4, 0].tolist() == [3, 4, 255]
    assert (made[2] == images.GAP_GREY).all()
    colour = np.zeros((1, 2, 2, 3), np.uint8)
    colour[..., 1] = 7
    assert tiled(colour)[0, 0].tolist() == [0, 7, 0]


def test_tiles_fill_about_a_square() -> None:
    assert tiled(np.zeros((64, 8, 8), np.uint8)).shape == (71, 71, 3)
    assert tiled(np.zeros((2, 8, 8), np.uint8)).shape == (8, 17, 3)


@pytest.mark.parametrize(("count", "limit"), [(5, 8), (8, 8), (9, 8), (61, 60), (101, 60), (10_001, 60), (100, 1)])
def test_shown_places_are_dense_first_and_end_last(count: int, limit: int) -> None:
    found = spread(count, limit)
    assert len(found) == min(count, limit)
    assert found == sorted(set(found))
    assert found[-1] == count - 1
    assert found[: limit // 2] == list(range(min(count, limit // 2)))


def test_small_tiles_are_enlarged_in_blocks_and_large_ones_left() -> None:
    small = np.random.default_rng(0).integers(0, 255, (17, 17, 3), np.uint8)
    assert np.array_equal(enlarged(small)[::28, ::28], small)
    assert enlarged(np.zeros((300, 300, 3), np.uint8)).shape == (300, 300, 3)
    assert enlarged(np.zeros((200, 240, 3), np.uint8)).shape == (400, 480, 3)


def test_an_animation_has_a_labelled_frame_for_each_iteration_shown() -> None:
    played = tile_frames(np.zeros((101, 4, 8, 8), np.uint8), range(0, 1010, 10), alt="four squares", unit="step")
    assert played.frames.shape == (60, 17 * 28 + images.HEADING_HEIGHT, 17 * 28, 3)
    assert (played.labels[0], played.labels[-1]) == ("step 0", "step 1,000")
    assert (played.frames[0, : images.HEADING_HEIGHT] != played.frames[1, : images.HEADING_HEIGHT]).any()


def frames() -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 255, (5, 16, 16, 1), np.uint8)
    return noise.repeat(3, -1)


def test_webp_and_gif_play_all_frames_exactly_and_rest_on_the_last() -> None:
    for content in (moving_webp(frames(), 10.0), moving_gif(frames(), 10.0)):
        with Image.open(io.BytesIO(content)) as read:
            assert read.n_frames == 5
            for number, frame in enumerate(frames()):
                read.seek(number)
                assert np.array_equal(np.asarray(read.convert("RGB")), frame)
            assert read.info["duration"] == LAST_FRAME_TIME
            assert read.info["loop"] == 0


def test_an_animation_too_large_loses_quality_until_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = len(moving_webp(frames(), 10.0))
    monkeypatch.setattr(images, "MAX_ANIMATION_BYTES", exact - 1)
    assert len(moving_webp(frames(), 10.0)) < exact


def test_a_contact_sheet_has_a_titled_picture_for_each_iteration() -> None:
    figure = contact_sheet(np.zeros((101, 5, 8, 8), np.uint8), range(101))
    assert [axis.get_title() for axis in figure.axes] == [f"iteration {n}" for n in (0, 1, 2, 3, 6, 13, 34, 100)]
    assert len(contact_sheet(np.zeros((1, 5, 8, 8), np.uint8), [7]).axes) == 1


def test_a_contact_sheet_of_samples_from_noise_says_so() -> None:
    figure = contact_sheet(np.zeros((3, 5, 8, 8), np.uint8), [0, 1, 300], noise=True)
    assert [axis.get_title() for axis in figure.axes[:3]] == [
        "start: noise",
        "after 1 iteration",
        "after 300 iterations",
    ]
