"""The panels of a report on regions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.by_size import zero_slopes
from landscape.figures.scene import scene_limits
from landscape.findings import percent
from landscape.results import Result
from landscape.studies.parts.summaries import by_data, control_summary, fitted_words, in_tabs, status_summary
from landscape.studies.regions.captions import (
    count_words,
    flat_words,
    growth_words,
    steep_words,
    terrace_words,
    training_words,
)
from landscape.studies.regions.claims import INITIALISED, slope_of, with_sizes
from landscape.studies.regions.figures import (
    LEAST_SLOPE_DRAWN,
    broken_lines,
    by_initialisation,
    by_neurons,
    region_maps,
    slopes_by_area,
)

MEDIANS = [
    "loss", "parameters", "regions", "untrained_regions", "seen_by_grid", "steepest", "mean_slope", "flat_share",
    "plateau_share", "rank_one_share", "plateaus", "widest_plateau",
]  # fmt: skip
Pieces = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set: the regions, their number, their slopes, and the plateaus. Then the tables."""
    for name, table, section in by_data(result, result.whole):
        yield from in_tabs(_of_data(result, name, table, section))
    if "initialisations" in result.tables:
        yield _initialisations(result)
    keys = ["data", "hidden", "width", "budget"]
    yield Panel(
        title="Cells",
        caption="Medians over all networks of a cell, with their numbers by how training ended.",
        how=(
            "seen_by_grid: the share of the regions in which a grid has a point; steepest: the largest slope; flat_share: of "
            "the area, slope below 0.1; plateau_share: no slope at all; rank_one_share: no slope in one of two directions; "
            "widest_plateau: its share of the area."
        ),
        body=status_summary(result.whole, keys, MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same measurements on the networks before training: medians over networks.",
        body=control_summary(result.tables["controls"], keys, MEDIANS),
        section="Tables",
    )


def _of_data(result: Result, name: str, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    """The regions, their number, their slopes, and the plateaus of one data set."""
    place = {
        (cell["hidden"], cell["width"]): result.arrays[cell]
        for cell in result.arrays
        if cell["data"] == name and not cell["budget"]
    }
    grid = table[table.budget == 0]
    dim = next(iter(place.values()))["vertices"].shape[1]
    yield _maps(place, grid, section, dim)
    scenes = {sizes: net for sizes, net in sorted(place.items()) if "height" in net}
    if scenes:
        yield _surfaces(scenes, section)
    yield _numbers(grid, section, dim, result.record["parameters"]["resolution"])
    yield _slopes(place, grid, section)
    yield _plateaus(grid, section, dim)


def _maps(place: dict[tuple[int, int], Pieces], table: pd.DataFrame, section: str, dim: int) -> Panel:
    hidden, width = sorted({pair[0] for pair in place}), sorted({pair[1] for pair in place})
    grid = [[place.get((h, w)) for h in hidden] for w in width]
    what = (
        "Each polygon is a region, on which the map before its squash is affine; the colour is its slope, orange a plateau"
        if dim == 2
        else "The map before its squash: straight between ticks, orange where its slope is exactly zero"
    )
    draw = region_maps if dim == 2 else broken_lines
    title, finding = count_words({sizes: len(net["slope"]) for sizes, net in place.items()})
    return Panel(
        title=f"The regions: {title}",
        caption=finding,
        how=(
            f"{what}. All of them, found exactly. The network with the median number of each size (of the converged, where "
            f"there are any). {fitted_words(table)}"
        ),
        body=draw(grid, [f"width {w}" for w in width], [f"{h} hidden" for h in hidden]),
        section=section,
    )


def _surfaces(place: dict[tuple[int, int], Pieces], section: str) -> Panel:
    """Surfaces of the slope, for the widest nets, side by side by depth."""
    widest = max(width for _, width in place)
    shown = {hidden: net for (hidden, width), net in place.items() if width == widest}
    heights = {hidden: np.maximum(net["height"], LEAST_SLOPE_DRAWN) for hidden, net in shown.items()}
    limits = scene_limits(list(heights.values()))
    scenes = [
        Scene(
            f"{hidden} hidden",
            (Surface(f"network {int(net['shown'])}", heights[hidden], net["spots"]),),
            (float(net["low"][0]), float(net["high"][0]), float(net["low"][1]), float(net["high"][1])),
            limits,
            labels=("x₁", "x₂", "slope"),
        )
        for hidden, net in shown.items()
    ]
    title, finding = terrace_words({hidden: (net["slope"], net["share"]) for hidden, net in shown.items()})
    return Panel(
        title=f"The slopes as terraces: {title}",
        caption=finding,
        how=(
            f"The slope before the squash, at width {widest}, log scale: each terrace is a region, the walls are where neurons "
            f"turn on or off. Slopes below {LEAST_SLOPE_DRAWN:g}, plateaus among them, are drawn there."
        ),
        body=SceneGrid((f"width {widest}",), tuple(scene.title for scene in scenes), (tuple(scenes),)),
        section=section,
    )


def _numbers(table: pd.DataFrame, section: str, dim: int, resolution: int) -> Panel:
    points = f"{resolution} × {resolution}" if dim == 2 else f"{resolution}"
    title, finding = training_words(table)
    seen = f"A grid of {points} points sees {percent(table.seen_by_grid.median())} of them, median over networks."
    return Panel(
        title=f"How many regions: {title}",
        caption=f"{finding} {seen}",
        how=(
            "Medians and quartiles over networks against the number of neurons; hollow: the same networks untrained, which "
            f"Hanin and Rolnick (2019) expect to have about neurons^{dim}, whatever the depth (dashed, from the smallest net)."
        ),
        body=by_neurons(table, "regions", "regions", "untrained_regions", dim),
        section=section,
        downloads={
            "regions": table[
                ["hidden", "width", "member", "seed", "status", "regions", "untrained_regions", "seen_by_grid"]
            ]
        },
    )


def _initialisations(result: Result) -> Panel:
    """The growth of the number of regions with that of neurons before training, per initialisation: S3 and S3b."""
    table = with_sizes(result, result.tables["initialisations"])
    groups = {
        (init, dim): table[(table.init == init) & (table.dim == dim)]
        for dim in sorted(set(table.dim))
        for init in INITIALISED
    }
    found = {key: slope_of(rows) for key, rows in groups.items() if rows.neurons.nunique() > 1}
    slopes = {key: (one.estimate, one.low, one.high) for key, one in found.items()}
    title, finding = growth_words({key: one.estimate for key, one in found.items()})
    powers = [
        {"init": init, "dim": dim, "power": one.estimate, "low": one.low, "high": one.high}
        for (init, dim), one in found.items()
    ]
    return Panel(
        title=f"Regions before training, by initialisation: {title}",
        caption=finding,
        how=(
            "Medians and quartiles over all depths; dashed: the slopes with 95 % intervals over seeds; grey: the power that "
            "Hanin and Rolnick (2019) expect, the dimension."
        ),
        body=by_initialisation(table, slopes),
        section="Before training",
        downloads={
            "initialisations": table[["data", "dim", "hidden", "width", "neurons", "seed", "init", "regions"]],
            "powers": pd.DataFrame(powers),
        },
    )


def _slopes(place: dict[tuple[int, int], Pieces], table: pd.DataFrame, section: str) -> Panel:
    widest = max(pair[1] for pair in place)
    lines = {
        f"{h} hidden, width {w}": (place[h, w]["slope"], place[h, w]["share"]) for h, w in sorted(place) if w == widest
    }
    title, finding = steep_words(table)
    return Panel(
        title=f"How steep they are: {title}",
        caption=finding,
        how=(
            "Lines: the share of the area whose slope before the squash is at most so large, of the networks pictured. A "
            "sigmoid divides slopes by four or more, tanh by one or more."
        ),
        body=slopes_by_area(lines),
        section=section,
    )


def _plateaus(table: pd.DataFrame, section: str, dim: int) -> Panel:
    shown = table.assign(net=table.hidden.map("{} hidden".format), zero_slope=table.plateau_share)
    whole = "the area" if dim == 2 else "the range"
    title, finding = flat_words(table, whole)
    return Panel(
        title=f"Plateaus: {title}",
        caption=finding,
        how=(
            f"The share of {whole} on which the map has exactly no slope before its squash, a dot a network, lines the means. "
            "The file plateaus has the numbers by width and depth."
        ),
        body=zero_slopes(shown, whole=whole),
        section=section,
        downloads={
            "plateaus": table[
                ["hidden", "width", "member", "seed", "status", "plateau_share", "plateaus", "widest_plateau"]
            ]
        },
    )
