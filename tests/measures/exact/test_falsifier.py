"""The search for merged points of large layers: what it finds is verified, and it claims nothing else."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from landscape.measures.exact import layer_injectivity
from tests.measures.exact.layers import assert_merged, basis_pair, shuffled


@pytest.mark.parametrize("expansivity", [1.5, 2, 3.2, 4.5])
def test_gaussian_rows_below_its_reach_are_refuted(expansivity: float) -> None:
    dim = 100
    weight = np.random.default_rng(0).standard_normal((int(expansivity * dim), dim))
    found = layer_injectivity(weight, method="falsify")
    assert_merged(found, weight)
    assert found.active is not None
    assert found.active < dim


def test_the_descent_goes_beyond_its_first_start() -> None:
    """At m = 4.5 n more than n rows are active at the negative sum of the rows, and fewer where the descent ends."""
    weight = np.random.default_rng(0).standard_normal((450, 100))
    unit = weight / np.linalg.norm(weight, axis=1, keepdims=True)
    assert (unit @ -unit.sum(0) >= 0).sum() > 100
    assert layer_injectivity(weight, method="falsify").verdict == "not one-to-one"


@pytest.mark.parametrize("rows", [basis_pair(30, 0), np.random.default_rng(0).standard_normal((300, 20))])
def test_layers_that_are_one_to_one_or_beyond_its_reach_are_not_refuted(rows: np.ndarray) -> None:
    found = layer_injectivity(rows, method="falsify")
    assert found.verdict == "not refuted"
    assert found.pair is None
    assert found.active is not None
    assert found.active >= rows.shape[1]


def test_dependent_rows_are_noticed_where_many_are_active() -> None:
    """30 rows that all lie in a plane of three dimensions: never fewer than three are active, and they never span."""
    random = np.random.default_rng(0)
    weight = random.standard_normal((30, 2)) @ random.standard_normal((2, 3))
    assert_merged(layer_injectivity(weight, method="falsify"), weight)


def test_it_is_a_measure_of_the_generator_alone() -> None:
    weight = shuffled(np.random.default_rng(0).standard_normal((200, 50)), 0)
    state = torch.get_rng_state()
    one, other = (layer_injectivity(weight, method="falsify") for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert one.pair is not None
    assert other.pair is not None
    assert torch.equal(one.pair, other.pair)


@pytest.mark.parametrize("box", [None, (0.0, 1.0)])
def test_biases_and_boxes_are_kept_to(box: tuple[float, float] | None) -> None:
    random = np.random.default_rng(0)
    weight, bias = random.standard_normal((60, 20)), 0.2 * random.standard_normal(60)
    found = layer_injectivity(weight, bias, method="falsify", box=box)
    assert_merged(found, weight, bias)
    if box is not None:
        assert found.pair is not None
        assert ((found.pair >= 0) & (found.pair <= 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("expansivity", "refuted"), [(2, True), (4, True), (5, True), (6, False)])
def test_a_thousand_inputs_take_seconds(expansivity: int, refuted: bool) -> None:
    weight = np.random.default_rng(1).standard_normal((1000 * expansivity, 1000))
    began = time.process_time()
    found = layer_injectivity(weight, method="falsify")
    assert time.process_time() - began < 60
    assert found.verdict == ("not one-to-one" if refuted else "not refuted")
    if refuted:
        assert_merged(found, weight)
