"""Many networks of one architecture, their parameters stacked along a leading member axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache

import torch
from jaxtyping import Float
from threadpoolctl import ThreadpoolController
from torch import Tensor, nn

from landscape.facts import Facts, Shown
from landscape.nets import Layer, Net
from landscape.nets.plain import plain

# The last bits of stacked matrix products depend on the number of members unless that is a multiple of four (measured for
# E = 1…68 over 16 layer shapes and 11 batch sizes), and training amplifies the difference. So blocks are padded.
MEMBER_MULTIPLE = 4
ROW_ALIGNMENT = 16


@dataclass(frozen=True, eq=False)
class Ensemble(Shown):
    """E networks of one architecture. A call maps points (E, P, D) to (E, P, D): member e acts on points[e].

    `flat` (E, K) holds all parameters of a member in one row, in the order of `net.shapes(dim)`, padded with zeros."""

    net: Net
    dim: int
    flat: Tensor

    def __call__(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim"]:
        return self.net.forward(self.parameters, points)

    def __repr__(self) -> str:
        count = f"{self.members} member{'' if self.members == 1 else 's'}"
        kind = str(self.dtype).removeprefix("torch.")
        return f"<Ensemble: {count} of {self.net!r}, points of {self.dim} numbers, {kind} on {self.device}>"

    def facts(self) -> Facts:
        """The ensemble in a few words, for a notebook."""
        rows = {
            "network": repr(self.net),
            "points": f"{self.dim} numbers each",
            "parameters": f"{self.net.parameter_count(self.dim):,} per member",
            "precision": f"{str(self.dtype).removeprefix('torch.')} on {self.device}",
        }
        return Facts(f"Ensemble of {self.members} member{'' if self.members == 1 else 's'}", tuple(rows.items()))

    @property
    def members(self) -> int:
        return self.flat.shape[0]

    @property
    def device(self) -> torch.device:
        return self.flat.device

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the parameters, in which the map is evaluated."""
        return self.flat.dtype

    @property
    def activations_per_point(self) -> int:
        """The numbers that a member holds at once per point, when all activations are kept."""
        return self.net.activations_per_point(self.dim)

    @property
    def parameters(self) -> dict[str, Tensor]:
        """Views into `flat` by name, each with the member axis first."""
        return views(self.net, self.dim, self.flat)

    def layers(self) -> list[Layer]:
        """The stacked chain of affine maps. Raises ValueError if the net is no such chain."""
        return self.net.layers(self.parameters)

    def without_squash(self) -> Ensemble:
        """The same members with a linear output."""
        return replace(self, net=self.net.without_squash())

    def module(self, member: int = 0, shape: Sequence[int] | None = None) -> nn.Module:
        """One member as a plain torch.nn.Module, (P, *shape) → (P, *shape): an MLP is a Sequential of Linear layers.

        It has copies of the weights on their device, to be trained or exported. `shape` is by default (D,); images have their
        channels last. Outputs equal the ensemble's but for the rounding of matrix products. Raises ValueError for a member or a
        shape that there is not."""
        if not -self.members <= member < self.members:
            raise ValueError(f"`member` must be from 0 to {self.members - 1}; got {member}")
        weights = {name: value[member].detach().clone() for name, value in self.parameters.items()}
        return plain(self.net, self.dim, weights, shape)

    def select(self, indices: Tensor | Sequence[int] | slice) -> Ensemble:
        """The ensemble of the chosen members."""
        chosen = indices if isinstance(indices, slice) else torch.as_tensor(indices, device=self.device)
        return replace(self, flat=self.flat[chosen])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Ensemble:
        """The same members on another device or in another precision."""
        return replace(self, flat=self.flat.to(device=device, dtype=dtype))


def build(net: Net, dim: int, seeds: Sequence[int], device: str | torch.device = "cpu") -> Ensemble:
    """An untrained ensemble for inputs of `dim` coordinates. Member e depends on seeds[e] alone.

    Parameters are drawn on the CPU whatever the device, so that a seed gives the same network everywhere."""
    rows = torch.zeros(len(seeds), row_length(net, dim))
    with one_thread():
        for row, seed in zip(rows, seeds, strict=True):
            drawn = net.initial(dim, torch.Generator().manual_seed(seed))
            for name, view in views(net, dim, row[None]).items():
                view[0] = drawn[name]
    return Ensemble(net, dim, rows.to(device))


def row_length(net: Net, dim: int) -> int:
    """The length of a member's row in `flat`: its parameters, padded so that no vectorised loop ends within a row."""
    return -(-net.parameter_count(dim) // ROW_ALIGNMENT) * ROW_ALIGNMENT


def views(net: Net, dim: int, flat: Float[Tensor, "members parameters"]) -> dict[str, Tensor]:
    """The parameters in `flat` by name, shaped (E, …), sharing its memory."""
    named, start = {}, 0
    for name, shape in net.shapes(dim).items():
        size = math.prod(shape)
        named[name] = flat[:, start : start + size].view(flat.shape[0], *shape)
        start += size
    return named


def padded(flat: Tensor, multiple: int = MEMBER_MULTIPLE) -> Tensor:
    """`flat` with its last row repeated until the number of rows is a multiple of `multiple`."""
    missing = -flat.shape[0] % multiple
    return torch.cat([flat, flat[-1:].expand(missing, *flat.shape[1:])]) if missing else flat


@contextmanager
def threads(count: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Set torch and numpy to `count` threads within the block, if `device` is a CPU. On small matrices two threads of torch
    were up to 20 times slower than one, and two of numpy, on a busy machine, 4 times."""
    if torch.device(device).type != "cpu":
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with _products_of_numpy().limit(limits=count):
            yield
    finally:
        torch.set_num_threads(before)


@cache
def _products_of_numpy() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")


def one_thread() -> AbstractContextManager[None]:
    """Set torch to one thread within the block."""
    return threads(1)
