"""Bounds on the error of the maps of regions: compared with long doubles, and where rounding spoils the subdivision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from landscape import cube
from landscape.ensemble import Ensemble, build
from landscape.measures import fixed_points, regions
from landscape.measures.exact import Regions
from landscape.measures.exact.verified import Verified, verified
from landscape.measures.maps import in_double
from landscape.nets import MLP
from tests.measures.hand_built import broken_line, chain

SQUARE, LINE = cube.whole(2), cube.whole(1)
ASLANT = cube.Slice(torch.zeros(3), torch.eye(3)[:2] + 0.1, torch.zeros(2), torch.ones(2))
TINY = 1e-13  # a share of its terms that the subdivision takes for zero


def checked(nets: Ensemble, where: cube.Slice) -> tuple[Regions, Verified]:
    found = regions(nets, where)
    return found, verified(in_double(nets).layers(), found)


def exactly(nets: Ensemble, member: int, points: Tensor) -> np.ndarray:
    """The map before its squash, in long doubles."""
    value = points.numpy().astype(np.longdouble)
    for layer in nets.without_squash().layers():
        value = value @ layer.weight[member].numpy().astype(np.longdouble) + layer.bias[member].numpy()
        slope = {"relu": 0.0, "leaky": 0.01, "linear": 1.0}[layer.activation]
        value = np.where(value > 0, value, slope * value)
    return value


def farthest(nets: Ensemble, found: Regions, told: Verified) -> float:
    """The largest error of the maps of regions, over the bound, at points between their centres and corners."""
    shares, corner = [], found.vertices[found.corners]
    for toward in (0.0, 0.5, 1.0):
        places = found.centres[found.region] + toward * (corner - found.centres[found.region])
        own = (told.linear[found.region] @ places[..., None])[..., 0] + told.offset[found.region]
        for member in range(nets.members):
            here = found.member[found.region] == member
            off = (own[here].numpy() - exactly(nets, member, found.where.at(places[here]))).astype(float)
            shares.append((np.linalg.norm(off, axis=1) / told.error[found.region][here].numpy()).max())
    return max(shares)


@pytest.mark.parametrize("activation", ["relu", "leaky"])
@pytest.mark.parametrize(
    ("hidden", "width", "scale", "most"),
    [(2, 20, 1.0, 2e-13), (8, 20, 1.5, 1e-11), (20, 20, 1.5, 1e-7), (6, 11, 8.0, 1e-5)],
)
def test_the_bound_holds_and_is_of_use(hidden: int, width: int, scale: float, most: float, activation: str):
    for dim, where in ((1, LINE), (2, SQUARE), (3, ASLANT)):
        nets = build(MLP(hidden, width, activation, scale=scale), dim, range(3))
        found, told = checked(nets, where)
        assert farthest(nets, found, told) <= 1
        assert told.covered.all()
        assert told.error.median() < most


def test_maps_are_those_of_the_regions():
    found, told = checked(build(MLP(3, 20), 2, range(3)), SQUARE)
    assert torch.allclose(told.linear, found.linear, rtol=0, atol=1e-14)
    assert torch.allclose(told.offset, found.offset, rtol=0, atol=1e-14)


@pytest.mark.parametrize("hidden", [1, 6, 20])
def test_what_was_taken_for_zero_is_seen_and_grows(hidden: int):
    """A kink so near to the end of the line that the region before it is lost. Each layer triples the value there."""
    first = -torch.ones(1, 1, 1), torch.full((1, 1), 2.0**-44)
    net = chain(first, *[(3 * torch.ones(1, 1, 1), torch.zeros(1, 1))] * hidden)
    found, told = checked(net, LINE)
    value = 3**hidden * 2.0**-44
    assert exactly(net, 0, torch.zeros(1, 1, dtype=torch.float64)).item() == value
    assert found.share.tolist() == [1.0]
    assert told.linear.tolist() == [[[0.0]]]
    assert value <= told.error.item() <= 2 * value


def test_what_cancels_is_seen():
    """relu(2⁻²⁵ − x) as a sum of terms of 2²⁰, whose rounding errors hide it, times 5."""
    first = torch.tensor([[[1.0, 0, 0]]]), torch.tensor([[0.0, 2.0**20, 1.0]])
    second = torch.tensor([[[-1.0], [1.0], [2.0**-25]]]).expand(1, 3, 3), torch.full((1, 3), -(2.0**20))
    net = chain(first, second, (torch.tensor([[[5.0], [0], [0]]]), torch.zeros(1, 1)))
    _, told = checked(net, LINE)
    value = 5 * 2.0**-25
    assert exactly(net, 0, torch.zeros(1, 1, dtype=torch.float64)).item() == value
    assert value <= told.error.item() <= 3 * value


def test_rounding_of_large_maps_is_bounded():
    """Slopes of 1e8 that cancel: the computed sum has an error of more than 1e-10."""
    draw = torch.Generator().manual_seed(0)
    weight, shift = torch.ones(50, 1, 40), 1 + torch.rand(50, 40, generator=draw)
    out = torch.randn(50, 40, 1, generator=draw) * 1e8
    net = chain((weight, shift), (out, -(shift[:, None] @ out)[:, 0]))
    found, told = checked(net, LINE)
    assert farthest(net, found, told) <= 1
    own = (told.linear @ found.centres[..., None])[..., 0] + told.offset
    exact = np.concatenate([exactly(net, one, found.centres[found.member == one]) for one in range(50)])
    assert np.abs(own.numpy() - exact).max() > 1e-10


def crossed(line: tuple[float, float, float], centre: float = 0.2) -> Ensemble:
    """f(x) = x/2 + `centre`, except for a unit of size 1e-6 and a unit with a kink along `line`.

    One layer rounds a value to zero that is not small for the terms of the next layer. There the signs at the corners of the
    square are + − + −, which no straight line separates."""
    width, wide = 6, 0.5
    layers = [
        (np.zeros((2, width)), np.full(width, 1e-30)),
        *[(np.zeros((width, width)), np.zeros(width)) for _ in range(2)],
    ]
    layers.append((np.zeros((width, 2)), np.full(2, centre)))
    (first, start), (second, before), (third, after), (last, _) = layers
    start[2] = wide
    for weight in (first, second, third):
        weight[0, 0] = weight[1, 1] = 1
    second[:3, 2], before[2] = (0.2 * TINY, -0.2 * TINY, 1), 0.9 * TINY - wide
    second[:, 3], before[3] = second[:, 2], before[2] + 10 * TINY
    third[2:4, 2], after[2] = (-1, 1), -10.8 * TINY
    third[0, 4], third[1, 4], after[4] = line
    last[0, 0] = last[1, 1] = 0.5
    last[2, 0], last[4, 0] = 1e-6, 0.3
    net = build(MLP(3, width, output="linear"), 2, [0]).to(dtype=torch.float64)
    for index, (weight, bias) in enumerate(layers):
        net.parameters[f"layers.{index}.weight"].copy_(torch.from_numpy(weight))
        net.parameters[f"layers.{index}.bias"].copy_(torch.from_numpy(bias))
    return net


def test_cells_whose_signs_no_line_parts_stay_whole():
    draw = np.random.default_rng(0)
    for _ in range(30):
        angle, place = draw.uniform(0, 2 * np.pi), draw.uniform(0, 1, 2)
        way = np.array([np.cos(angle), np.sin(angle)])
        net = crossed((way[0], way[1], -way @ place))
        found, told = checked(net, SQUARE)
        assert (found.share >= 0).all()
        assert farthest(net, found, told) <= 1
        points = fixed_points(net)
        assert not points.proven.all() or len(points.points) == 1


def test_regions_that_leave_something_out_cover_nothing():
    for nets, where in (
        (build(MLP(2, 20), 2, range(2)), SQUARE),
        (broken_line([0.25, 0.5], [1.0, 1.0], 0.1, members=2), LINE),
    ):
        found, told = checked(nets, where)
        assert told.covered.tolist() == [True, True]
        for lost in (0, len(found.share) - 1):
            kept = torch.arange(len(found.share)) != lost
            counts = found.begins.diff()[kept]
            fewer = replace(
                found,
                member=found.member[kept],
                share=found.share[kept],
                linear=found.linear[kept],
                offset=found.offset[kept],
                corners=found.corners[kept[found.region]],
                begins=torch.cat([torch.zeros(1, dtype=torch.int64), counts.cumsum(0)]),
            )
            expected = [one != int(found.member[lost]) for one in range(2)]
            assert verified(in_double(nets).layers(), fewer).covered.tolist() == expected
            other = int((fewer.member == found.member[lost]).nonzero()[0])
            even = fewer.share.index_add(0, torch.tensor([other]), found.share[lost : lost + 1])
            assert verified(in_double(nets).layers(), replace(fewer, share=even)).covered.tolist() == expected
