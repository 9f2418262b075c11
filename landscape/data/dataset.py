"""A set of training points, and the recipe it is drawn from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd
from jaxtyping import Float, Int64
from torch import Tensor

from landscape.choices import IMAGE_SETS, POINT_SETS
from landscape.data.files import digest
from landscape.data.tables import Table
from landscape.facts import Shown

DATASETS = (*POINT_SETS, *IMAGE_SETS)
# Fields that were added later. At their defaults they are left out of the JSON form, so that older keys stay valid.
OMITTED_AT_DEFAULT = ("classes", "signed", "skip", "drawn", "size", "grey", "labelled", "digest")


@dataclass(frozen=True)
class DataSpec:
    """Which data to train on: the name of a set in DATASETS, or a path, and parameters. All fields are JSON-able.

    A path names a folder of images or an .npz, .npy, .csv, .tsv or .parquet file, relative to the working directory or the
    data root (LANDSCAPE_DATA). A field that does not apply to a set keeps its default.

    - `count`: the number of points; None means all points of a fixed set. `dim`: the coordinates of a generated point.
    - `spread`: the side of the box (uniform) or of each cluster, as a fraction of the range. `clusters`: their number.
    - `classes`: the names or numbers of the classes to keep; empty means all.
    - `signed`: the range is [−1, 1] instead of [0, 1].
    - `skip`: the number of points passed over first, so that the two networks of a pair can take disjoint sets.
    - `drawn`: each member gets a random subset of its own, drawn from its seed.
    - `size`, `grey`: images are cropped and resized to `size` × `size`, and turned grey.
    - `labelled`: a strip of pixels below each image shows its class, one-hot.
    - `digest`: the sha256 of the content of a path, filled in when the spec is made."""

    name: str
    count: int | None = None
    dim: int | None = None
    spread: float = 1.0
    clusters: int = 1
    classes: tuple[str, ...] = ()
    signed: bool = False
    skip: int = 0
    drawn: bool = False
    size: int | None = None
    grey: bool = False
    labelled: bool = False
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.digest and self.name not in DATASETS:
            object.__setattr__(self, "digest", digest(self.name))

    def spec(self) -> dict[str, Any]:
        """The JSON form."""
        defaults = {field.name: field.default for field in fields(self) if field.name in OMITTED_AT_DEFAULT}
        shown = {name: value for name, value in asdict(self).items() if name not in defaults or value != defaults[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(Shown):
    """The training points of an ensemble: (E, N, D). If all members share one set, the member axis is expanded, not copied.

    Coordinates lie in [low, high]. `shape` is the shape of one point: (D,), or an image's (h, w) or (h, w, 3). `labels` (E, N)
    are indices into `classes`; None if the data have no classes. In labelled images the last `strip` rows of pixels show the
    class. `drawn` says whether each member has points of its own, drawn from its seed. `summary` says how a user's file or
    folder was read."""

    name: str
    points: Float[Tensor, "members points dim"]
    low: float
    high: float
    shape: tuple[int, ...]
    labels: Int64[Tensor, "members points"] | None = None
    drawn: bool = False
    classes: tuple[str, ...] = ()
    table: Table | None = None
    strip: int = 0
    summary: str = ""

    @property
    def count(self) -> int:
        return self.points.shape[1]

    @property
    def dim(self) -> int:
        return self.points.shape[2]

    def decode(self, points: Float[Tensor, "*rows dim"]) -> pd.DataFrame:
        """The points (…, D) as rows of the table they came from: one row per point, the leading axes flattened in order.

        Numbers are scaled back and rounded to seven digits of the column's range, integers to integers. A category is the
        one with the largest coordinate. Training rows come back exactly, up to float32. Raises ValueError if the data are
        no table."""
        if self.table is None:
            raise ValueError(
                f"{self.name} is no table, so its points have no rows; decode works on .csv and .parquet data"
            )
        unit = (points.detach().double().cpu() - self.low) / (self.high - self.low)
        return self.table.decode(unit.flatten(0, -2).numpy())
