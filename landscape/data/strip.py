"""Images with a one-hot encoding of their class: a strip of pixels below each, in which the block of its class is bright."""

from __future__ import annotations

import numpy as np

from landscape.data.source import Source
from landscape.data.summary import changed


def strips(width: int, classes: int) -> np.ndarray:
    """The strip of each class, for images `width` pixels wide: (classes, rows, width), 0 or 1.

    Every class has a block. Blocks are squares in one row, as large as the width allows. If there are more classes than
    pixels in a row, they are single pixels in several rows."""
    side = max(1, width // classes)
    per_row = min(classes, width // side)
    rows = -(-classes // per_row)
    pixels = np.zeros((classes, rows, side, width), np.uint8)
    for place in range(classes):
        row, column = divmod(place, per_row)
        pixels[place, row, :, column * side : (column + 1) * side] = 1
    return pixels.reshape(classes, rows * side, width)


def carrying(source: Source, chosen: tuple[int, ...]) -> Source:
    """The same source, with the strip of its class below each image. `chosen` are the classes that get a block.

    Raises ValueError for a source without images or without labels."""
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
        strip = below[labels[places]] * (255 if images.dtype == np.uint8 else 1)
        channels = np.broadcast_to(strip[..., None], (*strip.shape, 3)) if colours else strip
        return np.concatenate([images, channels.astype(images.dtype)], 1).reshape(len(places), -1)

    rows = below.shape[1]
    shape = (height + rows, width, *colours)
    summary = changed(source.summary, f"{rows} rows of pixels below that show the class", shape)
    return Source(**{**vars(source), "shape": shape, "take": take, "strip": rows, "summary": summary})
