"""Exact nearest distances."""

from __future__ import annotations

import pytest
import torch

from landscape.measures import maps, nearest
from landscape.measures.neighbours import gaps, search
from landscape.measures.neighbours.distances import distinct_rows, joined, nearest_neighbours, surroundings


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


def brute_force(points, data, count):
    apart = (points[:, :, None].double() - data[:, None].double()).norm(dim=-1)
    return apart.sort(dim=-1, stable=True).values[..., :count].float(), apart.sort(dim=-1, stable=True).indices[
        ..., :count
    ]


@pytest.mark.parametrize("block", [None, 1000])
@pytest.mark.parametrize(("count", "dim", "wanted"), [(5, 2, 5), (61, 2, 3), (211, 2, 7), (97, 13, 11), (97, 13, 97)])
def test_neighbours_are_brute_force(count, dim, wanted, block, monkeypatch):
    generator = torch.Generator().manual_seed(0)
    data, points = torch.rand(3, count, dim, generator=generator), torch.rand(3, 31, dim, generator=generator)
    if block:
        monkeypatch.setattr(maps, "CPU_BLOCK", block)
    found = nearest_neighbours(points, data, wanted)
    expected = brute_force(points, data, wanted)
    assert torch.allclose(found[0], expected[0], rtol=1e-5)
    assert torch.equal(found[1], expected[1])


@pytest.mark.parametrize("inside", [0.0, 0.8])
@pytest.mark.parametrize("few", [0, 2, 512])
def test_neighbours_in_a_large_set_are_brute_force(inside, few, monkeypatch):
    """Data near a subspace; points near it and far from it; with and without a search in the subspace; points left over."""
    for name, value in {
        "SUBSPACE_FROM": 1,
        "SUBSPACE_DIM": 8,
        "SPANNING_POINTS": 61,
        "MIN_SUBSPACE_SHARE": inside,
        "MAX_NEAR_GROUPS": few,
        "MAX_DIRECT_POINTS": 2,
    }.items():
        monkeypatch.setattr(search, name, value)
    monkeypatch.setattr(maps, "CPU_BLOCK", 1000)
    generator = torch.Generator().manual_seed(0)
    flat = torch.randn(8, 37, generator=generator)
    data = torch.randn(2, 1009, 8, generator=generator) @ flat + 0.1 * torch.randn(2, 1009, 37, generator=generator)
    points = torch.randn(2, 101, 8, generator=generator) @ flat
    points[:, 50:] = 3 * torch.randn(2, 51, 37, generator=generator)
    points[:, :7] = data[:, :7]
    points[0, 99, 5] = torch.nan
    distances, indices = nearest_neighbours(points, data, 3)
    assert distances[0, 99].isnan().all()
    points[0, 99] = 0
    expected = brute_force(points, data, 3)
    distances[0, 99], indices[0, 99] = expected[0][0, 99], expected[1][0, 99]
    assert torch.allclose(distances, expected[0], rtol=1e-5)
    assert torch.equal(indices, expected[1])
    assert (distances[:, :7, 0] == 0).all()


@pytest.mark.parametrize("block", [2**20, 1000])
def test_of_equally_near_points_the_first_comes_first(block, monkeypatch):
    monkeypatch.setattr(maps, "CPU_BLOCK", block)
    data = torch.rand(1, 13, 23, generator=torch.Generator().manual_seed(0)).repeat(1, 31, 1)
    distances, indices = nearest_neighbours(data[:, :13], data, 5)
    assert (distances == 0).all()
    assert torch.equal(indices[0], torch.arange(13)[:, None] + 13 * torch.arange(5))


def test_a_shared_set_is_searched_as_one(monkeypatch):
    asked = []
    data = torch.rand(1, 97, 5, generator=torch.Generator().manual_seed(0)).expand(3, -1, -1)
    points = torch.rand(3, 7, 5, generator=torch.Generator().manual_seed(1))
    expected = nearest_neighbours(points, data.contiguous(), 2)
    original = search.exact
    monkeypatch.setattr(
        "landscape.measures.neighbours.distances.exact", lambda *given: asked.append(len(given[0])) or original(*given)
    )
    for given in (points, points[:1].expand(3, -1, -1)):
        distances, indices = nearest_neighbours(given, data, 2)
        assert distances.shape == indices.shape == (3, 7, 2)
        assert torch.equal(distances[0], expected[0][0])
    assert torch.equal(nearest_neighbours(points, data, 2)[1], expected[1])
    assert asked == [1, 1, 1]


@pytest.mark.parametrize("count", [0, 6])
def test_more_neighbours_than_there_are_is_refused(count):
    with pytest.raises(ValueError, match=f"`count` must be from 1 to the number of data points, 5; got {count}"):
        nearest_neighbours(torch.rand(1, 2, 3), torch.rand(1, 5, 3), count)


def test_gaps_see_past_any_number_of_copies():
    data = torch.tensor([[0.0]] * 11 + [[3.0]] * 11 + [[7.0]])[None]
    assert torch.equal(gaps(data)[0], torch.tensor([3.0] * 22 + [4.0]))


def test_surroundings_are_the_gaps_and_the_kth_nearest_other():
    data = torch.rand(3, 53, 2, generator=torch.Generator().manual_seed(0))
    data[1, :6] = data[1, 7]
    found = surroundings(data, 3)
    assert torch.equal(found.gaps, gaps(data))
    assert torch.equal(found.radii, nearest_neighbours(data, data, 4)[0][..., 3])
    assert (found.radii[1, :6] == 0).all()
    assert (found.gaps > 0).all()
    shared = surroundings(data[1:2].expand(5, -1, -1), 3)
    assert torch.equal(shared.gaps, found.gaps[1:2].expand(5, -1))


@pytest.mark.parametrize("radius", [0.03, 0.1, None])
@pytest.mark.parametrize("block", [maps.CPU_BLOCK, 700, 1])
def test_joined_points_are_those_with_a_way_between_them(radius, block, monkeypatch):
    """Compared with reachability in the matrix of all pairs, for blocks of any size."""
    monkeypatch.setattr(maps, "CPU_BLOCK", block)
    generator = torch.Generator().manual_seed(0)
    points, kind = torch.rand(71, 2, generator=generator), torch.randint(0, 3, (71,), generator=generator)
    reach = 0.1 * torch.rand(71, generator=generator) if radius is None else radius
    far = reach[:, None] + reach if radius is None else reach
    near = ((points[:, None] - points).norm(dim=-1) <= far) & (kind[:, None] == kind)
    for _ in range(7):
        near = (near.float() @ near.float()) > 0
    labels = torch.from_numpy(joined(points, kind, reach))
    assert torch.equal(labels[:, None] == labels, near)
    assert labels.unique().tolist() == list(range(len(near.unique(dim=0))))
    assert len(joined(points[:0], kind[:0], 0.1)) == 0


@pytest.mark.parametrize("values", [(-1.0, 1.0), (0.0, 1.0), (0.25, 0.75)])
def test_points_whose_bits_differ_in_few_places_are_all_distinct(values):
    bits = torch.randint(0, 2, (2**19, 47), generator=torch.Generator().manual_seed(0))
    corners = torch.tensor(values)[bits]
    assert int(distinct_rows(corners).max()) + 1 == len(corners)
