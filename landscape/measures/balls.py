"""Which points lie in closed balls to the k-th nearest other, exactly.

A matrix product decides, with a bound on its rounding. Pairs that the bound leaves in doubt are compared in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.maps import block_shape, doubled
from landscape.measures.search import LEAST_ROWS, pieces, rounding

PAIRS = Int[Tensor, "pairs"]


@dataclass(frozen=True, eq=False)
class Balls:
    """Closed balls about points (E, N, D), each to the point's `k`-th nearest other.

    `radii` (E, N) are these distances as `neighbours` rounds them. They decide whatever is farther from the surface than
    rounding; the rest is compared with the true k-th distance."""

    centres: Float[Tensor, "members points dim"]
    radii: Float[Tensor, "members points"]
    k: int


def meetings(ours: Balls, theirs: Balls) -> Iterator[tuple[slice, slice, Bool[Tensor, "m n p"], Bool[Tensor, "m n p"]]]:
    """Members and rows of our centres, a block at a time: for each of their balls whether it holds our centre, and for each
    of their centres whether our ball holds it.

    A point on the surface is inside, where float64 sums of squares agree to rounding: the order of the coordinates does not
    matter."""
    members, count, _ = ours.centres.shape
    total = theirs.centres.shape[1]
    rows, group = block_shape(members, count, 4 * total, ours.centres.device)
    rows = max(rows, LEAST_ROWS)  # a product of few rows takes as long as reading their centres
    our_squares, their_squares = _Squares(ours), _Squares(theirs)
    for first in range(0, members, group):
        some = slice(first, first + group)
        for row in range(0, count, rows):
            part = slice(row, row + rows)
            points, others = ours.centres[some, part], theirs.centres[some]
            squares, slack = _by_product(points, others)
            held, held_doubt = _decided(squares, theirs.radii[some, None], slack)
            holds, holds_doubt = _decided(squares, ours.radii[some, part, None], slack)
            for inside, (e, p, o), balls, centre in (
                (held, held_doubt, their_squares, held_doubt[2]),
                (holds, holds_doubt, our_squares, holds_doubt[1] + row),
            ):
                if len(e):
                    apart = _by_difference(points, others, e, p, o)
                    inside[e, p, o] = (apart <= balls.at(e + first, centre)).to(inside.device)
            yield some, part, held, holds


class _Squares:
    """The squared radii of balls in float64, with what float64 may have rounded off; computed where they are asked for."""

    def __init__(self, balls: Balls) -> None:
        radii = doubled(balls.radii)
        self.balls = balls
        self.squares = radii.new_full(radii.shape, torch.nan).masked_fill(radii == 0, 0)  # copies are at distance 0, exactly

    def at(self, member: PAIRS, centre: PAIRS) -> Float[Tensor, "pairs"]:
        member, centre = member.to(self.squares.device), centre.to(self.squares.device)
        needed = torch.zeros_like(self.squares, dtype=torch.bool)
        needed[member, centre] = True
        needed &= self.squares.isnan()
        some = needed.any(1).nonzero()[:, 0]
        if len(some):
            most = int(needed.sum(1).max())
            index = needed[some].to(torch.uint8).argsort(dim=1, descending=True, stable=True)[:, :most]
            spare = 1 + 2 * (self.balls.centres.shape[2] + 8) * torch.finfo(torch.float64).eps
            self.squares[some[:, None], index] = spare * _kth_squares(self.balls, some, index)
        return self.squares[member, centre]


def _kth_squares(
    balls: Balls, some: Int[Tensor, "some"], index: Int[Tensor, "some asked"]
) -> Float[Tensor, "some asked"]:
    """The squared distance in float64 from the centres at `index` of `some` members to their k-th nearest other.

    1. A product finds what is nearer than the rounded radius for certain, and what may be at it.
    2. The k-th, less the number of the former, is chosen among the exact distances of the latter."""
    device = balls.centres.device
    found = []
    for member, places in zip(some.to(device), index.to(device), strict=True):
        others, radii = balls.centres[member][None], balls.radii[member]
        rows = max(LEAST_ROWS, block_shape(1, len(places), 4 * others.shape[1], device)[0])
        for asked in pieces(places, rows):
            points = others[:, asked]
            squares, slack = _by_product(points, others)
            beyond = squares[0] - radii[asked, None].square()
            doubt = ~(beyond.abs() > slack[0])
            row, other = doubt.nonzero(as_tuple=True)
            apart, order = _by_difference(points, others, torch.zeros_like(row), row, other).sort(stable=True)
            by_row = row.to(apart.device)[order].sort(stable=True)[1]
            numbers = doubt.sum(1)
            place = balls.k - ((beyond < 0) & ~doubt).sum(1)
            if not ((place >= 0) & (place < numbers)).all():
                raise ValueError(f"`around` must be the surroundings of `training` to the k-th point, k = {balls.k}")
            first = numbers.cumsum(0) - numbers
            found.append(apart[by_row[(first + place).to(apart.device)]])
    return torch.cat(found).view(index.shape)


def _by_product(points: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distances from points (E, P, D) to others (E, N, D), and how far they and a radius may be off: (E, P, N).

    `rounding` bounds the errors of this square and of one by difference together; (|p| + |o|)² ≤ 2|p|² + 2|o|²."""
    middle = others.mean(1, keepdim=True)
    ours, theirs = points - middle, others - middle
    own, norms = ours.square().sum(-1), theirs.square().sum(-1)
    squares = torch.baddbmm(norms[:, None], ours, theirs.transpose(1, 2), alpha=-2).add_(own[..., None])
    unit = 2 * rounding(torch.ones_like(own[:1, :1]), points.shape[-1])
    return squares, (unit * own)[..., None] + (unit * norms)[:, None]


def _decided(squares: Tensor, radii: Tensor, slack: Tensor) -> tuple[Tensor, tuple[PAIRS, PAIRS, PAIRS]]:
    """Which squared distances are within the radii, and which of them (member, point, other) are in doubt.

    What has overflowed is in doubt."""
    beyond = squares - radii.square()
    member, point, other = (~(beyond.abs() > slack)).nonzero(as_tuple=True)
    return beyond <= 0, (member, point, other)


def _by_difference(points: Tensor, others: Tensor, member: PAIRS, point: PAIRS, other: PAIRS) -> Tensor:
    """The squared distances of pairs in float64: differences of float32 and their squares have no rounding there."""
    rows, _ = block_shape(1, len(member), 4 * points.shape[-1], points.device)
    pairs = zip(pieces(member, rows), pieces(point, rows), pieces(other, rows), strict=True)
    return torch.cat([(doubled(points[e, p]) - doubled(others[e, o])).square().sum(-1) for e, p, o in pairs])
