"""The two answers: their rules, the interval of the share of copies, and samplers whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from landscape.baselines import control_samples, mixed_samples
from landscape.data import DataSpec, load_data
from landscape.measures.memorisation import memorisation_statistics, memorisation_verdict
from landscape.measures.memorisation.answers import (
    COPYING,
    VARIETY,
    copied_interval,
    copying_answer,
    variety_answer,
)
from landscape.measures.memorisation.reach import Compared, Standard, pairs_compared
from tests.measures.memorisation.test_statistics import FINE, split

NAN = float("nan")
COUNT = 300


def none(_: int) -> None:
    """Progress that nobody is told of."""


@pytest.mark.parametrize(
    ("answer", "changed"),
    [
        ("does not copy", {}),
        ("copies", {"copied": 0.2}),
        ("undecided", {"copied": 0.1}),  # its interval reaches from .04 to .15
        ("copies", {"copied": 1.0, "distinct_share": 0.0}),
        ("copies", {"authenticity": 0.2, "c_t": -4.0}),
        ("undecided", {"c_t": -3.0}),
        ("undecided", {"copied": 1.0, "distinct": 1.0}),  # a single point may be near a training point by chance
        ("copies", {"copied": 1.0, "distinct": 20.0}),
        ("undecided", {"authenticity": 0.0, "c_t": -9.0, "distinct": 5.0}),
        ("undecided", {"authenticity": 0.4}),
        ("does not copy", {"authenticity": 0.4, "authenticity_null": 0.4}),
        ("undecided", {"samples": 99.0}),
        ("undecided", {"held_out": 99.0}),
        ("undecided", {"copied": NAN}),
        ("undecided", {"c_t": NAN}),
        ("undecided", {"authenticity": NAN}),
    ],
)
def test_the_rule_of_copying(answer: str, changed: dict[str, float]) -> None:
    assert copying_answer({**FINE, **changed}) == answer


@pytest.mark.parametrize(
    ("answer", "changed"),
    [
        ("varied", {}),
        ("collapsed", {"distinct_share": 0.24}),
        ("collapsed", {"distinct_share": 0.24, "copied": 1.0}),
        ("collapsed", {"modes": 24.0}),
        ("undecided", {"modes": 24.0, "precision": 0.1, "coverage": 0.1}),
        ("undecided", {"distinct_share": 0.69}),
        ("undecided", {"coverage": 0.62}),
        ("varied", {"coverage": 0.64}),
        ("undecided", {"coverage_low": 0.69}),
        ("undecided", {"recall": 0.5}),
        ("undecided", {"samples": 99.0}),
        ("undecided", {"recall": NAN}),
        ("undecided", {"coverage_null": 0.0}),
    ],
)
def test_the_rule_of_variety(answer: str, changed: dict[str, float]) -> None:
    assert variety_answer({**FINE, **changed}) == answer


def test_copies_of_twenty_points_copy_and_are_collapsed_where_the_verdict_has_one_word() -> None:
    training, held_out, others = split(0)
    generator = torch.Generator().manual_seed(0)
    samples = control_samples("copycat", training[0, :20], others[0], COUNT, generator)
    found = {name: float(value) for name, value in memorisation_statistics(samples[None], training, held_out).items()}
    assert memorisation_verdict(found) == "collapsed"
    assert (copying_answer(found), variety_answer(found)) == ("copies", "collapsed")


def known(kind: str, seed: int) -> torch.Tensor:
    training, _, others = split(seed)
    generator = torch.Generator().manual_seed(seed)
    if kind in ("collapsed", "few"):
        source, name = (training[0, :20], "copycat") if kind == "few" else (training[0], "collapsed")
        return control_samples(name, source, others[0], COUNT, generator)
    shares = {"copies": 1.0, "half": 0.5, "tenth": 0.1, "new": 0.0}
    return mixed_samples(shares[kind], training[0], others[0], COUNT, generator)


RIGHT = {
    "copies": ("copies", "varied"),
    "half": ("copies", "varied"),
    "new": ("does not copy", "varied"),
    "few": ("copies", "collapsed"),
    "collapsed": ("undecided", "collapsed"),  # five different points, none a copy, say little about others
}


@pytest.mark.parametrize("kind", [*RIGHT, "tenth"])
def test_samplers_that_are_known_get_the_right_answers_and_the_numbers_of_the_verdict(kind: str) -> None:
    training, held_out, _ = split(0)
    samples = known(kind, 0)
    standard = Standard.of(training[0], held_out[0], tell=none)
    found = Compared.of(samples, standard, tell=none).statistics
    answers = copying_answer(found), variety_answer(found)
    assert answers == RIGHT[kind] if kind in RIGHT else answers[0] != "does not copy"
    usual = memorisation_statistics(samples[None], training, held_out)
    same = [name for name in usual if name in found]
    assert len(same) == len(usual) - 3  # those of the sliced Wasserstein distance
    for name in same:
        assert found[name] == pytest.approx(float(usual[name]), abs=1e-5, nan_ok=True), name


@pytest.mark.slow
@pytest.mark.parametrize("kind", RIGHT)
def test_samplers_that_are_known_get_no_wrong_answer_over_twenty_seeds(kind: str) -> None:
    for seed in range(20):
        training, held_out, _ = split(seed)
        standard = Standard.of(training[0], held_out[0], seed=seed, tell=none)
        found = Compared.of(known(kind, seed), standard, tell=none).statistics
        assert copying_answer(found) in (RIGHT[kind][0], "undecided")
        assert variety_answer(found) == RIGHT[kind][1]


def test_progress_ends_at_the_number_of_pairs() -> None:
    training, held_out, others = (points[0] for points in split(0))
    told: list[int] = []
    standard = Standard.of(training, held_out, tell=told.append)
    for first in (True, False):
        Compared.of(others[:200], standard, tell=told.append)
        assert sum(told) == pairs_compared(200, len(training), len(held_out), first=first)
        told.clear()


def test_the_interval_of_the_share_of_copies() -> None:
    assert copied_interval(0.0, COUNT, 400)[0] == 0
    assert copied_interval(1.0, COUNT, 400)[1] == 1
    low, high = copied_interval(0.34, COUNT, 400)
    assert 0.25 < low < 0.34 < high < 0.42
    assert all(map(math.isnan, copied_interval(NAN, COUNT, 400)))
    narrow = copied_interval(0.34, 100 * COUNT, 40_000)
    assert low < narrow[0] < narrow[1] < high


def test_the_interval_holds_the_true_share_in_nineteen_of_twenty_data_sets() -> None:
    random, held, true, missed = np.random.default_rng(0), 150, 0.2, 0
    for _ in range(400):
        null = random.random(held)
        bound = np.quantile(null, 0.01, method="lower")
        chance = (null < bound).mean()
        new = (random.random(COUNT) < bound) | (random.random(COUNT) < true)
        low, high = copied_interval(float(np.clip((new.mean() - chance) / (1 - chance), 0, 1)), COUNT, held)
        missed += not low <= true <= high
    assert missed <= 20


def test_all_answers_are_words_that_are_listed() -> None:
    assert {answers[0] for answers in RIGHT.values()} <= set(COPYING)
    assert {answers[1] for answers in RIGHT.values()} < set(VARIETY)


def test_samples_that_are_all_one_point_are_collapsed() -> None:
    digits = load_data(DataSpec("digits"), [0]).points[0]
    standard = Standard.of(digits[:300], digits[300:450], tell=none)
    found = Compared.of(digits[450:451].expand(150, -1), standard, tell=none).statistics
    assert (found["distinct"], found["duplicates"]) == (1, 1)
    assert (copying_answer(found), variety_answer(found)) == ("undecided", "collapsed")
