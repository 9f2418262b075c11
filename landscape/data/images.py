"""Images cropped, resized and turned grey; a folder of images as a source."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import interpolate

from landscape.data import files
from landscape.data.source import Source

GREY = (0.299, 0.587, 0.114)  # ITU-R 601, as Pillow has it
GREY_MODES = ("1", "L", "LA", "I;16", "I;16B")
CHUNK = 4096  # images resized at a time


def form(shape: tuple[int, ...], size: int | None, grey: bool) -> tuple[int, ...]:
    """The shape of an image of that shape once it is prepared."""
    height, width, *colours = shape
    return (size or height, size or width, *([] if grey else colours))


def prepare(images: np.ndarray, size: int | None, grey: bool) -> np.ndarray:
    """The central squares resized to `size` with antialiasing, and grey if asked: (n, h, w[, 3]) → (n, size, size[, 3])."""
    if size is not None:
        side = min(images.shape[1:3])
        top, left = ((length - side) // 2 for length in images.shape[1:3])
        images = images[:, top : top + side, left : left + side]
    parts = [_prepare(images[first : first + CHUNK], size, grey) for first in range(0, len(images), CHUNK)]
    return np.concatenate(parts) if parts else images


def _prepare(images: np.ndarray, size: int | None, grey: bool) -> np.ndarray:
    numbers = torch.from_numpy(images.astype(np.float32))
    if size is not None and size != images.shape[1]:
        channels = numbers[:, None] if numbers.ndim == 3 else numbers.permute(0, 3, 1, 2)
        channels = interpolate(channels, (size, size), mode="bilinear", antialias=True)
        numbers = channels[:, 0] if numbers.ndim == 3 else channels.permute(0, 2, 3, 1)
    if grey and numbers.ndim == 4:
        numbers = numbers @ torch.tensor(GREY)
    if images.dtype == np.uint8:
        return numbers.round().clamp(0, 255).byte().numpy()
    return numbers.numpy()


def prepared(source: Source, size: int | None, grey: bool) -> Source:
    """The same source with its images prepared as they are taken. Raises ValueError where it has no images."""
    if size is None and not grey:
        return source
    if len(source.shape) < 2:
        raise ValueError(f"`size` and `grey` are for images, and {source.name} has {source.noun}; leave them out")
    shape = form(source.shape, size, grey)

    def take(places: np.ndarray) -> np.ndarray:
        images = source.take(places).reshape(len(places), *source.shape)
        return prepare(images, size, grey).reshape(len(places), -1)

    return Source(**{**vars(source), "shape": shape, "take": take})


@lru_cache(maxsize=8)
def read_folder(folder: Path, digest: str, size: int | None, grey: bool) -> Source:
    """A folder's images, to be taken in one fixed shuffled order, and read when they are first taken; a sub-folder is a class.

    They are in colour unless all are grey or `grey` is asked for; transparency lies on white. `digest` tells versions
    apart. Raises ValueError for a folder without images, an empty sub-folder, images beside sub-folders, and, naming the
    file, for one that cannot be read or, without `size`, has another size than the first."""
    paths = files.pictures(folder)
    labels, classes = _labels(folder, paths)
    colour = not grey and any(_mode(path) not in GREY_MODES for path in paths)
    one = cache(lambda place: _read(paths[place], size, colour))
    shape = one(0).shape

    def take(places: np.ndarray) -> np.ndarray:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            images = list(pool.map(one, map(int, places)))
        for place, image in zip(places, images, strict=True):
            if image.shape != shape:
                raise ValueError(
                    f"{folder} holds images of several sizes: {paths[0].name} has {_size(shape)} pixels, "
                    f"{paths[place].name} {_size(image.shape)}; give a `size` to which all are cropped and resized"
                )
        return np.stack(images).reshape(len(images), -1)

    return Source(folder.name, "images", shape, len(paths), take, labels, classes, shuffled=True)


def _labels(folder: Path, paths: list[Path]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The sub-folder that each image lies in, as a place among the sub-folders' names; None where there are none."""
    inside = [path.relative_to(folder).parts for path in paths]
    names = sorted({parts[0] for parts in inside if len(parts) > 1})
    if not paths:
        raise ValueError(f"{folder} holds no images ({', '.join(files.PICTURES)}); give a folder that does")
    if not names:
        return None, ()
    loose = next((parts[0] for parts in inside if len(parts) == 1), None)
    if loose is not None:
        raise ValueError(
            f"{folder} holds images ({loose}) beside sub-folders ({names[0]}); put each into its class's folder"
        )
    for other in sorted(folder.iterdir()):
        if other.is_dir() and other.name not in names and not other.name.startswith("."):
            raise ValueError(f"class {other.name!r} of {folder} holds no images; fill its sub-folder or remove it")
    return np.array([names.index(parts[0]) for parts in inside]), tuple(names)


def _mode(path: Path) -> str:
    with _opened(path) as image:
        return str(image.mode)


def _read(path: Path, size: int | None, colour: bool) -> np.ndarray:
    """The image as uint8 (h, w) or (h, w, 3)."""
    with _opened(path) as image:
        from PIL import Image, ImageOps

        if size is not None:
            image.draft(None, (2 * size, 2 * size))  # a JPEG is then decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I;16"):
            upright = Image.fromarray((np.asarray(upright) // 257).astype(np.uint8))
        if upright.mode in ("I", "F"):
            raise ValueError("its pixels have 32 bits; save it with 8 or 16")
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        upright = upright.convert("RGB" if colour else "L")
        if size is not None:
            side = min(upright.size)
            left, top = ((length - side) // 2 for length in upright.size)
            square = upright.crop((left, top, left + side, top + side))
            upright = square.resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(upright)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An image; whatever goes wrong while it is open is its own fault, and is told in one line."""
    try:
        from PIL import Image
    except ImportError as error:  # a bare GPU box
        raise ValueError(
            f"{path} needs Pillow to be read, which is not installed; save the images as an .npz"
        ) from error
    try:
        with Image.open(path) as image:
            yield image
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"{path} cannot be read as an image ({reason}); mend it or take it away") from error


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}×{shape[1]}"
