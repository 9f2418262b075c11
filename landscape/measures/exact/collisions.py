"""Pairs of points that a ReLU layer maps to the same values, verified in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import linprog

from landscape.facts import Shown
from landscape.measures.exact.hyperplanes import Layer

ORTHOGONAL = (
    1e-10  # a row whose product with the unit direction is at most this share of its length is orthogonal to it
)
MAX_RESIDUAL = 1e-10  # of a collision: ‖f(x) − f(y)‖ relative to ‖W‖·‖x − y‖
LARGEST_PROGRAM = 200_000  # entries of the rows up to which a linear programme looks for the widest collision


@dataclass(frozen=True, eq=False, repr=False)
class Collision(Shown):
    """Two points of the domain with the same values.

    - `pair`, (2, n): the points x and y.
    - `direction`, (n,): the unit vector from x to y.
    - `residual`: ‖f(x) − f(y)‖ / (‖W‖·‖x − y‖), with the Frobenius norm of W.
    - `active`: the number of rows with ⟨w, z⟩ + b ≥ 0 at the middle z of both points, rows of zeros left out."""

    pair: Float[np.ndarray, "2 dim"]
    direction: Float[np.ndarray, "dim"]
    residual: float
    active: int


def active_at(layer: Layer, point: Float[np.ndarray, "dim"]) -> Bool[np.ndarray, "rows"]:
    """Which rows are active at a point, rows of zeros left out: (m,)."""
    return np.asarray((layer.before(point) >= 0) & layer.weight.any(1))


def null_direction(rows: Float[np.ndarray, "rows dim"]) -> Float[np.ndarray, "dim"]:
    """A unit vector that is orthogonal to the rows, or as nearly so as possible: (n,). Only their directions count."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    if len(unit) < unit.shape[1]:
        return np.asarray(np.linalg.qr(unit.T, mode="complete")[0][:, -1])
    return np.asarray(np.linalg.svd(unit, full_matrices=False)[2][-1])


def collision(
    layer: Layer, point: Float[np.ndarray, "dim"], direction: Float[np.ndarray, "dim"], *, widen: bool = True
) -> Collision | None:
    """A pair of points around `point` along `direction` that the layer maps to the same values. None if it fails in float64.

    1. Rows that are orthogonal to the direction have the same value at both points. All others must stay at or below zero.
    2. A linear programme looks for the middle of the pair at which the largest of their values is as small as possible. It
       is left out for large layers and without `widen`.
    3. The pair is as wide as the signs of the rows and the box allow, less a margin for rounding.
    4. Both points are put through the layer, and the residual must be at most MAX_RESIDUAL."""
    lengths = np.linalg.norm(layer.weight, axis=1)
    slopes = layer.weight @ direction
    moving = np.abs(slopes) > ORTHOGONAL * lengths
    middles = [point]
    if widen and layer.weight.size <= LARGEST_PROGRAM:
        middles.insert(0, _widest_middle(layer, point, direction, moving.nonzero()[0], lengths))
    for middle in middles:
        found = _along(layer, middle, direction, slopes, moving)
        if found is not None:
            return found
    return None


def _along(
    layer: Layer, middle: np.ndarray, direction: np.ndarray, slopes: np.ndarray, moving: np.ndarray
) -> Collision | None:
    before = layer.before(middle)
    if (before[moving] >= 0).any():
        return None
    reach = min(
        (-before[moving] / np.abs(slopes[moving])).min(initial=1 + float(np.abs(middle).max())),
        _reach_in_box(layer, middle, direction),
    )
    pair = middle + np.outer([-1.0, 1.0], 0.99 * reach * direction)
    values = np.maximum(layer.before(pair), 0)
    apart = float(np.linalg.norm(pair[1] - pair[0]))
    if not apart > 0:
        return None
    residual = float(np.linalg.norm(values[1] - values[0]) / (np.linalg.norm(layer.weight) or 1.0) / apart)
    if residual > MAX_RESIDUAL:
        return None
    return Collision(pair, direction, residual, int(active_at(layer, middle).sum()))


def _widest_middle(
    layer: Layer, point: np.ndarray, direction: np.ndarray, moving: Int[np.ndarray, "moving"], lengths: np.ndarray
) -> Float[np.ndarray, "dim"]:
    """The point at which all moving rows are at or below −s times their length, for the largest s; `point` if that fails.

    In a box, it keeps a distance of s times the box's half side, too. Without a box it is sought near `point`."""
    rows, offsets, scale = layer.weight[moving], layer.bias[moving], lengths[moving]
    reach = 1 + float(np.abs(point).max())
    if layer.low is None or layer.high is None:
        low, high = (
            (np.full(layer.dim, -1.0), np.full(layer.dim, 1.0)) if layer.is_linear else (point - reach, point + reach)
        )
    else:
        low, high = layer.low, layer.high
    half, identity = (high - low) / 2, np.eye(layer.dim)
    matrix = np.vstack([rows / scale[:, None], identity, -identity])
    margin = np.concatenate([np.full(len(rows), float(half.mean())), half, half])
    limits = np.concatenate([-offsets / scale, high, -low])
    program = linprog(
        np.append(np.zeros(layer.dim), -1.0),
        A_ub=np.hstack([matrix, margin[:, None]]),
        b_ub=limits,
        bounds=[(None, None)] * layer.dim + [(0, 1)],
    )
    return point if program.x is None else np.asarray(program.x[:-1])


def _reach_in_box(layer: Layer, middle: np.ndarray, direction: np.ndarray) -> float:
    """How far one can go from `middle` along ±direction within the box."""
    if layer.low is None or layer.high is None:
        return np.inf
    room = np.minimum(middle - layer.low, layer.high - middle)
    along = np.abs(direction)
    return float((room[along > 0] / along[along > 0]).min())
