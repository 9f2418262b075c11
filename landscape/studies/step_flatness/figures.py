"""Pictures of step flatness: outputs and slopes along lines, sharpness against depth, and images between images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from landscape.figures.lines import shade, stretches
from landscape.figures.rows import stand_for
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

PLATEAU_SLOPE = 0.1  # τ: a smaller slope counts as flat. The measures have the same number, but they import torch
STEEPEST_SHARE = 0.1  # of the way between two training points: sharpness is what it carries of the change
SLOPE_SCALE = LogNorm(0.01, 30, clip=True)  # the colours of slopes in every picture; the identity has slope 1
SLOPE_TICKS = (0.01, 0.1, 1, 10)
MOST_LINES = 10  # networks of a cell that have a thin line; more would be a grey surface, and a large page


@dataclass(frozen=True, eq=False)
class LineProfile:
    """The maps of a cell along a line: position (P,), outputs in the same unit and slopes (E, P), failed members (E,).

    `median` is the row of the median member; `points` (N,) are its training points on the line."""

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
    """Outputs along the line, axes per cell: the median member thick, every member thin, failed members dotted.

    The background is shaded where the median member is flat. The band below is its slope in colour."""
    width, height = 1.9 + 2.5 * len(columns), 0.7 + 2.1 * len(rows)
    figure, axes = new_grid(len(rows), len(columns), width=width, height=height, sharex=True, sharey=True)
    for r, line in enumerate(grid):
        for c, profile in enumerate(line):
            axes[r, c].set_title(", ".join(filter(None, (rows[r], columns[c]))), fontsize=9.5)
            if profile is None:
                axes[r, c].set_axis_off()
            else:
                _profile(axes[r, c], profile)
    for ax in axes[-1]:
        ax.set_xlabel(labels[0])
    for ax in axes[:, 0]:
        ax.set_ylabel(labels[1])
    _slope_bar(figure, axes)
    figure.legend(handles=_key(grid), loc="outside lower center", ncols=2 * len(columns))
    return figure


@drawn
def slope_map(cells: Sequence[LineProfile], titles: Sequence[str], label: str) -> Figure:
    """Slopes along the line, axes per cell, a row per member, the largest slope on top. × marks a failed member."""
    figure, axes = new_grid(1, len(cells), width=1.6 + 2.9 * len(cells), height=3.5, sharex=True)
    for ax, profile, title in zip(axes[0], cells, titles, strict=True):
        order = np.argsort(-profile.slopes.max(1), kind="stable")
        count, low, high = len(order), profile.position[0], profile.position[-1]
        ax.imshow(
            profile.slopes[order], norm=SLOPE_SCALE, cmap=SEQUENTIAL, aspect="auto", interpolation="nearest",
            extent=(low, high, count, 0),
        )  # fmt: skip
        for point in profile.points:
            ax.axvline(point, color="white", lw=1.1, ls="--")
        if len(failed := np.flatnonzero(profile.failed[order])):
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
    """Means of `column` over all members, with normal 95 % intervals, in up to three axes.

    Against depth on the plain grid; against depth at equal parameters, if there are several depths; against width, if there
    are several widths. Dashed: `references`. Crosses: means of the `untrained` nets."""
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
    """A dot per member, by depth and width. Bars are medians, hollow dots failed members."""
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
            converged = ax.scatter(x[~failed], y[~failed], s=14, color=colour, alpha=0.75, lw=0, label=name)
            others = ax.scatter(x[failed], y[failed], s=14, facecolor="none", edgecolor=colour, lw=0.8)
            stand_for(converged, rows[~failed])
            stand_for(others, rows[failed])
            ax.plot([middle - 0.4 * step, middle + 0.4 * step], [rows[column].median()] * 2, color=INK, lw=2.2)
    ax.set_xticks(range(len(depths)), [f"{depth:g}" for depth in depths])
    ax.set(xlabel="hidden layers", ylabel=label, ylim=(-0.03, 1.03))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=1.4)
    return figure


@drawn
def image_strips(rows: Mapping[str, np.ndarray]) -> Figure:
    """A row of images (K, height, width) for each label, equally spaced along the line from an image to another."""
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


def steepest_tenth(profile: LineProfile) -> np.ndarray:
    """Which positions lie on the steepest tenth of the median member's way between two training points: (P,) bool.

    None is marked unless the line has exactly two training points."""
    marked = np.zeros(len(profile.position), bool)
    if len(profile.points) != 2:
        return marked
    low, high = np.sort(profile.points)
    ends = profile.position
    inside = np.flatnonzero((ends[:-1] >= low - 1e-6) & (ends[1:] <= high + 1e-6))
    moves = np.abs(np.diff(profile.outputs[profile.median]))[inside]
    chosen = inside[np.argsort(-moves, kind="stable")[: max(1, round(STEEPEST_SHARE * len(inside)))]]
    marked[chosen] = marked[chosen + 1] = True
    return marked


def _key(grid: Sequence[Sequence[LineProfile | None]]) -> list[Line2D | Patch]:
    """What the lines and the shading of profiles are."""
    failed = any(profile.failed.any() for line in grid for profile in line if profile is not None)
    tenth = any(steepest_tenth(profile).any() for line in grid for profile in line if profile is not None)
    steep = [Line2D([], [], color=ORANGE, lw=4.5, label="its steepest tenth")] if tenth else []
    dotted = [Line2D([], [], color=BLACK, lw=0.8, alpha=0.5, ls=":", label="not converged")] if failed else []
    return [
        Line2D([], [], color=BLUE, lw=2.0, label="median network"),
        *steep,
        Line2D([], [], color=BLACK, lw=0.8, alpha=0.5, label="other networks"),
        *dotted,
        Patch(facecolor=SKY, alpha=0.3, label="median is flat"),
        Line2D([], [], color=MUTED, lw=0.9, ls="--", label="identity"),
    ]


def _profile(ax: Axes, profile: LineProfile) -> None:
    low, high = float(profile.position[0]), float(profile.position[-1])
    span, slope = high - low, profile.slopes[profile.median]
    ax.plot([low, high], [low, high], color=MUTED, lw=0.9, ls="--", zorder=1)
    for failed, style in ((False, "-"), (True, ":")):
        chosen = profile.outputs[:MOST_LINES][profile.failed[:MOST_LINES] == failed]
        if len(chosen):
            ax.plot(profile.position, chosen.T, color=BLACK, lw=0.6, alpha=0.25, ls=style, zorder=2)
    ax.plot(profile.position, profile.outputs[profile.median], color=BLUE, lw=2.0, zorder=3)
    steepest = steepest_tenth(profile)
    for start, end in stretches(steepest):
        where = slice(start, end + 1)
        ax.plot(profile.position[where], profile.outputs[profile.median, where], color=ORANGE, lw=4.5, zorder=3.5)
    for start, end in stretches(slope < PLATEAU_SLOPE):
        ax.axvspan(profile.position[start], profile.position[end], ymin=0.12, color=SKY, alpha=0.3, lw=0, zorder=0)
    ax.plot(profile.points, profile.points, "o", color=BLACK, ms=5.5, mec="white", mew=0.9, zorder=4)
    bottom, top = low - 0.22 * span, high + 0.08 * span
    ax.imshow(
        slope[None],
        norm=SLOPE_SCALE,
        cmap=SEQUENTIAL,
        aspect="auto",
        extent=(low, high, bottom, low - 0.1 * span),
        zorder=3,
    )
    ax.set(xlim=(low, high), ylim=(bottom, top), yticks=np.linspace(low, high, 3))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _slope_bar(figure: Figure, axes: np.ndarray) -> None:
    bar = figure.colorbar(
        ScalarMappable(SLOPE_SCALE, SEQUENTIAL), ax=axes, ticks=SLOPE_TICKS, extend="both", aspect=28, pad=0.02
    )
    bar.set_label(f"slope (flat below {PLATEAU_SLOPE:g})")
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
            va="top", fontsize=8.5, color=MUTED,
        )  # fmt: skip
