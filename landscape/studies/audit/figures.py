"""Pictures of an audit: both answers of several sets of samples, the calibration curve, and C_T per cell."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from scipy import special

from landscape.figures.rows import stand_for
from landscape.figures.theme import BLACK, BLUE, GREEN, GRID, MUTED, ORANGE, SKY, drawn, new_figure, new_grid, roomy

COPYING_LOOKS = {"copies": (ORANGE, "o"), "does not copy": (GREEN, "s"), "undecided": (MUTED, "D")}
VARIETY_LOOKS = {"collapsed": (ORANGE, "o"), "varied": (GREEN, "s"), "undecided": (MUTED, "D")}
LABELS = {"collapsed": "lacks variety"}
NAME_LETTERS = 28  # in a line of a set's name
LEVEL = 0.05  # of the band in which all cells of new points lie together, at 95 %
MOST_CELLS_NAMED = 15  # ticks


@drawn
def two_answers(table: pd.DataFrame, *, limits: Mapping[str, float]) -> Figure:
    """The share of copies and the coverage of each set of samples, with 95 % intervals: two axes, a row per set.

    `table` has the columns name, copying, variety, copied, copied_low, copied_high, coverage_share, coverage_low and
    coverage_high. Colours and marks are the answers. Dashed: `limits`, for copied and coverage_share; dotted: coverage 1,
    which held-out points have."""
    figure, axes = new_grid(2, 1, width=5.4, height=2 * (1.1 + 0.34 * len(table)), sharey=True)
    views = {
        "copied": (
            "share of samples that are copies (estimate)",
            "copying",
            COPYING_LOOKS,
            ("copied_low", "copied_high"),
        ),
        "coverage_share": (
            "training points reached (held-out data: 1)",
            "variety",
            VARIETY_LOOKS,
            ("coverage_low", "coverage_high"),
        ),
    }
    for ax, (column, (label, answer, looks, ends)) in zip(axes[:, 0], views.items(), strict=True):
        for place, row in enumerate(table.to_dict("records")):
            colour, marker = looks[row[answer]]
            errors = [[row[column] - row[ends[0]]], [row[ends[1]] - row[column]]]
            bars = ax.errorbar(
                row[column], place, xerr=np.maximum(errors, 0), color=colour, marker=marker, ms=6.5, mec="white", capsize=3,
                lw=1.8,
            )  # fmt: skip
            stand_for(bars[0], table.iloc[[place]])
        _marked(ax, limits[column], "copies →" if column == "copied" else "varied →", "--")
        ax.xaxis.set_major_formatter(PercentFormatter(1))
        ax.set(xlabel=label, ylim=(len(table) - 0.5, -0.5))
        words = list(dict.fromkeys(table[answer]))
        handles = [
            Line2D([], [], color=looks[word][0], marker=looks[word][1], ls="", label=LABELS.get(word, word))
            for word in words
        ]
        ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(words))
    axes[0, 0].set_xlim(-0.03, 1.03)
    _marked(axes[1, 0], 1, "held-out", ":")
    axes[1, 0].set_xlim(-0.03, max(1.2, 1.05 * float(np.nanmax([1, *table.coverage_high]))))
    axes[0, 0].set_yticks(range(len(table)), [textwrap.fill(name, NAME_LETTERS) for name in table.name])
    roomy(figure)
    return figure


def _marked(ax: Axes, place: float, words: str, dashes: str) -> None:
    """Draw an upright line with words at its upper end."""
    ax.axvline(place, color=MUTED, lw=1, ls=dashes, zorder=1)
    ax.annotate(words, (place, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points", va="top",
                fontsize=8.5, color=MUTED)  # fmt: skip


@drawn
def calibration_curve(table: pd.DataFrame, *, reading: float, reads: tuple[float, float, float]) -> Figure:
    """What the share of copies reads on mixtures, against their true share; and where the samples' `reading` falls.

    `table` has the columns share, reading (median), low and high (the middle 95 % of mixtures). `reads` is the true share that
    the reading stands for, and the ends of its interval, drawn on the axis below."""
    figure, ax = new_figure(5.6, 4.2)
    ax.fill_between(table.share, table.low, table.high, color=SKY, alpha=0.4, lw=0, label="95 % of mixtures")
    ax.plot(table.share, table.reading, color=BLUE, label="median of mixtures")
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls="--", zorder=1)
    if np.isfinite([reading, *reads]).all():
        share, low, high = reads
        ax.plot([-0.03, share], [reading, reading], color=ORANGE, lw=1.4)
        ax.plot([share, share], [reading, -0.03], color=ORANGE, lw=1.4)
        ax.plot([share], [reading], "o", color=ORANGE, ms=7, mec="white", label="the samples", zorder=5)
        ax.plot([low, high], [-0.03, -0.03], color=ORANGE, lw=5, solid_capstyle="butt", clip_on=False, zorder=6)
    ax.set(xlabel="true share of copies", ylabel="share of copies read", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


@drawn
def mixture_statistics(table: pd.DataFrame, *, values: Mapping[str, float]) -> Figure:
    """Authenticity and the probability to be farther, on mixtures against their true share of copies: two axes.

    `table` has the columns share and, for `authenticity` and `farther`, the mean and the ends …_low and …_high of the middle
    95 %. Orange: the samples' own `values`."""
    labels = {"authenticity": "authenticity", "farther": "P(farther than held-out)"}
    figure, axes = new_grid(1, 2, width=7.0, height=3.3)
    for ax, (column, label) in zip(axes[0], labels.items(), strict=True):
        ax.fill_between(table.share, table[f"{column}_low"], table[f"{column}_high"], color=SKY, alpha=0.4, lw=0)
        ax.plot(table.share, table[column], color=BLUE, marker="o", ms=4, label="mixtures of known copies")
        ax.axhline(values[column], color=ORANGE, lw=1.6, label="the samples")
        ax.set(xlabel="true share of copies", ylabel=label, xlim=(-0.03, 1.03))
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.xaxis.set_major_formatter(PercentFormatter(1))
    handles, words = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=2)
    roomy(figure)
    return figure


@drawn
def cell_scores(table: pd.DataFrame, *, c_t: float, error: float) -> Figure:
    """The z-score of each k-means cell, the lowest first, beside C_T with the interval of new points.

    `table` has a row per cell that was compared, with the columns cell and score. Dark band: 95 % of the cells of new points;
    light band: all of them together, at 95 % (Bonferroni). `error` is the standard deviation of C_T of new points."""
    rows = table.dropna(subset=["score"]).sort_values("score").reset_index(drop=True)
    figure, ax = new_figure(5.6, 4.2)
    if rows.empty:
        ax.text(0.5, 0.5, "no cell has enough points", transform=ax.transAxes, ha="center", color=MUTED)
        ax.set_axis_off()
        return figure
    all_of_them = float(special.ndtri(1 - LEVEL / (2 * len(rows))))
    ax.axhspan(-all_of_them, all_of_them, color=GRID, alpha=0.5, lw=0, zorder=0, label="all cells of new points, 95 %")
    ax.axhspan(-1.96, 1.96, color=GRID, lw=0, zorder=0, label="a cell of new points, 95 %")
    low, high = rows.score < -all_of_them, rows.score > all_of_them
    for chosen, colour, words in (
        (low, ORANGE, "nearer than new points"),
        (high, BLACK, "farther than new points"),
        (~low & ~high, BLUE, "as new points"),
    ):
        if chosen.any():
            ax.plot(rows.index[chosen], rows.score[chosen], "o", color=colour, ms=6, mec="white", label=words)
    place = len(rows) + 0.5
    ax.errorbar([place], [0], yerr=[[1.96 * error], [1.96 * error]], color=MUTED, capsize=4, lw=2)
    ax.plot([place], [c_t], "D", color=ORANGE if c_t < -1.96 * error else BLUE, ms=8, mec="white", zorder=5)
    _cell_ticks(ax, rows.cell.tolist(), place)
    ax.set(xlabel="k-means cell of the training points", ylabel="z-score", xlim=(-0.7, place + 0.7))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _cell_ticks(ax: Axes, cells: list[Any], place: float) -> None:
    """The numbers of as many cells as fit, and C_T."""
    step = -(-len(cells) // MOST_CELLS_NAMED)
    ax.set_xticks([*range(0, len(cells), step), place], [*map(str, cells[::step]), "C_T"])
