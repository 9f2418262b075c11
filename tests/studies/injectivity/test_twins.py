"""Second images with the same code: known ones, none where there is none, and every one verified."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.measures.exact import layer_injectivity
from landscape.studies.injectivity.study import paired
from landscape.studies.injectivity.twins import active_counts, second_image


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_a_pixel_that_no_row_sees_may_take_any_value() -> None:
    twin = second_image(np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([0.5, 0.25]), rng())
    assert twin is not None
    assert twin.second == pytest.approx([0.5, 1.0], abs=1e-5)
    assert twin.distance == pytest.approx(0.75 / np.hypot(0.5, 0.25), abs=1e-5)
    assert twin.residual == 0


def test_a_row_that_is_off_ends_the_way() -> None:
    weight = np.array([[1.0, 0.0], [-1.0, 1.0]])
    twin = second_image(weight, np.array([0.5, 0.25]), rng())
    assert twin is not None
    assert twin.second == pytest.approx([0.5, 0.0], abs=1e-5) or twin.second == pytest.approx([0.5, 0.5], abs=1e-5)
    assert weight[1] @ twin.second <= 0


def test_black_pixels_cannot_fall() -> None:
    weight = np.array([[1.0, 1.0]])
    assert second_image(weight, np.array([0.0, 0.0]), rng()) is None
    assert second_image(weight, np.array([0.1, 0.1]), rng()) is not None


def test_rows_that_span_leave_no_second_image() -> None:
    weight = rng().standard_normal((29, 11))
    image = rng().uniform(0.05, 0.95, 11)
    assert layer_injectivity(paired(weight)).verdict == "one-to-one"
    assert second_image(paired(weight), image, rng()) is None
    assert (active_counts(paired(weight), image[None]) >= 11).all()
    assert paired(weight).shape == weight.shape


def test_every_second_image_is_in_the_box_and_has_the_same_code() -> None:
    seen = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        weight, image = draw.standard_normal((31, 17)), draw.uniform(0.05, 0.95, 17)
        (count,) = active_counts(weight, image[None])
        assert count == ((weight @ image) >= 0).sum()
        twin = second_image(weight, image, draw)
        assert (twin is not None) == (count < 17)
        if twin is not None:
            seen += 1
            codes = np.maximum(weight @ twin.image, 0), np.maximum(weight @ twin.second, 0)
            assert np.linalg.norm(codes[0] - codes[1]) <= 1e-10
            assert 0 <= twin.second.min() <= twin.second.max() <= 1
            assert twin.distance == pytest.approx(np.linalg.norm(twin.second - image) / np.linalg.norm(image))
    assert seen > 5


def test_the_way_is_as_long_as_the_limits_allow() -> None:
    draw = np.random.default_rng(1)
    weight, image = draw.standard_normal((3, 13)), draw.uniform(0.2, 0.8, 13)
    twin = second_image(weight, image, draw)
    assert twin is not None
    at_limits = (twin.second < 1e-4) | (twin.second > 1 - 1e-4)
    off = weight @ image < 0
    assert at_limits.sum() + (np.abs(weight[off] @ twin.second) < 1e-4).sum() >= 13 - 3
