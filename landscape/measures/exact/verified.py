"""How far a ReLU network may be from affine maps on its regions, and whether those leave nothing out: proven, not believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.cube import Slice
from landscape.measures.exact.linear_regions import OFF, Regions
from landscape.nets import Layer

EPSILON = torch.finfo(torch.float64).eps
OVER = 1 + 1e-9  # times: a computed spectral norm
ROWS = 2**13  # regions at a time


@dataclass(frozen=True, eq=False)
class Verified:
    """Of each region its map before the squash, `linear` (R, D, K) and `offset` (R, D), and `error` (R,), how far the network
    may be from it in the hull of the region's corners. Per member, (E,): `covered`, whether these hulls leave nothing out."""

    linear: Float[Tensor, "regions dim axes"]
    offset: Float[Tensor, "regions dim"]
    error: Float[Tensor, "regions"]
    covered: Bool[Tensor, "members"]


@torch.no_grad()
def verified(layers: Sequence[Layer], found: Regions) -> Verified:
    """The maps of regions that the stacked layers of float64 nets were cut into, whatever rounding did to the cutting.

    A region's map is that of the units' signs at its centre. It is affine: in the hull of the region's corners no unit has
    the other sign by more than at one of them. By that the unit's output may differ from the map's; no layer lengthens
    a difference by more than its spectral norm. Rounding is bounded likewise."""
    (corners, counts), centres = padded_corners(found), found.centres
    linear, offset = torch.empty_like(found.linear), torch.empty_like(found.offset)
    error = torch.empty(len(counts), dtype=torch.float64)
    for member, layer in enumerate(zip(*[_members_of(one) for one in layers], strict=True)):
        own = (found.member == member).nonzero()[:, 0]
        own = own[counts[own].argsort(descending=True)]
        for first in range(0, len(own), ROWS):
            rows = own[first : first + ROWS]
            most = int(counts[rows].max())
            sides = corners[rows, :most], counts[rows]
            linear[rows], offset[rows], error[rows] = _of_rows(layer, found.where, centres[rows], *sides)
    return Verified(linear, offset, error.nan_to_num(nan=torch.inf), _covered(found))


def padded_corners(found: Regions) -> tuple[Float[Tensor, "regions corners axes"], Int[Tensor, "regions"]]:
    """Each region's corners, the first again where it has fewer than another: (R, C, K); how many it has, (R,)."""
    counts = found.begins.diff()
    place = torch.arange(int(counts.max()))
    rows = found.begins[:-1, None] + torch.where(place < counts[:, None], place, 0)
    return found.vertices[found.corners[rows]], counts


def _members_of(layer: Layer) -> list[Layer]:
    return [Layer(weight, bias[0], layer.activation) for weight, bias in zip(layer.weight, layer.bias, strict=True)]


def _of_rows(
    layers: Sequence[Layer], where: Slice, centres: Tensor, corners: Tensor, counts: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Of some regions of one member, those of most corners first."""
    reach = torch.maximum(where.low.abs(), where.high.abs())[:, None]
    linear, offset = where.axes.expand(len(counts), -1, -1), where.origin.expand(len(counts), -1)  # rows are the axes
    at = where.at(centres)
    terms = offset.abs() + (reach * linear.abs()).sum(1)
    # How far the map is from the one that float64 holds, and the network from the map.
    rounded, off = torch.zeros(2, len(counts), dtype=torch.float64)
    for layer in layers:
        weight, bias = layer.weight, layer.bias
        norm = OVER * torch.linalg.matrix_norm(weight, 2)
        lost = (len(weight) + 2) * EPSILON * (weight.norm() * terms.norm(dim=1) + bias.norm())
        rounded, off = norm * rounded + lost, norm * off
        linear, offset, at = linear @ weight, offset @ weight + bias, at @ weight + bias
        if layer is layers[-1]:
            break
        slope = OFF[layer.activation]
        on = at > 0
        terms = offset.abs() + (reach * linear.abs()).sum(1)
        unsure = rounded[:, None] + (linear.shape[1] + 2) * EPSILON * terms
        off = off + (unsure - _margins(linear, offset, on, corners, counts)).clamp_min(0).norm(dim=1)
        kept = torch.full_like(at, slope).masked_fill_(on, 1.0)
        linear, offset, at, terms = linear * kept[:, None], offset * kept, at * kept, terms * kept
    return linear.mT, offset, rounded + off


def _margins(linear: Tensor, offset: Tensor, on: Tensor, corners: Tensor, counts: Tensor) -> Tensor:
    """How far each unit's input is from the other sign at the corner where it is nearest, negative beyond: (R, width)."""
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


def _covered(found: Regions) -> Tensor:
    """Whether every point of the slice is in the hull of some region's corners, per member: (E,).

    Sides that are gone along by one region are gone along backwards by another, but for those on the faces, so that regions
    wind around every point alike, and their areas tell how often: once. What a closed walk winds around is in its hull."""
    members = int(found.member.max()) + 1
    total = torch.zeros(members, dtype=torch.float64).index_add_(0, found.member, found.share)
    covered = (total - 1).abs() < 1e-6
    if found.vertices.shape[1] == 2:
        first, second = found.corners, found.following
        way = (second - first).sign()
    else:  # a region of a line begins at its first corner and ends at its second
        first = second = found.corners
        way = torch.tensor([-1, 1]).repeat(len(found.share))
    pairs = (torch.minimum(first, second) * len(found.vertices) + torch.maximum(first, second)).numpy()
    _, place, side = np.unique(pairs, return_index=True, return_inverse=True)
    open_ = torch.from_numpy(place[np.bincount(side, way.numpy()) != 0])
    ends = found.vertices[torch.stack([first[open_], second[open_]])]
    covered[found.member[found.region[open_[~on_face(found.where, *ends)]]]] = False
    return covered


def on_face(
    where: Slice, first: Float[Tensor, "*sides axes"], second: Float[Tensor, "*sides axes"]
) -> Bool[Tensor, "*sides"]:
    """Whether a side from one corner to another lies on a face of the slice."""
    return ((first == second) & ((first == where.low) | (first == where.high))).any(-1)
