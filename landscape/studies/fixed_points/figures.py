"""Pictures of fixed points: where they are, how many there are of each kind, and at which of them samplers end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter, NullLocator

from landscape.figures.bars import stacked_bars
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
    SEQUENTIAL,
    SKY,
    drawn,
    new_figure,
    new_grid,
    roomy,
)  # fmt: skip

# Stabilities of fixed points, with their colours and markers.
STABILITY_STYLES = {
    "stable": (GREEN, "o"),
    "saddle": (ORANGE, "X"),
    "repeller": (PURPLE, "^"),
    "one-sided": (AMBER, "D"),
}
# What the ends of a sampler are at: columns of the table without the sampler's name, with their words and colours.
ENDS = {
    "training": ("stable, at a training point", GREEN),
    "spurious": ("stable, spurious", SKY),
    "unstable": ("a saddle or a repeller", ORANGE),
    "nowhere": ("no fixed point", PURPLE),
}
FEW_SPOTS = 24  # training points whose marks have room at their usual size
MINIMUM_STYLE = {"minimum off the data": (ORANGE, "X", 10.0)}  # colour, marker and its size
LEAST_LOSS_DRAWN = 1e-5  # smaller losses have its colour: the scale ends in an arrow
Arrays = Mapping[str, np.ndarray]


@drawn
def portraits(maps: Mapping[str, tuple[Arrays, pd.DataFrame]]) -> Figure:
    """All fixed points of nets by stability, a picture per net: on the loss in the plane, or on the line where f(x) meets x.

    `maps` holds by title the arrays of a net (grid, outputs, loss, spots, low, high) and the table of its fixed points."""
    columns = min(3, len(maps))
    rows = -(-len(maps) // columns)
    figure, axes = new_grid(rows, columns, width=max(2.7 * columns + 1.3, 6.4), height=2.8 * rows + 0.6)
    styles = {word: (colour, marker, 7.5) for word, (colour, marker) in STABILITY_STYLES.items()}
    marked = {title: (arrays, found.assign(word=found.stability)) for title, (arrays, found) in maps.items()}
    _draw(figure, axes, marked, styles, legend_columns=5)
    return figure


@drawn
def minima(maps: Mapping[str, tuple[Arrays, pd.DataFrame]]) -> Figure:
    """The minima of nets off their training points, the pictures below each other; `maps` as in `portraits`.

    Displaced memories belong to their training points."""
    figure, axes = new_grid(len(maps), 1, width=4.6, height=2.9 * len(maps) + 0.4)
    (word,) = MINIMUM_STYLE
    marked = {title: (arrays, found[is_off(found)].assign(word=word)) for title, (arrays, found) in maps.items()}
    _draw(figure, axes, marked, MINIMUM_STYLE, legend_columns=2)
    return figure


def is_off(found: pd.DataFrame) -> pd.Series[bool]:
    """Which fixed points of a census belong to no training point."""
    off: pd.Series[bool] = ~(found.training.astype(bool) | found.displaced.astype(bool))
    return off


def _draw(
    figure: Figure,
    axes: np.ndarray,
    maps: Mapping[str, tuple[Arrays, pd.DataFrame]],
    styles: Mapping[str, tuple[str, str, float]],
    *,
    legend_columns: int,
) -> None:
    """Draw nets with their fixed points, which have the style of their `word`: a colour, a marker and its size."""
    plane = next(iter(maps.values()))[0]["grid"].shape[1] == 2
    norm = LogNorm(LEAST_LOSS_DRAWN, max(float(arrays["loss"].max()) for arrays, _ in maps.values()))
    for ax in axes.flat[len(maps) :]:
        ax.set_axis_off()
    for ax, (title, (arrays, found)) in zip(axes.flat, maps.items(), strict=False):
        (_plane if plane else _line)(ax, arrays, norm)
        for word, (colour, marker, size) in styles.items():
            own = found[found.word == word]
            height = own.x2 if plane else own.x1
            ms = size * _room(arrays)
            (dots,) = ax.plot(own.x1, height, marker, color=colour, ms=ms, mec="white", mew=0.9, ls="none", zorder=4)
            stand_for(dots, own)
        ax.set_title(title, fontsize=9)
    if plane:
        bar = figure.colorbar(
            ScalarMappable(norm, SEQUENTIAL), ax=list(axes.flat), label="loss", shrink=0.8, extend="min"
        )
        bar.minorticks_off()
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=size, ls="none", mec="white", label=word)
        for word, (colour, marker, size) in styles.items()
    ]
    handles.append(Line2D([], [], color=INK, marker="o", ms=11, mfc="none", ls="none", label="training point"))
    figure.legend(handles=handles, loc="outside lower center", ncols=legend_columns)
    roomy(figure)


def _plane(ax: Axes, arrays: Arrays, norm: LogNorm) -> None:
    side = round(len(arrays["loss"]) ** 0.5)
    low, high = float(arrays["low"]), float(arrays["high"])
    loss = np.maximum(arrays["loss"], LEAST_LOSS_DRAWN).reshape(side, side)
    ax.imshow(loss, origin="lower", extent=(low, high, low, high), norm=norm, cmap=SEQUENTIAL, interpolation="bilinear")
    size = 13 * _room(arrays)
    ax.plot(*arrays["spots"].T, "o", color="white", mfc="none", ms=size, mew=2.6)
    ax.plot(*arrays["spots"].T, "o", color=INK, mfc="none", ms=size, mew=1.0)
    ax.set_xticks([low, high], [f"{low:g}", f"{high:g}"])
    ax.set_yticks([low, high], [f"{low:g}", f"{high:g}"])
    ax.grid(visible=False)


def _room(arrays: Arrays) -> float:
    """The size of marks where many training points would cover each other, as a share of the usual size."""
    return float(np.sqrt(FEW_SPOTS / max(len(arrays["spots"]), FEW_SPOTS)))


def _line(ax: Axes, arrays: Arrays, norm: LogNorm) -> None:
    x, y = arrays["grid"][:, 0], arrays["outputs"][:, 0]
    ax.plot(x, x, color=MUTED, lw=0.9, ls="--")
    ax.plot(x, y, color=BLUE, lw=1.4)
    ax.plot(arrays["spots"][:, 0], arrays["spots"][:, 0], "o", color=INK, mfc="none", ms=12)
    ax.set(xlabel="x", ylabel="f(x)")


@drawn
def kinds_by_setting(table: pd.DataFrame) -> Figure:
    """Mean numbers of fixed points by stability, a bar per setting. `table` has the column setting and one per stability."""
    settings = list(table.setting.unique())
    figure, ax = new_figure(6.6, 1.2 + 0.34 * len(settings))
    means = table.groupby("setting")[[name.replace("-", "_") for name in STABILITY_STYLES]].mean().reindex(settings)
    stacked_bars(
        ax, means.set_axis(list(STABILITY_STYLES), axis=1), [colour for colour, _ in STABILITY_STYLES.values()]
    )
    ax.set_xlabel("fixed points per network")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def kinds_by_data(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Mean numbers of fixed points by stability, axes per data set, a bar per depth. `tables`: members by set."""
    columns = min(3, len(tables))
    rows = -(-len(tables) // columns)
    sizes = [f"{hidden} hidden" for hidden in sorted(set().union(*(table.hidden for table in tables.values())))]
    height = 0.9 + rows * (0.7 + 0.3 * len(sizes))
    figure, axes = new_grid(rows, columns, width=max(1.4 + 2.3 * columns, 5.0), height=height, sharex=True, sharey=True)
    for ax in axes.flat[len(tables) :]:
        ax.set_axis_off()
    stabilities = [name.replace("-", "_") for name in STABILITY_STYLES]
    for ax, (name, table) in zip(axes.flat, tables.items(), strict=False):
        means = (
            table.assign(size=table.hidden.map("{} hidden".format)).groupby("size")[stabilities].mean().reindex(sizes)
        )
        stacked_bars(
            ax, means.set_axis(list(STABILITY_STYLES), axis=1), [colour for colour, _ in STABILITY_STYLES.values()]
        )
        ax.set_title(name, fontsize=9)
    for ax in axes[-1]:
        ax.set_xlabel("fixed points per network")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    roomy(figure)
    return figure


@drawn
def ends_of_samplers(table: pd.DataFrame, samplers: Mapping[str, str]) -> Figure:
    """Mean shares of the samplers' ends by what they are at: a picture per sampler, a bar per setting.

    `table` has the columns setting and, for each sampler s, s_training, s_spurious, s_unstable and s_nowhere."""
    settings = list(table.setting.unique())
    width, height = 2.0 + 2.4 * len(samplers), 1.4 + 0.34 * len(settings)
    figure, axes = new_grid(1, len(samplers), width=width, height=height, sharex=True, sharey=True)
    words, colours = zip(*ENDS.values(), strict=True)
    for ax, (sampler, title) in zip(axes[0], samplers.items(), strict=True):
        means = table.groupby("setting")[[f"{sampler}_{end}" for end in ENDS]].mean().reindex(settings)
        stacked_bars(ax, means.set_axis(words, axis=1), colours)
        ax.set_title(title, fontsize=9)
        ax.set(xlim=(0, 1), xlabel="share of samples")
        ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    roomy(figure)
    return figure


@drawn
def spectrum(found: pd.DataFrame) -> Figure:
    """ρ(J) of every fixed point against its distance to the data, a picture per setting. The dashed line is at ρ(J) = 1."""
    settings = list(found.setting.unique())
    columns = min(3, len(settings))
    rows = -(-len(settings) // columns)
    width = max(0.9 + 2.4 * columns, 5.0)  # the legend below needs 5.0
    figure, axes = new_grid(rows, columns, width=width, height=0.8 + 2.1 * rows, sharex=True, sharey=True)
    for ax in axes.flat[len(settings) :]:
        ax.set_axis_off()
    for ax, setting in zip(axes.flat, settings, strict=False):
        rows_of = found[found.setting == setting]
        for word, (colour, marker) in STABILITY_STYLES.items():
            own = rows_of[rows_of.stability == word]
            (dots,) = ax.plot(
                own.distance.clip(lower=1e-6), own.radius.clip(lower=1e-3), marker, color=colour, ms=3.5, alpha=0.6,
                mew=0, ls="none",
            )  # fmt: skip
            stand_for(dots, own)
        ax.axhline(1, color=MUTED, lw=0.9, ls="--", zorder=1)
        ax.set(xscale="log", yscale="log")
        ax.xaxis.set_minor_formatter(NullFormatter())  # minor labels would crowd a range below a decade
        ax.set_title(setting, fontsize=8.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("ρ(J)")
    for ax in axes[-1]:
        ax.set_xlabel("distance to the data")
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=6, ls="none", label=word)
        for word, (colour, marker) in STABILITY_STYLES.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    roomy(figure)
    return figure


@drawn
def by_points(table: pd.DataFrame, column: str, name: str) -> Figure:
    """A count per network against the number of training points, a line per size: means with 95 % intervals (normal)."""
    figure, ax = new_figure(5.4, 3.5)
    for index, ((hidden, width, longer), rows) in enumerate(table.groupby(["hidden", "width", "longer"])):
        budget = "" if longer == 1 else f", {longer} × the steps"
        groups = rows.groupby("count")[column]
        ax.errorbar(
            groups.mean().index, groups.mean(), 1.96 * groups.sem(), color=PALETTE[index % len(PALETTE)],
            marker=MARKERS[index % len(MARKERS)], ms=5, lw=1.2, capsize=2.5, label=f"{hidden} hidden, width {width}{budget}",
        )  # fmt: skip
    counts = sorted(table["count"].unique())
    ax.set(xscale="log", xlabel="training points n", ylabel=name)
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
