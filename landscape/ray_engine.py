"""The engine `ray`: items run as tasks of a Ray cluster, which sees none of this machine's folders.

Only pickled work and files travel, as bytes. The driver, the process that calls `outcomes`, alone writes a run."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from landscape.away import ClusterError, Exchange, Files, known, work_away
from landscape.notes import note
from landscape.worker import Item, Outcome, Report, Value, cores, pickled

ADDRESS = "RAY_ADDRESS"  # the variable by which Ray's own commands find a cluster
PRINTING = "print_to_stdstream"  # the function with which Ray prints the messages of its machines
LOCAL = "local"  # in place of an address: a cluster of this process, on this machine
AHEAD = 2  # items that wait at the cluster, beside those that run: a cluster that grows by itself needs to see some
RETRIES = 3  # of an item whose worker or machine is lost
REPORT_SECONDS = 0.5  # between two reports of an item, and between two looks at them
ANSWER_SECONDS = 10.0  # the longest wait for a connection to a cluster
ENDING_SECONDS = 5.0  # the longest wait for tasks that were cancelled


@dataclass(frozen=True)
class Cluster:
    """Where items run: `address` as Ray writes it; "" for that of RAY_ADDRESS, else a cluster of this machine's cores.

    Each item takes a core, and `gpus` of the GPUs."""

    address: str = ""
    gpus: float = 0.0

    @property
    def place(self) -> str:
        """The address to connect to, or LOCAL."""
        return self.address or os.environ.get(ADDRESS, "") or LOCAL


def library() -> Any:
    """Ray's module. Raises ClusterError where it is not installed."""
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise ClusterError(
            f"engine 'ray' needs the package ray ({error}); pip install 'input-landscape[ray]', or take engine 'processes'"
        ) from None


def outcomes(
    function: Callable[[Item, Report], Value],
    items: Sequence[Item],
    *,
    workers: int | None,
    listen: Callable[..., None],
    begin: Callable[[Item], bool],
    cluster: Cluster,
    exchange: Exchange,
) -> Iterator[Outcome[Item, Value]]:
    """The outcomes of tasks on a Ray cluster, as they finish.

    1. The work is pickled here, so that an error names its cause.
    2. As many items begin as the cluster has room for, and a few more; at most `workers` if that is given.
    3. Ray runs an item again whose worker or machine is lost, RETRIES times. Then its outcome is an error.
    4. However this ends, tasks that still run are cancelled."""
    work = [pickled(function, item) for item in items]
    ahead, running = deque(range(len(items))), dict[Any, int]()
    with _connected(cluster, workers) as ray:
        _check_gpus(ray, cluster)
        task = ray.remote(num_cpus=1, num_gpus=cluster.gpus, max_retries=RETRIES)(_work)
        reports = _reports(ray)
        driver = ray.put(known(exchange.data))

        def submit() -> None:
            """Start items while there is room."""
            while ahead and len(running) < _room(ray, cluster, workers):
                index = ahead.popleft()
                if begin(items[index]):
                    files = exchange.sent(items[index])
                    running[task.remote(work[index], index, files, reports, driver)] = index

        try:
            submit()
            while running:
                done, _ = ray.wait(list(running), num_returns=1, timeout=REPORT_SECONDS)
                with suppress(ray.exceptions.RayError):  # without its actor, a run has no reports but goes on
                    for index, numbers in ray.get(reports.taken.remote()).items():
                        listen(items[index], *numbers)
                for ref in done:
                    index = running.pop(ref)
                    outcome, made = _outcome(ray, ref, items[index])
                    exchange.kept(made)
                    submit()  # before the outcome is saved, so that no worker waits for that
                    yield outcome
                if not done:
                    submit()  # the cluster may have grown
        finally:
            _cancel(ray, list(running))


@contextmanager
def _connected(cluster: Cluster, workers: int | None) -> Iterator[Any]:
    """Ray, connected to the cluster and silent; disconnected at the end. A connection that the program has made is used.

    Raises ClusterError if the cluster does not answer."""
    ray = library()
    if ray.is_initialized():
        yield ray
        return
    _reach(cluster.place)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster of ours reports to nobody
    local = {"num_cpus": workers or cores(), "include_dashboard": False} if cluster.place == LOCAL else {}
    try:
        with _signals_kept(), _quiet():
            ray.init(address=cluster.place, log_to_driver=False, logging_level="CRITICAL", **local)
    except (ConnectionError, RuntimeError, ValueError, OSError, ImportError) as error:
        raise _unusable(cluster.place, " ".join(str(error).split()).partition(". ")[0]) from error
    try:
        with _quiet():
            yield ray
    finally:
        with _quiet():
            ray.shutdown()


def _reach(place: str) -> None:
    """Raise ClusterError if nothing answers at HOST:PORT: Ray itself would try for many minutes."""
    host, colon, port = place.removeprefix("ray://").rpartition(":")
    if place in (LOCAL, "auto"):
        return
    if not (colon and port.isdecimal()):
        raise _unusable(place, "an address is HOST:PORT, or auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unusable(place, getattr(error, "strerror", None) or str(error)) from error


def _unusable(place: str, why: str) -> ClusterError:
    return ClusterError(
        f"no Ray cluster can be used at {place} ({why}); start one with `ray start --head`, or leave --address out"
    )


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Keep this process's answer to SIGTERM, which Ray replaces when it connects."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop the lines that Ray prints on stdout where a worker dies: no option of Ray does, and outcomes tell of it."""
    module = importlib.import_module("ray._private.worker")
    before = getattr(module, PRINTING, None)
    if before is None:
        yield
        return
    setattr(module, PRINTING, lambda *_, **__: None)
    try:
        yield
    finally:
        setattr(module, PRINTING, before)


def _check_gpus(ray: Any, cluster: Cluster) -> None:
    there = ray.cluster_resources().get("GPU", 0.0)
    if there < cluster.gpus:
        raise ClusterError(
            f"each cell takes {cluster.gpus:g} of a GPU, and the Ray cluster at {cluster.place} has {there:g}; start a machine "
            "with GPUs, give a lower --gpus-per-cell, or --device cpu"
        )


def _room(ray: Any, cluster: Cluster, workers: int | None) -> int:
    """The number of items that may be at the cluster, which may grow or shrink: at least 1."""
    there = ray.cluster_resources()
    slots = int(there.get("CPU", 0.0))
    if cluster.gpus:
        slots = min(slots, int(there.get("GPU", 0.0) / cluster.gpus + 1e-9))
    if cluster.place != LOCAL:
        slots += AHEAD
    return max(1, min(slots, workers or slots))


def _outcome(ray: Any, ref: Any, item: Item) -> tuple[Outcome[Item, Any], Files]:
    """The outcome of a task that has ended, and the files that it made; notes of the task are repeated here.

    Raises what the task raised: the work could not be loaded, or its value not be sent."""
    try:
        outcome, made, notes = ray.get(ref)
    except ray.exceptions.RayTaskError as error:
        raise _cause(ray, error) from error
    except ray.exceptions.OutOfMemoryError as error:
        return Outcome(item, None, _lost("memory ran out on its machine", "with fewer members", error), 0.0), {}
    except ray.exceptions.RayError as error:
        return Outcome(item, None, _lost("the worker process or its machine was lost", "", error), 0.0), {}
    for message in notes:
        note(message)
    return replace(outcome, item=item), made


def _cause(ray: Any, error: Any) -> Exception:
    """What a task raised; a ClusterError where its machine lacks our code, so that Ray cannot read what it was sent."""
    cause: Exception = error.cause
    if isinstance(cause, ray.exceptions.RayError | ImportError) and "No module named" in str(cause):
        module = str(cause).partition("No module named ")[2].split()[0]
        return ClusterError(
            f"a machine of the Ray cluster has no module {module}; install the same version of landscape on all machines"
        )
    return cause


def _lost(what: str, how: str, cause: Exception) -> Exception:
    error = RuntimeError(f"{what} ({type(cause).__name__}; tries: {RETRIES + 1}); run the cell again {how}".rstrip())
    error.__cause__ = cause
    return error


def _cancel(ray: Any, refs: list[Any]) -> None:
    """Cancel tasks: with an interrupt, so that they remove their files, and by force if they do not end."""
    for force in (False, True):
        for ref in refs:
            with suppress(Exception):  # a task that has ended, a cluster that is gone: there is nothing to cancel
                ray.cancel(ref, force=force)
        if refs:
            with suppress(Exception):
                _, refs = ray.wait(refs, num_returns=len(refs), timeout=ENDING_SECONDS)


def _work(work: bytes, index: int, files: Files, reports: Any, driver: Any) -> Any:
    """In a worker: the outcome of an item, the files that it made, and its notes."""
    last = 0.0
    told: list[Any] = []

    def tell(*numbers: float) -> None:
        """Send a report, unless one was sent just before; the last of a training is always sent."""
        nonlocal last
        if time.monotonic() - last >= REPORT_SECONDS or numbers[0] == numbers[1]:
            told[:] = [reports.tell.remote(index, numbers)]
            last = time.monotonic()

    found = work_away(work, files, driver, tell)
    if told:
        library().wait(told, timeout=REPORT_SECONDS)  # so that it arrives before the outcome
    return found


class _Reports:
    """In a process of the cluster: the last report of each item, until the driver takes it."""

    def __init__(self) -> None:
        self.last: dict[int, tuple[float, ...]] = {}

    def tell(self, index: int, numbers: tuple[float, ...]) -> None:
        self.last[index] = numbers

    def taken(self) -> dict[int, tuple[float, ...]]:
        taken, self.last = self.last, {}
        return taken


def _reports(ray: Any) -> Any:
    """The actor of the reports, on the driver's machine: if that is lost, so is the driver."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(_Reports).remote()
