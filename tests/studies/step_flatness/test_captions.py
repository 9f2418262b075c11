"""The titles and findings of the panels on step flatness follow the tables, in both directions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.studies.step_flatness import captions
from landscape.studies.step_flatness.figures import LineProfile

SEEDS = 23


def made_up(gain: float = 0.0, *, hidden: tuple[int, ...] = (1, 7)) -> pd.DataFrame:
    """Networks of which every measurement is larger by `gain` at 7 hidden layers, up to noise."""
    noise = np.random.default_rng(0).uniform(-0.02, 0.02, (SEEDS, 8))
    table = pd.DataFrame(
        {"hidden": depth, "seed": seed, "value": 0.3 + gain * (depth == 7) + noise[seed, depth]}
        for seed in range(SEEDS)
        for depth in hidden
    )
    return table.assign(
        **dict.fromkeys(("largest_slope", "sharpness", "run_mean", "flat_line"), table.value), dead_share=0.0
    )


@pytest.mark.parametrize(("gain", "place"), [(0.5, 0), (-0.25, 1), (0.0, 2)])
def test_what_depth_does_is_computed(gain: float, place: int) -> None:
    rows, unclear = made_up(gain), "depth makes no clear difference"
    title, finding = captions.slope_words(rows)
    assert title == ("deeper networks are steeper", "deeper networks are less steep", unclear)[place]
    assert "with 1 hidden layer and" in finding
    title, finding = captions.run_words(rows, 0.5)
    assert title == ("deeper networks have wider ones", "deeper networks have narrower ones", unclear)[place]
    assert f"{30 + 100 * gain:.0f} % with 7; perfect steps would be on 50 %." in finding.replace("5.0 %", "5 %")
    assert captions.slope_words(made_up(hidden=(1,)))[0] == "networks with 1 hidden layer"


def test_maps_are_nearer_to_a_line_or_to_a_step() -> None:
    for gain, near in ((0.0, "a straight line than to a step"), (0.5, "a step than to a straight line")):
        title, finding = captions.sharpness_words(made_up(gain))
        assert title == f"nearer to {near}"
        assert f"and {30 + 100 * gain:.0f} % with 7;" in finding
    assert captions.sharpness_words(made_up().assign(sharpness=np.nan))[0] == "no map varies"


@pytest.mark.parametrize(
    ("flat", "words"),
    [
        (0, "nothing in any network"),
        (9, "nothing in most networks"),
        (30, "something in most networks"),
        (46, "something in every network"),
    ],
)
def test_networks_without_a_flat_place_are_counted(flat: int, words: str) -> None:
    rows = made_up().assign(flat_line=np.arange(2 * SEEDS) < flat)
    title, finding = captions.flat_words(rows)
    assert title == words
    assert finding.startswith(f"{2 * SEEDS - flat} of 46 networks have no place with a slope below 0.1; 0 have")


def test_outputs_between_two_images_jump_or_blend() -> None:
    blends = np.linspace(0, 1, 11)[:, None, None] * np.ones((1, 3, 3))
    steps = np.round(blends)
    assert captions.blend_words({"2 hidden layers": (blends, blends)})[0] == "most outputs are nearer to the blend"
    title, finding = captions.blend_words({"1 hidden layer": (blends, blends), "2 hidden layers": (blends, steps)})
    assert title == "most outputs are nearer to a training image"
    assert finding.endswith(": 0 of 9 with 1 hidden layer, 9 of 9 with 2 hidden layers.")


def test_steepest_places_agree_or_not() -> None:
    position = np.linspace(0, 1, 101)

    def profile(places: np.ndarray) -> LineProfile:
        slopes = np.exp(-(((position - places[:, None]) / 0.05) ** 2)) * 3
        return LineProfile(position, slopes, slopes, 0, np.array([0.0, 1.0]), np.zeros(len(places), bool))

    same, apart = profile(np.full(7, 0.4)), profile(np.linspace(0.1, 0.9, 7))
    title, finding = captions.place_words({"1 hidden layer": apart, "2 hidden layers": same})
    assert title == "at about the same place"
    assert finding.endswith("with 1 hidden layer and at 0.40 with 2 hidden layers.")
    assert captions.place_words({"1 hidden layer": same, "2 hidden layers": apart})[0] == "at different places"
    assert captions.steepest_words({1: 0.12, 2: 0.2}, "two training points").startswith(
        "On two training points the steepest tenth of the way carries 12 % of the change with 1 hidden layer, 20 % with 2"
    )
