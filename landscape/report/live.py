"""Scenes as the data that the page's viewer reads; viewer/decode.js unpacks them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from landscape.figures.drawing import DRAWING
from landscape.figures.panel import Scene, Surface
from landscape.figures.scene import contour_levels, decimated, is_empty, levels
from landscape.report.pack import pack_plane, pack_steps

HEIGHT_STEPS = 16382  # codes 0…HEIGHT_STEPS are heights, to 0.04 % on a scale of six decades; the next code is a gap
PLACE_STEPS: int = DRAWING["orbits"]["steps"]  # codes 0…PLACE_STEPS are places; the next code is no place
PLACE_MARGIN: float = DRAWING["orbits"]["margin"]  # of the extent; samples farther out are drawn there
EMPTY_NOTE = "No value is finite here."
MAX_SIDE, MIN_SIDE = 200, 64  # grid points along a side of a surface
MAX_HEIGHT_CHARACTERS = 1.5e6  # for the heights of all surfaces of a page
CHARACTERS_PER_HEIGHT = 1.5  # as measured on loss surfaces


def side_for(surfaces: int) -> int:
    """The grid points along a side with which so many surfaces take MAX_HEIGHT_CHARACTERS, from MIN_SIDE to MAX_SIDE."""
    return int(
        min(MAX_SIDE, max(MIN_SIDE, math.sqrt(MAX_HEIGHT_CHARACTERS / CHARACTERS_PER_HEIGHT / max(1, surfaces))))
    )


def scene_data(scene: Scene, side: int) -> dict[str, Any]:
    """Everything that the viewer needs of a scene, ready for JSON; surfaces have at most side × side points.

    Raises ValueError if the scene has no surface, or if the shapes of its surfaces' grids differ."""
    if not scene.surfaces:
        raise ValueError(f"a scene needs at least one surface; {scene.title!r} has none.")
    grids = [decimated(levels(surface.height, scene.limits, scene.log), side) for surface in scene.surfaces]
    shapes = {grid.shape for grid in grids}
    if len(shapes) > 1:
        raise ValueError(f"the surfaces of {scene.title!r} must share one grid; got {sorted(shapes)}.")
    rows, columns = grids[0].shape
    return {
        "title": scene.title,
        "note": scene.note,
        "labels": scene.labels,
        "extent": scene.extent,
        "limits": scene.limits,
        "log": scene.log,
        "near": scene.near,
        "colours": scene.colours,
        "camera": scene.camera,
        "film": scene.film,
        "opensAt": scene.opens_at,
        "contours": _contours(scene),
        "columns": columns,
        "rows": rows,
        "top": HEIGHT_STEPS,
        "surfaces": [_surface_data(surface, grid, scene) for surface, grid in zip(scene.surfaces, grids, strict=True)],
    }


def _contours(scene: Scene) -> list[float]:
    """The level of the first contour and the step to the next. A single contour has a step beyond the sheet."""
    at = contour_levels(scene.limits, scene.log)
    return [float(at[0]), float(at[1] - at[0])] if len(at) > 1 else [float(at[0]) if len(at) else 0.0, 2.0]


def _surface_data(surface: Surface, grid: np.ndarray, scene: Scene) -> dict[str, Any]:
    codes = np.where(np.isfinite(grid), np.round(np.nan_to_num(grid) * HEIGHT_STEPS), HEIGHT_STEPS + 1)
    note = f"{surface.note} {EMPTY_NOTE}".strip() if is_empty(surface) else surface.note
    data: dict[str, Any] = {"label": surface.label, "note": note, "heights": pack_plane(codes)}
    if surface.markers is not None:
        data["markers"] = np.asarray(surface.markers, dtype=float).round(7).tolist()
    if surface.fixed is not None:
        data["fixed"] = {
            "places": np.asarray(surface.fixed.places, dtype=float).reshape(-1, 2).round(5).tolist(),
            "attracts": np.asarray(surface.fixed.attracts, dtype=bool).tolist(),
            "branch": np.asarray(surface.fixed.branch, dtype=int).tolist(),
        }
    if surface.orbits is not None:
        orbits = np.asarray(surface.orbits, dtype=float)
        data["orbits"] = {"steps": orbits.shape[0], "samples": orbits.shape[1], "places": _places(orbits, scene.extent)}
    return data


def _places(orbits: np.ndarray, extent: Sequence[float]) -> str:
    """Orbits (T+1, S, 2) as packed codes: at each iteration all x, then all y."""
    low = np.array([extent[0], extent[2]])
    size = np.array([extent[1], extent[3]]) - low
    share = np.clip(((orbits - low) / size + PLACE_MARGIN) / (1 + 2 * PLACE_MARGIN), 0, 1)
    share = np.where(np.isnan(orbits).any(axis=-1, keepdims=True), np.nan, share)
    codes = np.where(np.isfinite(share), np.round(np.nan_to_num(share) * PLACE_STEPS), PLACE_STEPS + 1)
    return pack_steps(codes.transpose(0, 2, 1).reshape(len(orbits), -1))
