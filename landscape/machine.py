"""The memory of this machine and of this process, in bytes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

ASSUMED_MEMORY = 8 * 10**9  # if the system does not report its memory


def memory() -> int:
    """Bytes of this machine's memory."""
    with suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return ASSUMED_MEMORY


def peak_memory() -> int:
    """The most bytes of memory that this process has held so far; 0 on Windows."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def free_memory() -> int | None:
    """Bytes of memory that are free without swapping, within a container's limit (cgroup v2); None off Linux."""
    limits: list[int] = []
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        limits += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable")]
    with suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        limit, used = ((group / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        limits += [max(int(limit) - int(used), 0)]
    return min(limits, default=None)
