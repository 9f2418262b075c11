"""The geometry and the colours of a rotating surface: limits, heights in a box, contours, lighting, samples on the sheet.

Posters are drawn from these. The viewer (report/viewer/*.js) computes the same for the live picture."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np

from landscape.figures.drawing import DRAWING
from landscape.figures.panel import Scene, Surface

BOX_HEIGHT: float = DRAWING["box"]["height"]  # half the box's width is 1
LIGHT: dict[str, Any] = DRAWING["light"]
LOWEST_LOSS_DRAWN = 1e-6  # the loss at which training counts as converged; smaller losses are drawn as the floor
TARGET_CONTOURS = 12  # on a linear scale, about


def scene_limits(
    heights: Iterable[np.ndarray], *, log: bool = True, floor: float = LOWEST_LOSS_DRAWN
) -> tuple[float, float]:
    """(low, high) of a common scale of all `heights`: their smallest and largest finite values, rounded outwards.

    With `log`, values below `floor` count as `floor`. Without finite values it is (floor, 1), or (0, 1) if not `log`."""
    finite = [height[np.isfinite(height)] for height in map(np.asarray, heights)]
    values = np.concatenate(finite) if finite else np.zeros(0)
    if values.size == 0:
        return (floor, 1.0) if log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if log:
        low, high = max(low, floor), max(high, floor)
        low_limit = 10 ** math.floor(math.log10(low) + 1e-9)
        high_limit = 10 ** (math.ceil(math.log10(high) * 10 - 1e-9) / 10)
        return low_limit, max(high_limit, low_limit * 10)
    step = tick_step(low, high, 8)
    low_limit, high_limit = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return low_limit, high_limit if high_limit > low_limit else low_limit + step


def tick_step(low: float, high: float, about: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides [low, high] into about `about` parts."""
    raw = (high - low) / about
    if not raw > 0:
        return max(abs(high), 1.0) / about
    power = 10 ** math.floor(math.log10(raw))
    return float(next((step for step, below in DRAWING["ticks"]["steps"] if raw / power < below), 10) * power)


def levels(height: np.ndarray, limits: tuple[float, float], log: bool) -> np.ndarray:
    """Heights as levels in 0…1 between the limits, in the heights' shape.

    Heights beyond a limit are clipped to it. Heights that are not finite become NaN, which is a gap."""
    height = np.asarray(height, dtype=np.float64)
    low, high = limits
    if log:
        low, high = math.log10(low), math.log10(high)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(height <= 0, low, np.log10(height))
    else:
        scaled = height
    inside = np.clip((scaled - low) / (high - low), 0, 1)
    return np.where(np.isfinite(height), inside, np.nan)


def decimated(level: np.ndarray, side: int) -> np.ndarray:
    """`level` interpolated on a grid of at most side × side points with the same corners; NaN beside a gap."""
    rows, columns = (np.linspace(0, count - 1, min(count, side)) for count in level.shape)
    if (len(rows), len(columns)) == level.shape:
        return level
    return bilinear(level, *np.meshgrid(rows, columns, indexing="ij"))


def bilinear(level: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """`level` interpolated bilinearly at fractional indices, which are clamped to the grid; NaN beside a gap."""
    row, column = np.clip(row, 0, level.shape[0] - 1), np.clip(column, 0, level.shape[1] - 1)
    r = np.minimum(row.astype(int), max(level.shape[0] - 2, 0))
    c = np.minimum(column.astype(int), max(level.shape[1] - 2, 0))
    down, right = np.minimum(r + 1, level.shape[0] - 1), np.minimum(c + 1, level.shape[1] - 1)
    u, v = row - r, column - c
    # A weight of zero must not spread a neighbour's gap.
    total = np.zeros(np.broadcast(row, column).shape)
    for i, j, weight in (
        (r, c, (1 - u) * (1 - v)),
        (r, right, (1 - u) * v),
        (down, c, u * (1 - v)),
        (down, right, u * v),
    ):
        total += np.where(weight > 0, level[i, j] * weight, 0)
    return total


@dataclass(frozen=True, eq=False)
class Sheet:
    """A surface in its box, x in [−1, 1], y in [−depth, depth], z in [0, BOX_HEIGHT]: level[r, c] in 0…1, NaN in gaps."""

    level: np.ndarray
    depth: float

    def points(self) -> np.ndarray:
        """The grid's points in the box, gaps at the floor: (rows, columns, 3)."""
        rows, columns = self.level.shape
        x, y = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-self.depth, self.depth, rows))
        return np.stack([x, y, np.nan_to_num(self.level) * BOX_HEIGHT], axis=-1)

    def whole_cells(self) -> np.ndarray:
        """Which cells of the grid have a value at all four corners: (rows − 1, columns − 1) of bool."""
        finite = np.isfinite(self.level)
        return np.asarray(finite[:-1, :-1] & finite[1:, :-1] & finite[:-1, 1:] & finite[1:, 1:])

    def normals(self) -> np.ndarray:
        """Unit normals of the sheet, pointing upwards: (rows, columns, 3)."""
        filled = np.nan_to_num(self.level) * BOX_HEIGHT
        rows, columns = filled.shape
        flat = np.zeros_like(filled)  # across a single row or column
        by_row = np.gradient(filled, 2 * self.depth / (rows - 1), axis=0) if rows > 1 else flat
        by_column = np.gradient(filled, 2 / (columns - 1), axis=1) if columns > 1 else flat
        normal = np.stack([-by_column, -by_row, np.ones_like(filled)], axis=-1)
        return _unit(normal)

    def height_at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """z of the sheet at (x, y) of the box, in their shape; NaN beside a gap."""
        rows, columns = self.level.shape
        return bilinear(self.level, (y / self.depth + 1) / 2 * (rows - 1), (x + 1) / 2 * (columns - 1)) * BOX_HEIGHT


def sheet_of(scene: Scene, surface: Surface, side: int) -> Sheet:
    """A scene's surface as a sheet on a grid of at most side × side points."""
    return Sheet(decimated(levels(surface.height, scene.limits, scene.log), side), box_depth(scene.extent))


def is_empty(surface: Surface) -> bool:
    """Whether there is nothing to draw: no cell of the grid has finite values at all four corners."""
    height = np.asarray(surface.height)
    return height.ndim != 2 or not Sheet(np.where(np.isfinite(height), 0.0, np.nan), 1.0).whole_cells().any()


def box_depth(extent: tuple[float, float, float, float]) -> float:
    """Half the box's size along y, where half its size along x is 1; very long and very flat rectangles are limited."""
    x_low, x_high, y_low, y_high = extent
    box = DRAWING["box"]
    return float(min(box["deepest"], max(box["shallowest"], (y_high - y_low) / (x_high - x_low))))


def in_box(positions: np.ndarray, scene: Scene, sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """Points on the sheet (K, 3) for those positions (S, 2) of input space that lie over it, and which do: (S,) of bool.

    Positions that are outside the extent, over a gap or not finite are left out."""
    x_low, x_high, y_low, y_high = scene.extent
    with np.errstate(invalid="ignore"):
        x = (positions[:, 0] - x_low) / (x_high - x_low) * 2 - 1
        y = ((positions[:, 1] - y_low) / (y_high - y_low) * 2 - 1) * sheet.depth
        inside = (np.abs(x) <= 1) & (np.abs(y) <= sheet.depth)
    z = np.full(len(positions), np.nan)
    z[inside] = sheet.height_at(x[inside], y[inside])
    kept = np.isfinite(z)
    return np.stack([x, y, z], axis=-1)[kept], kept


def arrived(positions: np.ndarray, markers: np.ndarray | None, near: float) -> np.ndarray:
    """Which positions (S, 2) lie within `near` of a marker: (S,) of bool."""
    if markers is None or len(markers) == 0:
        return np.zeros(len(positions), dtype=bool)
    distance = np.linalg.norm(positions[:, None] - np.asarray(markers)[None], axis=-1)
    return np.asarray((distance < near).any(axis=1))


def colour_table(name: str) -> np.ndarray:
    """A matplotlib colour map as 256 colours of uint8: (256, 3)."""
    return np.asarray(np.round(mpl.colormaps[name](np.linspace(0, 1, 256))[:, :3] * 255), dtype=np.uint8)


def contour_levels(limits: tuple[float, float], log: bool) -> np.ndarray:
    """The levels of the contour lines, strictly between 0 and 1.

    On a logarithmic scale they are a quarter, a half or a whole decade apart, the wider the more decades there are. On a linear
    scale they are a round step apart."""
    low, high = limits
    if log:
        low, high = math.log10(low), math.log10(high)
        decades = high - low
        step = 0.25 if decades <= 2 else 0.5 if decades <= 7 else 1.0
    else:
        step = tick_step(low, high, TARGET_CONTOURS)
    first = math.ceil(low / step - 1e-9) * step
    at = (np.arange(first, high, step) - low) / (high - low)
    return np.asarray(at[(at > 1e-6) & (at < 1 - 1e-6)])


def shaded(sheet: Sheet, table: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """The lit colours of the grid's points by Phong's model, as in shaders.js: (rows, columns, 3) of uint8.

    `table` (256, 3) is the colour map and `eye` the camera's position. The lamp moves with the eye. Seen from
    below, the sheet is dimmer and has no highlight."""
    colour = table[np.round(np.nan_to_num(sheet.level) * 255).astype(int)] / 255
    normal = sheet.normals()
    view = _unit(eye - sheet.points())
    behind = (normal * view).sum(axis=-1, keepdims=True) < 0
    normal = np.where(behind, -normal, normal)
    light = _unit(np.array(LIGHT["direction"]) + LIGHT["towardsEye"] * view)
    facing = (normal * light).sum(axis=-1, keepdims=True)
    diffuse = LIGHT["ambient"] + LIGHT["diffuse"] * np.maximum(facing, 0)
    dimmed = LIGHT["underside"]["share"] * diffuse + LIGHT["underside"]["added"]
    mirrored = 2 * facing * normal - light
    shine = np.maximum((mirrored * view).sum(axis=-1, keepdims=True), 0) ** LIGHT["sharpness"]
    lit = colour * np.where(behind, dimmed, diffuse) + np.where(behind, 0, LIGHT["shine"] * shine)
    return np.asarray(np.round(np.clip(lit, 0, 1) * 255), dtype=np.uint8)


def hidden(
    sheet: Sheet, points: np.ndarray, eye: np.ndarray, *, clearance: float = 0.02, steps: int = 160
) -> np.ndarray:
    """Which of the points (K, 3) the sheet hides from the eye: (K,) of bool.

    The ray from a point to the eye is sampled at `steps` places, from `clearance` on. The sheet hides the point if any of them
    is below the sheet, for an eye above the floor, or above the sheet, for an eye below the floor."""
    reach = 2.2 * max(1.0, sheet.depth) + BOX_HEIGHT
    direction = _unit(eye - points)
    covered = np.zeros(len(points), dtype=bool)
    for t in np.linspace(clearance, reach, steps):
        at = points + direction * t
        inside = (np.abs(at[:, 0]) <= 1) & (np.abs(at[:, 1]) <= sheet.depth)
        surface = sheet.height_at(at[:, 0], at[:, 1])  # NaN over a gap, which hides nothing
        covered |= inside & ((at[:, 2] < surface) if eye[2] > 0 else (at[:, 2] > surface))
    return covered


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
