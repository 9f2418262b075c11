"""Multilayer perceptrons: `hidden` layers of `width` units, and an output function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import ACTIVATIONS, INITIALISATIONS
from landscape.nets.fields import check
from landscape.nets.net import FUNCTIONS, Gradient, Layer, Net, Parameters, aligned, leak_of, whole

aten = torch.ops.aten
IDENTITY_NOISE = 0.01  # standard deviation around the near-identity initialisation
TAIL_INDICES = {
    "he-biased": 2.0,
    "stable-1.5": 1.5,
    "cauchy": 1.0,
}  # α of the α-stable weights: normal at 2, Cauchy at 1
RANDOM_BIAS = 0.1  # standard deviation of random biases at α = 2, a tenth of that of a layer's input
# From this many multiplications per member, torch.bmm hands all members to the BLAS at once, but only if its output is
# contiguous. Gradients have gaps between members: torch.bmm would compute them member by member, at up to 8 times the cost.
SMALL_PRODUCT = 400
# Activations, besides leaky ReLUs, whose slope is a function of their output, so that the gradient does not need their input.
OUTPUT_OF_ITSELF = ("relu", "tanh")


@dataclass(frozen=True)
class MLP(Net):
    """A chain of `hidden` + 1 affine maps, D → width → … → width → D.

    `init` is the initialisation:
    - 'torch', PyTorch's default for Linear layers: U(±1/√in), weights before biases. A member equals the module that is built
      after `torch.manual_seed(seed)`.
    - 'he': weights N(0, 2/in), zero biases.
    - 'he-biased': the same with biases N(0, .1²), so that the regions of a layer do not all meet in one point.
    - 'stable-1.5' and 'cauchy': the same with heavy-tailed weights and biases, α-stable with α = 1.5 and 1. Weights have the
      scale √2/(2·in)^(1/α) and biases .1/2^(1/α), which at α = 2 is 'he-biased' (Qu, Wardak & Gong 2022, arXiv 2203.12967).
    - 'identity': the map begins near f(x) = x on the data's range.

    `scale` multiplies the initial weights. `activation` may also be 'leaky(0.25)', a leaky ReLU of another slope."""

    kind: ClassVar[str] = "mlp"
    inits: ClassVar[tuple[str, ...]] = INITIALISATIONS
    hidden: int = 6
    width: int = 50
    activation: str = "relu"
    output: str = "sigmoid"
    init: str = "torch"
    scale: float = 1.0

    def __post_init__(self) -> None:
        leaky = (self.activation,) if leak_of(self.activation) is not None else ()
        check(self, hidden=0, activations=(*ACTIVATIONS, *leaky))

    def sizes(self, dim: int) -> list[int]:
        """The width of each layer from input to output."""
        return [dim, *[self.width] * self.hidden, dim]

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        sizes = self.sizes(dim)
        for index, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            shapes[f"layers.{index}.weight"] = (fan_in, fan_out)
            shapes[f"layers.{index}.bias"] = (1, fan_out)
        return shapes

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        parameters = {}
        sizes = self.sizes(dim)
        for index, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            weight, bias = self._initial_layer(index, fan_in, fan_out, dim, generator)
            parameters[f"layers.{index}.weight"] = (weight * self.scale).T.contiguous()
            parameters[f"layers.{index}.bias"] = bias[None]
        return parameters

    def _initial_layer(
        self, index: int, fan_in: int, fan_out: int, dim: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        weight, bias = torch.empty(fan_out, fan_in), torch.zeros(fan_out)
        if self.init == "torch":
            bound = 1 / math.sqrt(fan_in)
            weight.uniform_(-bound, bound, generator=generator)
            bias.uniform_(-bound, bound, generator=generator)
        elif self.init == "he":
            weight.normal_(0, math.sqrt(2 / fan_in), generator=generator)
        elif self.init in TAIL_INDICES:
            tail = TAIL_INDICES[self.init]
            weight = _stable(weight.shape, tail, generator) * (math.sqrt(2) / (2 * fan_in) ** (1 / tail))
            bias = _stable(bias.shape, tail, generator) * (RANDOM_BIAS / 2 ** (1 / tail))
        else:
            weight.normal_(0, IDENTITY_NOISE / math.sqrt(fan_in), generator=generator).add_(torch.eye(fan_out, fan_in))
            last = index == self.hidden
            if self.output == "sigmoid":  # σ(4(x − ½)) ≈ x about ½
                weight, bias = (weight * 4, bias - 2) if last else (weight, bias)
            elif index == 0:  # shift [−1, 1] above zero, so that ReLU passes it
                bias[:dim] += 1
            elif last:
                bias -= 1
        return weight, bias

    def layers(self, parameters: Parameters) -> list[Layer]:
        return [
            Layer(
                parameters[f"layers.{index}.weight"],
                parameters[f"layers.{index}.bias"],
                self.output if index == self.hidden else self.activation,
            )
            for index in range(self.hidden + 1)
        ]

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        value = points
        for layer in self.layers(parameters):
            value = FUNCTIONS[layer.activation](torch.baddbmm(layer.bias, value, layer.weight))
        return value

    def prepare_gradient(
        self, parameters: Parameters, inputs: Tensor, targets: Tensor, gradients: Parameters
    ) -> Gradient:
        """As Net.prepare_gradient, by the chain rule written out: 1.3–2.3 times as fast as autograd on small nets.

        The calls into torch are bound to their buffers once. Looking both up at every step took a fifth of its time."""
        if self.activation not in OUTPUT_OF_ITSELF and leak_of(self.activation) is None:
            return super().prepare_gradient(parameters, inputs, targets, gradients)
        layers = self.layers(parameters)
        members, count, dim = inputs.shape
        calls: list[Callable[[], object]] = []
        values = [inputs]
        for layer in layers:
            value = aligned((members, count, layer.weight.shape[2]), inputs)
            calls.append(partial(aten.baddbmm.out, layer.bias, values[-1], layer.weight, out=value))
            calls += _squash(value, layer.activation)
            values.append(value)
        delta, squares = aligned((members, count, dim), inputs), aligned((members, count, dim), inputs)
        losses = torch.empty(members, dtype=inputs.dtype, device=inputs.device)
        calls += [
            partial(aten.sub.out, values[-1], targets, out=delta),
            partial(aten.mul.out, delta, delta, out=squares),
            partial(aten.mean.out, squares, [1, 2], out=losses),
            partial(aten.mul_.Scalar, delta, 2 / (count * dim)),
        ]
        for index, layer in reversed(list(enumerate(layers))):
            weight, bias = gradients[f"layers.{index}.weight"], gradients[f"layers.{index}.bias"]
            calls += _through_squash(delta, values[index + 1], layer.activation)
            calls += _products(values[index].transpose(1, 2), delta, weight)
            calls.append(partial(aten.sum.IntList_out, delta, [1], True, out=bias))
            if index:  # written over the layer's output, which is no longer needed and still in the cache
                below = aligned((members, count, self.width), inputs) if index == self.hidden else values[index + 1]
                calls.append(partial(aten.bmm.out, delta, layer.weight.transpose(1, 2), out=below))
                delta = below

        def gradient() -> Tensor:
            for call in calls:
                call()
            return losses

        return gradient


def _products(left: Tensor, right: Tensor, target: Tensor) -> list[Callable[[], object]]:
    """Calls that write left @ right of each member to `target`, through a buffer if that is faster; bitwise the same."""
    if left.shape[1] * right.shape[1] * right.shape[2] < SMALL_PRODUCT or target.is_contiguous():
        return [partial(aten.bmm.out, left, right, out=target)]
    buffer = aligned(tuple(target.shape), target)
    return [partial(aten.bmm.out, left, right, out=buffer), partial(aten.copy_.default, target, buffer)]


def _squash(value: Tensor, activation: str) -> list[Callable[[], object]]:
    """Calls that apply the activation in place.

    Overloads are named, here and below: on small nets, torch's search for the overload takes longer than the work."""
    buffer = whole(value)
    if activation == "relu":
        return [partial(aten.relu_.default, buffer)]
    if (leak := leak_of(activation)) is not None:
        return [partial(aten.leaky_relu_.default, buffer, leak)]
    if activation == "tanh":
        return [partial(aten.tanh_.default, buffer)]
    if activation == "sigmoid":
        return [partial(aten.sigmoid_.default, buffer)]
    return []


def _through_squash(delta: Tensor, value: Tensor, activation: str) -> list[Callable[[], object]]:
    """Calls that multiply `delta` in place by the activation's slope, which is computed from its output `value`."""
    buffer, output = whole(delta), whole(value)
    if activation == "relu":
        return [partial(aten.threshold_backward.grad_input, buffer, output, 0, grad_input=buffer)]
    if (leak := leak_of(activation)) is not None:
        return [partial(aten.leaky_relu_backward.grad_input, buffer, output, leak, True, grad_input=buffer)]
    if activation == "tanh":
        return [partial(aten.tanh_backward.grad_input, buffer, output, grad_input=buffer)]
    if activation == "sigmoid":
        return [partial(aten.sigmoid_backward.grad_input, buffer, output, grad_input=buffer)]
    return []


def _stable(shape: tuple[int, ...], tail: float, generator: torch.Generator) -> Tensor:
    """Draws of the symmetric α-stable distribution of index `tail` and scale 1, by Chambers, Mallows & Stuck (1976).

    With index 2 it is N(0, 2), with index 1 Cauchy's distribution."""
    angle = (torch.rand(shape, generator=generator) - 0.5) * math.pi
    waiting = torch.empty(shape).exponential_(generator=generator)
    bent = (torch.cos((1 - tail) * angle) / waiting) ** ((1 - tail) / tail)
    return torch.sin(tail * angle) / torch.cos(angle) ** (1 / tail) * bent
