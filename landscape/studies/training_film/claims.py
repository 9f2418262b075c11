"""The claim on training as a film: what has once begun to attract goes on attracting.

Only points that begin to attract in the course of training count. A map that never changes keeps all that it has, and
points that begin at the last step cannot stop. Each network is decided first: the lower end of the interval of a mean of 30
shares that are all 1 is .88, below the threshold."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Statement, Threshold
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.judging import finite_rows
from landscape.studies.parts.pooling import Setting, judged_over

F1 = Statement(
    "F1",
    "A training point that once attracts goes on attracting until training ends",
    "none: not a claim of the paper",
    "share of networks, of those that fit, in which ≥ .9 of the training points that begin to attract between the first and "
    "the last snapshot attract at the last",
    {"networks": Threshold(at_least=0.8, wording="{words} (exploratory, set before the first run of this version)")},
    {"kept": Threshold(at_least=0.9), "training loss": Threshold(at_most=1e-4)},
    label="exploratory; another estimand was tested before; not registered",
    primary=False,
)
STATEMENTS = (F1,)


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield the claim, pooled over the settings in which training points begin to attract."""
    settings = []
    for _, rows in result.whole.groupby(COUNTED_KEYS, sort=False):
        fits = rows[rows.loss <= F1.limits["training loss"].number]
        kept = finite_rows(fits, "kept")
        kept = kept.assign(value=kept.kept.map(F1.limits["kept"].holds))
        words = f"{rows.iloc[0]['data']}, {counted_words(rows.iloc[0])}"
        reached = f"{len(fits)} of {len(rows)} fit, and in {len(kept)} of these points begin to attract"
        lacking = f"half of the networks to fit and to attract ({reached}; train for more --steps)"
        settings.append(Setting(words, True, kept, len(rows), lacking))
    yield judged_over(F1, F1["networks"], settings, needs="networks", label=_kept)


def _kept(rows: pd.DataFrame) -> str:
    return f"mean share {rows.kept.mean():.2f}"
