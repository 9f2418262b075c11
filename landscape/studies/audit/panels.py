"""The panels of an audit: both answers, then each set of samples: nearest pairs, distances, calibration, cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from landscape.figures import Panel
from landscape.figures.samples import distance_distributions, nearest_pairs
from landscape.findings import WIDEST, interval, number, percent
from landscape.measures.memorisation.answers import ANSWER_THRESHOLDS, COPYING_RULE, VARIETY_RULE
from landscape.results import Cell, Result
from landscape.studies.audit.answer import headline, names_of, times
from landscape.studies.audit.figures import calibration_curve, cell_scores, mixture_statistics, two_answers
from landscape.studies.parts.claim_words import counted

PAIRS_SHOWN = 16
LIMITS = {"copied": ANSWER_THRESHOLDS["some_copies"], "coverage_share": ANSWER_THRESHOLDS["varied_share"]}
Row = Mapping[Any, Any]


def panels_of(result: Result) -> Iterator[Panel]:
    """Each set of samples, and the tables; both answers are the picture beside the answer."""
    table = result.whole
    names = names_of(table)
    for cell in result.arrays:
        (row,) = table[table["samples"] == cell["samples"]].to_dict("records")
        yield from _of_samples(result, cell, row, names[str(cell["samples"])])
    yield _numbers(table, names)
    yield _rules()


def hero_of(result: Result) -> Panel:
    """Both answers of each set of samples, with their intervals."""
    table, names = result.whole, names_of(result.whole)
    copied, collapsed = int((table.copying == "copies").sum()), int((table.variety == "collapsed").sum())
    words = f"{copied} {'copies' if copied == 1 else 'copy'}, {collapsed} lack{'s' * (collapsed == 1)} variety"
    many = f"Of {len(table)} sets of samples {words}." if len(table) > 1 else ""
    one = headline(table.iloc[0].to_dict()) if len(table) else ""
    return Panel(
        title="Copying and variety",
        caption=many or f"The answers: {one}.",
        body=two_answers(table.assign(name=table["samples"].map(names)), limits=LIMITS),
        downloads={"answers": table},
        how=(
            f"Bars: 95 % intervals. Dashed: samples copy right of {percent(LIMITS['copied'])}, and are varied right of "
            f"{percent(LIMITS['coverage_share'])} of held-out points' coverage. Dotted: held-out points."
        ),
    )


def _of_samples(result: Result, cell: Cell, row: Row, name: str) -> Iterator[Panel]:
    arrays, section = result.arrays[cell], name
    rows = {key: table[table["samples"] == cell["samples"]] for key, table in result.tables.items()}
    yield from _pairs(arrays, rows["pairs"], row, section)
    yield _distances(arrays, row, section)
    yield _calibration(rows["calibration"], rows["mixtures"], row, section)
    yield _cells(rows["cells"], row, section)
    yield _others(rows["mixtures"], row, section)


def _pairs(arrays: Mapping[str, np.ndarray], pairs: pd.DataFrame, row: Row, section: str) -> Iterator[Panel]:
    """The nearest samples beside their nearest training images; for points that are no images, their table."""
    first, near = pairs.head(PAIRS_SHOWN), float(pairs.relative.iloc[0])
    bound = float(np.quantile(arrays["relative held out"], 0.01))
    words = (
        f"The nearest sample is {number(near)} of a gap from a training point; one in a hundred held-out points is nearer "
        f"than {number(bound)}."
    )
    nearer = "nearer" if near < bound else "no nearer"
    title = f"The nearest sample is {nearer} to a training point than 99 % of held-out points"
    if "nearest" not in arrays:
        yield Panel(
            title=title,
            caption=words,
            body=first[["sample", "nearest", "distance", "gap", "relative"]],
            section=section,
            downloads={"nearest pairs": pairs},
            how="The nearest samples. Places are counted from 0 in the order of the files.",
        )
        return
    shape = tuple(arrays["shape"].tolist())
    samples, nearest = (arrays[key][:PAIRS_SHOWN].reshape(-1, *shape) for key in ("samples", "nearest"))
    yield Panel(
        title=title,
        caption=words,
        body=nearest_pairs(samples, nearest, first.relative.to_numpy(), limits=(0, 255), label="in gaps"),
        section=section,
        downloads={"nearest pairs": pairs},
        how=(
            "The nearest samples above their nearest training images. Below each pair: its distance over the training image's "
            "gap to its own nearest."
        ),
    )


def _distances(arrays: Mapping[str, np.ndarray], row: Row, section: str) -> Panel:
    table = pd.concat(
        [pd.DataFrame({"source": name, "distance": arrays[f"relative {name}"]}) for name in ("samples", "held out")]
    )
    middle = float(np.median(arrays["relative samples"]) / np.median(arrays["relative held out"]))
    return Panel(
        title=f"Samples lie {'nearer' if middle < 1 else 'no nearer'} to the training points than held-out points",
        caption=(
            f"Half of the samples lie within {number(middle)} times the distance within which half of the held-out points lie."
        ),
        body=distance_distributions(table, label="distance to nearest training point / its gap"),
        section=section,
        how="Copies would be at 0, samples like new points on the black curve.",
    )


def _calibration(curve: pd.DataFrame, mixtures: pd.DataFrame, row: Row, section: str) -> Panel:
    reads = (float(row["reads_like"]), float(row["reads_low"]), float(row["reads_high"]))
    told = f"The samples read like a mixture with {percent(reads[0])} {interval(*reads[1:])} copies."
    some, few = (ANSWER_THRESHOLDS[name] for name in ("some_copies", "few_copies"))
    title = (
        "with copies" if reads[1] > some else "with few copies or none" if reads[2] < few else "that may hold copies"
    )
    title = f"The samples read like a mixture {title}"
    if reads[2] - reads[1] > WIDEST:
        title = "The samples cannot be told from mixtures with many or few copies"
        told = f"Too few of the samples are different ({row['distinct']:,.0f}) to tell the mixture that they read like."
    return Panel(
        title=title,
        caption=told,
        body=calibration_curve(curve, reading=float(row["copied"]), reads=reads),
        section=section,
        downloads={"calibration": mixtures},
        how=(
            "Known copies for calibration: training points with noise of 1 % of the range, among held-out points that are not "
            "the null."
        ),
    )


def _cells(cells: pd.DataFrame, row: Row, section: str) -> Panel:
    found = cells.dropna(subset=["score"])
    least = f"; the lowest cell has {number(float(found.score.min()))}" if len(found) else ""
    c_t, margin = float(row["c_t"]), 1.96 * float(np.nan_to_num(row["c_t_error"]))
    place = "lower than" if c_t < -margin else "higher than" if c_t > margin else "that"
    return Panel(
        title=f"C_T is {place} {'that ' * (place != 'that')}of new points",
        caption=f"C_T is {number(c_t)}, where new points have 0 ± {number(1.96 * row['c_t_error'])}{least}.",
        body=cell_scores(cells, c_t=c_t, error=float(np.nan_to_num(row["c_t_error"]))),
        section=section,
        downloads={"cells": cells},
        how="A cell below the band holds samples nearer to training points than held-out points of that cell.",
    )


def _others(mixtures: pd.DataFrame, row: Row, section: str) -> Panel:
    below = "lower than" if row["authenticity"] < row["authenticity_null"] else "no lower than"
    return Panel(
        title=f"Authenticity is {below} that of held-out points",
        caption=(
            f"Authenticity is {number(row['authenticity'])}, and a sample is farther than a held-out point of its cell with "
            f"probability {number(row['farther'])}."
        ),
        body=mixture_statistics(mixtures, values={name: float(row[name]) for name in ("authenticity", "farther")}),
        section=section,
        how="Copies have 0 of both. Bands: 95 % of the same mixtures.",
    )


def _numbers(table: pd.DataFrame, names: Mapping[str, str]) -> Panel:
    """Each statistic beside its null, a column per set of samples."""
    rows: dict[str, dict[str, str]] = {}
    for row in table.to_dict("records"):
        rows[names[str(row["samples"])]] = _numbers_of(row)
    body = pd.DataFrame(rows).rename_axis("statistic").reset_index()
    return Panel(
        title="All numbers",
        caption=f"{len(body)} statistics of {counted(len(rows), 'set')} of samples.",
        body=body,
        section="Tables",
        downloads={"statistics": table},
        how="In brackets a 95 % interval, after a slash the same of as many held-out points in the samples' place.",
    )


def _numbers_of(row: Row) -> dict[str, str]:
    def null(name: str) -> str:
        return f"{number(row[name])} / {number(row[f'{name}_null'])}"

    return {
        "copying": row["copying"],
        "variety": row["variety"],
        "samples": f"{row['sample_count']:,}",
        "training points": f"{row['training_count']:,}",
        "held-out points": f"{row['held_out_count']:,}",
        "features": row["features"],
        "share of copies": f"{percent(row['copied'])} {interval(row['copied_low'], row['copied_high'])}",
        "reads like": f"{percent(row['reads_like'])} {interval(row['reads_low'], row['reads_high'])} copies",
        "exact copies": f"{row['exact'] * row['sample_count']:,.0f}",
        "authenticity": null("authenticity"),
        "C_T": f"{number(row['c_t'])} / 0 ± {number(1.96 * row['c_t_error'])}",
        "lowest cell": number(row["c_t_least"]),
        "P(farther)": f"{number(row['farther'])} / 0.5",
        "median distance over held-out's": number(row["distance_ratio"]),
        "samples that equal another": percent(row["duplicates"]),
        "different samples": f"{row['distinct']:,.0f} of {row['distinct_expected']:,.0f} expected",
        "coverage": f"{null('coverage')}: {times(row, 'coverage')}",
        "recall": f"{null('recall')}: {times(row, 'recall')}",
        "precision": null("precision"),
        "density": null("density"),
        "training points that are nearest to a sample": f"{row['modes']:,.0f} / {row['modes_null']:,.0f}",
    }


def _rules() -> Panel:
    return Panel(
        title="The rules",
        caption="The answers follow from the numbers by these rules.",
        body=f"<p><b>Copying.</b> {COPYING_RULE}</p><p><b>Variety.</b> {VARIETY_RULE}</p>",
        section="Tables",
        how="Their thresholds were fixed on scikit-learn's digits.",
    )
