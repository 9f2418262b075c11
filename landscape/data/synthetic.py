"""Small data sets: the paper's points on the line and in the plane, uniform points, clusters, and scikit-learn's digits."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import numpy as np

from landscape.data.source import Source
from landscape.data.summary import summary

# name → (points, low, high). Shrivastava (2024), Figs. 2–5 and the tanh ranges of Fig. 4.
FIXED: dict[str, tuple[list[tuple[float, ...]], float, float]] = {
    "one-point": ([(0.5,)], 0.0, 1.0),
    "two-points": ([(0.2,), (0.8,)], 0.0, 1.0),
    "tanh-four": ([(-0.8,), (-0.2,), (0.2,), (0.8,)], -1.0, 1.0),
    "centre": ([(0.5, 0.5)], 0.0, 1.0),
    "four-points": (list(itertools.product((0.2, 0.8), repeat=2)), 0.0, 1.0),
    "tanh-square": (list(itertools.product((-0.6, 0.6), repeat=2)), -1.0, 1.0),
}


def uniform(count: int, dim: int, seed: int, spread: float) -> np.ndarray:
    """Uniform points in the box of side `spread` about the cube's centre: (N, D).

    The first n points of a larger count are those of count n."""
    side = np.float32(spread)
    unit = np.random.default_rng([seed, 1]).random((count, dim), dtype=np.float32)
    return unit if spread == 1 else np.float32(0.5) + side * (unit - np.float32(0.5))


def clusters(count: int, dim: int, seed: int, spread: float, clusters: int) -> np.ndarray:
    """Uniform points in `clusters` boxes of side `spread`, which lie inside the unit cube: (N, D).

    Point i belongs to cluster i mod `clusters`."""
    generator = np.random.default_rng([seed, 2])
    centres = spread / 2 + (1 - spread) * generator.random((clusters, dim), dtype=np.float32)
    offset = spread * (generator.random((count, dim), dtype=np.float32) - 0.5)
    points: np.ndarray = (centres[np.arange(count) % clusters] + offset).astype(np.float32)
    return points


@cache
def digits() -> Source:
    """scikit-learn's 1,797 digits in [0, 1], in one fixed shuffled order, so that any first points mix the classes.

    From "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak 1998, UCI Machine Learning Repository, CC BY 4.0), its
    test set: see digits.txt beside the file. The package has a copy of its own, as scikit-learn may not be installed."""
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        levels, labels = file["images"], file["labels"].astype(np.int64)  # levels of 0 … 16
    order = np.random.default_rng(0).permutation(len(levels))
    images = (levels[order] / 16).astype(np.float32)
    names = tuple(map(str, range(10)))
    line = summary(len(images), "images", (8, 8), ["17 levels"], classes=10)
    return Source("digits", "images", (8, 8), len(images), images.__getitem__, labels[order], names, summary=line)
