"""Orbits that do not settle in a few iterations: spirals, ghosts, long cycles, circles, chaos, and what keeps areas."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from landscape import cube
from landscape.measures import basins
from landscape.measures.dynamics import ATTRACTOR_KINDS, OUTSIDE, SLOW, UNSETTLED, Attractors
from landscape.measures.known_maps.references import Formula

SQUARE = cube.whole(2).grid(13).float()
INNER = 0.5 + 0.6 * (SQUARE - 0.5)


def kinds(found: Attractors) -> list[str]:
    return [ATTRACTOR_KINDS[kind] for kind in found.kind]


def turned(size: float, turn: float, stretch: float = 1.0) -> Formula:
    """Turns about the middle of the square, along ellipses that are `stretch` times as long as wide."""
    cos, sin = size * math.cos(turn), size * math.sin(turn)
    return Formula(
        lambda x, y: (0.5 + cos * (x - 0.5) - sin * (y - 0.5) / stretch,
                      0.5 + sin * (x - 0.5) * stretch + cos * (y - 0.5))
    )  # fmt: skip


@pytest.mark.parametrize(("size", "stretch"), [(0.9999, 1.0), (0.998, 10.0), (0.9999, 3.0)])
def test_slow_spirals_are_at_their_focus_or_slow(size: float, stretch: float):
    starts = 0.5 + (SQUARE - 0.5) * 0.01 / stretch
    near = basins(turned(size, 0.3, stretch), starts, 300)
    assert (near.period.tolist(), near.shares.tolist()) == ([1], [1])
    far = basins(turned(size, 0.3, stretch), SQUARE, 300)
    assert kinds(far) == ["fixed point"]
    assert ((far.label[0] == 0) | (far.label[0] == SLOW)).all()
    assert (far.label[0] == SLOW).double().mean() > 0.9


def test_a_rotation_keeps_areas_and_attracts_nothing():
    found = basins(turned(1.0, 0.3), INNER, 300)
    assert (found.label[0][(INNER != 0.5).any(1)] == UNSETTLED).all()
    assert len(found.points) == 0


def test_a_ghost_is_slow():
    """Starts to its left are held at .3, where f(x) = x is missed by 1e-7 about; the others go to ¾."""
    found = basins(Formula(lambda x, y: (x - 0.5 * (x - 0.75) * ((x - 0.3) ** 2 + 1e-7), y / 2)), SQUARE, 1000)
    assert found.points[:, 0].tolist() == pytest.approx([0.75])
    assert ((found.label[0] == SLOW) == (SQUARE[:, 0] < 0.3)).all()


@pytest.mark.parametrize("length", [9, 12, 16, 23])
def test_long_cycles_are_listed_once(length: int):
    ends = (torch.arange(length) * 5 % length + 0.5) / length

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        at = ends.to(x)
        nearest = (x[..., None] - at).abs().argmin(-1)
        return at.roll(-1)[nearest] + 0.7 * (x - at[nearest]), y / 2

    found = basins(Formula(formula), SQUARE, 200)
    assert (found.period.tolist(), found.shares.tolist()) == ([length], [1])
    assert found.exponent.tolist() == pytest.approx([math.log(0.7)], abs=1e-6)
    assert len(found.sets[0]) == length


def test_the_logistic_maps_cycle_of_sixteen():
    found = basins(Formula(lambda x, y: (3.5665 * x * (1 - x), y / 2)), INNER, 500)
    assert (found.period.tolist(), found.shares.tolist()) == ([16], [1])


def test_the_delayed_logistic_map_has_an_invariant_circle():
    found = basins(Formula(lambda x, y: (y, 2.1 * y * (1 - x))), 0.2 + INNER / 2, 500)
    assert kinds(found) == ["invariant circle"]
    assert abs(float(found.exponent[0])) < 1e-3
    assert 0.1 < float(found.rotation[0]) < 1 / 6  # 1/6 where it is born
    assert found.shares.tolist() == [1]


def test_a_fixed_point_beside_a_circle():
    """Radii below .12 shrink, those above come to ¼: f turns by a radian."""

    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        x, y = x - 0.5, y - 0.5
        square = x**2 + y**2
        by = 1 - 120 * (0.0144 - square) * (0.0625 - square)
        return 0.5 + by * (x * math.cos(1) - y * math.sin(1)), 0.5 + by * (x * math.sin(1) + y * math.cos(1))

    starts = 0.5 + 0.4 * (SQUARE - 0.5)
    found = basins(Formula(formula), starts, 500)
    assert sorted(kinds(found)) == ["fixed point", "invariant circle"]
    inside = (starts - 0.5).norm(dim=1) < 0.12
    assert torch.equal(found.label[0] == kinds(found).index("fixed point"), inside)
    assert (found.label[0] >= 0).all()


def test_maps_that_keep_areas_are_chaotic_without_an_attractor():
    def formula(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        y = (y + 0.3 * torch.sin(2 * math.pi * x)).remainder(1)
        return (x + y).remainder(1), y

    assert len(basins(Formula(formula), 0.03 + INNER, 100).points) == 0


def newton(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Newton's method for z⁴ = 1."""
    z = torch.complex(x, y)
    found = z - (z**4 - 1) / (4 * z**3)
    return found.real, found.imag


def test_orbits_that_leave_and_return_are_followed_unless_there_is_a_box():
    starts = cube.uniform(3000, 2, torch.Generator().manual_seed(0), low=-1.5, high=1.5)
    ends = starts
    for _ in range(200):
        ends = torch.stack(newton(*ends.unbind(-1)), -1)
    found = basins(Formula(newton), starts, 200, low=-1.5, high=1.5)
    truth = torch.cdist(ends.double(), found.points).argmin(1)
    assert len(found.points) == 4
    assert (found.label[0] == truth).double().mean() > 0.999
    boxed = basins(Formula(newton), starts, 200, low=-1.5, high=1.5, box=10.0)
    assert 0.01 < (boxed.label[0] == OUTSIDE).double().mean() < 0.05
    with pytest.raises(ValueError, match=r"`box` must be a positive number of ranges, or None .*; got 0"):
        basins(Formula(newton), starts, 9, box=0)
