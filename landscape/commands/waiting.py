"""A line that stands on a terminal while a command can show nothing else, as torch takes seconds to load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOADING, TIMING, WRITING = "loading libraries", "timing this machine", "writing the page"


@contextmanager
def waiting(words: str, *, quiet: bool = False) -> Iterator[None]:
    """Within the block, the `words` stand on stderr if it is a terminal; then they are erased. `quiet` shows nothing."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    line = f"{words} …"
    print(line, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(f"\r{' ' * len(line)}\r", end="", file=sys.stderr, flush=True)
