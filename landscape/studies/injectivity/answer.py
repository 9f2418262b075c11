"""What a run on injectivity found, in words: one for each part that it has."""

from __future__ import annotations

from collections.abc import Sequence

from landscape.claims import Claim
from landscape.findings import Answer, Finding, number, percent, points, told
from landscape.results import Result
from landscape.studies.injectivity.claims import AS_UNTRAINED, CONTRAST, LOWER, NECESSARY, REPLICA, UPPER
from landscape.studies.injectivity.parameters import EXACT
from landscape.studies.parts.claim_words import closed, counted, estimated, interval_of, tested, too_few

TITLES = {
    "I2": {
        "supported": "Gaussian ReLU layers give different images the same code",
        "refuted": "Gaussian ReLU layers rarely give different images the same code",
        "undecided": "Whether Gaussian ReLU layers give images the same code is undecided",
    },
    "I3": {
        "supported": "Deeper ReLU networks merge more points",
        "refuted": "Deeper ReLU networks do not merge more points",
        "undecided": "Whether deeper ReLU networks merge more points is undecided",
    },
}


def answer_of(result: Result, claims: Sequence[Claim]) -> Answer | None:
    """The answer of a run; None if it tests no claim."""
    here = tested(claims)
    found = [_finding(claim, result) for claim in here.values()]
    if not found:
        return None
    return Answer(
        asked=(
            "How many rows does a random ReLU layer need to be one-to-one, which images does it confuse, and where do trained "
            "networks merge points?"
        ),
        found=found,
        why=(
            "A layer that is one-to-one loses nothing, so that codes can be inferred (Puthawala et al. 2022). Networks that "
            "draw all inputs to their data may merge points, or only shrink distances."
        ),
        not_shown=_limits(result, here),
        title=_title(next(iter(here.values()))),
    )


def _finding(claim: Claim, result: Result) -> Finding:
    if claim.key == "I3":
        return _depth(claim, _wide_words(result))
    return _rows(claim) if claim.key == "I1" else _images(claim)


def _rows(claim: Claim) -> Finding:
    """At how many rows per input half of the largest layers are one-to-one."""
    layers = f"Of {counted(claim.clusters, 'layer')} with {_inputs(claim)} half"
    words = f"{layers} are one-to-one at {estimated(claim, number)} rows per input"
    theory = f"{NECESSARY:g} are necessary, and theory says {REPLICA:g} for many inputs"
    return told(f"One-to-one between {LOWER:g} and {UPPER:g}", {"": claim.verdict}, closed(f"{words}; {theory}", claim))


def _inputs(claim: Claim) -> str:
    """'7 inputs': the number of inputs that a claim on Gaussian layers is about."""
    return counted(int(claim.setting.partition(",")[0].removeprefix("n = ")), "input")


def _images(claim: Claim) -> Finding:
    """For how many layers an image has a second one with the same code, and for how many at full contrast."""
    layers = f"{estimated(claim, percent)} of {counted(claim.clusters, 'layer')} with 2.1 rows per pixel"
    words = f"{layers} give some image and a second one the same code"
    whole = [one for one in claim.details if one.setting.endswith("at 100 % contrast")]
    if whole:
        share = sum(one.estimate * one.clusters for one in whole) / sum(one.clusters for one in whole)
        words += f"; {percent(share)} if black must stay black"
    return told("Two images, one code", {"": claim.verdict}, closed(words, claim))


def _wide_words(result: Result) -> str:
    """From how many units on no network that fits merges any point; empty if there is no such width, or if it is the least."""
    fit = result.table[result.table.status == "converged"]
    most = fit.groupby("width").merged.max().sort_index()
    merging = most.index[most > 0]
    wide = [int(width) for width in most.index if len(merging) and width > merging.max()]
    return f"; with {wide[0]} units or more no point is merged" if wide else ""


def _depth(claim: Claim, wide: str) -> Finding:
    """How the share of merged points changes with each doubling of the hidden layers, trained and untrained."""
    change = f"{points(claim.estimate)} percentage points ({interval_of(claim, points)})"
    words = f"Each doubling of the hidden layers changes the share of merged points by {change}"
    before = next((one for one in claim.details if one.setting.endswith("before training")), None)
    words += f"; before training by {points(before.estimate)}" if before is not None else ""
    words += wide
    return told("Deeper networks merge more", {"": claim.verdict}, closed(words, claim))


def _title(claim: Claim) -> str:
    if claim.key == "I1":
        return (
            f"Gaussian ReLU layers with {_inputs(claim)} become one-to-one near {number(claim.estimate)} rows per input"
        )
    return TITLES[claim.key].get(claim.verdict, "")


def _limits(result: Result, here: dict[str, Claim]) -> str:
    words = []
    if "I1" in here:
        matrices = result.tables["matrices"]
        exact = matrices[matrices.method == EXACT]
        open_ = int((exact["least"] < exact["most"]).sum())
        words.append("Thresholds for infinitely many inputs: with many inputs, pairs were only searched for.")
        if open_:
            words.append(f"{open_} of {counted(len(exact), 'layer')} are bounded, not decided.")
    if "I2" in here:
        words.append(f"Images are at {100 * CONTRAST:g} % contrast.")
    if "I3" in here:
        alike = here["I3"].label == AS_UNTRAINED
        words.append("Untrained networks merge as much with depth." if alike else "Depth alone, at equal widths.")
        words.append(too_few(here["I3"]).strip())
    return " ".join(filter(None, words))
