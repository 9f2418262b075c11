"""The parts of a figure of several panels, which a page too narrow for it shows below each other (viewer/flow.js)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure


def parts_of(figure: Figure) -> dict[str, dict[str, str]]:
    """The attributes of the groups of a figure that has just been drawn: what each part is, and the frames of its axes.

    A part is a panel, a legend, or an aside: a colour bar, or axes that hold no data. A frame is left, top, right and bottom in
    points from the figure's upper left corner. {} for a figure of one panel."""
    if len(figure.axes) < 2:
        return {}
    points, high = 72 / figure.dpi, 72 * figure.get_figheight()
    found = {}
    for name, part in _named(figure):
        if part not in figure.axes:
            found[name] = {"data-part": "legend"}
            continue
        box = part.get_window_extent()
        frame = (box.x0 * points, high - box.y1 * points, box.x1 * points, high - box.y0 * points)
        kind = "panel" if part.has_data() and part.get_label() != "<colorbar>" else "aside"
        found[name] = {"data-part": kind, "data-frame": " ".join(f"{end:.1f}" for end in frame)}
    return found


@contextmanager
def parts_named(figure: Figure) -> Iterator[None]:
    """A context in which the panels and legends of a figure have ids in the SVG."""
    before = [(part, part.get_gid()) for _, part in _named(figure)]
    try:
        for name, part in _named(figure):
            part.set_gid(name)
        yield
    finally:
        for part, gid in before:
            part.set_gid(gid)


def _named(figure: Figure) -> list[tuple[str, Any]]:
    return [(f"part-{index}", part) for index, part in enumerate([*figure.axes, *figure.legends])]
