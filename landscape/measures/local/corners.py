"""The largest and the mean loss over all 2^D corners of the cube, evaluated block by block in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.cube import check_dim, corner_chunks, corners
from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.maps import GPU_BLOCK, Map, chain, doubled, in_double, numbers_per_point, precision
from landscape.measures.tables import coordinates, tidy
from landscape.nets import Layer
from landscape.nets.net import ByActivation

if TYPE_CHECKING:
    import pandas as pd

CPU_CHUNK = 2**12  # corners at a time: measured best of 2^9 … 2^14 at width 50, where a layer's values are 0.8 MB
GPU_CHUNK = 2**16
BLOCK_OFFSETS = 2**10  # blocks whose first-layer offsets are held at once
RECHECKED_CORNERS = 4  # of largest loss, recomputed in float64
IN_PLACE = ByActivation[Callable[[Tensor], Tensor]](
    lambda slope: lambda z: torch.nn.functional.leaky_relu_(z, slope),
    {
        "relu": torch.relu_,
        "gelu": torch.ops.aten.gelu_,
        "tanh": torch.tanh_,
        "sine": torch.sin_,
        "sigmoid": torch.sigmoid_,
        "linear": lambda z: z,
    },
)


@dataclass(frozen=True, eq=False, repr=False)
class CornerLoss(Shown):
    """The largest loss over all corners and the mean loss, (E,) each; the corner of the largest loss, `argmax` (E, D); and a
    few corners of large loss, largest first, `top` (E, K, D), from which a search may start.

    The maximum is recomputed in float64. The mean adds the sums of blocks in float64."""

    maximum: Float[Tensor, "members"]
    mean: Float[Tensor, "members"]
    argmax: Float[Tensor, "members dim"]
    top: Float[Tensor, "members count dim"]

    def table(self) -> pd.DataFrame:
        """A row per member: member, maximum, mean, and the corner x1 … xD of the maximum, left out where D > 3."""
        columns = {"maximum": self.maximum, "mean": self.mean, **coordinates("x", self.argmax)}
        return tidy({"member": torch.arange(len(self.maximum)), **columns})


@gated()
@torch.no_grad()
def corner_loss(
    model: Map, dim: int | None = None, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> CornerLoss:
    """The largest and the mean loss over the 2^D corners of [low, high]^D: (E,) each, NaN for a diverged member.

    The loss is the mean squared error per coordinate. `chunk`, a power of two, is the number of corners evaluated at a time:
    memory is bounded, time doubles with each dimension. Raises ValueError for D > 30, and if `dim` is not the map's.
    Shrivastava (2024), Fig. 6."""
    values, places, mean = _scan(model, dim, low, high, chunk, RECHECKED_CORNERS)
    return CornerLoss(values[:, 0], mean, places[:, 0], places)


@gated()
@torch.no_grad()
def top_corners(
    model: Map, count: int, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> Float[Tensor, "members count dim"]:
    """Corners of large loss, largest first: (E, K, D), K ≤ `count`.

    All corners are evaluated in blocks of `chunk`. These are the best of each block's best few: up to `count` if there are as
    many corners, but a block that holds many of the best corners contributes only a few."""
    return _scan(model, None, low, high, chunk, count)[1]


def _scan(
    model: Map, dim: int | None, low: float, high: float, chunk: int | None, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The largest losses (E, K), their corners (E, K, D) and the mean loss (E,) over all corners."""
    if dim not in (None, model.dim):
        raise ValueError(f"`dim` must be the map's own, {model.dim}; got {dim}. Leave it out")
    check_dim(model.dim)
    asked = chunk or (CPU_CHUNK if model.device.type == "cpu" else GPU_CHUNK)
    bits = min(model.dim, asked.bit_length() - 1)
    group = 1 if model.device.type == "cpu" else max(1, GPU_BLOCK // (2**bits * numbers_per_point(model)))
    buffers = _buffers(model.select(slice(0, group)), 2**bits)
    groups = (model.select(slice(first, first + group)) for first in range(0, model.members, group))
    scans = [_scan_group(some, bits, low, high, count, buffers) for some in groups]
    values, places, means = (torch.cat(parts) for parts in zip(*scans, strict=True))
    return values, places, means


def _buffers(model: Map, size: int) -> list[Tensor]:
    """Buffers for each layer's values and a row of ones: (E, width + 1, corners) each.

    All groups of members share them, as fresh memory costs a sixth of a scan of 2^16 corners."""
    return [layer.weight.new_ones(model.members, layer.weight.shape[2] + 1, size) for layer in chain(model) or []]


def _scan_group(
    model: Map, bits: int, low: float, high: float, count: int, buffers: list[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """`_scan` for some members, 2^bits corners at a time.

    1. Each block gives its few largest losses and the sum of its losses.
    2. The largest of the blocks' losses are chosen, and computed again in float64."""
    if (layers := chain(model)) is None:
        losses = _losses_of_map(model, bits, low, high)
    else:
        losses = _losses_of_chain(layers, bits, low, high, [buffer[: model.members] for buffer in buffers])
    blocks, size = 2 ** (model.dim - bits), 2**bits
    kept = min(size, -(-max(count, RECHECKED_CORNERS) // blocks))  # losses kept of a block
    best = torch.empty(model.members, blocks, kept, dtype=precision(model), device=model.device)
    where = torch.empty(model.members, blocks, kept, dtype=torch.long, device=model.device)
    total = torch.zeros(model.members, dtype=torch.float64, device=in_double(model).device)
    for block, loss in enumerate(losses):
        best[:, block], where[:, block] = loss.max(-1, keepdim=True) if kept == 1 else loss.topk(kept)
        total += doubled(loss.sum(-1))
    where += size * torch.arange(blocks, device=model.device)[:, None]
    top = best.flatten(1).topk(min(max(count, RECHECKED_CORNERS), blocks * kept)).indices
    values, places = _recheck(model, where.flatten(1).gather(1, top), low, high)
    return values[:, :count], places[:, :count], total / 2**model.dim


def _recheck(model: Map, numbers: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """The losses at the corners with the given numbers (E, K), in float64 and largest first, and these corners (E, K, D)."""
    exact = in_double(model)
    bits = (numbers[..., None].to(exact.device) >> torch.arange(model.dim, device=exact.device)) & 1
    points = low + (high - low) * bits.double()
    values, order = (exact(points) - points).square().mean(-1).sort(-1, descending=True)
    return values, points.gather(1, order[..., None].expand_as(points)).to(precision(model))


def _losses_of_map(model: Map, bits: int, low: float, high: float) -> Iterator[Tensor]:
    """The losses of any map, block by block: (E, 2^bits) each."""
    for chunk in corner_chunks(model.dim, 2**bits, low=low, high=high):
        points = chunk.to(model.device, precision(model)).expand(model.members, -1, -1)
        yield (model(points) - points).square().mean(-1)


def _losses_of_chain(layers: list[Layer], bits: int, low: float, high: float, values: list[Tensor]) -> Iterator[Tensor]:
    """The losses of a chain of layers, block by block: (E, 2^bits) each.

    1. The first layer's outputs are computed once for the low `bits` coordinates.
    2. The other coordinates are constant in a block. They add a constant to these outputs.
    3. The remaining layers are evaluated in the buffers `values`, (E, width + 1, corners) each. Each layer's bias is a last
       column of its weights, which multiplies the row of ones; that saves a pass over the memory."""
    first = layers[0]
    rest = first.weight.shape[1] - bits
    near = corners(bits, low=low, high=high).to(first.weight).T.contiguous()
    cached = torch.baddbmm(
        first.bias.transpose(1, 2), first.weight[:, :bits].transpose(1, 2), near.expand(len(first.weight), -1, -1)
    )
    weights = [torch.cat([layer.weight, layer.bias], 1).transpose(1, 2).contiguous() for layer in layers[1:]]
    for some in corner_chunks(rest, BLOCK_OFFSETS, low=low, high=high) if rest else [torch.empty(1, 0)]:
        far = some.to(cached)
        offsets = far @ first.weight[:, bits:]
        for index in range(len(far)):
            torch.add(cached, offsets[:, index, :, None], out=values[0][:, :-1])
            yield _block_loss(layers, weights, values, near, far[index, :, None])


def _block_loss(layers: list[Layer], weights: list[Tensor], values: list[Tensor], near: Tensor, far: Tensor) -> Tensor:
    """The losses of a block with coordinates `near` and `far`, from the first layer's outputs in values[0]: (E, corners)."""
    out = values[0][:, :-1]
    IN_PLACE[layers[0].activation](out)
    for layer, weight, (value, following) in zip(layers[1:], weights, itertools.pairwise(values), strict=True):
        out = following[:, :-1]
        torch.bmm(weight, value, out=out)
        IN_PLACE[layer.activation](out)
    out[:, : len(near)].sub_(near)
    out[:, len(near) :].sub_(far)
    return out.square_().mean(1)
