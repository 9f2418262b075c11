"""The titles and findings of the panels of corners follow the tables, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from landscape.figures import Panel
from landscape.results import Result, load
from landscape.studies.corners.captions import copying_words, corner_words, ends_of, spread_words
from landscape.studies.corners.panels import panels_of
from landscape.studies.corners.pictures import pictures_of
from tests.studies.corners.test_study import made_up


@pytest.fixture
def result(run_of_test_preset: Callable[[str], Path]) -> Result:
    return load(run_of_test_preset("corners"))


def panel(result: Result, topic: str) -> Panel:
    return next(one for one in panels_of(result) if one.title.split(": ")[0] == topic)


def test_the_corner_losses_fall_rise_or_both() -> None:
    falls, rises = (made_up(fall=fall).table.query("spread == 1") for fall in (0.1, 1.6))
    assert corner_words(falls)[0].endswith("it falls with the number of points")
    assert corner_words(rises)[0].endswith("it does not fall with the number of points")
    falls.loc[(falls["dim"] == 16) & (falls["count"] == 2048), "corner_maximum"] = 0.9
    title, finding = corner_words(falls)
    assert title.endswith("falls with the number of points in 8 of 10 settings")
    assert finding.startswith("From 1 to 2,048 training points it changes to ")


def test_a_single_number_of_points_makes_no_fall() -> None:
    rows = made_up().table.query("count == 16 and spread == 1").assign(corner_maximum=lambda rows: rows["dim"] / 100)
    title, finding = corner_words(rows)
    assert title == "The largest loss over the corners: it is larger in more dimensions"
    assert "With 16 training points its median is 0.01 (D = 1" in finding
    assert corner_words(rows.assign(corner_maximum=1 / rows["dim"]))[0].endswith("it is no larger in more dimensions")


@pytest.mark.parametrize(("trace", "words"), [(0.9, "mostly copy"), (0.2, "copy little of")])
def test_copying_is_judged_by_the_trace_as_in_the_claim(trace: float, words: str) -> None:
    title, finding = copying_words(made_up(trace=trace).table)
    assert title == f"with 2,048 training points networks {words} their input"
    assert f"tr J/D is {trace} (" in finding


def test_the_spread_lowers_the_loss_or_not() -> None:
    for slope, words in ((-0.5, "wider data lower"), (0.5, "wider data do not lower")):
        rows = made_up(slope=slope).table.query("count == 16")
        assert spread_words(rows)[0] == f"{words} the loss over the cube"


def test_values_that_are_missing_are_no_ends() -> None:
    values = made_up().table.groupby(["hidden", "dim"])["corner_maximum"].median()
    assert ends_of(values * np.nan, "{:.2f}".format) == "nan"
    values.iloc[1:] = np.nan
    assert ends_of(values, "{:.0f}".format) == f"{values.iloc[0]:.0f}"


def test_networks_with_a_higher_loss_inside_are_counted(result: Result) -> None:
    result.whole["maximum_ratio"] = 1.0
    none = panel(result, "The highest loss")
    assert none.title.endswith("no network was found to have it inside the cube")
    assert none.caption.startswith("In 0 of 12 networks")
    result.whole.loc[result.whole["spread"].eq(1) & result.whole["member"].eq(0), "maximum_ratio"] = 1.02
    assert panel(result, "The highest loss").caption.startswith("In 4 of 12 networks")


def test_kinds_and_statuses_are_those_of_the_table(result: Result) -> None:
    table = result.whole
    table["kind"], table["status"], table["loss"] = "identity", "converged", 1e-7
    assert panel(result, "Kinds of map").title.endswith("most networks are the identity")
    assert panel(result, "How training ended").title.endswith("all networks reach a loss of 1e-6")
    many = table["count"] == 16
    table.loc[many, "kind"], table.loc[many, "status"], table.loc[many, "loss"] = "constant", "stalled", 0.01
    assert panel(result, "Kinds of map").title.endswith("none prevails")
    ended = panel(result, "How training ended")
    assert ended.caption == "6 of 6 networks with 1 point and 0 of 6 networks with 16 points converged."
    assert panel(result, "Training loss").title.endswith("it is higher with many points than with few")


def test_pictured_networks_sink_and_near_the_identity_or_not(result: Result) -> None:
    rows = result.table.query("spread == 1")
    for sign, negation in ((1, ""), (-1, "do not ")):
        for one, arrays in result.arrays.items():
            size = 0.5 - sign * one["count"] / 40
            arrays |= {"height": np.full((3, 5, 5), size)} if one["dim"] == 2 else {}
            arrays |= {"map_y": arrays["map_x"] + np.full((3, 1), size)} if one["dim"] == 1 else {}
        surfaces, maps = pictures_of(result, rows, 1.0)
        assert surfaces.title.endswith(f"they {negation}sink as points are added")
        assert maps.title.endswith(f"they {negation}come closer to the identity as points are added")
