"""The study `corners`: which networks it trains, and how it measures their loss at the corners of the cube and between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch

from landscape import cube, measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.nets import make_net
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.corners.answer import answer_of
from landscape.studies.corners.claims import SPREAD_COUNT, claims_of
from landscape.studies.corners.parameters import CornersParameters
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.studies.parts.training import fit_spec
from landscape.study import Study
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

SHELL_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # max-norm distances from the centre, in half sides of the cube
MAX_DIM_OF_CONTROLS = 20  # above it only the trained nets' 2^D corners are enumerated, which already takes minutes
MAX_JACOBIAN_NUMBERS = 2**18  # entries of one member's Jacobians, 1 MB; fewer probe points are drawn to stay below it
LINE_POINTS = 401  # at which a one-dimensional map is drawn
MAX_MARKERS = 128  # training points kept beside a surface


@dataclass(frozen=True)
class Corners(CornersParameters, Study):
    """The study of corners: the networks of each cell, and their measurements."""

    version: ClassVar[int] = 5  # each claim is one estimand over all settings; C8b is a claim of its own

    def cells(self) -> Sequence[Cell]:
        pairs = [(count, self.spread[0]) for count in self.count]
        if len(self.spread) > 1:
            pairs = list(dict.fromkeys([*pairs, *((SPREAD_COUNT, spread) for spread in self.spread)]))
        return [
            cell(hidden=hidden, dim=dim, count=count, spread=spread)
            for hidden in self.hidden
            for dim in self.dim
            for count, spread in pairs
        ]

    def main(self) -> dict[str, Any]:
        return {"spread": self.spread[0]} if len(self.spread) > 1 else {}

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """The net, the data, the training and the seeds of this cell."""
        return Recipe(
            make_net(self.net, (cell["dim"],), hidden=cell["hidden"], width=self.width, activation=self.activation),
            DataSpec("uniform", count=cell["count"], dim=cell["dim"], spread=cell["spread"]),
            fit_spec(self, stop=self.early_stop),
            self.seeds,
        )

    def evaluations(self, cell: Cell) -> int:
        dim, maps = int(cell["dim"]), len(measures.known_maps.CONTROLS)
        corners: int = 2**dim * (maps if dim <= MAX_DIM_OF_CONTROLS else 1)
        return corners + maps * (
            self.cube_points + self.search_points + (len(SHELL_EDGES) - 1) * self.shell_points + self.probes
        )

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, untrained = trained(recipe, site), recipe.untrained(site.device)
        drawn = recipe.dataset()
        dataset = replace(drawn, points=drawn.points.to(site.device))
        members = members_table(recipe, fitted).join(self._columns(fitted.ensemble, untrained, dataset, True))
        controls, shells = [], [self._shells("none", fitted.ensemble)]
        for name in measures.known_maps.CONTROLS:
            if name != "none":
                map = measures.control(name, dataset, untrained)
                columns = self._columns(map, untrained, dataset, dataset.dim <= MAX_DIM_OF_CONTROLS)
                controls.append(control_rows(map, dataset, recipe.fit.tol).join(columns).assign(control=name))
                shells.append(self._shells(name, map))
        tables = {
            "members": members,
            "controls": pd.concat(controls, ignore_index=True),
            "shells": pd.concat(shells, ignore_index=True),
            "curves": fitted.curves,
        }
        shown = shown_members(members, "corner_maximum")
        return Measured(tables, self._pictures(fitted.ensemble, dataset, shown))

    def _columns(self, map: measures.Map, untrained: Ensemble, dataset: Dataset, corners: bool) -> pd.DataFrame:
        """A table of all measurements with a row per member, taken at the same random points for every map.

        Without `corners` the corner losses are NaN."""
        probes = min(self.probes, max(8, MAX_JACOBIAN_NUMBERS // dataset.dim**2))
        kind = measures.behaviour(
            map, untrained, dataset, cube.uniform(probes, dataset.dim, stream("corners", "probes")).to(map.device)
        )
        mean, error = measures.local.cube_mean(map, self.cube_points, generator=stream("corners", "cube mean"))
        seeds, nothing = None, torch.full((map.members,), torch.nan)
        maximum, average = nothing, nothing
        if corners:
            found = measures.corner_loss(map)
            maximum, average, seeds = found.maximum, found.mean, found.top
        highest, _ = measures.cube_maximum(
            map, generator=stream("corners", "cube maximum"), samples=self.search_points, seeds=seeds
        )
        columns = {
            "corner_maximum": maximum.tolist(),
            "corner_mean": average.tolist(),
            "cube_mean": mean.tolist(),
            "cube_mean_error": error.tolist(),
            "cube_maximum": highest.tolist(),
            "maximum_ratio": _ratio(highest.cpu(), maximum.cpu()).tolist(),
        }
        return pd.DataFrame(columns | {key: value for key, value in kind.columns().items() if key not in columns})

    def _shells(self, name: str, map: measures.Map) -> pd.DataFrame:
        """A table with a row per member and shell: the shell's edges, and the mean loss in it."""
        loss = (
            measures.local.shell_loss(
                map, torch.tensor(SHELL_EDGES), self.shell_points, generator=stream("corners", "shells")
            )
            .cpu()
            .numpy()
        )
        members, shells = loss.shape
        return pd.DataFrame(
            {
                "control": name,
                "member": np.repeat(np.arange(members), shells),
                "shell": np.tile(np.arange(shells), members),
                "inner": np.tile(SHELL_EDGES[:-1], members),
                "outer": np.tile(SHELL_EDGES[1:], members),
                "shell_mean": loss.ravel(),
            }
        )

    def _pictures(self, nets: Ensemble, dataset: Dataset, shown: list[int]) -> dict[str, np.ndarray]:
        """Arrays for the pictures of the members `shown`: maps in one dimension, loss surfaces in two, nothing in more.

        With them the first training points of each member."""
        if dataset.dim > 2:
            return {}
        chosen, markers = nets.select(shown), dataset.points[shown, :MAX_MARKERS].cpu().numpy()
        arrays = {"shown": np.array(shown), "markers": markers}
        if dataset.dim == 1:
            x = torch.linspace(dataset.low, dataset.high, LINE_POINTS)
            whole = x[:, None].expand(len(shown), LINE_POINTS, 1).to(nets.device)
            return arrays | {"map_x": x.numpy(), "map_y": chosen(whole)[..., 0].cpu().numpy()}
        height = measures.loss_at(chosen, cube.grid(self.resolution).to(nets.device))
        return arrays | {"height": height.view(len(shown), self.resolution, self.resolution).cpu().numpy()}

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.corners.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.corners.panels import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(claims_of(result), self.net, self.activation)


def _ratio(numerator: torch.Tensor, denominator: torch.Tensor) -> torch.Tensor:
    """The ratio; 1 where both numbers are zero, as the losses of the identity are."""
    return torch.where((numerator == 0) & (denominator == 0), torch.ones_like(numerator), numerator / denominator)
