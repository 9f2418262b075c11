"""The words of pages, tables and messages, with what they mean."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True)
class Term:
    """A word, what it means, and other forms in which it is printed. Words that are `plain` need no mark on a page."""

    word: str
    means: str
    also: tuple[str, ...] = ()
    plain: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """The word and its other forms."""
        return (self.word, *self.also)


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Term(word, about["means"], tuple(about.get("also", ())), bool(about.get("plain")))
        for word, about in content.items()
    )


def find(word: str) -> Term | None:
    """The term of which `word` is a form, whatever its capitals; None if there is none."""
    asked = word.casefold().strip()
    return next((term for term in terms() if asked in [form.casefold() for form in term.forms]), None)
