"""Frames drawn one by one into an Animation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from landscape.figures.panel import Animation
from landscape.figures.theme import new_figure, pixels, themed

DOTS_PER_INCH = 100


def animate(
    draw: Callable[[Axes, int], None],
    labels: Sequence[str],
    *,
    alt: str,
    width: float = 3.6,
    height: float = 3.6,
    frames_per_second: float = 6.0,
) -> Animation:
    """One frame for each of `labels`: draw(axes, t) fills empty axes with frame t. Sizes are in inches."""
    if not labels:
        raise ValueError("an animation needs at least one label, which is one frame; got none.")
    frames = [_frame(draw, t, width, height) for t in range(len(labels))]
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)


def _frame(draw: Callable[[Axes, int], None], t: int, width: float, height: float) -> np.ndarray:
    figure, axes = new_figure(width, height)
    figure.set_dpi(DOTS_PER_INCH)
    with themed():
        draw(axes, t)
        return pixels(figure)[..., :3]
