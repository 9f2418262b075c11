"""Parameters that studies of small sets of points share, in mixins.

The order of a class's fields is that of the options in --help, TOML files and records. A dataclass takes the fields of its last
base first and its own fields last; a field that it declares again keeps its place. A study therefore names its mixins from last
to first: `class BasinsParameters(Training, Initialisation, OneNet, CountedPoints)` has the fields of CountedPoints, OneNet,
Initialisation and Training, then its own. Own fields that come before those of a mixin stand in a base class."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import ACTIVATIONS, INITIALISATIONS
from landscape.parameters import Parameters, option
from landscape.studies.parts import options
from landscape.studies.parts.training_parameters import OwnTraining

COUNTED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square", "uniform", "digits")
SEVERAL_POINTS = ("two-points", "tanh-four", "four-points", "tanh-square", "uniform", "digits")


@dataclass(frozen=True)
class CountedPoints(Parameters):
    """The data and the sizes of networks of a study that crosses data, count, hidden and width."""

    data: tuple[str, ...] = options.data("four-points", COUNTED_SETS)
    count: tuple[int, ...] = option((16,), "Points of a uniform set; images of digits.", low=1, high=100_000)
    points: int = options.own_points()
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=64)
    hidden: tuple[int, ...] = options.hidden((2, 6))
    width: tuple[int, ...] = options.width((50,))


@dataclass(frozen=True)
class SizeGrid(Parameters):
    """The data and the sizes of networks of a study that crosses data, hidden and width.

    For every `budget`, each depth also has the width that brings it nearest to that number of parameters."""

    data: tuple[str, ...] = options.data("four-points", SEVERAL_POINTS)
    points: int = options.own_points()
    hidden: tuple[int, ...] = options.hidden((2, 4, 7))
    width: tuple[int, ...] = options.width((10, 50))
    budget: tuple[int, ...] = options.budget((2800,))


@dataclass(frozen=True)
class OneNet(Parameters):
    """The architecture and activation of a study that trains one architecture in a run."""

    net: str = options.net()
    activation: str = option("relu", "Activation of the hidden layers.", choices=ACTIVATIONS)


@dataclass(frozen=True)
class Initialisation(Parameters):
    """How the initial weights are drawn, in a study that has one initialisation in a run."""

    init: str = option("torch", "Initialisation.", choices=INITIALISATIONS)
    scale: float = option(1.0, "Factor on the initial weights.", low=0)


@dataclass(frozen=True)
class Steps(Parameters):
    """How long networks are trained, and which weights are kept."""

    steps: int = options.steps()
    lr: float = options.lr()
    early_stop: bool = options.early_stop()
    keep: str = options.keep()


@dataclass(frozen=True)
class Training(OwnTraining, Steps):
    """How networks are trained, by default on all points at each step."""

    batch: int = options.batch_of_all()
