"""Samples that are images: tiles side by side, a sheet of them over the iterations, and frames that play."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from landscape.figures.film import film
from landscape.figures.panel import Animation
from landscape.figures.theme import drawn, new_grid

GAP = 1  # pixels between tiles, before enlarging
GROUND = 128  # the grey between them, which is neither end of the range
SIDE = 480  # pixels of an animation's longer side, about
BLOCKS = 4  # from so many pixels for one, they are shown as blocks, which take least room without loss
BUDGET = 600_000  # bytes of an animation; quality goes down until it fits
QUALITIES = (72, 50, 35, 20)
STRIP = 22  # pixels of the line over an animation's tiles that tells the iteration
SHEETS, FRAMES, TILES = 8, 60, 100  # at most so many iterations on a sheet, in an animation, samples in either


def pictures(points: np.ndarray, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Points (…, D) as images of bytes, (…, h, w) or (…, h, w, 3): `low` is black, `high` white; what lies beyond is clipped.

    Numbers that are not finite are shown as the middle of the range."""
    unit = np.nan_to_num((points - low) / (high - low), nan=0.5, posinf=1.0, neginf=0.0)
    return (np.clip(unit, 0, 1) * 255).round().astype(np.uint8).reshape(*points.shape[:-1], *shape)


def tiled(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Images (S, h, w) or (S, h, w, 3) side by side, row by row: (H, W, 3) of bytes.

    As wide as high where `columns` does not say otherwise."""
    count, height, width = images.shape[:3]
    columns = columns or min(count, max(1, math.ceil(math.sqrt(count * height / width))))
    rows = -(-count // columns)
    sheet = np.full((rows * columns, height + GAP, width + GAP, 3), GROUND, np.uint8)
    sheet[:count, :height, :width] = images if images.ndim == 4 else images[..., None]
    sheet[count:] = 255
    sheet = sheet.reshape(rows, columns, height + GAP, width + GAP, 3).transpose(0, 2, 1, 3, 4)
    return sheet.reshape(rows * (height + GAP), columns * (width + GAP), 3)[:-GAP, :-GAP]


@drawn
def contact_sheet(images: np.ndarray, iterations: Sequence[int], *, unit: str = "iteration") -> Figure:
    """All samples, images (K, S, h, w[, 3]), as tiles at up to eight of the iterations kept, the first and last among them."""
    shown = spread(len(iterations), SHEETS)
    columns = min(len(shown), 4)
    rows = -(-len(shown) // columns)
    sheets = [tiled(images[place, :TILES]) for place in shown]
    high, wide = sheets[0].shape[:2]
    side = 2.4 if len(shown) > 1 else 4.8
    figure, axes = new_grid(rows, columns, width=side * columns, height=(side * high / wide + 0.3) * rows)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, place, sheet in zip(axes.flat, shown, sheets, strict=False):
        axis.imshow(sheet, interpolation="nearest")
        axis.set_title(f"{unit} {iterations[place]:,}")
    return figure


def tile_frames(
    images: np.ndarray,
    iterations: Sequence[int],
    *,
    alt: str,
    unit: str = "iteration",
    frames_per_second: float = 6.0,
) -> Animation:
    """The tiles of images (K, S, h, w[, 3]) at up to 60 of the iterations kept, each frame headed by its iteration."""
    shown = spread(len(iterations), FRAMES)
    labels = [f"{unit} {iterations[place]:,}" for place in shown]
    frames = [headed(enlarged(tiled(images[place, :TILES])), label) for place, label in zip(shown, labels, strict=True)]
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)


def enlarged(picture: np.ndarray) -> np.ndarray:
    """A picture (H, W, 3) a whole number of times larger, to about 480 pixels: small ones in blocks, others smoothly."""
    height, width = picture.shape[:2]
    scale = max(1, SIDE // max(height, width))
    way = Image.Resampling.NEAREST if scale >= BLOCKS else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(picture).resize((scale * width, scale * height), way))


def headed(picture: np.ndarray, words: str) -> np.ndarray:
    """A picture (H, W, 3) under a line of words."""
    strip = Image.new("RGB", (picture.shape[1], STRIP), "white")
    ImageDraw.Draw(strip).text((3, 3), words, fill="black", font=ImageFont.load_default(14))
    return np.concatenate([np.asarray(strip), picture])


def spread(count: int, limit: int) -> list[int]:
    """At most `limit` of the places 0 … count−1, ascending: one by one at first, then ever further apart up to the last.

    Samples move most in the first iterations."""
    if count <= limit:
        return list(range(count))
    if limit == 1:
        return [count - 1]
    first = limit // 2
    ratios = np.geomspace(1, count - first, limit - first + 1)[1:]
    later = np.maximum(first - 1 + np.round(ratios), first + np.arange(limit - first))
    return [*range(first), *(int(place) for place in later)]


def moving_webp(frames: np.ndarray, frames_per_second: float) -> bytes:
    """Frames (T, H, W, 3) as an animated WebP that repeats, resting on the last frame; without loss where that fits."""
    for settings in ({"lossless": True, "quality": 30}, *({"quality": quality} for quality in QUALITIES)):
        found = film(list(frames), frames_per_second, "WEBP", method=3, **settings)
        if len(found) <= BUDGET:
            break
    return found


def moving_gif(frames: np.ndarray, frames_per_second: float) -> bytes:
    """The same as a GIF, larger and with 256 colours; grey frames keep all their greys."""
    grey = bool((frames == frames[..., :1]).all())
    return film([frame[..., 0] if grey else frame for frame in frames], frames_per_second, "GIF")
