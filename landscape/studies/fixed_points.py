"""Fixed points: all of them, which attract, and which of them iteration and gradient descent end at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from scipy.stats import chisquare, spearmanr
from torch import Tensor

from landscape import cube, measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, load_data
from landscape.ensemble import Ensemble
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.fixed_points_claims import claims_of
from landscape.studies.grids import net_for
from landscape.studies.probes import stream
from landscape.studies.regions import EVALUATED, PIECEWISE
from landscape.studies.summaries import shown_members
from landscape.study import Study, option
from landscape.training import FitSpec, Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square", "uniform")
ENDED = 1e-3  # of the range: an end this near to a fixed point is at it
AROUND = measures.Noise("normal", 0.1)  # about the training points, where gradient descent begins near data
JITTER = measures.Noise("normal", 0.01)  # of Eq. 3, for the density of samples
BOXES = 20  # along each side, in which samples are counted
SAMPLERS = {"iteration": "uniform", "gradient": "standard", "gradient_data": "data"}  # and how their starts are drawn


@dataclass(frozen=True)
class FixedPointsStudy(Study):
    """All fixed points of networks of one and two dimensions, and where the paper's two samplers end among them.

    They are found region by region with an interval test, so that none is missing where a member's `proven` is true."""

    version: ClassVar[int] = 1
    data: tuple[str, ...] = option(("four-points",), "Data sets of one or two dimensions.", choices=SETS)
    count: tuple[int, ...] = option((4, 16, 64), "Points of a uniform set.", low=1, high=100_000)
    dim: int = option(2, "Coordinates of a uniform set.", low=1, high=2)
    hidden: tuple[int, ...] = option((2, 6), "Hidden layers.", low=1, high=100)
    width: tuple[int, ...] = option((50,), "Units per hidden layer.", low=1, high=10_000)
    activation: str = option("relu", "Of the hidden layers.", choices=PIECEWISE)
    steps: int = option(2000, "Adam steps.", low=1)
    lr: float = option(1e-3, "Adam's learning rate.", low=0)
    early_stop: bool = option(False, "Stop a member once its training loss is 1e-6.")
    samples: int = option(400, "Samples per member and sampler.", low=10, high=1_000_000)
    iterations: int = option(200, "Iterations of x ← f(x), and steps of gradient descent (L-BFGS).", low=1)
    resolution: int = option(96, "Points along each side of the pictures.", low=5, high=1001)

    def cells(self) -> Sequence[Cell]:
        return [
            cell(data=data, count=count, hidden=hidden, width=width)
            for data in self.data
            for count in (self.count if data == "uniform" else [load_data(DataSpec(data), (0,)).count])
            for hidden in self.hidden
            for width in self.width
        ]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains."""
        spec = self._spec(cell["data"], cell["count"])
        net = net_for("mlp", spec, cell["hidden"], cell["width"], activation=self.activation, init="torch", scale=1.0)
        return Recipe(net, spec, FitSpec(self.steps, self.lr, stop=self.early_stop), self.seeds)

    def _spec(self, data: str, count: int) -> DataSpec:
        return DataSpec(data, count, self.dim) if data == "uniform" else DataSpec(data)

    def evaluations(self, cell: Cell) -> int:
        return EVALUATED + self.samples * self.iterations * 8  # two gradient samplers, of three evaluations a step

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        finite = torch.tensor([place for place, status in enumerate(members.status) if status != "diverged"])
        nets, points = fitted.ensemble.to("cpu").select(finite), dataset.points[finite]
        low, high = dataset.low, dataset.high
        found = measures.fixed_points(nets, low=low, high=high)
        apart, radius = _apart(points, found), measures.near_radius(points, low, high)
        at_training = apart <= radius[found.member]
        ends = {name: self._ends(nets, points, name, low, high) for name in SAMPLERS}
        ended = {name: _at(found, points, high - low) for name, points in ends.items()}
        columns = _counted(found, at_training, points, radius) | {
            f"{name}_{what}": share
            for name, of in ended.items()
            for what, share in _shares(found, at_training, of).items()
        }
        columns |= self._density(nets, found, ended["iteration"], low, high)
        own = pd.DataFrame({name: value.double().numpy() for name, value in columns.items()}).set_axis(finite.tolist())
        members = members.join(own)
        census = _census(found, apart, at_training, ended, finite)
        chosen = shown_members(members, "fixed")[0]
        place = finite.tolist().index(chosen)
        arrays = self._pictures(nets.select([place]), dataset, chosen) | {
            name: points[place].numpy() for name, points in ends.items()
        }
        return Measured({"members": members, "fixed_points": census, "curves": fitted.curves}, arrays)

    def _ends(self, nets: Ensemble, data: Tensor, sampler: str, low: float, high: float) -> Tensor:
        """Where a sampler's points end, from starts of its own: (E, S, D)."""
        kind, draw = SAMPLERS[sampler], stream(90)
        own, noise = (data, AROUND) if kind == "data" else (None, None)
        begun = measures.starts(kind, nets.members, self.samples, nets.dim, draw, low, high, data=own, noise=noise)
        if sampler == "iteration":
            *_, ends = measures.iterate(nets, begun, self.iterations)
        else:
            *_, ends = measures.descend(nets, begun, self.iterations, method="lbfgs", low=low, high=high)
        return ends

    def _density(
        self, nets: Ensemble, found: measures.FixedPoints, ended: Tensor, low: float, high: float
    ) -> dict[str, Tensor]:
        """How the density of samples compares with exp(−loss), and visits among stable points with equal ones: (E,) each."""
        begun = measures.starts("uniform", nets.members, self.samples, nets.dim, stream(91), low, high)
        *_, samples = measures.iterate(
            nets, begun, self.iterations, noise=JITTER, generator=stream(92), low=low, high=high, clip=True
        )
        middles = (torch.arange(BOXES) + 0.5) / BOXES * (high - low) + low
        grid = torch.cartesian_prod(*[middles] * nets.dim).reshape(-1, nets.dim)
        loss = measures.loss_at(nets, grid)
        place = ((samples - low) / (high - low) * BOXES).long().clamp(0, BOXES - 1)
        box = sum(place[..., axis] * BOXES ** (nets.dim - 1 - axis) for axis in range(nets.dim))
        visits = torch.stack([torch.bincount(one, minlength=len(grid)) for one in torch.as_tensor(box)])
        ranks = [float(spearmanr(-loss[e].numpy(), visits[e].numpy()).statistic) for e in range(nets.members)]
        chances = [_equal_visits(found, ended, e) for e in range(nets.members)]
        return {"density_rank": torch.tensor(ranks), "equal_visits_p": torch.tensor(chances)}

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
        from landscape.studies.fixed_points_panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from claims_of(result)


def _apart(data: Tensor, found: measures.FixedPoints) -> Tensor:
    """Each fixed point's distance to the nearest training point of its member: (F,)."""
    nearest: Tensor = (data.double()[found.member] - found.points[:, None]).norm(dim=-1).amin(-1)
    return nearest


def _counted(found: measures.FixedPoints, at_training: Tensor, data: Tensor, radius: Tensor) -> dict[str, Tensor]:
    """How many fixed points of which kind: (E,) each."""

    def count(chosen: Tensor) -> Tensor:
        return torch.bincount(found.member[chosen], minlength=len(data))

    kinds = {name.replace("-", "_"): count(found.stability == place) for place, name in enumerate(measures.STABILITIES)}
    stable = found.stability == 0
    taken = torch.zeros(data.shape[:2], dtype=torch.bool)
    for e in range(len(data)):  # training points that a stable fixed point is at
        own = found.points[(found.member == e) & stable]
        taken[e] = torch.cdist(data[e].double(), own).amin(1) <= radius[e] if len(own) else False
    return {
        "fixed": count(found.member >= 0),
        **kinds,
        "kinks": count(found.kink),
        "spurious": count(~at_training),
        "spurious_stable": count(~at_training & stable),
        "remembered": taken.double().mean(1),
        "proven": found.proven,
        "index": found.index,
    }


def _at(found: measures.FixedPoints, ends: Tensor, side: float) -> Tensor:
    """Which fixed point each end is at, −1 for none: (E, S)."""
    at = torch.full(ends.shape[:2], -1)
    for e, points in enumerate(ends):
        own = (found.member == e).nonzero()[:, 0]
        if len(own):
            distance, place = torch.cdist(points.double().nan_to_num(torch.inf), found.points[own]).min(1)
            at[e] = torch.where(distance <= ENDED * side, own[place], -1)
    return at


def _shares(found: measures.FixedPoints, at_training: Tensor, at: Tensor) -> dict[str, Tensor]:
    """Shares of the ends of each member: at stable points, at unstable ones, at none; at training points: (E,) each."""
    stable = torch.cat([found.stability == 0, torch.tensor([False])])  # the last, at −1, of ends at none
    training = torch.cat([at_training, torch.tensor([False])])
    return {
        "stable": stable[at].double().mean(1),
        "unstable": ((at >= 0) & ~stable[at]).double().mean(1),
        "nowhere": (at < 0).double().mean(1),
        "training": training[at].double().mean(1),
        "at_memory": (stable[at] & training[at]).double().mean(1),
    }


def _equal_visits(found: measures.FixedPoints, at: Tensor, member: int) -> float:
    """The p of χ² that the stable points of a member are visited alike; NaN with fewer than two."""
    stable = ((found.member == member) & (found.stability == 0)).nonzero()[:, 0]
    visits = torch.tensor([(at[member] == place).sum() for place in stable.tolist()])
    return float(chisquare(visits.numpy()).pvalue) if len(stable) > 1 and visits.sum() else float("nan")


def _census(
    found: measures.FixedPoints, apart: Tensor, at_training: Tensor, ended: dict[str, Tensor], finite: Tensor
) -> pd.DataFrame:
    """A row a fixed point."""
    counts = {
        f"ends_{name}": torch.bincount(at[at >= 0], minlength=len(found.member)).numpy() for name, at in ended.items()
    }
    axes = {f"x{axis + 1}": found.points[:, axis].numpy() for axis in range(found.points.shape[1])}
    return pd.DataFrame(
        {
            "member": finite[found.member].numpy(),
            **axes,
            "stability": [measures.STABILITIES[place] for place in found.stability.tolist()],
            "radius": found.radius.numpy(),
            "kink": found.kink.numpy(),
            "residual": found.residual.numpy(),
            "distance": apart.numpy(),
            "training": at_training.numpy(),
            **counts,
        }
    )
