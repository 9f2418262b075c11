"""Attractors by Newton's method and by proximity: the same ones on maps whose attractors are known."""

from __future__ import annotations

import math

import pytest
import torch

from landscape.measures import find_attractors, fixed_points
from landscape.measures.dynamics import OUTSIDE, UNSETTLED, WAYS
from landscape.measures.exact import STABILITIES
from landscape.measures.known_maps import Constant, Identity, Memoriser
from landscape.measures.known_maps.references import Formula
from tests.measures.hand_built import affine, broken_line, half

GRID = torch.arange(53.0)[:, None] / 52


@pytest.mark.parametrize("by", WAYS)
def test_near_attractors_are_counted_alike_by_every_measure(by: str) -> None:
    """Rest at .497 and .503 with a repeller between them at .5: 0.6 % of the range apart."""
    net = broken_line([0.4985, 0.5015], [2.0, -2.0], 0.497, 0.0)
    found = find_attractors(net, GRID, 200, by=by)
    assert found.points[:, 0].sort().values.tolist() == pytest.approx([0.497, 0.503])
    known = fixed_points(net)
    assert int((known.stability == STABILITIES.index("stable")).sum()) == len(found.points) == 2
    assert found.period.tolist() == [1, 1]
    beside = GRID[:, 0] != 0.5  # ½ is on the repeller in exact arithmetic, and beside it with weights in float32
    assert torch.equal(found.points[found.label[0, beside], 0] > 0.5, GRID[beside, 0] > 0.5)


@pytest.mark.parametrize("by", WAYS)
def test_a_swap_is_one_cycle_with_all_its_points(by: str) -> None:
    """0 ↔ 1, and ½ repels."""
    found = find_attractors(broken_line([0.25, 0.75], [-2.0, 2.0], 1.0), GRID, 61, by=by)
    assert (found.kind.tolist(), found.period.tolist()) == ([1], [2])
    assert sorted(found.sets[0][:, 0].tolist()) == [0, 1]
    assert found.points.tolist() == [[0]]
    assert found.label[0].tolist() == [UNSETTLED if x == 0.5 else 0 for x in GRID[:, 0].tolist()]
    assert found.exponent.tolist() == [-torch.inf]


@pytest.mark.parametrize("by", WAYS)
def test_members_keep_their_attractors_apart(by: str) -> None:
    matrix = torch.tensor([0.5, 1.0, 1.5])[:, None, None] * torch.eye(2)
    many = affine(matrix, 0.25 * torch.tensor([[1.0, 1.0], [0.0, 0.0], [-1.0, -1.0]]))
    found = find_attractors(many, torch.rand(11, 2, generator=torch.Generator().manual_seed(0)), 100, by=by)
    assert found.member.tolist() == [0]  # the second member is the identity, the third repels from (½, ½)
    assert found.points.tolist() == [pytest.approx([0.5, 0.5], abs=1e-5)]
    assert found.exponent.tolist() == pytest.approx([torch.tensor(0.5).log().item()], abs=1e-3)
    assert (found.label[0] == 0).all()
    assert (found.label[1] == UNSETTLED).all()
    assert (found.label[2] == OUTSIDE).all()
    assert found.rests[:2].all()
    assert not found.rests[2].any()


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("dim", [1, 17])
def test_a_memoriser_has_an_attractor_for_each_training_point(by: str, dim: int) -> None:
    order = torch.Generator().manual_seed(0)
    data = torch.stack([torch.linspace(0, 1, 61)[torch.randperm(61, generator=order)] for _ in range(dim)], 1)
    found = find_attractors(Memoriser(data[None]), data + 1e-3, 20, by=by)
    assert len(found.points) == 61
    assert found.visits.sum() == 61
    assert len(found.table()) == 61


@pytest.mark.parametrize("by", WAYS)
def test_a_constant_has_one_attractor_and_the_identity_none(by: str) -> None:
    assert find_attractors(Constant(torch.tensor([[0.3], [0.4]])), GRID, 40, by=by).member.tolist() == [0, 1]
    none = find_attractors(Identity(2, 1), GRID, 40, by=by)
    assert (none.points.shape, none.label.shape, len(none.table())) == ((0, 1), (2, 53), 0)


@pytest.mark.parametrize("seed", range(4))
def test_a_spiral_attracts_whatever_tangent_vector_is_drawn(seed: int) -> None:
    """A linear spiral to ½ of multiplier .99, with a turn of .05 on ellipses of axis ratio 2."""
    turn = 0.99 * torch.tensor([[math.cos(0.05), -2 * math.sin(0.05)], [math.sin(0.05) / 2, math.cos(0.05)]])
    model = affine(turn[None], 0.5 - turn.sum(1)[None] / 2)
    begun = torch.rand(5, 2, generator=torch.Generator().manual_seed(1))
    found = find_attractors(model, begun, 2000, by="proximity", generator=torch.Generator().manual_seed(seed))
    assert found.visits.tolist() == [5]
    assert found.exponent.tolist() == pytest.approx([math.log(0.99)], abs=1e-3)


@pytest.mark.parametrize(("rate", "exponent"), [(3.5, -0.8725), (3.543, -0.0063)])
def test_cycles_of_four_and_eight_have_their_exponents(rate: float, exponent: float) -> None:
    """The logistic map: its exponents are the means of log |f'| over the cycles, to four figures."""
    model = Formula(lambda x, y: (rate * x * (1 - x), y / 8))
    begun = 0.1 + 0.8 * torch.rand(7, 2, generator=torch.Generator().manual_seed(0))
    by_newton = find_attractors(model, begun, 3000)
    found = find_attractors(model, begun, 3000, by="proximity")
    assert found.period.tolist() == by_newton.period.tolist()
    assert found.exponent.tolist() == pytest.approx([exponent], abs=2e-3)
    assert by_newton.exponent.tolist() == pytest.approx([exponent], abs=2e-3)


def test_a_cycle_that_is_symmetric_in_its_coordinates_is_one() -> None:
    """x ← ½ + .3 tanh 8 (y − ½), and y likewise: (.2, .8) ↔ (.8, .2) have the same sum of coordinates."""
    model = Formula(lambda x, y: (0.5 + 0.3 * torch.tanh(8 * (y - 0.5)), 0.5 + 0.3 * torch.tanh(8 * (x - 0.5))))
    begun = torch.rand(30, 2, generator=torch.Generator().manual_seed(0))
    for by in WAYS:
        found = find_attractors(model, begun, 200, by=by)
        assert sorted(found.period.tolist()) == [1, 1, 2]
        assert found.visits.sum() == 30


def test_chaos_is_no_cycle_by_proximity() -> None:
    model = Formula(lambda x, y: (3.9 * x * (1 - x), y / 2))
    begun = 0.1 + 0.8 * torch.rand(499, 2, generator=torch.Generator().manual_seed(0))
    found = find_attractors(model, begun, 500, by="proximity")
    assert len(found.points) == 0
    assert (found.label == UNSETTLED).all()


def test_an_attractor_far_outside_is_not_listed_by_proximity() -> None:
    found = find_attractors(Constant(torch.tensor([[100.0]])), GRID, 40, by="proximity")
    assert len(found.points) == 0
    assert (found.label == OUTSIDE).all()
    assert not found.rests.any()


def test_bad_input_is_refused_in_one_line() -> None:
    net = Identity(1, 2)
    with pytest.raises(ValueError, match="`by` must be one of 'newton', 'proximity'; got 'nearness'"):
        find_attractors(net, torch.rand(3, 2), by="nearness")
    for by in WAYS:
        with pytest.raises(ValueError, match="at least one start; got none"):
            find_attractors(net, torch.zeros(0, 2), 3, by=by)
        with pytest.raises(ValueError, match="need at least 1 iteration and `high` above `low`"):
            find_attractors(net, torch.rand(3, 2), 3, by=by, low=1.0)


@pytest.mark.parametrize("by", ["newton", "proximity"])
def test_progress_rises_to_its_total(by):
    seen: list[tuple[int, int]] = []
    find_attractors(half(2), torch.rand(5, 2), 40, by=by, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert len({total for _, total in seen}) == 1
