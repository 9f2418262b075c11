"""The study `injective-kaleidoscope`: which networks it trains, and what it measures of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension, held_out
from landscape.ensemble import TOL, Ensemble
from landscape.findings import Answer
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.injective_kaleidoscope.answer import answer_of
from landscape.studies.injective_kaleidoscope.claims import END_OF_TRAINING, claims_of
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, InjectiveKaleidoscopeParameters
from landscape.studies.injective_kaleidoscope.sizes import matched_widths, net_of_layers
from landscape.studies.parts.comparison import Comparison
from landscape.studies.parts.courses import levels
from landscape.studies.parts.data_sets import DataSets, Need, points_needed
from landscape.studies.parts.image_study import placed
from landscape.studies.parts.orbit_ends import training_radii
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.training import fit_spec
from landscape.study import Study
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

CONTROLS = ("untrained", "identity", "constant", "memoriser")
JACOBIAN_NUMBERS = 2**20  # in one member's Jacobians at the probes, at most; fewer probes are drawn to stay below it
MOST_FULL_DIM = 128  # beyond it no whole Jacobian is decomposed, and the least singular values are NaN
LINE_POINTS = 801  # of the range, at which a map of the line is drawn
IMAGES_SHOWN = 8  # training images, and samples, of each member
MEMORISED = "memo_"  # prefix of the columns on the memorisation of images
ENDS_TO_PROBES = 4  # Jacobians are computed at so many times fewer ends of orbits than probes, where D is large
matched = cache(matched_widths)


@dataclass(frozen=True)
class InjectiveKaleidoscope(InjectiveKaleidoscopeParameters, Study):
    """The study of injective layers: what its cells train and measure."""

    version: ClassVar[int] = 1
    data_needs: ClassVar[tuple[Need, ...]] = (
        points_needed(2, "layers that merge points are compared with layers that cannot"),
    )
    needs: ClassVar[tuple[str, ...]] = ("sklearn",)  # classes of images

    def cells(self) -> Sequence[Cell]:
        return [
            cell(
                data=name, layers=layers, hidden=hidden, budget=budget, band=band,
                width=matched(self.spec(name), hidden, budget)[layers], **self.sets.content(name),
            )
            for name in self.sets.names
            for band, budget, hidden, layers in product(*self._sizes(name), self.layers)
        ]  # fmt: skip

    @property
    def sets(self) -> DataSets:
        """The data sets of the run."""
        return DataSets(self.name, self.data, self.points, self.data_needs)

    def _sizes(self, name: str) -> tuple[Sequence[float], Sequence[int], Sequence[int]]:
        """The bands, budgets and depths of the networks that are trained on this data set."""
        image = self.image_band, self.image_budget, self.image_hidden
        return image if self.sets.is_images(name) else (self.band, self.budget, self.hidden)

    def spec(self, name: str) -> DataSpec:
        """The training points of a data set. Each member has images of its own."""
        if self.sets.is_images(name):
            return DataSpec(count=self.image_count, drawn=True, **self.sets.identity(name))
        return self.sets.spec(name, self.count, self.dim)

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains: until the training loss of its band is reached, or for all steps."""
        data, band = self.spec(cell["data"]), cell["band"]
        net = net_of_layers(
            cell["layers"], data, cell["hidden"], cell["width"], activation=self.activation, slope=self.slope
        )
        until = {"stop": False} if band == END_OF_TRAINING else {"tol": band}
        steps = self.image_steps if self.sets.is_images(cell["data"]) else self.steps
        return Recipe(net, data, fit_spec(self, steps=steps, **until), self.seeds)

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """The training losses that networks should reach: their bands, or TOL where they are trained for all steps."""
        return sorted({TOL if band == END_OF_TRAINING else float(band) for band in members["band"]})

    def evaluations(self, cell: Cell) -> int:
        dim = dimension(self.spec(cell["data"]))
        return 2 * (self.iterations * self.samples + 4 * dim * self._probed(dim))  # trained and untrained

    def _probed(self, dim: int) -> int:
        return max(8, min(self.probes, JACOBIAN_NUMBERS // dim**2))

    def leads(self, cell: Cell) -> bool:
        """Whether a cell is the first on its data. What does not depend on networks is measured there alone."""
        return cell == next(one for one in self.cells() if one["data"] == cell["data"])

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        training = placed(recipe.dataset(), site.device)  # first, so that wrong data fail at once
        against = self._held_out(recipe, training, site) if self.sets.is_images(cell["data"]) else None
        fitted, untrained = trained(recipe, site), recipe.untrained(site.device)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(training.dim))
        members = members.join(self._local(fitted.ensemble, training))
        members = members.join(self._orbits(fitted.ensemble, training, against, fitted.losses))
        if cell["layers"] == INJECTIVE:
            proven = measures.transfer.on_cpu(vars(measures.one_to_one(fitted.ensemble)))
            members = members.assign(**{f"one_to_one_{name}": value.numpy() for name, value in proven.items()})
        leads, controls = self.leads(cell), []
        for kind in CONTROLS if leads else CONTROLS[:1]:
            map = measures.control(kind, training, untrained)
            rows = control_rows(map, training, recipe.fit.tol)
            losses = torch.tensor(rows.loss.to_numpy())
            rows = rows.join(self._local(map, training)).assign(control=kind)
            controls.append(rows.join(self._orbits(map, training, against, losses)) if leads else rows)
        tables = {"members": members, "controls": pd.concat(controls, ignore_index=True), "curves": fitted.curves}
        return Measured(tables, self._pictures(fitted.ensemble, training))

    def _held_out(self, recipe: Recipe, training: Dataset, site: Site) -> Comparison:
        kept = placed(held_out(recipe.data, recipe.seeds, self.held_out), site.device)
        return Comparison.of(training, kept, self.held_out)

    def _local(self, map: measures.Map, training: Dataset) -> pd.DataFrame:
        """What the map does near random inputs and near its training points: a table with a row per member."""
        low, high, dim = training.low, training.high, training.dim
        probes = cube.uniform(
            self._probed(dim), dim, stream("injective-kaleidoscope", "probes"), low=low, high=high
        ).to(map.device)
        data = training.points.contiguous()
        norms, rho = measures.local.operator_norm_at(map, probes), measures.spectral_radius_at(map, data)
        columns = {
            "zero_slope": measures.local.dead_share(map, probes),
            "flat_share": (norms < measures.local.FLAT).double().mean(1),
            "trace": measures.local.trace_share_at(map, probes).mean(1),
            "attracting": (rho < 1).double().mean(1).masked_fill(rho.isnan().any(1), torch.nan),
            "rho_max": rho.amax(1),
            "least_singular": self._least_singular(map, data),
        }
        return _table(columns)

    def _least_singular(self, map: measures.Map, data: Tensor) -> Tensor:
        """The least singular value of the Jacobians at each member's training points: (E,)."""
        if map.dim > MOST_FULL_DIM:
            return torch.full((map.members,), torch.nan, dtype=torch.float64)
        jacobian = measures.jacobian_at(map, data).double()
        finite = jacobian.isfinite().all(-1).all(-1).all(-1)
        least: Tensor = torch.linalg.svdvals(jacobian.nan_to_num(0, 0, 0))[..., -1].amin(1)
        return least.masked_fill(~finite, torch.nan)

    def _orbits(self, map: measures.Map, training: Dataset, against: Comparison | None, losses: Tensor) -> pd.DataFrame:
        """Where orbits from uniform starts go, and of images how like the data they are: a table with a row per member.

        An orbit is at a training point within `training_radii` of it; to follow orbits, the smallest of these is taken. It ends
        at another attractor if it rests elsewhere, at a point with ρ(J) < 1."""
        low, high, dim = training.low, training.high, training.dim
        begun = measures.starts(
            "uniform",
            map.members,
            self.samples,
            dim,
            generator=stream("injective-kaleidoscope", "starts"),
            low=low,
            high=high,
        ).to(map.device)
        data = training.points.contiguous()
        radii = training_radii(data, low, high)
        followed = measures.dynamics.follow(map, begun, self.iterations, data, radii.amin(1))
        found = measures.dynamics.ends(map, followed.final, 0, low=low, high=high)
        apart, index = measures.nearest(found.points.nan_to_num(), data)
        rests = found.period == 1
        near = rests & (apart < radii.gather(1, index))
        first = slice(
            None, max(8, JACOBIAN_NUMBERS // ENDS_TO_PROBES // dim**2)
        )  # of the orbits: Jacobians of images are large
        radius = measures.spectral_radius_at(map, found.points[:, first].nan_to_num())
        elsewhere = (rests & ~near)[:, first] & (radius < 1)
        table = _table(
            {
                "share_end": followed.share_near[:, -1],
                "burn_in": followed.burn_in.value,
                "burn_in_censored": followed.burn_in.censored,
                "reached": measures.dynamics.reached(followed.final, data, radii.amin(1)) / training.count,
                "at_rest": rests.double().mean(1),
                "at_training": near.double().mean(1),
                "elsewhere": elsewhere.double().mean(1),
            }
        )
        if against is None:
            return table
        samples = followed.final
        return table.join(against.rows(samples, losses.to(samples)).add_prefix(MEMORISED)).join(
            against.classes(samples)
        )

    def _pictures(self, nets: Ensemble, training: Dataset) -> dict[str, np.ndarray]:
        """Every member's map on the line and where its slope is exactly zero; of images, samples of every member."""
        low, high = training.low, training.high
        arrays = {"points": training.points[0].cpu().numpy()}
        if training.dim == 1:
            x = torch.linspace(low, high, LINE_POINTS, device=nets.device)[:, None]
            with torch.no_grad():
                y = nets(x.expand(nets.members, *x.shape).contiguous())[..., 0]
            zero = measures.local.jacobian_before_squash(nets, x)[..., 0, 0] == 0
            arrays |= {"map_x": x[:, 0].cpu().numpy(), "map_y": y.cpu().numpy(), "zero": zero.cpu().numpy()}
        if len(training.shape) > 1:
            own = training.points.contiguous()
            begun = measures.starts(
                "uniform", nets.members, IMAGES_SHOWN, training.dim,
                generator=stream("injective-kaleidoscope", "starts"), low=low, high=high,
            ).to(nets.device)  # fmt: skip
            (final,) = deque(measures.iterate(nets, begun, self.iterations), maxlen=1)
            with torch.no_grad():
                back = nets(own[:, :IMAGES_SHOWN].contiguous())
            index = measures.nearest(final.nan_to_num(), own)[1]
            nearest = own.gather(1, index[..., None].expand(-1, -1, training.dim))
            pictures = {"training": own[:, :IMAGES_SHOWN], "back": back, "samples": final, "nearest": nearest}
            arrays |= {"shape": np.array(training.shape)}
            arrays |= {f"{name}_of_members": levels(points, low, high) for name, points in pictures.items()}
        return arrays

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.injective_kaleidoscope.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.injective_kaleidoscope.hero import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_data(claims_of, result)


def _table(columns: dict[str, Tensor]) -> pd.DataFrame:
    """Numbers of members (E,) by name, as a table with a row per member."""
    read = measures.transfer.on_cpu(columns)
    return pd.DataFrame({name: value.double().numpy() for name, value in read.items()})
