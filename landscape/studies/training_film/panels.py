"""What the report of a run on training as a film shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from landscape.figures import Panel
from landscape.figures.training_film import kept_over_time
from landscape.findings import percent
from landscape.results import Cell, Result
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.film_panels import film_panels
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.shown_film import ShownFilm
from landscape.studies.parts.summaries import by_data, control_summary, fitted_words, in_tabs, status_summary
from landscape.studies.parts.words import layers

FILM_TABLES = ("moments", "branches", "events", "points", "point_events")
MEDIANS = [
    "loss", "fixed", "stable", "fixed_data", "attracting_data", "copies", "spurious", "unsettled", "largest_basin",
    "births", "deaths", "attracting_at", "kept",
]  # fmt: skip


def panels_of(result: Result) -> Iterator[Panel]:
    """For each data set the film, the branches, the curves and the events; then the tables."""
    for name, rows, section in by_data(result, result.whole):
        cells = [one for one in result.arrays if one["data"] == name]
        films = {counted_words(pd.Series(dict(one.values))): _shown(result, one) for one in cells}
        yield from in_tabs(film_panels(films, section=section, note=fitted_words(rows)))
    cells_table = status_summary(result.whole, COUNTED_KEYS, MEDIANS)
    yield Panel(
        title="Each setting",
        caption=(
            f"{counted(len(result.whole), 'network')} in {counted(len(cells_table), 'setting')}, of "
            f"{counted(result.whole.seed.nunique(), 'seed')}."
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
    """The picture beside the answer: of the training points that have begun to attract, how many attract at each step.

    Of the fewest and the most layers; None where no point begins to attract."""
    points = result.tables["points"]
    keys = ["data", "count", "hidden", "width", "member", "point"]
    points = points.sort_values("time")
    begun = points[points.attracting.groupby([points[key] for key in keys]).cummax()]
    if begun.empty:
        return None
    depths = dict.fromkeys((int(begun.hidden.min()), int(begun.hidden.max())))
    runs = {layers(hidden): begun[begun.hidden == hidden] for hidden in depths}
    ends = {name: one[one.time == one.time.max()].attracting for name, one in runs.items()}
    parts = [f"{int(one.sum()):,} of {len(one):,} with {name}" for name, one in ends.items()]
    kept = {name: one.groupby("time").attracting.mean() for name, one in runs.items()}
    return Panel(
        "",
        f"Of the training points that began to attract, these do when training ends: {', '.join(parts)}{_fewest(kept)}.",
        kept_over_time(kept),
        how=(
            f"Points of all {counted(len(result.whole), 'network')} together. At each step only points count that have "
            "attracted by then; a line at 1 means that none of them has stopped."
        ),
    )


def _fewest(kept: Mapping[str, pd.Series[float]]) -> str:
    """'; the fewest, 87 %, at step 80': when the least share attracts; empty if that is the end."""
    name = min(kept, key=lambda one: kept[one].min())
    shares, steps = kept[name].to_numpy(), kept[name].index.to_numpy()
    lowest = shares.argmin()
    return f"; the fewest, {percent(shares[lowest])}, at step {steps[lowest]:,}" if shares[lowest] < shares[-1] else ""


def _shown(result: Result, one: Cell) -> ShownFilm:
    """The film of a cell's member that is pictured."""
    tables = {name: _of(result.tables[name], one) for name in FILM_TABLES}
    members = _of(result.whole, one)
    return ShownFilm.of(tables, int(members[members.shown].member.iloc[0]), result.arrays[one])


def _of(table: pd.DataFrame, one: Cell) -> pd.DataFrame:
    for name, value in one.values:
        table = table[table[name] == value]
    return table
