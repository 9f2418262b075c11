"""NumPy files as sources of images or points."""

from __future__ import annotations

import io
import lzma
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from landscape.cells import array_header
from landscape.data.files import Bounded
from landscape.data.own import RANGES
from landscape.data.published import CIFAR10
from landscape.data.source import Source
from landscape.data.summary import summary
from landscape.disk import open_regular
from landscape.names import printable

# The keys under which an .npz may hold its images, in order of preference, each with the possible keys of their labels. The
# files of Keras and MedMNIST hold a test set, too, which is not read.
LABEL_KEYS = {
    "x": ("y", "labels"),
    "images": ("y", "labels"),
    "arr_0": ("y", "labels"),
    "x_train": ("y_train",),
    "train_images": ("train_labels",),
    "X": ("y", "labels"),
    "X_train": ("y_train",),
}
CLASS_NAMES_KEY = "classes"
MOST_LISTED, MOST_NAME_CHARACTERS = 8, 40  # in a message: how many arrays it lists, and how long a name may be
ZIP_MAGIC, NPY_MAGIC, PICKLE_MAGIC = (
    b"PK",
    b"\x93NUMPY",
    b"\x80",
)  # the first bytes of these files (of a pickle: since protocol 2)
EXPECTED_SHAPES = "images (N, h, w) or (N, h, w, 3), or points (N, D)"
# Whole numbers are read as 0 … 255. An array with a smaller maximum (masks of 0 and 1, digits of 0 … 16, classes) would be
# nearly black, and is refused.
LEAST_MAXIMUM = 64
# An array may take half a gigabyte, or 20 times the bytes of its file: photographs are never compressed that much.
MAX_ARRAY_BYTES, MAX_COMPRESSION = 2**29, 20
READ_ERRORS = (
    OSError, ValueError, EOFError, LookupError, TypeError, SyntaxError, OverflowError, MemoryError, RuntimeError,
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, tokenize.TokenError,
)  # fmt: skip


class _Unnamed(ValueError):
    """No array has one of the names in LABEL_KEYS."""


@lru_cache(maxsize=8)
def read_arrays(path: Path, digest: str) -> Source:
    """The images (N, h, w[, 3]) or points (N, D) of an .npz or .npy file as a source, in one fixed shuffled order.

    An .npz holds images or points, and may hold labels, under the keys of LABEL_KEYS, and class names under `classes`. The
    summary lists the arrays that are not read. Whole numbers must lie in 0 … 255 and reach LEAST_MAXIMUM; floats must lie in
    [0, 1]. `digest` is part of the cache's key, so that a changed file is read again.

    Raises ValueError, naming the file, for a corrupt file, an array that unpacks to far more than its file, Python objects
    (which are never unpickled), another shape or range, and labels that do not fit the images."""
    return _source(path, *_arrays(path), bounded=True)


@lru_cache(maxsize=8)
def read_numbers(path: Path, digest: str) -> Source:
    """As `read_arrays`, but floats may lie outside [0, 1]: `Source.take` returns them as they are, as float32."""
    return _source(path, *_arrays(path), bounded=False)


def read_named(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays of an .npz with the given names, each of numbers (N, …), flattened to (N, d) float32.

    Raises ValueError, naming the file, as `read_arrays` does, and for a name that the file lacks."""
    found, _ = _arrays(path, tuple(names))
    try:
        kept = {name: _values(name, found[name], bounded=False).astype(np.float32) for name in names}
    except ValueError as error:
        raise ValueError(f"{printable(str(path))}: {error}") from error
    return {name: values.reshape(len(values), -1) for name, values in kept.items()}


def _source(path: Path, arrays: dict[str, np.ndarray], notes: list[str], *, bounded: bool) -> Source:
    """The first of the arrays as a source, with the labels and class names among the others."""
    try:
        name = next(iter(arrays))
        values = _values(name, arrays.pop(name), bounded=bounded)
        labels, classes = _labelled(path, arrays, len(values))
    except ValueError as error:
        raise ValueError(f"{printable(str(path))}: {error}") from error
    flat = values.reshape(len(values), -1)
    noun = "images" if values.ndim > 2 else "points"
    largest = float(values.max() / (255 if values.dtype == np.uint8 else 1))
    if not bounded and values.dtype != np.uint8:
        notes, largest = [*notes, f"from {flat.min():.3g} to {flat.max():.3g}, taken as they are"], 1.0
    line = summary(len(flat), noun, values.shape[1:], notes, largest=largest, classes=len(classes))
    take, file = flat.__getitem__, printable(path.name)
    return Source(file, noun, values.shape[1:], len(flat), take, labels, classes, shuffled=True, summary=line)


def _arrays(path: Path, names: tuple[str, ...] = ()) -> tuple[dict[str, np.ndarray], list[str]]:
    """Which arrays of a file are used, with the images first, and a note about each array that is left out.

    With `names`, the arrays of these names in an .npz."""
    try:
        with open_regular(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of headers written by Python 2, though it reads them
            return _read(file, names)
    except _Unnamed as error:
        raise ValueError(f"{printable(str(path))} has {error}") from error
    except READ_ERRORS as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        if "pickle" in reason:
            reason = "it holds Python objects (a pickle), which could run any code; save plain numbers"
        raise ValueError(f"{printable(str(path))} cannot be read as NumPy arrays ({reason}); is it whole?") from error


def _read(file: BinaryIO, asked: tuple[str, ...] = ()) -> tuple[dict[str, np.ndarray], list[str]]:
    limit = max(MAX_ARRAY_BYTES, MAX_COMPRESSION * file.seek(0, io.SEEK_END))
    file.seek(0)
    head = file.read(len(NPY_MAGIC))
    file.seek(0)
    if head.startswith(PICKLE_MAGIC):
        raise ValueError("a pickle")
    if head.startswith(NPY_MAGIC) and asked:
        raise _Unnamed(f"a single array; {', '.join(asked)} are needed: np.savez(file, {'=…, '.join(asked)}=…)")
    if head.startswith(NPY_MAGIC):
        return {"x": np.lib.format.read_array(file, allow_pickle=False)}, []
    if not head.startswith(ZIP_MAGIC):
        raise ValueError("no NumPy file")
    with zipfile.ZipFile(file) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        images = next((name for name in LABEL_KEYS if name in names), "")
        if asked and set(asked) <= set(names):
            return {name: _member(archive, f"{name}.npy", limit) for name in asked}, []
        if asked or not images:
            held = _shortened([_form(archive, name) for name in archive.namelist()[:MOST_LISTED]], len(names)) or "none"
            if asked:
                lacking = " and ".join(name for name in asked if name not in names)
                raise _Unnamed(f"no {lacking} among its arrays ({held}); save np.savez(file, {'=…, '.join(asked)}=…)")
            raise _Unnamed(
                f"none of {', '.join(LABEL_KEYS)} among its arrays ({held}); save the images or points as x and their classes "
                "as y: np.savez(file, x=…, y=…)"
            )
        labels = next((name for name in LABEL_KEYS[images] if name in names), "")
        wanted = [name for name in (images, labels, CLASS_NAMES_KEY) if name in names]
        rest = [printable(name[:MOST_NAME_CHARACTERS]) for name in names if name not in (*wanted, RANGES)]
        notes = [f"read from {' and '.join(wanted)}, not from {_shortened(rest, len(rest))}"] if rest else []
        notes += ["each coordinate scaled from its range"] if RANGES in names else []
        return {name: _member(archive, f"{name}.npy", limit) for name in wanted}, notes


def _form(archive: zipfile.ZipFile, name: str) -> str:
    """An array's name, shape and type. If its header cannot be read, its name alone."""
    shown = printable(name.removesuffix(".npy")[:MOST_NAME_CHARACTERS])
    try:
        with archive.open(name) as file:
            shape, kind = array_header(file)
            return f"{shown} {shape} of {str(kind)[:MOST_NAME_CHARACTERS]}"
    except READ_ERRORS:
        return shown


def _shortened(words: list[str], count: int) -> str:
    """The first of `count` words, and the number of the others."""
    return ", ".join(words[:MOST_LISTED]) + (f" and {count - MOST_LISTED} more" if count > MOST_LISTED else "")


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> np.ndarray:
    with archive.open(name) as file:
        room = f"{MAX_ARRAY_BYTES / 1e9:.1f} GB and {MAX_COMPRESSION} times its file"
        bounded = Bounded(file, limit, f"an array takes more than {room}; save it with np.save")
        array: np.ndarray = np.lib.format.read_array(bounded, allow_pickle=False)
        return array


def _values(name: str, images: np.ndarray, *, bounded: bool = True) -> np.ndarray:
    """The images, channels last, as uint8 or as float32, which lie in [0, 1] if they are `bounded`."""
    if images.ndim == 4 and images.shape[3] not in (1, 3) and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (2, 3, 4) or (images.ndim == 4 and images.shape[3] != 3) or not images.size:
        raise ValueError(f"{name} must be {EXPECTED_SHAPES}; got {images.shape}")
    _refuse_type(name, images.dtype)
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        where = tuple(map(int, np.argwhere(~np.isfinite(images))[0]))
        raise ValueError(f"{name} holds {images[where]} at {where}; finite numbers are needed")
    low, high = images.min(), images.max()
    if images.dtype.kind in "ui":
        _refuse_range(name, images.dtype, int(low), int(high))
        return np.ascontiguousarray(images, np.uint8)
    if bounded and images.dtype.kind == "f" and (low < 0 or high > 1):
        rounding = low > -1e-5 and high < 1 + 1e-5
        table = ", or save it as a table (.csv), whose columns are scaled" if images.ndim == 2 else ""
        what = f"np.clip({name}, 0, 1) takes away what rounding left" if rounding else f"Scale it first{table}"
        raise ValueError(f"{name} is of {images.dtype} and must lie in [0, 1]; got {low!s} to {high!s}. {what}")
    return np.ascontiguousarray(images, np.float32)


def _refuse_type(name: str, dtype: np.dtype) -> None:
    """Raise ValueError for a type that is neither boolean nor a real number."""
    if dtype.kind in "buif":
        return
    hint = "Save whole numbers 0 … 255 or floats in [0, 1]"
    if dtype.kind == "V" and dtype.names:
        hint = f"Save its fields {', '.join(dtype.names)} as columns of one array (N, D)"
    elif dtype.kind == "V":
        hint = f"NumPy's files know no bfloat16; save {name}.astype('float32')"
    elif dtype.kind == "c":
        hint = "Save its real and imaginary parts, or its magnitude, as floats in [0, 1]"
    raise ValueError(f"{name} must hold numbers; got {dtype}. {hint}")


def _refuse_range(name: str, dtype: np.dtype, low: int, high: int) -> None:
    """Raise ValueError for whole numbers outside 0 … 255, or with a maximum so low that 255 cannot be their white."""
    if low < 0 or high > 255:
        hint = "" if low < 0 else f", for example by {name} / {65535 if 4095 < high < 65536 else high}"
        raise ValueError(f"{name} is of {dtype} and must lie in [0, 255]; got {low} to {high}. Scale it first{hint}")
    if 0 < high < LEAST_MAXIMUM:
        floats = f"{name} / {high}" if high > 1 else f"{name}.astype('float32')"
        raise ValueError(
            f"{name} is of {dtype} and its largest value is {high}; whole numbers are read as 0 … 255, which makes that "
            f"{high / 255:.2g}. Save {floats} if {high} is the brightest value, or {name} / 255 if the data are that dark"
        )


def _labelled(path: Path, arrays: dict[str, np.ndarray], count: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The labels as indices into the class names, and these names.

    The names are those in the file, those of CIFAR-10 for a file named after it, or else the labels themselves."""
    name = next((name for name in arrays if name != CLASS_NAMES_KEY), "")
    if not name:
        return None, ()
    labels = arrays[name]
    labels = labels.reshape(-1) if labels.shape == (count, 1) else labels
    if labels.shape != (count,) or labels.dtype.kind not in "buiUS":
        raise ValueError(
            f"{name} must be {count} whole numbers or names, one an image; got {labels.dtype} {labels.shape}"
        )
    values, places = np.unique(labels, return_inverse=True)
    if labels.dtype.kind in "US":
        return places, _texts(values)
    if CLASS_NAMES_KEY in arrays:
        if arrays[CLASS_NAMES_KEY].ndim != 1:
            raise ValueError(
                f"`classes` must be names, one a class; got an array of shape {arrays[CLASS_NAMES_KEY].shape}"
            )
        names = _texts(arrays[CLASS_NAMES_KEY])
        if len(set(names)) < len(names):
            raise ValueError("`classes` must be names that differ; got a name twice")
        if values[0] < 0 or values[-1] >= len(names):
            raise ValueError(
                f"{name} must lie in 0 … {len(names) - 1}, the places in `classes`; got {values[0]} to {values[-1]}"
            )
        return labels.astype(np.int64), names
    is_cifar10 = path.stem.lower().replace("-", "").startswith("cifar10") and values.tolist() == list(range(10))
    return places, CIFAR10 if is_cifar10 else tuple(map(str, values))


def _texts(names: np.ndarray) -> tuple[str, ...]:
    plain = np.char.decode(names, "utf-8", "backslashreplace") if names.dtype.kind == "S" else names
    return tuple(map(str, plain))
