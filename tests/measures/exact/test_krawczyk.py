"""All solutions of x = squash(A x + c) in boxes: none is lost or invented, and what is not proven is undecided."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from landscape.measures.exact.krawczyk import Enclosures, Pieces, enclose


def pieces(linear: Tensor, offset: Tensor, low: float = 0.0, high: float = 1.0) -> Pieces:
    """Pieces of the affine maps (R, K, K), (R, K) in a cube, without half-planes."""
    count, axes = offset.shape
    sides = torch.zeros(count, 1, axes, dtype=torch.float64), torch.full((count, 1), math.inf, dtype=torch.float64)
    box = torch.full((count, axes), low, dtype=torch.float64), torch.full((count, axes), high, dtype=torch.float64)
    return Pieces(linear.double(), offset.double(), *box, *sides, torch.zeros_like(box[0]))


def on_line(slope: float, offset: float, squash: str, low: float = 0.0, high: float = 1.0) -> Enclosures:
    return enclose(pieces(torch.tensor([[[slope]]]), torch.tensor([[offset]]), low, high), squash)


def random_maps(count: int) -> tuple[Tensor, Tensor]:
    """Steep affine maps that are zero at a point near the middle of the square."""
    generator = torch.Generator().manual_seed(0)
    linear = 10 * torch.eye(2) + 5 * torch.randn(count, 2, 2, generator=generator, dtype=torch.float64)
    middle = 0.3 + 0.4 * torch.rand(count, 2, 1, generator=generator, dtype=torch.float64)
    return linear, -(linear @ middle)[..., 0]


def roots(linear: Tensor, offset: Tensor) -> Tensor:
    """The solutions for one map that Newton's method reaches from a grid: (S, 2)."""
    axis = torch.linspace(0, 1, 61, dtype=torch.float64)
    points = solved(linear, offset, torch.cartesian_prod(axis, axis))
    residual = (torch.sigmoid(points @ linear.T + offset) - points).norm(dim=1)
    points = points[(residual < 1e-12) & (points >= 0).all(1) & (points <= 1).all(1)]
    return torch.unique(points.mul(1e8).round(), dim=0) / 1e8


def solved(linear: Tensor, offset: Tensor, points: Tensor) -> Tensor:
    """The points after 80 steps of Newton's method."""
    for _ in range(80):
        value = torch.sigmoid(points @ linear.T + offset)
        derivative = (value * (1 - value))[..., None] * linear - torch.eye(2)
        points = points - torch.linalg.solve(derivative, value - points)
    return points


def test_the_three_fixed_points_of_a_steep_sigmoid():
    found = on_line(8.0, -4.1, "sigmoid")
    assert len(found.undecided) == 0
    line = torch.linspace(0, 1, 10_001)
    crosses = (torch.sigmoid(8 * line - 4.1) > line).diff().nonzero()[:, 0]
    assert sorted(found.near[:, 0].tolist()) == pytest.approx(line[crosses].tolist(), abs=0.01)
    assert len(crosses) == 3


def test_an_affine_map_has_its_point_inside_the_box_or_none():
    inside, outside = on_line(-1.0, 1.0, "linear"), on_line(-1.0, 3.0, "linear")
    assert inside.near[:, 0].tolist() == pytest.approx([0.5])
    assert len(outside.near) == len(outside.undecided) == len(inside.undecided) == 0


@pytest.mark.parametrize(("reach", "undecided"), [(0.6, True), (-0.1, False)])
def test_beyond_half_planes_nothing_is_looked_for(reach: float, undecided: bool):
    """Every point solves x = x. With all points beyond the half-plane, nothing is left to be undecided."""
    here = pieces(torch.eye(2)[None], torch.zeros(1, 2))
    sides = torch.tensor([[[1.0, 0.0]]], dtype=torch.float64), torch.tensor([[reach]], dtype=torch.float64)
    found = enclose(replace(here, normals=sides[0], reaches=sides[1]), "linear")
    assert (len(found.near), len(found.undecided) > 0) == (0, undecided)


@pytest.mark.parametrize(
    ("slope", "offset", "squash"), [(1.0, 0.0, "linear"), (1.0, 0.0, "tanh"), (4.0, -2.0, "sigmoid")]
)
def test_a_continuum_and_a_touching_are_undecided(slope: float, offset: float, squash: str):
    """The identity is a continuum of solutions. tanh(x) and σ(4x − 2) have slope 1 where they meet the identity."""
    found = on_line(slope, offset, squash, low=-1.0)
    assert len(found.near) == 0
    assert len(found.undecided) > 0


def test_no_solution_is_lost_or_invented_in_the_plane():
    """Compared with Newton's method from a grid. The signs of det(I − J) add up to 1. Duplicates of two boxes are removed."""
    linear, offset = random_maps(40)
    found = enclose(pieces(linear, offset), "sigmoid")
    assert len(found.undecided) == 0
    counts = []
    for one in range(len(linear)):
        expected = roots(linear[one], offset[one])
        own = solved(linear[one], offset[one], found.near[found.piece == one])
        own = torch.unique(own[((own >= 0) & (own <= 1)).all(1)].mul(1e8).round(), dim=0) / 1e8
        assert len(own) == len(expected)
        apart = torch.cdist(own, expected)
        assert sorted(apart.argmin(1).tolist()) == list(range(len(own)))
        value = expected * (1 - expected)
        signs = torch.linalg.det(torch.eye(2) - value[..., None] * linear[one]).sign()
        assert signs.sum() == 1
        counts.append(len(own))
    assert max(counts) >= 5  # of one map


def test_pieces_do_not_feel_their_company():
    """Up to the last bit of exponentials, which depends on the size of the batch."""
    linear, offset = random_maps(5)
    together = enclose(pieces(linear, offset), "sigmoid")
    for one in range(5):
        alone = enclose(pieces(linear[one : one + 1], offset[one : one + 1]), "sigmoid")
        assert torch.allclose(alone.near, together.near[together.piece == one], rtol=0, atol=1e-15)


def test_a_map_that_is_steep_in_one_direction_takes_few_boxes(monkeypatch: pytest.MonkeyPatch):
    """A Jacobian like that of a 20-layer net: its rows are nearly parallel, and oblique to the coordinate axes."""
    matrix = torch.tensor([[[-2.0, 3.0], [-1.6, 2.4]]]) * 400 + torch.tensor([[[0.0, 0.0], [0.3, 0.1]]])
    offset = -(matrix @ torch.tensor([0.425, 0.395]))
    monkeypatch.setattr(importlib.import_module("landscape.measures.exact.krawczyk"), "MAX_BOXES", 32)
    found = enclose(pieces(matrix, offset), "sigmoid")
    assert len(found.undecided) == 0
    assert len(found.near) >= 1
