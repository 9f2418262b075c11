"""The panels of a step-flatness report. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.results import Cell, Result
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.summaries import by_data, cell_summary, control_summary, fitted_words, in_tabs, member_rows
from landscape.studies.parts.words import data_words, layers
from landscape.studies.step_flatness.captions import (
    blend_words,
    flat_words,
    place_words,
    run_words,
    sharpness_words,
    slope_words,
    steepest_words,
)
from landscape.studies.step_flatness.claims import LINEAR_SHARPNESS, STEP_SHARPNESS, compared_rows
from landscape.studies.step_flatness.figures import (
    MOST_LINES,
    PLATEAU_SLOPE,
    LineProfile,
    by_depth_and_width,
    image_strips,
    profiles,
    shares_by_member,
    slope_map,
)

MEDIANS = [
    "loss",
    "sharpness",
    "largest_slope",
    "flat_line",
    "plateaus",
    "run_mean",
    "run_min",
    "plateau_mean",
    "plateau_min",
    "dead_share",
    "output_range",
    "trace_share",
]


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set: maps along a line, sharpness, plateaus, images between images, and slopes. Then the tables."""
    for name, table, section in by_data(result, result.whole):
        yield from in_tabs(_of_data(result, name, table, section))
    yield from _tables(result)


def _of_data(result: Result, name: str, table: pd.DataFrame, section: str) -> Iterator[Panel]:
    """Maps along a line, sharpness, plateaus, images between images, and slopes of one data set."""
    place = {
        (cell["hidden"], cell["width"]): cell for cell in result.arrays if cell["data"] == name and not cell["budget"]
    }
    on_line = bool(table.plateau_mean.notna().any())
    yield _profiles(result, place, table, section, on_line)
    yield _sharpness(result, name, table, section)
    yield _flat_runs(result, name, table, section)
    yield _shares(table, section)
    if any("strip" in result.arrays[cell] for cell in place.values()):
        yield _strips(result, place, section)
    yield _slopes(result, place, section, on_line)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the maps of the shallowest and the deepest networks of equal size, on the first data set.

    None without two depths of equal size."""
    for name, rows in compared_rows(result).groupby("data", sort=False):
        largest = rows[rows.budget == rows.budget.max()]
        ends = [largest.hidden.min(), largest.hidden.max()]
        cells = [one for hidden in ends for one in result.arrays if _is(one, str(name), largest.budget.max(), hidden)]
        if len(cells) == 2:
            return _hero(result, cells, on_line=bool(rows.plateau_mean.notna().any()))
    return None


def _hero(result: Result, cells: list[Cell], *, on_line: bool) -> Panel:
    along, labels = "", ("x", "f(x)")
    if not on_line:
        along, labels = ", along a line between two points", ("position on the line", "output along it")
    shown = [profile for cell in cells if (profile := _profile(result, cell)) is not None]
    how = (
        f"Networks of about {cells[0]['budget']:,} parameters on {data_words(cells[0]['data'])} (dots){along}; the answer has "
        "means over all networks and data. The band below is the median network's slope. A step function would be flat beside "
        "each dot, with one jump between."
    )
    caption = steepest_words(
        {cell["hidden"]: _shown_sharpness(result, cell) for cell in cells}, data_words(cells[0]["data"])
    )
    rows = [f"{layers(cell['hidden'])}, width {cell['width']}" for cell in cells]
    return Panel("", caption, profiles([[one] for one in shown], rows, [""], labels), how=how)


def _shown_sharpness(result: Result, cell: Cell) -> float:
    rows = member_rows(result, cell).sort_index()
    return float(rows.sharpness.iloc[int(result.arrays[cell]["shown"][0])])


def _is(cell: Cell, name: str, budget: int, hidden: int) -> bool:
    return bool(cell["data"] == name and cell["budget"] == budget and cell["hidden"] == hidden)


def _profiles(
    result: Result, place: dict[tuple[int, int], Cell], table: pd.DataFrame, section: str, on_line: bool
) -> Panel:
    hidden, width = sorted({pair[0] for pair in place}), sorted({pair[1] for pair in place})
    rows, columns = [f"{h} hidden" for h in hidden], [f"width {w}" for w in width]
    grid = [[_profile(result, place.get((h, w))) for w in width] for h in hidden]
    if len(width) == 1:  # side by side
        rows, columns, grid = columns, rows, [[line[0] for line in grid]]
    where = (
        "f over the whole range; dots are training points (of the median network, where each has its own)"
        if on_line
        else "Along the longest line between two training points, f read along the line: 0 and 1 are the two points. "
        "Outputs off the line are not seen here"
    )
    title, finding = slope_words(table[table.budget == 0])
    return Panel(
        title=f"The map between training points: {title}",
        caption=finding,
        how=(
            f"{where}. Thick: the network of median sharpness (of the converged, where there are any); thin: the first "
            f"{MOST_LINES}, dotted where one did not converge; dashed: the identity. Shaded: where the median network is flat, "
            f"slope below {PLATEAU_SLOPE:g}; the band below is its slope in colour, 1 for the identity. A step function would "
            f"be flat beside each point, with one jump between. {fitted_words(table)}"
        ),
        body=profiles(grid, rows, columns, ("x", "f(x)") if on_line else ("position on the line", "output along it")),
        section=section,
    )


def _profile(result: Result, cell: Cell | None) -> LineProfile | None:
    if cell is None:
        return None
    arrays, rows = result.arrays[cell], member_rows(result, cell).sort_index()
    return LineProfile(
        arrays["position"], arrays["profile"], arrays["slopes"], int(arrays["shown"][0]), arrays["points"],
        (rows.status != "converged").to_numpy(),
    )  # fmt: skip


def _sharpness(result: Result, name: str, table: pd.DataFrame, section: str) -> Panel:
    missing = int(table.sharpness.isna().sum())
    varies = f" {counted(missing, 'network')} whose map does not vary at all are left out." if missing else ""
    title, finding = sharpness_words(table)
    untrained = _control(result, name, "untrained")
    return Panel(
        title=f"How sharp the steps are: {title}",
        caption=finding,
        how=(
            "Sharpness is the share of the output's variation within the steepest tenth of a line between training points, "
            f"mean over lines. Bars: 95 % intervals of the mean over {counted(table.seed.nunique(), 'seed')}; crosses: "
            f"untrained networks, whose ripples it reads at any scale.{varies} The table Controls has it of other maps."
        ),
        body=by_depth_and_width(
            table, "sharpness", "sharpness", {"linear": LINEAR_SHARPNESS, "step": STEP_SHARPNESS}, untrained
        ),
        section=section,
        downloads={"lines": _lines(result, name)},
    )


def _flat_runs(result: Result, name: str, table: pd.DataFrame, section: str) -> Panel:
    memoriser = float(_control(result, name, "memoriser").run_mean.median())
    title, finding = run_words(table, memoriser)
    return Panel(
        title=f"How wide the plateaus are: {title}",
        caption=finding,
        how=(
            f"The length of the flat run (slope below {PLATEAU_SLOPE:g}) that begins at a training point on the line to the "
            "next, as a share of that line; mean over ends and lines. The identity has 0, maps that are all but constant, as "
            "untrained networks are, 1. Bars: 95 % intervals of the mean over seeds. The table Cells has whole plateaus."
        ),
        body=by_depth_and_width(
            table, "run_mean", "flat run beside a training point", {"perfect steps": memoriser},
            _control(result, name, "untrained"),
        ),
        section=section,
    )  # fmt: skip


def _shares(table: pd.DataFrame, section: str) -> Panel:
    plain = table[table.budget == 0]
    title, finding = flat_words(plain)
    return Panel(
        title=f"How much of the lines is flat: {title}",
        caption=finding,
        how=(
            f"Share of the lines between training points where the slope is below {PLATEAU_SLOPE:g}, a dot a network; bars are "
            "medians, hollow dots did not converge."
        ),
        body=shares_by_member(plain, "flat_line", "flat share of the lines"),
        section=section,
    )


def _strips(result: Result, place: dict[tuple[int, int], Cell], section: str) -> Panel:
    cells = _ends(place)
    side = int(np.sqrt(result.arrays[cells[0]]["strip"].shape[1]))
    rows = {"input": result.arrays[cells[0]]["strip"].reshape(-1, side, side)}
    for cell in cells:
        images = result.arrays[cell]["strip_outputs"].reshape(-1, side, side)
        rows[f"{cell['hidden']} hidden, width {cell['width']}"] = images
    shown = {layers(cell["hidden"]): result.arrays[cell] for cell in cells}
    title, finding = blend_words({name: (one["strip"], one["strip_outputs"]) for name, one in shown.items()})
    return Panel(
        title=f"Images between two images: {title}",
        caption=finding,
        how=(
            "Top: the longest line between two training images, position above. Below: what the network of median sharpness "
            "makes of it, at the least and the greatest depth. A step function would show one image, then the other; the "
            "identity shows the blend; what else appears lies off the line."
        ),
        body=image_strips(rows),
        section=section,
    )


def _slopes(result: Result, place: dict[tuple[int, int], Cell], section: str, on_line: bool) -> Panel:
    cells = _ends(place)
    chosen = [profile for cell in cells if (profile := _profile(result, cell)) is not None]
    where = "over the range" if on_line else "along the longest line between two training points"
    title, finding = place_words({layers(cell["hidden"]): one for cell, one in zip(cells, chosen, strict=True)})
    return Panel(
        title=f"Where the steps are, network by network: {title}",
        caption=finding,
        how=(
            f"Slope {where}, a row a network, the largest slope on top; dashed: training points; × marks networks that did not "
            "converge. Steps are bright stripes between dark plateaus where there are any."
        ),
        body=slope_map(
            chosen, [f"{cell['hidden']} hidden, width {cell['width']}" for cell in cells],
            "x" if on_line else "position on the line",
        ),
        section=section,
    )  # fmt: skip


def _ends(place: dict[tuple[int, int], Cell]) -> list[Cell]:
    """The cells of the least and the greatest depth, each at its greatest width."""
    pairs = [max(pair for pair in place if pair[0] == h) for h in (min(place)[0], max(place)[0])]
    return [place[pair] for pair in dict.fromkeys(pairs)]


def _control(result: Result, name: str, control: str) -> pd.DataFrame:
    rows = result.tables["controls"]
    return rows[(rows.data == name) & (rows.control == control)]


def _lines(result: Result, name: str) -> pd.DataFrame:
    """The trained nets' rows of the table of lines."""
    rows = result.tables["lines"]
    return rows[(rows.data == name) & (rows.control == "none")].drop(columns="control")


def _tables(result: Result) -> Iterator[Panel]:
    yield Panel(
        title="Cells",
        caption="Medians over all networks of a cell, with their numbers by how training ended.",
        how=(
            "flat_line: flat share of the lines; run_mean, run_min: flat run beside a training point as a share of the line; "
            "plateau_mean, plateau_min: the whole plateau around a training point as a share of the range, in one dimension "
            "only; dead_share: zero slope before the squash; largest_slope: between neighbouring positions."
        ),
        body=cell_summary(result.whole, ["data", "hidden", "width", "budget"], MEDIANS),
        section="Tables",
    )
    yield Panel(
        title="Controls",
        caption="The same measurements on maps whose answer is known: medians over networks and cells.",
        how=(
            "The memoriser is a step function, the identity a linear map; a constant has no variation and so no sharpness."
        ),
        body=control_summary(result.tables["controls"], ["data"], MEDIANS),
        section="Tables",
    )
