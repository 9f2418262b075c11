"""The panels on basins: what their captions say was found follows the tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape import presets
from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.basins.borders import RAGGED, known_maps
from landscape.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return presets.make_study("basins", "test")


def panels_of(study: Study, result: Result, **columns: object) -> list[Panel]:
    """The panels of the result with other columns of the members' table."""
    table = result.table.assign(largest=0.4, **columns)
    return list(study.panels(replace(result, tables=dict(result.tables) | {"members": table})))


@pytest.mark.parametrize(
    ("more", "title"),
    [
        (0, "All networks have as many attracting fixed points as"),
        (1, "All networks have more"),
        (-1, "All networks have fewer"),
    ],
)
def test_attractors_are_compared_with_training_points(study: Study, result: Result, more: int, title: str) -> None:
    first = panels_of(study, result, attractors=result.table["count"] + more)[0]
    assert first.title.startswith(title)
    assert first.caption.startswith(f"Of {len(result.table[result.table.data == result.table.data.iloc[0]])} networks")
    assert "converge" not in first.caption
    assert first.how.count("(training loss at most 1e-6)") == 1


@pytest.mark.parametrize(
    ("share", "title"),
    [(0.75, "Most random starts lead to a training point"), (0.25, "Most random starts lead elsewhere")],
)
def test_starts_lead_where_the_table_says(study: Study, result: Result, share: float, title: str) -> None:
    (panel,) = (one for one in panels_of(study, result, training=share)[:5] if one.title.startswith("Most random"))
    assert panel.title.startswith(title)
    assert panel.caption.startswith(
        f"The mean share of starts that lead to a training point is {share:.0%}".replace("%", " %")
    )


@pytest.mark.parametrize(
    ("exponent", "title"),
    [
        (0.97, "the median border is near to smooth"),
        (0.5, "the median border is not near"),
        (np.nan, "no border can be told"),
    ],
)
def test_borders_are_as_smooth_as_the_median_exponent(
    study: Study, result: Result, exponent: float, title: str
) -> None:
    panels = panels_of(study, result, exponent=exponent, trend=-0.2)
    (panel,) = (one for one in panels if one.title.startswith(RAGGED))
    assert panel.title.startswith(f"{RAGGED}: {title}")
    if exponent == exponent:
        assert panel.caption.startswith(f"The median exponent α is {exponent:g}; smooth borders have 1")


def test_a_data_set_of_single_basins_is_told_in_a_line(study: Study, result: Result) -> None:
    table = result.table.assign(attractors=1, largest=1.0, training=1.0)
    panels = list(study.panels(replace(result, tables=dict(result.tables) | {"members": table})))
    names = table.data.unique()
    assert [one.title for one in panels[: len(names)]] == ["Every network has a single basin"] * len(names)
    count = int((table.data == names[0]).sum())
    assert panels[0].caption == (
        f"All random starts of {count} networks lead to one attractor each, in {count} of them a training point."
    )


def test_known_maps_are_counted_whose_dimension_is_in_the_interval() -> None:
    rows = {"map": ["a", "b"], "source": "made up", "exponent": 0.5, "exponent_low": 0.4, "exponent_high": 0.6}
    rows |= {"dimension": 1.5, "dimension_low": 1.4, "dimension_high": 1.6}
    both = known_maps(pd.DataFrame(rows | {"published": [1.5, 1.45]}))
    assert both.title.startswith("All known borders")
    assert both.caption == "The published dimension lies in the interval for 2 of 2 by α and 2 of 2 by counting boxes."
    assert isinstance(both.body, pd.DataFrame)
    assert both.body["by α"].tolist() == ["1.50 [1.40, 1.60]"] * 2
    wrong = known_maps(pd.DataFrame(rows | {"published": [1.5, 1.9]}))
    assert wrong.title.startswith("Not all known borders")
    assert "1 of 2 by α and 1 of 2" in wrong.caption
