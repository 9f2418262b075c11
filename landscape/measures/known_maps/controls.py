"""Maps that learn nothing, for comparison with trained networks: constants, the identity, the nearest-neighbour memoriser."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.data import Dataset
from landscape.facts import Shown
from landscape.measures.maps import Map
from landscape.measures.neighbours.distances import closest
from landscape.names import unknown

CONTROLS = ("none", "constant", "half", "identity", "memoriser", "untrained")


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Shown):
    """The map f(x) = value, a constant (E, D) for each member."""

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
    """The map f(x) = x."""

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


@dataclass(frozen=True, eq=False, repr=False)
class Memoriser(Shown):
    """The map f(x) = the training point nearest to x, of `data` (E, N, D); of equally near points the one of lowest index."""

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
    """The control of the given name, with a member for each member of `dataset`, on the device of `untrained`.

    - 'constant': the mean of the training points. 'half': the middle of the data's range.
    - 'identity': f(x) = x. 'memoriser': the nearest training point. 'untrained': the map `untrained` itself.

    Raises ValueError for 'none', which stands for the trained network, and for any other name."""
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
    """The Jacobian of a map of slope zero: (E, P, D, D)."""
    return points.new_zeros(()).expand(*points.shape, points.shape[-1])
