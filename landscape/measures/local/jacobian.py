"""The Jacobian of a map at points, and its spectral radius, trace share, numerical rank and operator norm."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.maps import (
    DifferentiatedMap,
    Map,
    block_shape,
    blockwise,
    chain,
    doubled,
    numbers_per_point,
    per_member,
)
from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS, ByActivation

RELATIVE_RANK = 1e-3  # singular values below this share of the largest count as zero
ABSOLUTE_RANK = 1e-6  # so do singular values below this, the float32 rounding of a map of slope 1
FEW_ROWS = 8  # up to this dimension a backward pass per row takes no longer than a batch of them
LEAST_TOGETHER, MOST_TOGETHER = 16, 128  # rows in a batch: 64 to 256 were the fastest of 16 … 784 on a CPU
SLOPES = ByActivation[Callable[[Tensor], Tensor]](
    lambda slope: lambda z: torch.where(z > 0, torch.ones_like(z), slope),
    {
        "relu": lambda z: (z > 0).to(z),
        "gelu": lambda z: torch.special.ndtr(z) + z * torch.exp(-z.square() / 2) * (2 * torch.pi) ** -0.5,
        "tanh": lambda z: 1 - z.tanh().square(),
        "sine": torch.cos,
        "sigmoid": lambda z: z.sigmoid() * (-z).sigmoid(),
        "linear": torch.ones_like,
    },
)
JACOBIAN = Float[Tensor, "members points dim dim"]
PER_POINT = Float[Tensor, "members points"]


@gated("points")
@torch.no_grad()
def jacobian_at(model: Map, points: Tensor) -> JACOBIAN:
    """The Jacobian at `points`, (P, D) for all members or (E, P, D), with J[…, i, j] = ∂f_i/∂x_j: (E, P, D, D).

    Exact up to rounding. At a kink of ReLU, the slope is that of the side where the unit is off, as in torch."""
    return blockwise(jacobian_block, model, per_member(model, points), jacobian_numbers(model))


@gated("points")
@torch.no_grad()
def jacobian_before_squash(model: Map, points: Tensor) -> JACOBIAN:
    """The Jacobian of the map without its output activation: (E, P, D, D).

    Raises ValueError unless the map is an ensemble, a control, or wrapped modules that are chains of layers."""
    return blockwise(_before_squash, model, per_member(model, points), jacobian_numbers(model))


@torch.no_grad()
def spectral_radius(jacobian: JACOBIAN) -> PER_POINT:
    """The spectral radius ρ(J), the largest modulus of an eigenvalue: (E, P). NaN where J is not finite."""
    if jacobian.shape[-1] == 1:
        return jacobian[..., 0, 0].abs()
    return _where_finite(jacobian, _largest_eigenvalue)


def trace_share(jacobian: JACOBIAN) -> PER_POINT:
    """The trace share tr J / D, which is 1 for the identity and 0 for a constant: (E, P)."""
    return torch.diagonal(jacobian, dim1=-2, dim2=-1).mean(-1)


@torch.no_grad()
def numerical_rank(
    jacobian: JACOBIAN, *, relative: float = RELATIVE_RANK, absolute: float = ABSOLUTE_RANK
) -> Int[Tensor, "members points"]:
    """The number of singular values above both `relative` × the largest and `absolute`: (E, P). 0 where J is not finite.

    `numerical_rank_at` needs no D × D matrix."""
    values: Tensor = torch.linalg.svdvals(_finite(jacobian)[0])
    return (values > (relative * values[..., :1]).clamp_min(absolute)).sum(-1)


@torch.no_grad()
def operator_norm(jacobian: JACOBIAN) -> PER_POINT:
    """The operator norm ‖J‖, the largest singular value: (E, P). NaN where J is not finite.

    `operator_norm_at` needs no D × D matrix."""
    if jacobian.shape[-1] == 1:
        return jacobian[..., 0, 0].abs()
    return _where_finite(jacobian, _largest_singular_value)


def jacobian_block(model: Map, points: Float[Tensor, "members points dim"]) -> JACOBIAN:
    """As `jacobian_at`, with all points evaluated at once: callers cut large sets into blocks."""
    if isinstance(model, DifferentiatedMap):
        return model.jacobian(points)
    layers = chain(model)
    return _by_batches(model, points) if layers is None else _of_chain(layers, points)


def jacobian_numbers(model: Map) -> int:
    """The largest number of values that a Jacobian at one point of one member holds at once."""
    layers = chain(model)
    width = model.dim if layers is None else max(layer.weight.shape[2] for layer in layers)
    return 3 * model.dim * width + numbers_per_point(model)


def _before_squash(model: Map, points: Tensor) -> Tensor:
    """As `jacobian_before_squash`, with all points evaluated at once. A control has no squash."""
    without_squash = getattr(model, "without_squash", None)
    if without_squash is not None:
        return jacobian_block(without_squash(), points)
    if isinstance(model, DifferentiatedMap):
        return model.jacobian(points)
    raise ValueError(f"expected an ensemble or a control, whose output squash is known; got {type(model).__name__}")


def _of_chain(layers: list[Layer], points: Tensor) -> Tensor:
    """The Jacobian of a chain of layers, as a product of weights and slopes from the input to the output: (E, P, D, D).

    Row (p, j) of `product` (E, P·D, width) is ∂/∂x_j at point p."""
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


def _by_batches(model: Map, points: Tensor) -> Tensor:
    """The Jacobian of any differentiable map, with the backward passes of many output coordinates in one batch: (E, P, D, D).

    Maps that torch.func cannot transform, such as compiled programs, are differentiated row by row."""
    if model.dim <= FEW_ROWS:
        return _by_rows(model, points)
    fit = block_shape(1, model.dim, points[..., 0].numel() * numbers_per_point(model), points.device)[0]
    together = min(max(fit, LEAST_TOGETHER), MOST_TOGETHER)
    with torch.enable_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "There is a performance drop", UserWarning)
        try:
            out, back = torch.func.vjp(model, points)
            rows = torch.eye(model.dim, dtype=out.dtype, device=out.device)
            turned = torch.func.vmap(lambda row: back(row.expand(out.shape))[0], chunk_size=together)(rows)
        except RuntimeError:  # what the map itself raises is raised again below
            return _by_rows(model, points)
    jacobian: Tensor = turned.detach().movedim(0, -2)
    return jacobian


def _by_rows(model: Map, points: Tensor) -> Tensor:
    """The Jacobian of any differentiable map, with a backward pass per output coordinate: (E, P, D, D)."""
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
    """The largest singular value, as the square root of the largest eigenvalue of J Jᵀ: (E, P).

    That is several times as fast as a singular value decomposition. J is scaled so that its squares do not underflow. LAPACK
    fails for some matrices of which nearly all entries underflow; a batch with such a matrix is decomposed in float64."""
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
    """The Jacobians, zero where one is not finite, and which of them are finite: (E, P)."""
    finite = jacobian.isfinite().all(-1).all(-1)
    return jacobian.masked_fill(~finite[..., None, None], 0), finite


def _where_finite(jacobian: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """function(J) where J is finite, NaN elsewhere: (E, P)."""
    held, finite = _finite(jacobian)
    return function(held).masked_fill(~finite, torch.nan)
