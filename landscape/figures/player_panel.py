"""A panel that plays orbits as images, beside their nearest training images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from landscape.figures.given import numbers
from landscape.figures.images import pictures
from landscape.figures.panel import Kaleidoscope, Panel

MAX_PIXELS = 2**25  # of a player's film, which takes up to a minute to compress at this size
NEAR_SHARE = 0.02  # of the range, as root mean square over coordinates: such a sample is near a training point
JUMP_SHARE = 0.1  # of the range's diameter: a longer step is a jump, as in landscape.measures


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


def _images(values: Any, name: str, axes: int, shape: Sequence[int] | None) -> np.ndarray:
    """Images (…, h, w) or (…, h, w, 3) with `axes` axes before them."""
    array = numbers(values, name)
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
