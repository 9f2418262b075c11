"""Other people's networks, and functions, as maps that every measure takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets import Layer
from landscape.wrapping.members import Members, as_chain, stacked
from landscape.wrapping.reading import read


@dataclass(frozen=True, eq=False)
class Wrapped:
    """A map made by `landscape.wrap`: (E, P, D) → (E, P, D), points flattened.

    - `shape`: of one point, D numbers. `low`, `high`: the range of the data. `dtype`, `device`: where it computes.
    - `labels`: the members' names, where calls were given by name.
    - `stochastic`, `stateful`: why an image may differ from call to call, or depends on other points; else empty.
    - `activations_per_point`, `operations_per_point`: the numbers that a call makes for a point, and its multiplications.
    - `numbers_at_work`: how many numbers a call holds at once per point, where no activations are kept."""

    how: Members
    shape: tuple[int, ...]
    low: float
    high: float
    dtype: torch.dtype
    device: torch.device
    labels: tuple[str, ...]
    stochastic: str
    stateful: str
    activations_per_point: int
    operations_per_point: int
    numbers_at_work: int

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        return self.how(points if points.dtype == self.dtype else points.to(self.dtype))

    def __repr__(self) -> str:
        count = f"{self.members} member{'' if self.members == 1 else 's'}"
        names = f" ({', '.join(self.labels)})" if self.labels else ""
        notes = "".join(f"; {reason}" for reason in (self.stochastic, self.stateful) if reason)
        return (
            f"<{type(self).__name__}: {count}{names} of {self.how.title}, points of {self.shape} in [{self.low:g}, "
            f"{self.high:g}], {str(self.dtype).removeprefix('torch.')} on {self.device}{notes}>"
        )

    @property
    def members(self) -> int:
        return self.how.count

    @property
    def dim(self) -> int:
        return math.prod(self.shape)

    @cached_property
    def _layers(self) -> list[Layer] | str:
        """The stacked chain, or why there is none."""
        if reason := self.stochastic or self.stateful:
            return f"exact measures need a function of each point alone; the module {reason}"
        try:
            return self.how.layers(self.dtype, self.device)
        except ValueError as error:
            return str(error)

    def layers(self) -> list[Layer]:
        """The stacked chain of affine maps and activations, as read from the modules' code.

        Raises ValueError for what is no such chain, and names the layer that is in the way."""
        if isinstance(self._layers, str):
            raise ValueError(self._layers)
        return self._layers

    def layers_of_size(self, largest: int) -> list[Layer]:
        """As `layers`, in float64 on the CPU, with convolutions as matrices of up to `largest` entries. Nothing is kept."""
        parts = getattr(self.how, "parts", ())
        if not parts or self.stochastic or self.stateful:
            return self.layers()
        return stacked([read(part, largest) for part in parts])

    def without_squash(self) -> Wrapped:
        """The same maps with a linear output. Raises ValueError, as `layers`, for what is no chain of layers."""
        last = self.layers()[-1].activation
        return (
            self
            if last == "linear"
            else replace(self, how=as_chain(self.how, self.device, self.dtype).without_squash())
        )

    def select(self, indices: Tensor | Sequence[int] | slice) -> Wrapped:
        """The map of the chosen members."""
        if isinstance(indices, slice) and indices.indices(self.members) == (0, self.members, 1):
            return self
        some = indices if isinstance(indices, slice) else torch.as_tensor(indices).tolist()
        labels = self.labels and (self.labels[some] if isinstance(some, slice) else tuple(self.labels[i] for i in some))
        return replace(self, how=self.how.select(some), labels=labels)

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Wrapped:
        """The same map on another device or in another precision.

        Parameters and buffers are cast. A program that cannot be cast keeps its precision, and a note says so."""
        there = self.device if device is None else torch.device(device)
        kind = dtype or self.dtype
        if there == self.device and kind == self.dtype:
            return self
        moved = self.how.to(None if there == self.device else there, None if kind == self.dtype else kind)
        return replace(self, how=moved, device=there, dtype=kind)
