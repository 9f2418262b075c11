"""The pictures beside the answer of a depth sweep on the line: where maps carry samples, and what training does to outputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from landscape.figures.rows import stand_for
from landscape.figures.theme import ARRIVED, BLACK, BLUE, GREEN, MOVING, MUTED, SKY, drawn, new_figure, new_grid
from landscape.studies.depth_sweep.figures import LineMap, draw_line_map

STRIP = (-0.1, 0.05)  # the middle of the strip of samples below a map, and its half height, as shares of the range
SPREAD = 7  # samples of a strip stand at this many heights in turn


def arrivals(line_map: LineMap, iteration: int, near: float) -> np.ndarray:
    """How many samples of the median network are at each training point after an iteration: (N,)."""
    apart = np.abs(line_map.orbits[iteration][:, None] - line_map.points)
    at = (apart <= near) & (apart == apart.min(1, keepdims=True))
    counts: np.ndarray = at.sum(0)
    return counts


@drawn
def maps_with_arrivals(maps: Sequence[LineMap], titles: Sequence[str], iteration: int, near: float) -> Figure:
    """f(x) against x as in `line_maps`, a map below the other; below each its samples after an iteration.

    A number tells how many are at a training point: samples within `near` of it."""
    figure, axes = new_grid(len(maps), 1, width=4.3, height=0.5 + 2.7 * len(maps), sharex=True, sharey=True)
    for ax, line_map, title in zip(axes.flat, maps, titles, strict=True):
        draw_line_map(ax, line_map)
        low, span = float(line_map.x[0]), float(np.ptp(line_map.x))
        middle, half = (low + STRIP[0] * span, STRIP[1] * span)
        here = line_map.orbits[iteration]
        heights = middle + half * np.linspace(-1, 1, SPREAD)[np.arange(len(here)) % SPREAD]
        at = (np.abs(here[:, None] - line_map.points) <= near).any(1)
        ax.plot(here[~at], heights[~at], "o", color=MOVING, ms=3.2, mew=0)
        ax.plot(here[at], heights[at], "s", color=ARRIVED, ms=3.2, mew=0)
        for point, count in zip(line_map.points, arrivals(line_map, iteration, near), strict=True):
            ax.text(point, middle - 1.5 * half, f"{count}", color=ARRIVED, ha="center", va="top", fontsize=9)
        ax.set(ylim=(low - 0.27 * span, low + 1.02 * span), yticks=low + span * np.linspace(0, 1, 6), title=title)
        ax.set_ylabel("f(x)")
    axes.flat[-1].set_xlabel("x")
    samples = {"sample at the data": ("s", ARRIVED), "sample elsewhere": ("o", MOVING)}
    dots = [Line2D([], [], ls="", marker=mark, color=colour, label=name) for name, (mark, colour) in samples.items()]
    figure.legend(handles=[*_lines_of_maps(), *dots], loc="outside lower center", ncols=2)
    return figure


def _lines_of_maps() -> list[Artist]:
    """The key of `draw_line_map`."""
    return [
        Line2D([], [], color=BLUE, lw=1.9, label="median network"),
        Line2D([], [], color=BLACK, lw=0.8, alpha=0.4, label="every network"),
        Line2D([], [], color=MUTED, lw=0.9, ls="--", label="identity"),
        Patch(color=SKY, alpha=0.28, lw=0, label="flat"),
    ]


@drawn
def before_and_after(line_map: LineMap, rows: pd.DataFrame, title: str, limit: float) -> Figure:
    """f(x) against x, and below it the range of outputs before and after training, a line per network, medians thick.

    `rows` has the columns untrained_range and output_range. Below `limit`, a dashed line, the
    outputs stay near the data."""
    figure, axes = new_grid(2, 1, width=4.3, height=5.6)
    draw_line_map(axes[0, 0], line_map)
    axes[0, 0].set(title=title, xlabel="x", ylabel="f(x)")
    ax, ranges = axes[1, 0], rows[["untrained_range", "output_range"]].to_numpy()
    ax.plot([0, 1], ranges.T, color=BLACK, lw=0.6, alpha=0.25)
    ax.plot([0, 1], np.median(ranges, axis=0), "o-", color=BLUE, lw=2.2, ms=6)
    ax.axhline(limit, color=MUTED, lw=0.9, ls="--")
    ax.text(0.5, limit, f"near: {limit:g} or less", color=MUTED, ha="center", va="bottom", fontsize=9)
    for place, value, side in zip((0, 1), np.median(ranges, axis=0), ("right", "left"), strict=True):
        ax.text(place + (place - 0.5) * 0.14, value, f"{value:.2g}", color=BLUE, ha=side, va="center", fontsize=9.5)
    ax.set(yscale="log", xlim=(-0.45, 1.45), ylim=(None, 1.3), title="the range of outputs", ylabel="range, of 1")
    ax.set_xticks([0, 1], ["before training", "after"])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.minorticks_off()
    figure.legend(handles=_lines_of_maps(), loc="outside lower center", ncols=2)
    return figure


@drawn
def networks_that_pass(
    rows: pd.DataFrame, passing: pd.Series[bool], flat: float, reached: float, iteration: int
) -> Figure:
    """Networks by flat_near_data and share_early. Those that pass are green; the part beyond `flat` and `reached` is shaded."""
    figure, ax = new_figure(4.3, 3.6)
    ax.axvspan(flat, 1.03, ymin=(reached + 0.03) / 1.06, color=GREEN, alpha=0.12, lw=0)
    for those, colour, marker in ((~passing, MOVING, "o"), (passing, ARRIVED, "s")):
        own = rows[those]
        dots = ax.scatter(own.flat_near_data, own.share_early, s=24, color=colour, marker=marker, alpha=0.75, lw=0)
        stand_for(dots, own)
    ax.text(
        (flat + 1) / 2, reached + 0.02, f"{int(passing.sum())} of {len(rows)} pass", color=ARRIVED, ha="center", va="bottom",
    )  # fmt: skip
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="flat share of the line beside the data")
    ax.set_ylabel(f"share of samples at the data\nafter {iteration} iterations")
    return figure
