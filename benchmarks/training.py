"""Training an ensemble as one, against a loop over models in plain torch, JAX, the matmul rate, and keeping the last weights.

JAX runs in the Python interpreter LANDSCAPE_JAX_PYTHON (by default in this interpreter), pinned to the same core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from sides.matmul import training_flops, training_products
from sides.plain import plain_fit, plain_model
from sides.server import Server, serve
from timing import Options, Row, Side, Table, Timings, interleave, matmul_row, options, square_rate, tell

from landscape.data import DataSpec, dimension, load_data
from landscape.ensemble import Fitted, build, fit
from landscape.nets import MLP

LR = 1e-3
GPU_MEMBERS = 2048  # with a few dozen small networks, a GPU only spends its time on kernel launches
XLA_FLAGS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
KEEP_BEST_RATIO = 0.95  # target: the speed of keeping the best weights over that of keeping the last
LOSS_TOLERANCE = 0.02  # of the loss before training: sides whose losses differ by more did not do the same work


@dataclass(frozen=True)
class Case:
    """A training that all sides run: the ensemble for `steps`, the single model for `plain_steps` optimiser steps."""

    name: str
    net: MLP
    data: DataSpec
    members: int
    steps: int
    plain_steps: int
    batch: int | None = None
    target: float | None = None  # against the plain loop
    share: float | None = None  # of the matmul rate
    rated: bool = True  # whether the matrix products are large enough for a meaningful matmul rate

    @property
    def dim(self) -> int:
        return dimension(self.data)

    @property
    def seeds(self) -> range:
        return range(self.members)

    def points(self, device: str) -> torch.Tensor:
        """Each member's training points, (E, N, D)."""
        return load_data(self.data, self.seeds).points.to(device)


def uniform(count: int) -> DataSpec:
    """`count` points in 16 dimensions."""
    return DataSpec("uniform", count=count, dim=16)


def images(count: int) -> DataSpec:
    """`count` points in 784 dimensions, the size of MNIST's images."""
    return DataSpec("uniform", count=count, dim=784, signed=True)


DEEP = MLP(hidden=10, width=500, output="tanh")
SMALL, WIDE, SHALLOW = MLP(hidden=6, width=5), MLP(hidden=6, width=50), MLP(hidden=2, width=50)
CASES = (
    Case("1-D, H=5, hidden=6, 2 points", SMALL, DataSpec("two-points"), 256, 1000, 300, target=100, rated=False),
    Case("2-D, H=50, hidden=6, 4 points", WIDE, DataSpec("four-points"), 64, 400, 300, target=20, rated=False),
    Case("D=16, H=50, hidden=2, n=256", SHALLOW, uniform(256), 20, 200, 300, target=2.5, share=0.6),
    Case("D=16, H=50, hidden=2, n=2048", SHALLOW, uniform(2048), 20, 40, 60, share=0.6),
    Case("D=16, H=50, hidden=2, n=2048, batch 1000", SHALLOW, uniform(2048), 20, 60, 100, batch=1000),
    Case("MNIST's size: D=784, H=500, hidden=10, batch 1000", DEEP, images(2000), 1, 40, 10, batch=1000, share=0.75),
)


def main() -> None:
    """Time all cases against the plain loop, against JAX, and as a fraction of the matmul rate."""
    chosen = options("training", __doc__, repeats=5)
    cases = [_sized(case, chosen) for case in CASES]
    plain, rate, keeping, jax = [], [], [], []
    square = square_rate(chosen.device)
    with jax_server(chosen) as (server, reason):
        for case in cases:
            found = measure(case, chosen, server)
            plain.append(against_plain(case, found))
            keeping.append(against_last(case, found))
            if case.rated:
                rate.append(against_matmul(case, found, square))
            if server:
                jax.append(against_jax(case, found))
    title = f"JAX (vmap + jit + scan), {reason}" if server else "JAX (vmap + jit + scan)"
    tell(
        [
            Table("One optimiser step of one member, against a loop over models", plain),
            Table("The same, against the step's matrix products alone", rate),
            Table("The same, against keeping the last weights", keeping),
            Table(f"The same, against {title}", jax, "" if server else reason),
        ],
        chosen,
    )


def _sized(case: Case, chosen: Options) -> Case:
    if chosen.device.startswith("cuda") and case.members > 1:
        case = replace(case, members=GPU_MEMBERS)
    if chosen.quick:
        case = replace(case, steps=max(20, case.steps // 20), plain_steps=max(4, case.plain_steps // 20))
    return case


def measure(case: Case, chosen: Options, server: JaxServer | None) -> Timings:
    """The seconds per member-step of every side, in interleaved rounds."""
    device = chosen.device
    points = case.points(device)

    def ensemble(keep: str = "best") -> Fitted:
        start = build(case.net, case.dim, case.seeds, device)
        return fit(start, points, seeds=case.seeds, steps=case.steps, lr=LR, batch=case.batch, stop=False, keep=keep)

    def plain() -> float:
        return plain_fit(plain_model(case.net, case.dim, 0, device), points[0], case.plain_steps, case.batch, LR)

    block = case.batch or points.shape[1]
    products = training_products(case.net, case.dim, block, case.members, device)
    rounds = max(1, case.steps // 8)
    sides: dict[str, Side] = {
        "build": lambda: _done(build(case.net, case.dim, case.seeds, device)),
        "landscape": lambda: _done(ensemble()),
        "last": lambda: _done(ensemble("last")),
        "plain": lambda: _done(plain()),
    }
    all_steps = case.members * case.steps
    units = {"build": all_steps, "landscape": all_steps, "last": all_steps, "plain": case.plain_steps}
    if case.rated:
        sides["matmul"] = lambda: _done([products() for _ in range(rounds)])
        units["matmul"] = case.members * rounds
    _check_plain(case, points)
    if server:
        losses = server.take(case, points)
        _same("JAX", case, points, float(ensemble().losses.mean()), losses)
        sides["jax"], units["jax"] = server.go, all_steps
    timed = interleave(sides, repeats=chosen.repeats, device=device)
    per_unit = {name: [second / units[name] for second in seconds] for name, seconds in timed.seconds.items()}
    return replace(timed, seconds=per_unit)


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


def against_plain(case: Case, found: Timings) -> Row:
    """The row that compares the ensemble with a loop over models, per member-step."""
    return _row(case, found, "plain", "torch loop", case.target, {"share of a core": f"{found.core:.2f}"})


def against_last(case: Case, found: Timings) -> Row:
    """The row that compares keeping the weights of the lowest loss with keeping the last weights, per member-step."""
    return _row(case, found, "last", "keep='last'", KEEP_BEST_RATIO)


def _row(
    case: Case, found: Timings, side: str, words: str, at_least: float | None, extra: dict[str, str] | None = None
) -> Row:
    return Row(
        f"{case.name}, {case.members} members",
        found.median("landscape"),
        found.median(side),
        words,
        spread=found.spread(side, "landscape"),
        at_least=at_least,
        extra=extra or {},
    )


def against_matmul(case: Case, found: Timings, square: float) -> Row:
    """The row that compares the ensemble with its matrix products alone; the ratio is the fraction of the matmul rate."""
    work = training_flops(case.net, case.dim, case.batch or case.points("cpu").shape[1])
    return matmul_row(case.name, found, "landscape", work, square, case.share)


def against_jax(case: Case, found: Timings) -> Row:
    """The row that compares the ensemble with JAX, per member-step. Compiling and building the parameters are not timed."""
    return Row(
        f"{case.name}, {case.members} members",
        found.median("landscape") - found.median("build"),
        found.median("jax"),
        "JAX",
        spread=found.spread("jax", "landscape"),
        at_least=1.0,
    )


class JaxServer(Server):
    """The running process of sides/jax_training.py."""

    def take(self, case: Case, points: torch.Tensor) -> float:
        """Send a case to the server, which compiles and runs it once, and return the final mean loss."""
        ensemble = build(case.net, case.dim, case.seeds)
        job = {name: value.numpy() for name, value in ensemble.parameters.items()}
        job |= {"points": points.cpu().numpy(), "steps": np.array(case.steps), "lr": np.array(LR)}
        if case.batch:
            job["orders"] = _orders(case, points.shape[1])
        np.savez(self.file, **job)
        return float(np.mean(self.ask(str(self.file))))


@contextmanager
def jax_server(chosen: Options) -> Iterator[tuple[JaxServer | None, str]]:
    """The server and its version, or None and the reason why it is missing."""
    environment = {"XLA_FLAGS": XLA_FLAGS, "OMP_NUM_THREADS": "1"}
    if chosen.device == "cpu":
        environment["JAX_PLATFORMS"] = "cpu"
    with serve("jax", "jax_training.py", chosen.clock, environment) as (process, words):
        yield JaxServer(*process) if process else None, words


def _orders(case: Case, count: int) -> np.ndarray:
    """Minibatches for JAX, drawn beforehand: (steps, E, batch)."""
    assert case.batch is not None
    per_epoch = count // case.batch
    random = np.random.default_rng(0)
    epochs = [
        np.stack([random.permutation(count)[: per_epoch * case.batch] for _ in range(case.members)])
        for _ in range(-(-case.steps // per_epoch))
    ]
    whole = np.concatenate([epoch.reshape(case.members, per_epoch, case.batch) for epoch in epochs], 1)
    return whole[:, : case.steps].swapaxes(0, 1).astype(np.int32)


def _check_plain(case: Case, points: torch.Tensor, steps: int = 20) -> None:
    """Raise RuntimeError if the ensemble and a single model train member 0 to different losses."""
    if case.batch:
        return
    device = str(points.device)
    start = build(case.net, case.dim, case.seeds[:1], device)
    ours = fit(
        start, points[:1], seeds=case.seeds[:1], steps=steps - 1, lr=LR, stop=False
    )  # losses after its last step
    _same(
        "the plain loop",
        case,
        points[:1],
        float(ours.losses[0]),
        plain_fit(plain_model(case.net, case.dim, 0, device), points[0], steps, lr=LR),
    )


def _same(side: str, case: Case, points: torch.Tensor, ours: float, other: float) -> None:
    untrained = build(case.net, case.dim, case.seeds[: len(points)], points.device)
    first = float((untrained(points) - points).square().mean())
    if abs(ours - other) > LOSS_TOLERANCE * first:
        raise RuntimeError(f"{side} does other work in {case.name!r}: mean loss {other:.4g}, here {ours:.4g}")


if __name__ == "__main__":
    main()
