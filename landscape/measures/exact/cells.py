"""The least eigenvalue of the active rows' Gram matrix over all cells of a hyperplane arrangement, by branch and bound."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.linalg import qr

from landscape.facts import Shown
from landscape.measures.exact.hyperplanes import Hyperplanes

ON_PLANE = 1e-11  # a unit ray whose product with a unit normal is at most this lies on the hyperplane, up to rounding
OFF_PLANE = 1e-9  # from here on it certainly lies beside it; between the two, float64 cannot decide
DEPENDENT = 1e-12  # unit rows whose smallest singular value is at most this are dependent, up to rounding
INDEPENDENT = 1e-9  # from here on they are certainly independent
CERTAIN_EIGENVALUE = (
    1e-12  # × the number of unit rows: an eigenvalue of their Gram matrix above it is far above its rounding
)
EXACT_DIMENSIONS = 10  # the largest n of which cells are visited: a box has 2^n corners
SAMPLED_RAYS = 64  # points at which the least eigenvalue is looked up first, so that fewer cones are visited
BOUND_SLACK = 1e-12  # relative: a cone is dropped if its bound reaches the least value so far up to this


@dataclass(frozen=True, eq=False, repr=False)
class Search(Shown):
    """What a search over the cells of the domain has shown.

    - `lower`: a lower bound of the least eigenvalue over all points. If the search is not complete, it is that of the rows that
      are active everywhere.
    - `upper`: the least eigenvalue that was found at a point; 0 where the active rows do not span.
    - `ray`: homogeneous coordinates of that point, inside its cell; None if no cell was evaluated.
    - `direction`: a unit vector that the Gram matrix at that point maps to `upper` times it.
    - `complete`: whether every cell was visited or bounded, and no decision was within rounding.
    - `cones`: how many cones were visited."""

    lower: float
    upper: float
    ray: Float[np.ndarray, "axes"] | None
    direction: Float[np.ndarray, "dim"] | None
    complete: bool
    cones: int


def search_cells(planes: Hyperplanes, *, time_limit: float, least: bool = False) -> Search:
    """Search all cells of the domain for one whose active rows do not span ℝⁿ; with `least`, for the least eigenvalue.

    It suffices to look inside the full-dimensional cells. On a lower-dimensional face some rows are zero, and a zero row is
    active. In a cell next to the face, all rows that are active are active on the face, too. So the active rows of a cell are a
    subset of those of its faces, and the least eigenvalue of their Gram matrix is not larger.

    1. Rows that are active on both sides of their hyperplane are active everywhere. If they span ℝⁿ, no cell is visited.
       Otherwise the domain is covered by cones in homogeneous coordinates, each given by its extreme rays.
    2. A row with one sign on all rays of a cone has this sign inside the cone. The rows that are active there for certain have
       a Gram matrix whose least eigenvalue bounds that of every cell of the cone from below, since more rows only add to it.
    3. A cone is dropped if these rows span ℝⁿ or, with `least`, if the bound is not below the least value so far.
    4. Otherwise the cone is cut by a hyperplane that passes through it, by the double description method (Fukuda and Prodon,
       1996). A row that is active on both sides of its hyperplane never needs a cut to span.
    5. A cone without a hyperplane that matters is a cell, or a union of cells with the same active rows."""
    search = _Search(planes, least, time.monotonic() + time_limit)
    search.run()
    complete = not (search.stopped or search.doubtful)
    lower = search.everywhere
    if complete or search.upper == 0:
        lower = min(search.upper, np.inf if least else search.bound)
    return Search(max(lower, 0.0), search.upper, search.ray, search.direction, complete, search.cones)


class _Search:
    """The state of a search: cones to visit, and the least value so far."""

    def __init__(self, planes: Hyperplanes, least: bool, deadline: float) -> None:
        self.planes, self.least, self.deadline = planes, least, deadline
        self.upper, self.bound, self.everywhere = np.inf, np.inf, 0.0
        self.ray: np.ndarray | None = None
        self.direction: np.ndarray | None = None
        self.stopped = self.doubtful = False
        self.cones = 0

    def run(self) -> None:
        if not self._spans(np.ones(len(self.planes.normals), bool)):
            self._nowhere_spanning()
            return
        everywhere = np.minimum(self.planes.above, self.planes.below)
        if self._spans(everywhere > 0):
            self.everywhere = float(np.linalg.eigvalsh(self._gram(everywhere))[0])
        if self.least:
            self._look_around()
        if self._dropped(everywhere):
            return
        if len(self.planes.centre) > EXACT_DIMENSIONS:
            self.stopped = True
            return
        stack = first_cones(self.planes)[::-1]
        while stack and self.upper > 0:
            if time.monotonic() > self.deadline:
                self.stopped = True
                return
            self.cones += 1
            stack.extend(self._visit(stack.pop()))

    def _visit(self, rays: np.ndarray) -> list[np.ndarray]:
        """The parts of a cone that are still to be visited, the part with fewer active rows last."""
        planes = self.planes
        values = rays @ planes.normals.T
        size = np.abs(values)
        over, under = (values > ON_PLANE).any(0), (values < -ON_PLANE).any(0)
        crossed = over & under
        weights = np.where(crossed, np.minimum(planes.above, planes.below), np.where(over, planes.above, planes.below))
        differ = planes.above != planes.below if self.least else ~planes.two_sided
        cuts = crossed & differ
        if self._dropped(weights):
            return []
        self.doubtful |= bool(((size > ON_PLANE) & (size < OFF_PLANE)).any())
        if not cuts.any():
            self._evaluate(rays.sum(0), weights)
            return []
        depth = np.minimum(values.max(0), -values.min(0))
        row = int(np.where(cuts, depth, -1.0).argmax())
        decided = np.hstack([size[:, ~crossed] <= ON_PLANE, np.abs(rays @ planes.facets.T) <= ON_PLANE])
        parts = [cut(rays, side * values[:, row], decided) for side in (1, -1)]
        return parts if planes.above[row] >= planes.below[row] else parts[::-1]

    def _dropped(self, weights: np.ndarray) -> bool:
        """Whether the rows that are certainly active bound all cells of a cone well enough. The bound is kept."""
        if not self._spans(weights > 0):
            return False
        bound = float(np.linalg.eigvalsh(self._gram(weights))[0])
        if self.least:
            return bound >= self.upper * (1 - BOUND_SLACK)
        self.bound = min(self.bound, bound)
        return True

    def _evaluate(self, ray: np.ndarray, weights: np.ndarray) -> None:
        values, vectors = np.linalg.eigh(self._gram(weights))
        value, direction = max(float(values[0]), 0.0), vectors[:, 0]
        if not self._spans(weights > 0):
            smallest, null = _smallest(self.planes.spans[weights > 0])
            if smallest <= DEPENDENT:
                value, direction = 0.0, null
            else:
                self.doubtful = True
        if value < self.upper:
            self.upper, self.ray, self.direction = value, ray, direction

    def _look_around(self) -> None:
        """Take the least value over some points of the domain as the first upper bound."""
        planes, random = self.planes, np.random.default_rng(0)
        dim = len(planes.centre)
        for _ in range(SAMPLED_RAYS if dim <= EXACT_DIMENSIONS else 1):
            ray = random.uniform(-1, 1, dim) if planes.is_boxed else random.standard_normal(dim)
            ray = ray if planes.is_linear else np.append(ray, 1.0)
            self._evaluate(ray, np.where(planes.normals @ ray >= 0, planes.above, planes.below))

    def _nowhere_spanning(self) -> None:
        """All rows together do not span: every point is a witness."""
        smallest, null = _smallest(self.planes.spans)
        self.doubtful = smallest > DEPENDENT
        if not self.doubtful:
            self.upper, self.direction, self.ray = 0.0, null, self._a_ray()

    def _a_ray(self) -> np.ndarray:
        """Some point of the domain: the centre of its frame, or a unit vector."""
        return np.asarray(np.eye(self.planes.normals.shape[1])[-1])

    def _spans(self, active: Bool[np.ndarray, "planes"]) -> bool:
        """Whether these planes' rows span ℝⁿ for certain. Their Gram matrix decides first, as that is quick."""
        rows = self.planes.spans[active]
        if len(rows) < rows.shape[1]:
            return False
        if np.linalg.eigvalsh(rows.T @ rows)[0] > CERTAIN_EIGENVALUE * len(rows):
            return True
        return _smallest(rows)[0] >= INDEPENDENT

    def _gram(self, weights: np.ndarray) -> np.ndarray:
        linear = self.planes.linear
        return np.asarray(linear.T @ (weights[:, None] * linear))


def first_cones(planes: Hyperplanes) -> list[Float[np.ndarray, "rays axes"]]:
    """Cones that cover the domain, by their unit rays. All planes together must span ℝⁿ.

    A box is one cone, with a ray to each corner. All of ℝⁿ is cut by n independent hyperplanes into simplicial cones."""
    dim = len(planes.centre)
    signs = np.array(np.meshgrid(*[[1.0, -1.0]] * dim, indexing="ij")).reshape(dim, -1).T
    if planes.is_boxed:
        return [_unit(np.hstack([signs, np.ones((len(signs), 1))]))]
    _, _, order = qr(planes.spans.T, mode="economic", pivoting=True)
    base = np.vstack([planes.normals[order[:dim]], planes.facets])
    rays = np.linalg.inv(base).T
    tails = np.ones((len(signs), len(planes.facets)))
    return [_unit(sign[:, None] * rays) for sign in np.hstack([signs, tails])]


def cut(
    rays: Float[np.ndarray, "rays axes"], values: Float[np.ndarray, "rays"], tight: Bool[np.ndarray, "rays walls"]
) -> Float[np.ndarray, "more_rays axes"]:
    """The part of a cone where a function, given by its values on the rays, is not negative: its unit rays.

    `tight` says which walls of the cone each ray lies on. A new ray lies between two adjacent rays of different sign: no third
    ray lies on all the walls that both of them lie on."""
    over, under = (values > ON_PLANE).nonzero()[0], (values < -ON_PLANE).nonzero()[0]
    one, other = (grid.ravel() for grid in np.meshgrid(over, under, indexing="ij"))
    common = tight[one] & tight[other]
    enough = common.sum(1) >= rays.shape[1] - 2
    one, other, common = one[enough], other[enough], common[enough]
    misses = common.astype(np.float32) @ (~tight).astype(np.float32).T
    adjacent = (misses == 0).sum(1) == 2
    one, other = one[adjacent], other[adjacent]
    between = values[one, None] * rays[other] - values[other, None] * rays[one]
    return np.vstack([rays[values >= -ON_PLANE], _unit(between)])


def _smallest(rows: np.ndarray) -> tuple[float, np.ndarray]:
    """The smallest singular value of unit rows (0 if there are fewer than columns), and its right singular vector."""
    _, values, right = np.linalg.svd(rows, full_matrices=len(rows) < rows.shape[1])
    return (float(values[-1]) if len(rows) >= rows.shape[1] else 0.0), right[-1]


def _unit(rays: np.ndarray) -> np.ndarray:
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))
