"""Pictures that set ordinary, injective and leaky networks beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from landscape.claims import mean_interval
from landscape.figures.lines import stretches
from landscape.figures.theme import BLACK, BLUE, GREEN, INK, MUTED, ORANGE, drawn, new_figure, new_grid, roomy
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, LAYERS, LEAKY, ORDINARY

COLOURS = {ORDINARY: BLUE, INJECTIVE: ORANGE, LEAKY: GREEN}
MARKS = {ORDINARY: "o", INJECTIVE: "s", LEAKY: "^"}


@dataclass(frozen=True, eq=False)
class LearnedMap:
    """A map on the line: its values `y` at `x`, where its slope is exactly `zero`, and its training points."""

    title: str
    x: np.ndarray
    y: np.ndarray
    zero: np.ndarray
    points: np.ndarray


@drawn
def maps_side_by_side(maps: Sequence[LearnedMap]) -> Figure:
    """f(x) against x, axes per map: stretches of exactly no slope are thick, dots are training points, dashes are f(x) = x."""
    figure, axes = new_grid(1, len(maps), width=3.0 * len(maps), height=3.5, sharex=True, sharey=True)
    for ax, one in zip(axes.flat, maps, strict=True):
        ax.plot(one.x[[0, -1]], one.x[[0, -1]], color=MUTED, lw=0.9, ls="--")
        ax.plot(one.x, one.y, color=BLUE, lw=1.8)
        for first, last in stretches(one.zero):
            ax.plot(one.x[first : last + 1], one.y[first : last + 1], color=ORANGE, lw=5, solid_capstyle="butt")
        ax.plot(one.points, one.points, "o", color=BLACK, ms=5, zorder=3)
        ax.set(title=one.title, xlabel="x", xlim=(one.x[0], one.x[-1]))
    axes.flat[0].set_ylabel("f(x)")
    handles = [
        Line2D([], [], color=BLUE, lw=1.8, label="the map"),
        Line2D([], [], color=ORANGE, lw=5, label="exactly no slope"),
        Line2D([], [], color=BLACK, ls="", marker="o", ms=5, label="training point"),
        Line2D([], [], color=MUTED, lw=0.9, ls="--", label="f(x) = x"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@drawn
def differences(changes: pd.DataFrame) -> Figure:
    """Changes of shares in percentage points with 95 % intervals: a row per measure, a mark per kind of other layers."""
    names = list(dict.fromkeys(changes.measure))
    figure, ax = new_figure(5.6, 0.9 + 0.5 * len(names))
    others = list(dict.fromkeys(changes.other))
    for place, other in enumerate(others):
        rows = changes[changes.other == other]
        y = np.array([names.index(name) for name in rows.measure]) + 0.24 * (place - (len(others) - 1) / 2)
        middle = 100 * rows.change.to_numpy(float)
        reach = np.abs(100 * rows[["low", "high"]].to_numpy(float).T - middle)
        ax.errorbar(
            middle, y, xerr=reach, fmt=MARKS[other], color=COLOURS[other], ms=5, lw=1.4, capsize=3,
            label=f"less {other} networks",
        )  # fmt: skip
    ax.axvline(0, color=INK, lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -0.5), xlabel="injective less others, points")
    roomy(figure)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@drawn
def shares_by_depth(table: pd.DataFrame, column: str, label: str) -> Figure:
    """The mean of a share against depth, axes per number of parameters, a line per kind of layers, with 95 % intervals.

    `table` has the columns layers, hidden, budget, seed and `column`; a depth with fewer than two networks has no mark."""
    budgets = sorted(table.budget.unique())
    figure, axes = new_grid(1, len(budgets), width=1.2 + 2.2 * len(budgets), height=3.1, sharex=True, sharey=True)
    depths = sorted(table.hidden.unique())
    for ax, budget in zip(axes.flat, budgets, strict=True):
        for place, layers in enumerate(name for name in LAYERS if (table.layers == name).any()):
            rows = table[(table.budget == budget) & (table.layers == layers)]
            groups = [(depth, rows[rows.hidden == depth]) for depth in depths]
            found = [
                (depth, mean_interval(own[column], own.seed, bounds=(0.0, 1.0)))
                for depth, own in groups
                if own.seed.nunique() > 1
            ]
            if not found:
                continue
            x = np.array([depth for depth, _ in found]) * 1.05 ** (place - 1)
            middle = np.array([one.estimate for _, one in found])
            reach = np.abs(np.array([[one.low, one.high] for _, one in found]).T - middle)
            ax.errorbar(
                x, middle, reach, color=COLOURS[layers], marker=MARKS[layers], ms=5, lw=1.4, capsize=3, label=layers
            )
        ax.set(title=f"{budget:,} parameters", xscale="log", ylim=(-0.04, 1.04), xlabel="hidden layers")
        ax.set_xticks(depths, [str(depth) for depth in depths])
        ax.xaxis.set_minor_locator(NullLocator())
    axes.flat[0].set_ylabel(label)
    named = {name: handle for ax in axes.flat for handle, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=3)
    return figure
