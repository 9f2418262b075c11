"""Where trained networks merge points: layer by layer, through training."""

from __future__ import annotations

import pandas as pd
from torch import Tensor

from landscape import cube
from landscape.data import Dataset, held_out
from landscape.data.load import whole
from landscape.ensemble import Ensemble
from landscape.measures import merged_points
from landscape.studies.parts.streams import stream
from landscape.training import Recipe

COLUMNS = ("merged", "merges", "one_to_one")  # shares of points, as `merged_points` gives them


def probe_points(recipe: Recipe, dataset: Dataset, count: int) -> Tensor:
    """Where a network is asked: images that it was not trained on, or else uniform points of the data's range: (E, P, D)."""
    left = whole(recipe.data).count - dataset.count if len(dataset.shape) > 1 else 0
    if left > 0:
        return held_out(recipe.data, recipe.seeds, min(count, left)).points
    points = cube.uniform(count, dataset.dim, stream("injectivity", "probes"), low=dataset.low, high=dataset.high)
    return points.expand(len(recipe.seeds), *points.shape)


def by_layer(nets: Ensemble, points: Tensor) -> pd.DataFrame:
    """A table with a row per member and hidden layer: columns member, layer, the shares COLUMNS, rank, and active.

    `rank` is the mean rank of the Jacobian up to the layer, over that of inputs; `active` the mean share of active units."""
    found = merged_points(nets, points)
    table = found.table()
    table["rank"] /= found.dim
    table["active"] /= table.width
    return table[["member", "layer", *COLUMNS, "rank", "active"]]


def of_members(layers: pd.DataFrame) -> pd.DataFrame:
    """A table with a row per member, of its layers' rows at one time: the shares merged after the first and the last layer."""
    rows = layers.sort_values("layer").groupby("member")
    return pd.DataFrame({"merged": rows.merged.last(), "merged_first": rows.merged.first()})
