"""Single networks of a run on fixed points: where all their fixed points are, on the line or in the plane."""

from __future__ import annotations

import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.findings import listed
from landscape.results import Cell, Result
from landscape.studies.fixed_points.captions import dimple_words, number_words
from landscape.studies.fixed_points.figures import is_off, minima, portraits
from landscape.studies.fixed_points.tables import setting_words
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import data_words, layers

NETS_PICTURED = 6  # in one figure, at most


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the minima of a network with few training points, and of a like one with many.

    Both have the shortest training, with which the answer begins. The first two settings where no set has
    several numbers of points. None past two dimensions."""
    cells = [one for one in result.arrays if "grid" in result.arrays[one]]
    drawn = [one for one in cells if one["data"] == "uniform"]
    if len({one["count"] for one in drawn}) > 1:
        hidden, longer = max(one["hidden"] for one in drawn), min(one["longer"] for one in drawn)
        like = sorted((one for one in drawn if (one["hidden"], one["longer"]) == (hidden, longer)), key=_count)
        cells = [like[0], like[-1]] if len(like) > 1 else cells
    shown = cells[:2]
    dims = {one: result.arrays[one]["grid"].shape[1] for one in shown}
    shown = [one for one in shown if dims[one] == max(dims.values())]  # of the line and of the plane: the latter alone
    if not shown:
        return None
    several = len({_count(one) for one in shown}) == len(shown)
    alike = len({one["data"] for one in shown}) == 1  # then no picture needs the name of its data
    maps, words = {}, []
    for one in shown:
        found = _census_of(result, one)
        off = _minima(int(is_off(found).sum()))
        name = counted(_count(one), "training point") if several else f"{data_words(one['data'])}, {_setting(one)}"
        setting = _setting(one) if alike else name
        maps[f"{counted(_count(one), 'point')}, {off} off" if several else setting] = (result.arrays[one], found)
        words.append(f"{off} with {name}")
    longer = shown[0]["longer"]
    when = f" after {longer} times the usual training" if longer > 1 else ""
    caption = f"Off the data the median network has {listed(words)}{when}."
    return Panel("", caption, minima(maps), how=f"{_trained(shown[0])} The darker, the lower the loss.")


def _setting(one: Cell) -> str:
    return setting_words(pd.Series(dict(one.values)))


def _trained(one: Cell) -> str:
    """Of what kind the networks shown are."""
    times = f", {one['longer']} times the usual training" if one["longer"] > 1 else ""
    return f"The network with the median number of fixed points (the answer has means); {layers(one['hidden'])}{times}."


def _minima(count: int) -> str:
    return f"{count} minim{'um' if count == 1 else 'a'}"


def portraits_panel(result: Result, cells: list[Cell], table: pd.DataFrame, section: str, ended: str) -> Panel:
    """All fixed points of the median network of each cell; `ended` says how training ended."""
    maps = {}
    for one in cells[:NETS_PICTURED]:
        arrays, own = result.arrays[one], _census_of(result, one)
        maps[f"{setting_words(pd.Series(dict(one.values)))}: {len(own)}"] = (arrays, own)
    title, finding = number_words(table)
    return Panel(
        title=f"The fixed points: {title}",
        caption=finding,
        how=(
            "The network with the median number of each setting (of the converged, where there are any), and how many it has. "
            f"{ended}"
        ),
        body=portraits(maps),
        section=section,
    )


def surfaces_panel(result: Result, cells: list[Cell], section: str) -> Panel:
    """The loss of the same networks as surfaces over the plane."""
    scenes, heights = [], []
    for one in cells[:NETS_PICTURED]:
        arrays = result.arrays[one]
        side = round(len(arrays["loss"]) ** 0.5)
        heights.append(arrays["loss"].reshape(side, side))
    limits = scene_limits(heights)
    for one, height in zip(cells, heights, strict=False):
        arrays = result.arrays[one]
        low, high = float(arrays["low"]), float(arrays["high"])
        surface = Surface(f"network {int(arrays['shown'])}", height, arrays["spots"])
        scenes.append(Scene(setting_words(pd.Series(dict(one.values))), (surface,), (low, high, low, high), limits))
    title, finding = dimple_words(pd.concat([_census_of(result, one) for one in cells[:NETS_PICTURED]]))
    return Panel(
        title=f"The loss as surfaces: {title}",
        caption=finding,
        how="Reconstruction loss over the plane, log scale. Every fixed point is a dimple that reaches the floor.",
        body=SceneGrid(("loss",), tuple(scene.title for scene in scenes), (tuple(scenes),)),
        section=section,
    )


def _census_of(result: Result, one: Cell) -> pd.DataFrame:
    """The fixed points of the network shown of a cell."""
    own = result.tables["fixed_points"]
    for name, value in one.values:
        own = own[own[name] == value]
    return own[own.member == int(result.arrays[one]["shown"])]


def _count(one: Cell) -> int:
    return int(one["count"])
