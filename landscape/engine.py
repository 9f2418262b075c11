"""Engines: cells run in this process or in worker processes, and outcomes are yielded as they arrive."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from landscape import outside, own_data, ray_engine
from landscape.away import Exchange
from landscape.ray_engine import Cluster
from landscape.worker import (
    UNGUARDED_EXIT_CODE,
    Item,
    Report,
    Value,
    attempt,
    pickled,
    refuse_in_a_worker,
    start_worker,
    work_on,
)
from landscape.worker import Outcome as Outcome
from landscape.worker import cores as cores

ENGINES = ("here", "processes", "ray")
ENDING_SECONDS = 5.0  # the longest wait for a process or thread to end


def run(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    *,
    engine: str = "here",
    workers: int | None = None,
    report: Callable[[Item, int, int, int, float], None] | None = None,
    begin: Callable[[Item], bool] = lambda _: True,
    cluster: Cluster | None = None,
    exchange: Exchange | None = None,
) -> Iterator[Outcome[Item, Value]]:
    """Apply `function(item, report)` to every item. An item's error becomes its outcome and does not stop the other items.

    `begin(item)` is asked in this process just before the item starts; an item that it refuses is left out, without outcome.

    There is one exception: the OSError of a full or read-only disk is raised, as no other item's work could be saved either.

    - 'here' runs the items in this process, one after another.
    - 'processes' starts `workers` new interpreters (spawn; by default one per core). The function and the items must pickle,
      and a script must call this under `if __name__ == "__main__":`. If a worker dies, the items that had begun are tried
      again, one at a time, and then the others go on.
    - 'ray' runs them on a Ray `cluster`, by default one of `workers` cores of this machine. Its machines need to see none of
      this one's folders: the files of the `exchange` travel with the items, and `function` finds them in `worker.folder`.

    With every engine, `report(item, done, total, members converged, median loss)` is called in this process. Raises
    RuntimeError if workers cannot start, TypeError if the work cannot be pickled or loaded, ValueError for another engine,
    and ClusterError, which is one, for a cluster that cannot be used."""
    listen = report or (lambda *_: None)
    if engine == "here" or not items or (engine == "processes" and len(items) == 1):
        for item in items:
            if begin(item):
                yield attempt(function, item, lambda *numbers, item=item: listen(item, *numbers))
    elif engine == "processes":
        yield from _processes(function, items, min(workers or cores(), len(items)), listen, begin)
    elif engine == "ray":
        yield from ray_engine.outcomes(
            function,
            items,
            workers=workers,
            listen=listen,
            begin=begin,
            cluster=cluster or Cluster(),
            exchange=exchange or Exchange(),
        )
    else:
        raise ValueError(f"`engine` must be one of {', '.join(map(repr, ENGINES))}; got {engine!r}")


def _processes(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    workers: int,
    listen: Callable[..., None],
    begin: Callable[[Item], bool],
) -> Iterator[Outcome[Item, Value]]:
    """The outcomes from worker processes.

    1. The work is pickled here, so that an error names its cause.
    2. A pool of workers takes the items one after another.
    3. If a worker dies, the items that had begun run again, each in a pool of its own; a new pool takes the others."""
    refuse_in_a_worker()
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if file and not os.path.exists(file):  # workers would look for it and fail
        raise RuntimeError(
            f"engine 'processes' starts the script again, and {file} is no file: save it, or take engine 'here'"
        )
    work = [pickled(function, item) for item in items]
    ahead, begun = deque(range(len(items))), set[int]()

    def following() -> int | None:
        """The index of the next item, which begins; None if there is none."""
        while ahead:
            index = ahead.popleft()
            if begin(items[index]):
                begun.add(index)
                return index
        return None

    while ahead:
        for outcome, index in _pool(work, items, following, workers, listen):
            begun.discard(index)
            yield outcome
        for index in sorted(begun):
            # A worker died: a pool for each item, so that only the item that kills its worker fails.
            for outcome, _ in _pool(work, items, iter([index, None]).__next__, 1, listen, last=True):
                yield outcome
        begun.clear()


def _pool(
    work: Sequence[bytes],
    items: Sequence[Item],
    following: Callable[[], int | None],
    workers: int,
    listen: Callable[..., None],
    last: bool = False,
) -> Iterator[tuple[Outcome[Item, Any], int]]:
    """The outcomes of items from one pool of workers, each with its index, as they come.

    `following()` gives the index of the item that begins next, None after the last one. It is asked when a worker is free.

    1. A worker that exited with an error code raises RuntimeError: the script could not be started again.
    2. After any other death of a worker, no further item begins, and the items that were not finished are left out; with
       `last` they get an outcome that says how the worker died.

    Each pool has a pipe of its own for reports: a worker that is killed while it writes leaves the pipe locked, and the other
    workers of its pool are ended in any case."""
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    listener = threading.Thread(target=_forward, args=(reader, items, listen), daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=start_worker,
        initargs=(writer, context.Lock(), (outside.state(), own_data.state())),
    )
    futures: dict[Future[Outcome[Item, Any]], int] = {}
    processes: dict[int, BaseProcess] = {}
    broken = False

    def submit() -> None:
        """Start the next item, unless a worker has died."""
        if broken or (index := following()) is None:
            return
        with suppress(BrokenProcessPool):  # the item is among those that had begun
            futures[pool.submit(work_on, work[index], index)] = index
            processes.update(pool._processes or {})

    try:
        for _ in range(workers):
            submit()
        while futures:
            done, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda future: futures[future]):  # in the items' order
                index = futures.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool as error:
                    broken = True
                    codes = [_exit_code(process) for process in processes.values()]
                    if any(code is not None and code > 0 for code in codes):
                        raise RuntimeError(_unstarted(codes)) from None
                    if last:
                        yield Outcome(items[index], None, _died(codes, error), 0.0), index
                else:
                    submit()  # before the outcome is saved, so that no worker waits for that
                    yield outcome, index
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # waits, as starting workers still read from this process
        writer.close()  # no worker is left: the listener reads what was written, then the end
        listener.join(ENDING_SECONDS)


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


def _forward(reader: Connection, items: Sequence[Item], listen: Callable[..., None]) -> None:
    """In a thread of the parent: pass the workers' reports to `listen` until no process holds the pipe's other end."""
    with reader:
        while True:
            try:
                index, *numbers = reader.recv()
            except (EOFError, OSError):  # OSError where a worker was killed within a report
                return
            listen(items[index], *numbers)
