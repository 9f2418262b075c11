"""Pictures of step flatness: profiles, slopes, means by depth, and images between images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape.figures.theme import BLUE, ORANGE, SKY, pixels
from landscape.studies.step_flatness.figures import (
    LineProfile,
    by_depth_and_width,
    image_strips,
    profiles,
    shares_by_member,
    slope_map,
    steepest_tenth,
)

POSITION = np.linspace(0, 1, 11)


def stair(failed: tuple[bool, ...] = (False, False, True)) -> LineProfile:
    """Three members that are flat up to 0.4 and from 0.6 on. The second is the median member and has the steepest step."""
    ramp = np.clip((POSITION - 0.4) / 0.2, 0, 1)
    slopes = np.where((POSITION > 0.35) & (POSITION < 0.65), 3.0, 0.0)
    outputs = np.stack([0.2 + 0.5 * ramp, 0.2 + 0.6 * ramp, 0.3 + 0.4 * ramp])
    return LineProfile(
        POSITION, outputs, slopes * np.array([[1.0], [1.2], [0.8]]), 1, np.array([0.2, 0.8]), np.array(failed)
    )


def table(widths: tuple[int, ...] = (5, 11), budgets: tuple[int, ...] = (0, 70)) -> pd.DataFrame:
    """Five members per cell. Member m at depth h has the sharpness h/10 + m/100, and member 3 failed."""
    return pd.DataFrame(
        [
            {
                "hidden": hidden,
                "width": width,
                "budget": budget,
                "member": member,
                "status": "stalled" if member == 3 else "converged",
                "sharpness": hidden / 10 + member / 100,
            }
            for budget in budgets
            for width in widths
            for hidden in (1, 2, 7)
            for member in range(5)
        ]
    )


def test_the_steepest_tenth_between_two_training_points_is_marked() -> None:
    position = np.linspace(0, 1, 101)
    outputs = np.interp(position, [0, 0.4, 0.46, 1], [0, 0.2, 0.8, 0.9])
    net = LineProfile(position, outputs[None], np.ones((1, 101)), 0, np.array([0.2, 0.8]), np.array([False]))
    marked = position[steepest_tenth(net)]
    assert (marked[0], marked[-1], len(marked)) == (pytest.approx(0.4), pytest.approx(0.46), 7)  # 6 of 60 steps
    beyond = replace(net, outputs=np.interp(position, [0, 0.1, 0.8, 1], [0, 0.7, 0.8, 0.9])[None])
    assert position[steepest_tenth(beyond)].min() >= 0.2 - 1e-9
    figure = profiles([[net]], ["7 hidden"], ["width 5"], ("x", "f(x)"))
    (thick,) = (line for line in figure.axes[0].lines if line.get_color() == ORANGE)
    assert np.allclose(thick.get_xdata(), marked)
    assert "its steepest tenth" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert not steepest_tenth(replace(net, points=np.array([0.2, 0.5, 0.8]))).any()


def test_a_profile_draws_every_member_the_median_thick_and_its_plateaus_shaded():
    figure = profiles([[stair()]], ["2 hidden"], ["width 5"], ("x", "f(x)"))
    ax = figure.axes[0]
    thick = [line for line in ax.lines if line.get_color() == BLUE]
    assert len(ax.lines) == 7  # the identity, three members, the median again, its steepest tenth, the training points
    assert [line.get_linestyle() for line in ax.lines[1:4]] == ["-", "-", ":"]
    assert np.allclose(thick[0].get_ydata(), stair().outputs[1])
    assert [patch.get_facecolor()[:3] for patch in ax.patches] == [pytest.approx((0.337, 0.706, 0.914), abs=2e-3)] * 2
    assert SKY == "#56b4e9"
    assert [(patch.get_x(), patch.get_width()) for patch in ax.patches] == [
        (0.0, pytest.approx(0.3)),
        (pytest.approx(0.7), pytest.approx(0.3)),
    ]


def test_a_profile_of_no_cell_is_an_empty_place():
    figure = profiles([[stair(), None]], ["2 hidden"], ["width 5", "width 7"], ("x", "f(x)"))
    assert not figure.axes[1].axison
    assert figure.axes[1].get_title() == "2 hidden, width 7"


def test_slope_map_puts_the_steepest_member_on_top_and_marks_the_failed_one():
    figure = slope_map([stair(), stair((False, False, False))], ["shallow", "deep"], "x")
    first = figure.axes[0]
    assert np.allclose(first.images[0].get_array().max(1), [3.6, 3.0, 2.4])
    assert first.lines[-1].get_ydata().tolist() == [2.5]  # the third row
    assert not [line for line in figure.axes[1].lines if line.get_marker() == "x"]


def test_means_stand_at_their_depth_beside_the_references():
    figure = by_depth_and_width(table(), "sharpness", "sharpness", {"linear": 0.1, "step": 1.0})
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["by depth", "by depth, equal parameters", "by width"]
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert lines[0].get_xdata().tolist() == [1, 2, 7]
    assert np.allclose(lines[0].get_ydata(), [0.12, 0.22, 0.72])
    assert {text.get_text() for text in figure.axes[0].texts} == {"linear", "step"}


def test_one_width_and_no_budget_leave_one_picture_and_untrained_nets_are_crosses():
    plain = table(widths=(5,), budgets=(0,))
    untrained = plain.assign(sharpness=0.1)
    figure = by_depth_and_width(plain, "sharpness", "sharpness", {"step": 1.0}, untrained)
    assert len(figure.axes) == 1
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert np.allclose(crosses[0].get_ydata(), 0.1)


def test_every_member_is_a_dot_and_failed_ones_are_hollow():
    figure = shares_by_member(table(budgets=(0,)), "sharpness", "share")
    filled = [dots for dots in figure.axes[0].collections if len(dots.get_facecolor())]
    hollow = [dots for dots in figure.axes[0].collections if not len(dots.get_facecolor())]
    assert sum(len(dots.get_offsets()) for dots in filled) == 3 * 2 * 4
    assert sum(len(dots.get_offsets()) for dots in hollow) == 3 * 2
    bars = sorted(float(line.get_ydata()[0]) for line in figure.axes[0].lines)
    assert bars == pytest.approx([0.12, 0.12, 0.22, 0.22, 0.72, 0.72])


def test_image_strips_show_each_image_at_its_place():
    images = np.random.default_rng(0).random((3, 5, 7))
    figure = image_strips({"input": images, "deep": 1 - images})
    assert len(figure.axes) == 6
    assert np.array_equal(figure.axes[4].images[0].get_array(), 1 - images[1])
    assert [ax.get_title() for ax in figure.axes[:3]] == ["0", "0.5", "1"]
    assert pixels(figure).shape[2] == 4
