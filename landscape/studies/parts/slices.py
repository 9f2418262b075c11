"""The line or plane on which networks are looked at."""

from __future__ import annotations

from torch import Tensor

from landscape import cube
from landscape.data import Dataset

REGIONS_EVALUATIONS = 4000  # of a network that take about as long as finding its regions


def looked_at(dataset: Dataset, member: int = 0) -> tuple[cube.Slice, Tensor]:
    """The line or plane on which a data set's networks are looked at, and a member's training points there: (N, K).

    In one or two dimensions it is the whole range, else the plane through the member's first three training points."""
    if dataset.dim <= 2:
        return cube.whole(dataset.dim, low=dataset.low, high=dataset.high), dataset.points[member]
    return cube.through(dataset.points[member, :3])
