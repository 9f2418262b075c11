"""A training step of every architecture: the ensemble, a loop over torch.nn modules, and the paths that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from sides.paths import Make, company_changed, im2col, one_grouped_convolution, vmapped_fit, with_net
from sides.plain import plain_fit
from timing import Options, Row, Side, Table, Timings, interleave, options, tell

from landscape.ensemble import Ensemble, build, fit
from landscape.nets import NETS, Net, make_net
from tests.nets.modules import module

LR = 1e-3
LOSS_TOLERANCE = 0.02  # of the loss before training: sides whose losses differ by more did not do the same work
SIZES = {  # (hidden, width), chosen so that all kinds take about as many multiplications
    "mlp": (6, 100),
    "residual": (3, 100),
    "cnn": (4, 16),
    "cnn-bottleneck": (4, 16),
    "unet": (5, 16),
    "transformer": (2, 32),
    "injective": (4, 100),
}
IMAGE_NETS = ("cnn", "cnn-bottleneck", "unet")


@dataclass(frozen=True)
class Case:
    """A training that each side runs: `members` nets of a kind, each on `count` points of this shape."""

    kind: str
    name: str
    shape: tuple[int, ...]
    members: int
    count: int
    steps: int
    width: int | None = None

    @property
    def net(self) -> Net:
        hidden, width = SIZES[self.kind]
        return make_net(self.kind, self.shape, hidden=hidden, width=self.width or width)

    @property
    def title(self) -> str:
        width = f", width {self.width}" if self.width else ""
        return f"{self.kind}, {self.name}{width}, {self.count} points, {self.members} members"


def cases() -> list[Case]:
    """Every kind of net on 8 × 8 images, with 50 points and with a single point; some kinds also at other sizes and widths."""
    cases = [Case(kind, "8 × 8", (8, 8), 8, 50, 4) for kind in NETS]
    cases += [Case(kind, "8 × 8", (8, 8), 20, 1, 8) for kind in NETS]
    cases += [Case(kind, "D=16", (16,), 20, 50, 4) for kind in ("cnn", "transformer", "injective")]
    cases += [Case(kind, "28 × 28", (28, 28), 4, 100, 5) for kind in ("cnn", "unet", "transformer")]
    return [
        *cases,
        *(Case("cnn", "8 × 8", (8, 8), members, 20, 4, width) for members, width in ((8, 8), (8, 11), (1, 8))),
    ]


def main() -> None:
    """Time all cases against the loop, and against each other way to compute an ensemble."""
    chosen = options("architectures", __doc__, repeats=3)
    loop, others = [], []
    for case in cases():
        if chosen.quick:
            case = replace(case, steps=1, members=min(case.members, 4), count=min(case.count, 5))
        timings = measure(case, chosen)
        loop.append(row(case, timings, "loop", "loop over torch.nn modules"))
        others += [row(case, timings, side, side) for side in timings.seconds if side not in ("landscape", "loop")]
    title = "One optimiser step of one member, against"
    tell(
        [Table(f"{title} a loop over modules", loop), Table(f"{title} other ways to compute an ensemble", others)],
        chosen,
    )


def measure(case: Case, chosen: Options) -> Timings:
    """The seconds per member-step of every side, in interleaved rounds."""
    device, net = chosen.device, case.net
    dim, seeds = torch.Size(case.shape).numel(), range(case.members)
    points = torch.rand(case.members, case.count, dim, generator=torch.Generator().manual_seed(0)).to(device)
    start = build(net, dim, seeds, device)

    def ours(make: Make | None = None, steps: int = case.steps) -> Ensemble:
        begun = with_net(start, make) if make else start
        return fit(begun, points, seeds=seeds, steps=steps, lr=LR, stop=False).ensemble

    def modules() -> list[torch.nn.Module]:
        return [
            module(net, dim, {name: value[member] for name, value in start.parameters.items()}).to(device)
            for member in seeds
        ]

    ready = modules()  # each round goes on training them: the time of a step does not depend on the weights
    paths: dict[str, Make] = {"alone for together, together for alone": company_changed}
    if case.kind in IMAGE_NETS:
        paths["one grouped convolution (vmap)"] = one_grouped_convolution
    if case.kind == "cnn" and case.shape != (28, 28):  # at that size a step takes seconds
        paths["im2col, stacked product"] = im2col
    _check(case, start, points, ours(steps=3), {name: ours(make, 3) for name, make in paths.items()}, modules()[0])
    sides: dict[str, Side] = {
        "landscape": lambda: _done(ours()),
        "loop": lambda: _done([plain_fit(net, points[index], case.steps, lr=LR) for index, net in enumerate(ready)]),
    }
    sides |= {name: (lambda make=make: _done(ours(make))) for name, make in paths.items()}
    if case.kind not in (*IMAGE_NETS, "transformer"):
        sides["vmap"] = lambda: _done(vmapped_fit(ready, points, case.steps, LR))
    timed = interleave(sides, repeats=chosen.repeats, device=device)
    steps = case.members * case.steps
    return replace(timed, seconds={name: [second / steps for second in took] for name, took in timed.seconds.items()})


def row(case: Case, timings: Timings, side: str, words: str) -> Row:
    """The row that compares landscape with another side, per member-step."""
    return Row(
        case.title,
        timings.median("landscape"),
        timings.median(side),
        words,
        spread=timings.spread(side, "landscape"),
        at_least=1.0 if side == "loop" else None,
        extra={"share of a core": f"{timings.core:.2f}"},
    )


def _check(
    case: Case,
    start: Ensemble,
    points: torch.Tensor,
    ours: Ensemble,
    others: dict[str, Ensemble],
    single: torch.nn.Module,
) -> None:
    """Raise RuntimeError if, after three steps, the loss of member 0 is not that of a torch module trained alone."""

    def loss(ensemble: Ensemble) -> float:
        return float((ensemble(points) - points)[0].square().mean())

    plain_fit(single, points[0], 3, lr=LR)
    with torch.no_grad():
        expected = float((single(points[0]) - points[0]).square().mean())
    for name, trained in {"landscape": ours, **others}.items():
        if abs(loss(trained) - expected) > LOSS_TOLERANCE * loss(start):
            raise RuntimeError(
                f"{name} does other work in {case.title!r}: loss {loss(trained):.4g}, not {expected:.4g}"
            )


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
