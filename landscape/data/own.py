"""Data of the user's own that come from memory or from code, kept as files beside the runs, which read them again."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from landscape import data_root, outside, own_data
from landscape.data.in_memory import keep

RANGES = "ranges"  # the array of a kept .npz that holds the range of each coordinate before it was scaled: (D, 2)
EXPECTED = "points (N, D) or images (N, h, w) or (N, h, w, 3)"
MOST_WORDS = 60  # characters of a value in a message


@dataclass(frozen=True, eq=False)
class Data:
    """Points of the user's own to train on, for `make_study(…, data=…)`.

    `points` (N, D) may have any range: if they leave [0, 1], each coordinate is scaled from its range, as are the columns of a
    table. Images (N, h, w) or (N, h, w, 3) hold whole numbers 0 … 255 or floats in [0, 1]. `labels` (N,) are whole numbers or
    names. The `name` stands on pages and in tables. Arrays, tensors and lists will do.

    Raises ValueError for another shape, for values that are not finite, for a coordinate that is the same in all points but
    outside [0, 1], and for labels that do not fit the points."""

    points: Any
    labels: Any = None
    name: str = "points"

    def __post_init__(self) -> None:
        points = _array(self.points)
        if points.ndim not in (2, 3, 4) or not points.size:
            raise ValueError(f"`points` must be {EXPECTED}; got the shape {points.shape}{_hint(points)}")
        if points.dtype.kind not in "buif":
            raise ValueError(f"`points` must hold numbers; got {points.dtype}")
        if points.dtype.kind == "f" and not np.isfinite(points).all():
            where = tuple(map(int, np.argwhere(~np.isfinite(points))[0]))
            raise ValueError(
                f"`points` must hold finite numbers; got {points[where]} in point {where[0]}, and remove it"
            )
        if not own_data.NAME.fullmatch(self.name):
            raise ValueError(f"`name` must be a word of letters, digits, - and _; got {self.name!r}")
        labels = None if self.labels is None else _array(self.labels)
        if labels is not None and (labels.shape != points.shape[:1] or labels.dtype.kind not in "buiUS"):
            raise ValueError(
                f"`labels` must be {len(points)} whole numbers or names, one a point; got {labels.dtype} {labels.shape}"
            )
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "labels", labels)

    def kept(self, out: Path) -> Path:
        """The file under `out` that holds these data, named by the digest of its content."""
        arrays = {"x": self.points}
        if self.points.ndim == 2:
            arrays = _scaled(self.points.astype(np.float64))
        if self.labels is not None:
            arrays["y"] = self.labels
        content = io.BytesIO()
        if set(arrays) == {"x"}:
            np.save(content, np.ascontiguousarray(arrays["x"]), allow_pickle=False)
            return Path(keep(content.getvalue(), f"{self.name}.npy", out))
        np.savez(content, allow_pickle=False, **arrays)
        return Path(keep(content.getvalue(), f"{self.name}.npz", out))


def text_of(value: Any, out: Path | None = None, name: str = "points") -> str:
    """The value of a parameter such as `data` for what was given: a text as it is; data in memory are kept under `out`.

    Raises ValueError for what cannot be data."""
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    out = own_data.default_out() if out is None else out
    if isinstance(value, pd.DataFrame):
        plain = value if isinstance(value.index, pd.RangeIndex) else value.reset_index()
        return keep(plain.to_csv(index=False).encode(), f"{name}.csv", out)
    return str((value if isinstance(value, Data) else Data(value, name=name)).kept(out))


def is_set(value: Any) -> bool:
    """Whether a value is a whole data set, or names one, rather than a list of sets or a row of numbers."""
    return isinstance(value, str | os.PathLike | Data | pd.DataFrame) or getattr(value, "ndim", 0) > 1


def find(name: str) -> Path | None:
    """The file or folder of data by its registered name or its path; None if there is none.

    Data that are registered are made when they are first looked for. Raises ValueError where that fails."""
    if not own_data.is_registered(name):
        return data_root.find(name)
    return own_data.file_of(name) or _made(name)


def _made(name: str) -> Path:
    value = own_data.value_of(name)
    if callable(value):
        try:
            value = value()
        except Exception as error:
            raise ValueError(f"the data {name!r} cannot be made: {outside.described(error)}") from error
    try:
        if isinstance(value, Data):
            value = Data(value.points, value.labels, name)
        path = Path(text_of(value, name=name))
    except ValueError as error:
        raise ValueError(f"the data {name!r} cannot be used: {error}") from error
    own_data.made(name, path.absolute())
    return path


def _array(value: Any) -> np.ndarray:
    """The array, list or tensor as an array of numbers or texts. Raises ValueError for anything else."""
    if isinstance(value, Tensor):
        return np.asarray(value.detach().cpu().numpy())
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`points` must have one length, {EXPECTED}; got lists of several lengths") from error
    if array.dtype.kind in "OV" or not array.ndim:
        raise ValueError(f"`points` must be an array, {EXPECTED}; got {type(value).__name__} {str(value)[:MOST_WORDS]}")
    return array


def _scaled(points: np.ndarray) -> dict[str, np.ndarray]:
    """Points (N, D) in [0, 1] as they are; else with each coordinate scaled from its range, and these ranges."""
    low, high = points.min(0), points.max(0)
    if low.min() >= 0 and high.max() <= 1:
        return {"x": points.astype(np.float32)}
    if (low == high).any():
        place = int(np.argmax(low == high))
        raise ValueError(
            f"coordinate {place} of `points` is {low[place]:g} in all {len(points)} points, so it has no range to be scaled "
            "from; leave it out, or scale the points to [0, 1]"
        )
    return {"x": ((points - low) / (high - low)).astype(np.float32), RANGES: np.stack([low, high], 1)}


def _hint(points: np.ndarray) -> str:
    return "; points on the line are points[:, None]" if points.ndim == 1 else ""
