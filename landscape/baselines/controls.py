"""Samplers whose verdict is known beforehand: every statistic and every rule is tried on these first."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.names import unknown

CONTROL_SAMPLERS = {
    "copycat": "copies",
    "held-out": "generalises",
    "collapsed": "collapsed",
    "underfit": "underfit",
}  # and the verdict that is right
COPY_NOISE = 0.01  # of the range: invisible, but no distance is zero
COLLAPSED_TO = 5  # images
UNDERFIT_LOSS = 0.03  # of the range's square, of the underfit control on the training points


def control_samples(
    kind: str,
    training: Float[Tensor, "data dim"],
    held_out: Float[Tensor, "held_out dim"],
    count: int,
    generator: torch.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "count dim"]:
    """Samples (S, D) of the control `kind`, one of CONTROL_SAMPLERS.

    'copycat': training points drawn at random, with noise of 1 % of the range. 'held-out': held-out points, none twice.
    'collapsed': five of the held-out points again and again, with the same noise. 'underfit': what a network that has learnt
    little more than the mean makes of held-out points, its training loss above the bound. `held_out` must not be the points
    that serve as the null. Raises ValueError for another kind, or more held-out samples than there are points."""
    if kind not in CONTROL_SAMPLERS:
        raise ValueError(unknown("control", kind, tuple(CONTROL_SAMPLERS)))
    if kind == "copycat":
        return _noisy(_drawn(training, count, generator), generator, low, high)
    if kind == "collapsed":
        few = _some(held_out, min(COLLAPSED_TO, len(held_out)), generator)
        return _noisy(_drawn(few, count, generator), generator, low, high)
    if kind == "underfit":
        mean = training.mean(0)
        return mean + _kept(training, low, high) * (_drawn(held_out, count, generator) - mean)
    return _some(held_out, count, generator)


def control_training_loss(kind: str, training: Float[Tensor, "data dim"], low: float = 0.0, high: float = 1.0) -> float:
    """The training loss that goes with a control's samples: 0, of the underfit control that of the map it stands for."""
    if kind != "underfit":
        return 0.0
    return float((1 - _kept(training, low, high)) ** 2 * training.var(0, correction=0).mean())


def mixed_samples(
    share: float,
    training: Float[Tensor, "data dim"],
    held_out: Float[Tensor, "held_out dim"],
    count: int,
    generator: torch.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "count dim"]:
    """A `share` of copycat samples among held-out ones, in random order: (S, D)."""
    copies = round(share * count)
    both = [
        control_samples("copycat", training, held_out, copies, generator, low=low, high=high),
        control_samples("held-out", training, held_out, count - copies, generator),
    ]
    return torch.cat(both)[torch.randperm(count, generator=generator).to(training.device)]


def _drawn(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return points[torch.randint(len(points), (count,), generator=generator).to(points.device)]


def _some(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """`count` of the points, none twice."""
    if count > len(points):
        raise ValueError(f"`count` must be at most the number of held-out points, {len(points)}; got {count}")
    return points[torch.randperm(len(points), generator=generator)[:count].to(points.device)]


def _noisy(points: Tensor, generator: torch.Generator, low: float, high: float) -> Tensor:
    noise = torch.randn(points.shape, generator=generator).to(points)
    return (points + COPY_NOISE * (high - low) * noise).clamp(low, high)


def _kept(training: Tensor, low: float, high: float) -> float:
    """The factor a of x ↦ mean + a·(x − mean) whose training loss is UNDERFIT_LOSS; 0 where even the mean does better."""
    variance = float(training.var(0, correction=0).mean()) / (high - low) ** 2
    return max(0.0, 1 - (UNDERFIT_LOSS / variance) ** 0.5) if variance else 0.0
