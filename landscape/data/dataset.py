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

DATASETS = (*POINT_SETS, *IMAGE_SETS)
# Fields that came later are left out of the JSON form where they have their defaults: keys made before them stay valid.
LATER = ("classes", "signed", "skip", "drawn", "size", "grey", "labelled", "digest")


@dataclass(frozen=True)
class DataSpec:
    """Which data: a name in DATASETS or a path, and its parameters, JSON-able; fields a set has no use for keep their defaults.

    A path is a folder of images, an .npz, .npy, .csv, .tsv or .parquet file, here or under the data root (LANDSCAPE_DATA).
    `count` None means all points of a fixed set. `spread` is the side of the box (uniform) or of each cluster, as a share
    of the range; `clusters` the number of clusters. `classes` names or numbers those that are kept; `signed` asks for
    [−1, 1] in place of [0, 1]; `skip` points are passed over first, so that twins take different ones; with `drawn` each
    member has a random subset of its own, from its seed. Images are cropped and resized to `size` × `size`, turned `grey`,
    and `labelled` by a strip of pixels that shows their class. `digest` is the sha256 of a path's content, filled in when
    the spec is made."""

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
        usual = {field.name: field.default for field in fields(self) if field.name in LATER}
        own = {name: value for name, value in asdict(self).items() if name not in usual or value != usual[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}


@dataclass(frozen=True, eq=False)
class Dataset:
    """What an ensemble is trained on: points (E, N, D), the member axis expanded without copies where all share one set.

    Coordinates lie in [low, high]. `shape` is the form of one point: an image's (h, w) or (h, w, 3). `labels` (E, N), where
    the data have classes, are places in `classes`; the last `strip` rows of pixels of labelled images show them. `drawn`
    says whether each member has its own points, from its seed; `summary` how a user's file or folder was read."""

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
        """The table's rows that points (…, D) of its range stand for, the leading axes in order: one row a point.

        Training rows come back exactly up to float32: numbers unscaled and rounded to seven digits of the column's largest
        (whole ones to whole ones), categories by their largest coordinate. Raises ValueError where the data are no table."""
        if self.table is None:
            raise ValueError(
                f"{self.name} is no table, so its points have no rows; decode works on .csv and .parquet data"
            )
        unit = (points.detach().double().cpu() - self.low) / (self.high - self.low)
        return self.table.decode(unit.flatten(0, -2).numpy())
