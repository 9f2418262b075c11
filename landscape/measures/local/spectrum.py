"""The spectral radius, the operator norm and the trace of the Jacobian at points, in many dimensions without the Jacobian."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.local.jacobian import (
    ABSOLUTE_RANK,
    RELATIVE_RANK,
    jacobian_block,
    jacobian_numbers,
    numerical_rank,
    operator_norm,
    spectral_radius,
    trace_share,
)
from landscape.measures.local.krylov import MOST_VECTORS, Push, largest_modulus
from landscape.measures.local.tangents import Linearised, linearised
from landscape.measures.maps import Map, blockwise, doubled, in_double, numbers_per_point, per_member

MOST_FULL_DIM = 128  # up to here the Jacobian and its eigenvalues are computed whole
FIRST_VECTORS = 32  # of a range finder; twice as many follow while they do not suffice
SPARE_VECTORS = 8  # beyond the rank, so that the singular values above the threshold are exact
PER_POINT = Float[Tensor, "members points"]


@gated("points")
@torch.no_grad()
def spectral_radius_at(model: Map, points: Tensor) -> PER_POINT:
    """The spectral radius ρ(J) of the Jacobian at `points`, (P, D) or (E, P, D), in float64: (E, P).

    Up to D = 128 from the whole Jacobian. Above, by Arnoldi's method from Jacobian–vector products, in memory of order D per
    point: exact to about 1e-7 of it, and NaN where the method has not converged in 160 products or J is not finite."""
    exact = in_double(model)

    def radius(member: Map, some: Tensor) -> Tensor:
        if model.dim <= MOST_FULL_DIM:
            return spectral_radius(jacobian_block(member, some))
        return largest_modulus(linearised(member, some).push, random_start(some))

    return blockwise(radius, exact, doubled(per_member(exact, points)), _numbers(exact))


@gated("points")
@torch.no_grad()
def operator_norm_at(model: Map, points: Tensor) -> PER_POINT:
    """The operator norm ‖J‖ at `points`, (P, D) or (E, P, D), in float64: (E, P). As `spectral_radius_at`.

    Above D = 128 it is the square root of the largest eigenvalue of JᵀJ, by the same method."""
    exact = in_double(model)

    def norm(member: Map, some: Tensor) -> Tensor:
        if model.dim <= MOST_FULL_DIM:
            return operator_norm(jacobian_block(member, some))
        linear: Linearised = linearised(member, some)
        return largest_modulus(lambda v: linear.pull(linear.push(v)), random_start(some)).sqrt()

    return blockwise(norm, exact, doubled(per_member(exact, points)), _numbers(exact))


@gated("points")
@torch.no_grad()
def numerical_rank_at(
    model: Map, points: Tensor, *, relative: float = RELATIVE_RANK, absolute: float = ABSOLUTE_RANK
) -> Int[Tensor, "members points"]:
    """The numerical rank of the Jacobian at `points`, (P, D) or (E, P, D), in float64: (E, P). 0 where J is not finite.

    The number of singular values above both `relative` × the largest and `absolute`. Up to D = 128 from the whole Jacobian.
    Above, by a randomised range finder with one power iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) on products
    with J and Jᵀ: k = 32 vectors, and twice as many until 8 of them are not needed, in memory of order k·D per point.
    Singular values within some per cent of the threshold may count on its other side."""
    exact = in_double(model)

    def rank(member: Map, some: Tensor) -> Tensor:
        if model.dim <= MOST_FULL_DIM:
            return numerical_rank(jacobian_block(member, some), relative=relative, absolute=absolute)
        return _rank_by_products(linearised(member, some), some, relative, absolute)

    return blockwise(rank, exact, doubled(per_member(exact, points)), _numbers(exact))


def _rank_by_products(linear: Linearised, points: Tensor, relative: float, absolute: float) -> Tensor:
    """The number of singular values of J above the threshold, from products alone: (E, P)."""
    dim, count = points.shape[-1], FIRST_VECTORS
    while True:
        count = min(count, dim)
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randn(count, dim, generator=generator, dtype=torch.float64).to(points)
        finite = torch.ones(points.shape[:2], dtype=torch.bool, device=points.device)
        basis = drawn.expand(*points.shape[:2], count, dim)
        for product in (linear.push, linear.pull, linear.push):
            moved = _each(product, basis)
            finite &= moved.isfinite().all(-1).all(-1)
            basis = torch.linalg.qr(moved.masked_fill(~finite[..., None, None], 0).mT)[0].mT
        small = _each(linear.pull, basis)
        finite &= small.isfinite().all(-1).all(-1)
        values = torch.linalg.svdvals(small.masked_fill(~finite[..., None, None], 0))
        found: Tensor = (values > (relative * values[..., :1]).clamp_min(absolute)).sum(-1)
        if count == dim or bool((found <= count - SPARE_VECTORS).all()):
            return found
        count *= 2


def _each(product: Push, vectors: Float[Tensor, "members points some dim"]) -> Float[Tensor, "members points some dim"]:
    """The product of each of several vectors at every point."""
    return torch.stack([product(vectors[:, :, place].contiguous()) for place in range(vectors.shape[2])], 2)


@gated("points")
@torch.no_grad()
def trace_share_at(model: Map, points: Tensor) -> PER_POINT:
    """The trace share tr J / D at `points`, (P, D) or (E, P, D): (E, P). Exact; whole Jacobians are held for a few points."""

    def share(member: Map, some: Tensor) -> Tensor:
        return trace_share(jacobian_block(member, some))

    return blockwise(share, model, per_member(model, points), jacobian_numbers(model))


def random_start(points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
    """A random vector, the same at all points, from which Krylov methods start."""
    drawn = torch.randn(points.shape[-1], generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return drawn.to(points).expand(points.shape)


def _numbers(model: Map) -> int:
    """The largest number of values held at once for a point of one member."""
    if model.dim <= MOST_FULL_DIM:
        return jacobian_numbers(model)
    return 2 * MOST_VECTORS * (model.dim + MOST_VECTORS) + 4 * numbers_per_point(model)
