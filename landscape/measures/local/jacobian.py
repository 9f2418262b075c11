"""The Jacobian of a map at points, and its spectral radius, trace share, numerical rank and operator norm."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.measures.gate import gated
from landscape.measures.maps import (
    DifferentiatedMap,
    Map,
    blockwise,
    budget,
    chain,
    doubled,
    numbers_per_point,
    per_member,
)
from landscape.nets import Layer
from landscape.nets.convolution import ConvolutionalNet
from landscape.nets.net import FUNCTIONS, ByActivation

RELATIVE_RANK = 1e-3  # singular values below this share of the largest count as zero
ABSOLUTE_RANK = 1e-6  # so do singular values below this, the float32 rounding of a map of slope 1
LEAST_TO_MEET = 128  # the dimension from which a product of two narrow matrices per point saves time
POINTS_TOGETHER = 8  # in a block, at least
FEW_ROWS = 8  # up to this dimension a backward pass per row takes no longer than a batch of them
# A batch of backward passes, rows times points. On a CPU, 512 to 2048 passes took about the same time for convolutional, dense
# and attention networks of 64 and 784 coordinates; 128 took up to twice, and 32 up to four times as long.
PASSES_TOGETHER = 1024
NUMBERS_TOGETHER = 2**24  # that a batch of passes may hold, where PASSES_TOGETHER passes would hold more
LEAST_TOGETHER = 8  # rows in a batch
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
    return jacobian_of_all(model, per_member(model, points))


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


def jacobian_of_all(model: Map, points: Float[Tensor, "members points dim"]) -> JACOBIAN:
    """As `jacobian_at`, block by block, of points in the map's shape and on its device, in any precision.

    A block has at least POINTS_TOGETHER points, however large their Jacobians are: the result holds them in any case."""
    numbers = min(jacobian_numbers(model), budget(points.device) // POINTS_TOGETHER)
    return blockwise(jacobian_block, model, points, max(1, numbers))


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
    """The Jacobian of a chain of layers, as a product of weights and slopes: (E, P, D, D).

    1. The slopes of all activations are taken in a forward pass.
    2. `inwards` (E, P, D, width) is the product from the input up to the layer where the two products meet: row j is ∂/∂x_j.
    3. `outwards` (E, P, D, width) is the product from the output back to that layer: row i is the gradient of f_i.
    4. The Jacobian is their product."""
    value, slopes = points, []
    for layer in layers:
        before = torch.baddbmm(layer.bias, value, layer.weight)
        slopes.append(SLOPES[layer.activation](before)[:, :, None])
        value = FUNCTIONS[layer.activation](before)
    meeting = _meeting([points.shape[2], *(layer.weight.shape[2] for layer in layers)])
    inwards = layers[0].weight[:, None] * slopes[0]
    for layer, slope in zip(layers[1:meeting], slopes[1:meeting], strict=True):
        inwards = _times(inwards, layer.weight) * slope
    if meeting == len(layers):
        return inwards.transpose(-1, -2)
    outwards = (layers[-1].weight[:, None] * slopes[-1]).transpose(-1, -2)
    for layer, slope in zip(layers[-2 : meeting - 1 : -1], slopes[-2 : meeting - 1 : -1], strict=True):
        outwards = _times(outwards * slope, layer.weight.mT)
    return outwards @ inwards.transpose(-1, -2)


def _times(rows: Tensor, weight: Tensor) -> Tensor:
    """Rows (E, P, D, in) times the weights (E, in, out) of their member: (E, P, D, out)."""
    return torch.bmm(rows.flatten(1, 2), weight).view(*rows.shape[:3], weight.shape[2])


def _meeting(widths: Sequence[int]) -> int:
    """The number of layers after which the products from the input and from the output meet, for widths from input to output.

    Wherever they meet, the products up to there take as many multiplications; their own product takes D² times the width.
    So they meet after the narrowest layer, such as the code of an autoencoder. In low dimensions, and in networks that are
    nowhere narrower than D, they meet at the output, as the product from the input is then the faster one."""
    dim, hidden = widths[0], widths[1:-1]
    meets = dim >= LEAST_TO_MEET and min(hidden, default=dim) < dim
    return 1 + hidden.index(min(hidden)) if meets else len(hidden) + 1


def _by_batches(model: Map, points: Tensor) -> Tensor:
    """The Jacobian of any differentiable map, with the backward passes of many output coordinates in one batch: (E, P, D, D).

    The passes share one forward pass. Forward mode has as many passes, D, and each took 1.0 to 1.7 times as long. Maps that
    torch.func cannot transform, such as compiled programs, are differentiated row by row."""
    if model.dim <= FEW_ROWS:
        return _by_rows(model, points)
    with torch.enable_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "There is a performance drop", UserWarning)
        try:
            out, back = torch.func.vjp(_differentiated(model), points)
            gradients = torch.func.vmap(lambda row: back(row.expand(out.shape))[0])
            jacobian = points.new_empty(*points.shape, model.dim)
            together = _together(model, points)
            unit = torch.eye(model.dim, dtype=out.dtype, device=out.device)
            for rows, into in zip(torch.split(unit, together), torch.split(jacobian, together, 2), strict=True):
                into.copy_(gradients(rows).detach().movedim(0, 2))
        except RuntimeError:  # what the map itself raises is raised again below
            return _by_rows(model, points)
    return jacobian


def _differentiated(model: Map) -> Callable[[Tensor], Tensor]:
    """The function whose backward passes are batched: the map itself, or for our convolutions torch.func.vmap over points.

    Our convolutions of a batch keep activations with channels last, and gradients arrive with channels first. To bring both
    together took up to a quarter of the time. Points that vmap lays out have channels first throughout."""
    if not isinstance(getattr(model, "net", None), ConvolutionalNet):
        return model
    return torch.func.vmap(lambda some: model(some[:, None])[:, 0], 1, 1)


def _together(model: Map, points: Tensor) -> int:
    """How many rows of the Jacobians at the points are computed in one batch of backward passes: about the same in each."""
    passes = points[..., 0].numel()
    most = min(PASSES_TOGETHER // passes, NUMBERS_TOGETHER // (passes * numbers_per_point(model)))
    return math.ceil(model.dim / math.ceil(model.dim / max(most, LEAST_TOGETHER)))


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
