"""The last touches of a figure for a page or a file: letters on its panels, and names at the ends of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from landscape.figures.contrast import readable
from landscape.figures.theme import lay_out

MOST_LETTERS = 8  # of a figure; more panels are a table of pictures, whose rows and columns have names
MOST_NAMED = 5  # lines whose names stand at their ends instead of in a legend
WIDEST_TITLE = 1.1  # of the width of its panel
ALIKE = 0.02  # of the width of the axes: lines end at the same place within it
_FINISHED = "_landscape_finished"


def finish(figure: Figure) -> None:
    """Give the panels of `figure` the letters a, b, c, … and its lines names at their ends, where that is possible; once.

    Panels are the axes with a frame of values: not colour bars, not pictures without axes. Lines have names at their ends if a
    legend names two to MOST_NAMED lines of one panel and nothing else, and these end at the right, with room for the names.
    A title that is wider than its panel is broken."""
    if getattr(figure, _FINISHED, False):
        return
    setattr(figure, _FINISHED, True)
    for axes in figure.axes:
        if axes.get_aspect() != "auto" and axes.get_ylabel() and axes.get_label() != "<colorbar>":
            axes.set_anchor("W")  # the layout knows the room of a name on the left only for pictures that stand there
    panels = _panels(figure)
    if any(_nameable(axes) or _commas(axes) for axes in panels) or not all(map(_fills, figure.axes)):
        lay_out(figure)
    for axes in panels:
        name_ends(figure, axes)
    if 1 < len(panels) <= MOST_LETTERS:
        for letter, axes in zip(ascii_lowercase, panels, strict=False):
            _add_letter(axes, letter)
    for axes in panels:
        _break_title(axes)


def _panels(figure: Figure) -> list[Axes]:
    """The axes that show values, by rows."""
    shown = [
        axes
        for axes in figure.axes
        if axes.get_label() != "<colorbar>"
        and axes.axison
        and axes.get_visible()
        and (len(axes.get_xticks()) or len(axes.get_yticks()))
    ]
    boxes = {id(axes): axes.get_position() for axes in shown}
    unique = {
        (round(boxes[id(axes)].x0, 3), round(boxes[id(axes)].y0, 3)): axes for axes in reversed(shown)
    }  # not twins
    return [axes for axes in shown if axes in unique.values()]


def _fills(axes: Axes) -> bool:
    """Whether axes fill the place that a layout gives them. The others settle in a second layout: the first does not know
    what a fixed aspect leaves free."""
    return axes.get_aspect() == "auto" and axes.get_box_aspect() is None and axes.get_label() != "<colorbar>"


def _add_letter(axes: Axes, letter: str) -> None:
    title = next((text for text in (axes.title, axes._left_title) if text.get_text()), None)  # type: ignore[attr-defined]
    if title is None:
        axes.set_title(letter, loc="left", fontweight="bold")
    else:
        title.set_text(f"{letter}\u2002{title.get_text()}")


def _break_title(axes: Axes) -> None:
    """Break a title that is wider than its panel into two lines, at the comma that is nearest to its middle."""
    words, commas = axes.title.get_text(), _commas(axes)
    if not commas or axes.title.get_window_extent().width < WIDEST_TITLE * axes.bbox.width:
        return
    place = min(commas, key=lambda comma: abs(comma - len(words) / 2))
    axes.title.set_text(f"{words[: place + 1]}\n{words[place + 2 :]}")


def _commas(axes: Axes) -> list[int]:
    """Where the title of `axes` may be broken: at its commas, if it has a single line."""
    words = axes.title.get_text()
    return [] if "\n" in words else [place for place in range(len(words)) if words.startswith(", ", place)]


def name_ends(figure: Figure, axes: Axes) -> None:
    """Replace the legend of `axes` by the names of its lines at their right ends, if they have room there."""
    lines, legend = _nameable(axes), axes.get_legend()
    if legend is None or not lines:
        return
    words = [text.get_text() for text in legend.get_texts()]
    ends = [_end(axes, line) for line in lines]
    if any(end is None for end in ends):
        return
    places = np.array(ends, float)
    size = float(legend.get_texts()[0].get_fontsize())
    room = 1.25 * size / (72 * axes.get_position().height * figure.get_figheight())
    heights = _apart(places[:, 1], room)
    if heights is None or np.ptp(places[:, 0]) > ALIKE or places[:, 0].min() < 0.8:
        return
    legend.remove()
    for line, word, height in zip(lines, words, heights, strict=True):
        colour = readable(to_hex(line.get_color()), "white")
        axes.annotate(
            word, (places[:, 0].max(), height), (6, 0), xycoords="axes fraction", textcoords="offset points",
            fontsize=size, va="center", ha="left", color=colour, annotation_clip=False,
        ).set_parse_math(False)  # fmt: skip


def _apart(heights: np.ndarray, room: float) -> np.ndarray | None:
    """The heights moved apart until each has `room`; None if one would have to move by more than that, or out of the axes."""
    order = heights.argsort()
    moved = heights[order].astype(float)
    for _ in range(100):
        gaps = np.diff(moved)
        short = np.flatnonzero(gaps < room - 1e-9)
        if not len(short):
            break
        for index in short:
            push = (room - (moved[index + 1] - moved[index])) / 2
            if push > 0:
                moved[index] -= push
                moved[index + 1] += push
    placed = np.empty_like(moved)
    placed[order] = moved
    fits = (np.diff(moved) > room - 1e-3).all() and moved.min() >= -room and moved.max() <= 1 + room
    return placed if fits and np.abs(placed - heights).max() <= room else None


def _nameable(axes: Axes) -> Sequence[Line2D]:
    """The lines of `axes` that a legend without a title names, in its order; () if they are not two to MOST_NAMED."""
    legend = axes.get_legend()
    if legend is None or axes.name != "rectilinear" or legend.get_title().get_text():
        return ()
    lines = _named_lines(axes)
    return lines if 2 <= len(lines) <= MOST_NAMED and len(lines) == len(legend.get_texts()) else ()


def _named_lines(axes: Axes) -> Sequence[Line2D]:
    """The lines that a legend names, in its order; () if it names anything else, or parts that are not in the axes."""
    handles, words = axes.get_legend_handles_labels()
    legend = axes.get_legend()
    if legend is None or words != [text.get_text() for text in legend.get_texts()]:
        return ()
    lines = [handle[0] if isinstance(handle, ErrorbarContainer) else handle for handle in handles]
    drawn = [line for line in lines if isinstance(line, Line2D) and line.get_linestyle() not in ("None", "", " ")]
    return drawn if len(drawn) == len(lines) else ()


def _end(axes: Axes, line: Line2D) -> tuple[float, float] | None:
    """Where a line ends on the right, as shares of the width and height of the axes; None if that is outside."""
    data = np.asarray(line.get_xydata(), float)
    data = data[np.isfinite(data).all(1)]
    if not len(data):
        return None
    shown = axes.transAxes.inverted().transform(line.get_transform().transform(data))
    x, y = shown[shown[:, 0].argmax()]
    return (float(x), float(y)) if 0 <= y <= 1 and x <= 1.001 else None
