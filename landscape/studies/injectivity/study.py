"""The study `injectivity`: Gaussian layers, images that they give the same code, and the layers of trained networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landscape.claims import Claim
from landscape.data import DataSpec, dimension, load_data
from landscape.data.load import whole
from landscape.findings import Answer
from landscape.nets import Net
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.injectivity import costs
from landscape.studies.injectivity.answer import answer_of
from landscape.studies.injectivity.claims import claims_of
from landscape.studies.injectivity.gaussian import matrices
from landscape.studies.injectivity.merging import by_layer, of_members, probe_points
from landscape.studies.injectivity.parameters import (
    GAUSSIAN,
    LAYERS,
    LEAST_DISTANCE,
    NO_INPUTS,
    PARTS,
    InjectivityParameters,
)
from landscape.studies.injectivity.twins import Twin, active_counts, second_image
from landscape.studies.parts.grids import net_for
from landscape.studies.parts.own_claims import of_data
from landscape.studies.parts.point_study import PointStudy
from landscape.studies.parts.snapshot_steps import snapshot_steps
from landscape.studies.parts.streams import number_of
from landscape.training import Recipe, Site, members_table, trained

if TYPE_CHECKING:
    from landscape.figures import Panel

MOST_NUMBERS = 2**19  # entries of a layer's matrices at all points; fewer points are probed to stay below it
PICTURED = 3  # matrices of which an image and its second are kept
# Cells without networks have no row in the table of networks.
NO_NETWORKS = pd.DataFrame({"member": [0], "seed": [0], "status": [""]}).iloc[:0]
PAIRED_ROWS = "pairs"  # the control: rows in pairs w, −w, which make a layer one-to-one


@dataclass(frozen=True)
class InjectivityStudy(InjectivityParameters, PointStudy):
    """The study of injectivity: what its cells draw, train and measure.

    Each part has a table of its own: "matrices" (a Gaussian matrix a row), "images" (a Gaussian matrix that images were put
    through) and "layers" (a layer of a network). "members" holds the trained networks alone."""

    def cells(self) -> Sequence[Cell]:
        return [one for part in PARTS if part in self.part for one in self._cells(part)]

    def _cells(self, part: str) -> Iterator[Cell]:
        if part == LAYERS:
            for name in self.sets.names:
                own = self.sets.content(name)
                for width in self.image_width if self.sets.is_images(name) else self.width:
                    yield from (cell(part=part, data=name, hidden=hidden, width=width, **own) for hidden in self.hidden)
        elif part == GAUSSIAN:
            asked = (*self.inputs, *self.hard_inputs, *self.large_inputs)
            yield from (cell(part=part, inputs=n) for n in asked if n != NO_INPUTS)
        else:
            yield from (cell(part=part, images=name, contrast=level) for name in self.images for level in self.contrast)

    def spec(self, cell: Cell) -> DataSpec:
        return self.sets.spec(cell["data"], self.count, self.dim)

    def make(self, data: DataSpec, hidden: int, width: int) -> Net:
        return net_for("mlp", data, hidden, width, activation=self.activation, init="torch", scale=1.0)

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return [self.recipe(cell)] if cell["part"] == LAYERS else []

    def recipe(self, cell: Cell) -> Recipe:
        plain = super().recipe(cell)
        return replace(plain, fit=replace(plain.fit, snapshots=snapshot_steps(self.snapshots, self.steps)))

    def evaluations(self, cell: Cell) -> int:
        return self.probes * len(snapshot_steps(self.snapshots, self.steps)) if cell["part"] == LAYERS else 0

    def measure(self, cell: Cell, site: Site) -> Measured:
        if cell["part"] == LAYERS:
            return self._layers(cell, site)
        tables, arrays = self._gaussian(cell) if cell["part"] == GAUSSIAN else self._images(cell)
        return Measured({"members": NO_NETWORKS, **tables}, arrays)

    def operations(self, cell: Cell) -> float:
        if cell["part"] == LAYERS:
            return 0.0
        if cell["part"] == GAUSSIAN:
            inputs = cell["inputs"]
            count, exact = self._asked(inputs)
            each = costs.exact_seconds(inputs, self.time_limit) if exact else costs.search_seconds(inputs)
            return costs.operations(count * each)
        searches = 2 * len(self.seeds) * min(self.searched, self.tried)  # with the control
        return costs.operations(searches * costs.second_image_seconds(dimension(DataSpec(cell["images"]))))

    def _asked(self, inputs: int) -> tuple[int, bool]:
        """How many matrices of this number of inputs there are, and whether they are decided exactly."""
        sizes = (
            (self.inputs, self.matrices),
            (self.hard_inputs, self.hard_matrices),
            (self.large_inputs, self.large_matrices),
        )
        return next(number for among, number in sizes if inputs in among), inputs not in self.large_inputs

    def _gaussian(self, cell: Cell) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:
        inputs = cell["inputs"]
        count, exact = self._asked(inputs)
        seeds = range(self.seed, self.seed + count)
        table = matrices(inputs, seeds, highest=self.highest, time_limit=self.time_limit, exact=exact)
        return {"matrices": table}, {}

    def _images(self, cell: Cell) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:
        name = cell["images"]
        loaded = load_data(DataSpec(name, min(self.tried, whole(DataSpec(name)).count)), (0,))
        plain = loaded.points[0].double().numpy()
        points = (1 - cell["contrast"]) / 2 + cell["contrast"] * plain
        pixels = points.shape[1]
        size = round(self.expansivity * pixels)
        rows, pairs = [], list[np.ndarray]()
        for member, seed in enumerate(self.seeds):
            rng = np.random.default_rng([number_of("injectivity", "images"), seed, pixels])
            weight = rng.standard_normal((size, pixels))
            for control in ("none", PAIRED_ROWS):
                used = weight if control == "none" else paired(weight)
                columns, best = self._row(used, points, rng)
                rows.append({"control": control, "member": member, "seed": seed, "rows": size, **columns})
                if best is not None and control == "none" and len(pairs) < PICTURED:
                    pairs.append(np.stack([best.image, best.second]))
        arrays = {"pairs": np.array(pairs).reshape(len(pairs), 2, *loaded.shape), "plain": plain[:1]}
        return {"images": pd.DataFrame(rows)}, arrays

    def _row(
        self, weight: np.ndarray, points: np.ndarray, rng: np.random.Generator
    ) -> tuple[dict[str, float], Twin | None]:
        """What a layer does to the images: the columns of the table, and the pair of images that lie farthest apart."""
        counts, pixels = active_counts(weight, points), points.shape[1]
        order = np.argsort(counts, kind="stable")[: self.searched]
        found = [twin for place in order if (twin := second_image(weight, points[place], rng)) is not None]
        best = max(found, key=lambda twin: twin.distance, default=None)
        columns = {
            "below": float((counts < pixels).mean()),
            "fewest": int(counts.min()) / pixels,
            "sought": len(order),
            "twins": sum(twin.distance >= LEAST_DISTANCE for twin in found),
            "distance": best.distance if best else 0.0,
            "residual": max((twin.residual for twin in found), default=0.0),
        }
        return columns, best

    def _layers(self, cell: Cell, site: Site) -> Measured:
        recipe = self.recipe(cell)
        fitted, dataset = trained(recipe, site), recipe.dataset()
        points = probe_points(recipe, dataset, min(self.probes, max(8, MOST_NUMBERS // cell["width"] ** 2)))
        moments = [(step, False, nets) for step, nets in fitted.snapshots] + [(self.steps, True, fitted.ensemble)]
        layers = pd.concat(
            [by_layer(nets, points).assign(step=step, kept=kept) for step, kept, nets in moments], ignore_index=True
        )
        untrained = of_members(layers[~layers.kept & (layers.step == 0)]).add_suffix("_untrained")
        members = members_table(recipe, fitted).join(of_members(layers[layers.kept])).join(untrained)
        return Measured({"members": members, "layers": layers, "curves": fitted.curves}, {})

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.injectivity.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.injectivity.hero import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from of_data(claims_of, result)


def paired(weight: np.ndarray) -> np.ndarray:
    """Rows of the same number, the first 2n in pairs w, −w: a layer that is one-to-one."""
    pixels = weight.shape[1]
    half = weight[:pixels]
    return np.concatenate([half, -half, weight[2 * pixels :]])
