"""Transformers: the tokens are patches of an image, or the coordinates of a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import layer_norm

from landscape.nets.fields import ALONE_OPERATIONS, check, linear, whole_numbers
from landscape.nets.net import Net, Parameters, activate
from landscape.nets.products import affine, filled

MLP_RATIO = 4  # the width of the hidden layer of a block's MLP, over `width`
HEAD_COUNTS, LEAST_HEAD_WIDTH = (8, 4, 2, 1), 8
MAX_TOKENS = 64
POSITION_SCALE = 0.02  # standard deviation of the initial positions, as in ViT


@dataclass(frozen=True)
class Tokens:
    """How a point is cut into `rows` × `columns` tokens, each of `size` × `size` pixels with `channels` numbers."""

    rows: int
    columns: int
    size: int
    channels: int

    @property
    def count(self) -> int:
        return self.rows * self.columns

    @property
    def numbers(self) -> int:
        return self.size**2 * self.channels


@dataclass(frozen=True)
class Transformer(Net):
    """A vision transformer after Dosovitskiy et al. (2021): `hidden` pre-norm blocks of `width`, with learned positions.

    A block is LayerNorm, attention, LayerNorm, and an MLP of ratio 4. After the blocks, a LayerNorm and an affine map, shared
    by all tokens, give back each token's numbers.

    - Tokens are patches of `patch` × `patch` pixels of an image of `shape` (h, w) or (h, w, 3). If points have another shape,
      the tokens are their coordinates.
    - `patch` 0 takes the smallest common divisor of the sides, from 2 up, that leaves at most 64 patches (side 8: 2, 28: 4,
      32: 4). If none does, it takes the largest common divisor.
    - There are 8, 4, 2 or 1 heads: the most that divide `width` into at least 8 numbers each.
    - The initialisation is that of torch.nn's Linear, MultiheadAttention and LayerNorm; positions are N(0, 0.02²).

    Members are stacked. On a CPU that was 1.1 to 6 times as fast as a loop over networks with scaled_dot_product_attention."""

    kind: ClassVar[str] = "transformer"
    hidden: int = 2
    width: int = 32
    activation: str = "gelu"
    output: str = "sigmoid"
    shape: Sequence[int] = ()
    patch: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", whole_numbers(self.shape))
        check(self)

    @property
    def heads(self) -> int:
        """Attention heads."""
        return next(n for n in HEAD_COUNTS if n == 1 or (self.width % n == 0 and self.width >= n * LEAST_HEAD_WIDTH))

    def tokens(self, dim: int) -> Tokens:
        """How a point of `dim` coordinates is cut. Raises ValueError if `shape` or `patch` does not fit."""
        if len(self.shape) not in (2, 3):
            if self.patch > 1:
                raise ValueError(f"`patch` is for images; got patch {self.patch} for points of {dim} coordinates")
            return Tokens(1, dim, 1, 1)
        if math.prod(self.shape) != dim:
            raise ValueError(
                f"`shape` {self.shape} of transformer has {math.prod(self.shape)} coordinates; got points of {dim}"
            )
        height, width = self.shape[:2]
        side = self.patch or _patch(height, width)
        if side < 1 or height % side or width % side:
            raise ValueError(f"`patch` must divide both sides of {height} × {width} images; got {side}")
        return Tokens(height // side, width // side, side, self.shape[2] if len(self.shape) == 3 else 1)

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        tokens, size = self.tokens(dim), self.width
        shapes: dict[str, tuple[int, ...]] = {
            "enter.weight": (tokens.numbers, size),
            "enter.bias": (1, size),
            "positions": (tokens.count, size),
        }
        for index in range(self.hidden):
            block = f"blocks.{index}"
            shapes |= _norm_shapes(f"{block}.before", size)
            shapes |= {f"{block}.attend.weight": (size, 3 * size), f"{block}.attend.bias": (1, 3 * size)}
            shapes |= {f"{block}.join.weight": (size, size), f"{block}.join.bias": (1, size)}
            shapes |= _norm_shapes(f"{block}.between", size)
            shapes |= {f"{block}.widen.weight": (size, MLP_RATIO * size), f"{block}.widen.bias": (1, MLP_RATIO * size)}
            shapes |= {f"{block}.narrow.weight": (MLP_RATIO * size, size), f"{block}.narrow.bias": (1, size)}
        shapes |= _norm_shapes("after", size)
        return shapes | {"leave.weight": (size, tokens.numbers), "leave.bias": (1, tokens.numbers)}

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        parameters: dict[str, Tensor] = {}
        for name, shape in self.shapes(dim).items():
            stem, _, part = name.rpartition(".")
            if name == "positions":
                parameters[name] = torch.empty(shape).normal_(0, POSITION_SCALE, generator=generator)
            elif part == "scale":
                parameters[name] = torch.ones(shape)
            elif part == "shift" or name in parameters:
                parameters.setdefault(name, torch.zeros(shape))
            elif stem.endswith("attend"):  # as MultiheadAttention: xavier_uniform_ of q, k and v together, zero biases
                bound = math.sqrt(6 / sum(shape))
                parameters[name] = torch.empty(shape).uniform_(-bound, bound, generator=generator)
                parameters[f"{stem}.bias"] = torch.zeros(1, shape[1])
            else:
                parameters[name], bias = linear(shape[0], shape[1], generator)
                parameters[f"{stem}.bias"] = torch.zeros_like(bias) if stem.endswith("join") else bias
        return parameters

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        members, given, dim = points.shape
        tokens = self.tokens(dim)
        points = filled(points, dim, tokens.count * self.width, self.heads * tokens.count**2)
        count = points.shape[1]

        def through(name: str, value: Tensor) -> Tensor:
            return affine(value, parameters[f"{name}.weight"], parameters[f"{name}.bias"])

        def normed(name: str, value: Tensor) -> Tensor:
            standard = layer_norm(value, (self.width,))
            return torch.addcmul(parameters[f"{name}.shift"], standard, parameters[f"{name}.scale"])

        value = through("enter", _cut(points, tokens)).view(members, count, tokens.count, self.width)
        value = (value + parameters["positions"][:, None]).flatten(1, 2)
        for index in range(self.hidden):
            block = f"blocks.{index}"
            seen = through(f"{block}.attend", normed(f"{block}.before", value))
            value = value + through(f"{block}.join", self._attention(seen, tokens.count))
            inner = through(f"{block}.widen", normed(f"{block}.between", value))
            value = value + through(f"{block}.narrow", activate(self.activation, inner))
        return activate(self.output, _joined(through("leave", normed("after", value)), tokens, count))[:, :given]

    def alone(self, dim: int, points: int) -> bool:
        return points * self.operations_per_point(dim) >= ALONE_OPERATIONS

    def activations_per_point(self, dim: int) -> int:
        tokens = self.tokens(dim).count
        in_block = (10 + 2 * MLP_RATIO) * self.width + 2 * self.heads * tokens
        return 2 * dim + tokens * (4 * self.width + self.hidden * in_block)

    def operations_per_point(self, dim: int) -> int:
        tokens = self.tokens(dim)
        in_block = (4 + 2 * MLP_RATIO) * self.width**2 + 2 * tokens.count * self.width
        return tokens.count * (2 * tokens.numbers * self.width + self.hidden * in_block)

    def _attention(self, seen: Tensor, tokens: int) -> Tensor:
        """softmax(q·kᵀ/√d)·v of each head: (E, P·T, width).

        It is written out because scaled_dot_product_attention has no vmap rule."""
        members, rows, _ = seen.shape
        depth = self.width // self.heads
        split = seen.view(-1, tokens, 3, self.heads, depth).permute(2, 0, 3, 1, 4)
        query, key, value = split.reshape(3, -1, tokens, depth).unbind(0)
        shares = torch.softmax(torch.bmm(query * depth**-0.5, key.transpose(1, 2)), -1)
        heads = torch.bmm(shares, value).view(-1, self.heads, tokens, depth)
        return heads.transpose(1, 2).reshape(members, rows, self.width)


def _norm_shapes(name: str, size: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.scale": (1, size), f"{name}.shift": (1, size)}


def _patch(height: int, width: int) -> int:
    common = math.gcd(height, width)
    sides = [side for side in range(2, common + 1) if common % side == 0]
    return next((side for side in sides if height * width // side**2 <= MAX_TOKENS), max(sides, default=1))


def _cut(points: Tensor, tokens: Tokens) -> Tensor:
    """Points (E, P, D) as their tokens, row by row: (E, P·T, numbers)."""
    members, count, _ = points.shape
    grid = points.reshape(members, count, tokens.rows, tokens.size, tokens.columns, tokens.size, tokens.channels)
    return grid.transpose(3, 4).reshape(members, count * tokens.count, tokens.numbers)


def _joined(value: Tensor, tokens: Tokens, count: int) -> Tensor:
    """The inverse of _cut."""
    members = len(value)
    grid = value.view(members, count, tokens.rows, tokens.columns, tokens.size, tokens.size, tokens.channels)
    return grid.transpose(3, 4).reshape(members, count, -1)
