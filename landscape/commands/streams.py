"""The standard streams, made safe: closed or full streams, pipes without a reader, encodings that lack a character."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from typing import TextIO

ESCAPING_HANDLER = "landscape.escape"  # the name of our codec error handler


def prepare() -> None:
    """Make stdout and stderr accept every character, and replace closed streams by the null device.

    Bytes of file names that are not UTF-8 are written unchanged. Characters that the encoding lacks are written as escapes."""
    codecs.register_error(ESCAPING_HANDLER, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed. Opened in this order, each stream gets its usual file number
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  open until the process ends
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPING_HANDLER)


def unread() -> bool:
    """Whether the reader of stdout or stderr has gone, as `head` goes after its last line."""
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
    """Whether the stream is a pipe without a reader. (Flushing does not show it: after a failed write, nothing is left.)"""
    if not hasattr(select, "poll"):  # Windows
        return False
    try:
        looking = select.poll()
        looking.register(stream.fileno(), 0)
    except (OSError, ValueError):  # no file behind it
        return False
    return any(event & select.POLLERR for _, event in looking.poll(0))


def mute() -> None:
    """Redirect stdout and stderr to the null device. Otherwise the interpreter reports unwritten text when it ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError):  # no file behind it
            continue
    os.close(null)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """The codec error handler: bytes of file names unchanged, other characters as escapes."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)
