"""The answer of a depth sweep in the settings of the paper's figures follows the claims that it tests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import Claim, Verdict
from landscape.findings import Answer
from landscape.results import Result
from landscape.studies.depth_sweep.answer import answer_of
from landscape.studies.depth_sweep.figures import LineMap
from landscape.studies.depth_sweep.hero import hero_of
from landscape.studies.depth_sweep.hero_figures import arrivals, before_and_after, maps_with_arrivals
from tests.studies.answers import brief_words, claim

ONE_DEPTH = {"data": "one-point", "hidden": 2, "width": 5, "budget": 0, "parameters": 46, "status": "converged"}


def answered(*claims: Claim, budget: int = 0, before: float = 0.0093, hidden: tuple[int, ...] = (2,)) -> Answer | None:
    """The answer of a run of networks that has these claims; their outputs have the range `before` before training.

    Networks of more depths than one learn two points."""
    shares = {"budget": budget, "share_early": 1.0, "share_end": 1.0, "untrained_range": before}
    data = {} if len(hidden) == 1 else {"data": "two-points"}
    nets = [pd.DataFrame(ONE_DEPTH | {"seed": range(20)} | shares | data | {"hidden": count}) for count in hidden]
    table = pd.concat(nets, ignore_index=True)
    return answer_of(Result(Path(), {"parameters": {"iterations": 100}}, {"members": table}, {}), claims)


def one_point(own: Verdict, training: Verdict) -> Claim:
    words = claim("C1b", own, 0.0078, 0.005, 0.011, estimand="the text's own: median output range over [0, 1]")
    return claim("C1b", training, math.log(0.8), math.log(0.6), math.log(1.1), details=(words,))


@pytest.mark.parametrize(
    ("own", "training", "shorts", "title"),
    [
        ("supported", "refuted", ("yes", "no"), "Outputs lie near the one training point, but did so before training"),
        (
            "supported",
            "supported",
            ("yes", "yes"),
            "Training on one point narrows a network's outputs to its",
        ),
        ("refuted", "refuted", ("no", "no"), "Training on one point does not narrow a network's outputs"),
        (
            "supported",
            "undecided",
            ("yes", "undecided"),
            "Whether training on one point narrows a network's outputs is",
        ),
    ],
)
def test_one_point_is_told_by_the_range_of_outputs_and_by_what_training_does(
    own: Verdict, training: Verdict, shorts: tuple[str, str], title: str
) -> None:
    answer = answered(one_point(own, training))
    words = brief_words(answer)
    assert answer is not None
    assert answer.title.startswith(title)
    assert f"Outputs near the training point: {shorts[0]}. With 2 hidden layers of 5 units" in words
    assert "span 0.0078 (95 % CI 0.005 to 0.011) of 1 in the median network, 0.0093 before training" in words
    wide = answered(one_point(own, training), before=0.15)
    assert "0.15 before training" in brief_words(wide)
    assert wide is not None
    assert ("hardly narrows" in wide.title) == ((own, training) == ("supported", "refuted"))
    assert (
        f"Training narrows their range: {shorts[1]}. In the median network it leaves 80 % (95 % CI 60 % to 110 %)"
        in words
    )
    assert ("claim needs 0.1 or less" in words) == (own != "supported")
    assert ("claim needs less than 50 %" in words) == (training != "supported")


@pytest.mark.parametrize(("verdict", "word"), [("supported", "yes"), ("refuted", "no"), ("undecided", "undecided")])
def test_two_points_and_tanh_are_told_part_by_part(verdict: Verdict, word: str) -> None:
    burn_in = claim("", "refuted", 15.5, 12.5, 18.5, setting="burn-in, both readings of L")
    gain = claim("C3", verdict, 0.16, 0.01, 0.28, setting="difference, both readings of L")
    flat = claim("C3", "supported", 0.47, 0.39, 0.56, setting="flat share, both readings of L")
    two = answered(claim("C3", "refuted", details=(gain, flat, burn_in)), hidden=(1, 2, 6, 7))
    words = brief_words(two)
    assert two is not None
    assert (
        f"Sooner by 10 points: {word}. In 5 iterations 6 or 7 hidden layers bring +16 percentage points (95 % CI +"
        in words
    )
    assert "more of the inputs to the data than 1 or 2" in words
    one_reading = answered(claim("C3", "refuted", details=(gain,)), hidden=(2, 7))
    assert "In 5 iterations 7 hidden layers bring +16" in brief_words(one_reading)
    assert ("the claim needs +10" in words) == (verdict != "supported")
    assert "Flat beside the points: yes. With 6 or 7 hidden layers 47 % (95 % CI 39 % to 56 %)" in words
    assert "Settled after 3 to 8 iterations: no." in words
    assert ("sooner, but perhaps not much" in two.title) == (verdict == "undecided")
    unsure = replace(gain, verdict="undecided", low=-0.01)
    assert "sooner is undecided" in answered(claim("C3", "refuted", details=(unsure, flat)), hidden=(1, 2, 6, 7)).title
    assert ("do not carry" in two.title) == (verdict == "refuted")
    share = claim("C4", verdict, 0.2, 0.1, 0.3, setting="networks, both readings of L")
    tanh = answered(claim("C4", verdict, details=(share, burn_in)))
    words = brief_words(tanh)
    assert f"Most flat and reached soon: {word}. 20 % (95 % CI 10 % to 30 %) of networks" in words
    assert "after 15.5 (95 % CI 12.5 to 18.5) iterations" in words


@pytest.mark.parametrize(("verdict", "word"), [("supported", "yes"), ("refuted", "no")])
def test_the_size_of_networks_is_told_by_a_doubling(verdict: Verdict, word: str) -> None:
    answer = answered(claim("C5", verdict, -1.0, -1.2, -0.8))
    words = brief_words(answer)
    assert f"Inversely proportional to size: {word}. With twice the parameters samples need 0.5 (95 % CI 0.4" in words
    assert answer is not None
    assert ("not in inverse proportion" in answer.title) == (verdict == "refuted")


def test_few_seeds_are_told_and_equal_sizes_are_answered_by_depth() -> None:
    few = answered(claim("C5", "undecided", -1.0, -1.2, -0.8, clusters=5))
    assert "; 5 seeds cannot decide this: 20 are needed." in brief_words(few)
    assert answered(claim("C5", "supported", -1.0, -1.2, -0.8), budget=700) is None
    assert answered() is None


def test_maps_on_the_line_stand_beside_the_answer(run_of_test_preset: Callable[[str], Path]) -> None:
    result, study = results.load(run_of_test_preset("depth-sweep")), presets.make_study("depth-sweep", "test")
    plain = {cell: arrays for cell, arrays in result.arrays.items() if "map_x" in arrays and not cell["budget"]}
    assert plain
    for flat in (0.25, 0.5):
        table = result.table.assign(budget=0, flat_near_data=flat)
        hero = study.hero(replace(result, arrays=plain, tables={"members": table}))
        assert hero is not None
        assert re.match(r"Median networks?: after 5 iterations \d+ of \d+ samples are at the data with ", hero.caption)
        assert f"{100 * flat:.0f} % is flat" in hero.caption


def test_networks_stand_where_the_claim_on_tanh_judges_them() -> None:
    rows = pd.DataFrame({"data": "tanh-four", "hidden": 10, "width": 10, "budget": 0, "member": range(4)})
    table = rows.assign(flat_near_data=[0.3, 0.3, 0.1, np.nan], share_early=[0.6, 0.4, 0.9, 0.9])
    hero = hero_of(Result(Path(), {}, {"members": table}, {}))
    assert hero is not None
    assert hero.caption.endswith(" in 5 iterations: 3 of 4, 1 of them on a line that is flat there.")
    failing, passing = (np.asarray(dots.get_offsets()) for dots in hero.body.axes[0].collections)
    assert passing.tolist() == [[0.3, 0.6]]
    assert failing.tolist() == [[0.3, 0.4], [0.1, 0.9], [0.0, 0.9]]
    assert hero_of(Result(Path(), {}, {"members": table.assign(hidden=3)}, {})) is None


def test_the_range_of_outputs_before_and_after_training_stands_beside_the_answer() -> None:
    rows = pd.DataFrame({"untrained_range": [0.02, 0.04, 0.08], "output_range": [0.01, 0.03, 0.05]})
    x = np.linspace(0, 1, 11)
    line_map = LineMap(x, np.full((3, 11), 0.5), 1, np.array([0.5]), np.full((6, 4), 0.5))
    above, below = before_and_after(line_map, rows, "2 hidden layers", 0.1).axes
    assert [list(line.get_ydata()) for line in below.lines[:4]] == [
        [0.02, 0.01],
        [0.04, 0.03],
        [0.08, 0.05],
        [0.04, 0.03],
    ]
    assert {"0.04", "0.03", "near: 0.1 or less"} == {text.get_text() for text in below.texts}
    assert above.get_title() == "2 hidden layers"


def test_samples_of_a_map_are_counted_at_their_training_point() -> None:
    x = np.linspace(0, 1, 11)
    orbits = np.array([[0.0, 0.1, 0.5, 0.9, 1.0], [0.2, 0.21, 0.5, 0.8, 0.8]])
    line_map = LineMap(x, x[None], 0, np.array([0.2, 0.8]), orbits)
    assert list(arrivals(line_map, 1, 0.02)) == [2, 2]
    assert list(arrivals(line_map, 1, 0.001)) == [1, 2]
    (ax,) = maps_with_arrivals([line_map], ["7 hidden layers"], 1, 0.02).axes
    assert [text.get_text() for text in ax.texts] == ["2", "2"]
    moving, at = (line for line in ax.lines if len(line.get_xdata()) in (1, 4) and line.get_markersize() == 3.2)
    assert list(moving.get_xdata()) == [0.5]
    assert list(at.get_xdata()) == [0.2, 0.21, 0.8, 0.8]
