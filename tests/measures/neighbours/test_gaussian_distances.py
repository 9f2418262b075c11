"""Distances of fitted Gaussians against their closed forms, and the score's ends."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from landscape.measures.neighbours import frechet_distance, inception_score, standard_normal_distance


def gaussian(count: int, dim: int, seed: int = 0) -> Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def white(count: int, dim: int, seed: int = 0) -> Tensor:
    """Points whose mean is exactly 0 and whose covariance is exactly I."""
    points = gaussian(count, dim, seed)
    points = points - points.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(points.T).reshape(dim, dim))
    return points @ vectors / values.sqrt() @ vectors.T


def test_gaussians_in_one_dimension_have_the_distance_of_means_and_deviations() -> None:
    points = white(11, 1)
    found = frechet_distance((3 * points + 1)[None], (0.5 * points - 2)[None])
    assert found.item() == pytest.approx(2.5**2 + 3**2)


def test_commuting_covariances_have_the_distance_of_their_roots() -> None:
    points, others = white(13, 3), white(17, 3, seed=1)
    first, second = torch.tensor([1.0, 2.0, 0.0]).double(), torch.tensor([3.0, 0.5, 2.0]).double()
    turn = torch.linalg.qr(gaussian(3, 3, seed=2))[0]
    found = frechet_distance((points * first @ turn)[None], (others * second @ turn)[None])
    assert found.item() == pytest.approx((first - second).square().sum().item())


def test_covariances_that_do_not_commute_agree_with_the_root_of_their_product() -> None:
    points = white(19, 2)
    first, second = gaussian(2, 2, seed=3), gaussian(2, 2, seed=4)
    a, b = first.T @ first, second.T @ second  # covariances of points @ first and points @ second
    trace = torch.linalg.eigvals(a @ b).sqrt().sum().real
    expected = a.trace() + b.trace() - 2 * trace
    assert frechet_distance((points @ first)[None], (points @ second)[None]).item() == pytest.approx(expected.item())


def test_a_set_has_no_distance_from_itself_and_its_shift_that_of_the_shift() -> None:
    points = gaussian(23, 5)
    assert frechet_distance(points[None], points[None]).item() == pytest.approx(0, abs=1e-12)
    shift = torch.arange(5.0).double()
    assert frechet_distance(points[None], (points + shift)[None]).item() == pytest.approx(30)


def test_distance_of_members_is_that_of_each() -> None:
    points, others = (torch.stack([gaussian(11, 2, seed) for seed in seeds]) for seeds in ((0, 1, 2), (3, 4, 5)))
    alone = [frechet_distance(a[None], b[None]).item() for a, b in zip(points, others, strict=True)]
    assert frechet_distance(points, others).tolist() == pytest.approx(alone)


def test_codes_have_the_distance_of_mean_and_spread_from_the_standard_normal() -> None:
    points = white(29, 4)
    scale, shift = torch.tensor([0.5, 1.0, 2.0, 0.0]).double(), torch.tensor([0.0, 1.0, 0.0, 3.0]).double()
    found = standard_normal_distance((points * scale + shift)[None]).item()
    assert found == pytest.approx(0.25 + 1 + 1 + 10)
    assert standard_normal_distance(points[None]).item() == pytest.approx(0, abs=1e-12)


def test_codes_agree_with_the_distance_from_a_white_set() -> None:
    codes = gaussian(31, 3) @ gaussian(3, 3, seed=1) + 0.3
    assert standard_normal_distance(codes[None]).item() == pytest.approx(
        frechet_distance(codes[None], white(37, 3)[None]).item()
    )


def test_guessing_one_for_all_is_the_distance_of_the_latent_dimension() -> None:
    """A network that infers the mean for every image is off by 1 in each coordinate."""
    assert standard_normal_distance(torch.zeros(1, 7, 5)).item() == pytest.approx(5)


def test_score_is_one_for_equal_answers_and_the_number_of_classes_for_sure_and_varied_ones() -> None:
    assert inception_score(torch.ones(1, 7, 10)).item() == pytest.approx(1)
    assert inception_score(1e3 * torch.eye(10).repeat(3, 1)[None]).item() == pytest.approx(10)
    sure_of_one = torch.zeros(1, 7, 10)
    sure_of_one[..., 3] = 1e3
    assert inception_score(sure_of_one).item() == pytest.approx(1)


def test_score_of_two_answers_is_the_divergence_by_hand() -> None:
    shares = torch.tensor([[0.9, 0.1], [0.3, 0.7]]).double()
    marginal = shares.mean(0)
    expected = (shares * (shares / marginal).log()).sum(1).mean().exp()
    assert inception_score(shares.log()[None]).item() == pytest.approx(expected.item())


def test_a_single_point_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two points; got 1"):
        standard_normal_distance(torch.zeros(1, 1, 3))
