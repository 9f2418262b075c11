"""Where a network is looked at: its data, held-out points, and the random starts and probes, the same for every network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import cube, measures
from landscape.data import Dataset
from landscape.studies.examine.parameters import ExamineParameters
from landscape.studies.parts.orbit_ends import training_radii
from landscape.studies.parts.streams import number_of

KINDS = ("noise", "near data", "held out", "data")  # of starts: uniform noise, data + noise, held-out points, the data
PLANE_MARGIN = 0.15  # around the data on their principal axes, as a share of their extent
FEWEST_FOR_PLANE = 3  # points


class Skip(ValueError):
    """A measurement that does not apply here; the message is the reason."""


@dataclass(frozen=True, eq=False)
class Part:
    """What one measurement gives: `columns` of the network's row, `tables`, and `arrays` for pictures."""

    columns: Mapping[str, float | int | str] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Look:
    """The points of an examination: `data` (1, N, D), and `held_out` (1, M, D) or None, on the network's device.

    `picture` is the shape in which a point is shown: an image's (h, w) or (h, w, 3), else (D,). `layout` (D,) are the places
    of the picture's pixels among the coordinates, as a network may have its colours first."""

    given: ExamineParameters
    data: Tensor
    held_out: Tensor | None
    picture: tuple[int, ...]
    layout: Tensor
    device: str = "cpu"

    @property
    def low(self) -> float:
        return self.given.limits[0]

    @property
    def high(self) -> float:
        return self.given.limits[1]

    @property
    def side(self) -> float:
        return self.high - self.low

    @property
    def dim(self) -> int:
        return self.data.shape[-1]

    def generator(self, name: str, index: int = 0) -> torch.Generator:
        """The random stream `name` of the run's seed: the same for every network and control."""
        return torch.Generator().manual_seed(1000 * self.given.seed + number_of("examine", name, index))

    def starts(self, kind: str, count: int) -> Tensor:
        """Starts of one of KINDS: (1, S, D), S at most `count`. Raises Skip for held-out starts without held-out points."""
        generator = self.generator("starts", KINDS.index(kind))
        if kind == "noise":
            return cube.uniform(count, self.dim, generator, low=self.low, high=self.high).to(self.data)[None]
        if kind == "near data":
            return self.noised(self.data[:, :count])
        points = self.data if kind == "data" else self.held_out
        if points is None:
            raise Skip(NO_HELD_OUT)
        return points[:, :count]

    def noised(self, points: Tensor) -> Tensor:
        """Points (1, P, D) with normal noise of the amplitude asked for, clipped to the range."""
        noise = torch.randn(points.shape, generator=self.generator("noise")).to(points)
        return (points + self.given.noise * self.side * noise).clamp(self.low, self.high)

    def datasets(self) -> tuple[Dataset, Dataset | None]:
        """The data and the held-out points as sets of points in the network's order, on the CPU."""
        plain = torch.equal(self.layout, torch.arange(self.dim))
        shape = self.picture if plain else (self.dim,)
        name = self.given.data
        data = Dataset(name, self.data.cpu(), self.low, self.high, shape)
        held = self.held_out
        return data, None if held is None else Dataset(name, held.cpu(), self.low, self.high, shape)

    @cached_property
    def radii(self) -> Tensor:
        """The distance from each point of the data within which a point is at it: (1, N)."""
        return training_radii(self.data, self.low, self.high)

    @cached_property
    def best_constant(self) -> float:
        """The loss on the data of the best constant map, their mean."""
        return float((self.data - self.data.mean(1, keepdim=True)).square().mean())

    @cached_property
    def planes(self) -> dict[str, tuple[cube.Slice, Tensor]]:
        """The planes on which the loss is shown, by name, and data points there (M, 2).

        In the plane it is the whole range. Else: the plane through the first three points of the data, and that of the data's
        two principal axes. Raises Skip on the line, and for fewer than three points."""
        if self.dim == 1:
            raise Skip("a network of one coordinate has a curve in place of a surface")
        if self.dim == 2:
            return {"range": (cube.whole(2, low=self.low, high=self.high), self.data[0].cpu())}
        points = self.data[0].double().cpu()
        if len(points) < FEWEST_FOR_PLANE:
            raise Skip(f"a plane through the data needs {FEWEST_FOR_PLANE} points; there are {len(points)}")
        found = {}
        try:
            where, spots = cube.through(points[:3])
            found["three points"] = (where, spots)
        except ValueError:
            pass  # the three points lie on a line: their plane is not defined
        middle = points.mean(0)
        axes = torch.linalg.svd(points[:1000] - middle, full_matrices=False)[2][:2]
        spots = (points - middle) @ axes.T
        low, high = spots.amin(0), spots.amax(0)
        if float((high - low).min()) > 0:
            room = PLANE_MARGIN * (high - low)
            found["principal axes"] = (cube.Slice(middle, axes, low - room, high + room), spots[:60])
        if not found:
            raise Skip("the data lie on one line")
        return found

    def at_training(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Whether points (P, D) are at a point of the data, which is nearest, and how far: (P,) each.

        In the plane a point is at another within 0.02 of the range, in more dimensions within half of its gap to the next."""
        if not len(points):
            return torch.zeros(0, dtype=torch.bool), torch.zeros(0, dtype=torch.int64), torch.zeros(0)
        points = points.to(self.data)
        finite = points.isfinite().all(-1)
        kept = torch.where(finite[:, None], points, 0.0)
        distance, index = (found[0] for found in measures.nearest(kept[None], self.data))
        distance = torch.where(finite, distance, torch.nan)
        return (distance <= self.radii[0, index]).cpu(), index.cpu(), distance.cpu()


NO_HELD_OUT = (
    "no held-out points were given, and points that the network may have been trained on cannot stand for new ones; "
    "pass held_out (--held-out FILE, or --held-out 20% if the last fifth of the data was not trained on)"
)
