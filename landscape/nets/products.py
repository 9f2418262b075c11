"""Stacked matrix products whose results, and gradients, do not depend on a member's place in the stack.

MKL's last bits depend on where in a cache line the factors and the product begin. Here every member's matrix begins at the
start of a cache line: activations have a suitable number of rows, gradients of weights suitable numbers of rows and columns."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

CACHE_LINE_NUMBERS = 16  # float32 numbers in a cache line
WHOLE_LINE_SIDE = 4  # matrices whose sides are multiples of this fill whole cache lines


def filled(points: Tensor, *sizes: int) -> Tensor:
    """Points (E, P, D) with the last point repeated, so that arrays of P × size fill whole cache lines for each of `sizes`."""
    multiple = math.lcm(*(CACHE_LINE_NUMBERS // math.gcd(CACHE_LINE_NUMBERS, size) for size in sizes))
    missing = -points.shape[1] % multiple
    return torch.cat([points, points[:, -1:].expand(-1, missing, -1)], 1) if missing and points.numel() else points


def affine(value: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """value · weight + bias of each member: (E, rows, in), (E, in, out), (E, 1, out) → (E, rows, out)."""
    product: Tensor = _Affine.apply(value, weight, bias)  # type: ignore[no-untyped-call]
    return product


class _Affine(torch.autograd.Function):
    """torch.baddbmm with a gradient of the weight that is computed in whole cache lines."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return torch.bmm(value, weight) if bias is None else torch.baddbmm(bias, value, weight)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], output: Tensor) -> None:
        value, weight, bias = inputs
        ctx.save_for_backward(value, weight)
        ctx.save_for_forward(value, weight)
        ctx.has_bias = bias is not None
        ctx.set_materialize_grads(False)  # else `jvp` would multiply by zeros where only the value moves

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor | None) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        (slope,), (value, weight) = slopes, ctx.saved_tensors
        if slope is None:
            return None, None, None
        below = torch.bmm(slope, weight.transpose(1, 2)) if ctx.needs_input_grad[0] else None
        weight_slope = _outer(value, slope) if ctx.needs_input_grad[1] else None
        return below, weight_slope, slope.sum(1, keepdim=True) if ctx.has_bias else None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor | None:
        (moved, weight_moved, bias_moved), (value, weight) = tangents, ctx.saved_tensors
        parts = [torch.bmm(moved, weight)] if moved is not None else []
        parts += [torch.bmm(value, weight_moved)] if weight_moved is not None else []
        parts += [bias_moved.expand(-1, value.shape[1], -1)] if bias_moved is not None else []
        return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0] if parts else None


def _outer(value: Tensor, slope: Tensor) -> Tensor:
    rows, columns = value.shape[2], slope.shape[2]
    if rows % WHOLE_LINE_SIDE == columns % WHOLE_LINE_SIDE == 0:
        return torch.bmm(value.transpose(1, 2), slope)
    value, slope = pad(value, (0, -rows % WHOLE_LINE_SIDE)), pad(slope, (0, -columns % WHOLE_LINE_SIDE))
    return torch.bmm(value.transpose(1, 2), slope)[:, :rows, :columns]
