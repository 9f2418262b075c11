"""Coordinates that are known when sampling: half of an image, cells of a table's row, single numbers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.data import Dataset, place_of, strips
from landscape.names import unknown

SIDES = ("left", "right", "top", "bottom")


def known_half(
    images: Float[Tensor, "samples dim"], shape: tuple[int, ...], side: str, strip: int = 0
) -> Float[Tensor, "samples dim"]:
    """Images of which one half is kept as known coordinates: (S, D), NaN in the other half.

    `side`: the half that is kept, one of SIDES. `shape`: (h, w) or (h, w, 3) of an image. Its last `strip` rows, which show the
    class of a labelled image, become NaN. Raises ValueError for another side, and for points that are not images."""
    if side not in SIDES:
        raise ValueError(unknown("half", side, SIDES))
    if len(shape) < 2:
        raise ValueError(f"halves are of images; these data have points of {images.shape[-1]} coordinates")
    height, width = shape[0] - strip, shape[1]
    halves: dict[str, tuple[slice, ...]] = {
        "left": (slice(height), slice(width // 2)),
        "right": (slice(height), slice(width // 2, None)),
        "top": (slice(height // 2),),
        "bottom": (slice(height // 2, height),),
    }
    hidden = torch.ones(shape, dtype=torch.bool)
    hidden[halves[side]] = False
    return images.masked_fill(hidden.flatten().to(images.device), torch.nan)


def known_cells(dataset: Dataset, cells: Mapping[str, str]) -> Float[Tensor, "dim"]:
    """The known coordinates of a point, given by name: (D,), NaN where unknown.

    `cells` maps names to values as text:
    - Of a table, columns. A category becomes one-hot coordinates; a number is scaled as the column was.
    - Of labelled images, 'class' to the name of a class.
    - Of other data, coordinates '1' … 'D' to numbers.

    Raises ValueError for an unknown column, class, coordinate or category, and for a number outside the range of its column or
    of the data."""
    if not cells:
        raise ValueError("expected at least one cell that is known; got none")
    known = torch.full((dataset.dim,), torch.nan)
    side = dataset.high - dataset.low
    if dataset.table is None:
        for name, text in cells.items():
            if name == "class" and dataset.strip:
                known = torch.where(known.isnan(), _strip(dataset, text), known)
            elif name.isdecimal() and 1 <= int(name) <= dataset.dim:
                known[int(name) - 1] = _number(name, text, dataset.low, dataset.high)
            else:
                shown = "'class' and " if dataset.strip else ""
                raise ValueError(f"{dataset.name} has {shown}coordinates 1 to {dataset.dim}; got {name!r}{_hint(name)}")
        return known
    columns = {column.name: column for column in dataset.table.columns}
    starts = dict(zip(columns, _starts([column.width for column in columns.values()]), strict=True))
    for name, text in cells.items():
        if name not in columns:
            raise ValueError(unknown("column", name, tuple(columns)))
        column, start = columns[name], starts[name]
        if column.values:
            values = [str(value) for value in column.values]
            if text not in values:
                raise ValueError(unknown(name, text, values))
            unit = torch.tensor([float(value == text) for value in values])
        else:
            number = _number(name, text, column.low, column.high)
            unit = torch.tensor([(number - column.low) / (column.high - column.low)])
        known[start : start + column.width] = dataset.low + side * unit
    return known


def _strip(dataset: Dataset, name: str) -> Tensor:
    """An image that is NaN except for the strip of rows that shows its class: (D,)."""
    width, colours = dataset.shape[1], dataset.shape[2:]
    strip = torch.from_numpy(strips(width, len(dataset.classes))[place_of(name, dataset.classes)])
    spread = strip[..., None].expand(*strip.shape, *colours) if colours else strip
    below = dataset.low + (dataset.high - dataset.low) * spread.flatten()
    return torch.cat([torch.full((dataset.dim - len(below),), torch.nan), below])


def _hint(name: str) -> str:
    return ". Images show their class only where a study is run with --labelled" if name == "class" else ""


def _starts(widths: list[int]) -> list[int]:
    return [sum(widths[:place]) for place in range(len(widths))]


def _number(name: str, text: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number; got {text!r}") from None
    if not low <= number <= high:
        raise ValueError(f"{name} must lie from {low:g} to {high:g}, the range of the data; got {text}")
    return number
