"""Stacked matrix products whose results, and gradients, do not depend on a member's place in the stack.

MKL's last bits depend on where in a cache line a matrix begins, of the factors and of the product. Here every member's matrix
begins at the start of one: activations by the number of rows, weights' gradients by the numbers of rows and columns."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

LINE = 16  # numbers of float32 in a cache line
SIDE = 4  # matrices with sides of multiples of this fill whole lines


def filled(points: Tensor, *sizes: int) -> Tensor:
    """Points (E, P, D) with the last one repeated until a member's numbers, so many a point, fill whole cache lines."""
    multiple = math.lcm(*(LINE // math.gcd(LINE, size) for size in sizes))
    missing = -points.shape[1] % multiple
    return torch.cat([points, points[:, -1:].expand(-1, missing, -1)], 1) if missing and points.numel() else points


def affine(value: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """value · weight + bias of each member: (E, rows, in), (E, in, out), (E, 1, out) → (E, rows, out)."""
    found: Tensor = _Affine.apply(value, weight, bias)  # type: ignore[no-untyped-call]
    return found


class _Affine(torch.autograd.Function):
    """torch.baddbmm, the gradient of whose weight is computed with whole cache lines."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return torch.bmm(value, weight) if bias is None else torch.baddbmm(bias, value, weight)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], output: Tensor) -> None:
        value, weight, bias = inputs
        ctx.save_for_backward(value, weight)
        ctx.has_bias = bias is not None

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        (slope,), (value, weight) = slopes, ctx.saved_tensors
        below = torch.bmm(slope, weight.transpose(1, 2)) if ctx.needs_input_grad[0] else None
        own = _outer(value, slope) if ctx.needs_input_grad[1] else None
        return below, own, slope.sum(1, keepdim=True) if ctx.has_bias else None


def _outer(value: Tensor, slope: Tensor) -> Tensor:
    rows, columns = value.shape[2], slope.shape[2]
    if rows % SIDE == columns % SIDE == 0:
        return torch.bmm(value.transpose(1, 2), slope)
    value, slope = pad(value, (0, -rows % SIDE)), pad(slope, (0, -columns % SIDE))
    return torch.bmm(value.transpose(1, 2), slope)[:, :rows, :columns]
