"""Borders of basins: how ragged they are, from labels on a grid of one or two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from scipy import special

TILES = 16  # parts of a picture, left out one at a time (jackknife)
SCALES = (1, 2, 4, 8, 16)
SCALES_PER_BASIN = 4  # an average basin is at least this many scales wide: larger scales see basins, not their borders
LEAST_SIDE = 8  # starts along a side of the smallest grid that is measured
BOX_SIDE = 5  # starts along a side of the boxes over which entropies are taken


@dataclass(frozen=True)
class Scaling:
    """The exponent of a power law with its interval, `low` to `high`, and the `slopes` between neighbouring `scales`.

    1. `value` is the slope of log count against log scale, by least squares.
    2. Its 95 % interval comes from a jackknife over 16 tiles of the picture.
    3. The interval is widened on both sides by the largest difference between a slope and `value`. A power law has the same
       slope at all scales; where the grid is too coarse or the gaps come in steps, the slopes differ, and the fit is biased
       by about as much.

    The interval contained the known dimension of carpets, Cantor sets, Koch curves and Newton's basins at 101 to 729 starts a
    side (tests). All three are NaN where some scale counts nothing."""

    value: float
    low: float
    high: float
    scales: tuple[int, ...] = ()
    slopes: tuple[float, ...] = ()


def basin_entropy(labels: Int[np.ndarray, "*sides"], box: int = BOX_SIDE) -> tuple[float, float]:
    """The mean entropy of labels in boxes of `box` starts a side, in nats: over all boxes, and over those with several labels.

    Daza et al. (2016). A boundary between two basins is fractal if the second number exceeds log 2; boxes in which three
    basins meet exceed it, too. The second number is NaN where no box has several labels. Raises ValueError for a grid smaller
    than a box."""
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
    """The uncertainty exponent α: the share of uncertain starts grows as ε^α.

    A start is uncertain at ε if a start ε away along an axis has another label. Shares are averaged over all axes; Grebogi et
    al. (1983) look along one axis, to which borders may be parallel. A boundary of dimension d in K dimensions has α = K − d:
    1 where it is smooth. Where basins are thinner than a step of the grid, α comes out too small.

    `scales` are the distances ε in steps of the grid; only those well below the size of an average basin are used. NaN where
    there is no boundary. Raises ValueError for a grid of fewer than 8 starts a side."""
    scales = _below_basins(labels, scales)
    reach = max(scales)
    inner = tuple(slice(reach, side - reach) for side in labels.shape)
    middle, counts = labels[inner], []
    for scale in scales:
        differs = [
            (np.roll(labels, scale, axis)[inner] != middle) | (np.roll(labels, -scale, axis)[inner] != middle)
            for axis in range(labels.ndim)
        ]
        counts.append(np.sum([_tiles(marked) for marked in differs], 0))
    return _scaling(counts, scales, 1)


def boundary_dimension(labels: Int[np.ndarray, "*sides"], scales: Sequence[int] = SCALES) -> Scaling:
    """The box-counting dimension of the boundary, from the numbers of boxes that hold several labels.

    1 for smooth curves in the plane, 0 for points on the line. `scales` are the sides of boxes in steps of the grid, chosen as
    for the uncertainty exponent; NaN and errors as there. Boxes of one step miss whatever is thinner than a step. So the
    smallest scale is left out of the fit if its slope is farther from the mean of the other slopes than any of these."""
    scales = _below_basins(labels, scales)
    counts = []
    for scale in scales:
        windows = np.lib.stride_tricks.sliding_window_view(labels, (scale + 1,) * labels.ndim)
        apart = windows[(slice(None, None, scale),) * labels.ndim]
        kept = apart.reshape(*apart.shape[: labels.ndim], -1)
        counts.append(_tiles(kept.max(-1) != kept.min(-1)))
    return _scaling(counts, scales, -1, choose=True)


def _below_basins(labels: np.ndarray, scales: Sequence[int]) -> list[int]:
    """The scales that are at most a quarter of an average basin's side; at least the two smallest."""
    if min(labels.shape) < LEAST_SIDE:
        raise ValueError(f"`labels` must have at least {LEAST_SIDE} starts a side; got {tuple(labels.shape)}")
    most = min(labels.shape) / (SCALES_PER_BASIN * len(np.unique(labels)) ** (1 / labels.ndim))
    return [scale for place, scale in enumerate(sorted(scales)) if place < 2 or scale <= most]


def _tiles(marked: np.ndarray) -> np.ndarray:
    """The number of marked places in each of the TILES parts of a picture: (TILES,)."""
    parts, each = [marked], round(TILES ** (1 / marked.ndim))
    for axis in range(marked.ndim):
        parts = [piece for part in parts for piece in np.array_split(part, each, axis)]
    return np.array([part.sum() for part in parts], float)


def _scaling(counts: list[np.ndarray], scales: Sequence[int], sign: int, choose: bool = False) -> Scaling:
    """The power law fitted to `counts`, (TILES,) for each scale; `choose` leaves out an unresolved smallest scale."""
    from scipy.stats import linregress  # it takes long to load, and few commands fit a power law

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
    half = float(special.stdtrit(len(left_out) - 1, 0.975) * error + np.abs(slopes - value).max())
    return Scaling(value, value - half, value + half, *series)


def _is_unresolved(slopes: np.ndarray) -> bool:
    """Whether the slope from the smallest scale is farther from the mean of the others (two or more) than any of them."""
    others = slopes[1:]
    return len(others) > 1 and bool(abs(slopes[0] - others.mean()) > np.abs(others - others.mean()).max())
