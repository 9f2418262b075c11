"""Where orbits end: at fixed points, on cycles or nowhere yet; which ends are the same, and how strongly they attract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from landscape.ensemble import Ensemble
from landscape.facts import Shown
from landscape.measures.dynamics.iteration import iterate
from landscape.measures.dynamics.newton import in_direction
from landscape.measures.gate import gated
from landscape.measures.local.tangents import GROWTH_ITERATIONS, growth_of
from landscape.measures.maps import Map, per_member, step_of
from landscape.measures.neighbours.distances import connected, joined
from landscape.measures.neighbours.search import pairwise_distances
from landscape.measures.tables import coordinates, tidy

if TYPE_CHECKING:
    import pandas as pd

# Distances are root mean squares over coordinates, as shares of the range.
PERIODS = 8  # the longest cycle that is looked for
RETURN_DISTANCE = 1e-4  # an orbit that comes back this closely rests or is on a cycle
CLOSE_RETURN = 1e-6  # the second return to a cycle must be as close as the first, or as this: float32 rounds
GROUP_DISTANCE = 0.01  # different ends may be nearer to each other only if they do not approach each other
FOLLOWED = 840  # iterations that show whether two ends approach each other: a multiple of all periods up to 8
ATTRACTS = 0.999  # an end attracts if small differences grow by a smaller factor per iteration; the identity has 1
NEUTRAL_ERROR = (
    1e-6  # growths this near to 1 are those of neutral maps such as the identity, and are not measured again
)
UNCERTAIN_GROWTH = (
    0.03  # growths this near to 1 are measured again: on a spiral, the first measurement errs by about as much
)
APPROACH = 0.5  # two ends approach each other if this share of their distance, or less, is left: 0.999^840 is 0.43


@dataclass(frozen=True, eq=False, repr=False)
class Ends(Shown):
    """Where S orbits are after T iterations: `points` (E, S, D), for cycles the point that is least in a fixed direction.

    `period` (E, S): 1 at a fixed point, p on a cycle of p ≤ 8, 0 on neither. A drift below 1e-4 of the range per iteration
    counts as rest; a cycle must return as closely a second time, which chaotic orbits do not.
    `moved` (E, S): the distance from the start, a root mean square over coordinates as a share of the range."""

    points: Float[Tensor, "members starts dim"]
    period: Int[Tensor, "members starts"]
    moved: Float[Tensor, "members starts"]


@dataclass(frozen=True, eq=False, repr=False)
class DistinctEnds(Shown):
    """The A different ends of orbits that rest or are on cycles. They need not attract: those of the identity do not.

    One member's after another's, each member's with the most orbits first: `member` (A,), `points` (A, D), `visits` (A,), the
    number of orbits that end there, `period` (A,), and `growth` (A,), the factor by which an iteration multiplies small
    differences: ρ(J) at a fixed point. `orbit` (A,): the first orbit that ends there, whose end is in `points`. `of` (E, S):
    the row of each orbit's end, −1 of orbits without one."""

    member: Int[Tensor, "ends"]
    points: Float[Tensor, "ends dim"]
    visits: Int[Tensor, "ends"]
    period: Int[Tensor, "ends"]
    growth: Float[Tensor, "ends"]
    orbit: Int[Tensor, "ends"]
    of: Int[Tensor, "members starts"]

    def table(self) -> pd.DataFrame:
        """A row an end: member, visits, period, growth, and x1 … xD where D ≤ 3."""
        columns = {"member": self.member, "visits": self.visits, "period": self.period, "growth": self.growth}
        return tidy(columns | coordinates("x", self.points))


@gated("starts")
@torch.no_grad()
def ends(
    model: Map, starts: Tensor, iterations: int, *, low: float = 0.0, high: float = 1.0, periods: int = PERIODS
) -> Ends:
    """Where orbits from `starts`, (S, D) or (E, S, D), are after T iterations of x ← f(x), and whether they rest there."""
    begun = per_member(model, starts)
    *_, points = iterate(model, begun, iterations)
    side, period = high - low, torch.zeros(points.shape[:2], dtype=torch.int64, device=points.device)
    later = list(iterate(model, points, 2 * periods))
    for time in range(1, periods + 1):
        first, second = _apart(later[time], points, side), _apart(later[2 * time], later[time], side)
        back = (first <= RETURN_DISTANCE) & ((second <= first.clamp_min(CLOSE_RETURN)) | (time == 1))
        period = torch.where((period == 0) & back, time, period)
    phases = torch.stack(later[: periods + 1])  # (periods + 1, E, S, D)
    beyond = torch.arange(len(phases), device=points.device)[:, None, None] >= period.clamp_min(1)
    along = in_direction(phases)
    phase = along.masked_fill(beyond.to(along.device), torch.inf).argmin(0).to(points.device)
    chosen = phases.gather(0, phase[None, ..., None].expand(1, *points.shape))[0]
    return Ends(chosen, period, _apart(points, begun, side))


@gated()
@torch.no_grad()
def distinct_ends(
    model: Map, found: Ends, *, generator: torch.Generator, low: float = 0.0, high: float = 1.0
) -> DistinctEnds:
    """The different ends among those that rest or are on cycles, with their visits and growth: (A,) each.

    1. Ends of the same period within 1e-4 of the range of each other are the same, and so are ends joined by others.
    2. Different ends within 0.01 are iterated 840 times more. They are the same if less than half of their distance is left:
       orbits that still approach the same attractor, with a growth of at most 0.999, do so; two attractors do not.
    3. The growth at each end is the mean over 30 iterations of a random tangent vector, which the `generator` draws. On cycles,
       and where it is within 0.03 of 1, it is measured again over 840 iterations, a multiple of every period up to 8. The
       length of a tangent vector swings along a cycle and around a spiral, so that a short mean is wrong.

    A continuum of fixed points, as the identity has, gives as many ends as there are starts."""
    side = high - low
    members = found.points.shape[0]
    groups = [_grouped(found.points[e], found.period[e], side) for e in range(members)]
    groups = _approaching(model, found, groups, low, side)
    of = torch.full(found.period.shape, -1, dtype=torch.int64)
    member: list[int] = []
    orbit: list[int] = []
    count: list[int] = []
    for e, (resting, labels) in enumerate(groups):
        if not len(labels):
            continue
        _, first, label, size = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
        order = np.lexsort([first, -size])
        rank = np.argsort(order)
        of[e, resting.cpu()] = torch.from_numpy(len(member) + rank[label])
        member += [e] * len(order)
        orbit += resting.cpu()[first[order]].tolist()
        count += size[order].tolist()
    device = found.points.device
    rows, places = torch.tensor(member, dtype=torch.int64), torch.tensor(orbit, dtype=torch.int64)
    here = rows.to(device), places.to(device)
    grown = _sure_growths(model, found.points[here], rows, found.period[here], generator)
    visits = torch.tensor(count, dtype=torch.int64)
    return DistinctEnds(rows, found.points[here], visits, found.period[here], grown, places, of)


def _grouped(points: Tensor, period: Tensor, side: float) -> tuple[Tensor, np.ndarray]:
    """The orbits of one member that rest or cycle, and a label of each: equal for ends that are joined within 1e-4."""
    resting = period.nonzero()[:, 0]
    return resting, joined(points[resting], period[resting], RETURN_DISTANCE * side * points.shape[1] ** 0.5)


def _approaching(
    model: Map, found: Ends, groups: list[tuple[Tensor, np.ndarray]], low: float, side: float
) -> list[tuple[Tensor, np.ndarray]]:
    """The groups of ends, those put together that approach each other."""
    radius = GROUP_DISTANCE * side * found.points.shape[2] ** 0.5
    close: list[np.ndarray] = []  # per member: the groups that lie within 0.01 of another group
    orbits: list[np.ndarray] = []  # per member: the first orbit of each of these groups
    for e, (resting, labels) in enumerate(groups):
        first = resting.cpu().numpy()[np.unique(labels, return_index=True)[1]]  # of each group
        wide = joined(found.points[e, first], found.period[e, first], radius)
        close.append(np.flatnonzero(np.bincount(wide)[wide] > 1))
        orbits.append(first[close[-1]])
    before = [found.points[e, places] for e, places in enumerate(orbits)]
    after = list(before)
    for some, rows in _bands(model, torch.tensor([len(places) for places in orbits])):
        padded = pad_sequence([before[e] for e in rows.tolist()], batch_first=True, padding_value=low)
        step = step_of(some)
        for _ in range(FOLLOWED):
            padded = step(padded)
        for place, e in enumerate(rows.tolist()):
            after[e] = padded[place, : len(before[e])]
    merged = []
    for e, (resting, labels) in enumerate(groups):
        same = _same(before[e], after[e], found.period[e, orbits[e]], radius)
        group = np.arange(labels.max(initial=-1) + 1)
        for label in np.unique(same):
            group[close[e][same == label]] = close[e][same == label].min()
        merged.append((resting, group[labels]))
    return merged


def _same(before: Tensor, after: Tensor, period: Tensor, radius: float) -> np.ndarray:
    """A label of each end, equal for those of one period that approach each other, or are joined by others that do.

    Two ends approach each other if they are within the `radius`, and further iteration, to `after`, leaves at most half of
    their distance, or at most RETURN_DISTANCE."""
    least = radius * RETURN_DISTANCE / GROUP_DISTANCE

    def approach(some: slice, others: slice) -> Tensor:
        distance, left = (pairwise_distances(points[some], points[others]) for points in (before, after))
        return (distance <= radius) & (left <= (APPROACH * distance).clamp_min(least))

    return connected(period, approach)


def _sure_growths(model: Map, points: Tensor, member: Tensor, period: Tensor, generator: torch.Generator) -> Tensor:
    """The growth at the ends, measured again over more iterations where it may be wrong: (A,)."""
    grown = _growths(model, points, member, generator)
    off = (grown - 1).abs()
    again = ((period > 1) | ((off < UNCERTAIN_GROWTH) & (off > NEUTRAL_ERROR))).nonzero()[:, 0]
    if len(again):
        grown[again] = _growths(model, points[again], member[again.cpu()], generator, iterations=2 * FOLLOWED)
    return grown


def _growths(
    model: Map, points: Tensor, member: Tensor, generator: torch.Generator, iterations: int = GROWTH_ITERATIONS
) -> Tensor:
    """The growth at the ends of each member: (A,)."""
    grown = torch.full((len(points),), torch.nan, dtype=points.dtype, device=points.device)
    tangents = torch.randn(points.shape, generator=generator).to(points)
    counts = torch.bincount(member, minlength=model.members)
    begins = counts.cumsum(0) - counts
    for some, rows in _bands(model, counts):
        most = int(counts[rows].max())
        places = begins[rows, None] + torch.minimum(torch.arange(most), (counts[rows, None] - 1).clamp_min(0))
        places = places.clamp_max(len(points) - 1)  # of a member without ends, where all members are worked on together
        real, there = torch.arange(most) < counts[rows, None], places.to(points.device)
        values = growth_of(some, points[there], tangents[there], iterations)
        grown[places[real].to(points.device)] = values[real.to(points.device)]
    return grown


def _bands(model: Map, counts: Tensor) -> Iterator[tuple[Map, Tensor]]:
    """Yield the maps of members whose `counts` of points differ by less than a factor of two, with their numbers.

    Members without points are left out. Maps that are no Ensemble need not take lists of members, and are yielded whole."""
    if not int(counts.sum()):
        return
    if not isinstance(model, Ensemble):
        yield model, torch.arange(model.members)
        return
    band = torch.frexp(counts.double())[1]  # counts of 2^(k−1) … 2^k − 1 have k
    for which in torch.unique(band[counts > 0]):
        rows = (band == which).nonzero()[:, 0]
        yield model.select(rows), rows


def _apart(points: Tensor, others: Tensor, side: float) -> Tensor:
    """Root mean square over coordinates as a share of the range: (E, S)."""
    return (points - others).square().mean(-1).sqrt() / side
