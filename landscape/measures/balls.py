"""Which points lie in closed balls to the k-th nearest other, exactly.

A matrix product decides, with a bound on its rounding. Pairs that the bound leaves in doubt are compared in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.maps import block_shape, doubled
from landscape.measures.search import LEAST_ROWS, MOST_ROWS, pieces, rounding

PAIRS = Int[Tensor, "pairs"]
SCORES = 2**22  # squares at a time of a large set: with few rows of them, reading the set takes the time


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
    rows = max(rows, min(MOST_ROWS, max(LEAST_ROWS, SCORES // total)))
    our_squares, their_squares = _Squares(ours), _Squares(theirs)
    for first in range(0, members, group):
        some = slice(first, first + group)
        others = _Set.about_the_mean(theirs.centres[some])
        for row in range(0, count, rows):
            part = slice(row, row + rows)
            points = ours.centres[some, part]
            squares, slack = others.squares(points)
            held, (e, p, o) = _decided(squares, theirs.radii[some, None], slack)
            if len(e):
                apart = _by_difference(points, others.points, e, p, o)
                held[e, p, o] = (apart <= their_squares.at(e + first, o)).to(held.device)
            holds, (e, p, o) = _decided(squares, ours.radii[some, part, None], slack)
            if len(e):
                apart = _by_difference(points, others.points, e, p, o)
                holds[e, p, o] = (apart <= our_squares.at(e + first, p + row)).to(holds.device)
            yield some, part, held, holds


@dataclass(frozen=True, eq=False)
class _Set:
    """Points (E, N, D), and what products with them need: less their `middle`, and their squared norms then."""

    points: Tensor
    middle: Tensor
    moved: Tensor
    norms: Tensor

    @classmethod
    def about_the_mean(cls, points: Tensor) -> _Set:
        middle = points.mean(1, keepdim=True)
        moved = points - middle
        return cls(points, middle, moved, moved.square().sum(-1))

    def squares(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Squared distances from points (E, P, D), and how far they and the square of a radius may be off: (E, P, N) each.

        `rounding` bounds the errors of this square and of one by difference together; (|p| + |o|)² ≤ 2|p|² + 2|o|²."""
        moved = points - self.middle
        own = moved.square().sum(-1)
        squares = torch.baddbmm(self.norms[:, None], moved, self.moved.transpose(1, 2), alpha=-2).add_(own[..., None])
        unit = 2 * rounding(torch.ones_like(own[:1, :1]), points.shape[-1])
        return squares, (unit * own)[..., None] + (unit * self.norms)[:, None]


class _Squares:
    """The squared radii of balls in float64, with what float64 may have rounded off; computed where they are asked for."""

    def __init__(self, balls: Balls) -> None:
        radii = doubled(balls.radii)
        self.balls = balls
        self.squares = radii.new_full(radii.shape, torch.nan).masked_fill(radii == 0, 0)  # copies are at 0, exactly
        self.last: tuple[int, _Set] | None = None

    def at(self, member: PAIRS, centre: PAIRS) -> Float[Tensor, "pairs"]:
        member, centre = member.to(self.squares.device), centre.to(self.squares.device)
        needed = torch.zeros_like(self.squares, dtype=torch.bool)
        needed[member, centre] = True
        needed &= self.squares.isnan()
        spare = 1 + 2 * (self.balls.centres.shape[2] + 8) * torch.finfo(torch.float64).eps
        for one in needed.any(1).nonzero()[:, 0].tolist():
            index = needed[one].nonzero()[:, 0]
            self.squares[one, index] = spare * _kth_squares(self._set(one), self.balls.radii[one], index, self.balls.k)
        return self.squares[member, centre]

    def _set(self, member: int) -> _Set:
        if self.last is None or self.last[0] != member:
            self.last = member, _Set.about_the_mean(self.balls.centres[member : member + 1])
        return self.last[1]


def _kth_squares(centres: _Set, radii: Tensor, index: Int[Tensor, "asked"], k: int) -> Float[Tensor, "asked"]:
    """The squared distance in float64 from the centres at `index` to their k-th nearest other.

    1. A product finds what is nearer than the rounded radius for certain, and what may be at it.
    2. The k-th, less the number of the former, is chosen among the exact distances of the latter."""
    found = []
    for asked in pieces(index.to(radii.device), LEAST_ROWS):
        points = centres.points[:, asked]
        squares, slack = centres.squares(points)
        inside, (none, row, other) = _decided(squares, radii[asked, None], slack)
        apart, order = _by_difference(points, centres.points, none, row, other).sort(stable=True)
        by_row = row.to(apart.device)[order].sort(stable=True)[1]
        numbers = torch.bincount(row, minlength=len(asked))
        inside[none, row, other] = False
        place = k - inside[0].sum(1)
        if not ((place >= 0) & (place < numbers)).all():
            raise ValueError(f"`around` must be the surroundings of `training` to the k-th other point, k = {k}")
        first = numbers.cumsum(0) - numbers
        found.append(apart[by_row[(first + place).to(apart.device)]])
    return torch.cat(found)


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
