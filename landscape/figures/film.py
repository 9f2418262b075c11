"""Frames as a file that plays by itself."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from landscape.figures.drawing import DRAWING

REST: int = DRAWING["film"]["rest"]  # milliseconds on the last frame


def film(frames: Iterable[np.ndarray], frames_per_second: float, form: str, **settings: Any) -> bytes:
    """Frames (height, width) or (height, width, 3) as an animated WEBP or GIF that repeats, resting on the last frame.

    `settings` are Pillow's for that format."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    step = frame_time(frames_per_second)
    durations = [step] * len(others) + [max(step, REST)]
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others, duration=durations, loop=0, **settings)
    return out.getvalue()


def frame_time(frames_per_second: float) -> int:
    """Milliseconds of a frame."""
    return max(1, round(1000 / frames_per_second))
