"""The picture of Fig. 6: the largest loss over the corners against the number of training points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from landscape.figures.theme import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, drawn, new_grid
from landscape.studies.corners.by_count import count_axis

DEPTH_STYLES: dict[int, tuple[str, Any, Any]] = {2: (BLUE, "o", "-"), 6: (ORANGE, "s", "--")}
MORE_DEPTHS: tuple[tuple[str, Any, Any], ...] = ((GREEN, "^", "-."), (PURPLE, "v", ":"), (INK, "D", "-"))
CONTROL_STYLES: dict[str, tuple[str, Any]] = {
    "constant": (MUTED, ":"),
    "memoriser": (GREEN, "-."),
    "untrained": (PURPLE, (0, (5, 2, 1, 2))),
}
EXPECTED_CONSTANT = 7 / 12  # expected corner maximum of a constant map to a uniform point, in any dimension


@drawn
def corner_maxima(members: pd.DataFrame, controls: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Corner maximum against the number of points, axes per dimension: medians, interquartile ranges and whole ranges.

    `members` and `controls` have the columns hidden, dim, count and corner_maximum, `controls` also control; `published` has
    dim, count, value and reading."""
    dims = sorted(members["dim"].unique())
    columns = min(len(dims), 3)
    rows = -(-len(dims) // columns)
    figure, axes = new_grid(
        rows, columns, width=max(5.2, 1.2 + 3.1 * columns), height=0.9 + 2.7 * rows, sharex=True, sharey=True
    )
    depths = sorted(members["hidden"].unique())
    for axis, dim in zip(axes.flat, dims, strict=False):
        drawn = controls[(controls["dim"] == dim) & (controls["hidden"] == depths[0])]
        for name, (colour, line) in CONTROL_STYLES.items():
            medians = drawn[drawn["control"] == name].groupby("count")["corner_maximum"].median()
            axis.plot(medians.index, medians, color=colour, linestyle=line, linewidth=1)
        for hidden in depths:
            _banded(
                axis, members[(members["dim"] == dim) & (members["hidden"] == hidden)], "corner_maximum", hidden, depths
            )
        axis.plot([1], [EXPECTED_CONSTANT], marker="_", markersize=12, color=INK, linestyle="none")
        _dots(axis, published[published["dim"] == dim])
        axis.set_title(f"D = {dim}")
    _log_counts(axes, dims, members["count"], "largest loss over corners")
    handles = [_depth_handle(hidden, depths) for hidden in depths]
    handles += [
        Line2D([], [], color=colour, linestyle=line, linewidth=1, label=name)
        for name, (colour, line) in CONTROL_STYLES.items()
    ]
    handles.append(Line2D([], [], marker="_", markersize=12, color=INK, linestyle="none", label="7/12"))
    if published["dim"].isin(dims).any():
        names = {"read": "published", "approximate": "published, ≈", "below": "published, below"}
        handles += [_dot_handle(reading, names[reading]) for reading in names]
    _legend(figure, axes, dims, handles)
    return figure


def _banded(axis: Axes, table: pd.DataFrame, column: str, hidden: int, depths: Sequence[int]) -> None:
    """The median, the band between the quartiles, and the band from the smallest to the largest network."""
    colour, marker, line = _style(hidden, depths)
    quantiles = table.groupby("count")[column].quantile(np.array([0, 0.25, 0.5, 0.75, 1])).unstack()
    axis.fill_between(quantiles.index, quantiles[0.0], quantiles[1.0], color=colour, alpha=0.13, linewidth=0)
    axis.fill_between(quantiles.index, quantiles[0.25], quantiles[0.75], color=colour, alpha=0.3, linewidth=0)
    axis.plot(quantiles.index, quantiles[0.5], color=colour, marker=marker, linestyle=line, markersize=3.5)


def _dots(axis: Axes, dots: pd.DataFrame) -> None:
    for reading, some in dots.groupby("reading"):
        style = _dot_style(str(reading))
        axis.plot(some["count"], some["value"], linestyle="none", zorder=5, **style)


def _dot_style(reading: str) -> dict[str, Any]:
    filled = reading == "read"
    marker = "$↓$" if reading == "below" else "D"
    return {
        "marker": marker,
        "markersize": 8 if reading == "below" else 4.5,
        "markeredgecolor": INK,
        "markerfacecolor": INK if filled or reading == "below" else "white",
        "markeredgewidth": 0.3 if reading == "below" else 1.0,
    }


def _dot_handle(reading: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="none", label=label, **_dot_style(reading))


def _depth_handle(hidden: int, depths: Sequence[int]) -> Line2D:
    colour, marker, line = _style(hidden, depths)
    return Line2D([], [], color=colour, marker=marker, linestyle=line, markersize=4, label=f"hidden = {hidden}")


def _style(hidden: int, depths: Sequence[int]) -> tuple[str, Any, Any]:
    others = [depth for depth in depths if depth not in DEPTH_STYLES]
    return DEPTH_STYLES.get(hidden) or MORE_DEPTHS[others.index(hidden) % len(MORE_DEPTHS)]


def _log_counts(axes: np.ndarray, dims: Sequence[int], counts: pd.Series[int], label: str) -> None:
    columns = axes.shape[1]
    for index, axis in enumerate(axes.flat):
        if index >= len(dims):
            axis.set_visible(False)
            continue
        axis.set_yscale("log")
        lowest = index + columns >= len(dims)
        count_axis(axis, counts, label=lowest)
        axis.tick_params(labelbottom=lowest)
        if index % columns == 0:
            axis.set_ylabel(label)


def _legend(figure: Figure, axes: np.ndarray, dims: Sequence[int], handles: Sequence[Line2D]) -> None:
    """Put the legend in an empty place of the grid, or below the grid if it is full."""
    if axes.size > len(dims):
        place = axes.flat[len(dims)]
        place.set_visible(True)
        place.axis("off")
        place.legend(handles=list(handles), loc="center")
    else:
        figure.legend(
            handles=list(handles), loc="outside lower center", ncols=min(len(handles), 3 if axes.shape[1] == 1 else 4)
        )
