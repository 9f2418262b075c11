"""Standard streams that are closed, full, without a reader, or in an encoding that lacks a character."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from typing import TextIO

ERRORS = "landscape.escape"


def prepare() -> None:
    """Make stdout and stderr accept every character, and replace closed streams by the null device.

    Bytes of names that are not UTF-8 are written as they are, and characters that the encoding lacks as escapes."""
    codecs.register_error(ERRORS, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed: opened in this order, each gets its usual number, which another file would take
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  as long as the process
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def unread() -> bool:
    """Whether the reader of stdout or stderr has gone, as `head` does once it has its lines."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            return True
        except (OSError, ValueError):  # full or closed
            continue
        if _is_broken(stream):
            return True
    return False


def _is_broken(stream: TextIO) -> bool:
    """Whether the stream is a pipe without a reader. After a failed write nothing is left to write, so flushing succeeds."""
    if not hasattr(select, "poll"):  # Windows
        return False
    try:
        looking = select.poll()
        looking.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file behind it
        return False
    return any(event & select.POLLERR for _, event in looking.poll(0))


def mute() -> None:
    """Redirect stdout and stderr to the null device: the interpreter would report unwritten text when it ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError):  # no file behind it
            continue
    os.close(null)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """The codec error handler: bytes of file names as they are, other characters as escapes."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)
