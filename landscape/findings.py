"""What a run found, in words: the answer that heads its page, its summary in the terminal, and its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landscape.figures import Panel


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
        """The findings as one paragraph."""
        return " ".join(f"{one.short} {one.sentence}".strip() for one in self.found)

    def record(self) -> dict[str, Any]:
        """The JSON form, without the picture."""
        found = [{"short": one.short, "sentence": one.sentence} for one in self.found]
        return {
            "title": self.title, "asked": self.asked, "found": found, "why": self.why, "not_shown": self.not_shown,
        }  # fmt: skip
