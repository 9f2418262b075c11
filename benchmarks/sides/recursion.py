"""Regions by the simplest program: polygon by polygon, each is cut by the units that cross it, layer by layer."""

from __future__ import annotations

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]


def region_areas(layers: Layers, corners: np.ndarray) -> np.ndarray:
    """The areas of all regions of a ReLU net, layers of (weight (in, out), bias (out,)), in a polygon of corners (C, 2)."""
    cells = [
        (corners, np.eye(2), np.zeros(2))
    ]  # corners, and the affine map to the units of the layer: x @ linear + offset
    for weight, bias in layers[:-1]:
        after = []
        for points, linear, offset in cells:
            linear, offset = linear @ weight, offset @ weight + bias
            for part in _cut(points, linear, offset):
                on = part.mean(0) @ linear + offset > 0
                after.append((part, linear * on, offset * on))
        cells = after
    return np.array([_area(points) for points, _, _ in cells])


def _cut(points: np.ndarray, linear: np.ndarray, offset: np.ndarray) -> list[np.ndarray]:
    """The parts of a polygon, cut by the zero lines of the units that have both signs at its corners."""
    value = points @ linear + offset
    parts = [points]
    for unit in np.flatnonzero((value.min(0) < 0) & (value.max(0) > 0)):
        parts = [half for part in parts for half in _halves(part, linear[:, unit], offset[unit])]
    return parts


def _halves(points: np.ndarray, normal: np.ndarray, shift: float) -> list[np.ndarray]:
    value = points @ normal + shift
    if value.min() >= 0 or value.max() <= 0:
        return [points]
    following, after = np.roll(points, -1, 0), np.roll(value, -1)
    crossed = value * after < 0
    share = (value / np.where(crossed, value - after, 1))[:, None]
    cuts = points + share * (following - points)
    halves = []
    for sign in (1, -1):
        rows = [row for i in range(len(points)) for row in _kept(points[i], cuts[i], sign * value[i] >= 0, crossed[i])]
        halves.append(np.array(rows))
    return halves


def _kept(point: np.ndarray, cut: np.ndarray, inside: bool, crossed: bool) -> list[np.ndarray]:
    return ([point] if inside else []) + ([cut] if crossed else [])


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
