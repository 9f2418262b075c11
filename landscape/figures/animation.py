"""Animations drawn frame by frame with matplotlib."""

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
    """An animation with one frame per label: frame t is the figure after draw(t).

    The layout is computed for frame 0 and kept. Raises ValueError if there are no labels."""
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
