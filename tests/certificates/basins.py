"""Members' tables of the study of basins in which the claim on borders is true, false or at its thresholds.

Each has the size of the preset `paper`: 30 seeds and eight settings in the plane. Exponents and their trends are measured as
in the study, on grids of the preset's size: of straight borders between the cells of random points, and of Newton's fractal."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

from landscape import measures
from landscape.studies.basins.tables import trend
from tests.certificates import Generator, Makers

SEEDS, SIDE, POOL = 30, 201, 12
SETS = (("four-points", 4), ("tanh-square", 4), ("uniform", 16), ("uniform", 64))
SETTINGS = [(data, count, hidden, 50) for data, count in SETS for hidden in (2, 6)]


def voronoi(side: int, points: int, rng: Generator) -> np.ndarray:
    """The basins of random points of the square for a map to the nearest of them: their borders are straight."""
    where = np.stack(np.meshgrid(*[np.linspace(0, 1, side)] * 2), -1)
    found: np.ndarray = ((where[:, :, None] - rng.random((points, 2))) ** 2).sum(-1).argmin(-1)
    return found


def newton(side: int, rng: Generator) -> np.ndarray:
    """The basins of Newton's method for z³ = 1 in a random square about the border's middle, which is fractal."""
    corner, width = rng.uniform(-1.2, -0.8, 2), rng.uniform(1.5, 2.5)
    x, y = np.meshgrid(*(np.linspace(0, width, side) + low for low in corner))
    z = x + 1j * y + 1e-9
    for _ in range(40):
        z = z - (z**3 - 1) / (3 * z**2 + 1e-12)
    found: np.ndarray = np.abs(z[..., None] - np.exp(2j * np.pi * np.arange(3) / 3)).argmin(-1)
    return found


@cache
def pool(kind: str) -> pd.DataFrame:
    """The exponents and trends of POOL pictures: 3 to 14 attractors with straight borders, or three with a fractal one."""
    rng = np.random.default_rng(0)
    pictures = (voronoi(SIDE, 3 + one, rng) if kind == "smooth" else newton(SIDE, rng) for one in range(POOL))
    rows = [(measures.dynamics.uncertainty_exponent(labels).value, trend(labels)) for labels in pictures]
    return pd.DataFrame(rows, columns=["exponent", "trend"])


def members(rng: Generator, kind: str = "smooth") -> pd.DataFrame:
    """S4: rows drawn from the pool. A tenth of the networks has a single basin, and no border."""
    cells = pd.DataFrame(SETTINGS, columns=["data", "count", "hidden", "width"])
    table = cells.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(status="converged")
    drawn = pool(kind).iloc[rng.integers(0, POOL, len(table))].reset_index(drop=True)
    drawn[rng.random(len(table)) < 0.1] = np.nan
    return table.join(drawn)


def members_at(rng: Generator, *, exponent: float = 0.98, slope: float = -0.4) -> pd.DataFrame:
    """S4 with these medians: heavy-tailed on both sides, and with a part in common within each seed."""
    table = members(rng)
    for name, middle, spread in (("exponent", exponent, 0.01), ("trend", slope, 0.2)):
        common = rng.standard_t(3, SEEDS)[table.seed]
        table[name] = middle + spread * (common + rng.standard_t(3, len(table)))
    return table


MAKERS: dict[str, Makers[pd.DataFrame]] = {
    "trend": {
        "true": members, "false": partial(members_at, slope=0.3), "threshold": partial(members_at, slope=0.0),
    },
    "finest": {
        "true": members, "false": partial(members, kind="fractal"), "threshold": partial(members_at, exponent=0.95),
    },
}  # fmt: skip

VERDICTS: dict[str, Makers[pd.DataFrame]] = {
    "S4": {
        "supported": members, "undecided": lambda rng: members(rng).query("seed < 19"),
        "refuted": partial(members_at, exponent=0.7, slope=0.5),
    },
}  # fmt: skip
