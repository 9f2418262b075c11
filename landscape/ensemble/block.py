"""The members that are being trained together right now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from landscape.ensemble.checkpoint import like
from landscape.ensemble.ensemble import MEMBER_MULTIPLE, Ensemble, padded, views
from landscape.ensemble.lowest import Lowest
from landscape.ensemble.objective import prepare
from landscape.ensemble.spec import FitSpec

ADAM: tuple[str, ...] = ("step", "exp_avg", "exp_avg_sq")  # the optimiser's state, by torch's names
ADAM_SETTINGS: dict[str, Any] = {  # torch.optim.Adam's own
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "maximize": False,
}


class Block:
    """The state of training of some members: parameters, Adam's moments, minibatches, and the parameters of the lowest losses.

    Members that finish are dropped, and the rest moves together (`drop`). `lowest` is None where the last parameters are kept.

    `rows` are the members' places in the ensemble; `flat` has them first and padding after, up to a multiple of four, or none
    for a member that is trained `alone`."""

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
        self._adopt(self._padded(flat[rows.to(flat.device)].clone()), {})
        self.lowest = Lowest(self.flat) if how.keep == "best" else None

    @property
    def members(self) -> int:
        """How many members are still in training, padding not counted."""
        return len(self.rows)

    def gradient(self) -> Tensor:
        """The loss of each member on this step's batch, its gradient left in place: (members + padding,)."""
        if self.batch:
            self._next_batch()
        return self._gradient()

    def loss(self) -> Tensor:
        """The loss of each member over all its data."""
        return (self.net.forward(self.parameters, self.points) - self.points).square().mean((1, 2))

    def update(self) -> None:
        """One Adam step, by the kernel of torch.optim.Adam(fused=True), whose own bookkeeping took longer than small steps."""
        one, two, count = self.moments["exp_avg"], self.moments["exp_avg_sq"], self.moments["step"]
        count.add_(1)
        rate = self.how.rate(self.step)
        torch._fused_adam_([self.flat], [self.slope], [one], [two], [], [count], lr=rate, **ADAM_SETTINGS)
        self.step += 1

    def drop(self, finished: Tensor) -> None:
        """Compact the finished members (a mask) away; what is left is unchanged to the last bit."""
        stay = torch.nonzero(~finished).flatten()
        self.rows = self.rows[stay]
        if not len(stay):
            return
        there = stay.to(self.flat.device)
        moments = {"step": self.moments["step"]}
        for name in ("exp_avg", "exp_avg_sq"):
            moments[name] = self._padded(self.moments[name][there])
        slope = self._padded(self.slope[there])
        if self.batch and self.cursor:
            self.order = self._padded(self.order[there])
        self._adopt(self._padded(self.flat[there]), moments)
        self.slope.copy_(slope)
        if self.lowest:
            self.lowest.select(lambda value: self._padded(value[there]))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything needed to go on from here: tensors and JSON-able numbers."""
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
        moments = {name: like(self.moments[name], tensors[name]) for name in ADAM}
        self._adopt(like(self.flat, tensors["flat"]), moments)
        if self.lowest:
            self.lowest.restore(tensors)

    def _adopt(self, flat: Tensor, moments: dict[str, Tensor]) -> None:
        self.flat, self.slope = flat, torch.zeros_like(flat)
        zeros = {"step": torch.zeros((), device=flat.device)} | {name: torch.zeros_like(flat) for name in ADAM[1:]}
        self.moments = zeros | moments
        self.parameters = views(self.net, self.dim, self.flat)
        self.gradients = views(self.net, self.dim, self.slope)
        chosen = self.all_points[self.rows.to(flat.device)] if self._own_points() else self.all_points[: self.members]
        if self._own_points() or self.batch is None:
            self.points = self._padded(chosen.contiguous())
        else:  # shared and large: every member looks at one copy
            self.points = chosen[:1].expand(len(flat), *chosen.shape[1:])
        if self.random:
            self.ends = (self.points.amin((1, 2), keepdim=True), self.points.amax((1, 2), keepdim=True))
        # Minibatches are rows of one table: torch.gather over (members, points, dim) takes several times as long.
        own = self.points if self._own_points() else self.points[:1]
        self.table = own.flatten(0, 1)
        self.first = torch.arange(len(own), device=flat.device)[:, None] * self.points.shape[1]
        # One-row products take a route whose last bits depend on the number of members, so a lone point is taken twice.
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
        """Numbers shaped like the points seen, each member's from its own stream: 'normal', or 'uniform' on its range."""
        draw = torch.randn if kind == "normal" else torch.rand
        drawn = torch.stack([draw(self.seen.shape[1:], generator=self.generators[row]) for row in self.rows.tolist()])
        placed = self._padded(drawn).to(self.seen.device)
        return placed if kind == "normal" else torch.lerp(*self.ends, placed)

    def _next_batch(self) -> None:
        """Look at the next `batch` points of each member's own shuffled epoch."""
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
    return torch.Generator().manual_seed(seed + 2**32)  # not the stream that drew the weights
