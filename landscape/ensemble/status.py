"""How training ended for each member: converged, diverged, collapsed or stalled."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

TOL = 1e-6  # mean squared error: an error of 0.001 per coordinate, a twentieth of the radius that counts as near
DIVERGED = 4.0  # the largest loss a tanh network can have on its range
COLLAPSED_RANGE = 0.01  # of the data's own range
COLLAPSED_LOSS = 0.05  # relative distance from the loss of the best constant map
STATUSES = ("converged", "stalled", "collapsed", "diverged")


def status_of(
    losses: Float[Tensor, "members"],
    outputs: Float[Tensor, "members data dim"],
    points: Float[Tensor, "members data dim"],
    tol: float = TOL,
) -> list[str]:
    """One word a member. `outputs` are f at the training `points`.

    converged: loss ≤ tol. diverged: not finite, or above 4. collapsed: more than one point, an output range under 1 % of the
    data's, and a loss within 5 % of the constant map's at the data's mean. stalled: the rest."""
    constant = (points - points.mean(1, keepdim=True)).square().mean((1, 2))
    spread = (outputs.amax(1) - outputs.amin(1)).amax(1)
    flat = spread < COLLAPSED_RANGE * (points.amax(1) - points.amin(1)).amax(1)
    collapsed = flat & ((losses - constant).abs() <= COLLAPSED_LOSS * constant) & (points.shape[1] > 1)
    diverged = ~torch.isfinite(losses) | (losses > DIVERGED)
    rules = zip(*((rule.tolist()) for rule in (diverged, losses <= tol, collapsed)), strict=True)
    return [
        "diverged" if bad else "converged" if good else "collapsed" if constant_like else "stalled"
        for bad, good, constant_like in rules
    ]
