"""Subdivisions of segments and convex polygons, cut along the zeros of functions that are affine on each cell."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Int

NO_CELL = -1  # the cell beyond the boundary of a polygon
ZERO_TOLERANCE = 1e-13  # values as small as this are rounding errors: the vertex is on the line


class Subdivision:
    """One or more convex polygons, cut into convex cells along the zeros of functions that are given by values at the vertices.

    `points` (V, 2) are the vertices. `edges` (4, K) hold, in each column, the start and the end vertex, and the cells on the
    left and on the right, NO_CELL beyond a polygon. A cut cell keeps its number for the part where the function is negative;
    the other part becomes a new cell. No coordinates are compared: everything follows from the signs of the values at shared
    vertices. So cells never overlap, and leave no gap."""

    def __init__(self, polygons: Float[np.ndarray, "polygons corners 2"]) -> None:
        count, corners, _ = polygons.shape
        self.points: Float[np.ndarray, "vertices 2"] = polygons.reshape(-1, 2).astype(np.float64)
        here = np.arange(count * corners).reshape(count, corners)
        cell = np.repeat(np.arange(count), corners)
        beyond = np.full(count * corners, NO_CELL)
        self._edges = _Columns(np.stack([here.ravel(), np.roll(here, -1, 1).ravel(), cell, beyond]), np.int64)
        self.cells = count
        # Scratch arrays of `_cut`, with a place for each cell and, as their last place, one for NO_CELL.
        self._enter, self._leave, self._fresh, self._negative = _scratch(count)

    @property
    def edges(self) -> Int[np.ndarray, "4 edges"]:
        return self._edges.view

    def cut(
        self, values: Float[np.ndarray, "vertices functions"]
    ) -> tuple[Float[np.ndarray, "more_vertices functions"], Int[np.ndarray, "more_cells"]]:
        """Cut the cells along the zeros of functions that are affine on every cell and continuous across edges.

        `values` (V, functions) are those at the vertices, divided by the size of the terms that they are sums of, as rounding
        errors are in proportion to that size. Returns the values at old and new vertices, exact zeros on the lines, and for
        each cell the number of the cell that it was part of before."""
        values = _snapped(values)
        signs = _Columns(np.sign(values).T, np.int8)
        held = _Columns(
            np.hstack([values, self.points]).T, np.float64, order="F"
        )  # the values of a vertex are contiguous
        both = (values.min(0) < 0) & (values.max(0) > 0)  # functions of one sign cut nothing
        before = np.concatenate(
            [np.arange(self.cells), *(self._cut(held, signs, row) for row in np.flatnonzero(both).tolist())]
        )
        while not np.array_equal(before, before[before]):  # follow new cells that were cut again
            before = before[before]
        self.points = held.view[-2:].T.copy()
        return held.view[:-2].T, before

    def sides(self) -> Int[np.ndarray, "3 sides"]:
        """All sides of all cells, in no order: cell, first and second vertex, counter-clockwise: (3, sides)."""
        start, end, left, right = self.edges
        inner = right != NO_CELL
        return np.hstack([np.stack([left, start, end]), np.stack([right, end, start])[:, inner]])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """The list of each cell's vertices, counter-clockwise, one cell after another; first where each cell begins in it."""
        cell, first, second = self.sides()
        keys = cell * len(self.points)
        order = np.argsort(keys + first)
        following = np.searchsorted((keys + first)[order], (keys + second)[order])
        counts = np.bincount(cell, minlength=self.cells)
        begins = np.concatenate([[0], counts.cumsum()])
        first, vertices, here = first[order], np.empty(len(cell), np.int64), begins[:-1].copy()
        for place in range(int(counts.max())):
            some = place < counts
            vertices[begins[:-1][some] + place] = first[here[some]]
            here = following[here]
        return begins, vertices

    def measures(self) -> Float[np.ndarray, "cells"]:
        """The area of each cell: (cells,). Up to rounding, the areas of a polygon's cells add up to its own."""
        cell, first, second = self.sides()
        (x, y), (x_after, y_after) = self.points[first].T, self.points[second].T
        return np.bincount(cell, (x * y_after - y * x_after) / 2, self.cells)

    def _cut(self, held: _Columns, signs: _Columns, row: int) -> Int[np.ndarray, "cuts"]:
        """Cut along the zeros of one function. Returns the cells that were cut; their new parts are numbered in this order.

        1. `_split` puts a vertex on each edge along which the sign changes. Every edge then has one sign or lies on the line.
        2. The boundary of a cell that the line crosses enters the positive side at one vertex and leaves it at another. These
           two vertices are found from the positive edges that begin or end on the line.
        3. A cell is cut if its boundary enters the positive side, and has an edge from or to the line on the negative side.
        4. The positive edges of a cut cell go to its new part. A new edge joins the two vertices."""
        side = self._split(held, signs, row)
        sign = signs.view[row]
        start, end, left, right = self.edges
        rises, falls = (side == 1).nonzero()[0], (side == -1).nonzero()[0]
        starts = sign[start[rises]] == 0
        vertex = np.where(starts, start[rises], end[rises])
        entered = np.where(
            starts, left[rises], right[rises]
        )  # the cells whose boundaries enter the positive side there
        self._enter[entered] = vertex
        self._leave[np.where(starts, right[rises], left[rises])] = vertex
        self._negative[left[falls]] = self._negative[right[falls]] = True
        self._negative[NO_CELL] = False
        last = self._enter[entered] == vertex
        cuts: np.ndarray = entered[self._negative[entered] & last]
        twice = entered[~last & (entered != NO_CELL)]
        if len(
            twice
        ):  # the boundary of a convex cell enters once; rounding made it enter twice, and the cell is left whole
            cuts = cuts[~np.isin(cuts, twice)]
        self._negative[left[falls]] = self._negative[right[falls]] = False
        if not len(cuts):
            return cuts
        fresh = np.arange(self.cells, self.cells + len(cuts))
        self._fresh[cuts] = fresh
        positive = (side > 0).nonzero()[0]
        left[positive], right[positive] = self._fresh[left[positive]], self._fresh[right[positive]]
        self._fresh[cuts] = cuts
        more = self._edges.grow(len(cuts))
        more[0], more[1], more[2], more[3] = self._leave[cuts], self._enter[cuts], fresh, cuts
        self.cells += len(cuts)
        if self.cells >= len(self._fresh):
            self._enter, self._leave, self._fresh, self._negative = _scratch(2 * self.cells)
        return cuts

    def _split(self, held: _Columns, signs: _Columns, row: int) -> Int[np.ndarray, "edges"]:
        """Put a new vertex on each edge along which the sign changes. The edge keeps its first part; the rest is a new edge.

        Returns for each edge the sum of the signs at its ends, which is ±1 for an edge with one end on the line."""
        start, end, left, right = self.edges
        sign = signs.view[row]
        first, last = sign[start], sign[end]
        crossed = (first * last < 0).nonzero()[0]
        if not len(crossed):
            return np.asarray(first + last)
        a, b = start[crossed], end[crossed]
        new = np.arange(held.size, held.size + len(crossed))
        here, after = held.view.T[a], held.view.T[b]
        share = here[:, row] / (here[:, row] - after[:, row])
        between = here + share[:, None] * (after - here)
        values = _snapped(between[:, :-2])
        values[:, row] = 0
        signs.grow(len(crossed))[:] = np.sign(values).T
        between[:, :-2] = values
        held.grow(len(crossed)).T[:] = between
        end[crossed] = new
        more = self._edges.grow(len(crossed))
        more[0], more[1], more[2], more[3] = new, b, left[crossed], right[crossed]
        side = np.concatenate([first + last, last[crossed]])
        side[crossed] = first[crossed]
        return side


def _scratch(cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Arrays for the cells that a cut touches: vertices of entry and exit, the new part of a cell, whether it has a negative
    part. Every cell is its own new part, and none has a negative part; a cut restores these values."""
    fresh = np.arange(cells + 1)
    fresh[-1] = NO_CELL
    return np.empty(cells + 1, np.int64), np.empty(cells + 1, np.int64), fresh, np.zeros(cells + 1, bool)


class Partition:
    """One or more segments, cut into cells; it has the methods of a Subdivision. `points` (V, 1) are the ends of cells."""

    def __init__(self, stretches: Float[np.ndarray, "stretches 2 1"]) -> None:
        count = len(stretches)
        self.points: Float[np.ndarray, "vertices 1"] = stretches.reshape(-1, 1).astype(np.float64)
        self._begins, self._ends = 2 * np.arange(count), 2 * np.arange(count) + 1

    @property
    def cells(self) -> int:
        return len(self._begins)

    def cut(
        self, values: Float[np.ndarray, "vertices functions"]
    ) -> tuple[Float[np.ndarray, "more_vertices functions"], Int[np.ndarray, "more_cells"]]:
        """Cut as Subdivision.cut does. The parts of a cell follow each other."""
        values = _snapped(values)
        at, after = values[self._begins], values[self._ends]
        cell, row = np.nonzero(np.sign(at) * np.sign(after) < 0)
        share = at[cell, row] / (at[cell, row] - after[cell, row])
        order = np.lexsort([share, cell])
        row, cell, share = row[order], cell[order], share[order, None]
        first = self.points[self._begins[cell]]
        more = at[cell] + share * (after[cell] - at[cell])
        more[np.arange(len(row)), row] = 0
        more = _snapped(more)
        # A zero at which the function of the next zero vanishes, too, is the same place: both zeros become one vertex.
        same = np.zeros(len(cell), bool)
        same[1:] = (cell[1:] == cell[:-1]) & (more[np.arange(len(row) - 1), row[1:]] == 0)
        more[np.maximum.accumulate(np.where(same, 0, np.arange(len(cell)))), row] = 0
        cell, share, more, first = cell[~same], share[~same], more[~same], first[~same]
        points = np.concatenate([self.points, first + share * (self.points[self._ends[cell]] - first)])
        fresh = len(self.points) + np.arange(len(cell))
        parts = np.bincount(cell, minlength=self.cells)
        before = np.repeat(np.arange(self.cells), parts + 1)
        ends_old = np.cumsum(parts + 1)
        begins, ends = np.empty((2, len(before)), np.int64)
        old = np.zeros(len(before), bool)
        old[ends_old - 1] = True
        ends[old], ends[~old] = self._ends, fresh
        first_part = np.roll(old, 1)
        begins[first_part], begins[~first_part] = self._begins, fresh
        self.points, self._begins, self._ends = points, begins, ends
        return np.concatenate([values, more]), before

    def sides(self) -> Int[np.ndarray, "3 sides"]:
        """The sides as of a Subdivision: each cell has two of them, there and back: (3, sides)."""
        cell = np.arange(self.cells)
        return np.hstack([np.stack([cell, self._begins, self._ends]), np.stack([cell, self._ends, self._begins])])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """The list of each cell's two ends, one cell after another; first where each cell begins in it."""
        return 2 * np.arange(self.cells + 1), np.stack([self._begins, self._ends], 1).ravel()

    def measures(self) -> Float[np.ndarray, "cells"]:
        """The length of each cell: (cells,)."""
        lengths: np.ndarray = self.points[self._ends, 0] - self.points[self._begins, 0]
        return lengths


def _snapped(values: np.ndarray) -> np.ndarray:
    """The values, with exact zeros for rounding errors."""
    return np.where(np.abs(values) <= ZERO_TOLERANCE, 0, values)


class _Columns:
    """An array (rows, size) that grows by columns. In order F, a column is contiguous."""

    def __init__(self, first: np.ndarray, kind: type, order: Literal["C", "F"] = "C") -> None:
        self.size, self._order = first.shape[1], order
        self._room: np.ndarray = first.astype(kind, order)

    @property
    def view(self) -> np.ndarray:
        return self._room[:, : self.size]

    def grow(self, count: int) -> np.ndarray:
        """Add `count` columns and return them, to be filled."""
        begin, self.size = self.size, self.size + count
        if self.size > self._room.shape[1]:
            grown = np.empty((len(self._room), 2 * self.size), self._room.dtype, self._order)
            grown[:, :begin] = self._room[:, :begin]
            self._room = grown
        return self._room[:, begin : self.size]
