"""What a run on initialisation found, in words: how many fixed points networks have before training, by their weights."""

from __future__ import annotations

from collections.abc import Sequence

from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.findings import Answer, Finding, listed, percent, points, together, told
from landscape.results import Result
from landscape.studies.initialisation.claims import (
    B1,
    DEEP,
    ESTIMANDS,
    HEAVY,
    LIGHT,
    MIDDLE,
    NOT_PROVEN,
    SHALLOW,
    more_at_middle,
)
from landscape.studies.parts.claim_words import closed, counted, estimated, interval_of, too_few

WEIGHTS = {LIGHT: "normal", HEAVY: "heavy-tailed (Cauchy)", "stable-1.5": "less heavy-tailed (α-stable, 1.5)"}
DEPTHS = {"rise": SHALLOW, "fall": DEEP}
SEVERAL = {
    "supported": "Heavy-tailed weights give most untrained ReLU networks several stable fixed points",
    "refuted": "Heavy-tailed weights do not give most untrained ReLU networks several stable fixed points",
    "undecided": "Whether heavy-tailed weights give untrained ReLU networks several stable fixed points is undecided",
}
ONE = {
    "supported": "Untrained networks with normal weights have one stable fixed point",
    "refuted": "Not all untrained networks with normal weights have one stable fixed point",
    "undecided": "Whether untrained networks with normal weights have one stable fixed point is undecided",
}
BOTH = "Untrained networks have one stable fixed point with normal weights, several with Cauchy weights"


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer for runs with the initial weights of the claim; None for others."""
    parts = parts_of(claims)
    found = [
        *(_share(parts[name], name) for name in ("one stable", "several stable") if name in parts),
        *([_depth(parts, result)] if set(DEPTHS) & set(parts) else []),
    ]
    if not found:
        return None
    return Answer(
        asked=(
            "Does an untrained network have one stable fixed point (an input that it returns and that draws in its "
            "neighbours), and do heavy-tailed weights give it several?"
        ),
        found=found,
        why=(
            "A network with several stable fixed points can hold memories. The theory says that heavy-tailed weights give "
            "several before anything is learned (Berlyand et al. 2025)."
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
    topic, what = {
        "one stable": ("Normal weights, exactly one", "have one fixed point, a stable one"),
        "several stable": ("Heavy-tailed weights, several", "have two stable fixed points or more"),
    }[name]
    need = "" if part.verdict == "supported" or too_few(part) else f"; the claim needs {percent(B1[name].number)}"
    share = f"{estimated(part, percent)} of {counted(part.members, 'network')}"
    return told(topic, {"": part.verdict}, closed(f"{share} {what}{need}", part))


def _depth(parts: dict[str, Claim], result: Result) -> Finding:
    """Whether there are more fixed points at the middle depth: in how many pairs of a seed, more and fewer."""
    here = {name: end for name, end in DEPTHS.items() if name in parts}
    words: list[str] = []
    for name, end in here.items():
        change = f"{points(parts[name].estimate)} percentage points ({interval_of(parts[name], points)})"
        if words:
            words.append(f"With {MIDDLE} against {end}: {change.replace('95 % CI ', '')}.")
            continue
        signs = more_at_middle(result, end, proven=NOT_PROVEN not in parts[name].setting)
        words.append(
            f"{percent((signs > 0).mean())} of heavy-tailed networks have more with {MIDDLE} layers than with {end}, "
            f"{percent((signs < 0).mean())} have fewer: {change}."
        )
    verdicts = [parts[name].verdict for name in here]
    topic = "More fixed points at medium depth" if len(here) == 2 else f"More fixed points with {MIDDLE} layers"
    return told(topic, {"": together(verdicts)}, closed(" ".join(words).rstrip("."), parts[next(iter(here))]))


def _limits(result: Result, parts: dict[str, Claim]) -> str:
    table, activation = result.whole, result.record["parameters"]["activation"]
    dims, widths, depths = (listed(sorted(table[name].unique())) for name in ("dim", "width", "hidden"))
    units = "ReLU" if activation == "relu" else activation
    proof = " Some fixed points may be missing." if any(NOT_PROVEN in part.setting for part in parts.values()) else ""
    label = parts["several stable"].label if "several stable" in parts else ""
    open_ = f" {_sentence(label)}" if label else ""
    theirs = " The theory is about smooth, S-shaped (sigmoid) units." if activation in PIECEWISE_ACTIVATIONS else ""
    return (
        f"Trained networks, or other sizes than {depths} hidden layers of {widths} {units} units with {dims} inputs.{proof}"
        f"{open_}{theirs} We chose the depths after a trial with other seeds."
    )


def _title(verdicts: dict[str, str]) -> str:
    """The heading: what heavy-tailed weights give, or else what normal weights give."""
    if verdicts.get("one stable") == verdicts.get("several stable") == "supported":
        return BOTH
    several, one = verdicts.get("several stable"), verdicts.get("one stable")
    if several in ("supported", "refuted") or one is None:
        return SEVERAL.get(several or "", SEVERAL["undecided"])
    return (
        ONE.get(one, ONE["undecided"]) if several is None or one in ("supported", "refuted") else SEVERAL["undecided"]
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
