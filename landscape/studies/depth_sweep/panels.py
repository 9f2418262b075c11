"""The panels of a depth sweep's report."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.findings import percent
from landscape.results import Cell, Result
from landscape.studies.depth_sweep.captions import (
    arrival_words,
    burn_in_words,
    capacity_words,
    climbing_words,
    plateau_words,
    surface_words,
)
from landscape.studies.depth_sweep.figures import (
    PLATEAU_SLOPE,
    LineMap,
    burn_in_scatter,
    cobweb,
    depth_or_capacity,
    line_maps,
    share_curves,
)
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import by_data, cell_summary, control_summary, fitted_words, in_tabs, member_rows

MEDIANS = [
    "loss",
    "cube_mean",
    "output_range",
    "trace_share",
    "flat_share",
    "share_early",
    "share_end",
    "burn_in",
    "rho_max",
]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set: surfaces or maps, how samples converge, and depth against capacity. Then the tables."""
    for name, table, section in by_data(result, result.whole):
        yield from in_tabs(_of_data(result, name, table, section))
    yield from _tables(result)


def _of_data(result: Result, name: str, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    """Surfaces or maps, how samples converge, and depth against capacity of one data set."""
    cells = [cell for cell in result.arrays if cell["data"] == name]
    plain = [cell for cell in cells if cell["budget"] == 0]
    if any("height" in result.arrays[cell] for cell in plain):
        yield _surfaces(result, plain, table, section)
    if any("map_x" in result.arrays[cell] for cell in plain):
        yield from _lines(result, plain, table, section)
    yield from _sampling(result, name, table, section)


def _surfaces(result: Result, cells: list[Cell], table: pd.DataFrame, section: str) -> Panel:
    hidden, width = sorted({cell["hidden"] for cell in cells}), sorted({cell["width"] for cell in cells})
    place = {(cell["hidden"], cell["width"]): cell for cell in cells if "height" in result.arrays[cell]}
    limits = scene_limits([height for cell in place.values() for height in result.arrays[cell]["height"]])
    grid = [[scene_of(result, place.get((h, w)), limits) for w in width] for h in hidden]
    plane = table.data.iloc[0] == "digits" or "anchors" in next(iter(result.arrays[cell] for cell in cells))
    where = (
        "on the plane through three of the training points (the first member's, where each has its own)"
        if plane
        else "over the square of inputs and half its side beyond, where normal starts begin"
    )
    plain = table[table.budget == 0]
    title, finding = surface_words(plain)
    return Panel(
        title=f"Loss surfaces: {title}",
        caption=finding,
        how=(
            f"Mean squared reconstruction error {where}, log scale, one scale for all. Each view opens with the median network "
            "of the converged (of all, where none converged) by mean loss; the lowest and the highest can be selected. "
            f"Black: training points. Play iterates x ← f(x). {fitted_words(plain)}"
        ),
        body=SceneGrid(
            tuple(f"{h} hidden" for h in hidden), tuple(f"width {w}" for w in width), tuple(map(tuple, grid))
        ),
        section=section,
    )


def scene_of(result: Result, cell: Cell | None, limits: tuple[float, float]) -> Scene | None:
    if cell is None:
        return None
    arrays, rows = result.arrays[cell], member_rows(result, cell)
    plane = "spots" in arrays
    surfaces = []
    for index, (member, word) in enumerate(zip(arrays["shown"], ("median", "lowest", "highest"), strict=False)):
        row = rows.loc[member]
        surfaces.append(
            Surface(
                label=f"{word}: seed {row.seed}",
                height=arrays["height"][index],
                markers=arrays["spots"] if plane else arrays["markers"][index],
                orbits=None if plane else arrays["orbits"][index],
                note=f"{row.status}, training loss {row.loss:.1e}",
            )
        )
    done = int((rows.status == "converged").sum())
    left, right, bottom, top = map(float, arrays["extent"])
    return Scene(
        title=f"{cell['hidden']} hidden, width {cell['width']}",
        surfaces=tuple(surfaces),
        extent=(left, right, bottom, top),
        limits=limits,
        labels=("u", "v", "loss") if plane else ("x₁", "x₂", "loss"),
        note=f"{done} of {len(rows)} networks converged.",
        near=float(arrays["near"].min()),
    )


def _lines(result: Result, cells: list[Cell], table: pd.DataFrame, section: str) -> Iterator[Panel]:
    hidden, width = sorted({cell["hidden"] for cell in cells}), sorted({cell["width"] for cell in cells})
    place = {(cell["hidden"], cell["width"]): line_map_of(result, cell) for cell in cells}
    grid = [[place.get((h, w)) for w in width] for h in hidden]
    rows, columns = [f"{h} hidden" for h in hidden], [f"width {w}" for w in width]
    plain = table[table.budget == 0]
    title, finding = plateau_words(plain)
    yield Panel(
        title=f"The map f on the line: {title}",
        caption=finding,
        how=(
            "Thick: the median network; thin: every network; dashed: the identity. Shaded: plateaus of the median network, "
            f"where |f′| < {PLATEAU_SLOPE:g}. A training point on a plateau attracts at once. {fitted_words(plain)}"
        ),
        body=line_maps(grid, rows, columns),
        section=section,
    )
    yield _cobwebs(place, hidden, width, min(float(result.arrays[cell]["near"].min()) for cell in cells), section)


def _cobwebs(
    place: dict[tuple[int, int], LineMap], hidden: list[int], width: list[int], near: float, section: str
) -> Panel:
    """The cobweb diagrams of the shallowest and the deepest nets, at the least and the greatest width."""
    ends = [(hidden[0], width[0]), (hidden[-1], width[0]), (hidden[0], width[-1]), (hidden[-1], width[-1])]
    chosen = [pair for pair in dict.fromkeys(ends) if pair in place]
    some = place[chosen[0]]
    shares = [(np.abs(place[pair].orbits[-1][:, None] - place[pair].points) <= near).any(1).mean() for pair in chosen]
    title, finding = climbing_words(pd.Series(shares), len(some.orbits) - 1)
    return Panel(
        title=f"Samples climbing the cobweb: {title}",
        caption=finding,
        how=(
            "x ← f(x) for the median network of the least and the greatest depth and width. Orange circles: on the way; green "
            f"squares: within {near:g} of a training point."
        ),
        body=cobweb(
            [place[pair] for pair in chosen],
            [f"{h} hidden, width {w}" for h, w in chosen],
            near,
            "Cobweb diagram of samples iterating under each map.",
        ),
        section=section,
    )


def line_map_of(result: Result, cell: Cell) -> LineMap:
    arrays = result.arrays[cell]
    median = int(arrays["shown"][0])
    return LineMap(arrays["map_x"], arrays["map_y"], median, arrays["markers"][0][:, 0], arrays["orbits"][0][..., 0])


def _sampling(result: Result, name: str, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    shares = result.tables["shares"]
    shares = shares[(shares.data == name) & (shares.budget == 0)]
    plain, iterations = table[table.budget == 0], result.record["parameters"]["iterations"]
    ends = {control: percent(_control(result, name, "share_end", control)) for control in ("untrained", "constant")}
    title, finding = arrival_words(plain)
    yield Panel(
        title=f"How fast samples reach the data: {title}",
        caption=(
            f"{finding} At the end: untrained networks {ends['untrained']}, a constant at the data's mean {ends['constant']}."
        ),
        how=(
            f"Lines are means over all networks, bands their 95 % intervals over {counted(plain.seed.nunique(), 'seed')}; the "
            f"dotted line marks iteration {EARLY_ITERATION}."
        ),
        body=share_curves(shares, EARLY_ITERATION),
        section=section,
        downloads={"share_near": shares},
    )
    if table[table.budget > 0].hidden.nunique() > 1:
        equal = table[table.budget > 0]
        title, finding = capacity_words(equal)
        yield Panel(
            title=f"Depth or capacity: {title}",
            caption=finding,
            how=(
                "On a line the number of parameters is the same, and depth is traded for width. If depth only bought capacity, "
                "lines would be level. Bars: 95 % intervals of the mean over networks."
            ),
            body=depth_or_capacity(equal, EARLY_ITERATION),
            section=section,
        )
    title, finding = burn_in_words(table, iterations)
    yield Panel(
        title=f"Burn-in against complexity: {title}",
        caption=finding,
        how=(
            "A network's burn-in is the first iteration from which 95 % of the samples that finally settle stay near a "
            f"training point. A dot is a network; triangles had not settled by iteration {iterations}."
        ),
        body=burn_in_scatter(table, iterations),
        section=section,
    )


def _control(result: Result, name: str, column: str, control: str) -> float:
    """The mean of a column over the members of a control on the data set `name`."""
    rows = result.tables["controls"]
    return float(rows[(rows.data == name) & (rows.control == control)][column].mean())


def _tables(result: Result) -> Iterator[Panel]:
    keys = ["data", "hidden", "width", "budget"]
    yield Panel(
        title="Cells",
        caption="Medians over all networks of a cell, with their numbers by how training ended.",
        how=f"kind: what most networks' map is (see Controls). share_early is at iteration {EARLY_ITERATION}.",
        body=cell_summary(result.whole, keys, MEDIANS),
        section="Tables",
    )
    controls = result.tables["controls"]
    yield Panel(
        title="Controls",
        caption="The same measurements on maps whose answer is known: medians over networks and cells.",
        how=(
            "Each must be recognised as what it is; a claim that also holds for one of them says nothing about training."
        ),
        body=control_summary(controls, ["data"], MEDIANS),
        section="Tables",
    )
