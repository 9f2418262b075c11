"""What every architecture supplies: parameter shapes, an initialisation, and a forward pass over stacked members."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

ACTIVATIONS = ("relu", "leaky", "gelu", "tanh", "sine")
OUTPUTS = ("sigmoid", "tanh", "linear")
LEAK = 0.01  # slope of the leaky ReLU below zero
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "leaky": lambda z: torch.nn.functional.leaky_relu(z, LEAK),
    "gelu": torch.nn.functional.gelu,
    "tanh": torch.tanh,
    "sine": torch.sin,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}
Parameters = Mapping[str, Tensor]
Gradient = Callable[[], Float[Tensor, "members"]]

# Vectorised and scalar code paths of transcendental functions differ in the last bit, and the scalar one serves the tail of
# a buffer. Buffers rounded up to this many elements have no tail, so a member's numbers do not depend on its company.
ALIGNMENT = 64


def aligned(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """An uninitialised tensor of `shape`, a view into a buffer of a multiple of ALIGNMENT elements."""
    size = math.prod(shape)
    return torch.empty(_round_up(size), dtype=like.dtype, device=like.device)[:size].view(shape)


def whole(value: Tensor) -> Tensor:
    """The buffer behind a tensor from `aligned`: elementwise functions applied to all of it have no scalar tail."""
    return value.as_strided((_round_up(value.numel()),), (1,), 0)


def _round_up(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def differentiate(
    total: Callable[[Parameters], tuple[Tensor, Tensor]], parameters: Parameters, gradients: Parameters
) -> Float[Tensor, "members"]:
    """The gradient of the first of total's two (E,) written to `gradients`, by autograd; the second is returned."""
    leaves = {name: value.detach().requires_grad_(True) for name, value in parameters.items()}
    with torch.enable_grad():
        descended, told = total(leaves)
        found = torch.autograd.grad(descended.sum(), list(leaves.values()))
    for target, value in zip(gradients.values(), found, strict=True):
        target.copy_(value)
    return told.detach()


@dataclass(frozen=True)
class Layer:
    """One affine map of a chain with the activation after it: weight (E, in, out), bias (E, 1, out)."""

    weight: Tensor
    bias: Tensor
    activation: str


@dataclass(frozen=True)
class Net(ABC):
    """An architecture without its weights: a frozen dataclass of JSON-able fields.

    A new one supplies `kind` (its key in NETS), `shapes`, `initial` and `forward`; ensembles, training, the model store and
    every study then work unchanged. `prepare_gradient` may be overridden where a hand-written gradient is faster; `layers`
    where the net is a chain of affine maps.
    """

    kind: ClassVar[str]

    @abstractmethod
    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        """The parameter shapes of one member for inputs of `dim` coordinates."""

    @abstractmethod
    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        """One member's parameters, drawn from `generator` alone."""

    @abstractmethod
    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        """The map f of every member at its own points: (E, P, D)."""

    def prepare_gradient(
        self, parameters: Parameters, inputs: Tensor, targets: Tensor, gradients: Parameters
    ) -> Gradient:
        """A function that writes the gradient of each member's mean squared error ‖f(inputs) − targets‖² to `gradients`.

        Every call reads `parameters` and both sets of points (E, P, D) as they are then and returns the errors, (E,), which
        hold until the next call. Its buffers are kept from call to call: fresh ones cost up to half the time of a step."""

        def errors(leaves: Parameters) -> tuple[Tensor, Tensor]:
            found = (self.forward(leaves, inputs) - targets).square().mean((1, 2))
            return found, found

        return lambda: differentiate(errors, parameters, gradients)

    def layers(self, parameters: Parameters) -> list[Layer]:
        """The chain of affine maps and activations; ValueError where the net is none."""
        raise ValueError(f"expected a net that is a chain of affine maps (mlp); {self.kind!r} is not one")

    def parameter_count(self, dim: int) -> int:
        """Number of parameters of one member."""
        return sum(math.prod(shape) for shape in self.shapes(dim).values())

    def activations_per_point(self, dim: int) -> int:
        """How many numbers one member keeps per point while training: sizes blocks and memory estimates."""
        return dim + sum(shape[-1] for name, shape in self.shapes(dim).items() if name.endswith("weight"))

    def spec(self) -> dict[str, Any]:
        """The JSON form: {"kind": …, field: value …}."""
        return {"kind": self.kind, **asdict(self)}
