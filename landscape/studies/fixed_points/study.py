"""Fixed points: all of them, which attract, and which of them iteration and gradient descent end at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr
from torch import Tensor

from landscape import cube, measures
from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.data import Dataset, dimension
from landscape.ensemble import Ensemble
from landscape.results import Cell, Measured, Result
from landscape.studies.fixed_points.claims import claims_of
from landscape.studies.fixed_points.parameters import FixedPointsParameters
from landscape.studies.fixed_points.tables import (
    census_table,
    counts,
    cycle_counts,
    cycles_table,
    equal_visits,
    nearest_training,
    shares_of_ends,
    which_fixed_point,
)
from landscape.studies.parts.grids import counted_cells, counted_spec, net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.orbit_ends import training_radii
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.slices import REGIONS_EVALUATIONS
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import finite_members, shown_members
from landscape.study import Study
from landscape.training import FitSpec, Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

AROUND = measures.Noise("normal", 0.1)  # about the training points, where gradient descent begins near data
JITTER = measures.Noise("normal", 0.01)  # of Eq. 3, for the density of samples
MAPS = ("memoriser", "constant", "identity", "untrained")
SOUGHT = 60  # evaluations of a start of Newton's method, about, an iteration of its period
BOXES = 20  # along each side, in which samples are counted
SAMPLERS = {"iteration": "uniform", "gradient": "standard", "gradient_data": "data"}  # and how their starts are drawn


@dataclass(frozen=True)
class FixedPointsStudy(FixedPointsParameters, Study):
    """The study of fixed points: what its cells train and measure."""

    version: ClassVar[int] = 6  # "at least" and "at most" in claims include their number

    def cells(self) -> Sequence[Cell]:
        return counted_cells(self.data, self.count, self.hidden, self.width)

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains."""
        spec = counted_spec(cell, self.dim)
        net = net_for(
            self.net, spec, cell["hidden"], cell["width"], activation=self.activation, init="torch", scale=1.0
        )
        return Recipe(net, spec, FitSpec(self.steps, self.lr, stop=self.early_stop, keep=self.keep), self.seeds)

    def evaluations(self, cell: Cell) -> int:
        sought = self.starts * SOUGHT * self.periods * (self.periods + 1) // 2
        followed = self.samples * self.iterations * 8  # two gradient samplers, of three evaluations a step
        return REGIONS_EVALUATIONS + sought + followed

    def held(self, cell: Cell) -> int:
        dim = dimension(counted_spec(cell, self.dim))
        return 6 * (self.starts + len(SAMPLERS) * self.samples) * dim**2  # Jacobians in float64, three at once

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
        for kind in MAPS:
            map = measures.control(kind, dataset, recipe.untrained("cpu"))
            rows, *_ = self._columns(map, dataset, torch.arange(map.members))
            controls.append(control_rows(map, dataset, recipe.fit.tol).join(rows).assign(control=kind))
        tables = {"members": members, "fixed_points": census, "cycles": cycles, "curves": fitted.curves}
        return Measured(tables | {"controls": pd.concat(controls, ignore_index=True)}, arrays)

    def _columns(
        self, map: measures.Map, dataset: Dataset, which: Tensor
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Tensor]]:
        """A row a member, a row a fixed point and a row a cycle, whose members are called `which`; the samplers' ends."""
        points, low, high = dataset.points, dataset.low, dataset.high
        ends = {name: self._ends(map, points, name, low, high) for name in SAMPLERS}
        found, cycles = self._found(map, [points, *ends.values()], low, high)
        apart, nearest = nearest_training(points, found)
        at_training = apart <= training_radii(points, low, high)[found.member, nearest]
        ended = {name: which_fixed_point(found, reached, high - low) for name, reached in ends.items()}
        columns = counts(found, at_training, nearest, points.shape[1]) | cycle_counts(cycles)
        for name, of in ended.items():
            shares = shares_of_ends(found, at_training, of)
            columns |= {f"{name}_{what}": share for what, share in shares.items()}
        columns |= self._density(map, found, ended["iteration"], low, high)
        table = pd.DataFrame({name: value.double().numpy() for name, value in columns.items()})
        return table, census_table(found, apart, at_training, ended, which), cycles_table(cycles, which), ends

    def _found(
        self, nets: measures.Map, known: list[Tensor], low: float, high: float
    ) -> tuple[measures.exact.FixedPoints, dict[int, measures.exact.FixedPoints]]:
        """Fixed points, all of them where that can be, and the cycles of each period from 2 that Newton's method finds.

        It starts from random points, and for fixed points at those `known` too, (E, S, D) each."""
        random = measures.starts(
            "uniform", nets.members, self.starts, nets.dim, stream("fixed-points", "newton starts"), low, high
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
        """Where a sampler's points end, from starts of its own: (E, S, D)."""
        kind, draw = SAMPLERS[sampler], stream("fixed-points", "ends")
        own, noise = (data, AROUND) if kind == "data" else (None, None)
        begun = measures.starts(kind, nets.members, self.samples, nets.dim, draw, low, high, data=own, noise=noise)
        if sampler == "iteration":
            *_, ends = measures.iterate(nets, begun, self.iterations)
        else:
            *_, ends = measures.descend(nets, begun, self.iterations, method="lbfgs", low=low, high=high)
        return ends

    def _density(
        self, nets: measures.Map, found: measures.exact.FixedPoints, ended: Tensor, low: float, high: float
    ) -> dict[str, Tensor]:
        """How the density of samples compares with exp(−loss) over boxes of the line or plane, and visits among stable points
        with equal ones: (E,) each."""
        chances = torch.tensor([equal_visits(found, ended, e) for e in range(nets.members)])
        if nets.dim > 2:
            return {"density_rank": torch.full_like(chances, torch.nan), "equal_visits_p": chances}
        begun = measures.starts(
            "uniform", nets.members, self.samples, nets.dim, stream("fixed-points", "density starts"), low, high
        )
        *_, samples = measures.iterate(
            nets,
            begun,
            self.iterations,
            noise=JITTER,
            generator=stream("fixed-points", "density noise"),
            low=low,
            high=high,
            clip=True,
        )
        middles = (torch.arange(BOXES) + 0.5) / BOXES * (high - low) + low
        grid = torch.cartesian_prod(*[middles] * nets.dim).reshape(-1, nets.dim)
        loss = measures.loss_at(nets, grid)
        place = ((samples - low) / (high - low) * BOXES).long().clamp(0, BOXES - 1)
        box = sum(place[..., axis] * BOXES ** (nets.dim - 1 - axis) for axis in range(nets.dim))
        visits = torch.stack([torch.bincount(one, minlength=len(grid)) for one in torch.as_tensor(box)])
        ranks = [
            float(spearmanr(-loss[e].numpy(), visits[e].numpy()).statistic) if loss[e].max() > loss[e].min() else np.nan
            for e in range(nets.members)
        ]  # of the identity every loss is 0
        return {"density_rank": torch.tensor(ranks), "equal_visits_p": chances}

    def _pictures(self, net: Ensemble, dataset: Dataset, shown: int) -> dict[str, np.ndarray]:
        """The map's outputs and losses over the whole range, of the member shown."""
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

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(claims_of(result), self.net, self.activation)
