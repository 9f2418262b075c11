"""Where orbits and samples start: random points in and around the range of the data, or data points with noise."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import STARTS
from landscape.measures.dynamics.noise import Noise
from landscape.measures.gate import gated
from landscape.names import unknown


@gated("data", layout=False, positional_once=("generator", "low", "high"))
def starts(
    kind: str,
    members: int,
    count: int,
    dim: int,
    *,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
    data: Tensor | None = None,
    noise: Noise | None = None,
) -> Float[Tensor, "members count dim"]:
    """Random starts, drawn separately for each member: (E, S, D).

    `kind` is one of:
    - 'uniform': uniform in [low, high].
    - 'normal': N(½, ½·I), variance ½, as in the text of Shrivastava (2024); scaled from [0, 1] to [low, high].
    - 'normal-clipped': standard deviation ½, clipped to the range, as in the paper's code; scaled likewise.
    - 'standard': N(0, I), whatever the range.
    - 'data': points of `data`, (N, D) or (E, N, D), in random order, plus `noise`. If S > N, they are taken repeatedly.

    Raises ValueError for another kind, for `data` with a kind that takes none, and for data of another shape."""
    if kind not in STARTS:
        raise ValueError(unknown("start", kind, STARTS))
    if (kind == "data") != (data is not None):
        raise ValueError(f"start 'data' takes its points from `data`, the others take none; got {kind!r}")
    if data is not None:
        return _around(data, members, count, dim, generator, low, high, noise)
    draw = torch.rand if kind == "uniform" else torch.randn
    unit = torch.stack([draw(count, dim, generator=generator) for _ in range(members)])
    if kind == "standard":
        return unit
    if kind == "normal":
        unit = 0.5 + 0.5**0.5 * unit
    elif kind == "normal-clipped":
        unit = (0.5 + 0.5 * unit).clamp(0, 1)
    return low + (high - low) * unit


def _around(
    data: Tensor,
    members: int,
    count: int,
    dim: int,
    generator: torch.Generator,
    low: float,
    high: float,
    noise: Noise | None,
) -> Tensor:
    if data.ndim not in (2, 3) or data.shape[-1] != dim or (data.ndim == 3 and len(data) != members):
        raise ValueError(f"`data` must be (points, {dim}) or ({members}, points, {dim}); got {tuple(data.shape)}")
    own = data.cpu().expand(members, *data.shape[-2:])
    rows = torch.arange(count) % own.shape[1]
    drawn = torch.stack([points[torch.randperm(len(points), generator=generator)[rows]] for points in own])
    if noise is None:
        return drawn
    return drawn + noise.draw(tuple(drawn.shape), noise.amplitudes(1)[0], generator, low, high)
