"""Nets whose hidden map is injective by construction: different points have different hidden values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import MONOTONE_ACTIVATIONS
from landscape.nets.fields import ALONE_OPERATIONS, check, linear
from landscape.nets.net import Net, Parameters, activate
from landscape.nets.products import affine, filled

MONOTONE = MONOTONE_ACTIVATIONS  # a(z) − D′·a(−Dz) rises strictly for these, whatever D, D′ > 0
INITIAL_SLOPE = 0.25  # D·D′ at the start, the slope below zero. At 1 a layer would be affine, at 0 a plain ReLU


@dataclass(frozen=True)
class InjectiveLayer:
    """A hidden layer of stacked members: x ↦ a(z) − outer·a(−inner·z), where z = x·matrix + bias; both scales are positive.

    `matrix` is lower·upper: `lower` (E, in, in) has a unit diagonal, `upper` (E, in, out) a positive one."""

    lower: Tensor
    upper: Tensor
    bias: Tensor
    inner: Tensor
    outer: Tensor

    @property
    def matrix(self) -> Tensor:
        """The affine map, acting on rows: (E, in, out)."""
        return torch.bmm(self.lower, self.upper)


@dataclass(frozen=True)
class Injective(Net):
    """`hidden` injective layers, an affine map back to the input's dimension, and the output function.

    A layer maps x to a(z) − D′·a(−Dz), where z = Bx + b, D and D′ are positive diagonal matrices, and B has full column rank.
    These are the layers of Puthawala et al. (2022) at a constant width, which is at least the input's dimension.

    - Rank: B stays of full rank in training. In rows x·L·U, the diagonal of L is 1 and that of U is an exponential, as are
      those of D and D′. In the first layer, from dim to `width`, this holds for dim of the columns; the others are free.
    - Injectivity holds for the hidden map alone. The affine map after it loses `width` − dim dimensions.
    - With ReLU, a layer is a leaky ReLU whose slope D·D′ is learned and begins at 0.25.
    - B begins orthogonal: the permuted, sign-flipped LU factors of a Haar orthogonal matrix.

    `activation` is one of MONOTONE."""

    kind: ClassVar[str] = "injective"
    hidden: int = 6
    width: int = 50
    activation: str = "relu"
    output: str = "sigmoid"

    def __post_init__(self) -> None:
        check(self, activations=MONOTONE)

    def least_width(self, dim: int) -> int:
        return dim

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        """`factors` packs L below the diagonal, the logarithm of U's diagonal on it, and U above it and in further columns."""
        if self.width < dim:
            raise ValueError(
                f"injective needs `width` of at least the {dim} coordinates of its points; got {self.width}. Widen it or take "
                "another net"
            )
        shapes: dict[str, tuple[int, ...]] = {}
        for index in range(self.hidden):
            shapes[f"layers.{index}.factors.weight"] = (dim if index == 0 else self.width, self.width)
            for name in ("bias", "inner", "outer"):
                shapes[f"layers.{index}.{name}"] = (1, self.width)
        return shapes | {"leave.weight": (self.width, dim), "leave.bias": (1, dim)}

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        parameters = {}
        for index in range(self.hidden):
            fan_in = dim if index == 0 else self.width
            free, bias = linear(fan_in, self.width, generator)
            free[:, :fan_in] = _orthogonal_factors(fan_in, generator)
            parameters[f"layers.{index}.factors.weight"] = free
            parameters[f"layers.{index}.bias"] = bias
            for name in ("inner", "outer"):
                parameters[f"layers.{index}.{name}"] = torch.full((1, self.width), math.log(INITIAL_SLOPE) / 2)
        parameters["leave.weight"], parameters["leave.bias"] = linear(self.width, dim, generator)
        return parameters

    def hidden_layers(self, parameters: Parameters) -> list[InjectiveLayer]:
        """The hidden layers, first to last."""
        return [self._layer(parameters, f"layers.{index}") for index in range(self.hidden)]

    def hidden_map(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points width"]:
        """The injective part of the map, before the last affine map: (E, P, width)."""
        return self._hidden(parameters, filled(points, points.shape[2], self.width))[:, : points.shape[1]]

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        value = self._hidden(parameters, filled(points, points.shape[2], self.width))
        moved = affine(value, parameters["leave.weight"], parameters["leave.bias"])
        return activate(self.output, moved)[:, : points.shape[1]]

    def _hidden(self, parameters: Parameters, value: Tensor) -> Tensor:
        for layer in self.hidden_layers(parameters):
            before = affine(affine(value, layer.lower), layer.upper, layer.bias)
            turned = activate(self.activation, -layer.inner * before)
            value = activate(self.activation, before) - layer.outer * turned
        return value

    def alone(self, dim: int, points: int) -> bool:
        return points * self.operations_per_point(dim) >= ALONE_OPERATIONS

    def activations_per_point(self, dim: int) -> int:
        return 2 * dim + self.width * 6 * self.hidden

    def operations_per_point(self, dim: int) -> int:
        square = sum((dim if index == 0 else self.width) ** 2 for index in range(self.hidden))
        return self.parameter_count(dim) + square

    def _layer(self, parameters: Parameters, name: str) -> InjectiveLayer:
        factors = parameters[f"{name}.factors.weight"]
        size = factors.shape[1]
        square = factors[:, :, :size]
        lower = square.tril(-1) + torch.eye(size, dtype=factors.dtype, device=factors.device)
        diagonal = torch.diagonal(square, dim1=1, dim2=2).exp()
        upper = torch.cat([square.triu(1) + torch.diag_embed(diagonal), factors[:, :, size:]], 2)
        scales = (parameters[f"{name}.{scale}"].exp() for scale in ("inner", "outer"))
        return InjectiveLayer(lower, upper, parameters[f"{name}.bias"], *scales)


def _orthogonal_factors(size: int, generator: torch.Generator) -> Tensor:
    """L and U of an orthogonal matrix whose LU decomposition needs no pivots and has a positive diagonal, packed as `factors`.

    1. A Haar orthogonal matrix is A = P·L·U with a permutation P. S is the diagonal matrix of the signs of U's diagonal.
    2. S·Pᵀ·A = (S·L·S)(S·U) is orthogonal, too, and its factors are S·L·S and S·U, with a positive diagonal."""
    gaussian = torch.randn(size, size, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gaussian)
    _, lower, upper = torch.linalg.lu(q * r.diagonal().sign())
    signs = upper.diagonal().sign()
    lower, upper = signs[:, None] * lower * signs, signs[:, None] * upper
    packed: Tensor = lower.tril(-1) + upper.triu(1) + upper.diagonal().log().diag()
    return packed.float()
