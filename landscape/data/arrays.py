"""NumPy files as sources of images or points."""

from __future__ import annotations

import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from landscape.data.published import CIFAR10
from landscape.data.source import Source

IMAGES, LABELS, CLASSES = ("x", "images", "arr_0"), ("y", "labels"), "classes"
ZIP, NPY, PICKLE = b"PK", b"\x93NUMPY", b"\x80"  # how these files begin; a pickle since protocol 2
NEEDED = "images (N, h, w) or (N, h, w, 3), or points (N, D)"


@lru_cache(maxsize=8)
def read_arrays(path: Path, digest: str) -> Source:
    """The images (N, h, w[, 3]) or points (N, D) of an .npz or .npy file, to be taken in one fixed shuffled order.

    Of an .npz: `x`, `images` or `arr_0`; `y` or `labels`; names in `classes`. Whole numbers are of 0 … 255, others of
    [0, 1]. `digest` tells versions apart. Raises ValueError, naming the file, for what is corrupt, holds Python objects
    (never unpickled), has another form or range, or labels that do not fit."""
    arrays = _arrays(path)
    try:
        values = _values(_first(arrays, IMAGES))
        labels, classes = _labelled(path, arrays, len(values))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    flat = values.reshape(len(values), -1)
    noun = "images" if values.ndim > 2 else "points"
    return Source(path.name, noun, values.shape[1:], len(flat), flat.__getitem__, labels, classes, shuffled=True)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file:
            return _read(file)
    except (OSError, ValueError, EOFError, KeyError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())[:120]
        if "pickle" in reason:
            reason = "it holds Python objects (a pickle), which could run any code; save plain numbers"
        raise ValueError(f"{path} cannot be read as NumPy arrays ({reason}); is it whole?") from error


def _read(file: Any) -> dict[str, np.ndarray]:
    head = file.read(len(NPY))
    file.seek(0)
    if head.startswith(PICKLE):
        raise ValueError("a pickle")
    if not head.startswith((ZIP, NPY)):
        raise ValueError("no NumPy file")
    found = np.load(file, allow_pickle=False)
    if isinstance(found, np.ndarray):
        return {"x": found}
    if not set(IMAGES) & set(found.files):
        raise ValueError(f"none of {', '.join(IMAGES)} among its arrays ({', '.join(found.files) or 'none'})")
    return {name: found[name] for name in (*IMAGES, *LABELS, CLASSES) if name in found}


def _first(arrays: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _values(images: np.ndarray | None) -> np.ndarray:
    """The images, channels last, as uint8 or as float32 in [0, 1]."""
    assert images is not None
    if images.ndim == 4 and images.shape[3] not in (1, 3) and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (2, 3, 4) or (images.ndim == 4 and images.shape[3] != 3) or not images.size:
        raise ValueError(f"x must be {NEEDED}; got {images.shape}")
    if images.dtype.kind not in "buif":
        raise ValueError(f"x must hold numbers; got {images.dtype}. Save whole numbers 0 … 255 or floats in [0, 1]")
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        where = tuple(map(int, np.argwhere(~np.isfinite(images))[0]))
        raise ValueError(f"x holds {images[where]} at {where}; finite numbers are needed")
    top = 255 if images.dtype.kind in "ui" else 1
    low, high = images.min(), images.max()
    if images.dtype.kind != "b" and (low < 0 or high > top):
        raise ValueError(f"x is of {images.dtype} and must lie in [0, {top}]; got {low:g} to {high:g}. Scale it first")
    return np.ascontiguousarray(images, np.uint8 if top == 255 else np.float32)


def _labelled(path: Path, arrays: dict[str, np.ndarray], count: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The labels as places in the names of the classes, and these: the file's own, CIFAR-10's, or the labels themselves."""
    labels = _first(arrays, LABELS)
    if labels is None:
        return None, ()
    labels = labels.reshape(-1) if labels.shape == (count, 1) else labels
    if labels.shape != (count,) or labels.dtype.kind not in "buiUS":
        raise ValueError(f"y must be {count} whole numbers or names, one an image; got {labels.dtype} {labels.shape}")
    values, places = np.unique(labels, return_inverse=True)
    if labels.dtype.kind in "US":
        return places, tuple(map(str, values))
    if CLASSES in arrays:
        if arrays[CLASSES].ndim != 1:
            raise ValueError(f"`classes` must be names, one a class; got an array of shape {arrays[CLASSES].shape}")
        names = tuple(map(str, arrays[CLASSES]))
        if values[0] < 0 or values[-1] >= len(names):
            raise ValueError(
                f"y must lie in 0 … {len(names) - 1}, the places in `classes`; got {values[0]} to {values[-1]}"
            )
        return labels.astype(np.int64), names
    known = path.stem.lower().replace("-", "").startswith("cifar10") and values.tolist() == list(range(10))
    return places, CIFAR10 if known else tuple(map(str, values))
