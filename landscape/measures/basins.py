"""Basins of attraction: which attractor each start leads to, and when."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.distances import distinct, joined
from landscape.measures.maps import Map, blockwise, in_double, numbers_at_work, per_member
from landscape.measures.newton import least_phase

UNSETTLED, OUTSIDE = -1, -2  # labels of starts that lead to no attractor in time, and far out of the range
SAME = 1e-3  # of the range: nearer ends are one attractor
STILL = 1e-6  # of the range: an orbit that moves less in so many iterations rests; in float32 it may wobble on for ever
EVERY = 8  # iterations between two looks at which orbits rest, which are then retired
PERIODS = 8  # the longest cycle that is looked for
RETURNS = 3  # of an orbit that must get shorter and shorter, to be near a cycle
FAR = 10.0  # ranges: an orbit so far outside is not followed
MOST = 4096  # different ends, above which they are a continuum
PUSHED = 1e-6  # of the range: how far an end is pushed to see whether it attracts
FOLLOWED = 64  # iterations that pushes are followed for
SHRUNK = 0.999  # a push must be less in the end than this share of what it was half-way; the identity keeps all of it
GONE = 1e-3  # of a push: what is left is rounding


@dataclass(frozen=True, eq=False)
class Basins:
    """Of S starts of one map: `label` (S,), a place in the lists of attractors, or UNSETTLED or OUTSIDE, and `time` (S,), the
    iteration at which the orbit was seen at rest, 8 to 16 after it came there; T where it was not, as on cycles of 3 or 5.

    `attractors` (A, D): those that most starts lead to first, of a cycle the point that is least in a fixed direction; `period`
    (A,). A start that rests where small differences do not shrink, on a repeller or among a continuum of fixed points, is
    UNSETTLED: it is at no attractor."""

    label: Int[Tensor, "starts"]
    time: Int[Tensor, "starts"]
    attractors: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]

    @property
    def shares(self) -> Float[Tensor, "attractors"]:
        """The share of the starts in each basin: (A,). What is missing to 1 is unsettled or outside."""
        counts = torch.bincount(self.label[self.label >= 0], minlength=len(self.attractors))
        return counts.double() / len(self.label)


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
    nothing but roundings and the time it takes. Ends nearer than 0.001 of the range are one attractor. Raises ValueError for
    more than one member."""
    if map.members != 1:
        raise ValueError(f"basins are those of one map; got {map.members} members, of which select one")
    side, points = high - low, per_member(map, starts)
    final, time = points[0].clone(), torch.full((points.shape[1],), iterations, device=points.device)
    period = torch.zeros(points.shape[1], dtype=torch.int64, device=points.device)
    under_way = torch.ones_like(period, dtype=torch.bool)
    active, seen = torch.arange(points.shape[1], device=points.device), points
    leader = active.clone()  # of each start, one whose orbit its own has met
    for now in range(1, iterations + 1):
        before, points = points, blockwise(_apply, map, points, numbers_at_work(map))
        if now % EVERY and now < iterations:
            continue
        back = (points - seen).abs().amax(-1)[0] <= STILL * side  # at rest, or on a cycle whose period divides EVERY
        rests = back & ((points - before).abs().amax(-1)[0] <= STILL * side)
        gone = ~(((points - low) / side - 0.5).abs().amax(-1) <= 0.5 + FAR)[0]
        fresh = (back | gone) & under_way[active]
        under_way[active[fresh]], time[active[fresh]] = False, now
        period[active[fresh & rests]], period[active[fresh & gone]] = 1, OUTSIDE
        final[active] = points[0]
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
    final[late], period[late] = _cycles(map, final[late], side)
    while not torch.equal(leader, leader[leader]):  # those that were led may have met others
        leader = leader[leader]
    return _attracting(map, _labelled(final[leader], period[leader], time[leader], side), side)


def _attracting(map: Map, found: Basins, side: float) -> Basins:
    """The same without the ends that attract nothing: a push in some direction goes on without shrinking."""
    count, dim = found.attractors.shape
    if not count:
        return found
    exact = in_double(map)
    drawn = torch.randn(2 + dim, dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pushes = (PUSHED * side * drawn / drawn.norm(dim=1, keepdim=True)).to(exact.device)
    ends = found.attractors.to(exact.device, torch.float64)
    points = torch.cat([ends, (ends[:, None] + pushes).reshape(-1, dim)])[None]
    lengths = []
    for now in range(1, FOLLOWED + 1):
        points = blockwise(_apply, exact, points, numbers_at_work(map))
        if now in (FOLLOWED // 2, FOLLOWED):
            lengths.append((points[0, count:].view(count, -1, dim) - points[0, :count, None]).norm(dim=-1))
    shrinks = (lengths[1] < SHRUNK * lengths[0]) | (lengths[1] < GONE * PUSHED * side)
    attracts = shrinks.all(1).to(found.label.device)
    place = torch.where(attracts, attracts.cumsum(0) - 1, UNSETTLED)
    label = torch.where(found.label >= 0, place[found.label.clamp_min(0)], found.label)
    return Basins(label, found.time, found.attractors[attracts], found.period[attracts])


def _cycles(map: Map, points: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """Orbits near a cycle, at the phase that stands for it, and its period; 1 for those at rest, 0 for those near none, as yet.

    An orbit is near where its returns get shorter so fast that all those to come add up to no more than `SAME`: a chaotic orbit
    that returns once is driven away. One that drifts on slowly may near a fixed point or pass the ghost of one."""
    exact = in_double(map)
    phases = [points.to(exact.device, torch.float64)]  # rounding makes orbits wobble where the map hardly contracts
    for _ in range(RETURNS * PERIODS):
        phases.append(blockwise(_apply, exact, phases[-1][None], numbers_at_work(map))[0])
    period = torch.zeros(len(points), dtype=torch.int64, device=exact.device)
    wide = torch.stack([_apart(phase, phases[0]) for phase in phases[1 : PERIODS + 1]]).amax(0) > SAME * side
    for length in range(PERIODS, 1, -1):
        jumps = [_apart(phases[length * (k + 1)], phases[length * k]) for k in range(RETURNS)]
        nearing = (jumps[2] <= jumps[1]) & (jumps[0].square() <= SAME * side * (jumps[0] - jumps[1]))
        period = torch.where(wide & (nearing | (torch.stack(jumps).amax(0) <= STILL * side)), length, period)
    period[~wide & (_apart(phases[-1], phases[-1 - EVERY]) <= STILL * side)] = 1
    orbit = torch.stack(phases[: PERIODS + 1])
    beyond = torch.arange(len(orbit), device=exact.device)[:, None] >= period.clamp_min(1)
    phase = least_phase(orbit.masked_fill(beyond[..., None], torch.inf))
    return orbit[phase, torch.arange(len(points), device=exact.device)].to(points), period.to(points.device)


def _labelled(final: Tensor, period: Tensor, time: Tensor, side: float) -> Basins:
    """The different ends among the settled orbits, those of most starts first."""
    label = torch.where(period == OUTSIDE, OUTSIDE, UNSETTLED)
    settled = (period > 0).nonzero()[:, 0]
    coarse = torch.cat([(final[settled] / (SAME * side)).round().long(), period[settled, None]], 1)
    first, cell = distinct(_hashed(coarse))
    if not len(first) or len(first) > MOST:  # a continuum of ends is no attractor
        return Basins(label, time, final[:0], period[:0])
    ends, kinds = final[settled[first]], period[settled[first]]
    names = torch.from_numpy(joined(ends, kinds, SAME * side * ends.shape[1] ** 0.5)).to(cell.device)
    counts = torch.bincount(names[cell])
    order = counts.argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    label[settled] = rank[names[cell]]
    chosen, _ = distinct(rank[names])
    return Basins(label, time, ends[chosen], kinds[chosen])


def _hashed(rows: Int[Tensor, "rows columns"]) -> Int[Tensor, "rows"]:
    """A number for each row, as rows are slow to tell apart: two share theirs by chance 1 time in 2^64."""
    draw, found = torch.Generator().manual_seed(0), torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    for column in rows.T:
        found += column * torch.randint(-(2**62), 2**62, (1,), generator=draw).to(rows.device)
    return found


def _apart(points: Tensor, others: Tensor) -> Tensor:
    return (points - others).abs().amax(-1)


def _apply(map: Map, points: Tensor) -> Tensor:
    return map(points)
