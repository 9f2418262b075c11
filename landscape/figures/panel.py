"""What a report is made of: panels, and the surfaces, orbits and frames they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # a machine that trains but does not draw may lack it


@dataclass(frozen=True, eq=False)
class Surface:
    """One sheet over a rectangle of input space: height[r, c] is the value at (x, y) = (c, r).

    Heights are in the data's own units, never in logarithms; NaN and infinite ones are drawn as gaps. `orbits` has shape
    (T+1, S, 2): the positions of S samples after 0…T iterations; `markers` (M, 2) are training points.
    """

    label: str
    height: np.ndarray
    markers: np.ndarray | None = None
    orbits: np.ndarray | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Scene:
    """A rotating view of one of its `surfaces`; the reader selects which (the first one to begin with).

    `extent` is (x_low, x_high, y_low, y_high) and `limits` the values at the two ends of the colour bar. Samples within
    `near` of a marker are coloured as arrived. Surfaces of one scene share grid shape, extent and limits.
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


@dataclass(frozen=True, eq=False)
class SceneGrid:
    """Scenes in rows and columns that a reader compares: cameras linked, one scale. scenes[r][c]; None is an empty place."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scenes: tuple[tuple[Scene | None, ...], ...]


@dataclass(frozen=True, eq=False)
class Animation:
    """Frames (T, height, width, 3) of uint8 that play in the page, `labels[t]` beside frame t."""

    frames: np.ndarray
    labels: tuple[str, ...]
    alt: str
    frames_per_second: float = 6.0


@dataclass(frozen=True, eq=False)
class Kaleidoscope:
    """Samples under iteration, side by side, that the reader plays, scrubs and asks for their nearest training image.

    frames (T, S, h, w) or (T, S, h, w, 3) of uint8: S samples after iterations[t], t = 0…T−1. neighbours (U, h, w[, 3]) of
    uint8 are the training images that were nearest at least once; nearest (T, S) are indices into them and distance (T, S)
    how far they are, in a unit that the caption names. last_jump (S,) is the iteration of a sample's last jump, −1 for none.
    Samples within `near` of their neighbour are marked; None marks none."""

    frames: np.ndarray
    iterations: Sequence[int]
    neighbours: np.ndarray
    nearest: np.ndarray
    distance: np.ndarray
    last_jump: np.ndarray
    alt: str
    frames_per_second: float = 6.0
    near: float | None = None


Body: TypeAlias = "Figure | Scene | SceneGrid | Animation | Kaleidoscope | pd.DataFrame | str"


@dataclass(frozen=True, eq=False)
class Panel:
    """One titled picture, scene, table or paragraph (HTML) of a report. The caption says what to see, in plain text.

    Panels with the same `section` stand under one heading, in the order given. `downloads` are the tables behind a picture
    that a reader may save as CSV: name → DataFrame. A DataFrame body is always downloadable.
    """

    title: str
    caption: str
    body: Body
    section: str = "Results"
    downloads: dict[str, pd.DataFrame] = field(default_factory=dict)


def scenes_of(body: Body) -> Sequence[Scene]:
    """The scenes a body shows, row by row; none for anything but a scene or a grid of them."""
    if isinstance(body, Scene):
        return [body]
    if isinstance(body, SceneGrid):
        return [scene for row in body.scenes for scene in row if scene is not None]
    return []
