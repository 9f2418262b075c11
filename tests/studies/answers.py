"""Claims made by hand for tests of answers, and the words of an answer."""

from __future__ import annotations

import re
from typing import Any

from landscape.claims import Claim, Verdict
from landscape.findings import Answer


def claim(key: str, verdict: Verdict, *numbers: float, **columns: Any) -> Claim:
    """A claim with an estimate and the ends of its interval, of 20 seeds."""
    names = ("estimate", "low", "high")
    values = {"statement": "", "estimand": "", "threshold": "", "clusters": 20}
    return Claim(key, verdict=verdict, **dict(zip(names, numbers, strict=False)), **(values | columns))


def all_words(answer: Answer | None) -> str:
    """Every word of the answer. Fails if there is none, or if it holds the code of a claim."""
    assert answer is not None
    words = " ".join([answer.title, answer.asked, answer.words, answer.why, answer.not_shown])
    assert re.search(r"\b[CSBFP]\d", words) is None
    assert "nan" not in words
    return words
