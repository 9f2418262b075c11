"""A block of members that are trained side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from landscape.ensemble.checkpoint import like
from landscape.ensemble.ensemble import MEMBER_MULTIPLE, Ensemble, padded, views
from landscape.ensemble.lowest import Lowest
from landscape.ensemble.objective import prepare
from landscape.ensemble.optimisers import moments_of, take_step
from landscape.ensemble.spec import FitSpec


class Block:
    """The state of training of a block of members: parameters, the optimiser's moments, minibatches, weights of lowest loss.

    `rows` are the members' indices in the ensemble. `flat` has a row for each of them, followed by padding to a multiple of
    four; a member that is trained `alone` has no padding. `drop` removes finished members. `lowest` is None if the weights
    after the last step are kept."""

    def __init__(
        self,
        ensemble: Ensemble,
        flat: Tensor,
        points: Tensor,
        seeds: Sequence[int],
        rows: Tensor,
        how: FitSpec,
        *,
        alone: bool = False,
    ) -> None:
        self.net, self.dim, self.how = ensemble.net, ensemble.dim, how
        self.batch = how.batch
        self.multiple = 1 if alone else MEMBER_MULTIPLE
        self.all_points, self.all_seeds = points, seeds
        self.rows, self.step, self.started_with = rows, 0, len(rows)
        self.random = self.batch is not None or how.objective != "plain"
        self.generators = {row: _generator(seeds[row]) for row in rows.tolist()} if self.random else {}
        self.order, self.cursor = torch.empty(0), 0
        begun = self._padded(flat[rows.to(flat.device)].clone())
        self._adopt(begun, moments_of(how, begun))
        self.lowest = Lowest(self.flat) if how.keep == "best" else None

    @property
    def members(self) -> int:
        """The number of members in training, without padding."""
        return len(self.rows)

    def gradient(self) -> Tensor:
        """Compute the gradient on this step's batch, in place, and return the losses: (members + padding,)."""
        if self.batch:
            self._next_batch()
        return self._gradient()

    def loss(self) -> Tensor:
        """The loss of each member over all its data: (members + padding,)."""
        return (self.net.forward(self.parameters, self.points) - self.points).square().mean((1, 2))

    def update(self) -> None:
        """Take one step of the optimiser."""
        take_step(self.how, self.flat, self.slope, self.moments, self.how.rate(self.step))
        self.step += 1

    def drop(self, finished: Tensor) -> None:
        """Remove the `finished` members (a mask). The state of the others is unchanged, bitwise."""
        remaining = torch.nonzero(~finished).flatten()
        self.rows = self.rows[remaining]
        if not len(remaining):
            return
        on_device = remaining.to(self.flat.device)
        moments = {  # the number of steps is one for all members
            name: self._padded(moment[on_device]) if moment.ndim else moment for name, moment in self.moments.items()
        }
        slope = self._padded(self.slope[on_device])
        if self.batch and self.cursor:
            self.order = self._padded(self.order[on_device])
        self._adopt(self._padded(self.flat[on_device]), moments)
        self.slope.copy_(slope)
        if self.lowest:
            self.lowest.select(lambda value: self._padded(value[on_device]))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that is needed to continue training: tensors by name, and JSON-able numbers."""
        tensors = {"rows": self.rows, "flat": self.flat, **self.moments, **(self.lowest.state() if self.lowest else {})}
        if self.random:
            tensors["order"] = self.order
            tensors |= {f"generator.{row}": self.generators[row].get_state() for row in self.rows.tolist()}
        return tensors, {"step": self.step, "cursor": self.cursor, "started_with": self.started_with}

    def restore(self, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Continue from a `state()`. Raises ValueError for the state of other members."""
        device = self.flat.device
        self.step, self.cursor, self.started_with = state["step"], state["cursor"], state["started_with"]
        if self.random:
            self.order = tensors["order"].to(device)
            for row in self.rows.tolist():
                self.generators[row].set_state(tensors[f"generator.{row}"])
        moments = {name: like(moment, tensors[name]) for name, moment in self.moments.items()}
        self._adopt(like(self.flat, tensors["flat"]), moments)
        if self.lowest:
            self.lowest.restore(tensors)

    def _adopt(self, flat: Tensor, moments: dict[str, Tensor]) -> None:
        self.flat, self.slope, self.moments = flat, torch.zeros_like(flat), moments
        self.parameters = views(self.net, self.dim, self.flat)
        self.gradients = views(self.net, self.dim, self.slope)
        chosen = self.all_points[self.rows.to(flat.device)] if self._own_points() else self.all_points[: self.members]
        if self._own_points() or self.batch is None:
            self.points = self._padded(chosen.contiguous())
        else:  # shared points: every member sees the same copy
            self.points = chosen[:1].expand(len(flat), *chosen.shape[1:])
        if self.random:
            self.ends = (self.points.amin((1, 2), keepdim=True), self.points.amax((1, 2), keepdim=True))
        # Minibatches are rows of one table: torch.gather over (members, points, dim) takes several times as long.
        sets = self.points if self._own_points() else self.points[:1]
        self.table = sets.flatten(0, 1)
        self.first = torch.arange(len(sets), device=flat.device)[:, None] * self.points.shape[1]
        # The last bits of products with one row depend on the number of members, so a single point is taken twice.
        if self.batch:
            self.seen = torch.empty(len(flat), max(2, self.batch), self.dim, device=flat.device)
        else:
            self.seen = self.points if self.points.shape[1] > 1 else self.points.repeat(1, 2, 1)
        self._gradient = prepare(self.how, self.net, self.parameters, self.seen, self.gradients, self._draw)

    def _padded(self, flat: Tensor) -> Tensor:
        return padded(flat, self.multiple)

    def _own_points(self) -> bool:
        return self.all_points.stride(0) != 0 and len(self.all_points) > 1

    def _draw(self, kind: str) -> Tensor:
        """Random numbers in the shape of the points seen, each member's from its own generator.

        `kind` is 'normal', or 'uniform' over the range of the member's data."""
        draw = torch.randn if kind == "normal" else torch.rand
        drawn = torch.stack([draw(self.seen.shape[1:], generator=self.generators[row]) for row in self.rows.tolist()])
        numbers = self._padded(drawn).to(self.seen.device)
        return numbers if kind == "normal" else torch.lerp(*self.ends, numbers)

    def _next_batch(self) -> None:
        """Take the next `batch` points of each member's shuffled epoch."""
        assert self.batch is not None
        count = self.points.shape[1]
        if self.cursor == 0:
            orders = [torch.randperm(count, generator=self.generators[row]) for row in self.rows.tolist()]
            self.order = self._padded(torch.stack(orders)).to(self.points.device)
        chosen = self.order[:, self.cursor : self.cursor + self.batch]
        self.cursor = 0 if self.cursor + 2 * self.batch > count else self.cursor + self.batch
        if self.batch == 1:
            chosen = chosen.expand(-1, 2)
        torch.index_select(self.table, 0, (chosen + self.first).flatten(), out=self.seen.view(-1, self.dim))


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed + 2**32)  # another stream than that of the weights
