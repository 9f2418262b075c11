"""Stretches of lines and convex polygons, cut where functions that are affine on each cell are zero."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Int

OUTSIDE = -1
CLOSE = 1e-13  # values nearer to zero are rounding: the vertex is on the line


class Subdivision:
    """The cells of one or more polygons, all convex, and what is affine along every edge: values at the vertices.

    `points` (V, 2). `edges` (4, K): start, end, and the cells to the left and right, OUTSIDE (−1) beyond a polygon. Cells keep
    their number when they are cut: the part where the value is negative is the old cell, the other part a new one. No
    coordinates are compared: all follows from the signs of values at shared vertices, so cells never overlap or gape."""

    def __init__(self, polygons: Float[np.ndarray, "polygons corners 2"]) -> None:
        count, corners, _ = polygons.shape
        self.points: Float[np.ndarray, "vertices 2"] = polygons.reshape(-1, 2).astype(np.float64)
        here = np.arange(count * corners).reshape(count, corners)
        cell = np.repeat(np.arange(count), corners)
        beyond = np.full(count * corners, OUTSIDE)
        self._edges = _Columns(np.stack([here.ravel(), np.roll(here, -1, 1).ravel(), cell, beyond]), np.int64)
        self.cells = count
        # Of each cell and, at the end, of OUTSIDE: what a cut notes for the cells that it touches, and leaves as it was.
        self._enter, self._leave, self._fresh, self._negative = _noted(count)

    @property
    def edges(self) -> Int[np.ndarray, "4 edges"]:
        return self._edges.view

    def cut(
        self, values: Float[np.ndarray, "vertices functions"]
    ) -> tuple[Float[np.ndarray, "more_vertices functions"], Int[np.ndarray, "more_cells"]]:
        """Cut along the zeros of functions, each affine on every cell and continuous across edges.

        Values are shares of the size of the terms they are sums of, to which rounding errors are in proportion. Returns those
        at old and new vertices, exact zeros on the lines, and the cell that each cell was before."""
        values = _snapped(values)
        signs = _Columns(np.sign(values).T, np.int8)
        held = _Columns(np.hstack([values, self.points]).T, np.float64, order="F")  # of each vertex in one piece
        both = (values.min(0) < 0) & (values.max(0) > 0)  # new vertices lie between old ones
        before = np.concatenate(
            [np.arange(self.cells), *(self._cut(held, signs, row) for row in np.flatnonzero(both).tolist())]
        )
        while not np.array_equal(before, before[before]):  # some of what was cut was new itself
            before = before[before]
        self.points = held.view[-2:].T.copy()
        return held.view[:-2].T, before

    def sides(self) -> Int[np.ndarray, "3 sides"]:
        """Every side of every cell, in no order: its cell, its first and its second vertex, counter-clockwise."""
        start, end, left, right = self.edges
        inner = right != OUTSIDE
        return np.hstack([np.stack([left, start, end]), np.stack([right, end, start])[:, inner]])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """Where each cell's vertices begin in a list of all cells', and where the last ends; that list, counter-clockwise."""
        cell, first, second = self.sides()
        keys = cell * len(self.points)
        order = np.argsort(keys + first)
        following = np.searchsorted((keys + first)[order], (keys + second)[order])
        counts = np.bincount(cell, minlength=self.cells)
        begins = np.concatenate([[0], counts.cumsum()])
        first, found, here = first[order], np.empty(len(cell), np.int64), begins[:-1].copy()
        for place in range(int(counts.max())):
            some = place < counts
            found[begins[:-1][some] + place] = first[here[some]]
            here = following[here]
        return begins, found

    def measures(self) -> Float[np.ndarray, "cells"]:
        """The area of each cell: (cells,); those of a polygon add up to its own."""
        cell, first, second = self.sides()
        (x, y), (x_after, y_after) = self.points[first].T, self.points[second].T
        return np.bincount(cell, (x * y_after - y * x_after) / 2, self.cells)

    def _cut(self, held: _Columns, signs: _Columns, row: int) -> Int[np.ndarray, "cuts"]:
        """Returns the cells that were cut; their new parts are numbered in this order."""
        side = self._split(held, signs, row)
        sign = signs.view[row]
        start, end, left, right = self.edges
        rises, falls = (side == 1).nonzero()[0], (side == -1).nonzero()[0]
        starts = sign[start[rises]] == 0
        vertex = np.where(starts, start[rises], end[rises])  # where cells' boundaries cross the line
        one, other = left[rises], right[rises]
        entered = np.where(starts, one, other)  # by their boundary, into the positive side
        self._enter[entered] = vertex
        self._leave[np.where(starts, other, one)] = vertex
        self._negative[left[falls]] = self._negative[right[falls]] = True
        self._negative[OUTSIDE] = False
        last = self._enter[entered] == vertex
        cuts: np.ndarray = entered[self._negative[entered] & last]
        twice = entered[~last & (entered != OUTSIDE)]
        if len(twice):  # not convex but for rounding, which is all that the values there are: left whole
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
            self._enter, self._leave, self._fresh, self._negative = _noted(2 * self.cells)
        return cuts

    def _split(self, held: _Columns, signs: _Columns, row: int) -> Int[np.ndarray, "edges"]:
        """A new vertex on each edge along which the sign changes; the edge keeps its first part.

        Returns the sum of the signs at every edge's ends, ±1 where it begins or ends on the line."""
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


def _noted(cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    fresh = np.arange(cells + 1)
    fresh[-1] = OUTSIDE
    return np.empty(cells + 1, np.int64), np.empty(cells + 1, np.int64), fresh, np.zeros(cells + 1, bool)


class Partition:
    """The cells of stretches of lines, cut as a Subdivision is: `points` (V, 1) are where cells begin and end."""

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
        """As Subdivision.cut; the parts of a cell follow each other."""
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
        # Where the one before is zero, too, the two are one place, at which both functions are zero.
        one = np.zeros(len(cell), bool)
        one[1:] = (cell[1:] == cell[:-1]) & (more[np.arange(len(row) - 1), row[1:]] == 0)
        more[np.maximum.accumulate(np.where(one, 0, np.arange(len(cell)))), row] = 0
        cell, share, more, first = cell[~one], share[~one], more[~one], first[~one]
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
        """As of a Subdivision whose cells have two sides, there and back."""
        cell = np.arange(self.cells)
        return np.hstack([np.stack([cell, self._begins, self._ends]), np.stack([cell, self._ends, self._begins])])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """Where each cell's two vertices begin in a list of all cells', and that list."""
        return 2 * np.arange(self.cells + 1), np.stack([self._begins, self._ends], 1).ravel()

    def measures(self) -> Float[np.ndarray, "cells"]:
        """The length of each cell: (cells,)."""
        lengths: np.ndarray = self.points[self._ends, 0] - self.points[self._begins, 0]
        return lengths


def _snapped(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) <= CLOSE, 0, values)


class _Columns:
    """An array (rows, size) that grows by columns; of order F, a column lies in one piece."""

    def __init__(self, first: np.ndarray, kind: type, order: Literal["C", "F"] = "C") -> None:
        self.size, self._order = first.shape[1], order
        self._room: np.ndarray = first.astype(kind, order)

    @property
    def view(self) -> np.ndarray:
        return self._room[:, : self.size]

    def grow(self, count: int) -> np.ndarray:
        """The new columns, to be filled."""
        begin, self.size = self.size, self.size + count
        if self.size > self._room.shape[1]:
            grown = np.empty((len(self._room), 2 * self.size), self._room.dtype, self._order)
            grown[:, :begin] = self._room[:, :begin]
            self._room = grown
        return self._room[:, begin : self.size]
