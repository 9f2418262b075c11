"""Invariant circles and chaotic sets: which orbits move on them, and whether they attract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy.spatial import KDTree
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.attraction import FOLLOWED, NEAR_DISTANCE
from landscape.measures.dynamics.exponents import Watched, dimension_of, rotation_number, spacing
from landscape.measures.dynamics.newton import phases_of
from landscape.measures.maps import Map, step_of

# Exponents are per iteration.
NEUTRAL_EXPONENT = 5e-3  # a circle's largest exponent is this near to 0, even on kinked circles; chaos has it above
CHAOS_ITERATIONS = 20_000  # for which chaos must last: a transient towards a cycle is shorter
SHORT_CYCLE = 64  # the longest cycle by which a chaotic transient is recognised
TRANSVERSE_EXPONENT = -0.01  # where the second exponent is below, the set is taken for a curve
CONSERVATIVE_SUM = 1e-5  # sums of two and more exponents this near to 0 are of maps that keep areas or volumes
CURVE_DIMENSION = 1.5  # a curve's estimated dimension is less
LARGEST_GAP = 0.05  # of the set's extent, between neighbours of a set that has been seen whole
REACH_IN_SPACINGS = 4.0  # an orbit is on a set if it is within so many spacings of the set's points
LEAST_REACH = 0.02  # of the set's extent: always on it within this, as nearly rational rotations leave gaps
JUDGED_ITERATIONS = 8  # iterations over which the distance to a set is judged, by its median
CYCLE_DISTANCE = 1e-8  # of the range: an orbit that returns this closely is on a cycle


@dataclass(frozen=True, eq=False, repr=False)
class Recurrent(Shown):
    """An invariant circle or a chaotic set that attracts.

    `points` (K, D) lie on it; points nearer to one of them than `reach` count as on the set, too. `exponent` is its largest
    Lyapunov exponent per iteration; `rotation` a circle's rotation number in turns per iteration, NaN of a chaotic set."""

    points: Float[np.ndarray, "points dim"]
    exponent: float
    rotation: float
    reach: float


def recurrent_sets(model: Map, orbits: Watched, side: float) -> list[Recurrent]:
    """The attracting circles and chaotic sets that watched orbits of a map of one member move on, each once.

    1. Attracting: no sum of two or more largest exponents is 0 (the map keeps no area); the largest is positive (chaos)
       or about 0 (a circle).
    2. A circle must have been seen whole and be a curve: by its second exponent, or by its dimension.
    3. Orbits that lie on each other's sets are one set, whose exponent is their mean.
    4. A chaotic set must last for 20,000 iterations more."""
    points, exponents = orbits.points, orbits.exponents
    found = []
    for members, reach in _groups(orbits):
        exponent = float(exponents[members, 0].mean())
        if exponent > NEUTRAL_EXPONENT and not _lasts(
            model, torch.from_numpy(points[-1, members]).to(model.device), side
        ):
            continue
        rotation = rotation_number(points[:, members[0]]) if exponent <= NEUTRAL_EXPONENT else float("nan")
        found.append(Recurrent(points[:, members].reshape(-1, points.shape[2]), exponent, rotation, reach))
    return found


def _groups(orbits: Watched) -> list[tuple[list[int], float]]:
    """The orbits on each attracting circle or chaotic set, and the reach of that set."""
    groups: list[tuple[list[int], float, KDTree]] = []
    for k in np.flatnonzero(_attracting(orbits.exponents)):
        orbit = orbits.points[:, k]
        reach = _reach(orbit, orbits.exponents[k])
        if reach is None:
            continue
        for members, limit, tree in groups:
            if np.quantile(tree.query(orbit)[0], 0.9) <= max(limit, reach):
                members.append(int(k))
                break
        else:
            groups.append(([int(k)], reach, KDTree(orbit)))
    return [(members, reach) for members, reach, _ in groups]


def _attracting(exponents: np.ndarray) -> np.ndarray:
    """Which orbits are on sets that can attract, by their exponents (K, M): (K,). Step 1 of `recurrent_sets`."""
    sums = exponents.cumsum(1)[:, 1:]
    dissipative = ~(np.abs(sums) <= CONSERVATIVE_SUM).any(1) & (exponents[:, 0] > -NEUTRAL_EXPONENT)
    attracting: np.ndarray = dissipative & ((exponents[:, 0] > NEUTRAL_EXPONENT) | (sums < 0).any(1))
    return attracting


def _reach(orbit: np.ndarray, exponents: np.ndarray) -> float | None:
    """The reach of the set that an orbit (T, D) fills; None for what is neither chaotic nor a whole closed curve (step 2)."""
    spread, extent = np.quantile(spacing(orbit), 0.9), np.ptp(orbit, axis=0).max()
    if exponents[0] <= NEUTRAL_EXPONENT:
        if spread > LARGEST_GAP * extent:
            return None
        if exponents[:2][-1] > TRANSVERSE_EXPONENT and dimension_of(orbit) > CURVE_DIMENSION:
            return None
    return max(REACH_IN_SPACINGS * float(spread), LEAST_REACH * float(extent))


def on_set(model: Map, recurrent: Recurrent, ends: Float[Tensor, "ends dim"], side: float) -> Bool[Tensor, "ends"]:
    """Which ends are on a recurrent set, or are near it and on it after 840 iterations: (S,)."""
    tree, step = KDTree(recurrent.points), step_of(model)

    def near(points: Tensor) -> np.ndarray:
        orbit = phases_of(model, points, JUDGED_ITERATIONS - 1).cpu().numpy()
        apart: np.ndarray = np.median(tree.query(np.nan_to_num(orbit, posinf=0, neginf=0))[0], 0)
        return apart

    apart = near(ends)
    on = apart <= recurrent.reach
    late = np.flatnonzero(~on & (apart <= max(NEAR_DISTANCE * side, recurrent.reach)))
    if len(late):
        later = ends[torch.from_numpy(late).to(ends.device)][None]
        for _ in range(FOLLOWED):
            later = step(later)
        on[late] = near(later[0]) <= recurrent.reach
    return torch.from_numpy(on).to(ends.device)


def _lasts(model: Map, points: Tensor, side: float) -> bool:
    """Whether all orbits are still chaotic 20,000 iterations later: finite, and on no cycle of up to 64."""
    step, now = step_of(model), points[None]
    for _ in range(CHAOS_ITERATIONS):
        now = step(now)
    begun, returns = now, torch.full(points.shape[:1], torch.inf, dtype=points.dtype, device=points.device)
    for _ in range(SHORT_CYCLE):
        now = step(now)
        returns = torch.minimum(returns, (now - begun).abs().amax(-1)[0])
    return bool((now.isfinite().all(-1)[0] & (returns > CYCLE_DISTANCE * side)).all())
