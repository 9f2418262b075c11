"""What every architecture supplies: parameter shapes, an initialisation, and a forward pass over stacked members."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

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
EXACT = ("relu", "leaky", "linear")  # activations without a rounding that could differ between code paths
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


def activate(activation: str, value: Tensor) -> Tensor:
    """The activation of a contiguous tensor, differentiable and without a scalar tail: an element's result, and its slope,
    do not depend on where in the tensor it stands."""
    missing = -value.numel() % ALIGNMENT
    if not missing or activation in EXACT:
        return FUNCTIONS[activation](value)
    buffer = torch.nn.functional.pad(value.reshape(-1), (0, missing))
    return FUNCTIONS[activation](buffer)[: value.numel()].view(value.shape)


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

    A new one supplies `kind` (its key in NETS), `shapes`, `initial` and `forward`, and the fields `hidden`, `width`,
    `activation` and `output`; ensembles, training, the model store and every study then work unchanged. `prepare_gradient`
    may be overridden where a hand-written gradient is faster; `layers` where the net is a chain of affine maps;
    `activations_per_point` and `operations_per_point` where a parameter is used more than once per point; `alone` where
    large networks gain nothing from company.
    """

    kind: ClassVar[str]
    inits: ClassVar[tuple[str, ...]] = ("torch",)  # what the field `init` may be, where a net has one

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

    def without_squash(self) -> Net:
        """The same net with a linear output."""
        changed: dict[str, Any] = {"output": "linear"}
        return replace(self, **changed)

    def alone(self, dim: int, points: int) -> bool:
        """Whether a CPU is better given one network after another than four side by side, at so many points a step."""
        return False

    def least_width(self, dim: int) -> int:
        """The smallest `width` the architecture can have."""
        return 1

    def parameter_count(self, dim: int) -> int:
        """Number of parameters of one member."""
        return sum(math.prod(shape) for shape in self.shapes(dim).values())

    def activations_per_point(self, dim: int) -> int:
        """How many numbers one member keeps per point while training: sizes blocks and memory estimates."""
        return dim + sum(shape[-1] for name, shape in self.shapes(dim).items() if name.endswith("weight"))

    def operations_per_point(self, dim: int) -> int:
        """Multiplications of one member at one point, forwards: one a parameter, unless the net says otherwise."""
        return self.parameter_count(dim)

    def spec(self) -> dict[str, Any]:
        """The JSON form: {"kind": …, field: value …}."""
        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind, **fields}
