"""Orbits that still move, watched for thousands of iterations: the cycles, spirals, circles and chaotic sets that they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.attraction import (
    ARRIVED_DISTANCE,
    FOLLOWED,
    MERGE_DISTANCE,
    adapted_norms,
    attracting,
)
from landscape.measures.dynamics.exponents import ITERATIONS, TOLD_EVERY, Watched, bump, watched
from landscape.measures.dynamics.newton import untold
from landscape.measures.dynamics.recurrent import Recurrent, recurrent_sets
from landscape.measures.local.spectrum import MOST_FULL_DIM
from landscape.measures.maps import Map, step_of
from landscape.measures.neighbours.search import pairwise_distances

# Distances are shares of the range; exponents are per iteration.
ORBITS_AT_A_TIME, NUMBERS_AT_A_TIME = 64, 2**23  # that are watched, at most
RESTING_STEP = 1e-9  # an orbit that moves less after FOLLOWED iterations rests, and is not watched
LONGEST_CYCLE = 512  # the longest cycle that is looked for
RETURN_DISTANCES = (1e-8, 1e-5, 1e-3)  # how closely an orbit returns that may be on a cycle, tried in this order
CONVERGED_DISTANCE = 1e-10  # returns closer than this need not become closer
LEAST_FALL = 0.01  # of the log of the return distance from one quarter of an orbit to the next, on the way to a cycle
SPIRAL_SHRINKAGE = 0.999  # the largest ratio of an orbit's distances from a focus, second half to first half
STABLE_EXPONENT = -3e-6  # fixed points and cycles have their largest exponent below
PAIR_ERROR = 2e-3  # the two largest exponents of a spiral are equal, up to this error
CYCLE_POINTS_AT_A_TIME = 2**11  # points of all cycles that Newton's method is tried on at a time, at most
LONGEST_SPIRAL = 8  # spirals are looked for around cycles of up to this length


@dataclass(eq=False, repr=False)
class Destinations(Shown):
    """The attractors that ends of orbits lead to.

    `label` (S,): a row of `points` (A, D), which are fixed points and cycles of `period` (A,) and of spectral `radius` (A,), or
    A + an index into `sets`; else UNSETTLED, OUTSIDE or SLOW."""

    label: Int[Tensor, "ends"]
    points: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]
    radius: Float[Tensor, "attractors"]
    sets: list[Recurrent] = field(default_factory=list)


def watch(
    model: Map, found: Destinations, starts: Tensor, side: float, tell: Callable[[float], None]
) -> Bool[Tensor, "starts"]:
    """Add the attractors that the orbits from `starts` show, and return which of the starts have been dealt with: (S,).

    1. The starts are iterated 840 times. Orbits that rest by then or have overflowed are left out.
    2. The others are watched, as many as fit into memory: 2048 points and the Lyapunov exponents of each.
    3. Orbits with a negative largest exponent are tried as cycles; those whose two largest are a pair, as spirals.
    4. What is left is tried as circles and chaotic sets.

    The exponents take four more orbits beside each. Above D = 128, orbits that end at a fixed point after step 1 or on a cycle
    after 2048 iterations are therefore explained first, and only the others get exponents. A cycle's own exponent,
    log ρ(J) / p, must be negative all the same."""
    most = max(1, min(ORBITS_AT_A_TIME, NUMBERS_AT_A_TIME // (ITERATIONS * model.dim)))
    many = model.dim > MOST_FULL_DIM
    seen = torch.zeros(len(starts), dtype=torch.bool, device=starts.device)
    seen[: len(starts) if many else most] = True
    points = _iterated(model, starts[seen], FOLLOWED, lambda share: tell(share / 4))
    moves = (step_of(model)(points[None])[0] - points).abs().amax(-1)
    live = points.isfinite().all(-1) & (moves > RESTING_STEP * side)
    points, moves, place = points[live], moves[live], seen.nonzero()[:, 0][live]
    if many and len(points):
        arrived = _arrived(model, found, points, moves, side)
        points, place = points[~arrived], place[~arrived]
        seen[place[most:]] = False
        points = points[:most]
        if len(points):
            path = _path(model, points, lambda share: tell(0.25 + share / 8))
            finite = np.isfinite(path).all((0, 2))
            none = np.zeros((int(finite.sum()), 0))
            on = np.zeros(len(finite), bool)
            on[finite] = _cycles(
                model, found, Watched(path[:, finite], none), side, lambda share: tell(0.375 + share / 8)
            )
            points = points[torch.from_numpy(~on).to(points.device)]
    if not len(points):
        return seen
    orbits = watched(model, points, side, tell=lambda share: tell(0.5 + share / 2))
    kept = np.isfinite(orbits.points).all((0, 2))
    orbits = Watched(orbits.points[:, kept], orbits.exponents[kept])
    left = np.ones(len(orbits.exponents), bool)
    falls = orbits.exponents[:, 0] < STABLE_EXPONENT
    winds = falls & (orbits.exponents[:, :2][:, -1] >= 2 * orbits.exponents[:, 0] - PAIR_ERROR)
    ways = ((_spirals, winds),) if many else ((_cycles, falls), (_spirals, winds))
    for explain, may in ways:
        some = left & may
        if some.any():
            left[some] = ~explain(model, found, Watched(orbits.points[:, some], orbits.exponents[some]), side)
    rest = Watched(orbits.points[:, left], orbits.exponents[left])
    found.sets += recurrent_sets(model, rest, side)
    return seen


def _iterated(model: Map, points: Tensor, iterations: int, tell: Callable[[float], None]) -> Tensor:
    """The points after so many iterations: (S, D)."""
    step = step_of(model)
    for done in range(iterations):
        if done % TOLD_EVERY == 0:
            tell(done / iterations)
        points = step(points[None])[0]
    return points


def _path(model: Map, points: Tensor, tell: Callable[[float], None]) -> np.ndarray:
    """The next 2048 points of each orbit, without exponents: (T, S, D)."""
    path = np.empty((ITERATIONS, *points.shape))
    for done in range(ITERATIONS):
        if done % TOLD_EVERY == 0:
            tell(done / ITERATIONS)
        points = _iterated(model, points, 1, untold)
        path[done] = points.cpu().numpy()
    return path


def _arrived(model: Map, found: Destinations, points: Tensor, moves: Tensor, side: float) -> Tensor:
    """Whether each orbit is at an attracting fixed point, (S,); the fixed points are added.

    Only orbits that move less than 1e-5 of the range in the next iteration are tried."""
    arrived = moves <= ARRIVED_DISTANCE * side
    slow = arrived.nonzero()[:, 0]
    if len(slow):
        at, period, of, radius = attracting(model, points[slow], torch.ones_like(slow), side)
        sure = radius.log() < STABLE_EXPONENT * period
        arrived[slow] = (of >= 0) & torch.cat([sure, sure.new_zeros(1)])[of]
        _add(found, at[sure], period[sure], radius[sure], side)
    return arrived


def _cycles(
    model: Map, found: Destinations, orbits: Watched, side: float, tell: Callable[[float], None] = untold
) -> np.ndarray:
    """Which of the watched orbits lead to a cycle; those cycles that attract are added.

    For each distance in RETURN_DISTANCES:
    1. The lag of an orbit is the least number of iterations after which its last point was that close.
    2. Only orbits whose returns become closer (`_shrinks`) are kept, and one of each group with the same lag and place.
    3. Newton's method looks for the cycle from the last point, for about 2048 cycle points a round, at least one cycle."""
    points, on = orbits.points, np.zeros(orbits.points.shape[1], bool)
    last = points[-1]
    back = np.abs(points[-1 - LONGEST_CYCLE : -1][::-1] - last).max(-1)  # (lags, orbits)
    for turn, limit in enumerate(RETURN_DISTANCES):

        def part(share: float, turn: int = turn) -> None:
            tell((turn + share) / len(RETURN_DISTANCES))

        close = back <= limit * side
        orbit = np.flatnonzero(close.any(0) & ~on)
        lags = close[:, orbit].argmax(0) + 1
        sure = np.array([_shrinks(points[:, k], lag, side) for k, lag in zip(orbit, lags.tolist(), strict=True)], bool)
        orbit, lags = orbit[sure], lags[sure]
        if not len(orbit):
            continue
        least = [
            points[-lag:, k][points[-lag:, k].sum(1).argmin()] for k, lag in zip(orbit, lags.tolist(), strict=True)
        ]
        cells = np.column_stack([np.round(np.array(least) / (RETURN_DISTANCES[-1] * side)), lags])
        _, first, alike = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        # The others are tried in the next round.
        tried = first[np.cumsum(lags[first]) <= max(CYCLE_POINTS_AT_A_TIME, int(lags[first[0]]))]
        ends = torch.from_numpy(last[orbit[tried]]).to(found.points)
        at, period, of, radius = attracting(model, ends, torch.from_numpy(lags[tried]).to(found.period), side, part)
        if not orbits.exponents.shape[1]:  # not known: the cycle's own stands for it
            stable = radius.isnan() | (radius.log() < STABLE_EXPONENT * period)
            of = torch.where(torch.cat([stable, stable.new_zeros(1)])[of], of, -1)
        _add(found, at, period, radius, side)
        solved = set(tried[of.cpu().numpy() >= 0].tolist())
        on[orbit[[first[place] in solved for place in alike.ravel()]]] = True
    return on


def _shrinks(orbit: np.ndarray, lag: int, side: float) -> bool:
    """Whether the distance between points `lag` iterations apart has converged, or falls all along the orbit.

    It must fall by about the same factor from each quarter of the orbit to the next; on circles the factors differ."""
    apart = np.abs(orbit[lag:] - orbit[:-lag]).max(-1)
    parts = np.array([part.mean() for part in np.array_split(apart, 4)])
    if parts[-1] <= CONVERGED_DISTANCE * side:
        return True
    falls = -np.diff(np.log(parts))
    return bool(falls.min() >= max(LEAST_FALL, falls.max() / 2))


def _spirals(model: Map, found: Destinations, orbits: Watched, side: float) -> np.ndarray:
    """Which of the watched orbits spiral into a fixed point or a cycle of up to 8; these are added.

    For each period p: 1. the weighted mean of every p-th point is the first guess of the focus; 2. Newton's method finds
    it; 3. the orbit belongs to it if its distance in the adapted norm shrinks from the first half to the second."""
    points, to = orbits.points, np.zeros(orbits.points.shape[1], bool)
    for length in range(1, LONGEST_SPIRAL + 1):
        left = np.flatnonzero(~to)
        if not len(left):
            break
        every = points[::length, left]
        means = torch.from_numpy(np.tensordot(bump(len(every)), every, 1)).to(found.points)
        at, period, of, radius = attracting(model, means, torch.full((len(left),), length, device=means.device), side)
        centred = (of >= 0) & (period[of.clamp_min(0)] == length) if len(at) else of >= 0
        if not centred.any():
            continue
        centre = at[of[centred]]
        norms = adapted_norms(model, centre, length, side).cpu().numpy()
        own = left[centred.cpu().numpy()]
        apart = every[:, centred.cpu().numpy()] - centre.cpu().numpy()
        size = (
            np.sqrt(np.einsum("tki,kij,tkj->tk", apart, norms, apart))
            if norms.shape[-1] == apart.shape[-1]
            else np.linalg.norm(apart, axis=-1)
        )
        half = len(size) // 2
        weights = bump(half)
        wound = weights @ size[-half:] <= SPIRAL_SHRINKAGE * (weights @ size[:half])
        to[own[wound]] = True
        chosen = torch.from_numpy(wound).to(of.device)
        kept = torch.unique(of[centred][chosen])
        _add(found, at[kept], period[kept], radius[kept], side)
    return to


def _add(found: Destinations, points: Tensor, period: Tensor, radius: Tensor, side: float) -> None:
    """Add those points that are not among the attractors yet."""
    if len(points) and len(found.points):
        apart = pairwise_distances(points, found.points)
        fresh = ~((apart <= MERGE_DISTANCE * side) & (period[:, None] == found.period)).any(1)
        points, period, radius = points[fresh], period[fresh], radius[fresh]
    found.points, found.period = torch.cat([found.points, points]), torch.cat([found.period, period])
    found.radius = torch.cat([found.radius, radius])
