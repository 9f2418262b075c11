"""What can be measured, any map of points (E, P, D) to (E, P, D), and how its work is cut into blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble import Ensemble
from landscape.nets import Layer

CPU_BLOCK = (
    2**20
)  # numbers at work at a time, 4 MB: measured best of 2^16 … 2^21 with 0.5 MB of own and 32 MB of shared cache
GPU_BLOCK = 2**27  # 512 MB: few and large kernels


@runtime_checkable
class Map(Protocol):
    """A map of the input space per member: an Ensemble, or one of the controls.

    A new one supplies what is below; every measure then works unchanged."""

    @property
    def members(self) -> int: ...

    @property
    def dim(self) -> int: ...

    @property
    def device(self) -> torch.device: ...

    def select(self, indices: slice, /) -> Map:
        """The map of the chosen members."""

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Map:
        """The same map on another device or in another precision."""

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]: ...


@runtime_checkable
class DifferentiatedMap(Map, Protocol):
    """A map that knows its own Jacobian, as the controls do; any other is differentiated by its layers or by torch."""

    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        """∂f_i/∂x_j at [..., i, j]: (E, P, D, D)."""


def per_member(map: Map, points: Tensor) -> Float[Tensor, "members points dim"]:
    """`points`, (P, D) for all members or (E, P, D), as (E, P, D) on the map's device and in its precision.

    Raises ValueError where the shape does not fit the map, and for a bare torch module."""
    expect_map(map)
    if points.ndim not in (2, 3) or points.shape[-1] != map.dim or (points.ndim == 3 and len(points) != map.members):
        raise ValueError(
            f"`points` must be (points, {map.dim}) or ({map.members}, points, {map.dim}); got {tuple(points.shape)}"
        )
    kind = precision(map)
    placed = (doubled(points) if kind == torch.float64 else points).to(map.device, kind)
    return placed.expand(map.members, *placed.shape[-2:])


def blockwise(
    function: Callable[[Map, Tensor], Tensor], map: Map, points: Float[Tensor, "members points dim"], numbers: int
) -> Tensor:
    """function(some members, their points) over blocks of members and points, put together: (E, P, …).

    `numbers` is how many numbers `function` keeps per point of one member."""
    rows, group = block_shape(points.shape[0], points.shape[1], numbers, points.device)
    bands = []
    for first in range(0, max(points.shape[0], 1), group):
        some = slice(first, first + group)
        member, place = map.select(some), points[some]
        parts = [function(member, place[:, row : row + rows]) for row in range(0, max(points.shape[1], 1), rows)]
        bands.append(parts[0] if len(parts) == 1 else torch.cat(parts, 1))
    return bands[0] if len(bands) == 1 else torch.cat(bands)


def block_shape(members: int, points: int, numbers: int, device: torch.device) -> tuple[int, int]:
    """How many points, of how many members, are worked on at a time."""
    budget = CPU_BLOCK if device.type == "cpu" else GPU_BLOCK
    rows = min(max(points, 1), max(1, budget // numbers))
    return rows, min(max(members, 1), max(1, budget // (rows * numbers)))


def numbers_per_point(map: Map) -> int:
    """How many numbers evaluating one member at one point keeps at once, at most."""
    return map.net.activations_per_point(map.dim) if isinstance(map, Ensemble) else 4 * map.dim


def numbers_at_work(map: Map) -> int:
    """How many numbers a forward pass holds at once per point: a layer's inputs and outputs, before and after squashing.

    Blocks as long as that allows reached the rate of the products alone; sized for all activations, they lost a tenth."""
    layers = chain(map)
    if layers is None:
        return numbers_per_point(map)
    return max(layer.weight.shape[1] + 2 * layer.weight.shape[2] for layer in layers)


def step_of(map: Map) -> Callable[[Tensor], Tensor]:
    """x → f(x) at points (E, P, D), a block at a time: an iteration."""
    numbers = numbers_at_work(map)
    return lambda points: blockwise(lambda member, some: member(some), map, points, numbers)


def precision(map: Map) -> torch.dtype:
    """The precision a map is evaluated in: its parameters', or float32."""
    return map.flat.dtype if isinstance(map, Ensemble) else torch.float32


def in_double(map: Map) -> Map:
    """The map in float64, on the CPU where its device has none."""
    expect_map(map)
    placed = map.to("cpu") if map.device.type == "mps" else map  # in two steps: MPS cannot hold float64 on the way
    return placed.to(dtype=torch.float64)


def doubled(values: Tensor) -> Tensor:
    """Numbers in float64, on the CPU where their device has none."""
    return (values.cpu() if values.device.type == "mps" else values).double()


def chain(map: Map) -> list[Layer] | None:
    """The stacked affine maps of an ensemble of chains, None for any other map."""
    if not isinstance(map, Ensemble):
        return None
    try:
        return map.layers()
    except ValueError:
        return None


def expect_map(given: object) -> None:
    """Raise ValueError, with what to do, for what lacks a part of a map, such as a bare torch module."""
    missing = [name for name in ("members", "dim", "device", "select", "to") if not hasattr(given, name)]
    if missing:
        kind = "the torch module " if isinstance(given, torch.nn.Module) else ""
        raise ValueError(
            f"a map must have members, dim, device, select and to; {kind}{type(given).__name__} lacks {', '.join(missing)}. "
            "Wrap it in a class that has them, as examples/own_module.py does"
        )
