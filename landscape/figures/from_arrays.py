"""Panels from arrays of your own: a surface that rotates, and a player of orbits with their nearest training points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from landscape.figures.images import pictures
from landscape.figures.panel import Kaleidoscope, Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import LOWEST_LOSS_DRAWN, scene_limits

MAX_SURFACES = 200  # a page gives each surface at least 64 × 64 points, which take 4 to 6 KB
MAX_HEIGHTS = 2**25  # numbers that a surface panel reads
MAX_PLACES = 2**20  # positions of samples that a surface carries: about 2 to 4 bytes each
MAX_PIXELS = 2**25  # of a player's film, which takes up to a minute to compress at this size
SMALLEST_SHARE = LOWEST_LOSS_DRAWN  # of the largest height: smaller heights lie at the floor of a logarithmic scale
NEAR_SHARE = 0.02  # of the range, as root mean square over coordinates: such a sample is near a training point
JUMP_SHARE = 0.1  # of the range's diameter: a longer step is a jump, as in landscape.measures
Heights = Any  # an array, a tensor, a list of them, or a mapping of labels to them


def surface(
    heights: Heights,
    extent: Sequence[float] | None = None,
    *,
    x: Any = None,
    y: Any = None,
    title: str = "Surface",
    caption: str = "",
    labels: tuple[str, str, str] = ("x₁", "x₂", "height"),
    points: Any = None,
    orbits: Any = None,
    log: bool = False,
    limits: tuple[float, float] | None = None,
    side_by_side: bool = False,
    near: float = 0.02,
    colours: str = "viridis",
    section: str = "",
) -> Panel:
    """A panel with a surface that readers rotate: heights (H, W), height[r, c] at (x, y) = (c, r).

    - Several surfaces of one grid are a mapping of labels to heights, or an array (K, H, W). A menu chooses among them; with
      `side_by_side` they stand in a row and turn together.
    - `extent` (x_low, x_high, y_low, y_high) says where the grid lies; `x` (W,) and `y` (H,), or the two arrays of a mesh, say
      the same. Without either it is the unit square.
    - `points` (M, 2) are marked as training points. `orbits` (T, S, 2) are samples that readers play. Samples nearer than
      `near` to a marked point change colour. Both may be mappings with the labels of the heights.
    - `log` makes heights and colours logarithmic, over at most six decades. `limits` are the ends of the colour bar.

    NaN and infinite heights are gaps. A page draws at most 200 × 200 heights of a surface, and fewer if it has many surfaces;
    larger grids are interpolated. Raises ValueError for arrays of other shapes, and for more than 200 surfaces."""
    named = _named(heights)
    rows, columns = next(iter(named.values())).shape
    where = _extent(extent, x, y, rows, columns)
    marks, paths = _for_each(points, named, "points", 2), _for_each(orbits, named, "orbits", 3)
    if log:
        positive = [height[(height > 0) & np.isfinite(height)] for height in named.values()]
        if not any(height.size for height in positive):
            raise ValueError("`log` needs heights above 0; none is. Leave it out, or take another quantity")
        floor = SMALLEST_SHARE * max(float(height.max()) for height in positive if height.size)
        found = scene_limits(named.values(), log=True, floor=floor)
    else:
        found = scene_limits(named.values(), log=False)
    ends = _limits(limits, log) if limits is not None else found
    sheets = {name: Surface(name, named[name], marks[name], paths[name]) for name in named}
    style: dict[str, Any] = {"labels": labels, "log": log, "near": near, "colours": colours}
    if side_by_side and len(sheets) > 1:
        scenes = tuple(Scene(name, (sheet,), where, ends, **style) for name, sheet in sheets.items())
        return Panel(title, caption, SceneGrid(("",), tuple(sheets), (scenes,)), section)
    return Panel(title, caption, Scene(title, tuple(sheets.values()), where, ends, **style), section)


def player(
    orbits: Any,
    data: Any = None,
    *,
    shape: Sequence[int] | None = None,
    range: tuple[float, float] = (0.0, 1.0),
    iterations: Sequence[int] | None = None,
    near: float | None = None,
    title: str = "Samples under iteration",
    caption: str | None = None,
    frames_per_second: float = 6.0,
    section: str = "",
) -> Panel:
    """A panel that plays orbits (T, P, *shape) as images; `data` (N, *shape) are the training images.

    - A reader who points at a sample sees its nearest training image and their Euclidean distance at each iteration. Without
      `data` there is the sample alone.
    - A shape is (h, w), (h, w, 1), (h, w, 3), (1, h, w) or (3, h, w). Orbits (T, P, D) need `shape`.
    - `range` holds the values of black and white. NaN is shown grey, and its distance as missing.
    - `iterations` (T,) are the times of the frames, 0 … T−1 by default.
    - Samples within `near` of their nearest training image are marked: by default 0.02 of the range, as root mean square over
      coordinates. A jump is a step longer than a tenth of the range's diameter.

    The film is compressed to about 600 KB, or as much as its lowest quality takes. Raises ValueError for arrays of other
    shapes, and for more than 2^25 pixels in all."""
    low, high = (float(end) for end in range)
    if not low < high:
        raise ValueError(f"`range` must be (low, high) with low < high; got ({low:g}, {high:g})")
    frames = _images(orbits, "orbits", 2, shape)
    steps, samples = frames.shape[:2]
    if frames.size > MAX_PIXELS:
        raise ValueError(
            f"a player shows at most {MAX_PIXELS:,} numbers; `orbits` {frames.shape} have {frames.size:,}. Take fewer samples "
            "or iterations: player(orbits[::10], data, iterations=range(0, T, 10))"
        )
    times = np.arange(steps).tolist() if iterations is None else [int(time) for time in iterations]
    if len(times) != steps:
        raise ValueError(f"`iterations` must name the time of each of the {steps} frames; got {len(times)}")
    flat = frames.reshape(steps, samples, -1)
    known, nearest, distance = (
        np.zeros((0, *frames.shape[2:])),
        np.full((steps, samples), -1),
        np.full(flat.shape[:2], np.nan),
    )
    within = NEAR_SHARE * (high - low) * flat.shape[-1] ** 0.5 if near is None else near
    if data is not None:
        training = _images(data, "data", 1, shape)
        if training.shape[1:] != frames.shape[2:]:
            raise ValueError(f"`data` must hold images {frames.shape[2:]}, as the orbits do; got {training.shape[1:]}")
        used, nearest, distance = _nearest(flat, training.reshape(len(training), -1))
        known = training[used]
    body = Kaleidoscope(
        _pixels(frames, low, high), times, _pixels(known, low, high), nearest, distance,
        _last_jumps(flat, times, JUMP_SHARE * (high - low) * flat.shape[-1] ** 0.5),
        f"{samples} samples at {steps} iterations", frames_per_second, None if data is None else within,
    )  # fmt: skip
    return Panel(title, _words(body) if caption is None else caption, body, section)


def _words(body: Kaleidoscope) -> str:
    """What is seen, in words with numbers."""
    steps, samples = body.frames.shape[:2]
    words = f"{samples} samples at {steps} iterations, {body.iterations[0]} to {body.iterations[-1]}."
    if body.near is None:
        return words
    share = (body.distance[-1] <= body.near).mean()
    shown = len(np.unique(body.nearest[-1][body.distance[-1] <= body.near]))
    return (
        f"{words} At the last, {share:.0%} of them are within {body.near:.3g} (Euclidean) of a training point; "
        f"{shown} different training points are reached."
    )


def _array(values: Any, name: str) -> np.ndarray:
    """Numbers as an array of floats; tensors of any device too."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if not values.dtype.is_floating_point or values.element_size() < 4 else values
    try:
        array = np.asarray(values)
        return array.astype(np.float64 if array.dtype == np.float64 else np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must be an array of numbers ({error})") from None


def _named(heights: Heights) -> dict[str, np.ndarray]:
    """Heights (H, W) by label; a single surface has the label ""."""
    if isinstance(heights, Mapping):
        named = {str(name): _array(values, f"heights[{name!r}]") for name, values in heights.items()}
    else:
        array = _array(heights, "heights")
        named = {f"surface {place + 1}": one for place, one in enumerate(array)} if array.ndim == 3 else {"": array}
    if not named:
        raise ValueError("`heights` must be (H, W), or a mapping of labels to such; got none")
    shapes = {height.shape for height in named.values()}
    shape = next(iter(shapes))
    if len(shapes) > 1 or len(shape) != 2 or min(shape) < 2:
        words = ", ".join(map(str, sorted(shapes)))
        raise ValueError(
            f"`heights` must be (H, W) with at least 2 rows and columns, alike for all surfaces; got {words}"
        )
    size = sum(height.size for height in named.values())
    if len(named) > MAX_SURFACES or size > MAX_HEIGHTS:
        raise ValueError(
            f"a surface panel takes at most {MAX_SURFACES} surfaces and {MAX_HEIGHTS:,} heights; got {len(named)} of {shape}. "
            "Take every second: heights[..., ::2, ::2]"
        )
    return named


def _extent(
    extent: Sequence[float] | None, x: Any, y: Any, rows: int, columns: int
) -> tuple[float, float, float, float]:
    if (x is None) != (y is None):
        raise ValueError("give both grids, `x` and `y`, or neither")
    if extent is None and x is not None:
        sides = [_side(x, "x", columns, 1), _side(y, "y", rows, 0)]
        return (*sides[0], *sides[1])
    if extent is not None and x is not None:
        raise ValueError("give either `extent` or the grids `x` and `y`")
    ends = tuple(map(float, extent)) if extent is not None else (0.0, 1.0, 0.0, 1.0)
    if len(ends) != 4 or not np.isfinite(ends).all() or not (ends[0] < ends[1] and ends[2] < ends[3]):
        raise ValueError(f"`extent` must be (x_low, x_high, y_low, y_high), low below high; got {ends}")
    return ends


def _side(values: Any, name: str, count: int, axis: int) -> tuple[float, float]:
    """The ends of an even grid along an axis; of a mesh (H, W), its first row or column."""
    grid = _array(values, name)
    grid = grid if grid.ndim < 2 else grid[0] if axis else grid[:, 0]
    if grid.shape != (count,):
        raise ValueError(f"`{name}` must have {count} numbers, as the heights have along it; got {grid.shape}")
    step = np.diff(grid.astype(float))
    if not (step > 0).all() or np.ptp(step) > 1e-3 * abs(grid[-1] - grid[0]):
        raise ValueError(
            f"`{name}` must rise in even steps; interpolate the heights to such a grid, or turn them round"
        )
    return float(grid[0]), float(grid[-1])


def _limits(limits: tuple[float, float], log: bool) -> tuple[float, float]:
    low, high = map(float, limits)
    if not (np.isfinite([low, high]).all() and low < high and (low > 0 or not log)):
        raise ValueError(
            f"`limits` must be (low, high), low below high{', above 0' if log else ''}; got ({low:g}, {high:g})"
        )
    return low, high


def _for_each(values: Any, named: Mapping[str, Any], name: str, axes: int) -> dict[str, np.ndarray | None]:
    """Positions (…, 2) for each surface: the same for all, or by label."""
    if values is None:
        return dict.fromkeys(named)
    given = values if isinstance(values, Mapping) else dict.fromkeys(named, values)
    if unknown := [label for label in given if str(label) not in named]:
        raise ValueError(f"`{name}` has the label {unknown[0]!r}, and `heights` has {', '.join(map(repr, named))}")
    found: dict[str, np.ndarray | None] = dict.fromkeys(named)
    for label, places in given.items():
        array = _array(places, name)
        if array.ndim != axes or array.shape[-1] != 2:
            expected = "(M, 2)" if axes == 2 else "(T, S, 2)"
            raise ValueError(f"`{name}` must have the shape {expected}; got {array.shape}")
        if array.size > 2 * MAX_PLACES:
            raise ValueError(
                f"a surface carries at most {MAX_PLACES:,} positions; `{name}` {array.shape} have {array.size // 2:,}. Take "
                "fewer"
            )
        found[str(label)] = array
    return found


def _images(values: Any, name: str, axes: int, shape: Sequence[int] | None) -> np.ndarray:
    """Images (…, h, w) or (…, h, w, 3) with `axes` axes before them."""
    array = _array(values, name)
    form = array.shape[axes:]
    if shape is not None and np.prod(form) == np.prod(shape) and len(form) == 1:
        array, form = array.reshape(*array.shape[:axes], *shape), tuple(shape)
    if len(form) == 3 and form[-1] not in (1, 3) and form[0] in (1, 3):  # channels first
        array = np.moveaxis(array, axes, -1)
        form = array.shape[axes:]
    if len(form) == 3 and form[-1] == 1:
        array = array[..., 0]
        form = form[:2]
    if len(form) not in (2, 3) or (len(form) == 3 and form[-1] != 3) or not array.size:
        hint = (
            "; flat points need `shape`, and points of the plane go to surface(…, orbits=…)" if len(form) == 1 else ""
        )
        before = "T, P" if axes == 2 else "N"
        raise ValueError(
            f"`{name}` must be images ({before}, h, w), grey or with 1 or 3 channels; got {array.shape}{hint}"
        )
    return array


def _nearest(points: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For points (T, P, D): the training points used (U,), and for each point its nearest as an index into them (T, P), with
    their distance (T, P), which is NaN for points that are not finite."""
    from sklearn.metrics import pairwise_distances_argmin  # here: it takes a second to load

    if not np.isfinite(training).all():
        raise ValueError("`data` must be finite; leave out the images with NaN")
    rows = points.reshape(-1, points.shape[-1])
    finite = np.isfinite(rows).all(axis=-1)
    place, distance = np.zeros(len(rows), int), np.full(len(rows), np.nan)
    if finite.any():
        place[finite] = pairwise_distances_argmin(rows[finite], training.astype(rows.dtype))
    for start in np.arange(0, len(rows), 4096):  # again, and exactly: the fast search loses digits near zero
        some = slice(start, start + 4096)
        distance[some] = np.linalg.norm(rows[some].astype(np.float64) - training[place[some]], axis=-1)
    used, nearest = np.unique(place, return_inverse=True)
    distance[~finite] = np.nan
    return used, nearest.reshape(points.shape[:2]), distance.reshape(points.shape[:2])


def _last_jumps(points: np.ndarray, times: Sequence[int], reach: float) -> np.ndarray:
    """The time of each sample's last step longer than `reach`, from frame to frame; −1 for none: (P,)."""
    last = np.full(points.shape[1], -1)
    for before, after, time in zip(points, points[1:], times[1:], strict=False):
        with np.errstate(invalid="ignore", over="ignore"):
            last[np.linalg.norm(after - before, axis=-1) > reach] = time
    return last


def _pixels(images: np.ndarray, low: float, high: float) -> np.ndarray:
    """Images (…, h, w) or (…, h, w, 3) as uint8."""
    flat = images.reshape(-1, int(np.prod(images.shape[1:])))
    return pictures(flat, images.shape[1:], low, high) if len(images) else np.zeros(images.shape, np.uint8)
