"""Pictures of samples under iteration: how they settle and jump, and how near they come to the training data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from landscape.figures.bars import label_bars, stacked_bars
from landscape.figures.theme import (
    AMBER,
    BLACK,
    BLUE,
    GREEN,
    MARKERS,
    MUTED,
    ORANGE,
    PALETTE,
    PURPLE,
    SKY,
    drawn,
    new_figure,
    new_grid,
    roomy,
)

MEMORISATION_COLOURS = {"copies": ORANGE, "generalises": GREEN, "collapsed": PURPLE, "underfit": AMBER, "mixed": SKY}
ANSWER_COLOURS = {
    "copying": {"copies": ORANGE, "undecided": SKY, "does not copy": GREEN},
    "variety": {"collapsed": PURPLE, "undecided": SKY, "varied": GREEN},
}
DASHES = ("--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))


@drawn
def burn_in_curves(table: pd.DataFrame, *, by: str = "", references: Mapping[str, float] | None = None) -> Figure:
    """A figure of the residual and the distance to the nearest training point against the iteration.

    Lines are medians over members, bands their interquartile ranges. `table` has the columns iteration, member, residual and
    distance, and a row for each member and iteration; each value of the column `by` has its line. `references` are distances by
    name, such as that of held-out data, and are drawn dashed."""
    groups = sorted(table[by].unique()) if by else [""]
    figure, axes = new_grid(1, 2, width=8.4, height=3.7, sharex=True)
    views = ("residual", "residual |f(x) − x|"), ("distance", "distance to nearest training point")
    for ax, (column, label) in zip(axes[0], views, strict=True):
        for index, group in enumerate(groups):
            rows = table[table[by] == group] if by else table
            _median_and_band(ax, rows, column, index, f"{group:g}" if isinstance(group, int | float) else str(group))
        ax.set(xlabel="iteration", ylabel=label, xscale="symlog", xlim=(0, max(table.iteration.max(), 1)))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.xaxis.set_minor_locator(NullLocator())
    axes[0, 0].set_yscale("log")
    axes[0, 1].set_ylim(bottom=0)
    for name, value in (references or {}).items():
        _reference(axes[0, 1], name, value)
    if by:
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, title=by, loc="outside lower center", ncols=min(6, len(groups)))
    return figure


@drawn
def jumps_by_noise(table: pd.DataFrame, *, marked: float | None = None) -> Figure:
    """A figure of jumps per 100 iterations against the noise amplitude ε: a line for each kind of noise.

    `table` has the columns jump, noise, amplitude, rate, low and high, and a row for each point; low and high bound the 95 %
    interval or are NaN. Each value of the column `jump`, which says what counts as a jump, has its own axes. The axis of ε is
    logarithmic, and ε = 0 stands at its left, beyond a break. The axis of the rate is linear up to 1 and logarithmic above.
    `marked` is an amplitude to point out, such as the paper's. Raises ValueError if no amplitude is above 0."""
    positive = table.amplitude[table.amplitude > 0]
    if positive.empty:
        raise ValueError("`table` needs at least one amplitude above 0; got none.")
    zero, counted = positive.min() / 10, list(table.jump.unique())
    figure, axes = new_grid(1, len(counted), width=1.6 + 3.7 * len(counted), height=3.6, sharex=True, sharey=True)
    for ax, jump in zip(axes[0], counted, strict=True):
        _rates(ax, table[table.jump == jump], zero)
        if marked is not None:
            ax.axvline(marked, color=MUTED, lw=0.9, ls="--", zorder=1)
        ax.set(title=jump, xscale="log", xlabel="amplitude of the noise, ε")
        ax.set_xlim(zero / 1.8, positive.max() * 1.6)
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(-0.15, max(1.5, 1.35 * np.nan_to_num(table[["rate", "high"]].to_numpy(float)).max()))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        _zero_beyond_a_break(ax, zero, positive)
    axes[0, 0].set_ylabel("jumps per 100 iterations")
    axes[0, -1].legend(title="noise", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def nearest_pairs(
    samples: np.ndarray,
    neighbours: np.ndarray,
    distance: np.ndarray,
    *,
    pairs: int = 16,
    columns: int = 4,
    limits: tuple[float, float],
    label: str = "distance",
    above: str = "sample",
) -> Figure:
    """A figure of samples above their nearest training images, from the nearest pair to the farthest, with their distances.

    `samples` and `neighbours` are (S, h, w) or (S, h, w, 3) with values in `limits`; `distance` is (S,). If there are more than
    `pairs` samples, those at equally spaced ranks are drawn, the nearest and the farthest among them: `columns` in
    a panel, and two panels in a row. `label` names the numbers of `distance`, and `above` what a sample is."""
    order = np.argsort(distance, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(pairs, len(order))).round().astype(int))]
    columns = min(columns, len(chosen))
    panels = -(-len(chosen) // columns)
    rows, across = -(-panels // 2), min(2, panels)
    figure, axes = new_grid(rows, across, width=1.2 + 0.62 * columns * across, height=0.25 + 1.7 * rows)
    axes.flat[-1].set_visible(panels == axes.size)  # of the last row of two
    for panel, ax in enumerate(axes.flat[:panels]):
        part = chosen[panel * columns : (panel + 1) * columns]
        shown = _shown(samples[part], limits), _shown(neighbours[part], limits)
        _pairs(ax, *shown, distance[part], columns, (above, label))
        ax.tick_params(labelleft=panel % across == 0)
    roomy(figure)
    return figure


@drawn
def distance_distributions(table: pd.DataFrame, *, label: str = "distance to nearest training point") -> Figure:
    """A figure of the share of points within a distance of their nearest training point: a curve for each source.

    `table` has the columns source and distance, and a row for each point. The source 'samples' is drawn thick, 'held out'
    black, and any other, which is a control, dashed. Sources keep the order in which they first appear."""
    figure, ax = new_figure(6.6, 3.8)
    sources = list(table.source.unique())
    controls = [source for source in sources if source not in ("samples", "held out")]
    for source in sources:
        values = table.distance[table.source == source].dropna()
        if source in controls:
            index = controls.index(source)
            colour, style, width = (ORANGE, GREEN, PURPLE, AMBER, SKY)[index % 5], DASHES[index % 5], 1.5
        else:
            colour, style, width = (BLUE, "-", 2.6) if source == "samples" else (BLACK, "-", 1.6)
        words = f"{source} ({len(values):,})"
        if len(values):
            ax.ecdf(values, color=colour, ls=style, lw=width, label=words)
        else:
            ax.plot([], color=colour, ls=style, lw=width, label=words)
    ax.set(xlabel=label, ylabel="share within", ylim=(-0.02, 1.02))
    if table.distance.notna().any():
        ax.set_xlim(left=min(0.0, table.distance.min()) - 0.01 * table.distance.max())
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


@drawn
def verdict_shares(table: pd.DataFrame, *, setting: str, words: Mapping[str, str] = MEMORISATION_COLOURS) -> Figure:
    """A figure of the share of members with each verdict: a bar for each setting, stacked in the order of `words`.

    `table` has the columns verdict and `setting`, and a row for each member. `words` maps each verdict to its colour. The
    numbers in the bars count members. Settings keep the order in which they first appear, from the top. Raises ValueError for a
    verdict that `words` lacks."""
    if unknown := set(table.verdict) - set(words):
        raise ValueError(f"`verdict` must be one of {', '.join(words)}; got {', '.join(sorted(map(str, unknown)))}.")
    counts = pd.crosstab(table[setting], table.verdict).reindex(index=table[setting].unique(), columns=list(words))
    counts = counts.fillna(0).astype(int)
    figure, ax = new_figure(6.8, 1.3 + 0.36 * len(counts))
    shares = counts.div(counts.sum(axis=1), axis=0)
    for word, bars in zip(words, stacked_bars(ax, shares, list(words.values())), strict=True):
        texts = [str(count) if part > 0.04 else "" for count, part in zip(counts[word], shares[word], strict=True)]
        label_bars(ax, bars, texts)
    ax.set(xlim=(0, 1), xlabel="share of members", ylabel=setting)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    figure.legend(loc="outside lower center", ncols=len(words))
    roomy(figure)
    return figure


@drawn
def training_curve(
    table: pd.DataFrame, published: pd.DataFrame, *, references: Mapping[str, float] | None = None
) -> Figure:
    """A figure of the training loss against the optimiser step: a line for each member, and the published points.

    `table` has the columns step, member and loss, `published` step and loss. `references` are losses by name, such as that of
    the mean image, and are drawn dashed."""
    figure, ax = new_figure(6.4, 3.8)
    members = table.member.unique()
    for index, (_, rows) in enumerate(table.groupby("member")):
        name = f"here ({len(members)} members)" if len(members) > 1 else "here"
        ax.plot(
            rows.step,
            rows.loss,
            color=BLUE,
            lw=1.6 if len(members) == 1 else 0.9,
            alpha=0.85,
            label="" if index else name,
        )
    ax.plot(
        published.step, published.loss, "D", color=ORANGE, ms=5.5, mec="white", mew=0.8, label="published", zorder=4
    )
    for name, value in (references or {}).items():
        _reference(ax, name, value)
    ax.set(xlabel="optimiser step", ylabel="training loss", yscale="log")
    ax.set_xlim(left=-0.01 * max(table.step.max(), published.step.max()))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.legend(loc="upper right")
    return figure


def _median_and_band(ax: Axes, rows: pd.DataFrame, column: str, index: int, label: str) -> None:
    quartiles = rows.groupby("iteration")[column].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    colour = PALETTE[index % len(PALETTE)]
    ax.fill_between(quartiles.index, quartiles[0.25], quartiles[0.75], color=colour, alpha=0.2, lw=0)
    ax.plot(quartiles.index, quartiles[0.5], color=colour, marker=MARKERS[index % 7], markevery=0.12, ms=4, label=label)


def _rates(ax: Axes, table: pd.DataFrame, zero: float) -> None:
    """Draw the rates of each kind of noise. The rates at amplitude 0 stand side by side around `zero`."""
    kinds = list(table.noise.unique())
    for index, kind in enumerate(kinds):
        rows = table[table.noise == kind].sort_values("amplitude")
        x = rows.amplitude.where(rows.amplitude > 0, zero * 1.09 ** (index - (len(kinds) - 1) / 2))
        beyond, colour, marker = rows.amplitude > 0, PALETTE[index % 8], MARKERS[index % len(MARKERS)]
        ax.fill_between(x[beyond], rows.low[beyond], rows.high[beyond], color=colour, alpha=0.2, lw=0)
        ax.plot(x[beyond], rows.rate[beyond], color=colour, marker=marker, ms=4.5, label=kind)
        without = rows[~beyond]
        ax.errorbar(
            x[~beyond], without.rate, [without.rate - without.low, without.high - without.rate], color=colour, marker=marker,
            ms=4.5, capsize=3, lw=1.2, ls="none",
        )  # fmt: skip


def _reference(ax: Axes, name: str, value: float) -> None:
    ax.axhline(value, color=MUTED, lw=0.9, ls="--", zorder=1)
    ax.annotate(
        name, (1, value), (-2, 2), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right", va="bottom",
        fontsize=8.5, color=MUTED,
    )  # fmt: skip


def _zero_beyond_a_break(ax: Axes, zero: float, positive: pd.Series[float]) -> None:
    """Label the logarithmic x axis at `zero` as 0, and cut it off from the decades by a break."""
    decades = 10.0 ** np.arange(np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max())) + 1)
    decades = decades[(decades >= 0.9 * positive.min()) & (decades <= 1.1 * positive.max())]
    ax.set_xticks([zero, *decades], ["0", *(f"{decade:g}" for decade in decades)])
    ax.xaxis.set_minor_locator(NullLocator())
    cut = float(np.sqrt(zero * positive.min()))
    ax.axvspan(cut / 1.12, cut * 1.12, ymin=-0.03, ymax=0.03, color="white", zorder=6, clip_on=False)
    for x in (cut / 1.12, cut * 1.12):
        ax.plot(
            [x / 1.06, x * 1.06],
            [-0.025, 0.025],
            color=MUTED,
            lw=1,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            zorder=7,
        )


def _shown(images: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Images as RGB in 0…1, black and white at the `limits`: (S, h, w, 3)."""
    low, high = limits
    share = np.clip((np.asarray(images, dtype=float) - low) / (high - low), 0, 1)
    return share[..., None].repeat(3, -1) if share.ndim == 3 else share


def _pairs(
    ax: Axes, samples: np.ndarray, neighbours: np.ndarray, distance: np.ndarray, columns: int, words: tuple[str, str]
) -> None:
    """Draw a row of pairs on `ax` as a single image, through whose gaps the ground is seen.

    `words` name the samples and the numbers."""
    _, height, width, _ = samples.shape
    gap = max(1, round(width / 9))
    sheet = np.ones((2 * height + gap, columns * (width + gap) - gap, 4))
    sheet[..., 3] = 0
    for index, (sample, neighbour) in enumerate(zip(samples, neighbours, strict=True)):
        left = index * (width + gap)
        for top, image in ((0, sample), (height + gap, neighbour)):
            sheet[top : top + height, left : left + width, :3] = image
            sheet[top : top + height, left : left + width, 3] = 1
        ax.text(
            left + width / 2 - 0.5,
            2 * height + 3 * gap,
            f"{distance[index]:.3g}",
            ha="center",
            va="center",
            fontsize=8.5,
        )
    ax.imshow(sheet, interpolation="nearest")
    middles = [height / 2 - 0.5, 1.5 * height + gap - 0.5]
    ax.set_yticks([*middles, 2 * height + 3 * gap], [words[0], "nearest", words[1]])
    ax.tick_params(length=0)
    ax.set_xticks([])
    ax.grid(visible=False)
    ax.set_ylim(2 * height + 5 * gap, -0.5)
    ax.spines[:].set_visible(False)
