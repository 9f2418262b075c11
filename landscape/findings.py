"""What a run found, in words: the answer that heads its page, its summary in the terminal, and its JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landscape.figures import Panel

WIDEST = (
    0.5  # an interval of a share of copies that is wider tells nothing: it comes from a handful of different samples
)


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
