"""Gradient sampling: descending the reconstruction loss over the input, every start a problem of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Unpack

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble.block import ADAM_SETTINGS
from landscape.measures.dynamics.steps import Dynamics, DynamicsFields, dynamics_of, held
from landscape.measures.gate import gated
from landscape.measures.maps import Map, blockwise, numbers_per_point, per_member
from landscape.names import unknown

DESCENTS = ("adam", "lbfgs")
RATE = 0.01  # Adam's: a coordinate moves by about as much in a step, so that a range of 1 is crossed in 100
REMEMBERED = 10  # pairs of steps and slopes that L-BFGS keeps
SUFFICIENT = 1e-4  # a step must gain this share of what the slope promises (Armijo; Nocedal and Wright 2006, Eq. 3.4)
FEW = 0.75  # of a member's points: fewer are computed by themselves
HALVINGS = 12  # of a step before a problem is given up for this iteration
Slope = Callable[..., tuple[Tensor, Tensor]]  # of points; of some starts, their places (E, P, D) with them
Memory = deque[tuple[Tensor, Tensor, Tensor]]


@gated("starts")
def descend(
    model: Map,
    starts: Tensor,
    iterations: int,
    *,
    method: str = "adam",
    rate: float = RATE,
    dynamics: Dynamics | None = None,
    **fields: Unpack[DynamicsFields],
) -> Iterator[Float[Tensor, "members starts dim"]]:
    """The starts, then the points after each step down the loss 1/D ‖x − f(x)‖², T+1 tensors in all: (E, S, D).

    'adam' is Adam at `rate` (torch.optim's kernel), which treats every coordinate apart; `clip` then clamps to [low, high].
    'lbfgs' is L-BFGS with a backtracking line search, for all starts side by side: torch's would make one problem, one step
    length and one curvature of all of them. Neither moves coordinates that are `known` (as in `iterate`). Raises ValueError
    for another method, and for 'lbfgs' with `clip`, whose curvature would be of points it did not choose."""
    if method not in DESCENTS:
        raise ValueError(unknown("method", method, DESCENTS))
    rule = dynamics_of(dynamics, fields).within(model)
    if rule.added is not None:
        raise ValueError(f"`noise` goes with method 'iterate'; got {rule.added} with {method!r}")
    if method == "lbfgs" and rule.clip:
        raise ValueError("`clip` does not go with 'lbfgs'; take 'adam', or clamp the end points")
    begun = per_member(model, starts)
    put_back, known = held(rule.known, begun), rule.known
    fixed = torch.zeros_like(begun, dtype=torch.bool) if known is None else ~known.to(begun).isnan().expand_as(begun)

    def slope(points: Tensor, some: Tensor | None = None) -> tuple[Tensor, Tensor]:
        found = blockwise(_loss_and_gradient, model, points, 3 * numbers_per_point(model))
        return found[..., :1], found[..., 1:].masked_fill(fixed if some is None else fixed.gather(1, some), 0)

    begun = put_back(begun)
    if method == "lbfgs":
        return _lbfgs(slope, begun, iterations)
    return _adam(slope, begun, iterations, rate, rule.box if rule.clip else None, put_back)


def _loss_and_gradient(model: Map, points: Tensor) -> Tensor:
    """The loss of each point, then its gradient: (E, P, 1 + D)."""
    x = points.detach().requires_grad_(True)
    with torch.enable_grad():
        loss = (model(x) - x).square().mean(-1, keepdim=True)
        (gradient,) = torch.autograd.grad(loss.sum(), x)
    return torch.cat([loss.detach(), gradient], -1)


def _adam(
    slope: Slope,
    begun: Tensor,
    iterations: int,
    rate: float,
    box: tuple[float, float] | None,
    put_back: Callable[[Tensor], Tensor],
) -> Iterator[Tensor]:
    points, one, two, count = begun.clone(), torch.zeros_like(begun), torch.zeros_like(begun), begun.new_zeros(())
    yield begun
    for _ in range(iterations):
        gradient = slope(points)[1]
        with torch.no_grad():
            count += 1
            torch._fused_adam_([points], [gradient], [one], [two], [], [count], lr=rate, **ADAM_SETTINGS)
            if box is not None:
                points = put_back(points.clamp(*box))
        yield points.clone()


def _lbfgs(slope: Slope, points: Tensor, iterations: int) -> Iterator[Tensor]:
    """Nocedal and Wright (2006), Alg. 7.5. A start whose line search fails goes on from the plain gradient; after a second
    failure running it rests."""
    memory: Memory = deque(maxlen=REMEMBERED)
    loss, gradient = slope(points)
    scale = 1 / gradient.abs().sum(-1, keepdim=True).clamp_min(1)
    failures = torch.zeros_like(loss)
    yield points
    for _ in range(iterations):
        resting = (failures >= 2) | (gradient == 0).all(-1, keepdim=True)
        if not bool(resting.all()):
            direction = _direction(gradient, memory, scale)
            before = points, gradient
            points, loss, gradient, failed = _searched(slope, points, loss, gradient, direction, resting)
            failures = torch.where(resting, failures, torch.where(failed, failures + 1, 0))
            step, change = points - before[0], gradient - before[1]
            curvature = (step * change).sum(-1, keepdim=True)
            size = change.square().sum(-1, keepdim=True)
            curved = curvature > 1e-10 * size
            memory = deque(((s.masked_fill(failed, 0), y, r) for s, y, r in memory), REMEMBERED)
            memory.append((step, change, torch.where(curved, 1 / curvature, 0)))
            scale = torch.where(curved, curvature / size, scale)
            plain = 1 / gradient.abs().sum(-1, keepdim=True).clamp_min(1)
            scale = torch.where(failed, plain, scale)
        yield points


def _direction(gradient: Tensor, memory: Memory, scale: Tensor) -> Tensor:
    """Down the gradient through the remembered curvature, by the two-loop recursion. A pair of zeros changes nothing."""
    direction, weights = -gradient, []
    for step, change, inverse in reversed(memory):
        weight = inverse * (step * direction).sum(-1, keepdim=True)
        direction = direction - weight * change
        weights.append(weight)
    direction = scale * direction
    for (step, change, inverse), weight in zip(memory, reversed(weights), strict=True):
        direction = direction + (weight - inverse * (change * direction).sum(-1, keepdim=True)) * step
    return direction


def _searched(
    slope: Slope, points: Tensor, loss: Tensor, gradient: Tensor, direction: Tensor, resting: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Points, losses and gradients after the longest of the steps 1, ½, ¼ … that gains enough, and where none did."""
    promised = (direction * gradient).sum(-1, keepdim=True)
    length, searching = torch.ones_like(loss), ~resting
    start, begun = points, loss
    for _ in range(HALVINGS):
        trial = start + length * direction
        there, steepness = _of_some(slope, trial, searching, loss, gradient)
        enough = there <= begun + SUFFICIENT * length * promised
        good = searching & enough & (there < begun) & (promised < 0)  # what is promised may round to nothing
        points, loss = torch.where(good, trial, points), torch.where(good, there, loss)
        gradient = torch.where(good, steepness, gradient)
        searching = searching & ~good
        if not bool(searching.any()):
            break
        length = length / 2
    return points, loss, gradient, searching


def _of_some(slope: Slope, points: Tensor, chosen: Tensor, loss: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The losses and gradients of the chosen points, for the others those given: late, few of many starts still move."""
    most = int(chosen.sum(1).max())
    if most > FEW * points.shape[1]:
        return slope(points)
    place = chosen.int().sort(dim=1, descending=True, stable=True).indices[:, :most]
    wide = place.expand(-1, -1, points.shape[-1])
    there, steepness = slope(points.gather(1, wide), wide)
    return loss.scatter(1, place, there), gradient.scatter(1, wide, steepness)
