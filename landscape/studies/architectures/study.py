"""Architectures: where samples of nets other than the MLP end, compared at equal training losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.choices import NEIGHBOURS
from landscape.claims import Claim
from landscape.data import DataSpec, dimension, shape_of
from landscape.ensemble import TOL, Ensemble
from landscape.findings import Answer
from landscape.nets import Net, inits_of, make_net, width_for
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.architectures.answer import answer_of
from landscape.studies.architectures.claims import LINE_SET, USUAL_INIT, WHOLE_BUDGET, claims_of
from landscape.studies.architectures.parameters import ArchitecturesParameters
from landscape.studies.parts.comparison import Comparison
from landscape.studies.parts.courses import levels
from landscape.studies.parts.image_study import ImageStudy
from landscape.studies.parts.orbit_ends import AT_IMAGE, distances, near_training, relative_distances, shares_of_ends
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.studies.parts.training import fit_spec
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

CONTROLS = ("memoriser", "constant", "identity", "untrained")
PILOT_SEED = 100_000  # first seed of the networks that try learning rates; no judged network has so large a seed
LINE_NETS = ("mlp", "injective")  # trained on the line
LINE_STEPS, LINE_RATE = 2000, 1e-3  # of training on the line, on all points
LINE_POINTS = 4001  # of [0, 1], at which slopes are computed
LEAST_TRIAL_LOSS = 1e-12  # smaller losses of trials count as this
SHOWN_ITERATIONS = (0, 1, 5, 20, 100)  # iterations of samples in the report, beside the last
IMAGES_SHOWN = 8  # training images, held-out images and samples of the member shown
JACOBIAN_NUMBERS = 2**18  # in one member's Jacobians at the probes, at most
SVD_MULTIPLICATIONS = 24  # × D³, for the singular values of a Jacobian: three times the usual 8, as LAPACK was timed


@dataclass(frozen=True)
class Architectures(ArchitecturesParameters, ImageStudy):
    """The study of architectures: what its cells train and measure."""

    version: ClassVar[int] = 10  # growth along other random directions, by forward-mode differentiation
    needs: ClassVar[tuple[str, ...]] = ("sklearn",)  # k-means cells

    def cells(self) -> Sequence[Cell]:
        """All cells. Nets are innermost, so that workers begin with different nets, whose trials then serve all their cells."""
        nets = [(net, init) for init in self.init for net in self.net if init in self._inits(net)]
        swept = product(dict.fromkeys((*self.band, WHOLE_BUDGET)), self.sets.names, self.count, self.hidden, nets)
        images = [
            cell(
                data=data,
                count=count,
                net=net,
                hidden=hidden,
                width=self._width(data, count, net, hidden),
                init=init,
                band=band,
                **self.content(data),
            )
            for band, data, count, hidden, (net, init) in swept
        ]
        common: dict[str, Any] = {"init": USUAL_INIT, "band": WHOLE_BUDGET, **self.content(LINE_SET)}
        lines = [
            cell(data=LINE_SET, count=2, net=net, hidden=self.line_hidden, width=width, **common)
            for net in LINE_NETS
            for width in self.line_width
            if width
        ]
        return images + lines

    def _inits(self, net: str) -> tuple[str, ...]:
        """The swept initialisations that a net has. Raises ValueError if it has none of them."""
        known = tuple(init for init in self.init if init in inits_of(net))
        if not known:
            among = " or ".join(inits_of(net))
            raise ValueError(f"`init` must include an initialisation of {net}: {among}; got {', '.join(self.init)}")
        return known

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        if cell["data"] == LINE_SET:
            return [self._line_recipe(cell)]
        recipe = self.recipe(cell, self.rate[len(self.rate) // 2])
        self.check(recipe)
        return [*self.pilots(cell).values(), recipe]

    @property
    def reserved(self) -> int:
        return self.held_out + self.samples  # the null, and points from which controls of memorisation draw

    def _make(self, data: str, count: int, net: str, hidden: int, width: int, init: str = USUAL_INIT) -> Net:
        own = {"hidden": hidden, "width": width, "output": self.output} | ({} if init == USUAL_INIT else {"init": init})
        return make_net(net, shape_of(self.spec(data, count)), activation=self.activation, **own)

    def _width(self, data: str, count: int, net: str, hidden: int) -> int:
        """The width at which a net has about --match-parameters parameters. Raises ValueError if it does not take the data."""
        if not self.match_parameters:
            return self.width
        dim = dimension(self.spec(data, count))
        return width_for(lambda width: self._make(data, count, net, hidden, width), dim, self.match_parameters)

    def recipe(self, cell: Cell, rate: float) -> Recipe:
        """What this cell trains: until the band is reached, or for the whole budget."""
        band = cell["band"]
        fit = fit_spec(self, lr=rate, **({"tol": band} if band != WHOLE_BUDGET else {"stop": False}))
        size = [cell[name] for name in ("data", "count", "net", "hidden", "width", "init")]
        return Recipe(self._make(*size), self.spec(cell["data"], cell["count"]), fit, self.seeds)

    def _line_recipe(self, cell: Cell) -> Recipe:
        net = make_net(cell["net"], (1,), hidden=cell["hidden"], width=cell["width"])
        how = fit_spec(self, steps=LINE_STEPS, lr=LINE_RATE, batch=None, stop=False)
        return Recipe(net, DataSpec(LINE_SET), how, self.seeds)

    def asked_losses(self, members: pd.DataFrame) -> list[float]:
        """The losses asked of the table's networks: their bands, or TOL of networks that are trained for the whole budget."""
        return sorted({TOL if band == WHOLE_BUDGET else float(band) for band in members["band"]})

    def pilots(self, cell: Cell) -> dict[float, Recipe]:
        """The recipes of the networks that try each learning rate. All bands of a net share them; no claim judges them."""
        seeds = tuple(range(self.seed + PILOT_SEED, self.seed + PILOT_SEED + self.tuned))
        whole = Cell(tuple((name, WHOLE_BUDGET if name == "band" else value) for name, value in cell.values))
        steps = self.trial_steps or self.steps
        recipes = {rate: self.recipe(whole, rate) for rate in self.rate}
        return {rate: replace(one, seeds=seeds, fit=replace(one.fit, steps=steps)) for rate, one in recipes.items()}

    def evaluations(self, cell: Cell) -> int:
        if cell["data"] == LINE_SET:
            return LINE_POINTS
        recipe = self.recipe(cell, self.rate[0])
        dim = dimension(recipe.data)
        jacobian = 4 * dim + SVD_MULTIPLICATIONS * dim**3 // recipe.net.operations_per_point(dim)
        return self.iterations * self.samples + self._probed(dim) * max(64, jacobian)

    def _probed(self, dim: int) -> int:
        return max(2, min(self.probes, JACOBIAN_NUMBERS // dim**2))

    def measure(self, cell: Cell, site: Site) -> Measured:
        if cell["data"] == LINE_SET:
            return self._line(cell, site)
        training, kept = self.points(
            self.recipe(cell, self.rate[0]), site.device
        )  # first, so that wrong data fail at once
        tried = self._tried(cell, site)
        rate = float(tried.sort_values(["loss", "steps", "rate"]).rate.iloc[0])
        recipe = self.recipe(cell, rate)
        fitted, against = trained(recipe, site), Comparison.of(training, kept, self.held_out)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(training.dim), rate=rate)
        members = members.assign(reached=members.loss <= cell["band"]) if cell["band"] != WHOLE_BUDGET else members
        columns, ends = self._columns(fitted.ensemble, against, fitted.losses)
        tables = {"members": members.join(columns), "attractors": ends, "rates": tried, "curves": fitted.curves}
        if self.leads(cell):
            tables["controls"] = self._controls(recipe, against, site)
        chosen = (
            shown_members(members, "loss")[0] if training.count > 1 else 0
        )  # of one image: member 0's, in all cells
        return Measured(tables, self._pictures(fitted.ensemble.select([chosen]), against, chosen))

    def _line(self, cell: Cell, site: Site) -> Measured:
        """Nets on the line: the share of points with a slope of exactly zero before the squash, and in how many intervals."""
        recipe = self._line_recipe(cell)
        fitted = trained(recipe, site)
        x = torch.linspace(0, 1, LINE_POINTS)[:, None].to(fitted.ensemble.device)
        flat = (measures.local.jacobian_before_squash(fitted.ensemble, x)[..., 0, 0] == 0).cpu()
        begins = (flat[:, 1:] & ~flat[:, :-1]).sum(1) + flat[:, 0]
        members = members_table(recipe, fitted).assign(
            parameters=recipe.net.parameter_count(1), zero_slope=flat.double().mean(1).numpy(), intervals=begins.numpy()
        )
        return Measured({"members": members, "curves": fitted.curves})

    def _tried(self, cell: Cell, site: Site) -> pd.DataFrame:
        """A table with a row per learning rate: the geometric mean loss of its trials, which a single failed trial raises."""
        rows = []
        for rate, fitted in ((rate, trained(recipe, site)) for rate, recipe in self.pilots(cell).items()):
            losses = fitted.losses.double().nan_to_num(torch.inf).clamp_min(LEAST_TRIAL_LOSS)
            rows.append(
                {"rate": rate, "loss": float(losses.log().mean().exp()), "steps": float(fitted.steps.double().mean())}
            )
        return pd.DataFrame(rows)

    def _controls(self, recipe: Recipe, against: Comparison, site: Site) -> pd.DataFrame:
        """The measurements of controls, maps whose answers are known: a table with a row per member."""
        tables = []
        for kind in CONTROLS:
            map = measures.control(kind, against.training, recipe.untrained(site.device))
            rows = control_rows(map, against.training, recipe.fit.tol)
            columns, _ = self._columns(map, against, torch.tensor(rows.loss.to_numpy()))
            tables.append(rows.join(columns).assign(control=kind))
        return pd.concat(tables, ignore_index=True)

    def _columns(self, map: measures.Map, against: Comparison, losses: Tensor) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A table of all measurements with a row per member, and a table with a row per end of orbits."""
        training, low, high = against.training, against.training.low, against.training.high
        begun = measures.starts(
            "uniform",
            map.members,
            self.samples,
            training.dim,
            generator=stream("architectures", "starts"),
            low=low,
            high=high,
        ).to(map.device)
        found = measures.dynamics.ends(map, begun, self.iterations, low=low, high=high)
        drawn = stream("architectures", "attraction")
        listed = measures.dynamics.distinct_ends(map, found, generator=drawn, low=low, high=high)
        distance, index = distances(found, listed, against)
        relative = relative_distances(distance, index, listed.member, against)
        numbers = shares_of_ends(found, listed, relative) | self._character(map, against)
        table = pd.DataFrame(
            {name: value.double().numpy() for name, value in measures.transfer.on_cpu(numbers).items()}
        )
        table["held_out_near"] = near_training(against).cpu().double().mean(1).numpy()
        if training.count > NEIGHBOURS:
            table = table.join(against.rows(found.points, losses).add_prefix("memo_"))
        ends = {name: getattr(listed, name) for name in ("member", "visits", "period")}
        ends |= {"distance": distance, "nearest": index, "growth": listed.growth}
        ends |= {"relative": relative, "training": relative < AT_IMAGE}
        return table, pd.DataFrame({name: value.numpy() for name, value in measures.transfer.on_cpu(ends).items()})

    def _character(self, map: measures.Map, against: Comparison) -> dict[str, Tensor]:
        """How much like the identity and how much like a constant each member is: (E,) each."""
        training, held = against.training, against.held_out.points
        low, high = training.low, training.high
        noise = cube.uniform(self.probes, training.dim, stream("architectures", "probes"), low=low, high=high).to(
            map.device
        )
        points = noise.expand(map.members, *noise.shape)
        jacobian = measures.jacobian_at(map, noise[: self._probed(training.dim)])
        with torch.no_grad():
            out, back = map(points), map(held.contiguous())
        mean = training.points.mean(1, keepdim=True)
        errors = {"identity": (back - held).square().mean((1, 2)), "constant": (back - mean).square().mean((1, 2))}
        return {
            "trace": measures.local.trace_share(jacobian).mean(1),
            "rank": measures.local.numerical_rank(jacobian).cpu().double().mean(1) / training.dim,
            "flat": (measures.local.operator_norm(jacobian) < measures.local.FLAT).cpu().double().mean(1),
            "noise_loss": (out - points).square().mean((1, 2)),
            "held_out_loss": errors["identity"],
            "spread": out.var(1).mean(-1) / points.var(1).mean(-1),
            "identity_share": errors["constant"] / (errors["constant"] + errors["identity"]),
        }

    def _pictures(self, net: Ensemble, against: Comparison, member: int) -> dict[str, np.ndarray]:
        """Arrays of the member shown: its outputs for training and held-out images, samples with their nearest training images,
        and the loss over a plane."""
        training, others = against.training, against.held_out.points[member : member + 1, :IMAGES_SHOWN].contiguous()
        own, low, high = training.points[member : member + 1], training.low, training.high
        begun = measures.starts(
            "uniform", 1, IMAGES_SHOWN, training.dim, generator=stream("architectures", "starts"), low=low, high=high
        ).to(net.device)
        times = [time for time in SHOWN_ITERATIONS if time < self.iterations] + [self.iterations]
        points = measures.dynamics.collect(measures.iterate(net, begun, self.iterations), times)
        distance, index = measures.nearest(points[:, -1].to(own), own)
        with torch.no_grad():
            back, made = net(own[:, :IMAGES_SHOWN].contiguous()), net(others)
        arrays = {
            "shown": np.array(member),
            "shape": np.array(training.shape),
            "times": np.array(times),
            "training": levels(own[0, :IMAGES_SHOWN], low, high),
            "reconstructed": levels(back[0], low, high),
            "others": levels(others[0], low, high),
            "made_of_others": levels(made[0], low, high),
            "samples": levels(points[0], low, high),
            "nearest": levels(own[0, index[0]], low, high),
            "distance": distance[0].cpu().numpy(),
        }
        if training.count >= 3 and training.dim > 2:
            ground, spots, extent = cube.plane(own[0, :3].cpu(), self.resolution)
            loss = measures.loss_at(net, ground.to(net.device))[0].view(self.resolution, self.resolution)
            arrays |= {"height": loss.cpu().numpy(), "spots": spots.numpy(), "extent": np.array(extent)}
        return arrays

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.architectures.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.architectures.hero import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from claims_of(result)
