"""What convolutional nets share: 3 × 3 layers laid out as a list, and a forward pass over stacked members."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d, interpolate

from landscape.nets.fields import check, image_form, whole_numbers
from landscape.nets.net import Net, Parameters, activate

# Members computed in one grouped convolution on a CPU. Always as many: oneDNN's last bits change with the number of groups.
GROUP = 4
CHANNEL_BLOCK = 8  # grouped convolutions of other numbers of channels take a slow route, worth it for tiny steps alone
LARGE_STEP, TINY_STEP = 2**24, 2**21  # multiplications a step from which company gained at most a quarter, or nothing
NARROWEST = 2  # side below which an image is not halved


@dataclass(frozen=True)
class Convolution:
    """A 3 × 3 layer whose output has `size`. Its input is the output before, halved by a `stride` of 2 or enlarged to `size`
    by repetition, with the output of layer `skip` behind it."""

    channels_in: int
    channels_out: int
    size: tuple[int, int]
    stride: int = 1
    skip: int | None = None

    @property
    def operations(self) -> int:
        return 9 * self.channels_in * self.channels_out * math.prod(self.size)

    @property
    def weight(self) -> tuple[int, int, int, int]:
        return self.channels_out, self.channels_in, 3, 3


@dataclass(frozen=True)
class ConvolutionalNet(Net):
    """A chain of 3 × 3 convolutions, zeros around the image. A new one supplies `plan`.

    Points are images of `shape` (h, w) or (h, w, 3); others must form a square: 16 coordinates are taken as 4 × 4. `init` is
    'torch', as torch.nn.Conv2d's begin, or 'he' (N(0, 2/in), zero biases). Members are computed four at a time by grouped
    convolution where a step is small, else one by one with channels last: on a CPU grouped was 1.2 to 2.1 times as fast as a
    loop for small steps and slower for large ones; im2col with stacked products took 2 to 5 times as long, vmap (one grouped
    convolution) changes a member's bits."""

    inits: ClassVar[tuple[str, ...]] = ("torch", "he")
    least_hidden: ClassVar[int] = 1  # the fewest layers that make the architecture
    least_side: ClassVar[int] = 2
    hidden: int = 4
    width: int = 16
    activation: str = "relu"
    output: str = "sigmoid"
    shape: Sequence[int] = ()
    init: str = "torch"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", whole_numbers(self.shape))
        check(self, hidden=self.least_hidden)

    @abstractmethod
    def plan(self, dim: int) -> list[Convolution]:
        """The layers for points of `dim` coordinates; the last one, `hidden` + 1, has the image's channels."""

    def form(self, dim: int) -> tuple[int, int, int]:
        """Height, width and channels of a point; ValueError where it has none."""
        return image_form(self.kind, self.shape, dim, self.least_side)

    def shapes(self, dim: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for index, layer in enumerate(self.plan(dim)):
            shapes[f"layers.{index}.weight"] = layer.weight
            shapes[f"layers.{index}.bias"] = (layer.channels_out,)
        return shapes

    def initial(self, dim: int, generator: torch.Generator) -> dict[str, Tensor]:
        parameters = {}
        for name, shape in self.shapes(dim).items():
            if name.endswith("weight"):
                fan_in = math.prod(shape[1:])
            if self.init == "torch":
                bound = 1 / math.sqrt(fan_in)
                parameters[name] = torch.empty(shape).uniform_(-bound, bound, generator=generator)
            elif name.endswith("weight"):
                parameters[name] = torch.empty(shape).normal_(0, math.sqrt(2 / fan_in), generator=generator)
            else:
                parameters[name] = torch.zeros(shape)
        return parameters

    def spec(self) -> dict[str, Any]:
        own = super().spec()
        if self.init == "torch":  # a later field: networks trained before it keep their keys
            del own["init"]
        return own

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        members, count, dim = points.shape
        plan = self.plan(dim)
        apart = {name: value.unbind(0) for name, value in parameters.items()}
        parts = []
        for some in _groups(members, self._group(dim, count, points.device)):
            weights = [_together(apart[f"layers.{index}.weight"][some]) for index in range(len(plan))]
            biases = [_together(apart[f"layers.{index}.bias"][some]) for index in range(len(plan))]
            parts.append(self._chain(plan, weights, biases, points[some]))
        return torch.cat(parts) if parts else points

    def alone(self, dim: int, points: int) -> bool:
        large = LARGE_STEP if self.width % CHANNEL_BLOCK == 0 else TINY_STEP
        return points * self.operations_per_point(dim) >= large

    def activations_per_point(self, dim: int) -> int:
        layers = self.plan(dim)
        stored = sum(layer.channels_out * math.prod(layer.size) for layer in layers)
        enlarged = (after for before, after in pairwise(layers) if math.prod(after.size) > math.prod(before.size))
        built = sum(layer.channels_in * math.prod(layer.size) for layer in enlarged)
        return dim + stored + built

    def operations_per_point(self, dim: int) -> int:
        return sum(layer.operations for layer in self.plan(dim))

    def _group(self, dim: int, count: int, device: torch.device) -> int:
        """How many members one convolution computes: on a GPU all, as few and large kernels are what it needs."""
        if device.type != "cpu":
            return 0
        return 1 if self.alone(dim, count) else GROUP

    def _chain(self, plan: list[Convolution], weights: list[Tensor], biases: list[Tensor], points: Tensor) -> Tensor:
        """Some members' outputs, their channels one after another: a lone one's image has its channels last, as points do."""
        members, count, dim = points.shape
        height, width, channels = self.form(dim)
        images = points.reshape(members, count, height, width, channels)
        if members == 1:
            value = images[0].permute(0, 3, 1, 2)
        else:
            value = images.permute(1, 0, 4, 2, 3).reshape(count, members * channels, height, width)
        outputs: list[Tensor] = []
        for index, layer in enumerate(plan):
            if layer.stride == 1 and value.shape[-2:] != layer.size:
                value = interpolate(value, layer.size)
            if layer.skip is not None:
                value = _beside(value, outputs[layer.skip], members)
            value = conv2d(value, weights[index], biases[index], layer.stride, 1, groups=members)
            last = index == len(plan) - 1
            value = activate(self.output if last else self.activation, value)
            outputs.append(value)
        split = value.reshape(count, members, channels, height, width)
        return split.permute(1, 0, 3, 4, 2).reshape(members, count, dim)


def halvings(size: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """The sizes after 0, 1, … halvings, rounded up, `most` of them at most, while the smaller side is above NARROWEST."""
    sizes = [size]
    while len(sizes) <= most and min(sizes[-1]) > NARROWEST:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def _groups(members: int, size: int) -> Iterator[slice]:
    """Slices of `size` members (0: all); those left over one by one."""
    whole = members - members % size if size else members
    yield from (slice(start, start + (size or members)) for start in range(0, whole, size or max(members, 1)))
    yield from (slice(start, start + 1) for start in range(whole, members))


def _together(values: tuple[Tensor, ...]) -> Tensor:
    return values[0] if len(values) == 1 else torch.cat(values)


def _beside(value: Tensor, other: Tensor, members: int) -> Tensor:
    """The channels of both, each member's together."""
    if members == 1:
        return torch.cat([value, other], 1)
    count, size = len(value), value.shape[-2:]
    split = [one.reshape(count, members, -1, *size) for one in (value, other)]
    return torch.cat(split, 2).flatten(1, 2)
