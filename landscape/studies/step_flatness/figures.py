"""Pictures of how step-like maps are: outputs and slopes along lines, sharpness against depth, images between images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from landscape.figures.lines import shade, stretches
from landscape.figures.theme import (
    BLACK,
    BLUE,
    INK,
    MARKERS,
    MUTED,
    ORANGE,
    PURPLE,
    SEQUENTIAL,
    SKY,
    drawn,
    new_figure,
    new_grid,
)

FLAT = 0.1  # τ of a plateau
SLOPES = LogNorm(0.01, 30, clip=True)  # one colour scale for slopes: 1 is the identity's
TICKS = (0.01, 0.1, 1, 10)


@dataclass(frozen=True, eq=False)
class LineProfile:
    """A cell's maps along one line: position (P,), outputs read in the same unit and slopes (E, P), the row of the median
    member, its training points (N,) on the line, and which members failed (E,)."""

    position: np.ndarray
    outputs: np.ndarray
    slopes: np.ndarray
    median: int
    points: np.ndarray
    failed: np.ndarray


@drawn
def profiles(
    grid: Sequence[Sequence[LineProfile | None]], rows: Sequence[str], columns: Sequence[str], labels: tuple[str, str]
) -> Figure:
    """Outputs along the line, a picture a cell: the median member thick, all others thin, failed ones dotted.

    Shaded: where the median member is flat. The band below each picture is its slope in colour."""
    width, height = 1.9 + 2.5 * len(columns), 0.7 + 2.1 * len(rows)
    figure, axes = new_grid(len(rows), len(columns), width=width, height=height, sharex=True, sharey=True)
    for r, line in enumerate(grid):
        for c, one in enumerate(line):
            axes[r, c].set_title(f"{rows[r]}, {columns[c]}", fontsize=9.5)
            if one is None:
                axes[r, c].set_axis_off()
            else:
                _profile(axes[r, c], one)
    for ax in axes[-1]:
        ax.set_xlabel(labels[0])
    for ax in axes[:, 0]:
        ax.set_ylabel(labels[1])
    _slope_bar(figure, axes)
    return figure


@drawn
def slope_map(cells: Sequence[LineProfile], titles: Sequence[str], label: str) -> Figure:
    """Slopes along the line, a row a member, steepest largest slope on top; a picture a cell. × marks a failed member."""
    figure, axes = new_grid(1, len(cells), width=1.6 + 2.9 * len(cells), height=3.5, sharex=True)
    for ax, one, title in zip(axes[0], cells, titles, strict=True):
        order = np.argsort(-one.slopes.max(1), kind="stable")
        count, low, high = len(order), one.position[0], one.position[-1]
        ax.imshow(
            one.slopes[order], norm=SLOPES, cmap=SEQUENTIAL, aspect="auto", interpolation="nearest",
            extent=(low, high, count, 0),
        )  # fmt: skip
        for point in one.points:
            ax.axvline(point, color="white", lw=1.1, ls="--")
        if len(failed := np.flatnonzero(one.failed[order])):
            beside = blended_transform_factory(ax.transAxes, ax.transData)
            ax.plot(np.full(len(failed), 1.035), failed + 0.5, "x", color=ORANGE, ms=4, transform=beside, clip_on=False)
        ax.grid(False)
        ax.set(title=title, xlabel=label, yticks=[])
    axes[0, 0].set_ylabel(f"{len(cells[0].slopes)} members")
    _slope_bar(figure, axes)
    return figure


@drawn
def by_depth_and_width(
    table: pd.DataFrame, column: str, label: str, references: Mapping[str, float], untrained: pd.DataFrame | None = None
) -> Figure:
    """Means of `column` over all members with their 95 % interval (normal): against depth on the plain grid, against depth
    at equal parameters, against width. Dashed: `references`; crosses: the same of the `untrained` nets."""
    plain, equal = table[table.budget == 0], table[table.budget > 0]
    views = [("hidden", "width", plain, "width {:g}")]
    if equal.hidden.nunique() > 1:
        views.append(("hidden", "budget", equal, "{:,} parameters"))
    if plain.width.nunique() > 1:
        views.append(("width", "hidden", plain, "{:g} hidden"))
    figure, axes = new_grid(1, len(views), width=1.4 + 2.9 * len(views), height=3.9, sharey=True)
    for ax, (across, by, rows, words) in zip(axes[0], views, strict=True):
        _references(ax, references)
        ax.set_ylim(-0.02, 1.05)
        _means(ax, rows, across, by, column, words)
        if untrained is not None and across == "hidden":
            _untrained(ax, untrained, rows, by, column)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, columnspacing=1.0, handletextpad=0.5)
    axes[0, 0].set_ylabel(label)
    return figure


@drawn
def shares_by_member(table: pd.DataFrame, column: str, label: str) -> Figure:
    """A dot a member, by depth and width; the bar is the median, circles without filling are failed members."""
    depths, widths = sorted(table.hidden.unique()), sorted(table.width.unique())
    figure, ax = new_figure(max(4.6, 1.5 + 0.55 * len(depths) * len(widths)), 3.5)
    generator, step = np.random.default_rng(0), 0.8 / len(widths)
    for r, depth in enumerate(depths):
        for c, width in enumerate(widths):
            rows = table[(table.hidden == depth) & (table.width == width)]
            if rows.empty:
                continue
            middle, colour = r - 0.4 + step * (c + 0.5), shade(c, len(widths))
            x = middle + step * generator.uniform(-0.3, 0.3, len(rows))
            failed = (rows.status != "converged").to_numpy()
            y = rows[column].to_numpy()
            name = f"width {width:g}" if r == 0 else None
            ax.scatter(x[~failed], y[~failed], s=14, color=colour, alpha=0.75, lw=0, label=name)
            ax.scatter(x[failed], y[failed], s=14, facecolor="none", edgecolor=colour, lw=0.8)
            ax.plot([middle - 0.4 * step, middle + 0.4 * step], [rows[column].median()] * 2, color=INK, lw=2.2)
    ax.set_xticks(range(len(depths)), [f"{depth:g}" for depth in depths])
    ax.set(xlabel="hidden layers", ylabel=label, ylim=(-0.03, 1.03))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=1.4)
    return figure


@drawn
def image_strips(rows: Mapping[str, np.ndarray]) -> Figure:
    """A row of images (K, height, width) for each label, equally spaced along a line from one image to another."""
    count = len(next(iter(rows.values())))
    figure, axes = new_grid(len(rows), count, width=2.3 + 0.62 * count, height=0.5 + 0.72 * len(rows))
    for line, (label, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
    for ax, share in zip(axes[0], np.linspace(0, 1, count), strict=True):
        ax.set_title(f"{share:g}", fontsize=8.5, fontweight="normal")
    return figure


def _profile(ax: Axes, one: LineProfile) -> None:
    low, high = float(one.position[0]), float(one.position[-1])
    span, slope = high - low, one.slopes[one.median]
    ax.plot([low, high], [low, high], color=MUTED, lw=0.9, ls="--", zorder=1)
    for failed, style in ((False, "-"), (True, ":")):
        chosen = one.outputs[one.failed == failed]
        if len(chosen):
            ax.plot(one.position, chosen.T, color=BLACK, lw=0.6, alpha=0.25, ls=style, zorder=2)
    ax.plot(one.position, one.outputs[one.median], color=BLUE, lw=2.0, zorder=3)
    for start, end in stretches(slope < FLAT):
        ax.axvspan(one.position[start], one.position[end], ymin=0.12, color=SKY, alpha=0.3, lw=0, zorder=0)
    ax.plot(one.points, one.points, "o", color=BLACK, ms=5.5, mec="white", mew=0.9, zorder=4)
    bottom, top = low - 0.22 * span, high + 0.08 * span
    ax.imshow(
        slope[None], norm=SLOPES, cmap=SEQUENTIAL, aspect="auto", extent=(low, high, bottom, low - 0.1 * span), zorder=3
    )
    ax.set(xlim=(low, high), ylim=(bottom, top), yticks=np.linspace(low, high, 3))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _slope_bar(figure: Figure, axes: np.ndarray) -> None:
    bar = figure.colorbar(ScalarMappable(SLOPES, SEQUENTIAL), ax=axes, ticks=TICKS, extend="both", aspect=28, pad=0.02)
    bar.set_label(f"slope (flat below {FLAT:g})")
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    bar.ax.minorticks_off()


def _means(ax: Axes, rows: pd.DataFrame, across: str, by: str, column: str, words: str) -> None:
    groups = sorted(rows[by].unique())
    for index, group in enumerate(groups):
        part = rows[rows[by] == group].groupby(across)[column]
        mean, error = part.mean(), 1.96 * part.std(ddof=1) / np.sqrt(part.count())
        ax.errorbar(
            mean.index, mean, error, color=shade(index, len(groups)), marker=MARKERS[index % 8], ms=5, capsize=3, lw=1.4,
            label=words.format(group),
        )  # fmt: skip
    names = {"hidden": "hidden layers", "width": "width"}
    equal = ", equal parameters" if by == "budget" else ""
    ax.set(xlabel=names[across], title=f"by {'depth' if across == 'hidden' else 'width'}{equal}")
    ticks = sorted(rows[across].unique())
    if across == "width":
        ax.set_xscale("log")
        ax.minorticks_off()
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def _untrained(ax: Axes, untrained: pd.DataFrame, rows: pd.DataFrame, by: str, column: str) -> None:
    chosen = untrained[(untrained.budget > 0) == (by == "budget")]
    mean = chosen[chosen[by].isin(rows[by])].groupby("hidden")[column].mean()
    ax.plot(mean.index, mean, "x--", color=PURPLE, ms=5, lw=1, label="untrained")


def _references(ax: Axes, references: Mapping[str, float]) -> None:
    for name, value in references.items():
        ax.axhline(value, color=MUTED, lw=0.9, ls="--", zorder=1)
        ax.annotate(
            name, (1, value), (-2, -2), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
            va="top", fontsize=8, color=MUTED,
        )  # fmt: skip
