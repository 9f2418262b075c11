"""Basins: which attractor each point of the input space leads to, how soon, and how ragged the borders are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from landscape import cube, measures
from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension
from landscape.ensemble import Ensemble
from landscape.findings import Answer
from landscape.measures.dynamics.attraction import MERGE_DISTANCE
from landscape.nets import Net
from landscape.results import Cell, Measured, Result
from landscape.studies.basins.answer import answer_of
from landscape.studies.basins.claims import claims_of
from landscape.studies.basins.parameters import ZOOM_FACTOR, BasinsParameters
from landscape.studies.basins.tables import borders, completeness, references, remembered, shares, sizes
from landscape.studies.parts.data_sets import Need, plane_needed
from landscape.studies.parts.grids import counted_cells, net_for
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import PointStudy
from landscape.studies.parts.slices import looked_at
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import finite_members, shown_members
from landscape.training import Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

FINE_SIDE = 200  # starts along a side of a portrait; a coarser portrait is made for tests only
REFERENCE_SIDE = 501  # starts along a side on which known maps are measured beside fine portraits, at least
SET_POINTS_DRAWN = 1000  # points of a circle or a chaotic set in a picture, about
SAME_SET_DISTANCE = 0.02  # of a set's extent: an orbit this near to a circle or chaotic set is on it
USUAL_ITERATIONS = 100  # after which an average orbit rests, about
NUMBERS_PER_START = 230  # in memory at once, as measured, beside twelve copies of the start's coordinates


@dataclass(frozen=True)
class BasinsStudy(BasinsParameters, PointStudy):
    """The study of basins: what its cells train and measure."""

    version: ClassVar[int] = 5  # the claim on borders asks for the trend of their exponent with resolution
    data_needs: ClassVar[tuple[Need, ...]] = (plane_needed("a plane of starts goes through the first three points"),)

    def cells(self) -> Sequence[Cell]:
        return counted_cells(self.sets, self.count, self.dim, self.hidden, self.width)

    def spec(self, cell: Cell) -> DataSpec:
        return self.sets.spec(cell["data"], cell["count"], self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for(self.net, data, hidden, width, activation=self.activation, init=self.init, scale=self.scale)

    def evaluations(self, cell: Cell) -> int:
        axes = min(dimension(self.spec(cell)), 2)
        pictures = (1 + self.zooms) * self.portrait**axes / self.members
        return int(min(self.iterations, USUAL_ITERATIONS) * (2 * (self.resolution**axes + self.samples) + pictures))

    def held(self, cell: Cell) -> int:
        dim = dimension(self.spec(cell))
        axes = min(dim, 2)
        return int(max(self.resolution**axes + self.samples, self.portrait**axes) * (12 * dim + NUMBERS_PER_START))

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        finite = finite_members(members)
        columns, listed = self._columns(fitted.ensemble.select(finite), dataset, finite)
        before, _ = self._columns(recipe.untrained(site.device), dataset, list(members.member))
        controls = members[["member"]].assign(control="untrained").join(before)
        members = members.join(columns)
        tables = {"members": members, "controls": controls, "basins": listed, "curves": fitted.curves}
        if cell == self.cells()[0]:
            tables["references"] = references(
                max(self.portrait, REFERENCE_SIDE) if self.portrait >= FINE_SIDE else self.portrait
            )
        shown = shown_members(members, "boundary_entropy")[0]
        return Measured(tables, self._pictures(fitted.ensemble.select([shown]), dataset, shown))

    def _columns(self, nets: Ensemble, dataset: Dataset, which: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table with a row per member, and a table with a row per basin. `which` are the nets' members in the data set."""
        rows, listed = [], []
        side, known = dataset.high - dataset.low, self._fixed_points(nets, dataset)
        for place, member in enumerate(which):
            where, _ = looked_at(dataset, member)
            random = cube.uniform(
                self.samples, dataset.dim, stream("basins", "starts"), low=dataset.low, high=dataset.high
            )
            grid = where.at(where.grid(self.resolution)).float()
            found = self._basins(nets.select([place]), torch.cat([random, grid]), dataset)
            labels, plane = found.label[0].cpu().tensor_split([self.samples])
            own = sizes(found, labels, dataset.points[member], dataset)
            rows.append(
                shares(own, labels, found.rests[0, : self.samples].cpu(), found.time[0, : self.samples].cpu())
                | borders(plane.view((self.resolution,) * len(where.axes)).numpy())
                | completeness(found, known[place] if known else None, side)
            )
            listed.append(own.assign(member=member))
        table = pd.DataFrame(rows).set_axis(which)
        return table, pd.concat(listed, ignore_index=True)

    def _basins(self, net: Ensemble, starts: Tensor, dataset: Dataset) -> measures.dynamics.Attractors:
        return measures.basins(net, starts, self.iterations, low=dataset.low, high=dataset.high)

    def _fixed_points(self, nets: Ensemble, dataset: Dataset) -> list[measures.exact.FixedPoints] | None:
        """All fixed points of each member; None for networks that the exact search does not take."""
        if dataset.dim > 2 or self.net != "mlp" or self.activation not in PIECEWISE_ACTIVATIONS:
            return None
        found = measures.fixed_points(nets, low=dataset.low, high=dataset.high)
        return [found.of(member) for member in range(nets.members)]

    def _pictures(self, net: Ensemble, dataset: Dataset, shown: int) -> dict[str, np.ndarray]:
        """The basins of the member shown, on the whole grid and on ever closer views of the part where most basins meet."""
        where, spots = looked_at(dataset, shown)
        found = self._basins(net, where.at(where.grid(self.portrait)).float(), dataset)
        shape, names = (self.portrait,) * len(where.axes), list(found.sets)
        labels, times = [found.label[0].cpu().view(shape)], [found.time[0].cpu().view(shape)]
        extents, seen = [_extent(where)], where
        for _ in range(self.zooms):
            seen = zoomed(seen, labels[-1].numpy())
            closer = self._basins(net, seen.at(seen.grid(self.portrait)).float(), dataset)
            same, names = _named(closer, names, dataset.high - dataset.low)
            labels.append(same.cpu().view(shape))
            times.append(closer.time[0].cpu().view(shape))
            extents.append(_extent(seen))
        ends = torch.stack([*(one[0].cpu() for one in names), torch.zeros(dataset.dim, dtype=torch.float64)])[:-1]
        with torch.no_grad():
            outputs = net(where.at(where.grid(self.portrait)).float()[None].to(net.device))[0].cpu()
        return {
            "shown": np.array(shown),
            "labels": torch.stack(labels).to(torch.int16).numpy(),
            "times": torch.stack(times).to(torch.int32).numpy(),
            "extents": np.stack(extents),
            "attractors": ends.numpy(),
            "memory": remembered(ends, dataset.points[shown], dataset).numpy(),
            "sets": torch.cat([_thinned(one) for one in (*names, ends[:0])]).numpy(),
            "set_of": np.repeat(np.arange(len(names)), [len(_thinned(one)) for one in names]),
            "spots": spots.numpy(),
            "outputs": outputs.numpy() if dataset.dim == 1 else np.zeros((0, 1)),
        }

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.basins.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.basins.panels import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(of_data(claims_of, result), self.net, self.activation)


def zoomed(seen: cube.Slice, labels: np.ndarray) -> cube.Slice:
    """The part of a slice, with an eighth of its sides, in which most starts lie beside a start with another label."""
    border = np.zeros(labels.shape)
    for axis in range(labels.ndim):
        apart = np.diff(labels, axis=axis) != 0
        border += np.pad(apart, [(0, int(axis == other)) for other in range(labels.ndim)])
    dense = uniform_filter(border, max(labels.shape[0] // ZOOM_FACTOR, 1), mode="constant")
    best = np.unravel_index(int(dense.argmax()), labels.shape)[::-1]  # rows are the last coordinate
    side = (seen.high - seen.low) / ZOOM_FACTOR
    middle = seen.low + torch.tensor(best, dtype=torch.float64) / (labels.shape[0] - 1) * (seen.high - seen.low)
    middle = torch.minimum(torch.maximum(middle, seen.low + side / 2), seen.high - side / 2)
    return cube.Slice(seen.origin, seen.axes, middle - side / 2, middle + side / 2)


def _extent(seen: cube.Slice) -> np.ndarray:
    """The ends of each axis in turn, low before high."""
    return torch.stack([seen.low, seen.high], 1).flatten().numpy()


def _named(found: measures.dynamics.Attractors, names: list[Tensor], side: float) -> tuple[Tensor, list[Tensor]]:
    """The labels (S,) of a closer view as indices into `names`, and `names` with the view's new attractors added.

    `names` are the points of the attractors in earlier views. `_same` decides which attractors are the same."""
    label, names = found.label[0], list(names)
    places = []
    for points in found.sets:
        same = [place for place, known in enumerate(names) if _same(points.cpu(), known.cpu(), side)]
        places.append(same[0] if same else len(names))
        names += [] if same else [points]
    of = torch.tensor([*places, 0], device=label.device)
    return torch.where(label >= 0, of[label.clamp_min(0)], label), names


def _same(points: Tensor, known: Tensor, side: float) -> bool:
    """Whether two attractors are the same.

    Fixed points and cycles are the same if they have equally many points, and these agree to 1e-6 of the range. Circles and
    chaotic sets are the same if 90 % of the points of the first are within 2 % of the second's extent of a point of it."""
    if max(len(points), len(known)) <= measures.dynamics.LONGEST_CYCLE:
        return len(points) == len(known) and bool(torch.cdist(points, known).amin(1).amax() <= MERGE_DISTANCE * side)
    if min(len(points), len(known)) <= measures.dynamics.LONGEST_CYCLE:
        return False
    points, known = _thinned(points), _thinned(known)
    extent = float((known.amax(0) - known.amin(0)).amax())
    return bool(torch.cdist(points, known).amin(1).quantile(0.9) <= SAME_SET_DISTANCE * extent)


def _thinned(points: Tensor) -> Tensor:
    """Points of an attractor, thinned to one or two thousand at most, in float64 on the CPU."""
    return points[:: max(len(points) // SET_POINTS_DRAWN, 1)].double().cpu()
