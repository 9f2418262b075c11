"""The matrix products of a piece of work and nothing else: their rate is the matmul rate of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from landscape.nets import MLP

Product = tuple[Tensor, Tensor, Tensor, Tensor]  # added, left, right, out


def training_flops(net: MLP, dim: int, count: int) -> int:
    """FLOPs of a member-step's products: forward pass, weight gradients, and backward pass through all layers but the first."""
    sizes = list(pairwise(net.sizes(dim)))
    first = sizes[0][0] * sizes[0][1]
    return 2 * count * (3 * sum(fan_in * fan_out for fan_in, fan_out in sizes) - first)


def training_products(net: MLP, dim: int, count: int, members: int, device: str) -> Callable[[], None]:
    """A function that computes the products of a step of all members, member by member, with outputs allocated beforehand.

    On a GPU, single products this small would only time the kernel launches; `baddbmm` over all members takes their place."""
    stacked = [] if device == "cpu" else [members]
    sizes = list(pairwise(net.sizes(dim)))
    values = [_random([*stacked, count, size], device) for size in net.sizes(dim)]
    errors = [torch.empty_like(value) for value in values]
    work: list[Product] = []
    for _ in range(members if device == "cpu" else 1):
        weights = [_random([*stacked, *size], device) for size in sizes]
        biases = [_random([*stacked, 1, size[1]], device) for size in sizes]
        slopes = [torch.empty_like(weight) for weight in weights]
        x = [_random([*stacked, count, dim], device), *values[1:]]
        work += [(bias, x[i], weights[i], x[i + 1]) for i, bias in enumerate(biases)]
        for i in reversed(range(len(sizes))):
            work.append((biases[i], x[i].mT, errors[i + 1], slopes[i]))
            if i:
                work.append((errors[i][..., :1, :], errors[i + 1], weights[i].mT, errors[i]))
    return _runner(work, stacked)


def sampling_flops(net: MLP, dim: int, count: int) -> int:
    """FLOPs of the products of an iteration, for `count` samples of a member."""
    return 2 * count * sum(fan_in * fan_out for fan_in, fan_out in pairwise(net.sizes(dim)))


def sampling_products(net: MLP, dim: int, rows: list[int], members: int, device: str) -> Callable[[], None]:
    """A function that computes the products of an iteration of all members, in blocks of `rows` samples each."""
    sizes, work = list(pairwise(net.sizes(dim))), []
    stacked = [] if device == "cpu" else [members]
    for _ in range(members if device == "cpu" else 1):
        weights = [_random([*stacked, *size], device) for size in sizes]
        biases = [_random([*stacked, 1, size[1]], device) for size in sizes]
        values = [_random([*stacked, max(rows), size], device) for size in net.sizes(dim)]
        for count in rows:
            block = [value[..., :count, :] for value in values]
            work += [(bias, block[i], weights[i], block[i + 1]) for i, bias in enumerate(biases)]
    return _runner(work, stacked)


def corner_flops(net: MLP, dim: int) -> int:
    """FLOPs per corner of the layers after the first. (From corner to corner, the first layer changes by a constant.)"""
    return 2 * sum(fan_in * fan_out for fan_in, fan_out in list(pairwise(net.sizes(dim)))[1:])


def corner_products(net: MLP, dim: int, chunk: int, chunks: int, device: str) -> Callable[[], None]:
    """A function that computes the layers after the first for `chunks` chunks of corners, which lie contiguously in memory."""
    work: list[Product] = []
    value = _random([net.width, chunk], device)
    for fan_in, fan_out in list(pairwise(net.sizes(dim)))[1:]:
        out = torch.empty(fan_out, chunk, device=device)
        work.append((_random([fan_out, 1], device), _random([fan_out, fan_in], device), value, out))
        value = out
    once = _runner(work, [])

    def run() -> None:
        for _ in range(chunks):
            once()

    return run


def _runner(work: list[Product], stacked: list[int]) -> Callable[[], None]:
    multiply = torch.baddbmm if stacked else torch.addmm

    @torch.no_grad()
    def run() -> None:
        for added, left, right, out in work:
            multiply(added, left, right, out=out)

    return run


def _random(shape: list[int], device: str) -> Tensor:
    return torch.randn(shape, device=device) / shape[-1] ** 0.5
