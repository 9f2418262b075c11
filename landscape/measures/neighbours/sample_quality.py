"""How good and how varied samples are: by k-NN balls, duplicates, classes and sliced Wasserstein distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.choices import NEIGHBOURS
from landscape.facts import Shown
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
from landscape.measures.neighbours.search import pairwise_distances
from landscape.measures.tables import unrolled

if TYPE_CHECKING:
    import pandas as pd

Predictor = Callable[[Tensor], Tensor]  # points (P, D) → classes (P,)
FLOAT32_UNDERFLOW = 1e-15  # if a coordinate is smaller, distances are computed in float64, as float32 loses its square
SAME_IMAGE_GAPS = 0.1  # × the median gap of the training points: samples at most this far apart count as one image
DIRECTIONS = 200  # random projections of the sliced Wasserstein distance
CLASSIFIER_POINTS = 10_000  # training points that the classifier is trained on, at most


@dataclass(frozen=True, eq=False, repr=False)
class Fidelity(Shown):
    """How well samples match the training points, by closed k-NN balls around both: (E,) each.

    - `precision`: the share of samples in a training point's ball (Kynkäänniemi et al. 2019).
    - `recall`: the share of training points in a sample's ball (ibid.).
    - `density`: the mean number of training points' balls that contain a sample, divided by k (Naeem et al. 2020).
    - `coverage`: the share of training points with a sample in their ball (ibid.)."""

    precision: Float[Tensor, "members"]
    recall: Float[Tensor, "members"]
    density: Float[Tensor, "members"]
    coverage: Float[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, precision, recall, density, coverage."""
        return unrolled(vars(self))


@dataclass(frozen=True, eq=False, repr=False)
class Variety(Shown):
    """How many different images the samples are: (E,) each.

    - `duplicates`: the share of samples that are the same image as another sample.
    - `distinct`: the number of different images. Samples that a chain of equal images joins count as one.
    - `distinct_share`: `distinct` over the number of different points expected among as many training points drawn at random
      with replacement, at most 1."""

    duplicates: Float[Tensor, "members"]
    distinct: Int[Tensor, "members"]
    distinct_share: Float[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, duplicates, distinct, distinct_share."""
        return unrolled(vars(self))


@dataclass(frozen=True, eq=False, repr=False)
class ClassShares(Shown):
    """The classes of samples, by a classifier that is trained on the training points.

    - `shares` (E, C): the share of samples in each class. `training` (E, C): the share of training points.
    - `accuracy` (E,): of the classifier on held-out points.
    - `total_variation` (E,): the distance between the two histograms, half the sum of their absolute differences.
    - `held_out` (E,): the null of `total_variation`, the same distance for held-out points in the samples' place."""

    shares: Float[Tensor, "members classes"]
    training: Float[Tensor, "members classes"]
    accuracy: Float[Tensor, "members"]
    total_variation: Float[Tensor, "members"]
    held_out: Float[Tensor, "members"]

    def table(self) -> pd.DataFrame:
        """A row per member and class: member, class, the share of samples, and the share of training points."""
        return unrolled({"share": self.shares, "training": self.training}, "class")


@gated("samples", "training", positional_once=("k", "around"))
def fidelity(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    *,
    k: int = NEIGHBOURS,
    around: Surroundings | None = None,
) -> Fidelity:
    """Precision, recall, density and coverage of samples, with balls that reach the k-th nearest other point: (E,) each.

    All four depend on the numbers of points: compare them only with as many held-out points in the samples' place. `around`,
    the training points' `surroundings` for this k, saves time if they are used more than once. Raises ValueError unless there
    are more than k samples and more than k training points."""
    fewest = min(samples.shape[1], training.shape[1])
    if fewest <= k:
        raise ValueError(f"`samples` and `training` must be more than k = {k} points each; got {fewest}")
    if samples.dtype == torch.float32 and (_has_tiny(samples) or _has_tiny(training)):
        return fidelity(doubled(samples), doubled(training), k=k)
    around = around or surroundings(training, k)
    radii = nearest_neighbours(samples, samples, k + 1)[0][..., -1]
    inside = torch.zeros_like(radii)
    covered, recalled = (torch.zeros(training.shape[:2], dtype=torch.bool, device=radii.device) for _ in range(2))
    for some, rows, held, holds in meetings(
        Balls(samples, radii, k), Balls(training, around.radii[: len(training)], k)
    ):
        inside[some, rows] = held.sum(2).to(inside)
        covered[some] |= held.any(1)
        recalled[some] |= holds.any(1)
    precision, recall, coverage = ((counts > 0).float().mean(1) for counts in (inside, recalled, covered))
    return Fidelity(precision, recall, inside.float().mean(1) / k, coverage)


def _has_tiny(points: Tensor) -> bool:
    """Whether a coordinate is so small that float32, whose smallest normal number is about 1e-38, loses its square."""
    size = points.abs()
    return bool(((size > 0) & (size < FLOAT32_UNDERFLOW)).any())


@gated("samples", "training", positional_once=("around",))
def variety(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    *,
    around: Surroundings | None = None,
) -> Variety:
    """The duplicates and the different images among samples: (E,) each.

    Two samples are the same image if they are at most SAME_IMAGE_GAPS × the median gap of the training points apart. `around`,
    the training points' `surroundings`, saves time if they are used more than once."""
    apart = gaps(training) if around is None else around.gaps
    radius = SAME_IMAGE_GAPS * apart.masked_fill(apart.isinf(), 0).median(-1)[0]
    sets = training[:1] if training.stride(0) == 0 else training
    expected = torch.tensor([expected_distinct(points, samples.shape[1]) for points in sets], device=samples.device)
    images = [_images(samples[e], float(radius[e])) for e in range(len(samples))]
    distinct = torch.tensor([number for number, _ in images], device=samples.device)
    duplicates = torch.tensor([share for _, share in images], device=samples.device)
    return Variety(duplicates, distinct, (distinct / expected).clamp_max(1))


@gated("samples", "training")
def modes(
    samples: Float[Tensor, "members samples dim"], training: Float[Tensor, "members data dim"]
) -> Int[Tensor, "members"]:
    """The number of training points that are nearest to at least one sample: (E,). It depends on the number of samples."""
    index = nearest(samples, training)[1]
    return index.new_zeros(training.shape[:2]).scatter(1, index, 1).sum(-1)


@gated("samples", "training", "held_out", positional_once=("predictors",))
def class_shares(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    labels: Int[Tensor, "members data"],
    held_out: Float[Tensor, "members held_out dim"],
    held_out_labels: Int[Tensor, "members held_out"],
    *,
    predictors: Sequence[Predictor] | None = None,
) -> ClassShares:
    """The class histogram of samples, by a support vector machine trained on the first 10,000 training points: (E, C).

    Labels count from 0. The classifier assigns a class to any point: for samples that are no images the shares mean nothing.
    `predictors`, the `classifiers` of the training points, save time if they are used more than once."""
    classes = 1 + int(max(labels.max(), held_out_labels.max()))
    rows = []
    for e, predict in enumerate(predictors or classifiers(training, labels)):
        null = predict(held_out[e])
        right = (null == held_out_labels[e]).float().mean()
        shares = (_shares(given, classes) for given in (predict(samples[e]), labels[e], null))
        rows.append((*shares, right))
    ours, trained, null, accuracy = (torch.stack(column) for column in zip(*rows, strict=True))
    return ClassShares(ours, trained, accuracy, (ours - trained).abs().sum(-1) / 2, (null - trained).abs().sum(-1) / 2)


def classifiers(
    training: Float[Tensor, "members data dim"], labels: Int[Tensor, "members data"]
) -> tuple[Predictor, ...]:
    """A classifier for each member, trained on its training points. Members that share their points share the classifier."""
    sets = training[:1] if training.stride(0) == 0 else training
    trained = tuple(_classifier(points, names) for points, names in zip(sets, labels, strict=False))
    return trained * (len(training) // len(sets))


@gated("samples", "others", positional_once=("generator", "directions"))
def sliced_wasserstein(
    samples: Float[Tensor, "members samples dim"],
    others: Float[Tensor, "members others dim"],
    *,
    generator: torch.Generator,
    directions: int = DIRECTIONS,
) -> Float[Tensor, "members"]:
    """The sliced Wasserstein distance of order 2 over random directions: (E,). Bonneel et al. (2015).

    Both sets are projected on each direction, where the optimal transport pairs equal quantiles. Two samples of the same
    distribution have a distance above 0, which depends on their sizes: compare only with as many held-out points in the
    samples' place."""
    axes = torch.randn(samples.shape[-1], directions, generator=generator).to(samples)
    axes = axes / torch.linalg.vector_norm(axes, dim=0)
    ours, theirs = (((points @ axes).sort(dim=1)[0]) for points in (samples, others))
    steps = [torch.arange(1, len(points[0]) + 1, dtype=torch.float64) / len(points[0]) for points in (ours, theirs)]
    ends = torch.from_numpy(np.union1d(steps[0], steps[1]))  # both quantile functions are constant between these
    widths = ends.diff(prepend=ends.new_zeros(1))
    places = [torch.searchsorted(step, ends - widths / 2).to(samples.device) for step in steps]
    squares = (ours[:, places[0]] - theirs[:, places[1]]).square()
    distances: Tensor = (squares * widths.to(samples)[:, None]).sum(1).mean(-1).sqrt()
    return distances


def expected_distinct(training: Tensor, drawn: int) -> float:
    """The expected number of different points among `drawn` training points, drawn at random with replacement.

    Copies in the training set count as the same point."""
    total = len(training)
    copies = torch.bincount(distinct_rows(training))
    if len(copies) == total:
        return float(total * (1 - (1 - 1 / total) ** drawn))
    return float((1 - (1 - doubled(copies) / total) ** drawn).sum())


def _images(samples: Tensor, radius: float) -> tuple[int, float]:
    """The number of different images among samples (S, D), and the share of samples that are the same image as another."""
    count = len(samples)
    rows, _ = block_shape(1, count, 4 * count, samples.device)
    number, image, doubled = count, np.arange(count), 0
    for first in range(0, count, rows):
        apart = pairwise_distances(samples[first : first + rows], samples)
        near = apart <= radius
        doubled += int((near.sum(1) > 1).sum())
        row, column = near.nonzero().T.cpu().numpy()
        # Pairs of the images so far, not of samples: a collapsed network has as many pairs as samples squared.
        pairs = np.unique(np.stack([image[row + first], image[column]]), axis=1)
        joined = coo_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=(number, number))
        number, place = connected_components(joined, directed=False)
        image = place[image]
    return int(number), doubled / count


def _classifier(points: Tensor, labels: Tensor) -> Predictor:
    """A support vector machine, or a constant if there is only one class."""
    from sklearn.svm import SVC

    given = labels[:CLASSIFIER_POINTS].cpu().numpy()
    if len(np.unique(given)) == 1:
        return lambda asked: labels[:1].expand(len(asked))
    machine = SVC(C=10).fit(points[:CLASSIFIER_POINTS].cpu().numpy(), given)
    return lambda asked: torch.from_numpy(machine.predict(asked.cpu().numpy())).to(labels)


def _shares(labels: Tensor, classes: int) -> Tensor:
    """The share of each class among the labels: (C,)."""
    return torch.bincount(labels, minlength=classes) / len(labels)
