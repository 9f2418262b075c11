"""Where orbits end: at fixed points, on cycles or nowhere yet; which ends are one attractor, and how strongly it attracts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.dynamics.iteration import iterate
from landscape.measures.gate import gated
from landscape.measures.local.tangents import growth
from landscape.measures.maps import Map, per_member
from landscape.measures.neighbours.distances import joined, nearest

PERIODS = 8  # the longest cycle that is looked for
RETURNED = 1e-4  # of the range, root mean square over coordinates: an orbit that comes back so closely has returned
ONE = 0.01  # of the range, root mean square: nearer ends are one attractor
ATTRACTS = 0.999  # growth of differences below which an end is an attractor; the identity has 1 everywhere
MEASURED = 32  # attractors per member whose growth is measured, those that most orbits end at


@dataclass(frozen=True, eq=False)
class Ends:
    """Where S orbits are after T iterations: `points` (E, S, D), for cycles the phase of least sum of coordinates.

    `period` (E, S): 1 at a fixed point, p on a cycle of p ≤ 8, 0 on neither. A drift below 1e-4 of the range an iteration
    counts as rest. `moved` (E, S): from the start, root mean square as a share of the range: 0 for the identity."""

    points: Float[Tensor, "members starts dim"]
    period: Int[Tensor, "members starts"]
    moved: Float[Tensor, "members starts"]


@dataclass(frozen=True, eq=False)
class Attractors:
    """The different ends of orbits at rest or on cycles, all members' one after another: (A,) each, `points` (A, D).

    `member`; `visits`: how many orbits end there; `period`; `distance` to the `nearest` training point; `growth` of small
    differences per iteration, ρ(J) of a fixed point, NaN past the 32 most visited of a member. `of` (E, S): each orbit's place
    in these lists, −1 of those that end at none."""

    member: Int[Tensor, "ends"]
    points: Float[Tensor, "ends dim"]
    visits: Int[Tensor, "ends"]
    period: Int[Tensor, "ends"]
    distance: Float[Tensor, "ends"]
    nearest: Int[Tensor, "ends"]
    growth: Float[Tensor, "ends"]
    of: Int[Tensor, "members starts"]


@gated("starts")
@torch.no_grad()
def ends(
    model: Map, starts: Tensor, iterations: int, *, low: float = 0.0, high: float = 1.0, periods: int = PERIODS
) -> Ends:
    """Where orbits from `starts`, (S, D) or (E, S, D), are after T iterations of x ← f(x), and whether they rest there."""
    begun = per_member(model, starts)
    *_, points = iterate(model, begun, iterations)
    side, period = high - low, torch.zeros(points.shape[:2], dtype=torch.int64, device=points.device)
    later = list(iterate(model, points, periods))
    for time, again in enumerate(later[1:], 1):
        back = _apart(again, points, side) <= RETURNED
        period = torch.where((period == 0) & back, time, period)
    phases = torch.stack(later)  # (periods + 1, E, S, D)
    sums = phases.sum(-1)
    beyond = torch.arange(len(later), device=points.device)[:, None, None] >= period.clamp_min(1)
    phase = sums.masked_fill(beyond, torch.inf).argmin(0)
    chosen = phases.gather(0, phase[None, ..., None].expand(1, *points.shape))[0]
    return Ends(chosen, period, _apart(points, begun, side))


@gated("data")
@torch.no_grad()
def attractors(
    model: Map,
    found: Ends,
    data: Float[Tensor, "members data dim"],
    generator: torch.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
    measured: int = MEASURED,
) -> Attractors:
    """The different ends of orbits that rest or cycle, each with its visits, nearest training point and growth: (A,) each.

    Ends of one period are one where they are nearer than 0.01 of the range in the root mean square, or joined by others that
    are. A continuum of fixed points, as the identity has, so gives as many ends as there are starts: their growth is 1."""
    radius = ONE * (high - low) * data.shape[-1] ** 0.5
    of = torch.full(found.period.shape, -1, dtype=torch.int64)
    rows: list[tuple[int, int, int]] = []  # member, an orbit that ends there, visits
    for e in range(len(found.period)):
        resting = found.period[e].nonzero()[:, 0]
        labels = joined(found.points[e, resting], found.period[e, resting], radius)
        visits = np.bincount(labels)
        order = np.argsort(-visits, kind="stable")
        first = {int(label): place for place, label in reversed(list(enumerate(labels)))}
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        of[e, resting.cpu()] = torch.from_numpy(len(rows) + rank[labels]) if len(labels) else of[e, resting.cpu()]
        rows += [(e, int(resting[first[int(label)]]), int(visits[label])) for label in order]
    member, orbit, count = (torch.tensor([row[k] for row in rows], dtype=torch.int64) for k in range(3))
    here = member.to(found.points.device), orbit.to(found.points.device)
    apart, index = nearest(found.points.nan_to_num(), data)
    return Attractors(
        member,
        found.points[here],
        count,
        found.period[here],
        apart[here],
        index[here],
        _growths(model, found.points[here], member, measured, generator),
        of,
    )


def _growths(model: Map, points: Tensor, member: Tensor, measured: int, generator: torch.Generator) -> Tensor:
    """Growth at the first few ends of each member, which are padded to one number: (A,)."""
    grown = torch.full((len(points),), torch.nan, dtype=points.dtype, device=points.device)
    counts = torch.bincount(member, minlength=model.members)
    most = min(int(counts.max()), measured) if len(points) else 0
    if not most:
        return grown
    starts = counts.cumsum(0) - counts
    places = starts[:, None] + torch.minimum(torch.arange(most), (counts - 1).clamp_min(0)[:, None])
    real = torch.arange(most) < counts[:, None]
    found = growth(model, points[places.clamp_max(len(points) - 1).to(points.device)], generator=generator)
    grown[places[real].to(points.device)] = found[real.to(points.device)]
    return grown


def _apart(points: Tensor, others: Tensor, side: float) -> Tensor:
    """Root mean square over coordinates as a share of the range: (E, S)."""
    return (points - others).square().mean(-1).sqrt() / side
