"""What architectures share: checks of their fields, points as images, and the initial linear layer of PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from landscape.choices import ACTIVATIONS
from landscape.nets.net import OUTPUTS

NETS_FOR_ANY_POINTS = ("mlp", "residual", "transformer", "injective")  # these take points of any dimension
# Multiplications per step from which members are trained one after another. Above it, training them side by side gained at
# most a fifth (an eighth for attention), and a single member needs no padding to four.
ALONE_OPERATIONS = 2**25


@runtime_checkable
class Sized(Protocol):
    """The fields that every architecture has."""

    @property
    def kind(self) -> str: ...
    @property
    def inits(self) -> tuple[str, ...]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def activation(self) -> str: ...
    @property
    def output(self) -> str: ...


def check(net: Sized, *, hidden: int = 1, width: int = 1, activations: Sequence[str] = ACTIVATIONS) -> None:
    """Raise ValueError if a net has fewer layers than `hidden`, a width below `width`, or an unknown activation, output or
    initialisation."""
    for name, least in (("hidden", hidden), ("width", width)):
        if getattr(net, name) < least:
            raise ValueError(f"{net.kind} needs `{name}` of at least {least}; got {getattr(net, name)}")
    for name, allowed in (("activation", activations), ("output", OUTPUTS)):
        if getattr(net, name) not in allowed:
            raise ValueError(_one_of(name, net.kind, allowed, getattr(net, name)))
    init = getattr(net, "init", net.inits[0])
    if init not in net.inits:
        raise ValueError(_one_of("init", net.kind, net.inits, init))


def whole_numbers(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape as a tuple; JSON gives a list."""
    return tuple(int(side) for side in shape)


def image_form(kind: str, shape: Sequence[int], dim: int, side: int = 2) -> tuple[int, int, int]:
    """Height, width and channels of a point of `dim` coordinates as an image.

    `shape` is (h, w) or (h, w, channels). With () or (D,) the coordinates form a square, if D is a square number: 16 are
    4 × 4. Raises ValueError for points that form no image with sides of at least `side`."""
    if len(shape) in (2, 3):
        form = (shape[0], shape[1], shape[2] if len(shape) == 3 else 1)
        if math.prod(form) != dim:
            raise ValueError(f"`shape` {shape} of {kind} has {math.prod(form)} coordinates; got points of {dim}")
    else:
        form = (math.isqrt(dim), math.isqrt(dim), 1)
    if math.prod(form) != dim or min(form[:2]) < side:
        raise ValueError(
            f"{kind} needs images or points that form a square of side {side} or more; got points of {_shown(shape, dim)}. "
            f"{', '.join(NETS_FOR_ANY_POINTS[:-1])} and {NETS_FOR_ANY_POINTS[-1]} take them"
        )
    return form


def linear(fan_in: int, fan_out: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The initial weight (in, out) and bias (1, out) of torch.nn.Linear: U(±1/√in)."""
    bound = 1 / math.sqrt(fan_in)
    weight = torch.empty(fan_out, fan_in).uniform_(-bound, bound, generator=generator)
    return weight.T.contiguous(), torch.empty(1, fan_out).uniform_(-bound, bound, generator=generator)


def _one_of(name: str, kind: str, allowed: Sequence[str], value: str) -> str:
    return f"`{name}` of {kind} must be one of {', '.join(map(repr, allowed))}; got {value!r}"


def _shown(shape: Sequence[int], dim: int) -> str:
    if len(shape) > 1:
        return " × ".join(map(str, shape))
    return f"{dim} coordinate{'s' if dim > 1 else ''}"
