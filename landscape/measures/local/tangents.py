"""Jacobian–vector products without the Jacobian, and the growth of small differences along orbits."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.local.jacobian import SLOPES
from landscape.measures.maps import DifferentiatedMap, Map, blockwise, chain, numbers_per_point, per_member
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS

GROWTH_ITERATIONS = 60  # over which a difference is carried; its growth is measured over the second half


@torch.no_grad()
def pushed(
    model: Map, points: Float[Tensor, "members points dim"], tangents: Float[Tensor, "members points dim"]
) -> Float[Tensor, "members points dim"]:
    """The Jacobian–vector product J(x) v at each point, for the tangents v (E, P, D): (E, P, D).

    Exact up to rounding: the tangents are carried through the network. All points are evaluated at once, so callers cut
    large sets into blocks."""
    if isinstance(model, DifferentiatedMap):
        return (model.jacobian(points) @ tangents[..., None])[..., 0]
    layers = chain(model)
    return _twice_backward(model, points, tangents) if layers is None else _carried(layers, points, tangents)


@gated("points", unchecked=("points",), positional_once=("generator", "iterations"))
@torch.no_grad()
def growth(
    model: Map, points: Tensor, *, generator: torch.Generator, iterations: int = GROWTH_ITERATIONS
) -> Float[Tensor, "members points"]:
    """The factor by which an iteration x ← f(x) multiplies small differences, for orbits from `points`: (E, P).

    `points` are (P, D) or (E, P, D). At a fixed point the factor is the spectral radius ρ(J); on a cycle of p points it is
    ρ(J)^(1/p) for the Jacobian J of the p-th iterate. Below 1 the point or cycle attracts.

    1. A random vector is carried along the orbit by Jacobian–vector products, and normalised at each iteration.
    2. The result is the geometric mean of its growth over the second half of the `iterations`.

    Eigenvalues of nearly equal modulus leave an error of a few per cent. The factor is 0 if the vector becomes exactly 0, and
    NaN if the orbit diverges."""
    begun = per_member(model, points)
    drawn = torch.randn(begun.shape, generator=generator).to(begun)
    pairs = torch.cat([begun, drawn], -1)

    def carried(member: Map, some: Tensor) -> Tensor:
        x, v = some.chunk(2, -1)
        logs = []
        for _ in range(iterations):
            v = v / torch.linalg.vector_norm(v, dim=-1, keepdim=True)
            v, x = pushed(member, x, v), member(x)
            logs.append(torch.linalg.vector_norm(v, dim=-1).log())
        half = torch.stack(logs[iterations // 2 :])
        gone = (torch.stack(logs) == -torch.inf).any(0)  # from there on, the direction is 0/0
        return torch.where(gone, 0, half.mean(0).exp())

    return blockwise(carried, model, pairs, 3 * numbers_per_point(model))


def _carried(layers: list[Layer], points: Tensor, tangents: Tensor) -> Tensor:
    """J v by the chain rule, layer by layer from the input: (E, P, D)."""
    value = points
    for layer in layers:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        tangents = torch.bmm(tangents, layer.weight).mul_(SLOPES[layer.activation](before))
        value = FUNCTIONS[layer.activation](before)
    return tangents


def _twice_backward(model: Map, points: Tensor, tangents: Tensor) -> Tensor:
    """J v by reverse mode alone, which every network supports: (E, P, D).

    Jᵀu is linear in u, so J v is the gradient of ⟨Jᵀu, v⟩ with respect to u."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        out = model(leaf)
        if not out.requires_grad:
            return torch.zeros_like(points)
        weights = torch.zeros_like(out).requires_grad_(True)
        (back,) = torch.autograd.grad(out, leaf, weights, create_graph=True)
        (moved,) = torch.autograd.grad(back, weights, tangents)
    return moved.detach()
