"""Options that several studies have, each declared once: default, help text and range.

A study lists them in its class as `lr: float = options.lr()`. They are no inherited fields, because a dataclass puts inherited
fields before its own, and the order of a class is the order of --help, of TOML files and of records."""

from __future__ import annotations

from typing import Any

from landscape.choices import ACTIVATIONS, INITIALISATIONS, KEPT_WEIGHTS, NET_KINDS, USUAL_ACTIVATION
from landscape.outside import NETS
from landscape.parameters import option

# Sets of points for studies that look at one- and two-dimensional spaces. A slice or a step needs two points at least.
COUNTED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square", "uniform", "digits")
SEVERAL_POINTS = ("two-points", "tanh-four", "four-points", "tanh-square", "uniform", "digits")


def data(default: str, choices: tuple[str, ...]) -> Any:
    """--data of a study of small sets of points."""
    return option((default,), "Data sets.", choices=choices)


def hidden(default: tuple[int, ...], help: str = "Hidden layers.") -> Any:
    """--hidden, swept."""
    return option(default, help, low=1, high=100)


def width(default: int | tuple[int, ...]) -> Any:
    """--width, swept if the default is a tuple."""
    return option(default, "Units per hidden layer.", low=1, high=10_000, memory=True)


def budget(default: int) -> Any:
    """--budget of a study that also compares depths at equal numbers of parameters."""
    return option((default,), "Parameters of the equal-parameter grids; 0 for none.", low=0, high=10**8)


def net(*, later: bool = False) -> Any:
    """--net of a study of one architecture at a time."""
    return option("mlp", "Architecture.", choices=NET_KINDS, group=NETS, later=later)


def activation() -> Any:
    """--activation of a study whose networks are ReLU networks by default."""
    return option("relu", "Activation of the hidden layers.", choices=ACTIVATIONS)


def usual_activation(*, later: bool = True) -> Any:
    """--activation of a study in which each architecture has its usual activation by default."""
    help = "Of the hidden layers; default is each net's own."
    return option(USUAL_ACTIVATION, help, choices=(USUAL_ACTIVATION, *ACTIVATIONS), later=later)


def init() -> Any:
    """--init of a study of one initialisation at a time."""
    return option("torch", "Initialisation.", choices=INITIALISATIONS)


def scale() -> Any:
    """--scale of the initial weights."""
    return option(1.0, "Factor on the initial weights.", low=0)


def steps(default: int = 2000, help: str = "Adam steps.") -> Any:
    """--steps of training."""
    return option(default, help, low=1)


def lr() -> Any:
    """--lr of training."""
    return option(1e-3, "Adam's learning rate.", low=0)


def batch() -> Any:
    """--batch of training."""
    return option(1000, "Minibatch; all points where they are fewer.", low=1, memory=True)


def early_stop() -> Any:
    """--early-stop of a study that takes all training steps by default."""
    return option(False, "Stop a member once its training loss is 1e-6.")


def keep() -> Any:
    """--keep: the weights of which step a trained network has."""
    help = "Which weights of a training are kept: best, of the lowest loss over all data, or last, after the last step."
    return option("best", help, choices=KEPT_WEIGHTS, later=True)


def probes(default: int) -> Any:
    """--probes of a study that characterises each map by its values and Jacobians at random points."""
    return option(default, "Random points of the cube at which each map is characterised.", low=8)


def resolution() -> Any:
    """--resolution of loss surfaces."""
    return option(96, "Grid points along each side of a surface.", low=2, high=1024, memory=True)
