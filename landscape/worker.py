"""One item of work in one process: its outcome, and what a worker process does before and around it."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic, TypeVar

from landscape import disk, notes, outside, own_data

Item = TypeVar("Item")
Value = TypeVar("Value")
Report = Callable[[int, int, int, float], None]
UNGUARDED_EXIT_CODE = 86  # of a worker in which the calling script tries to start workers again
folder: ContextVar[Path | None] = ContextVar(
    "folder", default=None
)  # of the files that travelled with the item, if any did
HOW_TO_SEND_WORK = "define it in a module that can be imported, not in a notebook or a function, or take engine 'here'"


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """The outcome of an item: a value, or the error that ended its work. `seconds` is the time that it took.

    `place` is the line of the user's code that raised the error, such as mine.py:41; "" for an error of ours."""

    item: Item
    value: Value | None
    error: Exception | None
    seconds: float
    place: str = ""


def attempt(function: Callable[[Item, Report], Value], item: Item, report: Report) -> Outcome[Item, Value]:
    """The outcome of `function(item, report)`. Raises the OSError of a full or read-only disk."""
    began = time.monotonic()
    try:
        return Outcome(item, function(item, report), None, time.monotonic() - began)
    except Exception as error:  # the outcome carries it; the caller decides
        if isinstance(error, OSError) and error.errno in disk.DISK_ERRORS:
            raise
        return Outcome(item, None, error, time.monotonic() - began, outside.place_of(error))


def cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pickled(function: Callable[[Item, Report], Value], item: Item) -> bytes:
    """The work as bytes for a worker process. Raises TypeError if it cannot be pickled."""
    try:
        return pickle.dumps((function, item))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(f"worker processes cannot be sent the work ({error}); {HOW_TO_SEND_WORK}") from error


def unpickled(work: bytes) -> tuple[Callable[[Any, Report], Any], Any]:
    """The function and the item that `pickled` made bytes of. Raises TypeError if this process lacks their modules."""
    try:
        function, item = pickle.loads(work)  # what this process's parent wrote
    except (AttributeError, ImportError) as error:
        raise TypeError(f"worker processes cannot load the work ({error}); {HOW_TO_SEND_WORK}") from None
    return function, item


def refuse_in_a_worker() -> None:
    """End this process with exit code UNGUARDED_EXIT_CODE if it is a worker that is still importing the calling script.

    Every worker imports the script first. A script that starts workers without `if __name__ == "__main__":` would start them
    again in each worker."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # multiprocessing's own mark of such a process
        raise SystemExit(UNGUARDED_EXIT_CODE)


_reports: Any = None  # in a worker: the pipe to its parent, and the lock that its pool's workers share


def start_worker(writer: Connection, lock: Any, known: Any) -> None:
    """Prepare a new worker process.

    1. It reports to its parent by `writer`, and knows what the parent has read of the user's code and data.
    2. It prints notes in one line.
    3. It ignores Ctrl-C, which the parent handles.
    4. It ends when its parent ends."""
    global _reports
    _reports = writer, lock
    outside.restore(known[0])
    own_data.restore(known[1])
    notes.on_one_line()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it kills its workers
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this worker when its parent is killed. Otherwise it would go on training and hold a lock of the model store."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def work_on(work: bytes, index: int) -> Any:
    """In a worker: the outcome of one item."""
    function, item = unpickled(work)
    return sendable(attempt(function, item, lambda *numbers: _tell(index, *numbers)))


def _tell(*message: float) -> None:
    """In a worker: send a report to the parent."""
    writer, lock = _reports
    with lock:
        writer.send(message)


def sendable(outcome: Outcome[Item, Value]) -> Outcome[Item, Value]:
    """The outcome; its error is a RuntimeError with the error's text if that cannot be pickled and read again.

    Such an error would break a pool."""
    if outcome.error is None:
        return outcome
    try:
        pickle.loads(pickle.dumps(outcome.error))
    except Exception:  # an exception of the user's code may raise anything when it is pickled or made again
        return replace(outcome, error=RuntimeError(f"{type(outcome.error).__name__}: {outcome.error}"))
    return outcome
