"""What a run on training as a film found, in words: whether points go on attracting, and how many attract in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Claim, mean_interval
from landscape.findings import Answer, Finding, ci, listed, percent, told
from landscape.results import Result
from landscape.studies.parts.claim_words import closed, counted, estimated, tested, too_few, unfit
from landscape.studies.parts.words import data_sets, layers
from landscape.studies.training_film.claims import F1

TITLES = {
    "supported": "Training points that begin to attract still attract when training ends",
    "refuted": "Training points that begin to attract do not always go on attracting",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run; None if no network has finite numbers."""
    rows = result.whole[np.isfinite(result.whole.attracting_data)]
    if rows.empty:
        return None
    claim = tested(claims).get(F1.key)
    ends = {int(str(hidden)): part for hidden, part in rows.groupby("hidden")}
    ends = {hidden: ends[hidden] for hidden in sorted({min(ends), max(ends)})}
    found = [*([_kept(claim)] if claim is not None else []), _attracting(rows, ends), _arriving(rows, ends)]
    return Answer(
        asked=(
            "While a network learns to return its training points, each may begin to attract the inputs around it. Does it "
            "then go on attracting until training ends?"
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
    need = (
        "" if claim.verdict == "supported" or too_few(claim) else f"; the claim needs {percent(F1['networks'].number)}"
    )
    sentence = (
        f"In {estimated(claim, percent)} of networks at least {percent(F1.limits['kept'].number)} "
        f"of the points that began to attract still do at the end{need}"
    )
    return told("Once attracting, attracting to the end", {"": claim.verdict}, closed(sentence, claim))


def _attracting(rows: pd.DataFrame, ends: Mapping[int, pd.DataFrame]) -> Finding:
    """The share of training points that attract at the end, by depth."""
    words = _by_depth(ends, "attracting_data", "of them attract")
    return Finding(f"Training points attracting in the end: {percent(rows.attracting_data.mean())}.", f"With {words}.")


def _arriving(rows: pd.DataFrame, ends: Mapping[int, pd.DataFrame]) -> Finding:
    """The share of random starts that end at a training point, by depth."""
    words = _by_depth(ends, "copies", "of random inputs reach a training point")
    return Finding(
        f"Random inputs that arrive: {percent(rows.copies.mean())}.",
        f"Applied again and again, with {words}.",
    )


def _by_depth(ends: Mapping[int, pd.DataFrame], column: str, what: str) -> str:
    """'2 hidden layers 97 % … (95 % CI …), with 6 95 % (…)': the means, with intervals over seeds or the number of seeds."""
    words = []
    for place, (hidden, part) in enumerate(ends.items()):
        found = mean_interval(part[column], part.seed, bounds=(0, 1))
        few = found.clusters < 2 or not np.isfinite([found.low, found.high]).all()
        reach = counted(found.clusters, "seed") if few else ci(found.low, found.high, percent)
        reach = reach.removeprefix("95 % CI ") if place else reach
        share = f"{percent(found.estimate)} ({reach}){f' {what}' * (not place)}"
        words.append(f"with {hidden} layers {share}" if place else f"{layers(hidden)} {share}")
    return ", ".join(words)


def _title(rows: pd.DataFrame, claim: Claim | None) -> str:
    """The heading: the claim's result, or else how many training points attract in the end. Few seeds head no result."""
    seeds = int(rows.seed.nunique()) if claim is None else claim.clusters
    if seeds < MINIMUM_CLUSTERS:
        return f"{counted(seeds, 'seed')} cannot tell whether training points go on attracting"
    if claim is None:
        return f"{percent(rows.attracting_data.mean())} of the training points attract when training ends"
    return TITLES.get(claim.verdict, "Whether training points that begin to attract go on attracting is undecided")


def _limits(result: Result) -> str:
    table = result.whole
    depths, widths = (listed(sorted(table[name].unique())) for name in ("hidden", "width"))
    lost = len(table) - int(np.isfinite(table.attracting_data).sum())
    diverged = (
        f" {counted(lost, 'network')} without finite numbers {'is' if lost == 1 else 'are'} left out." if lost else ""
    )
    return (
        f"Anything beyond {data_sets(table.data)} and networks of depth {depths} and width {widths}. Between two of the steps "
        f"looked at a point may attract and stop.{unfit(table.status)}{diverged} We set the limit before this version's "
        "first run."
    )
