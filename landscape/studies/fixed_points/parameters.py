"""The parameters of the study of fixed points: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.parameters import option
from landscape.studies.parts.point_parameters import CountedPoints, OneNet, Training


@dataclass(frozen=True)
class FixedPointsParameters(Training, OneNet, CountedPoints):
    """The fixed points of networks, in one and two dimensions all of them, and where the paper's samplers end among them.

    Of ReLU networks on the line and in the plane they are found region by region with an interval test, so that none is missing
    where a member's `proven` is true; of other nets and in more dimensions by Newton's method from many starts, as are cycles
    everywhere: some may be missing there."""

    count: tuple[int, ...] = option((4, 16, 64), "Points of a uniform set; images of digits.", low=1, high=100_000)
    longer: tuple[int, ...] = option(
        (1,), "Factors on --steps; sets with a --count are trained for each.", low=1, high=1000
    )
    samples: int = option(400, "Samples per member and sampler.", low=10, high=1_000_000, memory=True)
    iterations: int = option(200, "Iterations of x ← f(x), and steps of gradient descent (L-BFGS).", low=1)
    starts: int = option(300, "Random starts of Newton's method.", low=1, high=1_000_000, memory=True)
    periods: int = option(4, "The longest cycles looked for; 1 for none.", low=1, high=16)
    resolution: int = option(96, "Points along each side of the pictures.", low=5, high=1001, memory=True)
