"""The titles and findings of a depth sweep's panels follow the tables, in both directions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.studies.depth_sweep import captions

SEEDS = 23
DIRECTIONS = [(0.2, 0), (-0.2, 1), (0.0, 2)]


def made_up(gain: float = 0.0, *, hidden: tuple[int, ...] = (2, 7), budget: int = 0) -> pd.DataFrame:
    """Networks of two widths of which every measurement is larger by `gain` at 7 hidden layers, up to noise."""
    noise = np.random.default_rng(0).uniform(-0.02, 0.02, (SEEDS, 8, 2))
    rows = [
        {"data": "four-points", "hidden": depth, "width": width, "budget": budget, "seed": seed, "parameters": depth * width,
         "value": 0.4 + gain * (depth == 7) + noise[seed, depth, place]}
        for seed in range(SEEDS) for depth in hidden for place, width in enumerate((5, 50))
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    same = dict.fromkeys(("cube_mean", "flat_share", "share_early", "share_end"), table.value)
    return table.assign(**same, burn_in=(100 * table.value).round(), burn_in_censored=False)


@pytest.mark.parametrize(("gain", "place"), DIRECTIONS)
def test_what_depth_does_is_computed(gain: float, place: int) -> None:
    rows, unclear = made_up(gain), "depth makes no clear difference"
    ends = f"40 % of the line with 2 hidden layers and {40 + 100 * gain:.0f} % with 7"
    title, finding = captions.plateau_words(rows)
    assert title == ("deeper networks are flat on more of it", "deeper networks are flat on less of it", unclear)[place]
    assert ends in finding
    title, finding = captions.arrival_words(rows)
    assert title == ("sooner in deeper networks", "later in deeper networks", unclear)[place]
    assert finding.startswith("After 5 iterations 40 % of the samples")
    assert finding.endswith("over all widths.")
    title, finding = captions.surface_words(rows)
    assert title == ("deeper networks lose more off the data", "deeper networks lose less off the data", unclear)[place]
    assert f"and 0.{4 + round(10 * gain)}" in finding


@pytest.mark.parametrize(("gain", "place"), DIRECTIONS)
def test_depth_at_equal_size_is_judged_as_in_the_answer(gain: float, place: int) -> None:
    some = made_up(gain, budget=700).query("width == 5")
    title, finding = captions.capacity_words(pd.concat([some, some.assign(budget=2800)]))
    assert (
        title
        == f"at equal size depth {('brings samples sooner', 'brings samples later', 'makes no clear difference')[place]}"
    )
    assert "points with 700 parameters and" in finding


def test_larger_networks_settle_sooner_or_later() -> None:
    for gain, word in ((0.2, "later"), (-0.2, "sooner")):
        rows = made_up(gain).query("width == 5")
        title, finding = captions.burn_in_words(rows, 100)
        assert title == f"larger networks settle {word}"
        assert "iterations for networks of 10 parameters and" in finding
        assert "0 of 46 networks had not settled by iteration 100" in finding
    assert "3 of 46" in captions.burn_in_words(rows.assign(burn_in_censored=np.arange(46) < 3), 100)[1]
    assert captions.burn_in_words(made_up(hidden=(2,)).query("width == 5"), 100)[0] == "networks of one size"


def test_one_depth_is_compared_with_nothing() -> None:
    rows = made_up(hidden=(2,))
    for words in (captions.plateau_words, captions.arrival_words, captions.surface_words):
        assert words(rows)[0] == "networks with 2 hidden layers"


def test_samples_all_arrive_or_not() -> None:
    assert captions.climbing_words(pd.Series([0.96, 1.0]), 20)[0] == "nearly all arrive at the data"
    title, finding = captions.climbing_words(pd.Series([0.5, 1.0]), 20)
    assert title == "not all arrive at the data"
    assert finding == "After 20 iterations 50 % to 100 % of the samples of the networks shown are at a training point."
