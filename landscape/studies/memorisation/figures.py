"""Pictures of memorisation: statistics of samples by setting, mixtures with a given share of copies, and twins."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator, SymmetricalLogLocator

from landscape.figures.rows import stand_for
from landscape.figures.samples import DASHES, MEMORISATION_COLOURS
from landscape.figures.theme import BLUE, GRID, MARKERS, MUTED, ORANGE, PALETTE, SKY, drawn, new_figure, new_grid, roomy

# A statistic with a larger absolute value, as C_T of copies has, gets an axis that is logarithmic outside ±1.
MAX_LINEAR = 20.0
LABEL_LETTERS = 44  # in a line of a setting's name
TWIN_COLUMNS = {"agreement": ("twins agree", BLUE), "chance": ("agree by chance", MUTED), "copied": ("copies", ORANGE)}


@drawn
def statistics_by(
    table: pd.DataFrame,
    *,
    x: str,
    line: str = "",
    statistics: Mapping[str, str],
    references: Mapping[str, float],
    log_x: bool = True,
) -> Figure:
    """Statistics against the column `x`, axes per statistic, at most four in a row.

    `table` has a row per member and the columns `x`, `line` (if given) and those of `statistics`, which maps a column to the
    label of its axis. A line per value of the column `line` shows medians over members, a band or bar the quartiles. Values
    that are not finite are left out; a statistic without a finite value says 'no value'. Dashed: `references`, a number per
    statistic. Ticks are the values of `x`, with as many numbers as fit. A statistic with a value beyond ±20 has an axis that
    is linear within ±1 and logarithmic outside. Raises ValueError if `log_x` and a value of `x` is not above 0."""
    table = table.replace([np.inf, -np.inf], np.nan).dropna(subset=[x, line] if line else [x])
    if log_x and not (table[x] > 0).all():
        raise ValueError(f"`{x}` must be above 0 on a logarithmic axis; got {table[x].min():g}. Pass log_x=False.")
    lines = _in_order(table[line]) if line else [""]
    columns = min(4, len(statistics))
    rows = -(-len(statistics) // columns)
    figure, axes = new_grid(rows, columns, width=max(4.6, 0.6 + 2.75 * columns), height=0.6 + 2.6 * rows)
    for ax in axes.flat[len(statistics) :]:
        ax.remove()
    for ax, (column, label) in zip(axes.flat, statistics.items(), strict=False):
        ax.set(xlabel=x, ylabel=label)
        _ticks_at(ax, np.unique(table[x].to_numpy(float)), log_x, figure.get_figwidth() / columns - 0.75)
        if table[column].isna().all():
            _say_no_value(ax)
            continue
        for index, value in enumerate(lines):
            chosen = table[table[line] == value] if line else table
            aside = _aside(index, len(lines)) if table[x].nunique() == 1 else 0.0
            _median_and_spread(ax, chosen, x, column, _look(index), aside)
        if column in references:
            ax.axhline(references[column], color=MUTED, lw=1, ls="--", zorder=1)
        _far(ax, table[column])
    if line and lines:
        _line_legend(figure, line, lines)
    roomy(figure)
    return figure


def _say_no_value(ax: Axes) -> None:
    ax.text(
        0.5, 0.5, "no value", transform=ax.transAxes, ha="center", va="center", color=MUTED, backgroundcolor="white"
    )
    ax.set_yticks([])


def _line_legend(figure: Figure, title: str, lines: list[Any]) -> None:
    """A legend of the lines' values, in as many columns as fit the figure."""
    handles = [Line2D([], [], label=_name(value), **_look(index)) for index, value in enumerate(lines)]
    fitting = int(figure.get_figwidth() / (0.7 + 0.07 * max(len(_name(value)) for value in lines)))
    figure.legend(handles=handles, title=title, loc="outside lower center", ncols=max(1, min(fitting, len(lines))))


@drawn
def loss_and_distance(
    table: pd.DataFrame,
    *,
    limit: float,
    words: Mapping[str, str] = MEMORISATION_COLOURS,
    near: tuple[float, float] | None = (0.8, 1.2),
) -> Figure:
    """The samples' median distance over that of held-out points, against the training loss: a dot per member, by verdict.

    `table` has a row per member and the columns training_loss, distance_ratio and verdict; `words` maps a verdict to its
    colour. Dashed: `limit`, the loss above which a network underfits, and the ratio 1 of held-out points. The band is `near`.
    The legend counts the dots. A member with an infinite or missing ratio, or with a loss that has no finite logarithm, is
    counted in the corner instead. If a ratio is above 20, the axis is logarithmic above 1. Raises ValueError for a verdict
    that is not among `words`."""
    if unknown := set(table.verdict) - set(words):
        raise ValueError(f"`verdict` must be one of {', '.join(words)}; got {', '.join(sorted(map(str, unknown)))}.")
    drawn = np.isfinite(table.distance_ratio) & np.isfinite(table.training_loss) & (table.training_loss > 0)
    dots = table[drawn]
    figure, ax = new_figure(6.2, 4.4)
    if near is not None:
        ax.axhspan(*near, color=GRID, lw=0, zorder=0, label=f"near held out ({near[0]:g} to {near[1]:g})")
    _verdict_dots(ax, dots, words)
    ax.axvline(limit, color=MUTED, lw=1, ls="--", zorder=1)
    ax.axhline(1, color=MUTED, lw=1, ls="--", zorder=1)
    ax.set(xscale="log", xlabel="training loss", ylabel="median distance / held-out's")
    _beyond(ax, "held out", 1)
    ax.annotate(
        "underfit →", (limit, 1), (-2, 3), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=8.5,
        color=MUTED,
    )  # fmt: skip
    _far(ax, dots.distance_ratio)
    if absent := len(table) - len(dots):
        ax.margins(y=0.14)
        box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.85}
        note = f"{absent} not drawn (not finite)"
        ax.text(0.015, 0.98, note, transform=ax.transAxes, va="top", fontsize=8.5, color=MUTED, bbox=box)
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    roomy(figure)
    return figure


def _verdict_dots(ax: Axes, dots: pd.DataFrame, words: Mapping[str, str]) -> None:
    for index, (word, colour) in enumerate(words.items()):
        rows = dots[dots.verdict == word]
        if len(rows):
            (marks,) = ax.plot(
                rows.training_loss, rows.distance_ratio, MARKERS[index % len(MARKERS)], color=colour, ms=6, alpha=0.8,
                mec="white", mew=0.6, label=f"{word} ({len(rows)})",
            )  # fmt: skip
            stand_for(marks, rows)


@drawn
def mixture_curves(table: pd.DataFrame, *, limits: Mapping[str, float]) -> Figure:
    """The estimated share of copies, authenticity and C_T of mixtures, against their true share of copies: three axes.

    `table` has a row per member and share, and the columns member, share (true, 0 to 1), copied (estimated), authenticity and
    c_t. Thin lines are members, the thick line is their median. Values that are not finite are left out. Dashed: the true
    share, and `limits`, a number per column. If a C_T is beyond ±20, its axis is logarithmic outside ±1."""
    views = {"copied": "share of copies found", "authenticity": "authenticity", "c_t": "C_T"}
    table = table.replace([np.inf, -np.inf], np.nan).sort_values("share")
    members = table.member.nunique()
    figure, axes = new_grid(1, 3, width=9.0, height=3.5)
    dashed: dict[str, Any] = {"color": MUTED, "lw": 1, "ls": "--", "zorder": 1}
    for ax, (column, label) in zip(axes[0], views.items(), strict=True):
        rows = table.dropna(subset=["share", column])
        for _, curve in rows.groupby("member"):
            ax.plot(curve.share, curve[column], color=SKY, lw=0.8, alpha=0.8)
        middle = rows.groupby("share")[column].median()
        ax.plot(middle.index, middle, color=BLUE, lw=2.4, marker="o", ms=4.5)
        if column in limits:
            ax.axhline(limits[column], **dashed)
        ax.set(xlabel="true share of copies", ylabel=label, xlim=(-0.03, 1.03))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        _far(ax, rows[column])
    axes[0, 0].plot([0, 1], [0, 1], **dashed)
    axes[0, 0].set_ylim(-0.03, 1.03)
    axes[0, 0].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes[0, 1].set_ylim(bottom=-0.02)
    handles = [
        Line2D([], [], color=SKY, lw=0.8, label="a member"),
        Line2D([], [], color=BLUE, lw=2.4, marker="o", ms=4.5, label=f"median of {members}"),
        Line2D([], [], label="true share, or limit", **dashed),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    roomy(figure)
    return figure


@drawn
def twin_figure(table: pd.DataFrame, *, setting: str) -> Figure:
    """How often twins agree, how often they would by chance, and how often both copy: means with normal 95 % intervals.

    `table` has a row per member and the columns `setting`, agreement, chance and copied, the last three being shares of pairs.
    Settings stand from the top in the order in which they first appear. A setting of a single member has no interval, and
    intervals end at 0 and 100 %. Values that are not finite are left out; a setting without a finite value says 'no value'."""
    names = [name for name in table[setting].unique() if pd.notna(name)]
    labels = [textwrap.fill(_name(name), LABEL_LETTERS) for name in names]
    longest = max((len(part) for label in labels for part in label.split("\n")), default=0)
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    figure, ax = new_figure(5.0 + 0.075 * longest, 1.3 + max(1, len(names)) * (0.26 + 0.14 * lines))
    grouped = table.replace([np.inf, -np.inf], np.nan).groupby(setting, sort=False)[list(TWIN_COLUMNS)]
    mean = grouped.mean().reindex(names)
    error = 1.96 * grouped.std(ddof=1) / grouped.count() ** 0.5
    for index, (column, (label, colour)) in enumerate(TWIN_COLUMNS.items()):
        middle, half = mean[column].to_numpy(float), error[column].reindex(names).to_numpy(float)
        ends = [middle - (middle - half).clip(min=0), (middle + half).clip(max=1) - middle]
        ax.errorbar(
            middle, np.arange(len(names)) + 0.22 * (index - 1), xerr=ends, ls="none", color=colour, marker=MARKERS[index],
            ms=5.5, mec="white", mew=0.5, elinewidth=1.4, capsize=2.5, label=label,
        )  # fmt: skip
    for place in np.flatnonzero(mean.isna().all(axis=1)):
        ax.text(
            0.5, float(place), "no value", ha="center", va="center", fontsize=8.5, color=MUTED, backgroundcolor="white"
        )
    ax.set_yticks(range(len(names)), labels)
    ax.set(xlim=(-0.02, 1.02), ylim=(max(1, len(names)) - 0.5, -0.5), xlabel="share of pairs", ylabel=setting)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    handles = [
        Line2D([], [], **_look(index) | {"color": colour, "ls": ""}, label=label)
        for index, (label, colour) in enumerate(TWIN_COLUMNS.values())
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(TWIN_COLUMNS))
    roomy(figure)
    return figure


def _in_order(values: pd.Series[Any]) -> list[Any]:
    """The distinct values: numbers in ascending order, words in order of appearance."""
    distinct = values.unique().tolist()
    return sorted(distinct) if pd.api.types.is_numeric_dtype(values) else distinct


def _name(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _look(index: int) -> dict[str, Any]:
    again, first = divmod(index, len(PALETTE))
    style = "-" if again == 0 else DASHES[(again - 1) % len(DASHES)]
    return {"color": PALETTE[first], "marker": MARKERS[first], "ms": 4.5, "ls": style}


def _median_and_spread(ax: Axes, rows: pd.DataFrame, x: str, column: str, look: dict[str, Any], aside: float) -> None:
    """Draw the median and the quartiles for each x: a line over a band, or for a single x a bar, shifted by `aside`."""
    quartiles = rows.dropna(subset=[column]).groupby(x)[column].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    if quartiles.empty:
        return
    place, (low, middle, high) = quartiles.index.to_numpy(float), quartiles.to_numpy().T
    if len(quartiles) == 1:
        place = place * 2**aside if ax.get_xscale() == "log" else place + aside
        ax.errorbar(place, middle, [middle - low, high - middle], capsize=2.5, elinewidth=1.2, **look)
    else:
        ax.fill_between(place, low, high, color=look["color"], alpha=0.18, lw=0)
        ax.plot(place, middle, **look)


def _aside(index: int, lines: int) -> float:
    """The shift, from −.5 to .5, that keeps lines of a single x apart."""
    return (index - (lines - 1) / 2) / max(1, lines - 1)


def _ticks_at(ax: Axes, values: np.ndarray, log: bool, inches: float) -> None:
    """Put ticks at `values` in axes that are `inches` wide.

    The two ends have numbers, and so has every tick between whose number touches no other."""
    if log:
        ax.set_xscale("log")
    places = np.log2(values) if log else values
    room = 0.07 * np.ptp(places) if len(places) > 1 else 1.0
    names = [f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e6 else f"{value:g}" for value in values]
    wide = 0.075 * np.array([len(name) - name.count(",") / 2 + 0.8 for name in names])
    at = inches * (places - places[:1]) / (np.ptp(places) + 2 * room) if len(places) else places
    shown: list[int] = []
    for index in dict.fromkeys([0, len(values) - 1, *range(len(values))] if len(values) else []):
        if all(abs(at[index] - at[other]) >= (wide[index] + wide[other]) / 2 for other in shown):
            shown.append(index)
    ax.set_xticks(values, [name if index in shown else "" for index, name in enumerate(names)])
    ax.xaxis.set_minor_locator(NullLocator())
    if len(values):
        left, right = places[0] - room, places[-1] + room
        ax.set_xlim((2**left, 2**right) if log else (left, right))


def _far(ax: Axes, values: pd.Series[float]) -> None:
    """Make the y axis logarithmic outside ±1 if a value lies beyond ±MAX_LINEAR."""
    if not (values.abs() > MAX_LINEAR).any():
        return
    subs = (1, 3) if values.abs().max() < 1000 else (1,)
    ax.set_yscale("symlog", linthresh=1, linscale=0.6)
    ax.autoscale_view(scalex=False)  # else the margins stay those of the linear scale
    ax.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=subs))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))


def _beyond(ax: Axes, name: str, value: float) -> None:
    """Write the name of a height to the right of the axes, where there are no dots."""
    ax.annotate(
        name, (1, value), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", fontsize=8.5,
        color=MUTED,
    )  # fmt: skip
