"""The comparison of an audit, against the same from matrices of all distances by scikit-learn, as `prdc` makes them.

LANDSCAPE_AUDIT_LARGE=20000,50000 adds one comparison of so many samples with so many training points, on one side only:
matrices of all distances of 50,000 points would take 20 GB."""

from __future__ import annotations

import os
import time

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances
from timing import CLOCK, Options, Row, Table, interleave, options, tell

from landscape.data import DataSpec, held_out, load_data
from landscape.machine import peak_memory
from landscape.measures.memorisation.copying import cell_count
from landscape.measures.memorisation.reach import Compared, Standard, pairs_compared

SAMPLES, TRAINING, SIDE, K = 2000, 10_000, 28, 5
QUICK = (200, 400)
NAMES = ("precision", "recall", "density", "coverage", "authenticity")
TOLERANCE = 2e-3  # of a statistic: the sides use closed and open balls, and distances are rounded
LARGE = "LANDSCAPE_AUDIT_LARGE"
Statistics = dict[str, float]


def main() -> None:
    """Compare both sides on one size, then time the large comparison if it is asked for."""
    chosen = options("audit", __doc__, repeats=3)
    count, total = QUICK if chosen.quick else (SAMPLES, TRAINING)
    samples, training, null, source = load_images(count, total)
    about = f"{count:,} samples and held-out points × {total:,} training points, {source}"
    tables = [Table(about, [row(samples, training, null, chosen)])]
    if LARGE in os.environ:
        count, total = (int(part) for part in os.environ[LARGE].split(","))
        samples, training, null, source = load_images(count, total)
        about = f"{count:,} samples and {len(null):,} held-out points × {total:,} training points, {source}"
        tables.append(Table(about, [large(samples, training, null)]))
    tell(tables, chosen)


def load_images(count: int, total: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, str]:
    """Samples, training and held-out images: MNIST's, the samples with noise, or uniform points if there is no MNIST."""
    draw = torch.Generator().manual_seed(0)
    if "LANDSCAPE_DATA" in os.environ:
        spec = DataSpec("mnist", count=total)
        training = load_data(spec, [0]).points[0]
        null = held_out(spec, [0], min(count, 10_000)).points[0]
        chosen = torch.randint(len(training), (count,), generator=draw)
        samples = (training[chosen] + 0.1 * torch.randn(count, SIDE**2, generator=draw)).clamp(0, 1)
        return samples, training, null, "MNIST, D=784"
    sets = (torch.rand(size, SIDE**2, generator=draw) for size in (count, total, count))
    return *sets, "uniform, D=784"  # type: ignore[return-value]


def row(samples: torch.Tensor, training: torch.Tensor, null: torch.Tensor, chosen: Options) -> Row:
    """The row that compares both sides, after a check that their statistics agree."""
    measured, theirs = ours(samples, training, null), plain(samples.numpy(), training.numpy(), null.numpy())
    apart = max(abs(measured[name] - theirs[name]) for name in NAMES)
    if apart > TOLERANCE:
        raise RuntimeError(f"the sides differ by {apart:.3g}: {measured}, {theirs}")
    sides = {
        "landscape": lambda: _done(ours(samples, training, null)),
        "scikit-learn": lambda: _done(plain(samples.numpy(), training.numpy(), null.numpy())),
    }
    timed = interleave(sides, repeats=chosen.repeats, device=chosen.device, warm=False)
    return Row(
        "statistics, nulls and cells", timed.median("landscape"), timed.median("scikit-learn"), "scikit-learn",
        spread=timed.spread("scikit-learn", "landscape"),
        extra={
            "/".join(NAMES): "/".join(f"{measured[name]:.3f}" for name in NAMES),
            "other side": "/".join(f"{theirs[name]:.3f}" for name in NAMES),
            "share of a core": f"{timed.core:.2f}",
        },
    )  # fmt: skip


def large(samples: torch.Tensor, training: torch.Tensor, null: torch.Tensor) -> Row:
    """The row of a single large comparison: seconds, pairs per second, and the peak of memory."""
    began, wall = CLOCK[0](), time.perf_counter()
    ours(samples, training, null)
    seconds, wall = CLOCK[0]() - began, time.perf_counter() - wall
    pairs = pairs_compared(len(samples), len(training), len(null), first=True)
    extra = {"pairs": f"{pairs / 1e9:.2f} billion", "million pairs per second": f"{pairs / seconds / 1e6:.2f}"}
    extra |= {"wall time": f"{wall / 60:.1f} min", "peak memory": f"{peak_memory() / 1e9:.1f} GB"}
    return Row("statistics, nulls and cells, once", seconds, extra=extra)


def ours(samples: torch.Tensor, training: torch.Tensor, null: torch.Tensor) -> Statistics:
    """All statistics of landscape's audit."""
    standard = Standard.of(training, null, tell=lambda count: None)
    return Compared.of(samples, standard, tell=lambda count: None).statistics


def plain(samples: np.ndarray, training: np.ndarray, null: np.ndarray) -> Statistics:
    """The same by matrices of all distances: open balls for samples and held-out points, gaps, and k-means cells."""
    among = pairwise_distances(training)
    np.fill_diagonal(among, np.inf)
    radii, gaps = np.partition(among, K - 1, axis=1)[:, K - 1], among.min(1)
    found, _ = (_balls(points, training, radii, gaps) for points in (samples, null))
    cells = KMeans(cell_count(len(training), len(samples), len(null)), n_init=1, random_state=0).fit(training)
    _done(cells.predict(samples), cells.predict(null))
    return found


def _balls(points: np.ndarray, training: np.ndarray, radii: np.ndarray, gaps: np.ndarray) -> Statistics:
    own = np.partition(pairwise_distances(points), K, axis=1)[:, K]
    apart = pairwise_distances(training, points)
    held = apart < radii[:, None]
    return {
        "precision": float(held.any(0).mean()),
        "recall": float((apart < own[None]).any(1).mean()),
        "density": float(held.sum(0).mean() / K),
        "coverage": float((apart.min(1) < radii).mean()),
        "authenticity": float((apart.min(0) > gaps[apart.argmin(0)]).mean()),
    }


def _done(*_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
