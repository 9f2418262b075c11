"""Pictures of networks against their width or depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from landscape.figures.rows import stand_for
from landscape.figures.theme import MARKERS, PALETTE, drawn, new_figure

LEAST_GAP = 0.03  # between two numbers on an axis, as a share of its length


@drawn
def zero_slopes(table: pd.DataFrame, seed: int = 0, *, whole: str = "[0, 1]") -> Figure:
    """A figure of the share of the range on which a network's slope is exactly zero, against its width.

    Dots are members, shifted sideways at random by `seed`; lines are means. `table` has the columns net, width and zero_slope;
    the slope is that before the output squash. `whole` names the range in the axis label."""
    figure, ax = new_figure(6.0, 3.5)
    nets, spread = list(table.net.unique()), np.random.default_rng(seed)
    for index, net in enumerate(nets):
        rows, colour = table[table.net == net], PALETTE[index % len(PALETTE)]
        x = rows.width * np.exp(spread.normal(0, 0.025, len(rows))) * 1.08 ** (index - (len(nets) - 1) / 2)
        stand_for(ax.scatter(x, rows.zero_slope, s=11, color=colour, alpha=0.4, lw=0), rows)
        mean = rows.groupby("width").zero_slope.mean()
        ax.plot(mean.index, mean, color=colour, marker=MARKERS[index % len(MARKERS)], ms=5, lw=1.4, label=net)
    ax.set(ylabel=f"share of {whole} with zero slope", ylim=(-0.04, 1.04))
    size_axis(ax, "width", table.width)
    return figure


def size_axis(ax: Axes, name: str, values: pd.Series[int]) -> None:
    """Give `ax` a logarithmic x axis with a tick at each of the whole numbers `values`, and put the legend beside it.

    A number that lies too close to the one before it on the axis has a tick without a number."""
    sizes = sorted(values.unique())
    ax.set(xscale="log", xlabel=name)
    ax.set_xticks(sizes, _apart(sizes))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _apart(sizes: Sequence[int]) -> list[str]:
    """The sizes in words; empty for those that would overlap with the last one written on a logarithmic axis."""
    nearest = (sizes[-1] / max(sizes[0], 1)) ** LEAST_GAP
    words, last = [], 0.0
    for size in sizes:
        words.append(str(size) if size >= nearest * last else "")
        last = size if words[-1] else last
    return words
