"""Which points lie in closed k-NN balls, whose radii reach the k-th nearest other point: exactly, ties included.

1. A matrix product gives all squared distances, and a bound on their rounding errors.
2. A pair whose distance and radius differ by more than the bound is decided.
3. The other pairs are in doubt. Their distances and radii are computed in float64, as sums of squared differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.maps import block_shape, doubled
from landscape.measures.neighbours.search import LEAST_ROWS, MOST_ROWS, pieces, rounding

INDEX = Int[Tensor, "pairs"]  # one index of each pair: its member, its point or its other point
SQUARES_AT_A_TIME = 2**22  # to a large set: with fewer, reading the set takes most of the time


@dataclass(frozen=True, eq=False, repr=False)
class Balls(Shown):
    """Closed balls around `centres` (E, N, D), each with a radius that reaches the `k`-th nearest other centre.

    `radii` (E, N) are these distances as `nearest_neighbours` returns them, with rounding errors. Points too near to a
    surface to be decided by them are compared in float64."""

    centres: Float[Tensor, "members points dim"]
    radii: Float[Tensor, "members points"]
    k: int


def meetings(ours: Balls, theirs: Balls) -> Iterator[tuple[slice, slice, Bool[Tensor, "m n p"], Bool[Tensor, "m n p"]]]:
    """Which balls contain which centres, for a block of our centres at a time: (members, rows, held, holds).

    - `members` and `rows` are slices: our centres in this block.
    - held[e, r, o]: their ball o contains our centre r.
    - holds[e, r, o]: our ball r contains their centre o.

    Points on the surface are inside. Distances in float64 are compared up to rounding, so that the order of the coordinates
    does not matter."""
    members, count, _ = ours.centres.shape
    total = theirs.centres.shape[1]
    rows, group = block_shape(members, count, 4 * total, ours.centres.device)
    rows = max(rows, min(MOST_ROWS, max(LEAST_ROWS, SQUARES_AT_A_TIME // total)))
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
    """Points (E, N, D) prepared for matrix products: `moved` = points − `middle`, their mean; `norms` = |moved|²."""

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
        """Squared distances from points (E, P, D) to the set, and bounds on their rounding errors: (E, P, N) each.

        The bound also covers the error of the squared radius. It is that of `rounding`, with (|p| + |o|)² ≤ 2|p|² + 2|o|²."""
        moved = points - self.middle
        own = moved.square().sum(-1)
        squares = torch.baddbmm(self.norms[:, None], moved, self.moved.transpose(1, 2), alpha=-2).add_(own[..., None])
        unit = 2 * rounding(torch.ones_like(own[:1, :1]), points.shape[-1])
        return squares, (unit * own)[..., None] + (unit * self.norms)[:, None]


class _Squares:
    """The squared radii of balls in float64, raised by a bound on their rounding errors. Each is computed when first needed."""

    def __init__(self, balls: Balls) -> None:
        radii = doubled(balls.radii)
        self.balls = balls
        self.squares = radii.new_full(radii.shape, torch.nan).masked_fill(
            radii == 0, 0
        )  # a radius among copies is exactly 0
        self.last: tuple[int, _Set] | None = None

    def at(self, member: INDEX, centre: INDEX) -> Float[Tensor, "pairs"]:
        """The squared radii of the balls around the given centres of the given members."""
        member, centre = member.to(self.squares.device), centre.to(self.squares.device)
        needed = torch.zeros_like(self.squares, dtype=torch.bool)
        needed[member, centre] = True
        needed &= self.squares.isnan()
        spare = 1 + 2 * (self.balls.centres.shape[2] + 8) * torch.finfo(torch.float64).eps
        for of in needed.any(1).nonzero()[:, 0].tolist():
            index = needed[of].nonzero()[:, 0]
            self.squares[of, index] = spare * _kth_squares(self._set(of), self.balls.radii[of], index, self.balls.k)
        return self.squares[member, centre]

    def _set(self, member: int) -> _Set:
        if self.last is None or self.last[0] != member:
            self.last = member, _Set.about_the_mean(self.balls.centres[member : member + 1])
        return self.last[1]


def _kth_squares(centres: _Set, radii: Tensor, index: Int[Tensor, "asked"], k: int) -> Float[Tensor, "asked"]:
    """The squared distances in float64 from the centres at `index` to their k-th nearest other centre.

    1. A matrix product shows which points are certainly nearer than the rounded radius, and which are certainly farther. The
       others are in doubt.
    2. Let n points be certainly nearer, including the centre itself. The distances of the points in doubt are computed in
       float64 and sorted. The result is the distance at index k − n, counted from 0."""
    squared_radii = []
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
        squared_radii.append(apart[by_row[(first + place).to(apart.device)]])
    return torch.cat(squared_radii)


def _decided(squares: Tensor, radii: Tensor, slack: Tensor) -> tuple[Tensor, tuple[INDEX, INDEX, INDEX]]:
    """Which squared distances are within the radii, and the pairs (member, point, other) that rounding leaves in doubt.

    Pairs whose product has overflowed are in doubt, too."""
    beyond = squares - radii.square()
    member, point, other = (~(beyond.abs() > slack)).nonzero(as_tuple=True)
    return beyond <= 0, (member, point, other)


def _by_difference(points: Tensor, others: Tensor, member: INDEX, point: INDEX, other: INDEX) -> Tensor:
    """The squared distances of pairs, from differences in float64, which of float32 numbers are nearly exact: (pairs,)."""
    rows, _ = block_shape(1, len(member), 4 * points.shape[-1], points.device)
    pairs = zip(pieces(member, rows), pieces(point, rows), pieces(other, rows), strict=True)
    return torch.cat([(doubled(points[e, p]) - doubled(others[e, o])).square().sum(-1) for e, p, o in pairs])
