"""Reconstruction loss as a function of the input point: at given points, over the cube, in shells, and its maximum."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.cube import uniform
from landscape.measures.gate import gated
from landscape.measures.local.corners import CornerLoss as CornerLoss
from landscape.measures.local.corners import corner_loss as corner_loss
from landscape.measures.local.corners import top_corners
from landscape.measures.maps import Map, blockwise, doubled, in_double, numbers_per_point, per_member, precision

DRAWN_AT_A_TIME = 2**12  # points; fixed, so that a seed gives the same sample on every device
# Up to this dimension the corners of largest loss are starts of the search: 2^16 corners take under 20 ms a member.
MAX_DIM_OF_CORNER_STARTS = 16
FIRST_STEP = 0.1  # of the ascent, as a share of the range


@gated("points")
@torch.no_grad()
def loss_at(model: Map, points: Tensor) -> Float[Tensor, "members points"]:
    """The loss at `points`, (P, D) for all members or (E, P, D): (E, P).

    The loss is the mean squared error per coordinate, ‖x − f(x)‖² / D. Shrivastava (2024), Eq. 1."""
    return blockwise(_loss, model, per_member(model, points), numbers_per_point(model))


@gated(positional_once=("generator", "low", "high"))
@torch.no_grad()
def cube_mean(
    model: Map, points_per_member: int, *, generator: torch.Generator, low: float = 0.0, high: float = 1.0
) -> tuple[Float[Tensor, "members"], Float[Tensor, "members"]]:
    """The mean loss over the cube [low, high]^D and its standard error: (E,) each, float64.

    All members are evaluated at the same uniform sample, so that differences between members carry less of its noise. The
    means and squared deviations of pieces of the sample are merged as in Chan, Golub and LeVeque (1979)."""
    seen, mean, squares = 0, torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for size in _sizes(points_per_member):
        loss = doubled(loss_at(model, uniform(size, model.dim, generator, low=low, high=high)))
        piece = loss.mean(-1)
        shift = piece - mean.to(piece)
        squares = (
            squares.to(piece) + (loss - piece[:, None]).square().sum(-1) + shift.square() * seen * size / (seen + size)
        )
        seen += size
        mean = mean.to(piece) + shift * size / seen
    return mean, (squares / (max(seen - 1, 1) * seen)).sqrt()


@gated("edges", positional_once=("generator", "low", "high"))
@torch.no_grad()
def shell_loss(
    model: Map, edges: Tensor, count: int, *, generator: torch.Generator, low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "members shells"]:
    """The mean loss in cubic shells around the centre of [low, high]^D, at `count` uniform points of each: (E, shells).

    Shell s contains the points whose max-norm distance from the centre, in units of half the range, is between edges[s] and
    edges[s+1]. An edge of 1 is the surface of the cube. All members are evaluated at the same sample."""
    middle, half = (low + high) / 2, (high - low) / 2
    shells = []
    for inner, outer in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        drawn = (middle + half * _in_shell(size, model.dim, inner, outer, generator) for size in _sizes(count))
        sums = [doubled(loss_at(model, points)).sum(-1) for points in drawn]
        shells.append(torch.stack(sums).sum(0) / count)
    return torch.stack(shells, -1)


@gated("seeds")
def cube_maximum(
    model: Map,
    *,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
    samples: int = 4096,
    restarts: int = 8,
    steps: int = 60,
    seeds: Tensor | None = None,
) -> tuple[Float[Tensor, "members"], Float[Tensor, "members dim"]]:
    """The highest loss over the cube [low, high]^D that a search reaches, in float64, and its place: (E,) and (E, D).

    A lower bound of the maximum: nothing proves that no other point has a higher loss.

    1. Starts are the best `restarts` of `samples` uniform points, and `seeds`, (S, D) or (E, S, D), such as the `top` of
       `corner_loss`. Without `seeds`, and up to D = 16, the best `restarts` corners take their place.
    2. From each start, projected gradient ascent takes `steps` steps. A step is kept only if it raises the loss. The next
       step is then 1.5 times as long, otherwise half as long.
    3. The losses at all starts and ends are computed in float64. The largest of them is the result."""
    starts = [_sampled_tops(model, samples, restarts, generator, low, high)]
    if seeds is not None:
        starts.append(per_member(model, seeds).clamp(low, high))
    elif model.dim <= MAX_DIM_OF_CORNER_STARTS:
        starts.append(per_member(model, top_corners(model, restarts, low=low, high=high)))
    begun = torch.cat(starts, 1)

    def climb(member: Map, points: Tensor) -> Tensor:
        return _climb(member, points, steps, low, high)

    ended = blockwise(climb, model, begun, 4 * numbers_per_point(model))
    exact = in_double(model)
    candidates = doubled(torch.cat([ended, begun], 1)).to(exact.device)
    with torch.no_grad():
        value, best = blockwise(_loss, exact, candidates, numbers_per_point(model)).nan_to_num(-torch.inf).max(1)
    where = candidates[torch.arange(model.members, device=exact.device), best].to(begun)
    return value.masked_fill(value == -torch.inf, torch.nan), where


def _loss(model: Map, points: Tensor) -> Tensor:
    return (model(points) - points).square().mean(-1)


def _sizes(count: int) -> list[int]:
    """`count` as a sum of pieces of at most DRAWN_AT_A_TIME."""
    return [min(DRAWN_AT_A_TIME, count - start) for start in range(0, count, DRAWN_AT_A_TIME)]


def _in_shell(count: int, dim: int, inner: float, outer: float, generator: torch.Generator) -> Tensor:
    """Uniform points with a max-norm between `inner` and `outer`: (P, D).

    The max-norm is drawn with density ∝ r^(D−1), then the point uniformly on the surface of the cube of that size."""
    share = (inner / outer) ** dim
    level = torch.rand(count, 1, generator=generator, dtype=torch.float64)
    radius = outer * (share + (1 - share) * level) ** (1 / dim)
    surface = 2 * torch.rand(count, dim, generator=generator, dtype=torch.float64) - 1
    face = torch.randint(dim, (count, 1), generator=generator)
    surface.scatter_(1, face, torch.where(surface.gather(1, face) < 0, -1.0, 1.0).double())
    return radius * surface


def _sampled_tops(model: Map, samples: int, count: int, generator: torch.Generator, low: float, high: float) -> Tensor:
    """The `count` points of highest loss among `samples` uniform points: (E, K, D)."""
    points = torch.empty(model.members, 0, model.dim).to(model.device, precision(model))
    values = points[..., 0]
    for size in _sizes(samples):
        drawn = per_member(model, uniform(size, model.dim, generator, low=low, high=high))
        pool, losses = torch.cat([points, drawn], 1), torch.cat([values, loss_at(model, drawn)], 1)
        values, best = losses.topk(min(count, losses.shape[1]))
        points = pool.gather(1, best[..., None].expand(-1, -1, model.dim))
    return points


def _climb(model: Map, points: Tensor, steps: int, low: float, high: float) -> Tensor:
    """The points after `steps` steps of projected gradient ascent of the loss: (E, P, D). The direction has max-norm 1."""
    value, slope = loss_and_slope(model, points)
    length = torch.full_like(value, FIRST_STEP * (high - low))
    for _ in range(steps):
        direction = slope / slope.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(slope.dtype).tiny)
        tried = (points + length[..., None] * direction).clamp(low, high)
        risen_value, risen_slope = loss_and_slope(model, tried)
        rose = risen_value > value
        points = torch.where(rose[..., None], tried, points)
        slope = torch.where(rose[..., None], risen_slope, slope)
        value = torch.where(rose, risen_value, value)
        length = torch.where(rose, 1.5 * length, 0.5 * length)
    return points


def loss_and_slope(model: Map, points: Tensor) -> tuple[Tensor, Tensor]:
    """The loss at points (E, P, D) and its gradient: (E, P) and (E, P, D)."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        value = _loss(model, leaf)
        (slope,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), slope
