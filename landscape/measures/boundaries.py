"""Borders of basins: how ragged they are, from labels on a grid of one or two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from scipy.stats import linregress
from scipy.stats import t as student

TILES = 16  # of a picture, of which one is left out at a time
SCALES = (1, 2, 4, 8, 16)
APART = 4  # scales at most so many times smaller than the average basin: larger ones see the basins, not their borders
LEAST = 8  # starts a side
BOX = 5  # starts along each side of the boxes that entropies are taken over


@dataclass(frozen=True)
class Scaling:
    """A power with an interval for it, and the `slopes` from each of the `scales` to the next that it is fitted to.

    A power law has one slope at all scales. Where the grid is too coarse for a boundary, or its gaps come in steps, the slopes
    differ, and the fit is biased by about as much: the interval is the 95 % interval of the fit, by leaving out one of 16 tiles
    of the picture at a time (jackknife), widened on both sides by the largest difference between a slope and the fit. It held
    the dimension of carpets, Cantor sets, Koch curves and Newton's basins at 101 to 729 starts a side (tests)."""

    value: float
    low: float
    high: float
    scales: tuple[int, ...] = ()
    slopes: tuple[float, ...] = ()


def basin_entropy(labels: Int[np.ndarray, "*sides"], box: int = BOX) -> tuple[float, float]:
    """The entropy of labels in boxes of `box` starts a side, mean over all boxes and over those of several labels, in nats.

    Daza et al. (2016): where no box is met by three basins, a second above log 2 proves a fractal boundary; many small basins
    exceed it, too. It is NaN where no box has several labels. Raises ValueError for a grid smaller than a box."""
    if min(labels.shape) < box:
        raise ValueError(f"`labels` must have at least {box} starts a side, a box; got {tuple(labels.shape)}")
    counts = [size // box for size in labels.shape]
    kept = labels[tuple(slice(count * box) for count in counts)]
    split = kept.reshape([part for count in counts for part in (count, box)])
    first = range(0, split.ndim, 2)
    tiles = np.moveaxis(split, list(first), range(len(first))).reshape(-1, box**labels.ndim)
    ordered = np.sort(tiles, 1)
    entropy = np.zeros(len(tiles))
    for place in range(ordered.shape[1]):  # −Σ p log p, as the mean of −log p over the starts of a box
        entropy -= np.log((ordered == ordered[:, place : place + 1]).mean(1)) / ordered.shape[1]
    several = ordered[:, 0] != ordered[:, -1]
    return float(entropy.mean()), float(entropy[several].mean()) if several.any() else float("nan")


def uncertainty_exponent(labels: Int[np.ndarray, "*sides"], scales: Sequence[int] = SCALES) -> Scaling:
    """The power α of ε with which the share of starts grows whose label differs from that of a start ε to either side.

    The mean of the shares along all axes; Grebogi et al. (1983) look along one, to which borders may be parallel. A boundary of
    dimension d in K dimensions has α = K − d, 1 where it is smooth; where basins are thinner than a step of the grid, α is too
    small. `scales` are distances in steps of the grid, of which those are taken that are well below the size of an average
    basin. NaN where there is no boundary. Raises ValueError for a grid of fewer than 8 starts a side."""
    scales = _below_basins(labels, scales)
    reach = max(scales)
    inner = tuple(slice(reach, side - reach) for side in labels.shape)
    middle, counts = labels[inner], []
    for scale in scales:
        differs = [
            (np.roll(labels, scale, axis)[inner] != middle) | (np.roll(labels, -scale, axis)[inner] != middle)
            for axis in range(labels.ndim)
        ]
        counts.append(np.sum([_tiles(one) for one in differs], 0))
    return _scaling(counts, scales, 1)


def boundary_dimension(labels: Int[np.ndarray, "*sides"], scales: Sequence[int] = SCALES) -> Scaling:
    """The box-counting dimension of the boundary: boxes of `scales` steps of the grid that hold several labels.

    Smooth curves in the plane have 1, points on the line 0. `scales`, NaN and errors as for the uncertainty exponent. Boxes of
    one step miss whatever is thinner than a step: the value is fitted without the smallest scale where the slope from it is
    farther from the mean of the other slopes than each of these."""
    scales = _below_basins(labels, scales)
    counts = []
    for scale in scales:
        windows = np.lib.stride_tricks.sliding_window_view(labels, (scale + 1,) * labels.ndim)
        apart = windows[(slice(None, None, scale),) * labels.ndim]
        kept = apart.reshape(*apart.shape[: labels.ndim], -1)
        counts.append(_tiles(kept.max(-1) != kept.min(-1)))
    return _scaling(counts, scales, -1, choose=True)


def _below_basins(labels: np.ndarray, scales: Sequence[int]) -> list[int]:
    """The scales that are well below an average basin's size and fit the grid, the two smallest at least."""
    if min(labels.shape) < LEAST:
        raise ValueError(f"`labels` must have at least {LEAST} starts a side; got {tuple(labels.shape)}")
    most = min(labels.shape) / (APART * len(np.unique(labels)) ** (1 / labels.ndim))
    return [scale for place, scale in enumerate(sorted(scales)) if place < 2 or scale <= most]


def _tiles(found: np.ndarray) -> np.ndarray:
    """How many in each of TILES parts of a picture: (TILES,)."""
    parts, each = [found], round(TILES ** (1 / found.ndim))
    for axis in range(found.ndim):
        parts = [piece for part in parts for piece in np.array_split(part, each, axis)]
    return np.array([part.sum() for part in parts], float)


def _scaling(counts: list[np.ndarray], scales: Sequence[int], sign: int, choose: bool = False) -> Scaling:
    """The power fitted to the counts, by choice without an unresolved smallest scale, and its interval: see Scaling."""
    table, steps = np.stack(counts, 1), np.log(scales)  # (tiles, scales)
    if not (table.sum(0) > 0).all():
        return Scaling(float("nan"), float("nan"), float("nan"), tuple(scales))

    slopes = sign * np.diff(np.log(table.sum(0))) / np.diff(steps)
    first = int(choose and _is_unresolved(slopes))

    def power(rows: np.ndarray) -> float:
        total = rows.sum(0)[first:]
        return sign * float(linregress(steps[first:], np.log(total)).slope) if (total > 0).all() else float("nan")

    value, series = power(table), (tuple(scales), tuple(slopes.tolist()))
    left_out = np.array([power(np.delete(table, tile, 0)) for tile in range(len(table))])
    left_out = left_out[np.isfinite(left_out)]
    if len(left_out) < 2:
        return Scaling(value, float("nan"), float("nan"), *series)
    error = np.sqrt((len(left_out) - 1) / len(left_out) * ((left_out - left_out.mean()) ** 2).sum())
    half = float(student.ppf(0.975, len(left_out) - 1) * error + np.abs(slopes - value).max())
    return Scaling(value, value - half, value + half, *series)


def _is_unresolved(slopes: np.ndarray) -> bool:
    """Whether the slope from the smallest scale is unlike the others, of which there must be two."""
    others = slopes[1:]
    return len(others) > 1 and bool(abs(slopes[0] - others.mean()) > np.abs(others - others.mean()).max())
