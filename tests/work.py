"""Work for the tests of engines, in a module that worker processes import without torch: that takes seconds in each."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

Report = Callable[[int, int, int], None]


def square(item: int, report: Report) -> int:
    """The item's square. 3 is an error, 5 kills its process, and 100 + n is the system's error with the number n."""
    report(item, 7, 2)
    if item == 3:
        raise ArithmeticError("three")
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if item > 100:
        raise OSError(item - 100, os.strerror(item - 100), "weights")
    return item * item


def killed_within_a_report(item: int, report: Report) -> int:
    """The item; 5 kills its process while that holds the lock of the reports, as the system may where memory runs out."""
    if item == 5:
        worker._reports[1].acquire()
        os.kill(os.getpid(), signal.SIGKILL)
    report(item, 7, 2)
    return item


def killed_once(item: Path, report: Report) -> str:
    """The name of the file `item`, which marks that an earlier try was killed; without that file, this try is."""
    report(1, 7, 2)
    if not item.exists():
        item.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item.name


def waiting(item: Path, report: Report) -> str:
    """The name of the file `item`, once it is there."""
    while not item.exists():
        time.sleep(0.02)
    return item.name
