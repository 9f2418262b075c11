"""Whether a ReLU layer is one-to-one, as a mixed-integer linear programme."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.optimize import Bounds, LinearConstraint, milp

from landscape.measures.exact.collisions import Collision, collision, null_direction
from landscape.measures.exact.hyperplanes import Hyperplanes, Layer

SOLVER_TOLERANCE = 1e-5  # HiGHS meets constraints to 1e-6: it cannot see a cell that is narrower than about this


@dataclass(frozen=True, eq=False)
class Programme:
    """The answer of the solver: `one_to_one` is None if it ran out of time or its point did not give a verified collision.

    `width` is the largest margin η by which rows can be negative, in units of the frame, or None if there is no answer."""

    one_to_one: bool | None
    collision: Collision | None
    width: float | None


def solve(layer: Layer, planes: Hyperplanes, *, time_limit: float) -> Programme:
    """Look for a point x and a direction v ≠ 0 such that each row is orthogonal to v or negative at x, by HiGHS.

    With binary δ for each hyperplane and unit normals, maximise η over |x|, |v| ≤ 1 such that

    1. |⟨w, v⟩| ≤ L·(1 − δ): where δ = 1, the row is orthogonal to v,
    2. ⟨w, x⟩ + b ≤ −η + M·δ: where δ = 0, the row is negative by a margin of η,
    3. ⟨w, v⟩ = 0 where one row or another is active on either side of the hyperplane,
    4. v_j = 1 for some coordinate j, chosen by binaries.

    The layer is not one-to-one exactly if the largest η is positive: then x ± εv are mapped to the same values. Of all of ℝⁿ
    with biases, homogeneous coordinates are used. A largest η below SOLVER_TOLERANCE counts as zero, unless its point gives a
    verified collision. So a layer that merges points only in narrower cells can pass."""
    variables = _Variables(planes)
    found = milp(
        variables.objective(),
        integrality=variables.integrality(),
        bounds=variables.bounds(),
        constraints=variables.constraints(),
        options={"time_limit": max(time_limit, 0.01), "mip_rel_gap": 0.0},
    )
    if found.status == 2:
        return Programme(True, None, 0.0)
    if found.x is None:
        return Programme(None, None, None)
    width = float(found.x[-1])
    hit = _collision_at(layer, planes, variables, found.x) if width > 0 else None
    if hit is not None:
        return Programme(False, hit, width)
    return Programme(True if found.status == 0 and width < SOLVER_TOLERANCE else None, None, width)


def _collision_at(
    layer: Layer, planes: Hyperplanes, variables: _Variables, solution: Float[np.ndarray, "variables"]
) -> Collision | None:
    """The collision of a solution. Its direction is computed anew, from the rows that the solver takes as orthogonal."""
    orthogonal = planes.two_sided.copy()
    orthogonal[variables.free] = solution[variables.flat] > 0.5
    ray = np.concatenate([solution[variables.point], solution[variables.last], [1.0] * planes.is_boxed])
    if len(ray) > layer.dim and ray[-1] <= 0:
        return None
    return collision(layer, planes.point(ray), null_direction(planes.spans[orthogonal]))


class _Variables:
    """The programme's variables: u (n), t (of unbounded layers with biases), v (n), δ, the choice of j (n), and η last."""

    def __init__(self, planes: Hyperplanes) -> None:
        self.planes = planes
        dim, self.free = len(planes.centre), (~planes.two_sided).nonzero()[0]
        tail = 0 if planes.is_linear or planes.is_boxed else 1
        sizes = np.cumsum([0, dim, tail, dim, len(self.free), dim, 1])
        places = [slice(int(first), int(last)) for first, last in pairwise(sizes)]
        self.point, self.last, self.along, self.flat, self.choice, _ = places
        self.count = int(sizes[-1])

    def objective(self) -> Float[np.ndarray, "variables"]:
        return np.asarray(-np.eye(self.count)[-1])

    def integrality(self) -> Float[np.ndarray, "variables"]:
        kind = np.zeros(self.count)
        kind[self.flat] = kind[self.choice] = 1
        return kind

    def bounds(self) -> Bounds:
        low, high = np.zeros(self.count), np.ones(self.count)
        low[self.point] = low[self.along] = -1
        return Bounds(low, high)

    def constraints(self) -> list[LinearConstraint]:
        planes, free = self.planes, self.free
        side = np.where(planes.above[free] > 0, 1.0, -1.0)[:, None]
        spans, normals = planes.spans[free], side * planes.normals[free]
        dim, count = len(planes.centre), len(free)
        ends = np.abs(spans).sum(1)
        orthogonal = self._zeros(2 * count)
        orthogonal[:, self.along] = np.vstack([spans, -spans])
        orthogonal[:, self.flat] = np.vstack([np.diag(ends)] * 2)
        fixed = self._zeros(int(planes.two_sided.sum()))
        fixed[:, self.along] = planes.spans[planes.two_sided]
        negative = self._zeros(count)
        negative[:, self.point] = normals[:, :dim]
        offset = normals[:, dim] if planes.is_boxed else np.zeros(count)
        negative[:, self.last] = normals[:, dim:] if self.last.start < self.last.stop else 0
        negative[:, self.flat] = -np.diag(np.abs(normals).sum(1) + 1)
        negative[:, -1] = 1
        chosen = self._zeros(dim)
        chosen[:, self.along], chosen[:, self.choice] = np.eye(dim), -2 * np.eye(dim)
        one = self._zeros(1)
        one[:, self.choice] = 1
        inside = self._zeros(self.last.stop - self.last.start)
        inside[:, self.last], inside[:, -1] = 1, -1
        blocks = [
            LinearConstraint(orthogonal, -np.inf, np.tile(ends, 2)),
            LinearConstraint(fixed, 0, 0),
            LinearConstraint(negative, -np.inf, -offset),
            LinearConstraint(chosen, -1, np.inf),
            LinearConstraint(one, 1, 1),
            LinearConstraint(inside, 0, np.inf),
        ]
        return [block for block in blocks if len(block.A)]

    def _zeros(self, rows: int) -> np.ndarray:
        return np.zeros((rows, self.count))
