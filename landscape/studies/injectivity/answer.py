"""What a run on injectivity found, in words: a finding for each part that it has."""

from __future__ import annotations

from collections.abc import Sequence

from landscape.claims import Claim
from landscape.findings import Answer, Finding, number, percent, told
from landscape.results import Result
from landscape.studies.injectivity.claims import (
    ADDED,
    CONTRAST,
    LOWER,
    NO_STEEPER,
    REPLICA,
    UPPER,
)
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
        return _depth(claim, _width_words(result))
    return _rows(claim) if claim.key == "I1" else _images(claim)


def _rows(claim: Claim) -> Finding:
    """At how many rows per input half of the largest layers are one-to-one."""
    layers = f"Of {counted(claim.clusters, 'layer')} with {_inputs(claim)} half"
    interval = interval_of(claim, number)
    words = f"{layers} are one-to-one at {number(claim.estimate)} rows per input{f' {interval}' if interval else ''}"
    theory = f"theory says {REPLICA:g} for many inputs"
    return told(f"One-to-one between {LOWER:g} and {UPPER:g}", {"": claim.verdict}, closed(f"{words}; {theory}", claim))


def _inputs(claim: Claim) -> str:
    """'7 inputs': the number of inputs that a claim on Gaussian layers is about."""
    return counted(int(claim.setting.partition(",")[0].removeprefix("n = ")), "input")


def _images(claim: Claim) -> Finding:
    """For how many layers an image has a second one with the same code, for which sets the verdict differs, and at full
    contrast."""
    layers = f"{estimated(claim, percent)} of {counted(claim.clusters, 'layer')} with 2.1 rows per pixel"
    words = f"{layers} give two images the same code"
    level = f"at {100 * CONTRAST:g} % contrast"
    apart = [one for one in claim.details if one.setting.endswith(level) and one.verdict != claim.verdict]
    for one in apart:
        words += f"; {one.setting.removesuffix(level).strip()} alone {percent(one.estimate)} ({one.verdict})"
    whole = [one for one in claim.details if one.setting.endswith("at 100 % contrast")]
    if whole:
        share = sum(one.estimate * one.clusters for one in whole) / sum(one.clusters for one in whole)
        words += f"; at full contrast, where a black pixel cannot fall, {percent(share)}"
    return told("Two images, one code", {"": claim.verdict}, closed(words, claim))


def _width_words(result: Result) -> str:
    """Which networks that fit merge points, by width, where the narrowest do and wider ones merge none; else empty."""
    fit = result.whole[result.whole.status == "converged"]
    most = fit.groupby("width").merged.max().sort_index()
    merging = most.index[most > 0]
    if not len(merging) or merging.max() == most.index.max():
        return ""
    return f", all at width{'s up to' if len(merging) > 1 else ''} {merging.max()}: wider networks merge none"


def _depth(claim: Claim, widths: str) -> Finding:
    """How the share of merged points changes with each doubling of the hidden layers, and what training adds to that."""
    change = f"{_hundredths(claim.estimate)} percentage points ({interval_of(claim, _hundredths)})"
    words = f"Each doubling of depth changes the share of merged points by {change}{widths}"
    added = next((one for one in claim.details if one.setting.endswith(ADDED)), None)
    words += f"; training adds {estimated(added, _hundredths)}" if added is not None else ""
    return told("Deeper networks merge more", {"": claim.verdict}, closed(words, claim))


def _hundredths(share: float) -> str:
    """A difference of shares in percentage points, to hundredths: '−0.04'."""
    return f"{100 * share:.2f}".replace("-", "−")


def _title(claim: Claim) -> str:
    if claim.key == "I1":
        if claim.verdict == "undecided":
            return "How many rows make Gaussian ReLU layers one-to-one is undecided"
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
        alike = here["I3"].label == NO_STEEPER
        words.append(
            "Whether training makes networks merge more with depth." if alike else "Depth alone, at equal widths."
        )
        words.append(too_few(here["I3"]).strip())
    return " ".join(filter(None, words))
