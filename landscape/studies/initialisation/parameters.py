"""The parameters of the study of initialisation: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import ACTIVATIONS, INITIALISATIONS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options


@dataclass(frozen=True)
class InitialisationParameters(Parameters):
    """How many fixed points networks have before training, by the tail of their initial weights and by depth.

    Random maps of the cube [0, 1]^D into itself, with normal or with heavy-tailed weights. Of ReLU networks on the line and in
    the plane all fixed points are found, with proof; of others by Newton's method from random starts, so that some may be
    missing. Nothing is trained."""

    init: tuple[str, ...] = option(("he-biased", "cauchy"), "Initialisations.", choices=INITIALISATIONS)
    dim: tuple[int, ...] = option((2,), "Coordinates of the cube.", low=1, high=256)
    hidden: tuple[int, ...] = options.hidden((1, 2, 4, 8))
    width: tuple[int, ...] = options.width((20,))
    activation: str = option("relu", "Of the hidden layers.", choices=ACTIVATIONS)
    scale: float = option(1.0, "Factor on the initial weights.", low=0)
    starts: int = option(
        100, "Random starts of Newton's method, where nothing is proven.", low=1, high=100_000, memory=True
    )

    @classmethod
    def no_data(cls) -> str:
        return "initialisation takes no data, as it trains no network; fixed-points takes yours"
