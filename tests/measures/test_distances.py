"""Exact nearest distances."""

from __future__ import annotations

import pytest
import torch

from landscape.measures import gaps, maps, nearest


@pytest.mark.parametrize(("count", "dim"), [(5, 2), (1, 7), (211, 2), (97, 13)])
def test_nearest_is_brute_force(count, dim, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    data, points = torch.rand(3, count, dim, generator=generator), torch.rand(3, 31, dim, generator=generator)
    all_distances = (points[:, :, None].double() - data[:, None].double()).norm(dim=-1)
    for block in (maps.CPU_BLOCK, 1000):
        monkeypatch.setattr(maps, "CPU_BLOCK", block)
        distance, index = nearest(points, data)
        assert torch.allclose(distance, all_distances.amin(-1).float(), rtol=1e-5)
        assert torch.equal(index, all_distances.argmin(-1))


def test_a_data_point_is_at_distance_exactly_zero_from_itself():
    data = torch.rand(3, 499, 17, generator=torch.Generator().manual_seed(0)) + 100
    distance, index = nearest(data, data)
    assert (distance == 0).all()
    assert torch.equal(index, torch.arange(499).expand(3, -1))


def test_a_point_that_is_not_finite_has_no_distance():
    for count in (5, 499):
        distance, _ = nearest(torch.tensor([[[torch.nan, 0.0]]]), torch.rand(1, count, 2))
        assert distance.isnan().all()


@pytest.mark.parametrize("count", [7, 499])
def test_gaps_leave_out_the_point_and_its_copies(count):
    data = torch.arange(count, dtype=torch.float32)[:, None].repeat(3, 1, 1)
    data[1] *= 2
    data[2, 3] = data[2, 4]
    found = gaps(data)
    assert torch.equal(found[:2], torch.tensor([[1.0], [2.0]]).expand(2, count))
    assert (found[2] == torch.where(torch.arange(count) == 2, 1.0, 1.0)).all()
    assert gaps(data[:, :1]).isinf().all()
    assert torch.equal(gaps(data[:1].expand(5, -1, -1)), torch.ones(5, count))
