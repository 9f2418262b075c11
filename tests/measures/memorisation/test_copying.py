"""Copies of training points, compared with held-out points."""

from __future__ import annotations

import math

import pytest
import torch

from landscape.measures.memorisation.copying import data_copying, nearness, twins

LINE = torch.tensor([0.0, 1.0, 3.0])[None, :, None]


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_nearness_on_a_line():
    samples = torch.tensor([0.4, -1.5, 1.25, 4.5])[None, :, None]
    held_out = torch.tensor([0.5, 8.0, 3.0])[None, :, None]
    found = nearness(samples, LINE, held_out)
    assert torch.allclose(found.samples, torch.tensor([[0.4, 1.5, 0.25, 1.5]]))
    assert found.sample_gaps.tolist() == [[1, 1, 1, 2]]
    assert found.held_out.tolist() == [[0.5, 5, 0]]
    assert found.authenticity.tolist() == [0.25]  # −1.5 alone is farther from 0 than 1 is
    assert torch.allclose(found.held_out_authenticity, torch.tensor([1 / 3]))
    assert torch.allclose(found.ratio, torch.tensor([0.8]))  # torch's median of an even number is the lower


def test_a_near_copy_of_a_point_that_the_data_hold_twice_is_not_authentic():
    training = torch.tensor([0.0, 0.0, 1.0])[None, :, None]
    samples = torch.tensor([0.001, 0.5])[None, :, None]
    assert nearness(samples, training, samples).authenticity.tolist() == [0]


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 1])
def test_the_share_of_copies_is_found(share):
    training, held_out, new = normal(3, 211, 7), normal(3, 499, 7, seed=1), normal(3, 500, 7, seed=2)
    copies = round(500 * share)
    new[:, :copies] = training[:, torch.arange(copies) % 211]
    found = nearness(new, training, held_out).copied
    assert (found - share).abs().max() < 0.03


def test_chance_is_taken_off_the_share_of_copies():
    """Half of the samples are copies, half are the held-out points: the estimate is exactly one half."""
    training, held_out = normal(1, 211, 3), normal(1, 500, 3, seed=1)
    samples = torch.cat([training, training, training[:, :78], held_out], 1)
    assert torch.allclose(nearness(samples, training, held_out).copied, torch.tensor([0.5]))


def test_one_training_point_has_copies_but_nothing_authentic():
    training, held_out = torch.zeros(1, 1, 3), normal(1, 500, 3)
    found = nearness(0.001 * normal(1, 50, 3), training, held_out)
    assert found.copied.tolist() == [1]
    assert found.authenticity.tolist() == [0]


def test_c_t_of_one_cell_is_the_z_score_of_u():
    training = torch.zeros(1, 40, 2)
    samples, held_out = normal(1, 23, 2).abs(), 2 * normal(1, 29, 2, seed=1).abs()
    found = data_copying(samples, training, held_out)
    ours, theirs = samples[0].norm(dim=-1), held_out[0].norm(dim=-1)
    farther = float((ours[:, None] > theirs).sum())
    expected = (farther - 23 * 29 / 2) / math.sqrt(23 * 29 * (23 + 29 + 1) / 12)
    assert float(found.c_t) == float(found.least) == pytest.approx(expected, rel=1e-5)
    assert float(found.farther) == pytest.approx(farther / (23 * 29), rel=1e-5)
    assert (int(found.cells), int(found.dropped)) == (1, 0)


def test_c_t_weighs_cells_by_their_held_out_points_and_drops_poor_ones():
    """Three far cells: copies in the first, all farther than held-out points in the second, too few samples in the third."""
    centres = torch.tensor([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])

    def around(cell, count, radius):
        angle = torch.linspace(0, 6, count)
        return centres[cell] + radius * torch.stack([angle.cos(), angle.sin()], 1)

    training = torch.cat([around(cell, 60, 0.01) for cell in range(3)])[None]
    held_out = torch.cat([around(0, 30, 1), around(1, 60, 1), around(2, 20, 1)])[None]
    samples = torch.cat([around(0, 40, 0.02), around(1, 25, 5), around(2, 5, 1)])[None]
    found = data_copying(samples, training, held_out)
    assert (int(found.cells), int(found.dropped)) == (2, 1)

    def extreme(n, m):
        return n * m / 2 / math.sqrt(n * m * (n + m + 1) / 12)

    assert float(found.least) == pytest.approx(-extreme(40, 30), rel=1e-5)
    assert float(found.farther) == pytest.approx(60 / 90, rel=1e-5)
    assert float(found.c_t) == pytest.approx((60 * extreme(25, 60) - 30 * extreme(40, 30)) / 90, rel=1e-5)
    assert math.isnan(float(data_copying(samples[:, :3], training, held_out).c_t))


def test_c_t_tells_copies_the_same_and_the_farther_apart():
    training, held_out = normal(3, 500, 5), normal(3, 400, 5, seed=1)
    near = training[:, :300] + 1e-3
    same, far = normal(3, 300, 5, seed=2), 1.5 * normal(3, 300, 5, seed=2)
    found = [data_copying(samples, training, held_out).c_t for samples in (near, same, far)]
    assert (found[0] < -5).all()
    assert (found[1].abs() < 2).all()
    assert (found[2] > 2).all()
    shared = data_copying(near, training[:1].expand(3, -1, -1), held_out)
    assert torch.equal(shared.c_t[0], found[0][0])


def test_twins_agree_copy_or_are_the_same_everywhere():
    first, second = normal(1, 101, 17), normal(1, 103, 17, seed=1)
    new = normal(1, 41, 17, seed=2)
    agree = twins(new, new + 0.01, first, second)
    assert agree.agreement.tolist() == [1]
    assert float(agree.chance) < 0.5
    copy = twins(first[:, :41], second[:, :41], first, second)
    assert (copy.agreement.tolist(), copy.chance.tolist(), copy.copied.tolist()) == ([0], [0], [1])
    constant = torch.full((1, 41, 17), 0.1)
    same = twins(constant, constant, first, second)
    assert (same.agreement.tolist(), same.chance.tolist()) == ([1], [1])


def test_c_t_as_published_keeps_to_the_cell_and_corrects_by_a_half():
    training = torch.cat([torch.linspace(0, 100, 60), torch.linspace(1000, 1100, 60)])[None, :, None]
    samples, held_out = (
        torch.cat([50 + 30 * normal(20, seed=s), 1050 + 30 * normal(20, seed=s + 1)])[None, :, None] for s in (0, 2)
    )
    ours, theirs = data_copying(samples, training, held_out), data_copying(samples, training, held_out, published=True)
    assert int(ours.cells) == 2
    correction = 0.5 / math.sqrt(20 * 20 * 41 / 12)
    assert float(theirs.c_t - ours.c_t) == pytest.approx(
        correction, abs=1e-6
    )  # cells are apart: the distances are the same
    assert torch.equal(theirs.farther, ours.farther)


def test_c_t_as_published_looks_for_the_nearest_training_point_in_the_cell_alone():
    training, samples, held_out = normal(1, 400, 2), normal(1, 300, 2, seed=1), normal(1, 300, 2, seed=2)
    ours, theirs = data_copying(samples, training, held_out), data_copying(samples, training, held_out, published=True)
    assert int(ours.cells) > 1
    assert not torch.equal(theirs.farther, ours.farther)
    assert float((theirs.c_t - ours.c_t).abs()) < 0.5
