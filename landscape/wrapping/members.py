"""Ways to evaluate the members of a wrapped map: one after another, as stacked layers, or by torch.func.vmap."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets import Layer
from landscape.wrapping.affine import run_chain
from landscape.wrapping.parts import Part
from landscape.wrapping.reading import read

Place = str | torch.device | None
MOST_ENTRIES = (
    1.1  # of the modules' parameters: a chain with more entries has layers that are no matrices by themselves
)
# On a CPU, torch.func.vmap is the faster way with at least so many members, and at most so many numbers that a call makes for
# a member. A call by vmap has a fixed cost, that of about 10 calls of a module: 8 members took 1.0 to 1.4 times as long as by a
# loop. 12 to 64 members with layer norm of width 16 to 256 took 0.2 to 1.0 times as long below 2^16 numbers. Above 2^17 most
# took longer, up to twice as long, because vmap computes layer norm in several passes over the numbers.
LEAST_IN_VMAP = 12
MOST_IN_VMAP = 2**16


class Members(ABC):
    """The maps of all members: (E, P, D) → (E, P, D). A new kind supplies the methods below."""

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of members."""

    @property
    def title(self) -> str:
        """What is called, in words."""
        return "a chain of dense layers"

    @abstractmethod
    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]: ...

    @abstractmethod
    def layers(self, dtype: torch.dtype, device: torch.device) -> list[Layer]:
        """The stacked chain of affine maps. Raises ValueError, with the layer that is in the way, for what is no chain."""

    @abstractmethod
    def select(self, some: slice | list[int]) -> Members:
        """The chosen members."""

    @abstractmethod
    def to(self, device: Place, dtype: torch.dtype | None) -> Members:
        """The same members on another device or in another precision."""


@dataclass(frozen=True, eq=False)
class Loop(Members):
    """Each member's own code, one member after another."""

    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        return len(self.parts)

    @property
    def title(self) -> str:
        return self.parts[0].called.title

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        if len(self.parts) == 1:
            return self.parts[0](points)
        return torch.stack([part(some) for part, some in zip(self.parts, points, strict=True)])

    @cached_property
    def read(self) -> list[Layer]:
        """The layers of all members in float64 on the CPU, stacked."""
        return stacked([read(part) for part in self.parts])

    def layers(self, dtype: torch.dtype, device: torch.device) -> list[Layer]:
        return [placed(layer, device, dtype) for layer in self.read]

    def select(self, some: slice | list[int]) -> Loop:
        parts = self.parts[some] if isinstance(some, slice) else tuple(self.parts[place] for place in some)
        return Loop(parts)

    def to(self, device: Place, dtype: torch.dtype | None) -> Loop:
        return Loop(tuple(part.to(device, dtype) for part in self.parts))


def placed(layer: Layer, device: Place, dtype: torch.dtype | None) -> Layer:
    """The layer on another device or in another precision."""
    return Layer(layer.weight.to(device, dtype), layer.bias.to(device, dtype), layer.activation)


def _rows(layer: Layer, some: slice | list[int]) -> Layer:
    return Layer(layer.weight[some], layer.bias[some], layer.activation)


def _form(layer: Layer) -> str:
    """The sizes and the activation of a layer, such as 3 → 5 relu."""
    return f"{layer.weight.shape[1]} → {layer.weight.shape[2]} {layer.activation}"


def stacked(chains: Sequence[list[Layer]]) -> list[Layer]:
    """The chains of single members, (1, in, out) each, as one of all. Raises ValueError for chains of different shapes."""
    forms = [", ".join(_form(layer) for layer in chain) for chain in chains]
    other = next((place for place, form in enumerate(forms) if form != forms[0]), None)
    if other is not None:
        raise ValueError(
            f"the members' layers cannot be stacked, as their sizes or activations differ: model 1 has {forms[0]}, and model "
            f"{other + 1} has {forms[other]}; wrap models of one architecture, or each by itself"
        )
    return [
        Layer(
            torch.cat([layer.weight for layer in layers]),
            torch.cat([layer.bias for layer in layers]),
            layers[0].activation,
        )
        for layers in zip(*chains, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class Dense(Members):
    """Members whose layers are stacked: all are evaluated by one matrix product a layer.

    `exact` is the chain in float64, as it was read, and `chain` its cast."""

    exact: tuple[Layer, ...]
    chain: tuple[Layer, ...]

    @property
    def count(self) -> int:
        return len(self.chain[0].weight)

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        return run_chain(self.chain, points)

    def layers(self, dtype: torch.dtype, device: torch.device) -> list[Layer]:
        return [placed(layer, device, dtype) for layer in self.exact]

    def select(self, some: slice | list[int]) -> Dense:
        return Dense(
            tuple(_rows(layer, some) for layer in self.exact), tuple(_rows(layer, some) for layer in self.chain)
        )

    def to(self, device: Place, dtype: torch.dtype | None) -> Dense:
        kind, there = dtype or self.chain[0].weight.dtype, device or self.chain[0].weight.device
        return Dense(self.exact, tuple(placed(layer, there, kind) for layer in self.exact))

    def without_squash(self) -> Dense:
        """The same chains with a linear output."""
        return Dense(*((*chain[:-1], replace(chain[-1], activation="linear")) for chain in (self.exact, self.chain)))


@dataclass(frozen=True, eq=False)
class Stacked(Members):
    """Modules of one architecture, whose parameters and buffers are stacked: torch.func.vmap evaluates all at once.

    On a CPU, a call of few members, or of more than `most` points, is faster by a loop, and takes it. The images of both agree
    up to rounding."""

    parts: tuple[Part, ...]
    values: dict[str, Tensor]
    most: int

    @property
    def count(self) -> int:
        return len(self.parts)

    @property
    def title(self) -> str:
        return self.parts[0].called.title

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        first = self.parts[0]
        if points.device.type == "cpu" and (points.shape[1] > self.most or self.count < LEAST_IN_VMAP):
            return Loop(self.parts)(points)

        def one(values: dict[str, Tensor], some: Tensor) -> Tensor:
            return first.by(lambda batch: torch.func.functional_call(first.called, values, (batch,)), some)

        image: Tensor = torch.func.vmap(one)(self.values, points)
        return image

    def layers(self, dtype: torch.dtype, device: torch.device) -> list[Layer]:
        return Loop(self.parts).layers(dtype, device)

    def select(self, some: slice | list[int]) -> Stacked:
        values = {name: value[some] for name, value in self.values.items()}
        return Stacked(Loop(self.parts).select(some).parts, values, self.most)

    def to(self, device: Place, dtype: torch.dtype | None) -> Members:
        return in_stack(Loop(self.parts).to(device, dtype).parts, self.most)


def as_chain(members: Members, device: torch.device, dtype: torch.dtype) -> Dense:
    """The members as stacked chains. Raises ValueError for what is no chain."""
    if isinstance(members, Dense):
        return members
    exact = members.layers(torch.float64, torch.device("cpu"))
    return Dense(tuple(exact), tuple(placed(layer, device, dtype) for layer in exact))


def dense(parts: Sequence[Part], device: torch.device, dtype: torch.dtype) -> Dense:
    """As `as_chain`, for modules of dense layers. Raises ValueError for others, too, whose own code is faster."""
    chains = as_chain(Loop(tuple(parts)), device, dtype)
    entries = sum(layer.weight.numel() for layer in chains.exact)
    if entries > MOST_ENTRIES * sum(value.numel() for part in parts for value in part.called.parameters()):
        raise ValueError("as matrices, these layers take longer than by their own code")
    return chains


def in_stack(parts: Sequence[Part], most: int) -> Stacked:
    """The members with their parameters and buffers stacked, for calls of at most so many points on a CPU."""
    parameters, buffers = torch.func.stack_module_state([part.called for part in parts])
    return Stacked(tuple(parts), {name: value.detach() for name, value in {**parameters, **buffers}.items()}, most)
