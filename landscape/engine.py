"""Where cells run: in this process, or in worker processes. Outcomes are yielded as they come."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from landscape import disk, notes

Item = TypeVar("Item")
Value = TypeVar("Value")
Report = Callable[[int, int, int, float], None]
ENGINES = ("here", "processes")


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """What came of one item: a value, or the error that ended it."""

    item: Item
    value: Value | None
    error: Exception | None
    seconds: float


def run(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    *,
    engine: str = "here",
    workers: int | None = None,
    report: Callable[[Item, int, int, int, float], None] | None = None,
) -> Iterator[Outcome[Item, Value]]:
    """Apply `function(item, report)` to every item; an item's error is its outcome and never stops the others.

    Only a full or read-only disk ends them all, whose OSError is raised: no other item's work could be kept either.
    'processes' starts fresh interpreters (spawn), `workers` of them (the machine's cores by default); `function` and the
    items must pickle. `report(item, done, in all, members converged, median loss)` is called in this process, whichever the
    engine. A worker that dies takes nothing with it: its items are tried once more, each alone."""
    listen = report or (lambda *_: None)
    if engine == "here" or len(items) < 2:
        for item in items:
            yield _attempt(function, item, lambda *numbers, item=item: listen(item, *numbers))
    elif engine == "processes":
        yield from _processes(function, items, min(workers or cores(), len(items)), listen)
    else:
        raise ValueError(f"`engine` must be one of {', '.join(map(repr, ENGINES))}; got {engine!r}")


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attempt(function: Callable[[Item, Report], Value], item: Item, report: Report) -> Outcome[Item, Value]:
    began = time.monotonic()
    try:
        return Outcome(item, function(item, report), None, time.monotonic() - began)
    except Exception as error:  # the outcome carries it; the caller decides
        if isinstance(error, OSError) and error.errno in disk.NO_MORE:
            raise
        return Outcome(item, None, error, time.monotonic() - began)


def _processes(
    function: Callable[[Item, Report], Value], items: Sequence[Item], workers: int, listen: Callable[..., None]
) -> Iterator[Outcome[Item, Value]]:
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    listener = threading.Thread(target=_forward, args=(queue, items, listen), daemon=True)
    listener.start()
    try:
        left = set(range(len(items)))
        for outcome, index in _pool(function, items, sorted(left), workers, context, queue):
            left.discard(index)
            yield outcome
        for index in sorted(left):  # a worker died: one item to a pool, so that only the culprit fails
            for outcome, _ in _pool(function, items, [index], 1, context, queue, last=True):
                yield outcome
    finally:
        queue.put(None)


def _pool(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    indices: Sequence[int],
    workers: int,
    context: Any,
    queue: Any,
    last: bool = False,
) -> Iterator[tuple[Outcome[Item, Value], int]]:
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(queue,))
    futures: dict[Future[Outcome[Item, Value]], int] = {}
    try:
        futures = {pool.submit(_work, function, items[index], index): index for index in indices}
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda one: futures[one]):  # several may end at once: in their order
                try:
                    yield future.result(), futures[future]
                except BrokenProcessPool as error:
                    if last:
                        yield Outcome(items[futures[future]], None, _died(error), 0.0), futures[future]
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _died(cause: Exception) -> Exception:
    error = RuntimeError("the worker process died (killed, or out of memory); run the cell again with fewer members")
    error.__cause__ = cause
    return error


_queue: Any = None


def _start_worker(queue: Any) -> None:
    global _queue
    _queue = queue
    notes.on_one_line()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it kills its workers
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this worker when its parent is killed: it would go on training, and hold the model store's lock."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(function: Callable[[Item, Report], Value], item: Item, index: int) -> Outcome[Item, Value]:
    return _attempt(function, item, lambda *numbers: _queue.put((index, *numbers)))


def _forward(queue: Any, items: Sequence[Item], listen: Callable[..., None]) -> None:
    while (message := queue.get()) is not None:
        index, *numbers = message
        listen(items[index], *numbers)
