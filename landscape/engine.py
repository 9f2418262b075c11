"""Engines: cells run in this process or in worker processes, and outcomes are yielded as they arrive."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from landscape import disk, notes, outside, own_data

Item = TypeVar("Item")
Value = TypeVar("Value")
Report = Callable[[int, int, int, float], None]
ENGINES = ("here", "processes")
ENDING_SECONDS = 5.0  # the longest wait for a process or thread to end
UNGUARDED_EXIT_CODE = 86  # of a worker in which the calling script tries to start workers again
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


def run(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    *,
    engine: str = "here",
    workers: int | None = None,
    report: Callable[[Item, int, int, int, float], None] | None = None,
) -> Iterator[Outcome[Item, Value]]:
    """Apply `function(item, report)` to every item. An item's error becomes its outcome and does not stop the other items.

    There is one exception: the OSError of a full or read-only disk is raised, as no other item's work could be saved either.

    - 'here' runs the items in this process, one after another.
    - 'processes' starts `workers` new interpreters (spawn; by default one per core). The function and the items must pickle,
      and a script must call this under `if __name__ == "__main__":`. If a worker dies, the unfinished items are tried again,
      one at a time.

    With every engine, `report(item, done, total, members converged, median loss)` is called in this process. Raises
    RuntimeError if workers cannot start, TypeError if the work cannot be pickled or loaded, ValueError for another engine."""
    listen = report or (lambda *_: None)
    if engine == "here" or len(items) < 2:
        for item in items:
            yield _attempt(function, item, lambda *numbers, item=item: listen(item, *numbers))
    elif engine == "processes":
        yield from _processes(function, items, min(workers or cores(), len(items)), listen)
    else:
        raise ValueError(f"`engine` must be one of {', '.join(map(repr, ENGINES))}; got {engine!r}")


def cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attempt(function: Callable[[Item, Report], Value], item: Item, report: Report) -> Outcome[Item, Value]:
    began = time.monotonic()
    try:
        return Outcome(item, function(item, report), None, time.monotonic() - began)
    except Exception as error:  # the outcome carries it; the caller decides
        if isinstance(error, OSError) and error.errno in disk.DISK_ERRORS:
            raise
        return Outcome(item, None, error, time.monotonic() - began, outside.place_of(error))


def _processes(
    function: Callable[[Item, Report], Value], items: Sequence[Item], workers: int, listen: Callable[..., None]
) -> Iterator[Outcome[Item, Value]]:
    """The outcomes from worker processes.

    1. The work is pickled here, so that an error names its cause.
    2. A pool of workers takes all items.
    3. Items that were not finished when a worker died run again, each in a pool of its own."""
    refuse_in_a_worker()
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if file and not os.path.exists(file):  # workers would look for it and fail
        raise RuntimeError(
            f"engine 'processes' starts the script again, and {file} is no file: save it, or take engine 'here'"
        )
    try:
        work = [pickle.dumps((function, item)) for item in items]
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(f"worker processes cannot be sent the work ({error}); {HOW_TO_SEND_WORK}") from error
    left = set(range(len(items)))
    for outcome, index in _pool(work, items, sorted(left), workers, listen):
        left.discard(index)
        yield outcome
    for index in sorted(left):
        # A worker died: a pool for each item, so that only the item that kills its worker fails.
        for outcome, _ in _pool(work, items, [index], 1, listen, last=True):
            yield outcome


def _pool(
    work: Sequence[bytes],
    items: Sequence[Item],
    indices: Sequence[int],
    workers: int,
    listen: Callable[..., None],
    last: bool = False,
) -> Iterator[tuple[Outcome[Item, Any], int]]:
    """The outcomes of the items at `indices` from one pool of workers, each with its index, as they come.

    1. A worker that exited with an error code raises RuntimeError: the script could not be started again.
    2. After any other death of a worker, the items that were not finished are left out; with `last` they get an outcome
       that says how the worker died.

    Each pool has a pipe of its own for reports: a worker that is killed while it writes leaves the pipe locked, and the other
    workers of its pool are ended in any case."""
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    listener = threading.Thread(target=_forward, args=(reader, items, listen), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_start_worker,
        initargs=(writer, context.Lock(), (outside.state(), own_data.state())),
    )
    futures: dict[Future[Outcome[Item, Any]], int] = {}
    try:
        futures = {pool.submit(_work, work[index], index): index for index in indices}
        processes = list((pool._processes or {}).values())
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda future: futures[future]):  # in the items' order
                try:
                    yield future.result(), futures[future]
                except BrokenProcessPool as error:
                    codes = [_exit_code(process) for process in processes]
                    if any(code is not None and code > 0 for code in codes):
                        raise RuntimeError(_unstarted(codes)) from None
                    if last:
                        yield Outcome(items[futures[future]], None, _died(codes, error), 0.0), futures[future]
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # waits, as starting workers still read from this process
        writer.close()  # no worker is left: the listener reads what was written, then the end
        listener.join(ENDING_SECONDS)


def refuse_in_a_worker() -> None:
    """End this process with exit code UNGUARDED_EXIT_CODE if it is a worker that is still importing the calling script.

    Every worker imports the script first. A script that starts workers without `if __name__ == "__main__":` would start them
    again in each worker."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # multiprocessing's own mark of such a process
        raise SystemExit(UNGUARDED_EXIT_CODE)


def _unstarted(codes: Sequence[int | None]) -> str:
    """The message for workers that exited with an error code. An item's error never does that, so the script did."""
    if UNGUARDED_EXIT_CODE in codes:
        return (
            "engine 'processes' starts interpreters that run the calling script again from its top: put the call under "
            "`if __name__ == \"__main__\":`, or take engine 'here'"
        )
    return (
        f"worker processes ended before they began ({_ending(codes)}). Each runs the calling script from its top: put "
        "its work under `if __name__ == \"__main__\":`, or take engine 'here'"
    )


def _died(codes: Sequence[int | None], cause: Exception) -> Exception:
    """The error of an item whose worker died."""
    remedy = "run the cell again with fewer members" if -signal.SIGKILL in codes else "run the cell again"
    error = RuntimeError(f"the worker process died ({_ending(codes)}); {remedy}")
    error.__cause__ = cause
    return error


def _exit_code(process: BaseProcess) -> int | None:
    """The exit code of a worker of a broken pool, which ends all its workers; waits a little for the worker to end.

    The pool's own thread waits for the same process. Where it is the first, the system tells this thread that there is no
    such process, and multiprocessing has no exit code until the pool's thread has written it down: so this asks again."""
    process.join(ENDING_SECONDS)
    end = time.monotonic() + ENDING_SECONDS
    while process.exitcode is None and time.monotonic() < end:
        time.sleep(0.01)
    return process.exitcode


def _ending(codes: Sequence[int | None]) -> str:
    """How the worker that failed had ended, in words; the pool ends all others by SIGTERM."""
    code = next((code for code in codes if code not in (None, 0, -signal.SIGTERM)), None)
    if code is None:
        return "for an unknown reason"
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
    return f"{name}, which the system sends where memory runs out" if -code == signal.SIGKILL else name


_reports: Any = None  # in a worker: the pipe to its parent, and the lock that its pool's workers share


def _start_worker(writer: Connection, lock: Any, known: Any) -> None:
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


def _work(work: bytes, index: int) -> Any:
    """In a worker: the outcome of one item."""
    try:
        function, item = pickle.loads(work)  # what this process's parent wrote
    except (AttributeError, ImportError) as error:
        raise TypeError(f"worker processes cannot load the work ({error}); {HOW_TO_SEND_WORK}") from None
    outcome = _attempt(function, item, lambda *numbers: _tell(index, *numbers))
    return outcome if outcome.error is None else replace(outcome, error=_sendable(outcome.error))


def _tell(*message: float) -> None:
    """In a worker: send a report to the parent."""
    writer, lock = _reports
    with lock:
        writer.send(message)


def _sendable(error: Exception) -> Exception:
    """The error, or a RuntimeError with its text if it cannot be pickled and read again. Such an error would break the pool."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # an exception of the user's code may raise anything when it is pickled or made again
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _forward(reader: Connection, items: Sequence[Item], listen: Callable[..., None]) -> None:
    """In a thread of the parent: pass the workers' reports to `listen` until no process holds the pipe's other end."""
    with reader:
        while True:
            try:
                index, *numbers = reader.recv()
            except (EOFError, OSError):  # OSError where a worker was killed within a report
                return
            listen(items[index], *numbers)
