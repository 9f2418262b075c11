"""The parameters of the study of basins: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import option
from landscape.studies.parts.point_parameters import CountedPoints, Initialisation, OneNet, Training

ZOOM_FACTOR = 8  # the side of a picture of a border, divided by the side of the next closer picture


@dataclass(frozen=True)
class BasinsParameters(Training, Initialisation, OneNet, CountedPoints):
    """Which attractor each start leads to: on a grid, at random starts of the whole range, and closer and closer to a border.

    On the line and in the plane the grid covers the whole range; of images, the plane through each network's first three."""

    iterations: int = option(1000, "Iterations of x ← f(x), at most.", low=1)
    resolution: int = option(201, "Starts along each side of every network's grid.", low=33, high=10_001, memory=True)
    samples: int = option(2000, "Random starts of each network.", low=10, high=10_000_000, memory=True)
    portrait: int = option(401, "Starts along each side of the pictures.", low=33, high=10_001, memory=True)
    zooms: int = option(2, f"Pictures of a border, each {ZOOM_FACTOR} times closer than the one before.", low=0, high=4)
