"""Basins of attraction: which attractor each start leads to, and when."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.attraction import attracting, creeping
from landscape.measures.distances import distinct
from landscape.measures.gate import gated
from landscape.measures.jacobian import spectral_radius
from landscape.measures.maps import Map, doubled, in_double, per_member, step_of
from landscape.measures.newton import jacobian_of, phases_of
from landscape.measures.unsettled import NEUTRAL, OUTSIDE, SLOW, UNSETTLED, Explained, explained

ATTRACTOR_KINDS = ("fixed point", "cycle", "invariant circle", "chaotic set")
STILL = 1e-6  # of the range: an orbit that moves less in so many iterations rests; in float32 it may wobble on for ever
EVERY = 8  # iterations between two looks at which orbits rest, which are then retired
PERIODS = 8  # the longest cycle that is looked for at every end
BACK = 1e-3  # of the range: orbits that come back so closely in so many iterations may be near a cycle
FAR = 10.0  # ranges: an orbit that is so far outside in the end is OUTSIDE
CELL = 1e-5  # of the range: ends in one cell of a grid as fine as this are at one attractor, if at any


@dataclass(frozen=True, eq=False)
class Basins:
    """Of S starts of one map: `label` (S,), a place in the lists of attractors, or UNSETTLED, OUTSIDE or SLOW.

    `rests` (S,): whether the orbit was seen to be back within 1e-6 of the range after 8 iterations, and `time` (S,) when, 8 to
    16 after it came there; T where it was not, as on cycles of 3 or 5, and when it went OUTSIDE where it did. `attractors`
    (A, D): those that most starts lead to first, in float64, each by the point that is least in a fixed direction. `kind` (A,):
    places in ATTRACTOR_KINDS. `period` (A,): 0 of circles and chaotic sets. `exponent` (A,): the largest Lyapunov exponent per
    iteration. `rotation` (A,): the turns per iteration of a circle, else NaN. `sets`: points (K, D) of each attractor, all p of
    a cycle, thousands of a circle or chaotic set.

    A SLOW start nears an attractor that is still farther than 0.01 of the range, or creeps on by tiny steps, as past a point
    that is all but fixed. A start that rests where small differences do not shrink, on a repeller or among a continuum of fixed
    points, is UNSETTLED, and so is one that moves on and is at no attractor yet."""

    label: Int[Tensor, "starts"]
    rests: Bool[Tensor, "starts"]
    time: Int[Tensor, "starts"]
    attractors: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]
    kind: Int[Tensor, "attractors"]
    exponent: Float[Tensor, "attractors"]
    rotation: Float[Tensor, "attractors"]
    sets: tuple[Float[Tensor, "_ dim"], ...]

    @property
    def shares(self) -> Float[Tensor, "attractors"]:
        """The share of the starts in each basin: (A,). What is missing to 1 is unsettled, slow or outside."""
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
    box: float | None = None,
) -> Basins:
    """Where the orbits of x ← f(x) from `starts` lead after at most T iterations, for a map of one member.

    Orbits at rest are iterated no further, and those that meet are one from then on, unless `retire` is false, which changes
    nothing but roundings and the time it takes. Orbits that leave the range are followed, for they may return; with a `box`,
    not those that are more than so many ranges outside. An attractor is a point that solves f^p(x) = x to 1e-10 and attracts,
    or a circle or chaotic set that orbits which do not settle go round in; an orbit leads to it that is within 0.01 of the
    range in the end, and nearing it. Of ends nearer to each other than 1e-5 of the range one speaks for all. Raises ValueError
    for more than one member, without a start, an iteration or a range, and for a `box` that is not positive."""
    if map.members != 1:
        raise ValueError(f"basins are those of one map; got {map.members} members, of which select one")
    if not len(starts):
        raise ValueError("basins are those of at least one start; got none")
    if iterations < 1 or not high > low:
        raise ValueError(f"basins need an iteration and `high` above `low`; got {iterations} and {low} to {high}")
    if box is not None and not box > 0:
        raise ValueError(f"`box` must be a positive number of ranges, or None to follow all orbits; got {box}")
    side, points, step = high - low, per_member(map, starts), step_of(map)
    final, time = points[0].clone(), torch.full((points.shape[1],), iterations, device=points.device)
    period = torch.zeros(points.shape[1], dtype=torch.int64, device=points.device)
    under_way, left = torch.ones_like(period, dtype=torch.bool), torch.zeros_like(period)
    active, seen = torch.arange(points.shape[1], device=points.device), points
    leader = active.clone()  # of each start, one whose orbit its own has met
    for now in range(1, iterations + 1):
        before, points = points, step(points)
        if now % EVERY and now < iterations:
            continue
        back = (points - seen).abs().amax(-1)[0] <= STILL * side  # at rest, or on a cycle whose period divides EVERY
        rests = back & ((points - before).abs().amax(-1)[0] <= STILL * side)
        away = ((points - low) / side - 0.5).abs().amax(-1)[0] - 0.5
        lost = ~(away < (torch.inf if box is None else box))
        left[active] = torch.where(away <= FAR, 0, torch.where(left[active] > 0, left[active], now))
        fresh = (back | lost) & under_way[active]
        under_way[active[fresh]], time[active[fresh]] = False, now
        period[active[fresh & rests]], period[active[fresh & lost]] = 1, OUTSIDE
        last = fresh | under_way[active]
        final[active[last]] = points[0, last]
        if retire:
            kept = ~(back | lost)
            active, points = active[kept], points[:, kept]
            if not len(active):
                break
            first, place = distinct(_hashed(points[0].contiguous().view(torch.int32)))
            leader[active] = active[first][place]
            active, points = active[first], points[:, first]
        seen = points
    period = torch.where(((final - low) / side - 0.5).abs().amax(-1) <= 0.5 + FAR, period, OUTSIDE)
    time = torch.where((period == OUTSIDE) & (left > 0), torch.minimum(left, time), time)
    late = ((period == 0) & (leader == torch.arange(len(leader), device=leader.device))).nonzero()[:, 0]
    if len(late):  # nets need not take points that are none
        period[late] = _returning(map, final[late], side)
    while not torch.equal(leader, leader[leader]):  # those that were led may have met others
        leader = leader[leader]
    label, found = _labelled(map, final[leader], period[leader], side)
    return _by_size(map, label, found, (~under_way & (period != OUTSIDE))[leader], time[leader])


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


def _labelled(map: Map, final: Tensor, period: Tensor, side: float) -> tuple[Tensor, Explained]:
    """A label for each end, and the attractors in no order."""
    coarse = torch.cat([(final / (CELL * side)).nan_to_num(0, 0, 0).round().long(), period[:, None]], 1)
    first, cell = distinct(_hashed(coarse))
    chance = torch.randperm(len(first), generator=torch.Generator().manual_seed(0)).to(first.device)  # among equals
    most = (torch.bincount(cell, minlength=len(first)) * len(final) - chance).argsort(descending=True)
    which = first[most]
    label = torch.where(period[which] == OUTSIDE, OUTSIDE, UNSETTLED)
    settled = (period[which] > 0).nonzero()[:, 0]
    ends, kinds, place = attracting(map, final[which[settled]], period[which[settled]], side)
    label[settled] = place.to(label.device)
    found = Explained(label, ends, kinds)
    open_ = (label == UNSETTLED).nonzero()[:, 0]
    if len(open_):
        left, returns = final[which[open_]], period[which[open_]]
        moves, creeps = creeping(map, left, returns, side)
        label[open_[creeps.to(label.device)]] = SLOW
        open_ = open_[((returns.to(moves.device) == 0) | (moves & ~creeps)).to(label.device)]
        exact = in_double(map)
        if len(open_):
            found = explained(exact, doubled(final[which[open_]]).to(ends.device), ends, kinds, side)
            label[open_] = found.label.to(label.device)
    of = torch.empty_like(label)
    of[most] = label
    return of[cell], found


def _by_size(map: Map, label: Tensor, found: Explained, rests: Tensor, time: Tensor) -> Basins:
    """The attractors that most starts lead to first, and none to which no start does."""
    exact, device = in_double(map), found.points.device
    sets, exponents = [], []
    for point, period in zip(found.points, found.period.tolist(), strict=True):
        sets.append(phases_of(exact, point[None], period - 1)[:, 0])
        exponents.append(spectral_radius(jacobian_of(exact, point[None], period)[None])[0, 0].log() / period)
    direction = 1 + torch.rand(map.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    points = list(found.points)
    for one in found.sets:
        sets.append(torch.from_numpy(one.points).to(device))
        points.append(sets[-1][(sets[-1] @ direction.to(device)).argmin()])
    of_sets = torch.tensor([(one.exponent, one.rotation) for one in found.sets], dtype=torch.float64, device=device)
    exponent = torch.stack([*exponents, *of_sets.view(-1, 2)[:, 0]]) if len(points) else found.points.new_zeros(0)
    period = torch.cat([found.period, found.period.new_zeros(len(found.sets))])
    rotation = torch.cat([found.points.new_full((len(found.points),), torch.nan), of_sets.view(-1, 2)[:, 1]])
    kind = torch.where(period > 1, 1, torch.where(period == 1, 0, torch.where(exponent > NEUTRAL, 3, 2)))
    counts = torch.bincount(label[label >= 0], minlength=len(period))
    order = counts.argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    label = torch.where(label >= 0, rank[label.clamp_min(0)] if len(rank) else label, label)
    order = order[counts[order] > 0].to(device)
    listed = torch.stack([*points, *found.points.new_zeros(1, map.dim)])[:-1]
    return Basins(
        label, rests, time, listed[order], period[order], kind[order], exponent[order], rotation[order],
        tuple(sets[place] for place in order.tolist()),
    )  # fmt: skip


def _hashed(rows: Int[Tensor, "rows columns"]) -> Int[Tensor, "rows"]:
    """A number for each row, as rows are slow to tell apart: two share theirs by chance 1 time in 2^64."""
    draw, found = torch.Generator().manual_seed(0), torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    for column in rows.T:
        found += column * torch.randint(-(2**62), 2**62, (1,), generator=draw).to(rows.device)
    return found
