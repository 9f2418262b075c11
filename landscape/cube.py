"""Points of the input cube at which maps are evaluated: corners, grids, lines, planes and uniform points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

MAX_CORNER_DIM = 30


@dataclass(frozen=True, eq=False)
class Slice:
    """A segment (K = 1) or a rectangle (K = 2) in input space: the points origin + t·axes with t in [low, high].

    `origin` (D,), `axes` (K, D), `low` and `high` (K,), float64. If the axes are orthonormal, lengths in the slice are those in
    input space. Raises ValueError for other shapes, a slice without length or area, and numbers that are not finite."""

    origin: Tensor
    axes: Tensor
    low: Tensor
    high: Tensor

    def __post_init__(self) -> None:
        for name in ("origin", "axes", "low", "high"):
            object.__setattr__(self, name, getattr(self, name).detach().cpu().double())
        count = len(self.axes)
        if count not in (1, 2) or self.axes.shape[1] != len(self.origin) or {len(self.low), len(self.high)} != {count}:
            raise ValueError(
                f"a slice has one or two axes of its origin's dimension, and as many bounds; got {self.shapes}"
            )
        if not all(value.isfinite().all() for value in (self.origin, self.axes, self.low, self.high)):
            raise ValueError("the numbers of a slice must be finite")
        if not (self.high > self.low).all() or torch.linalg.matrix_rank(self.axes) < count:
            raise ValueError("a slice must have a length or an area: independent axes, and each low below its high")

    @property
    def shapes(self) -> str:
        return ", ".join(f"{name} {tuple(getattr(self, name).shape)}" for name in ("origin", "axes", "low", "high"))

    @property
    def corners(self) -> Float[Tensor, "corners axes"]:
        """The ends of the segment, (2, 1), or the rectangle's corners counter-clockwise, (4, 2), in the slice's coordinates."""
        if len(self.axes) == 1:
            return torch.stack([self.low, self.high])
        (left, bottom), (right, top) = self.low.tolist(), self.high.tolist()
        return torch.tensor([[left, bottom], [right, bottom], [right, top], [left, top]], dtype=torch.float64)

    def grid(self, resolution: int) -> Float[Tensor, "points axes"]:
        """A regular grid with `resolution` points along each axis, in coordinates of the slice: (R^K, K).

        Reshaped to (R, R), entry [r, c] is at (x, y) = (c, r)."""
        sides = [
            torch.linspace(low, high, resolution, dtype=torch.float64)
            for low, high in zip(self.low.tolist(), self.high.tolist(), strict=True)
        ]
        return torch.stack(torch.meshgrid(*sides[::-1], indexing="ij")[::-1], -1).reshape(-1, len(sides))

    def at(self, places: Float[Tensor, "*points axes"]) -> Float[Tensor, "*points dim"]:
        """The points of input space at coordinates of the slice: (…, K) → (…, D)."""
        return self.origin + places.cpu().double() @ self.axes


def whole(dim: int, *, low: float = 0.0, high: float = 1.0) -> Slice:
    """The slice that covers the whole range [low, high]^D, for D = 1 or 2."""
    return Slice(torch.zeros(dim), torch.eye(dim), torch.full((dim,), low), torch.full((dim,), high))


def between(start: Float[Tensor, "dim"], end: Float[Tensor, "dim"]) -> Slice:
    """The segment from one point to another: t in [0, 1]."""
    return Slice(start, (end - start)[None], torch.zeros(1), torch.ones(1))


def corners(
    dim: int, *, low: float = 0.0, high: float = 1.0, start: int = 0, stop: int | None = None
) -> Float[Tensor, "corners dim"]:
    """The corners with the numbers start … stop−1 of the cube [low, high]^D: (P, D).

    Coordinate j of corner i is `high` if bit j of i is set. Raises ValueError for a dimension outside 1 … 30."""
    check_dim(dim)
    numbers = torch.arange(start, 2**dim if stop is None else min(stop, 2**dim))
    bits = (numbers[:, None] >> torch.arange(dim)) & 1
    return torch.where(bits.bool(), high, low).to(torch.float32)


def corner_chunks(dim: int, size: int, *, low: float = 0.0, high: float = 1.0) -> Iterator[Tensor]:
    """All corners, at most `size` at a time: each (P, D)."""
    check_dim(dim)
    for start in range(0, 2**dim, size):
        yield corners(dim, low=low, high=high, start=start, stop=start + size)


def check_dim(dim: int) -> None:
    """Raise ValueError for a dimension whose corners cannot be enumerated."""
    if not 1 <= dim <= MAX_CORNER_DIM:
        raise ValueError(
            f"`dim` must be from 1 to {MAX_CORNER_DIM}, as the 2^dim corners are enumerated; got {dim}. Choose a smaller one,"
            " or search for the largest loss by landscape.measures.corner_ascent"
        )


def grid(resolution: int, *, low: float = 0.0, high: float = 1.0) -> Float[Tensor, "points 2"]:
    """A square grid over [low, high]²: (R·R, 2). Reshaped to (R, R), entry [r, c] is at (x, y) = (c, r)."""
    axis = torch.linspace(low, high, resolution)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)


def line(
    start: Float[Tensor, "*members dim"], end: Float[Tensor, "*members dim"], count: int
) -> Float[Tensor, "*members count dim"]:
    """`count` points from start to end, both included: (…, P, D)."""
    t = torch.linspace(0, 1, count, device=start.device)[:, None]
    return start[..., None, :] * (1 - t) + end[..., None, :] * t


def through(anchors: Float[Tensor, "3 dim"], *, margin: float = 0.25) -> tuple[Slice, Float[Tensor, "3 2"]]:
    """A square that contains three points, in their plane, and the points' coordinates in it (3, 2).

    The axes are orthonormal, so distances in the plane are those in input space. The origin is the first anchor. `margin` is
    the space around the anchors, as a fraction of their extent. Raises ValueError if the points lie on one line."""
    across, up = anchors[1] - anchors[0], anchors[2] - anchors[0]
    first = across / across.norm()
    rest = up - (up @ first) * first
    if not across.norm() > 0 or not rest.norm() > 1e-6 * up.norm():
        raise ValueError("the three points of a plane must not lie on one line; choose others")
    axes = torch.stack([first, rest / rest.norm()])
    spots = (anchors - anchors[0]) @ axes.T
    middle, half = (spots.amax(0) + spots.amin(0)) / 2, (spots.amax(0) - spots.amin(0)).max() * (0.5 + margin)
    return Slice(anchors[0], axes, middle - half, middle + half), spots


def plane(
    anchors: Float[Tensor, "3 dim"], resolution: int, *, margin: float = 0.25
) -> tuple[Float[Tensor, "points dim"], Float[Tensor, "3 2"], tuple[float, float, float, float]]:
    """A grid on the square through three points that `through` gives.

    Returns the points (R·R, D), the anchors' coordinates in the plane (3, 2) and the extent (u_low, u_high, v_low, v_high)."""
    square, spots = through(anchors, margin=margin)
    (left, bottom), (right, top) = square.low.tolist(), square.high.tolist()
    return square.at(square.grid(resolution)).to(anchors.dtype), spots, (left, right, bottom, top)


def uniform(
    count: int, dim: int, generator: torch.Generator, *, low: float = 0.0, high: float = 1.0
) -> Float[Tensor, "points dim"]:
    """Uniform points of the cube: (P, D)."""
    return low + (high - low) * torch.rand(count, dim, generator=generator)
