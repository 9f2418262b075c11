"""Images cropped, resized and turned grey."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import interpolate

from landscape.data.source import Source
from landscape.data.summary import changed

GREY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R 601, as Pillow has it
IMAGES_PER_CHUNK = 4096  # images resized at a time


def form(shape: tuple[int, ...], size: int | None, grey: bool) -> tuple[int, ...]:
    """The shape that an image of `shape` has after `prepare`."""
    height, width, *colours = shape
    return (size or height, size or width, *([] if grey else colours))


def prepare(images: np.ndarray, size: int | None, grey: bool) -> np.ndarray:
    """The images' central squares, resized to `size` with antialiasing, and turned grey if `grey`.

    (n, h, w[, 3]) → (n, size, size[, 3])."""
    if size is not None:
        side = min(images.shape[1:3])
        top, left = ((length - side) // 2 for length in images.shape[1:3])
        images = images[:, top : top + side, left : left + side]
    parts = [
        _prepare(images[first : first + IMAGES_PER_CHUNK], size, grey)
        for first in range(0, len(images), IMAGES_PER_CHUNK)
    ]
    return np.concatenate(parts) if parts else images


def _prepare(images: np.ndarray, size: int | None, grey: bool) -> np.ndarray:
    numbers = torch.from_numpy(images.astype(np.float32))
    if size is not None and size != images.shape[1]:
        channels = numbers[:, None] if numbers.ndim == 3 else numbers.permute(0, 3, 1, 2)
        channels = interpolate(channels, (size, size), mode="bilinear", antialias=True)
        numbers = channels[:, 0] if numbers.ndim == 3 else channels.permute(0, 2, 3, 1)
    if grey and numbers.ndim == 4:
        numbers = numbers @ torch.tensor(GREY_WEIGHTS)
    if images.dtype == np.uint8:
        return numbers.round().clamp(0, 255).byte().numpy()
    return numbers.numpy()


def prepared(source: Source, size: int | None, grey: bool) -> Source:
    """The same source, its images prepared when they are taken. Raises ValueError if its points are no images."""
    if size is None and not grey:
        return source
    if len(source.shape) < 2:
        raise ValueError(f"`size` and `grey` are for images, and {source.name} has {source.noun}; leave them out")
    shape = form(source.shape, size, grey)

    def take(places: np.ndarray) -> np.ndarray:
        images = source.take(places).reshape(len(places), *source.shape)
        return prepare(images, size, grey).reshape(len(places), -1)

    notes = [f"resized to {size} × {size}"] * (size is not None) + ["turned grey"] * (grey and len(source.shape) > 2)
    summary = changed(source.summary, ", ".join(notes), shape) if notes else source.summary
    return Source(**{**vars(source), "shape": shape, "take": take, "summary": summary})
