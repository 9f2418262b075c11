"""Plateaus: connected regions of a network on which the map before its squash is constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from landscape.measures.exact.linear_regions import Regions
from landscape.measures.tables import tidy

if TYPE_CHECKING:
    import pandas as pd


class PlateauShares(NamedTuple):
    """The plateaus of all members, sorted by member: (Q,) each. `share` is the plateau's share of the slice."""

    member: Int[Tensor, "plateaus"]
    share: Float[Tensor, "plateaus"]

    def table(self) -> pd.DataFrame:
        """A row per plateau: member, share."""
        return tidy(self._asdict())


def plateaus(cells: Regions) -> PlateauShares:
    """The plateaus, sorted by member: their members and their shares of the slice, (Q,) each.

    A plateau is a connected set of regions on which the map before its squash is constant (rank 0). Regions are connected if
    they share a side, or on a line an end."""
    flat = (cells.rank == 0).nonzero()[:, 0]
    region, count = cells.region, len(cells.share)
    if cells.vertices.shape[1] == 1:
        shared = cells.corners
    else:  # a side is named by its two vertices, the lesser first
        pairs = torch.stack([cells.corners, cells.following], 1).sort(1).values
        shared = pairs[:, 0] * len(cells.vertices) + pairs[:, 1]
    there = torch.isin(region, flat)
    sides, side = np.unique(shared[there].numpy(), return_inverse=True)
    total = count + len(sides)
    links = coo_array((np.ones(len(side)), (region[there].numpy(), count + side)), (total, total))
    labels, plateau = np.unique(connected_components(links, directed=False)[1][flat.numpy()], return_inverse=True)
    size, place = len(labels), torch.from_numpy(plateau)
    shares = torch.zeros(size, dtype=torch.float64).index_add_(0, place, cells.share[flat])
    return PlateauShares(torch.zeros(size, dtype=torch.int64).scatter_(0, place, cells.member[flat]), shares)
