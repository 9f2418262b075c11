"""The parameters of the depth sweep: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import POINT_SETS
from landscape.parameters import Parameters, option
from landscape.studies.parts.options import (
    activation_option,
    budget_option,
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

EARLY = 5  # the iteration B at which C3, C4 and C10 read the share of samples near a training point


@dataclass(frozen=True)
class DepthSweepParameters(Parameters):
    """How depth and width shape the loss over input space and the way samples take to the data.

    The grid crosses `hidden` and `width`; for every `budget` a second grid gives each depth the width that comes nearest to
    that number of parameters, which separates depth from capacity."""

    data: tuple[str, ...] = option(("four-points",), "Data sets.", choices=POINT_SETS)
    hidden: tuple[int, ...] = hidden_option((2, 4, 7))
    width: tuple[int, ...] = width_option((50,))
    budget: tuple[int, ...] = budget_option((2800,))
    count: int = option(16, "Points of a uniform or clustered set; images of digits.", low=1, high=1_000_000)
    clusters: int = option(2, "Clusters of a clustered set.", low=1, high=10_000)
    dim: int = option(2, "Coordinates of a uniform or clustered set.", low=1, high=4096)
    spread: float = option(
        1.0, "Side of a uniform set's box or of each cluster, as a share of the range.", low=0, high=1
    )
    net: str = net_option(later=True)
    activation: str = activation_option()
    init: str = init_option()
    scale: float = scale_option()
    steps: int = steps_option()
    lr: float = lr_option()
    early_stop: bool = early_stop_option()
    keep: str = keep_option()
    starts: str = option("normal", "How samples start.", choices=("uniform", "normal", "normal-clipped"))
    samples: int = option(250, "Samples per member.", low=1, memory=True)
    iterations: int = option(100, "Iterations of x ← f(x).", low=EARLY)
    resolution: int = option(96, "Grid points along each side of a surface.", low=2, high=1024, memory=True)
    probes: int = option(512, "Random points of the cube at which each map is characterised.", low=8)
