"""The attractors of every member in one list, and which of them each start leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.tables import coordinates, tidy

if TYPE_CHECKING:
    import pandas as pd

ATTRACTOR_KINDS = ("fixed point", "cycle", "invariant circle", "chaotic set")
UNSETTLED, OUTSIDE, SLOW = -1, -2, -3  # labels of starts that lead to no attractor; `Attractors` says when


@dataclass(frozen=True, eq=False, repr=False)
class Attractors(Shown):
    """The A attractors of E members, and where each of S starts leads.

    Of the attractors, (A, …): one member's after another's, each member's with the most starts first; in float64:
    - `member`: whose attractor it is.
    - `points` (A, D): a point of each, for cycles the one that is least in a fixed direction.
    - `kind`: an index into ATTRACTOR_KINDS. `period`: 1 of fixed points, p of cycles, 0 of circles and chaotic sets.
    - `exponent`: the largest Lyapunov exponent per iteration, log ρ(J) of a fixed point.
    - `rotation`: turns per iteration of an invariant circle, else NaN.
    - `sets`: points (K, D) of each: all p points of a cycle, thousands of a circle or chaotic set.
    Of the starts, (E, S):
    - `label`: a row of the list of attractors, or one of three negative numbers. UNSETTLED: the orbit rests where small
      differences do not shrink (a repeller, a continuum of fixed points), or it still moves and is near no attractor that the
      method finds.
      OUTSIDE: the orbit ends more than 10 ranges outside the range. SLOW (only by Newton's method): the orbit approaches an
      attractor that is still farther than 0.01 of the range, or moves on by tiny steps, as past a point that is nearly fixed.
    - `rests`: whether the orbit was seen to come back to the same point: by Newton's method within 1e-6 of the range, looked
      for every 8 iterations; by proximity within 1e-4 at the end.
    - `time`: the iteration of that look, T where there was none; of OUTSIDE starts, by Newton's method, when the
      orbit was outside for good."""

    member: Int[Tensor, "attractors"]
    points: Float[Tensor, "attractors dim"]
    kind: Int[Tensor, "attractors"]
    period: Int[Tensor, "attractors"]
    exponent: Float[Tensor, "attractors"]
    rotation: Float[Tensor, "attractors"]
    sets: tuple[Float[Tensor, "_ dim"], ...]
    label: Int[Tensor, "members starts"]
    rests: Bool[Tensor, "members starts"]
    time: Int[Tensor, "members starts"]

    @property
    def visits(self) -> Int[Tensor, "attractors"]:
        """How many starts lead to each attractor: (A,)."""
        return torch.bincount(self.label[self.label >= 0], minlength=len(self.points))

    @property
    def shares(self) -> Float[Tensor, "attractors"]:
        """The share of its member's starts that lead to each attractor: (A,). The rest is unsettled, slow or outside."""
        return self.visits.double() / self.label.shape[1]

    def of(self, member: int) -> Attractors:
        """Those of one member, as of a model of that member alone. Raises IndexError where there is no such member."""
        if not 0 <= member < len(self.label):
            raise IndexError(f"`member` must be from 0 to {len(self.label) - 1}; got {member}")
        chosen = (self.member == member).nonzero()[:, 0]
        before, one = int((self.member < member).sum()), slice(member, member + 1)
        label = self.label[one]
        return Attractors(
            torch.zeros_like(chosen), self.points[chosen], self.kind[chosen], self.period[chosen], self.exponent[chosen],
            self.rotation[chosen], tuple(self.sets[place] for place in chosen.tolist()),
            torch.where(label >= 0, label - before, label), self.rests[one], self.time[one],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A row an attractor: member, kind, period, visits, share, exponent, rotation; x1 … xD of the point where D ≤ 3."""
        kinds = [ATTRACTOR_KINDS[place] for place in self.kind.tolist()]
        columns: dict[str, Tensor | Sequence[Any]] = {
            "member": self.member,
            "kind": kinds,
            "period": self.period,
            "visits": self.visits,
        }
        columns |= {"share": self.shares, "exponent": self.exponent, "rotation": self.rotation}
        return tidy(columns | coordinates("x", self.points))


def one_list(parts: Sequence[Attractors]) -> Attractors:
    """The attractors of single members, one after another, as those of all members."""
    counts = torch.tensor([0, *(len(part.points) for part in parts)]).cumsum(0).tolist()
    labels = [
        torch.where(part.label >= 0, part.label + first, part.label) for part, first in zip(parts, counts, strict=False)
    ]
    joined = {
        name: torch.cat([getattr(part, name) for part in parts])
        for name in ("points", "kind", "period", "exponent", "rotation", "rests", "time")
    }
    return Attractors(
        member=torch.cat([torch.full_like(part.member, member) for member, part in enumerate(parts)]),
        label=torch.cat(labels),
        sets=tuple(one for part in parts for one in part.sets),
        **joined,
    )
