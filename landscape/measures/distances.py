"""Exact distances to the nearest data points, in bounded memory."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.maps import block_shape

RECHECKED = (
    4  # the expanded norm errs by 0.01 in float32 (a point's distance to itself), so this many nearest are recomputed
)
DIRECT = 256  # up to this many data numbers, differences are as fast as a matrix product, and need no recheck


@torch.no_grad()
def nearest(
    points: Float[Tensor, "members points dim"], data: Float[Tensor, "members data dim"]
) -> tuple[Float[Tensor, "members points"], Int[Tensor, "members points"]]:
    """Distance to the nearest data point, and its index: (E, P) each. A data point is at distance 0 from itself, exactly.

    Euclidean. NaN where a point is not finite."""
    distances, indices = _smallest(points, data, 1)
    return distances[..., 0], indices[..., 0]


@torch.no_grad()
def gaps(data: Float[Tensor, "members data dim"]) -> Float[Tensor, "members data"]:
    """Distance from each data point to the nearest different one, copies of it left out: (E, N); inf where there is none."""
    shared = data.stride(0) == 0
    own = data[:1] if shared else data
    distances, _ = _smallest(own, own, min(RECHECKED, own.shape[1]))
    found = distances.masked_fill(distances == 0, torch.inf).amin(-1)
    return found.expand(len(data), -1) if shared else found


def _smallest(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    members, total, dim = data.shape
    numbers = total * dim if total * dim <= DIRECT else 2 * total + RECHECKED * dim
    rows, group = block_shape(members, points.shape[1], numbers, points.device)
    find = _by_difference if total * dim <= DIRECT else _by_product
    bands = []
    for first in range(0, members, group):
        some = slice(first, first + group)
        parts = [
            find(points[some, row : row + rows], data[some], count) for row in range(0, max(points.shape[1], 1), rows)
        ]
        bands.append((torch.cat([part[0] for part in parts], 1), torch.cat([part[1] for part in parts], 1)))
    return torch.cat([band[0] for band in bands]), torch.cat([band[1] for band in bands])


def _by_difference(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    squares = (points[:, :, None] - data[:, None]).square().sum(-1)
    found = squares.min(-1, keepdim=True) if count == 1 else squares.topk(count, largest=False)
    return found[0].sqrt(), found[1]


def _by_product(points: Tensor, data: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Candidates by the expanded norm about the data's mean, then their exact distances."""
    middle = data.mean(1, keepdim=True)
    centred = data - middle
    scores = torch.baddbmm(centred.square().sum(-1)[:, None], points - middle, centred.transpose(1, 2), alpha=-2)
    candidates = scores.topk(min(RECHECKED, data.shape[1]), largest=False, sorted=False)[1]
    member = torch.arange(len(data), device=data.device)[:, None, None]
    exact = (data[member, candidates] - points[:, :, None]).square().sum(-1)
    squares, order = exact.topk(count, largest=False)
    return squares.sqrt(), candidates.gather(-1, order)
