"""Stretches of lines and convex polygons, cut where functions that are affine on each cell are zero."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

OUTSIDE = -1
CLOSE = 1e-13  # values nearer to zero are rounding: the vertex is on the line


class Subdivision:
    """The cells of one or more polygons, all convex, and what is affine along every edge: values at the vertices.

    `points` (2, V). `edges` (4, K): start, end, and the cells to the left and right, OUTSIDE (−1) beyond a polygon. Cells keep
    their number when they are cut: the part where the value is negative is the old cell, the other part a new one. No
    coordinates are compared: all follows from the signs of values at shared vertices, so cells never overlap or gape."""

    def __init__(self, polygons: Float[np.ndarray, "polygons corners 2"]) -> None:
        count, corners, _ = polygons.shape
        self._points = _Columns(polygons.reshape(-1, 2).T.astype(np.float64))
        here = np.arange(count * corners).reshape(count, corners)
        cell = np.repeat(np.arange(count), corners)
        beyond = np.full(count * corners, OUTSIDE)
        self._edges = _Columns(np.stack([here.ravel(), np.roll(here, -1, 1).ravel(), cell, beyond]))
        self.cells = count

    @property
    def points(self) -> Float[np.ndarray, "2 vertices"]:
        return self._points.view

    @property
    def edges(self) -> Int[np.ndarray, "4 edges"]:
        return self._edges.view

    def cut(
        self, values: Float[np.ndarray, "functions vertices"]
    ) -> tuple[Float[np.ndarray, "functions more_vertices"], Int[np.ndarray, "more_cells"]]:
        """Cut along the zeros of functions, each affine on every cell and continuous across edges.

        Values are shares of the size of the terms they are sums of, to which rounding errors are in proportion. Returns those
        at old and new vertices, exact zeros on the lines, and the cell that each cell was before."""
        held, before = _Columns(values.copy()), _Columns(np.arange(self.cells)[None])
        for row in range(len(values)):
            self._cut(held, row, before)
        return held.view, before.view[0]

    def sides(self) -> Int[np.ndarray, "3 sides"]:
        """Every side of every cell, in no order: its cell, its first and its second vertex, counter-clockwise."""
        start, end, left, right = self.edges
        inner = right != OUTSIDE
        return np.hstack([np.stack([left, start, end]), np.stack([right, end, start])[:, inner]])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """Where each cell's vertices begin in a list of all cells', and where the last ends; that list, counter-clockwise."""
        cell, first, second = self.sides()
        keys = cell * self.points.shape[1]
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
        (x, y), (x_after, y_after) = self.points[:, first], self.points[:, second]
        return np.bincount(cell, (x * y_after - y * x_after) / 2, self.cells)

    def _cut(self, held: _Columns, row: int, before: _Columns) -> None:
        value = held.view[row]
        value[np.abs(value) <= CLOSE] = 0
        if not (value.min() < 0 < value.max()):
            return
        sign = (value > 0).astype(np.int8) - (value < 0)
        self._split(held, row, sign)
        sign = np.concatenate([sign, np.zeros(held.size - len(sign), np.int8)])
        start, end, left, right = self.edges
        both = sign[start] + sign[end]  # no edge has both signs any more: ±1 where an edge begins or ends on the line
        rises, falls = np.flatnonzero(both == 1), np.flatnonzero(both == -1)
        starts = sign[start[rises]] == 0
        on_line = np.where(starts, start[rises], end[rises])
        enter, leave = np.full(
            (2, self.cells + 1), OUTSIDE
        )  # where a cell's boundary enters the positive side; the last: OUTSIDE
        enter[np.where(starts, left[rises], right[rises])] = on_line
        leave[np.where(starts, right[rises], left[rises])] = on_line
        negative = np.zeros(self.cells + 1, bool)
        negative[left[falls]] = negative[right[falls]] = True
        cuts = np.flatnonzero(negative[:-1] & (enter[:-1] != OUTSIDE))
        if not len(cuts):
            return
        fresh = np.arange(self.cells + 1)
        fresh[-1] = OUTSIDE
        fresh[cuts] = np.arange(self.cells, self.cells + len(cuts))
        positive = np.flatnonzero(both > 0)
        left[positive], right[positive] = fresh[left[positive]], fresh[right[positive]]
        self._edges.append(np.stack([leave[cuts], enter[cuts], fresh[cuts], cuts]))
        before.append(before.view[:, cuts])
        self.cells += len(cuts)

    def _split(self, held: _Columns, row: int, sign: Int[np.ndarray, "vertices"]) -> None:
        """A new vertex on each edge along which the sign changes; the edge keeps its first part."""
        start, end, left, right = self.edges
        crossed = np.flatnonzero(sign[start] * sign[end] < 0)
        if not len(crossed):
            return
        a, b = start[crossed], end[crossed]
        share = held.view[row, a] / (held.view[row, a] - held.view[row, b])
        new = np.arange(held.size, held.size + len(crossed))
        for columns in (self._points, held):
            first = columns.view[:, a]
            columns.append(first + share * (columns.view[:, b] - first))
        held.view[row, new] = 0
        end[crossed] = new
        self._edges.append(np.stack([new, b, left[crossed], right[crossed]]))


class Partition:
    """The cells of stretches of lines, cut as a Subdivision is: `points` (1, V) are where cells begin and end."""

    def __init__(self, stretches: Float[np.ndarray, "stretches 2 1"]) -> None:
        count = len(stretches)
        self.points: Float[np.ndarray, "1 vertices"] = stretches.reshape(1, -1).astype(np.float64)
        self._begins, self._ends = 2 * np.arange(count), 2 * np.arange(count) + 1

    @property
    def cells(self) -> int:
        return len(self._begins)

    def cut(
        self, values: Float[np.ndarray, "functions vertices"]
    ) -> tuple[Float[np.ndarray, "functions more_vertices"], Int[np.ndarray, "more_cells"]]:
        """As Subdivision.cut; the parts of a cell follow each other."""
        values = _snapped(values)
        at, after = values[:, self._begins], values[:, self._ends]
        row, cell = np.nonzero(np.sign(at) * np.sign(after) < 0)
        share = at[row, cell] / (at[row, cell] - after[row, cell])
        order = np.lexsort([share, cell])
        row, cell, share = row[order], cell[order], share[order]
        fresh = self.points.shape[1] + np.arange(len(cell))
        first = self.points[:, self._begins[cell]]
        points = np.hstack([self.points, first + share * (self.points[:, self._ends[cell]] - first)])
        more = at[:, cell] + share * (after[:, cell] - at[:, cell])
        more[row, np.arange(len(row))] = 0
        more = _snapped(more)
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
        return np.hstack([values, more]), before

    def sides(self) -> Int[np.ndarray, "3 sides"]:
        """As of a Subdivision whose cells have two sides, there and back."""
        cell = np.arange(self.cells)
        return np.hstack([np.stack([cell, self._begins, self._ends]), np.stack([cell, self._ends, self._begins])])

    def corners(self) -> tuple[Int[np.ndarray, "more_cells"], Int[np.ndarray, "sides"]]:
        """Where each cell's two vertices begin in a list of all cells', and that list."""
        return 2 * np.arange(self.cells + 1), np.stack([self._begins, self._ends], 1).ravel()

    def measures(self) -> Float[np.ndarray, "cells"]:
        """The length of each cell: (cells,)."""
        lengths: np.ndarray = self.points[0, self._ends] - self.points[0, self._begins]
        return lengths


def _snapped(values: np.ndarray) -> np.ndarray:
    return np.where(np.abs(values) <= CLOSE, 0, values)


class _Columns:
    """An array (rows, size) that grows by columns."""

    def __init__(self, first: np.ndarray) -> None:
        self.size = first.shape[1]
        self._room = first

    @property
    def view(self) -> np.ndarray:
        return self._room[:, : self.size]

    def append(self, more: np.ndarray) -> None:
        size = self.size + more.shape[1]
        if size > self._room.shape[1]:
            grown = np.empty((len(self._room), 2 * size), self._room.dtype)
            grown[:, : self.size] = self.view
            self._room = grown
        self._room[:, self.size : size] = more
        self.size = size
