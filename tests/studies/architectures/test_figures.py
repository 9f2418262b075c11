"""Pictures that set architectures beside each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.figures.by_size import zero_slopes
from landscape.figures.theme import pixels
from landscape.studies.architectures import figures as pictures

NETS = ("mlp", "cnn", "transformer")


def members() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        {
            "net": net,
            "band": band,
            "member": member,
            "loss": 10 ** rng.uniform(-5, -1),
            "trace": rng.uniform(),
            "spread": rng.uniform(),
        }
        | dict(zip(pictures.ENDS, rng.dirichlet(np.ones(5)), strict=True))
        for net in NETS
        for band in (0.01, 0.001)
        for member in range(5)
    ]
    return pd.DataFrame(rows)


def test_bars_add_up_and_a_net_without_members_is_not_fitted() -> None:
    table = members()
    table = table[(table.net != "cnn") | (table.band != 0.001)]
    figure = pictures.where_orbits_end(table)
    for ax, band in zip(figure.axes, (0.01, 0.001), strict=True):
        ends = {patch.get_y(): 0.0 for patch in ax.patches}
        for patch in ax.patches:
            ends[patch.get_y()] += patch.get_width()
        expected = [1, 1, 1] if band == 0.01 else [1, 0, 1]
        assert sorted(ends.values()) == pytest.approx(sorted(expected))
    assert [text.get_text() for text in figure.axes[1].texts] == ["n = 5", "not fitted", "n = 5"]


def test_the_rate_that_was_taken_is_filled() -> None:
    table = pd.DataFrame(
        {"net": ["a", "a", "b", "b"], "rate": [1e-3, 1e-2] * 2, "loss": [1, 2, 3, 4], "taken": [True, False] * 2}
    )
    (ax,) = pictures.rates_tried(table).axes
    taken = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [line.get_ydata()[0] for line in taken] == [1, 3]


def test_a_row_of_tiles_a_net() -> None:
    images = np.zeros((6, 5, 3), np.uint8)
    figure = pictures.sheet_of_nets({net: [images, images + 255] for net in NETS}, ["training", "reconstructed"])
    assert len(figure.axes) == 6
    assert [figure.axes[2 * row].get_ylabel() for row in range(3)] == list(NETS)
    assert (figure.axes[1].images[0].get_array()[0, 0] == 255).all()


def census() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = {"net": np.repeat(NETS, 7), "relative": rng.uniform(0, 3, 21), "growth": rng.uniform(0, 3, 21)}
    return pd.DataFrame(rows | {"visits": rng.integers(1, 90, 21), "training": rng.uniform(size=21) < 0.3})


def line() -> pd.DataFrame:
    rows = [
        (net, width, seed % 2 * (net == "mlp") / width) for net in NETS[:2] for width in (2, 5, 50) for seed in range(5)
    ]
    return pd.DataFrame(rows, columns=["net", "width", "zero_slope"])


def test_means_of_zero_slope_by_width() -> None:
    (ax,) = zero_slopes(line()).axes
    mlp, injective = ax.lines
    assert mlp.get_xydata()[:, 1] == pytest.approx([0.4 / width for width in (2, 5, 50)])
    assert not injective.get_ydata().any()


@pytest.mark.parametrize("name", ["ends", "losses", "rates", "sheet", "identity", "census", "one", "line"])
def test_nothing_touches_the_edge(name: str) -> None:
    table = members()
    tiles = np.zeros((8, 8, 8), np.uint8)
    one = table.assign(hidden=np.tile([1, 3, 10], 10), identity_share=table.trace)
    rates = pd.DataFrame({"net": ["transformer"] * 2, "rate": [1e-4, 1e-2], "loss": [1e-3, 2], "taken": [True, False]})
    figure = {
        "ends": lambda: pictures.where_orbits_end(table),
        "losses": lambda: pictures.losses_by_net(table, [1e-2, 1e-3]),
        "rates": lambda: pictures.rates_tried(rates),
        "sheet": lambda: pictures.sheet_of_nets({"cnn-bottleneck": [tiles] * 6}, ["a"] * 6),
        "identity": lambda: pictures.identity_or_constant(table),
        "census": lambda: pictures.attractor_census(census()),
        "one": lambda: pictures.identity_by_depth(one),
        "line": lambda: zero_slopes(line()),
    }[name]()
    shown = pixels(figure)[..., :3]
    edges = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert (edges == 255).all()
