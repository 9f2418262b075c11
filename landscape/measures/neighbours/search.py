"""The nearest points of one large set, exactly: what a matrix product cannot rule out is compared by difference.

Images lie near a subspace. Distances within it are never the longer ones, so there they rule out nearly everything first."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from landscape.measures.maps import block_shape

SPARE = 3  # candidates beyond those asked for: the expanded norm errs by 0.01 in float32 (a point's distance to itself)
SCORES, LEAST_ROWS, MOST_ROWS = (
    2**25,
    64,
    512,
)  # numbers and rows of a product: with few rows, reading the set takes the time
GROUP = 64  # scores of which only the least is looked at, at first
FEW = 512  # data points that are worth comparing with one point by difference
HANDFUL = 8  # points that are compared with all data by difference sooner than by a pass over the set
REDUCED = 128  # dimensions of the subspace: with 64 far more is left to compare, 192 take longer
REDUCED_FROM = 2**33  # points × data numbers from which the subspace pays
SPANNING = 512  # data points that span it
PROBES, INSIDE = 64, 0.8  # points that show whether distances are mostly in the subspace
PART = 2048  # data points at a time where a pass over the set makes a copy


@dataclass(frozen=True, eq=False)
class _View:
    """The set in all dimensions, or in the subspace of `basis`: where products look for what is near.

    `norms` are |d − middle|² there, `length` the largest |d| in all dimensions. `slack` multiplies the bound on rounding, as a
    projection errs too."""

    data: Tensor
    middle: Tensor
    norms: Tensor
    length: Tensor
    basis: Tensor | None = None
    slack: float = 1.0

    def scores(self, points: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
        """Write `out` (P, N). To be added to it for squared distances, (P,); and how far these may be off, (P,).

        A sum of D rounded products errs by at most D·u·|p||d|, u half of eps: this distance and the one by difference
        together by (D + 4)·eps·(|p| + |d|)²."""
        seen = (points if self.basis is None else points @ self.basis) - self.middle
        torch.addmm(self.norms, seen, self.data.T, alpha=-2, out=out)
        error = self.slack * rounding(torch.linalg.vector_norm(points, dim=1) + self.length, points.shape[1])
        return seen.square().sum(1) + 2 * (seen @ self.middle), error


def search(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Distances (P, k) from points (P, D) to the `count` nearest of data (N, D), nearest first, and their indices."""
    distances = points.new_full((len(points), count), torch.nan)
    indices = torch.arange(count, device=points.device).repeat(len(points), 1)
    left = points.square().sum(1).isfinite().nonzero()[:, 0]
    basis = _basis(points[left], data)
    if basis is not None:
        left = _fill(distances, indices, left, points, data, _view(data, basis))
    if len(left) > HANDFUL:
        left = _fill(distances, indices, left, points, data, _view(data))
    if len(left):
        distances[left], indices[left] = by_difference(points[left], data, count)
    return distances, indices


def by_difference(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The same by differences alone, slowly: for points to which many are equally near."""
    rows, _ = block_shape(1, len(points), 4 * len(data), points.device)
    orders = [
        torch.cdist(some, data, compute_mode="donot_use_mm_for_euclid_dist").sort(dim=-1, stable=True)[1][
            :, : count + SPARE
        ]
        for some in pieces(points, rows)
    ]
    distances, indices = exact(points[None], data[None], torch.cat(orders)[None], count)
    return distances[0], indices[0]


def exact(points: Tensor, data: Tensor, candidates: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The nearest of the candidates (E, P, c) by difference, the first of equals first: (E, P, k) each."""
    ordered = candidates.sort(-1)[0]
    member = torch.arange(len(data), device=data.device)[:, None, None]
    squares = (data[member, ordered] - points[:, :, None]).square().sum(-1)
    found, order = squares.sort(dim=-1, stable=True)
    return found[..., :count].sqrt(), ordered.gather(-1, order[..., :count])


def pieces(values: Tensor, size: int) -> tuple[Tensor, ...]:
    """The rows, `size` at a time."""
    return tuple(values[first : first + size] for first in range(0, max(len(values), 1), size))


def rounding(length: Tensor, dim: int) -> Tensor:
    """How far squared distances of numbers of such a length may be off: see `_View.scores`."""
    return (dim + 8) * torch.finfo(length.dtype).eps * length.square()


def _basis(points: Tensor, data: Tensor) -> Tensor | None:
    """The first principal components of a few of the data, (D, 128); None where too few numbers, or distances of a few of the
    points from these data, are in them. Any orthonormal columns would give valid bounds."""
    if len(points) * data.numel() < REDUCED_FROM or data.shape[1] < 4 * REDUCED or len(points) < PROBES:
        return None
    few = data[:: max(1, len(data) // SPANNING)][:SPANNING]
    probes = points[:: len(points) // PROBES]
    centred = few - few.mean(0)
    weights = torch.linalg.eigh(centred @ centred.T)[1][:, -REDUCED:]
    basis: Tensor = torch.linalg.qr(centred.T @ weights)[0]
    share = torch.cdist(probes @ basis, few @ basis).amin(1) / torch.cdist(probes, few).amin(1)
    return basis if len(few) > REDUCED and share.nanmedian() > INSIDE else None


def _view(data: Tensor, basis: Tensor | None = None) -> _View:
    middle = data.mean(0)
    length = torch.stack([torch.linalg.vector_norm(part, dim=1).amax() for part in pieces(data, PART)]).amax()
    if basis is not None:
        reduced, middle = data @ basis, middle @ basis
        return _View(reduced, middle, (reduced - middle).square().sum(1), length, basis, slack=4.0)
    norms = torch.cat([(part - middle).square().sum(1) for part in pieces(data, PART)])
    return _View(data, middle, norms, length)


def _fill(distances: Tensor, indices: Tensor, rows: Tensor, points: Tensor, data: Tensor, view: _View) -> Tensor:
    """Write the `rows` of distances and indices; those left over, to which too much is near in the view.

    A subspace that leaves most of its first rows over is not asked for the others."""
    blocks = pieces(rows, min(MOST_ROWS, max(LEAST_ROWS, SCORES // len(data))))
    scores = points.new_empty(len(blocks[0]), len(data))  # kept: a fresh block of this size is slow to get
    over = []
    for number, some in enumerate(blocks):
        done, found, places = _block(points[some], data, distances.shape[1], view, scores[: len(some)])
        distances[some[done]], indices[some[done]] = found, places
        over.append(some[~done])
        if view.basis is not None and len(over[0]) > len(blocks[0]) / 2:
            return torch.cat([*over, *blocks[number + 1 :]])
    return torch.cat(over)


def _block(points: Tensor, data: Tensor, count: int, view: _View, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For which points the nearest were found (P,), their distances and indices.

    The nearest in the view give a radius outside which nothing can be nearer; nearly all groups of data are outside."""
    total, kept = len(data), min(count + SPARE, len(data))
    shift, error = view.scores(points, scores)
    stride = min(total, max(-(-total // GROUP), 4 * kept))  # group g holds g, g + stride, g + 2·stride, …
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
    done = near.sum(1) <= FEW
    row, group = (near & done[:, None]).nonzero(as_tuple=True)
    places, values = _members(scores, row[:, None], group[:, None], steps)
    inside = values <= radius[row, None]
    distances, indices = _ranked(points, data, row[:, None].expand_as(places)[inside], places[inside], count, done)
    return done, distances, indices


def _members(scores: Tensor, row: Tensor, groups: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
    """The places and scores, inf past the end, of the groups' members: (P, groups × members)."""
    places = (groups[:, :, None] + steps).flatten(1)
    values = scores[row, places.clamp_max(scores.shape[1] - 1)]
    return places, values.masked_fill(places >= scores.shape[1], torch.inf)


def _ranked(
    points: Tensor, data: Tensor, row: Tensor, place: Tensor, count: int, done: Tensor
) -> tuple[Tensor, Tensor]:
    """The `count` nearest among the pairs (row, place) of each row that is done, the first of equals first."""
    place, order = place.sort()
    row = row[order]
    piece, _ = block_shape(1, len(row), 2 * data.shape[1], data.device)
    squares = [
        (data[b] - points[a]).square().sum(-1) for a, b in zip(pieces(row, piece), pieces(place, piece), strict=True)
    ]
    found, order = torch.cat(squares).sort(stable=True)
    row, order_by_row = row[order].sort(stable=True)
    numbers = torch.bincount(row, minlength=len(points))
    first = (numbers.cumsum(0) - numbers)[done]
    chosen = order_by_row[first[:, None] + torch.arange(count, device=row.device)]
    return found[chosen].sqrt(), place[order[chosen]]
