"""A film: one map at several times, such as steps of its training, and what becomes of its fixed points and its orbits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

from landscape import cube, measures
from landscape.measures.dynamics import Branches, branches, census, training_times
from landscape.measures.dynamics.continuation import NEWTON_DIMENSIONS
from landscape.measures.exact import FixedPoints
from landscape.measures.maps import precision
from landscape.measures.neighbours.distances import distinct
from landscape.measures.tables import coordinates, tidy
from landscape.studies.parts.orbit_ends import training_radii

END_DISTANCE = 1e-3  # of the range, root mean square over coordinates: an end this near to a fixed point is at it
NEWTON_STARTS = 50  # of the starts of orbits: from so many Newton's method starts, too
ANGLES = 180  # of directions among which the one that separates the training points best is chosen
MOST_SEPARATED = 64  # training points: more of them are not told apart on an axis, and the principal axis is taken
Found = FixedPoints | measures.dynamics.Attractors


@dataclass(frozen=True, eq=False)
class Film:
    """What a film tells, in tidy tables. `time` and `member` are columns of each.

    - `moments`: a row per member and time: `loss` at the training points; `fixed` and `stable`, numbers of fixed points;
      `fixed_data` and `attracting_data`, shares of the training points at a fixed point and at one that attracts; shares of
      the orbits from uniform starts: `copies` end within the radius of a training point, `spurious` at an attracting fixed
      point elsewhere, `unsettled` at no fixed point that attracts; `largest_basin`, the largest share of starts that one
      fixed point has; `proven`, whether no fixed point is missing (NaN where nothing is proven for such maps).
    - `branches`: a row per fixed point and time, as of Branches.table, and: `share` of the starts whose orbits end there;
      `nearest` training point, the `distance` to it, whether it is `training`, that is within the radius; `along`, the
      coordinate in the direction that separates the training points best.
    - `events`: births, deaths and changes of the branches, as of Branches.events.
    - `points`: a row per training point and time, as of Becoming.table, with its `along` and x1 … xD (D ≤ 3).
      `point_events`: as of Becoming.events."""

    moments: pd.DataFrame
    branches: pd.DataFrame
    events: pd.DataFrame
    points: pd.DataFrame
    point_events: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, to be stored."""
        return {name: getattr(self, name) for name in ("moments", "branches", "events", "points", "point_events")}


@torch.no_grad()
def film(
    snapshots: Sequence[tuple[float, measures.Map]],
    data: Float[Tensor, "*members data dim"],
    *,
    generator: torch.Generator,
    low: float = 0.0,
    high: float = 1.0,
    starts: int = 200,
    iterations: int = 200,
    progress: Callable[[int, int], None] | None = None,
) -> Film:
    """The film of `snapshots`, pairs (time, map) in ascending order, of maps trained on `data`, (N, D) or (E, N, D).

    All maps have the same members E. The fixed points are those of `census`: all of them for piecewise affine networks on a
    line or a plane; else those that Newton's method finds from the ends and starts of orbits, the training points and the
    fixed points of the time before. Above NEWTON_DIMENSIONS coordinates only attractors are known. The `starts`
    of the orbits are uniform in the range, the same at all times and for all members; each orbit has so many `iterations`.
    `progress(done, total)` is called after each map and member."""
    members, dim = snapshots[0][1].members, snapshots[0][1].dim
    points = torch.as_tensor(data).expand(members, *data.shape[-2:]).cpu().float()
    begun = cube.uniform(starts, dim, generator, low=low, high=high)
    parts = []
    for e in range(members):

        def tell(done: int, e: int = e) -> None:
            if progress is not None:
                progress(e * len(snapshots) + done, members * len(snapshots))

        own = [(time, map.select(slice(e, e + 1))) for time, map in snapshots]
        parts.append(_of_member(own, points[e], begun, iterations, low, high, tell))
    names = list(parts[0].tables())
    return Film(
        *(
            pd.concat([part.tables()[name].assign(member=e) for e, part in enumerate(parts)], ignore_index=True)
            for name in names
        )
    )


def _of_member(
    snapshots: Sequence[tuple[float, measures.Map]],
    data: Tensor,
    starts: Tensor,
    iterations: int,
    low: float,
    high: float,
    tell: Callable[[int], None],
) -> Film:
    """The film of maps with one member, trained on `data` (N, D). `tell` hears of how many maps the fixed points are known."""
    times, maps = [time for time, _ in snapshots], [map for _, map in snapshots]
    radius = training_radii(data[None], low, high)
    found: list[Found] = []
    ends: list[Tensor] = []
    for map in maps:
        *_, final = measures.iterate(map, starts, iterations)
        ends.append(final[0].cpu().double())
        found.append(_found(map, starts, ends[-1], data, found[-1] if found else None, iterations, low, high))
        tell(len(found))
    joined = branches(maps, found, times, low=low, high=high)
    becoming = training_times(found, times, data[None], radius)
    at = [_reached(joined, k, ends[k], high - low) for k in range(len(times))]
    moments = [
        _moment(maps[k], data, ends[k], at[k], joined, k, radius[0]) | {"time": time} for k, time in enumerate(times)
    ]
    shares = torch.zeros(len(joined.member), dtype=torch.float64)
    for rows in at:
        shares += torch.bincount(rows[rows >= 0], minlength=len(shares)) / len(starts)
    spots = becoming.table()
    by_time = spots.groupby("time", sort=False)[["fixed", "attracting"]].mean()
    table = pd.DataFrame(moments).assign(
        fixed_data=by_time.fixed.to_numpy(dtype=float), attracting_data=by_time.attracting.to_numpy(dtype=float)
    )
    table.loc[table.loss.isna(), ["fixed_data", "attracting_data"]] = np.nan
    distance, nearest = _nearest(joined.points, data)
    centre, direction = data.double().mean(0), separating_axis(data)
    places = tidy(coordinates("x", data) | {"along": (data.double() - centre) @ direction})
    spots = spots.join(places, on="point")
    lines = joined.table().assign(
        share=shares.numpy(),
        nearest=nearest.numpy(),
        distance=distance.numpy(),
        training=(distance <= radius[0][nearest]).numpy(),
        along=((joined.points - centre) @ direction).numpy(),
    )
    return Film(table, lines, joined.events(), spots, becoming.events())


def _found(
    map: measures.Map,
    starts: Tensor,
    ends: Tensor,
    data: Tensor,
    before: Found | None,
    iterations: int,
    low: float,
    high: float,
) -> Found:
    """The fixed points of a map with one member, or its attractors in many dimensions; none if the map is not finite."""
    if not bool(map(data[None].to(map.device, precision(map))).isfinite().all()):
        return _none(map.dim)
    if map.dim > NEWTON_DIMENSIONS:
        begun = torch.cat([starts, data])
        return measures.find_attractors(map, begun, iterations, by="newton", low=low, high=high)
    old = [] if before is None else [before.points.cpu()]
    reached = ends[distinct((ends / (END_DISTANCE * (high - low))).nan_to_num(0, 0, 0).round())[0]]
    begun = torch.cat([starts[:NEWTON_STARTS].double(), reached.nan_to_num(low, high, low), data.double(), *old])
    return census(map, begun, low=low, high=high)


def _none(dim: int) -> FixedPoints:
    none, zero = torch.zeros(0, dtype=torch.float64), torch.zeros(0, dtype=torch.int64)
    return FixedPoints(
        zero,
        none.new_zeros(0, dim),
        none,
        none.new_zeros(0, dim, dim),
        none,
        zero,
        zero.bool(),
        torch.zeros(1).bool(),
        torch.zeros(1).long(),
    )


def _reached(joined: Branches, time: int, ends: Tensor, side: float) -> Tensor:
    """The row of `joined` at which each end is, −1 if it is at no fixed point: (S,)."""
    rows = (joined.time == time).nonzero()[:, 0]
    if not len(rows):
        return torch.full(ends.shape[:1], -1)
    distance, place = torch.cdist(ends.nan_to_num(torch.inf), joined.points[rows]).min(1)
    return torch.where(distance <= END_DISTANCE * side * ends.shape[1] ** 0.5, rows[place], -1)


def _moment(
    map: measures.Map, data: Tensor, ends: Tensor, at: Tensor, joined: Branches, time: int, radius: Tensor
) -> dict[str, float]:
    """The numbers of one time, without those on single training points; NaN if the map is not finite at the data."""
    loss = float(measures.loss_at(map, data).mean())
    if not np.isfinite(loss):
        return {"loss": float("nan")}
    rows = joined.time == time
    stable = torch.cat([joined.stability == 0, torch.tensor([False])])  # index −1, the last: no fixed point
    distance, nearest = _nearest(ends.nan_to_num(torch.inf), data)
    copies = distance <= radius[nearest]
    visits = torch.bincount(at[at >= 0], minlength=1)
    return {
        "loss": loss,
        "fixed": int(rows.sum()),
        "stable": int((rows & stable[:-1]).sum()),
        "copies": float(copies.double().mean()),
        "spurious": float((stable[at] & ~copies).double().mean()),
        "unsettled": float((~stable[at] & ~copies).double().mean()),
        "largest_basin": float(visits.max()) / len(ends),
        "proven": float(joined.proven[time, 0]) if map.dim <= 2 else float("nan"),
    }


def _nearest(points: Tensor, data: Tensor) -> tuple[Tensor, Tensor]:
    """The distance of each point (P, D) to the nearest training point, and that point: (P,) each."""
    distance, index = torch.cdist(points.double(), data.double()).min(1)
    return distance, index


def separating_axis(data: Float[Tensor, "data dim"]) -> Float[Tensor, "dim"]:
    """A unit vector along which the training points are told apart: (D,), float64.

    Of the directions in the plane of the first two principal axes, it is the one with the largest smallest gap between
    projections; the first principal axis of more than MOST_SEPARATED points."""
    centred = (data - data.mean(0)).double()
    if len(data) == 1 or data.shape[1] == 1:
        return torch.eye(data.shape[1], dtype=torch.float64)[0]
    axes: Tensor = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    if len(data) > MOST_SEPARATED or len(axes) < 2:
        return axes[0]
    angle = torch.arange(ANGLES, dtype=torch.float64) / ANGLES * torch.pi
    directions = torch.stack([angle.cos(), angle.sin()], 1) @ axes
    gaps = (centred @ directions.T).sort(0).values.diff(dim=0).amin(0)
    best: Tensor = directions[gaps.argmax()]
    return best if best[best.abs().argmax()] > 0 else -best


@torch.no_grad()
def surfaces(
    snapshots: Sequence[tuple[float, measures.Map]],
    data: Float[Tensor, "data dim"],
    member: int,
    *,
    resolution: int,
    low: float = 0.0,
    high: float = 1.0,
) -> dict[str, np.ndarray]:
    """The loss of one member over a plane at each time, and the training points there; empty on a line, or of two images.

    In two dimensions the plane is the whole range, else that through the first three training points. `heights` (T, R, R):
    heights[t, r, c] is the loss at (x, y) = (c, r); `extent` (x_low, x_high, y_low, y_high); `spots` (M, 2)."""
    if data.shape[1] < 2 or (data.shape[1] > 2 and len(data) < 3):
        return {}
    if data.shape[1] == 2:
        where, spots = cube.whole(2, low=low, high=high), data
    else:
        where, spots = cube.through(data[:3])
    grid = where.at(where.grid(resolution)).float()
    heights = [
        measures.loss_at(map.select(slice(member, member + 1)), grid)[0].cpu().view(resolution, resolution)
        for _, map in snapshots
    ]
    extent = torch.stack([where.low, where.high], 1).flatten()
    return {
        "times": np.array([time for time, _ in snapshots], dtype=float),
        "heights": torch.stack(heights).float().numpy(),
        "extent": extent.numpy(),
        "spots": spots.cpu().double().numpy(),
    }
