"""Results of measures as tidy tables: a row per item, `member` first, then plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from landscape.measures.transfer import on_cpu

if TYPE_CHECKING:
    import pandas as pd

MAX_COORDINATES = 3  # of points that are written out as columns: a table of images would have hundreds of them


def coordinates(name: str, points: Float[Tensor, "rows dim"]) -> dict[str, Tensor]:
    """The coordinates of points (R, D) as columns name1 … nameD, each (R,); no column if D > MAX_COORDINATES."""
    if points.shape[-1] > MAX_COORDINATES:
        return {}
    return {f"{name}{place}": column for place, column in enumerate(points.unbind(-1), 1)}


def tidy(columns: Mapping[str, Shaped[Tensor, "rows"] | Sequence[Any]]) -> pd.DataFrame:
    """A table of the columns by name, all of one length: tensors, which are copied to the CPU, or sequences."""
    import pandas as pd  # here, as no measure needs pandas before a table is asked for

    read = on_cpu({name: values.detach() for name, values in columns.items() if isinstance(values, Tensor)})
    return pd.DataFrame({name: read[name].numpy() if name in read else values for name, values in columns.items()})


def unrolled(columns: Mapping[str, Shaped[Tensor, "members *others"]], other: str = "") -> pd.DataFrame:
    """A row per member, for tensors (E,), or per member and `other`, for tensors (E, A, …): `member`, `other`, the columns.

    The column `other` counts the entries of a member from 0."""
    first = next(iter(columns.values()))
    numbers = {"member": torch.arange(len(first))}
    if first.ndim > 1:
        count = first[0].numel()
        numbers = {"member": numbers["member"].repeat_interleave(count), other: torch.arange(count).repeat(len(first))}
    return tidy(numbers | {name: values.flatten() for name, values in columns.items()})
