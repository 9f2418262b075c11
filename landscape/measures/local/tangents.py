"""Small differences carried along by a map: J v without J, and how fast they shrink or grow."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.local.jacobian import SLOPES
from landscape.measures.maps import DifferentiatedMap, Map, blockwise, chain, numbers_per_point, per_member
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS

CARRIED = 60  # iterations over which a difference is carried; its growth is read off the second half


@torch.no_grad()
def pushed(
    model: Map, points: Float[Tensor, "members points dim"], tangents: Float[Tensor, "members points dim"]
) -> Float[Tensor, "members points dim"]:
    """J(x) v at each point: (E, P, D), for one block, which the caller has cut. Exact: carried through the net."""
    if isinstance(model, DifferentiatedMap):
        return (model.jacobian(points) @ tangents[..., None])[..., 0]
    layers = chain(model)
    return _twice_backward(model, points, tangents) if layers is None else _carried(layers, points, tangents)


@gated("points", unchecked=("points",))
@torch.no_grad()
def growth(
    model: Map, points: Tensor, generator: torch.Generator, iterations: int = CARRIED
) -> Float[Tensor, "members points"]:
    """By what factor an iteration of x ← f(x) multiplies small differences at `points`, (P, D) or (E, P, D): (E, P).

    At a fixed point the spectral radius ρ(J), on a cycle of p that of the p-th iterate to the power 1/p: below 1 it attracts.
    One random difference is carried along the orbit, and its mean growth over the second half is told; eigenvalues of nearly
    equal size leave an error of a few per cent. 0 where nothing is left of the difference, NaN where the orbit leaves the
    numbers."""
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
        gone = (torch.stack(logs) == -torch.inf).any(0)  # thereafter the direction is 0/0
        return torch.where(gone, 0, half.mean(0).exp())

    return blockwise(carried, model, pairs, 3 * numbers_per_point(model))


def _carried(layers: list[Layer], points: Tensor, tangents: Tensor) -> Tensor:
    """J v by the chain rule from the input on."""
    value = points
    for layer in layers:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        tangents = torch.bmm(tangents, layer.weight).mul_(SLOPES[layer.activation](before))
        value = FUNCTIONS[layer.activation](before)
    return tangents


def _twice_backward(model: Map, points: Tensor, tangents: Tensor) -> Tensor:
    """J v from reverse mode alone, which every net has: Jᵀu is linear in u, and J v is the gradient of ⟨Jᵀu, v⟩ in u."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        out = model(leaf)
        if not out.requires_grad:
            return torch.zeros_like(points)
        weights = torch.zeros_like(out).requires_grad_(True)
        (back,) = torch.autograd.grad(out, leaf, weights, create_graph=True)
        (moved,) = torch.autograd.grad(back, weights, tangents)
    return moved.detach()
