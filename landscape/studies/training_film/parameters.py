"""The parameters of the study of training as a film: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import option
from landscape.studies.parts.point_parameters import CountedPoints, Initialisation, OneNet, Training
from landscape.studies.parts.snapshot_steps import snapshot_steps


@dataclass(frozen=True)
class TrainingFilmParameters(Training, Initialisation, OneNet, CountedPoints):
    """When, in the course of training, each training point becomes a fixed point and begins to attract, and what else is fixed.

    The weights are kept at several steps of one training, and the same is measured at each: the loss over the plane, all fixed
    points and their stability, and where orbits end. Fixed points are followed from step to step. For ReLU networks on the
    line and in the plane the list of each step is proven to be complete where `proven` is 1."""

    snapshots: str = option("log:24", "Steps to look at: 10,100,1000, or log:20 for 20 steps, closer at the beginning.")
    starts: int = option(200, "Orbits of each network, from uniform starts.", low=10, high=100_000, memory=True)
    iterations: int = option(200, "Iterations of x ← f(x) of each orbit.", low=1)
    resolution: int = option(64, "Points along each side of the surfaces.", low=5, high=512, memory=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        snapshot_steps(self.snapshots, self.steps)
