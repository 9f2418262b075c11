"""What studies of images and tables share: which data, which networks, and how they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import torch

from landscape.choices import IMAGE_SETS
from landscape.data import Dataset, DataSpec, at_hand, dimension, held_out, load_data, shape_of
from landscape.nets import make_net
from landscape.results import Cell, cell
from landscape.studies.parts.image_parameters import ALL_CLASSES, GridParameters, ImageParameters
from landscape.study import Study
from landscape.training import FitSpec, Recipe

# A budget is the number of steps allowed; the members' column of steps holds those taken.
SWEPT = ("data", "count", "net", "hidden", "width", "objective", "budget")
CHECKED_BYTES = 2**26  # of large data, that are read to check them before training
DATA = ("data", "count")  # of these, what training sets differ by


@dataclass(frozen=True)
class ImageStudy(ImageParameters, Study):
    """A study of networks trained on images or tables, of which some are held out.

    A new one supplies what any study does; `spec`, `check`, `points` and `content` serve it with data."""

    def content(self, data: str) -> dict[str, str]:
        """The digest of a path's content, as a part of the cells of a study that has paths: changed files are other data."""
        digests = {name: DataSpec(name).digest[:12] for name in (*self.data, data)}
        return {"digest": digests[data]} if any(digests.values()) else {}

    def check(self, recipe: Recipe) -> None:
        """Raise ValueError, before anything is trained, for data that cannot be read, or of which there are too few.

        Of large data only the first points are read, 64 MiB of them. Nothing is downloaded here: a published set that is not
        under the data root yet is not checked."""
        if recipe.data.name in IMAGE_SETS and not at_hand(recipe.data.name):
            return
        most = checked(recipe.data)
        load_data(recipe.data, recipe.seeds[:1], most=most)
        try:
            held_out(recipe.data, recipe.seeds[:1], self.reserved, most=most)
        except ValueError as error:
            raise ValueError(f"{error}{self.reserving}") from error

    def leads(self, cell: Cell) -> bool:
        """Whether a cell is the first of its training sets: what does not depend on networks is in that one."""
        return cell == next(one for one in self.cells() if all(one[name] == cell[name] for name in DATA))

    @property
    def reserving(self) -> str:
        """For messages: what the `reserved` points are for, if not for --held-out alone; else empty."""
        return ""

    @property
    def reserved(self) -> int:
        """How many points no network is trained on."""
        return self.held_out

    def spec(self, data: str, count: int) -> DataSpec:
        """The training points of a cell."""
        classes = () if self.classes == (ALL_CLASSES,) else self.classes
        return DataSpec(
            data, count, classes=classes, signed=self.output == "tanh", drawn=self.drawn, size=self.size or None,
            grey=self.grey, labelled=self.labelled,
        )  # fmt: skip

    def points(self, recipe: Recipe, device: str | torch.device) -> tuple[Dataset, Dataset]:
        """The training points of a recipe and those held out, on the device."""
        held = held_out(recipe.data, recipe.seeds, self.reserved)
        return placed(recipe.dataset(), device), placed(held, device)


@dataclass(frozen=True)
class GridStudy(GridParameters, ImageStudy):
    """A study of data × count × net × hidden × width × objective × steps.

    A new one supplies what any study does but for `cells` and `recipes`, which it may add to."""

    def cells(self) -> Sequence[Cell]:
        swept = product(self.data, self.count, self.net, self.hidden, self.width, self.objective, self.steps)
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
        """How networks are trained: for all the steps, as the paper does."""
        return FitSpec(
            steps, self.lr, self.batch, stop=False, schedule=self.schedule, objective=objective,
            strength=self.strength, precision=self.precision, keep=self.keep,
        )  # fmt: skip

    def twin(self, recipe: Recipe) -> Recipe:
        """The same on as many other training points, the next ones: no point is in both."""
        assert recipe.data.count is not None
        return replace(recipe, data=replace(recipe.data, skip=recipe.data.skip + recipe.data.count))


def checked(spec: DataSpec) -> int:
    """The number of points that are loaded to check a data set: so few that a dry run takes little memory."""
    return max(CHECKED_BYTES // (4 * dimension(spec)), 1)


def setting_words(values: Mapping[Any, Any], names: Sequence[str] = SWEPT) -> str:
    """'digits, n = 500, 3 hidden, width 200, 10,000 steps': the swept values by name, or some; the usual net and objective are
    not named."""
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
    """The dataset with its points and labels on the device; what all members share stays one copy."""

    def moved(values: torch.Tensor) -> torch.Tensor:
        return values[:1].to(device).expand_as(values) if values.stride(0) == 0 else values.to(device)

    labels = None if dataset.labels is None else moved(dataset.labels)
    return replace(dataset, points=moved(dataset.points), labels=labels)
