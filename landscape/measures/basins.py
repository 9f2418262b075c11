"""Basins of attraction: which attractor each start leads to, and when."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.attraction import attracting
from landscape.measures.distances import distinct
from landscape.measures.gate import gated
from landscape.measures.maps import Map, doubled, in_double, per_member, step_of

UNSETTLED, OUTSIDE = -1, -2  # labels of starts that lead to no attractor in time, and far out of the range
STILL = 1e-6  # of the range: an orbit that moves less in so many iterations rests; in float32 it may wobble on for ever
EVERY = 8  # iterations between two looks at which orbits rest, which are then retired
PERIODS = 8  # the longest cycle that is looked for
BACK = 1e-3  # of the range: orbits that come back so closely in so many iterations may be near a cycle
FAR = 10.0  # ranges: an orbit so far outside is not followed
CELL = 1e-5  # of the range: ends in one cell of a grid as fine as this are at one attractor, if at any


@dataclass(frozen=True, eq=False)
class Basins:
    """Of S starts of one map: `label` (S,), a place in the lists of attractors, or UNSETTLED or OUTSIDE.

    `rests` (S,): whether the orbit was seen to be back within 1e-6 of the range after 8 iterations, and `time` (S,) when, 8 to
    16 after it came there; T where it was not, as on cycles of 3 or 5, and when it went OUTSIDE where it did. `attractors`
    (A, D): those that most starts lead to first, in float64, of a cycle the point that is least in a fixed direction;
    `period` (A,). A start that rests where small differences do not shrink, on or just beside a repeller or among a continuum
    of fixed points, is UNSETTLED: it is at no attractor."""

    label: Int[Tensor, "starts"]
    rests: Bool[Tensor, "starts"]
    time: Int[Tensor, "starts"]
    attractors: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]

    @property
    def shares(self) -> Float[Tensor, "attractors"]:
        """The share of the starts in each basin: (A,). What is missing to 1 is unsettled or outside."""
        counts = torch.bincount(self.label[self.label >= 0], minlength=len(self.attractors))
        return counts.double() / len(self.label)


@gated("starts")
@torch.no_grad()
def basins(
    map: Map,
    starts: Float[Tensor, "starts dim"],
    iterations: int,
    *,
    low: float = 0.0,
    high: float = 1.0,
    retire: bool = True,
) -> Basins:
    """Where the orbits of x ← f(x) from `starts` lead after at most T iterations, for a map of one member.

    Orbits at rest are iterated no further, and those that meet are one from then on, unless `retire` is false, which changes
    nothing but roundings and the time it takes. An attractor solves f^p(x) = x to 1e-10 and attracts; an orbit leads to it
    that is within 0.01 of the range in the end, and nearing it. Of ends nearer to each other than 1e-5 of the range one speaks
    for all. Raises ValueError for more than one member, without a start, an iteration or a range."""
    if map.members != 1:
        raise ValueError(f"basins are those of one map; got {map.members} members, of which select one")
    if not len(starts):
        raise ValueError("basins are those of at least one start; got none")
    if iterations < 1 or not high > low:
        raise ValueError(f"basins need an iteration and `high` above `low`; got {iterations} and {low} to {high}")
    side, points, step = high - low, per_member(map, starts), step_of(map)
    final, time = points[0].clone(), torch.full((points.shape[1],), iterations, device=points.device)
    period = torch.zeros(points.shape[1], dtype=torch.int64, device=points.device)
    under_way = torch.ones_like(period, dtype=torch.bool)
    active, seen = torch.arange(points.shape[1], device=points.device), points
    leader = active.clone()  # of each start, one whose orbit its own has met
    for now in range(1, iterations + 1):
        before, points = points, step(points)
        if now % EVERY and now < iterations:
            continue
        back = (points - seen).abs().amax(-1)[0] <= STILL * side  # at rest, or on a cycle whose period divides EVERY
        rests = back & ((points - before).abs().amax(-1)[0] <= STILL * side)
        gone = ~(((points - low) / side - 0.5).abs().amax(-1) <= 0.5 + FAR)[0]
        fresh = (back | gone) & under_way[active]
        under_way[active[fresh]], time[active[fresh]] = False, now
        period[active[fresh & rests]], period[active[fresh & gone]] = 1, OUTSIDE
        last = fresh | under_way[active]
        final[active[last]] = points[0, last]
        if retire:
            kept = ~(back | gone)
            active, points = active[kept], points[:, kept]
            if not len(active):
                break
            first, place = distinct(_hashed(points[0].contiguous().view(torch.int32)))
            leader[active] = active[first][place]
            active, points = active[first], points[:, first]
        seen = points
    late = ((period == 0) & (leader == torch.arange(len(leader), device=leader.device))).nonzero()[:, 0]
    if len(late):  # nets need not take points that are none
        period[late] = _returning(map, final[late], side)
    while not torch.equal(leader, leader[leader]):  # those that were led may have met others
        leader = leader[leader]
    label, attractors, kinds = _labelled(map, final[leader], period[leader], side)
    return Basins(label, (~under_way & (period != OUTSIDE))[leader], time[leader], attractors, kinds)


def _returning(map: Map, points: Tensor, side: float) -> Tensor:
    """After how many iterations each orbit comes back most closely; 0 where it does not."""
    exact = in_double(map)  # rounding makes orbits wobble where the map hardly contracts
    step, begun = step_of(exact), doubled(points).to(exact.device)[None]
    now = begun
    least = torch.full((len(points),), BACK * side, dtype=torch.float64, device=exact.device)
    period = torch.zeros(len(points), dtype=torch.int64, device=exact.device)
    for length in range(1, PERIODS + 1):
        now = step(now)
        apart = (now - begun).abs().amax(-1)[0]
        period[apart < least] = length
        least = torch.minimum(least, apart)
    return period.to(points.device)


def _labelled(map: Map, final: Tensor, period: Tensor, side: float) -> tuple[Tensor, Tensor, Tensor]:
    """The different attractors that orbits end at, those of most starts first."""
    label = torch.where(period == OUTSIDE, OUTSIDE, UNSETTLED)
    settled = (period > 0).nonzero()[:, 0]
    coarse = torch.cat([(final[settled] / (CELL * side)).round().long(), period[settled, None]], 1)
    first, cell = distinct(_hashed(coarse))
    chance = torch.randperm(len(first), generator=torch.Generator().manual_seed(0)).to(first.device)  # among equals
    most = (torch.bincount(cell, minlength=len(first)) * len(label) - chance).argsort(descending=True)
    which = settled[first[most]]
    attractors, kinds, place = attracting(map, final[which], period[which], side)
    of = torch.empty_like(most)
    of[most] = place.to(of.device)
    label[settled] = of[cell]
    order = torch.bincount(label[label >= 0], minlength=len(attractors)).argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    label = torch.where(label >= 0, rank[label.clamp_min(0)] if len(rank) else label, label)
    order = order.to(attractors.device)
    return label, attractors[order], kinds[order]


def _hashed(rows: Int[Tensor, "rows columns"]) -> Int[Tensor, "rows"]:
    """A number for each row, as rows are slow to tell apart: two share theirs by chance 1 time in 2^64."""
    draw, found = torch.Generator().manual_seed(0), torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    for column in rows.T:
        found += column * torch.randint(-(2**62), 2**62, (1,), generator=draw).to(rows.device)
    return found
