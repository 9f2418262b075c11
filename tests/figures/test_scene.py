"""The geometry and colours of surfaces: limits, levels, thinning, lighting, hiding."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.figures.drawing import DRAWING
from landscape.figures.panel import Scene, Surface
from landscape.figures.scene import (
    BOX_HEIGHT,
    Sheet,
    arrived,
    bilinear,
    contour_levels,
    decimated,
    hidden,
    in_box,
    levels,
    scene_limits,
    shaded,
    sheet_of,
)


def test_limits_are_round_and_hold_all_finite_heights() -> None:
    low, high = scene_limits([np.array([[3e-4, np.nan]]), np.array([[0.21, np.inf]])])
    assert low == pytest.approx(1e-4)
    assert 0.21 <= high <= 0.26
    assert scene_limits([np.array([0.0, 1e-9, 0.5])])[0] == pytest.approx(1e-6)
    assert scene_limits([np.array([-0.93, 2.7])], log=False) == pytest.approx((-1, 3))


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("heights", [[], [np.full((2, 3), np.nan)], [np.full((2, 3), 0.5)], [np.zeros((2, 3))]])
def test_limits_of_little_or_nothing_still_span_something(heights: list[np.ndarray], log: bool) -> None:
    low, high = scene_limits(heights, log=log)
    assert np.isfinite([low, high]).all()
    assert high > low


def test_levels_are_logarithmic_clipped_and_missing_where_heights_are() -> None:
    got = levels(np.array([1e-6, 1e-3, 1, 50, 0, -1, np.nan, np.inf]), (1e-6, 1.0), True)
    np.testing.assert_allclose(got, [0, 0.5, 1, 1, 0, 0, np.nan, np.nan])
    np.testing.assert_allclose(levels(np.array([-1, 0, 3.0]), (-1, 3), False), [0, 0.25, 1])


def test_thinning_keeps_corners_planes_and_gaps() -> None:
    row, column = np.meshgrid(np.linspace(0, 1, 11), np.linspace(0, 2, 17), indexing="ij")
    thin = decimated(row + column, 7)
    np.testing.assert_allclose(thin, np.linspace(0, 1, 7)[:, None] + np.linspace(0, 2, 7)[None])
    assert decimated(row, 17) is row
    holed = row.copy()
    holed[5, 8] = np.nan
    assert np.isnan(decimated(holed, 7)[3]).sum() == 1


def test_a_weight_of_zero_does_not_spread_a_gap() -> None:
    level = np.array([[0.0, np.nan], [1.0, 2.0]])
    assert bilinear(level, np.array(0.5), np.array(0.0)) == 0.5
    assert np.isnan(bilinear(level, np.array(0.5), np.array(0.1)))


def test_positions_outside_over_gaps_or_not_finite_have_no_place() -> None:
    height = np.full((3, 5), 1e-3)
    height[0, 4] = np.nan
    scene = Scene("", (Surface("", height),), (0, 2, 0, 1), (1e-6, 1.0))
    sheet = sheet_of(scene, scene.surfaces[0], 99)
    positions = np.array([[0, 1], [1, 0.5], [2.01, 0.5], [1.9, 0.1], [np.nan, 0]])
    points, kept = in_box(positions, scene, sheet)
    assert kept.tolist() == [True, True, False, False, False]
    np.testing.assert_allclose(points, [[-1, 0.5, BOX_HEIGHT / 2], [0, 0, BOX_HEIGHT / 2]])


def test_arrived_is_strictly_within_the_distance_of_any_marker() -> None:
    positions = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 1.05], [np.nan, 0]])
    assert arrived(positions, np.array([[0, 0], [1, 1.0]]), 0.1).tolist() == [True, False, True, False]
    assert not arrived(positions, None, 9.0).any()


@pytest.mark.parametrize("log", [True, False])
def test_contours_lie_within_and_evenly(log: bool) -> None:
    at = contour_levels((1e-6, 0.5), log)
    assert ((at > 0) & (at < 1)).all()
    assert 5 <= len(at) <= 15
    np.testing.assert_allclose(np.diff(at), at[1] - at[0])


def test_a_wall_hides_what_stands_behind_it_and_a_gap_hides_nothing() -> None:
    level = np.zeros((5, 9))
    level[:, 4] = 1.0
    points, eye = np.array([[0.5, 0, 0.01], [-0.9, 0, 0.01]]), np.array([4, 0, 1.0])
    assert hidden(Sheet(level, 1.0), points, eye).tolist() == [False, True]
    level[:, 4] = np.nan
    assert hidden(Sheet(level, 1.0), points, eye).tolist() == [False, False]


def test_a_flat_sheet_is_lit_evenly_and_keeps_its_colour_map() -> None:
    table = np.zeros((256, 3), np.uint8)
    table[128] = (100, 50, 0)
    lit = shaded(Sheet(np.full((3, 5), 0.5), 1.0), table, np.array([0, 0, 1000.0]))
    assert np.ptp(lit.astype(int), axis=(0, 1)).max() <= 1
    assert lit[0, 0, 0] > lit[0, 0, 1] > lit[0, 0, 2]


@pytest.mark.parametrize("height", [1000.0, -1000.0])
def test_a_flat_sheet_is_as_bright_as_the_drawing_file_says(height: float) -> None:
    """Seen vertically, the angle between the lamp and the normal equals that between the lamp's reflection and the eye."""
    light, table = DRAWING["light"], np.full((256, 3), 100, np.uint8)
    towards = np.array(light["direction"]) + light["towardsEye"] * np.array([0, 0, np.sign(height)])
    facing = max(0.0, np.sign(height) * towards[2] / np.linalg.norm(towards))
    diffuse = light["ambient"] + light["diffuse"] * facing
    bright = 100 * diffuse + 255 * light["shine"] * facing ** light["sharpness"]
    if height < 0:
        bright = 100 * (light["underside"]["share"] * diffuse + light["underside"]["added"])
    lit = shaded(Sheet(np.zeros((3, 3)), 1.0), table, np.array([0, 0, height]))
    assert np.abs(lit[1, 1] - bright).max() <= 0.5
