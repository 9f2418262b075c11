"""Training of all members of an ensemble at once; each member stops by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from landscape.choices import MOMENTUM
from landscape.ensemble.block import Block
from landscape.ensemble.block_size import members_per_block
from landscape.ensemble.checkpoint import Checkpoint, like
from landscape.ensemble.ensemble import Ensemble, threads
from landscape.ensemble.fitted import Ending, Fitted, curves_table
from landscape.ensemble.objective import check_loss
from landscape.ensemble.spec import FitSpec
from landscape.ensemble.status import TOL, status_of

CURVE_RATIO = (
    1.14  # between the steps at which loss curves are recorded: about 60 of 2,000, and the same of a longer training
)
CHECK_FULL, CHECK_BATCH = 10, 100  # steps between checks for convergence: full batches give the loss at no cost
END_BYTES = 2**25  # where a training stood is kept up to this size: about four times the size of its networks
PROGRESS_SECONDS = 0.2
RESULT_TENSORS = (
    "flat",
    "losses",
    "kept_at",
    "taken",
    "last_losses",
)  # attributes that hold the results of finished members
Progress = Callable[[int, int, int, float], None]


def fit(
    ensemble: Ensemble,
    points: Float[Tensor, "members data dim"],
    *,
    seeds: Sequence[int],
    steps: int,
    lr: float = 1e-3,
    batch: int | None = None,
    tol: float = TOL,
    stop: bool = True,
    schedule: str = "constant",
    objective: str = "plain",
    strength: float = 0.1,
    precision: str = "float32",
    keep: str = "best",
    snapshots: Sequence[int] = (),
    loss: str = "mse",
    optimizer: str = "adam",
    momentum: float = MOMENTUM,
    weight_decay: float = 0.0,
    cores: int = 1,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    begin: Ending | None = None,
) -> Fitted:
    """Minimise each member's mean squared reconstruction error with Adam (Shrivastava 2024, Eq. 1), or as FitSpec says.

    - A `batch` below the number of points draws minibatches without replacement, epoch by epoch, from each member's seed. The
      rest of an epoch that is too short for a batch is dropped.
    - Adam's loss rises and falls, so that the last step is seldom the best. With `keep` 'best' the weights of the lowest loss
      over all data are kept. If steps compute that loss (FitSpec.tells_loss), the weights before every step are candidates,
      otherwise those before every hundredth step. The weights after the last step always are.
    - The training of a member ends early if its loss is not finite or, with `stop`, if its kept loss is at most `tol`.
    - The weights after each step of `snapshots` are kept, too. The training is the same with and without them.
    - `cores` is the number of processor cores for a network that is large enough to be trained alone.
    - `begin` is the `end` of the same training with fewer steps, which then goes on from there, to the same bits.
    - `progress(member-steps done, all member-steps, members converged, median loss)` is called a few times per second.

    A member's result depends on its seed and its data alone, bitwise. The caller's ensemble is not changed. FitSpec describes
    the other arguments; it raises ValueError for bad values."""
    began = time.monotonic()
    batch = None if batch is None or batch >= points.shape[1] else batch
    how = FitSpec(
        steps, lr, batch, tol, stop, schedule, objective, strength, precision, keep, tuple(snapshots), loss, optimizer,
        momentum, weight_decay,
    )  # fmt: skip
    check_loss(how, ensemble.net)
    job = _Job(ensemble, points, tuple(seeds), how, checkpoint, progress, begin)
    with threads(cores if job.alone else 1, ensemble.device), torch.no_grad():
        fitted = job.run()
    seconds = time.monotonic() - began + (begin.state["seconds"] if begin else 0.0)
    if fitted.end:
        fitted.end.state["seconds"] = seconds
    return replace(fitted, seconds=seconds)


class _Job:
    """A call of `fit`: blocks of members, as large as the cache or the device allows, are trained one after another."""

    def __init__(
        self,
        ensemble: Ensemble,
        points: Tensor,
        seeds: tuple[int, ...],
        how: FitSpec,
        checkpoint: Checkpoint | None,
        progress: Progress | None,
        begin: Ending | None,
    ) -> None:
        self.ensemble, self.points, self.seeds, self.how = ensemble, points.to(ensemble.device), seeds, how
        self.checkpoint, self.progress, self.begin = checkpoint, progress, begin
        self.size = members_per_block(ensemble, how.batch or points.shape[1])
        self.alone = self.size == 1
        self.flat = ensemble.flat.clone()
        self.taken, self.kept_at = torch.zeros(2, ensemble.members, dtype=torch.int64)
        self.losses, self.last_losses = torch.full((2, ensemble.members), torch.nan, dtype=ensemble.flat.dtype)
        self.snapshots = ensemble.flat.detach().cpu().repeat(len(how.snapshots), 1, 1)
        self.curves: list[tuple[list[int], int, list[float]]] = []
        powers = np.arange(np.log(how.steps) / np.log(CURVE_RATIO) + 1)
        self.record_at = {0, *(CURVE_RATIO**powers).round().astype(int).tolist()}
        self.converged, self.shown, self.waiting = 0, 0.0, 0  # `waiting` members are in blocks that have not begun
        self.ended: list[tuple[dict[str, Tensor], dict[str, Any]]] | None = [] if self._keeps_end() else None

    def run(self) -> Fitted:
        start, block = self._resume()
        if self.begin:
            self._go_on(self.begin, start, block)
        else:
            self._go(start, block)
        status = tuple(self._status())
        if self.checkpoint:
            self.checkpoint.remove()
        trained, taken = replace(self.ensemble, flat=self.flat), zip(self.how.snapshots, self.snapshots, strict=True)
        return Fitted(
            trained,
            self.losses,
            self.kept_at,
            self.taken,
            self.last_losses,
            status,
            curves_table(self.curves, self.taken, self.last_losses),
            snapshots=tuple((step, replace(trained, flat=flat.to(self.flat.device))) for step, flat in taken),
            end=self._end(),
        )

    def _go(self, start: int, block: Block | None) -> None:
        """Train blocks of members, from the member `start` on."""
        while start < self.ensemble.members:
            block = block or self._block(torch.arange(start, min(start + self.size, self.ensemble.members)))
            self.waiting = self.ensemble.members - start - block.started_with
            self._train(block, start)
            start, block = start + block.started_with, None  # a resumed block keeps the size it began with

    def _go_on(self, begin: Ending, start: int, block: Block | None) -> None:
        """Train the blocks of a training that had fewer steps, from block `start` on."""
        blocks = begin.state["blocks"]
        if start == 0 and block is None:
            self._take(begin.tensors, begin.state)
        for number in range(start, len(blocks)):
            tensors = begin.block(number)
            if block is None:
                block = self._block(tensors["rows"])
                block.restore(tensors, blocks[number])
            self.waiting = sum(len(begin.block(later)["rows"]) for later in range(number + 1, len(blocks)))
            self._train(block, number)
            block = None

    def _block(self, rows: Tensor) -> Block:
        return Block(self.ensemble, self.flat, self.points, self.seeds, rows, self.how, alone=self.alone)

    def _train(self, block: Block, start: int) -> None:
        exact = self.how.tells_loss
        check = CHECK_FULL if exact else CHECK_BATCH
        lowest = block.lowest
        while block.step < self.how.steps:
            looks = block.step % check == 0
            if looks and self.checkpoint and self.checkpoint.due():
                self._save(block, start)  # between steps, so that a resumed run repeats nothing and skips nothing
            if block.step in self.how.snapshots:
                self.snapshots[self.how.snapshots.index(block.step), block.rows] = block.flat[: block.members].cpu()
            losses = block.gradient()
            if lowest and exact:
                lowest.offer(block.flat, losses, block.step)
            if block.step in self.record_at:
                self.curves.append((block.rows.tolist(), block.step, losses[: block.members].tolist()))
            if looks:
                whole = losses if exact else block.loss()
                if lowest and not exact:
                    lowest.offer(block.flat, whole, block.step)
                self._retire(block, whole)
                self._show(block, whole)
                if not block.members:
                    return
            block.update()
        if self.ended is not None:  # before the last weights are offered, which a longer training does in its own time
            tensors, state = block.state()
            self.ended.append(({name: value.detach().cpu().clone() for name, value in tensors.items()}, state))
        last = (
            block.gradient() if exact else block.loss()
        )  # computed as in the steps: otherwise its last bits would differ
        if lowest:
            lowest.offer(block.flat, last, block.step)
        self._keep(block, torch.ones(block.members, dtype=torch.bool), last)

    def _retire(self, block: Block, losses: Tensor) -> None:
        """Remove the members that have converged, or whose loss is not finite, from the block."""
        now = losses[: block.members]
        kept = block.lowest.losses[: block.members] if block.lowest else now
        finished = ~torch.isfinite(now)
        if self.how.stop:
            finished |= kept <= self.how.tol
        if finished.any():
            done = finished.cpu()
            self.converged += int((kept[finished] <= self.how.tol).sum())
            self._keep(block, done, losses)
            block.drop(done)

    def _keep(self, block: Block, chosen: Tensor, losses: Tensor) -> None:
        """Store the results of the chosen members (a mask). `losses` are those of the block's current parameters."""
        rows, places = block.rows[chosen], torch.nonzero(chosen).flatten().to(self.flat.device)
        self.taken[rows] = self.kept_at[rows] = block.step
        self.last_losses[rows] = losses[places].cpu()
        for place, step in enumerate(self.how.snapshots):
            if step >= block.step:
                self.snapshots[place, rows] = block.flat[places].cpu()
        if block.lowest:
            lowest, flat = block.lowest.losses[places].cpu(), block.lowest.flat[places]
            self.losses[rows] = torch.where(torch.isfinite(lowest), lowest, self.last_losses[rows])
            self.kept_at[rows] = block.lowest.steps[places].cpu()
        else:
            self.losses[rows], flat = self.last_losses[rows], block.flat[places]
        self.flat[rows.to(self.flat.device)] = flat

    def _status(self) -> Iterator[str]:
        size = members_per_block(self.ensemble, self.points.shape[1])
        for start in range(0, self.ensemble.members, size):
            part = slice(start, start + size)
            points = self.points[part]
            outputs = replace(self.ensemble, flat=self.flat[part])(points)
            yield from status_of(self.losses[part], outputs.cpu(), points.cpu(), self.how.tol)

    def _show(self, block: Block, losses: Tensor) -> None:
        if self.progress and time.monotonic() - self.shown > PROGRESS_SECONDS:
            self.shown = time.monotonic()
            left = block.members * (self.how.steps - block.step) + self.how.steps * self.waiting
            total = self.how.steps * self.ensemble.members
            self.progress(total - left, total, self.converged, float(losses.median()))

    def _save(self, block: Block, start: int) -> None:
        assert self.checkpoint is not None
        tensors, state = block.state()
        state |= {"start": start, "converged": self.converged, "curves": self.curves}
        self.checkpoint.save({**tensors, **{f"final.{name}": getattr(self, name) for name in self._results()}}, state)

    def _results(self) -> tuple[str, ...]:
        return (*RESULT_TENSORS, "snapshots") if self.how.snapshots else RESULT_TENSORS

    def _resume(self) -> tuple[int, Block | None]:
        saved = self.checkpoint.load() if self.checkpoint else None
        if saved is None:
            return 0, None
        tensors, state = saved
        try:
            start, block = int(state["start"]), self._block(tensors["rows"])
            block.restore(tensors, state)
            self._take(tensors, state)
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            assert self.checkpoint is not None
            self.checkpoint.refuse(f"{type(error).__name__}: {error}")
            return 0, None
        if start:
            self.ended = None  # where the blocks before it ended was not written down
        return start, block

    def _take(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Take the results of members so far. Raises ValueError for those of other members."""
        final = {name: like(getattr(self, name), tensors[f"final.{name}"]) for name in self._results()}
        curves = [(list(rows), step, list(values)) for rows, step, values in state["curves"]]
        self.curves, self.converged = curves, int(state["converged"])
        for name, value in final.items():
            setattr(self, name, value.clone())

    def _keeps_end(self) -> bool:
        """Whether a longer training could go on from the end of this one, and the end is small enough to keep."""
        size = 4 * self.flat.element_size() * self.flat.numel()
        return self.how.schedule == "constant" and not self.how.snapshots and size <= END_BYTES

    def _end(self) -> Ending | None:
        if self.ended is None:
            return None
        tensors = {f"{number}.{name}": one for number, (own, _) in enumerate(self.ended) for name, one in own.items()}
        tensors |= {f"final.{name}": getattr(self, name).detach().cpu().clone() for name in self._results()}
        state = {"blocks": [numbers for _, numbers in self.ended], "converged": self.converged, "curves": self.curves}
        return Ending(tensors, state)
