"""Animations drawn frame by frame with matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from landscape.figures.panel import Animation
from landscape.figures.theme import lay_out, pixels, themed

DOTS_PER_INCH = 100


def animate(
    figure: Figure, draw: Callable[[int], None], labels: Sequence[str], *, alt: str, frames_per_second: float = 6.0
) -> Animation:
    """An animation with one frame per label: frame t is the figure after draw(t).

    The layout, the limits of the axes and their ticks are those of frame 0: to draw them anew would take ten times as long as
    what moves. Raises ValueError if there are no labels."""
    if not labels:
        raise ValueError("an animation needs at least one label, which is one frame; got none.")
    figure.set_dpi(DOTS_PER_INCH)
    with themed():
        draw(0)
        lay_out(figure)
        figure.set_layout_engine("none")
        with _left_out(_within(figure)):
            pixels(figure)
        canvas = cast(FigureCanvasAgg, figure.canvas)
        ground = canvas.copy_from_bbox(figure.bbox)  # type: ignore[no-untyped-call]
        frames = []
        for t in range(len(labels)):
            draw(t)
            canvas.restore_region(ground)  # type: ignore[no-untyped-call]
            for mark in _within(figure):
                mark.draw(canvas.get_renderer())  # type: ignore[no-untyped-call]
            frames.append(np.array(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)


def _within(figure: Figure) -> list[Artist]:
    """All that the axes show but for their ticks, grid and ground, in the order in which it is drawn."""
    parts = []
    for axes in figure.axes:
        ground = (axes.patch, axes.xaxis, axes.yaxis)
        parts += sorted(
            (part for part in axes.get_children() if part not in ground), key=lambda part: part.get_zorder()
        )
    return parts


@contextmanager
def _left_out(marks: Sequence[Artist]) -> Iterator[None]:
    """A context in which drawing the figure leaves `marks` out."""
    for mark in marks:
        mark.set_animated(True)
    yield
    for mark in marks:
        mark.set_animated(False)
