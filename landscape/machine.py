"""The memory of this machine and of this process, within the limits of a container."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

ASSUMED_MEMORY = 8 * 10**9  # bytes, where the system does not say
ROOT = Path("/")  # under which the kernel's files are
# Files of a control group: its limit, its use, and the line of memory.stat that counts cached files.
VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
VERSION_2 = ("memory.max", "memory.current", "inactive_file")
# The numbers of new objects, and of searches among these, after which Python searches for unreachable cycles. By default 700
# objects: then loading libraries and drawing figures, which keep nearly all objects that they make, take an eighth longer.
SELDOM = (10_000, 20, 20)


def memory() -> int:
    """Bytes of memory that this process may use: the machine's, or fewer where a control group (a container) limits them."""
    return min([_physical(), *(limit for limit, _ in _limits())])


def free_memory() -> int | None:
    """Bytes of memory that are free without swapping, within the limits of control groups; None if the system does not say."""
    free = [max(limit - used, 0) for limit, used in _limits()]
    available = _available()
    return min(free if available is None else [*free, available], default=None)


def peak_memory() -> int:
    """The most bytes of memory that this process has held so far; 0 on Windows."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextmanager
def seldom_collected() -> Iterator[None]:
    """A context in which Python seldom searches for unreachable cycles. The setting is restored afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _physical() -> int:
    with suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _by_psutil("total") or ASSUMED_MEMORY


def _available() -> int | None:
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = (ROOT / "proc/meminfo").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    return _by_psutil("available")


def _by_psutil(name: str) -> int | None:
    """A number of psutil's virtual_memory(); None if psutil, which we do not require, is not installed."""
    try:
        return int(getattr(import_module("psutil").virtual_memory(), name))
    except ImportError:
        return None


def _limits() -> Iterator[tuple[int, int]]:
    """Limit and use of memory, in bytes, of each control group that this process is in and that has a limit.

    The cache of files counts as free: the kernel drops it before a limit is met."""
    for folder, (limit, used, cache) in _groups():
        with suppress(OSError, ValueError, IndexError):  # no such file, or no limit ("max")
            bound, use = (int((folder / name).read_text()) for name in (limit, used))
            lines = (folder / "memory.stat").read_text().splitlines() if (folder / "memory.stat").exists() else ()
            yield bound, use - sum(int(line.split()[1]) for line in lines if line.split()[0] == cache)


def _groups() -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """The folder of each control group of this process, from its own to the root, and the names of its files by version.

    In a container the path may be the host's; then only the root exists, and it is the container's group."""
    with suppress(OSError):
        for line in (ROOT / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            top, names = (
                (ROOT / "sys/fs/cgroup/memory", VERSION_1) if controllers else (ROOT / "sys/fs/cgroup", VERSION_2)
            )
            own = top / path.lstrip("/")
            yield from ((folder, names) for folder in (own, *own.parents) if folder.is_relative_to(top))
