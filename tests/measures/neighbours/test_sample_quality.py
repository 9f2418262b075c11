"""Quality and variety of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from landscape.measures.neighbours.sample_quality import class_shares, fidelity, modes, sliced_wasserstein, variety

LINE = torch.tensor([0.0, 1.0, 3.0, 10.0])[None, :, None]


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_fidelity_on_a_line():
    """With k = 1 the training balls are [−1, 1], [0, 2], [1, 5], [3, 17]."""
    found = fidelity(torch.tensor([0.5, 2.5, 100.0])[None, :, None], LINE, k=1)
    assert torch.allclose(found.precision, torch.tensor([2 / 3]))
    assert torch.allclose(found.density, torch.tensor([3 / 3]))  # .5 in two balls, 2.5 in one, 100 in none
    assert torch.allclose(found.coverage, torch.tensor([3 / 4]))
    assert torch.allclose(found.recall, torch.tensor([4 / 4]))  # 100 ± 97.5 holds 10, and 3


def test_fidelity_is_brute_force():
    k, training, samples = 3, normal(3, 61, 5), 1.3 * normal(3, 47, 5, seed=1)

    def radii(points):
        return torch.stack([(one[:, None] - one).norm(dim=-1).sort(dim=1).values[:, k] for one in points])

    apart = (samples[:, :, None] - training[:, None]).norm(dim=-1)
    inside, around = apart <= radii(training)[:, None], apart <= radii(samples)[:, :, None]
    found = fidelity(samples, training, k=k)
    assert torch.allclose(found.precision, inside.any(2).float().mean(1))
    assert torch.allclose(found.density, inside.sum(2).float().mean(1) / k)
    assert torch.allclose(found.coverage, inside.any(1).float().mean(1))
    assert torch.allclose(found.recall, around.any(1).float().mean(1))


def test_fidelity_needs_more_points_than_neighbours():
    with pytest.raises(ValueError, match="`samples` and `training` must be more than k = 5 points each; got 4"):
        fidelity(normal(1, 50, 1), LINE)


def test_copies_are_precise_and_a_few_of_them_cover_little():
    training = normal(1, 400, 2)
    every, few = fidelity(training, training), fidelity(training[:, :20], training)
    assert (every.precision, every.recall, every.coverage) == (1, 1, 1)
    assert few.precision == 1
    assert few.coverage < 0.4


def test_variety_counts_images_and_their_copies():
    training = torch.arange(11.0)[None, :, None].repeat(3, 1, 1)
    samples = torch.tensor([[0.0, 0.09, 0.18, 5.0, 7.0, 7.0, 9.0], [1, 1, 1, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5, 6]])[
        ..., None
    ]
    found = variety(samples, training)
    assert found.distinct.tolist() == [4, 1, 7]  # 0 and .18 are one image by way of .09
    assert torch.allclose(found.duplicates, torch.tensor([5 / 7, 1, 0]))
    expected = 11 * (1 - (10 / 11) ** 7)
    assert torch.allclose(found.distinct_share, torch.tensor([4 / expected, 1 / expected, 1]))
    assert variety(torch.zeros(1, 7, 1), torch.zeros(1, 1, 1)).distinct_share.tolist() == [1]


def test_variety_is_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch):
    training, samples = normal(3, 11, 2), (7 * normal(3, 53, 2)).round() / 7
    whole = variety(samples, training)
    monkeypatch.setattr("landscape.measures.maps.CPU_BLOCK", 4 * 53 * 5)  # five rows at a time
    blocks = variety(samples, training)
    assert torch.equal(whole.distinct, blocks.distinct)
    assert torch.equal(whole.duplicates, blocks.duplicates)
    assert 1 < int(whole.distinct.min()) < 53


def test_modes_are_the_training_points_nearest_to_a_sample():
    samples = torch.tensor([[0.1, 0.2, 2.6, -5.0], [0.9, 2.5, 7.0, 0.1]])[..., None]
    assert modes(samples, LINE.expand(2, -1, -1)).tolist() == [2, 4]


def test_class_shares_of_blobs():
    """Class 0 about 0, class 1 about 10: shares of samples, of training points, and of held-out points that are mislabelled."""
    training = torch.cat([normal(1, 30, 3), 10 + normal(1, 10, 3)], 1).expand(2, -1, -1)
    labels = (torch.arange(40) >= 30).long().expand(2, -1)
    samples = torch.stack([normal(8, 3), torch.cat([normal(2, 3), 10 + normal(6, 3)])])
    held_out = torch.cat([normal(1, 5, 3), 10 + normal(1, 5, 3)], 1).expand(2, -1, -1)
    found = class_shares(samples, training, labels, held_out, torch.tensor([0] * 5 + [1] * 4 + [0]).expand(2, -1))
    assert found.shares.tolist() == [[1, 0], [0.25, 0.75]]
    assert found.training.tolist() == [[0.75, 0.25]] * 2
    assert torch.allclose(found.accuracy, torch.tensor([0.9, 0.9]))
    assert found.total_variation.tolist() == [0.25, 0.5]
    assert found.held_out.tolist() == [0.25, 0.25]


def test_class_shares_of_a_single_class():
    zeros = torch.zeros(1, 7, dtype=torch.int64)
    found = class_shares(normal(1, 5, 2), normal(1, 7, 2), zeros, normal(1, 7, 2), zeros)
    assert (found.shares.tolist(), found.accuracy.tolist()) == ([[1]], [1])


def test_sliced_distance_of_a_shift_is_its_length_along_the_directions():
    points = normal(3, 31, 1)
    assert torch.allclose(sliced_wasserstein(points, points + 2, generator=torch.Generator()), torch.tensor(2.0))
    plane, shift = normal(1, 31, 2), torch.tensor([3.0, 4.0])
    found = sliced_wasserstein(plane, plane + shift, generator=torch.Generator().manual_seed(0), directions=20_000)
    assert float(found) == pytest.approx(5 / math.sqrt(2), rel=0.02)
    assert float(sliced_wasserstein(plane, plane.flip(1), generator=torch.Generator())) == 0


def test_sliced_distance_of_unequal_numbers_is_that_of_equal_ones_of_repeated_points():
    few, many = normal(3, 5, 4), normal(3, 7, 4, seed=1)
    found = sliced_wasserstein(few, many, generator=torch.Generator().manual_seed(0))
    repeated = [few.repeat_interleave(7, 1), many.repeat_interleave(5, 1)]
    assert torch.allclose(found, sliced_wasserstein(*repeated, generator=torch.Generator().manual_seed(0)), rtol=1e-4)


def test_sliced_distance_is_that_of_python_optimal_transport():
    ot = pytest.importorskip("ot", reason="needs POT, of the dev extra")
    samples, others = normal(1, 37, 5), 2 * normal(1, 53, 5, seed=1)
    axes = torch.randn(5, 200, generator=torch.Generator().manual_seed(3))
    expected = ot.sliced_wasserstein_distance(
        samples[0].numpy(), others[0].numpy(), projections=(axes / axes.norm(dim=0)).numpy(), p=2
    )
    found = sliced_wasserstein(samples, others, generator=torch.Generator().manual_seed(3))
    assert float(found) == pytest.approx(float(np.asarray(expected)), rel=1e-4)
