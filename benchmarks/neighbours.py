"""Exact nearest neighbours, against a flat FAISS index and scikit-learn's brute force.

FAISS runs in the Python interpreter LANDSCAPE_FAISS_PYTHON (by default in this interpreter), pinned to the same core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from sides.server import Server, serve
from sklearn.neighbors import NearestNeighbors
from timing import Options, Row, Side, Table, interleave, options, tell
from torch.nn.functional import interpolate

from landscape.data import DataSpec, held_out, load_data
from landscape.measures.neighbours.distances import nearest_neighbours

POINTS, DATA, SIDE = 1000, 60_000, 28
QUICK_POINTS, QUICK_DATA = 200, 6000
TOLERANCE = 0.1  # of a distance: the expanded norm |x|² − 2xy + |y|² is inexact, most of all near distance 0


@dataclass(frozen=True)
class Case:
    """A search that all sides do. The queries are data points plus `noise`; None: new images, infinity: noise alone."""

    name: str
    noise: float | None
    count: int
    target: float | None = None


CASES = (
    Case("new images, k=1", None, 1, target=1.0),
    Case("new images, k=5", None, 5, target=1.0),
    Case("data points with noise .01, k=1", 0.01, 1),
    Case("data points themselves, k=5", 0.0, 5),
    Case("uniform noise, k=1", float("inf"), 1),
)


def main() -> None:
    """Time all cases against both other sides."""
    chosen = options("neighbours", __doc__, repeats=5)
    new, data, source = load_images(chosen)
    rows: dict[str, list[Row]] = {"FAISS": [], "scikit-learn": []}
    with faiss_server(chosen) as (server, reason):
        for case in CASES:
            for name, row in measure(case, new, data, chosen, server).items():
                rows[name].append(row)
    size = f"{len(new)} × {len(data)} × {SIDE**2}, {source}"
    tell(
        [
            Table(f"{size}, against {reason if server else 'FAISS'}", rows["FAISS"], "" if server else reason),
            Table(f"{size}, against scikit-learn, brute force", rows["scikit-learn"]),
        ],
        chosen,
    )


def load_images(chosen: Options) -> tuple[torch.Tensor, torch.Tensor, str]:
    """New images and data: MNIST if LANDSCAPE_DATA is set, else mixtures of two enlarged digits each."""
    new, total = (QUICK_POINTS, QUICK_DATA) if chosen.quick else (POINTS, DATA)
    if "LANDSCAPE_DATA" in os.environ:
        spec = DataSpec("mnist", count=total)
        return held_out(spec, [0], new).points[0], load_data(spec, [0]).points[0], "MNIST"
    digits = load_data(DataSpec("digits"), [0]).points[0].view(-1, 1, 8, 8)
    large = interpolate(digits, (SIDE, SIDE), mode="bilinear").flatten(1)
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.randint(len(large), (new + total,), generator=generator) for _ in range(2))
    weight = torch.rand(new + total, 1, generator=generator)
    images = weight * large[first] + (1 - weight) * large[second]
    return images[:new], images[new:], "mixed digits"


def measure(
    case: Case, new: torch.Tensor, data: torch.Tensor, chosen: Options, server: FaissServer | None
) -> dict[str, Row]:
    """The rows of a case, by the name of the other side."""
    generator = torch.Generator().manual_seed(1)
    points = new
    if case.noise is not None:
        noise = torch.rand(new.shape, generator=generator)
        points = noise if case.noise == float("inf") else data[: len(new)] + case.noise * noise
    here, there = points.to(chosen.device)[None], data.to(chosen.device)[None]
    search = NearestNeighbors(algorithm="brute").fit(data.numpy())

    def brute() -> tuple[np.ndarray, np.ndarray]:
        found: tuple[np.ndarray, np.ndarray] = search.kneighbors(points.numpy(), case.count)
        return found

    distances, indices = (values[0].cpu().numpy() for values in nearest_neighbours(here, there, case.count))
    exact = (points[:, None].double() - data[torch.from_numpy(indices)].double()).norm(dim=-1).numpy()
    errors = {"landscape": float(np.abs(distances - exact).max())}
    sides: dict[str, Side] = {
        "landscape": lambda: _done(nearest_neighbours(here, there, case.count)),
        "scikit-learn": lambda: _done(brute()),
    }
    found = {"scikit-learn": brute()[0]}
    if server:
        found["FAISS"], sides["FAISS"] = server.take(points, data, case.count), server.go
    for name, theirs in found.items():
        errors[name] = float(np.abs(theirs - exact).max())
        if errors[name] > TOLERANCE:
            raise RuntimeError(
                f"{name} returns other neighbours in {case.name!r}: a distance differs by {errors[name]:.3g}"
            )
    timed = interleave(sides, repeats=chosen.repeats, device=chosen.device)
    return {
        name: Row(
            case.name,
            timed.median("landscape"),
            timed.median(name),
            name,
            spread=timed.spread(name, "landscape"),
            at_least=case.target,
            extra={
                "error of a distance, landscape": f"{errors['landscape']:.1g}",
                "other side": f"{errors[name]:.1g}",
                "share of a core": f"{timed.core:.2f}",
            },
        )
        for name in found
    }


class FaissServer(Server):
    """The running process of sides/faiss_search.py."""

    def take(self, points: torch.Tensor, data: torch.Tensor, count: int) -> np.ndarray:
        """Send a search to the server, which runs it once, and return the distances."""
        np.savez(self.file, points=points.numpy(), data=data.numpy(), count=np.array(count))
        with np.load(self.ask(str(self.file))) as found:
            distances: np.ndarray = found["distances"]
        return distances


@contextmanager
def faiss_server(chosen: Options) -> Iterator[tuple[FaissServer | None, str]]:
    """The server and its version, or None and the reason why it is missing."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with serve("faiss", "faiss_search.py", chosen.clock, threads) as (process, words):
        yield FaissServer(*process) if process else None, words


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
