"""Which ends of orbits are at attractors: Newton's method finds the attractor, its Jacobian shows that it attracts."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.measures.dynamics.newton import (
    KINK_JUMP,
    RETURNS,
    jacobian_of,
    least_phase,
    newton,
    phases_of,
    radius_of,
    untold,
)
from landscape.measures.exact.complete import MAX_RESIDUAL
from landscape.measures.local.spectrum import MOST_FULL_DIM
from landscape.measures.maps import Map, doubled, in_double, step_of
from landscape.measures.neighbours.distances import distinct, joined

# Distances and steps are shares of the range.
ENDS_AT_A_TIME, JACOBIAN_ROWS = 2**12, 2**16  # that are examined at a time
GIVE_UP_AFTER = 2**10  # ends in a row that are at no attractor: the ends after them are not examined
ARRIVED_DISTANCE = 1e-5  # an end this near to an attractor is at it
NEAR_DISTANCE = 1e-2  # an end between the two distances is at the attractor if it comes nearer to it
FOLLOWED = 840  # iterations that show whether an end comes nearer: a multiple of all periods up to 8
MERGE_DISTANCE = 1e-6  # polished points nearer to each other than this are the same point
CONTRACTION_MARGIN = 1e-9  # of an attractor, ρ(J) < 1 − this: far above the rounding of the identity's Jacobian
SHORT_PUSH, LONG_PUSH = 1e-8, 1e-6  # lengths of pushes: a bend shrinks with the push, a kink does not
PUSH_PAIRS = 4  # of opposite pushes: every kink lies between the two pushes of each pair
RETURNED_SHARE = 1e-5  # of a push: when no more than this is left, the push has come back
SHRUNK_SHARE = 0.999  # of a push: if it stays below this in the second half of 840 iterations, it comes back slowly
DOUBLINGS = 40  # of the number of terms of a sum: to 2^40 terms, when the powers of every shrinking J are 0
CREEP_ITERATIONS = 16  # that show whether an orbit creeps
LEAST_STEP = 1e-12  # a shorter step is rounding
CREEPING_STEP, SHRINKING_STEP = 1e-5, 1e-3  # the longest steps of a creeping orbit; the latter where steps shrink
STRAIGHTNESS = 0.9  # an orbit creeps only if the distance between its ends is at least this share of its path's length


def attracting(
    model: Map,
    ends: Float[Tensor, "ends dim"],
    period: Int[Tensor, "ends"],
    side: float,
    tell: Callable[[float], None] = untold,
) -> tuple[
    Float[Tensor, "attractors dim"], Int[Tensor, "attractors"], Int[Tensor, "ends"], Float[Tensor, "attractors"]
]:
    """The attractors that orbits' `ends` lead to: points (A, D), periods (A,), a row of these for each end, (S,), or −1, and
    the spectral radius ρ(J) of f^p at each attractor, (A,).

    `period` (S,) is the number of iterations after which each end nearly returns; `side` the length of the range. A cycle is
    represented by its point that is least in a fixed direction. Points are in float64. `tell` hears the share of the work done.

    1. Newton's method solves f^p(x) = x from the end. The solution's period is the least divisor of p after which it returns.
    2. The solution attracts if ρ(J) < 1. At a kink, where J depends on the side, it attracts if some small push comes back.
    3. The end leads there if it is within 1e-5 of the range, or if it is within 0.01 and is nearer after 840 iterations, in
       the largest coordinate or in the adapted norm.
    4. Solutions within 1e-6 of the range are merged.

    Ends at saddles and repellers, among a continuum of fixed points, or on slow orbits near no fixed point get −1.

    Ends are examined in the order given, thousands at a time. After 1024 ends in a row without an attractor the rest get −1
    unexamined. In a random order, an attractor that a share s of the ends lead to is missed with probability (1 − s)^1024."""
    exact = in_double(model)
    ends, period = doubled(ends).to(exact.device), period.to(exact.device)
    points, kind, vain = ends.clone(), torch.zeros_like(period), 0
    radius = torch.full(period.shape, torch.nan, dtype=points.dtype, device=points.device)
    for now in torch.split(
        torch.arange(len(ends), device=ends.device), max(min(ENDS_AT_A_TIME, JACOBIAN_ROWS // model.dim), 1)
    ):
        before, some = int(now[0]) / len(ends) if len(now) else 0.0, len(now) / max(len(ends), 1)

        def part(share: float, before: float = before, some: float = some) -> None:
            tell(before + some * share)

        points[now], kind[now], radius[now] = _all_drawn_to(exact, ends[now], period[now], side, part)
        vain = 0 if kind[now].any() else vain + len(now)
        if vain >= GIVE_UP_AFTER:
            break
    found, of = kind.nonzero()[:, 0], torch.full_like(kind, -1)
    first, of[found] = _merged(points[found], kind[found], side)
    return points[found[first]], kind[found[first]], of, radius[found[first]]


def _merged(points: Tensor, kind: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """The index of the first of each group of equal points, in order, and the group of each point.

    Points are rounded to a tenth of MERGE_DISTANCE first, so that few distances are left to be computed."""
    cells = torch.cat([(points / (MERGE_DISTANCE * side / 10)).round(), kind[:, None].to(points)], 1)
    first, cell = distinct(cells)
    labels = torch.from_numpy(joined(points[first], kind[first], MERGE_DISTANCE * side)).to(points.device)
    return distinct(labels[cell])


def _all_drawn_to(
    model: Map, ends: Tensor, period: Tensor, side: float, tell: Callable[[float], None]
) -> tuple[Tensor, Tensor, Tensor]:
    """The attractor that each end leads to, its period, 0 where there is none, and its spectral radius."""
    points, kind = ends.clone(), torch.zeros_like(period)
    radius = torch.full(period.shape, torch.nan, dtype=points.dtype, device=points.device)
    lengths = torch.unique(period).tolist()
    for place, length in enumerate(lengths):

        def part(share: float, place: int = place) -> None:
            tell((place + share) / len(lengths))

        own = (period == length).nonzero()[:, 0]
        points[own], kind[own], radius[own] = _drawn_to(model, ends[own], length, side, part)
    return points, kind, radius


def _drawn_to(
    model: Map, ends: Tensor, period: int, side: float, tell: Callable[[float], None]
) -> tuple[Tensor, Tensor, Tensor]:
    """As `_all_drawn_to`, for ends that nearly return after the same `period`."""
    points, kind, radius = _polished(model, ends, period, side, lambda share: tell(share / 2))
    kind = torch.where(_apart(points, ends) <= ARRIVED_DISTANCE * side, kind, 0)
    late = (kind == 0).nonzero()[:, 0]
    if len(late):
        begun, later = ends[late], ends[late]
        for done in range(FOLLOWED // period):
            later = phases_of(model, later, period)[-1]
            tell(0.5 + done * period / FOLLOWED / 4)
        points[late], found, radius[late] = _polished(model, later, period, side, lambda share: tell(0.75 + share / 4))
        nearer = _apart(points[late], later) < _apart(points[late], begun)
        # On a spiral single coordinates grow at times; the adapted norm does not.
        turning = ((found > 0) & ~nearer).nonzero()[:, 0]
        if len(turning):
            at = points[late[turning]]
            norms = adapted_norms(model, at, period, side)
            nearer[turning] = size_in(norms, later[turning] - at) < size_in(norms, begun[turning] - at)
        kind[late] = torch.where((_apart(points[late], begun) <= NEAR_DISTANCE * side) & nearer, found, 0)
    for length in torch.unique(kind).tolist():
        own = (kind == length).nonzero()[:, 0]
        if length > 1:
            phases = phases_of(model, points[own], length - 1)
            points[own] = phases[least_phase(phases), torch.arange(len(own), device=own.device)]
    return points, kind, radius


def _polished(
    model: Map, points: Tensor, period: int, side: float, tell: Callable[[float], None]
) -> tuple[Tensor, Tensor, Tensor]:
    """The solution of f^p(x) = x beside each point, its least period, 0 where it does not attract, and its spectral radius."""
    points = newton(model, points, period, lambda share: tell(share / 2))
    tell(0.5)
    returns = (phases_of(model, points, period)[1:] - points).abs().amax(-1)
    kind = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    radius = torch.full(kind.shape, torch.nan, dtype=points.dtype, device=points.device)
    solved = returns[-1] <= MAX_RESIDUAL * side
    for length in (q for q in range(1, period + 1) if period % q == 0):
        own = (solved & (kind == 0) & (returns[length - 1] <= RETURNS * side)).nonzero()[:, 0]
        first, place = _merged(points[own], kind[own], side)
        attract, radii = _attract(model, points[own[first]], length, side)
        kind[own], radius[own] = length * attract[place], radii[place]
        solved[own] = False
    tell(1.0)
    return points, kind, radius


def _attract(model: Map, points: Tensor, period: int, side: float) -> tuple[Tensor, Tensor]:
    """Whether points of period p attract, as 0 or 1, and their spectral radius."""
    if not len(points):  # nets need not take points that are none
        return torch.zeros(0, dtype=torch.int64, device=points.device), points.new_zeros(0)
    radius = radius_of(model, points, period)
    attract = radius < 1 - CONTRACTION_MARGIN
    pushes = torch.randn(PUSH_PAIRS, model.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pushes = torch.cat([pushes, -pushes]).to(points) / pushes.norm(dim=1).repeat(2)[:, None].to(points)
    kinks = (_at_kinks(model, points, period, pushes, side) | radius.isnan()).nonzero()[:, 0]
    if len(kinks):
        attract[kinks] = _push_returns(model, points[kinks], period, pushes, side)
    return attract.long(), radius


def _at_kinks(model: Map, points: Tensor, period: int, pushes: Tensor, side: float) -> Tensor:
    """Whether slopes on opposite sides of a point differ: opposite pushes move f^p(x) by amounts that are not opposite."""
    at, bends = phases_of(model, points, period)[-1][:, None], []
    for reach in (LONG_PUSH * side, SHORT_PUSH * side):
        around = (points[:, None] + reach * pushes).reshape(-1, model.dim)
        moved = phases_of(model, around, period)[-1].view(len(points), 2, PUSH_PAIRS, model.dim) - at[:, None]
        bends.append(moved.sum(1).abs().flatten(1).amax(1) / reach)
    return (bends[1] > KINK_JUMP) & (bends[1] > bends[0] / 2)


def _push_returns(model: Map, points: Tensor, period: int, pushes: Tensor, side: float) -> Tensor:
    """Whether some push comes back to the point within 840 iterations, or shrinks for good, however slowly."""
    pushed = points[:, None] + SHORT_PUSH * side * pushes
    least, most = points.new_full(pushed.shape[:2], torch.inf), points.new_zeros(pushed.shape[:2])
    for now in range(FOLLOWED // period):
        pushed = phases_of(model, pushed.reshape(-1, model.dim), period)[-1].view_as(pushed)
        length = (pushed - points[:, None]).norm(dim=-1) / (SHORT_PUSH * side)
        least = torch.minimum(least, length)
        if 2 * now * period >= FOLLOWED:
            most = torch.maximum(most, length)
    return ((least < RETURNED_SHARE) | (most < SHRUNK_SHARE)).any(1)


@torch.no_grad()
def adapted_norms(
    model: Map, points: Float[Tensor, "points dim"], period: int, side: float
) -> Float[Tensor, "points some some"]:
    """The matrix P of an adapted norm √(vᵀPv) at each point of period p: (P, D, D).

    f^p shrinks this norm near an attracting point in every step, even where it turns and single coordinates grow.
    P = Σ (Jᵏ)ᵀ Jᵏ over all k ≥ 0, so that JᵀPJ = P − I. It is summed by doubling: P ← P + JᵀPJ, then J ← J². Where ρ(J) ≥ 1
    the sum diverges, and P is not finite. Repeated points are computed once.

    Above D = 128 the Euclidean norm stands for it, as 1 × 1 matrices: (P, 1, 1)."""
    if model.dim > MOST_FULL_DIM:
        return points.new_ones(len(points), 1, 1)
    first, place = distinct((points / (MERGE_DISTANCE * side / 10)).round())
    power = jacobian_of(model, points[first], period)
    found = torch.eye(model.dim, dtype=power.dtype, device=power.device).expand_as(power).clone()
    for _ in range(DOUBLINGS):
        found += power.mT @ found @ power
        power = power @ power
    return found[place]


def size_in(norms: Float[Tensor, "points some some"], apart: Float[Tensor, "points dim"]) -> Float[Tensor, "points"]:
    """The adapted norm √(vᵀPv) of each difference v: (P,)."""
    if norms.shape[-1] < apart.shape[-1]:
        lengths: Tensor = torch.linalg.vector_norm(apart, dim=-1)
        return lengths
    return (apart[:, None] @ norms @ apart[..., None])[:, 0, 0].sqrt()


@torch.no_grad()
def creeping(
    model: Map, ends: Float[Tensor, "ends dim"], period: Int[Tensor, "ends"], side: float
) -> tuple[Bool[Tensor, "ends"], Bool[Tensor, "ends"]]:
    """Whether each end still moves in float64, (S,), and whether it creeps, (S,). Only ends that move can creep.

    `period` (S,) is the number p of iterations after which each end nearly returns, 0 where it does not.
    An end creeps if:
    1. 16 iterations move it in a nearly straight line, seen every p iterations;
    2. its steps are below 1e-5 of the range, or below 1e-3 and shrinking, and do not double in these iterations;
    3. its way over 840 iterations is nearly straight, too."""
    exact = in_double(model)
    moves, creeps = (torch.zeros(len(ends), dtype=torch.bool, device=exact.device) for _ in range(2))
    ends, period = doubled(ends).to(exact.device), period.to(exact.device)
    for length in torch.unique(period[period > 0]).tolist():
        own = ((period == length) & ends.isfinite().all(-1)).nonzero()[:, 0]
        times = max(2, CREEP_ITERATIONS // length)
        phases = phases_of(exact, ends[own], times * length)[::length]
        steps = (phases[1:] - phases[:-1]).norm(dim=-1)
        way = (phases[-1] - phases[0]).norm(dim=-1)
        first, last = steps[0], steps[-1]
        moves[own] = first > LEAST_STEP * side
        short = (last <= CREEPING_STEP * side) | ((last < first) & (first <= SHRINKING_STEP * side))
        creeps[own] = moves[own] & short & (last <= 2 * first) & (way >= STRAIGHTNESS * steps.sum(0))
        slow = own[creeps[own]]
        creeps[slow] = _straight(exact, ends[slow], length)
    return moves, creeps


def _straight(model: Map, ends: Tensor, period: int) -> Tensor:
    """Whether each orbit's way over 840 iterations is nearly straight, and not an arc of a slow rotation."""
    begun, step, length = ends, step_of(model), ends.new_zeros(len(ends))
    for _ in range(FOLLOWED // period if len(ends) else 0):
        before = ends
        for _ in range(period):
            ends = step(ends[None])[0]
        length += (ends - before).norm(dim=-1)
    straight: Tensor = (ends - begun).norm(dim=-1) >= STRAIGHTNESS * length
    return straight


def _apart(points: Tensor, others: Tensor) -> Tensor:
    return (points - others).abs().amax(-1)
