"""Gradient sampling: gradient descent on the reconstruction loss over the input, from many starts independently."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Unpack

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble import FitSpec
from landscape.ensemble.optimisers import moments_of, take_step
from landscape.measures.dynamics.steps import Dynamics, DynamicsFields, dynamics_of, held
from landscape.measures.gate import gated
from landscape.measures.maps import Map, blockwise, numbers_per_point, per_member
from landscape.names import unknown

DESCENTS = ("adam", "lbfgs")
RATE = 0.01  # learning rate of Adam, which moves a coordinate by about as much in a step: 100 steps cross a range of 1
REMEMBERED = 10  # pairs of step and gradient change that L-BFGS keeps
SUFFICIENT = (
    1e-4  # of the decrease that the gradient predicts: the least decrease of a step (Nocedal and Wright 2006, Eq. 3.4)
)
SUBSET_SHARE = 0.75  # of a member's points: if at most so many are searched, only these are evaluated
HALVINGS = 12  # of a step before a start is given up for this iteration
Slope = Callable[
    ..., tuple[Tensor, Tensor]
]  # of points → losses and gradients; for some of the starts, with their indices (E, P, D)
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

    - 'adam': Adam at `rate`, by the fused kernel of torch.optim, with the usual settings.
    - 'lbfgs': L-BFGS with a backtracking line search, separately for every start. torch.optim.LBFGS would treat all starts as
      one problem, with one step length and one curvature.

    `dynamics` or its fields give `known` coordinates, which do not move, and `clip` with its range, which works with 'adam'
    only: clamped points would spoil the curvature estimate of L-BFGS. Raises ValueError for another method, for noise, and for
    'lbfgs' with `clip`."""
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
    how, points = FitSpec(), begun.clone()  # Adam
    moments = moments_of(how, points)
    yield begun
    for _ in range(iterations):
        gradient = slope(points)[1]
        with torch.no_grad():
            take_step(how, points, gradient, moments, rate)
            if box is not None:
                points = put_back(points.clamp(*box))
        yield points.clone()


def _lbfgs(slope: Slope, points: Tensor, iterations: int) -> Iterator[Tensor]:
    """L-BFGS (Nocedal and Wright 2006, Alg. 7.5) for every start separately.

    A start whose line search fails forgets its curvature and continues with the gradient. After two failures in a row it
    rests."""
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
    """The L-BFGS direction, by the two-loop recursion. A forgotten pair is stored as zeros, which change nothing."""
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
    """Points, losses and gradients after the longest step of 1, ½, ¼ … that decreases the loss enough, and where none did."""
    promised = (direction * gradient).sum(-1, keepdim=True)
    length, searching = torch.ones_like(loss), ~resting
    start, begun = points, loss
    for _ in range(HALVINGS):
        trial = start + length * direction
        there, steepness = _of_some(slope, trial, searching, loss, gradient)
        enough = there <= begun + SUFFICIENT * length * promised
        good = searching & enough & (there < begun) & (promised < 0)  # the predicted decrease may round to 0
        points, loss = torch.where(good, trial, points), torch.where(good, there, loss)
        gradient = torch.where(good, steepness, gradient)
        searching = searching & ~good
        if not bool(searching.any()):
            break
        length = length / 2
    return points, loss, gradient, searching


def _of_some(slope: Slope, points: Tensor, chosen: Tensor, loss: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The losses and gradients of the chosen points; those of the others stay as given. Late in a descent, few still move."""
    most = int(chosen.sum(1).max())
    if most > SUBSET_SHARE * points.shape[1]:
        return slope(points)
    place = chosen.int().sort(dim=1, descending=True, stable=True).indices[:, :most]
    wide = place.expand(-1, -1, points.shape[-1])
    there, steepness = slope(points.gather(1, wide), wide)
    return loss.scatter(1, place, there), gradient.scatter(1, wide, steepness)
