"""How the benchmarks measure and report: interleaved repeats on a pinned core, medians, tables, files of rows."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

RESULTS = Path(__file__).parent / "results"
ALLOWED = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()
QUICK = ", QUICK: not a measurement"
CLOCK = [time.perf_counter]  # the clock of all measurements; `options` may replace it
Side = Callable[[], float | None]  # does the work; a side in another process returns the seconds that it measured


@dataclass(frozen=True)
class Options:
    """The options that every benchmark has."""

    name: str
    device: str
    quick: bool
    save: bool
    repeats: int
    clock: str


@dataclass(frozen=True)
class Timings:
    """The seconds of each side in each round. `core` is the share of a core that the process had: near 1 on an idle machine."""

    seconds: Mapping[str, Sequence[float]]
    core: float

    def median(self, side: str) -> float:
        """The median seconds of a side."""
        return statistics.median(self.seconds[side])

    def spread(self, other: str, ours: str) -> tuple[float, float]:
        """The smallest and largest ratio other / ours within a round."""
        ratios = [a / b for a, b in zip(self.seconds[other], self.seconds[ours], strict=True)]
        return min(ratios), max(ratios)


@dataclass(frozen=True)
class Row:
    """A comparison: the numbers of landscape and of the other side, and a target for their ratio (other / ours) or for ours."""

    case: str
    ours: float
    other: float | None = None
    against: str = ""
    unit: str = "s"
    spread: tuple[float, float] | None = None
    at_least: float | None = None  # target for the ratio
    at_most: float | None = None  # target for `ours`
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return None if self.other is None else self.other / self.ours

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.at_least is not None and self.ratio is not None:
            return self.ratio >= self.at_least
        return None if self.at_most is None else self.ours <= self.at_most


@dataclass(frozen=True)
class Table:
    """Rows under a title; `skipped` says why there are no rows."""

    title: str
    rows: Sequence[Row] = ()
    skipped: str = ""


def options(name: str, about: str | None, *, repeats: int) -> Options:
    """Read the command line of the benchmark `name`. Pins this process to a single core, and its libraries to one thread."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--device", default="cpu", help="torch device of both sides")
    parser.add_argument("--quick", action="store_true", help="a smoke run of seconds: the numbers mean nothing")
    parser.add_argument("--save", action="store_true", help="write the tables to benchmarks/results/")
    parser.add_argument("--repeats", type=int, default=None, help=f"rounds of each comparison (default {repeats})")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: seconds of computing, of this process and those it waits for; for a busy machine, never for a GPU",
    )
    given = parser.parse_args()
    if given.clock == "cpu":
        CLOCK[0] = cpu_seconds
    threadpool_limits(1)  # threads that a library has already started would not be pinned
    torch.set_num_threads(1)
    pin(1)
    return Options(
        name, given.device, given.quick, given.save, given.repeats or (2 if given.quick else repeats), given.clock
    )


def pin(cores: int) -> None:
    """Restrict this process, and the processes that it starts, to the last `cores` of the allowed cores."""
    if ALLOWED:
        os.sched_setaffinity(0, sorted(ALLOWED)[-cores:])


@contextmanager
def on_cores(cores: int) -> Iterator[None]:
    """Use `cores` cores within the block, and a single core after it."""
    pin(cores)
    try:
        yield
    finally:
        pin(1)


def interleave(sides: Mapping[str, Side], *, repeats: int, device: str = "cpu", warm: bool = True) -> Timings:
    """Time the sides in turn, A B A B …, after one untimed call of each."""
    if warm:
        for side in sides.values():
            side()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    shares: list[float] = []
    for _ in range(repeats):
        for name, side in sides.items():
            synchronise(device)
            began, wall, worked = CLOCK[0](), time.perf_counter(), time.process_time()
            reported = side()
            synchronise(device)
            took = CLOCK[0]() - began
            if reported is None:
                shares.append((time.process_time() - worked) / (time.perf_counter() - wall))
            seconds[name].append(took if reported is None else reported)
    timings = Timings(seconds, statistics.median(shares) if shares else float("nan"))
    line = ", ".join(f"{name} {amount(timings.median(name), 's')}" for name in sides)
    print(f"  {line} a round", file=sys.stderr, flush=True)
    return timings


def cpu_seconds() -> float:
    """The CPU seconds so far of this process and of the ended processes that it started."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def synchronise(device: str) -> None:
    """Wait for a GPU's queue."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def square_rate(device: str, size: int = 2048) -> float:
    """The rate of `addmm` on square matrices, in FLOP/s. It stands beside every other matmul rate."""
    a, b, out = (torch.randn(size, size, device=device) for _ in range(3))
    timings = interleave({"addmm": lambda: _keep(torch.addmm(a, a, b, out=out))}, repeats=5, device=device)
    return 2 * size**3 / timings.median("addmm")


def matmul_row(case: str, timings: Timings, side: str, work: int, square: float, at_least: float | None) -> Row:
    """The row that compares a side with its matrix products alone, the side "matmul"; the ratio is the share of their rate.

    `work` is the number of floating-point operations of one unit of either side, and `square` the result of `square_rate`."""
    ours, products = work / timings.median(side), work / timings.median("matmul")
    return Row(
        case,
        timings.median(side),
        timings.median("matmul"),
        "addmm, same shapes",
        spread=timings.spread("matmul", side),
        at_least=at_least,
        extra={
            "GFLOP/s": f"{ours / 1e9:.1f}",
            "addmm GFLOP/s": f"{products / 1e9:.1f}",
            "2048² GFLOP/s": f"{square / 1e9:.1f}",
            "share of 2048²": f"{ours / square:.0%}",
        },
    )


def _keep(_: torch.Tensor) -> None:
    return None


def tell(tables: Sequence[Table], chosen: Options) -> None:
    """Print the tables; with --save write them to benchmarks/results/<name>-<device> as .md and .json."""
    about = _about(chosen)
    text = "\n".join([f"# {chosen.name}", "", *(f"- {key}: {value}" for key, value in about.items()), ""])
    text += "\n".join(_markdown(table) for table in tables)
    print(text)
    if chosen.save:
        RESULTS.mkdir(exist_ok=True)
        stem = f"{chosen.name}-{slug(chosen.device)}"
        (RESULTS / f"{stem}.md").write_text(text, encoding="utf-8")
        rows = [
            {"table": table.title, **asdict(row), "ratio": row.ratio, "met": row.met}
            for table in tables
            for row in table.rows
        ]
        (RESULTS / f"{stem}.json").write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n", encoding="utf-8")


def device_name(device: str) -> str:
    """The product name of the processor or GPU."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    try:
        timings = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        timings = None
    return f"{timings[1] if timings else platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"


def slug(device: str) -> str:
    """The device in a form for file names: 'cpu', or the product name of the GPU."""
    return re.sub(r"\W+", "-", device_name(device).lower()) if device.startswith("cuda") else device


def _about(chosen: Options) -> dict[str, str]:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return {
        "device": device_name(chosen.device),
        "cores": f"{os.cpu_count()} (one used, one thread, where a row does not say otherwise)",
        "load average at the end (1, 5, 15 min)": load,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "rounds": f"{chosen.repeats}, interleaved; medians of {chosen.clock} time{QUICK if chosen.quick else ''}",
    }


def _markdown(table: Table) -> str:
    head = f"\n## {table.title}\n"
    if table.skipped:
        return f"{head}\nSkipped: {table.skipped}\n"
    extras = list(dict.fromkeys(key for row in table.rows for key in row.extra))
    names = ["case", "landscape", "other side", "against", "ratio", "rounds", "target", "met", *extras]
    lines = [" | ".join(names), " | ".join("---" for _ in names)]
    lines += [" | ".join([*_cells(row), *(row.extra.get(key, "") for key in extras)]) for row in table.rows]
    return "\n".join([head, *(f"| {line} |" for line in lines), ""])


def _cells(row: Row) -> list[str]:
    spread = f"{_number(row.spread[0])}–{_number(row.spread[1])}" if row.spread else ""
    target = f"≥ {_number(row.at_least)}" if row.at_least is not None else ""
    target = target or (f"≤ {amount(row.at_most, row.unit)}" if row.at_most is not None else "")
    met = {True: "yes", False: "NO", None: ""}[row.met]
    other = "" if row.other is None else amount(row.other, row.unit)
    ratio = "" if row.ratio is None else _number(row.ratio)
    return [row.case, amount(row.ours, row.unit), other, row.against, ratio, spread, target, met]


def amount(value: float, unit: str) -> str:
    """A number with its unit. Seconds are given in s, ms or µs, as fits."""
    if unit != "s":
        return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    for scale, name in ((1, "s"), (1e-3, "ms")):
        if value >= scale:
            return f"{value / scale:.3g} {name}"
    return f"{value / 1e-6:.3g} µs"


def _number(value: float) -> str:
    return f"{value:.0f}×" if value >= 20 else f"{value:.2f}×"
