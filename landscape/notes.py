"""Notes: what a user should know although nothing failed, such as a damaged file that was made anew."""

from __future__ import annotations

import warnings

_usual = warnings.formatwarning


class Note(UserWarning):
    """A warning to the user of a run, one line long. A program can catch it."""


def note(message: str) -> None:
    """Tell the user, on stderr unless the program decides otherwise."""
    warnings.warn(" ".join(message.split()), Note, stacklevel=2)


def on_one_line() -> None:
    """From here on print notes as the command line prints all it says: without the place in the code that they come from."""
    warnings.formatwarning = _formatted


def _formatted(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    if issubclass(category, Note):
        return f"landscape: {message}\n"
    return _usual(message, category, filename, lineno, line)
