"""Tables of fixed points, of cycles, and of where samplers end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from landscape import measures
from landscape.measures.dynamics.density import expected_variation
from landscape.measures.dynamics.iteration import NEAR
from landscape.studies.parts.grids import COUNTED_KEYS, counted_words
from landscape.studies.parts.orbit_ends import AT_IMAGE, training_radii

KEYS = [*COUNTED_KEYS, "longer"]  # the keys of the study's cells

END_DISTANCE = 1e-3  # of the range: an end this near to a fixed point is at it
LEAST_VISITS = 20  # per stable fixed point; with fewer, chance hides how unequal the visits are


def setting_words(row: pd.Series) -> str:
    """The setting of a cell, or of a member's row, without the data's name: 'n = 16, 6 hidden, width 50, 4 × the steps'."""
    return f"{counted_words(row)}, {row['longer']} × the steps" if row["longer"] > 1 else counted_words(row)


def memory_radii(points: Tensor, low: float, high: float) -> Tensor:
    """The distance from each training point of `points` (E, N, D) within which a fixed point is at it: (E, N).

    On the line and in the plane 2 % of the range, however many points there are, so that counts for different numbers of points
    can be compared. In more dimensions half of the point's gap to the nearest other."""
    if points.shape[-1] <= 2:
        return points.new_full(points.shape[:2], NEAR * (high - low))
    return training_radii(points, low, high)


def displaced_memories(
    data: Tensor, found: measures.exact.FixedPoints, apart: Tensor, nearest: Tensor, radii: Tensor
) -> Tensor:
    """Which fixed points are displaced memories: (F,).

    A displaced memory is the fixed point nearest to a training point that has none within its radius, if it is within half of
    that point's gap to the nearest other training point. It belongs to its training point, and is not spurious."""
    reach, found_displaced = (
        AT_IMAGE * measures.neighbours.gaps(data).double(),
        torch.zeros(len(apart), dtype=torch.bool),
    )
    for e, points in enumerate(data):
        own = (found.member == e).nonzero()[:, 0]
        if not len(own):
            continue
        without = torch.cdist(points.double(), found.points[own]).amin(1) > radii[e]
        for place in without.nonzero()[:, 0].tolist():
            candidates = own[(nearest[own] == place) & (apart[own] < reach[e, place])]
            if len(candidates):
                found_displaced[candidates[apart[candidates].argmin()]] = True
    return found_displaced


def nearest_training(data: Tensor, found: measures.exact.FixedPoints) -> tuple[Tensor, Tensor]:
    """Each fixed point's distance to its member's nearest training point, and the index of that point: (F,) each."""
    distance, index = (
        torch.empty(len(found.points), dtype=torch.float64),
        torch.empty(len(found.points), dtype=torch.int64),
    )
    for e, points in enumerate(data):
        own = found.member == e
        if own.any():
            distance[own], index[own] = torch.cdist(found.points[own], points.double()).min(1)
    return distance, index


def counts(
    found: measures.exact.FixedPoints, at_training: Tensor, displaced: Tensor, nearest: Tensor, count: int
) -> dict[str, Tensor]:
    """The numbers of fixed points of each kind, and the share of the `count` training points with a stable one: (E,) each.

    A fixed point that is neither at a training point nor a displaced memory is spurious."""
    members = len(found.proven)

    def of(chosen: Tensor) -> Tensor:
        return torch.bincount(found.member[chosen], minlength=members)

    kinds = {
        name.replace("-", "_"): of(found.stability == place) for place, name in enumerate(measures.exact.STABILITIES)
    }
    stable, spurious = found.stability == 0, ~at_training & ~displaced
    taken = torch.zeros(members, count, dtype=torch.bool)  # whether a stable fixed point is there
    taken[found.member[stable & at_training], nearest[stable & at_training]] = True
    return {
        "fixed": of(found.member >= 0),
        **kinds,
        "kinks": of(found.kink),
        "displaced": of(displaced),
        "spurious": of(spurious),
        "spurious_stable": of(spurious & stable),
        "remembered": taken.double().mean(1),
        "proven": found.proven,
        "index": found.index,
    }


def cycle_counts(cycles: dict[int, measures.exact.FixedPoints]) -> dict[str, Tensor]:
    """The number of cycles of each period, and of stable cycles of any period: (E,) each."""
    columns = {f"cycles_{p}": torch.bincount(one.member, minlength=len(one.proven)) for p, one in cycles.items()}
    stable = [torch.bincount(one.member[one.stability == 0], minlength=len(one.proven)) for one in cycles.values()]
    return columns | ({"stable_cycles": torch.stack(stable).sum(0)} if stable else {})


def cycles_table(cycles: dict[int, measures.exact.FixedPoints], finite: Tensor) -> pd.DataFrame:
    """A table with a row per cycle: one of its points, and the spectral radius of the Jacobian of one round."""
    rows = [
        pd.DataFrame(
            {
                "member": finite[one.member].numpy(),
                "period": period,
                **_coordinates(one.points),
                "stability": [measures.exact.STABILITIES[place] for place in one.stability.tolist()],
                "radius": one.radius.numpy(),
                "residual": one.residual.numpy(),
            }
        )
        for period, one in cycles.items()
    ]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"member": [], "period": []})


def _coordinates(points: Tensor) -> dict[str, np.ndarray]:
    """A column per coordinate of points on the line or in the plane; none in more dimensions."""
    return {f"x{axis + 1}": points[:, axis].numpy() for axis in range(points.shape[1] if points.shape[1] <= 2 else 0)}


def which_fixed_point(found: measures.exact.FixedPoints, ends: Tensor, side: float) -> Tensor:
    """The index of the fixed point that each end is at, −1 if there is none: (E, S)."""
    at = torch.full(ends.shape[:2], -1)
    for e, points in enumerate(ends):
        own = (found.member == e).nonzero()[:, 0]
        if len(own):
            distance, place = torch.cdist(points.double().nan_to_num(torch.inf), found.points[own]).min(1)
            at[e] = torch.where(distance <= END_DISTANCE * side, own[place], -1)
    return at


def shares_of_ends(found: measures.exact.FixedPoints, at_training: Tensor, at: Tensor) -> dict[str, Tensor]:
    """Shares of each member's ends by what they are at: (E,) each.

    `training`: a fixed point at a training point. `at_memory`: a stable such point."""
    stable = torch.cat([found.stability == 0, torch.tensor([False])])  # index −1, the last: no fixed point
    training = torch.cat([at_training, torch.tensor([False])])
    return {
        "stable": stable[at].double().mean(1),
        "unstable": ((at >= 0) & ~stable[at]).double().mean(1),
        "nowhere": (at < 0).double().mean(1),
        "training": training[at].double().mean(1),
        "at_memory": (stable[at] & training[at]).double().mean(1),
    }


def visits_excess(found: measures.exact.FixedPoints, at: Tensor) -> Tensor:
    """How far each member's visits to its stable fixed points are from equal ones, beyond chance: (E,), float64.

    `at` (E, S) are the fixed points that ends are at, as from `which_fixed_point`. The total variation between the shares of
    visits and equal shares, less the mean of as many draws from equal shares. NaN for members with fewer than two stable
    points, or fewer than LEAST_VISITS visits to each on average."""
    excess = torch.full((len(at),), torch.nan, dtype=torch.float64)
    for e, ends in enumerate(at):
        stable = ((found.member == e) & (found.stability == 0)).nonzero()[:, 0]
        visits = (ends[:, None] == stable).sum(0)
        total = int(visits.sum())
        if len(stable) < 2 or total < LEAST_VISITS * len(stable):
            continue
        equal = torch.full((1, len(stable)), 1 / len(stable), dtype=torch.float64)
        excess[e] = (visits / total - equal).abs().sum() / 2 - expected_variation(equal, total)[0]
    return excess


def census_table(
    found: measures.exact.FixedPoints,
    apart: Tensor,
    at_training: Tensor,
    displaced: Tensor,
    ended: dict[str, Tensor],
    finite: Tensor,
) -> pd.DataFrame:
    """A table with a row per fixed point; `ends_…` is the number of the sampler's ends there."""
    counts = {
        f"ends_{name}": torch.bincount(at[at >= 0], minlength=len(found.member)).numpy() for name, at in ended.items()
    }
    return pd.DataFrame(
        {
            "member": finite[found.member].numpy(),
            **_coordinates(found.points),
            "stability": [measures.exact.STABILITIES[place] for place in found.stability.tolist()],
            "radius": found.radius.numpy(),
            "kink": found.kink.numpy(),
            "residual": found.residual.numpy(),
            "distance": apart.numpy(),
            "training": at_training.numpy(),
            "displaced": displaced.numpy(),
            **counts,
        }
    )
