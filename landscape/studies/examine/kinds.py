"""What kind of map a network is, decided from its measurements.

This module loads no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# Of each kind: the words that follow the network's name in the title, its short finding, and its noun.
KINDS = {
    "diverging": ("diverges when it is repeated", "It diverges", "diverging"),
    "identity": ("is nearly the identity", "It is nearly the identity", "identity"),
    "constant": ("is nearly a constant", "It is nearly a constant", "constant"),
    "copycat": ("is a copycat", "It is a copycat", "copycat"),
    "memoriser": ("is a memoriser", "It is a memoriser", "memoriser"),
    "unfitted": ("does not return its data", "It does not return its data", "unfitted"),
    "denoiser": ("is a denoiser", "It is a denoiser", "denoiser"),
    "undecided": (
        "is between a denoiser and an autoencoder",
        "Between denoiser and autoencoder",
        "denoiser or autoencoder",
    ),
    "autoencoder": ("is an autoencoder", "It is an autoencoder", "autoencoder"),
    "between": ("is none of the known kinds of map", "None of the known kinds", "of no known kind"),
}
DIVERGING_SHARE = 0.5  # of the orbits from noise that end outside the range
IDENTITY_LOSS = 0.01  # of range²/12, the loss of the best constant map on uniform points; as in measures.behaviour
CONSTANT_RANGE = 0.01  # of the range: outputs of a constant vary by less; as in measures.behaviour
COPYCAT_SHARE = 0.95  # of outputs on noise that are at a point of the data; as in measures.behaviour
MEMORISER_SHARE = 0.5  # of the data points that attract, or of the orbits from noise that end at one
UNFITTED_LOSS = 0.5  # of the best constant map's loss on the data; as in measures.behaviour
NOISE_LEFT = 0.75  # of the energy of an added noise: a map that leaves more is near an identity there, and no denoiser
# The best denoiser's Jacobian is Cov(x | y) / σ², which is symmetric (Miyasawa 1961; Alain and Bengio 2014). Of a matrix
# without structure the antisymmetric part is .7. Trained denoisers have up to .3, the autoencoders of a gallery page .65.
ASYMMETRY = 0.25  # at most: a map that may be a denoiser
# Pairs: the antisymmetric part, and the noise left in units of what a projection leaves. A denoiser is below both of a pair.
DENOISING = ((0.5, 0.25), (0.25, 0.5))
BETTER = 2.0  # an autoencoder leaves this many times less of its data's variance than of that of noise


def label_of(model: str) -> str:
    """A model's name for people: the name in FILE.py:NAME, the file's name, or the name given in Python."""
    if ".py:" in model:
        return model.rpartition(":")[2]
    return MEMORY.sub("", model).replace("\\", "/").rpartition("/")[2] or model


def kind_of(row: Mapping[str, Any]) -> str:
    """The kind of map that a row of measurements shows, a key of KINDS. Measurements that are missing decide nothing.

    A name says what one step of the map does; where its orbits lead stands beside it. The first rule that holds names the kind:
    1. identity: the loss on noise and on the data is below 1 % of that of the best constant map on noise.
    2. constant: outputs vary by less than 1 % of the range.
    3. copycat: 95 % of the outputs on noise are data points, of which there are several.
    4. memoriser: the loss on the data is as low as an identity's, and half of the data points attract, or half of the orbits
       from noise end at them.
    5. diverging: the data are not returned (rule 6), and more than half of the orbits from noise end outside the range.
    6. unfitted: the loss on the data is above half of that of their mean.
    7. denoiser: its Jacobian at the data is nearly symmetric, and of a noise added to the data less is left than a projection
       onto r dimensions leaves, r / D. Here r is the Jacobian's rank, or the number of data points if that is less: a network
       trained on few points may project onto their span. Enough is: symmetric up to a half, with a quarter of r / D left;
       symmetric up to a quarter, with half of r / D left, or, if there are more points than coordinates, with less than r / D
       and three quarters left. An autoencoder with a bottleneck projects, and decoder times encoder is not symmetric.
    8. undecided between a denoiser and an autoencoder: symmetric up to a quarter, and less is left than a projection leaves,
       and at most three quarters.
    9. autoencoder: the share of the data's variance that it does not return is at most half of that of noise.
    10. diverging, though the data are returned; else between: none of these."""
    value = values(row)
    noise_variance = value("side") ** 2 / 12
    uniform = IDENTITY_LOSS * noise_variance
    projected = min(max(value("rank_data"), value("rank_noise")), value("count")) / value("dim")
    symmetric = value("asymmetry_data") <= ASYMMETRY
    denoises = any(
        value("asymmetry_data") <= asymmetry and value("noise_left") <= left * projected
        for asymmetry, left in DENOISING
    )
    removes = value("noise_left") < min(projected, NOISE_LEFT)
    several = value("count") > 1
    unfitted = several and value("loss_data") > UNFITTED_LOSS * value("loss_constant")
    leaves = value("outside_noise") > DIVERGING_SHARE
    data_scale = value("loss_constant") / noise_variance if value("loss_constant") > 0 else 1.0
    rules = (
        ("identity", value("loss_noise") < uniform and value("loss_data") < uniform),
        ("constant", value("output_range") < CONSTANT_RANGE),
        ("copycat", several and value("copies_at_once") >= COPYCAT_SHARE),
        ("memoriser", value("loss_data") < uniform and _memorised(value) >= MEMORISER_SHARE),
        ("diverging", leaves and (unfitted or not several)),
        ("unfitted", unfitted),
        ("denoiser", denoises or (symmetric and removes and value("count") > value("dim"))),
        ("undecided", symmetric and removes),
        ("autoencoder", BETTER * value("loss_data") <= data_scale * value("loss_noise")),
        ("diverging", leaves),
    )
    return next((name for name, holds in rules if holds), "between")


def _memorised(value: Any) -> float:
    return max(_or_zero(value("data_attracting")), _or_zero(value("at_training_noise")))


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def values(row: Mapping[str, Any]) -> Any:
    """A function that gives a measurement of the row, NaN where it is missing."""

    def value(name: str) -> float:
        found = row.get(name, math.nan)
        return float(found) if isinstance(found, (int, float)) and found is not None else math.nan

    return value
