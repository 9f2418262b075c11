"""Maps that learn nothing, to be measured beside every trained net: constants, the identity, the nearest training point."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.data import Dataset
from landscape.measures.maps import Map
from landscape.measures.neighbours.distances import closest
from landscape.names import unknown

CONTROLS = ("none", "constant", "half", "identity", "memoriser", "untrained")


@dataclass(frozen=True, eq=False)
class Constant:
    """f(x) = value of the member, (E, D)."""

    value: Float[Tensor, "members dim"]

    @property
    def members(self) -> int:
        return self.value.shape[0]

    @property
    def dim(self) -> int:
        return self.value.shape[1]

    @property
    def device(self) -> torch.device:
        return self.value.device

    def select(self, indices: slice, /) -> Constant:
        return Constant(self.value[indices])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Constant:
        return Constant(self.value.to(device=device, dtype=dtype))

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]:
        return self.value[:, None].to(points.dtype).expand_as(points)

    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        return _flat(points)


@dataclass(frozen=True, eq=False)
class Identity:
    """f(x) = x."""

    members: int
    dim: int
    device: torch.device = torch.device("cpu")  # noqa: RUF009

    def select(self, indices: slice, /) -> Identity:
        return replace(self, members=len(range(self.members)[indices]))

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Identity:
        return self if device is None else replace(self, device=torch.device(device))

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]:
        return points

    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        eye = torch.eye(self.dim, dtype=points.dtype, device=points.device)
        return eye.expand(*points.shape, self.dim)


@dataclass(frozen=True, eq=False)
class Memoriser:
    """f(x) = the training point nearest to x, the first of equals; data (E, N, D)."""

    data: Float[Tensor, "members data dim"]

    @property
    def members(self) -> int:
        return self.data.shape[0]

    @property
    def dim(self) -> int:
        return self.data.shape[2]

    @property
    def device(self) -> torch.device:
        return self.data.device

    def select(self, indices: slice, /) -> Memoriser:
        return Memoriser(self.data[indices])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Memoriser:
        return Memoriser(self.data.to(device=device, dtype=dtype))

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]:
        data = self.data.to(points.dtype)
        _, index = closest(points.detach(), data)
        return data[torch.arange(len(data), device=data.device)[:, None], index]

    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        return _flat(points)


def control(name: str, dataset: Dataset, untrained: Map) -> Map:
    """The control called `name`, one member per member of `dataset`, on the device of the untrained ensemble.

    'constant' is the training mean, 'half' the middle of the data's range, 'untrained' the given untrained ensemble. Raises
    ValueError for 'none', which stands for the trained net itself, and for any other name."""
    points = dataset.points.to(untrained.device)
    members, _, dim = points.shape
    if name == "constant":
        return Constant(points.mean(1))
    if name == "half":
        return Constant(points.new_full((members, dim), (dataset.low + dataset.high) / 2))
    if name == "identity":
        return Identity(members, dim, points.device)
    if name == "memoriser":
        return Memoriser(points)
    if name == "untrained":
        return untrained
    if name == "none":
        raise ValueError("`control` 'none' means the trained net, which is not built here; pass the net itself")
    raise ValueError(unknown("control", name, CONTROLS))


def _flat(points: Tensor) -> Tensor:
    return points.new_zeros(()).expand(*points.shape, points.shape[-1])
