"""The layers of a network, ordinary or injective, as affine maps with functions of single coordinates after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.facts import Shown
from landscape.measures.local.jacobian import SLOPES
from landscape.measures.maps import Map, expect_map, layers_of
from landscape.nets import Injective, Layer
from landscape.nets.net import FUNCTIONS, LEAK
from landscape.wrapping import Wrapped

RISING = ("tanh", "sigmoid", "linear")  # activations that rise strictly, besides a leaky ReLU with a slope above zero
LARGEST_LAYER = 2**25  # entries of a convolution's matrix, at most: 268 MB


@dataclass(frozen=True, eq=False, repr=False)
class Stage(Shown):
    """A layer of stacked members: x ↦ a(z) with z = x·weight + bias, or a(z) − outer·a(−inner·z) of an injective net.

    `weight` is (E, in, out), `bias` (E, 1, out). `inner` and `outer`, (E, 1, out), are positive, or None."""

    weight: Float[Tensor, "members inputs outputs"]
    bias: Float[Tensor, "members one outputs"]
    activation: str
    inner: Tensor | None = None
    outer: Tensor | None = None

    @property
    def width(self) -> int:
        return int(self.weight.shape[2])

    @property
    def below(self) -> float | None:
        """The activation's slope below zero, if it is linear on either side of zero, with slope 1 above; else None."""
        if self.activation == "linear":
            return 1.0
        if self.activation.startswith("leaky"):
            return LEAK if self.activation == "leaky" else float(self.activation[6:-1])
        return 0.0 if self.activation == "relu" else None

    @property
    def rises(self) -> bool:
        """Whether the function after the affine map rises strictly, so that it merges no values."""
        return self.inner is not None or self.activation in RISING or (self.below or 0.0) > 0

    @property
    def has_kinks(self) -> bool:
        """Whether the function after the affine map is linear on either side of zero, and may have a kink there."""
        return self.below is not None

    @property
    def finite(self) -> Bool[Tensor, "members"]:
        """Of each member, whether all numbers of the layer are finite: (E,)."""
        numbers = [one for one in (self.weight, self.bias, self.inner, self.outer) if one is not None]
        return torch.stack([one.isfinite().flatten(1).all(1) for one in numbers]).all(0)

    def select(self, members: slice) -> Stage:
        """The layer of the chosen members."""
        scales = [None if scale is None else scale[members] for scale in (self.inner, self.outer)]
        return replace(self, weight=self.weight[members], bias=self.bias[members], inner=scales[0], outer=scales[1])

    def before(self, value: Float[Tensor, "members points inputs"]) -> Float[Tensor, "members points outputs"]:
        """The values z of the affine map: (E, P, out)."""
        return torch.baddbmm(self.bias, value, self.weight)

    def after(self, before: Float[Tensor, "members points outputs"]) -> Float[Tensor, "members points outputs"]:
        """The values of the layer where its affine map has the values z: (E, P, out)."""
        function = FUNCTIONS[self.activation]
        value = function(before)
        if self.inner is None or self.outer is None:
            return value
        return value - self.outer * function(-self.inner * before)

    def slope(self, before: Float[Tensor, "members points outputs"]) -> Float[Tensor, "members points outputs"]:
        """The slope of the function after the affine map at z: (E, P, out). At a kink it is that of one side.

        A ReLU has the slope 0 at zero, as in torch."""
        slopes = SLOPES[self.activation]
        if self.inner is None or self.outer is None:
            return slopes(before)
        below = self.inner * self.outer * slopes(-self.inner * before)
        return torch.where((before == 0) & (self.below is not None), torch.ones_like(before), slopes(before) + below)

    def active(self, before: Float[Tensor, "members points outputs"]) -> Bool[Tensor, "members points outputs"]:
        """Which units pass small changes of z on: (E, P, out). Of ReLU those with z ≥ 0, of strictly rising functions all."""
        if self.rises:
            return torch.ones_like(before, dtype=torch.bool)
        return before >= 0 if self.activation == "relu" or self.below == 0 else self.slope(before) != 0


def stages_of(model: Map, *, last: bool = False) -> list[Stage]:
    """The hidden layers of a network, first to last, in float64 on the CPU; with `last` also the affine map to its output.

    Raises ValueError, with the reason in one line, for what is no chain of layers."""
    expect_map(model)
    exact = model.to("cpu").to(dtype=torch.float64)  # in two steps, as MPS cannot hold float64
    if isinstance(exact, Ensemble) and isinstance(exact.net, Injective):
        return _of_injective(exact, exact.net, last)
    read = exact.layers_of_size(LARGEST_LAYER) if isinstance(exact, Wrapped) else layers_of(exact)
    layers = [_double(layer) for layer in read]
    stages = [Stage(layer.weight, layer.bias, layer.activation) for layer in layers]
    return [*stages[:-1], *([replace(stages[-1], activation="linear")] if last else [])]


def of_member(stages: Sequence[Stage], member: int) -> list[Stage]:
    """The layers of one member, with a member axis of 1."""
    return [stage.select(slice(member, member + 1)) for stage in stages]


def _of_injective(exact: Ensemble, net: Injective, last: bool) -> list[Stage]:
    parameters = exact.parameters
    stages = [
        Stage(layer.matrix, layer.bias, net.activation, layer.inner, layer.outer)
        for layer in net.hidden_layers(parameters)
    ]
    leave = Stage(parameters["leave.weight"], parameters["leave.bias"], "linear")
    return [*stages, *([leave] if last else [])]


def _double(layer: Layer) -> Layer:
    return Layer(layer.weight.detach().double(), layer.bias.detach().double(), layer.activation)
