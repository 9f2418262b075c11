"""The parameters of the study of corners: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import Parameters, option
from landscape.studies.parts.options import (
    early_stop_option,
    hidden_option,
    keep_option,
    lr_option,
    net_option,
    steps_option,
    usual_activation_option,
)

COUNTS = tuple(2**power for power in range(12))


@dataclass(frozen=True)
class CornersParameters(Parameters):
    """The largest loss over the cube's corners against the number of training points, per dimension and depth.

    Every count is run at the first `spread`; further spreads are run at 16 points, where C7b asks for them. Shrivastava (2024),
    Fig. 6; `hidden` 2 is its text's network, 6 its code's."""

    hidden: tuple[int, ...] = hidden_option((2,))
    dim: tuple[int, ...] = option((2, 4), "Coordinates of a point; all 2^dim corners are visited.", low=1, high=30)
    count: tuple[int, ...] = option(COUNTS, "Training points, uniform in the box.", low=1, high=1_000_000)
    spread: tuple[float, ...] = option(
        (1.0,), "Side of the box; the first at every count, others at 16 points.", low=0.001, high=1
    )
    net: str = net_option(later=True)
    activation: str = usual_activation_option()
    width: int = option(50, "Units per hidden layer.", low=1, high=10_000, memory=True)
    steps: int = steps_option(10_000)
    lr: float = lr_option()
    batch: int = option(1000, "Minibatch; all points where they are fewer.", low=1, memory=True)
    early_stop: bool = early_stop_option()
    keep: str = keep_option()
    cube_points: int = option(8192, "Random points for the mean over the cube.", low=16)
    search_points: int = option(4096, "Random points from whose best the search for the cube's maximum starts.", low=1)
    shell_points: int = option(2048, "Random points in each shell around the centre.", low=1)
    probes: int = option(512, "Random points of the cube at which each map is characterised.", low=8)
    resolution: int = option(96, "Grid points along each side of a surface.", low=2, high=1024, memory=True)
