"""The names that parameters choose among, and limits of numbers. This module loads no torch, as help needs the names."""

from collections.abc import Iterable
from importlib.util import find_spec

NET_KINDS = ("mlp", "residual", "cnn", "cnn-bottleneck", "unet", "transformer", "injective")
USUAL_ACTIVATION = "default"  # the activation that a kind of net has by default
ACTIVATIONS = ("relu", "leaky", "gelu", "tanh", "sine")
MONOTONE_ACTIVATIONS = ("relu", "leaky", "tanh")  # of which injective layers can be made
PIECEWISE_ACTIVATIONS = ("relu", "leaky")  # with these, networks are piecewise affine
GENERATORS = ("ordinary", "injective")
INITIALISATIONS = ("torch", "he", "he-biased", "stable-1.5", "cauchy", "identity")
OBJECTIVES = ("plain", "denoising", "contractive", "idempotent")
RATE_SCHEDULES = ("constant", "linear", "cosine")
PRECISIONS = ("float32", "bfloat16")
KEPT_WEIGHTS = ("best", "last")
OPTIMIZERS = ("adam", "adamw", "sgd")
MOMENTUM = 0.9  # of SGD, by default
LOSSES = ("mse", "l1", "bce")
FIXED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square")
DRAWN_SETS = ("uniform", "clusters")
POINT_SETS = (*FIXED_SETS, *DRAWN_SETS, "digits")
IMAGE_SETS = ("mnist", "fashion-mnist", "cifar10")
ARRAY_SUFFIXES, TABLE_SUFFIXES = (".npz", ".npy"), (".csv", ".tsv", ".parquet")  # of files of data
TRACKERS = ("tensorboard", "wandb", "mlflow")  # that draw the course of a run; also names of packages and of extras
STARTS = ("uniform", "normal", "normal-clipped", "standard", "data")
NOISE_KINDS = ("normal", "uniform", "published")
NEIGHBOURS = 5  # k of the k-NN balls of precision and coverage, Naeem et al. (2020); more samples than k are needed


def check_optimizer(optimizer: str, momentum: float, weight_decay: float) -> None:
    """Raise ValueError if an optimiser is given what it does not take, or lacks what it needs."""
    if not 0 <= momentum < 1:
        raise ValueError(f"`momentum` must be from 0 up and below 1; got {momentum}")
    if optimizer != "sgd" and momentum != MOMENTUM:
        raise ValueError(f"`momentum` is of sgd; got {momentum} for {optimizer}. Leave it out, or take sgd")
    if optimizer == "adamw" and weight_decay == 0:
        raise ValueError(
            "`weight-decay` must be above 0 for adamw, which is adam without it; got 0. torch's own is 0.01"
        )


def check_trackers(names: Iterable[str]) -> None:
    """Raise ValueError for a name that is none of TRACKERS, and for one whose package is not installed."""
    for name in names:
        if name not in TRACKERS:
            raise ValueError(f"`log` must be one of {', '.join(map(repr, TRACKERS))}; got {name!r}")
        if getattr(find_spec(name), "origin", None) is None:  # a mere folder of this name has none
            raise ValueError(
                f"--log {name} needs a package that is not installed: pip install 'input-landscape[{name}]'"
            )
