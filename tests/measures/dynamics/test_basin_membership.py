"""Basins of hand-built maps: steps, swaps, constants, drifts, lines of fixed points."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from landscape import cube
from landscape.measures import basins
from landscape.measures.dynamics import SLOW, UNSETTLED
from landscape.measures.known_maps import Constant, Identity
from tests.measures.hand_built import Opaque, affine, broken_line

GRID = torch.linspace(0, 1, 103)[:, None]


def test_a_step_has_two_basins_that_meet_at_the_repeller():
    """Rest at ⅛ and ⅝, the repeller at ⅜."""
    found = basins(broken_line([0.25, 0.5], [2.0, -2.0], 0.125), GRID, 64)
    assert found.points[:, 0].tolist() == pytest.approx([0.625, 0.125])
    assert found.period.tolist() == [1, 1]
    assert found.label[0].tolist() == [1 if x < 0.375 else 0 for x in GRID[:, 0].tolist()]
    assert found.shares.tolist() == pytest.approx([64 / 103, 39 / 103])


def test_a_swap_is_a_cycle_and_not_a_fixed_point():
    found = basins(broken_line([0.25, 0.75], [-2.0, 2.0], 1.0), GRID, 31)
    assert found.period.tolist()[0] == 2
    assert found.points[0].tolist() == [0]
    assert (found.label[0] == 0).sum() >= 102  # ½ itself stays where it is


def test_a_constant_has_one_basin_and_the_identity_none():
    found = basins(Constant(torch.tensor([[0.3]])), GRID, 40)
    assert found.shares.tolist() == [1]
    assert found.time[0].max() <= 16
    for dim in (1, 2):
        many = torch.rand(503, dim, generator=torch.Generator().manual_seed(0))
        assert (basins(Identity(1, dim), many, 9).label[0] == UNSETTLED).all()


def test_a_line_of_fixed_points_is_no_attractor():
    """f(x, y) = (x, ½) draws every start to its own end, beside which others stay."""
    onto = affine(torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]), torch.tensor([[0.0, 0.5]]))
    assert (basins(onto, cube.whole(2).grid(33).float(), 50).label[0] == UNSETTLED).all()


def test_a_start_on_a_repeller_is_in_no_basin():
    """Rest at ⅛ and ⅝, the repeller at ⅜, on which a start stays."""
    starts = torch.tensor([[0.25], [0.375], [0.5]])
    found = basins(broken_line([0.25, 0.5], [2.0, -2.0], 0.125), starts, 64)
    assert found.label[0].tolist()[1] == UNSETTLED
    assert found.points[:, 0].tolist() == pytest.approx([0.125, 0.625])


def test_a_slow_drift_is_no_rest():
    """f(x) = x + 5e-5 moves on for ever; at slope .999 an orbit comes to rest too late to be seen."""
    drift = basins(broken_line([], [], 5e-5, 1.0), GRID[:50], 50)
    assert (drift.label[0] == UNSETTLED).all()
    slow = basins(broken_line([], [], 5e-4, 0.999), GRID, 50)  # rests at ½
    assert (slow.label[0][:50] == SLOW).all()
    assert slow.label[0][51] == 0


def test_orbits_that_meet_are_followed_once():
    """A slope of .9 that ends on a plateau at ½: the starts beyond have one orbit."""
    net, points = broken_line([0.5], [-0.9], 0.02, 0.9), []

    @dataclass(frozen=True)
    class Counting(Opaque):
        def __call__(self, some: torch.Tensor) -> torch.Tensor:
            points.append(some.shape[1])
            return super().__call__(some)

    found = basins(Counting(net), GRID, 64)
    whole = basins(net, GRID, 64, retire=False)
    assert torch.equal(found.label[0], whole.label[0])
    assert torch.equal(found.time[0], whole.time[0])
    assert points[7] == 103
    assert points[8] < 60  # 52 from below ½, and few roundings of one number


def test_the_attractors_of_all_members_are_those_of_each():
    """Three members: a step with two attractors, a constant with one, and a step up to a repeller at .3125."""
    changes = torch.tensor([[2.0, -2.0], [0.0, 0.0], [3.0, 0.0]])
    many = broken_line([0.25, 0.5], [2.0, -2.0], 0.125, members=3)
    last = many.parameters["layers.1.weight"]
    last[:, 1:, 0] = changes
    found = basins(many, GRID, 64)
    assert found.label.shape == found.rests.shape == found.time.shape == (3, len(GRID))
    assert found.member.tolist() == [0, 0, 1, 2]
    assert found.visits.tolist() == [64, 39, 103, 32]
    assert found.shares.tolist() == pytest.approx([64 / 103, 39 / 103, 1, 32 / 103])
    for member in range(3):
        alone, one = basins(many.select(slice(member, member + 1)), GRID, 64), found.of(member)
        for name in ("member", "points", "kind", "period", "exponent", "label", "rests", "time"):
            assert torch.equal(getattr(alone, name), getattr(one, name)), name
        assert all(torch.equal(ours, theirs) for ours, theirs in zip(alone.sets, one.sets, strict=True))
    starts_of_each = torch.stack([GRID, GRID.flip(0), GRID])
    assert torch.equal(basins(many, starts_of_each, 64).label[1], found.label[1].flip(0))
    with pytest.raises(IndexError, match="`member` must be from 0 to 2; got 3"):
        found.of(3)


def test_the_table_has_a_row_an_attractor():
    table = basins(broken_line([0.25, 0.5], [2.0, -2.0], 0.125, members=2), GRID, 64).table()
    assert list(table) == ["member", "kind", "period", "visits", "share", "exponent", "rotation", "x1"]
    assert table.member.tolist() == [0, 0, 1, 1]
    assert set(table.kind) == {"fixed point"}
    assert table.x1.tolist() == pytest.approx([0.625, 0.125] * 2)
    assert table.visits.tolist() == [64, 39] * 2
    many = basins(Constant(torch.full((1, 9), 0.5)), torch.rand(5, 9), 40).table()
    assert list(many) == ["member", "kind", "period", "visits", "share", "exponent", "rotation"]
    assert len(basins(Identity(1, 2), torch.rand(5, 2), 9).table()) == 0


def test_no_starts_are_refused():
    with pytest.raises(ValueError, match="attractors need at least one start; got none"):
        basins(Identity(1, 2), torch.zeros(0, 2), 3)


@pytest.mark.parametrize("iterations", [1, 7, 24])
def test_what_rests_by_the_last_iteration_rests(iterations: int):
    """A constant is at rest when it is looked at for the second time; what leaves never is."""
    still = basins(Constant(torch.tensor([[0.3]])), GRID, iterations)
    assert still.rests[0].tolist() == [iterations > 8] * len(GRID)
    assert (still.label[0] == 0).all()
    gone = basins(broken_line([], [], 1.0, 3.0), GRID, 24)
    assert not gone.rests[0].any()
    assert (gone.time[0] < 24).all()


def test_orbits_beside_a_slow_repeller_are_given_up_retired_or_not():
    """Rest at .3 and .7, the repeller at ½ with slope 1.001: what moves less than 1e-6 in 8 iterations counts as at rest."""
    net = broken_line([0.3, 0.7], [1.001, -1.001], 0.3 - 0.2 * 0.001, 0.0)
    starts = 0.5 + (GRID - 0.5) * 4e-4
    with_it, without = basins(net, starts, 3000), basins(net, starts, 3000, retire=False)
    for name in ("label", "rests", "time"):
        assert torch.equal(getattr(with_it, name), getattr(without, name))
    assert (with_it.label[0] == SLOW).any()


@pytest.mark.parametrize("wrong", [{"iterations": 0}, {"low": 1.0, "high": 0.0}, {"high": 0.0}])
def test_no_iteration_and_no_range_are_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match="need at least 1 iteration and `high` above `low`"):
        basins(Identity(1, 2), torch.rand(3, 2), **{"iterations": 9, **wrong})
