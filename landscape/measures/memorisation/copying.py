"""Whether samples are copies of training points: their distances to these, beside the distances of held-out points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.stats import rankdata
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.neighbours.distances import Surroundings, distinct_rows, gaps, nearest
from landscape.measures.transfer import on_cpu

COPY_QUANTILE = 0.01  # of the held-out points' relative distances: what is nearer than that counts as a copy
NOWHERE = 1e6  # coordinates of the centres of empty cells, where there are fewer different points than cells
POINTS_PER_CELL = 50  # training points in a k-means cell, about, as many cells as that gives up to the paper's 50
MOST_CELLS = 50
FEWEST_IN_CELL = 10  # samples, and held-out points, for the normal approximation to Mann–Whitney's U


@dataclass(frozen=True, eq=False)
class Nearness:
    """Euclidean distances to the nearest training point, of samples (E, S) and of held-out points (E, M), the null.

    The gaps are those points' own distances to the nearest different training point."""

    samples: Float[Tensor, "members samples"]
    sample_gaps: Float[Tensor, "members samples"]
    held_out: Float[Tensor, "members held_out"]
    held_out_gaps: Float[Tensor, "members held_out"]

    @property
    def ratio(self) -> Float[Tensor, "members"]:
        """Median distance of the samples over that of the held-out points: 0 for copies, 1 for the data's distribution."""
        return self.samples.median(-1)[0] / self.held_out.median(-1)[0]

    @property
    def authenticity(self) -> Float[Tensor, "members"]:
        """Share of samples farther from their nearest training point than that is from its own nearest. Alaa et al. (2022)."""
        return (self.samples > self.sample_gaps).float().mean(-1)

    @property
    def held_out_authenticity(self) -> Float[Tensor, "members"]:
        """The same of held-out points."""
        return (self.held_out > self.held_out_gaps).float().mean(-1)

    @property
    def copied(self) -> Float[Tensor, "members"]:
        """Estimated share of samples that are copies.

        A sample is near when its distance over the gap is below the 1 % quantile q of held-out points'. Where a share c of
        the samples are copies and the rest like held-out points, c + (1 − c)·q are near, and this is solved for c."""
        relative, null = _relative(self.samples, self.sample_gaps), _relative(self.held_out, self.held_out_gaps)
        bound = null.quantile(COPY_QUANTILE, dim=-1, keepdim=True, interpolation="lower")
        near, by_chance = (relative < bound).float().mean(-1), (null < bound).float().mean(-1)
        return ((near - by_chance) / (1 - by_chance)).clamp(0, 1)


@dataclass(frozen=True, eq=False)
class DataCopying:
    """C_T per member (E,): far below 0 where samples are nearer to the training points than held-out points are, far above
    where they are farther; like a standard normal or narrower for the data's own distribution.

    Its size grows with the number of points in a cell. `farther` does not: the chance that a sample is farther from the
    training points than a held-out point of its cell, .5 for the data's own distribution. `least` is the lowest z of a cell:
    one that is copied. `cells` of the k-means partition were compared; `dropped` held too few samples or held-out points."""

    c_t: Float[Tensor, "members"]
    farther: Float[Tensor, "members"]
    least: Float[Tensor, "members"]
    cells: Int[Tensor, "members"]
    dropped: Int[Tensor, "members"]


@dataclass(frozen=True, eq=False)
class Twins:
    """Whether two networks trained on disjoint halves agree from the same starts, per member (E,).

    A pair agrees when its two samples are nearer to each other than either is to its own network's training set: what they
    share then is not in the data of one alone. `agreement` is the share of pairs that do; `chance`, the null, the same over
    all pairs of samples from different starts; `copied` the share of pairs of which neither sample is authentic. Twins
    generalise where agreement − chance exceeds copied, and copy where it is the other way round."""

    agreement: Float[Tensor, "members"]
    chance: Float[Tensor, "members"]
    copied: Float[Tensor, "members"]


@gated("samples", "training", "held_out")
def nearness(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
    around: Surroundings | None = None,
) -> Nearness:
    """Distances of samples and of held-out points to the nearest training point, and that point's own gap.

    `around`: the training points' surroundings, where they are known."""
    apart = gaps(training) if around is None else around.gaps
    distance, index = nearest(samples, training)
    null, null_index = nearest(held_out, training)
    return Nearness(distance, apart.gather(1, index), null, apart.gather(1, null_index))


@gated("samples", "training", "held_out")
def data_copying(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
    seed: int = 0,
    *,
    published: bool = False,
) -> DataCopying:
    """C_T: z-scored Mann–Whitney U of nearest-training distances, samples against held-out points, averaged over cells.

    Meehan, Chaudhuri and Dasgupta (2020). Cells are k-means clusters of the training points; each weighs by its share of
    held-out points. NaN where every cell is dropped.

    The authors' code differs from their paper in two ways, which change C_T by .1 to .2: the nearest training point is sought
    in the point's own cell only, and ½ is added to U before it is standardised. `published=True` follows the code. The
    default follows the paper."""
    distance, null = nearest(samples, training)[0], nearest(held_out, training)[0]
    members, total, _ = training.shape
    wanted = min(total // POINTS_PER_CELL, *(points.shape[1] // (2 * FEWEST_IN_CELL) for points in (samples, held_out)))
    count = max(1, min(MOST_CELLS, wanted))
    trained = training[:1] if training.stride(0) == 0 else training
    centres = (
        torch.stack([_centres(points, count, seed) for points in trained.cpu()]).to(trained).expand(members, -1, -1)
    )
    cells, null_cells = (nearest(points, centres)[1] for points in (samples, held_out))
    if published:
        own = nearest(training, centres)[1]
        distance = _within_cells(samples, cells, training, own, count)
        null = _within_cells(held_out, null_cells, training, own, count)
    read = on_cpu({"ours": distance, "cells": cells, "theirs": null, "their_cells": null_cells})
    ours, own_cells, theirs, their_cells = (values.numpy() for values in read.values())
    correction = 0.5 if published else 0.0
    rows = [_c_t(ours[e], own_cells[e], theirs[e], their_cells[e], count, correction) for e in range(members)]
    c_t, farther, least, compared = (torch.tensor(column, device=samples.device) for column in zip(*rows, strict=True))
    return DataCopying(c_t, farther, least, compared, count - compared)


@gated("samples", "others", "training", "others_training")
def twins(
    samples: Float[Tensor, "members samples dim"],
    others: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    others_training: Float[Tensor, "members others_data dim"],
) -> Twins:
    """The agreement of samples (E, S, D) with those of twins from the same starts, `training` and `others_training` their
    disjoint training sets."""
    own, other = nearness(samples, training, samples), nearness(others, others_training, others)
    agreement, chance = [], []
    for e in range(len(samples)):
        apart = torch.cdist(samples[e], others[e], compute_mode="donot_use_mm_for_euclid_dist")
        nearer = apart < torch.minimum(own.samples[e][:, None], other.samples[e][None])
        count = len(nearer)
        agreement.append(nearer.diagonal().float().mean())
        chance.append((nearer.sum() - nearer.diagonal().sum()) / max(count * (count - 1), 1))
    copied = (own.samples <= own.sample_gaps) & (other.samples <= other.sample_gaps)
    return Twins(torch.stack(agreement), torch.stack(chance), copied.float().mean(-1))


def _relative(distances: Tensor, apart: Tensor) -> Tensor:
    """Distances over gaps; as they are where a single training point has none."""
    return distances / apart.masked_fill(apart.isinf(), 1)


def _centres(points: Tensor, count: int, seed: int) -> Tensor:
    from sklearn.cluster import KMeans

    different = int(distinct_rows(points).max()) + 1
    found = KMeans(min(count, different), n_init=1, random_state=seed).fit(points.numpy())
    centres = torch.full((count, points.shape[1]), NOWHERE, dtype=points.dtype)
    centres[: len(found.cluster_centers_)] = torch.from_numpy(found.cluster_centers_)
    return centres


def _within_cells(points: Tensor, cells: Tensor, training: Tensor, own: Tensor, count: int) -> Tensor:
    """The distance from each point to the nearest training point of its cell: (E, P)."""
    found = points.new_full(points.shape[:2], torch.nan)
    for member in range(len(points)):
        for cell in range(count):
            here, there = cells[member] == cell, own[member] == cell
            if bool(here.any()) and bool(there.any()):
                found[member, here] = nearest(points[member, here][None], training[member, there][None])[0][0]
    return found


def _c_t(
    distance: np.ndarray, cells: np.ndarray, null: np.ndarray, null_cells: np.ndarray, count: int, correction: float
) -> tuple[float, float, float, int]:
    """C_T of one member, the chance to be farther, the least score of a cell, and the number of cells compared."""
    scores, shares, weights = [], [], []
    for cell in range(count):
        ours, theirs = distance[cells == cell], null[null_cells == cell]
        n, m = len(ours), len(theirs)
        if min(n, m) >= FEWEST_IN_CELL:
            farther = rankdata(np.concatenate([ours, theirs]))[:n].sum() - n * (n + 1) / 2
            shares.append(farther / (n * m))
            scores.append((farther - n * m / 2 + correction) / np.sqrt(n * m * (n + m + 1) / 12))
            weights.append(m)
    if not scores:
        return float("nan"), float("nan"), float("nan"), 0
    c_t, share = (float(np.average(values, weights=weights)) for values in (scores, shares))
    return c_t, share, float(min(scores)), len(scores)
