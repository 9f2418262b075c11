"""The spectral radius, the operator norm and the trace of the Jacobian at points, in many dimensions without the Jacobian."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.local.jacobian import (
    jacobian_block,
    jacobian_numbers,
    operator_norm,
    spectral_radius,
    trace_share,
)
from landscape.measures.local.krylov import MOST_VECTORS, largest_modulus
from landscape.measures.local.tangents import Linearised, linearised
from landscape.measures.maps import Map, blockwise, doubled, in_double, numbers_per_point, per_member

MOST_FULL_DIM = 128  # up to here the Jacobian and its eigenvalues are computed whole
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
