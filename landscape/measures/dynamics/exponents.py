"""Orbits watched for thousands of iterations: Lyapunov exponents, rotation number, dimension, spacing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.spatial import KDTree
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.newton import untold
from landscape.measures.maps import Map, step_of

ITERATIONS = 2048  # of an orbit that is watched
TOLD_EVERY = 64  # iterations between two reports of progress
MOST_EXPONENTS = 4  # that are computed, the largest of the D there are
SEPARATION = 1e-7  # of the range: the distance between an orbit and those beside it
LEAST_GROWTH = 1e-9  # of that distance in one iteration: a smaller factor is rounding


@dataclass(frozen=True, eq=False, repr=False)
class Watched(Shown):
    """K orbits of T iterations, `points` (T, K, D), and their M largest Lyapunov `exponents` per iteration, (K, M), falling."""

    points: Float[np.ndarray, "iterations orbits dim"]
    exponents: Float[np.ndarray, "orbits some"]


@torch.no_grad()
def watched(
    model: Map,
    starts: Float[Tensor, "orbits dim"],
    side: float,
    iterations: int = ITERATIONS,
    tell: Callable[[float], None] = untold,
) -> Watched:
    """The orbits from `starts` and their Lyapunov exponents, for a map of one member in float64.

    `tell` hears the share of the iterations done.

    1. Beside each orbit, M = min(D, 4) other orbits start at 1e-7 of the range (`side`), in orthogonal directions.
    2. After each iteration a QR decomposition makes their differences orthogonal again, and they are scaled back to that
       length. The logarithms of the diagonal of R are the growths of this iteration (Benettin et al. 1980).
    3. An exponent is the weighted mean of its growths, with weights that fall smoothly to 0 at both ends. On quasi-periodic
       orbits this mean converges faster than any power of T (Das, Sander and Yorke 2016)."""
    count, dim = starts.shape
    some, length, step = min(dim, MOST_EXPONENTS), SEPARATION * side, step_of(model)
    drawn = torch.randn(count, dim, some, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    axes = torch.linalg.qr(drawn.to(starts))[0].mT  # (K, M, D)
    points, seen, grown = starts, [], []
    for done in range(iterations):
        if done % TOLD_EVERY == 0:
            tell(done / iterations)
        beside = torch.cat([points[:, None], points[:, None] + length * axes], 1)
        moved = step(beside.view(1, -1, dim))[0].view(count, some + 1, dim)
        points = moved[:, 0]
        apart = ((moved[:, 1:] - moved[:, :1]) / length).nan_to_num(0, 0, 0)
        turned, growth = torch.linalg.qr(apart.mT)
        axes = turned.mT
        seen.append(points)
        grown.append(growth.diagonal(dim1=-2, dim2=-1).abs().clamp_min(LEAST_GROWTH).log())
    weights = torch.from_numpy(bump(iterations)).to(starts)
    exponents = (torch.stack(grown) * weights[:, None, None]).sum(0).sort(-1, descending=True).values
    return Watched(torch.stack(seen).cpu().numpy(), exponents.cpu().numpy())


def bump(count: int) -> Float[np.ndarray, "count"]:
    """Weights exp(−1 / t(1 − t)) at `count` equally spaced times t in (0, 1), scaled to the sum 1: (T,)."""
    times = (np.arange(count) + 0.5) / count
    weights = np.exp(-1 / (times * (1 - times)))
    total: np.ndarray = weights / weights.sum()
    return total


def rotation_number(points: Float[np.ndarray, "iterations dim"]) -> float:
    """The mean turn per iteration about the mean point, in full turns from 0 to ½, in the plane of the largest variance.

    This is the rotation number if the curve goes round its mean point once in that plane."""
    apart = points - points.mean(0)
    plane = apart @ np.linalg.svd(apart, full_matrices=False)[2][:2].T
    turns = np.diff(np.angle(plane[:, 0] + 1j * plane[:, 1]))
    turns = (turns + np.pi) % (2 * np.pi) - np.pi
    return abs(float(turns @ bump(len(turns)))) / (2 * np.pi)


def spacing(points: Float[np.ndarray, "iterations dim"]) -> Float[np.ndarray, "half"]:
    """The distance from each point of the second half of an orbit to the nearest point of the first half: (T/2,)."""
    half = len(points) // 2
    distances: np.ndarray = KDTree(points[:half]).query(points[half:])[0]
    return distances


def dimension_of(points: Float[np.ndarray, "iterations dim"]) -> float:
    """The dimension of the set that an orbit fills, from how its mean spacing falls with the number of points.

    About 1 for a closed curve, 2 for a torus, 0 for a cycle; infinite where no spacing falls, as the orbit has moved on."""
    half = len(points) // 2
    counts = [half // 8, half // 4, half // 2, half]
    means = [float(KDTree(points[:count]).query(points[half:])[0].mean()) for count in counts]
    if min(means) <= 0:
        return 0.0
    slope = float(np.polyfit(np.log(counts), np.log(means), 1)[0])
    return -1 / slope if slope < 0 else float("inf")
