"""Certificates: whether a claim's whole judgement tells data in which the claim is true from data in which it is not."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from landscape.claims.claim import Claim
from landscape.claims.verdicts import Verdict

LEAST_SUPPORTED = 0.8  # of draws in which the claim is true
MOST_FALSE = (
    0.05  # of draws: supported where it is false, at its threshold or a control's; refuted where it is true or there
)
ALLOWANCE = 0.001  # a right share passes its limit by chance in at most this share of certificates
EXCUSES = ("by identity", "by constant")  # labels with which a control may be supported, as they say what it is
CONTROL = "control: "
REQUIRED = ("true", "false", "threshold")


@dataclass(frozen=True)
class Certificate:
    """How often a claim was supported and refuted in `draws` draws of each generator.

    `excused` holds the draws in which a control was supported with a label of EXCUSES; they are not among `supported`."""

    draws: int
    supported: Mapping[str, int]
    refuted: Mapping[str, int]
    excused: Mapping[str, int] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """What forbids registering the claim, as sentences; an empty list if nothing does.

        A limit counts as missed if chance alone would miss it by as much in fewer than ALLOWANCE of certificates."""
        from scipy import stats  # it takes long to load

        least = int(stats.binom.ppf(ALLOWANCE, self.draws, LEAST_SUPPORTED))
        most = int(stats.binom.ppf(1 - ALLOWANCE, self.draws, MOST_FALSE))
        found = []
        for name, count in self.supported.items():
            what, percent = _subject(name), _percent(count / self.draws)
            if name == "true" and count < least:
                found.append(
                    f"{what} is supported in {percent} of draws; at least {LEAST_SUPPORTED * 100:.0f} % is asked"
                )
            elif name != "true" and count > most:
                found.append(f"{what} is supported in {percent} of draws; at most {MOST_FALSE * 100:.0f} % is allowed")
        for name in ("true", "threshold"):
            if self.refuted[name] > most:
                percent = _percent(self.refuted[name] / self.draws)
                found.append(
                    f"{_subject(name)} is refuted in {percent} of draws; at most {MOST_FALSE * 100:.0f} % is allowed"
                )
        return found

    def table(self) -> pd.DataFrame:
        """A row per generator, with the shares of its draws: columns generator, draws, supported, refuted, excused, neither."""
        rows = []
        for name, supported in self.supported.items():
            counts = supported, self.refuted[name], self.excused.get(name, 0)
            shares = [count / self.draws for count in (*counts, self.draws - sum(counts))]
            rows.append((name, self.draws, *shares))
        return pd.DataFrame(rows, columns=["generator", "draws", "supported", "refuted", "excused", "neither"])


def certify(
    claim_of: Callable[[Any], Claim | Verdict],
    generators: Mapping[str, Callable[[np.random.Generator], Any]],
    *,
    draws: int = 200,
    seed: int = 0,
) -> Certificate:
    """The verdicts of a claim on simulated data, before the claim is registered.

    `claim_of` judges rows; it is the whole of what a study does with its own rows. `generators` make such rows, of the
    study's size: "true", "false" and "threshold" (the estimand is exactly there), and one named "control: …" for each
    control. Each draw has a random generator of its own, set by `seed`, the name and the number of the draw. Raises
    ValueError for missing or other names."""
    missing = [name for name in REQUIRED if name not in generators]
    unknown = [name for name in generators if name not in REQUIRED and not name.startswith(CONTROL)]
    if missing or unknown:
        raise ValueError(
            f"`generators` must be named {', '.join(REQUIRED)} or '{CONTROL}…'; missing {missing}, unknown {unknown}."
        )
    counts: dict[str, dict[str, int]] = {
        kind: dict.fromkeys(generators, 0) for kind in ("supported", "refuted", "excused")
    }
    for name, generate in generators.items():
        for draw in range(draws):
            judged = claim_of(generate(np.random.default_rng([seed, zlib.crc32(name.encode()), draw])))
            kind = _kind(judged, name)
            if kind in counts:
                counts[kind][name] += 1
    return Certificate(draws, **counts)


def _kind(judged: Claim | Verdict, name: str) -> str:
    """The verdict; 'excused' for a supported control whose label says what it is."""
    if not isinstance(judged, Claim):
        return judged
    excused = name.startswith(CONTROL) and any(words in judged.label for words in EXCUSES)
    return "excused" if excused and judged.verdict == "supported" else judged.verdict


def _subject(name: str) -> str:
    if name == "threshold":
        return "a claim whose estimand is exactly at the threshold"
    return f"the control '{name.removeprefix(CONTROL)}'" if name.startswith(CONTROL) else f"a {name} claim"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
