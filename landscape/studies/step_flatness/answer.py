"""What a run on step flatness found, in words: whether steps sharpen with depth, and whether networks become step functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from landscape.claims import Claim, median_interval
from landscape.findings import Answer, ci, number, percent, points, told
from landscape.results import Result
from landscape.studies.parts.claim_words import closed, estimated, tested, too_few, unfit
from landscape.studies.parts.words import data_sets, spanned
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
    ("supported", "supported"): "Deeper networks make sharper steps between training points, and become step functions",
    ("supported", "refuted"): "Deeper networks make sharper steps between training points, but no step functions",
    ("supported", ""): "Deeper networks make sharper steps between training points",
    (
        "refuted",
        "supported",
    ): "Deep networks are step functions between training points, but no sharper than shallow ones",
    ("refuted", "refuted"): "Deeper networks make neither sharper steps between training points nor step functions",
    ("refuted", ""): "Deeper networks do not make sharper steps between training points",
    ("", "supported"): "The deepest networks are step functions between their training points",
    ("", "refuted"): "The deepest networks are no step functions between their training points",
    ("", ""): "Whether deeper networks make sharper steps between training points is undecided",
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
            "Between its training points, does a trained network become a step function, flat beside each point with one jump "
            "between, and the more so the deeper it is?"
        ),
        found=found,
        why=(
            "A step function sends every input to a training point at once, as a memory does. A smooth map gets there, if at "
            "all, by being applied again and again."
        ),
        not_shown=_limits(rows),
        title=_title(trend.verdict, reached.verdict),
    )


def _trend_words(trend: Claim, reached: Claim, rows: pd.DataFrame) -> str:
    shallow, deep = int(rows.hidden.min()), int(rows.hidden.max())
    seeds = [
        sharpness_of_seeds(rows[rows.hidden == rows.groupby("data").hidden.transform(end)]) for end in ("min", "max")
    ]
    least, most = (each.unstack("data").dropna().mean(axis=1) for each in seeds)
    gain = estimated(median_interval((most - least).dropna()), points).replace(" (", " points (", 1)
    ends = ci(trend.low, trend.high, number).removeprefix("95 % CI ")
    correlation = f"{number(trend.estimate)} ({ends})" if math.isfinite(trend.low) else number(trend.estimate)
    return (
        "At equal size the steepest tenth between two points carries "
        f"{percent(reached.estimate)} of the change with {deep} layers, {percent(least.median())} with {shallow}: {gain}. Rank "
        f"correlation {closed(correlation + _need(trend, number(S1A['correlation'].number)), trend)}"
    )


def _reached_words(reached: Claim) -> str:
    words = (
        f"On average over data sets that tenth carries {estimated(reached, percent)} in the deepest networks; a step "
        f"function has {percent(STEP_SHARPNESS)}, a straight line {percent(LINEAR_SHARPNESS)}"
    )
    return closed(words + _need(reached, percent(S1B["sharpness"].number)), reached)


def _need(claim: Claim, least: str) -> str:
    """What the claim needs, where it is not supported by enough seeds."""
    return "" if claim.verdict == "supported" or too_few(claim) else f"; the claim needs {least}"


def _limits(rows: pd.DataFrame) -> str:
    return (
        f"Anything beyond networks of {spanned(rows.parameters)} parameters on {data_sets(rows.data)}. Of equal size, deeper "
        f"networks are narrower.{_unfit(rows)} We set the limits before this version's first run; the paper gives none."
    )


def _unfit(rows: pd.DataFrame) -> str:
    """A sentence on the networks that did not fit their data, and on which data sets they are if on some; empty if all fit."""
    failed, words = rows[rows.status != "converged"], unfit(rows.status)
    some = 0 < failed.data.nunique() < rows.data.nunique()
    return words.replace(" did not", f", all on {data_sets(failed.data)}, did not", 1) if some else words


def _title(trend: str, reached: str) -> str:
    """The heading that states what is decided of both results."""
    known = [verdict if verdict in ("supported", "refuted") else "" for verdict in (trend, reached)]
    return TITLES[known[0], known[1]]
