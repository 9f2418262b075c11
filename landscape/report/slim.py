"""Figures of one column on a page: drawn so that they fit a phone, and enlarged where there is more room."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.offsetbox import VPacker

from landscape.figures.finish import finish
from landscape.figures.theme import as_written, lay_out, themed

SLIM_WIDTH = 3.7  # inches: a phone of 390 pixels shows a figure of this width at its full size
MOST_ENLARGED = 1.3  # where there is room
SHORTER = 0.85  # of a plot that is made narrower
LONGEST_LABEL = 0.55  # of the height of the figure, for each row of axes
MOST_COLUMNS = 4  # of a legend below a plot
WIDEST_NAMES = 1.33  # inches of names beside a plot
_HEIGHT, _MOVED = "_landscape_slim_height", "_landscape_moved"


def enlargement(width: float) -> float:
    """By how much a page enlarges a figure that was drawn `width` inches wide and is slim, where it has room."""
    return min(MOST_ENLARGED, max(1.0, width / SLIM_WIDTH))


def slim(figure: Figure) -> None:
    """Finish a figure, and make it no wider than SLIM_WIDTH.

    1. Wide names of rows are broken at the comma or space that is nearest to their middle.
    2. A legend beside a plot stands below it, if it does not become short names at the ends of lines.
    3. A legend that is wider than the figure has fewer columns.
    4. The figure has the height that its content then needs."""
    width, height = figure.get_size_inches()
    if width <= SLIM_WIDTH:
        finish(figure)
        return
    if (known := getattr(figure, _HEIGHT, None)) is not None:  # it was drawn before
        figure.set_size_inches(SLIM_WIDTH, known)
        return
    figure.set_figwidth(SLIM_WIDTH)
    broken = break_names(figure)
    fixed = [axes for axes in figure.axes if axes.get_aspect() != "auto"]
    for axes in figure.axes:
        if (legend := axes.get_legend()) and _is_wide(figure, legend):
            _below(figure, axes, legend)
    finish(figure)
    added = legends_below(figure) + sum(_narrowed(figure, legend) for legend in figure.legends)
    figure.set_figheight(height * (1 if broken else SHORTER) + added)
    for axes in figure.axes:
        _break_label(figure, axes)
    if fixed:
        lay_out(figure)
        figure.set_figheight(figure.get_figheight() * (1 - sum(map(_gap, fixed))))
    setattr(figure, _HEIGHT, figure.get_figheight())


def legends_below(figure: Figure) -> float:
    """Move legends beside plots below all plots. The height in inches of all that have been moved."""
    for axes in figure.axes:
        if (legend := axes.get_legend()) and _is_beside(axes, legend):
            _below(figure, axes, legend)
    return sum(legend.get_window_extent().height for legend in figure.legends if hasattr(legend, _MOVED)) / figure.dpi


def _break_label(figure: Figure, axes: Axes) -> None:
    """Break the name of the vertical axis where it is longer than the axes will be, about."""
    grid = axes.get_gridspec()
    if axes.yaxis.label.get_window_extent().height > LONGEST_LABEL * figure.bbox.height / (grid.nrows if grid else 1):
        axes.set_ylabel(_broken(axes.get_ylabel()))


def break_names(figure: Figure) -> bool:
    """Break the names at the ticks of vertical axes that take more than WIDEST_NAMES. Whether there are any."""
    found = False
    for axes in figure.axes:
        labels = axes.get_yticklabels()
        wide = [label.get_window_extent().width > WIDEST_NAMES * figure.dpi for label in labels]
        if any(wide):
            names = [label.get_text() for label in labels]
            names = [_broken(name) if one else name for name, one in zip(names, wide, strict=True)]
            axes.set_yticks(axes.get_yticks(), names)
            found = True
    return found


def names_width(figure: Figure) -> float:
    """The width in inches of the widest name at a tick of a vertical axis."""
    labels = [label for axes in figure.axes if axes.get_label() != "<colorbar>" for label in axes.get_yticklabels()]
    return float(max((label.get_window_extent().width for label in labels), default=0.0)) / figure.dpi


def _broken(name: str) -> str:
    """The name in two lines, if it has a comma or a space."""
    for sign in (", ", " "):
        places = [place for place in range(len(name)) if name.startswith(sign, place)]
        if places and "\n" not in name:
            place = min(places, key=lambda one: abs(one - len(name) / 2))
            return name[:place] + sign.rstrip() + "\n" + name[place + len(sign) :]
    return name


def _is_wide(figure: Figure, legend: Legend) -> bool:
    widths = [text.get_window_extent().width for text in legend.get_texts()]
    return max(widths, default=0) > WIDEST_NAMES * figure.dpi


def _is_beside(axes: Axes, legend: Legend) -> bool:
    return bool(legend.get_bbox_to_anchor().x0 >= axes.bbox.x1 - 1)


def _below(figure: Figure, axes: Axes, old: Legend) -> None:
    """Move the legend `old` of `axes` below all axes."""
    words = [text.get_text() for text in old.get_texts()]
    known = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    handles: list[Any] = [known.get(word, handle) for word, handle in zip(words, old.legend_handles, strict=True)]
    title = old.get_title().get_text() or None
    old.remove()
    with themed():
        new = figure.legend(
            handles, words, title=title, loc="outside lower center", ncols=min(len(words), MOST_COLUMNS)
        )
    as_written(figure)
    _narrowed(figure, new)
    setattr(new, _MOVED, True)


def _narrowed(figure: Figure, legend: Legend) -> float:
    """Give the legend as few columns as the width of its figure needs. By how many inches it is then higher."""
    box = legend._legend_handle_box  # type: ignore[attr-defined]
    before = legend.get_window_extent().height
    entries = [entry for column in box.get_children() for entry in column.get_children()]
    style = {"pad": 0, "sep": legend.labelspacing * legend._fontsize, "align": "baseline"}  # type: ignore[attr-defined]
    for columns in range(len(box.get_children()) - 1, 0, -1):
        if legend.get_window_extent().width <= figure.bbox.width:
            break
        high = -(-len(entries) // columns)
        box._children = [VPacker(children=entries[i : i + high], **style) for i in range(0, len(entries), high)]
    return float(legend.get_window_extent().height - before) / figure.dpi


def _gap(axes: Axes) -> float:
    """The share of the figure's height above and below axes of a fixed aspect that is left free."""
    axes.apply_aspect()
    return float(axes.get_position(original=True).height - axes.get_position().height)
