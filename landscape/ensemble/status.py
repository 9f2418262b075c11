"""The outcome of training for each member: converged, diverged, collapsed or stalled."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

# Of the mean squared error: an error of 0.001 per coordinate. Points count as near at 20 times that distance.
TOL = 1e-6
DIVERGED_LOSS = 4.0  # a larger loss counts as diverged: 4 is the largest that a tanh network can have on [−1, 1]
COLLAPSED_RANGE = 0.01  # a smaller range of the outputs, over that of the data, counts as collapsed
COLLAPSED_LOSS_DISTANCE = 0.05  # relative distance from the loss of the best constant map
STATUSES = ("converged", "stalled", "collapsed", "diverged")


def status_of(
    losses: Float[Tensor, "members"],
    outputs: Float[Tensor, "members data dim"],
    points: Float[Tensor, "members data dim"],
    tol: float = TOL,
) -> list[str]:
    """The status of each member: E words. `outputs` are f at the training `points`. The first rule that holds decides.

    1. diverged: the loss is not finite, or above 4.
    2. converged: the loss is at most `tol`.
    3. collapsed: there are several points, the range of the outputs is under 1 % of the data's, and the loss is within 5 % of
       that of the best constant map, the data's mean.
    4. stalled: all others."""
    constant = (points - points.mean(1, keepdim=True)).square().mean((1, 2))
    spread = (outputs.amax(1) - outputs.amin(1)).amax(1)
    flat = spread < COLLAPSED_RANGE * (points.amax(1) - points.amin(1)).amax(1)
    collapsed = flat & ((losses - constant).abs() <= COLLAPSED_LOSS_DISTANCE * constant) & (points.shape[1] > 1)
    diverged = ~torch.isfinite(losses) | (losses > DIVERGED_LOSS)
    rules = zip(*((rule.tolist()) for rule in (diverged, losses <= tol, collapsed)), strict=True)
    return [
        "diverged" if bad else "converged" if good else "collapsed" if constant_like else "stalled"
        for bad, good, constant_like in rules
    ]
