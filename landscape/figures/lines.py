"""What pictures of maps along a line share: shades by depth, and the stretches on which a condition holds."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np

from landscape.figures.theme import SEQUENTIAL


def shade(index: int, count: int) -> tuple[float, float, float, float]:
    """The colour number `index` of `count` (RGBA) from the sequential colour map, dark first, without its palest part."""
    return mpl.colormaps[SEQUENTIAL](0.85 * index / max(1, count - 1))


def stretches(flags: np.ndarray) -> list[tuple[int, int]]:
    """(first, last) index of each run of at least two consecutive true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
