"""Large sets of samples compared with training points, block by block, with progress: each distance is computed once.

The statistics are those of `memorisation_statistics`, under the same names and of the same numbers. Added are intervals, and
what a reader wants to look at: the nearest training point of each sample, and the comparison in each k-means cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.facts import Shown
from landscape.measures.memorisation.copying import CellScore, Nearness, cell_centres, cell_count, cell_scores
from landscape.measures.memorisation.statistics import NORMAL_95, QUANTILES
from landscape.measures.neighbours.balls import Balls, meetings
from landscape.measures.neighbours.distances import Surroundings, nearest_neighbours
from landscape.measures.neighbours.sample_quality import FLOAT32_UNDERFLOW, SAME_IMAGE_GAPS, expected_distinct
from landscape.measures.neighbours.search import pieces

ROWS_AT_A_TIME = 4096  # points searched between two messages of progress: fewer would prepare the set too often
GROUPS = 20  # of points, each left out in turn for a standard error
Tell = Callable[[int], None]  # called with the number of pairs of points compared since the last call


@dataclass(frozen=True, eq=False)
class Reach:
    """How points lie among the training points, by k-NN balls around both. `count` is the number of points.

    `precision`, `recall`, `density`, `coverage`: as of Fidelity. `modes`: the number of training points that are nearest to a
    point. `errors`: standard errors of coverage and recall, by leaving out a group of the points in turn (jackknife)."""

    precision: float
    recall: float
    density: float
    coverage: float
    modes: int
    errors: dict[str, float]


@dataclass(frozen=True, eq=False, repr=False)
class Standard(Shown):
    """Training points (1, N, D) and held-out points (1, M, D), with all that is the same for each set of samples.

    `around` are the gaps and radii of the training points; `distance` and `index` (M,) lead from each held-out point to its
    nearest training point. `reaches` keeps the `Reach` of as many held-out points as there are samples, by their number."""

    training: Float[Tensor, "1 data dim"]
    held_out: Float[Tensor, "1 held_out dim"]
    around: Surroundings
    distance: Float[Tensor, "held_out"]
    index: Int[Tensor, "held_out"]
    seed: int = 0
    reaches: dict[int, Reach] = field(default_factory=dict)

    @classmethod
    def of(
        cls, training: Float[Tensor, "data dim"], held_out: Float[Tensor, "held_out dim"], *, seed: int = 0, tell: Tell
    ) -> Standard:
        """The standard of these points. `seed` is that of k-means."""
        data, null = _without_tiny(training)[None], _without_tiny(held_out)[None]
        apart = _neighbours(data, data, NEIGHBOURS + 1, tell)[0]
        least = apart.masked_fill(apart == 0, torch.inf).amin(-1)
        if bool(least.isinf().any()):  # points with as many copies as neighbours
            least = _gaps_among_different(data, apart, least)
        distance, index = _neighbours(null, data, 1, tell)
        return cls(data, null, Surroundings(least, apart[..., -1]), distance[0, :, 0], index[0, :, 0], seed)

    @property
    def gap(self) -> Float[Tensor, "held_out"]:
        """The gap of the training point nearest to each held-out point."""
        return self.around.gaps[0, self.index]

    def reach(self, points: Float[Tensor, "1 points dim"], index: Int[Tensor, "points"], tell: Tell) -> Reach:
        """How `points` lie among the training points, the nearest of which are at `index`."""
        total, device = self.training.shape[1], points.device
        group = torch.arange(points.shape[1], device=device) % GROUPS
        radii = _neighbours(points, points, NEIGHBOURS + 1, tell)[0][..., -1]
        held = torch.zeros(points.shape[1], device=device)
        covered, recalled = (torch.zeros(GROUPS, total, dtype=torch.bool, device=device) for _ in range(2))
        ours, theirs = Balls(points, radii, NEIGHBOURS), Balls(self.training, self.around.radii, NEIGHBOURS)
        for _, rows, inside, around in meetings(ours, theirs):
            held[rows] = inside[0].sum(1).to(held)
            for number in range(GROUPS):
                some = group[rows] == number
                covered[number] |= inside[0, some].any(0)
                recalled[number] |= around[0, some].any(0)
            tell(inside.shape[1] * total)
        near = torch.zeros(GROUPS, total, dtype=torch.bool, device=device)
        near[group, index] = True
        errors = {"coverage": _jackknife(covered), "recall": _jackknife(recalled), "modes": total * _jackknife(near)}
        return Reach(
            float((held > 0).float().mean()), _share(recalled), float(held.mean()) / NEIGHBOURS, _share(covered),
            int(near.any(0).sum()), errors,
        )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Compared(Shown):
    """Samples compared with a standard.

    - `statistics`: by name, as of `memorisation_statistics` without those of the sliced Wasserstein distance. Added are `exact`
      (the share of samples at distance 0 from a training point), and for coverage and recall over those of held-out points
      `…_share` with the ends `…_low` and `…_high` of a 95 % interval. `c_t_error` is the standard deviation of C_T of points
      from the data's distribution.
    - `distance`, `index` (S,): to the nearest training point. `gap` (S,): the gap of that point.
    - `cells`: the comparison in each k-means cell around one of the `centres` (K, D); `cell` (S,) and `null_cell` (M,) are the
      cells of the points."""

    statistics: dict[str, float]
    distance: np.ndarray
    index: np.ndarray
    gap: np.ndarray
    cells: list[CellScore]
    centres: Float[Tensor, "cells dim"]
    cell: np.ndarray
    null_cell: np.ndarray

    @classmethod
    def of(cls, samples: Float[Tensor, "samples dim"], standard: Standard, *, tell: Tell) -> Compared:
        """The comparison of these samples, of which there must be more than five, as of training and held-out points."""
        points = _without_tiny(samples)[None].to(standard.training)
        distance, index = (found[0, :, 0] for found in _neighbours(points, standard.training, 1, tell))
        close = Nearness(distance[None], standard.around.gaps[:, index], standard.distance[None], standard.gap[None])
        count = min(points.shape[1], standard.held_out.shape[1])
        reach = standard.reach(points[:, :count], index[:count], tell)
        if count not in standard.reaches:
            kept = standard.reach(standard.held_out[:, :count], standard.index[:count], tell)
            standard.reaches[count] = kept
        centres, cell, null_cell = _cells(points, standard)
        ours, theirs = distance.cpu().numpy(), standard.distance.cpu().numpy()
        scores = cell_scores(ours, cell, theirs, null_cell, len(centres))
        statistics = {
            **_of_distances(close), **_of_cells(scores), **_of_reach(reach, standard.reaches[count]),
            **_of_variety(points, standard, tell), "samples": points.shape[1], "held_out": standard.held_out.shape[1],
        }  # fmt: skip
        known = {name: float(value) for name, value in statistics.items()}
        gap = close.sample_gaps[0].cpu().numpy()
        return cls(known, ours, index.cpu().numpy(), gap, scores, centres, cell, null_cell)


def pairs_compared(samples: int, training: int, held_out: int, *, first: bool) -> int:
    """How many pairs of points a comparison compares in all; `tell` reports them piece by piece.

    The `first` one on a standard also compares training and held-out points with each other."""
    count = min(samples, held_out)
    reach = count * count + count * training
    alone = samples * training + reach + samples * samples
    return alone + (training * training + held_out * training + reach if first else 0)


def _neighbours(points: Tensor, data: Tensor, count: int, tell: Tell) -> tuple[Tensor, Tensor]:
    """As `nearest_neighbours`, for one set (1, P, D), with progress: (1, P, k) each."""
    parts = []
    for some in pieces(points[0], ROWS_AT_A_TIME):
        parts.append(nearest_neighbours(some[None], data, min(count, data.shape[1])))
        tell(len(some) * data.shape[1])
    return torch.cat([part[0] for part in parts], 1), torch.cat([part[1] for part in parts], 1)


def _gaps_among_different(data: Tensor, apart: Tensor, least: Tensor) -> Tensor:
    """`least` with the missing gaps filled in: of points all of whose nearest neighbours are copies of them."""
    missing = least[0].isinf()
    different = torch.unique(data[0], dim=0)
    nearer = nearest_neighbours(data[:, missing], different[None], min(2, len(different)))[0]
    filled = least.clone()
    filled[0, missing] = nearer.masked_fill(nearer == 0, torch.inf).amin(-1)[0]
    return filled


def _without_tiny(points: Tensor) -> Tensor:
    """The points, with coordinates set to 0 whose squares float32 would lose."""
    return torch.where(points.abs() < FLOAT32_UNDERFLOW, 0, points)


def _share(reached: Bool[Tensor, "groups data"]) -> float:
    return float(reached.any(0).float().mean())


def _jackknife(reached: Bool[Tensor, "groups data"]) -> float:
    """The standard error of the share of training points that some group reaches, leaving out a group at a time."""
    times = reached.sum(0)
    left = torch.stack([(times - one.long() > 0).double().mean() for one in reached])
    return float((left - left.mean()).square().sum().mul((GROUPS - 1) / GROUPS).sqrt())


def _of_distances(close: Nearness) -> dict[str, float]:
    """The statistics by distances to training points."""
    found: dict[str, Tensor] = {}
    for name, share in QUANTILES.items():
        found[f"distance_{name}"] = torch.as_tensor(np.quantile(close.samples.cpu().numpy(), share))
        found[f"distance_{name}_null"] = torch.as_tensor(np.quantile(close.held_out.cpu().numpy(), share))
    found |= {"distance_ratio": close.ratio[0], "copied": close.copied[0]}
    found |= {"authenticity": close.authenticity[0], "authenticity_null": close.held_out_authenticity[0]}
    found |= {"exact": (close.samples == 0).float().mean(), "exact_null": (close.held_out == 0).float().mean()}
    return {name: float(value) for name, value in found.items()}


def _cells(points: Tensor, standard: Standard) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """The centres of k-means cells of the training points (K, D), and the cells of samples and of held-out points."""
    count = cell_count(standard.training.shape[1], points.shape[1], standard.held_out.shape[1])
    centres = cell_centres(standard.training[0].cpu(), count, standard.seed).to(standard.training)
    return centres, cells_of(points, centres), cells_of(standard.held_out, centres)


def cells_of(points: Float[Tensor, "1 points dim"], centres: Float[Tensor, "cells dim"]) -> Int[np.ndarray, "points"]:
    """The cell of each point: that of the nearest centre."""
    return nearest_neighbours(points, centres[None], 1)[1][0, :, 0].cpu().numpy()


def _of_cells(scores: list[CellScore]) -> dict[str, float]:
    """C_T and what belongs to it; NaN if no cell has enough points."""
    found = [one for one in scores if one.compared]
    rest = {"cells": len(found), "cells_dropped": len(scores) - len(found)}
    if not found:
        return dict.fromkeys(("c_t", "c_t_least", "c_t_error", "farther"), math.nan) | rest
    weights = np.array([one.held_out for one in found], float)
    values = {name: np.array([getattr(one, name) for one in found]) for name in ("score", "farther")}
    return {
        "c_t": float(np.average(values["score"], weights=weights)),
        "c_t_least": float(values["score"].min()),
        "c_t_error": float(np.sqrt((weights**2).sum()) / weights.sum()),
        "farther": float(np.average(values["farther"], weights=weights)),
        **rest,
    }


def _of_reach(ours: Reach, theirs: Reach) -> dict[str, float]:
    """The statistics by k-NN balls, their nulls, and the intervals of coverage and recall over those of held-out points."""
    found: dict[str, float] = {}
    for name in ("precision", "recall", "density", "coverage", "modes"):
        found[name], found[f"{name}_null"] = getattr(ours, name), getattr(theirs, name)
    for name in ("coverage", "recall", "modes"):
        value, null = found[name], found[f"{name}_null"]
        ratio = value / null if null else math.nan
        error = math.hypot(ours.errors[name], ratio * theirs.errors[name]) / null if null else math.nan
        found |= {f"{name}_share": ratio, f"{name}_low": max(ratio - NORMAL_95 * error, 0.0)}
        found[f"{name}_high"] = ratio + NORMAL_95 * error
    return found


def _of_variety(points: Tensor, standard: Standard, tell: Tell) -> dict[str, float]:
    """Duplicates and different samples, as of Variety, but with links to the five nearest other samples only.

    All links among fifty thousand samples would be billions. Two groups of the same image that no such link joins count as
    two, so that `distinct` is at least that of `variety`."""
    gaps = standard.around.gaps
    radius = SAME_IMAGE_GAPS * float(gaps.masked_fill(gaps.isinf(), 0).median())
    apart, other = (found[0].cpu().numpy() for found in _neighbours(points, points, NEIGHBOURS + 1, tell))
    count = len(apart)
    same = (apart <= radius) & (other != np.arange(count)[:, None])
    row, place = same.nonzero()
    links = coo_array((np.ones(len(row), bool), (row, other[row, place])), shape=(count, count))
    distinct = int(connected_components(links, directed=False)[0])
    expected = expected_distinct(standard.training[0], count)
    return {"duplicates": float(same.any(1).mean()), "distinct": distinct, "distinct_share": min(distinct / expected, 1.0),
            "distinct_expected": expected}  # fmt: skip
