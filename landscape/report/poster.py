"""The still picture of a scene's first surface, as the viewer first shows it: WebP with a transparent ground.

PyVista draws it off-screen where GL works (`gl.py`), matplotlib elsewhere. Both get the same colours and camera, so that
the page can lay its own axes and samples over either."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import contourpy
import matplotlib as mpl
import numpy as np
import pyvista
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from landscape.figures.scene import BOX_HEIGHT, Sheet, hidden
from landscape.figures.theme import INK, pixels
from landscape.figures.view import HALF_ANGLE, View
from landscape.report import gl

SIDE = 160  # grid of a poster: finer is not seen at this size
FLAT_SIDE = 90
LINE_LIFT = 0.004  # contour lines lie this far above the sheet, or they would flicker through it
LINE_OPACITY = 0.55


class Painter(ABC):
    """Draws sheets. A new one supplies `paint`."""

    @abstractmethod
    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        """The sheet in `colours` (rows, columns, 3) with lines at the levels `contours`, over view.area: (h, w, 4) of uint8."""


@contextmanager
def painter() -> Iterator[Painter]:
    """The best painter that works on this machine."""
    if not gl.choose_window():
        yield FlatPainter()
        return
    vtk_painter = VtkPainter()
    try:
        yield vtk_painter
    finally:
        vtk_painter.close()


class VtkPainter(Painter):
    """PyVista, off-screen. One window serves all pictures: making one is the slow part."""

    def __init__(self) -> None:
        self._plotters: dict[tuple[int, int], pyvista.Plotter] = {}

    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        size = (round(view.area[2]), round(view.area[3]))
        plotter = self._plotter(size)
        plotter.clear_actors()
        grid = structured_grid(sheet, colours)
        plotter.add_mesh(_without_gaps(grid, sheet), scalars="colour", rgb=True, lighting=False, show_scalar_bar=False)
        lines = grid.contour(contours.tolist(), scalars="level") if len(contours) else None
        if lines is not None and lines.n_points:
            lines.points[:, 2] += LINE_LIFT
            plotter.add_mesh(lines, color=INK, line_width=1.3, opacity=LINE_OPACITY, lighting=False)
        _aim(plotter.camera, view)
        plotter.reset_camera_clipping_range()
        plotter.render()
        return np.asarray(plotter.screenshot(None, transparent_background=True, return_img=True))

    def close(self) -> None:
        for plotter in self._plotters.values():
            plotter.close()
        self._plotters.clear()

    def _plotter(self, size: tuple[int, int]) -> pyvista.Plotter:
        if size not in self._plotters:
            plotter = pyvista.Plotter(off_screen=True, window_size=list(size), lighting="none")
            plotter.enable_anti_aliasing("msaa", multi_samples=8)
            self._plotters[size] = plotter
        return self._plotters[size]


def structured_grid(sheet: Sheet, colours: np.ndarray) -> pyvista.StructuredGrid:
    """The sheet as a PyVista grid with its `level` and `colour` at each point; gaps lie on the floor with level NaN."""
    points = sheet.points().astype(np.float32)
    grid = pyvista.StructuredGrid(points[..., 0], points[..., 1], points[..., 2])
    grid["level"] = sheet.level.ravel(order="F").astype(np.float32)
    grid["colour"] = colours.transpose(1, 0, 2).reshape(-1, 3)
    return grid


def _without_gaps(grid: pyvista.StructuredGrid, sheet: Sheet) -> Any:
    return grid if np.isfinite(sheet.level).all() else grid.extract_cells(whole_cells(sheet.level).ravel(order="F"))


def whole_cells(level: np.ndarray) -> np.ndarray:
    """Cells of the grid with a value at all four corners: (rows − 1, columns − 1) of bool."""
    known = np.isfinite(level)
    return np.asarray(known[:-1, :-1] & known[1:, :-1] & known[:-1, 1:] & known[1:, 1:])


def _aim(camera: Any, view: View) -> None:
    camera.position = view.eye
    camera.focal_point = view.target
    camera.up = view.axes[1]
    camera.SetWindowCenter(0.0, 2 * view.lowered / view.area[3])
    camera.view_angle = np.degrees(2 * np.arctan(np.tan(HALF_ANGLE) * view.area[3] / view.size[1]))


class FlatPainter(Painter):
    """Matplotlib: the sheet's cells projected and painted from the farthest to the nearest."""

    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
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
    stride = max(1, -(-max(sheet.level.shape) // FLAT_SIDE))
    points, kept = sheet.points()[::stride, ::stride], whole_cells(sheet.level[::stride, ::stride])
    flat = view.project(points.reshape(-1, 3)).reshape(*points.shape[:2], 2)
    corners = np.stack([flat[:-1, :-1], flat[:-1, 1:], flat[1:, 1:], flat[1:, :-1]], axis=2)
    centres = (points[:-1, :-1] + points[1:, 1:]) / 2
    far_first = np.argsort(-np.linalg.norm(centres - view.eye, axis=-1)[kept])
    colour = colours[::stride, ::stride]
    mean = (colour[:-1, :-1].astype(float) + colour[1:, 1:] + colour[:-1, 1:] + colour[1:, :-1]) / 4 / 255
    filled = mean[kept][far_first]
    return PolyCollection(corners[kept][far_first].tolist(), facecolors=filled, edgecolors=filled, linewidths=0.4)


def _lines(sheet: Sheet, view: View, contours: np.ndarray) -> LineCollection:
    """Contour lines, cut into pieces of which those behind the sheet are left out."""
    rows, columns = sheet.level.shape
    x, y = np.linspace(-1, 1, columns), np.linspace(-sheet.depth, sheet.depth, rows)
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(sheet.level))
    pieces = [np.zeros((0, 2, 3))]
    for level in contours:
        for line in generator.lines(level):
            raised = np.column_stack([np.asarray(line), np.full(len(line), level * BOX_HEIGHT + LINE_LIFT)])
            pieces.append(np.stack([raised[:-1], raised[1:]], axis=1))
    segments = np.concatenate(pieces)
    seen = segments[~hidden(sheet, segments.mean(axis=1), view.eye)]
    flat = view.project(seen.reshape(-1, 3)).reshape(-1, 2, 2)
    return LineCollection(flat.tolist(), colors=INK, linewidths=0.8, alpha=LINE_OPACITY)
