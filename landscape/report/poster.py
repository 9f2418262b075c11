"""Posters: still pictures of sheets on a transparent ground, as the viewer first shows them.

PyVista draws them in a separate process where GL works (`gl.py`, `mesh.py`), matplotlib elsewhere. Both get the same colours
and camera, so that the page can lay the same axes and samples over either picture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import contourpy
import matplotlib as mpl
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from landscape.figures.scene import BOX_HEIGHT, Sheet, hidden
from landscape.figures.theme import INK, pixels
from landscape.figures.view import View
from landscape.report import gl

POSTER_SIDE = 160  # grid points along a side of the sheet: more are not seen at a poster's size
FLAT_POSTER_SIDE = 90  # the same for matplotlib, which draws each cell as a polygon
CONTOUR_LIFT = 0.004  # the height of contour lines above the sheet, which would else cover parts of them
CONTOUR_OPACITY = 0.55


class Painter(ABC):
    """Draws sheets. A subclass supplies `paint`."""

    @abstractmethod
    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        """The sheet in `colours` (rows, columns, 3) with lines at the levels `contours`, over view.area: (h, w, 4) of uint8.

        A sheet without a whole cell gives a transparent picture."""

    def beside(
        self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray
    ) -> Callable[[], np.ndarray | None]:
        """A function for a thread beside, which draws as `paint`; it returns None where `paint` must draw: matplotlib does not
        draw in two threads."""
        return lambda: None


@contextmanager
def painter() -> Iterator[Painter]:
    """The best painter that works on this machine. Its process starts now, to be ready for the first poster."""
    hand = CarefulPainter()
    try:
        yield hand
    finally:
        hand.close()


class CarefulPainter(Painter):
    """Draws with VTK in a separate process, which failing GL libraries may crash; with matplotlib once no process draws."""

    def __init__(self) -> None:
        self._flat = FlatPainter()
        self._process = gl.begin()
        self._draws = False

    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        image = self.beside(sheet, colours, view, contours)()
        return self._flat.paint(sheet, colours, view, contours) if image is None else image

    def beside(
        self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray
    ) -> Callable[[], np.ndarray | None]:
        if not sheet.whole_cells().any():
            return lambda: blank(view)
        if self._process is not None and not self._draws:
            self._process = gl.settled(self._process)
            self._draws = self._process is not None
        return partial(self._asked, (sheet, colours, view, contours))

    def _asked(self, request: Any) -> np.ndarray | None:
        process = self._process
        try:
            return None if process is None else np.asarray(process.ask(request))
        except gl.Lost:
            self.close()
            return None

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.close()


def blank(view: View) -> np.ndarray:
    """A transparent picture over view.area: (h, w, 4) of uint8."""
    return np.zeros((round(view.area[3]), round(view.area[2]), 4), np.uint8)


class FlatPainter(Painter):
    """Draws with matplotlib: the sheet's cells are projected and painted from the farthest to the nearest."""

    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        if not sheet.whole_cells().any():
            return blank(view)
        left, top, width, height = view.area
        figure = Figure(figsize=(width / 100, height / 100), dpi=100)
        figure.patch.set_alpha(0)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(left, left + width), ylim=(top + height, top))
        axes.set_axis_off()
        axes.add_collection(_cells(sheet, colours, view))
        axes.add_collection(_lines(sheet, view, contours))
        with mpl.rc_context({"path.simplify": False}):
            return pixels(figure)


def _cells(sheet: Sheet, colours: np.ndarray, view: View) -> PolyCollection:
    stride = max(1, -(-max(sheet.level.shape) // FLAT_POSTER_SIDE))
    points, kept = sheet.points()[::stride, ::stride], Sheet(sheet.level[::stride, ::stride], sheet.depth).whole_cells()
    flat = view.project(points.reshape(-1, 3)).reshape(*points.shape[:2], 2)
    corners = np.stack([flat[:-1, :-1], flat[:-1, 1:], flat[1:, 1:], flat[1:, :-1]], axis=2)
    centres = (points[:-1, :-1] + points[1:, 1:]) / 2
    far_first = np.argsort(-np.linalg.norm(centres - view.eye, axis=-1)[kept])
    colour = colours[::stride, ::stride]
    mean = (colour[:-1, :-1].astype(float) + colour[1:, 1:] + colour[:-1, 1:] + colour[1:, :-1]) / 4 / 255
    filled = mean[kept][far_first]
    return PolyCollection(corners[kept][far_first].tolist(), facecolors=filled, edgecolors=filled, linewidths=0.4)


def _lines(sheet: Sheet, view: View, contours: np.ndarray) -> LineCollection:
    """Contour lines on the sheet, cut into short pieces; pieces behind the sheet are left out."""
    rows, columns = sheet.level.shape
    x, y = np.linspace(-1, 1, columns), np.linspace(-sheet.depth, sheet.depth, rows)
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(sheet.level))
    pieces = [np.zeros((0, 2, 3))]
    for level in contours:
        for line in generator.lines(level):
            raised = np.column_stack([np.asarray(line), np.full(len(line), level * BOX_HEIGHT + CONTOUR_LIFT)])
            pieces.append(np.stack([raised[:-1], raised[1:]], axis=1))
    segments = np.concatenate(pieces)
    seen = segments[~hidden(sheet, segments.mean(axis=1), view.eye)]
    flat = view.project(seen.reshape(-1, 3)).reshape(-1, 2, 2)
    return LineCollection(flat.tolist(), colors=INK, linewidths=0.8, alpha=CONTOUR_OPACITY)
