"""Pictures of the regions of ReLU networks: maps, numbers by depth and width, slopes by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from landscape.figures.theme import BLUE, INK, MARKERS, MUTED, ORANGE, PALETTE, SEQUENTIAL, drawn, new_figure, new_grid

DECADES = 100  # the colours reach from the steepest to the flattest, or to this fraction of it
FLATTEST = 1e-3
Pieces = Mapping[str, np.ndarray]


@drawn
def region_maps(pieces: Sequence[Sequence[Pieces | None]], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """The regions of a net in the plane each, coloured by slope, plateaus orange; dots are training points.

    `pieces` hold vertices (V, 2), corners and where each region's begin (R+1,), slope and rank (R,), spots, low and high."""
    side = 2.25
    figure, axes = new_grid(len(rows), len(columns), width=side * len(columns) + 1.5, height=(side + 0.2) * len(rows))
    slopes = np.concatenate([one["slope"] for line in pieces for one in line if one is not None])
    steepest, flattest = float(slopes.max()), float(slopes[slopes > 0].min(initial=slopes.max()))
    norm = LogNorm(max(steepest / DECADES, min(flattest, steepest / 2)), steepest, clip=True)
    for row, line in enumerate(pieces):
        for column, one in enumerate(line):
            ax = axes[row, column]
            ax.grid(visible=False)
            if one is None:
                ax.set_axis_off()
                continue
            _map(ax, one, norm)
            if row == 0:
                ax.set_title(columns[column], fontsize=9)
            if column == 0:
                ax.set_ylabel(rows[row])
    colours = ScalarMappable(norm, SEQUENTIAL)
    figure.colorbar(colours, ax=list(axes.flat), label="slope before the squash", shrink=0.8)
    return figure


def _map(ax: Axes, one: Pieces, norm: LogNorm) -> None:
    vertices, begins = one["vertices"][one["corners"]], one["begins"]
    polygons = np.split(vertices, begins[1:-1])
    many = len(polygons) > 2000
    drawn = PolyCollection(polygons, cmap=SEQUENTIAL, norm=norm, lw=0.1 if many else 0.3, edgecolors="white")
    drawn.set_array(np.maximum(one["slope"], norm.vmin or 0))
    ax.add_collection(drawn)
    flat = [polygon for polygon, rank in zip(polygons, one["rank"], strict=True) if rank == 0]
    ax.add_collection(PolyCollection(flat, facecolors=ORANGE, edgecolors="none"))
    ax.plot(*one["spots"].T, "o", color=INK, ms=4, mec="white", mew=0.8)
    ax.set(xlim=(one["low"][0], one["high"][0]), ylim=(one["low"][1], one["high"][1]), aspect="equal")
    ax.set_xticks([])
    ax.set_yticks([])


@drawn
def broken_lines(pieces: Sequence[Sequence[Pieces | None]], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """A net on the line each, before its squash: its pieces end at the ticks, plateaus are orange; dots where it must pass.

    `pieces` as of `region_maps`, in one dimension, with linear (R, 1, 1) and offset (R, 1)."""
    figure, axes = new_grid(len(rows), len(columns), width=2.4 * len(columns) + 0.7, height=1.8 * len(rows) + 0.5)
    for row, line in enumerate(pieces):
        for column, one in enumerate(line):
            ax = axes[row, column]
            if one is None:
                ax.set_axis_off()
                continue
            ends = one["vertices"][one["corners"]].reshape(-1, 2)
            order = ends[:, 0].argsort()
            ends, slope, offset = ends[order], one["linear"][order, 0], one["offset"][order]
            value = ends * slope + offset
            ax.plot(ends.ravel(), value.ravel(), color=BLUE, lw=1.3)
            for flat in np.flatnonzero(one["rank"][order] == 0):
                ax.plot(ends[flat], value[flat], color=ORANGE, lw=3, solid_capstyle="butt")
            ax.plot(
                ends[1:, 0], np.full(len(ends) - 1, 0.03), "|", color=MUTED, ms=5, transform=ax.get_xaxis_transform()
            )
            if row == 0:
                ax.set_title(columns[column], fontsize=9)
            if column == 0:
                ax.set_ylabel(f"{rows[row]}\nz(x)")
            if row == len(rows) - 1:
                ax.set_xlabel("x")
    return figure


@drawn
def by_neurons(
    table: pd.DataFrame, column: str, name: str, untrained: str | None = None, power: int | None = None
) -> Figure:
    """A count against the number of neurons, a line a depth: medians and quartiles over members; hollow: untrained nets.

    `table` has the columns hidden, width, `column` and `untrained`; dashed, as neurons^power."""
    figure, ax = new_figure(5.6, 3.7)
    table = table.assign(neurons=table.hidden * table.width)
    for index, (hidden, rows) in enumerate(table.groupby("hidden")):
        colour, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
        groups = rows.groupby("neurons")[column]
        low, middle, high = (groups.quantile(q) for q in (0.25, 0.5, 0.75))
        ax.errorbar(
            middle.index, middle, [middle - low, high - middle], color=colour, marker=marker, ms=5, lw=1.2, capsize=2,
            label=f"{hidden} hidden",
        )  # fmt: skip
        if untrained:
            ax.plot(middle.index, rows.groupby("neurons")[untrained].median(), marker, color=colour, mfc="white", ms=5)
    neurons = np.array([table.neurons.min(), table.neurons.max()], float)
    if power is not None:
        least = table[table.neurons == neurons[0]][column].median()
        ax.plot(neurons, least * (neurons / neurons[0]) ** power, color=MUTED, ls="--", lw=1, label=f"neurons^{power}")
    ax.set(xscale="log", yscale="log", xlabel="neurons", ylabel=name)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def slopes_by_area(pieces: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """The share of the area whose slope is at most s, against s: a line a net, of (slope, share) of its regions."""
    figure, ax = new_figure(5.6, 3.7)
    for index, (name, (slope, share)) in enumerate(pieces.items()):
        order = slope.argsort()
        ax.step(np.maximum(slope[order], FLATTEST), share[order].cumsum(), where="post", color=PALETTE[index % len(PALETTE)],
                lw=1.4, label=name)  # fmt: skip
    ax.set(xscale="log", xlabel="slope before the squash", ylabel="share of the area", ylim=(0, 1.03))
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
