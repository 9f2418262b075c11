"""An iteration x ← f(x) of wrapped modules, against calls of the modules themselves, one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from timing import Options, Row, Side, Table, interleave, options, tell
from torch import nn

import landscape
from landscape.measures.maps import step_of

POINTS = 64
SAME = 1e-5  # of the images of both sides
WITHIN = 1 / 1.05  # target: the time of the modules' own calls, over ours


@dataclass(frozen=True)
class Case:
    """A list of modules made by `make()`, and the shape of a point."""

    name: str
    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    members: int = 1
    at_least: float = WITHIN
    iterations: int = 10


def mlp(*sizes: int, last: type[nn.Module] = nn.Sigmoid) -> nn.Module:
    """A chain of dense layers with ReLU between them."""
    layers = [part for fan in pairwise(sizes) for part in (nn.Linear(*fan), nn.ReLU())]
    return nn.Sequential(*layers[:-1], last())


def normed(width: int) -> nn.Module:
    """A network with layer norm, which is no chain of affine maps."""
    between = [nn.Linear(width, width), nn.LayerNorm(width), nn.SiLU()]
    return nn.Sequential(nn.Linear(2, width), nn.SiLU(), *between, nn.Linear(width, 2))


def convolutional() -> nn.Module:
    """A convolutional autoencoder of 28 × 28 images."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1), nn.Sigmoid(),
    )  # fmt: skip


MLP_784 = (784, 128, 32, 128, 784)
SINGLE = (
    Case("MLP 784-128-32-128-784", lambda: mlp(*MLP_784), (784,)),
    Case("convolutional, 1 × 28 × 28", convolutional, (1, 28, 28), iterations=3),
)
LISTS = (
    Case("MLP 2-50-50-2", lambda: mlp(2, 50, 50, 2), (2,), 16, 1.0, 100),
    Case("MLP 784-128-32-128-784", lambda: mlp(*MLP_784), (784,), 8, 1.0, 4),
    Case("layer norm, width 50", lambda: normed(50), (2,), 16, WITHIN, 50),
    Case("layer norm, width 256", lambda: normed(256), (2,), 8, WITHIN, 50),
    Case("convolutional, 1 × 28 × 28", convolutional, (1, 28, 28), 4, WITHIN, 2),
)


def main() -> None:
    """Time all cases on both sides."""
    chosen = options("wrapping", __doc__, repeats=41)
    single = [measure(case, chosen) for case in SINGLE]
    lists = [measure(case, chosen) for case in LISTS]
    tell(
        [
            Table(f"An iteration of a wrapped module at {POINTS} points, against calls of the module", single),
            Table(
                f"An iteration of a wrapped list at {POINTS} points, per member, against a loop over the modules", lists
            ),
        ],
        chosen,
    )


@torch.no_grad()
def measure(case: Case, chosen: Options) -> Row:
    """The seconds of an iteration of one member, in interleaved rounds."""
    torch.manual_seed(0)
    modules = [case.make().eval().to(chosen.device) for _ in range(case.members)]
    model = landscape.wrap(modules, shape=case.shape)
    starts = torch.rand(case.members, POINTS, model.dim, device=chosen.device)
    batches = [some.view(POINTS, *case.shape) for some in starts]
    step = step_of(model)
    own = torch.stack([module(batch).flatten(1) for module, batch in zip(modules, batches, strict=True)])
    if (off := float((step(starts) - own).abs().max())) > SAME:
        raise RuntimeError(f"the sides have other images in {case.name!r}, apart by {off:.2g}")
    iterations = 2 if chosen.quick else case.iterations

    def ours() -> None:
        points = starts
        for _ in range(iterations):
            points = step(points)

    def loop() -> None:
        images = batches
        for _ in range(iterations):
            images = [module(batch) for module, batch in zip(modules, images, strict=True)]

    sides: dict[str, Side] = {"landscape": ours, "modules": loop}
    timed = interleave(sides, repeats=chosen.repeats, device=chosen.device)
    units = case.members * iterations
    return Row(
        f"{case.name}{f', {case.members} members' if case.members > 1 else ''}",
        timed.median("landscape") / units,
        timed.median("modules") / units,
        "a loop over the modules" if case.members > 1 else "the module",
        spread=timed.spread("modules", "landscape"),
        at_least=case.at_least,
        extra={"by": type(model.how).__name__, "share of a core": f"{timed.core:.2f}"},
    )


if __name__ == "__main__":
    main()
