"""The panels of a corners report. Every number in a caption is computed from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.ensemble import STATUSES, TOL
from landscape.figures import Panel
from landscape.figures.theme import AMBER, BLUE, GREEN, MUTED, ORANGE, PURPLE, SKY
from landscape.findings import listed, percent
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
from landscape.studies.corners.captions import (
    copying_words,
    corner_words,
    fall_words,
    in_dimensions,
    slopes,
    spread_words,
)
from landscape.studies.corners.claims import CORNER_EXCESS
from landscape.studies.corners.figures import corner_maxima
from landscape.studies.corners.pictures import pictures_of
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.published import DIGITISING_ERROR, against_published, published_corner_maxima
from landscape.studies.parts.summaries import fitted_words
from landscape.studies.parts.words import layers, two_digits

PALE = "#d5dbe1"  # of the kind 'between', which no rule names
KIND_COLOURS = dict(zip(KINDS, (GREEN, BLUE, MUTED, SKY, AMBER, PALE), strict=True))
KIND_WORDS = {
    "memoriser": "memorisers", "identity": "the identity", "untrained": "like untrained networks", "constant": "constant",
    "unfitted": "unfitted", "between": "of no named kind",
}  # fmt: skip
PUBLISHED_DOTS = (
    "Diamonds are the published dots: one run each, 6 hidden layers, read off the plot; arrows are below 0.001."
)
STATUS_COLOURS = dict(zip(STATUSES, (GREEN, AMBER, PURPLE, ORANGE), strict=True))


def panels_of(result: Result) -> Iterator[Panel]:
    """Fig. 6 again, what its fall means, single networks, cube and shells, training, spreads, tables."""
    spread = float(result.record["parameters"]["spread"][0])
    members, controls, shells = (
        table[table["spread"] == spread] for table in map(result.tables.__getitem__, ("members", "controls", "shells"))
    )
    compared = against_published(members) if spread == 1 else pd.DataFrame()
    yield _figure_six(members, controls, published_corner_maxima() if len(compared) else published_corner_maxima()[:0])
    yield _meaning(members)
    yield _kinds(members)
    yield from pictures_of(result, members, spread)
    yield _cube(members, shells[shells["control"] == "none"])
    yield _training(members)
    yield _statuses(members)
    if result.whole["spread"].nunique() > 1:
        yield _spreads(result.whole)
    yield Panel(
        "Medians by cell",
        "Medians over all networks of a cell, with the number of each status and of each kind beside them.",
        medians(result.whole),
        "Tables",
    )
    yield Panel(
        "The controls at the same points",
        "Medians over seeds of maps that learned nothing, measured as the networks are.",
        _control_medians(result.tables["controls"]),
        "Tables",
        how="A control's corners are enumerated up to 20 dimensions.",
    )
    if len(compared):
        yield _published(compared)


def hero_of(result: Result) -> Panel | None:
    """The picture beside the answer: the corner losses and the copying by number of points, or the loss by spread.

    Of the deepest networks; None for runs with one number of points and one spread."""
    deepest = result.whole[result.whole["hidden"] == result.whole["hidden"].max()]
    first = deepest[deepest["spread"] == float(result.record["parameters"]["spread"][0])]
    how = f"Of the networks with {layers(int(deepest['hidden'].max()))}: medians and middle halves."
    if first["count"].nunique() > 1:
        how += (
            " Below: the share of a small change of the input that the output repeats; copies of the input repeat all."
        )
        return Panel("", fall_words(first), falls_and_copies(first), how=how)
    if deepest["spread"].nunique() > 1:
        rows = deepest[deepest["count"] == deepest["count"].max()]
        how += f" The mean loss over the cube when {rows['count'].iloc[0]} points fill a centred box of the given side."
        caption = f"Training points spread wider lower the loss {in_dimensions(slopes(rows) < 0)}."
        return Panel("", caption, loss_by_spread(rows, legend_title="dimensions of the cube"), how=how)
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


def _figure_six(members: pd.DataFrame, controls: pd.DataFrame, published: pd.DataFrame) -> Panel:
    """Corner maxima against the number of points, with the published dots if the data fill the whole cube as theirs do."""
    title, finding = corner_words(members)
    dots = f" {PUBLISHED_DOTS}" if len(published) else ""
    return Panel(
        title,
        finding,
        corner_maxima(members, controls, published),
        "Fig. 6 again",
        {"medians": medians(members)},
        how=(
            f"Lines are medians over {counted(members['seed'].nunique(), 'seed')}, dark bands the middle half, light bands the "
            "smallest to the largest; thin lines are medians of the controls. The dash at 1 point is what a constant map has "
            f"on average where data fill the cube, 7/12.{dots} {fitted_words(members)}"
        ),
    )


def _published(compared: pd.DataFrame) -> Panel:
    """The table of the published dots; the finding is on the networks of most hidden layers, as theirs has six."""
    rows = compared[compared["hidden"] == compared["hidden"].max()]
    return Panel(
        "The published dots and ours",
        f"{rows['inside'].sum()} of {len(rows)} published dots lie between the smallest and the largest value of our networks "
        f"with {layers(int(rows['hidden'].iloc[0]))}; within the reading error of ±{DIGITISING_ERROR:g}, "
        f"{rows['inside_with_error'].sum()}.",
        compared,
        "Tables",
        how=PUBLISHED_DOTS,
    )


def _meaning(members: pd.DataFrame) -> Panel:
    title, finding = copying_words(members)
    return Panel(
        f"Flat by identity or many-to-one: {title}",
        finding,
        what_flat_means(members),
        "What the fall means",
        {"medians": medians(members)},
        how=(
            "J is the Jacobian at random points of the cube. A loss at the corners falls either way, by copying or by sending "
            "regions to points; tr J/D and the rank tell which. The rank counts singular values above 0.1 % of the largest, so "
            "that a nearly constant map can have full rank: read both. Lines are medians over seeds, bands the middle half."
        ),
    )


def _kinds(members: pd.DataFrame) -> Panel:
    shares = members["kind"].value_counts(normalize=True)
    first = str(shares.index[0])
    words = [f"{percent(share)} are {KIND_WORDS[str(kind)]}" for kind, share in shares.items()]
    title = f"most networks are {KIND_WORDS[first]}" if shares.iloc[0] > 0.5 else "none prevails"
    return Panel(
        f"Kinds of map: {title}",
        f"Of {counted(len(members), 'network')} {listed(words)}.",
        stacked_shares(members, "kind", KINDS, [KIND_COLOURS[kind] for kind in KINDS]),
        "What the fall means",
        how=(
            "The kind is decided by rules that look at the map alone. Identity: mean loss below 1 % of a constant's; constant: "
            "outputs range over less than 1 % of the cube; memoriser: 95 % of outputs near a training point and 95 % of the "
            f"cube flat. A bar is {counted(members['seed'].nunique(), 'seed')}."
        ),
    )


def _cube(members: pd.DataFrame, shells: pd.DataFrame) -> Panel:
    measured = members.dropna(subset="maximum_ratio")
    above = measured["maximum_ratio"] > CORNER_EXCESS
    shares = above.groupby([measured["hidden"], measured["dim"], measured["count"]]).mean()
    some = "some networks have" if above.any() else "no network was found to have"
    return Panel(
        f"The highest loss: {some} it inside the cube",
        f"In {above.sum():,} of {counted(len(measured), 'network')} a point of the cube has a loss more than "
        f"{percent(CORNER_EXCESS - 1)} above the largest at the corners.",
        cube_against_corners(members, shells),
        "Cube and corners",
        {"higher inside": shares.rename("share of networks").reset_index()},
        how=(
            "Left, a dot a network: the highest loss found in the cube, by random points, corners and gradient ascent, against "
            "its largest over the corners. A search can miss a higher one, so that more networks may have one. Right: mean "
            "loss by shell around the centre, as a share of the outermost shell's; medians and middle halves over all networks."
        ),
    )


def _training(members: pd.DataFrame) -> Panel:
    medians_of = members.groupby("count")["loss"].median()
    few, many = int(medians_of.index[0]), int(medians_of.index[-1])
    title, finding = "Training loss", f"The median training loss is {two_digits(medians_of[few])}."
    if few != many:
        word = "higher" if medians_of[many] > medians_of[few] else "no higher"
        title += f": it is {word} with many points than with few"
        ends = [f"{two_digits(medians_of[count])} with {counted(count, 'point')}" for count in (few, many)]
        finding = f"Its median is {ends[0]} and {ends[1]}."
    return Panel(
        title,
        finding,
        training_losses(members, TOL),
        "Training",
        how=(
            f"Loss of the kept weights; dotted: {two_digits(TOL)}, at which a network counts as converged. Lines are medians "
            "over seeds, bands the middle half."
        ),
    )


def _statuses(members: pd.DataFrame) -> Panel:
    few, many = int(members["count"].min()), int(members["count"].max())
    ends = [members[members["count"] == count] for count in dict.fromkeys((few, many))]
    words = [
        f"{(rows['status'] == 'converged').sum()} of {counted(len(rows), 'network')} with "
        f"{counted(int(rows['count'].iloc[0]), 'point')}"
        for rows in ends
    ]
    converged = members["status"] == "converged"
    title = "all" if converged.all() else "most" if converged.mean() > 0.5 else "few" if converged.any() else "no"
    figure = stacked_shares(members, "status", STATUSES, [STATUS_COLOURS[word] for word in STATUSES])
    return Panel(
        f"How training ended: {title} networks reach a loss of {two_digits(TOL)}",
        f"{listed(words)} converged.",
        figure,
        "Training",
        how=f"A bar is {counted(members['seed'].nunique(), 'seed')}; the colours are the statuses at the end of training.",
    )


def _spreads(table: pd.DataFrame) -> Panel:
    swept = table.groupby(["hidden", "dim", "count"])["spread"].transform("nunique") > 1
    rows = table[swept & (table["cube_mean"] > 0)]
    title, finding = spread_words(rows)
    counts = listed(sorted(rows["count"].unique()))
    return Panel(
        f"Flatness and the spread of the data: {title}",
        finding,
        loss_by_spread(rows),
        "Spread",
        {"slopes": slopes(rows).rename("slope").reset_index()},
        how=(
            f"Mean loss over the cube when {counts} training points fill a centred box of the given side. Lines are medians "
            f"over seeds, bands the middle half; the power is the slope of log on log. {fitted_words(rows)}"
        ),
    )


def _control_medians(controls: pd.DataFrame) -> pd.DataFrame:
    keys = ["control", "hidden", "dim", "count", "spread"]
    columns = ["corner_maximum", "cube_mean", "cube_maximum", "trace_share", "rank", "output_range", "loss"]
    middle = controls.groupby(keys)[columns].median()
    kinds = controls.groupby(keys)["kind"].agg(lambda kind: kind.mode().iloc[0])
    return middle.assign(kind=kinds).reset_index()
