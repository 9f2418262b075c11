"""The base class of architectures: parameter shapes, an initialisation, and a forward pass over stacked members."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

OUTPUTS = ("sigmoid", "tanh", "linear")
LEAK = 0.01  # slope of the leaky ReLU below zero
Value = TypeVar("Value")


class ByActivation(dict[str, Value]):
    """A value for each activation. Modules of others may have a leaky ReLU of another slope s, named leaky(s) by `leaky_name`.

    `leaky`, a function of the slope, makes its value."""

    def __init__(self, leaky: Callable[[float], Value], values: Mapping[str, Value]) -> None:
        super().__init__({"leaky": leaky(LEAK), **values})
        self.leaky = leaky

    def __missing__(self, name: str) -> Value:
        if not name.startswith("leaky("):
            raise KeyError(name)
        self[name] = self.leaky(float(name[6:-1]))
        return self[name]


def leaky_name(slope: float) -> str:
    """The name of the leaky ReLU with a slope below zero."""
    return "leaky" if slope == LEAK else f"leaky({slope!r})"


def leak_of(activation: str) -> float | None:
    """The slope below zero of a leaky ReLU, 'leaky' or as `leaky_name` names it; None for another activation.

    Raises ValueError unless the slope is between 0 and 1: then the function rises strictly, with a kink."""
    if activation == "leaky":
        return LEAK
    if not (activation.startswith("leaky(") and activation.endswith(")")):
        return None
    try:
        slope = float(activation[6:-1])
    except ValueError:
        slope = math.nan
    if not 0 < slope < 1:
        raise ValueError(f"a leaky ReLU has a slope between 0 and 1, as in 'leaky(0.25)'; got {activation!r}")
    return slope


FUNCTIONS = ByActivation[Callable[[Tensor], Tensor]](
    lambda slope: lambda z: torch.nn.functional.leaky_relu(z, slope),
    {
        "relu": torch.relu,
        "gelu": torch.nn.functional.gelu,
        "tanh": torch.tanh,
        "sine": torch.sin,
        "sigmoid": torch.sigmoid,
        "linear": lambda z: z,
    },
)
EXACT_ACTIVATIONS = ("relu", "leaky", "linear")  # rounded alike by vectorised and scalar code
Parameters = Mapping[str, Tensor]
Gradient = Callable[[], Float[Tensor, "members"]]

# Vectorised and scalar code for transcendental functions differ in the last bit, and torch uses the scalar code for the tail
# of a buffer. A buffer of a multiple of this many elements has no tail, so a member's numbers do not depend on the other
# members.
ALIGNMENT = 64


def aligned(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """An uninitialised tensor of `shape`, a view into a buffer of a multiple of ALIGNMENT elements."""
    size = math.prod(shape)
    return torch.empty(_round_up(size), dtype=like.dtype, device=like.device)[:size].view(shape)


def whole(value: Tensor) -> Tensor:
    """The buffer behind a tensor from `aligned`: elementwise functions applied to all of it have no scalar tail."""
    return value.as_strided((_round_up(value.numel()),), (1,), 0)


def activate(activation: str, value: Tensor) -> Tensor:
    """The activation of a contiguous tensor, differentiable and without a scalar tail.

    An element's result and slope do not depend on its position in the tensor."""
    missing = -value.numel() % ALIGNMENT
    if not missing or activation in EXACT_ACTIVATIONS:
        return FUNCTIONS[activation](value)
    buffer = torch.nn.functional.pad(value.reshape(-1), (0, missing))
    return FUNCTIONS[activation](buffer)[: value.numel()].view(value.shape)


def _round_up(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def differentiate(
    total: Callable[[Parameters], tuple[Tensor, Tensor]], parameters: Parameters, gradients: Parameters
) -> Float[Tensor, "members"]:
    """Write the gradient of a loss to `gradients`, by autograd, and return another loss: (E,).

    total(parameters) returns both: the loss that is differentiated and the loss that is returned, each (E,)."""
    leaves = {name: value.detach().requires_grad_(True) for name, value in parameters.items()}
    with torch.enable_grad():
        objective, reported = total(leaves)
        slopes = torch.autograd.grad(objective.sum(), list(leaves.values()))
    for target, slope in zip(gradients.values(), slopes, strict=True):
        target.copy_(slope)
    return reported.detach()


@dataclass(frozen=True)
class Layer:
    """One affine map of a chain with the activation after it: weight (E, in, out), bias (E, 1, out)."""

    weight: Tensor
    bias: Tensor
    activation: str

    def __repr__(self) -> str:
        members, wide, out = self.weight.shape
        count = f"{members} member{'' if members == 1 else 's'}"
        kind = str(self.weight.dtype).removeprefix("torch.")
        return f"<Layer: {wide} → {out}, {self.activation}; {count}, {kind} on {self.weight.device}>"


@dataclass(frozen=True)
class Net(ABC):
    """An architecture without its weights: a frozen dataclass of JSON-able fields.

    A new architecture must supply `kind` (its key in NETS), `shapes`, `initial` and `forward`, and the fields `hidden`,
    `width`, `activation` and `output`. Ensembles, training, the model store and every study then work unchanged. It may
    override:
    - `prepare_gradient`, if a hand-written gradient is faster than autograd;
    - `layers`, if the net is a chain of affine maps;
    - `activations_per_point` and `operations_per_point`, if a parameter is used more than once per point;
    - `alone`, if large networks are trained faster one after another than side by side."""

    kind: ClassVar[str]
    inits: ClassVar[tuple[str, ...]] = ("torch",)  # the values of the field `init`, if a net has it

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
        """The map f of each member, applied to that member's points: (E, P, D)."""

    def prepare_gradient(
        self, parameters: Parameters, inputs: Tensor, targets: Tensor, gradients: Parameters
    ) -> Gradient:
        """A function that writes the gradient of each member's mean squared error ‖f(inputs) − targets‖² to `gradients`.

        Every call uses the current values of `parameters`, `inputs` and `targets` (E, P, D), and returns the errors: (E,). The
        next call may overwrite them, as buffers are reused: new buffers cost up to half the time of a step."""

        def errors(leaves: Parameters) -> tuple[Tensor, Tensor]:
            error = (self.forward(leaves, inputs) - targets).square().mean((1, 2))
            return error, error

        return lambda: differentiate(errors, parameters, gradients)

    def layers(self, parameters: Parameters) -> list[Layer]:
        """The chain of affine maps and activations. Raises ValueError if the net is no such chain."""
        raise ValueError(f"expected a net that is a chain of affine maps (mlp); {self.kind!r} is not one")

    def without_squash(self) -> Net:
        """The same net with a linear output."""
        changed: dict[str, Any] = {"output": "linear"}
        return replace(self, **changed)

    def alone(self, dim: int, points: int) -> bool:
        """Whether a CPU trains networks faster one after another than four side by side, at `points` points per step."""
        return False

    def least_width(self, dim: int) -> int:
        """The smallest `width` the architecture can have."""
        return 1

    def parameter_count(self, dim: int) -> int:
        """Number of parameters of one member."""
        return sum(math.prod(shape) for shape in self.shapes(dim).values())

    def activations_per_point(self, dim: int) -> int:
        """The numbers that a member stores per point in training. Block sizes and memory estimates depend on it."""
        return dim + sum(shape[-1] for name, shape in self.shapes(dim).items() if name.endswith("weight"))

    def operations_per_point(self, dim: int) -> int:
        """The multiplications of a member's forward pass at one point: by default one per parameter."""
        return self.parameter_count(dim)

    def spec(self) -> dict[str, Any]:
        """The JSON form: {"kind": …, field: value …}."""
        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind, **fields}
