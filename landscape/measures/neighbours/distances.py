"""Exact distances to the nearest data points in bounded memory, the gaps between data points, and groups of equal points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.maps import block_shape
from landscape.measures.neighbours.search import (
    SPARE_CANDIDATES,
    by_difference,
    exact,
    pairwise_distances,
    rounding,
    search,
)
from landscape.measures.tables import unrolled

if TYPE_CHECKING:
    import pandas as pd

# Up to this many numbers in the data, differences are as fast as a matrix product, and need no second computation.
MAX_DIRECT_NUMBERS = 256


@gated("points", "data", unchecked=("points",))
@torch.no_grad()
def nearest_neighbours(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"], count: int
) -> tuple[Float[Tensor, "members points count"], Int[Tensor, "members points count"]]:
    """Distances to the `count` nearest data points, nearest first, and their indices: (E, P, k) each.

    Distances are Euclidean and computed by difference, so that a data point is at distance exactly 0 from itself. Of equally
    near data points the one with the lower index comes first. The distances of a point that is not finite are not finite.
    Data shared by all members (stride 0) are searched once for all. Raises ValueError unless 1 ≤ count ≤ N."""
    if not 1 <= count <= data.shape[1]:
        raise ValueError(f"`count` must be from 1 to the number of data points, {data.shape[1]}; got {count}")
    return _neighbours(points, data, count)


@gated("points", "data", unchecked=("points",))
def nearest(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"]
) -> tuple[Float[Tensor, "members points"], Int[Tensor, "members points"]]:
    """Distance to the nearest data point, and its index, as of `nearest_neighbours`: (E, P) each."""
    return closest(points, data)


def closest(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"]
) -> tuple[Float[Tensor, "members points"], Int[Tensor, "members points"]]:
    """As `nearest`, without the checks of the gate, for tensors that have already passed it: (E, P) each."""
    distances, indices = _neighbours(points, data, 1)
    return distances[..., 0], indices[..., 0]


@dataclass(frozen=True, eq=False, repr=False)
class Surroundings(Shown):
    """Distances between data points that several statistics need, and that take longest to compute: (E, N) each.

    - `gaps`: the distance to the nearest different point, inf if there is none.
    - `radii`: the distance to the k-th nearest other point."""

    gaps: Float[Tensor, "members data"]
    radii: Float[Tensor, "members data"]

    def table(self) -> pd.DataFrame:
        """A row per member and data point: member, point, gap, radius."""
        return unrolled({"gap": self.gaps, "radius": self.radii}, "point")


@gated("data")
def surroundings(data: Float[Tensor, "members data dim"], k: int) -> Surroundings:
    """The gaps, and the distances to the k-th nearest other data point: (E, N) each.

    Raises ValueError unless there are more than k points."""
    distances, _ = nearest_neighbours(data, data, k + 1)
    return Surroundings(_gaps(data, distances), distances[..., -1])


@gated("data")
def gaps(data: Float[Tensor, "members data dim"]) -> Float[Tensor, "members data"]:
    """Distance from each data point to the nearest point that is not a copy of it: (E, N), inf if there is none."""
    return _gaps(data, nearest_neighbours(data, data, min(1 + SPARE_CANDIDATES, data.shape[1]))[0])


def joined(
    points: Float[Tensor, "points dim"], kind: Int[Tensor, "points"], radius: float | Float[Tensor, "points"]
) -> Int[np.ndarray, "points"]:
    """A label for each point, the same for points that are merged: (P,).

    Two points are linked if they are of the same kind and at most `radius` apart; with a radius for each point, (P,), if their
    balls touch. Points are merged if a chain of links joins them (single linkage)."""

    def near(some: slice, after: slice) -> Tensor:
        reach = radius[some, None] + radius[after] if isinstance(radius, Tensor) else radius
        return pairwise_distances(points[some], points[after]) <= reach

    return connected(kind, near)


def connected(kind: Int[Tensor, "points"], linked: Callable[[slice, slice], Tensor]) -> Int[np.ndarray, "points"]:
    """A label for each point, counted from 0 and the same for points of one kind that a chain of links joins: (P,).

    `linked(some, after)` says which of `some` points are linked to which of the points `after`, (S, A). Rows are asked for in
    blocks, each with the points from its first on, as links have no direction."""
    labels, sort = np.arange(len(kind)), kind.cpu().numpy()
    rows, _ = block_shape(1, len(kind), max(len(kind), 1), kind.device)
    for first in range(0, len(kind), rows):
        some, after = slice(first, first + rows), slice(first, None)
        fresh = (sort[some, None] == sort[after]) & (labels[some, None] != labels[after])
        one, other = (linked(some, after).cpu().numpy() & fresh).nonzero()
        links = coo_array((np.ones(len(one), bool), (labels[one + first], labels[other + first])), (len(kind),) * 2)
        labels = connected_components(links, directed=False)[1][labels]
    return np.unique(labels, return_inverse=True)[1]


def distinct(values: Shaped[Tensor, "values *columns"]) -> tuple[Int[Tensor, "different"], Int[Tensor, "values"]]:
    """Where each different value, or row, first occurs, sorted by value; and each value's place among them: (V,)."""
    different, place = torch.unique(values, dim=0 if values.ndim > 1 else None, return_inverse=True)
    first = torch.full((len(different),), len(values), device=values.device)
    return first.scatter_reduce_(0, place, torch.arange(len(values), device=values.device), "amin"), place


def distinct_rows(points: Float[Tensor, "points dim"]) -> Int[Tensor, "points"]:
    """A number for each point, counted from 0 and the same for equal points only: (P,)."""
    kind = torch.int64 if points.dtype == torch.float64 else torch.int32
    bits = (points + 0.0).contiguous().view(kind)  # −0 + 0 is 0
    place: Tensor = torch.unique(hashed(bits), return_inverse=True)[1]
    return place


def hashed(rows: Int[Tensor, "rows columns"]) -> Int[Tensor, "rows"]:
    """A 64-bit hash of each row of integers, which is faster to sort than the row: (R,).

    1. Each number is multiplied by a random odd factor of its column, modulo 2^64.
    2. The upper half of the product is XORed into its lower half. The bits of numbers such as 0.5, 1 and −1 differ in the upper
       places only, and a product never carries bits down.
    3. The hash is the sum of the results over the columns, each times another random odd factor.

    Two different rows have the same hash with a probability of about 2^-60."""
    factors = _factors(rows.shape[1]).to(rows.device)
    hashes = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    together = block_shape(1, rows.shape[1], max(len(rows), 1), rows.device)[0]
    for some, of_some in zip(torch.split(rows, together, 1), torch.split(factors, together), strict=True):
        spread = some.long() * of_some[:, 0]
        hashes += ((spread ^ (spread >> 32)) * of_some[:, 1]).sum(1)
    return hashes


@lru_cache(maxsize=8)
def _factors(columns: int) -> Int[Tensor, "columns two"]:
    """The two random odd factors of each column."""
    draw = torch.Generator().manual_seed(0)
    drawn = [torch.randint(-(2**62), 2**62, (2,), generator=draw) for _ in range(columns)]
    return 2 * torch.stack([*drawn, torch.zeros(2, dtype=torch.int64)])[:columns] + 1


@torch.no_grad()
def _neighbours(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """As `nearest_neighbours`, without its checks. Sets shared by all members are searched once."""
    members, rows, dim = points.shape
    if members > 1 and data.stride(0) == 0:
        if points.stride(0) == 0:
            distances, indices = _neighbours(points[:1], data[:1], count)
            return distances.expand(members, -1, -1), indices.expand(members, -1, -1)
        distances, indices = _neighbours(points.reshape(1, members * rows, dim), data[:1], count)
        return distances.view(members, rows, count), indices.view(members, rows, count)
    if data.shape[1] > block_shape(1, data.shape[1], dim, data.device)[0]:
        pairs = [search(points[e], data[e], count) for e in range(members)]
        return torch.stack([pair[0] for pair in pairs]), torch.stack([pair[1] for pair in pairs])
    return _blockwise(points, data, count)


def _gaps(data: Tensor, distances: Tensor) -> Tensor:
    """The gap of each point, the least of its few smallest distances that is not zero: (E, N).

    If all of these are zero, its nearest points are copies. The gap is then searched among the different points."""
    least = distances.masked_fill(distances == 0, torch.inf).amin(-1)
    shared = len(data) > 1 and data.stride(0) == 0
    least = least[:1] if shared else least
    copied = [e for e, missing in enumerate(least.isinf().any(1).tolist()) if missing]
    if copied:
        least[copied] = torch.stack([_gap_to_different(points) for points in data[copied].cpu()]).to(least)
    return least.expand(len(data), -1)


def _gap_to_different(points: Tensor) -> Tensor:
    """The distance from each of one member's points (N, D) to the nearest different point: (N,)."""
    different = torch.from_numpy(np.unique(points.numpy(), axis=0))
    nearer, _ = nearest_neighbours(points[None], different[None], min(2, len(different)))
    return nearer[0].masked_fill(nearer[0] == 0, torch.inf).amin(-1)


def _blockwise(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """As `_neighbours`, for sets that fit into a block, with as many members at a time as fit."""
    members, total, dim = data.shape
    direct = total * dim <= MAX_DIRECT_NUMBERS
    numbers = total * dim if direct else 2 * total + (count + SPARE_CANDIDATES) * dim
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
    """As `_neighbours`, from the differences of all pairs."""
    squares = (points[:, :, None] - data[:, None]).square().sum(-1)
    if count == 1:
        least, place = squares.min(-1, keepdim=True)
        return least.sqrt(), place
    ordered, places = squares.sort(dim=-1, stable=True)
    return ordered[..., :count].sqrt(), places[..., :count]


def _by_product(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """As `_neighbours`, from a matrix product.

    1. |p − d|² = |p|² − 2 p·d + |d|², with coordinates from the mean of the data, gives a few candidates for each point.
    2. Their distances are computed exactly, by difference.
    3. A point for which rounding may hide a nearer data point is compared with all data by difference."""
    middle = data.mean(1, keepdim=True)
    centred, offset = data - middle, points - middle
    norms = centred.square().sum(-1)
    scores = torch.baddbmm(norms[:, None], offset, centred.transpose(1, 2), alpha=-2)
    bounds, candidates = scores.topk(min(count + SPARE_CANDIDATES, data.shape[1]), largest=False, sorted=False)
    distances, indices = exact(points, data, candidates, count)
    if candidates.shape[-1] < data.shape[1]:
        lengths = offset.square().sum(-1)
        error = rounding(lengths.sqrt() + norms.amax(-1, keepdim=True).sqrt(), data.shape[2])
        doubtful = (distances[..., -1].square() >= bounds.amax(-1) + lengths - error) & lengths.isfinite()
        for member in [e for e, any_row in enumerate(doubtful.any(-1).tolist()) if any_row]:
            rows = doubtful[member]
            distances[member, rows], indices[member, rows] = by_difference(points[member, rows], data[member], count)
    return distances, indices
