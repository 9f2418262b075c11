"""Precision, recall, density and coverage where points lie on the balls' surfaces, against integer arithmetic."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from landscape.measures import fidelity, maps
from landscape.measures.neighbours import balls
from landscape.measures.neighbours.distances import Surroundings, surroundings

K = 5


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def levels(count: int, *shape: int, seed: int = 0) -> Tensor:
    return torch.randint(0, count, shape, generator=torch.Generator().manual_seed(seed))


def by_definition(samples: Tensor, training: Tensor, closed: bool = True) -> list[Tensor]:
    """The four statistics (E,) of integer points by their definitions: squared distances of integers are exact."""

    def squares(one: Tensor, other: Tensor) -> Tensor:
        return (one[:, :, None] - other[:, None]).square().sum(-1)

    across = squares(samples, training)
    ours, theirs = (squares(points, points).sort(2)[0][:, :, K] for points in (samples, training))
    held = across <= theirs[:, None] if closed else across < theirs[:, None]
    holds = across <= ours[:, :, None] if closed else across < ours[:, :, None]
    density = held.sum((1, 2)) / (K * samples.shape[1])
    return [held.any(2).float().mean(1), holds.any(1).float().mean(1), density, held.any(1).float().mean(1)]


def measured(samples: Tensor, training: Tensor) -> list[Tensor]:
    found = fidelity(samples, training, k=K)
    return [found.precision, found.recall, found.density, found.coverage]


def assert_same(found: list[Tensor], expected: list[Tensor]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other.to(one), rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    "step", [1.0, 0.1, 1 / 255, 1e4, 1e-12, 1e-22, 1e-30, 1e25], ids=lambda step: f"step {step:.3g}"
)
@pytest.mark.parametrize(("count", "dim"), [(3, 8), (2, 64), (3, 2)])
def test_points_of_a_grid_are_tied(count: int, dim: int, step: float) -> None:
    """With three levels, float32 computes all differences exactly. Many pairs are exactly at the k-th distance."""
    samples, training = levels(count, 2, 151, dim), levels(count, 2, 149, dim, seed=1)
    expected = by_definition(samples, training)
    assert not torch.equal(expected[2], by_definition(samples, training, closed=False)[2])
    assert_same(measured(samples * step, training * step), expected)


def test_a_regular_grid_has_the_density_of_its_neighbourhoods() -> None:
    """In the plane the 5th nearest is a diagonal neighbour: an inner ball holds 9 points."""
    side = torch.arange(40.0)
    grid = torch.cartesian_prod(side, side)[None]
    inner = grid[:, ((grid[0] > 3) & (grid[0] < 36)).all(1)]
    found = fidelity(inner, grid, k=K)
    assert (found.precision, found.coverage) == (1, pytest.approx((34 / 40) ** 2))
    assert float(found.density) == pytest.approx(9 / K)


@pytest.mark.parametrize("count", [3, 10, 256])
def test_the_order_of_coordinates_does_not_matter(count: int) -> None:
    samples, training = (levels(count, 1, 150, 8, seed=seed) / 10 for seed in (0, 1))
    found = measured(samples, training)
    for seed in range(5):
        order = torch.randperm(8, generator=torch.Generator().manual_seed(seed))
        assert_same(measured(samples[..., order], training[..., order]), found)


@pytest.mark.parametrize("shift", [1e4, -3e5])
def test_points_far_from_zero(shift: float) -> None:
    """In float32 the points are multiples of 2^-10, so that they become integers when multiplied."""
    samples, training = (normal(2, 150, 5, seed=seed) + shift for seed in (0, 1))
    whole = [(points.double() * 2**10).to(torch.int64) for points in (samples, training)]
    assert torch.equal(whole[0] / 2**10, samples.double())
    assert_same(measured(samples, training), by_definition(*whole))


def test_repeated_points_are_in_each_others_balls_of_radius_zero() -> None:
    points = normal(1, 20, 30) + 100
    repeated = points.repeat_interleave(K + 1, 1)
    found = measured(repeated, repeated)
    assert [float(one) for one in found] == pytest.approx([1, 1, (K + 1) / K, 1])
    assert [float(one) for one in measured(repeated[:, : K + 1], repeated)] == pytest.approx([1, 1 / 20, 1.2, 1 / 20])


@pytest.mark.parametrize("dim", [2, 300])
def test_without_ties_open_balls_are_the_same(dim: int) -> None:
    """As Naeem et al. (2020) and their package `prdc` define the statistics, by distances below the k-th."""
    samples, training = 1.1 * normal(1, 211, dim), normal(1, 199, dim, seed=1)
    own, theirs = (torch.cdist(one.double(), one.double()).kthvalue(K + 1).values for one in (samples, training))
    apart = torch.cdist(samples.double(), training.double())
    in_training_balls = apart < theirs[:, None]
    expected = [
        in_training_balls.any(2).float().mean(1),
        (apart < own[..., None]).any(1).float().mean(1),
        in_training_balls.sum(2).float().mean(1) / K,
        (apart.amin(1) < theirs).float().mean(1),
    ]
    assert_same(measured(samples, training), expected)


def test_agreement_with_prdc() -> None:
    prdc = pytest.importorskip("prdc", reason="the package prdc is compared where it is installed")
    samples, training = 1.1 * normal(1, 211, 17), normal(1, 199, 17, seed=1)
    theirs = prdc.compute_prdc(real_features=training[0].numpy(), fake_features=samples[0].numpy(), nearest_k=K)
    expected = [torch.tensor([theirs[name]]) for name in ("precision", "recall", "density", "coverage")]
    assert_same(measured(samples, training), expected)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, training = (levels(3, 3, 97, 6, seed=seed) / 10 for seed in (0, 1))
    whole = measured(samples, training)
    monkeypatch.setattr(maps, "CPU_BLOCK", 5000)
    monkeypatch.setattr(balls, "LEAST_ROWS", 7)
    monkeypatch.setattr(balls, "SQUARES_AT_A_TIME", 700)
    assert_same(measured(samples, training), whole)


def test_one_far_point_hides_nothing() -> None:
    """About the mean of these points the product is off by 10^6, which is more than any other distance."""
    samples, training = levels(50, 1, 61, 4), levels(50, 1, 59, 4, seed=1)
    training[0, 0] = 10**7
    assert_same(measured(samples.float(), training.float()), by_definition(samples, training))


def test_surroundings_to_another_neighbour_are_refused() -> None:
    """If rounding leaves a doubt, the k-th point is looked up, and `around` is checked."""
    training = levels(3, 1, 60, 8).float()
    wrong = surroundings(training, 1)
    with pytest.raises(
        ValueError, match="`around` must be the surroundings of `training` to the k-th other point, k = 5"
    ):
        fidelity(training, training, k=K, around=Surroundings(wrong.gaps, wrong.radii))
