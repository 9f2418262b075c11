"""Figures as a page shows them: laid out for their width there, as SVG, with many marks as pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib.figure import Figure

from landscape.figures.finish import finish
from landscape.report.dark import themed
from landscape.report.marks import marks_of, named
from landscape.report.page_data import PageData
from landscape.report.parts import parts_named, parts_of
from landscape.report.slim import break_names, enlargement, legends_below, names_width, slim
from landscape.report.vector import Used, inline, svg_of

# The widths in inches at which figures of several columns are laid out, by the widest figure that is laid out so. The page
# shows them at this width, so that text of 8.5 pt is no smaller: a narrow figure in half of a window of 1280 pixels, a medium
# one in half of a window of 1480, a broad one in a row of its own. A figure beside the words of an answer has less room.
# A figure of one column is narrow: see slim.py.
WIDTHS = {"narrow": (6.0, 5.0), "medium": (6.8, 6.1), "broad": (float("inf"), 10.3), "beside": (float("inf"), 4.5)}
PANEL_WIDTH = 2.75  # inches of a panel beside others: with the words on its left it fits a phone
WORDS_WIDTH = 0.7  # inches of the words on the left of a figure, if its names are short
LABEL_WIDTH = 0.3  # inches of the words there besides names
MAX_SVG_BYTES = 130_000  # of a figure; in a larger one all marks become pixels
DOTS_PER_INCH = 160  # of what is drawn as pixels, as the page shows it


def shape_of(figure: Figure) -> str:
    """How a figure is shown: narrow, medium or broad."""
    width = 0.0 if is_slim(figure) else figure.get_figwidth()
    return next(name for name, (widest, _) in WIDTHS.items() if width <= widest)


def drawn(figure: Figure, data: PageData, shape: str) -> str:
    """The figure as an SVG element; its colours and letters are added to `data`.

    Its marks say which rows of the page's tables they are. Artists of more than MOST_MARKS marks are pixels, and all of them if
    the SVG would take more than MAX_SVG_BYTES; text and axes are never."""
    name = data.next_id("drawing")
    tables = [data.payloads.tables[table] for table in data.tables]
    with laid_out(figure, WIDTHS[shape][1]) as scale:
        for pixels in (False, True):
            with named(figure, pixels=pixels), parts_named(figure):
                text = svg_of(figure, DOTS_PER_INCH * scale)
            used = Used()
            marks = marks_of(figure, tables)
            marks.attributes |= parts_of(figure)
            made = inline(text, name, marks, used, scale)
            if len(made) <= MAX_SVG_BYTES:
                break
    data.used.colours |= themed(used.colours)
    data.used.letters |= used.letters
    return made


def is_slim(figure: Figure) -> bool:
    """Whether the panels of a figure stand in one column."""
    return _columns(figure) == 1


def _columns(figure: Figure) -> int:
    return max((grid.ncols for axes in figure.axes if (grid := axes.get_gridspec())), default=1)


def _widest(figure: Figure) -> float:
    """The width in inches at which each panel of a figure of several columns fits a phone, with the words on its left."""
    words = max(WORDS_WIDTH, names_width(figure) + LABEL_WIDTH)
    return words + _columns(figure) * (PANEL_WIDTH + WORDS_WIDTH - words)


@contextmanager
def laid_out(figure: Figure, width: float) -> Iterator[float]:
    """A context in which a figure is finished, and no wider than `width` inches; by how much the page enlarges it.

    A figure of one column fits a phone, and so does each panel of the others, with the words on its left."""
    before = figure.get_figwidth(), figure.get_figheight()
    try:
        if is_slim(figure):
            slim(figure)
            yield enlargement(before[0])
        else:
            break_names(figure)
            figure.set_figwidth(min(before[0], width, _widest(figure)))
            finish(figure)
            figure.set_figheight(before[1] + legends_below(figure))
            yield 1.0
    finally:
        figure.set_size_inches(before)
