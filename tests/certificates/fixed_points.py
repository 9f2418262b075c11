"""Members' tables of the study of fixed points in which its claims are true, false or at their thresholds, and of controls.

Each has the size of the preset `paper`: 30 seeds, the paper's sets and 4 to 128 uniform points, three depths, two budgets. As
many networks fit as were measured there. Each table has only the columns that its claim reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from landscape import measures, presets
from landscape.data import DataSpec, load_data
from landscape.measures.dynamics.density import BETAS, BOXES, _grid, box_chances, expected_variation
from landscape.measures.known_maps import Memoriser
from landscape.results import Result
from landscape.studies.fixed_points.study import CONTROLS, FixedPointsStudy
from landscape.studies.parts.probes import control_rows
from tests.certificates import Generator, Make, Makers

SEEDS, HIDDEN = 30, (2, 6, 7)
FIXED_SETS = ("one-point", "two-points", "tanh-four", "centre", "four-points", "tanh-square")
# The share of networks that fit n uniform points to 1e-4, by depth and budget, measured with 8 networks of each kind.
DEEP = dict.fromkeys((4, 8, 16, 32, 64, 128), 1.0)
FIT = {
    (2, 1): {4: 0.8, 8: 0.4, 16: 0.05, 32: 0.02, 64: 0.02, 128: 0.02},
    (2, 4): {4: 1.0, 8: 1.0, 16: 0.6, 32: 0.75, 64: 0.75, 128: 0.75},
    **{(hidden, longer): DEEP for hidden in (6, 7) for longer in (1, 4)},
}
SAMPLES = 400


def result_of(table: pd.DataFrame) -> Result:
    return Result(Path(), {"parameters": {"dim": 2}}, {"members": table}, {})


@cache
def _every_cell() -> pd.DataFrame:
    fixed = [(name, load_data(DataSpec(name), (0,)).count, h, 1) for name in FIXED_SETS for h in HIDDEN]
    drawn = [("uniform", n, h, longer) for longer in (1, 4) for n in DEEP for h in HIDDEN]
    cells = pd.DataFrame(fixed + drawn, columns=["data", "count", "hidden", "longer"]).assign(width=50)
    return cells.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross")


def members(rng: Generator) -> pd.DataFrame:
    """The rows of all networks, with a loss that fits or not."""
    table = _every_cell()
    keys = zip(table["data"], table["count"], table["hidden"], table["longer"], strict=True)
    chance = [FIT[h, longer][n] if data == "uniform" else 1.0 for data, n, h, longer in keys]
    fits = rng.random(len(table)) < np.array(chance)
    return table.assign(loss=np.where(fits, 1e-7, 1e-2), status=np.where(fits, "converged", "stalled"))


def _shares(mean: float, table: pd.DataFrame, rng: Generator) -> np.ndarray:
    """Shares of SAMPLES ends with this mean: piled at 0 and 1, and with a part in common within each seed."""
    spread = 1.2
    own = rng.beta(mean * spread, (1 - mean) * spread, len(table))
    common = rng.beta(mean * spread, (1 - mean) * spread, SEEDS)[table.seed]
    chosen = np.where(rng.random(len(table)) < 0.2, common, own)
    return rng.binomial(SAMPLES, chosen) / SAMPLES


def gradient(rng: Generator, *, unstable: float = 0.7, missed: float = 0.5) -> pd.DataFrame:
    """C16. A tenth of the networks has a single fixed point. `missed` is the ratio of ends that are at no training point.

    From noise a quarter of the ends is at none, about as measured. From data it is `missed` times another draw of the same."""
    table = members(rng)
    single = rng.random(len(table)) < 0.1
    return table.assign(
        fixed=np.where(single, 1, 3),
        stable=np.where(single, 1, 2),
        gradient_stable=1 - _shares(unstable, table, rng),
        gradient_training=1 - _shares(0.25, table, rng),
        gradient_data_training=1 - missed * _shares(0.25, table, rng),
    )


@dataclass(frozen=True, eq=False)
class Energy:
    """exp(−β u) for the loss u of a map on a grid: draws from it, and the study's fit of them by tables over β."""

    dim: int
    energy: np.ndarray  # (G,)
    boxes: np.ndarray  # (G,)
    log_betas: np.ndarray  # (B,)
    means: np.ndarray  # (B,): the density's mean energy
    chances: np.ndarray  # (B, boxes)
    expected: np.ndarray  # (B,): of SAMPLES draws

    @classmethod
    def of(cls, map: measures.Map, low: float, high: float) -> Energy:
        grid = _grid(map.dim, low, high).float()
        energy = (measures.loss_at(map, grid)[0] * map.dim).double()
        betas = torch.logspace(*np.log10(BETAS), 181, dtype=torch.float64)
        rows = [
            (torch.softmax(-beta * energy, 0) @ energy, box_chances(beta[None], energy[None], map.dim))
            for beta in betas
        ]
        chances = torch.cat([row for _, row in rows])
        place = ((grid - low) / (high - low) * BOXES).long().clamp(0, BOXES - 1)
        boxes = place[:, 0] if map.dim == 1 else place[:, 0] * BOXES + place[:, 1]
        means = torch.stack([mean for mean, _ in rows]).numpy()
        expected = expected_variation(chances, SAMPLES).numpy()
        return cls(map.dim, energy.numpy(), boxes.numpy(), betas.log().numpy(), means, chances.numpy(), expected)

    def draw(self, beta: float, rng: Generator, networks: int) -> tuple[np.ndarray, np.ndarray]:
        """The fitted β and the excess variation of SAMPLES exact draws, for each of several networks."""
        weights = np.cumsum(np.exp(-beta * (self.energy - self.energy.min())))
        cells = np.searchsorted(weights, rng.random((networks, SAMPLES)) * weights[-1])
        log_beta = np.interp(-self.energy[cells].mean(1), -self.means, self.log_betas)
        counts = np.stack([np.bincount(self.boxes[row], minlength=BOXES**self.dim) for row in cells])
        node = np.abs(self.log_betas - log_beta[:, None]).argmin(1)
        variation = np.abs(counts / SAMPLES - self.chances[node]).sum(1) / 2
        return np.exp(log_beta), variation - self.expected[node]


@cache
def energy(data: str, count: int) -> Energy:
    """The energy of a map to the nearest training point, which a network with a flat region around each point resembles."""
    dataset = load_data(DataSpec(data, count, 2) if data == "uniform" else DataSpec(data), (0,))
    return Energy.of(Memoriser(dataset.points), dataset.low, dataset.high)


def density(rng: Generator, *, beta: float = 1.0, excess: float | None = None) -> pd.DataFrame:
    """C19b: exact draws from exp(−β u) of each network. `excess` adds so much to the variation of every network."""
    table = members(rng)
    table = table[table.loss < 1e-4].assign(beta=np.nan, density_excess=np.nan)
    for (data, count), own in table.groupby(["data", "count"]):
        table.loc[own.index, ["beta", "density_excess"]] = np.stack(
            energy(str(data), count).draw(beta, rng, len(own)), 1
        )
    if excess is not None:
        table["density_excess"] = excess + rng.normal(0, 0.03, len(table))
    return table


def visits(rng: Generator, *, shape: float = np.inf) -> pd.DataFrame:
    """C19c: visits to two to six stable points by their chances, from Dirichlet(shape, …); equal chances if it is infinite."""
    table = members(rng).query("data == 'uniform' and loss < 1e-4")
    found = []
    for points in rng.integers(2, 7, len(table)):
        chances = np.full(points, 1 / points) if np.isinf(shape) else rng.dirichlet(np.full(points, shape))
        share = rng.multinomial(SAMPLES, chances) / SAMPLES
        found.append(np.abs(share - 1 / points).sum() / 2 - _by_chance(int(points)))
    return table.assign(visits_excess=found)


@cache
def _by_chance(points: int) -> float:
    return float(expected_variation(torch.full((1, points), 1 / points, dtype=torch.float64), SAMPLES)[0])


def visits_at(rng: Generator, *, excess: float) -> pd.DataFrame:
    """C19c with this median excess."""
    table = members(rng).query("data == 'uniform' and loss < 1e-4")
    return table.assign(visits_excess=excess + rng.normal(0, 0.08, len(table)))


def spurious(rng: Generator, *, slope: float = 0.5) -> pd.DataFrame:
    """C22: Poisson numbers whose mean grows as n to the power `slope`, with a factor for each seed and each network."""
    table = members(rng).query("data == 'uniform'")
    factor = rng.normal(0, 0.5, SEEDS)[table.seed] + rng.normal(0, 0.7, len(table))
    mean = 2 * np.exp(factor) * (table["count"] / 8) ** slope * np.sqrt(table.longer)
    return table.assign(spurious=rng.poisson(mean).astype(float), displaced=rng.poisson(0.3, len(table)).astype(float))


@cache
def control_table(kind: str) -> pd.DataFrame:
    """The study's own columns of a control in the networks' place, on uniform sets of 2 and 4 points, at two budgets."""
    study = presets.make_study(
        "fixed-points",
        "test",
        overrides={"data": ("uniform",), "count": (2, 4), "members": 24, "samples": 80, "periods": 1},
    )
    assert isinstance(study, FixedPointsStudy)
    tables = []
    for one in study.cells():
        recipe = study.recipe(one)
        dataset = recipe.dataset()
        map = measures.control(kind, dataset, recipe.untrained("cpu"))
        columns, *_ = study._columns(map, dataset, torch.arange(map.members))
        rows = control_rows(map, dataset, recipe.fit.tol).join(columns)
        rows = rows.assign(**dict(one.values), seed=rows.member)
        tables += [rows.assign(longer=longer) for longer in (1, 4)]
    return pd.concat(tables, ignore_index=True)


def control(kind: str, rng: Generator) -> pd.DataFrame:
    """A control's rows, of seeds drawn with replacement."""
    table = control_table(kind)
    drawn = rng.integers(0, 24, 24)
    again = [table[table.seed == seed].assign(seed=place) for place, seed in enumerate(drawn)]
    return pd.concat(again, ignore_index=True)


CONTROL_MAKERS: Makers[pd.DataFrame] = {f"control: {kind}": partial(control, kind) for kind in CONTROLS}
# By claim, and by the part that is false or at its threshold while the other part is true.
MAKERS: dict[tuple[str, str], Makers[pd.DataFrame]] = {
    ("C16", "unstable or none"): {
        "true": gradient, "false": partial(gradient, unstable=0.35), "threshold": partial(gradient, unstable=0.5),
    },
    ("C16", "missed"): {
        "true": gradient, "false": partial(gradient, missed=1.0), "threshold": partial(gradient, missed=0.8),
    },
    ("C19b", "temperature"): {
        "true": density, "false": partial(density, beta=4.0), "threshold": partial(density, beta=2.0),
    },
    ("C19b", "shape"): {
        "true": density, "false": partial(density, excess=0.2), "threshold": partial(density, excess=0.1),
    },
    ("C19c", "visits"): {
        "true": visits, "false": partial(visits, shape=3.0), "threshold": partial(visits_at, excess=0.1),
    },
    ("C22", "slope"): {
        "true": spurious, "false": partial(spurious, slope=-0.5), "threshold": partial(spurious, slope=0.0),
    },
}  # fmt: skip


def few(make: Make[pd.DataFrame], rng: Generator) -> pd.DataFrame:
    """The rows of 19 seeds, which are too few for a verdict."""
    table = make(rng)
    return table[table.seed < 19]


# By claim and verdict: tables that turn the claim's row of a ledger.
VERDICTS: dict[str, Makers[pd.DataFrame]] = {
    "C16": {
        "supported": gradient,
        "undecided": partial(few, gradient),
        "refuted": partial(gradient, unstable=0.3, missed=1.0),
    },
    "C19b": {
        "supported": density,
        "undecided": partial(few, density),
        "refuted": partial(density, beta=100.0, excess=0.5),
    },
    "C19c": {"supported": visits, "undecided": partial(few, visits), "refuted": partial(visits, shape=1.0)},
    "C22": {"supported": spurious, "undecided": partial(few, spurious), "refuted": partial(spurious, slope=-0.8)},
}
