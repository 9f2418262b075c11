"""Figures of one column: they fit a phone, and what stands beside their plots goes below."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape.figures.theme import lay_out, new_figure, new_grid, pixels
from landscape.report.drawn_figure import WORDS_WIDTH, laid_out
from landscape.report.slim import MOST_ENLARGED, SLIM_WIDTH, enlargement, slim

LONG = ["a setting of many words, and of more", "another setting without commas", "short"]


def curves(words: list[str], width: float = 6.0, **legend: object) -> Figure:
    figure, axes = new_figure(width, 3.5)
    for index, word in enumerate(words):
        axes.plot([0, 1], [0, 1 + index % 2], marker="o", label=word)
    axes.set(xlabel="x", ylabel="y")
    axes.legend(**({"loc": "center left", "bbox_to_anchor": (1.0, 0.5)} | legend))
    return figure


def share_of_axes(figure: Figure) -> float:
    lay_out(figure)
    return float(figure.axes[0].get_position().width)


@pytest.mark.parametrize("words", [["a", "b", "c", "d", "e", "f", "g"], LONG])
def test_a_legend_beside_a_plot_stands_below_it(words: list[str]) -> None:
    figure = curves(words)
    slim(figure)
    assert figure.get_figwidth() == SLIM_WIDTH
    assert figure.axes[0].get_legend() is None
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == words
    assert share_of_axes(figure) > 0.8
    assert legend.get_window_extent().y1 <= figure.axes[0].get_tightbbox().y0 + 1
    assert legend.get_window_extent().width <= figure.bbox.width


def test_short_names_stand_at_the_ends_of_lines_and_a_legend_within_a_plot_stays() -> None:
    figure, axes = new_figure(6.0, 3.5)
    for index in range(2):
        axes.plot([0, 1], [0, 1 + index], label="ab"[index])
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    slim(figure)
    assert figure.legends == []
    assert [text.get_text() for text in axes.texts] == ["a", "b"]
    within = curves(["a", "b", "c", "d", "e", "f", "g"], loc="upper left", bbox_to_anchor=None)
    slim(within)
    assert within.legends == []
    assert within.axes[0].get_legend() is not None


def test_a_wide_legend_has_fewer_columns_and_the_figure_room_for_it() -> None:
    figure, axes = new_figure(6.0, 3.5)
    for word in LONG:
        axes.plot([0, 1], label=word)
    legend = figure.legend(loc="outside lower center", ncols=3)
    before = legend.get_window_extent()
    slim(figure)
    after = legend.get_window_extent()
    assert before.width > figure.bbox.width >= after.width
    assert after.height > 2 * before.height
    assert figure.get_figheight() == pytest.approx(0.85 * 3.5 + (after.height - before.height) / figure.dpi)


def test_wide_names_of_rows_and_long_names_of_axes_are_broken() -> None:
    figure, axes = new_figure(6.8, 2.0)
    axes.barh(range(3), [1, 2, 3])
    axes.set_yticks(range(3), LONG)
    axes.set_ylabel("a name that is far too long for this axis")
    slim(figure)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["a setting of many words,\nand of more", "another setting\nwithout commas", "short"]
    assert axes.get_ylabel() == "a name that is far too\nlong for this axis"
    assert figure.get_figheight() == 2.0  # two lines need the height of the rows
    assert share_of_axes(figure) > 0.4


def test_a_fixed_aspect_leaves_no_empty_bands() -> None:
    figure, axes = new_grid(2, 1, width=5.0, height=9.0)
    for ax in axes[:, 0]:
        ax.imshow(np.zeros((10, 20)))
    slim(figure)
    ink = (pixels(figure)[..., :3] < 250).any(axis=(1, 2))
    gaps = np.diff(np.flatnonzero(ink))
    assert gaps.max() < 0.5 * figure.dpi
    assert figure.get_figheight() < 5


def test_a_figure_that_fits_stays_and_none_is_enlarged_beyond_its_own_width() -> None:
    figure = curves(["a", "b", "c", "d", "e", "f", "g"], width=3.0)
    slim(figure)
    assert (*figure.get_size_inches(),) == (3.0, 3.5)
    assert figure.axes[0].get_legend() is not None
    assert [enlargement(width) for width in (3.0, SLIM_WIDTH, 4.07, 9.0)] == [1, 1, pytest.approx(1.1), MOST_ENLARGED]


def test_beside_other_panels_legends_stand_below_too_and_wide_names_make_the_figure_narrower() -> None:
    figure, axes = new_grid(1, 2, width=9.0, height=3.0, sharey=True)
    for ax in axes[0]:
        for word in LONG:
            ax.plot([0, 1], marker="o", label=word)
        ax.set_yticks([0, 1], LONG[:2])
    axes[0, 1].legend(title="a title", loc="center left", bbox_to_anchor=(1.0, 0.5))
    with laid_out(figure, 10.0):
        pass
    with laid_out(figure, 10.0) as scale:  # a second time too
        assert scale == 1
        (legend,) = figure.legends
        assert legend.get_title().get_text() == "a title"
        assert figure.get_figheight() == pytest.approx(3.0 + legend.get_window_extent().height / figure.dpi)
        lay_out(figure)
        left = figure.axes[0].get_position().x0 * figure.get_figwidth()
        width = figure.axes[0].get_position().width * figure.get_figwidth()
        assert left > WORDS_WIDTH + 0.2
        assert left + width < SLIM_WIDTH


def test_the_figure_keeps_its_size() -> None:
    figure = curves(LONG)
    sizes = []
    for _ in range(2):  # a second time changes nothing
        with laid_out(figure, 10.0) as scale:
            assert (figure.get_figwidth(), scale) == (SLIM_WIDTH, MOST_ENLARGED)
            sizes.append(figure.get_figheight())
    assert sizes[0] == sizes[1] > 3.0
    assert (*figure.get_size_inches(),) == (6.0, 3.5)
