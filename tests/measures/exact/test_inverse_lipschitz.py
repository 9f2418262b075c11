"""Bounds of the inverse Lipschitz constant of a ReLU layer: closed forms, and no sampled pair below them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from landscape.measures.exact import inverse_lipschitz, layer_injectivity
from landscape.measures.exact.cells import search_cells
from landscape.measures.exact.hyperplanes import Layer, hyperplanes
from tests.measures.exact.layers import basis_pair, shuffled, smallest_ratio


def orthonormal(dim: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(dim).standard_normal((dim, dim)))[0]


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 31])
def test_an_orthonormal_basis_and_its_negative_shrink_by_the_root_of_two(dim: int) -> None:
    """A is 1, and a point and its negative are at 1/√2 of their distance."""
    basis = orthonormal(dim)
    found = inverse_lipschitz(np.vstack([basis, -basis]))
    assert found.lower == pytest.approx(1 / np.sqrt(2))
    assert found.upper == pytest.approx(1 / np.sqrt(2))
    assert found.least_eigenvalue == (pytest.approx(1), pytest.approx(1))
    assert found.complete


def test_scales_of_the_sign_pairs_bound_it() -> None:
    """Rows 3·e1, −e1, 2·e2, −2·e2: where x1 < 0 the least eigenvalue is 1."""
    weight = np.array([[3.0, 0], [-1, 0], [0, 2], [0, -2]])
    found = inverse_lipschitz(weight[[2, 0, 3, 1]])
    assert found.least_eigenvalue == (pytest.approx(1), pytest.approx(1))
    assert found.lower == pytest.approx(1 / np.sqrt(2))


def test_parallel_rows_add_up() -> None:
    """Rows e1, e1, −e1, −e1 and the same for e2: A is 2."""
    weight = np.vstack([np.eye(2), np.eye(2), -np.eye(2), -np.eye(2)])
    assert inverse_lipschitz(weight).least_eigenvalue == (pytest.approx(2), pytest.approx(2))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_no_sampled_pair_is_below_the_bound_and_the_eigenvalue_is_the_least(dim: int, seed: int, bias: bool) -> None:
    random = np.random.default_rng(seed)
    weight = np.vstack([shuffled(basis_pair(dim, seed), seed), random.standard_normal((4 * dim, dim))])
    offset = 0.3 * random.standard_normal(len(weight)) if bias else np.zeros(len(weight))
    points = random.uniform(-1, 1, (20_000, dim))
    found = inverse_lipschitz(weight, offset, box=(-1, 1))
    assert found.complete
    assert smallest_ratio(weight, offset, points) >= found.lower
    active = (points[:4000] @ weight.T + offset >= 0).astype(float)
    eigenvalues = np.linalg.eigvalsh(np.einsum("pm,mi,mj->pij", active, weight, weight))[:, 0]
    assert eigenvalues.min() >= found.least_eigenvalue[0] - 1e-9
    layer = Layer(weight, offset, np.full(dim, -1.0), np.ones(dim), 2e-16)
    planes = hyperplanes(layer)
    least = search_cells(planes, time_limit=60, least=True)
    if least.upper > 0:
        assert least.ray is not None
        there = weight[layer.before(planes.point(least.ray)) >= 0]
        assert np.linalg.eigvalsh(there.T @ there)[0] == pytest.approx(found.least_eigenvalue[0])
    if not bias:
        everywhere = inverse_lipschitz(weight)
        assert everywhere.least_eigenvalue[0] == pytest.approx(found.least_eigenvalue[0])
        assert found.lower <= everywhere.upper <= found.upper


@pytest.mark.parametrize("seed", range(3))
def test_all_points_bound_what_a_box_does(seed: int) -> None:
    """With biases on ℝⁿ, A is at most that of each box, and equal for a large one."""
    random = np.random.default_rng(seed)
    weight, bias = random.standard_normal((14, 2)), random.standard_normal(14)
    small, large = (inverse_lipschitz(weight, bias, box=(-r, r)).least_eigenvalue[0] for r in (0.5, 1e3))
    everywhere = inverse_lipschitz(weight, bias).least_eigenvalue[0]
    assert everywhere == pytest.approx(large)
    assert everywhere <= small + 1e-12


def test_a_layer_that_merges_points_has_none() -> None:
    found = inverse_lipschitz(np.eye(3))
    assert (found.lower, found.upper, found.complete) == (0, 0, True)


def test_the_margin_of_a_verdict_is_a_bound_too() -> None:
    weight = np.random.default_rng(0).standard_normal((30, 3))
    verdict, best = layer_injectivity(weight, method="exact"), inverse_lipschitz(weight)
    assert verdict.margin is not None
    assert 0 < verdict.margin <= best.lower


def test_large_layers_get_what_rows_active_everywhere_give() -> None:
    """40 inputs: no cell is visited, so the lower bound is that of the pairs alone, and A is not exact."""
    basis = orthonormal(40)
    weight = np.vstack([basis, -2 * basis, np.random.default_rng(0).standard_normal((45, 40))])
    found = inverse_lipschitz(weight)
    assert not found.complete
    assert found.lower == pytest.approx(1 / np.sqrt(2))
    assert found.upper >= found.lower


def test_a_search_that_runs_out_of_time_keeps_its_bounds_valid() -> None:
    weight = np.random.default_rng(3).standard_normal((60, 6))
    layer = Layer(weight, np.zeros(60), None, None, 2e-16)
    full = search_cells(hyperplanes(layer), time_limit=60)
    stopped = search_cells(hyperplanes(layer), time_limit=0.05, least=True)
    assert full.upper > 0
    assert not stopped.complete
    assert stopped.lower == 0
    assert stopped.upper > 0


def test_convolutions_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^inverse_lipschitz takes a matrix \(m, n\) or a Linear module; got a convolution"
    ):
        inverse_lipschitz(torch.nn.Conv2d(1, 3, 2))
