"""Pictures of a depth sweep: convergence of samples, depth against capacity, and one-dimensional maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from landscape.figures.animation import animate
from landscape.figures.lines import shade, stretches
from landscape.figures.panel import Animation
from landscape.figures.rows import stand_for
from landscape.figures.theme import (
    ARRIVED,
    BLACK,
    BLUE,
    MARKERS,
    MOVING,
    MUTED,
    SKY,
    drawn,
    new_figure,
    new_grid,
)

PLATEAU_SLOPE = 0.1  # τ: a smaller slope counts as flat. The measures have the same number, but they import torch


@dataclass(frozen=True, eq=False)
class LineMap:
    """The maps of a cell on the line: x (P,), y = f(x) of every member (E, P), and the row `median` in y.

    For the median member: training points (N,) and orbits (T+1, S)."""

    x: np.ndarray
    y: np.ndarray
    median: int
    points: np.ndarray
    orbits: np.ndarray


@drawn
def share_curves(shares: pd.DataFrame, early: int) -> Figure:
    """Share of samples near a training point against the iteration: axes per width, a line per depth.

    Lines are means over all members, bands their normal 95 % intervals. The dotted line marks the iteration `early`."""
    widths, depths = sorted(shares.width.unique()), sorted(shares.hidden.unique())
    figure, axes = new_grid(1, len(widths), width=3.0 + 2.4 * len(widths), height=3.4, sharey=True, sharex=True)
    for ax, width in zip(axes[0], widths, strict=True):
        for index, hidden in enumerate(depths):
            part = shares[(shares.width == width) & (shares.hidden == hidden)].groupby("iteration").share_near
            mean, error = part.mean(), 1.96 * part.std(ddof=1) / np.sqrt(part.count())
            colour = shade(index, len(depths))
            ax.plot(
                mean.index,
                mean,
                color=colour,
                marker=MARKERS[index % 8],
                markevery=0.12,
                ms=4,
                label=f"{hidden} hidden",
            )
            ax.fill_between(mean.index, mean - error, mean + error, color=colour, alpha=0.2, lw=0)
        ax.axvline(early, color=MUTED, lw=0.9, ls=":")
        ax.set(title=f"width {width}", xlabel="iteration", ylim=(0, 1.02), xscale="symlog")
        ax.set_xlim(0, max(shares.iteration.max(), 1))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes[0][0].set_ylabel("share near a training point")
    axes[0][-1].legend(loc="best")
    return figure


@drawn
def depth_or_capacity(table: pd.DataFrame, early: int, seed: int = 0) -> Figure:
    """Share of samples near a training point at the iteration `early`, against depth and against width.

    A dot is the mean over the members of a cell, with its normal 95 % interval. A line joins the cells of a budget."""
    budgets = sorted(table.budget.unique())
    figure, axes = new_grid(1, 2, width=8.2, height=3.5, sharey=True)
    for ax, column in zip(axes[0], ("hidden", "width"), strict=True):
        for index, budget in enumerate(budgets):
            part = table[table.budget == budget].groupby(column).share_early
            mean, error = part.mean(), 1.96 * part.std(ddof=1) / np.sqrt(part.count())
            colour, label = shade(index, len(budgets)), f"{budget:,} parameters"
            ax.errorbar(
                mean.index, mean, error, color=colour, marker=MARKERS[index % 8], ms=5, capsize=3, lw=1.4, label=label
            )
        ax.set(xlabel="hidden layers" if column == "hidden" else "width", ylim=(-0.03, 1.03))
    axes[0][1].set_xscale("log")
    axes[0][1].xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes[0][0].set_ylabel(f"share near a training point\nat iteration {early}")
    axes[0][0].legend(loc="best")
    return figure


@drawn
def burn_in_scatter(table: pd.DataFrame, iterations: int) -> Figure:
    """Burn-in against the number of parameters, a jittered dot per member; triangles had not settled by the end."""
    figure, ax = new_figure(6.4, 3.6)
    depths = sorted(table.hidden.unique())
    jitter = np.exp(np.random.default_rng(0).normal(0, 0.04, len(table)))
    for index, hidden in enumerate(depths):
        chosen = (table.hidden == hidden).to_numpy()
        part, x = table[chosen], (table.parameters.to_numpy() * jitter)[chosen]
        late, colour = part.burn_in_censored.to_numpy(bool), shade(index, len(depths))
        y = part.burn_in.clip(lower=1).to_numpy()
        settled = ax.scatter(x[~late], y[~late], s=13, color=colour, alpha=0.7, lw=0, label=f"{hidden} hidden")
        others = ax.scatter(x[late], y[late], s=18, marker="^", facecolor="none", edgecolor=colour, lw=0.8)
        stand_for(settled, part[~late])
        stand_for(others, part[late])
    ax.set(
        xscale="log", yscale="log", xlabel="parameters", ylabel="burn-in (iterations)", ylim=(0.85, iterations * 1.35)
    )
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def line_maps(maps: Sequence[Sequence[LineMap | None]], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """f(x) against x, every member thin and the median member thick: axes per cell, rows × columns.

    Where the slope of the median member is below PLATEAU_SLOPE, the background is shaded."""
    figure, axes = new_grid(
        len(rows), len(columns), width=1.2 + 2.5 * len(columns), height=0.6 + 2.3 * len(rows), sharex=True, sharey=True
    )
    for r, row in enumerate(maps):
        for c, line_map in enumerate(row):
            if line_map is not None:
                draw_line_map(axes[r][c], line_map)
            axes[r][c].set_title(f"{rows[r]}, {columns[c]}", fontsize=9.5)
    for ax in axes[-1]:
        ax.set_xlabel("x")
    for ax in axes[:, 0]:
        ax.set_ylabel("f(x)")
    return figure


def _slope(line_map: LineMap) -> np.ndarray:
    slope: np.ndarray = np.abs(np.gradient(line_map.y[line_map.median], line_map.x))
    return slope


def draw_line_map(ax: Axes, line_map: LineMap) -> None:
    ax.plot(line_map.x, line_map.x, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.plot(line_map.x, line_map.y.T, color=BLACK, lw=0.5, alpha=0.16, zorder=2)
    ax.plot(line_map.x, line_map.y[line_map.median], color=BLUE, lw=1.9, zorder=3)
    for start, end in stretches(_slope(line_map) < PLATEAU_SLOPE):
        ax.axvspan(line_map.x[start], line_map.x[end], color=SKY, alpha=0.28, lw=0, zorder=0)
    ax.plot(line_map.points, line_map.points, "o", color=BLACK, ms=5.5, mec="white", mew=0.9, zorder=4)
    ax.set(xlim=(line_map.x[0], line_map.x[-1]), ylim=(line_map.x[0] - 0.02, line_map.x[-1] + 0.02))
    ax.set_aspect("equal")


@drawn
def cobweb(maps: Sequence[LineMap], titles: Sequence[str], near: float, alt: str) -> Animation:
    """Cobweb diagrams of the median members, two maps to a row, a frame per iteration.

    A sample counts as arrived within `near` of a training point."""
    columns = min(2, len(maps))
    rows = -(-len(maps) // columns)
    size = {"width": 2.8 * columns + 0.4, "height": 2.6 * rows + 0.4}
    figure, axes = new_grid(rows, columns, sharex=True, sharey=True, **size)
    webs = [_Web(ax, line_map, near) for ax, line_map in zip(axes.flat, maps, strict=False)]
    for ax, title in zip(axes.flat, titles, strict=False):
        ax.set_title(title, fontsize=9.5)
    for ax in axes[-1]:
        ax.set_xlabel("x")
    for ax in axes[:, 0]:
        ax.set_ylabel("f(x)")

    def draw(frame: int) -> None:
        for web in webs:
            web.show(frame)

    labels = [f"iteration {frame}" for frame in range(len(maps[0].orbits))]
    return animate(figure, draw, labels, alt=alt, frames_per_second=2.5)


class _Web:
    """A cobweb diagram: the fixed curves and the artists that each frame moves."""

    def __init__(self, ax: Axes, line_map: LineMap, near: float) -> None:
        self.line_map, self.near = line_map, near
        ax.plot(line_map.x, line_map.x, color=MUTED, lw=0.9, ls="--")
        ax.plot(line_map.x, line_map.y[line_map.median], color=BLUE, lw=1.6)
        self.lines = LineCollection([], linewidths=0.5, alpha=0.45)
        ax.add_collection(self.lines)
        (self.moving,) = ax.plot([], [], "o", color=MOVING, ms=3.4, mew=0)
        (self.arrived,) = ax.plot([], [], "s", color=ARRIVED, ms=4.2, mew=0)
        ax.plot(line_map.points, line_map.points, "o", color=BLACK, ms=5.5, mec="white", mew=0.9)
        low, high = float(line_map.x[0]), float(line_map.x[-1])
        span = high - low
        ax.set(xlim=(low - 0.25 * span, high + 0.25 * span), ylim=(low - 0.05 * span, high + 0.05 * span))

    def show(self, frame: int) -> None:
        here = self.line_map.orbits[frame]
        there = (np.abs(here[:, None] - self.line_map.points[None]) <= self.near).any(1)
        recent = self.line_map.orbits[max(0, frame - 2) : frame + 1]
        path = np.repeat(recent, 2, axis=0).T  # x₀ x₀ x₁ x₁ …, a row per sample
        self.lines.set_segments(list(np.stack([path[:, :-1], path[:, 1:]], axis=-1)))
        self.lines.set_color([ARRIVED if arrived else MOVING for arrived in there])
        self.moving.set_data(here[~there], here[~there])
        self.arrived.set_data(here[there], here[there])
