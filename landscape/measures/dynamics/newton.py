"""Fixed points and cycles of any map, in any dimension, by Newton's method from many starts: some may be missed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape import machine
from landscape.measures.exact.complete import MAX_RESIDUAL, STABILITIES, FixedPoints
from landscape.measures.gate import gated
from landscape.measures.local.jacobian import jacobian_of_all, spectral_radius
from landscape.measures.local.krylov import Push, largest_modulus, solved
from landscape.measures.local.spectrum import MOST_FULL_DIM, random_start
from landscape.measures.local.tangents import linearised
from landscape.measures.maps import Map, doubled, expect_function, in_double, per_member, step_of
from landscape.measures.neighbours.distances import distinct, joined

MAX_STEPS = 60  # of Newton's method; piecewise affine maps need few
# Above D = 128 Newton's equations are solved from products with the Jacobian (GMRES), so that D² numbers are never held.
MOST_KRYLOV_STEPS, MOST_PRODUCTS, UNSOLVED_SHARE = 20, 64, 1e-4
SIDES_IN_MANY_DIMENSIONS = 8  # around a solution at which whole Jacobians are compared; 2·D up to D = 128
HALVINGS = 4  # of a step that does not reduce |f(x) − x|
SOLUTION_DISTANCE = 1e-8  # solutions of one member nearer to each other are the same, up to what Newton's method leaves
RETURNS = 1e-7  # if |f^q(x) − x| is below, the period of x is q or a divisor of it
SIDE_DISTANCES = (1e-8, 1e-10)  # of the range: how far from a solution the Jacobians around it are computed
KINK_JUMP = 1e-5  # if Jacobians differ by more, and as much at both distances, they are of different affine pieces


@gated("starts")
@torch.no_grad()
def periodic_points(
    model: Map,
    starts: Float[Tensor, "*members starts dim"],
    period: int = 1,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> FixedPoints:
    """The cycles of `period` p that Newton's method for f^p(x) = x finds from `starts`, (S, D) or (E, S, D), in float64.

    A cycle is listed once, by its point that is least in a fixed direction, with the Jacobian and the residual of f^p there.
    Only cycles inside the range [`low`, `high`] are listed, and none whose least period is smaller than p.

    Above D = 128 Newton's method needs only products with the Jacobian, but the list holds a D × D Jacobian in float64 for each
    cycle, 8·D² bytes (5 MB at D = 784), and ten of them at a time while its stability is decided.

    Newton's method may miss some: `proven` is false for all members. If the model maps the range into its interior, the `index`
    of its fixed points must be 1; another value shows that some were missed. Raises ValueError for a period below 1, and where
    the Jacobians would take more than half of the free memory."""
    if period < 1:
        raise ValueError(f"`period` must be at least 1; got {period}")
    expect_function(model)
    exact = in_double(model)
    begun = per_member(exact, starts).double()
    parts = [_of_one(exact.select(slice(e, e + 1)), begun[e], period, low, high) for e in range(exact.members)]
    member = torch.cat([torch.full((len(points),), e) for e, (points, *_) in enumerate(parts)])
    points, residual, jacobian, stability, kink = (torch.cat(column).cpu() for column in zip(*parts, strict=True))
    eye = torch.eye(exact.dim, dtype=torch.float64)
    signs = torch.linalg.det(eye - jacobian).sign().to(torch.int64)
    return FixedPoints(
        member,
        points,
        residual,
        jacobian,
        torch.linalg.eigvals(jacobian).abs().amax(-1),
        stability,
        kink,
        torch.zeros(exact.members, dtype=torch.bool),
        torch.zeros(exact.members, dtype=torch.int64).index_add_(0, member, signs),
    )


def _of_one(model: Map, points: Tensor, period: int, low: float, high: float) -> tuple[Tensor, ...]:
    """The points, residuals, Jacobians of f^p, stabilities and kinks of one member's cycles."""
    chosen, residual = _solutions(model, points, period, low, high)
    if not len(chosen):  # a net need not accept an empty set of points
        none = residual.new_zeros(0, dtype=torch.bool)
        return chosen, residual, chosen.new_zeros(0, model.dim, model.dim), none.long(), none
    _expect_memory(len(chosen), model.dim)
    if model.dim <= MOST_FULL_DIM:
        return chosen, residual, *_stability(model, chosen, period, high - low)
    each = [_stability(model, one, period, high - low) for one in torch.split(chosen, 1)]
    return chosen, residual, *(torch.cat(column) for column in zip(*each, strict=True))


def _expect_memory(count: int, dim: int) -> None:
    """Raise ValueError if the Jacobians of so many cycles would take more than half of the free memory."""
    free, needed = machine.free_memory(), 8 * dim**2 * (2 * count + 2 * SIDES_IN_MANY_DIMENSIONS)  # joined from parts
    if dim > MOST_FULL_DIM and free is not None and needed > free / 2:
        raise ValueError(
            f"the D × D Jacobians of {count} cycles in {dim} coordinates take {needed / 1e9:.1f} GB, and "
            f"{free / 1e9:.1f} GB are free: take fewer `starts`, or find_attractors(model, starts, by='proximity'), which "
            "needs none"
        )


def _solutions(model: Map, points: Tensor, period: int, low: float, high: float) -> tuple[Tensor, Tensor]:
    """The different cycles of this least period inside the range, each by one point, and their residuals, sorted by point."""
    ends = newton(model, points, period)
    phases = phases_of(model, ends, period)
    residual = (phases[-1] - ends).norm(dim=-1)
    inside = ((phases >= low) & (phases <= high)).all(-1).all(0)
    shorter = [q for q in range(1, period) if period % q == 0]
    less = torch.stack([(phases[q] - ends).norm(dim=-1) <= RETURNS for q in shorter] or [torch.zeros_like(inside)])
    kept = inside & (residual <= MAX_RESIDUAL) & ~less.any(0)
    phase = least_phase(phases[:period, kept])
    chosen, residual = phases[phase, kept.nonzero()[:, 0]], residual[kept]
    # Thousands of starts end at a few points, which agree to far below SOLUTION_DISTANCE.
    first, _ = distinct((chosen / (SOLUTION_DISTANCE * 1e-2)).round())
    chosen, residual = chosen[first], residual[first]
    labels = joined(chosen, torch.zeros(len(chosen), dtype=torch.int64, device=chosen.device), SOLUTION_DISTANCE)
    different = [int((labels == label).argmax()) for label in range(labels.max() + 1)] if len(labels) else []
    order = sorted(different, key=lambda place: chosen[place].tolist())
    return chosen[order], residual[order]


def _stability(model: Map, chosen: Tensor, period: int, side: float) -> tuple[Tensor, Tensor, Tensor]:
    """The Jacobian of f^p at each point, the stability as an index into STABILITIES, and whether the point is on a kink.

    1. Jacobians are computed at the point and at 2·D random points around it (8 above D = 128), at two distances.
    2. The point is on a kink if the Jacobians differ, and by as much at the smaller distance: those of a smooth map would
       differ by less.
    3. On a kink where the Jacobians around disagree about the stability, it is 'one-sided'."""
    sides_around = 2 * model.dim if model.dim <= MOST_FULL_DIM else SIDES_IN_MANY_DIMENSIONS
    beside = torch.randn(sides_around, model.dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def around(points: Tensor, reach: float) -> tuple[Tensor, Tensor]:
        sides = points[:, None] + reach * side * torch.cat([torch.zeros(1, model.dim), beside]).to(chosen)
        found = jacobian_of(model, sides.reshape(-1, model.dim), period).reshape(*sides.shape, model.dim)
        return found, (found - found[:, :1]).abs().flatten(1).amax(1)

    far, near = SIDE_DISTANCES
    jacobians, jump = around(chosen, near)
    jacobian, kink = jacobians[:, 0], jump > KINK_JUMP
    if bool(kink.any()):  # few points are on kinks: Jacobians at the other distance and eigenvalues are for these alone
        kink[kink.clone()] = jump[kink] > around(chosen[kink], far)[1] / 2
    kinds, differ = _kinds(jacobian), kink.clone()
    if bool(kink.any()):
        differ[kink] = (_kinds(jacobians[kink]) != kinds[kink, None]).any(1)
    stability = torch.where(differ, STABILITIES.index("one-sided"), kinds)
    return jacobian, stability, kink


def _kinds(jacobian: Tensor) -> Tensor:
    """An index into STABILITIES of each Jacobian by itself: stable, saddle or repelling."""
    below = (torch.linalg.eigvals(jacobian).abs() < 1).sum(-1)
    return torch.where(below == jacobian.shape[-1], 0, torch.where(below == 0, 2, 1))


def least_phase(phases: Float[Tensor, "phases points dim"]) -> Int[Tensor, "points"]:
    """For each cycle, the index of the phase that stands for it: the least one in a fixed random direction, (P,)."""
    return in_direction(phases).argmin(0)


def in_direction(points: Float[Tensor, "*points dim"]) -> Float[Tensor, "*points"]:
    """The coordinates of points in a fixed random direction, in which different points of a cycle do not tie."""
    direction = 1 + torch.rand(points.shape[-1], generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return doubled(points) @ direction.to(doubled(points).device)


def untold(_: float) -> None:
    """Hears what share of a work is done, and says nothing."""


def newton(
    model: Map, points: Float[Tensor, "points dim"], period: int, tell: Callable[[float], None] = untold
) -> Float[Tensor, "points dim"]:
    """The points that Newton's method for f^p(x) = x leads to from `points`: (P, D).

    A step is halved, up to four times, while it does not reduce |f^p(x) − x|. The method ends when steps are below 1e-12, or
    after 60 steps; it need not have converged, so that the caller must look at f^p(x) − x.

    Above D = 128 each step is solved to 1e-4 by GMRES from Jacobian–vector products, and there are at most 20 steps
    (Newton–Krylov; Dembo, Eisenstat and Steihaug 1982). `tell` hears the share of the largest number of steps that are done."""
    points, most = points.clone(), MAX_STEPS if model.dim <= MOST_FULL_DIM else MOST_KRYLOV_STEPS
    off = _off(model, points, period)
    open_ = torch.arange(len(points), device=points.device)
    for done in range(most):
        tell(done / most)
        at = points[open_]
        step = _step(model, at, off[open_], period)
        best, left = at + step, _off(model, at + step, period)
        for halved in range(1, HALVINGS + 1):
            worse = left.norm(dim=-1) >= off[open_].norm(dim=-1)
            if not bool(worse.any()):
                break
            shorter = at + step / 2**halved
            best = torch.where(worse[:, None], shorter, best)
            left = torch.where(worse[:, None], _off(model, shorter, period), left)
        points[open_], off[open_] = best, left
        open_ = open_[(best - at).abs().amax(-1) > SOLUTION_DISTANCE * 1e-4]
        if not len(open_):
            break
    return points


def _step(model: Map, at: Tensor, off: Tensor, period: int) -> Tensor:
    """The step s of Newton's method, (J − 1) s = −off, at each point."""
    if model.dim > MOST_FULL_DIM:
        return solved(push_of(model, at, period), -off[None], MOST_PRODUCTS, UNSOLVED_SHARE)[0]
    eye = torch.eye(model.dim, dtype=at.dtype, device=at.device)
    step: Tensor = torch.linalg.solve_ex(jacobian_of(model, at, period) - eye, -off)[0].nan_to_num(0, 0, 0)
    return step


def radius_of(model: Map, points: Float[Tensor, "points dim"], period: int) -> Float[Tensor, "points"]:
    """The spectral radius of the Jacobian of f^p at the points: (P,). NaN above D = 128 where it has not converged."""
    if model.dim <= MOST_FULL_DIM:
        return spectral_radius(jacobian_of(model, points, period)[None])[0]
    return largest_modulus(push_of(model, points, period), random_start(points[None]))[0]


def push_of(model: Map, points: Float[Tensor, "points dim"], period: int) -> Push:
    """The products v → J v with the Jacobian of f^p at the points, for v (1, P, D)."""
    pushes = [linearised(model, phase[None]).push for phase in phases_of(model, points, period - 1)]

    def push(tangents: Tensor) -> Tensor:
        for one in pushes:
            tangents = one(tangents)
        return tangents

    return push


def phases_of(model: Map, points: Float[Tensor, "points dim"], period: int) -> Float[Tensor, "phases points dim"]:
    """The points after 0, 1, …, p iterations of a model of one member, in the precision of the points: (p + 1, P, D)."""
    phases, step = [points], step_of(model)
    for _ in range(period):
        phases.append(step(phases[-1][None])[0])
    return torch.stack(phases)


def jacobian_of(model: Map, points: Float[Tensor, "points dim"], period: int) -> Float[Tensor, "points dim dim"]:
    """The Jacobian of f^p at the points, in the precision of the points, which need not be the model's: (P, D, D)."""
    first, *later = phases_of(model, points, period - 1)
    product = jacobian_of_all(model, first[None])[0]
    for phase in later:
        product = jacobian_of_all(model, phase[None])[0] @ product
    return product


def _off(model: Map, points: Tensor, period: int) -> Tensor:
    """f^p(x) − x."""
    return phases_of(model, points, period)[-1] - points
