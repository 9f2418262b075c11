"""Branches of fixed points: the fixed points of a family of maps at several times, each joined to itself from time to time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.attractor_lists import Attractors
from landscape.measures.dynamics.iteration import iterate
from landscape.measures.dynamics.newton import newton, periodic_points
from landscape.measures.dynamics.steps import range_of
from landscape.measures.exact.complete import STABILITIES, FixedPoints, fixed_points
from landscape.measures.gate import gated
from landscape.measures.maps import Map, chain, doubled, in_double, precision
from landscape.measures.tables import coordinates, tidy

if TYPE_CHECKING:
    import pandas as pd

REACH = 0.1  # of the range, root mean square over coordinates: a fixed point that moves farther from time to time is another
CONTINUED_REACH = 3.0  # times `reach`, for a pair that the continuation joins and whose sign of det(I − J) is the same
NEWTON_DIMENSIONS = 128  # up to this dimension Newton's method predicts; its D × D Jacobians would be slow beyond
LANDING_DISTANCE = {
    True: 1e-6,
    False: 1e-3,
}  # of the range: how near predictions by Newton's method, and by iteration, end
PREDICTING_ITERATIONS = 300  # of the new map from an old attractor, where D is too large for Newton's method
LANDED_FIRST = 2.0  # less cost, in ranges, of a pair that the prediction joins: more than any distance within the range
NO_PAIR = 1e3  # the cost of a pair that may not be joined
EVENTS = ("birth", "death", "becomes attracting", "stops attracting", "changes kind")
PIECES = ("relu", "leaky", "linear")  # activations of networks that are affine piece by piece
REAL_EIGENVALUE = 1e-6  # an eigenvalue whose imaginary part is a larger share of its modulus is one of a complex pair


@dataclass(frozen=True, eq=False, repr=False)
class Branches(Shown):
    """Fixed points of E members at T `times`, joined into branches: (R,) each, by member, branch and time.

    - `member`, `branch`: a member's branches are numbered from 0 in the order of their births.
    - `time`: an index into `times`. A branch has a row at each time from its birth to its death, without gaps.
    - `points` (R, D), `radius` ρ(J), `stability` (a place in STABILITIES), `kink`: as of FixedPoints.
    - `leading` (R,): the eigenvalue of J of largest modulus, complex; NaN where only attractors are known.
    - `proven` (T, E): whether the list of a member's fixed points at a time is proven to be complete."""

    times: tuple[float, ...]
    member: Int[Tensor, "rows"]
    branch: Int[Tensor, "rows"]
    time: Int[Tensor, "rows"]
    points: Float[Tensor, "rows dim"]
    radius: Float[Tensor, "rows"]
    stability: Int[Tensor, "rows"]
    kink: Bool[Tensor, "rows"]
    leading: Tensor
    proven: Bool[Tensor, "times members"]

    def table(self) -> pd.DataFrame:
        """A row per fixed point and time: member, branch, time, x1 … xD (D ≤ 3), radius, stability, kink, proven."""
        return tidy(
            {
                "member": self.member,
                "branch": self.branch,
                "time": [self.times[place] for place in self.time.tolist()],
                **coordinates("x", self.points),
                "radius": self.radius,
                "stability": [STABILITIES[place] for place in self.stability.tolist()],
                "kink": self.kink,
                "proven": self.proven[self.time, self.member],
            }
        )

    def events(self) -> pd.DataFrame:
        """A row per event: member, branch, before, after, event, through, proven, in the order of time.

        `event` is a word of EVENTS, and happens after the time `before` and at the latest at the time `after`. `proven`: the
        lists of both times are proven to be complete, so that a birth or death is no failure of the search. `through`, of a
        change between attracting and not: by which eigenvalue while the point does not attract, '+1' (positive), '-1'
        (negative: a cycle of period 2 may branch off) or 'complex' (an invariant circle may)."""
        rows = []
        for row in range(len(self.member)):
            e, k, last = int(self.member[row]), int(self.time[row]), row + 1 == len(self.member)
            first = row == 0 or not self._joined(row - 1, row)
            if first and k:
                rows.append((e, row, k - 1, "birth", ""))
            if not first and (change := self._change(row - 1, row)):
                rows.append((e, row, k - 1, *change))
            if (last or not self._joined(row, row + 1)) and k + 1 < len(self.times):
                rows.append((e, row, k, "death", ""))
        rows.sort(key=lambda entry: (entry[0], entry[2]))
        return tidy(
            {
                "member": [e for e, *_ in rows],
                "branch": [int(self.branch[row]) for _, row, *_ in rows],
                "before": [self.times[k] for _, _, k, *_ in rows],
                "after": [self.times[k + 1] for _, _, k, *_ in rows],
                "event": [event for *_, event, _ in rows],
                "through": [through for *_, through in rows],
                "proven": [bool(self.proven[k, e] and self.proven[k + 1, e]) for e, _, k, *_ in rows],
            }
        )

    def _joined(self, row: int, after: int) -> bool:
        return bool(self.member[row] == self.member[after] and self.branch[row] == self.branch[after])

    def _change(self, before: int, after: int) -> tuple[str, str] | None:
        """The event between two rows of one branch, and the eigenvalue by which it happens; None if nothing changes."""
        old, new = int(self.stability[before]), int(self.stability[after])
        if old == new:
            return None
        if old and new:
            return "changes kind", ""
        value = complex(self.leading[after if new else before])
        complex_pair = abs(value.imag) > REAL_EIGENVALUE * abs(value)
        through = "complex" if complex_pair else "+1" if value.real > 0 else "-1"
        return ("stops attracting" if new else "becomes attracting"), through


@gated("starts")
def census(
    model: Map, starts: Float[Tensor, "*members starts dim"], *, low: float = 0.0, high: float = 1.0
) -> FixedPoints:
    """The fixed points of each member: all where `fixed_points` can list them, else those that Newton's method finds.

    `fixed_points` takes piecewise affine networks on a line or a plane. Elsewhere Newton's method starts from `starts`, (S, D)
    or (E, S, D), and points may be missing: `proven` says so."""
    layers = chain(model) if model.dim <= 2 else None
    if layers and all(layer.activation in PIECES for layer in layers[:-1]):
        return fixed_points(model, low=low, high=high)
    return periodic_points(model, starts, low=low, high=high)


@torch.no_grad()
def branches(
    models: Sequence[Map],
    found: Sequence[FixedPoints | Attractors],
    times: Sequence[float],
    *,
    low: float | None = None,
    high: float | None = None,
    reach: float = REACH,
) -> Branches:
    """The branches of the fixed points `found` of the `models`, which are one map at ascending `times`: (R,) each.

    `found[k]` are the fixed points of models[k] (see `census`), or its attractors, of which the fixed points are used.
    From each time to the next:

    1. Each old point is continued: Newton's method for the new map starts from it. Above NEWTON_DIMENSIONS coordinates the new
       map is iterated from it instead, which follows attractors alone.
    2. An old and a new point may be joined if they are within `reach` of the range of each other (root mean square over
       coordinates), and either the continuation ends at the new point, or the sign of det(I − J) is the same: a regular
       branch keeps it. A point on a kink has no such sign and may be joined to any. Where both hold, the two may be
       CONTINUED_REACH times as far apart.
    3. Pairs are chosen by the smallest sum of distances: first those that both rules join, then the others. A new point left
       over is a birth, an old point left over a death.

    The range is [`low`, `high`]; by default that of the first map: the range with which it was wrapped, or of its output.
    How many points there are is certain where the lists are proven. Which new point continues an old one is a judgement, the
    better the closer the times are. Raises ValueError for times that do not ascend. Keller (1977) on continuation."""
    if not len(models) == len(found) == len(times) or not len(times) or list(times) != sorted(set(times)):
        raise ValueError(
            f"`branches` needs a map and a list of fixed points for each of the ascending times; got {len(models)} maps, "
            f"{len(found)} lists and the times {', '.join(map(str, times))}"
        )
    low, high = range_of(models[0], low, high)
    lists = [_listed(each) for each in found]
    parts = [_of_member(e, models, lists, low, high, reach) for e in range(models[0].members)]
    rows = torch.tensor(sorted(row for part in parts for row in part), dtype=torch.int64).view(-1, 4)
    member, branch, time, place = rows.unbind(1)
    begins = torch.tensor([0, *(len(one.member) for one in lists)]).cumsum(0)
    chosen = begins[time] + place

    def gathered(name: str) -> Tensor:
        return torch.cat([getattr(one, name) for one in lists])[chosen]

    return Branches(
        tuple(times),
        member,
        branch,
        time,
        gathered("points"),
        gathered("radius"),
        gathered("stability"),
        gathered("kink"),
        gathered("leading"),
        torch.stack([one.proven for one in lists]),
    )


@dataclass(frozen=True, eq=False)
class _Listed:
    """What is joined: the fixed points of all members at one time, (F,) each. `sign` is that of det(I − J), 0 if unknown."""

    member: Tensor
    points: Tensor
    radius: Tensor
    stability: Tensor
    kink: Tensor
    sign: Tensor
    leading: Tensor
    proven: Tensor


def _listed(found: FixedPoints | Attractors) -> _Listed:
    if isinstance(found, Attractors):
        rows = (found.period == 1).nonzero()[:, 0]
        none, radius = torch.zeros(len(rows), dtype=torch.int64), found.exponent[rows].exp().cpu()
        unknown = torch.full((len(rows),), complex("nan"), dtype=torch.complex128)
        proven = torch.zeros(len(found.label), dtype=torch.bool)
        return _Listed(
            found.member[rows].cpu(), found.points[rows].cpu(), radius, none, none.bool(), none, unknown, proven
        )
    eye = torch.eye(found.points.shape[1], dtype=found.jacobian.dtype)
    sign = torch.linalg.det(eye - found.jacobian).sign().long().masked_fill(found.kink, 0)
    values = torch.linalg.eigvals(found.jacobian)
    leading = values.gather(-1, values.abs().argmax(-1, keepdim=True))[:, 0]
    return _Listed(found.member, found.points, found.radius, found.stability, found.kink, sign, leading, found.proven)


def _of_member(
    member: int, models: Sequence[Map], lists: Sequence[_Listed], low: float, high: float, reach: float
) -> list[tuple[int, int, int, int]]:
    """Rows (member, branch, time, place in the list) of one member."""
    rows: list[tuple[int, int, int, int]] = []
    labels: dict[int, int] = {}  # the branch of each place in the list of the time before
    fresh = 0
    for k, now in enumerate(lists):
        places = (now.member == member).nonzero()[:, 0].tolist()
        pairs = {}
        if k and labels and places:
            model = models[k].select(slice(member, member + 1))
            pairs = _joined(model, lists[k - 1], list(labels), now, places, low, high, reach)
        before, labels = labels, {}
        for place in places:
            labels[place] = before[pairs[place]] if place in pairs else fresh
            fresh += place not in pairs
            rows.append((member, labels[place], k, place))
    return rows


def _joined(
    model: Map, before: _Listed, old: list[int], now: _Listed, new: list[int], low: float, high: float, reach: float
) -> dict[int, int]:
    """The old point that each new point continues, as places in their lists; new points without an old one are left out."""
    side, scale = high - low, (high - low) * before.points.shape[1] ** 0.5
    places, there = before.points[old], now.points[new]
    by_newton = model.dim <= NEWTON_DIMENSIONS
    ended = _continued(model, places, by_newton)
    landed = torch.cdist(ended.nan_to_num(torch.inf), there) <= LANDING_DISTANCE[by_newton] * side
    apart = torch.cdist(places, there) / scale
    signs, others = before.sign[old][:, None], now.sign[new][None]
    same = (signs == others) | (signs == 0) | (others == 0)
    near, continued = apart <= reach, (apart <= CONTINUED_REACH * reach) & landed & same
    pairs: dict[int, int] = {}
    for allowed in (continued, near & (landed | same)):
        cost = torch.where(allowed, apart - LANDED_FIRST * landed, NO_PAIR)
        cost[list(pairs.values())], cost[:, list(pairs)] = NO_PAIR, NO_PAIR
        chosen = zip(*linear_sum_assignment(cost.numpy()), strict=True)
        pairs |= {j: i for i, j in chosen if cost[i, j] < NO_PAIR}
    return {new[j]: old[i] for j, i in pairs.items()}


def _continued(model: Map, points: Tensor, by_newton: bool) -> Tensor:
    """Where the new map's continuation of old fixed points (F, D) ends, on the CPU in float64: (F, D)."""
    if by_newton:
        exact = in_double(model)
        return newton(exact, points.to(exact.device), 1).cpu()
    *_, ended = iterate(model, points.to(model.device, precision(model))[None], PREDICTING_ITERATIONS)
    return doubled(ended[0]).cpu()
