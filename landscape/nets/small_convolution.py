"""Convolutions that halve the side of small images, and their transposes, as products with one matrix.

On images of LARGEST_SIDE pixels a convolution's own kernels cost more than the product, whose matrix has few zeros."""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d

KERNEL, STRIDE, PADDING = 4, 2, 1  # of every layer that doubles or halves the side
LARGEST_SIDE = 8  # pixels of the larger image's side; 16 x 16 images cost four times as many multiplications as 8 x 8


class Halving(nn.Conv2d):
    """nn.Conv2d with a kernel of 4, a stride of 2 and a padding of 1: (P, before, 2s, 2s) to (P, after, s, s)."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, KERNEL, STRIDE, PADDING, device="meta")

    def forward(self, input: Float[Tensor, "points before side side"]) -> Float[Tensor, "points after half half"]:
        side = input.shape[-1]
        if side % 2 or side > LARGEST_SIDE:
            return super().forward(input)
        half = side // 2
        matrix = _matrix(self.weight.transpose(0, 1), _taps(half, input.device, input.dtype))
        value = (input.flatten(1) @ matrix).reshape(len(input), self.out_channels, half, half)
        assert self.bias is not None
        return value + self.bias[:, None, None]


def doubled(
    value: Float[Tensor, "points before side side"], weight: Float[Tensor, "before after kernel kernel"]
) -> Float[Tensor, "points after twice twice"]:
    """conv_transpose2d with a kernel of 4, a stride of 2 and a padding of 1: (P, before, s, s) to (P, after, 2s, 2s)."""
    side = value.shape[-1]
    if 2 * side > LARGEST_SIDE:
        return conv_transpose2d(value, weight, None, STRIDE, PADDING)
    matrix = _matrix(weight, _taps(side, value.device, value.dtype).transpose(1, 2))
    return (value.flatten(1) @ matrix).reshape(len(value), weight.shape[1], 2 * side, 2 * side)


def _matrix(
    weight: Float[Tensor, "before after kernel kernel"], taps: Float[Tensor, "entries inputs outputs"]
) -> Float[Tensor, "columns rows"]:
    """The matrix of a layer: a row per channel and pixel of its input, a column per channel and pixel of its output."""
    before, after = weight.shape[:2]
    _, inputs, outputs = taps.shape
    entries = (weight.reshape(before * after, -1) @ taps.flatten(1)).reshape(before, after, inputs, outputs)
    return entries.transpose(1, 2).reshape(before * inputs, after * outputs)


@cache
def _taps(side: int, device: torch.device, dtype: torch.dtype) -> Float[Tensor, "entries larger smaller"]:
    """taps[k, p, q] is 1 if entry k of the kernel joins pixel p of 2 side x 2 side to pixel q of side x side, else 0."""
    entry, large, small = torch.arange(KERNEL), torch.arange(2 * side), torch.arange(side)
    line = (
        large[:, None] == STRIDE * small - PADDING + entry[:, None, None]
    )  # (entries, larger, smaller), along an axis
    both = line[:, None, :, None, :, None] & line[None, :, None, :, None, :]
    return both.reshape(KERNEL**2, 4 * side**2, side**2).to(device, dtype)
