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

# On a CPU a grouped convolution always computes this many members: oneDNN's last bits change with the number of groups.
MEMBERS_PER_GROUP = 4
CHANNEL_BLOCK = 8  # oneDNN is slow for grouped convolutions with a number of channels that is no multiple of this
ALONE_OPERATIONS, ALONE_OPERATIONS_ODD_WIDTH = (
    2**24,
    2**21,
)  # multiplications per step from which grouping members gains little
LEAST_SIDE = 2  # an image is halved only while its smaller side is above this


@dataclass(frozen=True)
class Convolution:
    """A 3 × 3 layer with output of `size` (height, width).

    Its input is the previous layer's output, enlarged to `size` by repetition if the stride is 1 and the sizes differ. The
    channels of layer `skip`, if given, are appended to the input. A `stride` of 2 halves the image."""

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
    """A chain of 3 × 3 convolutions with zero padding. A subclass supplies `plan`.

    Points are images of `shape` (h, w) or (h, w, 3). Points of another shape must form a square: 16 coordinates are 4 × 4.
    `init` is 'torch' (the default of torch.nn.Conv2d) or 'he' (N(0, 2/in), zero biases).

    On a CPU, members are computed four at a time by grouped convolution if a step is small, and otherwise one by one with
    channels last. Grouping was 1.2 to 2.1 times as fast as a loop for small steps, and slower for large ones. Two other ways
    were rejected: im2col with stacked products took 2 to 5 times as long, and vmap changes a member's last bits."""

    inits: ClassVar[tuple[str, ...]] = ("torch", "he")
    least_hidden: ClassVar[int] = 1  # the fewest layers with which the architecture is itself
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
        """The `hidden` + 1 layers for points of `dim` coordinates. The last layer has the image's channels."""

    def form(self, dim: int) -> tuple[int, int, int]:
        """Height, width and channels of a point. Raises ValueError for points that form no image."""
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
        content = super().spec()
        if self.init == "torch":  # added later: at its default it is left out, so that older keys stay valid
            del content["init"]
        return content

    def forward(
        self, parameters: Parameters, points: Float[Tensor, "members points dim"]
    ) -> Float[Tensor, "members points dim"]:
        members, count, dim = points.shape
        plan = self.plan(dim)
        by_member = {name: value.unbind(0) for name, value in parameters.items()}
        outputs = []
        for group in _groups(members, self._group(dim, count, points.device)):
            weights = [_joined(by_member[f"layers.{index}.weight"][group]) for index in range(len(plan))]
            biases = [_joined(by_member[f"layers.{index}.bias"][group]) for index in range(len(plan))]
            outputs.append(self._chain(plan, weights, biases, points[group]))
        return torch.cat(outputs) if outputs else points

    def alone(self, dim: int, points: int) -> bool:
        large = ALONE_OPERATIONS if self.width % CHANNEL_BLOCK == 0 else ALONE_OPERATIONS_ODD_WIDTH
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
        """The number of members in one convolution; 0 means all. A GPU takes all, as it is fastest with few large kernels."""
        if device.type != "cpu":
            return 0
        return 1 if self.alone(dim, count) else MEMBERS_PER_GROUP

    def _chain(self, plan: list[Convolution], weights: list[Tensor], biases: list[Tensor], points: Tensor) -> Tensor:
        """The outputs of a group of members: (members, P, D). Their channels are laid side by side in one grouped convolution.

        The images of a single member are stored with channels last, as points are."""
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
                value = _concatenated(value, outputs[layer.skip], members)
            value = conv2d(value, weights[index], biases[index], layer.stride, 1, groups=members)
            last = index == len(plan) - 1
            value = activate(self.output if last else self.activation, value)
            outputs.append(value)
        split = value.reshape(count, members, channels, height, width)
        return split.permute(1, 0, 3, 4, 2).reshape(members, count, dim)


def halvings(size: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """The sizes after 0, 1, … halvings, rounded up. Stops after `most` halvings, or at a smaller side of LEAST_SIDE."""
    sizes = [size]
    while len(sizes) <= most and min(sizes[-1]) > LEAST_SIDE:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def _groups(members: int, size: int) -> Iterator[slice]:
    """Slices of `size` members each (0: one slice of all). Members left over get a slice each."""
    whole = members - members % size if size else members
    yield from (slice(start, start + (size or members)) for start in range(0, whole, size or max(members, 1)))
    yield from (slice(start, start + 1) for start in range(whole, members))


def _joined(values: tuple[Tensor, ...]) -> Tensor:
    return values[0] if len(values) == 1 else torch.cat(values)


def _concatenated(value: Tensor, other: Tensor, members: int) -> Tensor:
    """The channels of both images in one; the channels of each member stay together."""
    if members == 1:
        return torch.cat([value, other], 1)
    count, size = len(value), value.shape[-2:]
    split = [image.reshape(count, members, -1, *size) for image in (value, other)]
    return torch.cat(split, 2).flatten(1, 2)
