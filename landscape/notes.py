"""Notes to the user: events that matter without being errors, such as a damaged file that was replaced."""

from __future__ import annotations

import warnings

_usual = warnings.formatwarning
_said: set[str] = set()  # by the present command: what several cells say is printed once


class Note(UserWarning):
    """A warning to the user of a run, one line long. A program can catch it."""


def note(message: str) -> None:
    """Warn the user of a run. Python prints warnings to stderr unless the program handles them otherwise."""
    warnings.warn(" ".join(message.split()), Note, stacklevel=2)


def on_one_line() -> None:
    """Print further notes as the command line prints messages: in one line, without file and line number."""
    warnings.formatwarning = _formatted
    _said.clear()


def _formatted(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    if issubclass(category, Note):
        words = "" if str(message) in _said else f"landscape: {message}\n"
        _said.add(str(message))
        return words
    return _usual(message, category, filename, lineno, line)
