"""Figures of the study of injectivity, from tables and arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landscape.figures.by_size import size_axis
from landscape.figures.lines import shade
from landscape.figures.theme import DIVERGING, INK, MARKERS, MUTED, ORANGE, PALETTE, drawn, new_figure, new_grid
from landscape.studies.injectivity.claims import LOWER, PUBLISHED, REPLICA, UPPER
from landscape.studies.injectivity.closed_forms import CLOSED, share_one_to_one
from landscape.studies.injectivity.curves import curve, half
from landscape.studies.injectivity.parameters import EXACT

WIDEST = 11.5  # rows per input at the right end of the axis


@drawn
def one_to_one_by_rows(matrices: pd.DataFrame) -> Figure:
    """The share of Gaussian layers that is one-to-one against rows per input, a line per number of inputs.

    Bands are 95 % intervals of the share, which also hold unresolved matrices. Closed forms are dotted. Layers of which merged
    pairs were only searched for have dashed lines: upper bounds of the share. Published thresholds are upright lines."""
    figure, ax = new_figure(6.4, 4.3)
    published(ax)
    exact = matrices[matrices.method == EXACT]
    numbers = sorted(exact.inputs.unique())
    for place, inputs in enumerate(numbers):
        rows = exact[exact.inputs == inputs]
        colour, found = shade(place, len(numbers)), curve(rows, WIDEST)
        ax.plot(found.ratio, found.middle, color=colour, lw=1.6, label=f"n = {inputs}")
        ax.fill_between(found.ratio, found.low, found.high, color=colour, alpha=0.15, lw=0)
        if inputs in CLOSED:
            form = [share_one_to_one(inputs, round(ratio * inputs)) for ratio in found.ratio]
            ax.plot(found.ratio, form, color=INK, lw=1, ls=":", label="closed form" if place == 0 else "_")
    searched = matrices[matrices.method != EXACT]
    large = sorted(searched.inputs.unique())
    for place, inputs in enumerate(large):
        rows = searched[searched.inputs == inputs]
        found = curve(rows, float(rows["least"].max()) / inputs + 0.05)
        label = f"n = {inputs:,}: at most" if place in (0, len(large) - 1) else "_"
        ax.plot(found.ratio, found.high_of_sample, color=ORANGE, lw=1, ls=(0, (4, 2 + place)), alpha=0.9, label=label)
    ax.set(xlabel="rows per input, m / n", ylabel="share one-to-one", xlim=(1.5, WIDEST), ylim=(-0.03, 1.06))
    figure.legend(loc="outside lower center", ncols=5)
    return figure


def published(ax: Axes) -> None:
    """The published thresholds, as upright lines with their numbers at the top."""
    ax.axvspan(LOWER, UPPER, color=MUTED, alpha=0.07, lw=0)
    for ratio in PUBLISHED:
        ax.axvline(ratio, color=MUTED, lw=1, ls="--" if ratio != REPLICA else "-.", zorder=1)
        ax.annotate(f"{ratio:g}", (ratio, 1), (2, 2), color=MUTED, fontsize=8.5, ha="left", va="bottom",
                    xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip


@drawn
def half_by_inputs(matrices: pd.DataFrame) -> Figure:
    """The rows per input at which half of the layers are one-to-one, against the number of inputs, with 95 % intervals.

    Of layers that were only searched, the largest that merges a pair is a lower bound, drawn as an arrow."""
    figure, ax = new_figure(5.2, 3.7)
    for ratio in PUBLISHED:
        ax.axhline(ratio, color=MUTED, lw=1, ls="--" if ratio != REPLICA else "-.", zorder=1)
        ax.annotate(f"{ratio:g}", (1, ratio), (3, 0), color=MUTED, fontsize=8.5, va="center",
                    xycoords=("axes fraction", "data"), textcoords="offset points")  # fmt: skip
    found = half(matrices)
    exact, bound = found[found.method == EXACT], found[found.method != EXACT]
    reach = [exact.estimate - exact.low, exact.high.clip(upper=12) - exact.estimate]
    ax.errorbar(exact.inputs, exact.estimate, reach, color=PALETTE[0], marker=MARKERS[0], ms=5, ls="", capsize=3,
                label="decided exactly")  # fmt: skip
    ax.errorbar(bound.inputs, bound.estimate, 0.45, lolims=True, color=ORANGE, marker=MARKERS[1], ms=4, ls="",
                label="at least: pairs were found below")  # fmt: skip
    ax.set(ylabel="m / n for half of the layers", ylim=(0, 11.3))
    size_axis(ax, "inputs n", found.inputs)
    _names_below(figure, ax, 2)
    return figure


@drawn
def twins(rows: Sequence[tuple[str, np.ndarray]]) -> Figure:
    """Pairs of images with the same code, a pair a row: the first, the second, and the difference second − first.

    `rows` holds a name and images (2, h, w) in [0, 1] each. The colours of a difference reach to its largest change."""
    figure, axes = new_grid(len(rows), 3, width=4.9, height=1.62 * len(rows) + 0.3)
    for line, (name, pair) in zip(axes, rows, strict=True):
        change = pair[1] - pair[0]
        most = float(np.abs(change).max()) or 1.0
        line[0].imshow(pair[0], cmap="gray", vmin=0, vmax=1)
        line[1].imshow(pair[1], cmap="gray", vmin=0, vmax=1)
        line[2].imshow(change, cmap=DIVERGING, vmin=-most, vmax=most)
        line[0].set_ylabel(name)
        line[2].set_ylabel(f"± {most:.2g}", rotation=0, ha="left", va="center", labelpad=6)
        line[2].yaxis.set_label_position("right")
        for ax in line:
            ax.set(xticks=[], yticks=[])
            ax.grid(visible=False)
            ax.spines[:].set_visible(False)
    for ax, title in zip(axes[0], ("image", "same code", "difference"), strict=True):
        ax.set_title(title)
    return figure


@drawn
def merged_by_depth(table: pd.DataFrame) -> Figure:
    """The share of points merged before the last affine map against depth, a line per width; untrained networks dashed."""
    figure, ax = new_figure(5.2, 3.7)
    top = 0.0
    for place, (width, rows) in enumerate(table.groupby("width")):
        colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
        for column, style, name in (("merged", "-", f"width {width}"), ("merged_untrained", "--", "_")):
            mean = rows.groupby("hidden")[column].agg(["mean", "sem"])
            top = max(top, float((mean["mean"] + 1.96 * mean["sem"].fillna(0)).max()))
            ax.errorbar(mean.index, mean["mean"], 1.96 * mean["sem"], color=colour, marker=marker, ms=4, lw=1.4, ls=style,
                        capsize=2, label=name)  # fmt: skip
    ax.plot([], [], color=MUTED, ls="--", label="untrained")
    ax.set(ylabel="share of points merged")
    _from_zero(ax, top, room=1.08)
    size_axis(ax, "hidden layers", table.hidden)
    _names_below(figure, ax, 4)
    return figure


@drawn
def merged_by_layer(layers: pd.DataFrame) -> Figure:
    """Layer by layer, of networks of several depths: the share of points merged so far, and that where the layer is one-to-one.

    Means over networks of one width."""
    figure, axes = new_grid(1, 2, width=6.8, height=3.4)
    depths = sorted(layers.hidden.unique())
    for place, depth in enumerate(depths):
        mean = layers[layers.hidden == depth].groupby("layer")[["merged", "one_to_one"]].mean()
        for ax, column in zip(axes[0], mean, strict=True):
            ax.plot(mean.index, mean[column], color=shade(place, len(depths)), marker="o", ms=3.5, lw=1.3,
                    label=f"{depth} hidden" if column == "merged" else "_")  # fmt: skip
    for ax, title in zip(axes[0], ("merged so far", "layer one-to-one alone"), strict=True):
        ax.set(title=title, ylim=(-0.03, 1.03))
        if title == "merged so far":
            _from_zero(ax, layers.groupby(["hidden", "layer"]).merged.mean().max())
        ax.set(xlabel="layer", xticks=sorted(layers.layer.unique()))
    axes[0, 0].set_ylabel("share of points")
    _names_below(figure, axes[0, 0], min(len(depths), 4))
    return figure


@drawn
def merged_in_time(layers: pd.DataFrame) -> Figure:
    """The share of points merged before the last affine map in the course of training: means, a line per depth."""
    figure, ax = new_figure(5.2, 3.6)
    depths = sorted(layers.hidden.unique())
    for place, depth in enumerate(depths):
        rows = layers[(layers.hidden == depth) & (layers.layer == depth)].groupby("step").merged.mean()
        ax.plot(rows.index, rows, color=shade(place, len(depths)), marker="o", ms=3.5, lw=1.3, label=f"{depth} hidden")
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel="training steps", ylabel="share of points merged")
    _from_zero(ax, layers[layers.layer == layers.hidden].groupby(["hidden", "step"]).merged.mean().max())
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def _from_zero(ax: Axes, most: float, room: float = 1.3) -> None:
    """Let the axis of shares reach from zero to `room` times the largest, of a twentieth at least."""
    top = min(1.0, max(0.05, room * float(most)))
    ax.set_ylim(-0.03 * top, 1.03 * top)


def _names_below(figure: Figure, ax: Axes, columns: int) -> None:
    """The names of the lines below the figure, in place of the legend beside the axes."""
    handles, names = ax.get_legend_handles_labels()
    if (beside := ax.get_legend()) is not None:
        beside.remove()
    figure.legend(handles, names, loc="outside lower center", ncols=columns)
