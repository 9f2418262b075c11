"""Single networks of a corners run: loss surfaces in two dimensions, output maps in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.panel import Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.results import Result, cell
from landscape.studies.corners.by_count import output_maps
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.words import layers, stated, two_digits

MAX_COLUMNS = 6  # counts pictured side by side
MEMBER_NAMES = ("median", "lowest", "highest")
MEDIAN_NETWORK = "the network of median corner maximum of the converged (of all, where none converged)"
SURFACE_TITLES = ("they sink as points are added", "they do not sink as points are added")
MAP_TITLES = (
    "they come closer to the identity as points are added",
    "they do not come closer to the identity as points are added",
)
Arrays = dict[str, np.ndarray]


def pictures_of(result: Result, members: pd.DataFrame, spread: float) -> Iterator[Panel]:
    """Loss surfaces of the two-dimensional cells, and output maps of the one-dimensional cells, if the run has any."""
    for dim, panel in ((2, _surfaces), (1, _maps)):
        rows = members[members["dim"] == dim]
        if rows.empty:
            continue
        depths, counts = sorted(rows["hidden"].unique().tolist()), _chosen(sorted(rows["count"].unique().tolist()))
        keys = [(hidden, count) for hidden in depths for count in counts]
        cells = {key: cell(hidden=key[0], dim=dim, count=key[1], spread=spread) for key in keys}
        yield panel(
            rows, depths, counts, {key: result.arrays[one] for key, one in cells.items() if one in result.arrays}
        )


def _surfaces(
    rows: pd.DataFrame, depths: Sequence[int], counts: Sequence[int], by_cell: dict[tuple[int, int], Arrays]
) -> Panel:
    limits = scene_limits([arrays["height"] for arrays in by_cell.values()])
    seeds = rows.set_index(["hidden", "count", "member"])["seed"]
    scenes = tuple(
        tuple(
            _scene(by_cell[hidden, count], seeds[hidden, count], f"{hidden} hidden, n = {count}", limits)
            if (hidden, count) in by_cell
            else None
            for count in counts
        )
        for hidden in depths
    )
    markers = max(arrays["markers"].shape[1] for arrays in by_cell.values())
    title, finding = _over_counts(
        {key: float(arrays["height"][0].mean()) for key, arrays in by_cell.items()},
        "Loss surfaces in two dimensions",
        SURFACE_TITLES,
        "The mean loss over the square",
    )
    return Panel(
        title,
        finding,
        SceneGrid(tuple(f"{hidden} hidden" for hidden in depths), tuple(f"n = {count}" for count in counts), scenes),
        "Single networks",
        how=(
            f"Loss over the square of inputs, one colour scale. First {MEDIAN_NETWORK}; the lowest and the highest can be "
            f"selected. Dots are training points, at most the first {markers}."
        ),
    )


def _maps(
    rows: pd.DataFrame, depths: Sequence[int], counts: Sequence[int], by_cell: dict[tuple[int, int], Arrays]
) -> Panel:
    title, finding = _over_counts(
        {key: float(np.abs(arrays["map_y"][0] - arrays["map_x"]).max()) for key, arrays in by_cell.items()},
        "Output maps in one dimension",
        MAP_TITLES,
        "The largest distance of the output from the input",
    )
    return Panel(
        title,
        finding,
        output_maps(by_cell, depths, counts),
        "Single networks",
        how=(
            f"Output against input of networks with one coordinate. Thick: {MEDIAN_NETWORK}, with its training points as "
            "dots; thin: the lowest and the highest; dotted: the identity. A horizontal piece sends a whole interval to one "
            "output, a piece along the diagonal only copies its input."
        ),
    )


def _over_counts(
    values: dict[tuple[int, int], float], topic: str, titles: tuple[str, str], what: str
) -> tuple[str, str]:
    """The title and the finding on a value that each pictured median network has, by depth and number of points.

    `titles` say that it falls with the number of points, and that it does not."""
    table = pd.Series(values).unstack()
    few, many = table.columns.min(), table.columns.max()
    deepest = table.loc[table.index.max()]
    who = f"of the median network with {layers(int(table.index.max()))}"
    if few == many:
        return topic, f"{what} is {two_digits(deepest[few])}, {who}."
    ends = " and ".join(f"{two_digits(deepest[count])} with {counted(int(count), 'point')}" for count in (few, many))
    return f"{topic}: {stated(table[many] < table[few], *titles)}", f"{what} is {ends}, {who}."


def _chosen(counts: Sequence[int]) -> list[int]:
    """At most MAX_COLUMNS of the counts, evenly spaced from the first to the last."""
    places = np.linspace(0, len(counts) - 1, min(MAX_COLUMNS, len(counts))).round().astype(int)
    return [counts[place] for place in places]


def _scene(arrays: Arrays, seeds: pd.Series[int], title: str, limits: tuple[float, float]) -> Scene:
    parts = zip(MEMBER_NAMES, arrays["shown"], arrays["height"], arrays["markers"], strict=False)
    surfaces = tuple(
        Surface(f"{name}: seed {seeds[int(member)]}", height.astype(float), markers)
        for name, member, height, markers in parts
    )
    return Scene(title, surfaces, (0.0, 1.0, 0.0, 1.0), limits)
