"""The parameters of the study of basins: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import Parameters, option
from landscape.studies.parts.options import (
    activation_option,
    early_stop_option,
    hidden_option,
    init_option,
    keep_option,
    lr_option,
    net_option,
    scale_option,
    steps_option,
    width_option,
)

SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square", "uniform", "digits")
ZOOM = 8  # each picture shows an eighth of the side of the one before


@dataclass(frozen=True)
class BasinsParameters(Parameters):
    """Which attractor each start leads to: on a grid, at random starts of the whole range, and closer and closer to a border.

    On the line and in the plane the grid covers the whole range; of images, the plane through each network's first three."""

    data: tuple[str, ...] = option(("four-points",), "Data sets.", choices=SETS)
    count: tuple[int, ...] = option((16,), "Points of a uniform set; images of digits.", low=1, high=100_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=64)
    hidden: tuple[int, ...] = hidden_option((2, 6))
    width: tuple[int, ...] = width_option((50,))
    net: str = net_option()
    activation: str = activation_option()
    init: str = init_option()
    scale: float = scale_option()
    steps: int = steps_option()
    lr: float = lr_option()
    early_stop: bool = early_stop_option()
    keep: str = keep_option()
    iterations: int = option(1000, "Iterations of x ← f(x), at most.", low=1)
    resolution: int = option(201, "Starts along each side of every network's grid.", low=33, high=10_001, memory=True)
    samples: int = option(2000, "Random starts of each network.", low=10, high=10_000_000, memory=True)
    portrait: int = option(401, "Starts along each side of the pictures.", low=33, high=10_001, memory=True)
    zooms: int = option(2, f"Pictures of a border, each {ZOOM} times closer than the one before.", low=0, high=4)
