"""When each training point becomes a fixed point of a family of maps, and when it begins to attract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from landscape.facts import Shown
from landscape.measures.dynamics.attractor_lists import Attractors
from landscape.measures.exact.complete import FixedPoints
from landscape.measures.tables import tidy

if TYPE_CHECKING:
    import pandas as pd

CHANGES = {  # by the column: the event where it becomes true, and where it becomes false
    "fixed": ("becomes fixed", "stops being fixed"),
    "attracting": ("becomes attracting", "stops attracting"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Becoming(Shown):
    """When each training point is fixed, and when it attracts: a value for each of T `times`, (T, E, N) each.

    - `distance`: to the nearest fixed point; inf if the map has none.
    - `fixed`: whether it is at most the radius. `attracting`: whether a fixed point with ρ(J) < 1 is within the radius.
    - `radius`: ρ(J) of the nearest fixed point; NaN if there is none."""

    times: tuple[float, ...]
    distance: Float[Tensor, "times members data"]
    fixed: Bool[Tensor, "times members data"]
    attracting: Bool[Tensor, "times members data"]
    radius: Float[Tensor, "times members data"]

    def table(self) -> pd.DataFrame:
        """A row per time, member and training point: member, point, time, distance, fixed, attracting, radius."""
        count, members, data = self.fixed.shape
        time, member, point = torch.meshgrid(*map(torch.arange, (count, members, data)), indexing="ij")
        columns = {"member": member.flatten(), "point": point.flatten()}
        columns["time"] = torch.tensor(self.times)[time.flatten()]
        names = ("distance", "fixed", "attracting", "radius")
        return tidy(columns | {name: getattr(self, name).flatten() for name in names})

    def events(self) -> pd.DataFrame:
        """A row per event: member, point, before, after, event, in the order of time.

        The event, a word of CHANGES, happens after the time `before` and at the latest at `after`. What is true at the first
        time has no event."""
        rows = []
        for name, (begins, ends) in CHANGES.items():
            state = getattr(self, name)
            for k, e, n in (state[1:] != state[:-1]).nonzero().tolist():
                rows.append((e, self.times[k], n, begins if state[k + 1, e, n] else ends, self.times[k + 1]))
        rows.sort(key=lambda row: row[:3])
        member, before, point, event, after = zip(*rows, strict=True) if rows else [()] * 5
        return tidy({"member": member, "point": point, "before": before, "after": after, "event": event})


def training_times(
    found: Sequence[FixedPoints | Attractors],
    times: Sequence[float],
    data: Float[Tensor, "members data dim"],
    radius: Float[Tensor, "members data"],
) -> Becoming:
    """When each training point of `data` becomes fixed and attracting: at most `radius` from a fixed point of found[k].

    Among attractors only the fixed points count, so that a training point that is fixed and repels is not seen as fixed."""
    data, radius = data.cpu().double(), radius.cpu().double()
    members, count = data.shape[:2]
    shape = (len(times), members, count)
    distance, spectral = (
        torch.full(shape, torch.inf, dtype=torch.float64),
        torch.full(shape, torch.nan, dtype=torch.float64),
    )
    attracting = torch.zeros(shape, dtype=torch.bool)
    for k, one in enumerate(found):
        for e in range(members):
            points, rho = _of(one, e)
            if not len(points):
                continue
            apart = torch.cdist(data[e], points)
            distance[k, e], nearest = apart.min(1)
            spectral[k, e] = rho[nearest]
            attracting[k, e] = ((apart <= radius[e][:, None]) & (rho < 1)).any(1)
    return Becoming(tuple(times), distance, distance <= radius, attracting, spectral)


def _of(found: FixedPoints | Attractors, member: int) -> tuple[Tensor, Tensor]:
    """The fixed points of one member and their ρ(J), on the CPU."""
    if isinstance(found, Attractors):
        rows = (found.member == member) & (found.period == 1)
        return found.points[rows].double().cpu(), found.exponent[rows].exp().cpu()
    rows = found.member == member
    return found.points[rows].double().cpu(), found.radius[rows].cpu()
