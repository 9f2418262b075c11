"""Images that carry their class: a strip of pixels below each, in which the block of its class is bright."""

from __future__ import annotations

import numpy as np

from landscape.data.source import Source
from landscape.data.summary import changed


def strips(width: int, classes: int) -> np.ndarray:
    """The strip of each class below images `width` pixels wide: (classes, rows, width), 0 or 1.

    Blocks are squares, as large as lets all stand in one row, else single pixels in several rows."""
    side = max(1, width // classes)
    per_row = min(classes, width // side)
    rows = -(-classes // per_row)
    found = np.zeros((classes, rows, side, width), np.uint8)
    for place in range(classes):
        row, column = divmod(place, per_row)
        found[place, row, :, column * side : (column + 1) * side] = 1
    return found.reshape(classes, rows * side, width)


def carrying(source: Source, chosen: tuple[int, ...]) -> Source:
    """The same source, each image above the strip of its class among the `chosen`.

    Raises ValueError where there are no images, or no classes."""
    if len(source.shape) < 2 or source.labels is None:
        lacks = "no labels" if len(source.shape) > 1 else f"{source.noun} in place of images"
        raise ValueError(
            f"`labelled` shows the classes of images, and {source.name} has {lacks}; leave it out (in a table, the column "
            "'class' is among the coordinates)"
        )
    labels = np.searchsorted(chosen, source.labels)
    height, width, *colours = source.shape
    below = strips(width, len(chosen))

    def take(places: np.ndarray) -> np.ndarray:
        images = source.take(places).reshape(len(places), *source.shape)
        own = below[labels[places]] * (255 if images.dtype == np.uint8 else 1)
        shown = np.broadcast_to(own[..., None], (*own.shape, 3)) if colours else own
        return np.concatenate([images, shown.astype(images.dtype)], 1).reshape(len(places), -1)

    rows = below.shape[1]
    shape = (height + rows, width, *colours)
    summary = changed(source.summary, f"{rows} rows of pixels below that show the class", shape)
    return Source(**{**vars(source), "shape": shape, "take": take, "strip": rows, "summary": summary})
