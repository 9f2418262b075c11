"""Arrays, texts and pictures as base64 inside a page."""

from __future__ import annotations

import base64
import gzip
import io
import json
from typing import Any

import numpy as np
from markupsafe import Markup
from PIL import Image

from landscape.figures.film import film


def pack_plane(codes: np.ndarray) -> str:
    """Codes (rows, columns) in 0…65535 as text: each less its left + upper − upper left neighbours, compressed.

    A smooth sheet leaves residuals near zero. `unpackPlane` in viewer/decode.js is the inverse."""
    above = np.zeros_like(codes, dtype=np.int64)
    codes = codes.astype(np.int64)
    above[1:, 1:] = codes[1:, :-1] + codes[:-1, 1:] - codes[:-1, :-1]
    above[0, 1:] = codes[0, :-1]
    above[1:, 0] = codes[:-1, 0]
    return _pack_residuals(codes - above)


def pack_steps(codes: np.ndarray) -> str:
    """Codes (steps, columns) in 0…65535 as text: each less the code one step before, compressed.

    What does not move costs almost nothing. `unpackSteps` in viewer/decode.js is the inverse."""
    codes = codes.astype(np.int64)
    return _pack_residuals(np.diff(codes, axis=0, prepend=np.zeros_like(codes[:1])))


def _pack_residuals(residuals: np.ndarray) -> str:
    """Residuals as text: the sign in the lowest bit, all low bytes before all high bytes. Both make long runs to compress."""
    wrapped = (residuals + 32768) % 65536 - 32768
    folded = (((wrapped << 1) ^ (wrapped >> 63)) & 0xFFFF).astype("<u2")
    shuffled = np.frombuffer(folded.tobytes(), np.uint8).reshape(-1, 2).T
    return pack_bytes(shuffled.tobytes())


def pack_bytes(content: bytes) -> str:
    """The base64 text of the gzipped bytes; equal content gives equal text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def data_uri(mime: str, content: bytes) -> str:
    """A file as a data: address."""
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def script_json(value: Any) -> Markup:
    """`value` as JSON that cannot end the script element in which it stands."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("</", "<\\/").replace("<!--", "<\\!--"))


def webp(image: np.ndarray, *, quality: int = 82, lossless: bool = False) -> bytes:
    """A picture (height, width, 3 or 4) of uint8 as WebP."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "WEBP", quality=quality, method=4, lossless=lossless)
    return out.getvalue()


def webp_within(image: np.ndarray, most: int, *, quality: int) -> bytes:
    """A picture as WebP: lossless if that takes at most `most` bytes, else at `quality`."""
    exact = webp(image, lossless=True)
    return exact if len(exact) <= most else webp(image, quality=quality)


def moving_webp(frames: np.ndarray, frames_per_second: float, *, quality: int = 72) -> bytes:
    """Frames (T, height, width, 3) as an animated WebP that repeats and rests on its last frame."""
    return film(frames, frames_per_second, "WEBP", quality=quality, method=4)


def sheet_columns(count: int, height: int, width: int) -> int:
    """The columns of a sheet of `count` frames of height × width that is about as high as wide."""
    return int(np.ceil(np.sqrt(count * height / width)))


def sprite_sheet(frames: np.ndarray) -> np.ndarray:
    """Frames (T, height, width, 3) side by side in a single picture, row by row, in `sheet_columns` columns."""
    count, height, width, channels = frames.shape
    columns = sheet_columns(count, height, width)
    rows = -(-count // columns)
    sheet = np.full((rows * columns, height, width, channels), 255, np.uint8)
    sheet[:count] = frames
    sheet = sheet.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return sheet.reshape(rows * height, columns * width, channels)
