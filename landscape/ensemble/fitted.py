"""The result of a training, and where it stood after its last step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from jaxtyping import Float, Int
from torch import Tensor

from landscape.ensemble.ensemble import Ensemble
from landscape.facts import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Ending:
    """Where a training stood after its last step: `fit(begin=ending, steps=more)` goes on from there, as if it had not ended.

    `tensors` are those of each block of members that were still in training, by its number, and the results of all members.
    `state` has the numbers, as JSON."""

    tensors: dict[str, Tensor]
    state: dict[str, Any]

    def block(self, number: int) -> dict[str, Tensor]:
        """The tensors of the block of this number, by their names in `Block.state`."""
        before = f"{number}."
        return {name.removeprefix(before): one for name, one in self.tensors.items() if name.startswith(before)}


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
      has the loss over all data, after its last step.
    - `end`: where training stood, for a longer one. None with a learning rate that falls, with snapshots, and above
      `fitting.END_BYTES`."""

    ensemble: Ensemble
    losses: Float[Tensor, "members"]
    kept_at: Int[Tensor, "members"]
    steps: Int[Tensor, "members"]
    last_losses: Float[Tensor, "members"]
    status: tuple[str, ...]
    curves: pd.DataFrame
    seconds: float = 0.0
    snapshots: tuple[tuple[int, Ensemble], ...] = ()
    end: Ending | None = None


def curves_table(curves: Sequence[tuple[list[int], int, list[float]]], taken: Tensor, last: Tensor) -> pd.DataFrame:
    """The table of loss curves: `curves` are triples of members, a step and their losses; `taken` steps ended at `last`."""
    members = [member for rows, _, _ in curves for member in rows]
    steps = [step for rows, step, _ in curves for _ in rows]
    values = [loss for _, _, losses in curves for loss in losses]
    table = pd.DataFrame(
        {
            "member": members + list(range(len(taken))),
            "step": steps + taken.tolist(),
            "loss": values + last.tolist(),
        }
    )
    return table.drop_duplicates(["member", "step"], keep="last").sort_values(["member", "step"], ignore_index=True)
