"""An animation of samples in the plane on their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from landscape.figures.images import MAX_FRAMES, spread
from landscape.figures.panel import Animation
from landscape.figures.points import points_in_the_plane

DOTS_PER_INCH = 150  # of a frame, which is a figure of one plane: about 400 pixels wide
FRAMES_PER_SECOND = 6.0


def plane_frames(
    points: np.ndarray,
    iterations: Sequence[int],
    training: np.ndarray,
    low: float,
    high: float,
    *,
    alt: str,
    unit: str = "iteration",
    frames_per_second: float = FRAMES_PER_SECOND,
) -> Animation:
    """An animation of samples, points (K, S, 2), over up to 60 of K iterations, with the training points (N, 2).

    A frame is `points_in_the_plane` at one iteration. Its heading names the iteration in `unit`."""
    shown = spread(len(iterations), MAX_FRAMES)
    labels = [f"{unit} {iterations[place]:,}" for place in shown]
    figure = points_in_the_plane(points[shown[:1]], [iterations[shown[0]]], training, low, high, unit=unit)
    figure.set_dpi(DOTS_PER_INCH)
    axis = figure.axes[0]
    samples = axis.collections[0]
    frames = []
    for place, label in zip(shown, labels, strict=True):
        samples.set_offsets(points[place])
        axis.set_title(label)
        frames.append(_pixels(figure))
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)


def _pixels(figure: Figure) -> np.ndarray:
    """A figure as pixels (H, W, 3) of uint8. Its layout is that of its first frame: finding it takes most of the time."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    figure.set_layout_engine("none")
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
