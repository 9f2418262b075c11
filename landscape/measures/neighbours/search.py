"""The exact nearest points in one large set.

1. A matrix product gives all squared distances up to rounding errors, for which there is a bound.
2. The distances to a few of the nearest points are computed exactly, by difference. The k-th of them is a radius.
3. Points that may be within the radius, given the bound, are compared by difference. All others are ruled out.

Images lie near a subspace of few dimensions. Distances never grow when points are projected on it. So large sets of images are
searched in the subspace first: a projected distance beyond the radius rules a point out, too."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.maps import block_shape

# Candidates beyond the number asked for: from a matrix product in float32, a point may be at distance 0.01 from itself.
SPARE_CANDIDATES = 3
SCORES_AT_A_TIME = 2**25  # entries of a product
LEAST_ROWS, MOST_ROWS = 64, 512  # of a product: with few rows, reading the set takes most of the time
GROUP_SIZE = 64  # scores that are represented by their least at first
MAX_NEAR_GROUPS = 512  # groups that may hold a nearer point; a point with more of them is left to the next method
MAX_DIRECT_POINTS = 8  # so few points are compared with all data by difference faster than by a pass over the set
SUBSPACE_DIM = 128  # with 64 dimensions far more points are left to compare, 192 take longer
SUBSPACE_FROM = 2**33  # points × numbers in the data, from which searching the subspace first is faster
SPANNING_POINTS = 512  # data points that span the subspace
PROBE_POINTS, MIN_SUBSPACE_SHARE = (
    64,
    0.8,
)  # points for which the median share of the distance in the subspace is measured
COPIED_AT_A_TIME = 2048  # data points, where a pass over the set makes a copy


@dataclass(frozen=True, eq=False)
class _View:
    """The set in all dimensions, or projected on the subspace of `basis`, prepared for matrix products.

    `norms` are |d − middle|² in the subspace, `length` is the largest |d| in all dimensions. `slack` multiplies the bound on
    rounding errors, as the projection has rounding errors, too."""

    data: Tensor
    middle: Tensor
    norms: Tensor
    length: Tensor
    basis: Tensor | None = None
    slack: float = 1.0

    def scores(self, points: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
        """Write scores to `out` (P, N). Returns the difference to squared distances, and a bound on their error: (P,) each.

        A sum of D rounded products has an error of at most D·u·|p||d|, where u is eps / 2. The error of such a squared distance
        and the error of one by difference are together at most (D + 4)·eps·(|p| + |d|)²."""
        seen = (points if self.basis is None else points @ self.basis) - self.middle
        torch.addmm(self.norms, seen, self.data.T, alpha=-2, out=out)
        error = self.slack * rounding(torch.linalg.vector_norm(points, dim=1) + self.length, points.shape[1])
        return seen.square().sum(1) + 2 * (seen @ self.middle), error


def search(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Distances from points (P, D) to the `count` nearest of data (N, D), nearest first, and their indices: (P, k) each.

    1. Search in the subspace, if that is worth while.
    2. Search for the points left over in all dimensions, if they are more than a few.
    3. Compare the points still left with all data by difference.

    The distances of a point that is not finite are NaN."""
    distances = points.new_full((len(points), count), torch.nan)
    indices = torch.arange(count, device=points.device).repeat(len(points), 1)
    left = points.square().sum(1).isfinite().nonzero()[:, 0]
    basis = _basis(points[left], data)
    if basis is not None:
        left = _fill(distances, indices, left, points, data, _view(data, basis))
    if len(left) > MAX_DIRECT_POINTS:
        left = _fill(distances, indices, left, points, data, _view(data))
    if len(left):
        distances[left], indices[left] = by_difference(points[left], data, count)
    return distances, indices


def by_difference(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """As `search`, slowly, by differences alone: for points to which many data points are about equally near."""
    rows, _ = block_shape(1, len(points), 4 * len(data), points.device)
    orders = [_nearest(pairwise_distances(some, data), count + SPARE_CANDIDATES) for some in pieces(points, rows)]
    distances, indices = exact(points[None], data[None], torch.cat(orders)[None], count)
    return distances[0], indices[0]


def _nearest(distances: Tensor, count: int) -> Tensor:
    """The places of the `count` smallest distances in each row, in any order: (P, k). Of equal distances the first are taken.

    Only rows with such a choice are sorted, which takes several times longer."""
    count = min(count, distances.shape[1])
    values, places = distances.topk(count, largest=False, sorted=False)
    tied = (distances <= values.amax(-1, keepdim=True)).sum(-1) > count
    places[tied] = distances[tied].sort(dim=-1, stable=True)[1][:, :count]
    return places


def exact(points: Tensor, data: Tensor, candidates: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Distances by difference to the nearest of the candidates (E, P, c), and their indices: (E, P, k) each.

    Of equally near candidates the one with the lower index comes first."""
    ordered = candidates.sort(-1)[0]
    member = torch.arange(len(data), device=data.device)[:, None, None]
    squares = (data[member, ordered] - points[:, :, None]).square().sum(-1)
    nearer, order = squares.sort(dim=-1, stable=True)
    return nearer[..., :count].sqrt(), ordered.gather(-1, order[..., :count])


def pieces(values: Tensor, size: int) -> tuple[Tensor, ...]:
    """The values in pieces of `size` rows, the last of which may be shorter."""
    return tuple(values[first : first + size] for first in range(0, max(len(values), 1), size))


def rounding(length: Tensor, dim: int) -> Tensor:
    """A bound on the error of squared distances between points of norms that add up to `length`; see `_View.scores`."""
    return (dim + 8) * torch.finfo(length.dtype).eps * length.square()


def _basis(points: Tensor, data: Tensor) -> Tensor | None:
    """An orthonormal basis of the subspace, the first principal components of a few data points: (D, SUBSPACE_DIM).

    None if the search is too small to gain from it, or if the distances of a few points from these data are not mostly within
    the subspace. Bounds are valid for any orthonormal basis; principal components rule out the most."""
    if len(points) * data.numel() < SUBSPACE_FROM or data.shape[1] < 4 * SUBSPACE_DIM or len(points) < PROBE_POINTS:
        return None
    few = data[:: max(1, len(data) // SPANNING_POINTS)][:SPANNING_POINTS]
    probes = points[:: len(points) // PROBE_POINTS]
    centred = few - few.mean(0)
    weights = torch.linalg.eigh(centred @ centred.T)[1][:, -SUBSPACE_DIM:]
    basis: Tensor = torch.linalg.qr(centred.T @ weights)[0]
    share = torch.cdist(probes @ basis, few @ basis).amin(1) / torch.cdist(probes, few).amin(1)
    return basis if len(few) > SUBSPACE_DIM and share.nanmedian() > MIN_SUBSPACE_SHARE else None


def _view(data: Tensor, basis: Tensor | None = None) -> _View:
    """The data prepared for products, in the subspace of `basis` if there is one."""
    middle = data.mean(0)
    length = torch.stack(
        [torch.linalg.vector_norm(part, dim=1).amax() for part in pieces(data, COPIED_AT_A_TIME)]
    ).amax()
    if basis is not None:
        reduced, middle = data @ basis, middle @ basis
        return _View(reduced, middle, (reduced - middle).square().sum(1), length, basis, slack=4.0)
    norms = torch.cat([(part - middle).square().sum(1) for part in pieces(data, COPIED_AT_A_TIME)])
    return _View(data, middle, norms, length)


def _fill(distances: Tensor, indices: Tensor, rows: Tensor, points: Tensor, data: Tensor, view: _View) -> Tensor:
    """Write those rows of distances and indices that the view decides. Returns the rows that are left over.

    A row is left over if too many groups of data are near in the view. If most rows of the first block are left over, a
    subspace is not searched for the others."""
    blocks = pieces(rows, min(MOST_ROWS, max(LEAST_ROWS, SCORES_AT_A_TIME // len(data))))
    scores = points.new_empty(len(blocks[0]), len(data))  # reused, as allocating this much is slow
    over = []
    for number, some in enumerate(blocks):
        done, nearer, places = _block(points[some], data, distances.shape[1], view, scores[: len(some)])
        distances[some[done]], indices[some[done]] = nearer, places
        over.append(some[~done])
        if view.basis is not None and len(over[0]) > len(blocks[0]) / 2:
            return torch.cat([*over, *blocks[number + 1 :]])
    return torch.cat(over)


def _block(points: Tensor, data: Tensor, count: int, view: _View, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Which points are decided (P,), and the distances and indices of their nearest data: (decided, k) each.

    1. Scores are put into groups of GROUP_SIZE. The groups with the least scores give candidates.
    2. The exact distance to the k-th nearest candidate is a radius: no point that is farther in the view can be nearer.
    3. Points of groups whose least score is within the radius are compared by difference; nearly all groups are outside.
       A point with more than MAX_NEAR_GROUPS such groups is not decided."""
    total, kept = len(data), min(count + SPARE_CANDIDATES, len(data))
    shift, error = view.scores(points, scores)
    stride = min(total, max(-(-total // GROUP_SIZE), 4 * kept))  # group g holds g, g + stride, g + 2·stride, …
    steps = torch.arange(0, total, stride, device=data.device)
    least = scores[:, :stride].clone()
    for first in range(stride, total, stride):
        part = scores[:, first : first + stride]
        least[:, : part.shape[1]] = torch.minimum(least[:, : part.shape[1]], part)
    every = torch.arange(len(points), device=data.device)[:, None]
    places, values = _members(scores, every, least.topk(kept, largest=False, sorted=False)[1], steps)
    candidates = places.gather(1, values.topk(kept, largest=False, sorted=False)[1])
    radius = exact(points[None], data[None], candidates[None], count)[0][0, :, -1].square() - shift + error
    near = least <= radius[:, None]
    done = near.sum(1) <= MAX_NEAR_GROUPS
    row, group = (near & done[:, None]).nonzero(as_tuple=True)
    places, values = _members(scores, row[:, None], group[:, None], steps)
    inside = values <= radius[row, None]
    distances, indices = _ranked(points, data, row[:, None].expand_as(places)[inside], places[inside], count, done)
    return done, distances, indices


def _members(scores: Tensor, row: Tensor, groups: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
    """The indices and scores of the points in the given groups, with inf past the end: (P, groups × group size) each."""
    places = (groups[:, :, None] + steps).flatten(1)
    values = scores[row, places.clamp_max(scores.shape[1] - 1)]
    return places, values.masked_fill(places >= scores.shape[1], torch.inf)


def _ranked(
    points: Tensor, data: Tensor, row: Tensor, place: Tensor, count: int, done: Tensor
) -> tuple[Tensor, Tensor]:
    """Distances and indices of the `count` nearest points among the pairs (row, place), for each row that is done.

    Of equally near points the one with the lower index comes first."""
    place, order = place.sort()
    row = row[order]
    piece, _ = block_shape(1, len(row), 2 * data.shape[1], data.device)
    squares = [
        (data[b] - points[a]).square().sum(-1) for a, b in zip(pieces(row, piece), pieces(place, piece), strict=True)
    ]
    nearer, order = torch.cat(squares).sort(stable=True)
    row, order_by_row = row[order].sort(stable=True)
    numbers = torch.bincount(row, minlength=len(points))
    first = (numbers.cumsum(0) - numbers)[done]
    chosen = order_by_row[first[:, None] + torch.arange(count, device=row.device)]
    return nearer[chosen].sqrt(), place[order[chosen]]


def pairwise_distances(
    points: Float[Tensor, "*sets p dim"], others: Float[Tensor, "*sets q dim"]
) -> Float[Tensor, "*sets p q"]:
    """The distances of points to others, exactly 0 for equal ones: a matrix product would put these 1e-8 apart."""
    return torch.cdist(points, others, compute_mode="donot_use_mm_for_euclid_dist")
