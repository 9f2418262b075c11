"""The study `initialisation`: which random networks it draws, and what it counts of their fixed points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd
import torch

from landscape import measures
from landscape.choices import PIECEWISE_ACTIVATIONS
from landscape.claims import Claim
from landscape.ensemble import Ensemble, build
from landscape.findings import Answer
from landscape.nets import make_net
from landscape.results import Cell, Measured, Result, cell
from landscape.studies.initialisation.answer import answer_of
from landscape.studies.initialisation.claims import PROVEN_DIMS, claims_of
from landscape.studies.initialisation.parameters import InitialisationParameters
from landscape.studies.parts.slices import REGIONS_EVALUATIONS
from landscape.studies.parts.streams import stream
from landscape.study import Study
from landscape.training import Recipe, Site

if TYPE_CHECKING:
    from landscape.figures import Panel

NEWTON_EVALUATIONS = 60  # by Newton's method, per start, about


@dataclass(frozen=True)
class InitialisationStudy(InitialisationParameters, Study):
    """The study of initialisation: what its cells draw and measure."""

    trains: ClassVar[bool] = False

    def cells(self) -> Sequence[Cell]:
        return [
            cell(dim=dim, init=init, hidden=hidden, width=width)
            for dim in self.dim
            for init in self.init
            for hidden in self.hidden
            for width in self.width
        ]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        return []

    def nets(self, cell: Cell) -> Ensemble:
        """The random networks of a cell, which map the cube into itself by a sigmoid."""
        net = make_net(
            "mlp", (cell["dim"],), hidden=cell["hidden"], width=cell["width"], activation=self.activation,
            output="sigmoid", init=cell["init"], scale=self.scale,
        )  # fmt: skip
        return build(net, cell["dim"], self.seeds)

    def evaluations(self, cell: Cell) -> int:
        return REGIONS_EVALUATIONS if self.proves(cell) else self.starts * NEWTON_EVALUATIONS

    def held(self, cell: Cell) -> int:
        return 0 if self.proves(cell) else 2 * int(self.starts) * cell["dim"] ** 2

    def proves(self, cell: Cell) -> bool:
        """Whether all fixed points of the cell's networks can be found, with proof."""
        return cell["dim"] in PROVEN_DIMS and self.activation in PIECEWISE_ACTIVATIONS

    def measure(self, cell: Cell, site: Site) -> Measured:
        nets, dim = self.nets(cell), cell["dim"]
        if self.proves(cell):
            found = measures.fixed_points(nets)
        else:
            draw = stream("initialisation", "newton starts")
            begun = measures.starts("uniform", nets.members, self.starts, dim, generator=draw)
            found = measures.periodic_points(nets, begun)
        stable = found.stability == measures.exact.STABILITIES.index("stable")
        columns = {
            "fixed": torch.bincount(found.member, minlength=nets.members),
            "stable": torch.bincount(found.member[stable], minlength=nets.members),
            "proven": found.proven,
        }
        members = pd.DataFrame({name: value.numpy() for name, value in columns.items()})
        members.insert(0, "member", range(nets.members))
        members.insert(1, "seed", list(self.seeds))
        return Measured({"members": members})

    def panels(self, result: Result) -> Iterator[Panel]:
        from landscape.studies.initialisation.panels import panels_of  # a bare GPU box has no drawing libraries

        yield from panels_of(result)

    def answer(self, result: Result, claims: Sequence[Claim]) -> Answer | None:
        return answer_of(result, claims)

    def hero(self, result: Result) -> Panel | None:
        from landscape.studies.initialisation.panels import hero_of

        return hero_of(result)

    def claims(self, result: Result) -> Iterator[Claim]:
        yield from claims_of(result)
