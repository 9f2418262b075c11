"""Newton's method from many starts: cycles of maps whose cycles are known, and random nets beside all their fixed points."""

from __future__ import annotations

import pytest
import torch

from landscape import cube, machine, measures
from landscape.ensemble import build
from landscape.measures import periodic_points
from landscape.measures.exact import STABILITIES
from landscape.measures.known_maps import REFERENCES
from landscape.measures.known_maps.references import Formula
from landscape.nets import MLP, make_net
from tests.measures.exact.test_complete import steep, words
from tests.measures.hand_built import affine, broken_line, chain, identity

GRID = torch.linspace(0, 1, 101)[:, None]


def test_a_swap_has_one_fixed_point_and_two_cycles_of_two():
    """0 and 1 change places, and so do the middles of its plateaus' images: f(x) = 1 below ¼ and 0 above ¾."""
    swap = broken_line([0.25, 0.75], [-2.0, 2.0], 1.0)
    assert periodic_points(swap, GRID).points.tolist() == [[0.5]]
    found = periodic_points(swap, GRID, 2)
    assert found.points.tolist() == [[0.0]]
    assert words(found) == ["stable"]
    assert found.radius.tolist() == [0]
    assert found.proven.tolist() == [False]


def test_henons_fixed_points_and_cycle_are_those_in_closed_form():
    """x = 1 − 1.4 x² + .3 x; of the 2-cycle the two x solve a² x² − a (1 − b) x + (1 − b)² − a = 0."""
    starts = cube.whole(2, low=-2, high=2).grid(21)
    found = periodic_points(REFERENCES["Hénon, a = 1.4, b = 0.3"].map, starts, low=-2, high=2)
    expected = sorted((-0.7 + sign * (0.49 + 5.6) ** 0.5) / 2.8 for sign in (1, -1))
    assert found.points[:, 0].tolist() == pytest.approx(expected)
    assert words(found) == ["saddle", "saddle"]
    twice = periodic_points(REFERENCES["Hénon, a = 1.4, b = 0.3"].map, starts, 2, low=-2, high=2)
    roots = sorted((0.98 + sign * (0.98**2 - 4 * 1.96 * (0.49 - 1.4)) ** 0.5) / 3.92 for sign in (1, -1))
    assert len(twice.points) == 1
    x, y = twice.points[0].tolist()
    assert x == pytest.approx(roots[0])
    assert y == pytest.approx(0.3 * roots[1])


def test_most_of_all_fixed_points_are_found_and_no_other():
    nets = steep(2, 7)
    all_of_them = measures.fixed_points(nets)
    found = periodic_points(nets, cube.uniform(300, 2, torch.Generator().manual_seed(0)))
    assert found.residual.max() <= 1e-10
    for member in range(7):
        ours, exact = (one.points[one.member == member] for one in (found, all_of_them))
        apart = torch.cdist(ours, exact, compute_mode="donot_use_mm_for_euclid_dist")
        assert (apart.amin(1) < 1e-8).all()
        kinds = all_of_them.stability[all_of_them.member == member][apart.argmin(1)]
        assert found.stability[found.member == member].tolist() == kinds.tolist()
        if len(ours) == len(exact):
            assert found.index[member] == all_of_them.index[member]
    assert len(found.points) >= 0.9 * len(all_of_them.points)


def test_curved_maps_of_many_dimensions_have_theirs_found():
    net = build(MLP(2, 16, "tanh", scale=3.0), 5, [0, 1])
    found = periodic_points(net, cube.uniform(50, 5, torch.Generator().manual_seed(1)))
    assert len(found.points) >= 2
    exact = net.to(dtype=torch.float64)
    for member in (0, 1):
        points = found.points[found.member == member]
        assert torch.allclose(exact.select([member])(points[None])[0], points, atol=1e-10)
        assert torch.allclose(
            measures.jacobian_at(exact.select([member]), points)[0], found.jacobian[found.member == member]
        )


def test_nets_that_take_no_empty_set_may_have_no_cycles():
    net = build(make_net("transformer", (4, 4), hidden=1, width=4), 16, [0, 1])
    found = periodic_points(net, cube.uniform(5, 16, torch.Generator().manual_seed(0)), 2)
    assert found.points.shape == (0, 16)
    assert found.jacobian.shape == (0, 16, 16)


def test_jacobians_that_memory_cannot_hold_are_refused_before_they_are_made(monkeypatch):
    """In 130 coordinates one cycle needs 8·130²·(2 + 16) bytes, 2.4 MB: refused with 4 MB free, but not with 6 MB."""
    shrinks = affine(0.5 * torch.eye(130)[None], torch.full((1, 130), 0.25))
    middle = torch.full((1, 130), 0.4)
    monkeypatch.setattr(machine, "free_memory", lambda: 4_000_000)
    with pytest.raises(
        ValueError, match=r"of 1 cycles in 130 coordinates take 0\.0 GB, .*by='proximity'\), which needs none"
    ):
        periodic_points(shrinks, middle)
    monkeypatch.setattr(machine, "free_memory", lambda: 6_000_000)
    assert periodic_points(shrinks, middle).points[0, 0] == pytest.approx(0.5)


def test_a_kink_is_seen_from_both_sides():
    found = periodic_points(broken_line([0.5], [1.5], 0.25, slope=0.5), GRID)
    assert found.points[:, 0].tolist() == pytest.approx([0.5])
    assert words(found) == ["one-sided"]
    assert found.kink.tolist() == [True]


def test_an_index_other_than_one_says_that_points_are_missing():
    """Slopes 0, 2 and 0: rest at ⅛ and ⅝ and a repeller at ⅜; from one start only one is found."""
    steps = broken_line([0.25, 0.5], [2.0, -2.0], 0.125)
    assert periodic_points(steps, GRID).index.tolist() == [1]
    repeller = periodic_points(steps, torch.tensor([[0.4]]))
    assert [STABILITIES[place] for place in repeller.stability] == ["repeller"]
    assert repeller.index.tolist() == [-1]


def test_maps_without_fixed_points_in_the_range_have_none():
    away = affine(torch.eye(2)[None], torch.tensor([[0.3, 0.0]]))
    assert len(periodic_points(away, torch.rand(9, 2)).points) == 0
    assert len(periodic_points(identity(2, 1), torch.rand(9, 2)).points) == 9  # every start is one
    with pytest.raises(ValueError, match="`period` must be at least 1; got 0"):
        periodic_points(away, torch.rand(9, 2), 0)


@pytest.mark.parametrize("period", [1, 3])
def test_a_curved_net_has_no_kinks(period: int):
    nets = build(MLP(3, 30, "tanh", scale=20.0), 2, range(2))
    found = periodic_points(nets, torch.rand(60, 2, generator=torch.Generator().manual_seed(0)), period)
    assert len(found.points) > 5
    assert not found.kink.any()


def test_a_cycle_whose_points_have_one_sum_is_listed_once():
    """f(x, y) = (g(y), g(x)), with g at rest at ⅛ and ⅝: the cycle (⅛, ⅝), (⅝, ⅛) is its own mirror image."""
    kinks, change = torch.tensor([0.0, 0.25, 0.5]), torch.tensor([0.1, 2.0, -2.0])
    weight = torch.zeros(1, 2, 6)
    weight[0, 0, :3] = weight[0, 1, 3:] = 1
    back = torch.zeros(1, 6, 2)
    back[0, 3:, 0] = back[0, :3, 1] = change
    swap = chain((weight, -torch.cat([kinks, kinks])[None]), (back, torch.full((1, 2), 0.125)))
    found = periodic_points(swap, cube.whole(2).grid(20), 2)
    ends = measures.fixed_points(broken_line([0.0, 0.25, 0.5], [0.1, 2.0, -2.0], 0.125, 0.0)).points
    assert len(found.points) == len(ends) * (len(ends) - 1) // 2


def test_a_map_that_is_no_ensemble_is_solved_in_float64_too():
    """x³/3 + x/2 + .1: its root and the slope there are known to 1e-15, not to the 1e-8 of float32."""
    cubic = Formula(lambda x, y: (x**3 / 3 + x / 2 + 0.1, y / 2))
    found = periodic_points(cubic, torch.tensor([[0.2, 0.1]]))
    (x, _) = found.points[0].tolist()
    assert abs(x**3 / 3 - x / 2 + 0.1) < 1e-15
    assert abs(float(found.jacobian[0, 0, 0]) - (x**2 + 0.5)) < 1e-15
