"""Maps of the plane whose basins of attraction the literature describes, for comparison with networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.cube import Slice

WAVE_HEIGHT = 0.3  # of the border between the basins of the smooth map


@dataclass(frozen=True)
class Formula:
    """A map of the plane with one member, given by a formula (x, y) → (x, y)."""

    formula: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    device: torch.device = torch.device("cpu")  # noqa: RUF009
    members: int = 1
    dim: int = 2

    def select(self, indices: slice, /) -> Formula:
        return replace(self, members=len(range(self.members)[indices]))

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Formula:
        return self if device is None else replace(self, device=torch.device(device))

    def __call__(self, points: Float[Tensor, "members points dim"], /) -> Float[Tensor, "members points dim"]:
        return torch.stack(self.formula(*points.unbind(-1)), -1)


@dataclass(frozen=True)
class Reference:
    """A map with the rectangle and the number of iterations at which to measure its basins.

    `dimension` is the known dimension of the border between the basins; `source` says from where."""

    map: Formula
    low: tuple[float, float]
    high: tuple[float, float]
    iterations: int
    dimension: float
    source: str

    @property
    def where(self) -> Slice:
        return Slice(torch.zeros(2), torch.eye(2), torch.tensor(self.low), torch.tensor(self.high))


def _newton(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """A step of Newton's method for z³ = 1."""
    z = torch.complex(x, y)
    after = z - (z**3 - 1) / (3 * z**2)
    return after.real, after.imag


def _final_state(angle: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The map of an angle and a number of Grebogi et al. (1983), "Final state sensitivity"."""
    turned = angle + 1.32 * torch.sin(2 * angle) - 0.9 * torch.sin(4 * angle) - x * torch.sin(angle)
    return (turned + 1).remainder(2 * math.pi) - 1, -0.3 * torch.cos(
        angle
    )  # the angle wraps at −1, where no attractor is


def _henon(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return 1 - 1.4 * x**2 + y, 0.3 * x


def _wave(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Orbits end at two points, one on either side of the wave x = −0.3 sin 3y, which the map takes into itself."""
    apart, half = x + WAVE_HEIGHT * torch.sin(3 * y), y / 2
    return apart * (3 - apart**2) / 2 - WAVE_HEIGHT * torch.sin(3 * half), half


REFERENCES = {
    "Newton, z³ = 1": Reference(
        Formula(_newton), (-1.5, -1.5), (1.5, 1.5), 100, 1.42, "box counting, as Attractors.jl's tests cite it"
    ),
    "Grebogi's map": Reference(
        Formula(_final_state), (0.0, -0.5), (2 * math.pi, 0.5), 1000, 1.8, "α ≈ .2: Grebogi et al. (1983)"
    ),
    "Hénon, a = 1.4, b = 0.3": Reference(
        Formula(_henon), (-2.0, -2.0), (2.0, 2.0), 100, 1.0, "smooth: Attractors.jl's tests"
    ),
    "a wave": Reference(Formula(_wave), (-1.0, -1.0), (1.0, 1.0), 100, 1.0, "by construction"),
}
