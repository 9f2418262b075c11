"""Orbits x ← f(x), with or without noise, and how near they come to the training points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Unpack

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.steps import Dynamics, DynamicsFields, dynamics_of, held
from landscape.measures.gate import gated
from landscape.measures.maps import Map, doubled, per_member, step_of
from landscape.measures.neighbours.distances import gaps, nearest

NEAR = 0.02  # of the range: an orbit this close to a training point is near it
GAP_SHARE = 0.25  # of the smallest gap between training points: the largest radius, so that no orbit is near two points
SETTLED_SHARE = 0.95  # of the orbits that are near a training point at T: so many must stay near from the burn-in on


@dataclass(frozen=True, eq=False, repr=False)
class BurnIn(Shown):
    """How many iterations orbits take to settle, per member (E,). An orbit has settled if it is near a training point at T.

    `value`: the first iteration from which at least 95 % of the settled orbits stay near a training point. If that was not
    observed before T, because no orbit settled or because too many came near only at T, `value` is T and `censored` is true.
    `settled`: the share of orbits that settled."""

    value: Float[Tensor, "members"]
    censored: Bool[Tensor, "members"]
    settled: Float[Tensor, "members"]


@dataclass(frozen=True, eq=False, repr=False)
class Followed(Shown):
    """A summary of S orbits of T iterations.

    `share_near` (E, T+1): the share of orbits near a training point at each iteration. `burn_in`: see `BurnIn`. `final`
    (E, S, D): the last iterates. `nearest` (E, S): the training point nearest to each of them. `near` (E, S): whether it is
    within the radius."""

    share_near: Float[Tensor, "members iterations"]
    burn_in: BurnIn
    final: Float[Tensor, "members starts dim"]
    nearest: Int[Tensor, "members starts"]
    near: Bool[Tensor, "members starts"]


@gated("starts")
@torch.no_grad()
def orbits(
    model: Map,
    starts: Tensor,
    iterations: int,
    *,
    dynamics: Dynamics | None = None,
    generator: torch.Generator | None = None,
    **fields: Unpack[DynamicsFields],
) -> Float[Tensor, "members iterations starts dim"]:
    """All iterates of x ← f(x) + ε from `starts`, (S, D) or (E, S, D): (E, T+1, S, D), the starts first.

    Shrivastava (2024), Eqs. 2 and 3. Arguments and errors are those of `iterate`."""
    steps = iterate(model, starts, iterations, dynamics=dynamics_of(dynamics, fields), generator=generator)
    return torch.stack(list(steps), 1)


@gated("starts", "data")
@torch.no_grad()
def follow(
    model: Map,
    starts: Tensor,
    iterations: int,
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
    *,
    dynamics: Dynamics | None = None,
    generator: torch.Generator | None = None,
    **fields: Unpack[DynamicsFields],
) -> Followed:
    """How near orbits are to training points at every iteration, in memory that does not grow with T.

    An orbit is near a point of `data` if it is within the member's `radius` of it. Other arguments and errors are those of
    `iterate`."""
    shares, entered = [], None
    steps = iterate(model, starts, iterations, dynamics=dynamics_of(dynamics, fields), generator=generator)
    for time, points in enumerate(steps):
        distance, index = nearest(points, data)
        near = distance <= radius[:, None]
        shares.append(near.float().mean(-1))
        entered = torch.zeros_like(index) if entered is None else entered
        entered.masked_fill_(~near, time + 1)
    assert entered is not None
    return Followed(torch.stack(shares, 1), _burn_in(entered, iterations), points, index, near)


@gated("starts")
def iterate(
    model: Map,
    starts: Tensor,
    iterations: int,
    *,
    dynamics: Dynamics | None = None,
    generator: torch.Generator | None = None,
    **fields: Unpack[DynamicsFields],
) -> Iterator[Float[Tensor, "members starts dim"]]:
    """The starts, then each iterate x ← f(x) + ε in turn, T+1 tensors in all: (E, S, D).

    `dynamics` says what is done beside applying the model; its fields may be passed as keywords instead, as in
    iterate(model, starts, 100, noise="normal:0.01"). The `generator` draws the noise. Raises ValueError for noise without a
    generator or with amplitudes for another number of iterations, for `known` of another shape, and for what `Dynamics`
    refuses."""
    rule = dynamics_of(dynamics, fields).within(model)
    if iterations < 0:
        raise ValueError(f"`iterations` must be 0 or more; got {iterations}")
    noise, box = rule.added, rule.box
    if noise is not None and generator is None:
        raise ValueError(f"`noise` needs a generator; got {noise} without one")
    amplitudes = noise.amplitudes(iterations) if noise is not None else [0.0] * iterations
    begun = per_member(model, starts)
    put_back, step = held(rule.known, begun), step_of(model)

    def moved(points: Tensor, amplitude: float) -> Tensor:
        points = step(points)
        if noise is not None and generator is not None and amplitude:
            drawn = noise.draw(tuple(points.shape), amplitude, generator, *box).to(points)
            points = drawn.add_(points)  # a model may return a tensor that it keeps: only the noise is changed in place
            return put_back(points.clamp_(*box) if rule.clip else points)
        return put_back(points.clamp(*box) if rule.clip else points)

    def steps() -> Iterator[
        Tensor
    ]:  # a function of its own, so that bad input is refused at the call, not at the first step
        points = put_back(begun)
        yield points
        for amplitude in amplitudes:
            with torch.no_grad():
                points = moved(points, amplitude)
            yield points

    return steps()


@gated("data")
def near_radius(
    data: Float[Tensor, "members data dim"], low: float = 0.0, high: float = 1.0, noise: float = 0.0
) -> Float[Tensor, "members"]:
    """How close to a training point a point is near it: 0.02 of the range, at most a quarter of the smallest gap: (E,).

    Noise of amplitude a keeps samples at a distance of about a·√D from a fixed point. With `noise` a, 2·a·√D is added to the
    0.02 of the range."""
    reach = NEAR * (high - low) + 2 * noise * data.shape[-1] ** 0.5
    return (GAP_SHARE * gaps(data).amin(-1)).clamp_max(reach)


@gated("points", "data", unchecked=("points",))
@torch.no_grad()
def share_near(
    points: Float[Tensor, "members starts dim"],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
) -> Float[Tensor, "members"]:
    """The share of `points` within the radius of a training point: (E,). A point that is not finite is not near."""
    return (nearest(points, data)[0] <= radius[:, None]).float().mean(-1)


@gated("points", "data", unchecked=("points",))
@torch.no_grad()
def visits(
    points: Float[Tensor, "members starts dim"],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members"],
) -> Int[Tensor, "members data"]:
    """How many of `points` are within the radius of each training point: (E, N). A point counts for the nearest one only."""
    distance, index = nearest(points, data)
    near = (distance <= radius[:, None]).long()
    return near.new_zeros(data.shape[:2]).scatter_add_(1, index, near)


@gated("points", "data", unchecked=("points",))
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


def _burn_in(entered: Int[Tensor, "members starts"], iterations: int) -> BurnIn:
    """The burn-in from the iteration from which each orbit stays near a training point; T+1 where it is not near at T."""
    settled = entered <= iterations
    total = settled.sum(-1)
    rank = ((SETTLED_SHARE * doubled(total) - 1e-9).ceil().long() - 1).clamp_min(0).to(total)
    value = entered.sort(-1).values.gather(-1, rank[:, None])[:, 0]
    return BurnIn(value.clamp_max(iterations).float(), value >= iterations, settled.float().mean(-1))
