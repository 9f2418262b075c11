"""Jacobian–vector products without the Jacobian, and the growth of small differences along orbits."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.forward_ad import dual_level, make_dual, unpack_dual

from landscape.ensemble import Ensemble
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
    return _differentiated(model, points, tangents)[1] if layers is None else _carried(layers, points, tangents)


@dataclass(frozen=True, eq=False)
class Linearised:
    """A map made linear at points (E, P, D): `push` gives J v and `pull` Jᵀ u at each point, (E, P, D) → (E, P, D).

    The network is evaluated once. A product then costs about as much as an evaluation, and no Jacobian is held."""

    push: Callable[[Tensor], Tensor]
    pull: Callable[[Tensor], Tensor]


@torch.no_grad()
def linearised(model: Map, points: Float[Tensor, "members points dim"]) -> Linearised:
    """The map made linear at the points. All points are held at once, so callers cut large sets into blocks."""
    if isinstance(model, DifferentiatedMap):
        jacobian = model.jacobian(points)
        return Linearised(
            lambda v: (jacobian @ v[..., None])[..., 0], lambda u: (u[..., None, :] @ jacobian)[..., 0, :]
        )
    layers = chain(model)
    return _of_graph(model, points) if layers is None else _of_chain(layers, points)


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
    return growth_of(model, begun, torch.randn(begun.shape, generator=generator).to(begun), iterations)


def growth_of(
    model: Map,
    points: Float[Tensor, "members points dim"],
    tangents: Float[Tensor, "members points dim"],
    iterations: int = GROWTH_ITERATIONS,
) -> Float[Tensor, "members points"]:
    """`growth` of the given tangents (E, P, D): (E, P)."""

    def carried(member: Map, some: Tensor) -> Tensor:
        x, v = some.chunk(2, -1)
        logs = []
        for _ in range(iterations):
            v = v / torch.linalg.vector_norm(v, dim=-1, keepdim=True)
            x, v = _moved(member, x, v)
            logs.append(torch.linalg.vector_norm(v, dim=-1).log())
        half = torch.stack(logs[iterations // 2 :])
        gone = (torch.stack(logs) == -torch.inf).any(0)  # from there on, the direction is 0/0
        return torch.where(gone, 0, half.mean(0).exp())

    forward = isinstance(model, Ensemble)  # a layer at a time is held, where reverse mode keeps all activations
    numbers = max(1, numbers_per_point(model) // 3) if forward else 3 * numbers_per_point(model)
    return blockwise(carried, model, torch.cat([points, tangents], -1), numbers)


def _moved(model: Map, points: Tensor, tangents: Tensor) -> tuple[Tensor, Tensor]:
    """f(x) and J v: (E, P, D) each."""
    if isinstance(model, DifferentiatedMap) or chain(model) is not None:
        return model(points), pushed(model, points, tangents)
    return _differentiated(model, points, tangents)


def _differentiated(model: Map, points: Tensor, tangents: Tensor) -> tuple[Tensor, Tensor]:
    """f(x) and J v by torch: (E, P, D) each.

    Forward mode evaluates a network of ours once, and takes about half the time of reverse mode. Code of a user's need not
    support it."""
    if isinstance(model, Ensemble):
        _load_forward_mode()
        with suppress(NotImplementedError), dual_level():
            dual = make_dual(points, tangents)  # type: ignore[no-untyped-call]
            image, moved = unpack_dual(model(dual))  # type: ignore[no-untyped-call]
            return image, torch.zeros_like(image) if moved is None else moved
    return model(points), _twice_backward(model, points, tangents)


@cache
def _load_forward_mode() -> None:
    """Let torch load its rules of forward mode, in which it uses a compiler of its own that it calls deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with dual_level():
            make_dual(torch.zeros(1), torch.zeros(1))  # type: ignore[no-untyped-call]


def _of_chain(layers: list[Layer], points: Tensor) -> Linearised:
    """By the chain rule: the slopes of all layers are kept."""
    value, slopes = points, []
    for layer in layers:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        slopes.append(SLOPES[layer.activation](before))
        value = FUNCTIONS[layer.activation](before)

    def push(tangents: Tensor) -> Tensor:
        for layer, slope in zip(layers, slopes, strict=True):
            tangents = torch.bmm(tangents, layer.weight) * slope
        return tangents

    def pull(weights: Tensor) -> Tensor:
        for layer, slope in zip(reversed(layers), reversed(slopes), strict=True):
            weights = torch.bmm(weights * slope, layer.weight.mT)
        return weights

    return Linearised(push, pull)


def _of_graph(model: Map, points: Tensor) -> Linearised:
    """By reverse mode alone, as in `_twice_backward`, on graphs that are kept."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        out = model(leaf)
        if not out.requires_grad:
            return Linearised(torch.zeros_like, torch.zeros_like)
        weights = torch.zeros_like(out).requires_grad_(True)
        (back,) = torch.autograd.grad(out, leaf, weights, create_graph=True)

    def push(tangents: Tensor) -> Tensor:
        if not back.requires_grad:  # a map whose slopes count as zero
            return torch.zeros_like(tangents)
        return torch.autograd.grad(back, weights, tangents, retain_graph=True)[0]

    return Linearised(push, lambda u: torch.autograd.grad(out, leaf, u, retain_graph=True)[0])


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
