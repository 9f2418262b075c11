"""The largest and the mean loss over all 2^D corners of the cube, streamed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.cube import check_dim, corner_chunks, corners
from landscape.measures.maps import GPU_BLOCK, Map, chain, doubled, in_double, numbers_per_point, precision
from landscape.nets import Layer

CPU_CHUNK = 2**12  # corners at a time: measured best of 2^9 … 2^14 at width 50, where a layer's values are 0.8 MB
GPU_CHUNK = 2**16
OFFSETS = 2**10  # blocks whose first-layer offsets are held at once
RECHECKED = 4  # corners, the best of different blocks, recomputed in float64
IN_PLACE: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,
    "leaky": lambda z: torch.nn.functional.leaky_relu_(z, 0.01),
    "gelu": torch.ops.aten.gelu_,
    "tanh": torch.tanh_,
    "sine": torch.sin_,
    "sigmoid": torch.sigmoid_,
    "linear": lambda z: z,
}


@dataclass(frozen=True, eq=False)
class CornerLoss:
    """Over all corners of a member: the largest loss and the mean loss, (E,), the corner of the largest, (E, D), and a few
    corners of largest loss in order, (E, K, D), to start a search from.

    The maximum is recomputed in float64; the mean is a float64 sum of float32 losses."""

    maximum: Float[Tensor, "members"]
    mean: Float[Tensor, "members"]
    argmax: Float[Tensor, "members dim"]
    top: Float[Tensor, "members count dim"]


@torch.no_grad()
def corner_loss(
    model: Map, dim: int | None = None, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> CornerLoss:
    """The largest and mean loss over the 2^D corners of [low, high]^D, in bounded memory: (E,) each, NaN for a diverged member.

    Mean squared error per coordinate; `chunk`, a power of two, is how many corners are evaluated at a time. Raises
    ValueError past dimension 30 or where `dim` is not the map's. Shrivastava (2024), Fig. 6."""
    values, places, mean = _scan(model, dim, low, high, chunk, RECHECKED)
    return CornerLoss(values[:, 0], mean, places[:, 0], places)


@torch.no_grad()
def top_corners(
    model: Map, count: int, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> Float[Tensor, "members count dim"]:
    """The corners of largest loss, largest first, the best of each of the best blocks: (E, K, D), K ≤ count."""
    return _scan(model, None, low, high, chunk, count)[1]


def _scan(
    model: Map, dim: int | None, low: float, high: float, chunk: int | None, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Largest losses (E, K), their corners (E, K, D) and the mean loss (E,) over all corners."""
    if dim not in (None, model.dim):
        raise ValueError(f"`dim` must be the map's own, {model.dim}; got {dim}. Leave it out")
    check_dim(model.dim)
    asked = chunk or (CPU_CHUNK if model.device.type == "cpu" else GPU_CHUNK)
    bits = min(model.dim, asked.bit_length() - 1)
    group = 1 if model.device.type == "cpu" else max(1, GPU_BLOCK // (2**bits * numbers_per_point(model)))
    buffers = _buffers(model.select(slice(0, group)), 2**bits)
    groups = (model.select(slice(first, first + group)) for first in range(0, model.members, group))
    found = [_scan_group(some, bits, low, high, count, buffers) for some in groups]
    values, places, means = (torch.cat(parts) for parts in zip(*found, strict=True))
    return values, places, means


def _buffers(model: Map, size: int) -> list[Tensor]:
    """Room for each layer's values and a row of ones, (E, width + 1, corners), shared by all groups of members: fresh pages
    cost a sixth of a scan of 2^16 corners."""
    return [layer.weight.new_ones(model.members, layer.weight.shape[2] + 1, size) for layer in chain(model) or []]


def _scan_group(
    model: Map, bits: int, low: float, high: float, count: int, buffers: list[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    if (layers := chain(model)) is None:
        losses = _losses_of_map(model, bits, low, high)
    else:
        losses = _losses_of_chain(layers, bits, low, high, [buffer[: model.members] for buffer in buffers])
    blocks, size = 2 ** (model.dim - bits), 2**bits
    kept = min(size, -(-max(count, RECHECKED) // blocks))  # per block
    best = torch.empty(model.members, blocks, kept, dtype=precision(model), device=model.device)
    where = torch.empty(model.members, blocks, kept, dtype=torch.long, device=model.device)
    total = torch.zeros(model.members, dtype=torch.float64, device=in_double(model).device)
    for block, loss in enumerate(losses):
        best[:, block], where[:, block] = loss.max(-1, keepdim=True) if kept == 1 else loss.topk(kept)
        total += doubled(loss.sum(-1))
    where += size * torch.arange(blocks, device=model.device)[:, None]
    top = best.flatten(1).topk(min(max(count, RECHECKED), blocks * kept)).indices
    values, places = _recheck(model, where.flatten(1).gather(1, top), low, high)
    return values[:, :count], places[:, :count], total / 2**model.dim


def _recheck(model: Map, numbers: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """The losses at the corners of the given numbers (E, K), in float64, largest first, and the corners."""
    exact = in_double(model)
    bits = (numbers[..., None].to(exact.device) >> torch.arange(model.dim, device=exact.device)) & 1
    points = low + (high - low) * bits.double()
    values, order = (exact(points) - points).square().mean(-1).sort(-1, descending=True)
    return values, points.gather(1, order[..., None].expand_as(points)).to(precision(model))


def _losses_of_map(model: Map, bits: int, low: float, high: float) -> Iterator[Tensor]:
    for chunk in corner_chunks(model.dim, 2**bits, low=low, high=high):
        points = chunk.to(model.device, precision(model)).expand(model.members, -1, -1)
        yield (model(points) - points).square().mean(-1)


def _losses_of_chain(layers: list[Layer], bits: int, low: float, high: float, values: list[Tensor]) -> Iterator[Tensor]:
    """Losses block by block; a block shares its high coordinates, which only add a constant to the first layer's output.

    `values` are (E, width + 1, corners), so that what is constant in a block is constant along contiguous memory; biases are
    a last column of the weights against a row of ones, which spares a pass."""
    first = layers[0]
    rest = first.weight.shape[1] - bits
    near = corners(bits, low=low, high=high).to(first.weight).T.contiguous()
    cached = torch.baddbmm(
        first.bias.transpose(1, 2), first.weight[:, :bits].transpose(1, 2), near.expand(len(first.weight), -1, -1)
    )
    weights = [torch.cat([layer.weight, layer.bias], 1).transpose(1, 2).contiguous() for layer in layers[1:]]
    for some in corner_chunks(rest, OFFSETS, low=low, high=high) if rest else [torch.empty(1, 0)]:
        far = some.to(cached)
        offsets = far @ first.weight[:, bits:]
        for index in range(len(far)):
            torch.add(cached, offsets[:, index, :, None], out=values[0][:, :-1])
            yield _block_loss(layers, weights, values, near, far[index, :, None])


def _block_loss(layers: list[Layer], weights: list[Tensor], values: list[Tensor], near: Tensor, far: Tensor) -> Tensor:
    out = values[0][:, :-1]
    IN_PLACE[layers[0].activation](out)
    for layer, weight, (value, following) in zip(layers[1:], weights, itertools.pairwise(values), strict=True):
        out = following[:, :-1]
        torch.bmm(weight, value, out=out)
        IN_PLACE[layer.activation](out)
    out[:, : len(near)].sub_(near)
    out[:, len(near) :].sub_(far)
    return out.square_().mean(1)
