"""Pictures of the regions of ReLU networks: maps, numbers by depth and width, and slopes by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from landscape.figures.theme import BLUE, INK, MARKERS, MUTED, ORANGE, PALETTE, SEQUENTIAL, drawn, new_figure, new_grid

COLOUR_RANGE = (
    100  # colours reach from the largest slope down to the smallest, but not below this fraction of the largest
)
LEAST_SLOPE_DRAWN = 1e-3  # smaller slopes, 0 among them, are drawn at this one, because a log axis has no 0
Pieces = Mapping[str, np.ndarray]


@drawn
def region_maps(pieces: Sequence[Sequence[Pieces | None]], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """The regions of a net in the plane, axes per net: coloured by slope, plateaus orange, dots for training points.

    pieces[row][column] is a net or None. It holds vertices (V, 2); corners, indices into them; begins (R+1,), where each
    region's corners begin; slope and rank (R,); spots (N, 2), the training points; low and high (2,), the range."""
    side = 2.25
    figure, axes = new_grid(len(rows), len(columns), width=side * len(columns) + 1.5, height=(side + 0.2) * len(rows))
    slopes = np.concatenate([net["slope"] for line in pieces for net in line if net is not None])
    steepest, flattest = float(slopes.max()), float(slopes[slopes > 0].min(initial=slopes.max()))
    norm = LogNorm(max(steepest / COLOUR_RANGE, min(flattest, steepest / 2)), steepest, clip=True)
    for row, line in enumerate(pieces):
        for column, net in enumerate(line):
            ax = axes[row, column]
            ax.grid(visible=False)
            if net is None:
                ax.set_axis_off()
                continue
            _map(ax, net, norm)
            if row == 0:
                ax.set_title(columns[column], fontsize=9)
            if column == 0:
                ax.set_ylabel(rows[row])
    colours = ScalarMappable(norm, SEQUENTIAL)
    figure.colorbar(colours, ax=list(axes.flat), label="slope before the squash", shrink=0.8)
    signs = [
        Patch(color=ORANGE, label="exactly flat"),
        Line2D([], [], color=INK, marker="o", ms=4, ls="", label="training point"),
    ]
    figure.legend(handles=signs, loc="outside lower center", ncols=2)
    return figure


def _map(ax: Axes, net: Pieces, norm: LogNorm) -> None:
    vertices, begins = net["vertices"][net["corners"]], net["begins"]
    polygons = np.split(vertices, begins[1:-1])
    many = len(polygons) > 2000
    drawn = PolyCollection(polygons, cmap=SEQUENTIAL, norm=norm, lw=0.1 if many else 0.3, edgecolors="white")
    drawn.set_array(np.maximum(net["slope"], norm.vmin or 0))
    ax.add_collection(drawn)
    flat = [polygon for polygon, rank in zip(polygons, net["rank"], strict=True) if rank == 0]
    ax.add_collection(PolyCollection(flat, facecolors=ORANGE, edgecolors="none"))
    ax.plot(*net["spots"].T, "o", color=INK, ms=4, mec="white", mew=0.8)
    ax.set(xlim=(net["low"][0], net["high"][0]), ylim=(net["low"][1], net["high"][1]), aspect="equal")
    ax.set_xticks([])
    ax.set_yticks([])


@drawn
def broken_lines(pieces: Sequence[Sequence[Pieces | None]], rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """z(x), the map before its squash, axes per net on the line: ticks where its pieces meet, plateaus orange.

    `pieces` are those of `region_maps` in one dimension, with linear (R, 1, 1) and offset (R, 1)."""
    figure, axes = new_grid(len(rows), len(columns), width=2.4 * len(columns) + 0.7, height=1.8 * len(rows) + 0.5)
    for row, line in enumerate(pieces):
        for column, net in enumerate(line):
            ax = axes[row, column]
            if net is None:
                ax.set_axis_off()
                continue
            ends = net["vertices"][net["corners"]].reshape(-1, 2)
            order = ends[:, 0].argsort()
            ends, slope, offset = ends[order], net["linear"][order, 0], net["offset"][order]
            value = ends * slope + offset
            ax.plot(ends.ravel(), value.ravel(), color=BLUE, lw=1.3)
            for flat in np.flatnonzero(net["rank"][order] == 0):
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
    """A count against the number of neurons, a line per depth: medians and quartiles over members.

    `table` has the columns hidden, width, `column` and `untrained`. Hollow: medians of the column `untrained`. Dashed: a line
    proportional to neurons^power through the smallest net."""
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
def by_initialisation(table: pd.DataFrame, slopes: Mapping[tuple[str, int], tuple[float, float, float]]) -> Figure:
    """Regions of untrained networks against neurons, axes per dimension of the slice, a colour per initialisation.

    `table` has the columns data, dim, init, neurons and regions: medians and quartiles over networks of all sizes and sets
    are drawn. slopes[init, dim] is a slope of log regions on log neurons with its interval. Its dashed line goes through the
    means of the logs. Grey: a line proportional to neurons^dim through the smallest networks."""
    dims = sorted(table.dim.unique())
    figure, axes = new_grid(1, len(dims), width=3.6 * len(dims) + 0.6, height=3.6)
    for ax, dim in zip(axes[0], dims, strict=True):
        rows = table[table.dim == dim]
        span = np.array([rows.neurons.min(), rows.neurons.max()], float)
        for index, (init, own) in enumerate(rows.groupby("init")):
            colour, groups = PALETTE[index], own.groupby("neurons").regions
            low, middle, high = (groups.quantile(q) for q in (0.25, 0.5, 0.75))
            slope, *ends = slopes.get((str(init), int(dim)), (np.nan, np.nan, np.nan))
            words = f"{init}: {slope:.2f} [{ends[0]:.2f}, {ends[1]:.2f}]" if np.isfinite(slope) else str(init)
            ax.errorbar(
                middle.index, middle, [middle - low, high - middle], color=colour, marker=MARKERS[index], ms=5, ls="none",
                capsize=2, label=words,
            )  # fmt: skip
            level = np.log(own.regions).mean() - slope * np.log(own.neurons).mean()
            ax.plot(span, np.exp(level) * span**slope, color=colour, ls="--", lw=1.2)
        least = rows[rows.neurons == span[0]].regions.median()
        ax.plot(span, least * (span / span[0]) ** dim, color=MUTED, lw=1, label=f"neurons^{dim}")
        ax.set(
            xscale="log", yscale="log", xlabel="neurons", title="on the line" if dim == 1 else f"in {dim} dimensions"
        )
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.legend(loc="upper left", fontsize=8.5)
    axes[0][0].set_ylabel("regions")
    return figure


@drawn
def growth_of_regions(table: pd.DataFrame, slopes: Mapping[str, float], dim: int) -> Figure:
    """Regions of untrained networks against neurons, a line per initialisation, beside a line proportional to neurons^dim.

    `table` has the columns init, width, neurons and regions, and `slopes` the slope of log regions on log neurons of each init.
    Marks are medians, a shape for each width, and bars quartiles; thin lines join those of one width. Each thick line goes
    through the means of the logs."""
    figure, ax = new_figure(5.2, 3.9)
    span = np.array([table.neurons.min(), table.neurons.max()], float)
    first = table[table.init == next(iter(slopes))]
    least = first[first.neurons == span[0]].regions.median()
    theory = least * (span / span[0]) ** dim
    ax.plot(span, theory, color=MUTED, lw=1.2, ls="--")
    ends = [("theory", theory[1], MUTED)]
    for index, (init, slope) in enumerate(slopes.items()):
        own, colour = table[table.init == init], PALETTE[index]
        for shape, (_, rows) in enumerate(own.groupby("width")):
            groups = rows.groupby("neurons").regions
            low, middle, high = (groups.quantile(q) for q in (0.25, 0.5, 0.75))
            ax.errorbar(
                middle.index, middle, [middle - low, high - middle], color=colour, marker=MARKERS[shape % len(MARKERS)], ms=4,
                lw=0.7, elinewidth=0.7, capsize=2,
            )  # fmt: skip
        level = np.log(own.regions).mean() - slope * np.log(own.neurons).mean()
        line = np.exp(level) * span**slope
        ax.plot(span, line, color=colour, lw=2.2)
        ends.append((init, line[1], colour))
    ax.set(xscale="log", yscale="log", xlabel="neurons", ylabel=f"linear pieces in {dim}-D, untrained")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for place, (name, _, colour) in zip(_apart([end[1] for end in ends]), ends, strict=True):
        ax.annotate(
            name, (span[1], place), (8, 0), textcoords="offset points", color=colour, va="center", annotation_clip=False
        )
    widths = sorted(table.width.unique())
    shapes = [
        Line2D([], [], color=MUTED, marker=MARKERS[shape % len(MARKERS)], ms=4, lw=0.7, label=f"width {width}")
        for shape, width in enumerate(widths)
    ]
    shapes.append(Line2D([], [], color=MUTED, lw=2.2, label="fit of all widths"))
    figure.legend(handles=shapes, loc="outside lower center", ncols=2)
    return figure


def _apart(heights: Sequence[float], least: float = 1.6) -> list[float]:
    """The heights of labels on a log axis, with neighbours at least a factor apart, the highest first unmoved."""
    placed: dict[int, float] = {}
    above = float("inf")
    for index in sorted(range(len(heights)), key=lambda one: -heights[one]):
        above = min(heights[index], above / least)
        placed[index] = above
    return [placed[index] for index in range(len(heights))]


@drawn
def slopes_by_area(pieces: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """The share of the area whose slope is at most s, against s, a line per net.

    `pieces` maps a net's name to the slope and the share of the area of each of its regions: (R,) each."""
    figure, ax = new_figure(5.6, 3.7)
    for index, (name, (slope, share)) in enumerate(pieces.items()):
        order = slope.argsort()
        x, colour = np.maximum(slope[order], LEAST_SLOPE_DRAWN), PALETTE[index % len(PALETTE)]
        ax.step(x, share[order].cumsum(), where="post", color=colour, lw=1.4, label=name)
    ax.set(xscale="log", xlabel="slope before the squash", ylabel="share of the area", ylim=(0, 1.03))
    low, high = ax.get_xlim()
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
