"""All fixed points of ReLU networks of one or two dimensions, with a proof that none is missing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape import cube
from landscape.facts import Shown
from landscape.measures.exact.krawczyk import Pieces, enclose
from landscape.measures.exact.linear_regions import Regions, regions
from landscape.measures.exact.verified import Verified, on_face, padded_corners, verified
from landscape.measures.gate import gated
from landscape.measures.local.jacobian import SLOPES
from landscape.measures.maps import Map, in_double, layers_of, step_of
from landscape.measures.neighbours.distances import joined
from landscape.measures.tables import coordinates, tidy
from landscape.nets.net import FUNCTIONS

if TYPE_CHECKING:
    import pandas as pd

BOX_MARGIN = 1e-9  # by which the box that is searched around a region exceeds it
VALUE_ROUNDING = 1e-15  # the rounding error of an output value, as outputs in the range are about 1
CLEAR_OF_SIDE = 4.0  # × its uncertainty: a solution farther than this from a side cannot lie beyond the side
TRIAL_ERROR = 1e-12  # the error assumed in the second search, which lists points but proves nothing
LEAST_UNCERTAINTY = 1e-13  # of a solution's position: float64 cannot place it, or a side of a region, more precisely
MAX_RESIDUAL = 1e-10  # ‖f(x) − x‖ of a fixed point, at most
NEWTON_STEPS = 8  # from about the middle of a solution's box
SQUASH_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}  # maps with these squashes only take values inside
STABILITIES = ("stable", "saddle", "repeller", "one-sided")


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoints(Shown):
    """The fixed points of all members, sorted by member: (F,) each; `points` (F, D) and `jacobian` (F, D, D).

    - `residual`: ‖f(x) − x‖.
    - `radius`: the spectral radius ρ(J). At a kink, the largest of the adjoining regions.
    - `stability`: a place in STABILITIES. A point is stable if all eigenvalues have |λ| < 1, a saddle if some have, a
      repeller if none has. It is one-sided if it is a kink whose adjoining regions differ in this. In the plane, orbits may
      leave a kink although it is stable for the map of each side.
    - `kink`: whether the point lies on a border between regions. `jacobian` is then that of one of them.
    - `proven`, (E,): whether a member's list is proven to be complete, without a point too many. Points that float64 cannot
      separate count as one: closer than about 1e-13, or more where f(x) − x hardly changes and in deep networks.
    - `index`, (E,): the sum of sign det(I − J). It is 1 for a map of the range into its interior. A kink counts as the mean
      sign of the adjoining regions, rounded toward 0."""

    member: Int[Tensor, "points"]
    points: Float[Tensor, "points dim"]
    residual: Float[Tensor, "points"]
    jacobian: Float[Tensor, "points dim dim"]
    radius: Float[Tensor, "points"]
    stability: Int[Tensor, "points"]
    kink: Bool[Tensor, "points"]
    proven: Bool[Tensor, "members"]
    index: Int[Tensor, "members"]

    def of(self, member: int) -> FixedPoints:
        """The fixed points of one member, as of an ensemble of one. Raises IndexError if there is no such member."""
        if not 0 <= member < len(self.proven):
            raise IndexError(f"`member` must be from 0 to {len(self.proven) - 1}; got {member}")
        rows, row = self.member == member, slice(member, member + 1)
        return FixedPoints(
            torch.zeros_like(self.member[rows]),
            self.points[rows],
            self.residual[rows],
            self.jacobian[rows],
            self.radius[rows],
            self.stability[rows],
            self.kink[rows],
            self.proven[row],
            self.index[row],
        )

    def table(self) -> pd.DataFrame:
        """A row per fixed point: member, x1 … xD, residual, radius, stability, kink, proven.

        `stability` is a word of STABILITIES; `proven` is that of the member. The coordinates are left out where D > 3:
        `points` has them. A member without a fixed point has no row."""
        return tidy(
            {
                "member": self.member,
                **coordinates("x", self.points),
                "residual": self.residual,
                "radius": self.radius,
                "stability": [STABILITIES[place] for place in self.stability.tolist()],
                "kink": self.kink,
                "proven": self.proven[self.member],
            }
        )


@gated()
@torch.no_grad()
def fixed_points(model: Map, *, low: float = 0.0, high: float = 1.0) -> FixedPoints:
    """All fixed points of each member in the range [low, high]^D, D ≤ 2, sorted by member and coordinates: (F,), float64.

    1. `regions` cuts the range into regions on which the map before its squash is affine: f(x) = squash(A x + c).
    2. `verified` bounds how far the network may be from these maps, and checks that the regions leave no gap.
    3. `enclose` searches a box around each region for solutions of x = squash(A x + c), by Krawczyk's operator.
    4. Newton's method refines each solution. Solutions that are certainly outside their region are dropped.
    5. The network itself is evaluated at each solution. Solutions whose residual exceeds MAX_RESIDUAL are dropped.
    6. Solutions that adjoining regions share are merged, and the fixed-point index is computed.

    `proven` is true if no step failed: no gap, no undecided box, no residual too large, adjoining regions agree, and an index
    of 1 where a sigmoid or tanh maps the range into its interior. Very deep or steep networks often fail in step 2 or 3. The
    points of such a member are listed all the same.

    Raises ValueError for more dimensions and for networks that are not piecewise affine before their squash. For these,
    `periodic_points` searches from many starts, and may miss some. Moore, Kearfott and Cloud (2009), Chapter 8."""
    if model.dim > 2:
        raise ValueError(
            f"`fixed_points` needs a map of one or two dimensions; got {model.dim}. Search with `periodic_points`, which may "
            "miss some"
        )
    exact = in_double(model).to("cpu")
    cells = regions(exact, cube.whole(model.dim, low=low, high=high))
    layers = layers_of(exact)
    squash = layers[-1].activation
    checked = verified(layers, cells)
    pieces, outer = _pieces(cells, checked)
    pieces, piece, near, decided = _searched(pieces, cells.member, squash)
    order = np.lexsort([*near.T.flip(0).numpy(), cells.member[piece].numpy()])  # by member, then coordinates
    piece = piece[order]
    solutions = _solutions(exact, pieces, outer, squash, cells.member[piece], piece, near[order])
    polished = solutions.residual <= MAX_RESIDUAL
    proven = checked.covered & decided
    proven[solutions.member[~polished]] = False
    into_itself = squash in SQUASH_RANGES and low <= SQUASH_RANGES[squash][0] and high >= SQUASH_RANGES[squash][1]
    return _merged(solutions.select(polished), proven, into_itself)


@dataclass(frozen=True, eq=False)
class _Solutions:
    """Solutions of the maps of regions, sorted by member, before those of adjoining regions are merged: (F,) each.

    `uncertainty` is how far a solution may be from its computed place. `sides` counts the sides of its region, other than
    faces of the range, that it may lie beyond."""

    member: Int[Tensor, "points"]
    piece: Int[Tensor, "points"]
    points: Float[Tensor, "points dim"]
    residual: Float[Tensor, "points"]
    jacobian: Float[Tensor, "points dim dim"]
    uncertainty: Float[Tensor, "points"]
    sides: Int[Tensor, "points"]

    def select(self, rows: Bool[Tensor, "points"]) -> _Solutions:
        return _Solutions(*(getattr(self, field.name)[rows] for field in fields(self)))


def _solutions(
    model: Map, pieces: Pieces, outer: Tensor, squash: str, member: Tensor, piece: Tensor, near: Tensor
) -> _Solutions:
    """For each guess in `near` (F, D), the fixed point of the affine map of its `piece`, if it lies in that piece's region.

    `outer` says which sides of a piece lie on a face of the range."""
    points = _polished(pieces, squash, piece, near)
    matrix = pieces.linear[piece]
    slope = SLOPES[squash]((matrix @ points[..., None])[..., 0] + pieces.offset[piece])
    uncertainty = _uncertainty(slope[..., None] * matrix, slope * pieces.error[piece] + VALUE_ROUNDING)
    slack = pieces.reaches[piece] - (pieces.normals[piece] @ points[..., None])[..., 0]
    residual = (_outputs(model, member, points) - points).norm(dim=-1)
    inside = (slack >= -uncertainty[:, None]).all(-1)
    sides = ((slack <= CLEAR_OF_SIDE * uncertainty[:, None]) & ~outer[piece]).sum(-1)
    return _Solutions(member, piece, points, residual, slope[..., None] * matrix, uncertainty, sides).select(inside)


def _pieces(cells: Regions, checked: Verified) -> tuple[Pieces, Bool[Tensor, "pieces sides"]]:
    """Each region as a piece: its map, a box around it, and its sides as half-planes; and which sides lie on a face.

    The half-planes contain all corners of the region, whatever rounding did to the corners."""
    corners, _ = padded_corners(cells)
    if corners.shape[2] == 1:
        second, normals = corners, torch.tensor([[-1.0], [1.0]], dtype=torch.float64).expand(len(corners), -1, -1)
    else:
        second = corners.roll(-1, 1)
        side = second - corners
        normals = torch.stack([side[..., 1], -side[..., 0]], -1) / side.norm(dim=-1, keepdim=True)
    reaches = torch.stack([(normals * corner[:, None]).sum(-1) for corner in corners.unbind(1)]).amax(0)
    normals, reaches = normals.nan_to_num(0), reaches.nan_to_num(torch.inf)  # for sides without length
    box = corners.amin(1) - BOX_MARGIN, corners.amax(1) + BOX_MARGIN
    error = checked.error[:, None].expand_as(checked.offset)
    return Pieces(checked.linear, checked.offset, *box, normals, reaches, error), on_face(cells.where, corners, second)


def _searched(pieces: Pieces, member: Tensor, squash: str) -> tuple[Pieces, Tensor, Tensor, Tensor]:
    """The solutions of all pieces: the pieces as searched, each solution's piece and approximate place, and `decided` (E,).

    `decided` is whether the search of a member left no box undecided. A member with an undecided box is searched a second time
    with errors of at most TRIAL_ERROR. The second search proves nothing, but it lists points."""
    boxes = enclose(pieces, squash)
    decided = torch.ones(int(member.max()) + 1, dtype=torch.bool)
    decided[member[boxes.undecided]] = False
    sure = decided[member]
    again = (~sure).nonzero()[:, 0]
    pieces = replace(pieces, error=torch.where(sure[:, None], pieces.error, pieces.error.clamp_max(TRIAL_ERROR)))
    more = enclose(pieces.select(again), squash)
    kept = sure[boxes.piece]
    piece = torch.cat([boxes.piece[kept], again[more.piece]])
    return pieces, piece, torch.cat([boxes.near[kept], more.near]), decided


def _polished(pieces: Pieces, squash: str, piece: Tensor, points: Tensor) -> Tensor:
    """The points after NEWTON_STEPS steps of Newton's method for squash(A x + c) − x = 0 on their pieces: (F, D)."""
    matrix, offset = pieces.linear[piece], pieces.offset[piece]
    eye = torch.eye(points.shape[1], dtype=points.dtype)
    for _ in range(NEWTON_STEPS):
        z = (matrix @ points[..., None])[..., 0] + offset
        derivative = SLOPES[squash](z)[..., None] * matrix - eye
        points = points - torch.linalg.solve_ex(derivative, FUNCTIONS[squash](z) - points)[0]
    return points


def _uncertainty(jacobian: Tensor, error: Tensor) -> Tensor:
    """How far a solution may be from its computed place for errors (F, D) of f, to first order max |(J − I)⁻¹|·error: (F,)."""
    inverse = torch.linalg.inv_ex(jacobian - torch.eye(jacobian.shape[-1], dtype=jacobian.dtype))[0]
    reach: Tensor = (inverse.abs() @ error[..., None])[..., 0].amax(-1).nan_to_num(torch.inf)
    return reach.clamp_min(LEAST_UNCERTAINTY)


def _outputs(model: Map, member: Tensor, points: Tensor) -> Tensor:
    """f(x) at points (F, D), each for its own member; the members are sorted: (F, D)."""
    place = _places(member, model.members)
    outputs: Tensor = step_of(model)(_padded(member, place, points, model.members))[member, place]
    return outputs


def _places(member: Tensor, members: int) -> Tensor:
    """The number of each point within its member, from 0, for sorted members: (F,)."""
    counts = torch.bincount(member, minlength=members)
    return torch.arange(len(member)) - (counts.cumsum(0) - counts)[member]


def _padded(member: Tensor, place: Tensor, points: Tensor, members: int) -> Tensor:
    """The points with a row per member, padded with zeros to the longest: (E, P, D)."""
    padded = points.new_zeros(members, max(int(place.max()) + 1 if len(place) else 0, 1), points.shape[1])
    padded[member, place] = points
    return padded


def _merged(solutions: _Solutions, proven: Tensor, into_itself: bool) -> FixedPoints:
    """The fixed points, after solutions of one member whose balls of uncertainty touch have been merged.

    Adjoining regions, and adjoining halves of a box, may both have a point on their border. A member is no longer
    `proven` if for one of its points

    1. the regions differ in the sign of det(I − J): on a line, f(x) − x then touches zero without crossing it, so that there
       may be no fixed point, or two;
    2. the point is near a side, but only one region has it: the region beyond should have it, too;
    3. the point is near more than one side, hence near a corner, where other regions meet.

    If the map takes the range into its interior (`into_itself`), an index other than 1 shows that the list is wrong."""
    points, member = solutions.points, solutions.member
    labels = torch.from_numpy(joined(points, member, solutions.uncertainty))
    groups = int(labels.max()) + 1 if len(labels) else 0

    def extremes(values: Tensor) -> tuple[Tensor, Tensor]:
        """The least and the greatest value of each group."""
        empty = values.new_zeros(groups)
        least = empty.scatter_reduce(0, labels, values, "amin", include_self=False)
        return least, empty.scatter_reduce(0, labels, values, "amax", include_self=False)

    modulus = torch.linalg.eigvals(solutions.jacobian).abs()
    _, radius = extremes(modulus.amax(-1))
    below = (modulus < 1).sum(-1)
    kind, other_kind = extremes(torch.where(below == points.shape[1], 0, torch.where(below == 0, 2, 1)))
    piece, other_piece = extremes(solutions.piece)
    first, _ = extremes(torch.arange(len(labels)))
    order = first.argsort()
    first = first[order]
    eye = torch.eye(points.shape[1], dtype=points.dtype)
    low_sign, high_sign = extremes(torch.linalg.det(eye - solutions.jacobian).sign())
    signs = ((low_sign + high_sign) / 2)[order]
    index = torch.zeros(len(proven), dtype=torch.int64).index_add_(0, member[first], signs.to(torch.int64))
    _, sides = extremes(solutions.sides)
    doubtful = (low_sign != high_sign) | ((sides > 0) & (piece == other_piece)) | (sides > 1)
    proven[member[first][doubtful[order]]] = False
    if into_itself:
        proven = proven & (index == 1)
    return FixedPoints(
        member[first],
        points[first],
        solutions.residual[first],
        solutions.jacobian[first],
        radius[order],
        torch.where(kind == other_kind, kind, STABILITIES.index("one-sided"))[order],
        (piece != other_piece)[order],
        proven,
        index,
    )
