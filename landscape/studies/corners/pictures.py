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
from landscape.studies.parts.summaries import failed_words

MAX_COLUMNS = 6  # counts pictured side by side
MEMBER_NAMES = ("median", "lowest", "highest")
AMONG_CONVERGED = "of the converged (of all, where none converged)"
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
    caption = (
        f"Loss over the square of inputs, one colour scale. First the network of median corner maximum {AMONG_CONVERGED}; the "
        f"lowest and the highest can be selected. Dots are training points, at most the first {markers}. {failed_words(rows)}."
    )
    grid = SceneGrid(tuple(f"{hidden} hidden" for hidden in depths), tuple(f"n = {count}" for count in counts), scenes)
    return Panel("Loss surfaces in two dimensions", caption, grid, "Single networks")


def _maps(
    rows: pd.DataFrame, depths: Sequence[int], counts: Sequence[int], by_cell: dict[tuple[int, int], Arrays]
) -> Panel:
    caption = (
        "What networks of one coordinate return: the diagonal is the identity, dots are training points of the network of "
        f"median corner maximum {AMONG_CONVERGED}, which is thick; thin: the lowest and the highest. A horizontal piece "
        f"sends a whole interval to one output, a piece along the diagonal only copies its input. {failed_words(rows)}."
    )
    return Panel("Output maps in one dimension", caption, output_maps(by_cell, depths, counts), "Single networks")


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
