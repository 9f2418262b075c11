"""The study `depth-sweep`: which networks it trains, and what it measures of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result
from landscape.studies.depth_sweep.answer import answer_of
from landscape.studies.depth_sweep.claims import claims_of
from landscape.studies.depth_sweep.parameters import EARLY_ITERATION, NEIGHBOURHOOD_REACH, DepthSweepParameters
from landscape.studies.parts.grids import net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import SizeGridStudy
from landscape.studies.parts.streams import seeded_stream
from landscape.studies.parts.summaries import shown_members
from landscape.training import Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

PLAYED_ITERATIONS, PLAYED_SAMPLES = 20, 120  # of the orbits that the report plays
LINE_POINTS = 401  # at which a one-dimensional map is drawn
MOST_JACOBIAN_NUMBERS = (
    2**21
)  # entries of a member's Jacobians at random points; fewer points are drawn above 64 coordinates
LEAST_PROBES = 8
CUBIC, SQUARE = (
    6,
    1700,
)  # × D³ and × D² operations: singular values or half the eigenvalues of a Jacobian, as LAPACK was timed
SURFACE_MARGIN = 0.5  # sides of the cube by which a surface extends beyond it, because most normal starts lie outside


@dataclass(frozen=True)
class DepthSweep(DepthSweepParameters, SizeGridStudy):
    """The depth sweep: what its cells train and measure."""

    version: ClassVar[int] = 4  # one estimand a claim, pooled over its settings; intervals hold with 20 networks

    def spec_of(self, name: str) -> DataSpec:
        return self.sets.spec(name, self.count, self.dim, spread=self.spread, clusters=self.clusters)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for(self.net, data, hidden, width, activation=self.activation, init=self.init, scale=self.scale)

    def evaluations(self, cell: Cell) -> int:
        return self.samples * self.iterations * 2  # the trained and the untrained net; the other controls cost little

    def operations(self, cell: Cell) -> float:
        data = self.spec_of(cell["data"])
        dim, maps = dimension(data), len(measures.known_maps.CONTROLS)
        decompositions = 2 * (self._probed(dim) + self.count)
        return float(maps * self.members * decompositions * (CUBIC * dim**3 + SQUARE * dim**2))

    def _probed(self, dim: int) -> int:
        return min(self.probes, max(LEAST_PROBES, MOST_JACOBIAN_NUMBERS // dim**2))

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        untrained = recipe.untrained(site.device)
        maps: dict[str, measures.Map] = {"none": fitted.ensemble}
        maps |= {
            name: measures.control(name, dataset, untrained) for name in measures.known_maps.CONTROLS if name != "none"
        }
        found = {name: self.measured(one, untrained, dataset) for name, one in maps.items()}
        members = members_table(recipe, fitted).assign(
            parameters=recipe.net.parameter_count(dataset.dim), untrained_range=found["untrained"][0]["output_range"]
        )
        members = members.join(found["none"][0])
        controls = pd.concat(
            [
                table.assign(control=name, member=range(len(table)))
                for name, (table, _) in found.items()
                if name != "none"
            ],
            ignore_index=True,
        )
        shares = pd.DataFrame(
            {
                "member": np.repeat(np.arange(self.members), self.iterations + 1),
                "iteration": np.tile(np.arange(self.iterations + 1), self.members),
                "share_near": found["none"][1].flatten().numpy(),
            }
        )
        arrays = self._pictures(fitted.ensemble, dataset, shown_members(members))
        return Measured({"members": members, "controls": controls, "shares": shares, "curves": fitted.curves}, arrays)

    def begun(self, dataset: Dataset, members: int, count: int, kind: str = "") -> Tensor:
        """The first `count` samples before any iteration, of the study's kind of starts or another: (E, S, D)."""
        generator = seeded_stream("depth-sweep", "starts", self.seed)
        kind, low, high = kind or self.starts, dataset.low, dataset.high
        return measures.starts(kind, members, count, dataset.dim, generator=generator, low=low, high=high)

    def measured(
        self, map: measures.Map, untrained: Ensemble, dataset: Dataset, begin: Tensor | None = None
    ) -> tuple[pd.DataFrame, Tensor]:
        """A table of all measurements with a row per member, and the share of samples near a training point (E, T+1).

        Samples begin at `begin` (E, S, D), or else as the study's do."""
        points = cube.uniform(
            self._probed(dataset.dim),
            dataset.dim,
            seeded_stream("depth-sweep", "probes", self.seed),
            low=dataset.low,
            high=dataset.high,
        ).to(map.device)
        kind = measures.behaviour(map, untrained, dataset, points)
        data = dataset.points.to(map.device)
        radius = measures.dynamics.near_radius(data, dataset.low, dataset.high)
        begin = self.begun(dataset, map.members, self.samples) if begin is None else begin
        followed = measures.dynamics.follow(map, begin.to(map.device), self.iterations, data, radius)
        jacobians = measures.jacobian_at(map, data)
        rho = measures.spectral_radius(jacobians)
        table = pd.DataFrame(kind.columns())
        columns = {
            "share_early": followed.share_near[:, EARLY_ITERATION],
            "share_end": followed.share_near[:, -1],
            "burn_in": followed.burn_in.value,
            "burn_in_censored": followed.burn_in.censored,
            "settled": followed.burn_in.settled,
            "reached": measures.dynamics.reached(followed.final, data, radius),
            "rho_max": rho.amax(1),
            "attracting": (rho < 1).sum(1),
            "flat_near_data": self._flat_near_data(map, dataset, data),
        }
        table = table.assign(**{name: value.numpy() for name, value in measures.transfer.on_cpu(columns).items()})
        return table, followed.share_near.cpu()

    def _flat_near_data(self, map: measures.Map, dataset: Dataset, data: Tensor) -> Tensor:
        """The share of random points near the training points at which ‖J‖ < 0.1: (E,).

        Near: within ± 0.1 of the range of a training point in every coordinate. Points outside the range are clipped to it."""
        generator, reach = (
            seeded_stream("depth-sweep", "neighbourhoods", self.seed),
            NEIGHBOURHOOD_REACH * (dataset.high - dataset.low),
        )
        per_point = max(1, self.probes // dataset.count)
        offsets = (2 * torch.rand(per_point, dataset.dim, generator=generator) - 1).to(map.device) * reach
        around = (data[:, :, None, :] + offsets).clamp(dataset.low, dataset.high)
        return measures.local.flat_share(map, around.flatten(1, 2))

    def _pictures(self, ensemble: Ensemble, dataset: Dataset, shown: list[int]) -> dict[str, np.ndarray]:
        """Arrays for the pictures of the members `shown`: a map on the line, or a loss surface, and orbits up to 2 dimensions.

        On the line the map of every member is kept. Past 2 dimensions the surface lies on the plane through three training
        points: the first image of each of three classes where the data are labelled, else the first three points."""
        chosen, low, high = ensemble.select(shown), dataset.low, dataset.high
        near = measures.dynamics.near_radius(dataset.points[shown], low, high)
        arrays = {"shown": np.array(shown), "markers": dataset.points[shown].numpy(), "near": near.numpy()}
        begin = self.begun(dataset, ensemble.members, min(PLAYED_SAMPLES, self.samples))[shown]
        if dataset.dim == 1:
            x = torch.linspace(low, high, LINE_POINTS)[:, None]
            whole = x.expand(ensemble.members, LINE_POINTS, 1).to(ensemble.device)
            arrays |= {"map_x": x[:, 0].numpy(), "map_y": ensemble(whole)[..., 0].cpu().numpy()}
        if dataset.dim <= 2:
            path = measures.orbits(chosen, begin.to(ensemble.device), min(PLAYED_ITERATIONS, self.iterations))
            arrays["orbits"] = path.cpu().numpy()
        if dataset.dim == 2:
            ends = low - SURFACE_MARGIN * (high - low), high + SURFACE_MARGIN * (high - low)
            points = cube.grid(self.resolution, low=ends[0], high=ends[1])
            arrays["extent"] = np.array([*ends, *ends])
        elif dataset.dim > 2 and dataset.count >= 3:
            anchors = dataset.points[0, :3] if dataset.labels is None else dataset.points[0, _classes(dataset)]
            points, spots, extent = cube.plane(anchors, self.resolution)
            arrays |= {"extent": np.array(extent), "spots": spots.numpy(), "anchors": anchors.numpy()}
        else:
            return arrays
        height = measures.loss_at(chosen, points.to(ensemble.device))
        arrays["height"] = height.view(len(shown), self.resolution, self.resolution).cpu().numpy()
        return arrays

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.depth_sweep.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.depth_sweep.hero import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), self.net, self.activation)


def _classes(dataset: Dataset) -> list[int]:
    """The indices of the first images of three classes; 0, 1, 2 where there are fewer than three classes."""
    assert dataset.labels is not None
    first = {label: index for index, label in reversed(list(enumerate(dataset.labels[0].tolist())))}
    return sorted(first.values())[:3] if len(first) >= 3 else [0, 1, 2]
