"""What a run found, in words: the answer that heads its page, its summary in the terminal, and its JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landscape.figures import Panel

# An interval of a share of copies that is wider tells nothing: it comes from a handful of different samples.
WIDEST = 0.5
SHORT = {
    "supported": "yes",
    "refuted": "no",
    "mixed": "in part",
    "undecided": "undecided",
    "untestable": "not tested",
    "ill-posed": "ill-posed",
}


@dataclass(frozen=True)
class Finding:
    """One finding: a short answer such as 'Copies: yes.', and a sentence with its numbers and intervals."""

    short: str
    sentence: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer of a run, computed from its tables.

    - `asked`: the question, in the words of the subject. `found`: one to four findings.
    - `why`: why the answer matters. `not_shown`: what it does not show. Either may be empty.
    - `title`: the page's heading, which states the result; the study's title if it is empty.
    - `hero`: the picture that shows the finding; None for none."""

    asked: str
    found: Sequence[Finding]
    why: str = ""
    not_shown: str = ""
    title: str = ""
    hero: Panel | None = field(default=None, compare=False)

    @property
    def words(self) -> str:
        """The findings, a line each."""
        return "\n".join(f"{one.short} {one.sentence}".strip() for one in self.found)

    def record(self) -> dict[str, Any]:
        """The JSON form, without the picture."""
        found = [{"short": one.short, "sentence": one.sentence} for one in self.found]
        return {
            "title": self.title, "asked": self.asked, "found": found, "why": self.why, "not_shown": self.not_shown,
        }  # fmt: skip


def unclear_share(low: float, high: float, distinct: float) -> str:
    """A sentence to print instead of a share of copies whose interval is too wide; empty if the interval is narrow enough.

    An interval wider than WIDEST tells nothing. `distinct` is the number of different samples, NaN if it is not known."""
    if not high - low > WIDEST:
        return ""
    ends = f"what share is copied (95 % interval: {100 * low:.0f} to {100 * high:.0f} %)."
    if distinct == 1:
        return f"Its samples are all the same, and a single sample cannot tell {ends}"
    many = "few" if math.isnan(distinct) else f"only {distinct:.0f}"
    return f"It has {many} different samples, which cannot tell {ends}"


def percent(value: float) -> str:
    """A share in per cent, with a decimal below 10 % and where it would else read 100 %, unless it is none or whole."""
    if math.isnan(value):
        return "–"
    number = 100 * value
    fine = 0.05 <= number < 10 or 99.5 <= number < 99.95
    digits = 1 if fine and round(number, 1) != round(number) else 0
    return f"{number:.{digits}f} %"


def interval(low: float, high: float) -> str:
    """The ends of an interval of shares in per cent, in brackets."""
    return f"[{percent(low).removesuffix(' %')}, {percent(high).removesuffix(' %')}]"


def number(value: float) -> str:
    """A number with a true minus sign: two decimals at most, one from 10 on and none from 100 on."""
    if math.isnan(value):
        return "–"
    decimals = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    text = f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if decimals else text


def told(topic: str, verdicts: Mapping[str, str], sentence: str) -> Finding:
    """The finding on a topic that is asked of several things, with a sentence: 'Sooner: yes on two points; no on four points.'

    `verdicts` maps the words for each thing, such as 'on two points', to its verdict of claims. If the verdicts agree, the
    short answer is theirs: 'Sooner: yes.'"""
    by_verdict: dict[str, list[str]] = {}
    for thing, verdict in verdicts.items():
        by_verdict.setdefault(verdict, []).append(thing)
    if len(by_verdict) == 1:
        return Finding(f"{topic}: {SHORT[next(iter(by_verdict))]}.", sentence)
    words = "; ".join(f"{SHORT[verdict]} {', '.join(things)}" for verdict, things in by_verdict.items())
    return Finding(f"{topic}: {words}.", sentence)


def together(verdicts: Iterable[str]) -> str:
    """The verdict on a question that is asked of several things: theirs if they agree, else 'mixed'.

    Raises ValueError without verdicts."""
    found = set(verdicts)
    if not found:
        raise ValueError("`verdicts` must hold one or more; got none")
    return found.pop() if len(found) == 1 else "mixed"


def listed(words: Sequence[object]) -> str:
    """'1', '1 and 2', '1, 2 and 4'."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign and a decimal below 10."""
    number = 100 * value
    return _signless(f"{number:+.{0 if abs(number) >= 9.95 or number == round(number) else 1}f}")


def ci(low: float, high: float, form: Callable[[float], str]) -> str:
    """'95 % CI … to …' with both ends in a form."""
    return f"95 % CI {form(low)} to {form(high)}"


def _signless(text: str) -> str:
    """The number with a true minus sign, and zero without any sign."""
    return "0" if float(text) == 0 else text.replace("-", "−")
