"""All affine regions of trained nets over the square, against regioncam, relucent's search and a recursion polygon by polygon.

regioncam (Rust, float32) takes one net after another; it is left out where it is not installed.
relucent runs in the Python interpreter LANDSCAPE_RELUCENT_PYTHON (by default in this interpreter), pinned to the same core. It
searches only for the first few regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sides.recursion import Layers, region_areas
from sides.server import Server, serve
from timing import Options, Row, Side, Table, Timings, interleave, options, tell

from landscape import cube, measures
from landscape.data import DataSpec
from landscape.ensemble import Ensemble
from landscape.nets import MLP
from landscape.training import FitSpec, Recipe, Site, trained

REGIONS_PER_SECOND = 50_000  # target of landscape
RELUCENT_REGIONS = 40  # that relucent searches for: it finds some tens a second
RELUCENT_RATIO = 500.0  # target: time per region, relucent / landscape
AREA_TOLERANCE = 1e-12  # of the total area


@dataclass(frozen=True)
class Case:
    """Nets trained on the four points, all of whose regions are counted."""

    hidden: int
    members: int

    @property
    def name(self) -> str:
        return f"H=50, {self.hidden} hidden, {self.members} net{'s' if self.members > 1 else ''}"


CASES = tuple(Case(hidden, members) for hidden in (4, 5, 6) for members in (1, 16))
REGIONCAM_CASES = tuple(Case(hidden, members) for members in (1, 16) for hidden in (1, 2, 4, 6, 10))


def main() -> None:
    """Time all cases on all sides."""
    chosen = options("regions", __doc__, repeats=5)
    rows: dict[str, list[Row]] = {"recursion": [], "relucent": []}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with serve("relucent", "relucent_regions.py", chosen.clock, threads) as (process, words):
        server = RelucentServer(*process) if process else None
        for case in CASES:
            for name, row in measure(case, chosen, server if case.members == 1 else None).items():
                rows[name].append(row)
    tell(
        [
            Table("All regions of the square, against a recursion polygon by polygon", rows["recursion"]),
            against_regioncam(chosen),
            Table(f"One region, against {words if rows['relucent'] else 'relucent'}", rows["relucent"],
                  "" if rows["relucent"] else words),
        ],
        chosen,
    )  # fmt: skip


def measure(case: Case, chosen: Options, server: RelucentServer | None) -> dict[str, Row]:
    """The rows of a case, by the name of the other side."""
    nets, square = nets_of(case, chosen), cube.whole(2)
    each = [layers_of(nets, e) for e in range(nets.members)]
    corners = square.corners.numpy()
    subdivision = measures.regions(nets, square)
    theirs = [region_areas(layers, corners) for layers in each]
    counts = torch.bincount(subdivision.member, minlength=nets.members).tolist()
    if [len(areas) for areas in theirs] != counts:
        raise RuntimeError(f"the sides count differently: {counts} and {[len(areas) for areas in theirs]} regions")
    for e, areas in enumerate(theirs):
        own, other = (
            subdivision.share[subdivision.member == e].sort().values,
            torch.tensor(sorted(areas), dtype=torch.float64),
        )
        if float((own - other).abs().max()) > AREA_TOLERANCE:
            raise RuntimeError(f"the sides have other areas, apart by {float((own - other).abs().max()):.3g}")
    whole = torch.zeros(nets.members, dtype=torch.float64).index_add_(0, subdivision.member, subdivision.share)
    error = float((whole - 1).abs().max())
    if error > AREA_TOLERANCE:
        raise RuntimeError(f"shares add up to 1 but for {error:.3g}")
    inside = subdivision.where.at(subdivision.centres)
    exact = nets.to(dtype=torch.float64)
    apart = max(
        float(
            (measures.local.jacobian_before_squash(exact.select([e]), inside[own])[0] - subdivision.linear[own])
            .abs()
            .max()
        )
        for e in range(nets.members)
        for own in [subdivision.member == e]
    )
    sides: dict[str, Side] = {
        "landscape": lambda: _done(measures.regions(nets, square)),
        "recursion": lambda: _done([region_areas(layers, corners) for layers in each]),
    }
    searched = 0
    if server:
        searched, sides["relucent"] = server.take(each[0], 20 if chosen.quick else RELUCENT_REGIONS), server.go
    timed = interleave(sides, repeats=chosen.repeats)
    count = sum(counts)
    extra = {
        "regions": f"{count:,}",
        "a second": f"{count / timed.median('landscape'):,.0f}",
        "error of the area": f"{error:.0e}",
        "from autodiff": f"{apart:.0e}",
        "share of a core": f"{timed.core:.2f}",
    }
    rows = {
        "recursion": _row(
            case, timed, "recursion", 1.0, 1.0, {**extra, f"≥ {REGIONS_PER_SECOND:,}/s": _met(count, timed)}
        )
    }
    if server:
        per = {"regions searched": f"{searched:,}", "share of a core": f"{timed.core:.2f}"}
        rows["relucent"] = _row(case, timed, "relucent", count / searched, RELUCENT_RATIO, per, count)
    return rows


def _row(
    case: Case, timed: Timings, other: str, scale: float, target: float, extra: dict[str, str], per: int = 1
) -> Row:
    """The row of both sides' seconds, divided by `per`. Those of the other side are scaled to the same number of regions."""
    low, high = timed.spread(other, "landscape")
    return Row(
        case.name,
        timed.median("landscape") / per,
        timed.median(other) * scale / per,
        other,
        spread=(low * scale, high * scale),
        at_least=target,
        extra=extra,
    )


def _met(count: int, timed: Timings) -> str:
    return "yes" if count / timed.median("landscape") >= REGIONS_PER_SECOND else "NO"


def against_regioncam(chosen: Options) -> Table:
    """Both sides' seconds for the nets of each case, with the numbers of regions that they count."""
    title = "All regions of the square in float64, against regioncam in float32"
    try:
        from regioncam import Regioncam
    except ImportError:
        return Table(title, skipped="regioncam is not installed (the extra `bench`)")

    def count(layers: Layers) -> int:
        found = Regioncam(size=1)  # the square [-1, 1]²
        for number, (weight, bias) in enumerate(layers):
            if number:
                found.relu()
            found.linear(weight, bias)
        return int(found.num_faces)

    rows = []
    for case in REGIONCAM_CASES:
        nets, square = nets_of(case, chosen), cube.whole(2)
        each = [on_symmetric_square(layers_of(nets, e)) for e in range(nets.members)]
        own, theirs = len(measures.regions(nets, square).share), sum(map(count, each))
        timed = interleave(
            {
                "landscape": lambda nets=nets, square=square: _done(measures.regions(nets, square)),
                "regioncam": lambda each=each: _done([count(layers) for layers in each]),
            },
            repeats=chosen.repeats,
        )
        extra = {"regions": f"{own:,}", "regioncam counts": f"{theirs:,}", "share of a core": f"{timed.core:.2f}"}
        rows.append(_row(case, timed, "regioncam", 1.0, 1.0, extra))
    return Table(title, rows)


def on_symmetric_square(layers: Layers) -> Layers:
    """The layers in float32 of the same net as a function of u in [-1, 1]², x = (u + 1) / 2."""
    (weight, bias), *rest = layers
    moved = [(weight / 2, bias + weight.sum(0) / 2), *rest]
    return [(weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in moved]


def nets_of(case: Case, chosen: Options) -> Ensemble:
    """The trained nets of a case."""
    steps = 20 if chosen.quick else 2000
    recipe = Recipe(
        MLP(case.hidden, 50), DataSpec("four-points"), FitSpec(steps, stop=False), tuple(range(case.members))
    )
    return trained(recipe, Site()).ensemble


def layers_of(nets: Ensemble, member: int) -> Layers:
    """A member's weights and biases in float64."""
    return [(layer.weight[member].double().numpy(), layer.bias[member, 0].double().numpy()) for layer in nets.layers()]


class RelucentServer(Server):
    """The running process of sides/relucent_regions.py."""

    def take(self, layers: Layers, most: int) -> int:
        """Send a net to the server, which searches it once, and return the number of regions."""
        named = {
            f"{name}{k}": value
            for k, pair in enumerate(layers)
            for name, value in zip(("weight", "bias"), pair, strict=True)
        }
        np.savez(self.file, count=np.array(len(layers)), most=np.array(most), **named)
        return int(self.ask(str(self.file)))


def _done(_: object) -> None:
    """Discard a result: the caller times its computation."""


if __name__ == "__main__":
    main()
