"""The parameters of an examination: importable without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from landscape.outside import MODELS
from landscape.parameters import Parameters, option
from landscape.studies.examine.sources import KNOWN_MAPS, NAMED, check_model, combinations, data_path

MOST_CORNERS = 30  # dimensions, of which all corners can be visited


@dataclass(frozen=True)
class ExamineParameters(Parameters):
    """What kind of map a network is, where repeating it leads, and whether it memorises its training data.

    The networks come from outside: FILE.py:NAME, a file of an exported network, or a module given to landscape.examine in
    Python. Nothing is trained. The identity, a constant and the nearest-neighbour memoriser are measured beside it."""

    members: int = option(
        1, "Always 1: a network from outside has no seeds. Give several models instead.", low=1, high=1
    )
    model: tuple[str, ...] = option(
        ("identity",),
        f"Networks: FILE.py:NAME (a module or a function that makes one), files .pt2, .onnx or of TorchScript, or "
        f"{', '.join(KNOWN_MAPS)}.",
        group=MODELS,
    )
    weights: str = option(
        "", "Files of weights, .safetensors or state dicts; several of one model are its checkpoints.", several=True
    )
    data: str = option("digits", "What the networks were trained on: a name, a .npy or .npz file, a folder or a table.")
    held_out: str = option(
        "", "Points that no network was trained on: as --data, or a share of the end of the data, such as 20%."
    )
    shape: str = option("", "Shape of a network's input, such as 1,28,28; by default as the data fit.")
    range: str = option("0,1", "Smallest and largest value of a coordinate.")
    points: int = option(1000, "Points of the data that are used, the first ones.", low=1, high=1_000_000, memory=True)
    held_out_points: int = option(300, "Held-out points that are used.", low=1, high=100_000, memory=True)
    noise: float = option(0.1, "Noise added to points, as a share of the range.", low=0.001, high=1.0)
    starts: int = option(48, "Orbits from each kind of start.", low=2, high=100_000, memory=True)
    samples: int = option(300, "Orbits from noise whose ends are judged as samples.", low=2, high=100_000, memory=True)
    iterations: int = option(200, "Iterations of x ← f(x).", low=2, high=1_000_000)
    probes: int = option(6, "Points at which Jacobians are taken, of the data and of noise.", low=1, high=10_000)
    resolution: int = option(64, "Grid points along each side of a loss surface.", low=3, high=1024, memory=True)
    film_points: int = option(64, "Points of the data that a film over checkpoints follows, the first ones.", low=1)
    corners: int = option(
        16, "Dimensions up to which all corners are visited; beyond, a search climbs.", low=1, high=MOST_CORNERS
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.limits  # noqa: B018  a wrong range or shape is said at once
        self.form  # noqa: B018

    def check_paths(self) -> None:
        for model in self.model:
            check_model(model)
        list(combinations(self.model, self.weights))
        for name in (self.data, "" if self.held_out.endswith("%") else self.held_out):
            if name and name not in NAMED:
                data_path(name)

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value of a coordinate. Raises ValueError for a text that is not two numbers."""
        try:
            low, high = (float(part) for part in self.range.split(","))
        except ValueError:
            raise ValueError(f"`range` must be two numbers, as in 0,1 or -1,1; got {self.range!r}") from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"`range` must be a smaller and a larger number; got {self.range!r}")
        return low, high

    @property
    def form(self) -> tuple[int, ...]:
        """The shape of a network's input; () where it is to be found from the data. Raises ValueError for other texts."""
        try:
            found = tuple(int(part) for part in self.shape.split(",")) if self.shape else ()
        except ValueError:
            found = (0,)
        if any(size < 1 for size in found):
            raise ValueError(f"`shape` must be whole numbers from 1, as in 1,28,28; got {self.shape!r}")
        return found
