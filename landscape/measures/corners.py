"""The largest and the mean loss over all 2^D corners of the cube, streamed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.cube import check_dim, corners
from landscape.measures.maps import GPU_BLOCK, Map, chain, in_double, numbers_per_point, precision
from landscape.nets import Layer

CPU_CHUNK = 2**12  # corners at a time: measured best of 2^9 … 2^14 at width 50, where a layer's values are 0.8 MB
GPU_CHUNK = 2**16
OFFSETS = 2**10  # blocks whose first-layer offsets are held at once
RECHECKED = 4  # blocks of corners recomputed in float64
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
    """Over all corners of a member: the largest loss and the mean loss, (E,), and the corner of the largest, (E, D).

    The maximum is recomputed in float64; the mean is a float64 sum of float32 losses."""

    maximum: Float[Tensor, "members"]
    mean: Float[Tensor, "members"]
    argmax: Float[Tensor, "members dim"]


@torch.no_grad()
def corner_loss(
    map: Map, dim: int | None = None, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> CornerLoss:
    """The largest and mean loss over the 2^D corners of [low, high]^D, in bounded memory: (E,) each, NaN for a diverged member.

    Mean squared error per coordinate; `chunk`, a power of two, is how many corners are evaluated at a time. Raises
    ValueError past dimension 30 or where `dim` is not the map's. Shrivastava (2024), Fig. 6."""
    values, places, mean = _scan(map, dim, low, high, chunk, 1)
    return CornerLoss(values[:, 0], mean, places[:, 0])


@torch.no_grad()
def top_corners(
    map: Map, count: int, *, low: float = 0.0, high: float = 1.0, chunk: int | None = None
) -> Float[Tensor, "members count dim"]:
    """The corners of largest loss, largest first, from the few best blocks of corners: (E, K, D), K ≤ count."""
    return _scan(map, None, low, high, chunk, count)[1]


def _scan(
    map: Map, dim: int | None, low: float, high: float, chunk: int | None, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Largest losses (E, K), their corners (E, K, D) and the mean loss (E,) over all corners."""
    if dim not in (None, map.dim):
        raise ValueError(f"`dim` must be the map's own, {map.dim}; got {dim}. Leave it out")
    check_dim(map.dim)
    asked = chunk or (CPU_CHUNK if map.device.type == "cpu" else GPU_CHUNK)
    bits = min(map.dim, asked.bit_length() - 1)
    group = 1 if map.device.type == "cpu" else max(1, GPU_BLOCK // (2**bits * numbers_per_point(map)))
    found = [_scan_group(map.select(slice(m, m + group)), bits, low, high, count) for m in range(0, map.members, group)]
    values, places, means = (torch.cat(parts) for parts in zip(*found, strict=True))
    return values, places, means


def _scan_group(map: Map, bits: int, low: float, high: float, count: int) -> tuple[Tensor, Tensor, Tensor]:
    layers = chain(map)
    maxima = torch.empty(map.members, 2 ** (map.dim - bits), dtype=precision(map), device=map.device)
    sums = torch.zeros(map.members, dtype=torch.float64, device="cpu" if map.device.type == "mps" else map.device)
    if layers is None:
        _losses_of_map(map, bits, low, high, maxima, sums)
    else:
        _losses_of_chain(layers, map.dim, bits, low, high, maxima, sums)
    best = maxima.nan_to_num(torch.inf).topk(min(RECHECKED, maxima.shape[1])).indices
    values, places = _recheck(map, best, bits, low, high, min(count, 2**map.dim))
    return values, places, sums / 2**map.dim


def _recheck(map: Map, blocks: Tensor, bits: int, low: float, high: float, count: int) -> tuple[Tensor, Tensor]:
    """The largest losses within the given blocks (E, K), in float64, with their corners."""
    exact = in_double(map)
    values, places = [], []
    for block in blocks.T.to(exact.device):
        low_bits = corners(bits, low=low, high=high).to(exact.device, torch.float64).expand(map.members, -1, -1)
        rest = map.dim - bits
        block_bits = ((block[:, None] >> torch.arange(rest, device=block.device)) & 1).to(torch.float64) * (
            high - low
        ) + low
        points = torch.cat([low_bits, block_bits[:, None].expand(-1, 2**bits, -1)], -1)
        loss = (exact(points) - points).square().mean(-1)
        top = loss.topk(min(count, 2**bits))
        values.append(top.values)
        places.append(points.gather(1, top.indices[..., None].expand(-1, -1, map.dim)))
    both = torch.cat(values, 1), torch.cat(places, 1)
    top = both[0].topk(min(count, both[0].shape[1]))
    return top.values, both[1].gather(1, top.indices[..., None].expand(-1, -1, map.dim)).to(precision(map))


def _losses_of_map(map: Map, bits: int, low: float, high: float, maxima: Tensor, sums: Tensor) -> None:
    size = 2**bits
    for block in range(maxima.shape[1]):
        points = corners(map.dim, low=low, high=high, start=block * size, stop=(block + 1) * size)
        points = points.to(map.device, precision(map)).expand(map.members, -1, -1)
        loss = (map(points) - points).square().mean(-1)
        maxima[:, block] = loss.amax(-1)
        sums += loss.sum(-1).to(sums)


def _losses_of_chain(
    layers: list[Layer], dim: int, bits: int, low: float, high: float, maxima: Tensor, sums: Tensor
) -> None:
    """Losses block by block; a block shares its high coordinates, which only add a constant to the first layer's output.

    Values are (E, width, corners), so that what is constant in a block is constant along contiguous memory; biases are a last
    column of the weights against a row of ones, which spares a pass."""
    first = layers[0]
    near = corners(bits, low=low, high=high).to(first.weight).T.contiguous()
    cached = first.weight[:, :bits].transpose(1, 2) @ near + first.bias.transpose(1, 2)
    weights = [torch.cat([layer.weight, layer.bias], 1).transpose(1, 2).contiguous() for layer in layers[1:]]
    values = [torch.ones(len(cached), layer.weight.shape[2] + 1, near.shape[1]).to(cached) for layer in layers]
    block = 0
    for start in range(0, maxima.shape[1], OFFSETS):
        far = _high_coordinates(dim - bits, start, low, high).to(cached)
        offsets = far @ first.weight[:, bits:]
        for index in range(len(far)):
            loss = _block_loss(layers, weights, values, cached, offsets[:, index, :, None], near, far[index, :, None])
            torch.amax(loss, -1, out=maxima[:, block])
            sums += loss.sum(-1).to(sums)
            block += 1


def _block_loss(
    layers: list[Layer],
    weights: list[Tensor],
    values: list[Tensor],
    cached: Tensor,
    offset: Tensor,
    near: Tensor,
    far: Tensor,
) -> Tensor:
    out = values[0][:, :-1]
    torch.add(cached, offset, out=out)
    IN_PLACE[layers[0].activation](out)
    for layer, weight, (value, following) in zip(layers[1:], weights, itertools.pairwise(values), strict=True):
        out = following[:, :-1]
        torch.bmm(weight, value, out=out)
        IN_PLACE[layer.activation](out)
    out[:, : len(near)].sub_(near)
    out[:, len(near) :].sub_(far)
    return out.square_().mean(1)


def _high_coordinates(rest: int, start: int, low: float, high: float) -> Tensor:
    return corners(rest, low=low, high=high, start=start, stop=start + OFFSETS) if rest else torch.empty(1, 0)
