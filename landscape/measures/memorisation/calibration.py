"""What the statistics of copying read on mixtures of known copies, and the share of copies that a reading stands for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from landscape.facts import Shown
from landscape.measures.memorisation.copying import COPY_QUANTILE, FEWEST_IN_CELL

REPEATS = 200  # mixtures of each share, each with another half of the held-out points as the null
GRID = 201  # shares of copies at which a reading is looked for
LARGEST_MIXTURE = 1000  # points of a mixture whose authenticity and C_T are computed
STATISTICS = ("copied", "authenticity", "farther")


@dataclass(frozen=True, eq=False, repr=False)
class Distances(Shown):
    """Points by their distance to the nearest training point, their gap (that training point's own), and their k-means cell."""

    distance: Float[np.ndarray, "points"]
    gap: Float[np.ndarray, "points"]
    cell: Int[np.ndarray, "points"]

    @property
    def relative(self) -> Float[np.ndarray, "points"]:
        """The distances over the gaps; the distances themselves if there is no gap."""
        return self.distance / np.where(np.isinf(self.gap), 1, self.gap)

    def drawn(self, places: np.ndarray) -> Distances:
        """The points at these places."""
        return Distances(self.distance[places], self.gap[places], self.cell[places])


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Shown):
    """Readings of the estimated share of copies on mixtures, by their true share on a grid from 0 to 1: (R, G).

    `shares` (G,) are the true shares."""

    shares: Float[np.ndarray, "shares"]
    readings: Float[np.ndarray, "repeats shares"]

    def reads_like(self, reading: float) -> tuple[float, float, float]:
        """The true share of copies that a `reading` stands for, and its 95 % interval: (share, low, high).

        The share is where the median reading crosses `reading`. The interval holds all shares of which the reading is within
        the middle 95 % of the mixtures' readings; if there is none, it is the share alone. NaN for a reading that is NaN."""
        if math.isnan(reading):
            return math.nan, math.nan, math.nan
        low, middle, high = np.quantile(self.readings, [0.025, 0.5, 0.975], axis=0)
        share = float(np.interp(reading, np.maximum.accumulate(middle), self.shares))
        fitting = self.shares[(low - 1e-9 <= reading) & (reading <= high + 1e-9)]
        ends = (float(fitting.min()), float(fitting.max())) if len(fitting) else (share, share)
        return float(np.clip(share, *ends)), *ends


def calibrated(copies: Distances, held_out: Distances, samples: int, *, seed: int = 0) -> Calibration:
    """The readings of the share of copies, `Nearness.copied`, on mixtures of `samples` points: copies and held-out points.

    1. A random half of the held-out points is the null, which gives the bound. The other half is what mixtures draw from.
    2. A generator that copies with probability c makes a binomial number of copies. Of these, and of the other points, a
       binomial number lies below the bound, with the rate of known copies and that of the other half.
    3. Both are repeated REPEATS times."""
    random = np.random.default_rng([seed, 1])
    shares = np.linspace(0, 1, GRID)
    near = np.empty((REPEATS, GRID))
    for repeat in range(REPEATS):
        null, new = _halves(len(held_out.distance), random)
        bound = _bound(held_out.relative[null])
        chance = float((held_out.relative[null] < bound).mean())
        rates = [float((some < bound).mean()) for some in (copies.relative, held_out.relative[new])]
        number = random.binomial(samples, shares)
        found = random.binomial(number, rates[0]) + random.binomial(samples - number, rates[1])
        near[repeat] = np.clip((found / samples - chance) / (1 - chance), 0, 1)
    return Calibration(shares, near)


def mixture_rows(
    copies: Distances, held_out: Distances, samples: int, shares: Sequence[float], *, seed: int = 0, repeats: int = 20
) -> list[dict[str, float]]:
    """What STATISTICS read on mixtures with each of the true `shares` of copies: a row per share.

    A row has the share, and for each statistic its mean and the ends of the middle 95 % over mixtures: `copied`, `copied_low`,
    `copied_high` and so on. Mixtures hold `samples` points, at most LARGEST_MIXTURE. `farther` is C_T's size of effect, the
    probability that a sample is farther from the training points than a held-out point of its cell."""
    random = np.random.default_rng([seed, 2])
    count = min(samples, LARGEST_MIXTURE)
    rows = []
    for share in shares:
        found = []
        for _ in range(repeats):
            null, new = _halves(len(held_out.distance), random)
            number = round(share * count)
            drawn = [
                copies.drawn(random.integers(len(copies.distance), size=number)),
                held_out.drawn(random.choice(new, size=count - number)),
            ]
            mixture = Distances(
                *(np.concatenate([getattr(one, name) for one in drawn]) for name in ("distance", "gap", "cell"))
            )
            found.append(_statistics(mixture, held_out.drawn(null)))
        row = {"share": share}
        for name, values in zip(STATISTICS, np.array(found).T, strict=True):
            ends = np.quantile(values, [0.025, 0.975])
            row |= {name: float(values.mean()), f"{name}_low": float(ends[0]), f"{name}_high": float(ends[1])}
        rows.append(row)
    return rows


def _statistics(mixture: Distances, null: Distances) -> tuple[float, float, float]:
    """The share of copies, authenticity, and the probability to be farther."""
    bound = _bound(null.relative)
    chance = float((null.relative < bound).mean())
    copied = min(max((float((mixture.relative < bound).mean()) - chance) / (1 - chance), 0.0), 1.0)
    return copied, float((mixture.distance > mixture.gap).mean()), _farther(mixture, null)


def _farther(ours: Distances, theirs: Distances) -> float:
    """The mean probability to be farther than a held-out point of the cell, as of `DataCopying`; NaN if no cell is compared.

    All cells are searched at once: each is moved to a range of its own, which the others' distances do not reach."""
    cells = 1 + int(max(ours.cell.max(), theirs.cell.max()))
    step = 1.0 + float(max(ours.distance.max(), theirs.distance.max()))
    null = np.sort(theirs.distance.astype(np.float64) + step * theirs.cell)
    moved = ours.distance.astype(np.float64) + step * ours.cell
    number, held = (np.bincount(one.cell, minlength=cells) for one in (ours, theirs))
    nearer = (np.searchsorted(null, moved, "left") + np.searchsorted(null, moved, "right")) / 2
    nearer -= (held.cumsum() - held)[ours.cell]
    kept = np.minimum(number, held) >= FEWEST_IN_CELL
    if not kept.any():
        return math.nan
    share = np.bincount(ours.cell, weights=nearer, minlength=cells)[kept] / (number * held)[kept]
    return float(np.average(share, weights=held[kept]))


def _bound(relative: np.ndarray) -> float:
    return float(np.quantile(relative, COPY_QUANTILE, method="lower"))


def _halves(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    order = random.permutation(count)
    return order[: count // 2], order[count // 2 :]
