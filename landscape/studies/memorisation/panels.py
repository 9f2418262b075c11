"""The panels of a report on memorisation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.bars import state_shares
from landscape.figures.samples import (
    ANSWER_COLOURS,
    distance_distributions,
    nearest_pairs,
    verdict_shares,
)
from landscape.measures.memorisation.answers import COPYING_RULE, VARIETY_RULE
from landscape.measures.memorisation.states import SAME_QUANTILE
from landscape.measures.memorisation.statistics import THRESHOLDS, VERDICTS
from landscape.results import Cell, Result
from landscape.studies.memorisation.checks import STATISTICS, checks_of, verdict_counts
from landscape.studies.memorisation.figures import loss_and_distance, statistics_by, twin_figure
from landscape.studies.parts.comparison import RULE, SHOWN_STATES
from landscape.studies.parts.image_study import DATA_KEYS, SWEPT, setting_words
from landscape.studies.parts.summaries import member_rows, reached_words, status_summary

CELLS_PICTURED = 3  # whose samples are shown
HELD_OUT_VALUES = {"distance_ratio": 1.0, "farther": 0.5, "coverage_share": 1.0}  # authenticity's is measured
SWEPT_NAMES = {
    "count": "training images",
    "net": "architecture",
    "hidden": "hidden layers",
    "width": "units per layer",
    "budget": "steps of training",
    "objective": "objective",
    "data": "data",
}
Arrays = dict[str, np.ndarray]


def panels_of(result: Result) -> Iterator[Panel]:
    """Verdicts, what they depend on, and the checks of the rule. Then samples of some settings, and the tables."""
    swept = [name for name in SWEPT if result.table[name].nunique() > 1]
    words = swept or ["count"]
    table = result.table.assign(
        setting=[setting_words(row, words) for row in result.table[list(SWEPT)].to_dict("records")],
        coverage_share=result.table.coverage / result.table.coverage_null,
    )
    yield _verdicts(result, table, words)
    yield from _answers(table)
    yield from _dependence(table, swept)
    yield _states(table)
    yield _losses(table)
    if "twin_agreement" in table and table.twin_agreement.notna().any():
        yield _twins(table)
    yield from checks_of(result)
    cells = list(result.arrays)
    for place in np.unique(np.linspace(0, len(cells) - 1, min(CELLS_PICTURED, len(cells))).round().astype(int)):
        first = next(one for one in cells if all(one[name] == cells[place][name] for name in DATA_KEYS))
        yield from _samples(result, cells[place], result.arrays[first])
    yield _cells(table)


def _verdicts(result: Result, table: pd.DataFrame, words: list[str]) -> Panel:
    settings = result.record["parameters"]
    noise = f", noise of amplitude {settings['amplitude']:g} added at each" if settings["amplitude"] else ""
    same = _same(table, words)
    return Panel(
        title="Verdicts",
        caption=(
            f"{same}{settings['samples']} samples of each network after {settings['iterations']} iterations of x ← f(x) from "
            f"{settings['start']} noise{noise}, beside {settings['held_out']} held-out images. {RULE} "
            f"{reached_words(table)}."
        ),
        body=verdict_shares(table, setting="setting"),
        section="Verdicts",
        downloads={"verdicts": table[[*SWEPT, "member", "seed", "training_loss", "verdict", "copying", "variety"]]},
    )


def _answers(table: pd.DataFrame) -> Iterator[Panel]:
    """The two answers that the verdict joins in one word: whether samples are copies, and whether they are varied."""
    for name, question, rule in (
        ("copying", "Are samples copies?", COPYING_RULE),
        ("variety", "Are samples varied?", VARIETY_RULE),
    ):
        yield Panel(
            title=question,
            caption=f"Whatever the training loss. {rule} {reached_words(table)}.",
            body=verdict_shares(table.assign(verdict=table[name]), setting="setting", words=ANSWER_COLOURS[name]),
            section="Verdicts",
        )


def _dependence(table: pd.DataFrame, swept: list[str]) -> Iterator[Panel]:
    """The statistics against each swept number.

    The first other swept parameter makes the lines; all further ones are held at their last value."""
    numbers = [name for name in swept if name not in ("data", "net", "objective")]
    for x in numbers:
        line = next((name for name in swept if name != x), "")
        rows = table
        for name in swept:
            if name not in (x, line):
                rows = rows[rows[name] == rows[name].iloc[-1]]
        fixed = setting_words(rows.iloc[0].to_dict(), [name for name in SWEPT if name not in (x, line)])
        named = rows.rename(columns=SWEPT_NAMES)
        yield Panel(
            title=f"What a verdict rests on, by {SWEPT_NAMES[x]}",
            caption=(
                f"{fixed}. Medians over members, bands their middle half. Dashed: what held-out images have. Authenticity: "
                "share of samples farther from their nearest training image than that is from its own nearest; copies have 0. "
                "P(farther than held-out): the chance that a sample is farther from the training images than a held-out image "
                "of its cluster is; C_T is its z-score and grows with the number of points. "
                f"{reached_words(rows)}."
            ),
            body=statistics_by(
                named,
                x=SWEPT_NAMES[x],
                line=SWEPT_NAMES[line] if line else "",
                statistics=STATISTICS,
                references=HELD_OUT_VALUES | {"authenticity": float(rows.authenticity_null.median())},
            ),
            section="What it depends on",
        )


def _states(table: pd.DataFrame) -> Panel:
    same = f"{SAME_QUANTILE:.0%}".replace("%", " %")
    null = table[[f"{word}_null" for word in SHOWN_STATES]].mean()
    held_out = ", ".join(f"{null[f'{word}_null']:.0%} {word}".replace("%", " %") for word in SHOWN_STATES)
    return Panel(
        title="Memorised, spurious and new samples",
        caption=(
            "Memorised: the same as a training image. Spurious: the same as another sample, and no training image. New: "
            "neither. Unlike the data: farther from the training images than 99 % of held-out images. Two images are the same "
            f"if they are nearer than all but {same} of held-out images are to the nearest other; by this, held-out images "
            f"would be {held_out}. {reached_words(table)}."
        ),
        body=state_shares(table, setting="setting"),
        section="What it depends on",
    )


def _losses(table: pd.DataFrame) -> Panel:
    return Panel(
        title="Distance of samples against the training loss",
        caption=(
            "A dot a network: its training loss in units of the range's square, and its samples' median distance to the "
            f"training images over that of held-out images. Right of the dashed line ({THRESHOLDS['training_loss']}) a network "
            f"underfits; the band is what 'generalises' asks for. {reached_words(table)}."
        ),
        body=loss_and_distance(
            table,
            limit=THRESHOLDS["training_loss"],
            near=(THRESHOLDS["nearest_ratio"], THRESHOLDS["farthest_ratio"]),
        ),
        section="What it depends on",
    )


def _twins(table: pd.DataFrame) -> Panel:
    names = {f"twin_{name}": name for name in ("agreement", "chance", "copied")}
    rows = table[["setting", *names]].rename(columns=names)
    missing = int(rows.agreement.isna().groupby(rows.setting, sort=False).all().sum())
    left_out = f" {missing} settings have no twins: the data hold too few images." if missing else ""
    return Panel(
        title="Twins",
        caption=(
            "Two networks trained on disjoint images, their samples from the same starts. A pair agrees when its samples are "
            "nearer to each other than either is to its own network's training images; by chance: pairs of different starts. "
            "Networks that generalise agree more than by chance, networks that memorise end at their own images. Means over "
            f"members, 95 % CI.{left_out} {reached_words(table)}."
        ),
        body=twin_figure(rows.dropna(subset=["agreement"]), setting="setting"),
        section="What it depends on",
    )


def _samples(result: Result, cell: Cell, first: Arrays) -> Iterator[Panel]:
    """The samples of a setting: their nearest training images, and their distances beside those of baselines.

    `first` holds the arrays of the leading cell of the data, which has the baselines."""
    arrays, rows, section = result.arrays[cell], member_rows(result, cell), setting_words(dict(cell.values))
    distances = {
        name.removeprefix("distance "): value for name, value in (first | arrays).items() if "distance " in name
    }
    member = int(arrays["shown"])
    whose = (
        f"member {member} ({rows.status[member]}, loss {rows.loss[member]:.2g}, verdict: {rows.verdict[member]}; "
        f"authenticity {rows.authenticity[member]:.2f}, C_T {rows.c_t[member]:.3g})"
    )
    if not np.isfinite(distances["samples"]).any():  # it diverged
        return
    shape, samples = tuple(arrays["shape"].tolist()), arrays["samples"]
    if len(shape) > 1:
        away = distances["samples"][: len(samples)]
        yield Panel(
            title="Samples and their nearest training images",
            caption=(
                f"Of the first {len(samples)} samples of {whose}, sorted by distance, from {away.min():.3g} to "
                f"{away.max():.3g}. {reached_words(rows)}."
            ),
            body=nearest_pairs(
                samples.reshape(-1, *shape), arrays["nearest"].reshape(-1, *shape), away, limits=(0, 255)
            ),
            section=section,
        )
    table = pd.concat([pd.DataFrame({"source": name, "distance": values}) for name, values in distances.items()])
    yield Panel(
        title="Distances to the training images",
        caption=(
            f"Samples of {whose}, images held out, and, where drawn, samples of other models, trained on the "
            f"images of member 0. Copies would be at 0. "
            f"{reached_words(rows)}."
        ),
        body=distance_distributions(table.assign(distance=table.distance.where(np.isfinite(table.distance)))),
        section=section,
        downloads={"distances": table},
    )


def _cells(table: pd.DataFrame) -> Panel:
    medians = [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name]) and name not in _NO_MEDIANS]
    summary = status_summary(table, SWEPT, medians)
    named = {word: f"verdict {word}" for word in VERDICTS}  # the prefix, because a status is called 'collapsed' too
    counts = verdict_counts(table, list(SWEPT)).rename(columns=named)
    return Panel(
        title="Cells",
        caption=(
            "Counts of members by how training ended and by verdict, and medians over all members. A name with _null is the "
            "same of held-out images. distance_…: quantiles of the Euclidean distance to the nearest training image; copied: "
            "estimated share of copies; c_t_least: that of the cluster with the lowest; unexplained: training loss over the "
            "images' variance; sliced: sliced Wasserstein distance to held-out images; variation: of the class histogram from "
            "the training images'; class_accuracy: of the classifier behind it, on held-out images. "
            f"{reached_words(table)}."
        ),
        body=summary.merge(counts, on=list(SWEPT), sort=False),
        section="Tables",
    )


_NO_MEDIANS = (*SWEPT, "member", "seed", "status", "steps", "samples", "held_out", "parameters")


def _same(table: pd.DataFrame, words: list[str]) -> str:
    """The parameters that all settings share, as text."""
    rest = [name for name in SWEPT if name not in words]
    return f"{setting_words(table.iloc[0].to_dict(), rest)}. " if rest else ""
