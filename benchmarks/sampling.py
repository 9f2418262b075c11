"""Iterating x ← f(x) + ε, against the published procedure in plain torch, the matmul rate, and a step of descent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from sides.matmul import sampling_flops, sampling_products
from sides.plain import plain_model, plain_samples
from timing import Options, Row, Side, Table, Timings, interleave, matmul_row, options, square_rate, tell

from landscape.ensemble import Ensemble, build
from landscape.measures import sample
from landscape.measures.maps import block_shape, numbers_at_work
from landscape.nets import MLP

AMPLITUDE = 0.01
SAMPLE_TOLERANCE = 1e-4  # sides whose samples without noise differ by more did not do the same work


@dataclass(frozen=True)
class Case:
    """A sampling that all sides run: `count` starts for each member. Only the last iterates are kept."""

    name: str
    net: MLP
    dim: int
    members: int
    count: int
    iterations: int
    share: float | None = None  # of the matmul rate, with noise and without
    rated: bool = True  # whether the matrix products are large enough for a meaningful matmul rate

    @property
    def box(self) -> tuple[float, float]:
        """The data's range."""
        return (-1.0 if self.net.output == "tanh" else 0.0), 1.0

    def starts(self, device: str) -> torch.Tensor:
        """Uniform starts, the same for all members: (S, D)."""
        low, high = self.box
        return (low + (high - low) * torch.rand(self.count, self.dim)).to(device)


CASES = (
    Case("MNIST, hidden=10, H=500, 1000 starts", MLP(10, 500, output="tanh"), 784, 1, 1000, 4, share=0.85),
    Case("digits, hidden=6, H=100, 200 starts", MLP(6, 100), 64, 20, 200, 8),
    Case("2-D, hidden=6, H=50, 250 starts", MLP(6, 50), 2, 64, 250, 8, rated=False),
)


def main() -> None:
    """Time all cases against the published procedure, as a fraction of the matmul rate, and descents beside iterations."""
    chosen = options("sampling", __doc__, repeats=9)
    published: list[Row] = []
    rate: list[Row] = []
    descent: list[Row] = []
    square = square_rate(chosen.device)
    for case in CASES:
        if chosen.quick:
            case = replace(case, iterations=2)
        timings = measure(case, chosen)
        published.append(against(case, timings, "biased noise and clamp", "published", "plain, noisy"))
        published.append(against(case, timings, "no noise", "quiet", "plain, quiet"))
        if case.rated:
            rate += [share_of(case, timings, side, square) for side in ("quiet", "normal")]
        descent += [against(case, timings, side, side, "quiet", "an iteration") for side in ("adam", "lbfgs")]
    tell(
        [
            Table("One iteration of one member, against the published procedure, module by module", published),
            Table("The same, against the iteration's matrix products alone", rate),
            Table("A step of gradient sampling of one member, beside an iteration", descent),
        ],
        chosen,
    )


def measure(case: Case, chosen: Options) -> Timings:
    """The seconds per member and iteration of every side, in interleaved rounds."""
    device, (low, high) = chosen.device, case.box
    ensemble = build(case.net, case.dim, range(case.members), device)
    model, starts = plain_model(case.net, case.dim, 0, device), case.starts(device)
    _check(case, ensemble, model, starts)

    def ours(**settings: object) -> Side:
        keep = [case.iterations]
        return lambda: _done(sample(ensemble, iterations=case.iterations, start=starts, keep=keep, **settings))

    def plain(amplitude: float) -> Side:
        return lambda: _done(plain_samples(model, starts, case.iterations, amplitude, low, high))

    rows, _ = block_shape(case.members, case.count, numbers_at_work(ensemble), ensemble.device)
    blocks = [min(rows, case.count - first) for first in range(0, case.count, rows)]
    products = sampling_products(case.net, case.dim, blocks, case.members, device)
    sides: dict[str, Side] = {
        "quiet": ours(),
        "normal": ours(noise=f"normal:{AMPLITUDE}"),
        "published": ours(noise=f"published:{AMPLITUDE}"),
        "adam": ours(method="adam"),
        "lbfgs": ours(method="lbfgs"),
        "plain, quiet": plain(0.0),
        "plain, noisy": plain(AMPLITUDE),
        "matmul": lambda: _done([products() for _ in range(case.iterations)]),
    }
    timed = interleave(sides, repeats=chosen.repeats, device=device)
    members = {name: 1 if name.startswith("plain") else case.members for name in sides}
    per_unit = {
        name: [second / (members[name] * case.iterations) for second in seconds]
        for name, seconds in timed.seconds.items()
    }
    return replace(timed, seconds=per_unit)


def against(case: Case, timings: Timings, words: str, ours: str, other: str, name: str = "plain torch") -> Row:
    """The row that compares landscape with another side, per member and iteration."""
    return Row(
        f"{case.name}, {case.members} members, {words}",
        timings.median(ours),
        timings.median(other),
        name,
        spread=timings.spread(other, ours),
        extra={"share of a core": f"{timings.core:.2f}"},
    )


def share_of(case: Case, timings: Timings, side: str, square: float) -> Row:
    """The row that compares iterating with its matrix products alone; the ratio is the fraction of the matmul rate."""
    work = sampling_flops(case.net, case.dim, case.count)
    name = f"{case.name}, {'no' if side == 'quiet' else 'normal'} noise"
    return matmul_row(name, timings, side, work, square, case.share)


def _check(case: Case, ensemble: Ensemble, model: torch.nn.Sequential, starts: torch.Tensor) -> None:
    """Raise RuntimeError if, without noise, the sides give different samples of member 0."""
    ours = sample(ensemble, iterations=2, start=starts).final[0]
    off = float((ours - plain_samples(model, starts, 2, 0.0, *case.box).cpu()).abs().max())
    if off > SAMPLE_TOLERANCE:
        raise RuntimeError(f"the published procedure does other work in {case.name!r}: samples differ by {off:.2g}")


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
