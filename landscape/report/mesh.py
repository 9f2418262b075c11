"""Sheets as PyVista meshes, drawn off-screen: `python -m landscape.report.mesh` is the process that `gl.py` starts.

While a report is written, only that process imports this module, because GL libraries may crash it."""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from typing import Any

import numpy as np
import pyvista

from landscape.figures.scene import Sheet
from landscape.figures.theme import INK
from landscape.figures.view import HALF_ANGLE, View
from landscape.report.poster import CONTOUR_LIFT, CONTOUR_OPACITY, Painter, blank

# A picture is rendered when it is complete, not after each of its meshes, too.
LOOK: dict[str, Any] = {"lighting": False, "render": False}


class VtkPainter(Painter):
    """Draws with PyVista, off-screen. Pictures of the same size share a window, because making a window is slow."""

    def __init__(self) -> None:
        self._plotters: dict[tuple[int, int], pyvista.Plotter] = {}

    def paint(self, sheet: Sheet, colours: np.ndarray, view: View, contours: np.ndarray) -> np.ndarray:
        if not sheet.whole_cells().any():
            return blank(view)
        size = (round(view.area[2]), round(view.area[3]))
        plotter = self._plotter(size)
        plotter.clear_actors()
        grid = structured_grid(sheet, colours)
        plotter.add_mesh(_without_gaps(grid, sheet), scalars="colour", **LOOK, rgb=True, show_scalar_bar=False)
        lines = grid.contour(contours.tolist(), scalars="level") if len(contours) else None
        if lines is not None and lines.n_points:
            lines.points[:, 2] += CONTOUR_LIFT
            plotter.add_mesh(lines, **LOOK, color=INK, line_width=1.3, opacity=CONTOUR_OPACITY)
        _aim(plotter.camera, view)
        plotter.reset_camera_clipping_range()
        plotter.render()
        return np.asarray(plotter.screenshot(None, transparent_background=True, return_img=True))

    def draws(self) -> bool:
        """Whether a red picture comes out red. Some windows open but draw nothing."""
        plotter = self._plotter((32, 32))
        plotter.renderer.SetBackground(1, 0, 0)
        return bool((np.asarray(plotter.screenshot(None, return_img=True))[16, 16, :3] == (255, 0, 0)).all())

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
    """The sheet as a PyVista grid with a `level` and a `colour` at each point; gaps lie on the floor and have level NaN."""
    points = sheet.points().astype(np.float32)
    grid = pyvista.StructuredGrid(points[..., 0], points[..., 1], points[..., 2])
    grid["level"] = sheet.level.ravel(order="F").astype(np.float32)
    grid["colour"] = colours.transpose(1, 0, 2).reshape(-1, 3)
    return grid


def _without_gaps(grid: pyvista.StructuredGrid, sheet: Sheet) -> Any:
    return grid if np.isfinite(sheet.level).all() else grid.extract_cells(sheet.whole_cells().ravel(order="F"))


def _aim(camera: Any, view: View) -> None:
    camera.position = view.eye
    camera.focal_point = view.target
    camera.up = view.axes[1]
    camera.SetWindowCenter(0.0, 2 * view.lowered / view.area[3])
    camera.view_angle = np.degrees(2 * np.arctan(np.tan(HALF_ANGLE) * view.area[3] / view.size[1]))


def serve() -> None:
    """Write pickled answers to standard output: whether VTK draws, then a picture for each request on standard input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print to standard output, too, so it is redirected to stderr
    with suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    painter = VtkPainter()
    answer: Any = painter.draws()
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            pickle.dump(answer, answers)
            answers.flush()
            answer = painter.paint(*pickle.load(sys.stdin.buffer))
    os._exit(0)


if __name__ == "__main__":
    serve()
