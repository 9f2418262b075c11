"""Names: the message for an unknown name, file names in print, the shortest names of paths, and lists of names as text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ITEM = re.compile(r"""\s*(?:"(?P<quoted>(?:[^"]|"")*)"\s*|(?P<plain>[^,]*))(?P<end>,|$)""", re.DOTALL)


def printable(name: str) -> str:
    """The name of a file or folder in a form that can be printed and saved.

    Bytes that are not UTF-8 become \\xe9, and characters that break a line or steer the terminal \\n."""
    plain = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _STEERING.sub(lambda sign: repr(sign[0])[1:-1], plain)


def file_stem(words: str, otherwise: str) -> str:
    """A name for a file or a part of a page that is called after `words`, without folder and ending.

    `otherwise` if nothing is left of them."""
    return re.sub(r"[^\w.-]+", "-", words).strip("-").lower() or otherwise


def last_names(parts: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The last name of each path, or as many last names as tell it from the others. `parts` are the names along each path."""
    return {path: "/".join(names[-_enough(names, list(parts.values())) :]) for path, names in parts.items()}


def _enough(names: tuple[str, ...], others: list[tuple[str, ...]]) -> int:
    """How many of the last names tell a path from the others; all names of a path with which another ends."""
    distinct = {other for other in others if other != names}
    counts = range(1, len(names))
    return next((count for count in counts if names[-count:] not in {o[-count:] for o in distinct}), len(names))


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is not among `known`, with the nearest name."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"


def having(studies: Sequence[str], commands: Sequence[str] = (), most: int = 6) -> str:
    """The studies and commands that have something, in words: 'The studies audit and corners have it'."""
    parts = [f"the stud{'y' if len(studies) == 1 else 'ies'} {in_words(studies, most)}"] if studies else []
    words = " and ".join([*parts, *([in_words(commands, most)] if commands else [])])
    return f"{words[0].upper()}{words[1:]} {'has' if len(studies) + len(commands) == 1 else 'have'} it"


def in_words(names: Sequence[str], most: int) -> str:
    """The first `most` names in words, and the number of the others: 'audit, corners and 3 more'."""
    shown = list(names[:most]) if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def listed(text: str) -> list[str]:
    """The items of a list in CSV notation: commas separate items, except in double quotes, where a quote is doubled."""
    items, place, end = [], 0, ","
    while end:
        match = _ITEM.match(text, place)
        assert match is not None  # a plain item matches any text
        quoted, place, end = match["quoted"], match.end(), match["end"]
        items.append(match["plain"].strip() if quoted is None else quoted.replace('""', '"'))
    return items


def spans(numbers: Sequence[int]) -> str:
    """Whole numbers, ascending, in words: '0 to 19 and 100 to 119'."""
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    words = [f"{low} to {high}" if high > low else f"{low}" for low, high in ends]
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last


def written(items: Sequence[str]) -> str:
    """The items as text, the inverse of `listed`."""
    return ",".join(item if listed(item) == [item] else '"' + item.replace('"', '""') + '"' for item in items)
