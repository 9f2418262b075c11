"""The study `step-flatness`: which networks it trains, and how it measures their steps between training points."""

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
from landscape.data import Dataset, DataSpec, dimension
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result
from landscape.studies.parts.data_sets import Need, points_needed
from landscape.studies.parts.grids import net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import SizeGridStudy
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.studies.step_flatness.answer import answer_of
from landscape.studies.step_flatness.claims import claims_of
from landscape.studies.step_flatness.parameters import PAIRED_POINTS, StepFlatnessParameters
from landscape.training import Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

# As a share of the range. On shorter lines the rounding of float32 makes even the identity look like a staircase.
SHORTEST_LINE = 1e-3
MAX_JACOBIAN_NUMBERS = 2**16  # entries of one member's Jacobians; fewer probe points are drawn to stay below it
STRIP_IMAGES = 11  # images kept between two training images, the ends included
RANGE_POINTS = 401  # at which a one-dimensional map is drawn over its range


@dataclass(frozen=True)
class StepFlatness(StepFlatnessParameters, SizeGridStudy):
    """The study of step flatness: what its cells train and measure."""

    version: ClassVar[int] = 4  # one estimand a claim, pooled over its settings; intervals hold with 20 networks
    data_needs: ClassVar[tuple[Need, ...]] = (points_needed(2, "steps lie between pairs of them"),)

    def spec_of(self, name: str) -> DataSpec:
        return self.sets.spec(name, self.count, self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for(self.net, data, hidden, width, activation=self.activation, init=self.init, scale=self.scale)

    def sizes(self, name: str) -> tuple[Sequence[int], Sequence[int]]:
        return (self.image_width, self.image_budget) if self.sets.is_images(name) else (self.width, self.budget)

    def evaluations(self, cell: Cell) -> int:
        lines = self.count if dimension(self.spec(cell)) == 1 else self.lines
        return (
            2 * 8 * lines * self.positions
        )  # trained and untrained; slopes cost three evaluations, and are taken twice

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, untrained, drawn = trained(recipe, site), recipe.untrained(site.device), recipe.dataset()
        dataset = replace(drawn, points=drawn.points.to(site.device))
        start, end = line_ends(dataset, self.lines)
        columns, lines = self._columns(fitted.ensemble, untrained, dataset, start, end)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim)).join(columns)
        controls, per_line = [], [lines.assign(control="none")]
        for name in measures.known_maps.CONTROLS:
            if name != "none":
                map = measures.control(name, dataset, untrained)
                columns, lines = self._columns(map, untrained, dataset, start, end)
                controls.append(control_rows(map, dataset, recipe.fit.tol).join(columns).assign(control=name))
                per_line.append(lines.assign(control=name))
        tables = {
            "members": members,
            "controls": pd.concat(controls, ignore_index=True),
            "lines": pd.concat(per_line, ignore_index=True),
            "curves": fitted.curves,
        }
        shown = shown_members(members, "sharpness")
        return Measured(tables, self._pictures(fitted.ensemble, dataset, start[:, 0], end[:, 0], shown))

    def _columns(
        self, map: measures.Map, untrained: Ensemble, dataset: Dataset, start: Tensor, end: Tensor
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table of all measurements with a row per member, and a table with a row per member and line.

        Lines shorter than SHORTEST_LINE are NaN, and no mean or extreme over lines counts them."""
        probes = min(self.probes, max(8, MAX_JACOBIAN_NUMBERS // dataset.dim**2))
        points = cube.uniform(
            probes, dataset.dim, stream("step-flatness", "probes"), low=dataset.low, high=dataset.high
        )
        kind = measures.behaviour(map, untrained, dataset, points.to(map.device))
        found = measures.local.plateaus_along(map, start, end, self.positions)
        sharp = measures.local.step_sharpness(map, start, end, self.positions)
        dead = (measures.local.slopes_along(_before_squash(map), start, end, self.positions) == 0).float().mean(-1)
        short = torch.linalg.vector_norm(end - start, dim=-1) < SHORTEST_LINE * (dataset.high - dataset.low)
        values = {
            "sharpness": sharp.steepest,
            "largest_slope": sharp.largest,
            "flat_line": found.share,
            "plateaus": found.number.to(dead),
            "run_start": found.width_start,
            "run_end": found.width_end,
            "dead_share": dead,
        }
        read = measures.transfer.on_cpu({name: value.masked_fill(short, torch.nan) for name, value in values.items()})
        members, lines = short.shape
        table = pd.DataFrame({name: value.flatten().numpy() for name, value in read.items()})
        table.insert(0, "member", np.repeat(np.arange(members), lines))
        table.insert(1, "line", np.tile(np.arange(lines), members))
        runs = torch.stack([read.pop("run_start"), read.pop("run_end")], -1)
        columns = {name: value.nanmean(1).numpy() for name, value in read.items()}
        columns["largest_slope"] = _extreme(read["largest_slope"], 1).numpy()
        columns["run_mean"] = runs.nanmean((1, 2)).numpy()
        columns["run_min"] = -_extreme(-runs.flatten(1), 1).numpy()
        return pd.DataFrame(kind.columns() | columns | self._plateaus(map, dataset)), table

    def _plateaus(self, map: measures.Map, dataset: Dataset) -> dict[str, np.ndarray]:
        """The mean and the least width of the plateaus around the training points, as shares of the range: (E,) each.

        NaN in more than one dimension."""
        if dataset.dim > 1:
            nothing = np.full(map.members, np.nan)
            return {"plateau_mean": nothing, "plateau_min": nothing}
        width = measures.local.plateau_width(map, dataset.points, low=dataset.low, high=dataset.high) / (
            dataset.high - dataset.low
        )
        return {"plateau_mean": width.mean(1).cpu().numpy(), "plateau_min": width.amin(1).cpu().numpy()}

    def _pictures(
        self, nets: Ensemble, dataset: Dataset, start: Tensor, end: Tensor, shown: list[int]
    ) -> dict[str, np.ndarray]:
        """Outputs and slopes of every member: over the range in one dimension, else along the line from `start` to `end`.

        On a line an output is its projection onto the line: 0 at the start and 1 at the end. For images, the inputs along
        the line and the first shown member's outputs are kept too."""
        arrays: dict[str, Tensor] = {"shown": torch.tensor(shown)}
        if dataset.dim == 1:
            low, high = torch.full_like(start, dataset.low), torch.full_like(start, dataset.high)
            x = cube.line(low, high, RANGE_POINTS)
            arrays |= {"position": x[0, :, 0], "profile": nets(x)[..., 0], "points": dataset.points[shown[0], :, 0]}
            arrays["slopes"] = measures.local.slopes_along(nets, low, high, RANGE_POINTS)
        else:
            along, x = end - start, cube.line(start, end, self.positions)
            share = ((nets(x) - start[:, None]) * along[:, None]).sum(-1) / along.square().sum(-1, keepdim=True)
            arrays |= {"position": torch.linspace(0, 1, self.positions), "profile": share}
            arrays |= {
                "points": torch.tensor([0.0, 1.0]),
                "slopes": measures.local.slopes_along(nets, start, end, self.positions),
            }
        if len(dataset.shape) == 2:
            between = cube.line(start[shown[:1]], end[shown[:1]], STRIP_IMAGES)
            arrays |= {"strip": between[0], "strip_outputs": nets.select(shown[:1])(between)[0]}
        return {name: value.cpu().numpy() for name, value in arrays.items()}

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.step_flatness.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.step_flatness.panels import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), self.net, self.activation)


def line_ends(dataset: Dataset, lines: int) -> tuple[Tensor, Tensor]:
    """The two ends of every line between training points, for each member: (E, L, D) each.

    In one dimension the lines join neighbouring training points, and `lines` is not used. In more dimensions:

    1. Draw at most PAIRED_POINTS training points, the same ones in every cell of as many points.
    2. Draw at most `lines` pairs of them.
    3. Sort the pairs by their distance for the first member, longest first: the pictures show the first line."""
    if dataset.dim == 1:
        ordered = dataset.points.sort(1).values
        return ordered[:, :-1].contiguous(), ordered[:, 1:].contiguous()
    chosen = (
        torch.randperm(dataset.count, generator=stream("step-flatness", "paired points"))[:PAIRED_POINTS].sort().values
    )
    pairs = torch.combinations(chosen)
    pairs = pairs[torch.randperm(len(pairs), generator=stream("step-flatness", "pairs"))[:lines]]
    lengths = (dataset.points[0, pairs[:, 0]] - dataset.points[0, pairs[:, 1]]).norm(dim=-1)
    pairs = pairs[lengths.cpu().argsort(descending=True, stable=True)]
    return dataset.points[:, pairs[:, 0]], dataset.points[:, pairs[:, 1]]


def _before_squash(map: measures.Map) -> measures.Map:
    """The net without the squash of its output. A control has no squash and is returned as it is."""
    return map.without_squash() if isinstance(map, Ensemble) else map


def _extreme(values: Tensor, dim: int) -> Tensor:
    """The largest value along `dim` without the NaNs; NaN where all values are NaN."""
    largest = values.nan_to_num(nan=-torch.inf, posinf=torch.inf).amax(dim)
    return largest.masked_fill(values.isnan().all(dim), torch.nan)
