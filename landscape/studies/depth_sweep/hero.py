"""The picture beside the answer of a depth sweep."""

from __future__ import annotations

from dataclasses import replace

from landscape.figures import Panel, Scene, SceneGrid
from landscape.figures.scene import scene_limits
from landscape.findings import listed, percent
from landscape.results import Cell, Result
from landscape.studies.depth_sweep.answer import Compared, compared
from landscape.studies.depth_sweep.claims import PAPERS_NET
from landscape.studies.depth_sweep.figures import flat_part, line_maps
from landscape.studies.depth_sweep.panels import line_map_of, scene_of
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.summaries import member_rows
from landscape.studies.parts.words import data_words, layers

# The networks of the paper's Figures 2 to 4: hidden layers and width, by data set.
PAPERS_NETS = {"one-point": [PAPERS_NET], "two-points": [(2, 5), (7, 5)], "tanh-four": [(10, 10)]}
HERO_CAMERA = (-58.0, 50.0)  # high enough to see the samples in the basins


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the surfaces of the shallowest and the deepest networks that it compares, on one data set.

    Of a run in the paper's settings on the line, the maps of the paper's networks. None without these and without surfaces."""
    for one in reversed(compared(result.table)):
        sides = [cell for hidden in (one.shallow, one.deep) for cell in result.arrays if _is(cell, one, hidden)]
        if len(sides) == 2 and all(
            "height" in result.arrays[cell] and "orbits" in result.arrays[cell] for cell in sides
        ):
            limits = scene_limits([height for cell in sides for height in result.arrays[cell]["height"][:1]])
            scenes = [
                replace(_median(scene_of(result, cell, limits)), opens_at=EARLY_ITERATION, camera=HERO_CAMERA)
                for cell in sides
            ]
            shallow, deep = (_early_share(result, cell) for cell in sides)
            caption = (
                f"One network each, the median: after {EARLY_ITERATION} iterations {percent(deep)} of the samples are at the "
                f"data with {layers(one.deep)}, {percent(shallow)} with {one.shallow}."
            )
            how = (
                f"On {data_words(one.data)} (black). Height and colour: the loss. Dots: samples after {EARLY_ITERATION} "
                "iterations, green at the data. Play shows every iteration."
            )
            rows = tuple(layers(hidden) for hidden in (one.shallow, one.deep))
            return Panel("", caption, SceneGrid(rows, ("",), tuple((scene,) for scene in scenes)), how=how)
    return _hero_on_line(result)


def _hero_on_line(result: Result) -> Panel | None:
    """The maps of the networks of the paper's figure on the first data set that has one; None for a run of equal sizes."""
    if result.table.budget.any():
        return None
    for name, sizes in PAPERS_NETS.items():
        cells = [
            one
            for one in result.arrays
            if one["data"] == name and (one["hidden"], one["width"]) in sizes and "map_x" in result.arrays[one]
        ]
        if cells:
            maps = [line_map_of(result, one) for one in cells]
            flat = [
                f"{percent(flat_part(one))} with {layers(cell['hidden'])}"
                for one, cell in zip(maps, cells, strict=True)
            ]
            return Panel(
                "",
                f"Share of the line where the median network is flat: {listed(flat)}.",
                line_maps(
                    [[one] for one in maps], [layers(cell["hidden"]) for cell in cells], [f"width {cells[0]['width']}"]
                ),
                how=(
                    f"Networks of width {cells[0]['width']} trained on {data_words(name)} (dots). Blue: the median network; "
                    "grey: every network; dashed: the identity; shaded: flat. Inputs on a flat part go to one output at once."
                ),
            )
    return None


def _median(scene: Scene | None) -> Scene:
    """The scene with its first surface alone, that of the median network, and without notes."""
    assert scene is not None
    return replace(scene, surfaces=(replace(scene.surfaces[0], note=""),), note="")


def _early_share(result: Result, cell: Cell) -> float:
    """The share of samples that the network shown first has brought to the data by EARLY_ITERATION."""
    return float(member_rows(result, cell).share_early[result.arrays[cell]["shown"][0]])


def _is(cell: Cell, one: Compared, hidden: int) -> bool:
    return bool(cell["data"] == one.data and cell["budget"] == one.budget and cell["hidden"] == hidden)
