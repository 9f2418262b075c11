"""Pictures of basins: portraits, sizes, where starts lead, and how ragged borders are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from landscape.figures.bars import stacked_bars
from landscape.figures.orbit_map import CLASS_COLOURS
from landscape.figures.rows import stand_for
from landscape.figures.theme import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    drawn,
    new_figure,
    new_grid,
    roomy,
)  # fmt: skip

LARGEST_COLOURS, OTHER_COLOUR = (
    CLASS_COLOURS[:-1],
    CLASS_COLOURS[-1],
)  # of the largest basins, and a grey for all others
SLOW_COLOUR, UNSETTLED_COLOUR, OUTSIDE_COLOUR = "#dcdcdc", "#ffffff", INK  # of starts that are in no basin
LONGEST_CYCLE = 512  # attractors with more points are circles or chaotic sets, and drawn with all their points
MOST_WHITE = 0.45  # the share of white in the colour of the starts whose orbits rest last
# Where starts lead: columns of the members' table, with their words and colours.
ENDS = {
    "training": ("at a training point", GREEN),
    "spurious": ("at another fixed point", SKY),
    "cycling": ("on a cycle", AMBER),
    "circling": ("on an invariant circle", BLUE),
    "chaotic": ("on a chaotic set", INK),
    "slow": ("slow: its limit is in sight", SLOW_COLOUR),
    "stopped": ("at rest where nothing attracts", PURPLE),
    "moving": ("moving, at no attractor", MUTED),
    "outside": ("outside", ORANGE),
}
Arrays = Mapping[str, np.ndarray]


@drawn
def basin_portraits(nets: Mapping[str, Arrays]) -> Figure:
    """The basins of nets on a plane: a row per net, the whole plane first, then closer and closer views.

    Colours are paler where orbits rest later. Each view is framed in the view before. The arrays of a net are the `labels` and
    `times` (Z, R, R) and the `extents` (Z, 4) of Z views, the `attractors` (A, D) with their training points `memory` (A,), all
    points of attractors `sets` (K, D) with the attractor of each, `set_of` (K,), and the training points `spots` (N, 2)."""
    views = next(iter(nets.values()))["labels"].shape[0]
    figure, axes = new_grid(len(nets), views, width=2.7 * views + 0.5, height=2.75 * len(nets) + 0.7)
    for row, (title, arrays) in zip(axes, nets.items(), strict=True):
        colours = basin_colours(arrays)
        for view, ax in enumerate(row):
            extent = arrays["extents"][view]
            ax.imshow(
                _shaded(arrays["labels"][view], arrays["times"][view], colours), origin="lower", extent=tuple(extent),
                interpolation="nearest",
            )  # fmt: skip
            ax.grid(visible=False)
            ax.set_xticks([])
            ax.set_yticks([])
            if view + 1 < views:
                left, right, bottom, top = arrays["extents"][view + 1]
                ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, ec="white", lw=2.2))
                ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, ec=INK, lw=1.0))
            if view:
                ax.set_title(f"{round(_side(arrays, 0) / _side(arrays, view)):,} times closer", fontsize=9)
            else:
                ax.set_title(title, fontsize=9)
                _points(ax, arrays)
    figure.legend(handles=_legend(nets.values()), loc="outside lower center", ncols=5)
    roomy(figure)
    return figure


def basin_colours(arrays: Arrays) -> list[str]:
    """A colour per attractor, by its training point, so that it is the same in all nets of a data set.

    `memory` (A,) are the attractors' training points, −1 for none. Further attractors have further colours, the largest basins
    first, and grey past these; so have all attractors of more training points than there are colours."""
    memory = arrays["memory"].tolist()
    reserved = max(len(arrays["spots"]), *(place + 1 for place in memory), 0)
    if reserved > len(LARGEST_COLOURS):
        memory, reserved = [-1] * len(memory), 0
    further, colours, taken = iter(LARGEST_COLOURS[reserved:]), [], set()
    for place in memory:
        colours.append(next(further, OTHER_COLOUR) if place < 0 or place in taken else LARGEST_COLOURS[place])
        taken.add(place)
    return colours


def _shaded(labels: np.ndarray, times: np.ndarray, colours: Sequence[str]) -> np.ndarray:
    last = [SLOW_COLOUR, OUTSIDE_COLOUR, UNSETTLED_COLOUR]  # their labels are −3, −2 and −1
    table = np.array([to_rgb(colour) for colour in [*colours, *last]])
    settled = labels >= 0
    shade = np.zeros(labels.shape)
    if settled.any():
        known = np.log(times[settled].astype(float))
        shade[settled] = MOST_WHITE * (known - known.min()) / max(float(np.ptp(known)), 1e-9)
    mixed: np.ndarray = table[labels] * (1 - shade[..., None]) + shade[..., None]
    return mixed


def _side(arrays: Arrays, view: int) -> float:
    return float(arrays["extents"][view][1] - arrays["extents"][view][0])


def _points(ax: Axes, arrays: Arrays) -> None:
    """Draw training points as rings and, of maps of two dimensions, attractors as dots."""
    left, right, bottom, top = arrays["extents"][0]
    ax.plot(*arrays["spots"].T, "o", color="white", mfc="none", ms=9.5, mew=2.4)
    ax.plot(*arrays["spots"].T, "o", color=INK, mfc="none", ms=9.5, mew=1.0)
    if arrays["attractors"].shape[1] == 2:
        many = np.bincount(arrays["set_of"], minlength=len(arrays["attractors"])) > LONGEST_CYCLE
        ax.plot(*arrays["attractors"][~many].T, "o", color=INK, ms=3.6, mec="white", mew=0.7)
        ax.plot(*arrays["sets"][many[arrays["set_of"]]].T, ".", color=INK, ms=1.6, mew=0)
    ax.set(xlim=(left, right), ylim=(bottom, top))


def _legend(nets: Collection[Arrays]) -> list[Line2D | Patch]:
    labels = np.concatenate([arrays["labels"].ravel() for arrays in nets])
    dots = any(arrays["attractors"].shape[1] <= 2 for arrays in nets)
    handles: list[Line2D | Patch] = [
        Line2D([], [], ls="none", marker="o", color=INK, mfc="none", ms=9, label="training point")
    ]
    if dots:
        handles.append(Line2D([], [], ls="none", marker="o", color=INK, mec="white", ms=5, label="attractor"))
    if any(OTHER_COLOUR in basin_colours(arrays) for arrays in nets):
        handles.append(Patch(facecolor=OTHER_COLOUR, label="all further basins"))
    without_basin = ((-3, SLOW_COLOUR, "slow"), (-1, UNSETTLED_COLOUR, "unsettled"), (-2, OUTSIDE_COLOUR, "outside"))
    for value, colour, word in without_basin:
        if (labels == value).any():
            handles.append(Patch(facecolor=colour, edgecolor=MUTED, label=word))
    return handles


@drawn
def basin_lines(nets: Mapping[str, Arrays]) -> Figure:
    """A picture per net on the line: f(x) and x, over bands in the colours of the basins. Rings are training points."""
    columns = min(3, len(nets))
    rows = -(-len(nets) // columns)
    figure, axes = new_grid(rows, columns, width=2.9 * columns + 0.4, height=2.5 * rows + 0.7)
    for ax in axes.flat[len(nets) :]:
        ax.set_axis_off()
    for ax, (title, arrays) in zip(axes.flat, nets.items(), strict=False):
        labels, (low, high) = arrays["labels"][0], arrays["extents"][0]
        x = np.linspace(low, high, len(labels))
        colours = [*basin_colours(arrays), SLOW_COLOUR, OUTSIDE_COLOUR, UNSETTLED_COLOUR]
        ends = np.flatnonzero(np.diff(labels)) + 1
        for begin, end in zip([0, *ends], [*ends, len(labels)], strict=True):
            edges = (x[begin] + x[max(begin - 1, 0)]) / 2, (x[end - 1] + x[min(end, len(x) - 1)]) / 2
            ax.axvspan(*edges, color=colours[labels[begin]], alpha=0.3, lw=0)
        ax.plot(x, x, color=MUTED, lw=0.9, ls="--")
        ax.plot(x, arrays["outputs"][:, 0], color=BLUE, lw=1.4)
        ax.plot(arrays["spots"][:, 0], arrays["spots"][:, 0], "o", color=INK, mfc="none", ms=9)
        ax.plot(arrays["attractors"][:, 0], arrays["attractors"][:, 0], "o", color=INK, ms=4)
        ax.set(xlabel="x", xlim=(low, high))
        ax.set_title(title, fontsize=9)
    for ax in axes[:, 0]:
        ax.set_ylabel("f(x)")
    figure.legend(handles=_legend(nets.values()), loc="outside lower center", ncols=4)
    roomy(figure)
    return figure


@drawn
def shares_of_starts(table: pd.DataFrame) -> Figure:
    """Mean shares of random starts by where they lead, a bar per setting. `table` has the columns setting and those of ENDS."""
    settings = list(table.setting.unique())
    figure, ax = new_figure(6.8, 1.2 + 0.34 * len(settings))
    means = table.groupby("setting")[list(ENDS)].mean().reindex(settings)
    words, colours = zip(*ENDS.values(), strict=True)
    stacked_bars(ax, means.set_axis(words, axis=1), colours)
    ax.set(xlim=(0, 1), xlabel="share of random starts")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def basin_sizes(listed: pd.DataFrame) -> Figure:
    """Every basin's share of random starts by its rank in its network, a picture per setting; green: of a training point.

    `listed` has the columns setting, basin, share, training."""
    settings = list(listed.setting.unique())
    columns = min(3, len(settings))
    rows = -(-len(settings) // columns)
    figure, axes = new_grid(rows, columns, width=0.9 + 2.4 * columns, height=0.8 + 2.0 * rows, sharey=True)
    for ax in axes.flat[len(settings) :]:
        ax.set_axis_off()
    rng = np.random.default_rng(0)
    for ax, setting in zip(axes.flat, settings, strict=False):
        own = listed[(listed.setting == setting) & (listed.share > 0)]
        place = own.basin + 1 + rng.uniform(-0.22, 0.22, len(own))
        for chosen, colour, marker in ((own.training >= 0, GREEN, "o"), (own.training < 0, SKY, "X")):
            ax.plot(place[chosen], own.share[chosen], marker, color=colour, ms=4, mec="white", mew=0.3, ls="none")
        ax.set(yscale="log", ylim=(None, 1.2), xlim=(0.5, max(own.basin, default=0) + 1.5))
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        ax.set_title(setting, fontsize=8.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("share of starts")
    for ax in axes[-1]:
        ax.set_xlabel("basin, by size")
    handles = [
        Line2D([], [], color=GREEN, marker="o", ms=6, ls="none", label="of a training point"),
        Line2D([], [], color=SKY, marker="X", ms=6, ls="none", label="of another attractor"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    roomy(figure)
    return figure


@drawn
def raggedness(table: pd.DataFrame, reference: pd.DataFrame) -> Figure:
    """Uncertainty exponents: a row per setting with a dot per network, then a row per known map with its interval.

    The dashed line is at 1, the exponent of smooth borders. `table` has the columns setting and exponent; `reference` is the
    study's table of maps with known borders."""
    settings = list(table.setting.unique())
    figure, ax = new_figure(6.4, 1.0 + 0.34 * (len(settings) + len(reference)))
    rng = np.random.default_rng(0)
    for row, setting in enumerate(settings):
        networks = table[(table.setting == setting) & table.exponent.notna()]
        own = networks.exponent
        (dots,) = ax.plot(own, row + rng.uniform(-0.2, 0.2, len(own)), "o", color=BLUE, ms=3.5, alpha=0.6, mew=0)
        stand_for(dots, networks)
        ax.plot([own.median()] * 2, [row - 0.32, row + 0.32], color=INK, lw=1.4)
    begin = len(settings)
    for row, (_, one) in enumerate(reference.iterrows(), begin):
        value, low, high = (float(one[f"exponent{end}"]) for end in ("", "_low", "_high"))
        ax.errorbar(
            value, row, xerr=[[value - low], [high - value]], fmt="D", color=ORANGE, ms=4.5, capsize=2.5, lw=1.2
        )
        ax.plot(2 - float(one.published), row, "|", color=INK, ms=13, mew=1.6)
    ax.axvline(1, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.set_yticks(range(begin + len(reference)), [*settings, *reference["map"]])
    ax.invert_yaxis()
    ax.set_xlabel("uncertainty exponent α")
    handles = [
        Line2D([], [], color=BLUE, marker="o", ms=5, ls="none", label="a network (bar: median)"),
        Line2D([], [], color=ORANGE, marker="D", ms=5, ls="none", label="a known map, 95 %"),
        Line2D([], [], color=INK, marker="|", ms=11, mew=1.6, ls="none", label="its published value"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
