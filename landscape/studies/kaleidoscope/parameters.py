"""The parameters of the kaleidoscope: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import NOISE_KINDS
from landscape.parameters import option
from landscape.studies.parts.image_parameters import START_KINDS, GridParameters

BURN_IN = 15  # jumps are counted after it: the longest burn-in that the claim on MNIST (C13) allows


@dataclass(frozen=True)
class KaleidoscopeParameters(GridParameters):
    """Where samples of networks trained on images go: how soon they settle, how near the training images, how they jump.

    Samples start from noise and follow x ← f(x), Shrivastava (2024), Eq. 2; for their jumps noise is added after every step,
    Eq. 3. Beside the images, networks on uniform points of several dimensions tell whether the burn-in depends on dimension."""

    samples: int = option(
        64, "Samples per member that are watched at every iteration.", low=1, high=100_000, memory=True
    )
    # Class histograms of 1,024 samples differ by about .05 by chance, those of 256 by .1, which the claim C13 allows at most.
    ends: int = option(
        1024, "Samples of each start whose ends are compared by class.", low=1, high=100_000, memory=True
    )
    iterations: int = option(300, "Iterations of x ← f(x).", low=2)
    start: tuple[str, ...] = option(
        ("uniform", "normal"), "How samples start; jumps from the first.", choices=START_KINDS
    )
    amplitude: tuple[float, ...] = option(
        (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3), "Amplitudes ε of the noise; 0 is always among them.", low=0
    )
    noise: tuple[str, ...] = option(("normal", "published"), "Kinds of noise.", choices=NOISE_KINDS)
    noise_iterations: int = option(100, f"Iterations in which jumps are counted, after the first {BURN_IN}.", low=1)
    dim: tuple[int, ...] = option(
        (2, 4, 8, 16, 32, 64), "Dimensions of the uniform points; 0 for none.", low=0, high=4096
    )
    # Of 32 points in 32 dimensions hardly any attracts, so that every burn-in would be censored.
    dim_count: int = option(8, "Uniform points, the same number in every dimension.", low=2, high=1_000_000)
    dim_ratio: float = option(
        4.0, "Uniform points per dimension, where their ratio is the same.", low=0.01, high=10_000
    )
    dim_hidden: int = option(4, "Hidden layers on uniform points.", low=1, high=100)
    dim_width: int = option(100, "Units per hidden layer on uniform points.", low=1, high=10_000)
