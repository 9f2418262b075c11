"""Options that several studies have, with one wording each."""

from __future__ import annotations

from typing import Any

from landscape.choices import ACTIVATIONS, INITIALISATIONS, KEPT_WEIGHTS, NET_KINDS, USUAL_ACTIVATION
from landscape.outside import NETS
from landscape.parameters import option


def net_option(*, later: bool = False) -> Any:
    """--net of a study of one architecture at a time."""
    return option("mlp", "Architecture.", choices=NET_KINDS, group=NETS, later=later)


def activation_option() -> Any:
    """--activation of a study of ReLU networks."""
    return option("relu", "Activation of the hidden layers.", choices=ACTIVATIONS)


def usual_activation_option(*, later: bool = True) -> Any:
    """--activation of a study whose nets keep their own activation by default."""
    words = "Of the hidden layers; default is each net's own."
    return option(USUAL_ACTIVATION, words, choices=(USUAL_ACTIVATION, *ACTIVATIONS), later=later)


def init_option() -> Any:
    """--init of a study of one initialisation at a time."""
    return option("torch", "Initialisation.", choices=INITIALISATIONS)


def scale_option() -> Any:
    """--scale of the initial weights."""
    return option(1.0, "Factor on the initial weights.", low=0)


def steps_option(default: int = 2000, words: str = "Adam steps.") -> Any:
    """--steps of training."""
    return option(default, words, low=1)


def lr_option() -> Any:
    """--lr of training."""
    return option(1e-3, "Adam's learning rate.", low=0)


def early_stop_option() -> Any:
    """--early-stop of a study that trains for all steps by default."""
    return option(False, "Stop a member once its training loss is 1e-6.")


def keep_option() -> Any:
    """--keep of a study that trains."""
    words = (
        "Which weights of a training are kept: best, of the lowest loss over all data, or last, after the last step."
    )
    return option("best", words, choices=KEPT_WEIGHTS, later=True)


def hidden_option(default: tuple[int, ...], words: str = "Hidden layers.") -> Any:
    """--hidden, swept."""
    return option(default, words, low=1, high=100)


def width_option(default: tuple[int, ...]) -> Any:
    """--width, swept."""
    return option(default, "Units per hidden layer.", low=1, high=10_000, memory=True)


def budget_option(default: tuple[int, ...]) -> Any:
    """--budget of a study of grids, whose depths are also compared at equal numbers of parameters."""
    return option(default, "Parameters of the equal-parameter grids; 0 for none.", low=0, high=10**8)
