"""Thresholds: where a claim says that its estimand lies. The number that is tested is the number that is printed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from landscape.claims.intervals import Interval

RELATIONS = ("above", "below", "at_least", "at_most", "between", "margin")
RELATION_SIGNS = {"above": ">", "below": "<", "at_least": "≥", "at_most": "≤"}


@dataclass(frozen=True)
class Threshold:
    """Where a claim says that its estimand lies: a relation and its number.

    `above` and `below` exclude the number; `at_least` and `at_most` include it; `between` includes both ends. `margin` asks
    for less than this distance from zero, by two one-sided tests (TOST). Give exactly one relation.

    `str` gives plain words, "> 0.25". `words` gives the words as registered, "> .25": `form` formats the number, and
    `wording` is a template, in which {words} stands for the default words and {number}, {low} and {high} for the numbers.
    Raises ValueError unless exactly one relation is given and its ends leave room between them."""

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    margin: float | None = None
    wording: str = "{words}"
    form: str = "g"

    def __post_init__(self) -> None:
        names = [name for name in RELATIONS if getattr(self, name) is not None]
        if len(names) != 1:
            raise ValueError(f"Give one of {', '.join(RELATIONS)}; got {', '.join(names) or 'none'}.")
        if not self.low < self.high:
            raise ValueError(f"`{names[0]}` must leave room between its ends; got {getattr(self, names[0])}.")

    @property
    def relation(self) -> str:
        """The name of the relation that is given."""
        return next(name for name in RELATIONS if getattr(self, name) is not None)

    @property
    def ends(self) -> tuple[float, float]:
        """The lower and the upper end; infinite if the relation leaves that side open."""
        if self.between is not None:
            return self.between
        if self.margin is not None:
            return -self.margin, self.margin
        lower = self.above if self.above is not None else self.at_least
        upper = self.below if self.below is not None else self.at_most
        return -math.inf if lower is None else lower, math.inf if upper is None else upper

    @property
    def low(self) -> float:
        """The lower end."""
        return self.ends[0]

    @property
    def high(self) -> float:
        """The upper end."""
        return self.ends[1]

    @property
    def number(self) -> float:
        """The number of the relation; the upper end of `between`."""
        return self.low if math.isinf(self.high) else self.high

    @property
    def closed(self) -> bool:
        """Whether the ends satisfy the threshold."""
        return self.relation in ("at_least", "at_most", "between")

    def holds(self, value: float) -> bool:
        """Whether a value satisfies the threshold. NaN does not."""
        if self.closed:
            return self.low <= value <= self.high
        return value > self.low if math.isinf(self.high) else self.low < value < self.high

    def place(self, interval: Interval) -> Literal["inside", "outside", "across"]:
        """Whether the interval lies wholly inside the threshold, wholly outside, or across an end of it."""
        if interval.high < self.low or interval.low > self.high:
            return "outside"
        if self.closed:
            return "inside" if self.low <= interval.low and interval.high <= self.high else "across"
        low = np.isneginf(self.low) or self.low < interval.low
        high = np.isposinf(self.high) or interval.high < self.high
        return "inside" if low and high and not math.isnan(interval.estimate) else "across"

    def p(self, interval: Interval) -> float:
        """The larger p of the finite ends, or that of the end which the interval lies beyond. NaN if it has no test.

        If the ends satisfy the threshold, the nearest numbers outside are tested in their place, unless the interval lies
        outside."""
        if self.place(interval) == "outside":
            return interval.against(self.low if interval.high < self.low else self.high).p
        outwards = (-math.inf, math.inf) if self.closed else self.ends
        tested = [math.nextafter(end, to) for end, to in zip(self.ends, outwards, strict=True)]
        return largest([interval.against(end).p for end in tested if math.isfinite(end)])

    def around(self, centre: float) -> Threshold:
        """The margin around `centre` instead of zero, with its ends included and the same words."""
        assert self.margin is not None
        moved = (centre - self.margin, centre + self.margin)
        return replace(self, margin=None, between=moved, wording=self.words)

    def __str__(self) -> str:
        return _words(self, f"{self.low:g}", f"{self.high:g}")

    @property
    def words(self) -> str:
        """The words as registered, such as > .3, ≤ .2, CI within [3, 8], within ± .1."""
        low, high = (_short(value, self.form) for value in self.ends)
        return self.wording.format(words=_words(self, low, high), low=low, high=high, number=self.short)

    @property
    def short(self) -> str:
        """The number as printed in the words, such as .3."""
        return _short(self.number, self.form)

    def asks(self) -> dict[str, float | list[float]]:
        """The relation with its number, such as {"above": 0.25}."""
        value = getattr(self, self.relation)
        return {self.relation: list(value) if isinstance(value, tuple) else value}


def largest(p_values: list[float]) -> float:
    """The p of the claim that all of several claims hold. NaN if there are none or any is NaN."""
    return math.nan if not p_values or any(math.isnan(p) for p in p_values) else max(p_values)


def _words(threshold: Threshold, low: str, high: str) -> str:
    if threshold.between is not None:
        return f"CI within [{low}, {high}]"
    if threshold.margin is not None:
        return f"within ± {high}"
    sign = RELATION_SIGNS[threshold.relation]
    return f"{sign} {high if math.isinf(threshold.low) else low}"


def _short(value: float, form: str) -> str:
    """A number as papers print it, such as .25, −3, +.10, 80 %."""
    text = f"{value:{form}}".replace("-", "−").replace("%", " %")
    return re.sub(r"(?<![\d.])0(?=\.\d)", "", text)
