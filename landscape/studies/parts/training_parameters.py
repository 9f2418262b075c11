"""Parameters of training that every study has, in mixins: the optimiser and its loss, and what else differs between recipes."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import LOSSES, MOMENTUM, OBJECTIVES, OPTIMIZERS, PRECISIONS, RATE_SCHEDULES, check_optimizer
from landscape.parameters import Parameters, option


@dataclass(frozen=True)
class Descent(Parameters):
    """Which loss is minimised, and by which optimiser."""

    loss: str = option(
        "mse",
        "What training minimises: the squared error, the absolute error l1, or the cross entropy bce, of outputs in [0, 1].",
        choices=LOSSES,
        later=True,
        training=True,
    )
    optimizer: str = option("adam", "Optimiser, torch's.", choices=OPTIMIZERS, later=True, training=True)
    momentum: float = option(MOMENTUM, "Of sgd.", low=0, high=1, later=True, training=True)
    weight_decay: float = option(0.0, "Of any optimiser; torch's adamw has 0.01.", low=0, later=True, training=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_optimizer(self.optimizer, self.momentum, self.weight_decay)


@dataclass(frozen=True)
class OwnTraining(Descent):
    """How the learning rate falls, what is added to the loss, and the precision, in a study that has one of each in a run."""

    schedule: str = option(
        "constant", "How the learning rate falls.", choices=RATE_SCHEDULES, later=True, training=True
    )
    objective: str = option("plain", "What training aims at.", choices=OBJECTIVES, later=True, training=True)
    strength: float = option(
        0.1, "Weight or noise of an objective that is not plain.", low=0, later=True, training=True
    )
    precision: str = option(
        "float32", "Of the matrix products in training.", choices=PRECISIONS, later=True, training=True
    )
