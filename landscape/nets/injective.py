"""Nets whose hidden map is one-to-one by construction: nothing that they are shown is thrown away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets.fields import LARGE_STEP, check, linear
from landscape.nets.net import Net, Parameters, activate
from landscape.nets.products import affine, filled

MONOTONE = ("relu", "leaky", "tanh")  # a(z) − D′·a(−Dz) rises strictly for these, whatever D, D′ > 0
SLOPE = 0.25  # D·D′ at the start, the slope below zero: well away from 1, where a layer is affine, and from 0, where it is ReLU


@dataclass(frozen=True)
class InjectiveLayer:
    """One hidden layer of stacked members: z = x·matrix + bias, then a(z) − outer·a(−inner·z), both scales positive.

    `matrix` is lower·upper, (E, in, in) and (E, in, out), of unit and positive diagonal."""

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
    """`hidden` layers P·a([z; −Dz]), P = [I, −D′], z = Bx + b, D, D′ > 0 diagonal, B of full column rank; then an affine map
    to D coordinates and the squash. Puthawala et al. (2022), whose layers these are at constant width, `width` ≥ D.

    B stays of full rank through training: acting on rows x·L·U, L has a unit diagonal and U a positive one (its logarithm is
    the parameter), D and D′ are exponentials. In the first layer, D → width, this holds for D of the columns and the rest are
    free. The claim is for the hidden map: the affine map after it loses width − D dimensions, and what it keeps is learned.
    With ReLU a layer is a leaky one of learned slope D·D′, 0.25 at the start. B begins orthogonal: the permuted, sign-flipped
    LU factors of a Haar orthogonal matrix. `activation` may be any in MONOTONE."""

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
        """`factors` holds L below its diagonal, U above and the logarithm of U's diagonal on it, then U's further columns."""
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
                parameters[f"layers.{index}.{name}"] = torch.full((1, self.width), math.log(SLOPE) / 2)
        parameters["leave.weight"], parameters["leave.bias"] = linear(self.width, dim, generator)
        return parameters

    def hidden_layers(self, parameters: Parameters) -> list[InjectiveLayer]:
        """The hidden layers, first to last."""
        return [self._layer(parameters, f"layers.{index}") for index in range(self.hidden)]

    def hidden_map(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points width"]:
        """The one-to-one part, before the last affine map: (E, P, width)."""
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
        return points * self.operations_per_point(dim) >= LARGE_STEP

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
    """L and U of an orthogonal matrix whose LU needs no pivots and has a positive diagonal, packed as in `factors`.

    A Haar orthogonal A = P·L·U, S the signs of U's diagonal: S·Pᵀ·A = (S·L·S)(S·U) is orthogonal as well."""
    gaussian = torch.randn(size, size, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gaussian)
    _, lower, upper = torch.linalg.lu(q * r.diagonal().sign())
    signs = upper.diagonal().sign()
    lower, upper = signs[:, None] * lower * signs, signs[:, None] * upper
    packed: Tensor = lower.tril(-1) + upper.triu(1) + upper.diagonal().log().diag()
    return packed.float()
