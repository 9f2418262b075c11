"""`landscape corners --dim 16` against the published procedure, and the enumeration of corners alone.

The published procedure trains one model at a time with batches of min(1000, n) points, then evaluates it at every corner. Both
sides are timed over a few hundred steps, and the totals are extrapolated to 10,000 steps."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from sides.matmul import corner_flops, corner_products
from sides.plain import plain_corner_maximum, plain_fit, plain_model
from timing import ALLOWED, Options, Row, Table, Timings, interleave, on_cores, options, square_rate, tell

from landscape import engine
from landscape.data import DataSpec, load_data
from landscape.ensemble import Ensemble, build, fit
from landscape.measures import corner_loss
from landscape.measures.local.corners import CPU_CHUNK, GPU_CHUNK
from landscape.nets import MLP

NET, DIM, BATCH, STEPS, LR = MLP(hidden=2, width=50), 16, 1000, 10_000, 1e-3
COUNTS = tuple(2**power for power in range(12))
MEMBERS = 20
COUNTS_IN_FULL = (1, 4, 16)  # numbers of points at which training with early stopping runs to its end
PLAIN_CHUNK = 2**16
LARGE_DIM = 24  # of the long enumeration


@dataclass(frozen=True)
class Training:
    """The timings of training on `count` points. `ours` and `plain` are seconds per member-step."""

    count: int
    timings: Timings
    steps: int
    plain_steps: int

    @property
    def ours(self) -> float:
        return self.timings.median("landscape") / (MEMBERS * self.steps)

    @property
    def plain(self) -> float:
        return self.timings.median("plain") / self.plain_steps

    def row(self) -> Row:
        """The row for this number of points."""
        scale = MEMBERS * self.steps / self.plain_steps
        low, high = self.timings.spread("plain", "landscape")
        extra = {"share of a core": f"{self.timings.core:.2f}"}
        spread = (low * scale, high * scale)
        return Row(f"n={self.count}", self.ours, self.plain, "one model at a time", spread=spread, extra=extra)


def main() -> None:
    """Time the training and the corners of the command, early stopping, two workers, and the enumeration."""
    chosen = options("corners", __doc__, repeats=3)
    counts = COUNTS[::5] if chosen.quick else COUNTS
    trainings = [train(count, chosen) for count in counts]
    corners = corner_sides(16, MEMBERS, chosen, plain_members=1)
    tables = [
        Table(
            f"One step of one member, D=16, hidden=2, H=50, {MEMBERS} members",
            [training.row() for training in trainings],
        ),
        Table("Per member: 10,000 steps (extrapolated) and 2^16 corners", totals(trainings, corners)),
        Table("On top: early stopping at a loss of 1e-6", early_stopping(trainings, chosen)),
        two_workers(chosen),
        Table("Corners alone: the largest loss over all of them", enumeration(chosen)),
    ]
    tell(tables, chosen)


def points_of(count: int, members: int, device: str) -> torch.Tensor:
    """Uniform training points, a different set for each member: (E, N, D)."""
    return load_data(DataSpec("uniform", count=count, dim=DIM), range(members)).points.to(device)


def train(count: int, chosen: Options) -> Training:
    """Train both sides on `count` points."""
    steps, plain_steps = max(40, 400 // max(1, count // 64)), max(60, 300 // max(1, count // 256))
    if chosen.quick:
        steps, plain_steps = steps // 10, plain_steps // 10
    points, seeds = points_of(count, MEMBERS, chosen.device), range(MEMBERS)

    def ours() -> None:
        start = build(NET, DIM, seeds, chosen.device)
        fit(start, points, seeds=seeds, steps=steps, lr=LR, batch=BATCH, stop=False)

    def plain() -> None:
        plain_fit(plain_model(NET, DIM, 0, chosen.device), points[0], plain_steps, BATCH, LR)

    timings = interleave({"landscape": ours, "plain": plain}, repeats=chosen.repeats, device=chosen.device)
    return Training(count, timings, steps, plain_steps)


def corner_sides(dim: int, members: int, chosen: Options, *, plain_members: int) -> tuple[float, float]:
    """The seconds per member to find the largest loss over the corners: in landscape, and one model at a time."""
    ensemble = build(NET, dim, range(members), chosen.device)
    models = [plain_model(NET, dim, seed, chosen.device) for seed in range(plain_members)]
    _check_corners(ensemble, models[0], dim, chosen)

    def plain() -> None:
        for model in models:
            plain_corner_maximum(model, dim, chosen.device, chunk=PLAIN_CHUNK)

    sides = {"landscape": lambda: _done(corner_loss(ensemble)), "plain": plain}
    timings = interleave(sides, repeats=chosen.repeats, device=chosen.device)
    return timings.median("landscape") / members, timings.median("plain") / plain_members


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


def _check_corners(ensemble: Ensemble, model: torch.nn.Module, dim: int, chosen: Options) -> None:
    ours = float(corner_loss(ensemble).maximum[0])
    plain = plain_corner_maximum(model, dim, chosen.device, chunk=PLAIN_CHUNK)
    if abs(ours - plain) > 1e-4 * plain:
        raise RuntimeError(
            f"the sides disagree on the largest loss over the corners: {ours} here, {plain} in plain torch"
        )


def totals(trainings: list[Training], corners: tuple[float, float]) -> list[Row]:
    """The seconds to train a member and search its corners, summed over the numbers of points."""

    def total(chosen: list[Training], name: str, target: float) -> Row:
        ours = sum(STEPS * training.ours + corners[0] for training in chosen)
        plain = sum(STEPS * training.plain + corners[1] for training in chosen)
        return Row(name, ours, plain, "one model at a time", at_least=target)

    few = [training for training in trainings if training.count <= 256]
    return [
        total(trainings, f"all {len(trainings)} counts", 2.5),
        total(few, f"the {len(few)} counts up to 256", 4.0),
        Row("of which 2^16 corners, one count", *corners, "one model at a time"),
    ]


def early_stopping(trainings: list[Training], chosen: Options) -> list[Row]:
    """The gain when members stop as soon as they have converged: a few members, trained to the end on few points."""
    per_step = {training.count: training.ours for training in trainings}
    rows, members = [], 4
    for count in COUNTS_IN_FULL[:1] if chosen.quick else COUNTS_IN_FULL:
        start = build(NET, DIM, range(members), chosen.device)
        points = points_of(count, members, chosen.device)
        fitted = fit(start, points, seeds=range(members), steps=STEPS, lr=LR, batch=BATCH, stop=True)
        if count not in per_step:
            continue
        mean = float(fitted.steps.double().mean())
        extra = {"converged": f"{fitted.status.count('converged')} of {members}", "mean steps": f"{mean:.0f}"}
        cost = per_step[count]
        rows.append(Row(f"n={count}", mean * cost, STEPS * cost, "all 10,000 steps", extra=extra))
    return rows


def _task(item: tuple[int, int], report: object, *, device: str) -> float:
    """The work of a worker: train for some steps, and return the time at the end."""
    count, steps = item
    torch.set_num_threads(1)
    start = build(NET, DIM, range(MEMBERS), device)
    points = points_of(count, MEMBERS, device)
    fit(start, points, seeds=range(MEMBERS), steps=steps, lr=LR, batch=BATCH, stop=False)
    return time.time()


def two_workers(chosen: Options) -> Table:
    """The gain of a second worker on a second core, timed from the moment when both have started."""
    title = "On top: two workers on two cores (a gain above 2: the machine was not idle)"
    if len(ALLOWED) < 2 or chosen.device != "cpu":
        return Table(title, skipped="needs two cores, and the CPU")
    steps = 20 if chosen.quick else 400
    items, task = [(256, steps)] * 8, partial(_task, device=chosen.device)
    list(engine.run(task, [(256, 1)]))
    began = time.time()
    list(engine.run(task, items))
    here = time.time() - began
    with on_cores(2):
        began = time.time()
        warm = [(256, 1), (128, 1)]
        ends = [_ended(outcome) for outcome in engine.run(task, [*warm, *items], engine="processes", workers=2)]
    ready = sorted(ends)[len(warm) - 1]
    extra = {"until both had started": f"{ready - began:.1f} s"}
    return Table(
        title,
        [Row(f"8 trainings, n=256, {steps} steps, one round", max(ends) - ready, here, "one worker", extra=extra)],
    )


def _ended(outcome: engine.Outcome[tuple[int, int], float]) -> float:
    if outcome.value is None:
        raise RuntimeError("a worker failed") from outcome.error
    return outcome.value


def enumeration(chosen: Options) -> list[Row]:
    """2^16 corners of 16 members, and 2^24 corners of a single member: time, memory and share of the matmul rate."""
    ours, plain = corner_sides(16, 16, chosen, plain_members=2 if chosen.quick else 16)
    short = Row("2^16 corners × 16 members", 16 * ours, 16 * plain, "model(corners)", at_most=0.9)
    return [short, *_long(chosen)]


def _long(chosen: Options) -> list[Row]:
    dim, device = (18 if chosen.quick else LARGE_DIM), chosen.device
    ensemble, model = build(NET, dim, [0], device), plain_model(NET, dim, 0, device)
    chunk = CPU_CHUNK if device == "cpu" else GPU_CHUNK
    part = 2 ** (dim - 4)  # the other sides do a 16th of the corners: each chunk takes the same time
    products = corner_products(NET, dim, chunk, part // chunk, device)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        memory = pool.submit(_added_memory, dim, device).result()
    timings = interleave(
        {
            "landscape": lambda: _done(corner_loss(ensemble)),
            "plain": lambda: _done(plain_corner_maximum(model, dim, device, chunk=PLAIN_CHUNK, stop=part)),
            "matmul": products,
        },
        repeats=chosen.repeats,
        device=device,
        warm=False,
    )
    ours, plain, matmul = timings.median("landscape"), 16 * timings.median("plain"), 16 * timings.median("matmul")
    name, work = f"2^{dim} corners × 1 member", corner_flops(NET, dim) * 2**dim
    rates = {
        "GFLOP/s": f"{work / ours / 1e9:.1f}",
        "addmm GFLOP/s": f"{work / matmul / 1e9:.1f}",
        "2048² GFLOP/s": f"{square_rate(device) / 1e9:.1f}",
    }
    return [
        Row(name, ours, plain, "model(corners), a 16th × 16", extra={"corners/s": f"{2**dim / ours / 1e6:.2f} M"}),
        Row(
            f"{name}: share of the matmul rate",
            ours,
            matmul,
            "addmm, same shapes, a 16th × 16",
            at_least=0.4,
            extra=rates,
        ),
        Row(f"{name}: peak memory on top, in a fresh process", memory / 2**20, unit="MiB", at_most=1024),
    ]


def _added_memory(dim: int, device: str) -> int:
    """The bytes by which enumerating a member's corners raises the memory peak of this process, which must be fresh."""
    torch.set_num_threads(1)
    ensemble = build(NET, dim, [0], device)
    corner_loss(build(NET, 12, [0], device))
    before = _memory("VmRSS", device)
    corner_loss(ensemble)
    return _memory("VmHWM", device) - before


def _memory(kind: str, device: str) -> int:
    """The bytes of memory that are resident now (VmRSS) or at the peak (VmHWM), on Linux; on a GPU, those of the allocator."""
    if device != "cpu":
        return torch.cuda.max_memory_allocated(device) if kind == "VmHWM" else torch.cuda.memory_allocated(device)
    return 1024 * int(Path("/proc/self/status").read_text().partition(f"{kind}:")[2].split()[0])


if __name__ == "__main__":
    main()
