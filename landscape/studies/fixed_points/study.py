"""Fixed points: where they are, which of them attract, and where iteration and gradient descent end among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.fixed_points.answer import answer_of
from landscape.studies.fixed_points.claims import claims_of
from landscape.studies.fixed_points.parameters import FixedPointsParameters
from landscape.studies.fixed_points.tables import (
    census_table,
    counts,
    cycle_counts,
    cycles_table,
    displaced_memories,
    memory_radii,
    nearest_training,
    shares_of_ends,
    visits_excess,
    which_fixed_point,
)
from landscape.studies.parts.grids import counted_cells, net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import PointStudy
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.slices import REGIONS_EVALUATIONS
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import finite_members, shown_members
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

NEAR_DATA_NOISE = measures.Noise("normal", 0.1)  # added to training points, where gradient descent starts near the data
SAMPLING_NOISE = measures.Noise("normal", 0.01)  # added after every iteration (Eq. 3), for the density of samples
CONTROLS = ("memoriser", "constant", "identity", "untrained")
NEWTON_EVALUATIONS = 60  # by Newton's method, per start and iteration of the period, about
SAMPLERS = {"iteration": "uniform", "gradient": "standard", "gradient_data": "data"}  # each with the kind of its starts


@dataclass(frozen=True)
class FixedPointsStudy(FixedPointsParameters, PointStudy):
    """The study of fixed points: what its cells train and measure."""

    version: ClassVar[int] = 7  # claims are pooled over settings; displaced memories; the temperature of samples

    def cells(self) -> Sequence[Cell]:
        return [
            cell(**dict(one.values), longer=factor)
            for one in counted_cells(self.sets, self.count, self.dim, self.hidden, self.width)
            for factor in (self.longer if self.sets.counted(one["data"]) else self.longer[:1])
        ]

    def recipe(self, cell: Cell) -> Recipe:
        recipe = super().recipe(cell)
        return replace(recipe, fit=replace(recipe.fit, steps=self.steps * cell["longer"]))

    def spec(self, cell: Cell) -> DataSpec:
        return self.sets.spec(cell["data"], cell["count"], self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for(self.net, data, hidden, width, activation=self.activation, init="torch", scale=1.0)

    def evaluations(self, cell: Cell) -> int:
        sought = self.starts * NEWTON_EVALUATIONS * self.periods * (self.periods + 1) // 2
        followed = (
            self.samples * self.iterations * (2 * 3 + 2)
        )  # 3 in each step of 2 descents, 1 in that of 2 iterations
        return REGIONS_EVALUATIONS + sought + followed

    def held(self, cell: Cell) -> int:
        dim = dimension(self.spec(cell))
        return 6 * (self.starts + len(SAMPLERS) * self.samples) * dim**2  # three Jacobians at once, in float64

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        finite = finite_members(members)
        nets, data = fitted.ensemble.to("cpu").select(finite), replace(dataset, points=dataset.points[finite])
        columns, census, cycles, ends = self._columns(nets, data, torch.tensor(finite))
        members = members.join(columns.set_axis(finite))
        chosen = shown_members(members, "fixed")[0]
        place = finite.index(chosen)
        arrays = self._pictures(nets.select([place]), dataset, chosen) if dataset.dim <= 2 else {}
        arrays |= {name: points[place].numpy() for name, points in ends.items()}
        controls = []
        for kind in CONTROLS:
            map = measures.control(kind, dataset, recipe.untrained("cpu"))
            rows, *_ = self._columns(map, dataset, torch.arange(map.members))
            controls.append(control_rows(map, dataset, recipe.fit.tol).join(rows).assign(control=kind))
        tables = {"members": members, "fixed_points": census, "cycles": cycles, "curves": fitted.curves}
        return Measured(tables | {"controls": pd.concat(controls, ignore_index=True)}, arrays)

    def _columns(
        self, map: measures.Map, dataset: Dataset, which: Tensor
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Tensor]]:
        """Tables with a row per member, per fixed point and per cycle; the samplers' ends. `which` are the members' numbers."""
        points, low, high = dataset.points, dataset.low, dataset.high
        ends = {name: self._ends(map, points, name, low, high) for name in SAMPLERS}
        found, cycles = self._found(map, [points, *ends.values()], low, high)
        apart, nearest = nearest_training(points, found)
        radii = memory_radii(points, low, high)
        at_training = apart <= radii[found.member, nearest]
        displaced = displaced_memories(points, found, apart, nearest, radii)
        ended = {name: which_fixed_point(found, reached, high - low) for name, reached in ends.items()}
        columns = counts(found, at_training, displaced, nearest, points.shape[1]) | cycle_counts(cycles)
        for name, of in ended.items():
            shares = shares_of_ends(found, at_training, of)
            columns |= {f"{name}_{what}": share for what, share in shares.items()}
        columns |= {"visits_excess": visits_excess(found, ended["iteration"]), **self._density(map, low, high)}
        table = pd.DataFrame({name: value.double().numpy() for name, value in columns.items()})
        return (
            table,
            census_table(found, apart, at_training, displaced, ended, which),
            cycles_table(cycles, which),
            ends,
        )

    def _found(
        self, nets: measures.Map, known: list[Tensor], low: float, high: float
    ) -> tuple[measures.exact.FixedPoints, dict[int, measures.exact.FixedPoints]]:
        """The fixed points, and the cycles of each period from 2 on.

        The fixed points of ReLU networks in one or two dimensions are searched for region by region. Otherwise, and for cycles,
        Newton's method starts from random points; for fixed points it also starts from the points `known`, (E, S, D) each."""
        random = measures.starts(
            "uniform",
            nets.members,
            self.starts,
            nets.dim,
            generator=stream("fixed-points", "newton starts"),
            low=low,
            high=high,
        )
        if (
            isinstance(nets, Ensemble)
            and nets.dim <= 2
            and self.net == "mlp"
            and self.activation in PIECEWISE_ACTIVATIONS
        ):
            found = measures.fixed_points(nets, low=low, high=high)
        else:
            begun = torch.cat([random, *known], 1).nan_to_num(low, high, low)
            found = measures.periodic_points(nets, begun, low=low, high=high)
        periods = range(2, self.periods + 1)
        return found, {p: measures.periodic_points(nets, random, p, low=low, high=high) for p in periods}

    def _ends(self, nets: measures.Map, data: Tensor, sampler: str, low: float, high: float) -> Tensor:
        """Where a sampler ends, from the kind of starts that SAMPLERS gives it: (E, S, D)."""
        kind, draw = SAMPLERS[sampler], stream("fixed-points", "ends")
        own, noise = (data, NEAR_DATA_NOISE) if kind == "data" else (None, None)
        begun = measures.starts(
            kind, nets.members, self.samples, nets.dim, generator=draw, low=low, high=high, data=own, noise=noise
        )
        if sampler == "iteration":
            *_, ends = measures.iterate(nets, begun, self.iterations)
        else:
            *_, ends = measures.descend(nets, begun, self.iterations, method="lbfgs", low=low, high=high)
        return ends

    def _density(self, nets: measures.Map, low: float, high: float) -> dict[str, Tensor]:
        """How the states of Eq. 3 are distributed on the line or in the plane: (E,) each; NaN in more dimensions.

        `beta`: the inverse temperature at which exp(−β‖x − f(x)‖²) fits them best. `density_excess`: their total variation
        from that density over boxes, less what as many exact draws have on average."""
        if nets.dim > 2:
            none = torch.full((nets.members,), torch.nan)
            return {"beta": none, "density_excess": none}
        begun = measures.starts(
            "uniform",
            nets.members,
            self.samples,
            nets.dim,
            generator=stream("fixed-points", "density starts"),
            low=low,
            high=high,
        )
        *_, samples = measures.iterate(
            nets,
            begun,
            self.iterations,
            noise=SAMPLING_NOISE,
            generator=stream("fixed-points", "density noise"),
            low=low,
            high=high,
            clip=True,
        )
        fitted = measures.dynamics.loss_density(nets, samples, low=low, high=high)
        return {"beta": fitted.beta, "density_excess": fitted.excess}

    def _pictures(self, net: Ensemble, dataset: Dataset, shown: int) -> dict[str, np.ndarray]:
        """The outputs and losses of the member shown, over the whole range."""
        where = cube.whole(dataset.dim, low=dataset.low, high=dataset.high)
        grid = where.grid(self.resolution).float()
        with torch.no_grad():
            out = net(grid[None])[0]
        return {
            "shown": np.array(shown),
            "grid": grid.numpy(),
            "outputs": out.numpy(),
            "loss": (out - grid).square().mean(-1).numpy(),
            "spots": dataset.points[shown].numpy(),
            "low": np.array(dataset.low),
            "high": np.array(dataset.high),
        }

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.fixed_points.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.fixed_points.pictures import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), self.net, self.activation)
