"""Standard streams as users have them: closed, full, without a reader, or in an encoding that lacks a character."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from typing import TextIO

ERRORS = "landscape.escape"


def prepare() -> None:
    """Let every write to stdout and stderr succeed whatever the characters, and give closed streams the null device.

    Names that are not UTF-8 are written byte for byte, and what the encoding lacks as an escape."""
    codecs.register_error(ERRORS, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed: in this order each opens under its own number, which a file of ours would take
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  as long as the process
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def unread() -> bool:
    """Whether the reader of stdout or stderr went away, as `head` does once it has its lines."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            return True
        except (OSError, ValueError):  # full or closed: another trouble
            continue
        if _is_broken(stream):
            return True
    return False


def _is_broken(stream: TextIO) -> bool:
    """Whether the stream is a pipe without a reader: a first failed write empties it, and further ones of nothing succeed."""
    if not hasattr(select, "poll"):  # Windows
        return False
    try:
        looking = select.poll()
        looking.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file behind it
        return False
    return any(event & select.POLLERR for _, event in looking.poll(0))


def mute() -> None:
    """Send what is still unwritten nowhere: the interpreter would complain about it at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError):  # no file behind it
            continue
    os.close(null)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)
