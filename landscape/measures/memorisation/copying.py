"""Tests of copying: the distances of samples to training points, compared with the distances of held-out points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.neighbours.distances import Surroundings, distinct_rows, gaps, nearest
from landscape.measures.neighbours.search import pairwise_distances
from landscape.measures.tables import unrolled
from landscape.measures.transfer import on_cpu

if TYPE_CHECKING:
    import pandas as pd

COPY_QUANTILE = 0.01  # of the held-out points' relative distances: a nearer sample may be a copy
UNUSED_CENTRE = 1e6  # coordinates of centres without a cell, if there are fewer different points than cells
POINTS_PER_CELL = 50  # training points in a k-means cell, on average
MOST_CELLS = 50  # as in the paper
FEWEST_IN_CELL = 10  # samples, and held-out points, for the normal approximation to Mann–Whitney's U


@dataclass(frozen=True, eq=False, repr=False)
class Nearness(Shown):
    """Euclidean distances from points to their nearest training points.

    - `samples` (E, S): of samples. `held_out` (E, M): of held-out points, the null.
    - `sample_gaps` and `held_out_gaps`: the distances from these training points to the nearest different training point."""

    samples: Float[Tensor, "members samples"]
    sample_gaps: Float[Tensor, "members samples"]
    held_out: Float[Tensor, "members held_out"]
    held_out_gaps: Float[Tensor, "members held_out"]

    @property
    def ratio(self) -> Float[Tensor, "members"]:
        """The median distance of samples over that of held-out points, 0 for copies, 1 for the data's distribution: (E,)."""
        return self.samples.median(-1)[0] / self.held_out.median(-1)[0]

    @property
    def authenticity(self) -> Float[Tensor, "members"]:
        """The share of samples whose distance exceeds the gap of their nearest training point: (E,). Alaa et al. (2022)."""
        return (self.samples > self.sample_gaps).float().mean(-1)

    @property
    def held_out_authenticity(self) -> Float[Tensor, "members"]:
        """The share of held-out points whose distance exceeds the gap, the null of `authenticity`: (E,)."""
        return (self.held_out > self.held_out_gaps).float().mean(-1)

    @property
    def copied(self) -> Float[Tensor, "members"]:
        """The estimated share of samples that are copies: (E,).

        1. A point is near if its relative distance (distance over gap) is below the 1 % quantile of the held-out points. Let q
           be the share of held-out points that are near.
        2. If a share c of the samples are copies and the others are like held-out points, a share c + (1 − c)·q is near.
        3. That is solved for c."""
        relative, null = _relative(self.samples, self.sample_gaps), _relative(self.held_out, self.held_out_gaps)
        bound = null.quantile(COPY_QUANTILE, dim=-1, keepdim=True, interpolation="lower")
        near, by_chance = (relative < bound).float().mean(-1), (null < bound).float().mean(-1)
        return ((near - by_chance) / (1 - by_chance)).clamp(0, 1)

    def table(self) -> pd.DataFrame:
        """A row per member and sample: member, sample, distance to the nearest training point, and the gap of that point."""
        return unrolled({"distance": self.samples, "gap": self.sample_gaps}, "sample")


@dataclass(frozen=True, eq=False, repr=False)
class DataCopying(Shown):
    """The data-copying test of samples against held-out points: (E,) each.

    - `c_t`: far below 0 if samples are nearer to the training points than held-out points are, far above 0 if they are farther.
      For samples from the data's distribution, it is at most as wide as a standard normal variable. Its size grows with the
      number of points in a cell.
    - `farther`: the probability that a sample is farther from the training points than a held-out point of its cell, 0.5 for
      the data's distribution. Its size does not grow with the number of points.
    - `least`: the lowest z-score of a cell, which is low if a single cell is copied.
    - `cells`: the number of k-means cells that were compared. `dropped`: the number with too few samples or held-out points."""

    c_t: Float[Tensor, "members"]
    farther: Float[Tensor, "members"]
    least: Float[Tensor, "members"]
    cells: Int[Tensor, "members"]
    dropped: Int[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, c_t, farther, least, cells, dropped."""
        return unrolled(vars(self))


@dataclass(frozen=True)
class CellScore:
    """The comparison of samples with held-out points in one k-means cell.

    `samples` and `held_out` count the points. `farther` is the probability that a sample is farther from the training points
    than a held-out point, and `score` its z-score. Both are NaN in a cell with fewer than FEWEST_IN_CELL of either kind."""

    samples: int
    held_out: int
    farther: float
    score: float

    @property
    def compared(self) -> bool:
        """Whether the cell has enough points."""
        return min(self.samples, self.held_out) >= FEWEST_IN_CELL


@dataclass(frozen=True, eq=False, repr=False)
class Twins(Shown):
    """Whether two networks that were trained on disjoint halves of the data agree, from the same starts: (E,) each.

    A pair of samples agrees if they are nearer to each other than either is to the training points of its own network. What
    they share is then not in the data of one network alone.

    - `agreement`: the share of pairs from the same start that agree.
    - `chance`: the null, the share of pairs from different starts that agree.
    - `copied`: the share of pairs from the same start of which neither sample is authentic.

    Twins generalise if agreement − chance exceeds copied, and copy if copied exceeds it."""

    agreement: Float[Tensor, "members"]
    chance: Float[Tensor, "members"]
    copied: Float[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, agreement, chance, copied."""
        return unrolled(vars(self))


@gated("samples", "training", "held_out", positional_once=("around",))
def nearness(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
    *,
    around: Surroundings | None = None,
) -> Nearness:
    """The distances of samples and of held-out points to their nearest training points, and the gaps of these: (E, S), (E, M).

    `around`, the training points' `surroundings`, saves time if they are used more than once."""
    apart = gaps(training) if around is None else around.gaps
    distance, index = nearest(samples, training)
    null, null_index = nearest(held_out, training)
    return Nearness(distance, apart.gather(1, index), null, apart.gather(1, null_index))


@gated("samples", "training", "held_out", positional_once=("seed",))
def data_copying(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
    *,
    seed: int = 0,
    published: bool = False,
) -> DataCopying:
    """The data-copying statistic C_T of Meehan, Chaudhuri and Dasgupta (2020): (E,).

    1. The training points are divided into k-means cells. `seed` is that of k-means.
    2. In each cell the distances of samples to their nearest training points are compared with those of held-out points, by
       Mann–Whitney's U as a z-score. Cells with fewer than FEWEST_IN_CELL samples or held-out points are dropped.
    3. C_T is the mean z-score, weighted by the number of held-out points in a cell. It is NaN if all cells are dropped.

    The authors' code differs from their paper in two ways, which change C_T by 0.1 to 0.2: it searches the nearest training
    point in the point's own cell only, and adds ½ to U before it is standardised. `published=True` follows the code. The
    default follows the paper."""
    distance, null = nearest(samples, training)[0], nearest(held_out, training)[0]
    members = len(training)
    count = cell_count(training.shape[1], samples.shape[1], held_out.shape[1])
    trained = training[:1] if training.stride(0) == 0 else training
    centres = (
        torch.stack([cell_centres(points, count, seed) for points in trained.cpu()]).to(trained).expand(members, -1, -1)
    )
    cells, null_cells = (nearest(points, centres)[1] for points in (samples, held_out))
    if published:
        training_cells = nearest(training, centres)[1]
        distance = _within_cells(samples, cells, training, training_cells, count)
        null = _within_cells(held_out, null_cells, training, training_cells, count)
    read = on_cpu({"ours": distance, "cells": cells, "theirs": null, "their_cells": null_cells})
    ours, our_cells, theirs, their_cells = (values.numpy() for values in read.values())
    correction = 0.5 if published else 0.0
    rows = [_c_t(ours[e], our_cells[e], theirs[e], their_cells[e], count, correction) for e in range(members)]
    c_t, farther, least, compared = (torch.tensor(column, device=samples.device) for column in zip(*rows, strict=True))
    return DataCopying(c_t, farther, least, compared, count - compared)


@gated("samples", "others", "training", "others_training")
def twins(
    samples: Float[Tensor, "members samples dim"],
    others: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    others_training: Float[Tensor, "members others_data dim"],
) -> Twins:
    """How far the samples of two networks from the same starts agree: (E,) each.

    Row s of `samples` and of `others` comes from start s. `training` and `others_training` are the networks' disjoint training
    sets."""
    ours, theirs = nearness(samples, training, samples), nearness(others, others_training, others)
    agreement, chance = [], []
    for e in range(len(samples)):
        apart = pairwise_distances(samples[e], others[e])
        nearer = apart < torch.minimum(ours.samples[e][:, None], theirs.samples[e][None])
        count = len(nearer)
        agreement.append(nearer.diagonal().float().mean())
        chance.append((nearer.sum() - nearer.diagonal().sum()) / max(count * (count - 1), 1))
    copied = (ours.samples <= ours.sample_gaps) & (theirs.samples <= theirs.sample_gaps)
    return Twins(torch.stack(agreement), torch.stack(chance), copied.float().mean(-1))


def _relative(distances: Tensor, apart: Tensor) -> Tensor:
    """Distances over gaps; the distances themselves if there is no gap, as there is only one different training point."""
    return distances / apart.masked_fill(apart.isinf(), 1)


def cell_scores(
    distance: np.ndarray,
    cells: np.ndarray,
    null: np.ndarray,
    null_cells: np.ndarray,
    count: int,
    correction: float = 0.0,
) -> list[CellScore]:
    """The comparison in each of `count` cells, from the distances of samples and of held-out points, and their cells.

    `correction` is added to Mann–Whitney's U before it is standardised."""
    from scipy.stats import rankdata  # it takes long to load

    found = []
    for cell in range(count):
        ours, theirs = distance[cells == cell], null[null_cells == cell]
        n, m = len(ours), len(theirs)
        share = score = float("nan")
        if min(n, m) >= FEWEST_IN_CELL:
            farther = rankdata(np.concatenate([ours, theirs]))[:n].sum() - n * (n + 1) / 2
            share = float(farther / (n * m))
            score = float((farther - n * m / 2 + correction) / np.sqrt(n * m * (n + m + 1) / 12))
        found.append(CellScore(n, m, share, score))
    return found


def cell_count(training: int, samples: int, held_out: int) -> int:
    """The number of k-means cells for so many training points, samples and held-out points."""
    wanted = min(training // POINTS_PER_CELL, samples // (2 * FEWEST_IN_CELL), held_out // (2 * FEWEST_IN_CELL))
    return max(1, min(MOST_CELLS, wanted))


def cell_centres(points: Float[Tensor, "data dim"], count: int, seed: int) -> Float[Tensor, "cells dim"]:
    """The centres of `count` k-means cells: (count, D), UNUSED_CENTRE where there are fewer different points."""
    from sklearn.cluster import KMeans

    different = int(distinct_rows(points).max()) + 1
    fitted = KMeans(min(count, different), n_init=1, random_state=seed).fit(points.numpy())
    centres = torch.full((count, points.shape[1]), UNUSED_CENTRE, dtype=points.dtype)
    centres[: len(fitted.cluster_centers_)] = torch.from_numpy(fitted.cluster_centers_)
    return centres


def _within_cells(points: Tensor, cells: Tensor, training: Tensor, training_cells: Tensor, count: int) -> Tensor:
    """The distance from each point to the nearest training point of its cell, NaN if there is none: (E, P)."""
    distances = points.new_full(points.shape[:2], torch.nan)
    for member in range(len(points)):
        for cell in range(count):
            here, there = cells[member] == cell, training_cells[member] == cell
            if bool(here.any()) and bool(there.any()):
                distances[member, here] = nearest(points[member, here][None], training[member, there][None])[0][0]
    return distances


def _c_t(
    distance: np.ndarray, cells: np.ndarray, null: np.ndarray, null_cells: np.ndarray, count: int, correction: float
) -> tuple[float, float, float, int]:
    """C_T of one member, the probability to be farther, the least score of a cell, and the number of cells compared."""
    found = [one for one in cell_scores(distance, cells, null, null_cells, count, correction) if one.compared]
    if not found:
        return float("nan"), float("nan"), float("nan"), 0
    weights = [one.held_out for one in found]
    c_t = float(np.average([one.score for one in found], weights=weights))
    share = float(np.average([one.farther for one in found], weights=weights))
    return c_t, share, float(min(one.score for one in found)), len(found)
