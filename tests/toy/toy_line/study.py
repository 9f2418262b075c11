"""How well nets of a few depths learn two points: the smallest study that trains."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from landscape.choices import POINT_SETS
from landscape.claims import Claim
from landscape.data import DataSpec
from landscape.figures import Panel
from landscape.nets import MLP
from landscape.results import Cell, Measured, Result, cell
from landscape.study import Study, option
from landscape.training import FitSpec, Recipe, Site, trained

STALL = "TOY_LINE_STALL"  # an environment variable: cells with more hidden layers than its value never end


@dataclass(frozen=True)
class ToyLine(Study):
    """Whether depth helps on two points of the line."""

    version: ClassVar[int] = 1
    members: int = option(3, "Networks per cell.", low=1, high=1000)
    hidden: tuple[int, ...] = option((1, 2), "Hidden layers.", low=1, high=20)
    data: str = option("two-points", "Training data.", choices=POINT_SETS)
    lr: float = option(1e-2, "Adam's rate.", low=0)
    steps: int = option(50, "Optimiser steps.", low=1)
    fail: int = option(0, "Fail the cell of this depth.", low=0)
    pause: float = option(0.0, "Seconds to sleep in each cell.", low=0)
    stop: bool = option(True, "Stop at the tolerance.")
    tag: bool = option(False, "Show the classes of images.")

    def cells(self) -> Sequence[Cell]:
        return [cell(hidden=hidden) for hidden in self.hidden]

    def recipes(self, cell: Cell) -> Sequence[Recipe]:
        net = MLP(hidden=cell["hidden"], width=5)
        return [
            Recipe(
                net, DataSpec(self.data, labelled=self.tag), FitSpec(self.steps, self.lr, stop=self.stop), self.seeds
            )
        ]

    def measure(self, cell: Cell, site: Site) -> Measured:
        if cell["hidden"] > int(os.environ.get(STALL, 1000)):
            time.sleep(3600)
        time.sleep(self.pause)
        if cell["hidden"] == self.fail:
            raise ArithmeticError("asked to fail")
        fitted = trained(self.recipes(cell)[0], site)
        members = pd.DataFrame(
            {
                "member": range(self.members),
                "seed": self.seeds,
                "status": fitted.status,
                "loss": fitted.losses.double().numpy(),
            }
        )
        return Measured({"members": members}, {"weights": np.asarray(fitted.ensemble.flat)})

    def panels(self, result: Result) -> Iterator[Panel]:
        yield Panel("Members", "The loss of every member.", result.table)

    def claims(self, result: Result) -> Iterator[Claim]:
        share = float((result.table["status"] == "converged").mean())
        yield Claim("T1", "Every net learns two points.", "share converged", "> 0.5", "undecided", estimate=share)
