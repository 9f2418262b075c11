"""Exact distances to the nearest data points, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.maps import block_shape
from landscape.measures.neighbours.search import SPARE, by_difference, exact, rounding, search

DIRECT = 256  # up to this many data numbers, differences are as fast as a matrix product, and need no recheck


@gated("points", "data", unchecked=("points",))
@torch.no_grad()
def nearest_neighbours(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"], count: int
) -> tuple[Float[Tensor, "members points count"], Int[Tensor, "members points count"]]:
    """Distances to the `count` nearest data points, nearest first, and their indices: (E, P, k) each.

    Euclidean, computed by difference: a data point is at distance 0 from itself, exactly. Of equally near points the first
    in the data comes first. Not finite where a point is not. A set shared by all members (stride 0) is searched as one.
    Raises ValueError unless 1 ≤ count ≤ N."""
    if not 1 <= count <= data.shape[1]:
        raise ValueError(f"`count` must be from 1 to the number of data points, {data.shape[1]}; got {count}")
    return _neighbours(points, data, count)


@gated("points", "data", unchecked=("points",))
def nearest(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"]
) -> tuple[Float[Tensor, "members points"], Int[Tensor, "members points"]]:
    """Distance to the nearest data point, and its index, as `nearest_neighbours` finds it: (E, P) each."""
    return closest(points, data)


def closest(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"]
) -> tuple[Float[Tensor, "members points"], Int[Tensor, "members points"]]:
    """As `nearest`, without the checks of the gate: for tensors that have passed it, such as a map's own points."""
    distances, indices = _neighbours(points, data, 1)
    return distances[..., 0], indices[..., 0]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Of each data point, the distance to the nearest different point, inf where there is none, and to its k-th nearest
    other: (E, N) each. What several statistics need, and takes the longest."""

    gaps: Float[Tensor, "members data"]
    radii: Float[Tensor, "members data"]


@gated("data")
def surroundings(data: Float[Tensor, "members data dim"], k: int) -> Surroundings:
    """Gaps and the radii to the k-th nearest other: (E, N) each. Raises ValueError unless there are more than k points."""
    distances, _ = nearest_neighbours(data, data, k + 1)
    return Surroundings(_gaps(data, distances), distances[..., -1])


@gated("data")
def gaps(data: Float[Tensor, "members data dim"]) -> Float[Tensor, "members data"]:
    """Distance from each data point to the nearest different one, copies of it left out: (E, N); inf where there is none."""
    return _gaps(data, nearest_neighbours(data, data, min(1 + SPARE, data.shape[1]))[0])


def joined(
    points: Float[Tensor, "points dim"], kind: Int[Tensor, "points"], radius: float | Float[Tensor, "points"]
) -> Int[np.ndarray, "points"]:
    """Which points of one kind are one: those nearer than `radius`, or joined by others that are. A label each: (P,).

    With a radius each, (P,): those whose balls touch."""
    labels, sort = np.arange(len(points)), kind.cpu().numpy()
    rows, _ = block_shape(1, len(points), max(len(points), 1), points.device)
    for first in range(0, len(points), rows):
        own = slice(first, first + rows)
        # A matrix product would put equal points 1e-8 apart.
        apart = torch.cdist(points[own], points[first:], compute_mode="donot_use_mm_for_euclid_dist")
        reach = radius[own, None] + radius[first:] if isinstance(radius, Tensor) else radius
        fresh = (sort[own, None] == sort[first:]) & (labels[own, None] != labels[first:])
        one, other = ((apart <= reach).cpu().numpy() & fresh).nonzero()
        links = coo_array((np.ones(len(one), bool), (labels[one + first], labels[other + first])), (len(points),) * 2)
        labels = connected_components(links, directed=False)[1][labels]
    return np.unique(labels, return_inverse=True)[1]


def distinct(values: Shaped[Tensor, "values *columns"]) -> tuple[Int[Tensor, "different"], Int[Tensor, "values"]]:
    """Where each different value, or row, is first, in the order of the values; and which of them each one is."""
    found, place = torch.unique(values, dim=0 if values.ndim > 1 else None, return_inverse=True)
    first = torch.full((len(found),), len(values), device=values.device)
    return first.scatter_reduce_(0, place, torch.arange(len(values), device=values.device), "amin"), place


def distinct_rows(points: Float[Tensor, "points dim"]) -> Int[Tensor, "points"]:
    """A number from 0 for each point, the same for equal points only: (P,)."""
    kind = torch.int64 if points.dtype == torch.float64 else torch.int32
    bits = (points + 0.0).contiguous().view(kind)  # −0 + 0 is 0
    place: Tensor = torch.unique(hashed(bits), return_inverse=True)[1]
    return place


def hashed(rows: Int[Tensor, "rows columns"]) -> Int[Tensor, "rows"]:
    """A 64-bit hash of each row of integers, which is faster to sort than the row: (R,).

    1. Each number is multiplied by a random odd factor of its column, modulo 2^64.
    2. The upper half of the product is added to its lower half, bit by bit: the bits of numbers such as 0.5, 1 and −1 differ
       in the upper places only, which a product never carries down.
    3. The hash is the sum of these, times other random odd factors. Two rows share it with a probability of about 2^-60."""
    draw = torch.Generator().manual_seed(0)
    found = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    for column in rows.T:
        first, second = 2 * torch.randint(-(2**62), 2**62, (2,), generator=draw).to(rows.device) + 1
        spread = column.long() * first
        found += (spread ^ (spread >> 32)) * second
    return found


@torch.no_grad()
def _neighbours(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    members, rows, dim = points.shape
    if members > 1 and data.stride(0) == 0:
        if points.stride(0) == 0:
            distances, indices = _neighbours(points[:1], data[:1], count)
            return distances.expand(members, -1, -1), indices.expand(members, -1, -1)
        distances, indices = _neighbours(points.reshape(1, members * rows, dim), data[:1], count)
        return distances.view(members, rows, count), indices.view(members, rows, count)
    if data.shape[1] > block_shape(1, data.shape[1], dim, data.device)[0]:
        found = [search(points[e], data[e], count) for e in range(members)]
        return torch.stack([one[0] for one in found]), torch.stack([one[1] for one in found])
    return _blockwise(points, data, count)


def _gaps(data: Tensor, distances: Tensor) -> Tensor:
    """The least of each point's few smallest distances that is not zero."""
    found = distances.masked_fill(distances == 0, torch.inf).amin(-1)
    shared = len(data) > 1 and data.stride(0) == 0
    own = found[:1] if shared else found
    copied = [e for e, missing in enumerate(own.isinf().any(1).tolist()) if missing]
    if copied:  # all neighbours looked at are copies: look among the different points
        own[copied] = torch.stack([_gap_to_different(points) for points in data[copied].cpu()]).to(own)
    return own.expand(len(data), -1)


def _gap_to_different(points: Tensor) -> Tensor:
    """The distance from each of one member's points (N, D) to the nearest different point: (N,)."""
    different = torch.from_numpy(np.unique(points.numpy(), axis=0))
    nearer, _ = nearest_neighbours(points[None], different[None], min(2, len(different)))
    return nearer[0].masked_fill(nearer[0] == 0, torch.inf).amin(-1)


def _blockwise(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Sets that fit a block, of as many members at a time as fit."""
    members, total, dim = data.shape
    direct = total * dim <= DIRECT
    numbers = total * dim if direct else 2 * total + (count + SPARE) * dim
    rows, group = block_shape(members, points.shape[1], numbers, points.device)
    find = _directly if direct else _by_product
    bands = []
    for first in range(0, members, group):
        some = slice(first, first + group)
        parts = [
            find(points[some, row : row + rows], data[some], count) for row in range(0, max(points.shape[1], 1), rows)
        ]
        bands.append((torch.cat([part[0] for part in parts], 1), torch.cat([part[1] for part in parts], 1)))
    return torch.cat([band[0] for band in bands]), torch.cat([band[1] for band in bands])


def _directly(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    squares = (points[:, :, None] - data[:, None]).square().sum(-1)
    if count == 1:
        least, place = squares.min(-1, keepdim=True)
        return least.sqrt(), place
    ordered, places = squares.sort(dim=-1, stable=True)
    return ordered[..., :count].sqrt(), places[..., :count]


def _by_product(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Candidates by the expanded norm about the data's mean, then their exact distances."""
    middle = data.mean(1, keepdim=True)
    centred, offset = data - middle, points - middle
    norms = centred.square().sum(-1)
    scores = torch.baddbmm(norms[:, None], offset, centred.transpose(1, 2), alpha=-2)
    bounds, candidates = scores.topk(min(count + SPARE, data.shape[1]), largest=False, sorted=False)
    distances, indices = exact(points, data, candidates, count)
    if candidates.shape[-1] < data.shape[1]:
        own = offset.square().sum(-1)
        error = rounding(own.sqrt() + norms.amax(-1, keepdim=True).sqrt(), data.shape[2])
        doubtful = (distances[..., -1].square() >= bounds.amax(-1) + own - error) & own.isfinite()
        for member in [e for e, any_row in enumerate(doubtful.any(-1).tolist()) if any_row]:
            rows = doubtful[member]
            distances[member, rows], indices[member, rows] = by_difference(points[member, rows], data[member], count)
    return distances, indices
