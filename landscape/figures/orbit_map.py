"""Orbits and training data, projected onto the two principal axes of the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from sklearn.decomposition import PCA

from landscape.figures.theme import INK, MUTED, drawn, new_figure

# Tol's muted palette: ten colours that readers with any colour vision can distinguish.
CLASS_COLOURS = (
    "#332288", "#cc6677", "#117733", "#ddaa33", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499", "#6b7280",
)  # fmt: skip
MAX_TRAINING_DOTS = 4000  # training points drawn; more would hide each other
NAME_SPACING = 0.05  # of the map's size: the least distance between two class names


@drawn
def orbit_map(
    training: np.ndarray, labels: np.ndarray, orbits: np.ndarray, *, classes: Sequence[str], seed: int = 0
) -> Figure:
    """A figure of training points (N, D), coloured by class, and orbits (T, S, D), projected onto the data's principal axes.

    `labels` (N,) are indices into `classes`. The names of the classes stand in the legend and at the medians of their points.
    An orbit is a thin line from a grey dot, its start, to a ringed dot, its end."""
    plane = PCA(2, random_state=seed).fit(training)
    shown = np.random.default_rng(seed).permutation(len(training))[:MAX_TRAINING_DOTS]
    points, kinds = plane.transform(training[shown]), np.asarray(labels)[shown]
    paths = plane.transform(orbits.reshape(-1, orbits.shape[-1])).reshape(*orbits.shape[:2], 2)
    figure, ax = new_figure(7.2, 5.4)
    figure.set_dpi(180)  # the resolution of the dots and lines, which are rasterised within the SVG
    colours = np.array([CLASS_COLOURS[index % len(CLASS_COLOURS)] for index in range(len(classes))])
    ax.scatter(*points.T, s=7, c=colours[kinds], alpha=0.55, lw=0, zorder=2, rasterized=True)
    ax.add_collection(
        LineCollection(
            list(paths.transpose(1, 0, 2)), colors=INK, linewidths=0.7, alpha=0.45, zorder=3, rasterized=True
        )
    )
    ax.plot(*paths[0].T, "o", ms=2.6, color=MUTED, mew=0, zorder=4)
    ax.plot(*paths[-1].T, "o", ms=5.5, mfc="white", mec=INK, mew=1.2, zorder=5)
    _names(ax, points, kinds, classes, colours)
    share = plane.explained_variance_ratio_
    ax.set(xlabel=f"first principal axis ({share[0]:.0%} of the variance)", ylabel=f"second ({share[1]:.0%})")
    ax.legend(handles=_map_legend(classes, colours), loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _names(ax: Axes, points: np.ndarray, kinds: np.ndarray, classes: Sequence[str], colours: np.ndarray) -> None:
    present = [index for index in range(len(classes)) if (kinds == index).any()]
    medians = np.stack([np.median(points[kinds == index], axis=0) for index in present])
    size = np.ptp(points, axis=0) + 1e-12
    for index, place in zip(present, spread_out(medians / size, NAME_SPACING) * size, strict=True):
        short = len(classes[index]) < 3
        ax.text(
            place[0], place[1], classes[index], color=_darker(colours[index]), fontsize=12 if short else 9, ha="center",
            va="center", fontweight="bold", path_effects=[withStroke(linewidth=3, foreground="white")], zorder=6,
        )  # fmt: skip


def _darker(colour: str) -> tuple[float, ...]:
    """`colour` mixed with ink, because pale colours are hard to read as letters."""
    return tuple(0.7 * np.array(to_rgb(colour)) + 0.3 * np.array(to_rgb(INK)))


def spread_out(places: np.ndarray, apart: float) -> np.ndarray:
    """`places` (N, 2) moved until no two are nearer than `apart`, in at most 200 rounds: (N, 2)."""
    places = places + 1e-6 * np.random.default_rng(0).normal(
        size=places.shape
    )  # equal places need a direction in which to part
    for _ in range(200):
        gaps = places[:, None] - places
        lengths = np.linalg.norm(gaps, axis=-1) + np.eye(len(places))
        short = np.clip(1.01 * apart - lengths, 0, None)
        if not (short > 0.01 * apart).any():
            break
        places = places + 0.5 * (short[..., None] * gaps / lengths[..., None]).sum(axis=1)
    return places


def _map_legend(classes: Sequence[str], colours: np.ndarray) -> list[Line2D]:
    dots = [  # matplotlib omits labels that begin with _ from a legend
        Line2D([], [], ls="", marker="o", ms=6, color=colour, label=f" {name}" if name.startswith("_") else name)
        for name, colour in zip(classes, colours, strict=True)
    ]
    start = Line2D([], [], ls="", marker="o", ms=3, color=MUTED, label="start")
    path = Line2D([], [], color=INK, lw=0.8, alpha=0.6, label="orbit")
    end = Line2D([], [], ls="", marker="o", ms=5.5, mfc="white", mec=INK, mew=1.2, label="end")
    return [*dots, start, path, end]
