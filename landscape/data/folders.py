"""A folder of images as a source."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np

from landscape.data import files
from landscape.data.pictures import Picture, is_grey, quiet, read_picture
from landscape.data.source import Source
from landscape.data.summary import summary
from landscape.names import printable

MAX_CACHE_BYTES = 2**30  # of pixels kept in memory, so that most files are read only once
MAX_NUMBERS = 2**32  # that one call of `take` may return: 16 GiB as float32
SAMPLE_PICTURES, SAMPLE_PIXELS = 256, 2**24  # the largest value is estimated from so much: under a second
# Sub-folders of these names are parts of a set, not classes.
SPLIT_NAMES = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval")
COLOUR_BATCH = 64  # pictures searched for colour in parallel


@lru_cache(maxsize=8)
def read_folder(folder: Path, digest: str, size: int | None, grey: bool) -> Source:
    """A folder of images as a source in one fixed shuffled order; its sub-folders are classes.

    Images are read when they are first taken. Unless `grey` is asked for, they are in colour if any pixel of any image is,
    whatever the modes of the files. Transparent parts are put on white. `digest` is part of the cache's key, so that a
    changed folder is read again.

    Raises ValueError for a folder without images, an empty sub-folder, images beside sub-folders, and sub-folders named
    like the splits of a data set (train, test, …). `Source.take` raises ValueError, naming the file, for an image that
    cannot be read, has several frames or, without `size`, has another size than the first."""
    paths = files.pictures(folder)
    name = printable(folder.name)
    labels, classes = _labels(folder, paths)
    pictures = Pictures(paths, size, grey)
    colour = pictures.coloured()
    shape = pictures[0].form(colour).shape

    def within(path: Path) -> str:
        return printable(str(path.relative_to(folder)))

    def take(places: np.ndarray) -> np.ndarray:
        if len(places) * prod(shape) > MAX_NUMBERS:
            raise ValueError(
                f"{len(places):,} images of {_size(shape)} are more than {MAX_NUMBERS / 1e9:.1f} billion numbers, the most "
                "that is taken at once; give a `size` or a smaller `count`"
            )
        images = [picture.form(colour) for picture in pictures.read(places)]
        for place, image in zip(places, images, strict=True):
            if image.shape != shape:
                raise ValueError(
                    f"{printable(str(folder))} holds images of several sizes: {within(paths[0])} has {_size(shape)} pixels, "
                    f"{within(paths[place])} {_size(image.shape)}; give a `size` to which all are cropped "
                    "and resized"
                )
        return _stacked(images).reshape(len(images), -1)

    source = Source(name, "images", shape, len(paths), take, labels, classes, shuffled=True)
    notes, largest = pictures.sampled(source.order())
    line = summary(len(paths), "images", shape, notes, largest=largest, classes=len(classes))
    return Source(**{**vars(source), "summary": line})


class Pictures:
    """The pictures of a folder by index, read when they are first needed. Up to MAX_CACHE_BYTES of pixels are cached."""

    def __init__(self, paths: list[Path], size: int | None, grey: bool) -> None:
        self.paths, self.size, self.grey = paths, size, grey
        self._cache: dict[int, Picture] = {}
        self._bytes, self._colour = 0, False

    def __getitem__(self, place: int) -> Picture:
        if place in self._cache:
            return self._cache[place]
        picture = read_picture(self.paths[place], self.size, self.grey, look=not self._colour)
        if self._bytes < MAX_CACHE_BYTES:
            self._cache[place] = picture
            self._bytes += picture.pixels.nbytes
        return picture

    def read(self, places: np.ndarray) -> list[Picture]:
        with quiet(), ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self.__getitem__, map(int, places)))

    def coloured(self) -> bool:
        """Whether any picture carries colour. Stops at the first batch of files in which one does."""
        with quiet(), ThreadPoolExecutor(os.cpu_count()) as pool:
            self._colour = not self.grey and (
                self._coloured(0)
                or any(
                    any(pool.map(self._coloured, range(first, min(first + COLOUR_BATCH, len(self.paths)))))
                    for first in range(1, len(self.paths), COLOUR_BATCH)
                )
            )
        return self._colour

    def sampled(self, order: np.ndarray) -> tuple[list[str], float]:
        """Notes on a sample of pictures, the first of `order`, and their largest value. Unreadable pictures are left out."""
        with quiet():
            first = self[0]
            count = min(SAMPLE_PICTURES, max(1, SAMPLE_PIXELS // first.area), len(order))
            sample = [first, *filter(None, map(self._readable, map(int, order[:count])))]
        notes = ["16 bits"] if any(picture.pixels.dtype != np.uint8 for picture in sample) else []
        largest = max(
            float(picture.pixels.max() / (255 if picture.pixels.dtype == np.uint8 else 1)) for picture in sample
        )
        return notes, largest

    def _coloured(self, place: int) -> bool:
        return (place == 0 or not is_grey(self.paths[place])) and self[place].coloured

    def _readable(self, place: int) -> Picture | None:
        try:
            return self[place]
        except ValueError:
            return None  # the error is raised if the picture is taken


def _stacked(images: list[np.ndarray]) -> np.ndarray:
    """The images in one array: uint8 if all of them are uint8, otherwise float32 in [0, 1]."""
    if all(image.dtype == np.uint8 for image in images):
        return np.stack(images)
    return np.stack([_unit(image) for image in images])


def _unit(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) / np.float32(255) if values.dtype == np.uint8 else values


def _labels(folder: Path, paths: list[Path]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The class of each image, as an index into the names of the sub-folders, and these names; None without sub-folders."""
    inside = [path.relative_to(folder).parts for path in paths]
    names = sorted({parts[0] for parts in inside if len(parts) > 1})
    shown = printable(str(folder))
    if not paths:
        raise ValueError(f"{shown} holds no images ({', '.join(files.PICTURE_SUFFIXES)}); give a folder that does")
    if not names:
        return None, ()
    loose = next((parts[0] for parts in inside if len(parts) == 1), None)
    if loose is not None:
        raise ValueError(
            f"{shown} holds images ({printable(loose)}) beside sub-folders ({printable(names[0])}); put each into its "
            "class's folder"
        )
    if len(names) > 1 and all(name.lower() in SPLIT_NAMES for name in names):
        raise ValueError(
            f"the sub-folders of {shown} are called {' and '.join(names)}, as parts of a set are rather than classes; "
            "give one of them, or rename them"
        )
    for other in sorted(folder.iterdir()):
        if other.is_dir() and other.name not in names and not other.name.startswith("."):
            raise ValueError(
                f"class {printable(other.name)!r} of {shown} holds no images; fill its sub-folder or remove it"
            )
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[parts[0]] for parts in inside]), tuple(map(printable, names))


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}×{shape[1]}"
