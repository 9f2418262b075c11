"""The panels of a kaleidoscope: what their captions say was found follows the tables."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from landscape import presets
from landscape.figures import Panel
from landscape.results import Result
from landscape.studies.kaleidoscope.panels import DIMENSION, JUMP, SETTLE
from landscape.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return presets.make_study("kaleidoscope", "test")


def panel_of(study: Study, result: Result, topic: str, **tables: pd.DataFrame) -> Panel:
    """The panel whose title begins with the topic, with `tables` in the place of the result's."""
    changed = replace(result, tables=dict(result.tables) | tables)
    return next(one for one in study.panels(changed) if one.title.startswith(topic))


@pytest.mark.parametrize(
    ("late", "title", "caption"),
    [
        (False, f"{SETTLE}: by iteration 7 (median)", "The median network settles at iteration 7 from uniform noise"),
        (
            True,
            f"{SETTLE}: most do not within 25 iterations",
            "The median network settles not within 25 iterations from uniform noise",
        ),
    ],
)
def test_when_samples_settle_is_that_of_the_networks(
    study: Study, result: Result, late: bool, title: str, caption: str
) -> None:
    table = result.table.assign(burn_in_uniform=7, burn_in_uniform_censored=late, settled_uniform=0.5)
    panel = panel_of(study, result, SETTLE, members=table)
    assert panel.title.startswith(title)
    assert panel.caption.startswith(caption)
    assert panel.caption.endswith("At the end 50 % of its samples are at rest.")
    assert "converge" not in panel.caption + panel.how


@pytest.mark.parametrize(
    ("network", "identity", "found"),
    [
        (3.0, 1.0, "adds jumps, more than"),
        (1.0, 3.0, "adds jumps, no more than"),
        (0.0, 1.0, "adds no jumps, no more than"),
    ],
)
def test_jumps_by_noise_are_compared_with_those_of_the_identity(
    study: Study, result: Result, network: float, identity: float, found: str
) -> None:
    jumps = result.tables["jumps"]
    rates = jumps.control.map({"none": network, "identity": identity}).fillna(0) * (jumps.amplitude > 0)
    panel = panel_of(study, result, JUMP, jumps=jumps.assign(mode_jumps=rates))
    assert panel.title == f"{JUMP}: noise {found} without a network"
    assert f"{network:g} times in 100 iterations with noise of 0.01, 0 times without" in panel.caption
    assert panel.caption.endswith(f"(the identity) noise adds {identity:g}.")


@pytest.mark.parametrize(
    ("slope", "found"), [(1, "later in more dimensions"), (-1, "sooner in more dimensions"), (0, "no later")]
)
def test_the_title_on_dimensions_has_the_direction_of_the_medians(
    study: Study, result: Result, slope: int, found: str
) -> None:
    table = result.table.assign(burn_in_uniform=50 + slope * result.table.dim, burn_in_uniform_censored=False)
    panel = panel_of(study, result, DIMENSION, members=table)
    assert panel.title.startswith(f"{DIMENSION}: {found}")
    assert panel.caption.endswith("networks had not settled at the end.")
