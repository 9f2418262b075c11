"""Claims made by hand for tests of answers, the words of an answer, and how many it may have.

A reader who has not read the paper should understand an answer in ten seconds."""

from __future__ import annotations

import re
from typing import Any

from landscape.claims import Claim, Verdict
from landscape.findings import Answer

BRIEF = (  # studies whose answers keep to LIMITS
    "architectures", "audit", "basins", "corners", "depth-sweep", "examine", "fixed-points", "initialisation",
    "injective-gan", "injective-kaleidoscope", "injectivity", "kaleidoscope", "memorisation", "regions", "step-flatness",
    "training-film",
)  # fmt: skip
# The most words in each part of an answer; of a finding in its bold verdict, and in its one or two sentences.
LIMITS = {"title": 14, "asked": 30, "short": 7, "sentence": 40, "found": 110, "why": 35, "not shown": 55}
MOST_FINDINGS, MOST_SENTENCES = 3, 2


def claim(key: str, verdict: Verdict, *numbers: float, **columns: Any) -> Claim:
    """A claim with an estimate and the ends of its interval, of 20 seeds."""
    names = ("estimate", "low", "high")
    values = {"statement": "", "estimand": "", "threshold": "", "clusters": 20}
    return Claim(key, verdict=verdict, **dict(zip(names, numbers, strict=False)), **(values | columns))


def all_words(answer: Answer | None) -> str:
    """Every word of the answer. Fails if there is none, or if it holds the code of a claim."""
    assert answer is not None
    words = " ".join([answer.title, answer.asked, answer.words, answer.why, answer.not_shown])
    assert re.search(r"\b[CSBFIP]\d", words) is None
    assert "nan" not in words
    return words


def brief_words(answer: Answer | None) -> str:
    """Every word of the answer. Fails as `all_words` does, and if a part is too long."""
    words = all_words(answer)
    assert answer is not None
    assert too_long(answer) == []
    return words


def too_long(answer: Answer) -> list[str]:
    """The parts of the answer with more words than LIMITS allow, or more findings or sentences, and those in the passive voice
    of an examiner: 'was asked' does not say by whom."""
    findings = [f"{one.short} {one.sentence}" for one in answer.found]
    parts = [("title", answer.title), ("asked", answer.asked), ("found", " ".join(findings))]
    parts += [(name, text) for one in answer.found for name, text in (("short", one.short), ("sentence", one.sentence))]
    parts += [("why", answer.why), ("not shown", answer.not_shown)]
    found = [f"{name}: {count(text)} words: {text}" for name, text in parts if count(text) > LIMITS[name]]
    ends = [(len(re.findall(r"[.?!](?=\s|$)", one.sentence)), one.sentence) for one in answer.found]
    found += [f"{number} sentences: {text}" for number, text in ends if number > MOST_SENTENCES]
    found += [f"{len(answer.found)} findings"] if len(answer.found) > MOST_FINDINGS else []
    return found + [f"passive: {text}" for name, text in parts if re.search(r"\b(was|is|are|were) asked\b", text)]


def count(text: str) -> int:
    """The number of words; signs such as % are none."""
    return sum(any(map(str.isalnum, word)) for word in text.split())
