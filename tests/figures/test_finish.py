"""Letters on panels, and names at the ends of lines."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape.figures.contrast import TEXT, contrast, readable
from landscape.figures.finish import MOST_LETTERS, MOST_NAMED, _apart, finish
from landscape.figures.theme import PALETTE, new_figure, new_grid


def curves(ends: list[float]) -> Figure:
    figure, axes = new_figure()
    for index, end in enumerate(ends):
        axes.plot([0, 1, 2], [0, end / 2, end], color=PALETTE[index % len(PALETTE)], label=f"line {index}")
    axes.set(ylim=(0, 1))
    axes.legend()
    return figure


@pytest.mark.parametrize(
    ("count", "lettered"), [(1, False), (2, True), (MOST_LETTERS, True), (MOST_LETTERS + 1, False)]
)
def test_a_few_panels_have_letters(count: int, lettered: bool) -> None:
    figure, (row,) = new_grid(1, count)
    row[0].set_title("a title")
    for _ in range(2):  # a second time changes nothing
        finish(figure)
    titles = [axes.get_title() or axes.get_title("left") for axes in row]
    letters = ["a\u2002a title", *"bcdefgh"] if lettered else ["a title", *[""] * 8]
    assert titles == letters[:count]


def test_colour_bars_and_pictures_have_no_letters() -> None:
    figure, (row,) = new_grid(1, 3)
    figure.colorbar(row[0].imshow(np.eye(3)), ax=row[0])
    row[2].imshow(np.eye(3))
    row[2].set_axis_off()
    finish(figure)
    assert [axes.get_title("left") for axes in figure.axes] == ["a", "b", "", ""]


def test_names_stand_at_the_ends_of_a_few_lines_apart() -> None:
    figure = curves([0.2, 0.5, 0.51])
    finish(figure)
    (axes,) = figure.axes
    assert axes.get_legend() is None
    assert [text.get_text() for text in axes.texts] == ["line 0", "line 1", "line 2"]
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[:index])
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)
    assert all(contrast(str(text.get_color()), "white") >= TEXT for text in axes.texts)


@pytest.mark.parametrize("ends", [[0.5], [0.5, 0.5, 0.5, 0.5], list(np.linspace(0.1, 0.9, MOST_NAMED + 1)), [0.2, 1.4]])
def test_the_legend_stays_where_names_have_no_room(ends: list[float]) -> None:
    figure = curves(ends)
    finish(figure)
    assert figure.axes[0].get_legend() is not None
    assert not figure.axes[0].texts


def test_the_legend_stays_if_it_names_more_than_lines() -> None:
    figure = curves([0.2, 0.8])
    (axes,) = figure.axes
    axes.scatter([0, 1], [0, 1], label="points")
    axes.legend()
    finish(figure)
    assert axes.get_legend() is not None


def test_heights_move_apart_by_no_more_than_the_room() -> None:
    moved = _apart(np.array([0.5, 0.2, 0.52]), 0.1)
    assert moved is not None
    np.testing.assert_allclose(moved, [0.46, 0.2, 0.56], atol=1e-6)
    assert _apart(np.zeros(4), 0.1) is None


@pytest.mark.parametrize("ground", ["white", "#1a2028"])
def test_colours_become_readable(ground: str) -> None:
    assert all(contrast(readable(colour, ground), ground) >= TEXT for colour in PALETTE)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_title_wider_than_its_panel_is_broken_at_a_comma() -> None:
    figure, (row,) = new_grid(1, 3, width=6)
    row[0].set_title("2 hidden, width 50, 4 × the steps")
    row[1].set_title("short, 2")
    finish(figure)
    assert [axes.get_title() for axes in row[:2]] == ["a\u20022 hidden, width 50,\n4 × the steps", "b\u2002short, 2"]


def test_pictures_settle_with_the_first_drawing_after_it() -> None:
    figure, rows = new_grid(2, 1, width=4.5, height=4.6)
    for (axes,) in rows:
        axes.imshow(np.zeros((40, 70)), aspect="equal")
        axes.set_yticks([5, 20], ["samples of a network", "nearest images"])
        axes.set_title("a title")
    finish(figure)
    figure.draw_without_rendering()
    first = [axes.get_position().bounds for axes in figure.axes]
    figure.draw_without_rendering()
    np.testing.assert_allclose([axes.get_position().bounds for axes in figure.axes], first, atol=1e-3)


def test_names_of_rows_beside_pictures_are_within_the_figure() -> None:
    figure, axes = new_grid(2, 4, width=10.3, height=4.9)
    for ax in axes.flat:
        shown = ax.imshow(np.zeros((9, 9)))
        ax.set(xticks=[], yticks=[])
    for ax, name in zip(axes[:, 0], ("width 10", "width 50"), strict=True):
        ax.set_ylabel(name)
    figure.colorbar(shown, ax=list(axes.flat), label="slope", shrink=0.8)
    finish(figure)
    figure.draw_without_rendering()
    assert min(ax.yaxis.label.get_window_extent().x0 for ax in axes[:, 0]) >= 0
