"""Training of all members of an ensemble at once; each member stops by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.choices import MOMENTUM
from landscape.ensemble.block import Block
from landscape.ensemble.checkpoint import Checkpoint, like
from landscape.ensemble.ensemble import MEMBER_MULTIPLE, Ensemble, threads
from landscape.ensemble.objective import check_loss
from landscape.ensemble.spec import FitSpec
from landscape.ensemble.status import TOL, status_of
from landscape.facts import Shown

CURVE_POINTS = 60  # a loss curve is thinned to about this many steps, geometrically spaced
CHECK_FULL, CHECK_BATCH = 10, 100  # steps between checks for convergence: full batches give the loss at no cost
CACHE_BYTES = 8 * 2**20  # what a block of members may touch in one step on a CPU; fastest for 4 to 1,000 points
ALONE_BYTES = 128 * 2**20  # on a CPU, four members that take more than this are trained one after another
DEVICE_SHARE = 0.25  # of a GPU's free memory
PROGRESS_SECONDS = 0.2
RESULT_TENSORS = (
    "flat",
    "losses",
    "kept_at",
    "taken",
    "last_losses",
)  # attributes that hold the results of finished members
Progress = Callable[[int, int, int, float], None]


@dataclass(frozen=True, eq=False, repr=False)
class Fitted(Shown):
    """A trained ensemble, and the course of each member's training.

    - `losses` (E,): of the kept parameters, over all data.
    - `kept_at` (E,): the number of steps after which the kept parameters were reached.
    - `steps` (E,): the optimiser steps taken.
    - `last_losses` (E,): after the last step. NaN or above 4 if training diverged, however good the kept parameters are.
    - `status`: a word per member, for the kept parameters.
    - `snapshots`: pairs of a step of FitSpec.snapshots and the ensemble with the weights after that step. They are the weights
      in training, whatever `keep` says. A member whose training has ended keeps its last weights.
    - `curves`: columns member, step, loss. The loss is that on the step's batch, before the step. The last row of a member
      has the loss over all data, after its last step."""

    ensemble: Ensemble
    losses: Float[Tensor, "members"]
    kept_at: Int[Tensor, "members"]
    steps: Int[Tensor, "members"]
    last_losses: Float[Tensor, "members"]
    status: tuple[str, ...]
    curves: pd.DataFrame
    seconds: float = 0.0
    snapshots: tuple[tuple[int, Ensemble], ...] = ()


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
    job = _Job(ensemble, points, tuple(seeds), how, checkpoint, progress)
    with threads(cores if job.alone else 1, ensemble.device), torch.no_grad():
        return replace(job.run(), seconds=time.monotonic() - began)


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
    ) -> None:
        self.ensemble, self.points, self.seeds, self.how = ensemble, points.to(ensemble.device), seeds, how
        self.checkpoint, self.progress = checkpoint, progress
        self.size = members_per_block(ensemble, how.batch or points.shape[1])
        self.alone = self.size == 1
        self.flat = ensemble.flat.clone()
        self.taken, self.kept_at = torch.zeros(2, ensemble.members, dtype=torch.int64)
        self.losses, self.last_losses = torch.full((2, ensemble.members), torch.nan, dtype=ensemble.flat.dtype)
        self.snapshots = ensemble.flat.detach().cpu().repeat(len(how.snapshots), 1, 1)
        self.curves: list[tuple[list[int], int, list[float]]] = []
        self.record_at = {0, *np.geomspace(1, how.steps, CURVE_POINTS).round().astype(int).tolist()}
        self.converged, self.shown = 0, 0.0

    def run(self) -> Fitted:
        start, block = self._resume()
        while start < self.ensemble.members:
            block = block or self._block(torch.arange(start, min(start + self.size, self.ensemble.members)))
            self._train(block, start)
            start, block = start + block.started_with, None  # a resumed block keeps the size it began with
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
            self._curves(),
            snapshots=tuple((step, replace(trained, flat=flat.to(self.flat.device))) for step, flat in taken),
        )

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
                self._show(block, start, whole)
                if not block.members:
                    return
            block.update()
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

    def _curves(self) -> pd.DataFrame:
        members = [member for rows, _, _ in self.curves for member in rows]
        steps = [step for rows, step, _ in self.curves for _ in rows]
        values = [loss for _, _, losses in self.curves for loss in losses]
        table = pd.DataFrame(
            {
                "member": members + list(range(self.ensemble.members)),
                "step": steps + self.taken.tolist(),
                "loss": values + self.last_losses.tolist(),
            }
        )
        return table.drop_duplicates(["member", "step"], keep="last").sort_values(["member", "step"], ignore_index=True)

    def _show(self, block: Block, start: int, losses: Tensor) -> None:
        if self.progress and time.monotonic() - self.shown > PROGRESS_SECONDS:
            self.shown = time.monotonic()
            waiting = self.ensemble.members - start - block.started_with
            left = block.members * (self.how.steps - block.step) + self.how.steps * waiting
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
            final = {name: like(getattr(self, name), tensors.pop(f"final.{name}")) for name in self._results()}
            curves = [(list(rows), step, list(values)) for rows, step, values in state["curves"]]
            start, converged = int(state["start"]), int(state["converged"])
            block = self._block(tensors["rows"])
            block.restore(tensors, state)
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            assert self.checkpoint is not None
            self.checkpoint.refuse(f"{type(error).__name__}: {error}")
            return 0, None
        for name, value in final.items():
            setattr(self, name, value)
        self.curves, self.converged = curves, converged
        return start, block


def members_per_block(ensemble: Ensemble, points: int) -> int:
    """The number of members to train side by side: as many as fit into the cache or a share of the GPU's memory, at least four.

    It is one if four members take more than ALONE_BYTES, or if the net is `alone` on a CPU: such large products gain nothing
    from being stacked, and a single member needs no padding."""
    if ensemble.device.type == "cpu" and ensemble.net.alone(ensemble.dim, points):
        return 1
    numbers = 2 * points * ensemble.net.activations_per_point(ensemble.dim) + 4 * ensemble.flat.shape[1]
    room = CACHE_BYTES
    if ensemble.device.type == "cuda":
        room = int(DEVICE_SHARE * torch.cuda.mem_get_info(ensemble.device)[0])
    elif ensemble.device.type != "cpu":
        room = 2**30
    if 4 * MEMBER_MULTIPLE * numbers > max(ALONE_BYTES, room):
        return 1
    return max(room // (4 * numbers) // MEMBER_MULTIPLE, 1) * MEMBER_MULTIPLE
