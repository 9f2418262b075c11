"""Pictures of samples that are images: tiles side by side, contact sheets over the iterations, and animations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from landscape.figures.film import film
from landscape.figures.panel import Animation
from landscape.figures.theme import drawn, new_grid

TILE_GAP = 1  # pixels between tiles, before enlarging
GAP_GREY = 128  # brightness of the gaps, which is neither end of the range
ANIMATION_SIDE = 480  # pixels: about the longer side of an animation
MIN_BLOCK_SCALE = 4  # from this factor on, pixels are enlarged to blocks, which take the least space without loss
MAX_ANIMATION_BYTES = 600_000  # the quality is lowered until an animation fits
WEBP_QUALITIES = (72, 50, 35, 20)
HEADING_HEIGHT = 22  # pixels: the line above an animation's tiles that names the iteration
MAX_SHEET_ITERATIONS, MAX_FRAMES = 8, 60  # iterations on a contact sheet and in an animation
MAX_TILES = 100  # samples in either


def pictures(points: np.ndarray, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Points (…, D) as images of uint8, (…, h, w) or (…, h, w, 3): `low` is black, `high` is white.

    Values beyond them are clipped. NaN is shown as the middle of the range."""
    unit = np.nan_to_num((points - low) / (high - low), nan=0.5, posinf=1.0, neginf=0.0)
    return (np.clip(unit, 0, 1) * 255).round().astype(np.uint8).reshape(*points.shape[:-1], *shape)


def tiled(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Images (S, h, w) or (S, h, w, 3) as the tiles of one picture, row by row: (H, W, 3) of uint8.

    Without `columns` the picture is about square."""
    count, height, width = images.shape[:3]
    columns = columns or min(count, max(1, math.ceil(math.sqrt(count * height / width))))
    rows = -(-count // columns)
    sheet = np.full((rows * columns, height + TILE_GAP, width + TILE_GAP, 3), GAP_GREY, np.uint8)
    sheet[:count, :height, :width] = images if images.ndim == 4 else images[..., None]
    sheet[count:] = 255
    sheet = sheet.reshape(rows, columns, height + TILE_GAP, width + TILE_GAP, 3).transpose(0, 2, 1, 3, 4)
    return sheet.reshape(rows * (height + TILE_GAP), columns * (width + TILE_GAP), 3)[:-TILE_GAP, :-TILE_GAP]


def _heading(iteration: int, unit: str, *, noise: bool) -> str:
    """'iteration 3', or with `noise`: 'start: noise', 'after 3 iterations'."""
    if not noise:
        return f"{unit} {iteration:,}"
    return f"after {iteration:,} {unit}{'' if iteration == 1 else 's'}" if iteration else "start: noise"


@drawn
def contact_sheet(
    images: np.ndarray,
    iterations: Sequence[int],
    *,
    unit: str = "iteration",
    columns: int = 4,
    data: np.ndarray | None = None,
    noise: bool = False,
) -> Figure:
    """A figure of samples as tiles, at up to 8 of K iterations, among them the first and the last.

    `images` (K, S, h, w) or (K, S, h, w, 3) are the samples at `iterations` (K,); the first 100 samples are drawn. `unit` names
    the iterations in the titles; `columns` sheets are in a row. Training images `data`, of the same shapes, are a last sheet,
    to compare with. `noise`: the samples start from noise, and the titles say so, and how many iterations follow it."""
    shown = spread(len(iterations), MAX_SHEET_ITERATIONS)
    sheets = {_heading(iterations[place], unit, noise=noise): tiled(images[place, :MAX_TILES]) for place in shown}
    if data is not None:
        sheets["training images"] = tiled(data[: images.shape[1]][:MAX_TILES])
    columns = min(len(sheets), columns)
    rows = -(-len(sheets) // columns)
    high, wide = next(iter(sheets.values())).shape[:2]
    side = 2.4 if len(sheets) > 1 else 4.8
    figure, axes = new_grid(rows, columns, width=side * columns, height=(side * high / wide + 0.3) * rows)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (title, sheet) in zip(axes.flat, sheets.items(), strict=False):
        axis.imshow(sheet, interpolation="nearest")
        axis.set_title(title)
    return figure


def tile_frames(
    images: np.ndarray,
    iterations: Sequence[int],
    *,
    alt: str,
    unit: str = "iteration",
    frames_per_second: float = 6.0,
) -> Animation:
    """An animation of samples as tiles, over up to 60 of K iterations; each frame is headed by its iteration.

    The arguments are those of `contact_sheet`; the first 100 samples are drawn."""
    shown = spread(len(iterations), MAX_FRAMES)
    labels = [f"{unit} {iterations[place]:,}" for place in shown]
    frames = [
        headed(enlarged(tiled(images[place, :MAX_TILES])), label) for place, label in zip(shown, labels, strict=True)
    ]
    return Animation(np.stack(frames), tuple(labels), alt, frames_per_second)


def enlarged(picture: np.ndarray) -> np.ndarray:
    """A picture (H, W, 3) enlarged by a whole number, to at most ANIMATION_SIDE pixels along its longer side.

    From MIN_BLOCK_SCALE on, a pixel becomes a block; below it, pixels are interpolated. A larger picture stays as it is."""
    height, width = picture.shape[:2]
    scale = max(1, ANIMATION_SIDE // max(height, width))
    way = Image.Resampling.NEAREST if scale >= MIN_BLOCK_SCALE else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(picture).resize((scale * width, scale * height), way))


def headed(picture: np.ndarray, words: str) -> np.ndarray:
    """A picture (H, W, 3) below a white line with `words`: (H + HEADING_HEIGHT, W, 3)."""
    strip = Image.new("RGB", (picture.shape[1], HEADING_HEIGHT), "white")
    ImageDraw.Draw(strip).text((3, 3), words, fill="black", font=ImageFont.load_default(14))
    return np.concatenate([np.asarray(strip), picture])


def spread(count: int, limit: int) -> list[int]:
    """At most `limit` of the indices 0…count−1, ascending, the last among them.

    The first half of them are consecutive, and the gaps between the others grow geometrically, because samples move most in
    the first iterations."""
    if count <= limit:
        return list(range(count))
    if limit == 1:
        return [count - 1]
    first = limit // 2
    ratios = np.geomspace(1, count - first, limit - first + 1)[1:]
    later = np.maximum(first - 1 + np.round(ratios), first + np.arange(limit - first))
    return [*range(first), *(int(place) for place in later)]


def moving_webp(frames: np.ndarray, frames_per_second: float) -> bytes:
    """Frames (T, H, W, 3) as the bytes of an animated WebP that repeats and rests on its last frame.

    It is lossless if that fits MAX_ANIMATION_BYTES, else at the best of WEBP_QUALITIES that fits, or at the lowest."""
    for settings in ({"lossless": True, "quality": 30}, *({"quality": quality} for quality in WEBP_QUALITIES)):
        content = film(list(frames), frames_per_second, "WEBP", method=3, **settings)
        if len(content) <= MAX_ANIMATION_BYTES:
            break
    return content


def moving_gif(frames: np.ndarray, frames_per_second: float) -> bytes:
    """Frames (T, H, W, 3) as the bytes of an animated GIF, larger than a WebP and of 256 colours. Grey frames are exact."""
    grey = bool((frames == frames[..., :1]).all())
    return film([frame[..., 0] if grey else frame for frame in frames], frames_per_second, "GIF")
