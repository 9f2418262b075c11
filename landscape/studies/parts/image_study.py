"""What studies of images and tables share: which data, which networks, and how they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import torch

from landscape.data import IMAGES, NAMES, Dataset, DataSpec, at_hand, dimension, held_out, load_data, shape_of
from landscape.ensemble import OBJECTIVES, PRECISIONS, SCHEDULES
from landscape.nets import NETS, make_net
from landscape.results import Cell, cell
from landscape.studies.parts.grids import activation_option, keep_option
from landscape.study import Study, option
from landscape.training import FitSpec, Recipe

ALL = "all"
# A budget is the number of steps allowed; the members' column of steps holds those taken.
SWEPT = ("data", "count", "net", "hidden", "width", "objective", "budget")
CHECKED_BYTES = 2**26  # of large data, that are read to check them before training
DATA = ("data", "count")  # of these, what training sets differ by


@dataclass(frozen=True)
class ImageStudy(Study):
    """A study of networks trained on images or tables, of which some are held out.

    A new one supplies what any study does; `spec`, `check`, `points` and `content` serve it with data."""

    data: tuple[str, ...] = option(("digits",), "Images or tables: digits, mnist, fashion-mnist, cifar10 or a path.")
    classes: tuple[str, ...] = option((ALL,), "Classes that are kept, by name or number.")
    count: tuple[int, ...] = option((500,), "Training points.", low=1, high=10_000_000)
    output: str = option("sigmoid", "Squash at the output: the data take its range.", choices=("sigmoid", "tanh"))
    size: int = option(0, "Side that images are cropped and resized to; 0 leaves them as they are.", low=0, high=4096)
    grey: bool = option(False, "Turn images grey.")
    labelled: bool = option(
        False, "Show each image's class in a strip of pixels below it, to be sampled from.", later=True
    )
    drawn: bool = option(False, "Give each member random training points of its own; else all have the first ones.")
    batch: int = option(1000, "Minibatch; all points where they are fewer.", low=1)
    schedule: str = option("constant", "How the learning rate falls.", choices=SCHEDULES)
    precision: str = option("float32", "Of the matrix products in training.", choices=PRECISIONS)
    keep: str = keep_option()
    held_out: int = option(256, "Points that no network is trained on, to compare with.", low=2, high=1_000_000)

    def __post_init__(self) -> None:
        super().__post_init__()
        points = [name for name in self.data if name in NAMES and name != "digits"]
        if points:
            raise ValueError(
                f"`data` must be digits, {', '.join(IMAGES)}, or the path of images or of a table; got {points[0]!r}, a set of "
                "points, which other studies take"
            )

    def content(self, data: str) -> dict[str, str]:
        """The digest of a path's content, as a part of the cells of a study that has paths: changed files are other data."""
        digests = {name: DataSpec(name).digest[:12] for name in (*self.data, data)}
        return {"digest": digests[data]} if any(digests.values()) else {}

    def check(self, recipe: Recipe) -> None:
        """Raise ValueError, before anything is trained, for data that cannot be read, or of which there are too few.

        Of large data only the first points are read, 64 MiB of them. Nothing is downloaded here: a published set that is not
        under the data root yet is not checked."""
        if recipe.data.name in IMAGES and not at_hand(recipe.data.name):
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
        classes = () if self.classes == (ALL,) else self.classes
        return DataSpec(
            data, count, classes=classes, signed=self.output == "tanh", drawn=self.drawn, size=self.size or None,
            grey=self.grey, labelled=self.labelled,
        )  # fmt: skip

    def points(self, recipe: Recipe, device: str | torch.device) -> tuple[Dataset, Dataset]:
        """The training points of a recipe and those held out, on the device."""
        held = held_out(recipe.data, recipe.seeds, self.reserved)
        return placed(recipe.dataset(), device), placed(held, device)


@dataclass(frozen=True)
class GridStudy(ImageStudy):
    """A study of data × count × net × hidden × width × objective × steps.

    A new one supplies what any study does but for `cells` and `recipes`, which it may add to."""

    net: tuple[str, ...] = option(("mlp",), "Architectures.", choices=tuple(NETS))
    hidden: tuple[int, ...] = option((3,), "Hidden layers.", low=1, high=100)
    width: tuple[int, ...] = option((200,), "Units per hidden layer.", low=1, high=10_000)
    activation: str = activation_option()
    objective: tuple[str, ...] = option(("plain",), "What training minimises.", choices=OBJECTIVES)
    strength: float = option(0.1, "Weight or noise of an objective that is not plain.", low=0)
    steps: tuple[int, ...] = option((10_000,), "Adam steps; each number is trained anew.", low=1)
    lr: float = option(1e-3, "Adam's learning rate.", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.count) < 2:
            raise ValueError(f"`count` must be at least 2; got {min(self.count)}")

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
