"""The parameters of the depth sweep: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import POINT_SETS
from landscape.parameters import option
from landscape.studies.parts import options
from landscape.studies.parts.point_parameters import Initialisation, OneNet, SizeGrid, Training

# Flat share near the data, which C3 and C4 test: it is measured within ± this share of the range of each training point.
NEIGHBOURHOOD_REACH = 0.1
EARLY_ITERATION = 5  # claims that samples come near the training points early (C3, C4, C10) count them after it


@dataclass(frozen=True)
class DepthSweepGrid(SizeGrid):
    """The data of the depth sweep, and the sizes of its networks."""

    data: tuple[str, ...] = options.data("four-points", POINT_SETS)
    width: tuple[int, ...] = options.width((50,))
    count: int = option(
        16, "Points of a uniform or clustered set; images of digits and the like.", low=1, high=1_000_000
    )
    clusters: int = option(2, "Clusters of a clustered set.", low=1, high=10_000)
    dim: int = option(2, "Coordinates of a uniform or clustered set.", low=1, high=4096)
    spread: float = option(
        1.0, "Side of a uniform set's box or of each cluster, as a share of the range.", low=0, high=1
    )


@dataclass(frozen=True)
class DepthSweepParameters(Training, Initialisation, OneNet, DepthSweepGrid):
    """How depth and width shape the loss over input space and the way samples take to the data.

    The grid crosses `hidden` and `width`; for every `budget` a second grid gives each depth the width that comes nearest to
    that number of parameters, which separates depth from capacity."""

    net: str = options.net(later=True)
    starts: str = option("normal", "How samples start.", choices=("uniform", "normal", "normal-clipped"))
    samples: int = option(250, "Samples per member.", low=1, memory=True)
    iterations: int = option(100, "Iterations of x ← f(x).", low=EARLY_ITERATION)
    resolution: int = options.resolution()
    probes: int = options.probes(512)
