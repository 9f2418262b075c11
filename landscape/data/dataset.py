"""A set of training points, and the recipe it is drawn from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class DataSpec:
    """Which data: a name in DATASETS and its parameters, JSON-able; fields a set has no use for keep their defaults.

    `count` None means all points of a fixed set. `spread` is the side of the box (uniform) or of each cluster, as a share
    of the range; `clusters` the number of clusters.
    """

    name: str
    count: int | None = None
    dim: int | None = None
    spread: float = 1.0
    clusters: int = 1

    def spec(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Dataset:
    """What an ensemble is trained on: points (E, N, D), the member axis expanded without copies where all share one set.

    Coordinates lie in [low, high]. `shape` is the form of one point (an image's height and width); `labels` (N,) where the
    data have classes. `drawn` tells whether each member has points of its own, drawn from its seed.
    """

    name: str
    points: Float[Tensor, "members points dim"]
    low: float
    high: float
    shape: tuple[int, ...]
    labels: tuple[int, ...] | None = None
    drawn: bool = False

    @property
    def count(self) -> int:
        return self.points.shape[1]

    @property
    def dim(self) -> int:
        return self.points.shape[2]
