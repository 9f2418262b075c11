"""The picture beside the answer of a depth sweep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid
from landscape.figures.scene import scene_limits
from landscape.findings import listed, percent
from landscape.results import Cell, Result
from landscape.studies.depth_sweep.answer import Compared, compared
from landscape.studies.depth_sweep.claims import C1B, FLAT, PAPERS_NET, REACHED, READINGS_OF_L, TANH_WIDTH, flat_share
from landscape.studies.depth_sweep.hero_figures import (
    arrivals,
    before_and_after,
    maps_with_arrivals,
    networks_that_pass,
)
from landscape.studies.depth_sweep.panels import line_map_of, scene_of
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION, NEIGHBOURHOOD_REACH
from landscape.studies.parts.summaries import member_rows
from landscape.studies.parts.words import data_words, layers, two_digits

# The networks of the paper's Figures 2 and 3: hidden layers and width, by data set.
PAPERS_NETS = {"one-point": [PAPERS_NET], "two-points": [(2, 5), (7, 5)]}
HERO_CAMERA = (-58.0, 50.0)  # high enough to see the samples in the basins


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the surfaces of the shallowest and the deepest networks that it compares, on one data set.

    Of a run in the paper's settings on the line, the maps of the paper's networks. None without these and without surfaces."""
    for one in reversed(compared(result.whole)):
        sides = [cell for hidden in (one.shallow, one.deep) for cell in result.arrays if _is(cell, one, hidden)]
        if len(sides) == 2 and all(
            "height" in result.arrays[cell] and "orbits" in result.arrays[cell] for cell in sides
        ):
            limits = scene_limits([height for cell in sides for height in result.arrays[cell]["height"][:1]])
            scenes = [
                replace(_median(scene_of(result, cell, limits)), opens_at=EARLY_ITERATION, camera=HERO_CAMERA)
                for cell in sides
            ]
            shallow, deep = (_shown(result, cell, "share_early") for cell in sides)
            crowds = [_crowd(scene) for scene in scenes]
            at_few = f" ({crowds[1][0]} of them at {crowds[1][1]} points)" if crowds[1] else ""
            too = f" ({crowds[0][0]})" if crowds[0] and crowds[1] else ""
            caption = (
                f"Median networks: in {EARLY_ITERATION} iterations {percent(deep)} of samples reach the data with {one.deep} "
                f"layers{at_few}, {percent(shallow)} with {one.shallow}{too}."
            )
            how = (
                f"One network each, the median; the answer has means over all. On {data_words(one.data)} (black). Height and "
                f"colour: the loss. Dots: samples after {EARLY_ITERATION} iterations, green at the data. Play shows every "
                "iteration."
            )
            rows = tuple(layers(hidden) for hidden in (one.shallow, one.deep))
            return Panel("", caption, SceneGrid(rows, ("",), tuple((scene,) for scene in scenes)), how=how)
    return _hero_on_line(result)


def _hero_on_line(result: Result) -> Panel | None:
    """The maps of the networks of the paper's figure on the first data set that has one; None for a run of equal sizes."""
    if result.whole.budget.any():
        return None
    for name, sizes in PAPERS_NETS.items():
        cells = [
            one
            for one in result.arrays
            if one["data"] == name and (one["hidden"], one["width"]) in sizes and "map_x" in result.arrays[one]
        ]
        if cells:
            return _before_and_after(result, cells[0]) if name == "one-point" else _arrivals(result, cells)
    return _passing(result.whole)


def _passing(table: pd.DataFrame) -> Panel | None:
    """The networks of Figure 4, under both readings of L, by how flat they are and where they bring samples; None without."""
    depths = sorted(hidden for _, hidden in READINGS_OF_L.values())
    rows = table[(table.data == "tanh-four") & table.hidden.isin(depths) & (table.width == TANH_WIDTH)]
    if rows.empty:
        return None
    rows = rows.assign(flat_near_data=flat_share(rows))
    flat, reached = rows.flat_near_data.map(FLAT.holds), rows.share_early.map(REACHED.holds)
    return Panel(
        "",
        f"Networks that bring at least {percent(REACHED.number)} of samples to the data in {EARLY_ITERATION} iterations: "
        f"{int(reached.sum())} of {len(rows)}, {int((flat & reached).sum())} of them on a line that is flat there.",
        networks_that_pass(rows, flat & reached, FLAT.number, REACHED.number, EARLY_ITERATION),
        how=(
            f"A dot for each network of {listed(list(map(str, sorted(rows.hidden.unique()))))} hidden layers. Shaded: what the "
            f"claim asks of most. Flat: on {percent(FLAT.number)} or more within ±{NEIGHBOURHOOD_REACH:g} of the data."
        ),
    )


def _before_and_after(result: Result, cell: Cell) -> Panel:
    """The map of the networks of one training point, and the range of their outputs before and after training."""
    rows, size = member_rows(result, cell), f"{layers(cell['hidden'])}, width {cell['width']}"
    after, before = (two_digits(rows[name].median()) for name in ("output_range", "untrained_range"))
    return Panel(
        "",
        f"Outputs for all inputs span {after} of 1 after training and {before} before it (medians of {len(rows)} networks).",
        before_and_after(line_map_of(result, cell), rows, size, C1B.limits["output range"].number),
        how=(
            f"Networks with {size}. Above, trained on {data_words(cell['data'])} (dot): blue the median network, grey every "
            "network, dashed the identity, shaded flat. Below: thin lines are networks, thick is the median."
        ),
    )


def _arrivals(result: Result, cells: list[Cell]) -> Panel:
    """The maps of the median networks, where they carry samples, and how flat they are near the training points."""
    maps = [line_map_of(result, one) for one in cells]
    near = min(float(result.arrays[one]["near"][0]) for one in cells)
    (of,) = {one.orbits.shape[1] for one in maps}
    counts = [int(arrivals(one, EARLY_ITERATION, near).sum()) for one in maps]
    flat = [percent(_shown(result, one, "flat_near_data")) for one in cells]
    ends = [f"{counts[0]} of {of} samples are at the data with {layers(cells[0]['hidden'])}"]
    ends += [f"{count} with {cell['hidden']}" for count, cell in zip(counts[1:], cells[1:], strict=True)]
    which = "Median networks" if len(cells) > 1 else "Median network"
    width = cells[0]["width"]
    return Panel(
        "",
        f"{which}: after {EARLY_ITERATION} iterations {listed(ends)}; of the line beside the data {listed(flat)} is flat.",
        maps_with_arrivals(maps, [f"{layers(one['hidden'])}, width {width}" for one in cells], EARLY_ITERATION, near),
        how=(
            f"Networks trained on {data_words(cells[0]['data'])} (dots). Blue: the median network (the answer is of all of a "
            "depth); grey: every network; "
            "dashed: the identity; shaded: the median network is flat, inputs there go to one output at once. Beside the data: "
            f"within ±{NEIGHBOURHOOD_REACH:g}. Below: samples after {EARLY_ITERATION} iterations; green: at the data, and how "
            "many at each point."
        ),
    )


def _median(scene: Scene | None) -> Scene:
    """The scene with its first surface alone, that of the median network, and without notes."""
    assert scene is not None
    return replace(scene, surfaces=(replace(scene.surfaces[0], note=""),), note="")


def _crowd(scene: Scene) -> tuple[str, str] | None:
    """The share of the samples at the data by EARLY_ITERATION that are at the fuller half of the points: '93 %', '2 of 4'.

    None with fewer than four training points, and if no sample has arrived."""
    (surface,) = scene.surfaces
    assert surface.orbits is not None
    apart = np.linalg.norm(surface.orbits[EARLY_ITERATION][:, None] - surface.markers, axis=2)
    arrived = apart.min(1) <= scene.near
    half = apart.shape[1] // 2
    if half < 2 or not arrived.any():
        return None
    at_each = np.sort(np.bincount(apart.argmin(1)[arrived], minlength=apart.shape[1]))
    return percent(float(at_each[-half:].sum() / arrived.sum())), f"{half} of {apart.shape[1]}"


def _shown(result: Result, cell: Cell, column: str) -> float:
    """What the network shown first, the median, has in a column of the table."""
    return float(member_rows(result, cell)[column][result.arrays[cell]["shown"][0]])


def _is(cell: Cell, one: Compared, hidden: int) -> bool:
    return bool(cell["data"] == one.data and cell["budget"] == one.budget and cell["hidden"] == hidden)
