"""Names: the message for an unknown name, names in print, and lists of names as text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_ITEM = re.compile(r"""\s*(?:"(?P<quoted>(?:[^"]|"")*)"\s*|(?P<plain>[^,]*))(?P<end>,|$)""", re.DOTALL)


def printable(name: str) -> str:
    """The name of a file or folder, with bytes that are not UTF-8 as \\xe9, so that it can be printed and saved."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is not among `known`, with the nearest name."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"


def listed(text: str) -> list[str]:
    """The items of a list in CSV notation: commas separate items, except in double quotes, where a quote is doubled."""
    found, place, end = [], 0, ","
    while end:
        match = _ITEM.match(text, place)
        assert match is not None  # a plain item matches any text
        quoted, place, end = match["quoted"], match.end(), match["end"]
        found.append(match["plain"].strip() if quoted is None else quoted.replace('""', '"'))
    return found


def written(items: Sequence[str]) -> str:
    """The items as text, the inverse of `listed`."""
    return ",".join(item if listed(item) == [item] else '"' + item.replace('"', '""') + '"' for item in items)
