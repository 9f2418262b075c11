"""Pairs of a network's inputs that one of its layers merges, to look at: verified in float64."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.optimize import linprog
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.exact.collisions import MAX_RESIDUAL
from landscape.measures.exact.hidden_layers import Stage, of_member, stages_of
from landscape.measures.exact.layer_arguments import expect_time
from landscape.measures.exact.layer_tests import TIME_LIMIT
from landscape.measures.exact.merging import MERGED, merged_points
from landscape.measures.gate import gated
from landscape.measures.maps import Map, per_member

TRIED = 4  # points per layer around which a pair is sought; the pair that is furthest apart is kept
LARGEST_PROGRAM = 4_000_000  # entries of the linear programme, at most; beyond, pairs lie along one direction
INWARDS = (0.0, 0.05)  # shares of the way to the box's middle by which points are moved: pairs need room to either side
ROOM = 1e-6  # share of the way to the middle by which a pair is moved, and margin of the units' signs, for rounding
ROUNDING = 1e-13  # singular values of a Jacobian below this share of the largest are rounding
KEPT = 1e-9  # the least distance before the merging layer, relative to the size of the values there


@dataclass(frozen=True, eq=False, repr=False)
class CollidingInputs(Shown):
    """Two inputs that a layer merges: the layers before it keep them apart, and it gives both the same values.

    - `inputs`, (2, D), float64 on the CPU: x and y, in the box.
    - `residual`: ‖h(x) − h(y)‖ after the layer, relative to ‖W‖ (Frobenius) times their distance before it; at most 1e-10.
    - `before`: their distance before the layer, as a share of ‖x − y‖.
    - `point`: the index of the point around which they were found."""

    inputs: Float[Tensor, "2 dim"]
    residual: float
    before: float
    point: int

    @property
    def distance(self) -> float:
        """‖x − y‖."""
        return float(torch.linalg.vector_norm(self.inputs[1] - self.inputs[0]))


@gated("points")
@torch.no_grad()
def colliding_inputs(
    model: Map,
    points: Tensor,
    *,
    low: float = 0.0,
    high: float = 1.0,
    last: bool = False,
    time_limit: float = TIME_LIMIT,
) -> tuple[tuple[CollidingInputs | None, ...], ...]:
    """For each member and hidden layer, two inputs of the box [low, high]^D that this layer merges, or None: E × L.

    They are sought around TRIED of the points, (P, D) or (E, P, D), where the rank falls at the layer; see `merged_points`.

    1. The network up to the layer is affine where all units keep their signs. There, steps d with J d = 0 change nothing after
       the layer, J the Jacobian up to it.
    2. Of these steps, a linear programme takes the one that changes the values before the layer most along one direction,
       within the signs of all units and the box. So the pair is far apart, and some units stand at the border of their sign.
    3. Where the programme is too large, or the time ran out, the step goes along that one direction.
    4. Both inputs are put through the layers in float64. A pair counts if its residual is at most MAX_RESIDUAL.

    None means that no pair was found there, not that the layer merges none. None is sought behind curved activations, as tanh,
    since steps are straight, nor in members with weights that are not finite. `time_limit`, in seconds, is shared out among the
    layers. Raises ValueError as `merged_points`, and for a box or a time limit that is none."""
    expect_time(time_limit)
    if not -np.inf < low < high < np.inf:
        raise ValueError(f"`low` and `high` must be finite, with low < high; got {low!r} and {high!r}")
    stages = stages_of(model, last=last)
    placed = per_member(model, points).cpu().double().clamp(low, high)
    seen = merged_points(model, placed, last=last)
    deadline, left = time.monotonic() + time_limit, model.members * len(stages)
    found = []
    for member in range(model.members):
        own = of_member(stages, member)
        finite = all(bool(stage.finite.all()) for stage in own)
        row: list[CollidingInputs | None] = []
        for layer in range(len(own)):
            usable = finite and all(stage.has_kinks for stage in own[:layer])
            which = seen.merges[member, layer].nonzero()[:TRIED, 0].tolist() if usable else []
            until = time.monotonic() + (deadline - time.monotonic()) / left
            row.append(_furthest(_Search(own[: layer + 1], low, high, until), placed[member], which))
            left -= 1
        found.append(tuple(row))
    return tuple(found)


def _furthest(search: _Search, points: Tensor, which: list[int]) -> CollidingInputs | None:
    """The merged pair around these points whose inputs are furthest apart. When the time is up, the first pair is taken."""
    best: CollidingInputs | None = None
    for point in which:
        if best is not None and time.monotonic() > search.deadline:
            break
        pair = search.around(points[point], point)
        if pair is not None and (best is None or pair.distance > best.distance):
            best = pair
    return best


@dataclass(frozen=True, eq=False)
class _Search:
    """A search for inputs that a layer of one member merges: `stages` are its layers up to that one, low and high the box."""

    stages: Sequence[Stage]
    low: float
    high: float
    deadline: float

    def around(self, point: Tensor, index: int) -> CollidingInputs | None:
        """A verified pair around the point, moved inwards if that is needed. None if there is none."""
        for share in INWARDS:
            start = point + share * ((self.low + self.high) / 2 - point)
            place = _Place.at(self.stages, start)
            if place is None:
                continue
            for step, back in self._steps(place):
                pair = self._verified(start, step, back, index)
                if pair is not None:
                    return pair
        return None

    def _steps(self, place: _Place) -> Iterator[tuple[Tensor, Tensor]]:
        """Steps d from the point to either end of a pair: that of the linear programme, and those along one direction."""
        programme = self._by_programme(place)
        if programme is not None:
            yield programme, torch.zeros_like(programme)
        there, back = self._reach(place, place.direction), self._reach(place, -place.direction)
        yield there * place.direction, -back * place.direction

    def _by_programme(self, place: _Place) -> Tensor | None:
        """The step that changes the values before the layer most, along what `place.direction` makes of them."""
        left = self.deadline - time.monotonic()
        rows, limits = place.signs(ROOM * (self.high - self.low))
        if left <= 0 or (len(rows) + len(place.kept)) * len(place.point) > LARGEST_PROGRAM:
            return None
        goal = place.before.T @ (place.before @ place.direction)
        program = linprog(
            -(goal / goal.abs().max().clamp_min(1e-300)).numpy(),
            A_ub=rows.numpy() if len(rows) else None,
            b_ub=limits.numpy() if len(rows) else None,
            A_eq=place.kept.numpy() if len(place.kept) else None,
            b_eq=np.zeros(len(place.kept)) if len(place.kept) else None,
            bounds=torch.stack([self.low - place.point, self.high - place.point], 1).numpy(),
            options={"time_limit": left},
        )
        if program.x is None:
            return None
        step = torch.from_numpy(np.asarray(program.x))
        return step - place.kept.T @ (place.kept @ step)

    def _reach(self, place: _Place, direction: Tensor) -> float:
        """How far one can go along the direction within the box and the signs of all units."""
        rows, limits = place.signs(0.0)
        rates = torch.cat([rows @ direction, direction, -direction])
        room = torch.cat([limits, self.high - place.point, place.point - self.low])
        moving = rates > MERGED
        return 0.99 * float((room[moving] / rates[moving]).clamp_min(0).min()) if bool(moving.any()) else 0.0

    def _verified(self, start: Tensor, step: Tensor, back: Tensor, index: int) -> CollidingInputs | None:
        """The pair from `start + back` to `start + step`, moved slightly inwards, if the layer merges it; else None."""
        middle = (self.low + self.high) / 2
        ends = torch.stack([start + back, start + step])
        pair = ends + ROOM * (middle - ends)
        if not bool(((pair >= self.low) & (pair <= self.high)).all()):
            return None
        value = pair[None]
        for stage in self.stages[:-1]:
            value = stage.after(stage.before(value))
        layer = self.stages[-1]
        after = layer.after(layer.before(value))[0]
        inputs, before, apart = (float(torch.linalg.vector_norm(ends[1] - ends[0])) for ends in (pair, value[0], after))
        size = float(torch.linalg.matrix_norm(layer.weight[0])) * before
        if not before > KEPT * float(value.abs().max()):
            return None
        residual = apart / size if size > 0 else 0.0
        return CollidingInputs(pair, residual, before / inputs, index) if residual <= MAX_RESIDUAL else None


@dataclass(frozen=True, eq=False)
class _Place:
    """A point in the region where the layers are affine, and what a step from it changes.

    - `before`, (in, D): the Jacobian up to the layer that merges. `kept`, (R, D): orthonormal rows that span what is left
      after it.
    - `direction`, (D,): the unit step that the layer merges and that the layers before it carry furthest.
    - `values`, (K,), and `slopes`, (K, D): of all units with a kink up to the layer; of this layer the inactive ones alone."""

    point: Tensor
    before: Tensor
    kept: Tensor
    direction: Tensor
    values: Tensor
    slopes: Tensor

    @classmethod
    def at(cls, stages: Sequence[Stage], point: Tensor) -> _Place | None:
        """The place of a point. None if the last of the layers merges no direction there."""
        value, jacobian = point[None, None], torch.eye(len(point), dtype=point.dtype)
        values, slopes = [], []
        for place, stage in enumerate(stages):
            before = stage.before(value)
            rows = stage.weight[0].T @ jacobian
            bends = stage.has_kinks and stage.activation != "linear"
            which = (
                stage.slope(before)[0, 0] == 0 if place == len(stages) - 1 else torch.ones(len(rows), dtype=torch.bool)
            )
            if bends:
                values.append(before[0, 0, which])
                slopes.append(rows[which])
            if place < len(stages) - 1:
                jacobian = stage.slope(before)[0, 0, :, None] * rows
                value = stage.after(before)
        found = _newly_merged(jacobian, stages[-1], before[0, 0])
        if found is None:
            return None
        empty = point.new_zeros(0, len(point))
        return cls(point, jacobian, found[1], found[0], torch.cat([point[:0], *values]), torch.cat([empty, *slopes]))

    def signs(self, margin: float) -> tuple[Tensor, Tensor]:
        """Rows and limits such that rows · d ≤ limits keeps the sign of every unit, by a margin in units of the input."""
        side = torch.where(self.values > 0, -1.0, 1.0)[:, None]
        room = self.values.abs() - margin * torch.linalg.vector_norm(self.slopes, dim=1)
        return side * self.slopes, room.clamp_min(0)


def _newly_merged(jacobian: Tensor, layer: Stage, before: Tensor) -> tuple[Tensor, Tensor] | None:
    """The step that `layer` merges and that the layers before it carry furthest, and a basis of the steps that it keeps."""
    left, size, right = torch.linalg.svd(jacobian, full_matrices=False)
    rank = int((size > ROUNDING * size[0]).sum()) if bool(size[0] > 0) else 0
    left, size, right = left[:, :rank], size[:rank], right[:rank]
    slope = layer.slope(before[None, None])[0, 0]
    passed = slope[:, None] * (layer.weight[0].T @ left)
    _, values, directions = torch.linalg.svd(passed, full_matrices=len(passed) < rank)
    kept = int((values > MERGED * values[0]).sum()) if len(values) and bool(values[0] > 0) else 0
    if not rank or kept == rank:
        return None
    null = directions[kept:].T
    furthest = torch.linalg.svd(null / size[:, None], full_matrices=False)[2][-1]
    step = right.T @ ((null @ furthest) / size)
    rows = (directions[:kept] * size) @ right
    basis = torch.linalg.qr(rows.T)[0].T if kept else rows
    return step / torch.linalg.vector_norm(step), basis
