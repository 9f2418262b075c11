"""The maps that can be measured, from points (E, P, D) to points (E, P, D), and how work on them is cut into blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.nets import Layer

# How many numbers are worked on at a time. 2^20 (4 MB) was the fastest of 2^16 … 2^21 on a CPU with 0.5 MB of cache per core
# and 32 MB of shared cache. A GPU prefers few and large kernels (512 MB).
CPU_BLOCK = 2**20
GPU_BLOCK = 2**27


@runtime_checkable
class Map(Protocol):
    """A map x → f(x) of the input space for each member: an Ensemble, a control, or a map of your own.

    A new map supplies the properties and methods below. Every measure then works without change."""

    @property
    def members(self) -> int: ...

    @property
    def dim(self) -> int: ...

    @property
    def device(self) -> torch.device: ...

    def select(self, indices: slice, /) -> Map:
        """The maps of the chosen members."""

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Map:
        """The same map on another device or in another precision."""

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]: ...


@runtime_checkable
class DifferentiatedMap(Map, Protocol):
    """A map that computes its own Jacobian, as the controls do. Other maps are differentiated layer by layer or by autograd."""

    def jacobian(self, points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points dim dim"]:
        """∂f_i/∂x_j at [..., i, j]: (E, P, D, D)."""


def per_member(model: Map, points: Tensor) -> Float[Tensor, "members points dim"]:
    """`points`, (P, D) for all members or (E, P, D), as (E, P, D) on the map's device and in its precision.

    A wrapped network also takes points in its own shape, such as images (P, 1, 28, 28).

    Raises ValueError where the shape does not fit the map, and for what is no map, such as a bare torch module."""
    expect_map(model)
    points = flattened(model, points)
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


def flattened(model: Map, points: Tensor) -> Tensor:
    """Points in the shape of a wrapped network, (P, *shape), as (P, D); other points as they are."""
    shape = tuple(getattr(model, "shape", ()))
    flat = points.ndim in (2, 3) and points.shape[-1] == model.dim
    return points.flatten(1) if len(shape) > 1 and not flat and tuple(points.shape[1:]) == shape else points


def blockwise(
    function: Callable[[Map, Tensor], Tensor], model: Map, points: Float[Tensor, "members points dim"], numbers: int
) -> Tensor:
    """The results of function(model of some members, their points) on blocks of members and points, concatenated: (E, P, …).

    `numbers` is how many numbers `function` holds at once per point of one member. It sets the size of the blocks."""
    if points.shape[0] * points.shape[1] * numbers <= budget(points.device):
        return function(model, points)
    rows, group = block_shape(points.shape[0], points.shape[1], numbers, points.device)
    bands = []
    for first in range(0, max(points.shape[0], 1), group):
        some = slice(first, first + group)
        member, place = model.select(some), points[some]
        parts = [function(member, place[:, row : row + rows]) for row in range(0, max(points.shape[1], 1), rows)]
        bands.append(parts[0] if len(parts) == 1 else torch.cat(parts, 1))
    return bands[0] if len(bands) == 1 else torch.cat(bands)


def block_shape(members: int, points: int, numbers: int, device: torch.device) -> tuple[int, int]:
    """The shape of a block: how many points of how many members are worked on at a time."""
    most = budget(device)
    rows = min(max(points, 1), max(1, most // numbers))
    return rows, min(max(members, 1), max(1, most // (rows * numbers)))


def budget(device: torch.device) -> int:
    """How many numbers are worked on at a time."""
    return CPU_BLOCK if device.type == "cpu" else GPU_BLOCK


def numbers_per_point(model: Map) -> int:
    """The largest number of values that one member holds at once per point, when all activations are kept."""
    return int(getattr(model, "activations_per_point", 4 * model.dim))


def numbers_at_work(model: Map) -> int:
    """How many numbers a forward pass holds at once per point: a layer's inputs, and its outputs before and after activation.

    Blocks of this size reached the rate of the matrix products alone; blocks sized for all activations were a tenth slower."""
    if at_work := int(getattr(model, "numbers_at_work", 0)):
        return at_work
    layers = chain(model)
    if layers is None:
        return numbers_per_point(model)
    return max(layer.weight.shape[1] + 2 * layer.weight.shape[2] for layer in layers)


def step_of(model: Map) -> Callable[[Tensor], Tensor]:
    """The function x → f(x) for points (E, P, D), evaluated block by block."""
    numbers = numbers_at_work(model)
    most = budget(model.device) // numbers * model.dim  # coordinates of a block

    def step(points: Tensor) -> Tensor:
        if points.numel() <= most:  # the usual case, without the cost of cutting
            return model(points)
        return blockwise(lambda member, some: member(some), model, points, numbers)

    return step


def precision(model: Map) -> torch.dtype:
    """The precision in which a map is evaluated: its `dtype`, float32 for maps that have none."""
    kind: torch.dtype = getattr(model, "dtype", torch.float32)
    return kind


def in_double(model: Map) -> Map:
    """The map in float64; on the CPU if its device has no float64."""
    expect_map(model)
    placed = model.to("cpu") if model.device.type == "mps" else model  # in two steps, as MPS cannot hold float64
    return placed.to(dtype=torch.float64)


def doubled(values: Tensor) -> Tensor:
    """The numbers in float64; on the CPU if their device has no float64."""
    return (values.cpu() if values.device.type == "mps" else values).double()


def chain(model: Map) -> list[Layer] | None:
    """The stacked layers of a model whose networks are chains of affine maps; None for any other map."""
    try:
        return layers_of(model)
    except ValueError:
        return None


def layers_of(model: Map) -> list[Layer]:
    """The stacked layers of a model, which has a method `layers`. Raises ValueError, with the reason, for what is no chain."""
    read = getattr(model, "layers", None)
    if read is None:
        raise ValueError(
            f"exact measures need a network of layers, not {type(model).__name__}; sample the Jacobian of other networks"
        )
    layers: list[Layer] = read()
    return layers


def expect_function(model: Map) -> None:
    """Raise ValueError for a wrapped network that is no function of each point, as one with dropout at work."""
    if reason := getattr(model, "stochastic", "") or getattr(model, "stateful", ""):
        raise ValueError(f"this measure needs a function of each point, and the wrapped network {reason}")


def expect_map(given: object) -> None:
    """Raise ValueError, with what to do, for what lacks a part of a map, such as a bare torch module."""
    missing = [name for name in ("members", "dim", "device", "select", "to") if not hasattr(given, name)]
    if missing:
        kind = "the torch module " if isinstance(given, torch.nn.Module) else ""
        name = getattr(given, "__name__", type(given).__name__)
        raise ValueError(
            f"a map must have {', '.join(missing)}; {kind}{name} has not. Wrap it: landscape.wrap(model, shape=…)"
        )
