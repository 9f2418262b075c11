"""Results of different lengths per member as pandas tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jaxtyping import Float
from torch import Tensor

if TYPE_CHECKING:
    import pandas as pd

MOST_COORDINATES = 8  # of points in a table: more are read from the tensor


def coordinates(points: Float[Tensor, "points dim"]) -> pd.DataFrame:
    """A row a point with columns x1 … xD; without columns where D is above 8."""
    import pandas as pd  # loading it takes half a second, and a measure needs none

    shown = points if points.shape[1] <= MOST_COORDINATES else points[:, :0]
    return pd.DataFrame(shown.cpu().numpy(), columns=[f"x{axis + 1}" for axis in range(shown.shape[1])])
