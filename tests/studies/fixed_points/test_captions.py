"""The panels on fixed points: their findings follow the tables, and sets on which nothing happened get a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape import presets
from landscape.results import Result
from landscape.studies.fixed_points import captions
from landscape.studies.fixed_points.panels import panels_of
from landscape.study import Study

SEEDS = 23


@pytest.fixture(scope="module")
def study() -> Study:
    return presets.make_study("fixed-points", "test")


def made_up(more: float = 1.0, **columns: object) -> pd.DataFrame:
    """Networks with 2 and 8 training points, with `more` spurious fixed points with 8."""
    table = pd.DataFrame(
        {"count": count, "seed": seed, "setting": f"n = {count}"} for seed in range(SEEDS) for count in (2, 8)
    )
    spurious = 2 + np.where(table["count"] == 8, more, 0.0)
    return table.assign(
        **{"fixed": 5, "stable": 2, "remembered": 0.6, "spurious": spurious, "stable_cycles": 0} | columns
    )


def topics(result: Result) -> list[tuple[str, str]]:
    return [(panel.section, panel.title.split(": ")[0]) for panel in panels_of(result)]


def test_data_sets_stand_side_by_side_above_their_tabs(result: Result) -> None:
    found = topics(result)
    assert found[0] == ("All data sets", "Fixed points of each data set")
    assert ("two-points", "How many, and of which kind") not in found  # the overview shows the same
    assert ("uniform", "How many, and of which kind") in found
    assert ("digits", "How many, and of which kind") in found
    alone = result.table[result.table.data == "two-points"]
    found = topics(replace(result, tables={**result.tables, "members": alone}))
    assert ("Data: two-points", "How many, and of which kind") in found
    assert not any(section == "All data sets" for section, _ in found)


def test_how_training_ended_is_said_once_for_each_data_set(result: Result) -> None:
    told = [panel.section for panel in panels_of(result) if "(training loss at most" in panel.how]
    assert told == ["two-points", "uniform", "digits"]


def test_a_set_on_which_nothing_happened_gets_a_sentence(result: Result) -> None:
    table = result.table.copy()
    one = table.data == "two-points"
    table.loc[one, ["fixed", "stable", "remembered"]] = 1
    panels = list(panels_of(replace(result, tables={**result.tables, "members": table})))
    assert not any(panel.section == "two-points" for panel in panels)
    assert (
        "With two training points every one of 3 networks has a single fixed point, stable and at it." in panels[0].how
    )
    only = list(panels_of(replace(result, tables={**result.tables, "members": table[one]})))
    assert only[0].caption.startswith("With two training points every one of 3 networks")
    assert "networks converged" in str(only[0].body)
    assert not captions.nothing_happened(made_up(fixed=1, stable=0, remembered=1.0))


def test_remembered_training_points_are_those_of_the_table() -> None:
    title, finding = captions.remembered_words({"uniform": made_up(), "two-points": made_up(remembered=1.0)})
    assert title == "most training points attract on every data set"
    assert "60 % of the training points (uniform points) to 100 % (two training points)" in finding
    title, _ = captions.remembered_words({"uniform": made_up(remembered=0.1), "two-points": made_up()})
    assert title == "most training points attract on two training points"
    assert captions.remembered_words({"uniform": made_up(remembered=0.1)})[0] == "few training points attract"
    assert captions.kind_words(made_up())[0] == "most training points attract"
    assert captions.kind_words(made_up(remembered=0.4))[0] == "few training points attract"


@pytest.mark.parametrize(
    ("fixed", "stable", "title"), [(5, 3, "most attract"), (5, 2, "most do not attract"), (0, 0, "none found")]
)
def test_fixed_points_attract_or_not(fixed: int, stable: int, title: str) -> None:
    found, finding = captions.number_words(made_up(fixed=fixed, stable=stable))
    assert (found, finding) == (title, f"A network has {fixed} fixed points on average, of which {stable} attract.")


def test_the_sampler_that_ends_most_often_at_training_points_is_named() -> None:
    rows = made_up(iteration_training=0.5, gradient_training=0.9, gradient_data_training=0.7)
    title, finding = captions.end_words(rows)
    assert title == "descents from noise most often at the training points"
    assert "50 % of the iterations, 90 % of the descents from noise and 70 % of" in finding
    alike = rows.assign(gradient_training=0.5, gradient_data_training=0.5)
    assert captions.end_words(alike)[0] == "all three alike at the training points"


def test_distances_of_attracting_points_and_dimples_off_the_data() -> None:
    census = pd.DataFrame({"stability": ["stable", "saddle"], "distance": [1e-8, 0.2], "training": [True, False]})
    assert captions.census_words(census)[0] == "those that attract are nearer to the data"
    assert captions.census_words(census.assign(distance=[0.3, 0.2]))[0] == "those that attract are no nearer"
    assert captions.census_words(census[:1])[0] == "all attract"
    assert captions.dimple_words(census)[1] == "Of 2 dimples of the networks shown 1 is at no training point."
    assert captions.dimple_words(census[:1])[0] == "every dimple is at the data"


def test_stable_cycles_and_spurious_points_are_counted() -> None:
    assert captions.cycle_words(made_up())[0] == "no stable one found"
    title, finding = captions.cycle_words(made_up(stable_cycles=np.arange(2 * SEEDS) < 3))
    assert title == "stable ones in few networks"
    assert finding.startswith("In 3 of 46 networks a stable cycle was found")
    for more, title in ((2.0, "more with more points"), (-1.0, "fewer with more points"), (0.0, "no clear trend")):
        found, finding = captions.spurious_words(made_up(more))
        assert found == title
        assert f"A network has 2 with 2 training points and {2 + more:g} with 8 on average" in finding
