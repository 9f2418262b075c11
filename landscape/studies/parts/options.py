"""Options that several studies have, each declared once: help text, range, and default where it is the same.

A study's class lists them as `lr: float = options.lr()`, or extends the mixins of `point_parameters` or `image_parameters`."""

from __future__ import annotations

from typing import Any

from landscape.choices import ACTIVATIONS, KEPT_WEIGHTS, NET_KINDS, USUAL_ACTIVATION
from landscape.outside import NETS
from landscape.parameters import option


def data(default: str | tuple[str, ...], choices: tuple[str, ...], help: str = "Data sets.") -> Any:
    """--data: sets of ours, of which `choices` are proposed, and any other, among them the user's own."""
    return option((default,) if isinstance(default, str) else default, help, choices=choices, data=True)


def own_points() -> Any:
    """--points of a study that trains on all points of a set, which the user's own may have too many of."""
    return option(0, "Points of a table or array of yours; 0 for all.", low=0, high=1_000_000, later=True)


def hidden(default: tuple[int, ...], help: str = "Hidden layers.") -> Any:
    """--hidden, swept."""
    return option(default, help, low=1, high=100)


def width(default: int | tuple[int, ...]) -> Any:
    """--width, swept if the default is a tuple."""
    return option(default, "Units per hidden layer.", low=1, high=10_000, memory=True)


def budget(default: tuple[int, ...]) -> Any:
    """--budget of a study that also compares depths at equal numbers of parameters."""
    return option(default, "Parameters of the equal-parameter grids; 0 for none.", low=0, high=10**8)


def net(*, later: bool = False) -> Any:
    """--net of a study that trains one architecture in a run; `later` as for `option`."""
    return option("mlp", "Architecture.", choices=NET_KINDS, group=NETS, later=later)


def nets(default: tuple[str, ...]) -> Any:
    """--net, swept."""
    return option(default, "Architectures.", choices=NET_KINDS, group=NETS)


def usual_activation(*, later: bool = True) -> Any:
    """--activation of a study whose default is the usual activation of each architecture."""
    help = "Of the hidden layers; default is each net's own."
    return option(USUAL_ACTIVATION, help, choices=(USUAL_ACTIVATION, *ACTIVATIONS), later=later)


def steps(default: int = 2000, help: str = "Training steps.") -> Any:
    """--steps of training."""
    return option(default, help, low=1)


def lr() -> Any:
    """--lr of training."""
    return option(1e-3, "Learning rate.", low=0)


def batch() -> Any:
    """--batch of training."""
    return option(1000, "Minibatch; all points where they are fewer.", low=1, memory=True)


def batch_of_all() -> Any:
    """--batch of a study that by default trains on all points at each step."""
    return option(0, "Minibatch; 0 for all points.", low=0, later=True, training=True)


def early_stop() -> Any:
    """--early-stop of a study that by default trains every network for all steps."""
    return option(False, "Stop a member once its training loss is 1e-6.")


def keep() -> Any:
    """--keep, of training: which step's weights the trained network has."""
    help = "Which weights of a training are kept: best, of the lowest loss over all data, or last, after the last step."
    return option("best", help, choices=KEPT_WEIGHTS, later=True)


def probes(default: int) -> Any:
    """--probes: the points at which a study measures each map's values and Jacobians."""
    return option(default, "Random points of the cube at which each map is characterised.", low=8)


def resolution() -> Any:
    """--resolution of loss surfaces."""
    return option(96, "Grid points along each side of a surface.", low=2, high=1024, memory=True)
