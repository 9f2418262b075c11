"""The parameters of the study of architectures: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import INITIALISATIONS, NEIGHBOURS, NET_KINDS
from landscape.parameters import option
from landscape.studies.parts import options
from landscape.studies.parts.image_parameters import ImageParameters


@dataclass(frozen=True)
class ArchitecturesParameters(ImageParameters):
    """Where samples of several architectures end, compared where all have learnt their images equally well.

    Every net is sized to the same number of parameters, gets the learning rate that does best among those tried, on networks
    of other seeds, and is trained until it reaches each of several training losses; once more for the whole budget. A net that
    does not reach a loss is not fitted there, and nothing is said about it."""

    net: tuple[str, ...] = options.nets(NET_KINDS)
    hidden: tuple[int, ...] = options.hidden((3,), "Hidden layers, or blocks.")
    match_parameters: int = option(8000, "Parameters each net is sized to; 0 takes --width.", low=0, high=1_000_000_000)
    width: int = option(
        32, "Units, channels or embedding, where --match-parameters is 0.", low=1, high=100_000, memory=True
    )
    init: tuple[str, ...] = option(
        ("torch",), "Initialisations, each of the nets that have it.", choices=INITIALISATIONS
    )
    activation: str = options.usual_activation(later=False)
    rate: tuple[float, ...] = option((3e-4, 1e-3, 3e-3, 1e-2, 3e-2), "Learning rates tried for each net.", low=1e-12)
    tuned: int = option(4, "Networks that try each learning rate.", low=1, high=1000)
    trial_steps: int = option(0, "Training steps of a trial; 0 for the whole budget.", low=0)
    steps: int = options.steps(3000, "Training steps, at most.")
    band: tuple[float, ...] = option(
        (1e-2, 1e-3, 1e-4), "Training losses at which nets are compared; 0 for none.", low=0
    )
    samples: int = option(200, "Samples per member.", low=NEIGHBOURS + 1, high=100_000, memory=True)
    iterations: int = option(300, "Iterations of x ← f(x).", low=1)
    probes: int = option(32, "Random points at which each map is characterised.", low=2)
    resolution: int = option(41, "Points along each side of a loss surface.", low=5, high=401, memory=True)
    line_width: tuple[int, ...] = option(
        (2, 3, 5, 8, 12, 20, 50), "Units of MLPs and injective nets on the line; 0 for none.", low=0, high=10_000
    )
    line_hidden: int = option(6, "Hidden layers on the line.", low=1, high=100)
