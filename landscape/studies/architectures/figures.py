"""Pictures that set architectures beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from landscape.figures.bars import stacked_bars
from landscape.figures.by_size import size_axis
from landscape.figures.images import tiled
from landscape.figures.rows import stand_for
from landscape.figures.theme import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    MARKERS,
    MUTED,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    drawn,
    new_figure,
    new_grid,
    roomy,
)

# Where orbits end: columns of the table, with their words and colours.
ENDS = {
    "at_training": ("at a training image", GREEN),
    "attracted_spurious": ("at a spurious attractor", ORANGE),
    "neutral": ("at rest, not attracted", AMBER),
    "cycling": ("on a cycle", PURPLE),
    "moving": ("moving", SKY),
}
# By whether an end is at a training image: words, colour and marker.
END_STYLES = {True: ("at a training image", GREEN, "s"), False: ("spurious", ORANGE, "o")}
TILES_PER_ROW = 4  # in a cell of a sheet


@drawn
def sheet_of_nets(rows: Mapping[str, Sequence[np.ndarray]], columns: Sequence[str], side: float = 1.25) -> Figure:
    """A row of pictures per net, each cell `side` inches wide.

    A cell shows images (S, h, w[, 3]) of bytes as tiles, under the name of its column."""
    tiles = {net: [tiled(images, min(TILES_PER_ROW, len(images))) for images in cells] for net, cells in rows.items()}
    high, wide = next(iter(tiles.values()))[0].shape[:2]
    height = (side * high / wide + 0.16) * len(rows) + 0.5
    figure, axes = new_grid(len(rows), len(columns), width=1.15 + (side + 0.1) * len(columns), height=height)
    for row, (net, cells) in enumerate(tiles.items()):
        for column, picture in enumerate(cells):
            ax = axes[row, column]
            ax.imshow(picture, interpolation="nearest")
            ax.set_xticks([])
            ax.set_yticks([])
            ax.grid(visible=False)
            ax.spines[:].set_visible(False)
            if row == 0:
                ax.set_title(columns[column], fontsize=8.5)
        axes[row, 0].set_ylabel(net, rotation=0, ha="right", va="center")
    return figure


@drawn
def where_orbits_end(table: pd.DataFrame) -> Figure:
    """Mean shares of orbits by where they end: a bar per net, a picture per band, stacked in the order of ENDS.

    `table` has a row per member, with the columns net, band and those of ENDS; the shares of a row add up to 1."""
    nets, bands = list(table.net.unique()), sorted(table.band.unique(), reverse=True)
    height = 1.15 + 0.34 * len(nets)
    names, colours = zip(*ENDS.values(), strict=True)
    figure, axes = new_grid(1, len(bands), width=1.6 + 2.9 * len(bands), height=height, sharex=True, sharey=True)
    for ax, band in zip(axes[0], bands, strict=True):
        rows = table[table.band == band]
        means = rows.groupby("net")[list(ENDS)].mean().reindex(nets)
        stacked_bars(ax, means.set_axis(names, axis=1), colours)
        counts = rows.net.value_counts().reindex(nets).fillna(0).astype(int)
        for place, count in enumerate(counts):
            words = f"n = {count}" if count else "not fitted"
            ax.text(1.02 if count else 0.02, place, words, va="center", fontsize=8.5, color=MUTED)
        ax.set_title(f"loss ≤ {band:g}", fontsize=9)
        ax.set(xlim=(0, 1.2), xlabel="share of orbits")
        ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    roomy(figure)
    return figure


@drawn
def losses_by_net(table: pd.DataFrame, bands: Sequence[float], seed: int = 0) -> Figure:
    """Training losses after the whole budget: a row per net, a dot per member, a bar at the median. Dashed: the bands."""
    nets = list(table.net.unique())
    figure, ax = new_figure(6.4, 1.1 + 0.36 * len(nets))
    jitter = np.random.default_rng(seed).uniform(-0.24, 0.24, len(table))
    place = table.net.map({net: index for index, net in enumerate(nets)}).to_numpy()
    stand_for(ax.scatter(table.loss.clip(lower=1e-12), place + jitter, s=13, color=BLUE, alpha=0.55, lw=0), table)
    for index, net in enumerate(nets):
        middle = table.loss[table.net == net].median()
        ax.plot([middle, middle], [index - 0.34, index + 0.34], color=INK, lw=1.8)
    for band in bands:
        ax.axvline(band, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.set(xscale="log", xlabel="training loss after the whole budget")
    ax.set_yticks(range(len(nets)), nets)
    ax.invert_yaxis()
    ax.xaxis.set_minor_locator(NullLocator())
    return figure


@drawn
def rates_tried(table: pd.DataFrame) -> Figure:
    """Loss of the trials against the learning rate, a line per net; a filled marker is the rate that was taken.

    `table` has the columns net, rate, loss and taken."""
    figure, ax = new_figure(6.2, 3.6)
    for index, (net, rows) in enumerate(table.groupby("net", sort=False)):
        rows, colour = rows.sort_values("rate"), PALETTE[index % len(PALETTE)]
        marker = MARKERS[index % len(MARKERS)]
        ax.plot(rows.rate, rows.loss, color=colour, marker=marker, mfc="white", ms=5, lw=1.2, label=net)
        taken = rows[rows.taken]
        ax.plot(taken.rate, taken.loss, color=colour, marker=marker, ms=6.5, ls="none")
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="training loss of the trials, geometric mean")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def identity_or_constant(table: pd.DataFrame) -> Figure:
    """tr J/D on noise against the spread of the outputs there: a dot per member, a picture per band.

    The identity is at (1, 1), a constant at (0, 0). `table` has the columns net, band, trace and spread."""
    nets, bands = list(table.net.unique()), sorted(table.band.unique(), reverse=True)
    figure, axes = new_grid(1, len(bands), width=1.8 + 2.9 * len(bands), height=3.4, sharex=True, sharey=True)
    for ax, band in zip(axes[0], bands, strict=True):
        for index, net in enumerate(nets):
            rows = table[(table.band == band) & (table.net == net)]
            ax.plot(
                rows.spread, rows.trace, MARKERS[index % len(MARKERS)], color=PALETTE[index % len(PALETTE)], ms=4.5,
                alpha=0.7, mew=0, label=net,
            )  # fmt: skip
        for at, word, place in ((1, "identity", (-6, 6)), (0, "constant", (5, -12))):
            ax.plot(at, at, "+", color=INK, ms=11, mew=1.4, zorder=1)
            side = "right" if at else "left"
            ax.annotate(word, (at, at), place, textcoords="offset points", fontsize=8.5, color=MUTED, ha=side)
        ax.set_ylim(-0.14, 1.14)
        ax.set_title(f"loss ≤ {band:g}", fontsize=9)
        ax.set_xscale("symlog", linthresh=1)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_xlabel("variance of outputs / inputs")
    axes[0, 0].set_ylabel("tr J / D")
    axes[0, -1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def attractor_census(table: pd.DataFrame) -> Figure:
    """Every end of orbits at rest: growth of small differences against relative distance to the data, a picture per net.

    `table` has a row per end, with the columns net, relative, growth, visits and training. Areas grow with visits. An end
    attracts if its growth is below 1."""
    nets = list(table.net.unique())
    columns = min(4, len(nets))
    rows = -(-len(nets) // columns)
    figure, axes = new_grid(rows, columns, width=1.0 + 2.3 * columns, height=0.7 + 2.2 * rows, sharex=True, sharey=True)
    for ax in axes.flat[len(nets) :]:
        ax.set_axis_off()
    for ax, net in zip(axes.flat, nets, strict=False):
        _census(ax, table[table.net == net])
        ax.set_title(net, fontsize=9)
    for ax in axes[:, 0]:
        ax.set_ylabel("growth, ρ(J)")
    for place in range(columns):
        last = max(place + columns * row for row in range(rows) if place + columns * row < len(nets))
        axes.flat[last].set_xlabel("distance to the nearest image,\nshare of its gap")
        axes.flat[last].tick_params(labelbottom=True)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=6, ls="none", label=word)
        for word, colour, marker in END_STYLES.values()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    roomy(figure)
    return figure


def _census(ax: Axes, table: pd.DataFrame) -> None:
    for training, (_, colour, marker) in END_STYLES.items():
        rows = table[table.training == training]
        ax.scatter(
            rows.relative, rows.growth.clip(upper=1.5), s=8 + 2 * np.sqrt(rows.visits), color=colour, marker=marker,
            alpha=0.5, lw=0,
        )  # fmt: skip
    ax.axhline(1, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.axvline(0.5, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.set_ylim(-0.05, 1.6)


@drawn
def identity_by_depth(table: pd.DataFrame) -> Figure:
    """How like the identity nets trained on one example are, against their depth: means with 95 % intervals (normal).

    `table` has a row per member, with the columns net, hidden and identity_share: 1 is the identity, 0 a constant."""
    figure, ax = new_figure(6.0, 3.5)
    nets = list(table.net.unique())
    for index, net in enumerate(nets):
        groups = table[table.net == net].groupby("hidden").identity_share
        mean, error = groups.mean(), 1.96 * groups.sem()
        x = mean.index.to_numpy(float) * 1.02 ** (index - (len(nets) - 1) / 2)
        ax.errorbar(
            x, mean, error, color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)], ms=5, lw=1.2,
            capsize=2.5, label=net,
        )  # fmt: skip
    for height, up, word in ((1, 3, "returns its input"), (0, -12, "always returns the training image")):
        ax.axhline(height, color=MUTED, lw=0.9, ls="--", zorder=1)
        ax.annotate(word, (0.5, height), (0, up), xycoords=("axes fraction", "data"), textcoords="offset points", ha="center",
                    fontsize=8.5, color=MUTED)  # fmt: skip
    ax.set(ylabel="what it returns for unseen images", ylim=(-0.1, 1.1))
    size_axis(ax, "hidden layers", table.hidden)
    return figure
