"""Control samplers, with a verdict that is known in advance: statistics and verdict rules are tested on them."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.names import unknown

CONTROL_SAMPLERS = {  # each with the correct verdict
    "copycat": "copies",
    "held-out": "generalises",
    "collapsed": "collapsed",
    "underfit": "underfit",
}
COPY_NOISE = 0.01  # standard deviation over the range: invisible, but no distance is zero
COLLAPSED_IMAGES = 5  # different images among the samples of the collapsed control
UNDERFIT_LOSS = 0.03  # the underfit control's mean squared error on the training points, over the range squared


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

    - 'copycat': training points drawn at random, with noise of 1 % of the range.
    - 'held-out': held-out points, drawn without replacement.
    - 'collapsed': five held-out points, drawn again and again, with the same noise.
    - 'underfit': held-out points shrunk towards the training mean, as by a network that has learnt little more than the mean.

    `held_out` must not be the points that serve as the null distribution. Raises ValueError for an unknown kind, or more
    held-out samples than points."""
    if kind not in CONTROL_SAMPLERS:
        raise ValueError(unknown("control", kind, tuple(CONTROL_SAMPLERS)))
    if kind == "copycat":
        return _noisy(_drawn(training, count, generator), generator, low, high)
    if kind == "collapsed":
        few = _without_replacement(held_out, min(COLLAPSED_IMAGES, len(held_out)), generator)
        return _noisy(_drawn(few, count, generator), generator, low, high)
    if kind == "underfit":
        mean = training.mean(0)
        return mean + _underfit_scale(training, low, high) * (_drawn(held_out, count, generator) - mean)
    return _without_replacement(held_out, count, generator)


def control_training_loss(kind: str, training: Float[Tensor, "data dim"], low: float = 0.0, high: float = 1.0) -> float:
    """The training loss (mean squared error) of a control: that of the shrinking map for 'underfit', 0 for the others."""
    if kind != "underfit":
        return 0.0
    return float((1 - _underfit_scale(training, low, high)) ** 2 * training.var(0, correction=0).mean())


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
    """Samples (S, D) in random order: a fraction `share` from the copycat, the others from the held-out control."""
    copies = round(share * count)
    both = [
        control_samples("copycat", training, held_out, copies, generator, low=low, high=high),
        control_samples("held-out", training, held_out, count - copies, generator),
    ]
    return torch.cat(both)[torch.randperm(count, generator=generator).to(training.device)]


def _drawn(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return points[torch.randint(len(points), (count,), generator=generator).to(points.device)]


def _without_replacement(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """`count` points, drawn without replacement."""
    if count > len(points):
        raise ValueError(f"`count` must be at most the number of held-out points, {len(points)}; got {count}")
    return points[torch.randperm(len(points), generator=generator)[:count].to(points.device)]


def _noisy(points: Tensor, generator: torch.Generator, low: float, high: float) -> Tensor:
    noise = torch.randn(points.shape, generator=generator).to(points)
    return (points + COPY_NOISE * (high - low) * noise).clamp(low, high)


def _underfit_scale(training: Tensor, low: float, high: float) -> float:
    """The factor a for which x ↦ mean + a·(x − mean) has the training loss UNDERFIT_LOSS; 0 if even the mean has less."""
    variance = float(training.var(0, correction=0).mean()) / (high - low) ** 2
    return max(0.0, 1 - (UNDERFIT_LOSS / variance) ** 0.5) if variance else 0.0
