"""The parameters of the study of step flatness: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import option
from landscape.studies.parts import options
from landscape.studies.parts.point_parameters import SEVERAL_POINTS, Initialisation, OneNet, SizeGrid, Training

PAIRED_POINTS = (
    512  # of more training points this many are drawn: they have 130,816 pairs, 10,000 points have 50 million
)


@dataclass(frozen=True)
class StepFlatnessGrid(SizeGrid):
    """The data of the study of step flatness, and the sizes of its networks."""

    data: tuple[str, ...] = options.data("two-points", SEVERAL_POINTS)
    hidden: tuple[int, ...] = options.hidden((1, 2, 4, 7))
    image_width: tuple[int, ...] = option((100,), "Units per hidden layer on images.", low=1, high=10_000)
    image_budget: tuple[int, ...] = option(
        (40_000,), "Parameters of the equal-parameter grids on images.", low=0, high=10**8
    )
    count: int = option(30, "Points of a uniform set; images of digits and the like.", low=2, high=1_000_000)
    dim: int = option(1, "Coordinates of a uniform set.", low=1, high=4096)
    lines: int = option(
        12,
        f"Pairs of training points joined, in more than one dimension; past {PAIRED_POINTS} points, "
        f"pairs of {PAIRED_POINTS} drawn.",
        low=1,
        high=10_000,
    )
    positions: int = option(201, "Points along each line.", low=11, high=100_000)


@dataclass(frozen=True)
class StepFlatnessParameters(Training, Initialisation, OneNet, StepFlatnessGrid):
    """Whether networks become step functions between their training points: flat beside each, with a sharp step between.

    On the line the steps are those between neighbouring training points; in more dimensions the map is read along straight
    lines between pairs of them. The grid crosses `hidden` and `width`, and for every budget each depth gets the width that
    comes nearest to that number of parameters. Images have widths and budgets of their own."""

    net: str = options.net(later=True)
    probes: int = options.probes(256)
