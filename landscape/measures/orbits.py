"""Orbits x ← f(x): where repeated application leads, with or without noise, and how near to the training points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.distances import gaps, nearest
from landscape.measures.maps import Map, blockwise, doubled, numbers_per_point, per_member

NEAR = 0.02  # of the range: an orbit this close to a training point counts as there
GAP_SHARE = 0.25  # and at most this share of the smallest gap, so that no point is near to two
SETTLED_SHARE = 0.95  # of the orbits that finally settle must be there to stay when the burn-in ends
STARTS = ("uniform", "normal", "normal-clipped")
NOISES = ("normal", "uniform", "published")
Noise = tuple[str, float]


@dataclass(frozen=True, eq=False)
class BurnIn:
    """The first B from which ≥ 95 % of the orbits that finally settle stay near a training point, per member (E,).

    `value` is T and `censored` true where that is not seen before T: none settled, or the last of them entered at T itself.
    `settled` is the share of orbits that are near at T."""

    value: Float[Tensor, "members"]
    censored: Bool[Tensor, "members"]
    settled: Float[Tensor, "members"]


@dataclass(frozen=True, eq=False)
class Followed:
    """Orbits of which only this was kept: the share near a training point at each iteration (E, T+1), the burn-in, the end
    points (E, S, D), each one's nearest training point (E, S) and whether it is near it (E, S)."""

    share_near: Float[Tensor, "members iterations"]
    burn_in: BurnIn
    final: Float[Tensor, "members starts dim"]
    nearest: Int[Tensor, "members starts"]
    near: Bool[Tensor, "members starts"]


@torch.no_grad()
def orbits(
    map: Map,
    starts: Tensor,
    iterations: int,
    *,
    noise: Noise | None = None,
    generator: torch.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
    clip: bool = False,
) -> Float[Tensor, "members iterations starts dim"]:
    """All iterates of x ← f(x) + ε from `starts`, (S, D) or (E, S, D): (E, T+1, S, D), the starts first.

    Shrivastava (2024), Eqs. 2 and 3; `noise` and `clip` as in `iterate`."""
    steps = iterate(map, starts, iterations, noise=noise, generator=generator, low=low, high=high, clip=clip)
    return torch.stack(list(steps), 1)


@torch.no_grad()
def follow(
    map: Map,
    starts: Tensor,
    iterations: int,
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
    *,
    noise: Noise | None = None,
    generator: torch.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
    clip: bool = False,
) -> Followed:
    """Follow orbits as `orbits` does, in memory that does not grow with T."""
    shares, entered = [], None
    steps = iterate(map, starts, iterations, noise=noise, generator=generator, low=low, high=high, clip=clip)
    for time, points in enumerate(steps):
        distance, index = nearest(points, data)
        near = distance <= radius[:, None]
        shares.append(near.float().mean(-1))
        entered = torch.zeros_like(index) if entered is None else entered
        entered.masked_fill_(~near, time + 1)
    assert entered is not None
    return Followed(torch.stack(shares, 1), _burn_in(entered, iterations), points, index, near)


def iterate(
    map: Map,
    starts: Tensor,
    iterations: int,
    *,
    noise: Noise | None = None,
    generator: torch.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
    clip: bool = False,
) -> Iterator[Float[Tensor, "members starts dim"]]:
    """The starts, then each iterate in turn, T+1 tensors in all: (E, S, D).

    `noise` (kind, amplitude a) adds after every step 'normal' N(0, a²), 'uniform' U(−a, a), or 'published', the biased
    a·U(high, 2·high−low) of the paper's code. `clip` then clamps to [low, high]. Raises ValueError for another kind or
    noise without a generator."""
    if noise is not None and (noise[0] not in NOISES or generator is None):
        raise ValueError(f"`noise` must be one of {_listed(NOISES)} with a generator; got {noise[0]!r}")
    points = per_member(map, starts)
    yield points
    for _ in range(iterations):
        with torch.no_grad():
            points = blockwise(_apply, map, points, numbers_per_point(map))
            if noise is not None and generator is not None:
                points = points + _noise(noise, points.shape, generator, low, high).to(points)
            points = points.clamp(low, high) if clip else points
        yield points


def starts(
    kind: str, members: int, count: int, dim: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "members count dim"]:
    """Random starts, each member's its own: (E, S, D).

    'uniform' on the box; 'normal' the text's N(½, ½I), variance ½; 'normal-clipped' the code's, standard deviation ½ and
    clipped to the box; both normals scaled from [0, 1] to [low, high]. Raises ValueError for another kind."""
    if kind not in STARTS:
        raise ValueError(f"`kind` must be one of {_listed(STARTS)}; got {kind!r}")
    draw = torch.rand if kind == "uniform" else torch.randn
    unit = torch.stack([draw(count, dim, generator=generator) for _ in range(members)])
    if kind == "normal":
        unit = 0.5 + 0.5**0.5 * unit
    elif kind == "normal-clipped":
        unit = (0.5 + 0.5 * unit).clamp(0, 1)
    return low + (high - low) * unit


def near_radius(
    data: Float[Tensor, "members data dim"], low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "members"]:
    """How near to a training point counts as there: 0.02 of the range, at most a quarter of the smallest gap: (E,)."""
    return (GAP_SHARE * gaps(data).amin(-1)).clamp_max(NEAR * (high - low))


@torch.no_grad()
def share_near(
    points: Float[Tensor, "members starts dim"],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
) -> Float[Tensor, "members"]:
    """The share of `points` within the radius of a training point: (E,). A point that is not finite is not near."""
    return (nearest(points, data)[0] <= radius[:, None]).float().mean(-1)


@torch.no_grad()
def visits(
    points: Float[Tensor, "members starts dim"],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
) -> Int[Tensor, "members data"]:
    """How many of `points` are within the radius of each training point, counted at the nearest one: (E, N)."""
    distance, index = nearest(points, data)
    near = (distance <= radius[:, None]).long()
    return near.new_zeros(data.shape[:2]).scatter_add_(1, index, near)


def reached(
    points: Float[Tensor, "members starts dim"],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
) -> Int[Tensor, "members"]:
    """The number of training points that at least one of `points` is near to: (E,)."""
    return (visits(points, data, radius) > 0).sum(-1)


def burn_in(near: Bool[Tensor, "members iterations starts"]) -> BurnIn:
    """The burn-in from whether each orbit is near a training point at each iteration 0 … T: (E,) each."""
    iterations = near.shape[1] - 1
    times = torch.arange(1, iterations + 2, device=near.device)[None, :, None]
    entered = torch.where(near, 0, times).amax(1)
    return _burn_in(entered, iterations)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)


def _apply(map: Map, points: Tensor) -> Tensor:
    return map(points)


def _burn_in(entered: Int[Tensor, "members starts"], iterations: int) -> BurnIn:
    """From the iteration at which each orbit came to stay, T+1 where it is away at T."""
    settled = entered <= iterations
    total = settled.sum(-1)
    rank = ((SETTLED_SHARE * doubled(total) - 1e-9).ceil().long() - 1).clamp_min(0).to(total)
    value = entered.sort(-1).values.gather(-1, rank[:, None])[:, 0]
    return BurnIn(value.clamp_max(iterations).float(), value >= iterations, settled.float().mean(-1))


def _noise(noise: Noise, shape: torch.Size, generator: torch.Generator, low: float, high: float) -> Tensor:
    kind, amplitude = noise
    if kind == "normal":
        return amplitude * torch.randn(shape, generator=generator)
    unit = torch.rand(shape, generator=generator)
    return amplitude * (2 * unit - 1 if kind == "uniform" else (high - low) * unit + high)
