"""Pictures of memorisation: statistics by setting, losses and distances, mixtures, and twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape.figures.samples import MEMORISATION_COLOURS
from landscape.figures.theme import BLUE, GREEN, MUTED, ORANGE, PALETTE, pixels
from landscape.studies.memorisation import figures as pictures

STATISTICS = {"distance_ratio": "distance", "authenticity": "authenticity", "c_t": "$C_T$"}


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def by_count() -> pd.DataFrame:
    """Members 0, 1 and 2 at each of three counts and two depths. Member 1 is the median."""
    rows = [
        {"count": count, "hidden": hidden, "member": member, "distance_ratio": member * count / hidden, "c_t": member - 24.0}
        for hidden in (10, 2)
        for count in (10, 100, 1000)
        for member in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(authenticity=np.nan)


def statistics(table: pd.DataFrame, **options: Any) -> Figure:
    options = {"x": "count", "line": "hidden", "statistics": STATISTICS, "references": {"c_t": -3.0}} | options
    return pictures.statistics_by(table, **options)


def test_lines_are_medians_over_members_and_bands_their_middle_half() -> None:
    figure = statistics(by_count())
    distance, _, c_t = figure.axes
    shallow, deep = distance.lines
    assert shallow.get_xydata().tolist() == [[10, 5], [100, 50], [1000, 500]]
    assert deep.get_xydata().tolist() == [[10, 1], [100, 10], [1000, 100]]
    band = distance.collections[0].get_paths()[0].vertices
    assert {2.5, 7.5} <= set(band[band[:, 0] == 10, 1])
    assert words(figure) == ["2", "10"]
    assert figure.legends[0].get_title().get_text() == "hidden"
    assert len({(line.get_color(), line.get_marker()) for line in distance.lines}) == 2
    assert np.allclose(c_t.lines[-1].get_ydata(), -3)
    assert distance.get_xscale() == "log"
    assert distance.get_xticks().tolist() == [10, 100, 1000]
    assert [text.get_text() for text in distance.get_xticklabels()] == ["10", "100", "1,000"]


def test_a_statistic_without_a_value_says_so() -> None:
    empty = statistics(by_count(), references={"authenticity": 0.5}).axes[1]
    assert [text.get_text() for text in empty.texts] == ["no value"]
    assert not empty.lines


def test_only_a_statistic_beyond_twenty_is_drawn_logarithmically_with_its_ends_inside() -> None:
    table = by_count().assign(distance_ratio=20.0)
    distance, _, c_t = statistics(table).axes
    assert (distance.get_yscale(), c_t.get_yscale()) == ("linear", "symlog")
    low, high = c_t.get_ylim()
    assert low < -24
    assert high > -3


def test_values_that_are_not_finite_are_left_out() -> None:
    table = by_count()
    table.loc[(table["count"] == 10) & (table.member == 2), "distance_ratio"] = np.inf
    table.loc[(table["count"] == 100), "distance_ratio"] = np.nan
    shallow = statistics(table).axes[0].lines[0]
    assert shallow.get_xydata().tolist() == [[10, 2.5], [1000, 500]]


def test_lines_of_a_single_x_stand_side_by_side_with_bars() -> None:
    for log in (True, False):
        ax = statistics(by_count().query("count == 100"), log_x=log).axes[0]
        left, right = (bar.lines[0].get_xydata()[0] for bar in ax.containers)
        assert (left[1], right[1]) == (50, 10)
        assert ax.get_xlim()[0] < left[0] < 100 < right[0] < ax.get_xlim()[1]
        assert ax.get_xticks().tolist() == [100]


def test_a_fifth_statistic_begins_a_row_and_a_ninth_line_is_dashed() -> None:
    table = by_count().assign(hidden=[f"net {index % 9}" for index in range(18)], count=lambda one: one.member + 1)
    names = {f"s{index}": f"S {index}" for index in range(5)}
    figure = statistics(table.assign(**dict.fromkeys(names, 1.0)), statistics=names, log_x=False)
    assert [ax.get_ylabel() for ax in figure.axes] == list(names.values())
    first, last = figure.legends[0].legend_handles[0], figure.legends[0].legend_handles[8]
    assert words(figure)[8] == "net 8"
    assert first.get_color() == last.get_color() == PALETTE[0]
    assert first.get_linestyle() != last.get_linestyle()


def test_numbers_that_would_touch_those_at_the_ends_are_left_out_but_not_their_ticks() -> None:
    table = by_count().assign(count=np.repeat([1000, 1010, 1020, 9000, 9500, 10000], 3))
    ax = statistics(table, line="").axes[0]
    assert ax.get_xticks().tolist() == [1000, 1010, 1020, 9000, 9500, 10000]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1,000", "", "", "", "", "10,000"]


def test_no_points_at_all_have_no_place_on_a_logarithmic_axis() -> None:
    with pytest.raises(ValueError, match=r"`count` must be above 0 on a logarithmic axis; got 0\. Pass log_x=False"):
        statistics(by_count().replace({"count": {10: 0}}))


def members() -> pd.DataFrame:
    rows = [("copies", 1e-5, 0.1), ("generalises", 1e-3, 1.0), ("copies", 1e-4, 0.2), ("copies", 1e-4, np.nan)]
    rows += [("underfit", np.inf, 2.0), ("mixed", 0.0, 0.5)]
    return pd.DataFrame(rows, columns=["verdict", "training_loss", "distance_ratio"])


def test_dots_are_coloured_and_counted_by_verdict_and_the_rest_is_counted_in_the_corner() -> None:
    figure = pictures.loss_and_distance(members(), limit=0.02)
    ax = figure.axes[0]
    copies, generalises, limit, one = ax.lines
    assert copies.get_xydata().tolist() == [[1e-5, 0.1], [1e-4, 0.2]]
    assert (copies.get_color(), generalises.get_color()) == (ORANGE, GREEN)
    assert copies.get_marker() != generalises.get_marker()
    assert (limit.get_xdata()[0], one.get_ydata()[0]) == (0.02, 1)
    assert words(figure) == ["near held out (0.8 to 1.2)", "copies (2)", "generalises (1)"]
    assert [text.get_text() for text in ax.texts] == ["held out", "underfit →", "3 not drawn (not finite)"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")


def test_without_a_band_or_a_dot_there_is_no_legend() -> None:
    figure = pictures.loss_and_distance(members()[3:], limit=0.02, near=None)
    assert not figure.legends
    assert pixels(figure).size


def test_a_verdict_without_a_colour_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be one of copies, generalises, .*; got copied"):
        pictures.loss_and_distance(members().replace("mixed", "copied"), limit=0.02)
    assert "copied" not in MEMORISATION_COLOURS


def mixtures() -> pd.DataFrame:
    rows = [
        {
            "share": share,
            "member": member,
            "copied": share,
            "authenticity": 0.5 - share / 2,
            "c_t": (member - 11) * share,
        }
        for share in (1.0, 0.0, 0.5)
        for member in (0, 1, 5)
    ]
    return pd.DataFrame(rows)


def test_mixtures_have_a_thin_line_a_member_and_a_thick_median() -> None:
    figure = pictures.mixture_curves(mixtures(), limits={"c_t": -3.0})
    copied, authenticity, c_t = figure.axes
    assert copied.lines[3].get_xydata().tolist() == [[0, 0], [0.5, 0.5], [1, 1]]
    assert copied.lines[-1].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert copied.lines[-1].get_linestyle() == "--"
    assert authenticity.lines[3].get_ydata().tolist() == [0.5, 0.25, 0]
    assert [line.get_ydata()[-1] for line in c_t.lines] == [-11, -10, -6, -10, -3]
    assert c_t.lines[3].get_linewidth() > 2 * c_t.lines[0].get_linewidth()
    assert c_t.get_yscale() == "linear"
    assert words(figure) == ["a member", "median of 3", "true share, or limit"]


def test_mixtures_leave_out_what_is_not_a_number() -> None:
    table = mixtures().query("member == 0").assign(c_t=[-24.0, np.nan, 1.0])
    c_t = pictures.mixture_curves(table, limits={}).axes[2]
    assert c_t.lines[0].get_xydata().tolist() == [[0.5, 1], [1, -24]]
    assert c_t.get_yscale() == "symlog"


def pairs() -> pd.DataFrame:
    rows = [("wide", 0.6, 0.1, 0.0), ("deep", np.nan, np.nan, np.nan), ("wide", 0.8, 0.1, 0.02), ("one", 1.0, 0.2, 0.5)]
    return pd.DataFrame(rows, columns=["net", "agreement", "chance", "copied"])


def test_twins_are_means_with_normal_intervals_that_end_at_none_and_all() -> None:
    figure = pictures.twin_figure(pairs(), setting="net")
    ax = figure.axes[0]
    agreement, chance, copied = ax.containers
    assert [bar.lines[0].get_color() for bar in ax.containers] == [BLUE, MUTED, ORANGE]
    assert len({bar.lines[0].get_marker() for bar in ax.containers}) == 3
    assert np.allclose(agreement.lines[0].get_xdata(), [0.7, np.nan, 1], equal_nan=True)
    ends = agreement.lines[2][0].get_segments()[0][:, 0]
    assert np.allclose(ends, [0.7 - 0.196, 0.7 + 0.196])
    assert np.allclose(copied.lines[2][0].get_segments()[0][:, 0], [0, 0.01 + 0.0196])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["wide", "deep", "one"]
    assert ax.yaxis_inverted()
    assert [(text.get_text(), text.get_position()[1]) for text in ax.texts] == [("no value", 1)]
    assert words(figure) == ["twins agree", "agree by chance", "copies"]
    rows = np.array([bar.lines[0].get_ydata() for bar in ax.containers])
    assert np.allclose(rows.mean(axis=0), [0, 1, 2])
    assert (np.diff(rows, axis=0) > 0.1).all()  # the markers of the three columns do not overlap
    assert np.allclose(chance.lines[0].get_xdata()[[0, 2]], [0.1, 0.2])


@pytest.mark.parametrize("name", ["statistics", "loss", "mixtures", "twins"])
def test_nothing_is_drawn_at_the_edge(name: str) -> None:
    long = pd.concat(
        [pairs().assign(net=lambda one, at=at: one.net + f" autoencoder, {at} words" * 4) for at in range(2)]
    )
    figure = {
        "statistics": lambda: statistics(by_count().assign(hidden=lambda one: "autoencoder of depth " + one.hidden.map(str))),
        "loss": lambda: pictures.loss_and_distance(members(), limit=0.02),
        "mixtures": lambda: pictures.mixture_curves(mixtures(), limits={"authenticity": 0.5}),
        "twins": lambda: pictures.twin_figure(long, setting="net"),
    }[name]()  # fmt: skip
    shown = pixels(figure)[..., :3]
    edges = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert (edges == 255).all()


def test_a_table_without_rows_says_that_there_is_nothing_to_draw() -> None:
    for figure in (
        statistics(by_count()[:0]),
        pictures.loss_and_distance(members()[:0], limit=0.02),
        pictures.twin_figure(pairs()[:0], setting="net"),
    ):
        assert [ax.texts[0].get_text() for ax in figure.axes] == ["nothing to draw: the table has no rows"]
