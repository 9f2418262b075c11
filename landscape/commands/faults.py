"""Errors that end a command with a message of one line, and the exit codes."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from landscape import disk
from landscape.data_root import ROOT_VARIABLE
from landscape.outside import place_of
from landscape.record import Damaged, refuse_no_folder

OK, UNEXPECTED, USAGE, SOME_FAILED, INTERRUPTED, UNREAD, TERMINATED = 0, 1, 2, 3, 130, 141, 143
# Numbers of OSErrors for a path that cannot be used: access is denied, it is too long, or no file can be there.
PATH_ERRORS = (
    errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL,
    errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP, errno.EIO,
)  # fmt: skip
WRITE_ERRORS = (*PATH_ERRORS, errno.EEXIST, errno.ENOENT)  # ENOENT: /proc answers so when a file is created in it
TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
NO_MEMORY_WORDS = ("can't allocate memory", "out of memory", "not enough memory")  # in torch's RuntimeErrors


class Fault(Exception):
    """An error that ends a command: one line that says what was expected, what came and what to do, and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code


@contextmanager
def bad_input() -> Iterator[None]:
    """Turn ValueErrors, such as RunError, into Faults: exit code 2 for bad input, 1 for a damaged run.

    The message of an error that the user's own code raises begins with its line: mine.py:41."""
    try:
        yield
    except Damaged as error:
        raise Fault(str(error), UNEXPECTED) from error
    except ValueError as error:
        place = place_of(error)
        raise Fault(f"{place}: {error}" if place else str(error)) from error


@contextmanager
def writing_to(out: Path, *, option: str = "--out", kept: str = "finished cells are kept") -> Iterator[None]:
    """Turn errors of writing to `out` into Faults. The message names the `option` to change, and the work that is `kept`."""
    try:
        yield
    except OSError as error:
        place = error.filename or out
        if error.errno in disk.FULL_DISK_ERRORS:
            raise Fault(f"the disk of {out} is full; {kept}: make room and give the same command again") from error
        if error.errno in WRITE_ERRORS:
            raise Fault(f"cannot write to {place} ({error.strerror}); choose another {option}") from error
        raise


def of_the_machine(error: Exception) -> str:
    """The message for an error of the machine: too little memory, too many open files, a full disk, a path that cannot be used.

    "" for other errors."""
    words = str(error).lower()
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(phrase in words for phrase in NO_MEMORY_WORDS)
    ):
        return "this needs more memory than the machine has; ask for less: --dry-run prints how much a study takes"
    if not isinstance(error, OSError):
        return ""
    if error.errno in TOO_MANY_FILES:
        return f"too many files are open ({error.strerror}); raise the limit (ulimit -n) or give fewer --workers"
    if error.errno in disk.FULL_DISK_ERRORS:
        return f"{error.filename or 'standard output or a file'} cannot be written ({error.strerror}); make room"
    if error.errno in PATH_ERRORS:
        return f"{error.filename or 'a file'} cannot be used ({error.strerror}); give another path"
    return ""


class Terminated(KeyboardInterrupt):
    """SIGTERM as a KeyboardInterrupt, so that the code that cleans up after Ctrl-C runs."""


@contextmanager
def terminable() -> Iterator[None]:
    """Within the block, SIGTERM raises Terminated."""

    def stop(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # only the main thread may set signal handlers
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def stoppable(kept: str) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM within the block into a Fault that names the work that is `kept`."""
    try:
        with terminable():
            yield
    except KeyboardInterrupt as stop:
        raise Fault(f"stopped: {kept}", code_of_stop(stop)) from stop


def code_of_stop(stop: KeyboardInterrupt) -> int:
    """The exit code for a command that Ctrl-C or SIGTERM stopped."""
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def check_writable(out: Path) -> None:
    """Raise a Fault if nothing can be written to `out`. Called before the work, so that no hour of it is lost."""
    try:
        str(out).encode()
    except UnicodeEncodeError:
        raise Fault(f"`out` must be a path in UTF-8; got {str(out)!r}. Choose another --out") from None
    with bad_input(), writing_to(out):
        refuse_no_folder(out, "runs need a folder; choose another --out")
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as probe:
            probe.write(b"landscape")


def use_data_root(folder: Path | None) -> None:
    """Make `folder` the data root of this process and its workers. None leaves LANDSCAPE_DATA unchanged."""
    if folder is not None:
        os.environ[ROOT_VARIABLE] = str(folder)
