"""Pictures of networks from outside: where orbits end, what is returned, slopes, the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landscape.figures.bars import stacked_bars
from landscape.figures.images import tiled
from landscape.figures.theme import (
    ARRIVED,
    BLACK,
    BLUE,
    INK,
    MOVING,
    MUTED,
    PURPLE,
    SKY,
    as_written,
    drawn,
    new_grid,
    roomy,
)

# The ends of orbits, by column, with their words and colours.
END_WORDS = {
    "at_training": ("at a data point", ARRIVED),
    "elsewhere": ("at another attractor", PURPLE),
    "still": ("at rest, nothing attracts", SKY),
    "moving": ("still moving", MOVING),
    "outside": ("outside the range", BLACK),
}
STRIP = (0, 1, 5)  # iterations in the strip of images, before the last
STRIP_ORBITS = 4
Arrays = dict[str, np.ndarray]


@drawn
def where_orbits_end(ends: pd.DataFrame, by: str = "name") -> Figure:
    """A figure of the shares of orbits by where they end: a bar per kind of start, a picture per value of the column `by`."""
    names = list(ends[by].unique())
    figure, axes = new_grid(1, len(names), width=2.0 + 3.4 * len(names), height=2.6, sharex=True)
    for ax, name in zip(axes[0], names, strict=True):
        _bars(ax, ends[ends[by] == name].set_index("start"))
        ax.set_title(name)
    _legend(figure, axes[0, 0])
    return figure


@drawn
def strips(ends: pd.DataFrame, pictures: Mapping[str, Arrays]) -> Figure:
    """A figure with two rows per network: images of four orbits from noise with the data nearest to their ends, and bars.

    `ends` has the columns name, start and the shares; `pictures` are the arrays of each network, by name."""
    rows = 2 * len(pictures)
    figure, axes = new_grid(rows, 1, width=5.6, height=0.9 + 2.7 * rows, height_ratios=(1.6, 1) * len(pictures))
    for place, (name, arrays) in enumerate(pictures.items()):
        strip, bars = axes[2 * place, 0], axes[2 * place + 1, 0]
        _strip(strip, arrays)
        strip.set_title(name)
        _bars(bars, ends[ends.name == name].set_index("start"))
        if place < len(pictures) - 1:
            bars.set_xlabel("")  # it would touch the name of the next network
    _legend(figure, axes[1, 0])
    return figure


def _strip(ax: Axes, arrays: Arrays) -> None:
    shape, iterations = tuple(arrays["picture"].tolist()), arrays["iterations"].tolist()
    places = [iterations.index(time) for time in STRIP if time in iterations]
    places = list(dict.fromkeys([*places, len(iterations) - 1]))
    count = min(STRIP_ORBITS, int((arrays["kinds"] == "noise").sum()))
    near = arrays["neighbours"][arrays["nearest"][-1, :count]]
    columns = [*(arrays["frames"][place, :count] for place in places), near]
    images = np.stack(columns, 1).reshape(-1, *shape)
    picture = tiled(images, len(columns))
    ax.imshow(picture, interpolation="nearest", aspect="equal", extent=(0, len(columns), 0, count))
    words = [f"{iterations[place]}" if iterations[place] else "start" for place in places]
    ax.set_xticks([place + 0.5 for place in range(len(columns))], [*words, "nearest\ndata"])
    ax.set_yticks([])
    ax.set_xlabel("iteration")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    parts = rows[list(END_WORDS)].rename(columns={name: words for name, (words, _) in END_WORDS.items()})
    parts.index = pd.Index([f"{start} ({count})" for start, count in zip(rows.index, rows.orbits, strict=True)])
    stacked_bars(ax, parts, [colour for _, colour in END_WORDS.values()])
    ax.set(xlim=(0, 1), xlabel="share of orbits")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _legend(figure: Figure, ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)


@drawn
def returned(losses: pd.DataFrame, pictures: Mapping[str, Arrays], sources: Sequence[str]) -> Figure:
    """A figure of images and what each network returns for them: a picture per network and source, inputs above outputs.

    `losses` has the columns name, source and loss."""
    figure, axes = new_grid(
        len(sources), len(pictures), width=max(1.2 + 4.6 * len(pictures), 6.0), height=0.3 + 1.45 * len(sources),

    )  # fmt: skip
    for column, (name, arrays) in enumerate(pictures.items()):
        shape = tuple(arrays["picture"].tolist())
        for ax, source in zip(axes[:, column], sources, strict=True):
            pair = np.concatenate([arrays[f"shown {source}"], arrays[f"returned {source}"]])
            count = len(arrays[f"shown {source}"])
            ax.imshow(tiled(pair.reshape(-1, *shape), count), interpolation="nearest", extent=(0, count, 0, 2))
            loss = losses.loss[(losses.name == name) & (losses.source == source)]
            note = f"{source}: loss {loss.iloc[0]:.2g}" if len(loss) else source
            ax.set_title(f"{name} · {note}" if source == sources[0] else note, fontsize=9, loc="left")
            ax.set_axis_off()
    return figure


@drawn
def merged_pairs(pairs: np.ndarray, words: Sequence[str], limits: tuple[float, float]) -> Figure:
    """A figure of pairs of images (K, 2, h, w) or (K, 2, h, w, 3) with values in `limits`: a row per pair, named by `words`.

    In a row: the one, the other, and their difference, mean over colours, on a scale of its own."""
    low, high = limits
    figure, axes = new_grid(len(pairs), 3, width=6.4, height=0.3 + 2.1 * len(pairs))
    for row, (pair, word) in enumerate(zip(pairs, words, strict=True)):
        for ax, image, title in zip(axes[row], pair, ("an input", f"the same after {word}"), strict=False):
            ax.imshow(np.clip((image - low) / (high - low), 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            ax.set_title(title, fontsize=9)
        step = pair[1] - pair[0]
        step = step.mean(-1) if step.ndim == 3 else step
        most = float(np.abs(step).max()) or 1.0
        axes[row, 2].imshow(step, cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest")
        axes[row, 2].set_title(f"difference, up to {most:.2g}", fontsize=9)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure


@drawn
def slope_dots(slopes: pd.DataFrame, dim: int) -> Figure:
    """A figure of ρ(J), tr J / D and rank J / D at points of the data and of noise: a dot per point, a row per map.

    Dotted lines mark the identity, which has 1 in each; a constant has 0."""
    names = list(slopes.name.unique())
    figure, axes = new_grid(1, 3, width=9.4, height=1.3 + 0.42 * len(names), sharey=True)
    words = {"rho": "spectral radius ρ(J)", "trace": "trace share tr J / D", "rank": "rank J / D"}
    table = slopes.assign(rank=slopes["rank"] / dim)
    for ax, (column, label) in zip(axes[0], words.items(), strict=True):
        for offset, colour, where in ((-0.13, BLUE, "data"), (0.13, MOVING, "noise")):
            rows = table[table["where"] == where]
            y = np.array([names.index(name) for name in rows.name]) + offset
            ax.plot(rows[column], y, "o", color=colour, ms=4.5, alpha=0.7, mew=0, label=f"at {where}")
        ax.axvline(1, color=MUTED, ls=":", lw=1)
        ax.set(xlabel=label, yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
        ax.set_xlim(left=min(-0.03, table[column].min() * 1.05), right=max(1.08, table[column].max() * 1.05))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    as_written(figure)
    return figure


@drawn
def in_the_plane(tables: pd.DataFrame, pictures: Mapping[str, Arrays], limits: tuple[float, float]) -> Figure:
    """A figure of orbits in the plane, a picture per network: orbits from noise, attractors, fixed points, the data.

    `tables` has the columns name and stability, a row per fixed point in the order of the array 'fixed places'."""
    low, high = limits
    room = 0.06 * (high - low)
    figure, axes = new_grid(1, len(pictures), width=1.4 + 3.6 * len(pictures), height=4.6)
    for ax, (name, arrays) in zip(axes[0], pictures.items(), strict=True):
        for orbit in range(arrays["paths"].shape[1]):
            ax.plot(*arrays["paths"][:, orbit].T, color=MOVING, lw=0.9, alpha=0.8)
            ax.plot(*arrays["paths"][0, orbit], "o", color=MOVING, ms=2.5, mew=0)
        ax.plot(*arrays["spots range"].T, "s", color=INK, ms=9, mfc="none", mew=1.4, label="data")
        if "attractor places" in arrays and len(arrays["attractor places"]):
            ax.plot(*arrays["attractor places"].T, "o", color=ARRIVED, ms=6, mew=0, label="attractor")
        if "fixed places" in arrays:
            stability = tables.stability[tables.name == name].to_numpy()
            unstable = arrays["fixed places"][: len(stability)][stability != "stable"]
            if len(unstable):
                ax.plot(*unstable.T, "x", color=PURPLE, ms=6, mew=1.6, label="fixed point that does not attract")
        ax.plot([], color=MOVING, lw=1, label="orbit")
        ax.set(
            title=name,
            xlabel="x₁",
            ylabel="x₂",
            aspect="equal",
            xlim=(low - room, high + room),
            ylim=(low - room, high + room),
        )
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    roomy(figure)
    return figure
