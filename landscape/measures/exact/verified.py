"""Proven bounds on how far a ReLU network is from the affine maps of its regions, and whether the regions leave a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.cube import Slice
from landscape.facts import Shown
from landscape.measures.exact.linear_regions import OFF_SLOPES, Regions
from landscape.nets import Layer

EPSILON = torch.finfo(torch.float64).eps
NORM_MARGIN = 1 + 1e-9  # factor by which a computed spectral norm is raised, to be an upper bound
REGIONS_AT_A_TIME = 2**13
AREA_TOLERANCE = 1e-6  # of the sum of the regions' shares, which is an integer up to rounding if sides match


@dataclass(frozen=True, eq=False, repr=False)
class Verified(Shown):
    """The map of each region before the squash, with a proven bound on its error.

    On the convex hull of the region's corners the network differs from linear·t + offset, (R, D, K) and (R, D), by at most
    `error` (R,), in the Euclidean norm. `covered` (E,) is whether the hulls of a member's regions cover the whole slice."""

    linear: Float[Tensor, "regions dim axes"]
    offset: Float[Tensor, "regions dim"]
    error: Float[Tensor, "regions"]
    covered: Bool[Tensor, "members"]


@torch.no_grad()
def verified(layers: Sequence[Layer], cells: Regions) -> Verified:
    """The map of each region with a bound on its error, for the stacked layers of float64 networks.

    The bounds hold whatever rounding did to the subdivision into regions.

    1. A region's map takes each unit as on or off by the sign of its input at the region's centre.
    2. A unit's input is affine in t, given the units below. If it has the other sign somewhere in the region, its excess over
       zero is largest at a corner. The unit's output differs from the map's by at most this excess.
    3. Each layer multiplies the difference from the layers below by at most its spectral norm.
    4. Rounding errors are bounded and carried along in the same way."""
    (corners, counts), centres = padded_corners(cells), cells.centres
    linear, offset = torch.empty_like(cells.linear), torch.empty_like(cells.offset)
    error = torch.empty(len(counts), dtype=torch.float64)
    for member, member_layers in enumerate(zip(*[_members_of(layer) for layer in layers], strict=True)):
        of_member = (cells.member == member).nonzero()[:, 0]
        of_member = of_member[counts[of_member].argsort(descending=True)]
        for first in range(0, len(of_member), REGIONS_AT_A_TIME):
            rows = of_member[first : first + REGIONS_AT_A_TIME]
            most = int(counts[rows].max())
            sides = corners[rows, :most], counts[rows]
            linear[rows], offset[rows], error[rows] = _of_rows(member_layers, cells.where, centres[rows], *sides)
    return Verified(linear, offset, error.nan_to_num(nan=torch.inf), _covered(cells))


def padded_corners(cells: Regions) -> tuple[Float[Tensor, "regions corners axes"], Int[Tensor, "regions"]]:
    """The corners of each region, padded with its first corner to the largest number: (R, C, K); and their number, (R,)."""
    counts = cells.begins.diff()
    place = torch.arange(int(counts.max()))
    rows = cells.begins[:-1, None] + torch.where(place < counts[:, None], place, 0)
    return cells.vertices[cells.corners[rows]], counts


def _members_of(layer: Layer) -> list[Layer]:
    """The layer of each member."""
    return [Layer(weight, bias[0], layer.activation) for weight, bias in zip(layer.weight, layer.bias, strict=True)]


def _of_rows(
    layers: Sequence[Layer], where: Slice, centres: Tensor, corners: Tensor, counts: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The maps of some regions of one member and the bounds on their errors; the regions are sorted by number of corners, most
    first."""
    reach = torch.maximum(where.low.abs(), where.high.abs())[:, None]
    linear, offset = (
        where.axes.expand(len(counts), -1, -1),
        where.origin.expand(len(counts), -1),
    )  # transposed: (R, K, width)
    at = where.at(centres)
    terms = offset.abs() + (reach * linear.abs()).sum(1)
    # `rounded` bounds how far the exact map of these signs is from the computed one, `off` how far the network is from it.
    rounded, off = torch.zeros(2, len(counts), dtype=torch.float64)
    for layer in layers:
        weight, bias = layer.weight, layer.bias
        norm = NORM_MARGIN * torch.linalg.matrix_norm(weight, 2)
        lost = (len(weight) + 2) * EPSILON * (weight.norm() * terms.norm(dim=1) + bias.norm())
        rounded, off = norm * rounded + lost, norm * off
        linear, offset, at = linear @ weight, offset @ weight + bias, at @ weight + bias
        if layer is layers[-1]:
            break
        slope = OFF_SLOPES[layer.activation]
        on = at > 0
        terms = offset.abs() + (reach * linear.abs()).sum(1)
        unsure = rounded[:, None] + (linear.shape[1] + 2) * EPSILON * terms
        off = off + (unsure - _margins(linear, offset, on, corners, counts)).clamp_min(0).norm(dim=1)
        kept = torch.full_like(at, slope).masked_fill_(on, 1.0)
        linear, offset, at, terms = linear * kept[:, None], offset * kept, at * kept, terms * kept
    return linear.mT, offset, rounded + off


def _margins(linear: Tensor, offset: Tensor, on: Tensor, corners: Tensor, counts: Tensor) -> Tensor:
    """The least distance from zero of each unit's input over the corners, negative where it has the other sign: (R, width)."""
    sign = torch.where(on, 1.0, -1.0)
    linear, offset = linear * sign[:, None], offset * sign
    least = torch.full_like(offset, torch.inf)
    for place in range(corners.shape[1]):
        some = int((counts > place).sum())
        value = offset[:some]
        for axis in range(corners.shape[2]):
            value = torch.addcmul(value, corners[:some, place, axis, None], linear[:some, axis])
        least[:some] = torch.minimum(least[:some], value)
    return least


def _covered(cells: Regions) -> Tensor:
    """Whether every point of the slice is in the hull of some region's corners, per member: (E,).

    1. Walk around each region counter-clockwise. If each side that is not on a face of the slice is walked once in either
       direction, the number of times that all walks together wind around a point is the same for all points of the slice.
    2. The sum of the regions' areas says how often: once, if it is the area of the slice.
    3. A point that a closed walk winds around is in the hull of its corners. So each point is in the hull of some region."""
    members = int(cells.member.max()) + 1
    total = torch.zeros(members, dtype=torch.float64).index_add_(0, cells.member, cells.share)
    covered = (total - 1).abs() < AREA_TOLERANCE
    if cells.vertices.shape[1] == 2:
        first, second = cells.corners, cells.following
        way = (second - first).sign()
    else:  # on a line, a region begins at its first corner and ends at its second
        first = second = cells.corners
        way = torch.tensor([-1, 1]).repeat(len(cells.share))
    side_names = (torch.minimum(first, second) * len(cells.vertices) + torch.maximum(first, second)).numpy()
    _, place, side = np.unique(side_names, return_index=True, return_inverse=True)
    unmatched = torch.from_numpy(place[np.bincount(side, way.numpy()) != 0])
    ends = cells.vertices[torch.stack([first[unmatched], second[unmatched]])]
    covered[cells.member[cells.region[unmatched[~on_face(cells.where, *ends)]]]] = False
    return covered


def on_face(
    where: Slice, first: Float[Tensor, "*sides axes"], second: Float[Tensor, "*sides axes"]
) -> Bool[Tensor, "*sides"]:
    """Whether each side, from its first to its second corner, lies on a face of the slice: (…,)."""
    return ((first == second) & ((first == where.low) | (first == where.high))).any(-1)
