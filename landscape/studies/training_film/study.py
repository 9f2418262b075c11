"""The study `training-film`: which networks it trains, and what it measures at each snapshot of their weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from landscape import measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result
from landscape.studies.parts.film import Film, film, surfaces
from landscape.studies.parts.grids import counted_cells, net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import PointStudy
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.slices import REGIONS_EVALUATIONS
from landscape.studies.parts.snapshot_steps import snapshot_steps
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.studies.training_film.answer import answer_of
from landscape.studies.training_film.claims import claims_of
from landscape.studies.training_film.parameters import TrainingFilmParameters
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

CONTROLS = ("memoriser", "constant", "identity")
LAST = [
    "fixed",
    "stable",
    "fixed_data",
    "attracting_data",
    "copies",
    "spurious",
    "unsettled",
    "largest_basin",
    "proven",
]


@dataclass(frozen=True)
class TrainingFilmStudy(TrainingFilmParameters, PointStudy):
    """The study of training as a film: what its cells train and measure."""

    version: ClassVar[int] = 2  # kept: of the points that begin to attract in the course of training

    def cells(self) -> Sequence[Cell]:
        return counted_cells(self.sets, self.count, self.dim, self.hidden, self.width)

    def spec(self, cell: Cell) -> DataSpec:
        return self.sets.spec(cell["data"], cell["count"], self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for(self.net, data, hidden, width, activation=self.activation, init=self.init, scale=self.scale)

    def recipe(self, cell: Cell) -> Recipe:
        plain = super().recipe(cell)
        return replace(plain, fit=replace(plain.fit, snapshots=snapshot_steps(self.snapshots, self.steps)))

    def evaluations(self, cell: Cell) -> int:
        at_once = REGIONS_EVALUATIONS + self.starts * self.iterations + self.resolution**2
        return len(snapshot_steps(self.snapshots, self.steps)) * at_once

    def held(self, cell: Cell) -> int:
        recipe = self.recipe(cell)
        weights = recipe.net.parameter_count(dimension(recipe.data))
        return len(recipe.fit.snapshots) * (self.members * weights + self.resolution**2)

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        found = self._film(fitted.snapshots, dataset)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        members = members.join(_columns(found))
        shown = shown_members(members, "stable")[0]
        arrays = surfaces(
            fitted.snapshots,
            dataset.points[shown],
            shown,
            resolution=self.resolution,
            low=dataset.low,
            high=dataset.high,
        )
        controls = []
        for kind in CONTROLS:
            map = measures.control(kind, dataset, recipe.untrained("cpu"))
            rows = _columns(self._film([(0.0, map)], dataset))
            controls.append(control_rows(map, dataset, recipe.fit.tol).join(rows).assign(control=kind))
        tables = {"members": members, "controls": pd.concat(controls, ignore_index=True), "curves": fitted.curves}
        tables["members"] = members.assign(shown=members.member == shown)
        return Measured(tables | found.tables(), arrays)

    def _film(self, snapshots: Sequence[tuple[float, measures.Map]], dataset: Dataset) -> Film:
        return film(
            snapshots,
            dataset.points,
            generator=stream("training-film", "starts"),
            low=dataset.low,
            high=dataset.high,
            starts=self.starts,
            iterations=self.iterations,
        )

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.training_film.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.training_film.panels import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), self.net, self.activation)


def _columns(found: Film) -> pd.DataFrame:
    """A table with a row per member: its moment at the last time, its events, and when its training points began to attract.

    `attracting_at` is the mean time by which a training point first attracts, of those that ever do. `kept` is the share of
    those that begin to attract after the first time and before the last that attract at the last. Both are NaN if there are
    none: a map without a training keeps all that it has, and says nothing."""
    last = found.moments.groupby("member").last().reindex(columns=LAST)
    births = found.events[found.events.event == "birth"].groupby("member").size()
    deaths = found.events[found.events.event == "death"].groupby("member").size()
    ever = found.points[found.points.attracting].groupby(["member", "point"]).time.agg(["min", "max"])
    begun = ever[(ever["min"] > found.points.time.min()) & (ever["min"] < found.points.time.max())]
    return last.assign(
        births=births.reindex(last.index, fill_value=0),
        deaths=deaths.reindex(last.index, fill_value=0),
        attracting_at=ever["min"].groupby("member").mean().reindex(last.index),
        kept=(begun["max"] == found.points.time.max()).groupby("member").mean().reindex(last.index),
    )
