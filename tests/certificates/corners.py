"""Runs of the study of corners in which its claims are true, false or at their thresholds, and runs of controls.

Each has the size of the preset that asks the claim: 30 seeds (`paper`), or 60 (`spread`, for C7b), two depths, five dimensions.
Of the twelve numbers of training points there are those that a claim compares, or three where it takes them all. Spreads over
seeds are at least those measured in runs of 1,000 steps. Seeds have luck in common over depths: they have the same data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape.results import Result
from landscape.studies.corners.claims import CLAIMED_DIMS, CLAIMED_HIDDEN, FEW_POINTS, MANY_POINTS, SPREAD_COUNT
from landscape.studies.corners.study import SHELL_EDGES
from tests.certificates import Generator, Makers

SEEDS, SEEDS_OF_SPREADS = 30, 60
SPREADS = (1.0, 0.5, 0.25, 0.125)
SHELLS = len(SHELL_EDGES) - 1
CUBE_POINTS = 256  # at which controls are measured
MOST_CORNERS = 512  # of which the memoriser's maximum is taken: it is too small, in favour of C6
# By dimension: the standard deviations over seeds of the share of the ceiling, of the log corner maximum at n = 1 and at
# n = 2048, and of the slope of log loss on log spread, of one depth.
SHARE_SPREAD = dict(zip(CLAIMED_DIMS, (0.14, 0.07, 0.05, 0.04, 0.03), strict=True))
FEW_SPREAD = dict(zip(CLAIMED_DIMS, (0.44, 0.26, 0.17, 0.15, 0.11), strict=True))
MANY_SPREAD = dict(zip(CLAIMED_DIMS, (0.6, 0.26, 0.16, 0.15, 0.15), strict=True))
SLOPE_SPREAD = dict(zip(CLAIMED_DIMS, (0.55, 0.4, 0.3, 0.2, 0.05), strict=True))
COLUMNS = {"status": "stalled", "cube_mean": 0.1, "corner_maximum": 0.5, "maximum_ratio": 1.0, "trace_share": 0.2}


def result_of(table: pd.DataFrame, shells: pd.DataFrame | None = None) -> Result:
    """A run with these networks. The columns that the table lacks are constant, and without `shells` there are none."""
    if shells is None:
        shells = pd.DataFrame(columns=["control", "spread", "hidden", "dim", "count", "member", "shell", "shell_mean"])
    parameters = {"width": 50, "steps": 10_000, "batch": 1000, "members": table["seed"].nunique()}
    return Result(
        Path(), {"parameters": parameters}, {"members": table.assign(**COLUMNS | dict(table)), "shells": shells}, {}
    )


def networks(counts: Sequence[int], spreads: Sequence[float] = (1.0,), seeds: int = SEEDS) -> pd.DataFrame:
    """A row per network of a run."""
    rows = [
        (h, dim, count, spread)
        for h in CLAIMED_HIDDEN
        for dim in CLAIMED_DIMS
        for count in counts
        for spread in spreads
    ]
    cells = pd.DataFrame(rows, columns=["hidden", "dim", "count", "spread"])
    return cells.merge(pd.DataFrame({"seed": range(seeds), "member": range(seeds)}), how="cross")


def luck(rng: Generator, table: pd.DataFrame, common: float = 0.5) -> np.ndarray:
    """Standard normal numbers, of which the share `common` of the variance is the seed's and dimension's."""
    shared = rng.normal(size=(table["seed"].max() + 1, max(CLAIMED_DIMS) + 1))[table["seed"], table["dim"]]
    numbers: np.ndarray = np.sqrt(common) * shared + np.sqrt(1 - common) * rng.normal(size=len(table))
    return numbers


def ceilings(rng: Generator, *, share: float = 0.7) -> Result:
    """C2b: losses elsewhere are this share of the ceiling."""
    table = networks([FEW_POINTS])
    spread = table["dim"].map(SHARE_SPREAD).to_numpy()
    size = share * (1 - share) / spread**2 - 1
    return result_of(table.assign(cube_mean=7 / 12 * rng.beta(share * size, (1 - share) * size)))


def falls(rng: Generator, *, ratio: float = 0.1, last: float | None = None) -> Result:
    """C6: the larger ratio of a seed's depths has this median, in 16 dimensions `last`. That of two layers is smaller."""
    few, many = networks([FEW_POINTS]), networks([MANY_POINTS])
    begun = 0.56 * np.exp(few["dim"].map(FEW_SPREAD) * luck(rng, few, 1.0))
    factor = np.where(few["dim"] == max(CLAIMED_DIMS), ratio if last is None else last, ratio) * np.exp(
        few["dim"].map(MANY_SPREAD) * luck(rng, few) - (few["hidden"] == 2)
    )
    return result_of(
        pd.concat([few.assign(corner_maximum=begun), many.assign(corner_maximum=begun * factor)], ignore_index=True)
    )


def spreads(rng: Generator, *, slope: float = -0.9, last: float = 0.0) -> Result:
    """C7b: slopes have this mean, to which `last` is added in 16 dimensions."""
    table = networks([SPREAD_COUNT], SPREADS, SEEDS_OF_SPREADS)
    slopes = networks([SPREAD_COUNT], seeds=SEEDS_OF_SPREADS)
    means = slope + last * (slopes["dim"] == max(CLAIMED_DIMS))
    slopes = slopes.assign(slope=means + slopes["dim"].map(SLOPE_SPREAD) * luck(rng, slopes, 0.0))
    table = table.merge(slopes.drop(columns=["spread", "count", "member"]), on=["hidden", "dim", "seed"])
    return result_of(table.assign(cube_mean=0.05 * table["spread"] ** table["slope"]))


def shares_at_corners(rng: Generator, *, share: float = 0.95) -> Result:
    """C8: this share of networks has its highest loss, as far as found, at a corner."""
    table = networks([1, 16, 2048])
    common = rng.random(SEEDS)[table["seed"]]
    at_corner = np.where(rng.random(len(table)) < 0.2, common, rng.random(len(table))) < share
    return result_of(table.assign(maximum_ratio=np.where(at_corner, 1.0, 1.2)))


def middles(rng: Generator, *, excess: float = -0.3) -> Result:
    """C8b: the log of the central shell's mean loss less the lowest other has this mean. Losses rise outwards from there."""
    table = networks([1, 16, 2048])
    inner = 0.1 * np.exp(excess + 0.5 * luck(rng, table))
    means = np.stack([inner, *(np.full(len(table), 0.1 * 1.5**shell) for shell in range(SHELLS - 1))], axis=1)
    return result_of(table, shells_of(table, means))


def shells_of(table: pd.DataFrame, means: np.ndarray) -> pd.DataFrame:
    """The table of shells of these networks, whose mean losses are `means` (networks, shells)."""
    rows = table.loc[table.index.repeat(means.shape[1])].assign(control="none")
    return rows.assign(shell=np.tile(range(means.shape[1]), len(table)), shell_mean=means.ravel())


def controls(rng: Generator, kind: str, counts: Sequence[int], spreads: Sequence[float] = (1.0,)) -> Result:
    """A run in which maps of this kind stand in the networks' place: 'constant', 'half', 'identity', 'memoriser', 'untrained'.

    Each is measured on points of its own. A constant map is the mean of the training points; an untrained network is taken as a
    constant near ½, the same at every number of points and spread."""
    table = networks(counts, spreads)
    blank = {key: 0.5 + 0.05 * rng.normal(size=key[2]) for key in _keys(table)}
    rows, shells = [], []
    for row in table.itertuples(index=False):
        dim, count, spread, seed = int(row.dim), int(row[2]), float(row.spread), int(row.seed)
        own = np.random.default_rng([seed, dim, count])
        points = 0.5 + spread * (own.random((count, dim)) - 0.5)
        known = {"constant": points.mean(0), "half": np.full(dim, 0.5), "untrained": blank[row.hidden, seed, dim]}
        loss = partial(_loss, points=points if kind == "memoriser" else known.get(kind, points)[None], kind=kind)
        corners = (
            np.array(np.meshgrid(*[[0.0, 1.0]] * dim)).reshape(dim, -1).T
            if 2**dim <= MOST_CORNERS
            else rng.integers(0, 2, (MOST_CORNERS, dim)).astype(float)
        )
        directions = rng.uniform(-1, 1, (SHELLS, CUBE_POINTS // 4, dim))
        norm = np.abs(directions).max(-1, keepdims=True)
        radius = (np.array(SHELL_EDGES[:-1])[:, None, None] + 0.2 * rng.random(norm.shape)) / 2
        shells.append([loss(one).mean() for one in 0.5 + radius * directions / norm])
        rows.append((loss(corners).max(), loss(rng.random((CUBE_POINTS, dim))).mean()))
    maximum, mean = np.array(rows).T
    trace = 1.0 if kind == "identity" else 0.0
    table = table.assign(corner_maximum=maximum, cube_mean=mean, trace_share=trace)
    return result_of(table, shells_of(table[table["spread"] == 1], np.array(shells)[(table["spread"] == 1).to_numpy()]))


def _keys(table: pd.DataFrame) -> list[tuple[int, int, int]]:
    return [(h, s, d) for h, s, d in table[["hidden", "seed", "dim"]].drop_duplicates().to_numpy().tolist()]


def _loss(x: np.ndarray, *, points: np.ndarray, kind: str) -> np.ndarray:
    """The loss at points x (P, D) of the map to the nearest of `points` (N, D); 0 of the identity."""
    if kind == "identity":
        return np.zeros(len(x))
    squared = (x**2).sum(1)[:, None] - 2 * x @ points.T + (points**2).sum(1)
    losses: np.ndarray = np.maximum(squared.min(1), 0) / x.shape[1]
    return losses


MAKERS: dict[tuple[str, str], Makers[Result]] = {
    ("C2b", "share"): {
        "true": ceilings, "false": partial(ceilings, share=2 / 7), "threshold": partial(ceilings, share=0.5),
    },
    ("C6", "ratio"): {
        "true": falls, "false": partial(falls, last=0.4), "threshold": partial(falls, last=0.2),
    },
    ("C7b", "slope"): {
        "true": spreads, "false": partial(spreads, slope=0.0), "threshold": partial(spreads, slope=-0.2),
    },
    ("C7b", "difference"): {
        "true": spreads, "false": partial(spreads, last=0.6), "threshold": partial(spreads, last=0.25),
    },
    ("C8b", "middle"): {
        "true": middles, "false": partial(middles, excess=0.2), "threshold": partial(middles, excess=0.0),
    },
}  # fmt: skip
KINDS = ("constant", "half", "identity", "memoriser", "untrained")
ASKED: dict[str, tuple[Sequence[int], Sequence[float]]] = {
    "C2b": ([FEW_POINTS], (1.0,)),
    "C6": ([FEW_POINTS, MANY_POINTS], (1.0,)),
    "C7b": ([SPREAD_COUNT], SPREADS),
    "C8b": ([1, 16, 256], (1.0,)),
}
