"""Basins of attraction: which attractor each start leads to and when, how large basins are, and how ragged their borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.stats import linregress
from scipy.stats import t as student
from torch import Tensor

from landscape.measures.distances import joined
from landscape.measures.maps import Map, blockwise, numbers_at_work, per_member

UNSETTLED, OUTSIDE = -1, -2  # labels of starts that lead to no attractor in time, and out of the range or to infinity
STILL = 1e-7  # of the range: an orbit that moves less in an iteration rests
SAME = 1e-3  # of the range: nearer ends are one attractor
PERIODS = 8  # the longest cycle that is looked for
EVERY = 8  # iterations between two looks at which orbits rest, which are then retired
FAR = 10.0  # ranges: an orbit so far outside is not followed
RETURNED = 1e-4  # of the range: an orbit that comes back so closely has returned
MOST = 4096  # different ends, above which they are a continuum
TILES = 4  # along each side of a picture, of which one is left out at a time
SCALES = (1, 2, 4, 8, 16)
BOX = 5  # starts along each side of the boxes that entropies are taken over


@dataclass(frozen=True, eq=False)
class Basins:
    """Of S starts of one map: `label` (S,), a place in the lists of attractors, or UNSETTLED or OUTSIDE, and `time` (S,), the
    iteration from which the orbit was seen at rest (to within 8), T where it was not.

    `attractors` (A, D): those that most starts lead to first, of a cycle the point of least sum; `period` (A,)."""

    label: Int[Tensor, "starts"]
    time: Int[Tensor, "starts"]
    attractors: Float[Tensor, "attractors dim"]
    period: Int[Tensor, "attractors"]

    @property
    def shares(self) -> Float[Tensor, "attractors"]:
        """The share of the starts in each basin: (A,). What is missing to 1 is unsettled or outside."""
        counts = torch.bincount(self.label[self.label >= 0], minlength=len(self.attractors))
        return counts.double() / len(self.label)


@dataclass(frozen=True)
class Scaling:
    """A power with its 95 % interval, by leaving out one of TILES² tiles of the picture at a time (jackknife)."""

    value: float
    low: float
    high: float


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

    Orbits at rest are iterated no further, unless `retire` is false, which changes nothing but the time it takes. Ends nearer
    than 0.001 of the range are one attractor. Raises ValueError for more than one member."""
    if map.members != 1:
        raise ValueError(f"basins are those of one map; got {map.members} members, of which select one")
    side, points = high - low, per_member(map, starts)
    final, time = points[0].clone(), torch.full((points.shape[1],), iterations, device=points.device)
    period = torch.zeros(points.shape[1], dtype=torch.int64, device=points.device)
    active = torch.arange(points.shape[1], device=points.device)
    for now in range(1, iterations + 1):
        before, points = points, blockwise(_apply, map, points, numbers_at_work(map))
        if now % EVERY and now < iterations:
            continue
        rests = ((points - before).abs().amax(-1) <= STILL * side)[0]
        gone = ~(((points - low) / side - 0.5).abs().amax(-1) <= 0.5 + FAR)[0]
        fresh = (rests | gone) & (period[active] == 0)
        period[active[fresh & rests]], period[active[fresh & gone]] = 1, OUTSIDE
        time[active[fresh]] = now
        final[active] = points[0]
        if retire:
            kept = ~(rests | gone)
            active, points = active[kept], points[:, kept]
            if not len(active):
                break
    late = (period == 0).nonzero()[:, 0]
    final[late], period[late] = _cycles(map, final[late], side)
    return _labelled(final, period, time, side)


def _cycles(map: Map, points: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """Orbits that return within a few iterations, at the phase of least sum of coordinates, and after how many; 0: none."""
    phases = [points]
    for _ in range(PERIODS):
        phases.append(blockwise(_apply, map, phases[-1][None], numbers_at_work(map))[0])
    period = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    for length in range(PERIODS, 0, -1):
        back = (phases[length] - points).abs().amax(-1) <= RETURNED * side
        period = torch.where(back, length, period)
    orbit = torch.stack(phases)
    beyond = torch.arange(len(phases), device=points.device)[:, None] >= period.clamp_min(1)
    phase = orbit.sum(-1).masked_fill(beyond, torch.inf).argmin(0)
    return orbit[phase, torch.arange(len(points), device=points.device)], period


def _labelled(final: Tensor, period: Tensor, time: Tensor, side: float) -> Basins:
    """The different ends among the settled orbits, those of most starts first."""
    label = torch.where(period == OUTSIDE, OUTSIDE, UNSETTLED)
    settled = (period > 0).nonzero()[:, 0]
    coarse = torch.cat([(final[settled] / (SAME * side)).round(), period[settled, None].to(final)], 1)
    cells, places = np.unique(coarse.cpu().numpy(), axis=0, return_inverse=True)
    cell = torch.from_numpy(places.reshape(-1)).to(final.device)
    if not len(cells) or len(cells) > MOST:  # a continuum of ends is no attractor
        none = final[:0]
        return Basins(label, time, none, period[:0])
    first = torch.full((len(cells),), len(settled), device=cell.device)
    first.scatter_reduce_(0, cell, torch.arange(len(settled), device=cell.device), "amin")
    ends, kinds = final[settled[first]], period[settled[first]]
    names = torch.from_numpy(joined(ends, kinds, SAME * side * ends.shape[1] ** 0.5)).to(cell.device)
    counts = torch.bincount(names[cell])
    order = counts.argsort(descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    label[settled] = rank[names[cell]]
    chosen = torch.full((len(order),), len(cells), device=cell.device)
    chosen.scatter_reduce_(0, rank[names], torch.arange(len(cells), device=cell.device), "amin")
    return Basins(label, time, ends[chosen], kinds[chosen])


def basin_entropy(labels: Int[np.ndarray, "rows columns"], box: int = BOX) -> tuple[float, float]:
    """The entropy of labels in boxes of box × box starts, mean over all boxes and over those of several labels, in nats.

    Daza et al. (2016): above log 2, the second proves a fractal boundary. It is NaN where no box has several labels."""
    rows, columns = (size // box for size in labels.shape)
    tiles = labels[: rows * box, : columns * box].reshape(rows, box, columns, box).swapaxes(1, 2).reshape(-1, box * box)
    ordered = np.sort(tiles, 1)
    entropy = np.zeros(len(tiles))
    for place in range(box * box):  # −Σ p log p, as the mean of −log p over the starts of a box
        entropy -= np.log((ordered == ordered[:, place : place + 1]).mean(1)) / box**2
    several = ordered[:, 0] != ordered[:, -1]
    return float(entropy.mean()), float(entropy[several].mean()) if several.any() else float("nan")


def uncertainty_exponent(labels: Int[np.ndarray, "rows columns"], scales: tuple[int, ...] = SCALES) -> Scaling:
    """The power α of ε with which the share of starts grows whose label differs from that of a start ε to either side.

    Grebogi et al. (1983): a boundary of dimension d in the plane has α = 2 − d, 1 where it is smooth. `scales` are distances
    in steps of the grid. NaN where there is no boundary."""
    reach = max(scales)
    middle = labels[:, reach:-reach]
    differs = [
        (labels[:, reach - scale : -reach - scale] != middle)
        | (labels[:, reach + scale : labels.shape[1] - reach + scale] != middle)
        for scale in scales
    ]
    return _scaling([_tiles(one) for one in differs], scales, 1)


def boundary_dimension(labels: Int[np.ndarray, "rows columns"], scales: tuple[int, ...] = SCALES) -> Scaling:
    """The box-counting dimension of the boundary: boxes of `scales` steps of the grid that hold several labels.

    Smooth curves have 1. NaN where there is no boundary."""
    counts = []
    for scale in scales:
        rows, columns = ((size - 1) // scale for size in labels.shape)
        windows = np.lib.stride_tricks.sliding_window_view(labels, (scale + 1, scale + 1))[::scale, ::scale]
        kept = windows[:rows, :columns].reshape(rows, columns, -1)
        counts.append(_tiles(kept.max(-1) != kept.min(-1)))
    return _scaling(counts, scales, -1)


def _tiles(found: np.ndarray) -> np.ndarray:
    """How many in each of TILES × TILES parts of a picture: (TILES²,)."""
    parts = [part for band in np.array_split(found, TILES, 0) for part in np.array_split(band, TILES, 1)]
    return np.array([part.sum() for part in parts], float)


def _scaling(counts: list[np.ndarray], scales: tuple[int, ...], sign: int) -> Scaling:
    table = np.stack(counts, 1)  # (tiles, scales)
    if (table.sum(0) == 0).any():
        return Scaling(*[float("nan")] * 3)

    def power(rows: np.ndarray) -> float:
        total = rows.sum(0)
        return sign * float(linregress(np.log(scales), np.log(total)).slope) if (total > 0).all() else float("nan")

    value = power(table)
    left_out = np.array([power(np.delete(table, tile, 0)) for tile in range(len(table))])
    left_out = left_out[np.isfinite(left_out)]
    error = np.sqrt((len(left_out) - 1) / len(left_out) * ((left_out - left_out.mean()) ** 2).sum())
    half = float(student.ppf(0.975, len(left_out) - 1) * error)
    return Scaling(value, value - half, value + half)


def _apply(map: Map, points: Tensor) -> Tensor:
    return map(points)
