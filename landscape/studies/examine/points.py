"""The data of an examination, in the coordinates that the networks take: floats as they are, images by their range.

Numbers of a .npy, .npz, .csv or .parquet file are taken as they are. Only pictures whose pixels are bytes are scaled: grey
level 0 is the low end of the range, 255 its high end. A line says how each source was read."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape.choices import IMAGE_SETS
from landscape.data import DataSpec, files, held_out, load_data
from landscape.data.arrays import LABEL_KEYS, PICKLE_MAGIC
from landscape.data.in_memory import name_of
from landscape.disk import open_regular
from landscape.studies.examine.sources import NAMED, data_path

ARRAYS, TABLES = (".npy", ".npz"), (".csv", ".tsv", ".parquet")
TESTED = IMAGE_SETS  # sets that were published with images for testing
SMALLEST_IMAGE = 100  # coordinates: so many in a square number are shown as an image
READ_ERRORS = (OSError, ValueError, EOFError, KeyError, TypeError, MemoryError, pd.errors.ParserError)


@dataclass(frozen=True, eq=False)
class Points:
    """Points as they were read: `values` (N, *shape). `coloured_last`: images (h, w, 3), which a network may have (3, h, w).

    `summary` says how they were read."""

    name: str
    values: np.ndarray
    summary: str
    coloured_last: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one point."""
        return tuple(self.values.shape[1:])


def read(name: str, low: float, high: float, *, new: bool = False) -> Points:
    """All points of a set, file or folder; with `new`, the test images of a published set in place of its training images.

    Raises ValueError, in one line, for what cannot be read, and for numbers outside the range."""
    return _read(name, low, high, new, digest(name))


def digest(name: str) -> str:
    """The sha256 of the content of a path; "" of a named set, whose content never changes."""
    return "" if name in NAMED or not name else files.digest(name)


@lru_cache(maxsize=4)
def _read(name: str, low: float, high: float, new: bool, content: str) -> Points:
    if name in NAMED:
        return _named(name, low, high, new)
    path = data_path(name)
    if path.is_dir():
        return _scaled(load_data(DataSpec(name), [0]), low, high)
    kind = path.suffix.lower()
    if kind not in (*ARRAYS, *TABLES):
        raise ValueError(f"data must be a folder of images, or {', '.join((*ARRAYS, *TABLES))}; got the file {path}")
    values = _array(path) if kind in ARRAYS else _table(path)
    return as_given(values, name_of(name) if name_of(name) != name else path.name, low, high)


def as_given(values: np.ndarray, name: str, low: float, high: float) -> Points:
    """Numbers (N, *shape) as points, unchanged. Raises ValueError for other content, and outside the range."""
    if values.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers; got {values.dtype}")
    if values.ndim < 2 or not values.size:
        raise ValueError(
            f"{name} must be points (N, D) or images (N, h, w), (N, c, h, w); got the shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds numbers that are not finite; remove these points")
    smallest, largest = float(values.min()), float(values.max())
    if smallest < low or largest > high:
        whole = values.dtype.kind in "bui"
        fits = f"{min(smallest, 0):g},{255 if whole and largest <= 255 else largest:g}"
        other = f", or divide by {255 if largest <= 255 else largest:g} if the network takes 0 to 1" if whole else ""
        raise ValueError(
            f"{name} holds values from {smallest:g} to {largest:g}, outside the range {low:g} to {high:g}: pass "
            f"range=({fits}) (--range={fits}) if the network takes them as they are{other}"
        )
    shape = " × ".join(map(str, values.shape[1:]))
    taken = f"taken as they are: from {smallest:g} to {largest:g} in the range {low:g} to {high:g}"
    line = f"{len(values):,} points of {shape}, {taken}"
    last = values.ndim == 4 and values.shape[-1] == 3 and values.shape[1] != 3
    return Points(name, np.ascontiguousarray(values, np.float32), line, last)


def _named(name: str, low: float, high: float, new: bool) -> Points:
    if new and name not in IMAGE_SETS:
        raise ValueError(f"{name!r} has no images for testing; pass held_out= (--held-out FILE)")
    if not new:
        return _scaled(load_data(DataSpec(name), [0]), low, high)
    return _scaled(held_out(DataSpec(name, 1), [0], 10_000), low, high, "test images")


def _scaled(dataset: object, low: float, high: float, noun: str = "") -> Points:
    """Points of ours, which lie in [0, 1] or another range, moved to the range asked for."""
    from landscape.data import Dataset

    assert isinstance(dataset, Dataset)
    unit = (dataset.points[0] - dataset.low) / (dataset.high - dataset.low)
    values = (low + (high - low) * unit).numpy().reshape(-1, *dataset.shape)
    images = len(dataset.shape) > 1
    shape = " × ".join(map(str, dataset.shape))
    noun = noun or ("images" if images else "points")
    ends = f"black is {low:g}, white is {high:g}" if images else f"their range is moved to {low:g} to {high:g}"
    moved = images or (dataset.low, dataset.high) != (low, high)
    line = f"{dataset.count:,} {noun} of {shape}; {ends if moved else f'in the range {low:g} to {high:g}'}"
    return Points(dataset.name, values, line, len(dataset.shape) == 3)


def _array(path: Path) -> np.ndarray:
    try:
        with open_regular(path) as file:
            if file.read(1) == PICKLE_MAGIC:
                raise ValueError("it is a pickle, which could run any code; save plain numbers by numpy.save")
            file.seek(0)
            found = np.load(file, allow_pickle=False)
            if isinstance(found, np.ndarray):
                return found
            name = next((key for key in (*LABEL_KEYS, *found.files) if key in found.files), "")
            values: np.ndarray = found[name]
            return values
    except READ_ERRORS as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        if "allow_pickle" in reason:
            reason = "it holds Python objects (a pickle), which could run any code; save plain numbers"
        raise ValueError(f"{path} cannot be read as numbers ({reason})") from None


def _table(path: Path) -> np.ndarray:
    try:
        comma = "\t" if path.suffix.lower() == ".tsv" else ","
        table = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else pd.read_csv(path, sep=comma)
    except (*READ_ERRORS, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a table ({' '.join(str(error).split())[:160]})") from None
    texts = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if texts:
        raise ValueError(
            f"{path}: a network takes numbers, and the column {texts[0]!r} holds text; save the network's own coordinates"
        )
    values: np.ndarray = table.to_numpy(np.float64)
    return values


def split(points: Points, share: str) -> tuple[Points, Points]:
    """The points without, and only with, the last `share` of them, such as 20%. Raises ValueError for another text."""
    try:
        part = float(share.removesuffix("%")) / 100
    except ValueError:
        part = math.nan
    count = round(part * len(points.values)) if 0 < part < 1 else 0
    if not 0 < count < len(points.values):
        raise ValueError(
            f"`held-out` must leave points on both sides, as 20% does; got {share!r} of {len(points.values)} points"
        )
    first, last = points.values[:-count], points.values[-count:]
    line = f"the last {count:,} of the {len(points.values):,} points, which you say were not trained on"
    return replace(points, values=first), replace(points, values=last, summary=line)


def forms(points: Points, asked: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The shapes in which a network may take these points: the shape `asked` for, or, if it is (), all that may fit.

    Raises ValueError, with both shapes, if the points cannot have the shape asked for."""
    shape = points.shape
    if not asked:
        first = [(shape[2], *shape[:2])] if points.coloured_last else []
        grey = [(1, *shape)] if len(shape) == 2 else []
        return list(dict.fromkeys([*first, shape, *grey, (math.prod(shape),)]))
    if math.prod(asked) != math.prod(shape):
        raise ValueError(
            f"{points.name} has points of shape {shape}, {math.prod(shape)} numbers, and the network's shape is {asked}, "
            f"{math.prod(asked)} numbers; pass the data that it takes, or another shape= (--shape)"
        )
    return [asked]


def check_alike(data: Points, held: Points) -> None:
    """Raise ValueError if the held-out points have another number of coordinates than the data, or are the data."""
    if math.prod(held.shape) != math.prod(data.shape):
        raise ValueError(
            f"held-out points must be like the data; {held.name} has points of shape {held.shape}, {math.prod(held.shape)} "
            f"numbers, and {data.name} {data.shape}, {math.prod(data.shape)} numbers: give held_out= (--held-out) in the form "
            "of the data"
        )
    if held.values.size == data.values.size and np.array_equal(held.values.ravel(), data.values.ravel()):
        raise ValueError(
            f"held-out points must be new to the network; {held.name} holds the same points as the data: give other points, or "
            "none, or the share of the data that it was not trained on, such as 20%"
        )


def laid_out(points: Points, form: tuple[int, ...]) -> tuple[Tensor, tuple[int, ...], Tensor]:
    """The points in the network's `form`, flat, (N, D); the shape of a picture of one; and the places of its pixels, (D,).

    Images with the colours last are turned where the network has them first."""
    values, shape = points.values, points.shape
    if points.coloured_last and form == (shape[2], *shape[:2]):
        values = values.transpose(0, 3, 1, 2)
    flat = torch.from_numpy(np.ascontiguousarray(values.reshape(len(values), -1)))
    places = torch.arange(flat.shape[1])
    inner = form if len(form) > 1 else shape
    inner = inner[1:] if len(inner) == 3 and inner[0] == 1 else inner
    if len(inner) == 3 and inner[0] == 3 and inner[2] != 3:
        return flat, (*inner[1:], 3), places.view(inner).permute(1, 2, 0).flatten()
    if len(inner) == 3 and inner[2] == 1:
        inner = inner[:2]
    if len(inner) == 2 or (len(inner) == 3 and inner[2] == 3):
        return flat, inner, places
    side = math.isqrt(flat.shape[1])
    guessed = (side, side) if side * side == flat.shape[1] >= SMALLEST_IMAGE else (flat.shape[1],)
    return flat, guessed, places


def content_key(*parts: str) -> str:
    """Twelve hexadecimal digits of the content of several files, given by their digests; "" if there are none."""
    known = [part for part in parts if part]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:12] if known else ""
