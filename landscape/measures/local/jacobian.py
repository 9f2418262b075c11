"""The Jacobian of the map at points, and what it says: spectral radius, trace share, numerical rank, operator norm."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.measures.gate import gated
from landscape.measures.maps import DifferentiatedMap, Map, blockwise, chain, doubled, numbers_per_point, per_member
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS, LEAK

RELATIVE_RANK = 1e-3  # singular values below this share of the largest count as zero
ABSOLUTE_RANK = 1e-6  # and so do those below float32 rounding of a map of slope one
SLOPES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda z: (z > 0).to(z),
    "leaky": lambda z: torch.where(z > 0, torch.ones_like(z), LEAK),
    "gelu": lambda z: torch.special.ndtr(z) + z * torch.exp(-z.square() / 2) * (2 * torch.pi) ** -0.5,
    "tanh": lambda z: 1 - z.tanh().square(),
    "sine": torch.cos,
    "sigmoid": lambda z: z.sigmoid() * (-z).sigmoid(),
    "linear": torch.ones_like,
}
JACOBIAN = Float[Tensor, "members points dim dim"]
PER_POINT = Float[Tensor, "members points"]


@gated("points")
@torch.no_grad()
def jacobian_at(model: Map, points: Tensor) -> JACOBIAN:
    """The exact Jacobian at `points`, (P, D) for all members or (E, P, D): (E, P, D, D), J[…, i, j] = ∂f_i/∂x_j.

    At a kink of ReLU, the slope of the side where the unit is off (torch's convention)."""
    return blockwise(jacobian_block, model, per_member(model, points), jacobian_numbers(model))


@gated("points")
@torch.no_grad()
def jacobian_before_squash(model: Map, points: Tensor) -> JACOBIAN:
    """The Jacobian of the map without its output activation: (E, P, D, D). Raises ValueError for maps of other kinds."""
    return blockwise(_before_squash, model, per_member(model, points), jacobian_numbers(model))


@torch.no_grad()
def spectral_radius(jacobian: JACOBIAN) -> PER_POINT:
    """ρ(J), the largest modulus of an eigenvalue: (E, P). NaN where J is not finite."""
    if jacobian.shape[-1] == 1:
        return jacobian[..., 0, 0].abs()
    return _where_finite(jacobian, _largest_eigenvalue)


def trace_share(jacobian: JACOBIAN) -> PER_POINT:
    """tr J / D: 1 for the identity, 0 for a constant: (E, P)."""
    return torch.diagonal(jacobian, dim1=-2, dim2=-1).mean(-1)


@torch.no_grad()
def numerical_rank(
    jacobian: JACOBIAN, relative: float = RELATIVE_RANK, absolute: float = ABSOLUTE_RANK
) -> Int[Tensor, "members points"]:
    """How many singular values exceed both `relative` × the largest and `absolute`: (E, P); 0 where J is not finite."""
    values: Tensor = torch.linalg.svdvals(_finite(jacobian)[0])
    return (values > (relative * values[..., :1]).clamp_min(absolute)).sum(-1)


@torch.no_grad()
def operator_norm(jacobian: JACOBIAN) -> PER_POINT:
    """‖J‖, the largest singular value: (E, P). NaN where J is not finite."""
    if jacobian.shape[-1] == 1:
        return jacobian[..., 0, 0].abs()
    return _where_finite(jacobian, _largest_singular_value)


def jacobian_block(model: Map, points: Float[Tensor, "members points dim"]) -> JACOBIAN:
    """`jacobian_at` for one block, which the caller has cut."""
    if isinstance(model, DifferentiatedMap):
        return model.jacobian(points)
    layers = chain(model)
    return _by_rows(model, points) if layers is None else _of_chain(layers, points)


def jacobian_numbers(model: Map) -> int:
    """How many numbers a Jacobian at one point of one member keeps at once, at most."""
    layers = chain(model)
    width = model.dim if layers is None else max(layer.weight.shape[2] for layer in layers)
    return 3 * model.dim * width + numbers_per_point(model)


def _before_squash(model: Map, points: Tensor) -> Tensor:
    if isinstance(model, DifferentiatedMap):
        return model.jacobian(points)
    if not isinstance(model, Ensemble):
        raise ValueError(f"expected an ensemble or a control, whose output's squash is known; got {type(map).__name__}")
    return jacobian_block(model.without_squash(), points)


def _of_chain(layers: list[Layer], points: Tensor) -> Tensor:
    """Products of weights and slopes from the input on; `product` is (E, P·D, width), row (p, j) being ∂/∂x_j."""
    members, count, dim = points.shape
    value, product = points, None
    for layer in layers:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        slope = SLOPES[layer.activation](before)[:, :, None]
        width = layer.weight.shape[2]
        moved = (
            layer.weight[:, None]
            if product is None
            else torch.bmm(product, layer.weight).view(members, count, dim, width)
        )
        product = (moved * slope).view(members, count * dim, width)
        value = FUNCTIONS[layer.activation](before)
    assert product is not None
    return product.view(members, count, dim, dim).transpose(-1, -2)


def _by_rows(model: Map, points: Tensor) -> Tensor:
    """A backward pass per output coordinate, which any differentiable map of independent points allows."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        out = model(leaf)
        if not out.requires_grad:
            return points.new_zeros(*points.shape, model.dim)
        rows = [torch.autograd.grad(out[..., row].sum(), leaf, retain_graph=True)[0] for row in range(model.dim)]
    return torch.stack(rows, -2)


def _largest_eigenvalue(jacobian: Tensor) -> Tensor:
    moduli: Tensor = torch.linalg.eigvals(jacobian).abs()
    return moduli.amax(-1)


def _largest_singular_value(jacobian: Tensor) -> Tensor:
    """√ of the largest eigenvalue of JJᵀ, several times as fast as singular values; scaled so that squares do not underflow.

    LAPACK gives up on eigenvalues of some matrices all but a few of whose entries are too small for the precision: of such a
    batch the singular values are taken."""
    scale = jacobian.abs().amax((-1, -2), keepdim=True).clamp_min(torch.finfo(jacobian.dtype).tiny)
    unit = jacobian / scale
    try:
        squares = torch.linalg.eigvalsh(unit @ unit.transpose(-1, -2))[..., -1]
        largest = squares.clamp_min(0).sqrt()
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        largest = torch.linalg.svdvals(doubled(unit))[..., 0].to(jacobian)
    norms: Tensor = largest * scale[..., 0, 0]
    return norms


def _finite(jacobian: Tensor) -> tuple[Tensor, Tensor]:
    finite = jacobian.isfinite().all(-1).all(-1)
    return jacobian.masked_fill(~finite[..., None, None], 0), finite


def _where_finite(jacobian: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    held, finite = _finite(jacobian)
    return function(held).masked_fill(~finite, torch.nan)
