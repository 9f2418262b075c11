"""Calibration on mixtures of known copies: what a reading stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from landscape.measures.memorisation.calibration import Calibration, Distances, _farther, calibrated, mixture_rows
from landscape.measures.memorisation.copying import cell_scores

RANDOM = np.random.default_rng(0)
NEW = Distances(RANDOM.uniform(0.5, 1.5, 400), np.ones(400), RANDOM.integers(3, size=400))
COPIES = Distances(RANDOM.uniform(0, 0.1, 300), np.ones(300), RANDOM.integers(3, size=300))


@pytest.mark.parametrize("share", [0.0, 0.34, 1.0])
def test_a_reading_stands_for_its_share_of_copies(share: float) -> None:
    found = calibrated(COPIES, NEW, 500)
    middle, low, high = found.reads_like(share)
    assert middle == pytest.approx(share, abs=0.02)
    assert low <= middle <= high
    assert high - low < 0.1


def test_copies_that_are_seldom_seen_count_for_more() -> None:
    """Half of these copies look like new points, so that the reading is half of the share of copies."""
    half = Distances(np.concatenate([COPIES.distance[:150], NEW.distance[:150]]), np.ones(300), COPIES.cell)
    middle, low, high = calibrated(half, NEW, 500).reads_like(0.25)
    assert middle == pytest.approx(0.5, abs=0.04)
    assert low < 0.5 < high


def test_the_interval_is_narrower_with_more_samples() -> None:
    few, many = (calibrated(COPIES, NEW, count).reads_like(0.5) for count in (50, 5000))
    assert many[2] - many[1] < (few[2] - few[1]) / 2


def test_no_reading_stands_for_no_share() -> None:
    found = Calibration(np.array([0.0, 1.0]), np.array([[0.0, 1.0]]))
    assert all(map(math.isnan, found.reads_like(math.nan)))


def test_statistics_of_mixtures_run_from_new_points_to_copies() -> None:
    rows = mixture_rows(COPIES, NEW, 200, (0.0, 0.5, 1.0))
    assert [row["share"] for row in rows] == [0, 0.5, 1]
    assert [row["copied"] for row in rows] == pytest.approx([0, 0.5, 1], abs=0.03)
    assert [row["authenticity"] for row in rows] == pytest.approx([0.5, 0.25, 0], abs=0.06)
    assert [row["farther"] for row in rows] == pytest.approx([0.5, 0.25, 0], abs=0.06)
    assert all(row["copied_low"] <= row["copied"] <= row["copied_high"] for row in rows)


def test_the_probability_to_be_farther_is_that_of_the_cells() -> None:
    random = np.random.default_rng(3)
    ours, theirs = (
        Distances(random.integers(9, size=count) / 8, np.ones(count), random.integers(5, size=count))
        for count in (110, 130)
    )
    found = [one for one in cell_scores(ours.distance, ours.cell, theirs.distance, theirs.cell, 5) if one.compared]
    right = np.average([one.farther for one in found], weights=[one.held_out for one in found])
    assert _farther(ours, theirs) == pytest.approx(float(right))
    few = ours.drawn(np.arange(9))
    assert math.isnan(_farther(few, theirs))
