"""The panels of a corners report. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.ensemble import STATUSES, TOL
from landscape.figures import Panel
from landscape.figures.theme import AMBER, BLUE, GREEN, MUTED, ORANGE, PURPLE, SKY
from landscape.measures.dynamics import KINDS
from landscape.results import Result
from landscape.studies.corners.by_count import (
    cube_against_corners,
    falls_and_copies,
    loss_by_spread,
    stacked_shares,
    training_losses,
    what_flat_means,
)
from landscape.studies.corners.claims import CORNER_EXCESS
from landscape.studies.corners.figures import corner_maxima
from landscape.studies.corners.pictures import pictures_of
from landscape.studies.parts.published import against_published, published_corner_maxima
from landscape.studies.parts.words import layers

PALE = "#d5dbe1"  # of the kind 'between', which no rule names
KIND_COLOURS = dict(zip(KINDS, (GREEN, BLUE, MUTED, SKY, AMBER, PALE), strict=True))
STATUS_COLOURS = dict(zip(STATUSES, (GREEN, AMBER, PURPLE, ORANGE), strict=True))


def panels_of(result: Result) -> Iterator[Panel]:
    """Fig. 6 again, what its fall means, single networks, cube and shells, training, spreads, tables."""
    spread = float(result.record["parameters"]["spread"][0])
    members, controls, shells = (
        table[table["spread"] == spread] for table in map(result.tables.__getitem__, ("members", "controls", "shells"))
    )
    yield _figure_six(members, controls, spread == 1)
    yield _meaning(members)
    yield _kinds(members)
    yield from pictures_of(result, members, spread)
    yield _cube(members, shells[shells["control"] == "none"])
    yield _training(members)
    yield _statuses(members)
    if result.table["spread"].nunique() > 1:
        yield _spreads(result.table)
    yield Panel("Medians by cell", _medians_caption(result.table), medians(result.table), "Tables")
    yield Panel(
        "The controls at the same points",
        "Medians over seeds of maps that learned nothing, measured as the networks are. A control's corners are "
        "enumerated up to 20 dimensions.",
        _control_medians(result.tables["controls"]),
        "Tables",
    )
    compared = against_published(members)
    if spread == 1 and len(compared):
        yield Panel("The published dots and ours", _published_caption(compared), compared, "Tables")


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the corner losses and the copying by number of points, or the loss by spread.

    Of the deepest networks; None for runs with one number of points and one spread."""
    deepest = result.table[result.table["hidden"] == result.table["hidden"].max()]
    first = deepest[deepest["spread"] == float(result.record["parameters"]["spread"][0])]
    who = f"Networks with {layers(int(deepest['hidden'].max()))}: medians and middle halves"
    if first["count"].nunique() > 1:
        caption = (
            f"{who}. Above: the largest loss at the corners of a cube of D dimensions, by number of training points. "
            "Below: how far the networks copy their input."
        )
        return Panel("", caption, falls_and_copies(first))
    if deepest["spread"].nunique() > 1:
        points = int(deepest["count"].max())
        caption = (
            f"{who}. The mean loss over the cube when {points} training points fill a centred box of the given side."
        )
        return Panel("", caption, loss_by_spread(deepest[deepest["count"] == points]))
    return None


def medians(table: pd.DataFrame) -> pd.DataFrame:
    """A table with a row per cell: medians over all members, and the number of members in all, per status and per kind."""
    keys = ["hidden", "dim", "count", "spread"]
    columns = ["corner_maximum", "cube_mean", "cube_maximum", "maximum_ratio", "trace_share", "rank", "loss"]
    groups = table.groupby(keys)
    statuses, kinds = (
        table.groupby([*keys, column]).size().unstack(fill_value=0).reindex(columns=list(words), fill_value=0)
        for column, words in (("status", STATUSES), ("kind", KINDS))
    )
    cells = groups.size().rename("members").to_frame().join(statuses).join(groups[columns].median()).join(kinds)
    return cells.reset_index()


def _figure_six(members: pd.DataFrame, controls: pd.DataFrame, whole: bool) -> Panel:
    """Corner maxima against the number of points, with the published dots if the data fill the `whole` cube as theirs do."""
    published, compared = published_corner_maxima(), against_published(members)
    if not whole:
        published, compared = published[:0], compared[:0]
    few, many = members["count"].min(), members["count"].max()
    middle = members.groupby(["hidden", "dim", "count"])["corner_maximum"].median().unstack()
    falls = [f"{first:.2g} → {last:.2g}" for first, last in zip(middle[few], middle[many], strict=True)]
    caption = (
        f"Median corner maximum from n = {few} to {many}: {_by_depth(pd.Series(falls, middle.index))}. Lines are medians "
        f"over {_seeds(members)} of all members, dark bands the middle half, light bands the smallest to the largest; thin "
        f"lines are medians of the controls. The dash at n = 1 is a constant map's expectation where data fill the "
        f"cube, 7/12. {_failed(members)}"
    )
    if len(compared):
        caption += f" {_published_caption(compared)}"
    return Panel(
        "The largest loss over the corners falls with the number of points",
        caption,
        corner_maxima(members, controls, published),
        "Fig. 6 again",
        {"medians": medians(members), "published": compared} if len(compared) else {"medians": medians(members)},
    )


def _published_caption(compared: pd.DataFrame) -> str:
    """For each depth, how many published dots lie between the smallest and the largest value of our networks."""
    parts = []
    for hidden, rows in compared.groupby("hidden"):
        outside = [
            f"D = {row.dim}, n = {row.count_}"
            for row in rows[~rows["inside"]].rename(columns={"count": "count_"}).itertuples()
        ]
        share = f"{rows['inside'].sum()} of {len(rows)} ({rows['inside'].mean():.0%})"
        within = f"{rows['inside_with_error'].mean():.0%} within the reading error of ± .002"
        parts.append(
            f"with {hidden} hidden layers {share}, {within}" + (f" (outside: {'; '.join(outside)})" if outside else "")
        )
    return (
        "Published dots (one run each, 6 hidden layers, read off the plot; arrows are below .001) between our smallest and "
        f"largest: {'; '.join(parts)}."
    )


def _meaning(members: pd.DataFrame) -> Panel:
    many = members["count"].max()
    rows = members[members["count"] == many]
    traces = rows.groupby(["hidden", "dim"])["trace_share"].median()
    caption = (
        "The Jacobian over random points of the cube: tr J/D is 1 and the rank full for the identity, both are 0 for a "
        "map that sends regions to single points. A corner maximum falls either way, so that this picture says which. "
        f"Median tr J/D at n = {many}: {_by_depth(traces.map('{:.2f}'.format))}. The rank "
        "counts singular values above 0.1 % of the largest, so that a nearly constant map can have full rank: read both. "
        f"Bands are the middle half of {_seeds(members)}. {_failed(members)}"
    )
    return Panel("Flat by identity, or many-to-one?", caption, what_flat_means(members), "What the fall means")


def _kinds(members: pd.DataFrame) -> Panel:
    shares = members["kind"].value_counts(normalize=True)
    words = ", ".join(f"{share:.0%} {kind}" for kind, share in shares.items())
    caption = (
        f"What kind of map each network has become, by rules that look at the map alone: {words} over all counts. "
        "Identity: mean loss under 1 % of a constant's; constant: outputs range over less than 1 % of the cube; "
        f"memoriser: 95 % of outputs near a training point and 95 % of the cube flat; between: none of these. "
        f"{_seeds(members)} a bar."
    )
    figure = stacked_shares(members, "kind", KINDS, [KIND_COLOURS[kind] for kind in KINDS])
    return Panel("Kinds of map", caption, figure, "What the fall means")


def _cube(members: pd.DataFrame, shells: pd.DataFrame) -> Panel:
    measured = members.dropna(subset="maximum_ratio")
    shares = (measured["maximum_ratio"] <= CORNER_EXCESS).groupby([measured["hidden"], measured["dim"]]).mean()
    caption = (
        "Left, a dot a network: the highest loss found in the cube (random points, corners and gradient ascent: a lower "
        "bound, not certified) against its largest over the corners. Networks whose two agree within 1 %: "
        f"{_by_depth(shares.map('{:.0%}'.format))}. Right: mean loss by shell around the centre, as a share of the "
        f"outermost shell's; medians and middle halves over all networks of all counts. {_failed(members)}"
    )
    return Panel(
        "Is the loss highest at the corners?", caption, cube_against_corners(members, shells), "Cube and corners"
    )


def _training(members: pd.DataFrame) -> Panel:
    caption = (
        f"Training loss of the kept weights; dotted: {TOL:g}, below which a network counts as converged. At many points few "
        "get there, and all networks enter every statistic here. Medians and middle halves of "
        f"{_seeds(members)}. {_failed(members)}"
    )
    return Panel("Training loss", caption, training_losses(members, TOL), "Training")


def _statuses(members: pd.DataFrame) -> Panel:
    counts = members["status"].value_counts()
    words = ", ".join(f"{counts[word]} {word}" for word in STATUSES if word in counts)
    caption = f"Of {len(members)} networks {words}."
    figure = stacked_shares(members, "status", STATUSES, [STATUS_COLOURS[word] for word in STATUSES])
    return Panel("How training ended", caption, figure, "Training")


def _spreads(table: pd.DataFrame) -> Panel:
    swept = table.groupby(["hidden", "dim", "count"])["spread"].transform("nunique") > 1
    rows = table[swept & (table["cube_mean"] > 0)]
    slopes = {
        key: f"{np.polyfit(np.log(some['spread']), np.log(some['cube_mean']), 1)[0]:.2f}"
        for key, some in rows.groupby(["hidden", "dim"])
    }
    counts = ", ".join(map(str, sorted(rows["count"].unique())))
    caption = (
        f"Mean loss over the whole cube at n = {counts} when the data fill a centred box of the given side; slopes of log "
        f"on log: {_by_depth(pd.Series(slopes))}. Medians and middle halves of {_seeds(rows)}. {_failed(rows)}"
    )
    return Panel("Flatness and the spread of the data", caption, loss_by_spread(rows), "Spread")


def _control_medians(controls: pd.DataFrame) -> pd.DataFrame:
    keys = ["control", "hidden", "dim", "count", "spread"]
    columns = ["corner_maximum", "cube_mean", "cube_maximum", "trace_share", "rank", "output_range", "loss"]
    middle = controls.groupby(keys)[columns].median()
    kinds = controls.groupby(keys)["kind"].agg(lambda kind: kind.mode().iloc[0])
    return middle.assign(kind=kinds).reset_index()


def _medians_caption(table: pd.DataFrame) -> str:
    return (
        "Medians over all members of a cell, converged or not, with the number of each status and each kind beside them. "
        f"{_failed(table)}"
    )


def _failed(members: pd.DataFrame) -> str:
    failed = int((members["status"] != "converged").sum())
    return f"{failed} of {len(members)} networks did not reach a training loss of {TOL:g}; they are included."


def _seeds(members: pd.DataFrame) -> str:
    return f"{members['seed'].nunique()} seeds"


def _by_depth(words: pd.Series[str]) -> str:
    """The words of each depth and dimension as text: '2 hidden: .5 (D = 1), .6 (D = 2); 6 hidden: …'."""
    parts = [
        f"{hidden} hidden: " + ", ".join(f"{word} (D = {dim})" for dim, word in some.droplevel(0).items())
        for hidden, some in words.groupby(level=0)
    ]
    return "; ".join(parts)
