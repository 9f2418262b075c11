"""Notes to the user about what did not fail but matters, such as a damaged file that was made again."""

from __future__ import annotations

import warnings

_usual = warnings.formatwarning


class Note(UserWarning):
    """A warning to the user of a run, one line long. A program can catch it."""


def note(message: str) -> None:
    """Give the user a note, as a warning: on stderr unless the program handles warnings otherwise."""
    warnings.warn(" ".join(message.split()), Note, stacklevel=2)


def on_one_line() -> None:
    """From here on print notes as the command line prints messages: in one line, without the place in the code."""
    warnings.formatwarning = _formatted


def _formatted(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    if issubclass(category, Note):
        return f"landscape: {message}\n"
    return _usual(message, category, filename, lineno, line)
