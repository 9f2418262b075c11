"""Frames drawn one by one into an Animation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from landscape.figures.panel import Animation
from landscape.figures.theme import pixels, themed

DOTS_PER_INCH = 100


def animate(
    figure: Figure, draw: Callable[[int], None], labels: Sequence[str], *, alt: str, frames_per_second: float = 6.0
) -> Animation:
    """One frame for each of `labels`: draw(t) brings the figure's artists to frame t. The layout is that of frame 0."""
    if not labels:
        raise ValueError("an animation needs at least one label, which is one frame; got none.")
    figure.set_dpi(DOTS_PER_INCH)
    frames = []
    for t in range(len(labels)):
        with themed():
            draw(t)
            frames.append(pixels(figure)[..., :3])
        figure.set_layout_engine("none")  # laying out anew would move the axes, and costs more than the drawing
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)
