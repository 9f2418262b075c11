"""How good and how varied samples are: in k-nearest-neighbour balls, among themselves, by class, in projections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.measures.gate import gated
from landscape.measures.maps import block_shape, doubled
from landscape.measures.neighbours.balls import Balls, meetings
from landscape.measures.neighbours.distances import (
    Surroundings,
    distinct_rows,
    gaps,
    nearest,
    nearest_neighbours,
    surroundings,
)

Predictor = Callable[[Tensor], Tensor]  # points (P, D) → classes (P,)
TINY = 1e-15  # smaller coordinates are measured in float64, as float32 loses their squares
SAME = 0.1  # of the training points' median gap: nearer samples count as one image
DIRECTIONS = 200  # random projections of the sliced Wasserstein distance
CLASSIFIED = 10_000  # training points that the classifier is trained on, at most


@dataclass(frozen=True, eq=False)
class Fidelity:
    """Samples against the balls around points that reach to their k-th nearest other, per member (E,).

    `precision`: share of samples in a training point's ball; `recall`: share of training points in a sample's ball
    (Kynkäänniemi et al. 2019). `density`: training balls around a sample, over k; `coverage`: share of training points with
    a sample in their ball (Naeem et al. 2020)."""

    precision: Float[Tensor, "members"]
    recall: Float[Tensor, "members"]
    density: Float[Tensor, "members"]
    coverage: Float[Tensor, "members"]


@dataclass(frozen=True, eq=False)
class Variety:
    """How many different images the samples are, per member (E,).

    `duplicates`: share of samples that are the same image as another. `distinct`: how many images there are, samples joined
    through others that are the same being one; `distinct_share`: of the number expected from as many training points drawn
    at random, at most 1."""

    duplicates: Float[Tensor, "members"]
    distinct: Int[Tensor, "members"]
    distinct_share: Float[Tensor, "members"]


@dataclass(frozen=True, eq=False)
class ClassShares:
    """Classes of samples by a classifier trained on the training points, per member.

    `shares` of samples and `training` shares of training points (E, C); `accuracy` of the classifier on held-out points
    (E,). `total_variation` distance of the two (E,): half the sum of differences; `held_out`, its null, of held-out points."""

    shares: Float[Tensor, "members classes"]
    training: Float[Tensor, "members classes"]
    accuracy: Float[Tensor, "members"]
    total_variation: Float[Tensor, "members"]
    held_out: Float[Tensor, "members"]


@gated("samples", "training")
def fidelity(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    k: int = NEIGHBOURS,
    around: Surroundings | None = None,
) -> Fidelity:
    """Precision, recall, density and coverage with balls to the k-th nearest, (E,) each.

    All depend on the numbers of points: compare only with as many held-out points in the samples' place. `around`: the
    training points' surroundings to the k-th, where they are known. Raises ValueError unless there are more than k samples
    and training points."""
    fewest = min(samples.shape[1], training.shape[1])
    if fewest <= k:
        raise ValueError(f"`samples` and `training` must be more than k = {k} points each; got {fewest}")
    if samples.dtype == torch.float32 and (_has_tiny(samples) or _has_tiny(training)):
        return fidelity(doubled(samples), doubled(training), k)
    around = around or surroundings(training, k)
    own = nearest_neighbours(samples, samples, k + 1)[0][..., -1]
    inside = torch.zeros_like(own)
    covered, recalled = (torch.zeros(training.shape[:2], dtype=torch.bool, device=own.device) for _ in range(2))
    for some, rows, held, holds in meetings(Balls(samples, own, k), Balls(training, around.radii[: len(training)], k)):
        inside[some, rows] = held.sum(2).to(inside)
        covered[some] |= held.any(1)
        recalled[some] |= holds.any(1)
    precision, recall, coverage = ((found > 0).float().mean(1) for found in (inside, recalled, covered))
    return Fidelity(precision, recall, inside.float().mean(1) / k, coverage)


def _has_tiny(points: Tensor) -> bool:
    """Whether some coordinate is so small that float32, whose least number is about 1e-38, loses its square."""
    size = points.abs()
    return bool(((size > 0) & (size < TINY)).any())


@gated("samples", "training")
def variety(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    around: Surroundings | None = None,
) -> Variety:
    """Duplicates among the samples and distinct images, (E,) each.

    Two samples are the same image when nearer than a tenth of the median gap of the training points. `around`: their
    surroundings, where they are known."""
    apart = gaps(training) if around is None else around.gaps
    radius = SAME * apart.masked_fill(apart.isinf(), 0).median(-1)[0]
    own = training[:1] if training.stride(0) == 0 else training
    expected = torch.tensor([_expected(points, samples.shape[1]) for points in own], device=samples.device)
    images = [_images(samples[e], float(radius[e])) for e in range(len(samples))]
    distinct = torch.tensor([found[0] for found in images], device=samples.device)
    duplicates = torch.tensor([found[1] for found in images], device=samples.device)
    return Variety(duplicates, distinct, (distinct / expected).clamp_max(1))


@gated("samples", "training")
def modes(
    samples: Float[Tensor, "members samples dim"], training: Float[Tensor, "members data dim"]
) -> Int[Tensor, "members"]:
    """How many training points are the nearest to at least one sample: (E,). Depends on the number of samples."""
    index = nearest(samples, training)[1]
    return index.new_zeros(training.shape[:2]).scatter(1, index, 1).sum(-1)


@gated("samples", "training", "held_out")
def class_shares(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    labels: Int[Tensor, "members data"],
    held_out: Float[Tensor, "members held_out dim"],
    held_out_labels: Int[Tensor, "members held_out"],
    predictors: Sequence[Predictor] | None = None,
) -> ClassShares:
    """The class histogram of samples by a support vector machine trained on the (first 10,000) training points.

    Labels count from 0. It names a class for anything: of samples that are no images the shares mean nothing. `predictors`
    are the training points' `classifiers`, where they are known."""
    classes = 1 + int(max(labels.max(), held_out_labels.max()))
    rows = []
    for e, predict in enumerate(predictors or classifiers(training, labels)):
        null = predict(held_out[e])
        right = (null == held_out_labels[e]).float().mean()
        shares = (_shares(one, classes) for one in (predict(samples[e]), labels[e], null))
        rows.append((*shares, right))
    ours, own, null, accuracy = (torch.stack(column) for column in zip(*rows, strict=True))
    return ClassShares(ours, own, accuracy, (ours - own).abs().sum(-1) / 2, (null - own).abs().sum(-1) / 2)


def classifiers(
    training: Float[Tensor, "members data dim"], labels: Int[Tensor, "members data"]
) -> tuple[Predictor, ...]:
    """A classifier for each member's training points; one for all that share them."""
    own = training[:1] if training.stride(0) == 0 else training
    found = tuple(_classifier(points, names) for points, names in zip(own, labels, strict=False))
    return found * (len(training) // len(own))


@gated("samples", "others")
def sliced_wasserstein(
    samples: Float[Tensor, "members samples dim"],
    others: Float[Tensor, "members others dim"],
    generator: torch.Generator,
    directions: int = DIRECTIONS,
) -> Float[Tensor, "members"]:
    """Sliced Wasserstein distance of order 2 over random directions: (E,). Bonneel et al. (2015).

    On a line the optimal transport pairs equal quantiles. Depends on the numbers of points, as points of one distribution
    are apart too: compare only with as many held-out points in the samples' place."""
    axes = torch.randn(samples.shape[-1], directions, generator=generator).to(samples)
    axes = axes / torch.linalg.vector_norm(axes, dim=0)
    ours, theirs = (((points @ axes).sort(dim=1)[0]) for points in (samples, others))
    steps = [torch.arange(1, len(points[0]) + 1, dtype=torch.float64) / len(points[0]) for points in (ours, theirs)]
    ends = torch.from_numpy(np.union1d(steps[0], steps[1]))  # quantile functions are constant between these
    widths = ends.diff(prepend=ends.new_zeros(1))
    places = [torch.searchsorted(step, ends - widths / 2).to(samples.device) for step in steps]
    squares = (ours[:, places[0]] - theirs[:, places[1]]).square()
    found: Tensor = (squares * widths.to(samples)[:, None]).sum(1).mean(-1).sqrt()
    return found


def _expected(training: Tensor, drawn: int) -> float:
    """The expected number of different points among `drawn` random training points; copies count as the same point."""
    total = len(training)
    copies = torch.bincount(distinct_rows(training))
    if len(copies) == total:
        return float(total * (1 - (1 - 1 / total) ** drawn))
    return float((1 - (1 - doubled(copies) / total) ** drawn).sum())


def _images(samples: Tensor, radius: float) -> tuple[int, float]:
    """How many images the samples (S, D) are, and the share that another one is the same as."""
    count = len(samples)
    rows, _ = block_shape(1, count, 4 * count, samples.device)
    number, image, doubled = count, np.arange(count), 0
    for first in range(0, count, rows):
        apart = torch.cdist(samples[first : first + rows], samples, compute_mode="donot_use_mm_for_euclid_dist")
        near = apart <= radius
        doubled += int((near.sum(1) > 1).sum())
        row, column = near.nonzero().T.cpu().numpy()
        # Pairs of images found so far, not of samples: those of a collapsed network are as many as samples squared.
        pairs = np.unique(np.stack([image[row + first], image[column]]), axis=1)
        joined = coo_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=(number, number))
        number, place = connected_components(joined, directed=False)
        image = place[image]
    return int(number), doubled / count


def _classifier(points: Tensor, labels: Tensor) -> Predictor:
    from sklearn.svm import SVC

    given = labels[:CLASSIFIED].cpu().numpy()
    if len(np.unique(given)) == 1:
        return lambda asked: labels[:1].expand(len(asked))
    machine = SVC(C=10).fit(points[:CLASSIFIED].cpu().numpy(), given)
    return lambda asked: torch.from_numpy(machine.predict(asked.cpu().numpy())).to(labels)


def _shares(labels: Tensor, classes: int) -> Tensor:
    return torch.bincount(labels, minlength=classes) / len(labels)
