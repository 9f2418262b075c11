"""What a run on step flatness found, in words: whether steps sharpen with depth, and whether networks become step functions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim
from landscape.findings import Answer, listed, number, percent, told
from landscape.results import Result
from landscape.studies.parts.claim_words import estimated, tested, too_few, unfit
from landscape.studies.parts.words import data_words, layers, spanned
from landscape.studies.step_flatness.claims import (
    LINEAR_SHARPNESS,
    S1A,
    S1B,
    STEP_SHARPNESS,
    compared_rows,
    sharpness_of_seeds,
)

TREND, REACHED = "Steps sharpen with depth", "They become a step function"
TITLES = {
    "supported": "Deeper networks make sharper steps between training points",
    "refuted": "Deeper networks do not make sharper steps between training points",
}
ENDS = {
    ("supported", "supported"): ", and become step functions",
    ("supported", "refuted"): ", but no step functions",
    ("refuted", "supported"): ", though the deepest are step functions",
    ("refuted", "refuted"): ", and do not become step functions",
}
OPEN_ENDS = {
    "supported": " is undecided; the deepest are step functions",
    "refuted": " is undecided; they do not become step functions",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer for runs with two depths or more at equal numbers of parameters; None for others."""
    by_key = tested(claims)
    if not {S1A.key, S1B.key} <= set(by_key):
        return None
    trend, reached, rows = by_key[S1A.key], by_key[S1B.key], compared_rows(result)
    found = [
        told(TREND, {"": trend.verdict}, _trend_words(trend, reached, rows)),
        told(REACHED, {"": reached.verdict}, _reached_words(reached)),
    ]
    return Answer(
        asked=(
            "Does a network that learned to return its training points become a step function between them, flat beside each "
            "point with a sudden jump between, and the more so the deeper it is?"
        ),
        found=found,
        why=(
            "A step function sends every input to a training point at once: it would be a memory. A smooth map gets there, if "
            "at all, by being applied again and again."
        ),
        not_shown=_limits(rows),
        title=_title(trend.verdict, reached.verdict),
    )


def _trend_words(trend: Claim, reached: Claim, rows: pd.DataFrame) -> str:
    shallow, deep = int(rows.hidden.min()), int(rows.hidden.max())
    least = rows[rows.hidden == rows.groupby("data").hidden.transform("min")]
    seeds = sharpness_of_seeds(least).unstack("data").dropna().mean(axis=1)
    return (
        f"Among networks of equal size the steepest tenth of the way between two training points carries "
        f"{percent(reached.estimate)} of the output's change with {layers(deep)}, against {percent(seeds.median())} with "
        f"{shallow}. Rank correlation with depth: {estimated(trend, number)}; at least {number(S1A['correlation'].number)} was "
        f"asked.{too_few(trend)}"
    )


def _reached_words(reached: Claim) -> str:
    asked = S1B["sharpness"].number
    return (
        f"In the deepest networks that tenth carries {estimated(reached, percent)} of the change. A step function has "
        f"{percent(STEP_SHARPNESS)}, a straight line {percent(LINEAR_SHARPNESS)}; at least {percent(asked)} was "
        f"asked.{too_few(reached)}"
    )


def _limits(rows: pd.DataFrame) -> str:
    names = listed([data_words(str(name)) for name in rows.data.unique()])
    return (
        f"Anything beyond networks of {spanned(rows.parameters)} parameters on {names}. At equal size a deeper network is also "
        f"narrower.{unfit(rows.status)} What was asked was set before the first run; it is not the paper's."
    )


def _title(trend: str, reached: str) -> str:
    """The heading that states both results; what is undecided is said at its end."""
    if trend in TITLES:
        return TITLES[trend] + ENDS.get((trend, reached), "; whether they become step functions is undecided")
    return f"Whether {_lower(TITLES['supported'])}{OPEN_ENDS.get(reached, ' or become step functions is undecided')}"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]
