"""Data as networks give them, and the functions of claims on them, with the true value of each estimand.

A cell is a function, a kind of data, and a number of clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from landscape.claims import (
    Interval,
    censored_slope,
    decide,
    difference_interval,
    log_ratio_interval,
    mean_interval,
    median_interval,
    pooled_slope,
    ratio_interval,
    share_interval,
    slope_interval,
)

DRAWS = 199
Generator = np.random.Generator
Draw = Callable[[Generator, int], np.ndarray]
Cell = tuple[Callable[[Generator], Interval], float]
COUNTS = (20, 30)


def share_at(chance: float) -> Draw:
    return lambda generator, n: (generator.random(n) < chance).astype(float)


def log_normal(sigma: float) -> Draw:
    return lambda generator, n: np.exp(sigma * generator.normal(size=n))


def inflated(zeros: float) -> Draw:
    return lambda generator, n: np.where(generator.random(n) < zeros, 0.0, np.exp(generator.normal(size=n)))


def collapsing(chance: float) -> Draw:
    """Shares of .95 ± .02, and 0 in the networks that collapse."""
    return lambda generator, n: np.where(generator.random(n) < chance, 0.0, 0.95 + generator.uniform(-0.03, 0.03, n))


def levels(values: list[float], chances: list[float]) -> Draw:
    return lambda generator, n: generator.choice(values, p=chances, size=n)


def of_few(chance: float) -> Draw:
    """Shares of five runs that settled, with a chance that differs between networks."""
    return lambda generator, n: generator.binomial(5, generator.beta(2 * chance, 2 - 2 * chance, n)) / 5


NORMAL: Draw = lambda generator, n: generator.normal(size=n)  # noqa: E731
HEAVY: Draw = lambda generator, n: generator.standard_t(3, n)  # noqa: E731
EXPONENTIAL: Draw = lambda generator, n: generator.exponential(size=n)  # noqa: E731

# Every kind with its mean.
KINDS: dict[str, tuple[Draw, float]] = {
    "normal": (NORMAL, 0.0),
    "heavy-tailed": (HEAVY, 0.0),
    "exponential": (EXPONENTIAL, 1.0),
    "log-normal 1": (log_normal(1), np.exp(0.5)),
    "log-normal 2": (log_normal(2), np.exp(2.0)),
    "zero-inflated .5": (inflated(0.5), 0.5 * np.exp(0.5)),
    "zero-inflated .8": (inflated(0.8), 0.2 * np.exp(0.5)),
    "all or none .8": (share_at(0.8), 0.8),
    "all or none .9": (share_at(0.9), 0.9),
    "all or none .95": (share_at(0.95), 0.95),
    "collapse 5 %": (collapsing(0.05), 0.95 * 0.95),
    "collapse 10 %": (collapsing(0.1), 0.9 * 0.95),
    "tied": (levels([1, 2, 3, 4, 5], [0.2] * 5), 3.0),
    "tied, skewed": (levels([0, 1, 10], [0.7, 0.25, 0.05]), 0.75),
    "tied shares, skewed": (levels([0, 0.1, 1], [0.7, 0.25, 0.05]), 0.075),
    "few runs": (of_few(0.8), 0.8),
}
BOUNDED = [name for name in KINDS if name.startswith(("all or none", "collapse", "tied shares", "few"))]
CONTINUOUS = ("normal", "heavy-tailed", "exponential", "log-normal 1", "log-normal 2")
SPREADS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "equal spread": np.ones_like, "spread ∝ level": lambda x: x, "spread ∝ 1/level": lambda x: 1 / x
}  # fmt: skip


def mean_cells(n: int) -> Iterator[tuple[str, Cell]]:
    for name, (draw, mean) in KINDS.items():
        yield f"mean, {name}", (lambda g, draw=draw: mean_interval(draw(g, n), draws=DRAWS), mean)
        members = np.repeat(np.arange(n), 3)
        if name in BOUNDED:
            yield (
                f"mean of clusters, {name}",
                (
                    lambda g, draw=draw, members=members: mean_interval(draw(g, n)[members], members, draws=DRAWS),
                    mean,
                ),
            )
    for name, chance in (("share .8", 0.8), ("share .9", 0.9), ("share .95", 0.95), ("share .5", 0.5)):
        yield name, (lambda g, chance=chance: share_interval(g.random(n) < chance), chance)
        yield f"clustered {name}", (partial(clustered_share, n, chance), chance)


def clustered_share(n: int, chance: float, generator: Generator) -> Interval:
    chances = generator.beta(chance, 1 - chance, n)
    members = np.repeat(np.arange(n), 5)
    return share_interval(generator.random(5 * n) < chances[members], members)


def two_group_cells(n: int) -> Iterator[tuple[str, Cell]]:
    for name, (draw, mean) in KINDS.items():
        yield (
            f"difference, {name}",
            (lambda g, draw=draw: difference_interval(draw(g, n), draw(g, n), draws=DRAWS), 0.0),
        )
        yield (
            f"paired difference, {name}",
            (
                lambda g, draw=draw: difference_interval(draw(g, n), draw(g, n), paired=True, draws=DRAWS),
                0.0,
            ),
        )
        if name not in BOUNDED:
            yield (
                f"difference at thrice the scale, {name}",
                (
                    lambda g, draw=draw, mean=mean: difference_interval(
                        3 * (draw(g, n) - mean), draw(g, n) - mean, bounds=(-np.inf, np.inf), draws=DRAWS
                    ),
                    0.0,
                ),
            )
    for name in ("exponential", "log-normal 1", "log-normal 2"):
        draw = KINDS[name][0]
        for paired in (False, True):
            which = "paired ratio" if paired else "ratio"
            yield (
                f"{which}, {name}",
                (
                    lambda g, draw=draw, paired=paired: ratio_interval(
                        draw(g, n), draw(g, n), paired=paired, draws=DRAWS
                    ),
                    1.0,
                ),
            )
            yield (
                f"log {which}, {name}",
                (
                    lambda g, draw=draw, paired=paired: log_ratio_interval(
                        draw(g, n), draw(g, n), paired=paired, draws=DRAWS
                    ),
                    0.0,
                ),
            )
    for name in BOUNDED[:3]:
        draw, mean = KINDS[name]
        yield (
            f"difference from fewer, {name}",
            (
                lambda g, draw=draw: difference_interval(draw(g, n), g.random(n) < 0.3, draws=DRAWS),
                mean - 0.3,
            ),
        )
        yield (
            f"ratio, {name}",
            (
                lambda g, draw=draw: ratio_interval(draw(g, n), 0.5 + 0.4 * g.random(n), draws=DRAWS),
                mean / 0.7,
            ),
        )
        yield (
            f"paired ratio, {name}",
            (
                lambda g, draw=draw: ratio_interval(draw(g, n), 0.5 + 0.4 * g.random(n), paired=True, draws=DRAWS),
                mean / 0.7,
            ),
        )


def median_cells(n: int) -> Iterator[tuple[str, Cell]]:
    for name, median in (("normal", 0.0), ("log-normal 2", 1.0), ("exponential", np.log(2)), ("heavy-tailed", 0.0)):
        yield f"median, {name}", (lambda g, draw=KINDS[name][0]: median_interval(draw(g, n)), median)
    for name, median in (("tied", 3.0), ("tied, skewed", 0.0), ("zero-inflated .8", 0.0), ("all or none .9", 1.0)):
        yield f"median, {name}", (lambda g, draw=KINDS[name][0]: median_interval(draw(g, n)), median)


def slope_cells(n: int) -> Iterator[tuple[str, Cell]]:
    nested, crossed, seeds = np.arange(n) % 5 + 1.0, np.tile(np.arange(1.0, 6), n), np.repeat(np.arange(n), 5)
    for name, (draw, _) in KINDS.items():
        yield f"slope, {name}", (lambda g, draw=draw: slope_interval(nested, draw(g, n), draws=DRAWS), 0.0)
        yield (
            f"crossed slope, {name}",
            (
                lambda g, draw=draw: slope_interval(crossed, draw(g, 5 * n) + draw(g, n)[seeds], seeds, draws=DRAWS),
                0.0,
            ),
        )
        yield (
            f"pooled slope, {name}",
            (
                lambda g, draw=draw: pooled_slope(
                    crossed, draw(g, 5 * n) + crossed * 0.5, seeds % 2, seeds, draws=DRAWS
                ),
                0.5,
            ),
        )
    for name in ("normal", "heavy-tailed", "tied"):
        draw, mean = KINDS[name]
        for spread, scale in SPREADS.items():
            noise = partial(scaled, draw, mean, scale)
            yield (
                f"nested slope, {name}, {spread}",
                (
                    lambda g, noise=noise: slope_interval(nested, 0.5 * nested + noise(g, nested), draws=DRAWS),
                    0.5,
                ),
            )
            yield f"censored slope, {name}, {spread}", (partial(censored, n + 5, noise), 0.5)


def scaled(
    draw: Draw, mean: float, scale: Callable[[np.ndarray], np.ndarray], generator: Generator, x: np.ndarray
) -> np.ndarray:
    return scale(x) * (draw(generator, len(x)) - mean)


def censored(n: int, noise: Callable[[Generator, np.ndarray], np.ndarray], generator: Generator) -> Interval:
    """About a fifth of the values are beyond the limit."""
    x = np.arange(n) % 5 + 1.0
    y = 0.5 * x + noise(generator, x)
    return censored_slope(x, np.minimum(y, 3.0), y > 3.0, draws=DRAWS)


ROUNDS = (mean_cells, two_group_cells, median_cells, slope_cells)
CELLS = {f"{name}, n = {n}": cell for n in COUNTS for cells in ROUNDS for name, cell in cells(n)}


def false_verdicts(cell: Cell, simulations: int, seed: int = 18) -> tuple[int, int]:
    """How often the estimand was called above, and how often below, its true value. Either is supported one way and refuted
    the other."""
    interval_of, truth = cell
    above = below = 0
    for number in range(simulations):
        found = interval_of(np.random.default_rng([seed, number]))
        verdict = decide(found, above=truth)
        assert (verdict == "refuted") == (decide(found, below=truth) == "supported")
        above, below = above + (verdict == "supported"), below + (verdict == "refuted")
    return above, below
