"""The titles and findings of the panels on regions follow the tables, in both directions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.studies.regions import captions

SEEDS = 23


def made_up(factor: float = 2.0, steeper: float = 2.0, *, hidden: tuple[int, ...] = (1, 6)) -> pd.DataFrame:
    """Networks whose training multiplies regions by `factor`, steeper by `steeper` at 6 hidden layers, up to noise."""
    noise = np.random.default_rng(0).uniform(0.9, 1.1, (SEEDS, 7))
    table = pd.DataFrame(
        {"hidden": depth, "width": 10, "seed": seed, "noise": noise[seed, depth]}
        for seed in range(SEEDS)
        for depth in hidden
    )
    table["untrained_regions"], table["regions"] = 20.0, 20 * factor * table.noise
    table["steepest"] = 5 * table.noise * np.where(table.hidden == 6, steeper, 1)
    return table.assign(plateau_share=0.0, status="converged")


def test_the_largest_network_has_more_regions_or_not() -> None:
    title, finding = captions.count_words({(1, 10): 17, (2, 10): 99, (6, 50): 2598})
    assert title == "more in the largest network than in the smallest"
    assert "is 17 with 1 hidden layer of width 10 and 2,598 with 6 of width 50" in finding
    assert captions.count_words({(1, 10): 17, (6, 50): 17})[0] == "no more in the largest network"
    assert captions.count_words({(1, 10): 1})[1] == "The median network has 1 region, all found exactly."


@pytest.mark.parametrize(
    ("factor", "title"),
    [(2.0, "training adds some"), (0.5, "training removes some"), (1.0, "training changes them by no clear factor")],
)
def test_training_adds_or_removes_regions(factor: float, title: str) -> None:
    found, finding = captions.training_words(made_up(factor))
    assert found == title
    assert finding.startswith("Training changes their number by a factor of ")
    assert float(finding.split("factor of ")[1].split(" ")[0]) == pytest.approx(factor, rel=0.05)
    assert captions.training_words(made_up(0.0))[0] == "none counted"


@pytest.mark.parametrize(
    ("steeper", "title"),
    [
        (2.0, "steeper in deeper networks"),
        (0.5, "less steep in deeper networks"),
        (1.0, "depth makes no clear difference"),
    ],
)
def test_the_steepest_region_of_deep_networks(steeper: float, title: str) -> None:
    found, finding = captions.steep_words(made_up(steeper=steeper))
    assert found == title
    assert "with 1 hidden layer and" in finding
    assert captions.steep_words(made_up(hidden=(1,)))[0] == "networks with 1 hidden layer"


def test_terraces_are_compared_with_the_median_by_area() -> None:
    even, steep = (np.array([1.0, 2.0]), np.array([0.4, 0.6])), (np.array([1.0, 9.0]), np.array([0.7, 0.3]))
    title, finding = captions.terrace_words({1: even, 6: steep})
    assert title == "more uneven in deeper networks"
    assert finding == (
        "The steepest terrace has 1.0 times the median slope with 1 hidden layer and 9.0 times the median slope with 6 hidden "
        "layers."
    )
    assert captions.terrace_words({1: steep, 6: even})[0] == "no more uneven in deeper networks"
    assert captions.terrace_words({6: steep})[0] == "networks with 6 hidden layers"


def test_growth_is_told_by_the_margin_of_the_claim() -> None:
    powers = {("he-biased", 2): 1.91, ("torch", 2): 1.58, ("he-biased", 1): 0.98, ("torch", 1): 0.81}
    title, finding = captions.growth_words(powers)
    assert title == "within 0.25 of theory's power in 3 of 4 settings"
    assert "in a plane 1.91 with He initialisation and 1.58 with PyTorch's default; on a line 0.98" in finding
    near = {key: key[1] + 0.1 for key in powers}
    assert captions.growth_words(near)[0] == "within 0.25 of theory's power"
    assert captions.growth_words(dict.fromkeys(powers, 3.0))[0] == "not within 0.25 of theory's power"
    assert captions.growth_words({})[0] == "networks of one size"


@pytest.mark.parametrize(
    ("flat", "title"),
    [(0, "in no network"), (3, "in few networks"), (30, "in most networks"), (46, "in every network")],
)
def test_plateaus_are_counted_by_network(flat: int, title: str) -> None:
    rows = made_up()
    rows = rows.assign(plateau_share=0.5 * (np.arange(len(rows)) < flat), status=["stalled", *["converged"] * 45])
    found, finding = captions.flat_words(rows, "the range")
    assert found == title
    assert (
        f"{flat} of 46 networks have a region of exactly no slope, of the 45 that converged {max(flat - 1, 0)};"
        in finding
    )
