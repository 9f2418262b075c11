"""All solutions of x = squash(A x + c) in boxes: as many as there are, none twice, and no claim where nothing is proven."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from landscape.measures.krawczyk import Enclosures, Pieces, enclose


def pieces(linear: Tensor, offset: Tensor, low: float = 0.0, high: float = 1.0) -> Pieces:
    """Maps (R, K, K), (R, K) in a cube, with no half-planes."""
    count, axes = offset.shape
    sides = torch.zeros(count, 1, axes, dtype=torch.float64), torch.full((count, 1), math.inf, dtype=torch.float64)
    box = torch.full((count, axes), low, dtype=torch.float64), torch.full((count, axes), high, dtype=torch.float64)
    return Pieces(linear.double(), offset.double(), *box, *sides, torch.zeros_like(box[0]))


def on_line(slope: float, offset: float, squash: str, low: float = 0.0, high: float = 1.0) -> Enclosures:
    return enclose(pieces(torch.tensor([[[slope]]]), torch.tensor([[offset]]), low, high), squash)


def random_maps(count: int) -> tuple[Tensor, Tensor]:
    """Steep ones, whose outputs pass the middle of the range near the square's middle."""
    generator = torch.Generator().manual_seed(0)
    linear = 10 * torch.eye(2) + 5 * torch.randn(count, 2, 2, generator=generator, dtype=torch.float64)
    middle = 0.3 + 0.4 * torch.rand(count, 2, 1, generator=generator, dtype=torch.float64)
    return linear, -(linear @ middle)[..., 0]


def roots(linear: Tensor, offset: Tensor) -> Tensor:
    """Those of one map that Newton's method finds from a grid: (S, 2)."""
    axis = torch.linspace(0, 1, 61, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis)
    for _ in range(80):
        value = torch.sigmoid(points @ linear.T + offset)
        derivative = (value * (1 - value))[..., None] * linear - torch.eye(2)
        points = points - torch.linalg.solve(derivative, value - points)
    residual = (torch.sigmoid(points @ linear.T + offset) - points).norm(dim=1)
    points = points[(residual < 1e-12) & (points >= 0).all(1) & (points <= 1).all(1)]
    return torch.unique(points.mul(1e8).round(), dim=0) / 1e8


def test_the_three_fixed_points_of_a_steep_sigmoid():
    found = on_line(8.0, -4.1, "sigmoid")
    assert len(found.undecided) == 0
    line = torch.linspace(0, 1, 10_001)
    crosses = (torch.sigmoid(8 * line - 4.1) > line).diff().nonzero()[:, 0]
    assert sorted(found.middle[:, 0].tolist()) == pytest.approx(line[crosses].tolist(), abs=0.01)
    assert len(crosses) == 3


def test_an_affine_map_has_its_point_inside_the_box_or_none():
    inside, outside = on_line(-1.0, 1.0, "linear"), on_line(-1.0, 3.0, "linear")
    assert inside.middle[:, 0].tolist() == pytest.approx([0.5])
    assert len(outside.middle) == len(outside.undecided) == len(inside.undecided) == 0


@pytest.mark.parametrize(("reach", "undecided"), [(0.6, True), (-0.1, False)])
def test_beyond_half_planes_nothing_is_looked_for(reach: float, undecided: bool):
    """Of the identity, which is fixed everywhere."""
    here = pieces(torch.eye(2)[None], torch.zeros(1, 2))
    sides = torch.tensor([[[1.0, 0.0]]], dtype=torch.float64), torch.tensor([[reach]], dtype=torch.float64)
    found = enclose(replace(here, normals=sides[0], reaches=sides[1]), "linear")
    assert (len(found.middle), len(found.undecided) > 0) == (0, undecided)


@pytest.mark.parametrize(
    ("slope", "offset", "squash"), [(1.0, 0.0, "linear"), (1.0, 0.0, "tanh"), (4.0, -2.0, "sigmoid")]
)
def test_a_continuum_and_a_touching_are_undecided(slope: float, offset: float, squash: str):
    """The identity; tanh(x) and σ(4x − 2), which have slope 1 where they are x."""
    found = on_line(slope, offset, squash, low=-1.0)
    assert len(found.middle) == 0
    assert len(found.undecided) > 0


def test_no_solution_is_lost_or_found_twice_in_the_plane():
    """Against Newton's method from a grid; the signs of det(J − I) add up to 1."""
    linear, offset = random_maps(40)
    found = enclose(pieces(linear, offset), "sigmoid")
    assert len(found.undecided) == 0
    counts = []
    for one in range(len(linear)):
        own, expected = found.middle[found.piece == one], roots(linear[one], offset[one])
        assert len(own) == len(expected)
        apart = torch.cdist(own, expected)
        assert sorted(apart.argmin(1).tolist()) == list(range(len(own)))
        value = expected * (1 - expected)
        signs = torch.linalg.det(torch.eye(2) - value[..., None] * linear[one]).sign()
        assert signs.sum() == 1
        counts.append(len(own))
    assert max(counts) >= 5  # of one map


def test_pieces_do_not_feel_their_company():
    linear, offset = random_maps(5)
    together = enclose(pieces(linear, offset), "sigmoid")
    for one in range(5):
        alone = enclose(pieces(linear[one : one + 1], offset[one : one + 1]), "sigmoid")
        assert torch.equal(alone.middle, together.middle[together.piece == one])
