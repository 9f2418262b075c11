"""Figures outside pyplot's state, and frames drawn one by one."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from landscape.figures.animation import animate
from landscape.figures.theme import PALETTE, new_figure, new_grid, pixels, themed
from landscape.report.blocks import _svg


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


def test_an_animation_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one label"):
        animate(new_figure()[0], lambda t: None, [], alt="")


@pytest.mark.parametrize("name", ["猫", "ኤ", "𒀀", "שלום"])
def test_names_that_the_font_lacks_are_drawn_without_a_warning(name: str) -> None:
    figure, axes = new_figure(2, 1.5)
    axes.set_title(name)
    assert pixels(figure).shape == (150, 200, 4)
    assert name in _svg(figure).decode()
