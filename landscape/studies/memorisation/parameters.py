"""The parameters of the study of memorisation: importable without torch."""

from __future__ import annotations

from dataclasses import dataclass

from landscape.choices import NEIGHBOURS
from landscape.parameters import option
from landscape.studies.parts.image_parameters import START_KINDS, GridParameters


@dataclass(frozen=True)
class MemorisationParameters(GridParameters):
    """Whether samples of networks trained on images are copies of their training images, and what that depends on.

    Samples follow x ← f(x) from noise, Shrivastava (2024), Eq. 2, or with an amplitude Eq. 3. The same statistics are taken
    of samplers whose verdict is known, of mixtures of copies with held-out images, and of other models of the same data."""

    samples: int = option(300, "Samples per member.", low=NEIGHBOURS + 1, high=100_000, memory=True)
    iterations: int = option(100, "Iterations of x ← f(x) after which a sample is taken.", low=1)
    start: str = option("uniform", "How samples start.", choices=START_KINDS)
    amplitude: float = option(0.0, "Amplitude ε of normal noise that each iteration adds; 0 for none.", low=0)
    twins: bool = option(True, "Train twins on as many other points, where the data have them.")
    compared: int = option(3, "Members whose images also train baselines and make mixtures; 0 for none.", low=0)
    baseline_steps: int = option(0, "Adam steps of a baseline; 0 for each kind's own number.", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        fewest = {"count": min(self.count), "held-out": self.held_out}
        for name, number in fewest.items():
            if number <= NEIGHBOURS:
                raise ValueError(
                    f"`{name}` must be more than {NEIGHBOURS}, for balls to the fifth neighbour; got {number}"
                )
