"""Sets of points that are compared with each other: read in the order of their files, and in one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from landscape.choices import IMAGE_SETS
from landscape.data import files
from landscape.data.arrays import read_named, read_numbers
from landscape.data.dataset import DataSpec
from landscape.data.frames import read_table_by
from landscape.data.images import prepared
from landscape.data.load import KINDS, whole
from landscape.data.source import Source
from landscape.names import printable, unknown

NAMED = ("digits", *IMAGE_SETS)  # sets that divide into training and held-out points by themselves
DIGITS_TRAINING = 1000  # the first of the 1,797 digits; the others are held out
PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
ROUNDING = 1e-5  # floats so little beyond [0, 1] are clipped
TRAINING, HELD_OUT = "training", "held_out"


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points (N, D) as float32 in the order of their file, the `shape` of one, and a line that says how they were read.

    `unit` says whether they lie in [0, 1] by the way they were read; other points are taken as they are. `labels` (N,) are
    indices into `classes`."""

    name: str
    points: np.ndarray
    shape: tuple[int, ...]
    summary: str
    unit: bool = True
    labels: np.ndarray | None = None
    classes: tuple[str, ...] = ()

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest coordinate."""
        return float(self.points.min()), float(self.points.max())


def read_together(given: Mapping[str, str], *, size: int | None = None, grey: bool = False) -> dict[str, PointSet]:
    """The sets by their role, from names or paths: `training`, `held_out`, and any other role for samples.

    1. A table is scaled as the training table: its ranges and categories are those of the training rows.
    2. Images, whole numbers and floats in [0, 1] are read as everywhere, in [0, 1]. Floats beyond are taken as they are.
    3. If one set is taken as it is, so are all. A set whose file says otherwise, such as images of 0 … 255, is refused.

    Raises ValueError for what cannot be read, for sets of different widths, and for sets in different scales."""
    sources: dict[str, tuple[Source, bool]] = {}
    for role, name in sorted(given.items(), key=lambda item: item[0] != TRAINING):  # the training set first
        table = sources[TRAINING][0].table if TRAINING in sources else None
        sources[role] = _source(role, name, table, size, grey)
    sets = {role: _points(given[role], *sources[role]) for role in given}
    _check_widths(sets)
    _check_scales(
        sets, {role: source.take(np.zeros(1, int)).dtype == np.float32 for role, (source, _) in sources.items()}
    )
    return sets


def read_features(path: str) -> dict[str, np.ndarray]:
    """The arrays samples, training and held_out of an .npz file of features, (N, d) each, taken as they are.

    Raises ValueError for a missing file, a missing array, and for arrays of different widths."""
    found = files.find(path)
    if found is None:
        raise ValueError(
            f"there is no {path!r}, a file of features: .npz with the arrays samples, training and held_out"
        )
    if found.suffix.lower() != ".npz":
        raise ValueError(f"`features` must be pixels, pca, classifier or an .npz file; got {printable(path)}")
    arrays = read_named(found, ("samples", TRAINING, HELD_OUT))
    widths = {name: values.shape[1] for name, values in arrays.items()}
    if len(set(widths.values())) > 1:
        listed = ", ".join(f"{name} {width:,}" for name, width in widths.items())
        raise ValueError(f"{printable(path)} must hold features of one width; got {listed}")
    return arrays


def _source(role: str, name: str, table: object, size: int | None, grey: bool) -> tuple[Source, bool]:
    """The points of a name or path, and whether they lie in [0, 1]."""
    from landscape.data.tables import Table

    if name in NAMED:
        return _named(role, name, size, grey), True
    path = files.find(name)
    suffix = Path(name).suffix.lower()
    if path is None and "/" not in name and "." not in name:
        raise ValueError(f"{unknown(role.replace('_', '-'), name, NAMED)}; or give a path: {KINDS}")
    if suffix in PICKLE_SUFFIXES:
        raise ValueError(
            f"{printable(name)} may be a pickle, and to open one can run any code; save its points as .npy or .npz"
        )
    if path is not None and not path.is_dir() and suffix in files.TABLE_SUFFIXES and isinstance(table, Table):
        return read_table_by(path, table), True
    spec = DataSpec(name, size=size, grey=grey)
    try:
        return whole(spec), True
    except ValueError as error:
        if path is None or suffix not in files.ARRAY_SUFFIXES:
            raise
        try:
            source = read_numbers(path, files.digest(name))
        except ValueError:
            raise error from None
        return prepared(source, size, grey), False


def _named(role: str, name: str, size: int | None, grey: bool) -> Source:
    """The training or the held-out points of a named set."""
    if role not in (TRAINING, HELD_OUT):
        raise ValueError(f"samples must be a path or a known sampler; got {name!r}, a set of data")
    if name in IMAGE_SETS:
        return whole(DataSpec(name, size=size, grey=grey), train=role == TRAINING)
    source = whole(DataSpec(name, size=size, grey=grey))
    first = 0 if role == TRAINING else DIGITS_TRAINING
    count = DIGITS_TRAINING if role == TRAINING else source.count - DIGITS_TRAINING
    labels = None if source.labels is None else source.labels[first : first + count]
    words = f"{count:,} of {source.count:,} digits of 8 × 8, grey → 64 coordinates"
    return replace(source, count=count, take=lambda places: source.take(places + first), labels=labels, summary=words)


def _points(name: str, source: Source, unit: bool) -> PointSet:
    values = source.take(np.arange(source.count))
    points = values.astype(np.float32)
    if values.dtype == np.uint8:
        points /= 255
    summary = source.summary or f"{source.count:,} {source.noun}"
    if not unit and points.min() > -ROUNDING and points.max() < 1 + ROUNDING:
        np.clip(points, 0, 1, out=points)
        unit = True
    return PointSet(name, points.reshape(len(points), -1), source.shape, summary, unit, source.labels, source.classes)


def _check_widths(sets: Mapping[str, PointSet]) -> None:
    if len({prod(one.shape) for one in sets.values()}) > 1:
        words = ", ".join(f"{printable(one.name)} {_form(one.shape)}" for one in sets.values())
        hint = (
            "; --size and --grey bring images to one form" if any(len(one.shape) > 1 for one in sets.values()) else ""
        )
        raise ValueError(f"the sets must have points of one width; got {words}{hint}")


def _check_scales(sets: Mapping[str, PointSet], floats: Mapping[str, bool]) -> None:
    """Raise ValueError if some sets are taken as they are and another is scaled, or images differ in their scale."""
    beyond = [one for one in sets.values() if not one.unit]
    if not beyond:
        return
    low, high = beyond[0].range
    images = any(len(one.shape) > 1 for one in sets.values())
    for role, one in sets.items():
        if one.unit and (images or not floats[role] or Path(one.name).suffix.lower() not in files.ARRAY_SUFFIXES):
            raise ValueError(
                f"{printable(beyond[0].name)} holds numbers from {low:.3g} to {high:.3g}, and {printable(one.name)} is read "
                "in [0, 1]; bring all sets to one scale"
            )


def _form(shape: tuple[int, ...]) -> str:
    size = f" ({' × '.join(map(str, shape))})" if len(shape) > 1 else ""
    return f"{prod(shape):,} coordinates{size}"
