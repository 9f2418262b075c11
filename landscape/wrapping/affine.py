"""Affine maps and activations, composed into a chain of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets import Layer
from landscape.nets.net import FUNCTIONS, OUTPUTS

IN_PLACE: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,
    "tanh": torch.tanh_,
    "sigmoid": torch.sigmoid_,
}


@dataclass(frozen=True, eq=False)
class Affine:
    """An affine map x → x · weight + bias: `weight` is (in, out), or (in,) for a diagonal matrix."""

    weight: Tensor
    bias: Tensor

    @property
    def entries(self) -> int:
        return self.weight.numel()

    def then(self, other: Affine) -> Affine:
        """This map followed by the other."""
        if self.weight.ndim == other.weight.ndim == 1:
            return Affine(self.weight * other.weight, self.bias * other.weight + other.bias)
        if other.weight.ndim == 1:
            return Affine(self.weight * other.weight, self.bias * other.weight + other.bias)
        if self.weight.ndim == 1:
            return Affine(self.weight[:, None] * other.weight, self.bias @ other.weight + other.bias)
        return Affine(self.weight @ other.weight, self.bias @ other.weight + other.bias)

    def layer(self, activation: str) -> Layer:
        """The map and an activation, as the layer of one member."""
        weight = torch.diag(self.weight) if self.weight.ndim == 1 else self.weight
        return Layer(weight.detach()[None].contiguous(), self.bias.detach()[None, None], activation)


def chained(steps: Sequence[Affine | str], dim: int) -> list[Layer]:
    """The layers of a chain of affine maps and activations that begins at points of `dim` coordinates.

    Neighbouring affine maps become one, as batch norm and a linear layer. The last layer has an activation of OUTPUTS; after
    any other activation, it is the identity."""
    layers: list[Layer] = []
    waiting: Affine | None = None
    width = dim
    for step in [*steps, ""]:
        if isinstance(step, Affine):
            waiting = step if waiting is None else waiting.then(step)
            width = len(step.bias)
        elif step or waiting is not None or not layers or layers[-1].activation not in OUTPUTS:
            affine = waiting or Affine(torch.ones(width, dtype=torch.float64), torch.zeros(width, dtype=torch.float64))
            layers.append(affine.layer(step or "linear"))
            waiting = None
    return layers


def run_chain(layers: Sequence[Layer], points: Float[Tensor, "members points dim"]) -> Tensor:
    """The image of points under the layers: (E, P, width).

    Activations are computed in place where torch has such functions. A list of modules 784-32-784 took half the time so."""
    value = points
    for layer in layers:
        value = torch.baddbmm(layer.bias, value, layer.weight)
        value = IN_PLACE.get(layer.activation, FUNCTIONS[layer.activation])(value)
    return value
