"""Residual nets: every block adds its output to its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets.fields import ALONE_OPERATIONS, check, linear
from landscape.nets.net import Net, Parameters, activate
from landscape.nets.products import affine, filled


@dataclass(frozen=True)
class Residual(Net):
    """An affine map to `width`, `hidden` pre-activation blocks h + W₂·a(W₁·a(h)), and an affine map back (He et al. 2016b).

    A block counts as one hidden layer. It has two affine maps, each with a bias. The initialisation is torch.nn.Linear's."""

    kind: ClassVar[str] = "residual"
    hidden: int = 3
    width: int = 50
    activation: str = "relu"
    output: str = "sigmoid"

    def __post_init__(self) -> None:
        check(self, hidden=0)

    def affine_maps(self, dim: int) -> dict[str, tuple[int, int]]:
        """Each affine map's name and sizes, in and out."""
        blocks = [f"blocks.{index}.{part}" for index in range(self.hidden) for part in ("first", "second")]
        return {
            "enter": (dim, self.width),
            **dict.fromkeys(blocks, (self.width, self.width)),
            "leave": (self.width, dim),
        }

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for name, (fan_in, fan_out) in self.affine_maps(dim).items():
            shapes |= {f"{name}.weight": (fan_in, fan_out), f"{name}.bias": (1, fan_out)}
        return shapes

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        parameters = {}
        for name, sizes in self.affine_maps(dim).items():
            parameters[f"{name}.weight"], parameters[f"{name}.bias"] = linear(*sizes, generator)
        return parameters

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        def through(name: str, value: Tensor) -> Tensor:
            return affine(value, parameters[f"{name}.weight"], parameters[f"{name}.bias"])

        count, dim = points.shape[1:]
        value = through("enter", filled(points, dim, self.width))
        for index in range(self.hidden):
            inner = through(f"blocks.{index}.first", activate(self.activation, value))
            value = value + through(f"blocks.{index}.second", activate(self.activation, inner))
        return activate(self.output, through("leave", value))[:, :count]

    def alone(self, dim: int, points: int) -> bool:
        return points * self.operations_per_point(dim) >= ALONE_OPERATIONS

    def activations_per_point(self, dim: int) -> int:
        return 2 * dim + self.width * (1 + 4 * self.hidden)
