"""The attractors of any map, by one of two methods."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from landscape.measures.dynamics.attractor_lists import OUTSIDE, UNSETTLED, Attractors
from landscape.measures.dynamics.basin_membership import OUTSIDE_RANGES, basins, check_orbits, ranges_outside
from landscape.measures.dynamics.newton import phases_of
from landscape.measures.dynamics.orbit_ends import ATTRACTS, DistinctEnds, Ends, distinct_ends, ends
from landscape.measures.gate import gated
from landscape.measures.maps import Map, doubled, per_member
from landscape.names import unknown

WAYS = ("newton", "proximity")


@gated("starts")
@torch.no_grad()
def find_attractors(
    model: Map,
    starts: Tensor,
    iterations: int = 1000,
    *,
    by: str = "newton",
    low: float = 0.0,
    high: float = 1.0,
    generator: torch.Generator | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Attractors:
    """The attractors that orbits x ← f(x) from `starts`, (S, D) or (E, S, D), lead to within T `iterations`.

    - `by` 'newton' (see `basins`): solutions of f^p(x) = x to 1e-10 of the range, with ρ(J) < 1; longer cycles, invariant
      circles and chaotic sets too. Up to D = 128 it needs D × D Jacobians in float64, above only products with them.
    - `by` 'proximity' (see `distinct_ends`): places where orbits come to rest, or return within 8 iterations, to 1e-4 of the
      range, and where small differences shrink below 0.999 per iteration. It needs only values and Jacobian–vector products:
      for images, where D is large. An orbit that creeps slower than 1e-4 per iteration counts as at rest.

    Both list the attractors in float64. They agree on fixed points and cycles of up to 8 whose orbits have converged and whose
    growth is below 0.999. Only 'newton' finds weaker attractors, longer cycles, circles and chaotic sets, separates SLOW from
    UNSETTLED starts, and says when a start was OUTSIDE for good. The `generator` draws the tangent vectors of 'proximity'; by
    default it is seeded with 0. `progress(done, total)` tells how far the work has come.

    Raises ValueError for another method, no start, no iteration or an empty range."""
    if by == "newton":
        return basins(model, starts, iterations, low=low, high=high, progress=progress)
    if by != "proximity":
        raise ValueError(unknown("by", by, WAYS))
    check_orbits(per_member(model, starts).shape[1], iterations, low, high)
    found = ends(model, starts, iterations, low=low, high=high)
    if progress is not None:
        progress(1, 2)
    drawn = torch.Generator().manual_seed(0) if generator is None else generator
    listed = distinct_ends(model, found, generator=drawn, low=low, high=high)
    if progress is not None:
        progress(2, 2)
    return _attracting(model, found, listed, iterations, low, high)


def _attracting(model: Map, found: Ends, listed: DistinctEnds, iterations: int, low: float, high: float) -> Attractors:
    """Those of the ends that attract; orbits that end elsewhere are UNSETTLED, or OUTSIDE."""
    outside = ~(ranges_outside(found.points, low, high - low) <= OUTSIDE_RANGES).cpu()  # NaN is outside, too
    inside = torch.zeros(len(listed.points) + 1, dtype=torch.bool)
    inside[listed.of[~outside]] = True  # the last, at −1, is of orbits without an end
    attracts = (listed.growth.cpu() < ATTRACTS) & inside[:-1]
    rows = attracts.nonzero()[:, 0]
    member, period = listed.member[rows], listed.period.cpu()[rows]
    place = torch.cat([torch.where(attracts, attracts.cumsum(0) - 1, UNSETTLED), torch.tensor([UNSETTLED])])
    label = torch.where(outside, OUTSIDE, place[listed.of])
    points = doubled(listed.points[rows.to(listed.points.device)])
    device, home = found.points.device, points.device
    sets = [
        doubled(phases_of(model.select(slice(e, e + 1)), listed.points[row][None], p - 1)[:, 0])
        for row, e, p in zip(rows.tolist(), member.tolist(), period.tolist(), strict=True)
    ]
    return Attractors(
        member=member.to(home),
        points=points,
        kind=(period > 1).long().to(home),
        period=period.to(home),
        exponent=doubled(listed.growth[rows.to(device)]).log(),
        rotation=torch.full((len(rows),), torch.nan, dtype=torch.float64, device=home),
        sets=tuple(sets),
        label=label.to(device),
        rests=(found.period > 0) & ~outside.to(device),
        time=torch.full_like(found.period, iterations),
    )
