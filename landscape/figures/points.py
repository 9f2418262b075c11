"""Pictures of samples that are not images: paths on the line, points in the plane, histograms of coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from landscape.figures.images import MAX_SHEET_ITERATIONS, spread
from landscape.figures.theme import BLUE, GRID, INK, MUTED, ORANGE, drawn, new_grid

MAX_PATHS = 200  # samples drawn as paths
MAX_HISTOGRAMS = 12  # coordinates that have a histogram
HISTOGRAM_BARS = 50  # of samples on the line
AXIS_MARGIN = 0.25  # of the range, shown on each side beyond it; samples further out are cut off


def sample_figure(
    points: np.ndarray,
    iterations: Sequence[int],
    training: np.ndarray,
    low: float,
    high: float,
    *,
    names: Sequence[str] = (),
    unit: str = "iteration",
) -> Figure:
    """A figure of samples (K, S, D) at `iterations` (K,) and training points (N, D), in the form that suits D.

    D = 1: paths over the iterations. D = 2: dots in the plane. Otherwise: histograms of coordinates, which `names` names. The
    data lie in low…high. `unit` names the iterations."""
    if points.shape[-1] == 1:
        return paths_on_the_line(points[..., 0], iterations, training[:, 0], low, high, unit=unit)
    if points.shape[-1] == 2:
        return points_in_the_plane(points, iterations, training, low, high, unit=unit)
    return coordinate_histograms(points[[0, -1]], (iterations[0], iterations[-1]), training, names=names, unit=unit)


@drawn
def paths_on_the_line(
    points: np.ndarray,
    iterations: Sequence[int],
    training: np.ndarray,
    low: float,
    high: float,
    *,
    unit: str = "iteration",
) -> Figure:
    """A figure of the samples' positions, points (K, S), over the iterations, beside a histogram of the last positions.

    Dotted lines are training points (N,)."""
    figure, axes = new_grid(1, 2, width=8, height=3.3, sharey=True, width_ratios=[3, 1])
    path, side = axes[0]
    for value in training:
        for axis in (path, side):
            axis.axhline(value, color=INK, linewidth=0.8, linestyle=":")
    path.plot(iterations, points[:, :MAX_PATHS], color=BLUE, linewidth=0.6, alpha=0.5)
    path.set_xlabel(unit)
    path.set_ylabel("x")
    path.set_ylim(*_around(low, high))
    side.hist(
        points[-1], bins=np.linspace(*_around(low, high), HISTOGRAM_BARS + 1), orientation="horizontal", color=ORANGE
    )
    side.set_xlabel(f"samples at {unit} {iterations[-1]:,}")
    handles = [
        Line2D([], [], color=BLUE, linewidth=0.8, label="a sample"),
        Line2D([], [], color=INK, linewidth=0.8, linestyle=":", label="training point"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@drawn
def points_in_the_plane(
    points: np.ndarray,
    iterations: Sequence[int],
    training: np.ndarray,
    low: float,
    high: float,
    *,
    unit: str = "iteration",
) -> Figure:
    """A figure of the samples, points (K, S, 2), at up to 8 of K iterations, with the training points and the data's box."""
    shown = spread(len(iterations), MAX_SHEET_ITERATIONS)
    columns = min(len(shown), 4)
    rows = -(-len(shown) // columns)
    figure, axes = new_grid(
        rows,
        columns,
        width=2.3 * columns + 0.4,
        height=2.5 * rows + 0.4,
        sharex=True,
        sharey=True,
        subplot_kw={"aspect": 1},
    )
    box = [low, low, high, high, low], [low, high, high, low, low]
    for axis, place in zip(axes.flat, shown, strict=False):
        axis.plot(*box, color=GRID, zorder=0)
        axis.scatter(*points[place].T, s=6, color=BLUE, alpha=0.6, linewidth=0)
        axis.scatter(*training.T, s=28, marker="x", color=INK, linewidth=1)
        axis.set_title(f"{unit} {iterations[place]:,}")
    for axis in axes.flat[len(shown) :]:
        axis.set_axis_off()
    axes[0, 0].set(xlim=_around(low, high), ylim=_around(low, high))
    handles = [
        Line2D([], [], marker="o", markersize=3, color=BLUE, linestyle="none", label="a sample"),
        Line2D([], [], marker="x", markersize=5, color=INK, linestyle="none", label="training point"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@drawn
def coordinate_histograms(
    points: np.ndarray,
    iterations: tuple[int, int],
    training: np.ndarray,
    *,
    names: Sequence[str] = (),
    unit: str = "iteration",
) -> Figure:
    """A figure of histograms of the first 12 coordinates: of samples at 2 iterations, points (2, S, D), and training points."""
    count = min(points.shape[-1], MAX_HISTOGRAMS)
    columns = min(count, 4)
    rows = -(-count // columns)
    figure, axes = new_grid(rows, columns, width=2.3 * columns, height=1.8 * rows + 0.4)
    series = {
        f"training points ({len(training):,})": (training, MUTED, 1.6),
        f"samples at {unit} {iterations[0]:,}": (points[0], BLUE, 1.0),
        f"samples at {unit} {iterations[1]:,}": (points[1], ORANGE, 1.6),
    }
    for place, axis in enumerate(axes.flat):
        if place >= count:
            axis.set_axis_off()
            continue
        shown = [values[:, place][np.isfinite(values[:, place])] for values, _, _ in series.values()]
        whole = np.concatenate(shown)
        bins = np.linspace(whole.min(), max(whole.max(), whole.min() + 1e-6), 25)
        for values, (_, colour, width) in zip(shown, series.values(), strict=True):
            weights = np.full(len(values), 1 / max(len(values), 1))
            axis.hist(values, bins=bins, weights=weights, histtype="step", color=colour, linewidth=width)
        axis.set_title(str(names[place]) if names else f"coordinate {place + 1}", fontsize=8.5)
        axis.set_yticks([])
    handles = [
        Line2D([], [], color=colour, linewidth=width, label=label) for label, (_, colour, width) in series.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _around(low: float, high: float) -> tuple[float, float]:
    return low - AXIS_MARGIN * (high - low), high + AXIS_MARGIN * (high - low)
