"""What becomes of samples as a network learns more points: copies of one, points that recur but are no copies, new points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.gate import gated
from landscape.measures.neighbours.distances import closest, nearest_neighbours
from landscape.measures.tables import unrolled

if TYPE_CHECKING:
    import pandas as pd

SAME_QUANTILE = 0.05  # of the distances of held-out points to their nearest others: nearer points count as the same
FAR_QUANTILE = 0.99  # of the distances of held-out points to the training points: farther points are not like the data
STATES = ("memorised", "spurious", "new", "unlike the data")


@dataclass(frozen=True, eq=False, repr=False)
class SampleStates(Shown):
    """The state of each sample, by its distances to the training points and to the other samples.

    - `state` (E, S): the index of its word in STATES; −1 for a sample that is not finite.
    - `same` (E,): the distance below which two points count as the same.
    - `far` (E,): the distance from the nearest training point beyond which a point is unlike the data."""

    state: Int[Tensor, "members samples"]
    same: Float[Tensor, "members"]
    far: Float[Tensor, "members"]

    def share(self, word: str) -> Float[Tensor, "members"]:
        """The share of each member's samples that are in the state `word` of STATES: (E,). NaN if a sample is not finite."""
        share = (self.state == STATES.index(word)).to(self.same).mean(-1)
        return share.masked_fill((self.state < 0).any(-1), torch.nan)

    def table(self) -> pd.DataFrame:
        """A row per member and sample: member, sample, state (a word of STATES, missing for a sample that is not finite)."""
        table = unrolled({"state": self.state}, "sample")
        return table.assign(state=table.state.map(dict(enumerate(STATES))))


@gated("samples", "training", "held_out", unchecked=("samples",))
@torch.no_grad()
def sample_states(
    samples: Float[Tensor, "members samples dim"],
    training: Float[Tensor, "members data dim"],
    held_out: Float[Tensor, "members held_out dim"],
) -> SampleStates:
    """Whether each sample is memorised, spurious or new, as Pham et al. (arXiv 2505.21777) define it by distances.

    Two points are the same if they are nearer than 95 % of held-out points are to the nearest of as many other held-out points
    as there are samples. So the distance does not depend on the number of training points.

    - memorised: the same as a training point.
    - spurious: not memorised, and the same as another sample: orbits from different starts end at a point that is not in the
      data.
    - new: neither. But a sample that is farther from the training points than 99 % of held-out points are is "unlike the data",
      which the source does not tell apart: noise is not new data.

    Distances are Euclidean. Raises ValueError unless there are two or more samples and two or more held-out points."""
    if min(samples.shape[1], held_out.shape[1]) < 2:
        raise ValueError(
            f"`samples` and `held_out` must be two points or more each; got {samples.shape[1]} and {held_out.shape[1]}"
        )
    finite = samples.isfinite().all(-1)
    points = torch.where(finite[..., None], samples, 0)
    null = held_out[:, : samples.shape[1]]
    same = _to_others(null).quantile(SAME_QUANTILE, dim=-1)
    far = closest(held_out, training)[0].quantile(FAR_QUANTILE, dim=-1)
    away = closest(points, training)[0]
    state = torch.where(away > far[:, None], STATES.index("unlike the data"), STATES.index("new"))
    state = state.masked_fill(_to_others(points) < same[:, None], STATES.index("spurious"))
    state = state.masked_fill(away < same[:, None], STATES.index("memorised"))
    return SampleStates(state.masked_fill(~finite, -1), same, far)


def _to_others(points: Float[Tensor, "members points dim"]) -> Float[Tensor, "members points"]:
    """The distance of each point to the nearest other one, 0 for a point that occurs twice: (E, P)."""
    return nearest_neighbours(points, points, 2)[0][..., 1]
