"""What a run on regions found, in words: how their number grows with neurons, what training does to it, and plateaus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Claim, Interval, decide, mean_interval, share_interval
from landscape.findings import Answer, Finding, ci, listed, number, percent, told
from landscape.results import Result
from landscape.studies.parts.claim_words import counted, estimated, tested, too_few, unfit
from landscape.studies.parts.words import data_words, spanned
from landscape.studies.regions.claims import INITIALISED

WEIGHTS = {"he-biased": "He's weights", "torch": "PyTorch's weights"}
PLACES = {1: "On a line", 2: "In a plane"}
GROW = "Linear pieces grow as fast as theory says"
LIMIT = INITIALISED["torch"]["slope less the dimension"]  # that of all initialisations
GROWS = "untrained, the number of pieces grows with the neurons to the power "
TITLES = {
    "supported": "grow with the number of neurons as theory says",
    "refuted": "do not grow with the number of neurons as theory says",
    "mixed": "grow with the number of neurons as theory says in part",
}
TRAINED = {"supported": "training adds more", "refuted": "training removes some"}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run; None if no network has a number of regions."""
    rows = result.table[(result.table.regions > 0) & (result.table.untrained_regions > 0)]
    if rows.empty:
        return None
    by_key = tested(claims)
    here = {init: by_key[of.key] for init, of in INITIALISED.items() if of.key in by_key}
    change = training_factor(rows)
    trained = decide(change, above=0)
    return Answer(
        asked=(
            "A ReLU network is made of pieces (regions) on each of which it is exactly linear. How fast does their number grow "
            "with the neurons, does training add pieces, and are any exactly flat?"
        ),
        found=[*([_growth(here)] if here else []), _training(change, trained), _plateaus(rows)],
        why=(
            "A flat piece would send all its inputs to one output, as a memory does. Theory: untrained networks have about as "
            "many pieces as neurons to the power of the dimension (Hanin and Rolnick 2019)."
        ),
        not_shown=_limits(result.table),
        title=_title(here, trained),
    )


def _growth(here: dict[str, Claim]) -> Finding:
    """How the number of regions of untrained networks grows with their neurons, by initial weights and dimension."""
    by_dim: dict[int, list[str]] = {}
    for init, claim in here.items():
        for dim, part in _dimensions(claim):
            by_dim.setdefault(dim, []).append(f"{estimated(part, number)} with {WEIGHTS[init]}")
    words = [
        f"{PLACES[dim]}, {what}{' and '.join(by_dim[dim])}; theory says {dim}."
        for dim, what in zip(sorted(by_dim, reverse=True), (GROWS, ""), strict=False)
    ]
    verdicts = {f"with {WEIGHTS[init]}": claim.verdict for init, claim in here.items()}
    some = next(iter(here.values()))
    return told(GROW, verdicts, f"{' '.join(words)} Within {LIMIT.margin:g} was asked.{too_few(some)}")


def _dimensions(claim: Claim) -> Iterator[tuple[int, Claim]]:
    """The dimensions of a claim with the claims in each: its parts, or the claim itself if it has a single one."""
    for part in (claim, *claim.details):
        if part.setting.startswith("d = "):
            yield int(part.setting.removeprefix("d = ")), part


def training_factor(rows: pd.DataFrame) -> Interval:
    """The mean logarithm of the factor by which training changes the number of regions; seeds are the clusters."""
    return mean_interval(np.log(rows.regions / rows.untrained_regions), rows.seed)


def _training(change: Interval, verdict: str) -> Finding:
    few = "" if change.clusters >= MINIMUM_CLUSTERS else f" {counted(change.clusters, 'seed')} cannot decide this."
    return told(
        "Training adds pieces", {"": verdict}, f"It changes their number by a factor of {factor_words(change)}.{few}"
    )


def factor_words(change: Interval) -> str:
    """'1.9 (95 % CI 1.8 to 2; geometric mean over all sizes)': a factor from the interval of its logarithm."""
    ends = np.exp([change.low, change.high])
    words = ci(ends[0], ends[1], "{:.2g}".format) if np.isfinite(ends).all() else counted(change.clusters, "seed")
    return f"{np.exp(change.estimate):.2g} ({words}; geometric mean over all sizes)"


def _plateaus(rows: pd.DataFrame) -> Finding:
    share = share_interval(rows.plateau_share > 0, rows.seed)
    area = percent(rows.plateau_share.mean())
    return Finding(
        f"Exactly flat pieces: in {percent(share.estimate)} of the trained networks.",
        f"{ci(share.low, share.high, percent)}, {counted(len(rows), 'network')}. On average they cover "
        f"{area} of the input range.",
    )


def _limits(table: pd.DataFrame) -> str:
    names = listed([data_words(str(name)) for name in table.data.unique()])
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {names}. Pieces are those before the "
        f"sigmoid at the output, which bends them.{unfit(table.status)} The powers were known when the limit was set."
    )


def _title(here: dict[str, Claim], trained: str) -> str:
    """The heading that states how regions grow, or else what training does to them."""
    if not here:
        return f"The linear pieces of ReLU networks: {TRAINED.get(trained, 'whether training adds any is undecided')}"
    verdicts = {WEIGHTS[init]: claim.verdict for init, claim in here.items()}
    if len(set(verdicts.values())) == 1 or len(verdicts) == 1:
        verdict = next(iter(verdicts.values()))
        who = f"with {' and '.join(verdicts)}"
        if verdict not in TITLES:
            return f"Whether the linear pieces of networks {who} {TITLES['supported']} is undecided"
        return f"The linear pieces of networks {who} {TITLES[verdict]}"
    words = {
        "supported": "as theory says with",
        "refuted": "not so with",
        "undecided": "undecided with",
        "mixed": "in part with",
    }
    parts = [
        f"{words[verdict]} {name}" for name, verdict in sorted(verdicts.items(), key=lambda one: one[1] != "supported")
    ]
    return f"The linear pieces of untrained networks grow with neurons: {', '.join(parts)}"
