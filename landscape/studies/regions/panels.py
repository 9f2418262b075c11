"""The panels of a report on regions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.by_size import zero_slopes
from landscape.figures.scene import scene_limits
from landscape.results import Result
from landscape.studies.parts.summaries import by_data, control_summary, failed_words, how_many, in_tabs, status_summary
from landscape.studies.parts.words import data_words, layers
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
    for name, table, section in by_data(result, result.table):
        yield from in_tabs(_of_data(result, name, table, section))
    if "initialisations" in result.tables:
        yield _initialisations(result)
    keys = ["data", "hidden", "width", "budget"]
    yield Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended, and medians. seen_by_grid: the share of the regions in which a grid "
            "has a point; steepest: the largest slope; flat_share: of the area, slope below 0.1; plateau_share: no slope at "
            "all; rank_one_share: no slope in one of two directions; widest_plateau: its share of the area."
        ),
        body=status_summary(result.table, keys, MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same of the networks before training: medians over members.",
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


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the pieces of the smallest and the largest networks, in a plane if the run has one."""
    pictured = {one: arrays for one, arrays in result.arrays.items() if len(arrays) and not one["budget"]}
    if not pictured:
        return None
    dims = {one["data"]: arrays["vertices"].shape[1] for one, arrays in pictured.items()}
    name = max(dims, key=lambda name: dims[name])
    place = {(one["hidden"], one["width"]): arrays for one, arrays in pictured.items() if one["data"] == name}
    hidden, width = (sorted({pair[side] for pair in place}) for side in (0, 1))
    hidden, width = [sorted({some[0], some[-1]}) for some in (hidden, width)]
    grid = [[place.get((h, w)) for h in hidden] for w in width]
    draw = region_maps if dims[name] == 2 else broken_lines
    what = (
        "On each polygon the network is linear. Colour: its slope; orange: exactly flat; dots: training points."
        if dims[name] == 2
        else "The network before its last sigmoid: straight between ticks, orange where exactly flat."
    )
    caption = f"Trained networks on {data_words(name)}, the median ones. {what}"
    return Panel("", caption, draw(grid, [f"width {w}" for w in width], [layers(h) for h in hidden]))


def _maps(place: dict[tuple[int, int], Pieces], table: pd.DataFrame, section: str, dim: int) -> Panel:
    hidden, width = sorted({pair[0] for pair in place}), sorted({pair[1] for pair in place})
    grid = [[place.get((h, w)) for h in hidden] for w in width]
    what = (
        "Each polygon is a region, on which the map before its squash is affine; the colour is its slope, orange a plateau"
        if dim == 2
        else "The map before its squash: straight between ticks, orange where its slope is exactly zero"
    )
    draw = region_maps if dim == 2 else broken_lines
    counts = "; ".join(
        f"{h} hidden, width {w}: {len(net['slope']):,}"
        for (h, w), net in sorted(place.items(), key=lambda pair: pair[0])
    )
    return Panel(
        title="The regions",
        caption=(
            f"{what}. All of them, found exactly. The member of the median number each (of the converged, where there are "
            f"any); how many: {counts}. {failed_words(table)}."
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
            (Surface(f"member {int(net['shown'])}", heights[hidden], net["spots"]),),
            (float(net["low"][0]), float(net["high"][0]), float(net["low"][1]), float(net["high"][1])),
            limits,
            labels=("x₁", "x₂", "slope"),
        )
        for hidden, net in shown.items()
    ]
    return Panel(
        title="The slopes as terraces",
        caption=(
            f"The slope before the squash, at width {widest}, log scale: each terrace is a region, the walls are where neurons "
            f"turn on or off. Slopes below {LEAST_SLOPE_DRAWN:g}, plateaus among them, are drawn there."
        ),
        body=SceneGrid((f"width {widest}",), tuple(scene.title for scene in scenes), (tuple(scenes),)),
        section=section,
    )


def _numbers(table: pd.DataFrame, section: str, dim: int, resolution: int) -> Panel:
    ratio = (table.regions / table.untrained_regions).median()
    points = f"{resolution} × {resolution}" if dim == 2 else f"{resolution}"
    return Panel(
        title="How many regions",
        caption=(
            "Medians and quartiles over members against the number of neurons; hollow: the same networks untrained, which "
            f"Hanin and Rolnick (2019) expect to have about neurons^{dim}, whatever the depth (dashed, from the smallest net). "
            f"Training changes the number by a median factor of {ratio:.2f}. A grid of {points} "
            f"points would have seen {table.seen_by_grid.median():.0%} of them (median; least {table.seen_by_grid.min():.0%})."
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
    words = ", ".join(
        f"{ends[0]:.2f} ({init}, d = {dim})"
        for (init, dim), ends in sorted(slopes.items(), key=lambda one: one[0][::-1])
    )
    return Panel(
        title="Regions before training, by initialisation",
        caption=(
            f"Regions grow as neurons to the power {words or 'unknown'}; Hanin and Rolnick (2019) expect d "
            "(grey). Medians and quartiles over all depths; dashed: the slopes with 95 % intervals over seeds."
        ),
        body=by_initialisation(table, slopes),
        section="Before training",
        downloads={"initialisations": table[["data", "dim", "hidden", "width", "neurons", "seed", "init", "regions"]]},
    )


def _slopes(place: dict[tuple[int, int], Pieces], table: pd.DataFrame, section: str) -> Panel:
    widest = max(pair[1] for pair in place)
    lines = {
        f"{h} hidden, width {w}": (place[h, w]["slope"], place[h, w]["share"]) for h, w in sorted(place) if w == widest
    }
    steepest = table.groupby("hidden").steepest.median()
    words = ", ".join(f"{value:.2g} at {h} hidden" for h, value in steepest.items())
    return Panel(
        title="How steep they are",
        caption=(
            "The share of the area whose slope before the squash is at most so large, of the nets pictured. A sigmoid divides "
            f"slopes by four or more, tanh by one or more. The steepest region anywhere, median over members: {words}."
        ),
        body=slopes_by_area(lines),
        section=section,
    )


def _plateaus(table: pd.DataFrame, section: str, dim: int) -> Panel:
    words, converged = how_many(table, table.plateau_share > 0, "width", "hidden")
    shown = table.assign(net=table.hidden.map("{} hidden".format), zero_slope=table.plateau_share)
    whole = "the area" if dim == 2 else "the range"
    return Panel(
        title="Plateaus",
        caption=(
            f"The share of {whole} on which the map has exactly no slope before its squash, a dot a network, lines the means. "
            f"Networks with any, by width and depth: {words}. Of those that converged, as narrow and deep ones often do not: "
            f"{converged}."
        ),
        body=zero_slopes(shown, whole=whole),
        section=section,
        downloads={
            "plateaus": table[
                ["hidden", "width", "member", "seed", "status", "plateau_share", "plateaus", "widest_plateau"]
            ]
        },
    )
