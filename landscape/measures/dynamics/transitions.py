"""Jumps of samples: long steps, and changes of the training point that a sample is at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.neighbours.distances import nearest

JUMP_LENGTH = 0.1  # of the diameter of the range: a longer step is a jump


@dataclass(frozen=True, eq=False, repr=False)
class Jumps(Shown):
    """How S samples moved in `steps` steps after a burn-in. The diameter of the range is (high − low)·√D.

    - `long` (E, S): the number of a sample's jumps, which are steps longer than a tenth of the diameter.
    - `last` (E, S): the iteration of its last jump, the burn-in included; −1 where there was none.
    - `changes` (E, S): how often it came to a training point other than the last one; None without training points.
    - `finite` (E,): whether all samples stayed finite. Rates of members with others are NaN."""

    steps: int
    long: Int[Tensor, "members samples"]
    last: Int[Tensor, "members samples"]
    changes: Int[Tensor, "members samples"] | None
    finite: Bool[Tensor, "members"]

    @property
    def jumpiness(self) -> Float[Tensor, "members"]:
        """The share of all samples' steps that are jumps: (E,)."""
        return self._known(self.long.double().mean(-1) / self.steps)

    @property
    def mode_jumps(self) -> Float[Tensor, "members"]:
        """Changes of training point per 100 steps of a sample: (E,)."""
        if self.changes is None:
            raise ValueError("jumps between modes need training points: give `data` to jumps()")
        return self._known(100 * self.changes.double().mean(-1) / self.steps)

    def _known(self, rates: Tensor) -> Tensor:
        return rates.masked_fill(~self.finite, torch.nan)


@gated("data")
@torch.no_grad()
def jumps(
    steps: Iterable[Float[Tensor, "members samples dim"]],
    *,
    low: float = 0.0,
    high: float = 1.0,
    burn_in: int = 0,
    data: Float[Tensor, "members data dim"] | None = None,
    radius: Float[Tensor, "members"] | None = None,
) -> Jumps:
    """The jumps in consecutive iterates 0, 1, 2 …, (E, S, D) each, as `iterate` yields them; of an orbit, `orbit.unbind(1)`.

    1. A step longer than a tenth of the diameter of the range is a jump.
    2. A sample is at the nearest training point of `data` if it is within the `radius` of it (see `near_radius`); without a
       radius, at any distance.
    3. A change is counted when a sample comes to a training point other than the last one it was at. Neither the first arrival
       nor leaving a point and coming back is a change.
    4. Steps up to iteration `burn_in` are not counted.

    Raises ValueError where no step is left."""
    before: Tensor | None = None
    long = last = changes = mode = torch.zeros(0)
    finite = torch.ones(0, dtype=torch.bool)
    for time, points in enumerate(steps):
        if before is None:
            long = torch.zeros(points.shape[:2], dtype=torch.int64, device=points.device)
            last, changes, mode = long - 1, long.clone(), long - 1
            finite = torch.ones(len(points), dtype=torch.bool, device=points.device)
            reach = JUMP_LENGTH * (high - low) * points.shape[-1] ** 0.5
        else:
            jumped = torch.linalg.vector_norm(points - before, dim=-1) > reach
            long += jumped & (time > burn_in)
            last = last.masked_fill(jumped, time)
        if data is not None:
            now = _mode(points, data, radius)
            changes += (now >= 0) & (mode >= 0) & (now != mode) & (time > burn_in)
            mode = torch.where(now >= 0, now, mode)
        finite &= points.isfinite().all(-1).all(-1)
        before = points
    counted = 0 if before is None else time - burn_in
    if counted < 1:
        raise ValueError(f"jumps need at least one step after the burn-in of {burn_in}; got {counted + burn_in} steps")
    return Jumps(counted, long, last, None if data is None else changes, finite)


def _mode(points: Tensor, data: Tensor, radius: Tensor | None) -> Tensor:
    """The training point that each sample is at, −1 for none: (E, S)."""
    distance, index = nearest(points, data)
    there = torch.isfinite(distance) if radius is None else distance <= radius[:, None]
    return index.masked_fill(~there, -1)
