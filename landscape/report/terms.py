"""Words of the glossary in the text of a page: each opens its meaning when it is clicked or tapped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from markupsafe import Markup

from landscape import glossary
from landscape.names import file_stem
from landscape.report.equations import prose


@dataclass(frozen=True)
class Terms:
    """Marks the glossary's words and equations in the texts of one page. The words are kept by the ids of their meanings."""

    found: dict[str, glossary.Term] = field(default_factory=dict)

    def marked(self, *texts: str) -> list[Markup]:
        """The texts as HTML, with the first occurrence of each word as a button that opens its meaning.

        An estimate is bold and its interval grey. A share keeps its sign: a line does not break before " %", nor in 1e-6."""
        seen: set[str] = set()
        return [self._weighed(text, seen) for text in texts]

    def _weighed(self, text: str, seen: set[str]) -> Markup:
        parts, end = [], 0
        for match in _ESTIMATE.finditer(text):
            words = (
                self._marked(text[end : match.start()], seen),
                *(self._marked(part or "", seen) for part in match.groups()),
            )
            parts.append(_ESTIMATED.format(*words))
            end = match.end()
        return Markup("").join([*parts, self._marked(text[end:], seen)])

    def _marked(self, text: str, seen: set[str]) -> Markup:
        parts, end = [], 0
        for match in _pattern().finditer(text):
            term = glossary.find(match[0])
            if term is None or term.word in seen or match.start() < end:  # a button holds one word of the glossary
                continue
            seen.add(term.word)
            name = f"term-{file_stem(term.word, 'word')}"
            self.found[name] = term
            before, after = _touching(text, end, match)
            button = _BUTTON.format(name, _unbroken(match[0]))
            whole = _WHOLE.format(text[before : match.start()], button, text[match.end() : after])
            parts += [_unbroken(text[end:before]), whole if after - before > len(match[0]) else button]
            end = after
        return Markup("").join([*parts, _unbroken(text[end:])])


# An estimate, its unit, and its interval, as in "13.5 iterations (95 % CI 9 to 22)"; the 40 of "40 networks (…)" is none.
_ESTIMATE = re.compile(
    r"([+−]?\d[\d.,]*(?: %)?)((?: percentage points| points| times| iterations| steps)? )(\(95 % CI [^()]*\))"
)
_ESTIMATED = Markup('{}<b>{}</b>{}<span class="interval">{}</span>')
_EXPONENT = re.compile(r"(\de)-(?=\d)")  # a line may break after a hyphen, not after a minus sign
_WHOLE = Markup('<span class="whole">{}{}{}</span>')
_BUTTON = Markup('<button type="button" class="term" popovertarget="{}">{}</button>')


def _touching(text: str, start: int, match: re.Match[str]) -> tuple[int, int]:
    """Where the signs begin and end that touch a word, such as brackets: a line must not break between them and a button."""
    before, after = match.span()
    while before > start and not text[before - 1].isspace():
        before -= 1
    while after < len(text) and not text[after].isspace():
        after += 1
    return before, after


def _unbroken(text: str) -> Markup:
    return prose(_EXPONENT.sub(r"\1−", text))


@cache
def _pattern() -> re.Pattern[str]:
    """Any form of a word that is not plain, the longest first, as a whole word."""
    forms = sorted((form for term in glossary.terms() if not term.plain for form in term.forms), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)
