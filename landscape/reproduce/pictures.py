"""The paper's figures in its own layout, drawn from our networks: no torch, only tables and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from landscape.figures.images import tiled
from landscape.figures.theme import ARRIVED, BLUE, GREEN, INK, MOVING, MUTED, ORANGE, drawn, new_figure, new_grid
from landscape.report.slim import SLIM_WIDTH

# The colour, sign and heading of each result; their order is that of the list.
VERDICT_LOOKS = {
    "holds": (GREEN, "✓", "Hold"),
    "does not hold": (ORANGE, "✗", "Do not hold"),
    "open": (MUTED, "?", "Open"),
}
LIST_CHARACTERS = 46  # of a line in the list of verdicts
LINE_SAMPLES = 10  # noise points, as in the paper's Figures 2 to 4
LINE_ITERATIONS = (0, 1, 2, 3, 5, 8, 13, 20)
PLANE_ITERATIONS = (0, 1, 2, 5, 10, 20)
IMAGE_ITERATIONS = (0, 1, 2, 3, 5, 8, 13, 25, 50, 100, 200, 300)
IMAGE_SAMPLES = 12


@dataclass(frozen=True, eq=False)
class OnLine:
    """Networks on the line: x (P,), outputs y (E, P), the row `median` in y, its training points (N,) and orbits (T+1, S).

    `published` are outputs that the paper's author published, by their input."""

    name: str
    x: np.ndarray
    y: np.ndarray
    median: int
    points: np.ndarray
    orbits: np.ndarray
    published: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class InPlane:
    """A network of the plane: its losses (R, R), their extent, training points (N, 2) and orbits (T+1, S, 2)."""

    name: str
    height: np.ndarray
    extent: tuple[float, float, float, float]
    points: np.ndarray
    orbits: np.ndarray
    near: float


@drawn
def schematic() -> Figure:
    """Figure 1: training f to return the data, then applying it again and again to noise."""
    figure, axis = new_figure(8.6, 2.5)
    axis.set(xlim=(0, 12.4), ylim=(0, 4))
    axis.set_axis_off()
    rows = (
        (3.05, "Training: the weights change", ("data x", "f", "f(x) ≈ x"), BLUE),
        (0.95, "Sampling: the weights are fixed", ("noise z", "f", "f(z)", "f", "f(f(z))", "…", "sample"), ORANGE),
    )
    for height, title, boxes, colour in rows:
        axis.text(0.1, height + 0.72, title, weight="bold", color=INK)
        for place, words in enumerate(boxes):
            left, is_map = 0.1 + 1.75 * place, words == "f"
            box = {"boxstyle": "round,pad=.35", "fc": colour if is_map else "white", "ec": colour}
            axis.text(left + 0.6, height, words, ha="center", va="center", color="white" if is_map else INK, bbox=box)
            if place:
                axis.annotate(
                    "", (left + 0.02, height), (left - 0.5, height), arrowprops={"arrowstyle": "->", "color": MUTED}
                )
    return figure


@drawn
def verdict_list(names: Sequence[str], verdicts: Sequence[str]) -> Figure:
    """Each claim on a line below the heading of its verdict, a key of VERDICT_LOOKS; those that hold come first."""
    groups = {
        mark: [name for name, verdict in zip(names, verdicts, strict=True) if verdict == mark] for mark in VERDICT_LOOKS
    }
    lines = [
        (mark, line)
        for mark, group in groups.items()
        for line in (["", *(line for name in group for line in _indented(name))] if group else [])
    ]
    figure, axis = new_figure(SLIM_WIDTH, 0.2 + 0.2 * len(lines))
    axis.set(xlim=(0, 10), ylim=(len(lines) - 0.4, -0.6))
    axis.set_axis_off()
    for line, (mark, name) in enumerate(lines):
        colour, sign, heading = VERDICT_LOOKS[mark]
        if name:
            axis.text(0.6, line, name, color=INK, va="center")
        else:
            axis.text(0, line, f"{sign}  {heading}: {len(groups[mark])}", color=colour, weight="bold", va="center")
    return figure


def _indented(name: str) -> list[str]:
    """The name in lines that fit a slim figure."""
    return wrap(name, LIST_CHARACTERS, subsequent_indent="   ")


@drawn
def threshold_strip(published: Sequence[float], ours: tuple[float, float, float] | None) -> Figure:
    """Published expansivities as lines on one axis, and our estimate with its interval (value, low, high) as a bar."""
    figure, axis = new_figure(SLIM_WIDTH, 1.5)
    for value in published:
        # Numbers of lines that are close to each other stand on the far sides of the two.
        before, after = (any(0 < side * (other - value) < 1.2 for other in published) for side in (-1, 1))
        align = "left" if before else "right" if after else "center"
        axis.axvline(value, color=MUTED, ls="--", lw=1)
        axis.text(value, 1.02, f"{value:g}", ha=align, va="bottom", transform=axis.get_xaxis_transform())
    ends = [*published]
    if ours is not None:
        estimate, low, high = ours
        axis.plot([low, high], [0.5, 0.5], color=BLUE, lw=3, solid_capstyle="butt")
        axis.plot(estimate, 0.5, "o", color=BLUE, ms=7)
        axis.annotate("here", (estimate, 0.5), (0, 8), textcoords="offset points", ha="center", color=BLUE)
        ends += [value for value in ours if np.isfinite(value)]
    axis.set(xlim=(0, max(ends) + 1.5), ylim=(0, 1), yticks=[], xlabel="expansivity m / n")
    axis.grid(visible=False)
    return figure


@drawn
def on_the_line(networks: Sequence[OnLine], low: float, high: float) -> Figure:
    """Figures 2 to 4: a row per network with its map, its loss, and where ten samples are after some iterations.

    Outputs lie in (`low`, `high`). The dashed curve above the losses is the largest that such outputs can have."""
    figure, axes = new_grid(len(networks), 3, width=10.4, height=0.5 + 2.25 * len(networks), sharex="col")
    for (map_axis, loss_axis, path_axis), network in zip(axes, networks, strict=True):
        _map(map_axis, network)
        _losses(loss_axis, network, low, high)
        _paths(path_axis, network)
        map_axis.set_ylabel(f"{network.name}\n\nf(x)")
    for axis, title in zip(
        axes[0], ("the learned map", "the loss (x − f(x))²", "ten samples, by iteration"), strict=True
    ):
        axis.set_title(title)
    for axis in axes[-1]:
        axis.set_xlabel("x")
    return figure


def _map(axis: Axes, network: OnLine) -> None:
    axis.plot(network.x, network.x, color=MUTED, ls="--", lw=0.8)
    axis.plot(network.x, network.y.T, color=BLUE, lw=0.5, alpha=0.25)
    axis.plot(network.x, network.y[network.median], color=BLUE, lw=1.8)
    axis.plot(network.points, network.points, "o", color=INK, ms=4)
    if network.published:
        x, y = zip(*network.published.items(), strict=True)
        axis.plot(x, y, "D", mfc="white", mec=INK, ms=5, clip_on=False)


def _losses(axis: Axes, network: OnLine, low: float, high: float) -> None:
    losses = np.square(network.y - network.x)
    ceiling = np.square(np.maximum(network.x - low, high - network.x))
    axis.plot(network.x, ceiling, color=MUTED, ls="--", lw=0.8)
    axis.fill_between(network.x, *np.nanquantile(losses, [0.25, 0.75], axis=0), color=ORANGE, alpha=0.25, lw=0)
    axis.plot(network.x, losses[network.median], color=ORANGE, lw=1.6)
    axis.plot(network.points, np.zeros_like(network.points), "o", color=INK, ms=4, clip_on=False)


def _paths(axis: Axes, network: OnLine) -> None:
    kept = [time for time in LINE_ITERATIONS if time < len(network.orbits)]
    samples = network.orbits[kept, :LINE_SAMPLES]
    for place, row in enumerate(samples):
        axis.plot(row, np.full(len(row), place), "o", color=MOVING, ms=4, alpha=0.75, mew=0)
    for point in network.points:
        axis.axvline(point, color=ARRIVED, lw=0.9, zorder=0)
    axis.set_yticks(range(len(kept)), [str(time) for time in kept])
    axis.invert_yaxis()
    axis.set_ylabel("iteration")


@drawn
def in_the_plane(networks: Sequence[InPlane]) -> Figure:
    """Figure 5: a row per network, its loss from above with the samples after some iterations."""
    times = [time for time in PLANE_ITERATIONS if time < min(len(network.orbits) for network in networks)]
    figure, axes = new_grid(
        len(networks), len(times), width=1.9 * len(times), height=0.4 + 1.9 * len(networks), sharex=True, sharey=True
    )
    for row, network in zip(axes, networks, strict=True):
        finite = network.height[np.isfinite(network.height) & (network.height > 0)]
        norm = LogNorm(finite.min(), finite.max()) if len(finite) else None
        for axis, time in zip(row, times, strict=True):
            axis.imshow(network.height, origin="lower", extent=network.extent, norm=norm, interpolation="nearest")
            _dots(axis, network, network.orbits[time])
            axis.grid(visible=False)
            axis.set(xlim=network.extent[:2], ylim=network.extent[2:])
        row[0].set_ylabel(network.name)
    for axis, time in zip(axes[0], times, strict=True):
        axis.set_title("starts" if time == 0 else f"iteration {time}")
    return figure


def _dots(axis: Axes, network: InPlane, samples: np.ndarray) -> None:
    distance = np.linalg.norm(samples[:, None] - network.points, axis=-1).min(1)
    there = distance <= network.near
    axis.plot(*network.points.T, "+", color="white", ms=7, mew=1.2)
    axis.plot(*samples[~there].T, "o", color=MOVING, ms=2.6, mew=0)
    axis.plot(*samples[there].T, "s", mfc=ARRIVED, mec="white", ms=3.8, mew=0.5)


@drawn
def image_rows(images: np.ndarray, iterations: Sequence[int]) -> Figure:
    """Figure 7: a row per iteration, a column per sample. `images` (T, S, h, w) or (T, S, h, w, 3) of uint8."""
    kept = [place for place, time in enumerate(iterations) if time in IMAGE_ITERATIONS]
    rows = [tiled(images[place, :IMAGE_SAMPLES], columns=IMAGE_SAMPLES) for place in kept]
    high, wide = rows[0].shape[:2]
    figure, axes = new_grid(len(rows), 1, width=7.6, height=0.2 + 6.6 * high / wide * len(rows))
    for axis, row, place in zip(axes[:, 0], rows, kept, strict=True):
        axis.imshow(row, interpolation="nearest")
        axis.set(xticks=[], yticks=[])
        axis.grid(visible=False)
        axis.set_ylabel(f"{iterations[place]}", rotation=0, ha="right", va="center")
    return figure


def line_of(arrays: Mapping[str, np.ndarray], name: str, published: Mapping[float, float] | None = None) -> OnLine:
    """The networks of a cell of the depth sweep on the line, with outputs that were published for it, by their input."""
    return OnLine(
        name,
        arrays["map_x"],
        arrays["map_y"],
        int(arrays["shown"][0]),
        arrays["markers"][0][:, 0],
        arrays["orbits"][0][..., 0],
        published or {},
    )


def plane_of(arrays: Mapping[str, np.ndarray], name: str) -> InPlane:
    """The median network of a cell of the depth sweep in the plane."""
    left, right, bottom, top = map(float, arrays["extent"])
    extent = (left, right, bottom, top)
    return InPlane(
        name, arrays["height"][0], extent, arrays["markers"][0], arrays["orbits"][0], float(arrays["near"].min())
    )


def images_of(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The samples of a cell of the kaleidoscope at its iterations, as images of uint8."""
    frames = arrays["frames"]
    return frames.reshape(*frames.shape[:2], *(int(side) for side in arrays["shape"]))
