"""The rows of a ReLU layer as hyperplanes: parallel rows merged, in coordinates of about unit size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landscape.facts import Shown

PARALLEL_EPSILONS = 16  # rows whose unit vectors differ by fewer rounding errors of their type count as parallel


@dataclass(frozen=True, eq=False, repr=False)
class Layer(Shown):
    """The layer x ↦ ReLU(Wx + b) in float64 on a box or on all of ℝⁿ: `weight` (m, n), `bias` (m,), `low` and `high` (n,).

    - `low` and `high` are None for all of ℝⁿ.
    - `epsilon` is the rounding error of the type that the weights came in."""

    weight: Float[np.ndarray, "rows dim"]
    bias: Float[np.ndarray, "rows"]
    low: Float[np.ndarray, "dim"] | None
    high: Float[np.ndarray, "dim"] | None
    epsilon: float

    @property
    def dim(self) -> int:
        return int(self.weight.shape[1])

    @property
    def is_linear(self) -> bool:
        """Whether there is neither a bias nor a box, so that only the direction of x matters."""
        return self.low is None and not self.bias.any()

    def before(self, points: Float[np.ndarray, "*points dim"]) -> Float[np.ndarray, "*points rows"]:
        """The values Wx + b: (…, m)."""
        return np.asarray(points @ self.weight.T + self.bias)


@dataclass(frozen=True, eq=False, repr=False)
class Hyperplanes(Shown):
    """The hyperplanes on which rows of a layer are zero, K of them, in homogeneous coordinates (u, t) of d axes.

    A point is x = centre + size·u/t. A linear layer has no axis t: d = n and x = u. Otherwise d = n + 1.

    - `normals`, (K, d): the unit vectors.
    - `spans`, (K, n): the weights of these rows, at unit length.
    - `linear`, (K, n): the weights of these rows for a unit normal, in the coordinates of x.
    - `above` and `below`, (K,): squared lengths, relative to the normal, of the rows that are positive above the hyperplane
      and of those that are positive below it. 0 means that there is no such row.
    - `facets`, (F, d): half-spaces ≥ 0 that bound the domain: none of a linear layer, the 2n of a box, or t ≥ 0."""

    normals: Float[np.ndarray, "planes axes"]
    spans: Float[np.ndarray, "planes dim"]
    linear: Float[np.ndarray, "planes dim"]
    above: Float[np.ndarray, "planes"]
    below: Float[np.ndarray, "planes"]
    facets: Float[np.ndarray, "facets axes"]
    centre: Float[np.ndarray, "dim"]
    size: Float[np.ndarray, "dim"]

    @property
    def two_sided(self) -> Bool[np.ndarray, "planes"]:
        """Whether a row is active on either side of a hyperplane, as with rows w and −s·w: (K,)."""
        return (self.above > 0) & (self.below > 0)

    @property
    def is_linear(self) -> bool:
        """Whether the coordinates have no axis t."""
        return bool(self.normals.shape[1] == len(self.centre))

    @property
    def is_boxed(self) -> bool:
        """Whether the domain is a box."""
        return len(self.facets) > 1

    def point(self, ray: Float[np.ndarray, "axes"]) -> Float[np.ndarray, "dim"]:
        """The point x of homogeneous coordinates (u, t): (n,)."""
        dim = len(self.centre)
        scale = ray[dim] if len(ray) > dim else 1.0
        return np.asarray(self.centre + self.size * ray[:dim] / scale)


def hyperplanes(layer: Layer) -> Hyperplanes:
    """The hyperplanes of a layer. Rows of zeros are dropped: their values are constant.

    Rows that are parallel up to the rounding of the weights' type count as parallel, so that [B; −DB] keeps its meaning when
    it is computed in float32 or float64."""
    dim = layer.dim
    kept = layer.weight.any(1)
    weight, bias = layer.weight[kept], layer.bias[kept]
    centre, size = frame(layer)
    if layer.is_linear:
        rows, facets = weight, np.empty((0, dim))
    else:
        rows = np.hstack([weight * size, (bias + weight @ centre)[:, None]])
        facets = _facets(dim, boxed=layer.low is not None)
    largest = np.abs(rows).max(1, initial=0)
    lengths = largest * np.linalg.norm(rows / largest[:, None], axis=1)
    unit = rows / lengths[:, None]
    group, sign = parallel_groups(unit, PARALLEL_EPSILONS * layer.epsilon)
    first = np.unique(group, return_index=True)[1]
    above, below = (np.bincount(group, lengths**2 * (sign == side), len(first)).astype(float) for side in (1, -1))
    linear = weight[first] / lengths[first, None]
    scaled = weight[first] / np.abs(weight[first]).max(1, keepdims=True)
    spans = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return Hyperplanes(unit[first], spans, linear, above, below, facets, centre, size)


def parallel_groups(
    unit: Float[np.ndarray, "rows axes"], tolerance: float
) -> tuple[Int[np.ndarray, "rows"], Int[np.ndarray, "rows"]]:
    """The group of parallel unit rows that each row belongs to, and whether it has the direction of the group's first row (1)
    or the opposite one (−1): (m,) each.

    1. Rows are sorted by the absolute value of their product with a fixed vector. Parallel rows stand near each other.
    2. Each row is compared with the next ones for as long as these values agree."""
    count, axes = unit.shape
    probe = np.random.default_rng(0).standard_normal(axes)
    value = np.abs(unit @ probe)
    order = np.argsort(value)
    within = tolerance * np.linalg.norm(probe) + 64 * axes * np.finfo(float).eps
    ones, others = [np.arange(count)], [np.arange(count)]
    for offset in range(1, count):
        near = (value[order[offset:]] - value[order[:-offset]] <= within).nonzero()[0]
        if not len(near):
            break
        one, other = order[near], order[near + offset]
        apart = [np.abs(unit[one] - side * unit[other]).max(1) for side in (1, -1)]
        same = np.minimum(*apart) <= tolerance
        ones.append(one[same])
        others.append(other[same])
    first, second = np.concatenate(ones), np.concatenate(others)
    _, group = connected_components(coo_array((np.ones(len(first)), (first, second)), (count, count)), directed=False)
    lead = np.unique(group, return_index=True)[1][group]
    return group, np.where((unit * unit[lead]).sum(1) > 0, 1, -1)


def frame(layer: Layer) -> tuple[Float[np.ndarray, "dim"], Float[np.ndarray, "dim"]]:
    """Centre and size of the frame in which coordinates are about 1: that of the box, or a typical distance of hyperplanes."""
    if layer.low is not None and layer.high is not None:
        return (layer.low + layer.high) / 2, (layer.high - layer.low) / 2
    moved = (layer.bias != 0) & layer.weight.any(1)
    distances = np.abs(layer.bias[moved]) / np.linalg.norm(layer.weight[moved], axis=1)
    return np.zeros(layer.dim), np.full(layer.dim, float(np.median(distances)) if len(distances) else 1.0)


def _facets(dim: int, *, boxed: bool) -> Float[np.ndarray, "facets axes"]:
    """t ≥ 0, or −t ≤ u ≤ t in each coordinate of a box."""
    if not boxed:
        return np.eye(dim + 1)[dim:]
    identity, ones = np.eye(dim), np.ones((dim, 1))
    return np.vstack([np.hstack([identity, ones]), np.hstack([-identity, ones])])
