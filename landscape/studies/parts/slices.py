"""The line or plane that is cut into a network's regions, and which networks can be cut."""

from __future__ import annotations

from torch import Tensor

from landscape import cube
from landscape.data import Dataset

EVALUATED = 4000  # what a net's regions take, about, in evaluations


def looked_at(dataset: Dataset, member: int = 0) -> tuple[cube.Slice, Tensor]:
    """Where a data set's networks are looked at, and the training points of a member there: (N, K)."""
    if dataset.dim <= 2:
        return cube.whole(dataset.dim, low=dataset.low, high=dataset.high), dataset.points[member]
    return cube.through(dataset.points[member, :3])
