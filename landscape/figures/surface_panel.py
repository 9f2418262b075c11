"""A panel with a surface that rotates, from an array of heights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from landscape.figures.given import numbers
from landscape.figures.panel import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import LOWEST_LOSS_DRAWN, scene_limits

MAX_SURFACES = 200  # a page gives each surface at least 64 × 64 points, which take 4 to 6 KB
MAX_HEIGHTS = 2**25  # numbers that a surface panel reads
MAX_PLACES = 2**20  # positions of samples that a surface carries: about 2 to 4 bytes each
SMALLEST_SHARE = LOWEST_LOSS_DRAWN  # of the largest height: smaller heights lie at the floor of a logarithmic scale
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
    slider: str = "",
    near: float = 0.02,
    colours: str = "viridis",
    section: str = "",
) -> Panel:
    """A panel with a surface that readers rotate: heights (H, W), height[r, c] at (x, y) = (c, r).

    - Several surfaces of one grid are a mapping of labels to heights, or an array (K, H, W). A menu chooses among them; with
      `side_by_side` they stand in a row and turn together. With `slider`, the name of a parameter such as 't' whose values are
      the labels, a slider glides from each surface to the next, and the last is shown first.
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
    if slider:
        if side_by_side:
            raise ValueError("give either `slider` or `side_by_side`")
        style["film"] = slider
    if side_by_side and len(sheets) > 1:
        scenes = tuple(Scene(name, (sheet,), where, ends, **style) for name, sheet in sheets.items())
        return Panel(title, caption, SceneGrid(("",), tuple(sheets), (scenes,)), section)
    return Panel(title, caption, Scene(title, tuple(sheets.values()), where, ends, **style), section)


def _named(heights: Heights) -> dict[str, np.ndarray]:
    """Heights (H, W) by label; a single surface has the label ""."""
    if isinstance(heights, Mapping):
        named = {str(name): numbers(values, f"heights[{name!r}]") for name, values in heights.items()}
    else:
        array = numbers(heights, "heights")
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
    grid = numbers(values, name)
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
        array = numbers(places, name)
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
