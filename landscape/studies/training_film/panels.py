"""What the report of a run on training as a film shows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.figures import Panel, SceneGrid
from landscape.figures.scene import scene_limits
from landscape.findings import percent
from landscape.results import Cell, Result
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.film_panels import film_panels, film_scene
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.shown_film import ShownFilm
from landscape.studies.parts.summaries import by_data, control_summary, fitted_words, in_tabs, status_summary
from landscape.studies.parts.words import data_words, layers

FILM_TABLES = ("moments", "branches", "events", "points", "point_events")
MEDIANS = [
    "loss", "fixed", "stable", "fixed_data", "attracting_data", "copies", "spurious", "unsettled", "largest_basin",
    "births", "deaths", "attracting_at", "kept",
]  # fmt: skip


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set the film, the branches, the curves and the events; then the tables."""
    for name, rows, section in by_data(result, result.table):
        cells = [one for one in result.arrays if one["data"] == name]
        films = {counted_words(pd.Series(dict(one.values))): _shown(result, one) for one in cells}
        yield from in_tabs(film_panels(films, section=section, note=fitted_words(rows)))
    cells_table = status_summary(result.table, COUNTED_KEYS, MEDIANS)
    yield Panel(
        title="Each setting",
        caption=(
            f"{counted(len(result.table), 'network')} in {counted(len(cells_table), 'setting')}, of "
            f"{counted(result.table.seed.nunique(), 'seed')}."
        ),
        body=cells_table,
        section="Tables",
        how=(
            "Numbers of networks (members) by how training ended, and medians after the last step; attracting_at: the mean "
            "step by which a training point attracts; kept: the share of those that begin to attract in between which attract "
            "at the end."
        ),
    )
    yield Panel(
        title="Maps whose answer is known",
        caption="What also holds of one of these maps says nothing about training.",
        body=control_summary(
            result.tables["controls"], COUNTED_KEYS, [name for name in MEDIANS if name not in ("attracting_at", "kept")]
        ),
        section="Tables",
        how=(
            "The same measurements; medians over members. Of the nearest training point (memoriser) every training point "
            "attracts, of a constant one point; of the identity every start is fixed, and none attracts."
        ),
    )


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: films of the shallowest and the deepest networks on the data set with most points."""
    filmed = [one for one in result.arrays if len(result.arrays[one])]
    if not filmed:
        return None
    name = max(filmed, key=lambda one: len(result.arrays[one]["spots"]))["data"]
    cells = sorted((one for one in filmed if one["data"] == name), key=lambda one: (one["hidden"], one["width"]))
    cells = list(dict.fromkeys([cells[0], cells[-1]]))
    films = [_shown(result, one) for one in cells]
    limits = scene_limits([one.arrays["heights"] for one in films])
    rows = tuple(layers(one["hidden"]) for one in cells)
    scenes = tuple((film_scene(row, one, limits, "step"),) for row, one in zip(rows, films, strict=True))
    ends = [_of(result.table, one).query("shown").iloc[0] for one in cells]
    parts = [f"{percent(row['attracting_data'])} with {layers(row['hidden'])}" for row in ends]
    caption = f"Training points that attract when training ends, of one network each: {', '.join(parts)}."
    how = (
        f"Play: the loss while a network learns {data_words(name)} (black), low where it returns its input. Green squares: "
        "points that attract; orange discs: returned, but do not attract."
    )
    return Panel("", caption, SceneGrid(rows, ("",), scenes), how=how)


def _shown(result: Result, one: Cell) -> ShownFilm:
    """The film of a cell's member that is pictured."""
    tables = {name: _of(result.tables[name], one) for name in FILM_TABLES}
    members = _of(result.table, one)
    return ShownFilm.of(tables, int(members[members.shown].member.iloc[0]), result.arrays[one])


def _of(table: pd.DataFrame, one: Cell) -> pd.DataFrame:
    for name, value in one.values:
        table = table[table[name] == value]
    return table
