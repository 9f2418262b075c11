"""The parameters of the study of regions: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.parameters import option
from landscape.studies.parts import options
from landscape.studies.parts.point_parameters import Initialisation, SizeGrid, Training


@dataclass(frozen=True)
class RegionsGrid(SizeGrid):
    """The data of the study of regions, and its networks."""

    hidden: tuple[int, ...] = options.hidden((1, 2, 4, 6))
    budget: tuple[int, ...] = options.budget((0,))
    count: int = option(30, "Points of a uniform set; images of digits and the like.", low=3, high=1_000_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=2)
    activation: str = option("relu", "Of the hidden layers.", choices=PIECEWISE_ACTIVATIONS)


@dataclass(frozen=True)
class RegionsParameters(Training, Initialisation, RegionsGrid):
    """How ReLU networks cut their input space into affine pieces: exactly, before the squash at their output.

    On the line and in the plane the whole range is cut; of images the plane through the first three. The grid crosses `hidden`
    and `width`, and for every budget each depth gets the width that comes nearest to that number of parameters."""

    resolution: int = option(
        101, "Points along each side of the grid whose count of regions stands beside.", low=2, high=4001, memory=True
    )
