"""Frames as an animated image file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from landscape.figures.drawing import DRAWING

LAST_FRAME_TIME: int = DRAWING["film"]["lastFrame"]  # milliseconds


def film(frames: Iterable[np.ndarray], frames_per_second: float, form: str, **settings: Any) -> bytes:
    """Frames (height, width) or (height, width, 3) as the bytes of an animated WEBP or GIF.

    The film repeats, and rests on the last frame for LAST_FRAME_TIME. `form` is Pillow's name of the format, and `settings`
    are Pillow's options for writing it."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    step = frame_time(frames_per_second)
    durations = [step] * len(others) + [max(step, LAST_FRAME_TIME)]
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others, duration=durations, loop=0, **settings)
    return out.getvalue()


def frame_time(frames_per_second: float) -> int:
    """The milliseconds for which a frame is shown: at least 1."""
    return max(1, round(1000 / frames_per_second))
