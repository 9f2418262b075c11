"""Safe file access: reading regular files alone, atomic writes that no signal interrupts, and portable locks."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT)
DISK_ERRORS = (*FULL_DISK_ERRORS, errno.EROFS)  # after these, no other file can be written either
FILE_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class Busy(Exception):
    """Another process holds the lock."""


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading bytes.

    Raises ValueError, without waiting, for a pipe, a device, a socket or a folder, which could block for ever or never end.
    Raises OSError as `open` does."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    number = os.open(path, flags)
    try:
        kind = stat.S_IFMT(os.fstat(number).st_mode)
        if kind != stat.S_IFREG:
            raise ValueError(f"{path} is {FILE_KINDS.get(kind, 'no file')}, and a regular file is needed")
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises ValueError for a larger file, or as `open_regular`."""
    with open_regular(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"{path} is larger than {limit / 1e6:,.0f} MB, the most that is read of such a file")
    return content


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """Write a file or a folder atomically. The block writes to the temporary path that it is given, beside `final`.

    When the block ends, that file or folder replaces `final`; if the block fails, it is removed."""
    part = final.with_name(f"{final.name}.{os.getpid()}.part")
    remove(part)
    try:
        yield part
        if final.is_dir() and not final.is_symlink():
            shutil.rmtree(final)
        settle(part, final)
    finally:
        remove(part)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Make Ctrl-C and SIGTERM wait until the block has ended: within it, a lock may be held and a file be half written.

    In a thread that receives no signals it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    stops = (signal.SIGINT, signal.SIGTERM)
    before = {number: there for number in stops if callable(there := signal.getsignal(number))}
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def settle(part: Path, final: Path) -> None:
    """Flush a file, or a folder of files, to the disk, then rename it: after a power cut `final` is never half written."""
    for path in [*part.iterdir(), part] if part.is_dir() else [part]:
        _sync(path)
    os.replace(part, final)


def remove(path: Path) -> None:
    """Delete a file, or a folder with all its content. A missing path is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            path.unlink()


@contextmanager
def locked(path: Path, *, wait: bool | float = True) -> Iterator[None]:
    """Hold the lock on the file `path`, which is created if missing. Raises Busy if another process holds it.

    It waits for that process for ever, not at all, or for `wait` seconds.

    The system releases the lock of a process that dies, so that no lock is ever stale."""
    import filelock  # here: it loads asyncio's modules, which the command line's help does without

    lock = filelock.FileLock(path, timeout=-1 if wait is True else float(wait))
    try:
        lock.acquire()
    except filelock.Timeout:
        raise Busy(f"{path} is held by another process") from None
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock on the file `path`. A file that does not exist is not created."""
    if not path.exists():
        return False
    try:
        with locked(path, wait=False):
            return False
    except Busy:
        return True


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows keeps no handle on a folder that could be flushed
    number = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
