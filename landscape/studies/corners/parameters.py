"""The parameters of the study of corners: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import Parameters, option
from landscape.studies.parts import options
from landscape.studies.parts.training_parameters import OwnTraining

MOST_DIM = 30  # of which all corners can be visited
COUNTS = tuple(2**power for power in range(12))


@dataclass(frozen=True)
class CornersGrid(Parameters):
    """The points of the study of corners, its networks, and what is measured."""

    hidden: tuple[int, ...] = options.hidden((2,))
    dim: tuple[int, ...] = option(
        (2, 4), "Coordinates of a point; all 2^dim corners are visited.", low=1, high=MOST_DIM
    )
    count: tuple[int, ...] = option(COUNTS, "Training points, uniform in the box.", low=1, high=1_000_000)
    spread: tuple[float, ...] = option(
        (1.0,), "Side of the box; the first at every count, others at 16 points.", low=0.001, high=1
    )
    net: str = options.net(later=True)
    activation: str = options.usual_activation()
    width: int = options.width(50)
    steps: int = options.steps(10_000)
    lr: float = options.lr()
    batch: int = options.batch()
    early_stop: bool = options.early_stop()
    keep: str = options.keep()
    cube_points: int = option(8192, "Random points for the mean over the cube.", low=16)
    search_points: int = option(4096, "Random points from whose best the search for the cube's maximum starts.", low=1)
    shell_points: int = option(2048, "Random points in each shell around the centre.", low=1)
    probes: int = options.probes(512)
    resolution: int = options.resolution()


@dataclass(frozen=True)
class CornersParameters(OwnTraining, CornersGrid):
    """The largest loss over the cube's corners against the number of training points, per dimension and depth.

    Every count is run at the first `spread`; further spreads are run at 16 points, where C7b asks for them. Shrivastava (2024),
    Fig. 6; `hidden` 2 is its text's network, 6 its code's."""

    @classmethod
    def no_data(cls) -> str:
        return (
            "corners takes no data of yours: it draws its points, as it sweeps "
            "their number, their dimension and the side of their box; depth-sweep takes yours"
        )

    def __post_init__(self) -> None:
        if any(isinstance(dim, int) and dim > MOST_DIM for dim in self.dim):
            raise ValueError(
                f"`dim` must be from 1 to {MOST_DIM}, as all 2^dim corners are visited; got {max(self.dim)}. Beyond, "
                "landscape.measures.corner_ascent searches for the corner of largest loss; `landscape examine` uses it"
            )
        super().__post_init__()
