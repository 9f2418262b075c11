"""The parameters of the study of regions: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options


@dataclass(frozen=True)
class RegionsParameters(Parameters):
    """How ReLU networks cut their input space into affine pieces: exactly, before the squash at their output.

    On the line and in the plane the whole range is cut; of images the plane through the first three. The grid crosses `hidden`
    and `width`, and for every budget each depth gets the width that comes nearest to that number of parameters."""

    data: tuple[str, ...] = options.data("four-points", options.SEVERAL_POINTS)
    hidden: tuple[int, ...] = options.hidden((1, 2, 4, 6))
    width: tuple[int, ...] = options.width((10, 50))
    budget: tuple[int, ...] = options.budget(0)
    count: int = option(30, "Points of a uniform set; images of digits.", low=3, high=1_000_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=2)
    activation: str = option("relu", "Of the hidden layers.", choices=PIECEWISE_ACTIVATIONS)
    init: str = options.init()
    scale: float = options.scale()
    steps: int = options.steps()
    lr: float = options.lr()
    early_stop: bool = options.early_stop()
    keep: str = options.keep()
    resolution: int = option(
        101, "Points along each side of the grid whose count of regions stands beside.", low=2, high=4001, memory=True
    )
