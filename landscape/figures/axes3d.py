"""Walls, ticks and labels around a rotating surface, laid out so that no two labels touch.

viewer/axes.js computes the same for the live picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from landscape.figures.drawing import DRAWING
from landscape.figures.panel import Scene
from landscape.figures.scene import BOX_HEIGHT, tick_step
from landscape.figures.view import View

TICK_LENGTH, LABEL_GAP, LABEL_SPACING, TEXT_HEIGHT = (
    float(DRAWING["labels"][name]) for name in ("tick", "gap", "spacing", "height")
)
TOP_VIEW_ELEVATION = math.radians(DRAWING["labels"]["topView"])
CHARACTER_WIDTH, BOLD_CHARACTER_WIDTH = 0.58, 0.66  # in font sizes, about
_SUPERSCRIPTS = str.maketrans(DRAWING["ticks"]["superscripts"])


@dataclass(frozen=True)
class Text:
    """A label centred at the pixel (x, y). Names of axes are `bold`."""

    text: str
    x: float
    y: float
    bold: bool = False


@dataclass(frozen=True)
class Frame:
    """What is drawn around a sheet, in pixels: walls (polygons) and grid lines behind it, ticks and texts in front of it."""

    walls: Sequence[np.ndarray]
    grid: Sequence[np.ndarray]
    ticks: list[np.ndarray] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def tick_values(low: float, high: float, about: int) -> tuple[list[float], float]:
    """About `about` multiples of a round step within [low, high], and that step."""
    step = tick_step(low, high, about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)], step


def height_ticks(limits: tuple[float, float], log: bool, about: int) -> list[tuple[float, str]]:
    """The ticks of the height axis as (level in 0…1, text): whole powers of ten if `log`, else round values."""
    low, high = limits
    if not log:
        values, step = tick_values(low, high, about)
        return [((value - low) / (high - low), tick_text(value, step)) for value in values]
    low, high = math.log10(low), math.log10(high)
    first, last = math.ceil(low - 1e-6), math.floor(high + 1e-6)
    stride = max(1, -(-(last - first) // about))
    return [((power - low) / (high - low), power_text(power)) for power in range(first, last + 1, stride)]


def power_text(power: int) -> str:
    return "10" + str(power).translate(_SUPERSCRIPTS)


def tick_text(value: float, step: float) -> str:
    """`value` with as many decimals as the step needs; in scientific notation from 1e5 on, and if the step is below 1e-4."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(value) < step * 1e-6:
        return "0"
    text = (
        f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
        if decimals > 4 or abs(value) >= 1e5
        else f"{value:.{decimals}f}"
    )
    return text.replace("-", "−")


def frame_of(scene: Scene, view: View, depth: float, *, font: float, about: int = 5) -> Frame:
    """The walls, ticks and labels around a scene's sheet of half size 1 × `depth`, as `view` sees them.

    `font` is the size of tick labels in pixels, `about` the approximate number of ticks on an axis. Labels stand along the
    edges of the box that are nearest to the eye. Above TOP_VIEW_ELEVATION they stand at the box's upper rim, and there is no
    height axis, because heights are read from the colours alone."""
    x_low, x_high, y_low, y_high = scene.extent
    x_ticks, x_step = tick_values(x_low, x_high, about)
    y_ticks, y_step = tick_values(y_low, y_high, about)
    xs = [((value - x_low) / (x_high - x_low) * 2 - 1, tick_text(value, x_step)) for value in x_ticks]
    ys = [(((value - y_low) / (y_high - y_low) * 2 - 1) * depth, tick_text(value, y_step)) for value in y_ticks]
    zs = [(level * BOX_HEIGHT, text) for level, text in height_ticks(scene.limits, scene.log, max(2, about - 1))]
    near_x, near_y = (1.0 if view.eye[0] > 0 else -1.0), (depth if view.eye[1] > 0 else -depth)
    floor = 0.0 if view.eye[2] > 0 else BOX_HEIGHT
    if view.elevation > TOP_VIEW_ELEVATION:
        floor, zs = BOX_HEIGHT, []
    frame = Frame(*_walls(view, depth, (near_x, near_y, floor), xs, ys, zs))
    labeller = _Labeller(view, frame, font)
    if zs:
        ends = [(near_x, -near_y), (-near_x, near_y)]
        x, y = min(ends, key=lambda end: view.project(np.array([[*end, 0.0]]))[0, 0])
        labeller.edge([(x, y, z) for z, _ in zs], [t for _, t in zs], (x, y, 0), (x, y, BOX_HEIGHT), "")
        labeller.top((x, y, BOX_HEIGHT), scene.labels[2])
    labeller.edge(
        [(x, near_y, floor) for x, _ in xs],
        [t for _, t in xs],
        (-1, near_y, floor),
        (1, near_y, floor),
        scene.labels[0],
    )
    labeller.edge(
        [(near_x, y, floor) for y, _ in ys],
        [t for _, t in ys],
        (near_x, -depth, floor),
        (near_x, depth, floor),
        scene.labels[1],
    )
    return frame


_Marks = Sequence[tuple[float, str]]
_Point = tuple[float, float, float]


def _walls(
    view: View, depth: float, near: _Point, xs: _Marks, ys: _Marks, zs: _Marks
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The two far walls and the floor (the ceiling, seen from below) as polygons, and the lines at the ticks on them."""
    far_x, far_y, floor, top = -near[0], -near[1], near[2], BOX_HEIGHT
    base = 0.0 if view.elevation > TOP_VIEW_ELEVATION else floor
    walls = [
        [(far_x, -depth, 0), (far_x, depth, 0), (far_x, depth, top), (far_x, -depth, top)],
        [(-1, far_y, 0), (1, far_y, 0), (1, far_y, top), (-1, far_y, top)],
        [(-1, -depth, base), (1, -depth, base), (1, depth, base), (-1, depth, base)],
    ]
    lines: list[list[_Point]] = [[(x, -depth, base), (x, depth, base)] for x, _ in xs]
    lines += [[(x, far_y, 0), (x, far_y, top)] for x, _ in xs]
    lines += [[(-1.0, y, base), (1.0, y, base)] for y, _ in ys]
    lines += [[(far_x, y, 0), (far_x, y, top)] for y, _ in ys]
    lines += [[(far_x, -depth, z), (far_x, depth, z)] for z, _ in zs]
    lines += [[(-1.0, far_y, z), (1.0, far_y, z)] for z, _ in zs]
    return [view.project(np.array(wall)) for wall in walls], [view.project(np.array(line)) for line in lines]


class _Labeller:
    """Places labels along the box's edges. Labels that would touch another label or leave the picture are left out."""

    def __init__(self, view: View, frame: Frame, font: float) -> None:
        self.view, self.frame, self.font = view, frame, font
        self.centre = view.project(np.array([[0, 0, BOX_HEIGHT / 2]]))[0]
        self.taken: list[tuple[float, float, float, float]] = []

    def edge(self, points: Sequence[_Point], texts: Sequence[str], start: _Point, end: _Point, name: str) -> None:
        """Label the edge from start to end, on its outer side: `texts` beside ticks at `points`, its `name` at the middle."""
        a, b = self.view.project(np.array([start, end], dtype=float))
        along = (b - a) / max(1e-9, float(np.hypot(*(b - a))))
        outward = np.array([-along[1], along[0]])
        if outward @ ((a + b) / 2 - self.centre) < 0:
            outward = -outward
        reach = TICK_LENGTH + LABEL_GAP
        widest = max((_across(outward, self._size(text, False)) for text in texts), default=0.0)
        if name:
            self._place(name, (a + b) / 2, outward, reach + widest + LABEL_GAP, bold=True)
        if not points:
            return
        for at, text in zip(self.view.project(np.array(points, dtype=float)), texts, strict=True):
            if self._place(text, at, outward, reach, bold=False):
                self.frame.ticks.append(np.stack([at, at + outward * TICK_LENGTH]))

    def top(self, end: _Point, name: str) -> None:
        """Put the `name` of an upright axis above its upper end, shifted to the right where it would leave the picture."""
        x, y = self.view.project(np.array([end], dtype=float))[0]
        width, height = self._size(name, True)
        x = max(x, width / 2 + LABEL_SPACING)
        self._place(name, np.array([x, y]), np.array([0.0, -1.0]), LABEL_GAP + height / 2, bold=True)

    def _size(self, text: str, bold: bool) -> tuple[float, float]:
        return len(text) * self.font * (BOLD_CHARACTER_WIDTH if bold else CHARACTER_WIDTH), self.font * TEXT_HEIGHT

    def _place(self, text: str, at: np.ndarray, outward: np.ndarray, reach: float, *, bold: bool) -> bool:
        width, height = self._size(text, bold)
        x, y = at + outward * (reach + _across(outward, (width, height)) / 2)
        box = (x - width / 2 - LABEL_SPACING, y - height / 2, x + width / 2 + LABEL_SPACING, y + height / 2)
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= self.view.size[0] and box[3] <= self.view.size[1]
        if not inside or any(_touch(box, other) for other in self.taken):
            return False
        self.taken.append(box)
        self.frame.texts.append(Text(text, float(x), float(y), bold))
        return True


def _across(direction: np.ndarray, size: tuple[float, float]) -> float:
    """How far a rectangle of `size` extends along `direction`."""
    return float(abs(direction[0]) * size[0] + abs(direction[1]) * size[1])


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
