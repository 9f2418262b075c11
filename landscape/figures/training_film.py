"""Pictures of training as a film: fixed points over time, curves of what is measured, and surfaces at some of the times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from landscape.figures.scene import LOWEST_LOSS_DRAWN, scene_limits
from landscape.figures.theme import (
    BLUE,
    GREEN,
    INK,
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
)

ATTRACTING, OTHER = GREEN, ORANGE  # fixed points that attract, and those that do not
LEAST_LOSS_DRAWN = 1e-12  # smaller losses are rounding errors of float32
STRIP_FRAMES = 8  # surfaces of a film in print, at most
BESIDE_FIRST = 0.75  # of a decade: time 0 stands so far to the left of the first other time on a logarithmic axis
CURVES = {  # by the picture's title: columns of the moments, with their words, colours and line styles
    "Loss at the training points": {"loss": ("loss", BLUE, "-")},
    "Fixed points": {"fixed": ("all", ORANGE, "--"), "stable": ("attracting", GREEN, "-")},
    "Share of the training points": {
        "fixed_data": ("fixed", ORANGE, "--"),
        "attracting_data": ("attracting", GREEN, "-"),
    },
    "Where orbits end": {
        "copies": ("at a training point", GREEN, "-"),
        "spurious": ("at another attractor", SKY, "--"),
        "unsettled": ("at none", PURPLE, ":"),
    },
}


def at_time(times: pd.Series | np.ndarray | Sequence[float], first: float) -> np.ndarray:
    """Times on a logarithmic axis; time 0, which has no logarithm, a bit to the left of the first time after it."""
    values = np.asarray(times, dtype=float)
    return np.where(values > 0, values, first / 10**BESIDE_FIRST)


def first_after_zero(times: pd.Series | np.ndarray) -> float:
    """The first time above 0; 1 if there is none."""
    positive = np.asarray(times, dtype=float)
    positive = positive[positive > 0]
    return float(positive.min()) if len(positive) else 1.0


@drawn
def bifurcations(films: Mapping[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]], time: str = "step") -> Figure:
    """The fixed points over time, a picture per film: lines of the branches, solid and green where they attract.

    `films` holds by title the tables of branches, of training points and of events of one member. The height is the
    coordinate `along`, in the direction that tells the training points apart; rings on the right are the training points."""
    columns = min(2, len(films))
    rows = -(-len(films) // columns)
    figure, axes = new_grid(rows, columns, width=max(6.4, 4.6 * columns + 0.6), height=3.4 * rows + 0.6)
    for ax in axes.flat[len(films) :]:
        ax.set_axis_off()
    for ax, (title, (branches, points, events)) in zip(axes.flat, films.items(), strict=False):
        first = first_after_zero(points.time)
        for place in points.groupby("point").along.first():
            ax.axhline(place, color=MUTED, lw=0.7, alpha=0.5, zorder=1)
            ax.plot(
                [1.02], [place], "o", color=INK, mfc="none", ms=7, transform=ax.get_yaxis_transform(), clip_on=False
            )
        for _, branch in branches.groupby("branch"):
            _branch(ax, branch, first)
        _changes(ax, branches, events, first)
        time_axis(ax, points.time, first, time)
        ax.set_title(title, fontsize=9.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("position of the fixed point")
    handles = [
        Line2D([], [], color=ATTRACTING, lw=2.2, label="attracts"),
        Line2D([], [], color=OTHER, lw=1.3, ls="--", label="does not attract"),
        Line2D([], [], color=INK, marker="|", ms=9, mew=1.6, ls="none", label="born, or gone"),
        Line2D([], [], color=INK, marker="o", ms=7, mfc="none", ls="none", label="training point"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    roomy(figure)
    return figure


def _branch(ax: Axes, branch: pd.DataFrame, first: float) -> None:
    """A branch as dots at its times, joined by a line: solid between two times at which it attracts, else dashed."""
    x, y = at_time(branch.time, first), branch.along.to_numpy()
    attracts = (branch.stability == "stable").to_numpy()
    for k in range(len(x) - 1):
        solid = attracts[k] and attracts[k + 1]
        colour, width, style = (ATTRACTING, 2.2, "-") if solid else (OTHER, 1.3, (0, (3, 2)))
        ax.plot(x[k : k + 2], y[k : k + 2], color=colour, lw=width, ls=style, zorder=3 if solid else 2)
    for chosen, colour, marker, size in ((attracts, ATTRACTING, "o", 3.6), (~attracts, OTHER, "X", 4.2)):
        ax.plot(x[chosen], y[chosen], marker, color=colour, ms=size, mew=0.3, mec="white", ls="none", zorder=4)


def _changes(ax: Axes, branches: pd.DataFrame, events: pd.DataFrame, first: float) -> None:
    """A tick at each birth and each death of a branch."""
    for name, column in (("birth", "after"), ("death", "before")):
        chosen = events[events.event == name][["branch", column]].rename(columns={column: "time"})
        at = chosen.merge(branches, on=["branch", "time"])
        ax.plot(at_time(at.time, first), at.along, "|", color=INK, ms=9, mew=1.3, ls="none", zorder=5)


@drawn
def moments(films: Mapping[str, tuple[pd.DataFrame, int, pd.DataFrame]], time: str = "step") -> Figure:
    """Curves of what is measured over time: a row of pictures per film, as in CURVES.

    `films` holds by title the table of moments of all members, the member whose curve is bold, and its events on training
    points; a mark at the bottom is the time by which a training point begins to attract. Pale lines are the other members."""
    figure, axes = new_grid(len(films), len(CURVES), width=11.6, height=2.5 * len(films) + 0.4)
    for row, (title, (table, shown, events)) in zip(axes, films.items(), strict=True):
        first = first_after_zero(table.time)
        for ax, (name, curves) in zip(row, CURVES.items(), strict=True):
            for column, (word, colour, style) in curves.items():
                for member, own in table.groupby("member"):
                    bold = member == shown
                    look = {"lw": 1.9, "label": word} if bold else {"lw": 0.7, "alpha": 0.35}
                    values = own[column].clip(lower=LEAST_LOSS_DRAWN) if column == "loss" else own[column]
                    ax.plot(at_time(own.time, first), values, color=colour, ls=style, **look)
            begins = events[events.event == "becomes attracting"].after
            ax.plot(
                at_time(begins, first), np.full(len(begins), 0.03), "^", color=INK, ms=4.5, ls="none",
                transform=ax.get_xaxis_transform(), zorder=5,
            )  # fmt: skip
            time_axis(ax, table.time, first, time)
            ax.set_title(f"{title}\n{name}" if len(films) > 1 and ax is row[0] else name, fontsize=9)
            if name.startswith("Loss"):
                ax.set_yscale("log")
            elif name == "Fixed points":
                ax.set_ylim(bottom=0)
            else:
                ax.set_ylim(-0.04, 1.04)
            if len(curves) > 1:
                ax.legend(loc="best", fontsize=8.5, frameon=True, framealpha=0.85, edgecolor="none")
    roomy(figure)
    return figure


@drawn
def kept_over_time(runs: Mapping[str, pd.Series[float]], time: str = "step") -> Figure:
    """How many of the training points that once attracted still attract, as a share, over time: a line per title.

    `runs` holds the shares, by time, of each title."""
    figure, ax = new_figure(4.6, 3.4)
    times = np.concatenate([shares.index.to_numpy() for shares in runs.values()])
    first = first_after_zero(times)
    for (title, shares), colour in zip(runs.items(), PALETTE, strict=False):
        ax.plot(at_time(shares.index.to_numpy(), first), shares, color=colour, lw=2.2, label=title)
    time_axis(ax, times, first, time)
    ax.set(ylim=(-0.03, 1.03), ylabel="share still attracting")
    ax.legend(loc="lower left")
    return figure


@drawn
def film_strip(
    heights: np.ndarray,
    times: np.ndarray,
    extent: np.ndarray,
    branches: pd.DataFrame,
    spots: np.ndarray,
    time: str = "step",
) -> Figure:
    """The surface at up to STRIP_FRAMES of the times, with the fixed points there and the training points `spots` (M, 2).

    heights[t, r, c] is the loss at (x, y) = (c, r) of the rectangle `extent`, at times[t]; x1 and x2 are columns of
    `branches`, which may be empty."""
    chosen = telling_frames(heights, STRIP_FRAMES)
    columns = min(4, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, axes = new_grid(rows, columns, width=2.3 * columns + 1.2, height=2.35 * rows + 0.5)
    norm = LogNorm(*scene_limits([heights]))
    for ax in axes.flat[len(chosen) :]:
        ax.set_axis_off()
    for ax, t in zip(axes.flat, chosen, strict=False):
        shown = np.maximum(heights[t], LOWEST_LOSS_DRAWN)
        ax.imshow(shown, origin="lower", extent=tuple(extent), norm=norm, cmap=SEQUENTIAL, interpolation="bilinear")
        ax.plot(*spots.T, "o", color="white", mfc="none", ms=10, mew=1.2)
        now = branches[branches.time == times[t]] if "x2" in branches else branches[:0]
        for attracts, colour, marker in ((True, ATTRACTING, "o"), (False, OTHER, "X")):
            own = now[(now.stability == "stable") == attracts]
            if len(own):
                ax.plot(own.x1, own.x2, marker, color=colour, ms=5.5, mec="white", mew=0.7, ls="none")
        ax.set_title(f"{time} {times[t]:,.0f}" if times[t] == round(times[t]) else f"{time} {times[t]:g}", fontsize=9)
        ax.set(xlim=extent[:2], ylim=extent[2:])
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(visible=False)
    figure.colorbar(ScalarMappable(norm, SEQUENTIAL), ax=list(axes.flat), label="loss", shrink=0.8)
    handles = [
        Line2D([], [], color=ATTRACTING, marker="o", ms=6, mec="white", ls="none", label="fixed point that attracts"),
        Line2D([], [], color=OTHER, marker="X", ms=6, mec="white", ls="none", label="other fixed point"),
        Line2D([], [], color=INK, marker="o", ms=8, mfc="none", ls="none", label="training point"),
    ]
    figure.legend(handles=handles if "x2" in branches else handles[2:], loc="outside lower center", ncols=3)
    roomy(figure)
    return figure


def telling_frames(heights: np.ndarray, count: int) -> list[int]:
    """Up to `count` frames, the first and the last among them, between which the surface changes by about equal amounts."""
    logs = np.log10(np.maximum(np.nan_to_num(heights, nan=1.0, posinf=1.0), LOWEST_LOSS_DRAWN))
    change = np.abs(np.diff(logs, axis=0)).mean((1, 2)) + 1e-9
    passed = np.concatenate([[0], np.cumsum(change)])
    goals = np.linspace(0, passed[-1], min(count, len(heights)))
    return sorted({int(np.abs(passed - goal).argmin()) for goal in goals})


def time_axis(ax: Axes, times: pd.Series | np.ndarray, first: float, name: str) -> None:
    """A logarithmic axis of time, with a tick for 0 where the times begin with it."""
    ax.set(xscale="log", xlabel=name)
    last = float(np.max(np.asarray(times, dtype=float)))
    powers = [10.0**k for k in range(-6, 12) if first <= 10.0**k <= last]
    ticks = powers if len(powers) > 1 else [first, last]
    if np.min(np.asarray(times, dtype=float)) == 0:
        ticks = [first / 10**BESIDE_FIRST, *ticks]
        words = ["0", *(f"{tick:,.4g}" for tick in ticks[1:])]
    else:
        words = [f"{tick:,.4g}" for tick in ticks]
    ax.set_xticks(ticks, words)
    ax.xaxis.set_minor_locator(NullLocator())
