"""Pictures of corner maxima, of shares by number of points, and of output maps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.figures.theme import GREEN, ORANGE
from landscape.studies.corners import by_count
from landscape.studies.corners.figures import corner_maxima

COUNTS, SEEDS = (1, 4, 16), 5


@pytest.fixture(scope="module")
def members() -> pd.DataFrame:
    rows = [
        {
            "hidden": hidden,
            "dim": dim,
            "count": count,
            "spread": spread,
            "member": seed,
            "corner_maximum": (seed + 1) / count,
        }
        for hidden in (2, 6)
        for dim in (2, 4, 7)
        for count in COUNTS
        for spread in (1.0, 0.5)
        for seed in range(SEEDS)
    ]
    table = pd.DataFrame(rows)
    same = dict.fromkeys(("cube_mean", "cube_maximum", "loss", "trace_share"), table["corner_maximum"])
    return table.assign(**same, rank=1.0, status=np.where(table["member"] == 0, "stalled", "converged"))


def published() -> pd.DataFrame:
    return pd.DataFrame({"dim": 2, "count": [1, 4], "value": [0.5, 0.001], "reading": ["read", "below"]})


def test_corner_maxima_draw_medians_a_picture_a_dimension(members: pd.DataFrame) -> None:
    controls = members.assign(control="constant")
    figure = corner_maxima(members, controls, published())
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["D = 2", "D = 4", "D = 7"]
    lines = {len(line.get_xdata()) for line in figure.axes[0].lines}
    assert lines >= {len(COUNTS), 1}
    median = next(line for line in figure.axes[1].lines if line.get_marker() == "s")
    np.testing.assert_allclose(median.get_ydata(), [3 / count for count in COUNTS])


def test_the_legend_names_depths_controls_and_dots(members: pd.DataFrame) -> None:
    figure = corner_maxima(members, members.assign(control="constant"), published())
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[:2] == ["hidden = 2", "hidden = 6"]
    assert {"constant", "memoriser", "untrained", "7/12", "published", "published, below"} <= set(words)
    without = corner_maxima(members[members["dim"] == 7], members.assign(control="constant"), published())
    assert "published" not in [text.get_text() for text in without.legends[0].get_texts()]


def test_the_legend_fills_an_empty_place(members: pd.DataFrame) -> None:
    four = pd.concat([members, members[members["dim"] == 7].assign(dim=8)])
    figure = corner_maxima(four, four.assign(control="constant"), published())
    assert figure.axes[4].get_legend() is not None
    assert not figure.legends


def test_lines_by_count_carry_a_marker_a_dimension(members: pd.DataFrame) -> None:
    figure = by_count.training_losses(members, 1e-6)
    assert len(figure.axes) == 2
    drawn = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", "")]
    assert len({line.get_marker() for line in drawn}) == len({line.get_color() for line in drawn}) == 3


def test_stacked_shares_sum_to_one(members: pd.DataFrame) -> None:
    figure = by_count.stacked_shares(members, "status", ("converged", "stalled"), (GREEN, ORANGE))
    assert len(figure.axes) == 2 * 3
    heights = [[bar.get_height() for bar in container] for container in figure.axes[0].containers]
    np.testing.assert_allclose(heights, [[0.8] * 3, [0.2] * 3])


def test_flatness_spread_and_shells_draw_every_depth(members: pd.DataFrame) -> None:
    assert len(by_count.what_flat_means(members).axes) == 4
    assert len(by_count.loss_by_spread(members).axes) == 2
    shells = pd.concat([members.assign(shell=s, inner=s / 2, outer=s / 2 + 0.5, shell_mean=1.0 + s) for s in (0, 1)])
    figure = by_count.cube_against_corners(members, shells)
    line = figure.axes[1].lines[0]
    np.testing.assert_allclose(line.get_xdata(), [0.25, 0.75])
    np.testing.assert_allclose(line.get_ydata(), [0.5, 1.0])


def test_output_maps_draw_the_first_network_thick_over_the_diagonal() -> None:
    x = np.linspace(0, 1, 11)
    found = {(2, 4): {"map_x": x, "map_y": np.stack([x, x**2, x**3]), "markers": np.full((3, 4, 1), 0.5)}}
    figure = by_count.output_maps(found, (2,), (4, 16))
    first, second = figure.axes
    assert [line.get_linewidth() for line in first.lines] == [0.8, 0.7, 0.7, 1.8, pytest.approx(1.6)]
    assert len(second.lines) == 1
