"""The panels of the paper's figures, in its layout, from our runs. Every number in a caption is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.findings import number, percent
from landscape.reproduce.made import Made
from landscape.reproduce.pictures import (
    IMAGE_SAMPLES,
    LINE_SAMPLES,
    image_rows,
    images_of,
    in_the_plane,
    line_of,
    on_the_line,
    plane_of,
    schematic,
)
from landscape.results import Cell, Result
from landscape.studies.parts.published import LINE_NET, LINE_OUTPUTS
from landscape.studies.parts.summaries import fitted_words, member_rows, trained_words
from landscape.studies.parts.words import data_words, layers, two_digits

LAYOUT = "In the paper's layout"
BURN_IN_READ = 5  # iterations after which the paper reads its figures
# The paper's networks of Figure 5: its data, hidden layers as the text and as the published code count them, and its letter.
PLANE_NETS = (
    ("centre", 2, "5a: one point"),
    ("four-points", 7, "5b: four points"),
    ("four-points", 6, "5b, as in the code"),
)


def schematic_panel() -> Panel:
    """Figure 1, drawn anew."""
    return Panel(
        "Figure 1: what is trained, and how it is sampled",
        "A network f is trained to return its data.",
        schematic(),
        "Figure 1",
        how="Noise is then passed through it again and again, without training.",
    )


def figure_panels(made: Made) -> Iterator[Panel]:
    """The panels of a figure of the paper; none for a run that is no figure, or has a layout of its own in its study."""
    layout = LAYOUTS.get(made.run.name)
    if layout is not None:
        yield from layout(made)


def _line(made: Made) -> Iterator[Panel]:
    result = made.result
    narrow = min(
        cell["width"] for cell in result.arrays
    )  # the paper's width; others are beside it where they were published
    cells = [
        cell
        for cell in result.arrays
        if "map_x" in result.arrays[cell] and (cell["width"] == narrow or _published(cell))
    ]
    signed = any("tanh" in str(cell["data"]) for cell in cells)
    low, high = (-1.0, 1.0) if signed else (0.0, 1.0)
    networks = [line_of(result.arrays[cell], _net_words(cell), _published(cell)) for cell in cells]
    dots = "; diamonds: outputs of the published run" if any(network.published for network in networks) else ""
    yield Panel(
        f"{made.run.title}: {_arrival_title(result, cells)}",
        _arrivals(result, cells),
        on_the_line(networks, low, high),
        LAYOUT,
        {"members": result.whole},
        how=(
            "Thick: the median network; thin: every network; bands: the middle half of them; dots: training points; dashed: "
            f"the identity, and the largest loss of outputs in ({number(low)}, {high:g}). Right: {LINE_SAMPLES} samples of "
            f"the median network{dots}. {fitted_words(result.whole)}"
        ),
    )


def _net_words(cell: Cell) -> str:
    return f"{cell['hidden']} hidden, width {cell['width']}"


def _published(cell: Cell) -> Mapping[float, float]:
    """The outputs that were published for a cell's networks, by their input; none for most cells."""
    return LINE_OUTPUTS if all(cell[key] == value for key, value in LINE_NET.items()) else {}


def _shares(result: Result, cells: list[Cell]) -> list[float]:
    """The mean share of samples near a training point after a few iterations, of each cell's networks."""
    return [float(member_rows(result, cell).share_early.mean()) for cell in cells]


def _arrival_title(result: Result, cells: list[Cell]) -> str:
    """Whether most samples are near a training point after a few iterations, in the networks of all, some or no cells."""
    most = [share > 0.5 for share in _shares(result, cells)]
    if all(most):
        return f"most samples arrive within {BURN_IN_READ} iterations"
    if not any(most):
        return f"most samples do not arrive within {BURN_IN_READ} iterations"
    return f"most samples arrive within {BURN_IN_READ} iterations at {sum(most)} of {len(most)} sizes"


def _arrivals(result: Result, cells: list[Cell]) -> str:
    """The share of samples near a training point after a few iterations: of the cells with the least and the most."""
    shares = dict(zip(map(_net_words, cells), _shares(result, cells), strict=True))
    least, most = min(shares, key=lambda name: shares[name]), max(shares, key=lambda name: shares[name])
    first = (
        f"After {BURN_IN_READ} iterations {percent(shares[least])} of the samples are near a training point ({least})"
    )
    return f"{first}." if least == most else f"{first}, and {percent(shares[most])} ({most})."


def _plane(made: Made) -> Iterator[Panel]:
    result = made.result
    named = {(data, hidden): words for data, hidden, words in PLANE_NETS}
    cells = {
        (cell["data"], cell["hidden"]): cell
        for cell in result.arrays
        if (cell["data"], cell["hidden"]) in named and "height" in result.arrays[cell]
    }
    shown = [
        (f"{words}, {hidden} hidden", cells[data, hidden])
        for data, hidden, words in PLANE_NETS
        if (data, hidden) in cells
    ]
    if not shown:
        return
    nets = [cell for _, cell in shown]
    yield Panel(
        f"{made.run.title}: {_arrival_title(result, nets)}",
        _arrivals(result, nets),
        in_the_plane([plane_of(result.arrays[cell], name) for name, cell in shown]),
        LAYOUT,
        {"members": result.whole},
        how=(
            "The loss of the median network from above, log scale per row; orange: samples on the way, green: near a training "
            "point, crosses: training points. Starts are N(½, ½ I). Shares are means over all networks of a size. "
            f"{fitted_words(result.whole)}"
        ),
    )
    yield _surfaces(made, shown)


def _surfaces(made: Made, shown: list[tuple[str, Cell]]) -> Panel:
    """The same networks as surfaces to rotate, with their samples to play."""
    arrays = made.result.arrays
    limits = scene_limits([arrays[cell]["height"][0] for _, cell in shown])
    scenes = tuple(_scene(arrays[cell], name, limits, member_rows(made.result, cell)) for name, cell in shown)
    medians = {name: float(np.median(arrays[cell]["height"][0])) for name, cell in shown}
    low, high = min(medians, key=lambda name: medians[name]), max(medians, key=lambda name: medians[name])
    return Panel(
        f"{made.run.title}, as surfaces",
        f"The median loss over the range is {two_digits(medians[low])} ({low})"
        f"{f' to {two_digits(medians[high])} ({high})' if low != high else ''}.",
        SceneGrid(("",), tuple(name for name, _ in shown), (scenes,)),
        LAYOUT,
        how="The same losses to rotate, one scale for all. Play follows the samples.",
    )


def _scene(arrays: Mapping[str, np.ndarray], name: str, limits: tuple[float, float], rows: pd.DataFrame) -> Scene:
    member = int(arrays["shown"][0])
    left, right, bottom, top = map(float, arrays["extent"])
    surface = Surface(
        f"median: seed {rows.seed[member]}", arrays["height"][0], arrays["markers"][0], arrays["orbits"][0],
        f"training loss {two_digits(float(rows.loss[member]))}",
    )  # fmt: skip
    return Scene(name, (surface,), (left, right, bottom, top), limits, near=float(arrays["near"].min()))


def _images(made: Made) -> Iterator[Panel]:
    result = made.result
    for cell, arrays in result.arrays.items():
        if "frames" not in arrays:
            continue
        rows, iterations = member_rows(result, cell), arrays["iterations"].tolist()
        near = arrays["distance"][-1] <= arrays["radius"]
        most = "most" if near.mean() > 0.5 else "few" if near.any() else "no"
        yield Panel(
            f"{made.run.title}: {most} samples end near a training image",
            f"At iteration {iterations[-1]}, {percent(near.mean())} of {len(near)} samples are near a training image.",
            image_rows(images_of(arrays), iterations),
            LAYOUT,
            how=(
                f"{data_words(cell['data'])}, {cell['count']:,} images, {layers(cell['hidden'])} of {cell['width']} units. A "
                f"row per iteration, {IMAGE_SAMPLES} samples from noise at the top. {trained_words(rows)}"
            ),
        )


LAYOUTS: Mapping[str, Callable[[Made], Iterator[Panel]]] = {
    "fig2": _line, "fig3": _line, "fig4": _line, "fig5": _plane, "fig7": _images,
}  # fmt: skip
