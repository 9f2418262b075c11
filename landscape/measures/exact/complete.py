"""All fixed points of maps of one or two dimensions, region by region, with a proof that none is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape import cube
from landscape.ensemble import Ensemble
from landscape.measures.exact.krawczyk import Pieces, enclose
from landscape.measures.exact.linear_regions import Regions, regions
from landscape.measures.exact.verified import Verified, on_face, padded_corners, verified
from landscape.measures.local.jacobian import SLOPES
from landscape.measures.maps import Map, in_double, step_of
from landscape.measures.neighbours.distances import joined
from landscape.nets.net import FUNCTIONS

BORDER = 1e-9  # room around a region that is searched for solutions
ROUNDING = 1e-15  # of values in the range
CLEAR = 4.0  # times: farther from a side than it is known, a solution is of its region alone
USUAL = 1e-12  # the error assumed where nothing is decided with the proven one
NEAREST = 1e-13  # of a region's border: a solution of its own map so near is on it, or as near as it is known
POLISHED = 1e-10  # residual |f(x) − x| of a fixed point, at most
NEWTON = 8  # steps from about where the solution of a box is
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}  # that maps with these squashes take into their inside
STABILITIES = ("stable", "saddle", "repeller", "one-sided")


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """The fixed points of all members, one member's after another's: (F,) each, `points` (F, D), `jacobian` (F, D, D).

    `radius` is ρ(J), on a kink the largest of the regions around it; `stability` a place in STABILITIES: all |λ| < 1, some,
    none, or, on a kink, the regions around it differ. In the plane orbits may leave a kink that each side alone would hold.
    `kink`: on a border of regions. Per member, (E,): `proven`, whether none is missing and none too many, points nearer to one
    another than float64 can tell counting as one (1e-13, more where f(x) − x hardly changes and in deep nets); and `index`, the
    sum of sign det(I − J), which is 1 for a map of the range into its own inside; on a kink the mean sign of the regions around
    it, toward 0."""

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
        """Those of one member, as of an ensemble of its own. Raises IndexError where there is no such member."""
        if not 0 <= member < len(self.proven):
            raise IndexError(f"`member` must be from 0 to {len(self.proven) - 1}; got {member}")
        own, one = self.member == member, slice(member, member + 1)
        return FixedPoints(
            torch.zeros_like(self.member[own]),
            self.points[own],
            self.residual[own],
            self.jacobian[own],
            self.radius[own],
            self.stability[own],
            self.kink[own],
            self.proven[one],
            self.index[one],
        )


@torch.no_grad()
def fixed_points(model: Map, *, low: float = 0.0, high: float = 1.0) -> FixedPoints:
    """Every fixed point in the range of each member's map of one or two dimensions, in float64.

    Regions are verified: what is seen at their corners and the norms of the layers bound how far the network is from their
    maps. Where that proves nothing, as of very deep or steep nets, what is found is listed, but `proven` is false. Raises
    ValueError for other dimensions and for nets that are not piecewise affine before their squash: look for theirs from many
    starts with `periodic_points`, which may miss some."""
    if model.dim > 2:
        raise ValueError(
            f"all fixed points are found in one or two dimensions; got {model.dim}. `periodic_points` looks for some"
        )
    exact = in_double(model).to("cpu")
    found = regions(exact, cube.whole(model.dim, low=low, high=high))
    assert isinstance(exact, Ensemble)
    layers = exact.layers()
    squash = layers[-1].activation
    checked = verified(layers, found)
    pieces, outer = _pieces(found, checked)
    pieces, piece, near, decided = _searched(pieces, found.member, squash)
    order = np.lexsort([*near.T.flip(0).numpy(), found.member[piece].numpy()])  # by member, then coordinates
    piece = piece[order]
    points = _polished(pieces, squash, piece, near[order])
    matrix = pieces.linear[piece]
    slope = SLOPES[squash]((matrix @ points[..., None])[..., 0] + pieces.offset[piece])
    known = _known_to(slope[..., None] * matrix, slope * pieces.error[piece] + ROUNDING)
    slack = pieces.reaches[piece] - (pieces.normals[piece] @ points[..., None])[..., 0]
    member = found.member[piece]
    residual = (_outputs(exact, member, points) - points).norm(dim=-1)
    inside, polished = (slack >= -known[:, None]).all(-1), residual <= POLISHED
    beside = ((slack <= CLEAR * known[:, None]) & ~outer[piece]).sum(-1)  # sides that it may be beyond
    proven = checked.covered & decided
    proven[member[inside & ~polished]] = False
    kept = inside & polished
    piece, points, member, residual = piece[kept], points[kept], member[kept], residual[kept]
    into_itself = squash in RANGES and low <= RANGES[squash][0] and high >= RANGES[squash][1]
    jacobian = (slope[..., None] * matrix)[kept]
    return _merged(member, piece, points, residual, jacobian, proven, known[kept], beside[kept], into_itself)


def _pieces(found: Regions, checked: Verified) -> tuple[Pieces, Bool[Tensor, "pieces sides"]]:
    """Each region's map with a box around it and its sides, beyond none of which a corner is; and which sides are on a face."""
    corners, _ = padded_corners(found)
    if corners.shape[2] == 1:
        second, normals = corners, torch.tensor([[-1.0], [1.0]], dtype=torch.float64).expand(len(corners), -1, -1)
    else:
        second = corners.roll(-1, 1)
        side = second - corners
        normals = torch.stack([side[..., 1], -side[..., 0]], -1) / side.norm(dim=-1, keepdim=True)
    reaches = torch.stack([(normals * corner[:, None]).sum(-1) for corner in corners.unbind(1)]).amax(0)
    normals, reaches = normals.nan_to_num(0), reaches.nan_to_num(torch.inf)  # of sides of no length
    box = corners.amin(1) - BORDER, corners.amax(1) + BORDER
    error = checked.error[:, None].expand_as(checked.offset)
    return Pieces(checked.linear, checked.offset, *box, normals, reaches, error), on_face(found.where, corners, second)


def _searched(pieces: Pieces, member: Tensor, squash: str) -> tuple[Pieces, Tensor, Tensor, Tensor]:
    """The pieces as they were searched last, the piece of each solution and about where it is, and whether all of a member is
    decided, (E,).

    Members of which errors leave something undecided are searched once more with errors of at most USUAL: that proves nothing,
    but finds points."""
    boxes = enclose(pieces, squash)
    decided = torch.ones(int(member.max()) + 1, dtype=torch.bool)
    decided[member[boxes.undecided]] = False
    sure = decided[member]
    again = (~sure).nonzero()[:, 0]
    pieces = replace(pieces, error=torch.where(sure[:, None], pieces.error, pieces.error.clamp_max(USUAL)))
    more = enclose(pieces.select(again), squash)
    kept = sure[boxes.piece]
    piece = torch.cat([boxes.piece[kept], again[more.piece]])
    return pieces, piece, torch.cat([boxes.near[kept], more.near]), decided


def _polished(pieces: Pieces, squash: str, piece: Tensor, points: Tensor) -> Tensor:
    """Newton's method on the maps of the pieces."""
    matrix, offset = pieces.linear[piece], pieces.offset[piece]
    eye = torch.eye(points.shape[1], dtype=points.dtype)
    for _ in range(NEWTON):
        z = (matrix @ points[..., None])[..., 0] + offset
        derivative = SLOPES[squash](z)[..., None] * matrix - eye
        points = points - torch.linalg.solve_ex(derivative, FUNCTIONS[squash](z) - points)[0]
    return points


def _known_to(jacobian: Tensor, error: Tensor) -> Tensor:
    """How far a solution may be from where it is found: (F,)."""
    inverse = torch.linalg.inv_ex(jacobian - torch.eye(jacobian.shape[-1], dtype=jacobian.dtype))[0]
    reach: Tensor = (inverse.abs() @ error[..., None])[..., 0].amax(-1).nan_to_num(torch.inf)
    return reach.clamp_min(NEAREST)


def _outputs(model: Map, member: Tensor, points: Tensor) -> Tensor:
    """f(x) of points of some members each, sorted by member: (F, D)."""
    place = _places(member, model.members)
    found: Tensor = step_of(model)(_padded(member, place, points, model.members))[member, place]
    return found


def _places(member: Tensor, members: int) -> Tensor:
    """The place of each among those of its member, which are sorted by it: (F,)."""
    counts = torch.bincount(member, minlength=members)
    return torch.arange(len(member)) - (counts.cumsum(0) - counts)[member]


def _padded(member: Tensor, place: Tensor, points: Tensor, members: int) -> Tensor:
    """A row a member: (E, P, D), zeros where one has fewer."""
    padded = points.new_zeros(members, max(int(place.max()) + 1 if len(place) else 0, 1), points.shape[1])
    padded[member, place] = points
    return padded


def _merged(
    member: Tensor,
    piece: Tensor,
    points: Tensor,
    residual: Tensor,
    jacobian: Tensor,
    proven: Tensor,
    known: Tensor,
    beside: Tensor,
    into_itself: bool,
) -> FixedPoints:
    """Points that several regions, or two halves of a box, have found, once; `known` is how well.

    Of one as near to a side as it is known, the regions on both sides must tell, and agree, how the map crosses the identity:
    else it may be none, or two. Of one `beside` more sides, a corner, nothing is proven: others meet there. The index of a map
    of the range into its own inside is 1: another is a proof that something is wrong."""
    labels = torch.from_numpy(joined(points, member, known))
    groups = int(labels.max()) + 1 if len(labels) else 0

    def ends(values: Tensor) -> tuple[Tensor, Tensor]:
        """The least and the greatest value of each group."""
        empty = values.new_zeros(groups)
        least = empty.scatter_reduce(0, labels, values, "amin", include_self=False)
        return least, empty.scatter_reduce(0, labels, values, "amax", include_self=False)

    modulus = torch.linalg.eigvals(jacobian).abs()
    _, largest = ends(modulus.amax(-1))
    below = (modulus < 1).sum(-1)
    least, most = ends(torch.where(below == points.shape[1], 0, torch.where(below == 0, 2, 1)))
    some, other = ends(piece)
    first, _ = ends(torch.arange(len(labels)))
    order = first.argsort()
    first = first[order]
    low_sign, high_sign = ends(torch.linalg.det(torch.eye(points.shape[1], dtype=points.dtype) - jacobian).sign())
    signs = ((low_sign + high_sign) / 2)[order]
    index = torch.zeros(len(proven), dtype=torch.int64).index_add_(0, member[first], signs.to(torch.int64))
    _, sides = ends(beside)
    proven[member[first][((low_sign != high_sign) | ((sides > 0) & (some == other)) | (sides > 1))[order]]] = False
    if into_itself:
        proven = proven & (index == 1)
    return FixedPoints(
        member[first],
        points[first],
        residual[first],
        jacobian[first],
        largest[order],
        torch.where(least == most, least, STABILITIES.index("one-sided"))[order],
        (some != other)[order],
        proven,
        index,
    )
