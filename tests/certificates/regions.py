"""Tables of the study of regions in which untrained networks have neurons^slope regions, and those of controls.

Each has the size of the preset `paper`: 30 seeds, six depths, three widths, two sets on the line and two in the plane. The
spread of log regions was measured on networks of these widths; half of it is common to the depths of a seed and width, which
begin with equal hidden layers."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from tests.certificates import Generator, Makers

SEEDS = 30
DIMS = {"two-points": 1, "tanh-four": 1, "four-points": 2, "tanh-square": 2}
SPREAD = {5: 0.55, 10: 0.4, 50: 0.2}  # standard deviation of log regions, by width
CELLS = pd.DataFrame(
    [(data, hidden, width) for data in DIMS for hidden in (1, 2, 4, 6, 7, 10) for width in SPREAD],
    columns=["data", "hidden", "width"],
)


def counts(rng: Generator, *, line: float = 0.0, plane: float = -0.1) -> pd.DataFrame:
    """Numbers of regions that grow as neurons^(1 + `line`) on the line and neurons^(2 + `plane`) in the plane."""
    table = CELLS.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(budget=0)
    dim = table.data.map(DIMS)
    slope = dim + np.where(dim == 1, line, plane)
    spread = table.width.map(SPREAD) * np.sqrt(0.5)
    common = rng.normal(size=(SEEDS, 51))[table.seed, table.width]
    noise = spread * (common + rng.normal(size=len(table)))
    table = table.assign(regions=np.exp(slope * np.log(table.hidden * table.width) + noise))
    return pd.concat([table.assign(init=init) for init in ("he-biased", "torch")], ignore_index=True)


def equal_counts(rng: Generator, *, regions: int) -> pd.DataFrame:
    """The same number of regions in every network: 1 of a constant and of the identity, the points of the memoriser."""
    return counts(rng).assign(regions=regions)


MAKERS: Makers[pd.DataFrame] = {
    "true": counts,
    "false": partial(counts, plane=-0.5),
    "threshold": partial(counts, plane=-0.25),
    "control: constant": partial(equal_counts, regions=1),
    "control: memoriser": partial(equal_counts, regions=4),
}
