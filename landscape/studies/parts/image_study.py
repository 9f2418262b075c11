"""What studies of images and tables share: which data, which networks, and how they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pandas as pd
import torch

from landscape.choices import IMAGE_SETS
from landscape.data import Dataset, DataSpec, at_hand, dimension, held_out, load_data, shape_of
from landscape.nets import make_net
from landscape.results import Cell, cell
from landscape.studies.parts.data_sets import DataSets
from landscape.studies.parts.image_parameters import ALL_CLASSES, GridParameters, ImageParameters
from landscape.studies.parts.training import fit_spec
from landscape.study import Study
from landscape.training import FitSpec, Recipe

# The `budget` is the number of training steps allowed; the members' column `steps` holds the number taken.
SWEPT = ("data", "count", "net", "hidden", "width", "objective", "budget")
CHECKED_BYTES = 2**26  # read of large data, at most, to check them before training
DATA_KEYS = ("data", "count")  # cells with equal values of these have the same training sets


@dataclass(frozen=True)
class ImageStudy(ImageParameters, Study):
    """A study of networks trained on images or tables, some of which are held out.

    A new study supplies what every study supplies. `spec`, `check`, `points` and `content` provide its data."""

    def content(self, data: str) -> dict[str, str]:
        """The digest of a path's content, for the cells of a study with paths: a changed file gives new cells. Else empty."""
        return self.sets.content(data)

    @property
    def sets(self) -> DataSets:
        """The data sets of the run."""
        return DataSets(self.name, self.data)

    def check(self, recipe: Recipe) -> None:
        """Raise ValueError, before anything is trained, if the data cannot be read or are too few.

        At most the first 64 MiB of the data are read. Nothing is downloaded: a published set that is not under the data root
        yet is not checked."""
        if recipe.data.name in IMAGE_SETS and not at_hand(recipe.data.name):
            return
        most = checked(recipe.data)
        load_data(recipe.data, recipe.seeds[:1], most=most)
        try:
            held_out(recipe.data, recipe.seeds[:1], self.reserved, most=most)
        except ValueError as error:
            raise ValueError(f"{error}{self.reserving}") from error

    def leads(self, cell: Cell) -> bool:
        """Whether a cell is the first with its training sets. What does not depend on networks is measured there alone."""
        return cell == next(one for one in self.cells() if all(one[name] == cell[name] for name in DATA_KEYS))

    @property
    def reserving(self) -> str:
        """Words for an error message on what the `reserved` points are for; empty if they are for --held-out alone."""
        return ""

    @property
    def reserved(self) -> int:
        """The number of points that no network is trained on."""
        return self.held_out

    def spec(self, data: str, count: int) -> DataSpec:
        """The training points of a cell."""
        classes = () if self.classes == (ALL_CLASSES,) else self.classes
        return DataSpec(
            count=count, classes=classes, signed=self.output == "tanh", drawn=self.drawn, size=self.size or None,
            grey=self.grey, labelled=self.labelled, **self.sets.identity(data),
        )  # fmt: skip

    def points(self, recipe: Recipe, device: str | torch.device) -> tuple[Dataset, Dataset]:
        """The training points of a recipe and those held out, on the device."""
        held = held_out(recipe.data, recipe.seeds, self.reserved)
        return placed(recipe.dataset(), device), placed(held, device)


@dataclass(frozen=True)
class GridStudy(GridParameters, ImageStudy):
    """A study of data × count × net × hidden × width × objective × steps.

    A new study supplies what every study supplies, except `cells` and `recipes`, which it may extend."""

    def cells(self) -> Sequence[Cell]:
        swept = product(self.sets.names, self.count, self.net, self.hidden, self.width, self.objective, self.steps)
        return [
            cell(
                data=data, count=count, net=net, hidden=hidden, width=width, objective=aim, budget=steps,
                **self.content(data),
            )
            for data, count, net, hidden, width, aim, steps in swept
        ]  # fmt: skip

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        recipe = self.recipe(cell)
        self.check(recipe)
        return [recipe]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains."""
        data = self.spec(cell["data"], cell["count"])
        size = {"hidden": cell["hidden"], "width": cell["width"]}
        net = make_net(cell["net"], shape_of(data), output=self.output, activation=self.activation, **size)
        return Recipe(net, data, self.training(cell["objective"], cell["budget"]), self.seeds)

    def training(self, objective: str, steps: int) -> FitSpec:
        """How networks are trained: without early stopping, as in the paper."""
        return fit_spec(self, steps=steps, stop=False, objective=objective)

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """None, as networks train for all their steps."""
        return []

    def twin(self, recipe: Recipe) -> Recipe:
        """The same recipe on the next training points, as many as before: no point is in both sets."""
        assert recipe.data.count is not None
        return replace(recipe, data=replace(recipe.data, skip=recipe.data.skip + recipe.data.count))


def checked(spec: DataSpec) -> int:
    """The number of points that are loaded to check a data set, so small that a dry run takes little memory."""
    return max(CHECKED_BYTES // (4 * dimension(spec)), 1)


def setting_words(values: Mapping[Any, Any], names: Sequence[str] = SWEPT) -> str:
    """The swept values in words, or those of them in `names`: 'digits, n = 500, 3 hidden, width 200, 10,000 steps'.

    The net is left out if it is an MLP, the objective if it is plain."""
    words = {
        "data": values["data"],
        "count": f"n = {values['count']:,}",
        "net": values["net"],
        "hidden": f"{values['hidden']} hidden",
        "width": f"width {values['width']}",
        "budget": f"{values['budget']:,} steps",
        "objective": values["objective"],
    }
    usual = (("objective", "plain"), ("net", "mlp"))
    shown = [name for name in words if name in names and (name, words[name]) not in usual]
    return ", ".join(words[name] for name in shown)


def placed(dataset: Dataset, device: str | torch.device) -> Dataset:
    """The dataset with its points and labels on the device. Data that all members share stay a single copy."""

    def moved(values: torch.Tensor) -> torch.Tensor:
        return values[:1].to(device).expand_as(values) if values.stride(0) == 0 else values.to(device)

    labels = None if dataset.labels is None else moved(dataset.labels)
    return replace(dataset, points=moved(dataset.points), labels=labels)
