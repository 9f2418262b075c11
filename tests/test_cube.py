"""Points at which maps are evaluated: corners, grids, lines, planes, slices."""

from __future__ import annotations

import itertools

import pytest
import torch

from landscape import cube


def test_corners_are_all_sign_patterns_once():
    found = {tuple(corner) for corner in cube.corners(5, low=-1.0, high=1.0).tolist()}
    assert found == set(itertools.product((-1.0, 1.0), repeat=5))


def test_coordinate_j_of_corner_i_is_bit_j_of_i():
    assert cube.corners(3)[6].tolist() == [0, 1, 1]


def test_chunks_are_the_corners_in_order():
    chunks = list(cube.corner_chunks(5, 7, low=0.25))
    assert [len(chunk) for chunk in chunks] == [7, 7, 7, 7, 4]
    assert torch.equal(torch.cat(chunks), cube.corners(5, low=0.25))


@pytest.mark.parametrize("dim", [0, 31, 60])
def test_a_dimension_that_cannot_be_enumerated_is_refused(dim):
    with pytest.raises(ValueError, match=f"from 1 to 30.*got {dim}.*Choose a smaller"):
        cube.corners(dim)


def test_grid_entry_r_c_is_at_x_c_y_r():
    points = cube.grid(5, low=-1.0, high=1.0).view(5, 5, 2)
    assert points[1, 4].tolist() == [1.0, -0.5]


def test_line_runs_from_start_to_end_for_each_member():
    start, end = torch.zeros(3, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    points = cube.line(start, end, 7)
    assert points.shape == (3, 7, 2)
    assert torch.equal(points[:, 0], start)
    assert torch.equal(points[:, -1], end)
    assert torch.allclose(points[:, 3], end / 2)


def test_plane_holds_its_anchors_and_keeps_distances():
    anchors = torch.rand(3, 5, generator=torch.Generator().manual_seed(0))
    points, spots, extent = cube.plane(anchors, 7)
    assert points.shape == (49, 5)
    assert torch.allclose(torch.cdist(spots, spots), torch.cdist(anchors, anchors), atol=1e-5)
    corner = torch.tensor([[extent[0], extent[2]]])
    assert torch.allclose((points[0] - anchors[0]).norm(), (corner - spots[0]).norm(), atol=1e-5)
    assert (spots.amin(0) > torch.tensor([extent[0], extent[2]])).all()
    assert (spots.amax(0) < torch.tensor([extent[1], extent[3]])).all()


@pytest.mark.parametrize("third", [[2.0, 2.0], [0.0, 0.0]])
def test_three_points_on_a_line_span_no_plane(third):
    with pytest.raises(ValueError, match="must not lie on one line; choose others"):
        cube.plane(torch.tensor([[0.0, 0.0], [1.0, 1.0], third]), 5)


def test_uniform_points_fill_the_cube_and_repeat():
    first, second = (cube.uniform(997, 2, torch.Generator().manual_seed(3), low=-1.0, high=3.0) for _ in range(2))
    assert torch.equal(first, second)
    assert first.min() >= -1
    assert first.max() <= 3
    assert torch.allclose(first.mean(0), torch.ones(2), atol=0.15)


def test_a_slice_gives_points_of_input_space_by_their_places():
    where = cube.Slice(
        torch.ones(3), torch.tensor([[0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]), torch.zeros(2), torch.tensor([1.0, 4.0])
    )
    assert where.corners.tolist() == [[0, 0], [1, 0], [1, 4], [0, 4]]
    assert where.at(where.corners).tolist() == [[1, 1, 1], [1, 3, 1], [1, 3, 5], [1, 1, 5]]
    assert cube.whole(1, low=-1.0).corners.tolist() == [[-1], [1]]
    ends = torch.rand(2, 5, generator=torch.Generator().manual_seed(0)).double()
    stretch = cube.between(*ends)
    assert torch.allclose(stretch.at(stretch.corners), ends)


@pytest.mark.parametrize(
    ("axes", "high", "message"),
    [
        ([[1.0, 0.0], [2.0, 0.0]], [1.0, 1.0], "must have a length or an area"),
        ([[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0], "must have a length or an area"),
        ([[1.0, 0.0], [0.0, float("nan")]], [1.0, 1.0], "must be finite"),
        ([[1.0, 0.0, 0.0]], [1.0], "one or two axes of its origin's dimension"),
        ([[1.0, 0.0]], [1.0, 1.0], "as many bounds"),
    ],
)
def test_a_slice_without_length_or_area_is_refused(axes, high, message):
    with pytest.raises(ValueError, match=message):
        cube.Slice(torch.zeros(2), torch.tensor(axes), torch.zeros(len(axes)), torch.tensor(high))


def test_the_whole_range_of_more_than_two_dimensions_is_no_slice():
    with pytest.raises(ValueError, match="one or two axes"):
        cube.whole(3)
