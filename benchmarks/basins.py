"""Basins on a large grid, against iterating a torch.nn module, and as a share of the matmul rate.

The targets are for two cores, so both sides of these rows run with two torch threads on two cores."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from sides.matmul import sampling_flops, sampling_products
from sides.plain import plain_model
from timing import Options, Row, Side, Table, interleave, on_cores, options, tell

from landscape import cube, measures
from landscape.data import DataSpec
from landscape.ensemble import Ensemble
from landscape.measures.maps import block_shape, numbers_at_work
from landscape.nets import MLP
from landscape.training import FitSpec, Recipe, Site, trained

NET = MLP(6, 50)
GRID_SIDE, ITERATIONS = 1000, 200
GRID_SIDE_ON_ONE_CORE = 300  # 1,000 would take minutes there
MATMUL_SHARE = 0.6  # target: the share of the matmul rate


@dataclass(frozen=True)
class Case:
    """A grid of starts and a target in seconds. With `retire`, orbits that have settled are not iterated further."""

    name: str
    retire: bool
    cores: int
    iterations: int
    at_most: float | None = None


CASES = (
    Case("nothing retired, two cores", False, 2, ITERATIONS, 60.0),
    Case("settled orbits retired, two cores", True, 2, ITERATIONS, 15.0),
)


def main() -> None:
    """Time the rows with targets on two cores, then the share of the matmul rate on a single core."""
    chosen = options("basins", __doc__, repeats=3)
    side, rated = (60, 30) if chosen.quick else (GRID_SIDE, GRID_SIDE_ON_ONE_CORE)
    recipe = Recipe(NET, DataSpec("four-points"), FitSpec(20 if chosen.quick else 2000, stop=False), (0,))
    net = trained(recipe, Site()).ensemble
    starts = cube.whole(2).grid(side).float()
    title = f"{side:,}² starts × {ITERATIONS} iterations, H=50, 6 hidden"
    tell(
        [
            Table(f"{title}, against iterating the module", [against(case, net, starts, chosen) for case in CASES]),
            Table(
                f"An iteration of {rated:,}² starts on one core, against its products alone",
                [rate(net, cube.whole(2).grid(rated).float(), chosen)],
            ),
        ],
        chosen,
    )


def against(case: Case, net: Ensemble, starts: torch.Tensor, chosen: Options) -> Row:
    """The row that compares landscape with a torch module iterated in equal blocks, without any labels of basins."""
    model = plain_model(NET, 2, 0, "cpu")
    rows, _ = block_shape(1, len(starts), numbers_at_work(net), starts.device)

    def iterate() -> None:
        with torch.no_grad():
            for block in starts.split(rows):
                for _ in range(case.iterations):
                    block = model(block)

    def ours() -> None:
        measures.basins(net, starts, case.iterations, retire=case.retire)

    with on_cores(case.cores):
        torch.set_num_threads(case.cores)
        sides: dict[str, Side] = {"landscape": ours, "module": iterate}
        timed = interleave(sides, repeats=chosen.repeats, warm=False)
        torch.set_num_threads(1)
    return Row(
        case.name,
        timed.median("landscape"),
        timed.median("module"),
        "module",
        spread=timed.spread("module", "landscape"),
        at_most=case.at_most,
        extra={"share of a core": f"{timed.core:.2f}"},
    )


def rate(net: Ensemble, starts: torch.Tensor, chosen: Options) -> Row:
    """The row that compares an iteration of all orbits with the iteration's matrix products alone."""
    rows, _ = block_shape(1, len(starts), numbers_at_work(net), starts.device)
    blocks = [min(rows, len(starts) - first) for first in range(0, len(starts), rows)]
    products = sampling_products(NET, 2, blocks, 1, "cpu")

    def ours() -> None:
        measures.basins(net, starts, ITERATIONS, retire=False)

    def theirs() -> None:
        for _ in range(ITERATIONS):
            products()

    timed = interleave({"landscape": ours, "products": theirs}, repeats=chosen.repeats)
    return Row(
        f"nothing retired, {ITERATIONS} iterations",
        timed.median("landscape") / ITERATIONS,
        timed.median("products") / ITERATIONS,
        "products",
        spread=timed.spread("products", "landscape"),
        at_least=MATMUL_SHARE,
        extra={
            "GFLOP/s": f"{ITERATIONS * sampling_flops(NET, 2, len(starts)) / timed.median('landscape') / 1e9:.1f}",
            "share of a core": f"{timed.core:.2f}",
        },
    )


if __name__ == "__main__":
    main()
