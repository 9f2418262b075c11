"""Kaleidoscopes packed for the page: an animated WebP of all samples, a picture of their neighbours, and numbers per sample.

The page plays the same film that the reader can save; viewer/webp.js takes it apart into frames."""

from __future__ import annotations

import base64
import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from markupsafe import Markup

from landscape.figures.film import film, frame_time
from landscape.figures.panel import Kaleidoscope
from landscape.report.pack import data_uri, pack_bytes, script_json, webp_within

MAX_CHARACTERS = 600_000  # of a kaleidoscope in the page
FILM_QUALITIES = range(5, 81, 5)  # of WebP: the best with which the kaleidoscope fits MAX_CHARACTERS, else the lowest
MAX_LOSSLESS_BYTES = 60_000  # the neighbours are stored without loss up to this size, a still up to a sixth of it
SMALL_SIDE, ENLARGEMENT = 16, 4  # images with a shorter side are enlarged: the film is also seen by itself
WEBP_BLOCK = 16  # pixels: WebP codes square blocks, and tiles that begin with a block do not blur into each other


@dataclass(frozen=True)
class Still:
    """A picture of all samples at one iteration, for print and for pages without scripts."""

    picture: str
    label: str
    width: int
    height: int


@dataclass(frozen=True)
class KaleidoscopeView:
    """What the page's template needs: the stills, and the viewer's data as JSON."""

    alt: str
    stills: Sequence[Still]
    data: Markup


def kaleidoscope_view(body: Kaleidoscope) -> KaleidoscopeView:
    """`body` packed for the page. Raises ValueError if the shapes of its arrays do not fit each other."""
    check(body)
    stills = [_still(body, frame) for frame in sorted({0, len(body.frames) // 2, len(body.frames) - 1})]
    data = _all_but_film(body)
    left = MAX_CHARACTERS - len(script_json(data)) - sum(len(still.picture) for still in stills)
    grids = np.stack([contact_sheet(frame) for frame in body.frames])
    film = base64.b64encode(_best_film(grids, body.frames_per_second, left * 3 // 4)).decode()
    return KaleidoscopeView(body.alt, stills, script_json(data | {"film": film}))


def check(body: Kaleidoscope) -> None:
    """Raise a ValueError that names the first array whose type, shape or values do not fit."""
    frames, neighbours = body.frames, body.neighbours
    if frames.ndim not in (4, 5) or frames.dtype != np.uint8 or not frames.size or frames.shape[4:] not in ((), (3,)):
        raise ValueError(
            f"`frames` must be uint8 of shape (T, S, h, w) or (T, S, h, w, 3); got {frames.dtype} of {frames.shape}."
        )
    if neighbours.dtype != np.uint8 or neighbours.shape[1:] != frames.shape[2:]:
        expected = ("U", *frames.shape[2:])
        raise ValueError(
            f"`neighbours` must be uint8 of shape ({', '.join(map(str, expected))}), as the frames are; "
            f"got {neighbours.dtype} of {neighbours.shape}."
        )
    steps, samples = frames.shape[:2]
    for name, shape in (
        ("iterations", (steps,)), ("nearest", (steps, samples)), ("distance", (steps, samples)), ("last_jump", (samples,)),
    ):  # fmt: skip
        if (came := np.shape(getattr(body, name))) != shape:
            raise ValueError(f"`{name}` must have shape {shape}, as the frames have; got {came}.")
    low, high = int(np.min(body.nearest)), int(np.max(body.nearest))
    if (low < 0 or high >= len(neighbours)) and not (low == high == -1 and not len(neighbours)):
        raise ValueError(f"`nearest` must be indices 0…{len(neighbours) - 1} into the neighbours; got {low}…{high}.")
    if not body.frames_per_second > 0:
        raise ValueError(f"`frames_per_second` must be positive; got {body.frames_per_second}.")


def _best_film(grids: np.ndarray, frames_per_second: float, most: int) -> bytes:
    """The film at the highest quality at which it takes at most `most` bytes; at the lowest quality if none does."""

    @cache
    def at(quality: int) -> bytes:
        return film_webp(grids, frames_per_second, quality=quality)

    if len(at(FILM_QUALITIES[-1])) <= most:
        return at(FILM_QUALITIES[-1])
    fitting = bisect_right(FILM_QUALITIES, most, key=lambda quality: len(at(quality)))
    return at(FILM_QUALITIES[max(0, fitting - 1)])


def film_webp(grids: np.ndarray, frames_per_second: float, *, quality: int) -> bytes:
    """Grids (T, height, width, 3) as an animated WebP that repeats. A frame that looks like the previous is merged with it."""
    # kmax=0 omits key frames: nobody seeks in the file, and they would make it a fifth larger.
    return film(grids, frames_per_second, "WEBP", quality=quality, method=4, kmax=0)


def contact_sheet(images: np.ndarray) -> np.ndarray:
    """Images (S, h, w) or (S, h, w, 3) as tiles on black, row by row, spaced by `layout`: (height, width, 3)."""
    scale, gap = layout(images.shape[1:3])
    columns = columns_of(len(images))
    rows = -(-len(images) // columns)
    tiles = images.repeat(scale, axis=1).repeat(scale, axis=2)
    if tiles.ndim == 3:
        tiles = tiles[..., None].repeat(3, axis=3)
    height, width = tiles.shape[1:3]
    sheet = np.zeros((rows * columns, height + gap, width + gap, 3), np.uint8)
    sheet[: len(images), :height, :width] = tiles
    sheet = sheet.reshape(rows, columns, height + gap, width + gap, 3).transpose(0, 2, 1, 3, 4)
    return sheet.reshape(rows * (height + gap), columns * (width + gap), 3)[:-gap, :-gap]


def layout(shape: Sequence[int]) -> tuple[int, int]:
    """The factor by which images of shape (h, w) are enlarged in the film, and the gap between them in pixels.

    WebP makes small files of pictures that fit its blocks. An enlarged pixel fills a block of 4 × 4, and a gap of up to 4
    pixels is chosen so that tile and gap fill blocks of 16, as 28 + 4 do. Else the gap is 2."""
    if min(shape) < SMALL_SIDE:
        return ENLARGEMENT, ENLARGEMENT
    missing = -shape[1] % WEBP_BLOCK
    return 1, missing if 2 <= missing <= 4 else 2


def columns_of(count: int) -> int:
    """The number of columns of an about square grid of `count` tiles."""
    return int(np.ceil(np.sqrt(count)))


def _still(body: Kaleidoscope, frame: int) -> Still:
    sheet = contact_sheet(body.frames[frame])
    picture = data_uri("image/webp", webp_within(sheet, MAX_LOSSLESS_BYTES // 6, quality=35))
    return Still(picture, f"iteration {body.iterations[frame]}", sheet.shape[1], sheet.shape[0])


def _all_but_film(body: Kaleidoscope) -> dict[str, Any]:
    height, width = body.frames.shape[2:4]
    scale, gap = layout((height, width))
    detail = {"nearest": np.asarray(body.nearest).tolist(), "distance": [_numbers(row) for row in body.distance]}
    return {
        "width": width,
        "height": height,
        "scale": scale,
        "gap": gap,
        "columns": columns_of(body.frames.shape[1]),
        "samples": body.frames.shape[1],
        "step": frame_time(body.frames_per_second),
        "iterations": np.asarray(body.iterations).tolist(),
        "lastJump": np.asarray(body.last_jump).tolist(),
        "near": body.near,
        "detail": pack_bytes(json.dumps(detail, separators=(",", ":")).encode()),
        "neighbours": _neighbours(body.neighbours),
        "neighbourColumns": columns_of(len(body.neighbours)),
    }


def _neighbours(images: np.ndarray) -> str:
    """The training images as the data: address of one picture; "" for none."""
    if not len(images):
        return ""
    return data_uri("image/webp", webp_within(contact_sheet(images), MAX_LOSSLESS_BYTES, quality=60))


def _numbers(row: np.ndarray) -> list[float | None]:
    """The row with four significant digits, more than the page shows; None for numbers that are not finite."""
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in row]
