"""The house style, figures outside pyplot's state, and animations drawn frame by frame."""

from __future__ import annotations

import html

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape.figures.animation import animate
from landscape.figures.orbit_map import orbit_map
from landscape.figures.theme import PALETTE, drawn, new_figure, new_grid, pixels, themed
from landscape.report.vector import svg_of


def test_figures_leave_pyplot_and_its_settings_alone() -> None:
    before = dict(mpl.rcParams)
    figure, axes = new_figure(4, 2)
    _, grid = new_grid(2, 3)
    with themed():
        line = axes.plot([0, 1])[0]
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before
    assert figure.get_size_inches().tolist() == [4, 2]
    assert grid.shape == (2, 3)
    assert line.get_color() == PALETTE[0]


def test_a_frame_is_drawn_for_each_label() -> None:
    figure, axes = new_figure(2, 1.5)
    (line,) = axes.plot([0, 1], [0, 1])
    made = animate(figure, lambda t: line.set_ydata([0, t]), ["a", "b", "c"], alt="a line")
    assert made.frames.shape == (3, 150, 200, 3)
    assert made.frames.dtype == np.uint8
    assert (made.frames[0] != made.frames[2]).any()


def test_a_frame_is_the_whole_figure_drawn_anew() -> None:
    """Only what moves is drawn for each frame. It lies between what lies above it and below it."""
    figure, grid = new_grid(1, 2, width=5, height=2.5)
    left, right = grid[0]
    (line,) = left.plot([0, 1], [0, 1], lw=5)
    left.plot([0, 1], [1, 0], lw=5)
    left.set(xlabel="x", title="kept")

    def draw(t: int) -> None:
        line.set_ydata([0, t / 2])
        right.clear()
        right.scatter([t, 0.5], [0.5, t], s=90)
        right.set(xlim=(-1, 3), ylim=(-1, 3), title=f"iteration {t}")

    made = animate(figure, draw, ["a", "b", "c"], alt="")
    for t in range(3):
        with themed():
            draw(t)
            assert (pixels(figure)[..., :3] == made.frames[t]).all()


def test_an_animation_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one label"):
        animate(new_figure()[0], lambda t: None, [], alt="")


@pytest.mark.parametrize("name", ["猫", "ኤ", "𒀀", "שלום"])
def test_names_that_the_font_lacks_are_drawn_without_a_warning(name: str) -> None:
    figure, axes = new_figure(2, 1.5)
    axes.set_title(name)
    assert pixels(figure).shape == (150, 200, 4)
    assert name in svg_of(figure, 100)


@drawn
def everywhere(word: str) -> Figure:
    """A figure with `word` in every place that can hold text, and with a shared logarithmic axis."""
    figure, axes = new_grid(1, 2, sharey=True, width=9, height=4)
    for place, axis in enumerate(axes.flat):
        axis.set(title=f"title {word}", xlabel=f"x {word}", ylabel=f"y {word}", yscale="log", ylim=(1e-3, 1e3))
        axis.text(0.5, 0.5, f"text {word}")
        axis.annotate(f"note {word}", (0.5, 1))
        if place % 2:
            axis.bar([f"bar {word}", "other"], [1, 2], label=f"label {word}")
        else:
            axis.plot([0, 1], [1, 2], label=f"label {word}")
            axis.set_xticks([0, 1], [f"tick {word}", "other"])
        axis.legend(title=f"legend {word}")
    figure.suptitle(f"figure {word}")
    figure.legend(handles=axes[0, 0].lines)
    return figure


@pytest.mark.parametrize("word", ["$5", r"a$\frac$ < {_}", r"\$3 and $4", "$x_1$"])
def test_words_stand_as_they_are_written_and_are_no_mathematics(word: str) -> None:
    svg = html.unescape(svg_of(everywhere(word), 100))
    for place in ["figure", "title", "x", "y", "text", "note", "tick", "bar", "label", "legend"]:
        assert f">{place} {word}<" in svg
    assert r">$\mathdefault" not in svg  # powers of ten are still typeset


def test_classes_stand_in_the_legend_whatever_they_begin_with() -> None:
    classes = ["$a$", "_b", "c"]
    points = np.random.default_rng(0).random((12, 3))
    figure = orbit_map(points, np.arange(12) % 3, points[None, :2].repeat(4, axis=0), classes=classes)
    names = [text.get_text().strip() for text in figure.axes[0].get_legend().get_texts()]
    assert names[:3] == classes
    assert ">$a$<" in svg_of(figure, 100)
