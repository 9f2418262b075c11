"""The claim on training as a film: what has once attracted goes on attracting."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, mean_interval
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.judging import finite_rows, over_parts, with_converged

F1 = Statement(
    "F1",
    "A training point that once attracts goes on attracting until training ends",
    "none: not a claim of the paper",
    "share of the training points that attract at any snapshot which attract at the last, of networks that have any",
    {"kept": Threshold(at_least=0.9, wording="{words} (exploratory, set before the first run)")},
    label="exploratory, threshold set before the first run; not registered",
    primary=False,
)
STATEMENTS = (F1,)


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield the claim, over the settings in which a training point ever attracts."""
    parts = []
    for _, rows in finite_rows(result.table, "kept").groupby(COUNTED_KEYS, sort=False):
        setting = f"{rows.iloc[0]['data']}, {counted_words(rows.iloc[0])}"
        parts.append(with_converged(F1.at(setting=setting), [rows], _mean, F1["kept"]))
    yield over_parts(F1, parts, "no training point ever attracts; train for more --steps")


def _mean(parts: list[pd.DataFrame]) -> Interval:
    (rows,) = parts
    return mean_interval(rows.kept, bounds=(0, 1))
