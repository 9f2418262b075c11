"""Pictures of many networks against the number of their training points: a line per dimension, medians and quartiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from landscape.figures.bars import HATCHES
from landscape.figures.rows import stand_for
from landscape.figures.theme import INK, MARKERS, MUTED, PALETTE, drawn, new_grid
from landscape.studies.parts.words import layers


@drawn
def what_flat_means(members: pd.DataFrame) -> Figure:
    """tr J/D and rank J/D against the number of points: a column per depth, a line per dimension.

    Grey lines are what the identity, a constant and the memoriser have."""
    depths, dims = sorted(members["hidden"].unique()), sorted(members["dim"].unique())
    figure, axes = new_grid(
        2, len(depths), width=max(5.2, 1.4 + 3.9 * len(depths)), height=5.2, sharex=True, sharey="row"
    )
    table = members.assign(rank_share=members["rank"] / members["dim"])
    for column, hidden in enumerate(depths):
        for row, (name, label) in enumerate((("trace_share", "tr J / D"), ("rank_share", "rank J / D"))):
            axis = axes[row, column]
            for height, word in ((1, "identity"), (0, "constant, memoriser")):
                axis.axhline(height, color=MUTED, linewidth=1, linestyle=":")
                axis.annotate(
                    word,
                    (1, height),
                    (2, 3),
                    xycoords=("axes fraction", "data"),
                    textcoords="offset points",
                    ha="right",
                    fontsize=8.5,
                    color=MUTED,
                )
            for index, dim in enumerate(dims):
                chosen = table[(table["hidden"] == hidden) & (table["dim"] == dim)]
                _line(axis, chosen, "count", name, PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)])
            count_axis(axis, table["count"], label=row == 1)
            axis.set_ylabel(label if column == 0 else "")
        axes[0, column].set_title(_depth(hidden))
    _dims_legend(figure, dims)
    return figure


@drawn
def falls_and_copies(members: pd.DataFrame) -> Figure:
    """The largest loss over the corners, and tr J/D below it, against the number of points: a line per dimension.

    `members` are the networks of one depth. Grey: tr J/D of the identity and of a constant. Colours are the same in both."""
    dims = sorted(members["dim"].unique())
    figure, axes = new_grid(2, 1, width=5.2, height=5.2, sharex=True)
    upper, lower = axes[:, 0]
    for height, word in ((1, "copies any input"), (0, "sends whole regions to single points")):
        lower.axhline(height, color=MUTED, linewidth=1, linestyle=":")
        lower.annotate(
            word,
            (1, height),
            (-4, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=MUTED,
            fontsize=8.5,
        )
    for index, dim in enumerate(dims):
        chosen, style = members[members["dim"] == dim], (PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)])
        _line(upper, chosen, "count", "corner_maximum", *style, label=f"{dim}-D")
        _line(lower, chosen, "count", "trace_share", *style)
    upper.legend()  # the page writes the names at the ends of the lines, where they have room
    upper.set(yscale="log", ylabel="largest loss at the corners")
    lower.set(ylabel="change passed on (tr J / D)", ylim=(-0.08, 1.15))
    count_axis(lower, members["count"])
    upper.set_xlabel("")
    return figure


@drawn
def cube_against_corners(members: pd.DataFrame, shells: pd.DataFrame) -> Figure:
    """Left: the highest loss found in the cube against the corner maximum, a dot per network.

    Right, axes per depth: the mean loss in each shell, as a share of the outermost shell's; medians over networks."""
    depths, dims = sorted(members["hidden"].unique()), sorted(members["dim"].unique())
    figure, axes = new_grid(1, 1 + len(depths), width=3.9 + 3.1 * len(depths), height=3.7)
    first = axes[0, 0]
    for index, dim in enumerate(dims):
        chosen = members[members["dim"] == dim]
        (dots,) = first.plot(
            chosen["corner_maximum"], chosen["cube_maximum"], MARKERS[index], color=PALETTE[index], markersize=3.2, alpha=0.55,
            markeredgewidth=0,
        )  # fmt: skip
        stand_for(dots, chosen)
    ends = [members["corner_maximum"].min(), members["cube_maximum"].max()]
    first.plot(ends, ends, color=INK, linewidth=0.8)
    first.set(xscale="log", yscale="log", xlabel="largest loss over corners", ylabel="highest loss found in the cube")
    keys = ["hidden", "dim", "count", "spread", "member"]
    outermost = shells[shells["shell"] == shells["shell"].max()].set_index(keys)["shell_mean"].rename("outermost")
    table = shells.join(outermost, on=keys)
    table = table.assign(share=table["shell_mean"] / table["outermost"], middle=(table["inner"] + table["outer"]) / 2)
    for axis, hidden in zip(axes[0, 1:], depths, strict=True):
        for index, dim in enumerate(dims):
            chosen = table[(table["hidden"] == hidden) & (table["dim"] == dim)]
            _line(axis, chosen, "middle", "share", PALETTE[index], MARKERS[index])
        axis.set(yscale="log", title=_depth(hidden), xlabel="distance from the centre\n(1 = surface)")
        axis.set_ylabel("mean loss / outermost shell's" if hidden == depths[0] else "")
    _dims_legend(figure, dims)
    return figure


@drawn
def training_losses(members: pd.DataFrame, tol: float) -> Figure:
    """Training loss against the number of points: axes per depth, a line per dimension. Dotted: the tolerance `tol`."""
    depths, dims = sorted(members["hidden"].unique()), sorted(members["dim"].unique())
    figure, axes = new_grid(
        1, len(depths), width=max(5.2, 1.4 + 3.9 * len(depths)), height=3.6, sharex=True, sharey=True
    )
    for axis, hidden in zip(axes[0], depths, strict=True):
        axis.axhline(tol, color=MUTED, linewidth=1, linestyle=":")
        for index, dim in enumerate(dims):
            chosen = members[(members["hidden"] == hidden) & (members["dim"] == dim)]
            _line(axis, chosen, "count", "loss", PALETTE[index], MARKERS[index])
        axis.set(title=_depth(hidden), yscale="log")
        count_axis(axis, members["count"])
    axes[0, 0].set_ylabel("training loss")
    _dims_legend(figure, dims)
    return figure


@drawn
def loss_by_spread(members: pd.DataFrame, *, legend_title: str = "") -> Figure:
    """Mean loss over the cube against the side of the box that the data fill: axes per depth, a line per dimension."""
    depths, dims = sorted(members["hidden"].unique()), sorted(members["dim"].unique())
    figure, axes = new_grid(
        1, len(depths), width=max(5.2, 1.4 + 3.9 * len(depths)), height=3.6, sharex=True, sharey=True
    )
    for axis, hidden in zip(axes[0], depths, strict=True):
        for index, dim in enumerate(dims):
            chosen = members[(members["hidden"] == hidden) & (members["dim"] == dim)]
            _line(axis, chosen, "spread", "cube_mean", PALETTE[index], MARKERS[index])
        axis.set(title=layers(hidden), xlabel="side of the box of training points", yscale="log")
        axis.set_xscale("log", base=2)
        ticks = sorted(members["spread"].unique())
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.minorticks_off()
    axes[0, 0].set_ylabel("mean loss over the cube")
    _dims_legend(figure, dims, title=legend_title)
    return figure


@drawn
def stacked_shares(members: pd.DataFrame, column: str, order: Sequence[str], colours: Sequence[str]) -> Figure:
    """Stacked bars: the share of networks that have each word in `column`, by number of points.

    Axes per depth and dimension. `order` lists the words from the bottom up, `colours` their colours."""
    depths, dims = sorted(members["hidden"].unique()), sorted(members["dim"].unique())
    figure, axes = new_grid(
        len(depths),
        len(dims),
        width=max(5.2, 1.2 + 1.75 * len(dims)),
        height=1.0 + 1.5 * len(depths),
        sharex=True,
        sharey=True,
    )
    counts = sorted(members["count"].unique())
    for row, hidden in enumerate(depths):
        for position, dim in enumerate(dims):
            axis, chosen = axes[row, position], members[(members["hidden"] == hidden) & (members["dim"] == dim)]
            shares = pd.crosstab(chosen["count"], chosen[column], normalize="index")
            _stack(axis, shares.reindex(index=counts, columns=list(order), fill_value=0), colours)
            axis.grid(visible=False)
            every = range(0, len(counts), max(1, -(-len(counts) // 4)))
            axis.set_xticks(list(every), [_short(counts[place]) for place in every])
            axis.set_title(f"{_depth(hidden)}, D = {dim}", fontsize=8.5)
        axes[row, 0].set_ylabel("share of networks")
    for axis in axes[-1]:
        axis.set_xlabel("training points")
    seen = set(members[column])
    handles = [
        Patch(
            facecolor=colours[i],
            hatch=HATCHES[i % len(HATCHES)],
            edgecolor="white",
            linewidth=0,
            label=word,
        )
        for i, word in enumerate(order)
        if word in seen
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _stack(axis: Axes, shares: pd.DataFrame, colours: Sequence[str]) -> None:
    """A stacked bar per row of `shares`, a colour and a hatch per column."""
    bottom = np.zeros(len(shares))
    for index, word in enumerate(shares):
        axis.bar(
            range(len(shares)),
            shares[word],
            bottom=bottom,
            width=0.9,
            color=colours[index],
            hatch=HATCHES[index % len(HATCHES)],
            edgecolor="white",
            linewidth=0,
        )
        bottom += shares[word].to_numpy()


@drawn
def output_maps(
    maps: Mapping[tuple[int, int], Mapping[str, np.ndarray]], depths: Sequence[int], counts: Sequence[int]
) -> Figure:
    """f(x) against x: a row per depth, a column per count, the first network thick.

    maps[hidden, count] holds map_x (P,), map_y (networks, P) and markers, the training points (networks, N, 1)."""
    figure, axes = new_grid(
        len(depths), len(counts), width=max(5.2, 0.7 + 1.6 * len(counts)), height=0.7 + 1.7 * len(depths), sharex=True,
        sharey=True,
    )  # fmt: skip
    for (row, hidden), (column, count) in product(enumerate(depths), enumerate(counts)):
        axis, arrays = axes[row, column], maps.get((hidden, count))
        axis.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
        axis.set(title=f"{_depth(hidden)}, n = {count}", aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        axis.title.set_fontsize(8.5)
        if arrays is None:
            continue
        for index, outputs in reversed(list(enumerate(arrays["map_y"]))):
            axis.plot(
                arrays["map_x"], outputs, color=PALETTE[0], linewidth=0.7 if index else 1.8, alpha=0.6 if index else 1
            )
        points = arrays["markers"][0, :, 0]
        axis.plot(points, points, "o", color=INK, markersize=2.6, markeredgewidth=0)
    for axis in axes[-1]:
        axis.set_xlabel("x")
    for axis in axes[:, 0]:
        axis.set_ylabel("f(x)")
    return figure


def _line(axis: Axes, table: pd.DataFrame, x: str, y: str, colour: str, marker: str, label: str | None = None) -> None:
    """The median of `y` for each `x`, and the band between its quartiles."""
    quartiles = table.groupby(x)[y].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    if quartiles.empty:
        return
    axis.fill_between(quartiles.index, quartiles[0.25], quartiles[0.75], color=colour, alpha=0.2, linewidth=0)
    axis.plot(quartiles.index, quartiles[0.5], color=colour, marker=marker, markersize=3.5, label=label)


def _depth(hidden: int) -> str:
    return f"{hidden} hidden"


def count_axis(axis: Axes, counts: pd.Series[int], *, label: bool = True) -> None:
    """Make the x axis logarithmic, with ticks at no more than seven of the counts."""
    ordered = sorted(counts.unique())
    axis.set_xscale("log", base=2)
    shown = ordered[:: max(1, -(-len(ordered) // 6))]
    axis.set_xticks(shown, [_short(count) for count in shown])
    axis.minorticks_off()
    axis.set_xlabel("training points" if label else "")


def _short(count: int) -> str:
    return f"{count // 1024}k" if count >= 1024 and count % 1024 == 0 else str(count)


def _dims_legend(figure: Figure, dims: Sequence[int], *, title: str = "") -> None:
    """A legend of the dimensions: 'D = 2', or the number alone below a `title`."""
    handles = [
        Line2D(
            [],
            [],
            color=PALETTE[i % len(PALETTE)],
            marker=MARKERS[i % len(MARKERS)],
            markersize=4,
            label=str(dim) if title else f"D = {dim}",
        )
        for i, dim in enumerate(dims)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 8), title=title or None)
