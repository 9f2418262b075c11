"""Basins of attraction: which attractor each start leads to, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.dynamics.attraction import attracting, creeping
from landscape.measures.dynamics.attractor_lists import OUTSIDE, SLOW, UNSETTLED, Attractors, one_list
from landscape.measures.dynamics.newton import phases_of, radius_of
from landscape.measures.dynamics.recurrent import NEUTRAL_EXPONENT
from landscape.measures.dynamics.unsettled import destinations
from landscape.measures.dynamics.watching import Destinations
from landscape.measures.gate import gated
from landscape.measures.local.spectrum import MOST_FULL_DIM
from landscape.measures.maps import Map, doubled, in_double, per_member, step_of
from landscape.measures.neighbours.distances import distinct, hashed

# Distances are shares of the range.
RESTING_MOVE = 1e-6  # an orbit that moves less rests; in float32 it may go on with wobbles of this size for ever
LOOK_EVERY = 8  # iterations: resting orbits are looked for, and retired, this often
PERIODS = 8  # the longest cycle that is looked for at every end
CYCLE_CANDIDATE_DISTANCE = 1e-3  # an orbit that returns this closely within PERIODS iterations may be near a cycle
OUTSIDE_RANGES = 10.0  # ranges: an orbit that ends farther outside is OUTSIDE
CELL_SIDE = 1e-5  # ends in the same cell of a grid this fine get the same label


@gated("starts")
@torch.no_grad()
def basins(
    model: Map,
    starts: Tensor,
    iterations: int,
    *,
    low: float = 0.0,
    high: float = 1.0,
    retire: bool = True,
    box: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Attractors:
    """The attractor to which each orbit x ← f(x) from `starts`, (S, D) or (E, S, D), leads in at most T `iterations`.

    For each member:
    1. Orbits are iterated until they rest. Orbits that meet in the same point are iterated as one.
    2. Ends within the same cell of 1e-5 of the range are examined once.
    3. Ends that rest or nearly return are examined for fixed points and cycles of up to 8 by Newton's method. Such an
       attractor solves f^p(x) = x to 1e-10 of the range and attracts; the end is within 0.01 of the range of it and approaches.
    4. Ends that still move are examined for longer cycles, invariant circles and chaotic sets, by watching some of them.

    `low` and `high` are the range. Orbits that leave it are followed, as they may return, unless a `box` is given: then those
    more than `box` ranges outside are given up. `retire=False` iterates every orbit to the end, for the same result up to
    rounding. `progress(done, total)` is called every 8 iterations of step 1 and during steps 3 and 4, each of which counts
    as half of the iterations. Raises ValueError for no start, no iteration, an empty range or a `box` that is not positive."""
    begun = per_member(model, starts)
    check_orbits(begun.shape[1], iterations, low, high)
    if box is not None and not box > 0:
        raise ValueError(f"`box` must be a positive number of ranges, or None to follow all orbits; got {box}")
    parts = []
    for member in range(model.members):
        one, side = model.select(slice(member, member + 1)), high - low

        def tell(done: float, member: int = member) -> None:  # the share of this member's work
            if progress is not None:
                progress(round(2 * iterations * (member + done)), 2 * iterations * model.members)

        orbits = _followed(one, begun[member : member + 1], iterations, low, side, retire, box, tell)
        label, found = _labelled(one, orbits.final, orbits.period, side, tell)
        tell(1.0)
        parts.append(_by_size(one, label, found, orbits.rests, orbits.time))
    return one_list(parts)


def ranges_outside(points: Float[Tensor, "*points dim"], low: float, side: float) -> Float[Tensor, "*points"]:
    """How far points are outside the range of length `side` from `low`, in ranges; negative inside, NaN for NaN."""
    away: Tensor = ((points - low) / side - 0.5).abs().amax(-1) - 0.5
    return away


def check_orbits(starts: int, iterations: int, low: float, high: float) -> None:
    """Raise ValueError where there is no start, no iteration or no range to look for attractors with."""
    if not starts:
        raise ValueError("attractors need at least one start; got none")
    if iterations < 1 or not high > low:
        raise ValueError(
            f"attractors need at least 1 iteration and `high` above `low`; got {iterations} iterations, and {low} to {high}"
        )


@dataclass(frozen=True, eq=False)
class _Ends:
    """The ends of S orbits: points `final` (S, D), and `period`, `rests` and `time` (S,), the last two as in Attractors.

    The period is that of the nearest return within PERIODS iterations, 0 where no return is near, or OUTSIDE."""

    final: Tensor
    period: Tensor
    rests: Tensor
    time: Tensor


def _followed(
    model: Map,
    points: Tensor,
    iterations: int,
    low: float,
    side: float,
    retire: bool,
    box: float | None,
    tell: Callable[[float], None],
) -> _Ends:
    """The ends of the orbits from `points` (1, S, D).

    Every 8 iterations:
    1. Orbits that rest, or that have left the `box`, are noted with their time, and are iterated no further.
    2. Of several orbits that have met in the same point, only the first is iterated further; it leads the others.
    At the end, orbits far outside are OUTSIDE. For those that still move, the nearest return is looked for."""
    orbits, step, seen = _Orbits.begun(points[0], iterations, low, side), step_of(model), points
    for now in range(1, iterations + 1):
        before, points = points, step(points)
        if now % LOOK_EVERY and now < iterations:
            continue
        tell(now / iterations / 2)
        done = orbits.look(points[0], before[0], seen[0], now, torch.inf if box is None else box)
        if retire:
            points = points[:, orbits.retire(points[0], done)]
            if not points.shape[1]:
                break
        seen = points
    return orbits.ends(model)


@dataclass(eq=False)
class _Orbits:
    """S orbits that are iterated, of which those in `active` still are. (S,) each, `final` (S, D).

    `final`: the last point that was noted. `leader`: the orbit that each one has met, or itself. `left`: the iteration from
    which it has stayed outside, 0 if it is inside."""

    low: float
    side: float
    final: Tensor
    time: Tensor
    period: Tensor
    under_way: Tensor
    left: Tensor
    active: Tensor
    leader: Tensor

    @classmethod
    def begun(cls, points: Tensor, iterations: int, low: float, side: float) -> _Orbits:
        """Orbits that begin at points (S, D)."""
        every = torch.arange(len(points), device=points.device)
        none = torch.zeros_like(every)
        return cls(
            low, side, points.clone(), torch.full_like(every, iterations), none, torch.ones_like(every, dtype=torch.bool),
            none.clone(), every, every.clone(),
        )  # fmt: skip

    def look(self, points: Tensor, before: Tensor, seen: Tensor, now: int, box: float) -> Tensor:
        """Note which active orbits have come back or left the box, and return which have: (A,).

        `points` are those of the active orbits at iteration `now`, `before` one iteration and `seen` 8 iterations earlier."""
        active = self.active
        back = (points - seen).abs().amax(-1) <= RESTING_MOVE * self.side  # at rest, or the period divides LOOK_EVERY
        rests = back & ((points - before).abs().amax(-1) <= RESTING_MOVE * self.side)
        away = ranges_outside(points, self.low, self.side)
        lost = ~(away < box)
        self.left[active] = torch.where(
            away <= OUTSIDE_RANGES, 0, torch.where(self.left[active] > 0, self.left[active], now)
        )
        fresh = (back | lost) & self.under_way[active]
        self.under_way[active[fresh]], self.time[active[fresh]] = False, now
        self.period[active[fresh & rests]], self.period[active[fresh & lost]] = 1, OUTSIDE
        last = fresh | self.under_way[active]
        self.final[active[last]] = points[last]
        return back | lost

    def retire(self, points: Tensor, done: Tensor) -> Tensor:
        """Stop iterating the orbits that are `done`, and all but the first of the orbits that are at the same point.

        Returns which of the active orbits go on, as indices."""
        kept = (~done).nonzero()[:, 0]
        self.active = self.active[kept]
        if not len(kept):
            return kept
        first, place = distinct(hashed(points[kept].contiguous().view(torch.int32)))
        self.leader[self.active] = self.active[first][place]
        self.active = self.active[first]
        return kept[first]

    def ends(self, model: Map) -> _Ends:
        """The ends of all orbits, those of a leader for the orbits that have met it."""
        leader = self.leader
        period = torch.where(ranges_outside(self.final, self.low, self.side) <= OUTSIDE_RANGES, self.period, OUTSIDE)
        gone = (period == OUTSIDE) & (self.left > 0)
        time = torch.where(gone, torch.minimum(self.left, self.time), self.time)
        late = ((period == 0) & (leader == torch.arange(len(leader), device=leader.device))).nonzero()[:, 0]
        if len(late):  # nets need not accept an empty set of points
            period[late] = _returning(model, self.final[late], self.side)
        while not torch.equal(leader, leader[leader]):  # a leader may have met another orbit later
            leader = leader[leader]
        rests = (~self.under_way & (period != OUTSIDE))[leader]
        return _Ends(self.final[leader], period[leader], rests, time[leader])


def _returning(model: Map, points: Tensor, side: float) -> Tensor:
    """After how many iterations, up to 8, each orbit returns most closely; 0 where no return is near."""
    exact = in_double(model)  # rounding makes orbits wobble where the map hardly contracts
    step, begun = step_of(exact), doubled(points).to(exact.device)[None]
    now = begun
    least = torch.full((len(points),), CYCLE_CANDIDATE_DISTANCE * side, dtype=torch.float64, device=exact.device)
    period = torch.zeros(len(points), dtype=torch.int64, device=exact.device)
    for length in range(1, PERIODS + 1):
        now = step(now)
        apart = (now - begun).abs().amax(-1)[0]
        period[apart < least] = length
        least = torch.minimum(least, apart)
    return period.to(points.device)


def _labelled(
    model: Map, final: Tensor, period: Tensor, side: float, tell: Callable[[float], None]
) -> tuple[Tensor, Destinations]:
    """The label of each end, and the attractors, in no particular order."""
    coarse = torch.cat([(final / (CELL_SIDE * side)).nan_to_num(0, 0, 0).round().long(), period[:, None]], 1)
    first, cell = distinct(hashed(coarse))
    chance = torch.randperm(len(first), generator=torch.Generator().manual_seed(0)).to(first.device)  # among equals
    most = (torch.bincount(cell, minlength=len(first)) * len(final) - chance).argsort(descending=True)
    which = first[most]
    label = torch.where(period[which] == OUTSIDE, OUTSIDE, UNSETTLED)
    settled = (period[which] > 0).nonzero()[:, 0]
    ends, kinds, place, radius = attracting(
        model, final[which[settled]], period[which[settled]], side, lambda share: tell(0.5 + share / 4)
    )
    label[settled] = place.to(label.device)
    tell(0.75)
    found = Destinations(label, ends, kinds, radius)
    open_ = (label == UNSETTLED).nonzero()[:, 0]
    if len(open_):
        left, returns = final[which[open_]], period[which[open_]]
        moves, creeps = creeping(model, left, returns, side)
        label[open_[creeps.to(label.device)]] = SLOW
        open_ = open_[((returns.to(moves.device) == 0) | (moves & ~creeps)).to(label.device)]
        exact = in_double(model)
        if len(open_):
            left = doubled(final[which[open_]]).to(ends.device)
            found = destinations(exact, left, found, side, lambda share: tell(0.75 + share / 4))
            label[open_] = found.label.to(label.device)
    of = torch.empty_like(label)
    of[most] = label
    return of[cell], found


def _by_size(model: Map, label: Tensor, found: Destinations, rests: Tensor, time: Tensor) -> Attractors:
    """The result: attractors with the most starts first, those without a start left out."""
    exact, device = in_double(model), found.points.device
    sets, exponents = [], []
    for point, period in zip(found.points, found.period.tolist(), strict=True):
        sets.append(phases_of(exact, point[None], period - 1)[:, 0])
        if model.dim <= MOST_FULL_DIM:
            exponents.append(radius_of(exact, point[None], period)[0].log() / period)
    if model.dim > MOST_FULL_DIM:
        exponents = list(found.radius.log() / found.period)  # computed when the point was seen to attract
    direction = 1 + torch.rand(model.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    points = list(found.points)
    for one in found.sets:
        sets.append(torch.from_numpy(one.points).to(device))
        points.append(sets[-1][(sets[-1] @ direction.to(device)).argmin()])
    of_sets = torch.tensor([(one.exponent, one.rotation) for one in found.sets], dtype=torch.float64, device=device)
    exponent = torch.stack([*exponents, *of_sets.view(-1, 2)[:, 0]]) if len(points) else found.points.new_zeros(0)
    period = torch.cat([found.period, found.period.new_zeros(len(found.sets))])
    rotation = torch.cat([found.points.new_full((len(found.points),), torch.nan), of_sets.view(-1, 2)[:, 1]])
    kind = torch.where(period > 1, 1, torch.where(period == 1, 0, torch.where(exponent > NEUTRAL_EXPONENT, 3, 2)))
    counts = torch.bincount(label[label >= 0], minlength=len(period))
    order = counts.argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    label = torch.where(label >= 0, rank[label.clamp_min(0)] if len(rank) else label, label)
    order = order[counts[order] > 0].to(device)
    listed = torch.stack([*points, *found.points.new_zeros(1, model.dim)])[:-1]
    return Attractors(
        torch.zeros_like(order), listed[order], kind[order], period[order], exponent[order], rotation[order],
        tuple(sets[place] for place in order.tolist()), label[None], rests[None], time[None],
    )  # fmt: skip
