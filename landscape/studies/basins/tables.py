"""Tables of basins: columns of the members' table, a row per basin, and known maps measured in the same way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from scipy.ndimage import distance_transform_edt
from scipy.stats import binomtest, linregress
from torch import Tensor

from landscape import measures
from landscape.data import Dataset
from landscape.measures.dynamics.attraction import MERGE_DISTANCE
from landscape.measures.dynamics.boundaries import SCALES
from landscape.measures.neighbours.search import pairwise_distances
from landscape.studies.basins.claims import S4
from landscape.studies.parts.orbit_ends import training_radii

THINNED = (8, 4, 2, 1)  # steps of a grid: the grids of these steps are the resolutions at which α is compared
LEAST_THINNED_SIDE = 16  # starts along a side of the coarsest of them, at least
LEAST_DEFECT = 1e-3  # of α from 1: borders smoother than this are as smooth as a grid can tell


def shares(own: pd.DataFrame, labels: Tensor, rests: Tensor, times: Tensor) -> dict[str, float]:
    """The columns on random starts: where they lead, in shares; numbers of attractors; how soon orbits rest (median, 90 %)."""
    fixed, cycles, circles, chaotic = (own.kind == place for place in range(len(measures.dynamics.ATTRACTOR_KINDS)))
    memory = own.training >= 0
    settled, unsettled = times[(labels >= 0) & rests].double(), labels == measures.dynamics.UNSETTLED
    soon = settled.quantile(torch.tensor([0.5, 0.9], dtype=torch.float64)).tolist() if len(settled) else [np.nan] * 2
    return {
        "training": own.share[fixed & memory].sum(),
        "spurious": own.share[fixed & ~memory].sum(),
        "cycling": own.share[cycles].sum(),
        "circling": own.share[circles].sum(),
        "chaotic": own.share[chaotic].sum(),
        "slow": float((labels == measures.dynamics.SLOW).double().mean()),
        "stopped": float((unsettled & rests).double().mean()),
        "moving": float((unsettled & ~rests).double().mean()),
        "outside": float((labels == measures.dynamics.OUTSIDE).double().mean()),
        "attractors": int(fixed.sum()),
        "cycles": int(cycles.sum()),
        "circles": int(circles.sum()),
        "chaotic_sets": int(chaotic.sum()),
        "remembered": own.training[fixed & memory].nunique(),
        "largest": own.share.max() if len(own) else 0.0,
        "time": soon[0],
        "time_90": soon[1],
    }


def completeness(
    found: measures.dynamics.Attractors, known: measures.exact.FixedPoints | None, side: float
) -> dict[str, float]:
    """How the attractors compare with `known`, all fixed points of the member. NaN without a proof that none is missing.

    `stable`: the number of stable fixed points. `found`: the share of these that some start led to. `at_kinks`: the number of
    attractors at kinks whose sides differ in stability. `besides`: the number of attractors at no fixed point that attracts,
    which would contradict the proof."""
    if known is None or not known.proven.all():
        return {"stable": np.nan, "found": np.nan, "at_kinks": np.nan, "besides": np.nan}
    ends = found.points[found.period == 1].cpu()
    near = pairwise_distances(known.points, ends) <= MERGE_DISTANCE * side
    stable, kink = (known.stability == measures.exact.STABILITIES.index(name) for name in ("stable", "one-sided"))
    return {
        "stable": int(stable.sum()),
        "found": float(near[stable].any(1).double().mean()) if stable.any() else np.nan,
        "at_kinks": int(near[kink].any(0).sum()),
        "besides": int((~near[stable | kink].any(0)).sum()),
    }


def borders(labels: np.ndarray) -> dict[str, float]:
    """The columns on how ragged borders on a grid are; NaN if more starts are unsettled or slow than the claim S4 allows."""
    unsettled = float(_at_no_attractor(labels).mean())
    ragged = _raggedness(filled(labels)) | {"trend": trend(filled(labels))}
    if not S4.limits["unsettled"].holds(unsettled):
        ragged = dict.fromkeys(ragged, np.nan)
    return {"unsettled_grid": unsettled, **ragged}


def trend(labels: np.ndarray) -> float:
    """The slope of log(1 − α) on log resolution, over the grid and grids of every second, fourth and eighth start of it.

    Below 0 if α comes nearer to 1 on finer grids, as that of a smooth border does; about 0 for a fractal one. NaN if there is
    no border, or only a single grid of 16 starts a side or more."""
    sides, defects = [], []
    for step in THINNED:
        thinned = labels[(slice(None, None, step),) * labels.ndim]
        if min(thinned.shape) >= LEAST_THINNED_SIDE:
            sides.append(min(thinned.shape))
            defects.append(max(1 - measures.dynamics.uncertainty_exponent(thinned).value, LEAST_DEFECT))
    if len(sides) < 2 or not np.isfinite(defects).all():
        return np.nan
    return float(linregress(np.log(sides), np.log(defects)).slope)


def filled(labels: np.ndarray) -> np.ndarray:
    """The labels of a grid in which unsettled and slow starts, which are in no basin, take the label of the nearest other."""
    unsettled = _at_no_attractor(labels)
    if not unsettled.any() or unsettled.all():
        return labels
    nearest = distance_transform_edt(unsettled, return_distances=False, return_indices=True)
    found: np.ndarray = labels[tuple(nearest)]
    return found


def _at_no_attractor(labels: np.ndarray) -> np.ndarray:
    return np.isin(labels, (measures.dynamics.UNSETTLED, measures.dynamics.SLOW))


def sizes(found: measures.dynamics.Attractors, labels: Tensor, points: Tensor, dataset: Dataset) -> pd.DataFrame:
    """A table with a row per basin: its share of the random starts with a 95 % interval (Wilson), and its training point."""
    counts = torch.bincount(labels[labels >= 0], minlength=len(found.points)).tolist()
    bounds = [binomtest(count, len(labels)).proportion_ci(method="wilson") for count in counts]
    return pd.DataFrame(
        {
            "basin": range(len(counts)),
            "kind": found.kind.cpu().numpy(),
            "period": found.period.cpu().numpy(),
            "exponent": found.exponent.cpu().numpy(),
            "rotation": found.rotation.cpu().numpy(),
            "share": [count / len(labels) for count in counts],
            "share_low": [bound.low for bound in bounds],
            "share_high": [bound.high for bound in bounds],
            "training": torch.where(found.period.cpu() > 0, remembered(found.points, points, dataset), -1).numpy(),
        }
    )


def remembered(ends: Tensor, points: Tensor, dataset: Dataset) -> Tensor:
    """The index of the training point at each of the `ends`, −1 if there is none: (A,)."""
    if not len(ends):
        return torch.zeros(0, dtype=torch.int64)
    distance, index = torch.cdist(ends.cpu().double(), points.double()).min(1)
    return torch.where(distance <= training_radii(points[None], dataset.low, dataset.high)[0, index], index, -1)


def references(resolution: int) -> pd.DataFrame:
    """Maps with known borders, measured as networks are: a table with a row per map, with its published dimension."""
    rows = []
    for name, one in measures.known_maps.REFERENCES.items():
        starts = one.where.at(one.where.grid(resolution)).float()
        found = measures.basins(one.map, starts, one.iterations, low=min(one.low), high=max(one.high))
        ragged = _raggedness(found.label[0].view(resolution, resolution).numpy())
        rows.append({"map": name, "published": one.dimension, "source": one.source, **ragged})
    return pd.DataFrame(rows)


def _raggedness(labels: np.ndarray) -> dict[str, float]:
    entropy, boundary = measures.dynamics.basin_entropy(labels)
    found = {
        "exponent": measures.dynamics.uncertainty_exponent(labels),
        "dimension": measures.dynamics.boundary_dimension(labels),
    }
    bounds = {
        f"{name}{end}": value
        for name, one in found.items()
        for end, value in (("", one.value), ("_low", one.low), ("_high", one.high))
    }
    return {"entropy": entropy, "boundary_entropy": boundary, **bounds, **series(found)}


def series(found: Mapping[str, measures.dynamics.Scaling]) -> dict[str, float]:
    """The columns with slopes between neighbouring scales: `exponent_1` is α between distances of 1 and 2 steps of the grid."""
    slopes = {name: dict(zip(one.scales, one.slopes, strict=False)) for name, one in found.items()}
    return {f"{name}_{scale}": one.get(scale, np.nan) for name, one in slopes.items() for scale in SCALES[:-1]}
