"""What studies of small sets of points share: which networks a cell trains, and how."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from landscape.data import DataSpec, dimension
from landscape.nets import Net
from landscape.results import Cell, cell
from landscape.studies.parts.data_sets import DataSets, Need
from landscape.studies.parts.grids import depth_grid
from landscape.studies.parts.point_parameters import SizeGrid, Training
from landscape.studies.parts.training import fit_spec
from landscape.study import Study
from landscape.training import Recipe


@dataclass(frozen=True)
class PointStudy(Training, Study):
    """A study whose cells have `hidden` and `width`, and each train one ensemble on a small set of points.

    A new one supplies `spec` and `make` in place of `recipes`, and the rest of what any study does. It has the parameters
    `data` and `points`, and says in `data_needs` what it needs of its data."""

    data_needs: ClassVar[tuple[Need, ...]] = ()

    @property
    def sets(self) -> DataSets:
        """The data sets of the run."""
        given: Any = self
        return DataSets(self.name, given.data, given.points, self.data_needs)

    @abstractmethod
    def spec(self, cell: Cell) -> DataSpec:
        """The training points of a cell. Raises ValueError for points that the study cannot use."""

    @abstractmethod
    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        """The network of this size for these data."""

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains."""
        data = self.spec(cell)
        net = self.make(data, cell["hidden"], cell["width"])
        return Recipe(net, data, fit_spec(self, stop=self.early_stop), self.seeds)


@dataclass(frozen=True)
class SizeGridStudy(PointStudy, SizeGrid):
    """A study that crosses data, hidden and width, and for every budget gives each depth about that number of parameters.

    A new one supplies `spec_of` and `make` in place of `cells` and `recipes`, and the rest of what any study does."""

    def main(self) -> dict[str, Any]:
        return {"budget": 0} if any(self.budget) else {}

    @abstractmethod
    def spec_of(self, name: str) -> DataSpec:
        """The training points of the data set of this name."""

    def spec(self, cell: Cell) -> DataSpec:
        return self.spec_of(cell["data"])

    def sizes(self, name: str) -> tuple[Sequence[int], Sequence[int]]:
        """The widths and budgets of the networks that are trained on this data set."""
        return self.width, self.budget

    def cells(self) -> Sequence[Cell]:
        return [
            cell(data=name, hidden=hidden, width=width, budget=budget, **self.sets.content(name))
            for name in self.sets.names
            for hidden, width, budget in self._grid(name)
        ]

    def _grid(self, name: str) -> Iterator[tuple[int, int, int]]:
        data = self.spec_of(name)
        return depth_grid(partial(self.make, data), self.hidden, *self.sizes(name), dimension(data))
