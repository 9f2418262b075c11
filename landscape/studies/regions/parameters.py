"""The parameters of the study of regions: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.parameters import Parameters, option
from landscape.studies.parts.options import (
    budget_option,
    early_stop_option,
    hidden_option,
    init_option,
    keep_option,
    lr_option,
    scale_option,
    steps_option,
    width_option,
)

SETS = ("two-points", "tanh-four", "four-points", "tanh-square", "uniform", "digits")


@dataclass(frozen=True)
class RegionsParameters(Parameters):
    """How ReLU networks cut their input space into affine pieces: exactly, before the squash at their output.

    On the line and in the plane the whole range is cut; of images the plane through the first three. The grid crosses `hidden`
    and `width`, and for every budget each depth gets the width that comes nearest to that number of parameters."""

    data: tuple[str, ...] = option(("four-points",), "Data sets.", choices=SETS)
    hidden: tuple[int, ...] = hidden_option((1, 2, 4, 6))
    width: tuple[int, ...] = width_option((10, 50))
    budget: tuple[int, ...] = budget_option((0,))
    count: int = option(30, "Points of a uniform set; images of digits.", low=3, high=1_000_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=2)
    activation: str = option("relu", "Of the hidden layers.", choices=PIECEWISE_ACTIVATIONS)
    init: str = init_option()
    scale: float = scale_option()
    steps: int = steps_option()
    lr: float = lr_option()
    early_stop: bool = early_stop_option()
    keep: str = keep_option()
    resolution: int = option(
        101, "Points along each side of the grid whose count of regions stands beside.", low=2, high=4001, memory=True
    )
