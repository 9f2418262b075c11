"""Members' tables of the depth sweep in which its claims are true, false or at their thresholds, and tables of its controls.

Each table has the size of the preset `paper`. Shares are as in trained networks: many are 0 or 1, some networks collapse, and
networks of a seed and width have something in common at every depth. The rows of controls are measured as the study measures
its networks, in fewer settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import measures, presets
from landscape.claims import Claim
from landscape.results import Result, cell
from landscape.studies.depth_sweep.claims import RANGE_FLOOR, claims_of
from landscape.studies.depth_sweep.study import DepthSweep
from tests.certificates import Generator, Make

ITERATIONS = 100
DATA = {"C1b": "one-point", "C3": "two-points", "C4": "tanh-four", "C5": "four-points"}
CONTROLS = ("constant", "half", "identity", "memoriser", "untrained")
KEYS = ["data", "hidden", "width", "budget"]
MEASURED = 44  # members of each control, of which a draw takes as many as the preset has


@cache
def paper() -> DepthSweep:
    """The study as the preset `paper` makes it."""
    study = presets.make_study("depth-sweep", "paper")
    assert isinstance(study, DepthSweep)
    return study


def claim_of(table: pd.DataFrame, key: str) -> Claim:
    result = Result(Path(), {"parameters": {"iterations": ITERATIONS}}, {"members": table}, {})
    return next(claim for claim in claims_of(result) if claim.key == key)


@cache
def sizes(data: str) -> pd.DataFrame:
    """The cells of the preset on a data set, with the networks' numbers of parameters; columns as in the members' table."""
    study = paper()
    cells = [one for one in study.cells() if one["data"] == data]
    rows = [
        {name: one[name] for name in KEYS}
        | {"parameters": study.recipe(one).net.parameter_count(study.recipe(one).dataset().dim)}
        for one in cells
    ]
    return pd.DataFrame(rows)


def of_c10(table: pd.DataFrame) -> pd.DataFrame:
    """The table without numbers of parameters, so that C5 is not judged on it."""
    return table.assign(parameters=1)


def of_other(table: pd.DataFrame) -> pd.DataFrame:
    """The table without budgets, so that C10 is not judged on it."""
    return table.assign(budget=0)


def members(cells: pd.DataFrame) -> pd.DataFrame:
    """A row per cell and member, all converged."""
    seeds = pd.DataFrame({"seed": range(paper().members)})
    return cells.merge(seeds, how="cross").assign(member=lambda rows: rows.seed, status="converged")


def piled(rng: Generator, mean: np.ndarray | float, seeds: pd.Series[int]) -> np.ndarray:
    """Shares of this mean, of which a third are 0 or 1; a seed's networks have a part of their luck in common."""
    mean = np.broadcast_to(mean, len(seeds))
    luck = (rng.random(seeds.max() + 1)[seeds] < 0.5) & (rng.random(len(seeds)) < 0.7)
    lot = np.where(luck, rng.random(seeds.max() + 1)[seeds], rng.random(len(seeds)))
    spread = rng.beta(6 * mean + 1e-9, 6 * (1 - mean) + 1e-9)
    return np.where(rng.random(len(seeds)) < 1 / 3, lot < mean, spread)


def times(rng: Generator, median: float, count: int) -> np.ndarray:
    """Burn-ins, whole numbers of iterations, of which as many are above as at most `median`; a tenth never settle."""
    early = np.exp(-np.abs(rng.normal(0, 0.3, count)))
    late = np.where(rng.random(count) < 0.2, np.inf, np.exp(np.abs(rng.normal(0, 0.3, count))))
    return np.ceil(median * np.where(rng.random(count) < 0.5, early, late))


def with_burn_in(table: pd.DataFrame, burn_in: np.ndarray) -> pd.DataFrame:
    """The table with burn-ins as the study records them: censored from the last iteration on."""
    seen = np.clip(burn_in, 1, ITERATIONS)
    return table.assign(burn_in=seen, burn_in_censored=seen >= ITERATIONS)


def one_point(rng: Generator, ratio: float) -> pd.DataFrame:
    """C1b: the median of the trained output range over the untrained is `ratio`; a tenth of the networks are constants."""
    cells = pd.DataFrame({"data": "one-point", "hidden": [2, 4], "width": 5, "budget": 0, "parameters": [46, 106]})
    table = members(cells)
    before = 0.02 * np.exp(rng.normal(0, 0.5, len(table)))
    after = before * ratio * np.exp(rng.standard_t(3, len(table)) / 2)
    down = (after < before * ratio) & (rng.random(len(table)) < 0.2)
    after = np.where(down, RANGE_FLOOR / 2, after).clip(0, 1)
    kind = np.where(after < 0.01, "constant", "between")
    return table.assign(untrained_range=before, output_range=after, kind=kind)


def two_points(rng: Generator, gain: float = 0.55, flat: float = 0.6, burn_in: float = 5.0) -> pd.DataFrame:
    """C3: the deep networks' mean gain in the early share, their mean flat share and their median burn-in are as given."""
    cells = pd.DataFrame({"data": "two-points", "hidden": [7, 2, 6, 1], "width": 5, "budget": 0})
    table = members(cells)
    shallow = 0.2
    mean = np.where(table.hidden >= 6, shallow + gain, shallow)
    table = table.assign(share_early=piled(rng, mean, table.seed), flat_near_data=piled(rng, flat, table.seed))
    return with_burn_in(table, times(rng, burn_in, paper().members)[table.seed])


def tanh_four(rng: Generator, share: float = 0.99, burn_in: float = 5.0) -> pd.DataFrame:
    """C4: `share` of the networks are flat near the points and bring samples there by B = 5; the median burn-in is as given."""
    table = members(pd.DataFrame({"data": "tanh-four", "hidden": [10, 9], "width": 10, "budget": 0}))
    both = rng.random(paper().members)[table.seed] < share
    near = np.where(both, rng.uniform(0.5, 1, len(table)), rng.uniform(0, 0.5, len(table)))
    flat = np.where(both, rng.uniform(0.25, 1, len(table)), rng.uniform(0, 1, len(table)))
    table = table.assign(share_early=near, flat_near_data=flat)
    return with_burn_in(table, times(rng, burn_in, paper().members)[table.seed])


def four_points(rng: Generator, slope: float, at_papers_net: float = 5.0, never: float = 0.0) -> pd.DataFrame:
    """C5: log burn-in has this slope on log parameters, and `at_papers_net` is its value with 7 hidden layers of width 50.

    Each seed has a slope of its own, of standard deviation .1. Of the networks of width 5 the share `never` settles nowhere."""
    table = of_other(members(sizes("four-points").drop_duplicates(["data", "hidden", "width"])))
    papers = table[(table.hidden == 7) & (table.width == 50)].parameters.iloc[0]
    noise = rng.normal(0, 0.15, paper().members)[table.seed] + rng.normal(0, 0.35, len(table))
    slopes = slope + rng.normal(0, 0.1, paper().members)[table.seed]
    burn_in = at_papers_net * (table.parameters / papers) ** slopes * np.exp(noise)
    lost = (table.width == 5) & (rng.random(len(table)) < never)
    return with_burn_in(table, np.where(lost, np.inf, np.ceil(burn_in)))


def equal_parameters(rng: Generator, early: float, late: float, capacity: tuple[float, float] = (0, 0)) -> pd.DataFrame:
    """C10: shares rise by these numbers of standard deviations per standard deviation of depth at B = 5 and at B = 100.

    `capacity` is the same for the logarithm of the budget. On the second data set shares are 0 or 1, on others some are."""
    names = paper().data
    table = of_c10(
        members(pd.concat([sizes(name)[lambda cells: cells.budget > 0] for name in names], ignore_index=True))
    )
    depth, size = _standard(table.hidden), _standard(np.log(table.budget))
    for name, slope, of_size in zip(("share_early", "share_end"), (early, late), capacity, strict=True):
        seed = rng.normal(0, 0.5, paper().members)[table.seed]
        value = slope * depth + of_size * size + seed + rng.normal(size=len(table))
        all_or_none = (table.data == names[1]).to_numpy()
        table[name] = np.where(all_or_none, value > 0, np.clip(0.5 + value / 4, 0, 1))
    return table


def _standard(values: pd.Series[float]) -> np.ndarray:
    return ((values - values.mean()) / values.std(ddof=0)).to_numpy()


def places() -> pd.DataFrame:
    """The cells of C1b, C3 and C4, and cells of three depths and two budgets for C5 and C10."""
    rows = [("one-point", 2, 5, 0), *(("two-points", hidden, 5, 0) for hidden in (1, 2, 6, 7))]
    rows += [("tanh-four", hidden, 10, 0) for hidden in (9, 10)]
    grid = pd.concat([sizes("four-points"), sizes("two-points")])
    grid = grid[grid.budget.isin([700, 2800]) & grid.hidden.isin([1, 4, 10])]
    return pd.concat([pd.DataFrame(rows, columns=KEYS), grid[KEYS]], ignore_index=True)


@cache
def measured(name: str) -> pd.DataFrame:
    """The rows of a control in the place of MEASURED trained networks, measured by the study itself.

    All but the untrained networks are the same maps at every size of network and are measured once for each data set."""
    overrides = {"members": MEASURED, "samples": 20, "probes": 32}
    study = presets.make_study("depth-sweep", "paper", overrides=overrides)
    assert isinstance(study, DepthSweep)
    by = KEYS if name == "untrained" else ["data"]
    tables = []
    for place in places().drop_duplicates(by).to_dict("records"):
        recipe = study.recipe(cell(**place))
        dataset, untrained = recipe.dataset(), recipe.untrained()
        table, _ = study.measured(measures.control(name, dataset, untrained), untrained, dataset)
        member = np.arange(MEASURED)
        tables.append(table.assign(**{key: place[key] for key in by}, member=member, seed=member, status="converged"))
    rows = places().merge(pd.concat(tables), on=by)
    if name == "untrained":
        return rows.assign(parameters=rows.hidden * rows.width**2 + 1, untrained_range=rows.output_range)
    before = measured("untrained")[[*KEYS, "member", "parameters", "untrained_range"]]
    return rows.merge(before, on=[*KEYS, "member"])


def control(rng: Generator, name: str, key: str) -> pd.DataFrame:
    """The rows of as many members of a control as the preset has networks, in the settings of a claim."""
    table = measured(name)
    table = table[table.seed.isin(rng.permutation(MEASURED)[: paper().members])]
    return table[
        (table.budget > 0) if key == "C10" else (table.data == DATA[key]) & ((table.budget == 0) | (key == "C5"))
    ]


TRUE: Mapping[str, Make[pd.DataFrame]] = {
    "C1b": partial(one_point, ratio=0.15),
    "C3": two_points,
    "C4": tanh_four,
    "C5": partial(four_points, slope=-1.0),
    "C10": partial(equal_parameters, early=1.0, late=1.0),
}
FALSE: Mapping[str, Make[pd.DataFrame]] = {
    "C1b": partial(one_point, ratio=1.0),
    "C3": partial(two_points, gain=-0.15, flat=0.1, burn_in=25.0),
    "C4": partial(tanh_four, share=0.3, burn_in=25.0),
    "C5": partial(four_points, slope=-0.1, at_papers_net=16.0),
    "C10": partial(equal_parameters, early=0.0, late=0.0),
}
MEASURED_AS_HALF = -0.52  # measured in whole iterations, this slope of burn-in is −.50
AT_THRESHOLD = 0.335  # depth's effect where the median correlation is .30
CAPACITY = 1.34  # the budget's, where that with depth is .2 above that with width, if depth's is .8
# For every part that a claim names: rows in which this part alone is false, and rows in which it is exactly at its threshold.
PARTS: Mapping[str, tuple[str, Make[pd.DataFrame], Make[pd.DataFrame]]] = {
    "C1b": ("C1b", FALSE["C1b"], partial(one_point, ratio=0.5)),
    "C3, difference": ("C3", partial(two_points, gain=0.0), partial(two_points, gain=0.1)),
    "C3, flat share": ("C3", partial(two_points, flat=0.1), partial(two_points, flat=0.25)),
    "C3, burn-in": ("C3", partial(two_points, burn_in=1.0), partial(two_points, burn_in=8.0)),
    "C4, networks": ("C4", partial(tanh_four, share=0.5), partial(tanh_four, share=0.8)),
    "C4, burn-in": ("C4", partial(tanh_four, burn_in=1.0), partial(tanh_four, burn_in=8.0)),
    "C5": ("C5", FALSE["C5"], partial(four_points, slope=MEASURED_AS_HALF)),
    "C5, narrow networks never settle": (
        "C5",
        partial(four_points, slope=0.0, at_papers_net=16.0, never=0.3),
        partial(four_points, slope=MEASURED_AS_HALF),
    ),
    "C10, B = 5": (
        "C10",
        partial(equal_parameters, early=0.0, late=1.0),
        partial(equal_parameters, early=AT_THRESHOLD, late=1.0),
    ),
    "C10, B = 100": (
        "C10",
        partial(equal_parameters, early=1.0, late=-1.0),
        partial(equal_parameters, early=1.0, late=AT_THRESHOLD),
    ),
    "C10, over width": (
        "C10",
        partial(equal_parameters, early=0.8, late=0.8, capacity=(1.8, 1.8)),
        partial(equal_parameters, early=0.8, late=0.8, capacity=(CAPACITY, CAPACITY)),
    ),
}
