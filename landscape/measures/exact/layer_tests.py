"""Whether a ReLU layer x ↦ ReLU(Wx + b) is one-to-one, and how much it may shrink distances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.exact.cells import EXACT_DIMENSIONS, Search, search_cells
from landscape.measures.exact.collisions import Collision, collision
from landscape.measures.exact.convolutions import window_test
from landscape.measures.exact.falsifier import falsify
from landscape.measures.exact.hyperplanes import Hyperplanes, Layer, hyperplanes
from landscape.measures.exact.layer_arguments import Kernels, device_of, expect_time, read_layer, read_points
from landscape.measures.exact.mixed_integer import SOLVER_TOLERANCE, solve

LAYER_VERDICTS = ("one-to-one", "not one-to-one", "unresolved", "not refuted", "not shown")
LAYER_METHODS = ("auto", "exact", "milp", "falsify")
FALSIFY_FIRST = 6  # from this n on, the falsifier is quicker than the search of the cells where points are merged
LARGEST_PROGRAMME = 2_000  # rows × coordinates up to which `auto` tries the mixed-integer programme
TIME_LIMIT = 60.0  # seconds


@dataclass(frozen=True, eq=False, repr=False)
class LayerInjectivity(Shown):
    """Whether a layer is one-to-one on its domain: `verdict`, one of LAYER_VERDICTS, and what supports it.

    - "one-to-one" by `method` "exact" is certain up to rounding. "milp" cannot see cells narrower than SOLVER_TOLERANCE.
    - "not one-to-one" always comes with a `pair` of points of the domain that have the same values.
    - "unresolved": the time ran out, or a decision lay within rounding. "not refuted": the falsifier found no pair; this is
      no evidence for "one-to-one". "not shown": a convolution does not meet a condition that suffices.
    - `condition`: what was tested, in words.
    - `pair`, (2, n), and `direction`, (n,), float64 on the CPU, or None. `residual` is ‖f(x) − f(y)‖ / (‖W‖·‖x − y‖), or None.
    - `active`: how many rows are active between the points of the pair, or the fewest that the falsifier saw; None if neither.
    - `margin`: with "one-to-one", a lower bound of ‖f(x) − f(y)‖ / ‖x − y‖, which may be far from the best one (see
      `inverse_lipschitz`); None if there is none."""

    verdict: str
    method: str
    condition: str
    pair: Float[Tensor, "2 dim"] | None = None
    direction: Float[Tensor, "dim"] | None = None
    residual: float | None = None
    active: int | None = None
    margin: float | None = None


@dataclass(frozen=True, eq=False)
class InverseLipschitz:
    """Bounds of κ = inf ‖f(x) − f(y)‖ / ‖x − y‖ over the domain: `lower` ≤ κ ≤ `upper`.

    - `least_eigenvalue`: bounds of A, the least eigenvalue of the active rows' Gram matrix over all points: (lowest, highest).
    - `complete`: whether A is exact up to rounding, so that both bounds agree. If not, `lower` still holds, but may be 0."""

    lower: float
    upper: float
    least_eigenvalue: tuple[float, float]
    complete: bool


@dataclass(frozen=True, eq=False, repr=False)
class ActiveRows(Shown):
    """The rows with ⟨w, x⟩ + b ≥ 0 at each of P points: how many there are (`count`) and their `rank`, (P,) each.

    They are a directed spanning set of ℝⁿ where the rank is n; there the layer is one-to-one in a neighbourhood."""

    count: Int[Tensor, "points"]
    rank: Int[Tensor, "points"]


def active_rows(weight: object, points: object, bias: object = None) -> ActiveRows:
    """The number and the rank of the rows with ⟨w, x⟩ + b ≥ 0 at points (P, n): (P,) each, on the CPU.

    Computed in float64. A value that should be zero may be rounded below zero, and its row then counts as not active. The rank
    is that of the unit rows, by the usual tolerance: the larger side times the weights' rounding error. Raises ValueError for
    weights that are no matrix or module, and for points of other dimensions. Puthawala et al. (2022), Definition 1."""
    layer = _dense(read_layer(weight, bias, None), "active_rows")
    rows, before = layer.weight, layer.before(read_points(points, layer.dim))
    lengths = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(lengths > 0, lengths, 1)[:, None]
    active = (before >= 0) & (lengths > 0)
    tolerance = max(rows.shape) * layer.epsilon
    ranks = [np.linalg.matrix_rank(unit[which], rtol=tolerance) if which.any() else 0 for which in active]
    return ActiveRows(torch.from_numpy(active.sum(1)), torch.tensor([int(rank) for rank in ranks]))


def layer_injectivity(
    layer: object,
    bias: object = None,
    *,
    method: str = "auto",
    box: object = None,
    size: tuple[int, ...] | None = None,
    time_limit: float = TIME_LIMIT,
    generator: torch.Generator | None = None,
) -> LayerInjectivity:
    """Whether the layer x ↦ ReLU(Wx + b) is one-to-one on ℝⁿ or on a box, with a pair of points that it merges if not.

    `layer` is a matrix (m, n), kernels (out, in, …) of a convolution, or a module: Linear, Conv or ConvTranspose (1d to 3d).
    `box` is (low, high), numbers or one per coordinate. `size` is that of a convolution's inputs, as (height, width): if it is
    given, the layer's matrix on these inputs is tested, padding included, and points are inputs (in · height · width).

    The layer is one-to-one on a convex set with interior points exactly if the rows with ⟨w, x⟩ + b ≥ 0 span ℝⁿ at each of its
    interior points x. For b = 0 on ℝⁿ this is Theorem 2 of Puthawala et al. (JMLR 2022). The proof in general:

    1. Let f(x) = f(y) and z = (x + y)/2. A row whose values at x and y differ is at most 0 at both, so it is negative at z. The
       rows that are active at z are thus orthogonal to y − x. If z lies on the border, points of the interior near z have
       no further active rows.
    2. If the active rows at z are orthogonal to some v ≠ 0, then f(z + εv) = f(z − εv) for small ε, as all other rows are
       negative around z.

    With biases this is more than a test of the rows with b ≥ 0 alone, which suffices on ℝⁿ but is not necessary: ReLU(x − 1)
    and ReLU(1 − x) together are one-to-one.

    - "exact" searches the cells of the rows' hyperplanes, for n ≤ EXACT_DIMENSIONS. See `search_cells`.
    - "milp" solves a mixed-integer programme. See `solve`.
    - "falsify" only looks for a merged pair, for layers of thousands of rows. See `falsify`.
    - "auto" takes the first that is feasible. If rows in pairs w, −s·w span ℝⁿ, the layer is one-to-one, whatever its size.
    - Convolutions without `size` are tested by a condition on their kernels that suffices on any domain, or box. See
      `window_test`.

    Randomness is drawn from `generator`, by default one with seed 0. Raises ValueError for bad arguments."""
    if method not in LAYER_METHODS:
        raise ValueError(f"`method` must be one of {', '.join(map(repr, LAYER_METHODS))}; got {method!r}")
    expect_time(time_limit)
    read = read_layer(layer, bias, box, size)
    if isinstance(read, Kernels):
        if method != "auto":
            raise ValueError(
                f"`method` must be 'auto' for a convolution without `size`, which is tested by its kernels; got {method!r}"
            )
        shown = window_test(read, time_limit=time_limit)
        return LayerInjectivity("one-to-one" if shown.holds else "not shown", "kernels", shown.condition)
    if method == "exact" and read.dim > EXACT_DIMENSIONS:
        raise ValueError(
            f"the exact method takes layers of at most {EXACT_DIMENSIONS} inputs; got {read.dim}. Use method='auto', 'milp' or "
            "'falsify'"
        )
    generator = generator or torch.Generator().manual_seed(0)
    test = _Test(read, device_of(layer), generator, time_limit)
    return {"auto": test.auto, "exact": test.exact, "milp": test.programme, "falsify": test.falsified}[method]()


def inverse_lipschitz(
    layer: object,
    bias: object = None,
    *,
    box: object = None,
    time_limit: float = TIME_LIMIT,
) -> InverseLipschitz:
    """Bounds of the inverse Lipschitz constant κ = inf ‖f(x) − f(y)‖ / ‖x − y‖ of f(x) = ReLU(Wx + b) on ℝⁿ or a box.

    With A, the least eigenvalue of Σ wwᵀ over the active rows at any point, √(A/2) ≤ κ ≤ √A. Arguments are as of
    `layer_injectivity`, convolutions excepted. A is exact for n ≤ EXACT_DIMENSIONS if the time suffices.

    1. Upper bound: inside the cell where A is attained, the layer is linear, and shrinks the eigenvector by √A. Without bias
       on ℝⁿ, the pair of the eigenvector and its negative is tried, too.
    2. Lower bound: let v = y − x. A row that is active on a share τ of the segment from x to y, at one end of it, contributes
       τ²⟨w, v⟩² to ‖f(x) − f(y)‖². Weigh the points of the segment by the triangular density g, which is largest in the middle.
       Each row is active with weight ∫g ≤ 2τ². As Σ⟨w, v⟩² over the active rows is at least A‖v‖² at each point,
       2‖f(x) − f(y)‖² ≥ A‖v‖².

    Puthawala et al. (2022) bound κ by A, too; Freeman and Haider (2025, arXiv 2502.09898) prove κ ≥ √A/2. Orthonormal [B; −B]
    attain √(A/2)."""
    read = _dense(read_layer(layer, bias, box), "inverse_lipschitz")
    found = search_cells(hyperplanes(read), time_limit=time_limit, least=True)
    upper = float(np.sqrt(found.upper))
    if read.is_linear and found.direction is not None:
        ends = np.maximum(read.before(np.stack([found.direction, -found.direction])), 0)
        upper = min(upper, float(np.linalg.norm(ends[0] - ends[1])) / 2)
    lower = float(np.sqrt(found.lower / 2))
    return InverseLipschitz(lower, max(lower, upper), (found.lower, found.upper), found.complete)


@dataclass(frozen=True, eq=False)
class _Test:
    """A dense layer and the ways to test it."""

    layer: Layer
    device: torch.device
    generator: torch.Generator
    time_limit: float

    @cached_property
    def planes(self) -> Hyperplanes:
        return hyperplanes(self.layer)

    def auto(self) -> LayerInjectivity:
        if self.layer.dim <= EXACT_DIMENSIONS:
            early = self.falsified() if self.layer.dim >= FALSIFY_FIRST else None
            return early if early is not None and early.pair is not None else self.exact()
        everywhere = self.exact()
        if everywhere.verdict != "unresolved":
            return everywhere
        found = self.falsified()
        if found.pair is not None or self.layer.weight.size > LARGEST_PROGRAMME:
            return found
        solved = self.programme()
        return replace(solved, active=found.active) if solved.active is None else solved

    def exact(self) -> LayerInjectivity:
        condition = "the rows with <w, x> + b >= 0 span the input space at every point inside the domain"
        found = search_cells(self.planes, time_limit=self.time_limit)
        if found.upper == 0:
            hit = self._collision_of(found)
            return _merged(hit, "exact", condition) if hit else LayerInjectivity("unresolved", "exact", condition)
        if not found.complete:
            return LayerInjectivity("unresolved", "exact", condition)
        return LayerInjectivity("one-to-one", "exact", condition, margin=float(np.sqrt(found.lower / 2)))

    def programme(self) -> LayerInjectivity:
        condition = (
            "no point inside the domain where all rows that are not orthogonal to some direction are negative by more than "
            f"{SOLVER_TOLERANCE:g}"
        )
        found = solve(self.layer, self.planes, time_limit=self.time_limit)
        if found.collision is not None:
            return _merged(found.collision, "milp", condition)
        return LayerInjectivity("one-to-one" if found.one_to_one else "unresolved", "milp", condition)

    def falsified(self) -> LayerInjectivity:
        condition = "no point was found where the active rows do not span the input space"
        hit, fewest = falsify(self.layer, device=self.device, generator=self.generator)
        if hit is not None:
            return _merged(hit, "falsify", condition)
        return LayerInjectivity("not refuted", "falsify", condition, active=fewest)

    def _collision_of(self, found: Search) -> Collision | None:
        if found.ray is None or found.direction is None:
            return None
        return collision(self.layer, self.planes.point(found.ray), found.direction)


def _merged(hit: Collision, method: str, condition: str) -> LayerInjectivity:
    pair, direction = torch.from_numpy(hit.pair), torch.from_numpy(hit.direction)
    return LayerInjectivity("not one-to-one", method, condition, pair, direction, hit.residual, hit.active)


def _dense(read: Layer | Kernels, measure: str) -> Layer:
    if isinstance(read, Kernels):
        raise ValueError(
            f"{measure} takes a matrix (m, n) or a Linear module; got a convolution. Use layer_injectivity"
        )
    return read
