"""What a run on regions found, in words: how their number grows with neurons, what training does to it, and plateaus."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from landscape.claims import MINIMUM_CLUSTERS, Claim, Interval, decide, mean_interval, share_interval
from landscape.findings import SHORT, Answer, Finding, ci, listed, percent, told
from landscape.results import Result
from landscape.studies.parts.claim_words import closed, counted, tested, too_few, unfit
from landscape.studies.parts.words import data_sets, spanned, two_digits
from landscape.studies.regions.claims import INITIALISED

WEIGHTS = {"he-biased": "He initialisation", "torch": "PyTorch's default"}
WHOSE = {"he-biased": "He's", "torch": "PyTorch's"}
PLACES = {1: "in 1-D", 2: "in 2-D"}
LIMIT = INITIALISED["torch"]["slope less the dimension"]  # that of all initialisations
AS_THEORY, NEAR_THEORY = "as theory says", "near theory"
TRAINED = {
    "supported": "Training adds linear pieces to ReLU networks",
    "refuted": "Training removes linear pieces of ReLU networks",
}
MANY_TIMES = 10  # findings say how many times the pieces grow when the neurons grow so many times


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run; None if no network has a number of regions."""
    rows = result.whole[(result.whole.regions > 0) & (result.whole.untrained_regions > 0)]
    if rows.empty:
        return None
    by_key = tested(claims)
    here = {init: by_key[of.key] for init, of in INITIALISED.items() if of.key in by_key}
    change = training_factor(rows)
    trained = decide(change, above=0)
    growth = [_growth(init, claim, first=not place) for place, (init, claim) in enumerate(here.items())]
    return Answer(
        asked=(
            "A ReLU network is exactly linear on each of many pieces of its input space. How fast does their number grow with "
            "the neurons, and does training add pieces?"
        ),
        found=[*growth, _training(change, trained, rows)],
        why=(
            "Theory gives untrained networks about as many pieces as neurons to the power of the dimension (Hanin and Rolnick "
            "2019). An exactly flat piece sends all its inputs to one output, as a memory does."
        ),
        not_shown=_limits(result.whole),
        title=_title(here, trained),
    )


def _growth(init: str, claim: Claim, *, first: bool) -> Finding:
    """How many times the pieces untrained networks have with MANY_TIMES the neurons, by dimension, beside what is needed."""
    parts = dict(sorted(dimensions(claim), reverse=True))
    whole, words = claim.verdict == "supported" or bool(too_few(claim)), []
    for place, (dim, part) in enumerate(parts.items()):
        times = (
            f"{as_factor(part.estimate)} times{_interval(part, place)}{' the pieces' if first and not place else ''}"
        )
        need = _off_theory(part.estimate, dim)
        if not whole:
            need = f"where {'it' if place else 'the claim'} needs {_limit(part)}"
        words.append(f"{times} {PLACES[dim]}, {need}")
    lead = f"{MANY_TIMES} times the neurons give" if first else "Here"
    return Finding(
        f"{WEIGHTS[init]}: {_short(claim, parts)}.", _ended(f"{lead} {', and '.join(words)}", claim, first=first)
    )


def _off_theory(power: float, dim: int) -> str:
    """'18 % below theory's 100': how far the growth is off that of theory."""
    off = MANY_TIMES ** (power - dim) - 1
    if math.isnan(off):
        return f"where theory says {as_factor(dim)}"
    if round(100 * abs(off)) == 0:
        return f"as theory's {as_factor(dim)}"
    return f"{100 * abs(off):.0f} % {'below' if off < 0 else 'above'} theory's {as_factor(dim)}"


def _ended(words: str, claim: Claim, *, first: bool) -> str:
    """The words as a sentence; the first says that seeds are too few."""
    return closed(words, claim) if first else f"{words}."


def _interval(part: Claim, place: int) -> str:
    """' (95 % CI 76 to 87)', of later parts ' (8.9 to 10)'; nothing if an end is missing."""
    if not np.isfinite([part.low, part.high]).all():
        return ""
    words = ci(part.low, part.high, as_factor)
    return f" ({words.removeprefix('95 % CI ') if place else words})"


def _limit(part: Claim) -> str:
    """The limit of the claim on the side of the estimate."""
    if part.estimate < (part.asked_low + part.asked_high) / 2:
        return f"{as_factor(part.asked_low)} or more"
    return f"{as_factor(part.asked_high)} or less"


def as_factor(power: float) -> str:
    """How many times the pieces networks with MANY_TIMES the neurons have, if pieces grow as neurons to a power."""
    return two_digits(MANY_TIMES**power)


def _short(claim: Claim, parts: dict[int, Claim]) -> str:
    refuted = [PLACES[dim] for dim, part in parts.items() if part.verdict == "refuted"]
    if claim.verdict == "refuted" and len(refuted) < len(parts):
        return f"not {NEAR_THEORY} {listed(refuted)}"
    return {"supported": NEAR_THEORY, "refuted": f"not {NEAR_THEORY}"}.get(claim.verdict, SHORT[claim.verdict])


def dimensions(claim: Claim) -> Iterator[tuple[int, Claim]]:
    """The dimensions of a claim with the claims in each: its parts, or the claim itself if it has a single one."""
    for part in (claim, *claim.details):
        if part.setting.startswith("d = "):
            yield int(part.setting.removeprefix("d = ")), part


def training_factor(rows: pd.DataFrame) -> Interval:
    """The mean logarithm of the factor by which training changes the number of regions; seeds are the clusters."""
    return mean_interval(np.log(rows.regions / rows.untrained_regions), rows.seed)


def _training(change: Interval, verdict: str, rows: pd.DataFrame) -> Finding:
    flat = share_interval(rows.plateau_share > 0, rows.seed)
    few = "" if change.clusters >= MINIMUM_CLUSTERS else f"; {counted(change.clusters, 'seed')} cannot decide this"
    ends = np.exp([change.low, change.high])
    words = f" ({ci(ends[0], ends[1], two_digits)})" if np.isfinite(ends).all() else ""
    return told(
        "Training adds pieces",
        {"": verdict},
        f"On average {two_digits(np.exp(change.estimate))} times{words} as many. {percent(flat.estimate)} "
        f"({ci(flat.low, flat.high, percent)}) of trained networks have an exactly flat piece{few}.",
    )


def factor_words(change: Interval) -> str:
    """'1.9 (95 % CI 1.8 to 2; geometric mean over all sizes)': a factor from the interval of its logarithm."""
    ends = np.exp([change.low, change.high])
    words = ci(ends[0], ends[1], "{:.2g}".format) if np.isfinite(ends).all() else counted(change.clusters, "seed")
    return f"{np.exp(change.estimate):.2g} ({words}; geometric mean over all sizes)"


def _limits(table: pd.DataFrame) -> str:
    return (
        f"Anything beyond networks of {spanned(table.parameters)} parameters on {data_sets(table.data)}. Pieces are counted "
        f"before the output's sigmoid.{unfit(table.status)} We had seen the growth when we set the claim's limit."
    )


def _title(here: dict[str, Claim], trained: str) -> str:
    """The heading: whether pieces grow as theory says, with which weights, or else what training does to them."""
    if not here:
        return TRAINED.get(trained, "Whether training adds linear pieces to ReLU networks is undecided")
    grow = {verdict: [init for init in here if here[init].verdict == verdict] for verdict in ("supported", "refuted")}
    yes, no = grow["supported"], grow["refuted"]
    if not yes and not no:
        return f"Whether linear pieces multiply with the neurons {AS_THEORY} is undecided"
    if len(yes) == len(here):
        return f"Linear pieces of untrained networks multiply with neurons about {AS_THEORY}"
    if len(no) == len(here):
        return f"Linear pieces of untrained networks do not multiply with neurons {AS_THEORY}"
    if not yes:
        return f"Linear pieces do not multiply {AS_THEORY} with {WEIGHTS[no[0]]}"
    rest = _exception(no[0], here[no[0]]) if no else ""
    return f"Linear pieces multiply about {AS_THEORY} with {WEIGHTS[yes[0]]}{rest}"


def _exception(init: str, claim: Claim) -> str:
    """What the other weights do: ', not with them', or ', slower with PyTorch's'."""
    parts = dict(dimensions(claim))
    refuted = [dim for dim, part in parts.items() if part.verdict == "refuted"]
    if len(refuted) != 1 or len(parts) == 1:
        return f", not with {WEIGHTS[init]}"
    less = parts[refuted[0]].estimate < refuted[0]
    return f", {'slower' if less else 'faster'} with {WHOSE[init]}"
