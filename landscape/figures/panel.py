"""What a report is made of: panels, and the surfaces, orbits and frames they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from landscape.facts import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # a machine that trains but does not draw may lack it


@dataclass(frozen=True, eq=False)
class FixedPlaces:
    """Fixed points on a surface: `places` (F, 2), which of them attract, (F,) of bool, and the numbers of their branches (F,).

    In a film, points of one branch glide from a surface to the next."""

    places: np.ndarray
    attracts: np.ndarray
    branch: np.ndarray


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface over a rectangle of input space: height[r, c] is the value at (x, y) = (c, r).

    Heights are values, not their logarithms. NaN and infinite heights are drawn as gaps. `orbits` (T+1, S, 2) are the positions
    of S samples after 0…T iterations; `markers` (M, 2) are training points; `fixed` are fixed points.
    """

    label: str
    height: np.ndarray
    markers: np.ndarray | None = None
    orbits: np.ndarray | None = None
    note: str = ""
    fixed: FixedPlaces | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """A surface that the reader can rotate, chosen from `surfaces`; the first is shown at the start.

    All surfaces of a scene share the shape of their grid, the `extent` (x_low, x_high, y_low, y_high) and the `limits`, which
    are the values at the two ends of the colour bar. `log` makes heights and colours logarithmic. Samples nearer than `near` to
    a marker are coloured as arrived. `colours` is a matplotlib colour map, `camera` the first (azimuth, elevation) in degrees.

    With `film`, a word for time such as 'step', the surfaces are the frames of a film: the surface at one time after another,
    whose labels are the times. The reader scrubs and plays them, and the last is shown at the start.

    Samples appear when the reader plays them, or else from the start, after `opens_at` iterations.
    """

    title: str
    surfaces: tuple[Surface, ...]
    extent: tuple[float, float, float, float]
    limits: tuple[float, float]
    labels: tuple[str, str, str] = ("x₁", "x₂", "loss")
    note: str = ""
    log: bool = True
    near: float = 0.02
    colours: str = "viridis"
    camera: tuple[float, float] = (-58.0, 30.0)
    film: str = ""
    opens_at: int | None = None

    @property
    def first(self) -> Surface:
        """The surface that is shown at the start, and on paper."""
        return self.surfaces[-1 if self.film else 0]


@dataclass(frozen=True, eq=False)
class SceneGrid:
    """Scenes in rows and columns for comparison: scenes[r][c], None for an empty place.

    Their cameras are linked. They must share their limits and colours, because one colour bar serves all."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scenes: tuple[tuple[Scene | None, ...], ...]


@dataclass(frozen=True, eq=False)
class Animation:
    """Frames (T, height, width, 3) of uint8 that the page plays; `labels[t]` is shown beside frame t."""

    frames: np.ndarray
    labels: tuple[str, ...]
    alt: str
    frames_per_second: float = 6.0


@dataclass(frozen=True, eq=False)
class Kaleidoscope:
    """Samples under iteration, side by side. The reader plays the iterations and sees each sample's nearest training image.

    frames       (T, S, h, w) or (T, S, h, w, 3) of uint8: the S samples after iterations[t], t = 0…T−1
    neighbours   (U, h, w) or (U, h, w, 3) of uint8: the training images that are nearest to some sample at some iteration;
                 none (U = 0) if the training images are not known
    nearest      (T, S): each sample's nearest training image, as an index into `neighbours`; −1 without them
    distance     (T, S): the distance to it, in a unit that the caption names; NaN without it
    last_jump    (S,): the iteration of the sample's last jump, −1 if it never jumped
    near         samples within this distance of their nearest training image are marked; None marks none"""

    frames: np.ndarray
    iterations: Sequence[int]
    neighbours: np.ndarray
    nearest: np.ndarray
    distance: np.ndarray
    last_jump: np.ndarray
    alt: str
    frames_per_second: float = 6.0
    near: float | None = None


MAX_CAPTION_WORDS = 40

Body: TypeAlias = "Figure | Scene | SceneGrid | Animation | Kaleidoscope | pd.DataFrame | str"


@dataclass(frozen=True, eq=False, repr=False)
class Panel(Shown):
    """A titled picture, scene, table or paragraph (HTML) of a report.

    The `caption` is plain text of at most MAX_CAPTION_WORDS words, and its first sentence says what was found. `how` is the
    text under "How to read": what axes, lines, colours and columns are. Panels with the same `section` stand under one heading,
    in the order given. Sections with the same `group` are tabs under that heading, of which the reader opens one. `downloads`
    are the tables behind a picture that a reader may save as CSV: name → DataFrame. A DataFrame body is always downloadable.
    """

    title: str
    caption: str
    body: Body
    section: str = "Results"
    downloads: dict[str, pd.DataFrame] = field(default_factory=dict)
    how: str = ""
    group: str = ""


def scenes_of(body: Body) -> Sequence[Scene]:
    """The scenes of a body, row by row; empty unless the body is a Scene or a SceneGrid."""
    if isinstance(body, Scene):
        return [body]
    if isinstance(body, SceneGrid):
        return [scene for row in body.scenes for scene in row if scene is not None]
    return []
