"""Pictures of pairs of generators: their images beside real ones, their distances, and the course of their training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landscape.claims import median_interval
from landscape.figures.images import tiled
from landscape.figures.theme import BLUE, MUTED, ORANGE, drawn, new_figure, new_grid

COLOURS = {"ordinary": BLUE, "injective": ORANGE}
ROOM_ABOVE = 1.08  # the height of the axes over the largest value, so that no mark is cut
MARKS = {"ordinary": "o", "injective": "s"}


@drawn
def pairs_beside_real(
    images: Mapping[str, np.ndarray], table: pd.DataFrame, measured: Mapping[str, str], *, columns: int = 4
) -> Figure:
    """A figure of sheets of images by name, (S, h, w) or (S, h, w, 3) of uint8, above measurements of all networks.

    `measured` are columns of `table`, each with its label; `table` has a row per network, with the columns generator and
    seed."""
    figure = new_figure(2.2 * len(images), 4.9)[0]
    figure.clear()
    places = figure.add_gridspec(2, len(images) * len(measured), height_ratios=(2.2, 2.7))
    for number, (name, sheet) in enumerate(images.items()):
        ax = figure.add_subplot(places[0, number * len(measured) : (number + 1) * len(measured)])
        ax.set_axis_off()
        ax.imshow(tiled(sheet, columns), interpolation="nearest")
        ax.set_title(name)
    for number, (column, label) in enumerate(measured.items()):
        ax = figure.add_subplot(places[1, number * len(images) : (number + 1) * len(images)])
        _paired(ax, table, column, label)
    return figure


@drawn
def paired_distances(table: pd.DataFrame, measured: Mapping[str, str]) -> Figure:
    """A figure of measurements of both kinds of generator: a line per seed, medians with 95 % intervals beside."""
    figure, axes = new_grid(1, len(measured), width=2.4 * len(measured), height=3.2)
    for ax, (column, label) in zip(axes[0], measured.items(), strict=True):
        _paired(ax, table, column, label)
    return figure


@drawn
def sheets(images: Sequence[tuple[str, np.ndarray]], *, across: int, columns: int) -> Figure:
    """A figure of sheets of images, each (S, h, w) or (S, h, w, 3) of uint8 under its title."""
    rows = -(-len(images) // across)
    figure, axes = new_grid(rows, across, width=2.4 * across, height=2.7 * rows)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (title, sheet) in zip(axes.flat, images, strict=False):
        ax.imshow(tiled(sheet, columns), interpolation="nearest")
        ax.set_title(title)
    return figure


@drawn
def courses(curves: pd.DataFrame, measured: Mapping[str, str]) -> Figure:
    """A figure of curves against the generator's steps, a thin line per network, the median of each kind thick.

    `curves` has the columns generator, seed, step and those that `measured` names, each with its label."""
    figure, axes = new_grid(1, len(measured), width=4.2 * len(measured), height=3.3)
    for ax, (column, label) in zip(axes[0], measured.items(), strict=True):
        for kind, rows in curves.groupby("generator", sort=False):
            wide = rows.pivot_table(index="step", columns="seed", values=column)
            ax.plot(wide.index, wide, color=COLOURS[str(kind)], lw=0.6, alpha=0.5)
            ax.plot(wide.index, wide.median(axis=1), color=COLOURS[str(kind)], lw=2.2, label=str(kind))
        ax.set(xlabel="steps of the generator", ylabel=label)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def _paired(ax: Axes, table: pd.DataFrame, column: str, label: str) -> None:
    """A thin line per seed from the ordinary to the injective generator, and each kind's median with its 95 % interval."""
    kinds = [kind for kind in COLOURS if kind in set(table.generator)]
    wide = table.pivot(index="seed", columns="generator", values=column)[kinds]  # NaN of networks that diverged
    if len(kinds) == 2:
        ax.plot([0, 1], wide.to_numpy().T, color=MUTED, lw=0.6, alpha=0.6)
    for place, kind in enumerate(kinds):
        values = wide[kind].dropna()
        if values.empty:
            continue
        ax.plot([place] * len(values), values, MARKS[kind], color=COLOURS[kind], ms=3, alpha=0.6)
        middle = median_interval(values.to_numpy())
        beside = place + (0.18 if place else -0.18)
        ax.plot([beside], [middle.estimate], MARKS[kind], color=COLOURS[kind], ms=6)
        if np.isfinite([middle.low, middle.high]).all():
            ax.plot([beside, beside], [middle.low, middle.high], color=COLOURS[kind], lw=2)
    ax.set(xticks=range(len(kinds)), xlim=(-0.5, len(kinds) - 0.5), ylabel=label)
    ax.set_xticklabels(kinds)
    if wide.notna().any(axis=None):
        ax.set_ylim(0, ROOM_ABOVE * float(np.nanmax(wide.to_numpy())))
