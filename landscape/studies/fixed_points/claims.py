"""The claims that a run on fixed points tests: C16, C19b and C22, with their thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, mean_interval, over_settings, share_interval, slope_interval
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED, COUNTED_KEYS
from landscape.studies.parts.judging import judged, known, untestable, with_converged

THRESHOLDS: dict[str, Any] = {
    "C16": {"unstable or none above": 0.5, "data less noise above": 0.2},
    "C19b": {"rank correlation above": 0.5, "unequal visits below": 0.5, "level": 0.05},
    "C22": {"slope above": 0.0},
}


def claims_of(result: Result) -> Iterator[Claim]:
    """Every claim of the study; 'untestable' where the run's parameters leave a claim's setting out."""
    table = result.table
    yield from (_gradient(table), _density(table), _spurious(table))


def _gradient(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C16",
        "statement": "Descending the loss from noise ends at points that iteration leaves; from data with noise it is better",
        "estimand": "share of ends at unstable fixed points or none; share at training points, from data less from N(0, I)",
        "quote_setting": "N(0, I) starts, or training data with noise",
    }
    limits, threshold = THRESHOLDS["C16"], "≥ .5, and ≥ .2"
    parts = []
    for setting, rows in _settings(table, "gradient_stable"):
        parts += [
            judged(
                {**words, "setting": f"{setting}: unstable or none"}, mean_interval(1 - rows.gradient_stable), rows,
                above=limits["unstable or none above"], threshold="≥ .5",
            ),
            judged(
                {**words, "setting": f"{setting}: from data less from N(0, I)"},
                mean_interval(rows.gradient_data_training - rows.gradient_training), rows,
                above=limits["data less noise above"], threshold="≥ .2",
            ),
        ]  # fmt: skip
    return over_settings(parts, threshold=threshold) if parts else untestable(words, threshold, "no network is finite")


def _density(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C19b",
        "statement": "Samples have the density exp(−‖x − f(x)‖²), by which every fixed point is equally likely",
        "estimand": "Spearman(samples, −loss) over boxes; share of networks whose stable points are not visited alike (χ²)",
        "quote_setting": "none",
    }
    limits, threshold = THRESHOLDS["C19b"], "> .5, and < .5 (uniform starts, ε = .01)"
    parts = []
    for setting, rows in _settings(table, "density_rank"):
        parts.append(
            judged(
                {**words, "setting": f"{setting}: rank correlation"}, mean_interval(rows.density_rank), rows,
                above=limits["rank correlation above"], threshold="> .5",
            )
        )  # fmt: skip
        several = known(rows, "equal_visits_p")
        if len(several):
            uneven = share_interval(several.equal_visits_p < limits["level"])
            of = {**words, "setting": f"{setting}: visits unequal at 5 %"}
            parts.append(judged(of, uneven, several, below=limits["unequal visits below"], threshold="< .5"))
    return over_settings(parts, threshold=threshold) if parts else untestable(words, threshold, "no network is finite")


def _spurious(table: pd.DataFrame) -> Claim:
    words: dict[str, Any] = {
        "key": "C22",
        "statement": "There are more local minima off the data the more training points there are",
        "estimand": "slope of spurious fixed points per net on log₂ n",
        "quote_setting": "more local minima outside the data",
    }
    parts = []
    drawn = known(table[table.data.isin(COUNTED)], "spurious")
    for _, rows in drawn.groupby(["data", "hidden", "width"], sort=False):
        data, hidden, width = rows.iloc[0][["data", "hidden", "width"]]
        if rows["count"].nunique() > 1:
            of = {**words, "setting": f"{data}, {hidden} hidden, width {width}"}
            parts.append(with_converged(of, [rows], _slope, above=THRESHOLDS["C22"]["slope above"], threshold="> 0"))
    if not parts:
        return untestable(words, "> 0", "needs --data uniform and two or more --count")
    return parts[0] if len(parts) == 1 else over_settings(parts, threshold="> 0")


def _slope(parts: list[pd.DataFrame]) -> Interval:
    (rows,) = parts
    return slope_interval(np.log2(rows["count"]), rows.spurious, rows.seed)


def _settings(table: pd.DataFrame, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each cell in words with the members that have a number in the column."""
    for _, rows in known(table, column).groupby(COUNTED_KEYS, sort=False):
        data, count, hidden, width = rows.iloc[0][COUNTED_KEYS]
        yield f"{data}, n = {count:,}, {hidden} hidden, width {width}", rows
