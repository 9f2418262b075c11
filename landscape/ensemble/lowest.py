"""The weights of each member's lowest loss so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape.ensemble.checkpoint import like

LONG_ROW = 8192  # numbers. Longer rows are copied one by one: that is faster than numpy's indexing by an array


class Lowest:
    """A copy of each member's weights at its lowest loss, with the loss and the step. Of equal losses the latest counts.

    NaN is never the lowest loss. Before the first `offer` the losses are infinite."""

    def __init__(self, flat: Float[Tensor, "members parameters"]) -> None:
        losses = torch.full(flat.shape[:1], torch.inf, dtype=flat.dtype, device=flat.device)
        self._take([flat.clone(), losses, torch.zeros(len(flat), dtype=torch.int64, device=flat.device)])

    def offer(self, flat: Float[Tensor, "members parameters"], losses: Float[Tensor, "members"], step: int) -> None:
        """Copy the rows of the members whose loss is at most their lowest loss so far."""
        if flat.device.type == "cpu":
            self._offer_on_cpu(flat, losses, step)
        else:
            self._offer_on_device(flat, losses, step)

    def _offer_on_device(self, flat: Tensor, losses: Tensor, step: int) -> None:
        """On a GPU, without reading the losses on the host, which would have to wait for them."""
        lower = losses <= self.losses
        torch.where(lower[:, None], flat, self.flat, out=self.flat)
        torch.where(lower, losses, self.losses, out=self.losses)
        self.steps.masked_fill_(lower, step)

    def _offer_on_cpu(self, flat: Tensor, losses: Tensor, step: int) -> None:
        """On a CPU, in numpy, on arrays that share the tensors' memory. In torch this took a tenth to a third of a step."""
        if flat is not self.bound[0] or losses is not self.bound[1]:
            self._bind(flat, losses)
        (rows, given), (kept, lowest, steps) = self.offered, self.held
        lower = given <= lowest
        places = lower.nonzero()[0]
        if not len(places):
            return
        if len(places) == len(given):
            np.copyto(kept, rows)
            np.copyto(lowest, given)
            steps.fill(step)
            return
        if 2 * len(places) > len(given):  # most rows: copy all of them, then restore the others
            others = (~lower).nonzero()[0]
            before = kept[others]
            np.copyto(kept, rows)
            kept[others] = before
        elif rows.shape[1] < LONG_ROW:
            kept[places] = rows[places]
        else:
            for place in places.tolist():
                kept[place] = rows[place]
        np.fmin(lowest, given, out=lowest)
        np.putmask(steps, lower, step)

    def state(self) -> dict[str, Tensor]:
        """The tensors to be saved, by name."""
        return {"lowest.flat": self.flat, "lowest.losses": self.losses, "lowest.steps": self.steps}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Continue from a `state()`. Raises ValueError for the state of other members."""
        self._take([like(current, tensors[name]) for name, current in self.state().items()])

    def select(self, rows: Callable[[Tensor], Tensor]) -> None:
        """Apply `rows`, which selects rows of a tensor, to every tensor."""
        self._take([rows(value) for value in self.state().values()])

    def _take(self, tensors: Sequence[Tensor]) -> None:
        self.flat, self.losses, self.steps = tensors
        self.bound: tuple[Tensor | None, Tensor | None] = None, None

    def _bind(self, flat: Tensor, losses: Tensor) -> None:
        """View the tensors as numpy arrays that share their memory."""
        self.bound = flat, losses
        self.offered = flat.numpy(), losses.numpy()
        self.held = self.flat.numpy(), self.losses.numpy(), self.steps.numpy()
