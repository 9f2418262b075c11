"""What a run on initialisation found, in words: how many fixed points networks have before training, by their weights."""

from __future__ import annotations

from collections.abc import Sequence

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, percent, points, told
from landscape.results import Result
from landscape.studies.initialisation.claims import B1, DEEP, ESTIMANDS, HEAVY, LIGHT, MIDDLE, NOT_PROVEN, SHALLOW
from landscape.studies.parts.claim_words import counted, estimated, interval_of, too_few

WEIGHTS = {LIGHT: "light-tailed (normal)", HEAVY: "heavy-tailed (Cauchy)"}
DEPTHS = {
    "rise": (SHALLOW, f"rises from {SHALLOW} to {MIDDLE} layers"),
    "fall": (DEEP, f"falls from {MIDDLE} to {DEEP} layers"),
}
ONE = {
    "supported": "light-tailed initial weights give one stable fixed point",
    "refuted": "light-tailed initial weights do not always give one stable fixed point",
}
SEVERAL = {
    "supported": "heavy-tailed ones give several",
    "refuted": "heavy-tailed ones mostly do not give several",
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer for runs with the initial weights of the claim; None for others."""
    parts = parts_of(claims)
    found = [
        *(_share(parts[name], name) for name in ("one stable", "several stable") if name in parts),
        *([_depth(parts)] if {"rise", "fall"} & set(parts) else []),
    ]
    if not found:
        return None
    return Answer(
        asked=(
            "Before any training, how many inputs does a network return unchanged (fixed points), and do heavy-tailed initial "
            "weights, of which a few are very large, give more of them than normal weights?"
        ),
        found=found,
        why=(
            "A stable fixed point draws the inputs around it. A network with several can hold memories; the theory says that "
            "heavy-tailed weights give several before anything is learned (Berlyand et al. 2025)."
        ),
        not_shown=_limits(result, parts),
        title=_title({name: part.verdict for name, part in parts.items()}),
    )


def parts_of(claims: Sequence[Claim]) -> dict[str, Claim]:
    """The parts of the claim that this run tests, by the names of their thresholds.

    Where no list of fixed points can be proven to be complete, they are the parts on the fixed points that were found."""
    found: dict[str, Claim] = {}
    for claim in claims:
        parts = claim.details or (claim,)
        proven = [part for part in parts if NOT_PROVEN not in part.setting]
        kept = [part for part in proven or parts if part.verdict != "untestable"]
        found |= {name: part for name, words in ESTIMANDS.items() for part in kept if part.estimand == words}
    return found


def _share(part: Claim, name: str) -> Finding:
    asked = percent(B1[name].number)
    of = counted(part.members, "network")
    if name == "one stable":
        topic, what = (
            f"One stable fixed point with {WEIGHTS[LIGHT]} weights",
            "have exactly one fixed point, a stable one",
        )
    else:
        topic, what = f"Several with {WEIGHTS[HEAVY]} weights", "have two stable fixed points or more"
    label = f" {_sentence(part.label)}" if part.label and name == "several stable" else ""
    sentence = f"Of {of} {estimated(part, percent)} {what}; at least {asked} was asked.{label}{too_few(part)}"
    return told(topic, {"": part.verdict}, sentence)


def _depth(parts: dict[str, Claim]) -> Finding:
    here = {name: DEPTHS[name] for name in DEPTHS if name in parts}
    what = "rises and then falls" if len(here) == 2 else f"{next(iter(here))}s"
    words = [
        f"by {points(parts[name].estimate)} points against {end} ({interval_of(parts[name], points)})"
        for name, (end, _) in here.items()
    ]
    sentence = (
        f"Counted by seed of the heavy-tailed networks, the share with more fixed points at {MIDDLE} hidden layers exceeds the "
        f"share with fewer {' and '.join(words)}; 0 would be no change.{too_few(parts[next(iter(here))])}"
    )
    verdicts = {where: parts[name].verdict for name, (_, where) in here.items()}
    return told(f"Their number {what} with depth", verdicts, sentence)


def _limits(result: Result, parts: dict[str, Claim]) -> str:
    table, activation = result.table, result.record["parameters"]["activation"]
    dims, widths, depths = (listed(sorted(table[name].unique())) for name in ("dim", "width", "hidden"))
    units = "ReLU" if activation == "relu" else activation
    proof = (
        " Some fixed points may be missing: they were searched for from random starts."
        if any(NOT_PROVEN in part.setting for part in parts.values())
        else ""
    )
    theirs = " The theory is about sigmoidal units." if activation in PIECEWISE_ACTIVATIONS else ""
    return (
        f"Trained networks, or other sizes than {depths} hidden layers of {widths} {units} units with {dims} inputs.{proof}"
        f"{theirs} The depths were chosen after a trial with other seeds."
    )


def _title(verdicts: dict[str, str]) -> str:
    """The heading that states the shares; what is undecided is said at its end."""
    words = [
        stated.get(verdicts[name], f"whether {stated['supported']} is undecided")
        for name, stated in (("one stable", ONE), ("several stable", SEVERAL))
        if name in verdicts
    ]
    if len(words) == 2 and all("undecided" in one for one in words):
        words = [f"whether {ONE['supported']} and {SEVERAL['supported']} is undecided"]
    return f"Before training, {'; '.join(words)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
