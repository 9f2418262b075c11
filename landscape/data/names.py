"""What may be asked for by name, and the answer to a name that is none of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ITEM = re.compile(r"""\s*(?:"(?P<quoted>(?:[^"]|"")*)"\s*|(?P<plain>[^,]*))(?P<end>,|$)""", re.DOTALL)


def printable(name: str) -> str:
    """The name of a file, with \\xe9 for a byte that is not UTF-8, which can be neither printed nor saved, and \\n for
    a sign that breaks a message's line or steers the terminal."""
    plain = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _STEERING.sub(lambda sign: repr(sign[0])[1:-1], plain)


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is none of `known`, with the nearest one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"


def listed(text: str) -> list[str]:
    """The items of a list as CSV has them: commas separate, except inside double quotes, in which a quote stands twice."""
    found, place, end = [], 0, ","
    while end:
        match = _ITEM.match(text, place)
        assert match is not None  # a plain item takes whatever it is
        quoted, place, end = match["quoted"], match.end(), match["end"]
        found.append(match["plain"].strip() if quoted is None else quoted.replace('""', '"'))
    return found


def written(items: Sequence[str]) -> str:
    """The text of which `listed` makes these items."""
    return ",".join(item if listed(item) == [item] else '"' + item.replace('"', '""') + '"' for item in items)
