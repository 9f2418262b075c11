"""The study `regions`: which ReLU networks it trains, and what it measures of their affine pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.claims import Claim
from landscape.data import DataSpec, dimension
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result
from landscape.studies.parts.data_sets import Need, plane_needed, points_needed
from landscape.studies.parts.grids import net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import SizeGridStudy
from landscape.studies.parts.slices import REGIONS_EVALUATIONS, looked_at
from landscape.studies.parts.summaries import finite_members, shown_members
from landscape.studies.regions.answer import answer_of
from landscape.studies.regions.claims import INITIALISED, claims_of
from landscape.studies.regions.parameters import RegionsParameters
from landscape.training import Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

SURFACE_RESOLUTION = 97  # points along each side of a surface of slopes


@dataclass(frozen=True)
class RegionsStudy(RegionsParameters, SizeGridStudy):
    """The study of regions: what its cells train and measure."""

    version: ClassVar[int] = 4  # untrained networks of two initialisations are counted, whatever is trained
    data_needs: ClassVar[tuple[Need, ...]] = (
        points_needed(2, "a network trained on one point is a constant, of one region"),
        plane_needed("networks are cut on the plane through the first three points"),
    )

    def spec_of(self, name: str) -> DataSpec:
        return self.sets.spec(name, self.count, self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for("mlp", data, hidden, width, activation=self.activation, init=self.init, scale=self.scale)

    def evaluations(self, cell: Cell) -> int:
        return REGIONS_EVALUATIONS + 2 * self.resolution**2

    def held(self, cell: Cell) -> int:
        axes = min(dimension(self.spec(cell)), 2)
        values = 4 * cell["width"] + cell["hidden"] * cell["width"] // 4  # two rows of float64, and a byte a unit
        return int(self.resolution**axes * self.members * values)

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        where, _ = looked_at(dataset)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        finite = finite_members(members)
        nets, blank = fitted.ensemble.to("cpu").select(finite), recipe.untrained("cpu")
        found, before = measures.regions(nets, where), measures.regions(blank, where)
        columns = self._columns(nets, found, where).set_axis(finite)
        controls = members[["member"]].assign(control="untrained").join(self._columns(blank, before, where))
        members = members.join(columns).assign(untrained_regions=controls.regions)
        chosen = shown_members(members, "regions")[0]
        tables = {
            "members": members,
            "controls": controls,
            "initialisations": self._initialisations(cell, before, where),
            "curves": fitted.curves,
        }
        place = finite.index(chosen)
        spots = dataset.points[chosen] if dataset.dim <= 2 else looked_at(dataset)[1]
        arrays = _pictures(found, place, chosen, where, spots)
        return Measured(tables, arrays | _surface(nets.select([place]), where))

    def _initialisations(self, cell: Cell, before: measures.exact.Regions, where: cube.Slice) -> pd.DataFrame:
        """A table with a row per member and initialisation of a claim: the number of regions of the untrained network.

        `before` are the regions of the untrained networks of this run."""
        tables = []
        for init in INITIALISED:
            found = before
            if (init, 1.0) != (self.init, self.scale):
                other = replace(self, init=init, scale=1.0).recipe(cell)
                found = measures.regions(other.untrained("cpu"), where)
            counts = torch.bincount(found.member, minlength=len(self.seeds)).numpy()
            tables.append(
                pd.DataFrame({"member": range(len(counts)), "seed": self.seeds, "init": init, "regions": counts})
            )
        return pd.concat(tables, ignore_index=True)

    def _columns(self, nets: Ensemble, found: measures.exact.Regions, where: cube.Slice) -> pd.DataFrame:
        """A table with a row per member: number, slopes and shares of its regions and plateaus."""
        slope, rank, share = found.slope, found.rank, found.share

        def total(of: Tensor) -> np.ndarray:
            sums = torch.zeros(nets.members, dtype=torch.float64)
            return sums.index_add_(0, found.member, share * of).numpy()

        count = torch.bincount(found.member, minlength=nets.members)
        steepest = torch.zeros(nets.members, dtype=torch.float64).scatter_reduce_(0, found.member, slope, "amax")
        member, size = measures.exact.plateaus(found)
        widest = torch.zeros(nets.members, dtype=torch.float64).scatter_reduce_(0, member, size, "amax")
        seen = measures.exact.regions_seen(nets, where.at(where.grid(self.resolution)))
        return pd.DataFrame(
            {
                "regions": count.numpy(),
                "seen_by_grid": (seen / count).numpy(),
                "steepest": steepest.numpy(),
                "mean_slope": total(slope),
                "flat_share": total((slope < measures.local.FLAT).double()),
                "plateau_share": total((rank == 0).double()),
                "rank_one_share": total((rank == 1).double()),
                "plateaus": torch.bincount(member, minlength=nets.members).numpy(),
                "widest_plateau": widest.numpy(),
            }
        )

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.regions.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.regions.hero import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), "mlp", self.activation)


def _surface(net: Ensemble, where: cube.Slice) -> dict[str, np.ndarray]:
    """The largest slope before the squash at each point of a grid over the plane. On a line there is no such array."""
    if len(where.axes) == 1:
        return {}
    slopes = (
        measures.local.jacobian_before_squash(net, where.at(where.grid(SURFACE_RESOLUTION)).float())[0]
        @ where.axes.T.float()
    )
    return {"height": torch.linalg.matrix_norm(slopes, 2).view(SURFACE_RESOLUTION, SURFACE_RESOLUTION).numpy()}


def _pictures(
    found: measures.exact.Regions, place: int, shown: int, where: cube.Slice, spots: Tensor
) -> dict[str, np.ndarray]:
    """The regions of a member with their corners: it has the number `place` in `found`, and `shown` among all members."""
    own = (found.member == place).nonzero()[:, 0]
    begin, end = int(found.begins[own[0]]), int(found.begins[own[-1] + 1])
    vertices, corners = np.unique(found.corners[begin:end].numpy(), return_inverse=True)
    return {
        "shown": np.array(shown),
        "vertices": found.vertices[vertices].numpy(),
        "corners": corners,
        "begins": (found.begins[own[0] : own[-1] + 2] - begin).numpy(),
        "slope": found.slope[own].numpy(),
        "rank": found.rank[own].numpy(),
        "share": found.share[own].numpy(),
        "offset": found.offset[own].numpy(),
        "linear": found.linear[own].numpy(),
        "spots": spots.numpy(),
        "low": where.low.numpy(),
        "high": where.high.numpy(),
    }
