"""What may be asked for by name, and the answer to a name that is none of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def printable(name: str) -> str:
    """The name of a file or folder, with \\xe9 for a byte that is not UTF-8: such names can be neither printed nor saved."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is none of `known`, with the nearest one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"
