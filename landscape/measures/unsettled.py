"""Orbits that have not settled: longer cycles, slow spirals, invariant circles and chaotic sets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import KDTree
from torch import Tensor

from landscape.measures.attraction import NEAR, ONE, adapted_norms, attracting, size_in
from landscape.measures.distances import nearest
from landscape.measures.exponents import WATCHED, Watched, bump, dimension_of, rotation_number, spacing, watched
from landscape.measures.maps import Map, step_of
from landscape.measures.newton import phases_of

UNSETTLED, OUTSIDE, SLOW = -1, -2, -3  # of starts that end at no attractor in time, far out of the range, or creep
SAMPLED, NUMBERS = 64, 2**23  # orbits that are watched at a time, and numbers of them that are kept
ROUNDS = 8  # of watching, at most
SETTLES = 840  # iterations before an orbit is watched
RESTS = 1e-9  # of the range: an orbit that has come to move less is not watched
LONGEST_CYCLE = 512  # the longest cycle that is looked for
BACK = (1e-8, 1e-5, 1e-3)  # of the range: how closely an orbit comes back that may be on a cycle, the surest first
CONVERGED = 1e-10  # of the range: such a distance between returns need not shrink any more
FALLS_BY = 0.01  # in the logarithm, from one quarter of an orbit to the next: how returns to a cycle become closer
SHRINKS = 0.999  # what is left of the way to a focus, from one half of an orbit to the other
FALLS = -3e-6  # a largest Lyapunov exponent above is not that of a fixed point or cycle
PAIR = 2e-3  # the two largest exponents of a spiral are one, up to such an error
EFFORT = 2**11  # iterations of all the cycles, at most, that Newton's method is tried on at a time
NEUTRAL = (
    5e-3  # a largest Lyapunov exponent nearer to 0 is that of a circle, known so well on kinked ones; above, of chaos
)
LASTS = 20_000  # iterations for which chaos must last to be more than a long way to a cycle
ACROSS = -0.01  # a second exponent below draws orbits to a curve
KEEPS = 1e-5  # sums of two and more exponents that are nearer to 0 keep areas or volumes: nothing is attracted
CURVE = 1.5  # the dimension of a curve is less
SPREAD = 0.05  # of its extent: a set is seen whole if each point of the second half is so near to one of the first
ALIKE = 4.0  # times its own spacing: orbits so near to one set are at it
NARROW = 0.02  # of its extent: nor less, for orbits that turn by nearly a fraction leave gaps
STAYS = 8  # iterations for which they must be


@dataclass(frozen=True, eq=False)
class Recurrent:
    """A set that orbits go round in for ever, `points` (K, D) of it, its largest Lyapunov `exponent` and, of a circle, the
    `rotation` number, NaN of a chaotic set. Points nearer to it than `reach` are on it."""

    points: Float[np.ndarray, "points dim"]
    exponent: float
    rotation: float
    reach: float


@dataclass(eq=False)
class Explained:
    """What ends of orbits are at: `label` (S,) a place among `points` (A, D) of `period` (A,), or A + a place among `sets`."""

    label: Int[Tensor, "ends"]
    points: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]
    sets: list[Recurrent] = field(default_factory=list)


@torch.no_grad()
def explained(
    map: Map,
    ends: Float[Tensor, "ends dim"],
    points: Float[Tensor, "attractors dim"],
    period: Int[Tensor, "attractors"],
    side: float,
) -> Explained:
    """Which attractors the ends of moving orbits are at, those given or others, for a map in float64 of one member.

    1. An end that nears a fixed point or cycle in its adapted norm is at it, or, beyond 0.01 of the range, SLOW.
    2. Of the ends that are left, 64 at a time are followed for 840 iterations and watched for 2048 more. They reveal cycles of
       up to 512, by returns that become closer; fixed points and cycles that they spiral to, by Newton's method from the mean
       of the orbit; and recurrent sets that attract, by their Lyapunov exponents: a circle has a largest one of 0.
    3. All ends are compared with what was found; the next 64 follow, unless nothing new was found.
    An orbit in a map that keeps areas goes round for ever, too, but no set there attracts: it stays UNSETTLED."""
    found = Explained(torch.full((len(ends),), UNSETTLED, device=ends.device), points, period)
    of_set = torch.full_like(found.label, -1)
    _near(map, found, ends, torch.arange(len(points), device=ends.device), side)
    chance = torch.randperm(len(ends), generator=torch.Generator().manual_seed(0)).to(ends.device)
    for _ in range(ROUNDS):
        chance = chance[(found.label[chance] == UNSETTLED) & (of_set[chance] < 0)]
        if not len(chance):
            break
        some = max(1, min(SAMPLED, NUMBERS // (WATCHED * map.dim)))
        before, sets = len(found.points), len(found.sets)
        _watch(map, found, ends[chance[:some]], side)
        if (before, sets) == (len(found.points), len(found.sets)):
            break
        for place in range(sets, len(found.sets)):
            of_set[chance[_on(map, found.sets[place], ends[chance], side)]] = place
        held = found.label.clone()
        found.label[of_set >= 0] = OUTSIDE  # not to be looked at
        _near(map, found, ends, torch.arange(before, len(found.points), device=ends.device), side)
        found.label = torch.where(of_set >= 0, held, found.label)
        chance = chance[some:]
    found.label = torch.where(of_set >= 0, len(found.points) + of_set, found.label)
    return found


def _near(map: Map, found: Explained, ends: Tensor, which: Tensor, side: float) -> None:
    """Label the ends that near fixed points or cycles, those at the places `which`."""
    for length in torch.unique(found.period[which]).tolist():
        own = which[found.period[which] == length]
        left = (found.label == UNSETTLED).nonzero()[:, 0]
        if not len(left):
            return
        phases = phases_of(map, found.points[own], length - 1)
        place = nearest(ends[None, left], phases.flatten(0, 1)[None])[1][0]
        at, of = phases.flatten(0, 1)[place], own[place % len(own)]
        norms = adapted_norms(map, phases.flatten(0, 1), length, side)[place]
        nearing = _nears(map, ends[left], at, norms, length, side)
        near = (ends[left] - at).abs().amax(-1) <= NEAR * side
        found.label[left] = torch.where(nearing, torch.where(near, of, SLOW), UNSETTLED)


def _nears(map: Map, ends: Tensor, at: Tensor, norms: Tensor, period: int, side: float) -> Tensor:
    """Which orbits near a point of period p all the time for 840 iterations, in its norm, or come to rest at it."""
    step, nears = step_of(map), torch.ones(len(ends), dtype=torch.bool, device=ends.device)
    size, under_way = size_in(norms, ends - at), torch.arange(len(ends), device=ends.device)
    for _ in range(max(2, SETTLES // period)):
        for _ in range(period):
            ends = step(ends[None])[0]
        later = size_in(norms[under_way], ends - at[under_way])
        nears[under_way] = (later < size[under_way]) | (later <= ONE * side)
        kept = nears[under_way] & (later > ONE * side)
        size[under_way] = later
        under_way, ends = under_way[kept], ends[kept]
        if not len(under_way):
            break
    return nears


def _watch(map: Map, found: Explained, starts: Tensor, side: float) -> None:
    """Add what the orbits from `starts` reveal to the attractors found."""
    step, points = step_of(map), starts[None]
    for _ in range(SETTLES):
        points = step(points)
    moves = (step(points) - points).abs().amax(-1)[0]
    points = points[0, points.isfinite().all(-1)[0] & (moves > RESTS * side)]
    if not len(points):
        return
    orbits = watched(map, points, side)
    kept = np.isfinite(orbits.points).all((0, 2))
    orbits = Watched(orbits.points[:, kept], orbits.exponents[kept])
    left = np.ones(len(orbits.exponents), bool)
    falls = orbits.exponents[:, 0] < FALLS
    winds = falls & (orbits.exponents[:, :2][:, -1] >= 2 * orbits.exponents[:, 0] - PAIR)
    for explain, may in ((_cycles, falls), (_spirals, winds)):
        some = left & may
        if some.any():
            left[some] = ~explain(map, found, Watched(orbits.points[:, some], orbits.exponents[some]), side)
    _recurrent(map, found, orbits.points[:, left], orbits.exponents[left], side)


def _cycles(map: Map, found: Explained, orbits: Watched, side: float) -> np.ndarray:
    """Which of the watched orbits are on cycles, of which those that attract are added."""
    points, on = orbits.points, np.zeros(orbits.points.shape[1], bool)
    last = points[-1]
    back = np.abs(points[-1 - LONGEST_CYCLE : -1][::-1] - last).max(-1)  # (lags, orbits)
    for limit in BACK:
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
        cells = np.column_stack([np.round(np.array(least) / (BACK[-1] * side)), lags])
        _, first, alike = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        tried = first[np.cumsum(lags[first]) <= max(EFFORT, int(lags[first[0]]))]  # the others in the next round
        ends = torch.from_numpy(last[orbit[tried]]).to(found.points)
        at, period, of = attracting(map, ends, torch.from_numpy(lags[tried]).to(found.period), side)
        _add(found, at, period, side)
        solved = set(tried[of.cpu().numpy() >= 0].tolist())
        on[orbit[[first[place] in solved for place in alike.ravel()]]] = True
    return on


def _shrinks(orbit: np.ndarray, lag: int, side: float) -> bool:
    """Whether an orbit comes back ever more closely after so many iterations, by about the same factor from
    each quarter of it to the next, or has converged; on circles the factors differ by chance."""
    apart = np.abs(orbit[lag:] - orbit[:-lag]).max(-1)
    parts = np.array([part.mean() for part in np.array_split(apart, 4)])
    if parts[-1] <= CONVERGED * side:
        return True
    falls = -np.diff(np.log(parts))
    return bool(falls.min() >= max(FALLS_BY, falls.max() / 2))


def _spirals(map: Map, found: Explained, orbits: Watched, side: float) -> np.ndarray:
    """Which of the watched orbits wind to a fixed point or a cycle of up to 8, which are added."""
    points, to = orbits.points, np.zeros(orbits.points.shape[1], bool)
    for length in range(1, STAYS + 1):
        left = np.flatnonzero(~to)
        if not len(left):
            break
        every = points[::length, left]
        means = torch.from_numpy(np.tensordot(bump(len(every)), every, 1)).to(found.points)
        at, period, of = attracting(map, means, torch.full((len(left),), length, device=means.device), side)
        centred = (of >= 0) & (period[of.clamp_min(0)] == length) if len(at) else of >= 0
        if not centred.any():
            continue
        centre = at[of[centred]]
        norms = adapted_norms(map, centre, length, side).cpu().numpy()
        own = left[centred.cpu().numpy()]
        apart = every[:, centred.cpu().numpy()] - centre.cpu().numpy()
        size = np.sqrt(np.einsum("tki,kij,tkj->tk", apart, norms, apart))
        half = len(size) // 2
        weights = bump(half)
        wound = weights @ size[-half:] <= SHRINKS * (weights @ size[:half])
        to[own[wound]] = True
        chosen = torch.from_numpy(wound).to(of.device)
        kept = torch.unique(of[centred][chosen])
        _add(found, at[kept], period[kept], side)
    return to


def _add(found: Explained, points: Tensor, period: Tensor, side: float) -> None:
    """Add the points that are none of those found already."""
    if len(points) and len(found.points):
        apart = torch.cdist(points, found.points, compute_mode="donot_use_mm_for_euclid_dist")
        fresh = ~((apart <= ONE * side) & (period[:, None] == found.period)).any(1)
        points, period = points[fresh], period[fresh]
    found.points, found.period = torch.cat([found.points, points]), torch.cat([found.period, period])


def _recurrent(map: Map, found: Explained, points: np.ndarray, exponents: np.ndarray, side: float) -> None:
    """Add the sets that attract of those which the orbits, (T, K, D), go round in, each once."""
    sums = exponents.cumsum(1)[:, 1:]
    shrinks = ~(np.abs(sums) <= KEEPS).any(1) & (exponents[:, 0] > -NEUTRAL)
    shrinks &= (exponents[:, 0] > NEUTRAL) | (sums < 0).any(1)
    groups: list[tuple[list[int], float, KDTree]] = []
    for k in np.flatnonzero(shrinks):
        orbit, chaotic = points[:, k], exponents[k, 0] > NEUTRAL
        own = spacing(orbit)
        extent = np.ptp(orbit, axis=0).max()
        if not chaotic and np.quantile(own, 0.9) > SPREAD * extent:
            continue
        if not chaotic and exponents[k, :2][-1] > ACROSS and dimension_of(orbit) > CURVE:
            continue
        reach = max(ALIKE * float(np.quantile(own, 0.9)), NARROW * float(extent))
        for members, limit, tree in groups:
            if np.quantile(tree.query(orbit)[0], 0.9) <= max(limit, reach):
                members.append(int(k))
                break
        else:
            groups.append(([int(k)], reach, KDTree(orbit)))
    for members, reach, _ in groups:
        exponent = float(exponents[members, 0].mean())
        if exponent > NEUTRAL and not _lasts(map, torch.from_numpy(points[-1, members]).to(found.points), side):
            continue
        rotation = rotation_number(points[:, members[0]]) if exponent <= NEUTRAL else float("nan")
        found.sets.append(Recurrent(points[:, members].reshape(-1, points.shape[2]), exponent, rotation, reach))


def _lasts(map: Map, points: Tensor, side: float) -> bool:
    """Whether no orbit of a chaotic set comes to rest, on a cycle of up to 64 either, or leaves every bound."""
    step, now = step_of(map), points[None]
    for _ in range(LASTS):
        now = step(now)
    begun, returns = now, torch.full(points.shape[:1], torch.inf, dtype=points.dtype, device=points.device)
    for _ in range(SAMPLED):
        now = step(now)
        returns = torch.minimum(returns, (now - begun).abs().amax(-1)[0])
    return bool((now.isfinite().all(-1)[0] & (returns > BACK[0] * side)).all())


def _on(map: Map, one: Recurrent, ends: Tensor, side: float) -> Tensor:
    """Which ends are on a set, or near it and 840 iterations later on it."""
    tree, step = KDTree(one.points), step_of(map)

    def near(points: Tensor) -> np.ndarray:
        orbit = phases_of(map, points, STAYS - 1).cpu().numpy()
        apart: np.ndarray = np.median(tree.query(np.nan_to_num(orbit, posinf=0, neginf=0))[0], 0)
        return apart

    apart = near(ends)
    on = apart <= one.reach
    late = np.flatnonzero(~on & (apart <= max(NEAR * side, one.reach)))
    if len(late):
        later = ends[torch.from_numpy(late).to(ends.device)][None]
        for _ in range(SETTLES):
            later = step(later)
        on[late] = near(later[0]) <= one.reach
    return torch.from_numpy(on).to(ends.device)
