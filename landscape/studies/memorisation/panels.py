"""The panels of a report on memorisation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.bars import state_shares
from landscape.figures.samples import (
    ANSWER_COLOURS,
    verdict_shares,
)
from landscape.findings import listed, number, percent
from landscape.measures.memorisation.answers import COPYING_RULE, VARIETY_RULE
from landscape.measures.memorisation.states import SAME_QUANTILE
from landscape.measures.memorisation.statistics import THRESHOLDS, VERDICTS
from landscape.results import Result
from landscape.studies.memorisation.checks import STATISTICS, checks_of, verdict_counts
from landscape.studies.memorisation.figures import loss_and_distance, statistics_by, twin_figure
from landscape.studies.memorisation.one_network import sample_panels
from landscape.studies.parts.claim_words import counted
from landscape.studies.parts.comparison import RULE, SHOWN_STATES
from landscape.studies.parts.image_study import DATA_KEYS, SWEPT, setting_words
from landscape.studies.parts.summaries import in_tabs, status_summary, trained_words
from landscape.studies.parts.verdict_counts import ANSWER_WORDS, VERDICT_WORDS, counts_in_words, majority

CELLS_PICTURED = 3  # whose samples are shown
# How titles begin; the reproduction of the paper picks its panels by these words.
VERDICTS_TITLE, STATES_TITLE = "Verdicts", "Memorised, spurious and new samples"
DEPENDS = "What it depends on"
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
    swept = [name for name in SWEPT if result.whole[name].nunique() > 1]
    words = swept or ["count"]
    table = result.whole.assign(
        setting=[setting_words(row, words) for row in result.whole[list(SWEPT)].to_dict("records")],
        coverage_share=result.whole.coverage / result.whole.coverage_null,
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
        yield from in_tabs(sample_panels(result, cells[place], result.arrays[first]), "Samples of a network")
    yield _cells(table)


def _verdicts(result: Result, table: pd.DataFrame, words: list[str]) -> Panel:
    settings = result.record["parameters"]
    noise = f", noise of amplitude {settings['amplitude']:g} added at each" if settings["amplitude"] else ""
    return Panel(
        title=f"{VERDICTS_TITLE}: {majority(table.verdict, VERDICT_WORDS)}",
        caption=f"Of {counted(len(table), 'network')} {counts_in_words(table.verdict, VERDICT_WORDS)}.",
        body=verdict_shares(table, setting="setting"),
        section="Verdicts",
        downloads={"verdicts": table[[*SWEPT, "member", "seed", "training_loss", "verdict", "copying", "variety"]]},
        how=(
            f"{_same(table, words)}{settings['samples']} samples of each network after {settings['iterations']} iterations of "
            f"x ← f(x) from {settings['start']} noise{noise}, beside {settings['held_out']} held-out images. {RULE} "
            f"{trained_words(table)}"
        ),
    )


def _answers(table: pd.DataFrame) -> Iterator[Panel]:
    """The two answers that the verdict joins in one word: whether samples are copies, and whether they are varied."""
    for name, question, rule in (
        ("copying", "Are samples copies?", COPYING_RULE),
        ("variety", "Are samples varied?", VARIETY_RULE),
    ):
        yield Panel(
            title=f"{question} {majority(table[name], ANSWER_WORDS).capitalize()}",
            caption=(
                f"Whatever their training loss, of {counted(len(table), 'network')} "
                f"{counts_in_words(table[name], ANSWER_WORDS)}."
            ),
            body=verdict_shares(table.assign(verdict=table[name]), setting="setting", words=ANSWER_COLOURS[name]),
            section="Verdicts",
            how=f"The numbers in the bars count networks. {rule}",
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
        named, null = rows.rename(columns=SWEPT_NAMES), float(rows.authenticity_null.median())
        middle = rows.groupby(x).authenticity.median()
        low, high = (float(middle.iloc[place]) for place in (0, -1))
        course = "does not change" if low == high else "rises" if high > low else "falls"
        yield Panel(
            title=f"Authenticity {course} with more {SWEPT_NAMES[x]}",
            caption=(
                f"The median authenticity is {number(low)} with {middle.index[0]:,} {SWEPT_NAMES[x]} and {number(high)} with "
                f"{middle.index[-1]:,}; that of held-out images is {number(null)}."
            ),
            body=statistics_by(
                named,
                x=SWEPT_NAMES[x],
                line=SWEPT_NAMES[line] if line else "",
                statistics=STATISTICS,
                references=HELD_OUT_VALUES | {"authenticity": null},
            ),
            section=DEPENDS,
            how=(
                f"{fixed}. Medians over networks, bands their middle half. Dashed: what held-out images have. Authenticity: "
                "share of samples farther from their nearest training image than that is from its own nearest; copies have 0. "
                "P(farther than held-out): the chance that a sample is farther from the training images than a held-out image "
                "of its cluster is; C_T is its z-score and grows with the number of points."
            ),
        )


def _states(table: pd.DataFrame) -> Panel:
    null, means = (
        table[[f"{word}_null" for word in SHOWN_STATES]].mean(),
        table.groupby("count")[[*SHOWN_STATES]].mean(),
    )
    held_out = ", ".join(f"{percent(null[f'{word}_null'])} {word}" for word in SHOWN_STATES)
    commonest = means.assign(**{"unlike the data": 1 - means.sum(axis=1, skipna=False)}).dropna()
    return Panel(
        title=f"{STATES_TITLE}: {_commonest_states(commonest.idxmax(axis=1).astype(str))}",
        caption=_states_words(means),
        body=state_shares(table, setting="setting"),
        section=DEPENDS,
        how=(
            "Means over networks. Memorised: the same as a training image. Spurious: the same as another sample, and no "
            "training image. New: neither. Unlike the data: farther from the training images than 99 % of held-out images. Two "
            f"images are the same if they are nearer than all but {percent(SAME_QUANTILE)} of held-out images are to the "
            f"nearest other; by this, held-out images would be {held_out}."
        ),
    )


def _commonest_states(states: pd.Series[str]) -> str:
    """'memorised ones are commonest with 10 images, new ones with 1,000', or the one state; by the number of images."""
    if states.empty:
        return "nothing can be told"
    first, last = states.iloc[0], states.iloc[-1]
    if first == last:
        return f"those {first} are commonest"
    return f"those {first} are commonest with {states.index[0]:,} images, those {last} with {states.index[-1]:,}"


def _states_words(means: pd.DataFrame) -> str:
    """The shares of the states with the fewest and with the most images, in a sentence."""
    first, last = ({word: float(means[word].iloc[place]) for word in SHOWN_STATES} for place in (0, -1))
    if len(means) == 1:
        shares = [f"{percent(share)} {word}" for word, share in first.items()]
        return f"Samples are {listed(shares)} (means over networks)."
    shares = [f"{percent(first[word])} and {percent(last[word])} are {word}" for word in SHOWN_STATES]
    return f"With {means.index[0]:,} and {means.index[-1]:,} images, {listed(shares)} (means over networks)."


def _losses(table: pd.DataFrame) -> Panel:
    fit = table[table.training_loss <= THRESHOLDS["training_loss"]]
    ratio = float(fit.distance_ratio.median())
    where = (
        "nearer to the training images than"
        if ratio < THRESHOLDS["nearest_ratio"]
        else "farther from the training images than"
    )
    if THRESHOLDS["nearest_ratio"] <= ratio <= THRESHOLDS["farthest_ratio"]:
        where = "about as near to the training images as"
    if fit.empty:
        title = "No network fits its training images"
        caption = (
            f"0 of {counted(len(table), 'network')} have a training loss of at most {THRESHOLDS['training_loss']}."
        )
    else:
        title = f"Samples of networks that fit are {where} held-out images"
        caption = (
            f"{len(fit)} of {counted(len(table), 'network')} fit; the median distance of their samples to the training images "
            f"is {number(ratio)} times that of held-out images."
        )
    return Panel(
        title=title,
        caption=caption,
        body=loss_and_distance(
            table,
            limit=THRESHOLDS["training_loss"],
            near=(THRESHOLDS["nearest_ratio"], THRESHOLDS["farthest_ratio"]),
        ),
        section=DEPENDS,
        how=(
            "A dot a network: its training loss in units of the range's square, and its samples' median distance to the "
            f"training images over that of held-out images. Right of the dashed line ({THRESHOLDS['training_loss']}) a network "
            "underfits; the band is what 'generalises' asks for."
        ),
    )


def _twins(table: pd.DataFrame) -> Panel:
    names = {f"twin_{name}": name for name in ("agreement", "chance", "copied")}
    rows = table[["setting", *names]].rename(columns=names)
    missing = int(rows.agreement.isna().groupby(rows.setting, sort=False).all().sum())
    left_out = f" {counted(missing, 'setting')} have no twins: the data hold too few images." if missing else ""
    agree, chance = float(rows.agreement.mean()), float(rows.chance.mean())
    return Panel(
        title=f"Twins agree {'more often than' if agree > chance else 'no more often than'} by chance",
        caption=f"Twins agree on {percent(agree)} of their samples, pairs of different starts on {percent(chance)} (means).",
        body=twin_figure(rows.dropna(subset=["agreement"]), setting="setting"),
        section=DEPENDS,
        how=(
            "Twins are two networks trained on disjoint images, their samples from the same starts. A pair agrees when its "
            "samples are nearer to each other than either is to its own network's training images; by chance: pairs of "
            "different starts. Networks that generalise agree more than by chance, networks that memorise end at their own "
            f"images. Means over networks, 95 % CI.{left_out}"
        ),
    )


def _cells(table: pd.DataFrame) -> Panel:
    medians = [str(name) for name in table if pd.api.types.is_numeric_dtype(table[name]) and name not in _NO_MEDIANS]
    summary = status_summary(table, SWEPT, medians)
    named = {word: f"verdict {word}" for word in VERDICTS}  # the prefix, because a status is called 'collapsed' too
    counts = verdict_counts(table, list(SWEPT)).rename(columns=named)
    return Panel(
        title="Each setting",
        caption=f"{counted(len(table), 'network')} in {counted(len(summary), 'setting')}.",
        body=summary.merge(counts, on=list(SWEPT), sort=False),
        section="Tables",
        how=(
            "Numbers of networks (members) by how training ended (converged: a training loss of 1e-6, which is not asked of "
            "them) and by verdict, and medians over all. A name with _null is the same of held-out images. distance_…: "
            "quantiles of the Euclidean distance to the nearest training image; copied: estimated share of copies; c_t_least: "
            "that of the cluster with the lowest; unexplained: training loss over the images' variance; sliced: sliced "
            "Wasserstein distance to held-out images; variation: of the class histogram from the training images'; "
            "class_accuracy: of the classifier behind it, on held-out images."
        ),
    )


_NO_MEDIANS = (*SWEPT, "member", "seed", "status", "steps", "samples", "held_out", "parameters")


def _same(table: pd.DataFrame, words: list[str]) -> str:
    """The parameters that all settings share, as text."""
    rest = [name for name in SWEPT if name not in words]
    return f"{setting_words(table.iloc[0].to_dict(), rest)}. " if rest else ""
