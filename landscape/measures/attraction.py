"""Which ends of orbits are attractors: each is polished by Newton's method, judged by its Jacobian, and told once."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.distances import distinct, joined
from landscape.measures.fixed_points import POLISHED
from landscape.measures.jacobian import spectral_radius
from landscape.measures.maps import Map, doubled, in_double, step_of
from landscape.measures.newton import OTHER, RETURNS, jacobian_of, least_phase, newton, phases_of

MOST, JACOBIANS = 2**12, 2**16  # ends that are examined at a time, and rows of their Jacobians
IN_VAIN = 2**10  # ends in a row that are at no attractor, after which those that follow are not looked at
ARRIVED = 1e-5  # of the range: an end so near to an attractor is at it
NEAR = 1e-2  # of the range: one that is no nearer is at none yet; between the two it must be nearing
FURTHER = 840  # iterations that it is followed for to see that: a multiple of all periods up to 8
ONE = 1e-6  # of the range: polished points nearer than this are one
NEUTRAL = 1e-9  # ρ(J) of an attractor is less than 1 by more than this, far above rounding of the identity's
PUSHED, FARTHER = 1e-8, 1e-6  # of the range: two lengths of pushes; a bend shrinks with them, a kink does not
PAIRS = 4  # of opposite pushes: every kink lies between the two of each
GONE = 1e-5  # of a push: so little of it has come back, whatever becomes of its rounding on the other side
DOUBLINGS = 40  # of the terms of a sum: 2^40, beyond which nothing is left of what shrinks at all
LOOKED = 16  # iterations that show whether an orbit creeps
MOVES = 1e-12  # of the range: a shorter step is rounding
CREEPS, CREEPS_TO_REST = 1e-5, 1e-3  # of the range: the longest steps of a slow orbit, and of one whose steps shrink
STRAIGHT = 0.9  # of the length of its way: a creeping orbit is so far from where it was
SHRUNK = 0.999  # or no more than this is left of it in all of the second half of its way


def attracting(
    map: Map, ends: Float[Tensor, "ends dim"], period: Int[Tensor, "ends"], side: float
) -> tuple[Float[Tensor, "attractors dim"], Int[Tensor, "attractors"], Int[Tensor, "ends"]]:
    """The attractors that `ends`, which about return after `period` ≤ 8 iterations, are at or near: points (A, D), of a cycle
    the one that is least in a fixed direction, and periods (A,), in float64; and each end's place among them, −1 for none.

    Newton's method for f^p(x) = x tells one attractor from several however slowly orbits near it, and a cycle from its
    multiples. An attractor has ρ(J) < 1; at a kink, some push comes back: from one side it attracts, too. An end at a saddle
    or repeller, among a continuum of fixed points, where differences do not shrink in proportion, or where orbits are slow but
    nothing rests, is at none.

    Ends are examined in their order, some thousands at a time, until a thousand and more in a row are at none, as among a
    continuum: those that follow are at none, too. In an order by chance an attractor at which a share s of the ends are escapes
    with probability (1 − s)^1024."""
    exact = in_double(map)
    ends, period = doubled(ends).to(exact.device), period.to(exact.device)
    points, kind, vain = ends.clone(), torch.zeros_like(period), 0
    for now in torch.split(torch.arange(len(ends), device=ends.device), max(min(MOST, JACOBIANS // map.dim), 1)):
        points[now], kind[now] = _all_drawn_to(exact, ends[now], period[now], side)
        vain = 0 if kind[now].any() else vain + len(now)
        if vain >= IN_VAIN:
            break
    found, of = kind.nonzero()[:, 0], torch.full_like(kind, -1)
    first, of[found] = _once(points[found], kind[found], side)
    return points[found[first]], kind[found[first]], of


def _once(points: Tensor, kind: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """Where each different point is first, in the order of the points, and which of them each one is.

    Those that agree to far below ONE are told by rounding, so that few are left to be compared with each other."""
    cells = torch.cat([(points / (ONE * side / 10)).round(), kind[:, None].to(points)], 1)
    first, cell = distinct(cells)
    labels = torch.from_numpy(joined(points[first], kind[first], ONE * side)).to(points.device)
    return distinct(labels[cell])


def _all_drawn_to(map: Map, ends: Tensor, period: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """The attractor that each end is at, and its period; 0 where there is none."""
    points, kind = ends.clone(), torch.zeros_like(period)
    for length in torch.unique(period).tolist():
        own = (period == length).nonzero()[:, 0]
        points[own], kind[own] = _drawn_to(map, ends[own], length, side)
    return points, kind


def _drawn_to(map: Map, ends: Tensor, period: int, side: float) -> tuple[Tensor, Tensor]:
    """Of ends that about return after one number of iterations."""
    points, kind = _polished(map, ends, period, side)
    kind = torch.where(_apart(points, ends) <= ARRIVED * side, kind, 0)
    late = (kind == 0).nonzero()[:, 0]
    if len(late):
        begun, later = ends[late], ends[late]
        for _ in range(FURTHER // period):
            later = phases_of(map, later, period)[-1]
        points[late], found = _polished(map, later, period, side)
        nearer = _apart(points[late], later) < _apart(points[late], begun)
        turning = ((found > 0) & ~nearer).nonzero()[:, 0]  # coordinates take turns in spirals: look at the adapted norm
        if len(turning):
            at = points[late[turning]]
            norms = adapted_norms(map, at, period, side)
            nearer[turning] = size_in(norms, later[turning] - at) < size_in(norms, begun[turning] - at)
        kind[late] = torch.where((_apart(points[late], begun) <= NEAR * side) & nearer, found, 0)
    for length in torch.unique(kind).tolist():
        own = (kind == length).nonzero()[:, 0]
        if length > 1:
            phases = phases_of(map, points[own], length - 1)
            points[own] = phases[least_phase(phases), torch.arange(len(own), device=own.device)]
    return points, kind


def _polished(map: Map, points: Tensor, period: int, side: float) -> tuple[Tensor, Tensor]:
    """What solves f^p(x) = x beside each point, and the least period that it has; 0 where that is no attractor."""
    points = newton(map, points, period)
    returns = (phases_of(map, points, period)[1:] - points).abs().amax(-1)
    kind = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    solved = returns[-1] <= POLISHED * side
    for length in (q for q in range(1, period + 1) if period % q == 0):
        own = (solved & (kind == 0) & (returns[length - 1] <= RETURNS * side)).nonzero()[:, 0]
        first, place = _once(points[own], kind[own], side)
        kind[own] = length * _attract(map, points[own[first]], length, side)[place]
        solved[own] = False
    return points, kind


def _attract(map: Map, points: Tensor, period: int, side: float) -> Tensor:
    """Whether points of period p draw others to themselves, as 0 or 1."""
    if not len(points):  # nets need not take points that are none
        return torch.zeros(0, dtype=torch.int64, device=points.device)
    radius = spectral_radius(jacobian_of(map, points, period)[None])[0]
    attract = radius < 1 - NEUTRAL
    pushes = torch.randn(PAIRS, map.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pushes = torch.cat([pushes, -pushes]).to(points) / pushes.norm(dim=1).repeat(2)[:, None].to(points)
    kinks = (_at_kinks(map, points, period, pushes, side) | radius.isnan()).nonzero()[:, 0]
    if len(kinks):
        attract[kinks] = _push_returns(map, points[kinks], period, pushes, side)
    return attract.long()


def _at_kinks(map: Map, points: Tensor, period: int, pushes: Tensor, side: float) -> Tensor:
    """Whether slopes on opposite sides differ: opposite pushes move f^p(x) by amounts that are not opposite."""
    at, bends = phases_of(map, points, period)[-1][:, None], []
    for reach in (FARTHER * side, PUSHED * side):
        around = (points[:, None] + reach * pushes).reshape(-1, map.dim)
        moved = phases_of(map, around, period)[-1].view(len(points), 2, PAIRS, map.dim) - at[:, None]
        bends.append(moved.sum(1).abs().flatten(1).amax(1) / reach)
    return (bends[1] > OTHER) & (bends[1] > bends[0] / 2)


def _push_returns(map: Map, points: Tensor, period: int, pushes: Tensor, side: float) -> Tensor:
    """Whether some push comes back to the point, or closer to it for good at whatever pace."""
    pushed = points[:, None] + PUSHED * side * pushes
    least, most = points.new_full(pushed.shape[:2], torch.inf), points.new_zeros(pushed.shape[:2])
    for now in range(FURTHER // period):
        pushed = phases_of(map, pushed.reshape(-1, map.dim), period)[-1].view_as(pushed)
        length = (pushed - points[:, None]).norm(dim=-1) / (PUSHED * side)
        least = torch.minimum(least, length)
        if 2 * now * period >= FURTHER:
            most = torch.maximum(most, length)
    return ((least < GONE) | (most < SHRUNK)).any(1)


@torch.no_grad()
def adapted_norms(
    map: Map, points: Float[Tensor, "points dim"], period: int, side: float
) -> Float[Tensor, "points dim dim"]:
    """For each point of period p the matrix P of a norm √(vᵀPv) that f^p shrinks near the point, however it turns: (P, D, D).

    P = Σ (Jᵏ)ᵀ Jᵏ over all k ≥ 0, so that JᵀPJ = P − I. It is summed by doubling: P ← P + JᵀPJ, then J ← J². Where ρ(J) ≥ 1
    the sum grows without end, and P is not finite. Each different point is worked on once."""
    first, place = distinct((points / (ONE * side / 10)).round())
    power = jacobian_of(map, points[first], period)
    found = torch.eye(map.dim, dtype=power.dtype, device=power.device).expand_as(power).clone()
    for _ in range(DOUBLINGS):
        found += power.mT @ found @ power
        power = power @ power
    return found[place]


def size_in(norms: Float[Tensor, "points dim dim"], apart: Float[Tensor, "points dim"]) -> Float[Tensor, "points"]:
    """√(vᵀPv) of each difference: (P,)."""
    return (apart[:, None] @ norms @ apart[..., None])[:, 0, 0].sqrt()


@torch.no_grad()
def creeping(
    map: Map, ends: Float[Tensor, "ends dim"], period: Int[Tensor, "ends"], side: float
) -> tuple[Bool[Tensor, "ends"], Bool[Tensor, "ends"]]:
    """Which ends that about return after `period` iterations move in exact arithmetic, and which of them creep: (S,) each.

    An orbit creeps if f^p moves it the same way time after time, by short steps that do not double within 16 iterations:
    below 1e-5 of the range, or below 1e-3 and shrinking. It then goes straight on for 840 iterations, too."""
    exact = in_double(map)
    moves, creeps = (torch.zeros(len(ends), dtype=torch.bool, device=exact.device) for _ in range(2))
    ends, period = doubled(ends).to(exact.device), period.to(exact.device)
    for length in torch.unique(period[period > 0]).tolist():
        own = ((period == length) & ends.isfinite().all(-1)).nonzero()[:, 0]
        times = max(2, LOOKED // length)
        phases = phases_of(exact, ends[own], times * length)[::length]
        steps = (phases[1:] - phases[:-1]).norm(dim=-1)
        way = (phases[-1] - phases[0]).norm(dim=-1)
        first, last = steps[0], steps[-1]
        moves[own] = first > MOVES * side
        short = (last <= CREEPS * side) | ((last < first) & (first <= CREEPS_TO_REST * side))
        creeps[own] = moves[own] & short & (last <= 2 * first) & (way >= STRAIGHT * steps.sum(0))
        slow = own[creeps[own]]
        creeps[slow] = _straight(exact, ends[slow], length)
    return moves, creeps


def _straight(map: Map, ends: Tensor, period: int) -> Tensor:
    """Whether 840 iterations, too, go straight on: not round a circle whose rotation is slow."""
    begun, step, length = ends, step_of(map), ends.new_zeros(len(ends))
    for _ in range(FURTHER // period if len(ends) else 0):
        before = ends
        for _ in range(period):
            ends = step(ends[None])[0]
        length += (ends - before).norm(dim=-1)
    straight: Tensor = (ends - begun).norm(dim=-1) >= STRAIGHT * length
    return straight


def _apart(points: Tensor, others: Tensor) -> Tensor:
    return (points - others).abs().amax(-1)
