"""Small data sets: the paper's points on the line and in the plane, uniform points, clusters, and scikit-learn's digits."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from landscape.data.dataset import Dataset, DataSpec

# name → (points, low, high). Shrivastava (2024), Figs. 2–5 and the tanh ranges of Fig. 4.
FIXED: dict[str, tuple[list[tuple[float, ...]], float, float]] = {
    "one-point": ([(0.5,)], 0.0, 1.0),
    "two-points": ([(0.2,), (0.8,)], 0.0, 1.0),
    "tanh-four": ([(-0.8,), (-0.2,), (0.2,), (0.8,)], -1.0, 1.0),
    "centre": ([(0.5, 0.5)], 0.0, 1.0),
    "four-points": (list(itertools.product((0.2, 0.8), repeat=2)), 0.0, 1.0),
    "tanh-square": (list(itertools.product((-0.6, 0.6), repeat=2)), -1.0, 1.0),
}
DRAWN = ("uniform", "clusters")
NAMES = (*FIXED, *DRAWN, "digits")


def load_data(spec: DataSpec, seeds: Sequence[int]) -> Dataset:
    """The training points of one member per seed: points (E, N, D).

    Drawn sets depend on the seed alone and are nested: the first n of a larger count are the set of count n. Raises
    ValueError for an unknown name or a count or dimension that the set does not have."""
    if spec.name in FIXED:
        points, low, high = FIXED[spec.name]
        _refuse_other(spec, len(points), len(points[0]))
        shared = torch.tensor(points)
        return Dataset(spec.name, _expand(shared, seeds), low, high, (shared.shape[1],))
    if spec.name in DRAWN:
        count, dim = _required(spec, "count"), _required(spec, "dim")
        draw = _uniform if spec.name == "uniform" else _clusters
        drawn = torch.stack([torch.from_numpy(draw(spec, count, dim, seed)) for seed in seeds])
        return Dataset(spec.name, drawn, 0.0, 1.0, (dim,), drawn=True)
    if spec.name == "digits":
        images, labels = _digits()
        count = len(images) if spec.count is None else spec.count
        if not 1 <= count <= len(images):
            raise ValueError(f"digits has {len(images)} images; got count {count}. Ask for 1 to {len(images)}")
        return Dataset(
            "digits",
            _expand(torch.from_numpy(images[:count]), seeds),
            0.0,
            1.0,
            (8, 8),
            tuple(map(int, labels[:count])),
        )
    raise ValueError(unknown("data", spec.name, NAMES))


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is none of `known`, with the nearest one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"


def dimension(spec: DataSpec) -> int:
    """The number of coordinates of a point of `spec`, without drawing it."""
    if spec.name in FIXED:
        return len(FIXED[spec.name][0][0])
    return 64 if spec.name == "digits" else _required(spec, "dim")


def _uniform(spec: DataSpec, count: int, dim: int, seed: int) -> np.ndarray:
    side = np.float32(spec.spread)
    unit = np.random.default_rng([seed, 1]).random((count, dim), dtype=np.float32)
    return unit if spec.spread == 1 else np.float32(0.5) + side * (unit - np.float32(0.5))


def _clusters(spec: DataSpec, count: int, dim: int, seed: int) -> np.ndarray:
    """Points in boxes of side `spread` whose centres keep the boxes inside the cube; point i belongs to cluster i mod k."""
    generator = np.random.default_rng([seed, 2])
    centres = spec.spread / 2 + (1 - spec.spread) * generator.random((spec.clusters, dim), dtype=np.float32)
    offset = spec.spread * (generator.random((count, dim), dtype=np.float32) - 0.5)
    points: np.ndarray = (centres[np.arange(count) % spec.clusters] + offset).astype(np.float32)
    return points


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's 1,797 digits in [0, 1], in one fixed shuffled order, so that a count takes a mixture of classes."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.data))
    return (bunch.data[order] / 16).astype(np.float32), bunch.target[order]


def _expand(points: Tensor, seeds: Sequence[int]) -> Tensor:
    return points.expand(len(seeds), *points.shape)


def _required(spec: DataSpec, name: str) -> int:
    value: int | None = getattr(spec, name)
    if value is None or value < 1:
        raise ValueError(f"`{name}` must be a positive whole number for {spec.name!r} data; got {value}")
    return value


def _refuse_other(spec: DataSpec, count: int, dim: int) -> None:
    for name, own in (("count", count), ("dim", dim)):
        asked = getattr(spec, name)
        if asked not in (None, own):
            raise ValueError(f"{spec.name!r} has {name} {own}; got {asked}. Leave it out, or choose 'uniform' data")
