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


def per_member(model: Map, points: Tensor) -> Float[Tensor, "members points dim"]:
    """`points`, (P, D) for all members or (E, P, D), as (E, P, D) on the map's device and in its precision.

    Raises ValueError where the shape does not fit the map."""
    if (
        points.ndim not in (2, 3)
        or points.shape[-1] != model.dim
        or (points.ndim == 3 and len(points) != model.members)
    ):
        raise ValueError(
            f"`points` must be (points, {model.dim}) or ({model.members}, points, {model.dim}); got {tuple(points.shape)}"
        )
    kind = precision(model)
    placed = (doubled(points) if kind == torch.float64 else points).to(model.device, kind)
    return placed.expand(model.members, *placed.shape[-2:])


def blockwise(
    function: Callable[[Map, Tensor], Tensor], model: Map, points: Float[Tensor, "members points dim"], numbers: int
) -> Tensor:
    """function(some members, their points) over blocks of members and points, put together: (E, P, …).

    `numbers` is how many numbers `function` keeps per point of one member."""
    rows, group = block_shape(points.shape[0], points.shape[1], numbers, points.device)
    bands = []
    for first in range(0, max(points.shape[0], 1), group):
        some = slice(first, first + group)
        member, place = model.select(some), points[some]
        parts = [function(member, place[:, row : row + rows]) for row in range(0, max(points.shape[1], 1), rows)]
        bands.append(parts[0] if len(parts) == 1 else torch.cat(parts, 1))
    return bands[0] if len(bands) == 1 else torch.cat(bands)


def block_shape(members: int, points: int, numbers: int, device: torch.device) -> tuple[int, int]:
    """How many points, of how many members, are worked on at a time."""
    budget = CPU_BLOCK if device.type == "cpu" else GPU_BLOCK
    rows = min(max(points, 1), max(1, budget // numbers))
    return rows, min(max(members, 1), max(1, budget // (rows * numbers)))


def numbers_per_point(model: Map) -> int:
    """How many numbers evaluating one member at one point keeps at once, at most."""
    return model.net.activations_per_point(model.dim) if isinstance(model, Ensemble) else 4 * model.dim


def numbers_at_work(model: Map) -> int:
    """How many numbers a forward pass holds at once per point: a layer's inputs and outputs, before and after squashing.

    Blocks as long as that allows reached the rate of the products alone; sized for all activations, they lost a tenth."""
    layers = chain(model)
    if layers is None:
        return numbers_per_point(model)
    return max(layer.weight.shape[1] + 2 * layer.weight.shape[2] for layer in layers)


def step_of(model: Map) -> Callable[[Tensor], Tensor]:
    """x → f(x) at points (E, P, D), a block at a time: an iteration."""
    numbers = numbers_at_work(model)
    return lambda points: blockwise(lambda member, some: member(some), model, points, numbers)


def precision(model: Map) -> torch.dtype:
    """The precision a map is evaluated in: its parameters', or float32."""
    return model.flat.dtype if isinstance(model, Ensemble) else torch.float32


def in_double(model: Map) -> Map:
    """The map in float64, on the CPU where its device has none."""
    placed = (
        model.to("cpu") if model.device.type == "mps" else model
    )  # in two steps: MPS cannot hold float64 on the way
    return placed.to(dtype=torch.float64)


def doubled(values: Tensor) -> Tensor:
    """Numbers in float64, on the CPU where their device has none."""
    return (values.cpu() if values.device.type == "mps" else values).double()


def chain(model: Map) -> list[Layer] | None:
    """The stacked affine maps of an ensemble of chains, None for any other map."""
    if not isinstance(model, Ensemble):
        return None
    try:
        return model.layers()
    except ValueError:
        return None
