"""Regions of hand-built nets, and of random ones against a polygon-by-polygon recursion and autodiff."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from landscape import cube, measures
from landscape.ensemble import Ensemble, build
from landscape.measures import regions
from landscape.measures.exact import Regions, regions_seen
from landscape.nets import MLP
from tests.measures.hand_built import broken_line, chain

SQUARE, LINE = cube.whole(2), cube.whole(1)


def random_nets(hidden: int, width: int, dim: int, members: int, activation: str = "relu") -> Ensemble:
    """Nets of large weights and biases, which have many regions."""
    return build(MLP(hidden, width, activation, scale=2.0), dim, list(range(members)))


def of_member(found: Regions, member: int) -> torch.Tensor:
    return (found.member == member).nonzero()[:, 0]


def polygon(found: Regions, region: int) -> torch.Tensor:
    return found.vertices[found.corners[found.begins[region] : found.begins[region + 1]]]


def area(points: list[np.ndarray]) -> float:
    x, y = np.array(points).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def recursed(ensemble: Ensemble, where: cube.Slice) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Share, linear part and offset of every region of a lone member, one polygon at a time: the sides of each unit's line."""
    layers = [(layer.weight[0].double().numpy(), layer.bias[0, 0].double().numpy()) for layer in ensemble.layers()]
    slope = {"relu": 0.0, "leaky": 0.01}[ensemble.layers()[0].activation]
    whole = area(list(where.corners.numpy()))
    found = []

    def below(points: list[np.ndarray], linear: np.ndarray, offset: np.ndarray, depth: int) -> None:
        weight, bias = layers[depth]
        linear, offset = linear @ weight, offset @ weight + bias
        if depth == len(layers) - 1:
            found.append((area(points) / whole, linear.T, offset))
            return
        cells = [(points, np.ones(len(offset)))]
        for unit in range(len(offset)):
            cells = [part for cell in cells for part in halves(*cell, linear[:, unit], offset[unit], unit)]
        for cell, kept in cells:
            below(cell, linear * kept, offset * kept, depth + 1)

    def halves(points: list[np.ndarray], kept: np.ndarray, normal: np.ndarray, shift: float, unit: int) -> list:
        value = [float(point @ normal + shift) for point in points]
        off = kept.copy()
        off[unit] = slope
        if min(value) >= 0:
            return [(points, kept)]
        if max(value) <= 0:
            return [(points, off)]
        sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        for place, (point, here) in enumerate(zip(points, value, strict=True)):
            after, there = points[(place + 1) % len(points)], value[(place + 1) % len(points)]
            for side, sign in zip(sides, (1, -1), strict=True):
                if sign * here >= 0:
                    side.append(point)
                if here * there < 0:
                    side.append(point + here / (here - there) * (after - point))
        return [(sides[0], kept), (sides[1], off)]

    below(list(where.corners.numpy()), where.axes.numpy(), where.origin.numpy(), 0)
    return found


def test_a_broken_line_breaks_where_it_was_built_to():
    found = regions(broken_line([0.25, 0.75], [-2.0, 2.0], 1.0), LINE)
    assert found.share.tolist() == pytest.approx([0.25, 0.5, 0.25])
    assert found.linear[:, 0, 0].tolist() == pytest.approx([0, -2, 0])
    assert found.offset[:, 0].tolist() == pytest.approx([1, 1.5, 0])
    assert sorted(found.vertices[:, 0].tolist()) == pytest.approx([0, 0.25, 0.75, 1])
    assert [polygon(found, region)[:, 0].tolist() for region in range(3)] == [[0, 0.25], [0.25, 0.75], [0.75, 1]]


def test_a_plateau_narrower_than_any_grid_is_found():
    width = 2**-22
    found = regions(broken_line([0.25, 0.25 + width], [-1.0, 1.0], 0.5, slope=1.0), LINE)
    flat = found.linear[:, 0, 0] == 0
    assert flat.tolist() == [False, True, False]
    assert float(found.share[flat]) == pytest.approx(width, rel=1e-9)


def test_lines_through_corners_and_through_one_point_make_triangles():
    """Units x − y, x + y − 1 and both reversed: the diagonals, twice each, through all four corners and the centre."""
    weight = torch.tensor([[1.0, 1.0, -1.0, -1.0], [-1.0, 1.0, 1.0, -1.0]])
    bias = torch.tensor([[0.0, -1.0, 0.0, 1.0]])
    net = chain((weight[None], bias), (torch.ones(1, 4, 2), torch.zeros(1, 2)))
    found = regions(net, SQUARE)
    assert found.share.tolist() == pytest.approx([0.25] * 4)
    assert {tuple(map(tuple, polygon(found, region).tolist())) for region in range(4)} <= {
        tuple(three[turn:] + three[:turn])
        for three in (
            [(0.0, 0.0), (1.0, 0.0), (0.5, 0.5)],
            [(1.0, 0.0), (1.0, 1.0), (0.5, 0.5)],
            [(1.0, 1.0), (0.0, 1.0), (0.5, 0.5)],
            [(0.0, 1.0), (0.0, 0.0), (0.5, 0.5)],
        )
        for turn in range(3)
    }


def test_a_net_whose_units_are_all_off_is_one_plateau():
    net = chain((torch.ones(1, 2, 3), -5 * torch.ones(1, 3)), (torch.ones(1, 3, 2), torch.tensor([[0.25, 0.75]])))
    found = regions(net, SQUARE)
    assert found.share.tolist() == [1]
    assert found.linear.tolist() == [[[0, 0], [0, 0]]]
    assert found.offset.tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize("activation", ["relu", "leaky"])
@pytest.mark.parametrize(("hidden", "width"), [(1, 7), (2, 5), (3, 7)])
def test_regions_are_those_of_a_recursion(activation: str, hidden: int, width: int):
    nets = random_nets(hidden, width, 2, 3, activation)
    found = regions(nets, SQUARE)
    for member in range(3):
        own = of_member(found, member)
        expected = sorted(recursed(nets.select([member]), SQUARE), key=lambda one: one[0])
        order = own[found.share[own].argsort()]
        assert found.share[order].tolist() == pytest.approx([one[0] for one in expected], abs=1e-12)
        for region, (_, linear, offset) in zip(order.tolist(), expected, strict=True):
            assert found.linear[region].numpy() == pytest.approx(linear, abs=1e-12)
            assert found.offset[region].numpy() == pytest.approx(offset, abs=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
def test_maps_agree_with_autodiff(dim: int):
    nets = random_nets(4, 11, dim, 2).to(dtype=torch.float64)
    found = regions(nets, cube.whole(dim))
    for member in range(2):
        own = of_member(found, member)
        own = own[found.share[own] > 1e-9]
        lone, x = nets.select([member]), found.centres[own]
        assert torch.allclose(measures.local.jacobian_before_squash(lone, x)[0], found.linear[own], atol=1e-12)
        made = (found.linear[own] @ x[:, :, None])[..., 0] + found.offset[own]
        assert torch.allclose(lone.without_squash()(x[None])[0], made, atol=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
def test_shares_add_up_and_are_positive(dim: int):
    found = regions(random_nets(5, 13, dim, 7), cube.whole(dim))
    totals = torch.zeros(7, dtype=torch.float64).index_add_(0, found.member, found.share)
    assert torch.allclose(totals, torch.ones(7, dtype=torch.float64), rtol=0, atol=1e-12)
    assert (found.share >= 0).all()
    assert found.member.tolist() == sorted(found.member.tolist())


def test_corners_go_counter_clockwise_around_convex_polygons():
    found = regions(random_nets(3, 11, 2, 2), SQUARE)
    for region in range(0, len(found.member), 7):
        points = polygon(found, region)
        sides = points.roll(-1, 0) - points
        turns = sides[:, 0] * sides.roll(-1, 0)[:, 1] - sides[:, 1] * sides.roll(-1, 0)[:, 0]
        assert (turns >= -1e-15).all()
        assert area(list(points.numpy())) == pytest.approx(float(found.share[region]), abs=1e-14)
        assert ((points >= 0) & (points <= 1)).all()


def test_every_point_of_a_grid_has_the_map_of_the_region_it_is_in():
    nets = random_nets(2, 7, 2, 1).to(dtype=torch.float64)
    found = regions(nets, SQUARE)
    places = cube.uniform(300, 2, torch.Generator().manual_seed(0)).double()
    jacobian = measures.local.jacobian_before_squash(nets, places)[0]
    for point, linear in zip(places, jacobian, strict=True):
        inside = [region for region in range(len(found.member)) if _within(point, polygon(found, region))]
        assert len(inside) == 1
        assert torch.allclose(found.linear[inside[0]], linear, atol=1e-12)


def _within(point: torch.Tensor, corners: torch.Tensor) -> bool:
    sides, apart = corners.roll(-1, 0) - corners, point - corners
    return bool((sides[:, 0] * apart[:, 1] - sides[:, 1] * apart[:, 0] >= 0).all())


def test_members_do_not_feel_their_company():
    nets = random_nets(2, 5, 2, 37)
    together, alone = regions(nets, SQUARE), regions(nets.select([34]), SQUARE)
    own = of_member(together, 34)
    assert torch.allclose(together.share[own], alone.share, atol=1e-13)
    assert torch.allclose(together.linear[own], alone.linear, atol=1e-12)
    first = polygon(together, int(own[0])), polygon(alone, 0)
    assert torch.allclose(*first, atol=1e-13)


def test_a_slice_of_many_dimensions_has_the_regions_of_a_plane_through_them():
    """A net of 5 coordinates on a plane, against the net of 2 whose first layer is the plane's."""
    net = random_nets(2, 7, 5, 1)
    draw = torch.Generator().manual_seed(1)
    axes, _ = torch.linalg.qr(torch.randn(5, 2, generator=draw).double())
    where = cube.Slice(torch.rand(5, generator=draw), axes.T, torch.tensor([-1.0, 0.5]), torch.tensor([2.0, 1.5]))
    found = regions(net, where)
    assert found.linear.shape[1:] == (5, 2)
    expected = sorted(one[0] for one in recursed(net, where))
    assert sorted(found.share.tolist()) == pytest.approx(expected, abs=1e-12)
    centre = int(found.share.argmax())
    jacobian = measures.local.jacobian_before_squash(
        net.to(dtype=torch.float64), where.at(found.centres[centre : centre + 1])
    )
    assert torch.allclose(jacobian[0, 0] @ where.axes.T, found.linear[centre], atol=1e-12)


def test_a_grid_sees_a_part_of_the_regions_and_no_others():
    nets = random_nets(3, 11, 2, 3)
    found, places = regions(nets, SQUARE), SQUARE.grid(101)
    total = torch.bincount(found.member)
    seen = measures.exact.regions_seen(nets, places)
    assert (seen < total).all()
    assert (seen > total / 3).all()
    halves = chain((torch.tensor([[[1.0], [0.0]]]), torch.tensor([[-0.5]])), (torch.ones(1, 1, 2), torch.zeros(1, 2)))
    assert measures.exact.regions_seen(halves, places).tolist() == [2]


def test_slopes_and_ranks_of_a_fold_in_one_direction():
    """relu(x − ½) in both outputs: a plateau on the left, slope √2 and rank 1 on the right."""
    fold = chain((torch.tensor([[[1.0], [0.0]]]), torch.tensor([[-0.5]])), (torch.ones(1, 1, 2), torch.zeros(1, 2)))
    found = regions(fold, SQUARE)
    order = found.slope.argsort()
    assert found.share[order].tolist() == pytest.approx([0.5, 0.5])
    assert found.slope[order].tolist() == pytest.approx([0, 2**0.5])
    assert found.rank[order].tolist() == [0, 1]


def test_plateaus_are_joined_where_they_share_a_side():
    """Kinks at x = ⅛, ¼ and ¾. Regions of rank 0 that share a side are one plateau."""
    first = torch.tensor([[[-1.0, 1.0, -1.0], [0.0, 0.0, 0.0]]]), torch.tensor([[0.25, -0.75, 0.125]])
    second = torch.tensor([[[0.0, 0.0]] * 3]), torch.tensor([[0.5, 0.5]])
    found = regions(chain(first, second), SQUARE)
    assert found.share.sort().values.tolist() == pytest.approx([0.125, 0.125, 0.25, 0.5])
    member, share = measures.exact.plateaus(found)
    assert (member.tolist(), share.tolist()) == ([0], [pytest.approx(1)])
    ramp = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]]), torch.tensor([[0.5, 0.5]])
    member, share = measures.exact.plateaus(regions(chain(first, ramp), SQUARE))
    assert (member.tolist(), share.tolist()) == ([0], [pytest.approx(0.75)])
    line = broken_line([0.25, 0.5, 0.75], [-1.0, 1.0, -1.0], 0.5, slope=1.0)
    member, share = measures.exact.plateaus(regions(line, LINE))
    assert (member.tolist(), share.tolist()) == ([0, 0], [pytest.approx(0.25)] * 2)
    assert measures.exact.plateaus(regions(broken_line([0.5], [1.0], 0.0, slope=1.0), LINE))[1].tolist() == []


def test_nets_that_are_not_piecewise_affine_and_members_that_diverged_are_refused():
    with pytest.raises(ValueError, match="sample the Jacobian of other networks"):
        regions(random_nets(2, 5, 2, 1, "tanh"), SQUARE)
    with pytest.raises(ValueError, match="sample the Jacobian of other networks"):
        regions(measures.known_maps.Identity(1, 2), SQUARE)
    broken = random_nets(1, 3, 2, 2)
    broken = replace(broken, flat=broken.flat.index_fill(0, torch.tensor([1]), math.nan))
    with pytest.raises(ValueError, match="leave out the members that diverged"):
        regions(broken, SQUARE)
    with pytest.raises(ValueError, match=r"must be a slice of the network.s 2 dimensions; got one of 1"):
        regions(random_nets(1, 3, 2, 1), LINE)


def test_kinks_at_one_place_are_one():
    """There is no region between the kinks of several units at the same place."""
    found = regions(broken_line([0.5, 0.5], [1.0, 1.0], 0.1), LINE)
    assert found.share.tolist() == [0.5, 0.5]
    assert found.linear.flatten().tolist() == [0, 2]
    for init in ("he", "identity"):  # biases are zero: all kinks are at 0
        assert len(regions(build(MLP(2, 20, init=init), 1, [0]), cube.whole(1, low=-1)).member) <= 2


def test_points_on_borders_are_in_no_region():
    net = broken_line([0.25, 0.5], [1.0, 1.0], 0.1)
    assert regions_seen(net, torch.tensor([[0.25], [0.5], [0.0]])).tolist() == [0]
    assert regions_seen(net, torch.linspace(0, 1, 101)[:, None]).tolist() == [3]


@pytest.mark.parametrize("steepness", [10.0, 1e6])
def test_what_a_lower_layer_has_cancelled_makes_no_regions(steepness: float):
    """Each axis has a step from 0 to 1, the difference of terms as large as the steepness. Where the step is 1, inputs of the
    last units are zero up to rounding errors of these terms."""
    first = torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1]]) * steepness, torch.tensor([0.0, 1, 0, 1]) + steepness / 2
    steps = torch.tensor([[1.0, 0, 0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, -1, 0, 0]]), torch.zeros(4)
    units = torch.zeros(4, 4), torch.tensor([1 / 3, 1 / 3 + 0.25, 2, 0.7])
    units[0][:2] = torch.tensor([[1 / 3, 1 / 3, 1, 0.7], [0, 0.25, 1, 0]])
    last = torch.ones(4, 2), torch.zeros(2)
    net = chain(
        *[
            (weight[None], sign * bias[None])
            for (weight, bias), sign in zip((first, steps, units, last), (-1, 1, -1, 1), strict=True)
        ]
    )
    assert len(regions(net, SQUARE).share) == 12


@pytest.mark.parametrize(("hidden", "width", "scale"), [(30, 50, 1.0), (40, 20, 1.5), (12, 50, 2.5), (16, 30, 2.0)])
def test_deep_nets_keep_all_their_regions(hidden: int, width: int, scale: float, monkeypatch: pytest.MonkeyPatch):
    """A bound that adds up rounding errors as if none cancelled would be larger than many real regions."""
    net = build(MLP(hidden, width, scale=scale), 2, [0])
    where = cube.Slice(torch.zeros(2), torch.eye(2), torch.zeros(2), torch.full((2,), 0.2 if scale > 1.9 else 1.0))
    found = regions(net, where)
    exact = net.without_squash().to(dtype=torch.float64)(found.centres[None])[0]
    own = (found.linear @ found.centres[..., None])[..., 0] + found.offset
    assert (own - exact).abs().max() < 1e-12 * max(1.0, float(exact.abs().max()))
    monkeypatch.setattr(importlib.import_module("landscape.measures.exact.linear_regions"), "CANCELLED_SHARE", 0.0)
    assert len(found.share) == len(regions(net, where).share)
