"""The kaleidoscope: how samples of networks trained on images settle, from noise to points of rest, and how they jump."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import measures
from landscape.claims import Claim
from landscape.data import Dataset, DataSpec, dimension
from landscape.findings import Answer
from landscape.nets import make_net
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.kaleidoscope.answer import answer_of
from landscape.studies.kaleidoscope.claims import IMAGE_RULE, PAPERS_NOISE, POINT_RULES, claims_of
from landscape.studies.kaleidoscope.parameters import BURN_IN, KaleidoscopeParameters
from landscape.studies.parts.courses import (
    agreement,
    burnt_in,
    by_course,
    by_iteration,
    course,
    frames,
    image_radius,
    in_the_end,
    levels,
    shown,
)
from landscape.studies.parts.image_parameters import START_KINDS
from landscape.studies.parts.image_study import GridStudy, placed
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.likeness import Reference, has_classes, likeness, reference_of
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

CONTROLS = ("memoriser", "constant", "identity", "untrained")
POINTS_MAPPED = 2000  # training points that are kept for the map of their principal axes


@dataclass(frozen=True)
class Kaleidoscope(KaleidoscopeParameters, GridStudy):
    """The kaleidoscope: what its cells train and measure."""

    version: ClassVar[int] = 5  # claims on networks that fit, pooled over settings; 1,024 ends are compared
    needs: ClassVar[tuple[str, ...]] = ("sklearn",)  # a classifier of samples

    def cells(self) -> Sequence[Cell]:
        """Images in every combination, then uniform points in every dimension, by both rules; all cells have the same keys."""
        images = [
            Cell((*one.values, ("dim", dimension(self.spec(one["data"], one["count"]))), ("rule", IMAGE_RULE)))
            for one in super().cells()
        ]
        return images + [self._uniform_cell(rule, dim) for rule in POINT_RULES for dim in self.dim if dim]

    def _uniform_cell(self, rule: str, dim: int) -> Cell:
        count = self.dim_count if rule == POINT_RULES[0] else max(2, round(self.dim_ratio * dim))
        return cell(
            data="uniform", count=count, net="mlp", hidden=self.dim_hidden, width=self.dim_width, objective="plain",
            budget=self.steps[0], **self.content("uniform"), dim=dim, rule=rule,
        )  # fmt: skip

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return super().recipes(cell) if cell["rule"] == IMAGE_RULE else [self.recipe(cell)]

    def recipe(self, cell: Cell) -> Recipe:
        """What this cell trains."""
        if cell["rule"] == IMAGE_RULE:
            return super().recipe(cell)
        data = DataSpec("uniform", cell["count"], cell["dim"], signed=self.output == "tanh")
        size = {"hidden": cell["hidden"], "width": cell["width"]}
        net = make_net("mlp", (cell["dim"],), output=self.output, activation=self.activation, **size)
        return Recipe(net, data, self.training(cell["objective"], cell["budget"]), self.seeds)

    def evaluations(self, cell: Cell) -> int:
        followed = self.iterations * self.samples
        if cell["rule"] == IMAGE_RULE:  # held-out starts are iterated too, and jumps counted at every amplitude
            noisy = (BURN_IN + self.noise_iterations) * self.samples * len(self.noise) * len(self.amplitude)
            every = max(self.samples, self.held_out, self.ends) * len(self.start) + self.held_out
            followed = self.iterations * every + noisy
        return 2 * followed  # the trained and the untrained net

    def measure(self, cell: Cell, site: Site) -> Measured:
        return self._images(cell, site) if cell["rule"] == IMAGE_RULE else self._uniform(cell, site)

    def _images(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        training, held = self.points(recipe, site.device)  # before training, so that wrong data fail at once
        fitted = trained(recipe, site)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(training.dim))
        maps: dict[str, measures.Map] = {"none": fitted.ensemble}
        maps |= {name: measures.control(name, training, recipe.untrained(site.device)) for name in CONTROLS}
        radius = image_radius(training.points, training.low, training.high)
        controls, jumps, reference = [], [], reference_of(training)
        for name, map in maps.items():
            amplitudes = self.noisy if name == "none" else self.noisy[:2]
            columns, times, rates = self._columns(map, training, held, radius, amplitudes, reference)
            jumps.append(rates.assign(control=name))
            if name == "none":
                members, iterations = members.join(columns), times
            else:
                controls.append(control_rows(map, training, recipe.fit.tol).join(columns).assign(control=name))
        tables = {
            "members": members,
            "iterations": iterations,
            "jumps": pd.concat(jumps, ignore_index=True),
            "controls": pd.concat(controls, ignore_index=True),
            "curves": fitted.curves,
        }
        chosen = shown_members(members, "loss")[0]
        return Measured(tables, self._pictures(fitted.ensemble.select([chosen]), training, held, radius, chosen))

    @property
    def noisy(self) -> tuple[float, ...]:
        """All amplitudes. Controls get the first two: 0, and the paper's or, if that is not asked for, the largest."""
        pointed = PAPERS_NOISE if PAPERS_NOISE in self.amplitude else max(self.amplitude)
        return tuple(dict.fromkeys((0.0, pointed, *sorted(self.amplitude))))

    def _columns(
        self,
        map: measures.Map,
        training: Dataset,
        held: Dataset,
        radius: Tensor,
        amplitudes: Sequence[float],
        reference: Reference,
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Three tables: a row per member; a row per member, start and iteration; and the jumps."""
        data, low, high = training.points, training.low, training.high
        columns: dict[str, Tensor] = {"radius": radius}
        times: list[pd.DataFrame] = []
        ends: dict[str, Tensor] = {}
        for kind in self.start:
            begun = self._starts(kind, map.members, training)
            found = course(map, begun, self.iterations, data, watched=self.samples, low=low, high=high)
            columns |= in_the_end(found, radius, kind)
            times.append(by_course(found, radius, kind))
            ends[kind] = found.final
        columns["distance_held_out"] = measures.nearest(held.points, data)[0].median(-1).values
        columns |= likeness(ends, training, held, *reference) | self._purity(map, training, held)
        rates = self.jump_rates(map, training, amplitudes)
        table = pd.DataFrame({name: value.numpy() for name, value in measures.transfer.on_cpu(columns).items()})
        still = rates[(rates.amplitude == 0) & (rates.noise == self.noise[0])]
        table = table.assign(jumpiness=still.jumpiness.to_numpy())
        return table, pd.concat(times, ignore_index=True), rates

    def _starts(self, kind: str, members: int, dataset: Dataset) -> Tensor:
        """Starts, as many as are compared between kinds or with held-out points, and no fewer than are watched."""
        count = max(self.samples, self.held_out, self.ends)
        drawn = stream("kaleidoscope", "starts", START_KINDS.index(kind))
        return measures.starts(kind, members, count, dataset.dim, generator=drawn, low=dataset.low, high=dataset.high)

    def _purity(self, map: measures.Map, training: Dataset, held: Dataset) -> dict[str, Tensor]:
        """The share of held-out images, as starts, that end nearest to a training image of their class; the same by chance."""
        if not has_classes(training):
            return {}
        assert training.labels is not None
        assert held.labels is not None
        *_, final = measures.iterate(map, held.points, self.iterations)
        distance, index = measures.nearest(final, training.points)
        ends = training.labels.gather(1, index).masked_fill(~torch.isfinite(distance), -1)
        purity, null = agreement(held.labels, ends)
        return {"purity": purity, "purity_null": null}

    def jump_rates(
        self,
        map: measures.Map,
        dataset: Dataset,
        amplitudes: Sequence[float],
        samples: Callable[..., Iterator[Tensor]] = shown,
    ) -> pd.DataFrame:
        """A table with a row per member, kind of noise and amplitude: changes of the nearest training image per 100 steps, and
        the share of steps longer than a tenth of the box's diameter. `samples` yields them, with the arguments of `shown`."""
        begun = self._starts(self.start[0], map.members, dataset)[:, : self.samples].to(map.device)
        data, low, high = dataset.points, dataset.low, dataset.high
        rows: list[pd.DataFrame] = []
        for kind in self.noise:
            for amplitude in amplitudes:
                if amplitude == 0 and rows:  # without noise its kind does not matter
                    rows.append(rows[0].assign(noise=kind))
                    continue
                noise = measures.Noise(kind, amplitude)
                steps = samples(
                    map, begun, BURN_IN + self.noise_iterations, noise, stream("kaleidoscope", "noise"), low, high
                )
                found = measures.dynamics.jumps(steps, low=low, high=high, burn_in=BURN_IN, data=data)
                rates = {"mode_jumps": found.mode_jumps, "jumpiness": found.jumpiness}
                values = {name: value.numpy() for name, value in measures.transfer.on_cpu(rates).items()}
                rows.append(
                    pd.DataFrame({"member": range(map.members), "noise": kind, "amplitude": amplitude} | values)
                )
        return pd.concat(rows, ignore_index=True)

    def _pictures(
        self, net: measures.Map, training: Dataset, held: Dataset, radius: Tensor, member: int
    ) -> dict[str, np.ndarray]:
        """Samples of the member shown at the iterations that the report plays, and the training images nearest to them."""
        own, low, high = training.points[member : member + 1], training.low, training.high
        begun = self._starts(self.start[0], self.members, training)[member : member + 1, : self.samples].to(net.device)
        kept = frames(self.iterations)
        points = measures.dynamics.collect(measures.iterate(net, begun, self.iterations), kept)
        distance, index = measures.nearest(points.flatten(1, 2).to(own), own)
        known, place = torch.unique(index.cpu(), return_inverse=True)
        last = measures.dynamics.jumps(measures.iterate(net, begun, self.iterations), low=low, high=high).last[0]
        away = measures.nearest(held.points[member : member + 1], own)[0][0]
        shape = (len(kept), self.samples)
        arrays = {
            "shown": np.array(member),
            "shape": np.array(training.shape),
            "frames": levels(points[0], low, high),
            "iterations": np.array(kept),
            "neighbours": levels(own[0, known.to(own.device)], low, high),
            "nearest": place.view(shape).numpy(),
            "distance": distance.view(shape).cpu().numpy(),
            "last_jump": last.cpu().numpy(),
            "training": levels(own[0, :POINTS_MAPPED], low, high),
            "held_out_distance": away.cpu().numpy(),
            "radius": radius[member].cpu().numpy(),
            "mean_loss": (own - own.mean(1, keepdim=True)).square().mean().cpu().numpy(),
        }
        if training.table is not None:
            arrays["coordinates"] = np.array(training.table.coordinates)
        if training.labels is not None:
            arrays["labels"] = training.labels[member, :POINTS_MAPPED].cpu().numpy()
            arrays["classes"] = np.array(training.classes)
        return arrays

    def _uniform(self, cell: Cell, site: Site) -> Measured:
        """The burn-in on uniform points of one dimension: samples settle where they stay near a training point."""
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), placed(recipe.dataset(), site.device)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(dataset.dim))
        maps: dict[str, measures.Map] = {"none": fitted.ensemble}
        maps |= {name: measures.control(name, dataset, recipe.untrained(site.device)) for name in CONTROLS}
        # The usual radius bounds the Euclidean distance. The second is √D times as wide: it bounds the root mean square over
        # coordinates, so that it does not become stricter with the dimension.
        radius, rms = (
            measures.dynamics.near_radius(dataset.points, k * dataset.low, k * dataset.high)
            for k in (1, cell["dim"] ** 0.5)
        )
        controls = []
        for name, map in maps.items():
            begun = self._starts(self.start[0], map.members, dataset)[:, : self.samples].to(map.device)
            found = measures.dynamics.follow(map, begun, self.iterations, dataset.points, radius)
            columns = {"radius": radius} | burnt_in(found.burn_in, self.start[0])
            columns[f"near_{self.start[0]}"] = found.share_near[:, -1]
            wide = measures.dynamics.follow(map, begun, self.iterations, dataset.points, rms)
            columns |= burnt_in(wide.burn_in, f"{self.start[0]}_rms")
            table = pd.DataFrame({key: value.numpy() for key, value in measures.transfer.on_cpu(columns).items()})
            if name == "none":
                members, shares = members.join(table), found.share_near
            else:
                controls.append(control_rows(map, dataset, recipe.fit.tol).join(table).assign(control=name))
        iterations = by_iteration({"near": shares}).assign(start=self.start[0])
        tables = {"members": members, "iterations": iterations, "curves": fitted.curves}
        return Measured(tables | {"controls": pd.concat(controls, ignore_index=True)})

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.kaleidoscope.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.kaleidoscope.one_member import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(claims_of(result), "mlp", self.activation)
