"""What may be asked for by name, and the answer to a name that is none of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The message for a name that is none of `known`, with the nearest one."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"`{what}` must be one of {', '.join(map(repr, sorted(known)))}; got {name!r}{hint}"
