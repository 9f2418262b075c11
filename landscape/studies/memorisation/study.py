"""The study `memorisation`: which networks it trains, and how it judges whether their samples are copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import measures
from landscape.baselines import (
    BASELINES,
    CONTROL_SAMPLERS,
    control_samples,
    control_training_loss,
    mixed_samples,
    train_baseline,
)
from landscape.claims import Claim
from landscape.data import Dataset, held_out, load_data
from landscape.findings import Answer
from landscape.results import Cell, Measured, Result
from landscape.studies.memorisation.answer import answer_of
from landscape.studies.memorisation.claims import claims_of
from landscape.studies.memorisation.parameters import MemorisationParameters
from landscape.studies.parts.comparison import Comparison
from landscape.studies.parts.courses import levels
from landscape.studies.parts.image_parameters import START_KINDS
from landscape.studies.parts.image_study import GridStudy, placed
from landscape.studies.parts.judging import of_net
from landscape.studies.parts.probes import control_rows
from landscape.studies.parts.streams import stream
from landscape.studies.parts.summaries import shown_members
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

CONTROL_MAPS = ("memoriser", "constant", "identity", "untrained")
COPY_SHARES = tuple(tenth / 10 for tenth in range(1, 10))  # of the mixtures of copies with held-out points
SAMPLES_KEPT = 64  # whose images the report can show


@dataclass(frozen=True)
class Memorisation(MemorisationParameters, GridStudy):
    """The study of memorisation: the networks of each cell, and their measurements."""

    version: ClassVar[int] = 6  # memorised, spurious and new samples, and the claim on their order
    needs: ClassVar[tuple[str, ...]] = ("sklearn",)  # k-means cells, a classifier, principal components

    @property
    def reserved(self) -> int:
        """The number of held-out points: some are the null of every statistic, and controls draw from the others."""
        return self.held_out + self.samples

    @property
    def reserving(self) -> str:
        return f": {self.held_out} for --held-out and {self.samples} for --samples, from which controls draw"

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        (recipe,) = super().recipes(cell)
        twin = self._twin(recipe)
        return [recipe, twin] if twin else [recipe]

    def evaluations(self, cell: Cell) -> int:
        return (2 + self.twins) * self.iterations * self.samples  # the trained, the untrained and the twin net

    def _twin(self, recipe: Recipe) -> Recipe | None:
        """The recipe of the twin, which is trained on as many other points. None without twins, or if the data are too few."""
        twin = self.twin(recipe)
        if not self.twins:
            return None
        try:
            load_data(twin.data, twin.seeds[:1], most=1)
            held_out(twin.data, twin.seeds[:1], self.reserved, most=1)
        except ValueError:  # the data could be read for the recipe itself, so the error means that they are too few
            return None
        return twin

    def measure(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        training, kept = self.points(recipe, site.device)  # before training, so that an error in the data comes first
        fitted, twin = trained(recipe, site), self._twin(recipe)
        against = Comparison.of(training, kept, self.held_out)
        samples = self._samples(fitted.ensemble, training)
        members = members_table(recipe, fitted).assign(parameters=recipe.net.parameter_count(training.dim))
        members = members.join(against.rows(samples, fitted.losses))
        members = members.join(against.classes(samples)).join(against.states(samples))
        if twin is not None:
            other = self._samples(trained(twin, site).ensemble, training)
            members = members.join(_agreement(samples, other, training, placed(twin.dataset(), site.device)))
        controls = self._controls(recipe, against, site)
        chosen = shown_members(members, "loss")[0]
        sources = {"samples": samples[chosen], "held out": against.held_out.points[chosen]}
        measured = Measured(
            {"members": members, "controls": controls, "curves": fitted.curves}, _pictures(sources, training, chosen)
        )
        return self._others(against, measured) if self.leads(cell) else measured

    def _others(self, against: Comparison, measured: Measured) -> Measured:
        """`measured` with what does not depend on the network: control samplers, mixtures and baselines.

        Only the leading cell of each training set has these."""
        tables, arrays = {**measured.tables, "samplers": self._samplers(against)}, dict(measured.arrays)
        compared = range(min(self.compared, self.members))
        if compared:
            tables["mixtures"] = pd.concat([self._mixtures(against, e) for e in compared], ignore_index=True)
            baselines = [self._baselines(against, e) for e in compared]
            tables["baselines"] = pd.concat([rows for rows, _ in baselines], ignore_index=True)
            own = against.training.points[:1]
            for kind, points in baselines[0][1].items():
                arrays[f"distance {kind}"] = measures.nearest(points[None], own)[0][0].cpu().numpy()
        return Measured(tables, arrays)

    def _samples(self, map: measures.Map, training: Dataset) -> Tensor:
        """Samples of each member: the last iterates of x ← f(x), from the same starts for every map: (E, S, D)."""
        drawn, low, high = stream("memorisation", "starts", START_KINDS.index(self.start)), training.low, training.high
        begun = measures.starts(
            self.start, map.members, self.samples, training.dim, generator=drawn, low=low, high=high
        ).to(map.device)
        noise = measures.Noise("normal", self.amplitude) if self.amplitude else None
        *_, final = measures.iterate(
            map,
            begun,
            self.iterations,
            noise=noise,
            generator=stream("memorisation", "noise"),
            low=low,
            high=high,
            clip=noise is not None,
        )
        return final

    def _controls(self, recipe: Recipe, against: Comparison, site: Site) -> pd.DataFrame:
        """The statistics of maps that learnt nothing, with a row per control and member."""
        tables = []
        for kind in CONTROL_MAPS:
            map = measures.control(kind, against.training, recipe.untrained(site.device))
            rows = control_rows(map, against.training, recipe.fit.tol)
            samples = self._samples(map, against.training)
            found = against.rows(samples, torch.tensor(rows.loss.to_numpy())).join(against.states(samples))
            tables.append(rows.join(found).assign(control=kind))
        return pd.concat(tables, ignore_index=True)

    def _samplers(self, against: Comparison) -> pd.DataFrame:
        """The statistics of samplers whose right verdict is given, with a row per sampler and member."""
        low, high = against.training.low, against.training.high
        pairs, tables = list(zip(against.training.points, against.others, strict=True)), []
        for index, (kind, expected) in enumerate(CONTROL_SAMPLERS.items()):
            drawn = partial(
                control_samples,
                kind,
                count=self.samples,
                generator=stream("memorisation", "control samplers", index),
                low=low,
                high=high,
            )
            losses = torch.tensor([control_training_loss(kind, own, low, high) for own, _ in pairs])
            rows = against.rows(torch.stack([drawn(own, others) for own, others in pairs]), losses)
            tables.append(rows.assign(member=range(self.members), sampler=kind, expected=expected))
        return pd.concat(tables, ignore_index=True)

    def _mixtures(self, against: Comparison, e: int) -> pd.DataFrame:
        """The statistics of mixtures of copies with held-out points of member `e`, with a row per share of copies."""
        repeated = against.member(e, len(COPY_SHARES))
        low, high, generator = repeated.training.low, repeated.training.high, stream("memorisation", "mixtures", e)
        training, others = repeated.training.points[0], repeated.others[0]
        made = [
            mixed_samples(share, training, others, self.samples, generator, low=low, high=high) for share in COPY_SHARES
        ]
        return repeated.rows(torch.stack(made)).assign(member=e, share=COPY_SHARES)

    def _baselines(self, against: Comparison, e: int) -> tuple[pd.DataFrame, dict[str, Tensor]]:
        """The statistics of other models of the data of member `e`, with a row per baseline; and each baseline's samples."""
        repeated = against.member(e, len(BASELINES))
        training, low, high = repeated.training.points[0], repeated.training.low, repeated.training.high
        losses, made = [], {}
        for index, kind in enumerate(BASELINES):
            generator = stream("memorisation", "baselines", len(BASELINES) * e + index)
            model = train_baseline(kind, training, generator, low=low, high=high, steps=self.baseline_steps or None)
            losses.append(model.training_loss)
            made[kind] = model.sample(self.samples, generator).to(training)
        rows = repeated.rows(torch.stack(list(made.values())), torch.tensor(losses))
        return rows.assign(member=e, baseline=BASELINES), made

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.memorisation.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.memorisation.hero import hero_of  # a bare GPU box has no drawing libraries

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_net(claims_of(result), "mlp", self.activation)


def _agreement(samples: Tensor, others: Tensor, training: Dataset, others_training: Dataset) -> pd.DataFrame:
    """How often each network and its twin agree from the same starts, with a row per member; NaN if either diverged."""
    finite = (samples.isfinite() & others.isfinite()).all(-1).all(-1)
    ours, theirs = (torch.where(finite[:, None, None], points, 0) for points in (samples, others))
    found = measures.memorisation.twins(ours, theirs, training.points, others_training.points)
    columns = {"agreement": found.agreement, "chance": found.chance, "copied": found.copied}
    return pd.DataFrame(
        {f"twin_{name}": value.masked_fill(~finite, torch.nan).cpu().numpy() for name, value in columns.items()}
    )


def _pictures(sources: Mapping[str, Tensor], training: Dataset, member: int) -> dict[str, np.ndarray]:
    """Arrays for the pictures of a member: the distances of each source's points to its training points, and images.

    The images are the first SAMPLES_KEPT samples, each with its nearest training image."""
    own, low, high = training.points[member : member + 1], training.low, training.high
    found = {name: measures.nearest(points[None].to(own), own) for name, points in sources.items()}
    picked, index = sources["samples"][:SAMPLES_KEPT], found["samples"][1][0, :SAMPLES_KEPT]
    return {
        "shown": np.array(member),
        "shape": np.array(training.shape),
        "samples": levels(picked, low, high),
        "nearest": levels(own[0, index], low, high),
        **{f"distance {name}": apart[0].cpu().numpy() for name, (apart, _) in found.items()},
    }
