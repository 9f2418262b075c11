"""Squares and segments that are cut along lines: the number, size, signs and numbering of the cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from landscape.measures.exact.subdivision import Partition, Subdivision

SQUARE = np.array([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])


def at(normals: np.ndarray, shifts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values of affine functions, divided by the size of their terms: (V, K)."""
    return (points @ normals.T - shifts) / (np.abs(normals).sum(1) + np.abs(shifts))


def random_lines(count: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    normals = generator.normal(size=(count, 2))
    return normals, (normals * generator.uniform(size=(count, 2))).sum(1)


def cells_by_euler(normals: np.ndarray, shifts: np.ndarray) -> int:
    """The number of cells: each line that crosses the square adds a cell, and another for each line that it meets inside."""
    pairs = itertools.combinations(range(len(normals)), 2)
    crossings = [np.linalg.solve(normals[[a, b]], shifts[[a, b]]) for a, b in pairs]
    return 1 + len(normals) + sum(bool(((point > 0) & (point < 1)).all()) for point in crossings)


def corners_of(cells: Subdivision | Partition) -> list[np.ndarray]:
    begins, places = cells.corners()
    return np.split(places, begins[1:-1])


def test_a_cross_makes_quarters():
    """The part where the function is negative keeps the number of the cell."""
    cells = Subdivision(SQUARE)
    normals, shifts = np.eye(2), np.full(2, 0.5)
    values, before = cells.cut(at(normals, shifts, cells.points))
    assert before.tolist() == [0, 0, 0, 0]
    assert cells.measures().tolist() == [0.25] * 4
    assert len(cells.points) == 9
    assert values == pytest.approx(at(normals, shifts, cells.points), abs=0)
    assert cells.points[corners_of(cells)[0]].max() == 0.5


@pytest.mark.parametrize("once", [True, False])
def test_random_lines_make_as_many_cells_as_euler_says(once: bool):
    normals, shifts = random_lines(30)
    cells = Subdivision(SQUARE)
    for some in [slice(None)] if once else [slice(k, k + 1) for k in range(30)]:
        values, _ = cells.cut(at(normals[some], shifts[some], cells.points))
        assert values == pytest.approx(at(normals[some], shifts[some], cells.points), abs=1e-14)
    assert cells.cells == cells_by_euler(normals, shifts)
    assert cells.measures().min() > 0
    assert cells.measures().sum() == pytest.approx(1, abs=1e-14)


def test_functions_keep_their_signs_within_a_cell():
    normals, shifts = random_lines(30)
    cells = Subdivision(SQUARE)
    values, _ = cells.cut(at(normals, shifts, cells.points))
    signs = np.sign(values)
    seen = set()
    for own in corners_of(cells):
        assert (signs[own].min(0) * signs[own].max(0) >= 0).all()
        seen.add(tuple(signs[own].sum(0) > 0))
    assert len(seen) == cells.cells


def test_a_line_through_corners_cuts_no_side():
    cells = Subdivision(SQUARE)
    values, _ = cells.cut(cells.points[:, :1] - cells.points[:, 1:])
    assert len(values) == 4
    assert cells.measures().tolist() == [0.5, 0.5]


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_a_line_along_a_side_or_beside_the_square_cuts_nothing(shift: float):
    cells = Subdivision(SQUARE)
    cells.cut(cells.points[:, :1] - shift)
    assert cells.cells == 1


def test_polygons_side_by_side_are_cut_as_each_alone():
    normals, shifts = random_lines(8)
    both, alone = Subdivision(np.concatenate([SQUARE, 2 * SQUARE])), Subdivision(2 * SQUARE)
    _, before = both.cut(at(normals, shifts, both.points))
    alone.cut(at(normals, shifts, alone.points))
    assert np.sort(both.measures()[before == 1]) == pytest.approx(np.sort(alone.measures()))
    assert both.measures()[before == 0].sum() == pytest.approx(1)


def test_a_cell_cut_twice_in_a_call_is_part_of_what_it_was():
    cells = Subdivision(SQUARE)
    cells.cut(cells.points[:, :1] - 0.5)
    _, before = cells.cut(at(np.eye(2)[[0, 0, 1]], np.array([0.6, 0.8, 0.5]), cells.points))
    assert np.bincount(before, cells.measures()).tolist() == pytest.approx([0.5, 0.5])
    assert np.bincount(before).tolist() == [2, 6]


def test_a_stretch_breaks_where_functions_are_zero():
    cells = Partition(np.array([[[0.0], [1.0]], [[2.0], [4.0]]]))
    slopes, shifts = np.array([[1.0], [-2.0], [1.0]]), np.array([0.25, -1.0, 3.0])
    values, before = cells.cut(at(slopes, shifts, cells.points))
    assert before.tolist() == [0, 0, 0, 1, 1]
    assert cells.measures().tolist() == [0.25, 0.25, 0.5, 1.0, 1.0]
    assert values == pytest.approx(at(slopes, shifts, cells.points), abs=0)
    assert [cells.points[own, 0].tolist() for own in corners_of(cells)] == [
        [0, 0.25],
        [0.25, 0.5],
        [0.5, 1],
        [2, 3],
        [3, 4],
    ]
