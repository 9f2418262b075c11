"""How a quantity changes with a setting, in words."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from landscape.studies.parts.changes import change

WORDS = ("up", "down", "unclear")


def table(gain: float, seeds: int = 23) -> pd.DataFrame:
    """Networks of two depths and widths, whose value at the greater depth is larger by `gain`, up to noise."""
    noise = np.random.default_rng(0).uniform(-0.02, 0.02, (seeds, 2, 2))
    return pd.DataFrame(
        {
            "hidden": hidden,
            "width": width,
            "seed": seed,
            "value": 0.4 + gain * (hidden == 7) + noise[seed, place, width],
        }
        for seed in range(seeds)
        for place, hidden in enumerate((2, 7))
        for width in (0, 1)
    )


@pytest.mark.parametrize("bounds", [None, (0.0, 1.0)])
def test_words_follow_the_direction_that_the_seeds_show(bounds: tuple[float, float] | None) -> None:
    found = [change(table(gain), "hidden", "value", bounds=bounds) for gain in (0.3, -0.3, 0.0)]
    assert [one.words(*WORDS) for one in found if one] == list(WORDS)
    up = found[0]
    assert up
    assert (up.least, up.greatest) == (2, 7)
    assert (up.first, up.last) == pytest.approx((0.4, 0.7), abs=0.02)


def test_few_seeds_show_nothing_and_a_single_level_is_no_change() -> None:
    few = change(table(0.3, seeds=3), "hidden", "value")
    assert few
    assert few.words(*WORDS) == "unclear"
    assert change(table(0.3).query("hidden == 2"), "hidden", "value") is None


def test_seeds_without_a_value_on_both_sides_are_left_out() -> None:
    rows = table(0.3)
    rows.loc[(rows.hidden == 7) & (rows.seed == 3), "value"] = math.inf
    rows.loc[(rows.hidden == 2) & (rows.seed == 5), "value"] = math.nan
    found = change(rows, "hidden", "value")
    assert found
    assert found.last == pytest.approx(0.7, abs=0.02)
    assert found.words(*WORDS) == "up"
