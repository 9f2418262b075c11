"""What a run on training as a film found, in words: whether points go on attracting, and how many attract in the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Claim, mean_interval
from landscape.findings import Answer, Finding, ci, listed, percent, told
from landscape.results import Result
from landscape.studies.parts.claim_words import counted, estimated, tested, too_few, unfit
from landscape.studies.parts.words import data_words, layers
from landscape.studies.training_film.claims import F1

TITLES = {
    "supported": "Training points that begin to attract go on attracting until training ends",
    "refuted": "Training points that begin to attract do not always go on attracting",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run; None if no network has finite numbers."""
    rows = result.table[np.isfinite(result.table.attracting_data)]
    if rows.empty:
        return None
    claim = tested(claims).get(F1.key)
    found = [*([_kept(claim)] if claim is not None else []), _attracting(rows), _others(rows)]
    return Answer(
        asked=(
            "While a network learns to return its training points, when does each of them become a fixed point that draws the "
            "inputs around it, and does it go on attracting until training ends?"
        ),
        found=found,
        why=(
            "A training point that attracts is remembered: inputs near it lead to it when the network is applied again and "
            "again."
        ),
        not_shown=_limits(result),
        title=_title(rows, claim),
    )


def _kept(claim: Claim) -> Finding:
    kept, asked = percent(F1.limits["kept"].number), percent(F1["networks"].number)
    sentence = (
        f"Of {counted(claim.members, 'network')} that fit their data {estimated(claim, percent)} keep at least {kept} of the "
        f"training points that began to attract during training; at least {asked} was asked.{too_few(claim)}"
    )
    return told("Once attracting, always attracting", {"": claim.verdict}, sentence)


def _attracting(rows: pd.DataFrame) -> Finding:
    """The share of training points that attract at the end, by depth, and the step by which they do."""
    parts = [
        f"{_mean_words(part.attracting_data, part.seed)} with {layers(int(str(hidden)))}{_since(part)}"
        for hidden, part in rows.groupby("hidden")
    ]
    share = rows.attracting_data.mean()
    return Finding(
        f"Training points attract in the end: {percent(share)}.",
        f"Mean share of a network's training points: {', '.join(parts)}.",
    )


def _others(rows: pd.DataFrame) -> Finding:
    """The share of random starts that end elsewhere than at a training point, by depth."""
    parts = [
        f"{_mean_words(1 - part.copies, part.seed)} with {layers(int(str(hidden)))}"
        for hidden, part in rows.groupby("hidden")
    ]
    return Finding(
        f"Random inputs that miss the training points: {percent(float((1 - rows.copies).mean()))}.",
        "Share that does not come to a training point when the trained network is applied again and again: "
        f"{', '.join(parts)}.",
    )


def _mean_words(values: pd.Series[float], seeds: pd.Series[int]) -> str:
    """'97 % (95 % CI 90 % to 100 %)', with the interval over seeds, or the number of seeds if they are few."""
    found = mean_interval(values, seeds, bounds=(0, 1))
    few = found.clusters < 2 or not np.isfinite([found.low, found.high]).all()
    words = f"{counted(found.clusters, 'seed')}" if few else ci(found.low, found.high, percent)
    return f"{percent(found.estimate)} ({words})"


def _since(part: pd.DataFrame) -> str:
    steps = part.attracting_at.dropna()
    return f", on average from step {steps.mean():,.0f} on" if len(steps) else ""


def _title(rows: pd.DataFrame, claim: Claim | None) -> str:
    """The heading: the claim's result, or else how many training points attract in the end."""
    if claim is not None and claim.verdict in TITLES:
        return TITLES[claim.verdict]
    seeds = int(rows.seed.nunique())
    few = f" ({counted(seeds, 'seed')})" if seeds < MINIMUM_CLUSTERS else ""
    rest = "" if claim is None else "; whether those that begin go on is undecided"
    return f"{percent(rows.attracting_data.mean())} of the training points attract when training ends{few}{rest}"


def _limits(result: Result) -> str:
    table = result.table
    names = listed([data_words(str(name)) for name in table.data.unique()])
    depths, widths = (listed(sorted(table[name].unique())) for name in ("hidden", "width"))
    lost = len(table) - int(np.isfinite(table.attracting_data).sum())
    diverged = (
        f" {counted(lost, 'network')} without finite numbers {'is' if lost == 1 else 'are'} left out." if lost else ""
    )
    return (
        f"Anything beyond {names}, networks of depth {depths} and width {widths}, and the steps at which weights were kept: "
        f"a point may attract and stop between two of them.{unfit(table.status)}{diverged}"
    )
