"""Precision, recall, density and coverage, against the same statistics from scikit-learn's distances, as `prdc` does."""

from __future__ import annotations

import os

import numpy as np
import torch
from sklearn.metrics import pairwise_distances
from timing import Options, Row, Table, Timings, interleave, options, tell

from landscape.data import DataSpec, held_out, load_data
from landscape.measures import fidelity

COUNT, SIDE, K = 10_000, 28, 5
QUICK_COUNT = 500
NAMES = ("precision", "recall", "density", "coverage")
TOLERANCE = 1e-3  # of a statistic: the sides use closed and open balls, and distances are rounded
Statistics = dict[str, float]


def main() -> None:
    """Compare both sides on points with distinct distances, and on points of a grid, where many distances are equal."""
    chosen = options("fidelity", __doc__, repeats=3)
    samples, training, source = load_images(chosen)
    grid = torch.Generator().manual_seed(0)
    levels = [
        torch.randint(3, points.shape, generator=grid).float() / 2 for points in (samples[:, :4], training[:, :4])
    ]
    rows = [
        row(source, samples, training, chosen, ties=False),
        row("grid of 3 levels, D=4", levels[0], levels[1], chosen, ties=True),
    ]
    tell([Table(f"{len(samples)} samples × {len(training)} training points, k={K}", rows)], chosen)


def load_images(chosen: Options) -> tuple[torch.Tensor, torch.Tensor, str]:
    """Held-out and training images: those of MNIST if LANDSCAPE_DATA is set, else uniform points of the same size."""
    count = QUICK_COUNT if chosen.quick else COUNT
    if "LANDSCAPE_DATA" in os.environ:
        spec = DataSpec("mnist", count=count)
        return held_out(spec, [0], count).points[0], load_data(spec, [0]).points[0], "MNIST, D=784"
    draw = torch.Generator().manual_seed(0)
    return *(torch.rand(count, SIDE**2, generator=draw) for _ in range(2)), "uniform, D=784"  # type: ignore[return-value]


def row(name: str, samples: torch.Tensor, training: torch.Tensor, chosen: Options, *, ties: bool) -> Row:
    """The row of a comparison. With `ties`, many distances are equal; then the statistics may differ, and only times count."""
    here, there = samples.to(chosen.device)[None], training.to(chosen.device)[None]
    measured, theirs = ours(here, there), plain(samples.numpy(), training.numpy())
    apart = max(abs(measured[name] - theirs[name]) for name in NAMES)
    if not ties and apart > TOLERANCE:
        raise RuntimeError(f"the sides differ by {apart:.3g} on {name!r}: {measured}, {theirs}")
    timed: Timings = interleave(
        {
            "landscape": lambda: _done(ours(here, there)),
            "scikit-learn": lambda: _done(plain(samples.numpy(), training.numpy())),
        },
        repeats=chosen.repeats,
        device=chosen.device,
        warm=False,
    )
    return Row(
        name,
        timed.median("landscape"),
        timed.median("scikit-learn"),
        "scikit-learn",
        spread=timed.spread("scikit-learn", "landscape"),
        at_least=None if ties else 1.0,
        extra={
            "precision/recall/density/coverage": "/".join(f"{measured[name]:.3f}" for name in NAMES),
            "other side": "/".join(f"{theirs[name]:.3f}" for name in NAMES),
            "share of a core": f"{timed.core:.2f}",
        },
    )


def ours(samples: torch.Tensor, training: torch.Tensor) -> Statistics:
    """The statistics of landscape: closed balls, exact distances."""
    statistics = fidelity(samples, training, k=K)
    return {name: float(getattr(statistics, name)) for name in NAMES}


def plain(samples: np.ndarray, training: np.ndarray) -> Statistics:
    """The statistics with open balls, from matrices of all distances (Naeem et al. 2020)."""
    sample_radii, training_radii = (_radii(points) for points in (samples, training))
    apart = pairwise_distances(training, samples)
    held = apart < training_radii[:, None]
    return {
        "precision": float(held.any(0).mean()),
        "recall": float((apart < sample_radii[None]).any(1).mean()),
        "density": float(held.sum(0).mean() / K),
        "coverage": float((apart.min(1) < training_radii).mean()),
    }


def _radii(points: np.ndarray) -> np.ndarray:
    distances: np.ndarray = np.partition(pairwise_distances(points), K, axis=1)[:, K]
    return distances


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
