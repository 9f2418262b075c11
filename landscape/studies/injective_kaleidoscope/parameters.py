"""The parameters of the study of injective layers: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import IMAGE_SETS, MONOTONE_ACTIVATIONS, NEIGHBOURS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options
from landscape.studies.parts.point_parameters import SEVERAL_POINTS
from landscape.studies.parts.training_parameters import OwnTraining

ORDINARY, INJECTIVE, LEAKY = "ordinary", "injective", "leaky"  # what the layers of a network are
LAYERS = (ORDINARY, INJECTIVE, LEAKY)
IMAGES = ("digits", *IMAGE_SETS)


@dataclass(frozen=True)
class InjectiveKaleidoscopeGrid(Parameters):
    """The data of the study of injective layers, its networks, and what is measured."""

    data: tuple[str, ...] = options.data(("two-points", "four-points"), (*SEVERAL_POINTS, *IMAGE_SETS))
    points: int = options.own_points()
    layers: tuple[str, ...] = option(LAYERS, "What the hidden layers are.", choices=LAYERS)
    hidden: tuple[int, ...] = options.hidden((2, 4, 7))
    budget: tuple[int, ...] = option((200, 700, 2800), "Parameters that networks are sized to.", low=1, high=10**8)
    image_hidden: tuple[int, ...] = options.hidden((2, 4), "Hidden layers on images.")
    image_budget: tuple[int, ...] = option(
        (50_000,), "Parameters that networks are sized to on images.", low=1, high=10**9
    )
    band: tuple[float, ...] = option(
        (1e-6,), "Training losses at which networks are compared; 0 for the end of training.", low=0
    )
    image_band: tuple[float, ...] = option((1e-3,), "The same on images.", low=0)
    count: int = option(4, "Points of a uniform set.", low=2, high=100_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=64)
    image_count: int = option(30, "Training images.", low=NEIGHBOURS + 1, high=100_000)
    activation: str = option(
        "relu",
        "Of ordinary and injective layers; injective ones need one that never falls.",
        choices=MONOTONE_ACTIVATIONS,
    )
    slope: float = option(
        0.25, "Of leaky layers, below zero; injective layers begin with 0.25.", low=1e-6, high=0.999999
    )
    steps: int = options.steps(4000, "Training steps, at most.")
    image_steps: int = options.steps(3000, "Training steps on images, at most.")
    lr: float = options.lr()
    keep: str = options.keep()
    batch: int = options.batch_of_all()
    probes: int = options.probes(512)
    samples: int = option(200, "Samples per network.", low=NEIGHBOURS + 1, high=100_000, memory=True)
    iterations: int = option(100, "Iterations of x ← f(x).", low=1)
    held_out: int = option(
        256, "Images that no network is trained on, to compare with.", low=NEIGHBOURS + 1, high=10**6
    )


@dataclass(frozen=True)
class InjectiveKaleidoscopeParameters(OwnTraining, InjectiveKaleidoscopeGrid):
    """What becomes of plateaus, attraction and samples when the layers of a network cannot merge points.

    Networks of about equal numbers of parameters are trained until they reach the same training loss: ordinary MLPs, networks
    whose hidden layers are one-to-one by construction, and MLPs of leaky ReLUs with the slope that those layers begin with.
    The leaky ones tell what comes from the slope alone, and what only from layers that are kept one-to-one."""
