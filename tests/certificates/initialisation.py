"""Tables of the study of initialisation in which the claim is true, false or at its thresholds, and those of controls.

Each has the size of the preset `paper`: 100 seeds and four depths, in the plane. Networks of a seed share some luck."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from landscape.studies.initialisation.claims import DEEP, HEAVY, LIGHT, MIDDLE, SHALLOW
from tests.certificates import Generator, Makers

SEEDS, HIDDEN = 100, (SHALLOW, 2, MIDDLE, DEEP)


def counts(
    rng: Generator, *, one: float = 0.98, several: float = 0.65, rise: float = 0.4, fall: float = 0.4
) -> pd.DataFrame:
    """Networks whose estimands are these: the shares of B1's parts, and the differences of shares between depths.

    1. A share `one` of light-tailed networks has a single fixed point, which is stable; the others have three.
    2. A share `several` of heavy-tailed networks has two stable points at least.
    3. Of the seeds, (1 + rise)/2 have more points at the middle depth than at the shallow one, the others fewer; likewise
    (1 + fall)/2 than at the deep one."""
    cells = pd.DataFrame([(init, hidden) for init in (LIGHT, HEAVY) for hidden in HIDDEN], columns=["init", "hidden"])
    table = cells.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(dim=2, width=20, proven=True)
    common = rng.random((SEEDS, 2))[table.seed, (table.init == HEAVY).astype(int)]
    luck = np.where(rng.random(len(table)) < 0.3, common, rng.random(len(table)))
    more = {SHALLOW: rng.random(SEEDS) < (1 + rise) / 2, DEEP: rng.random(SEEDS) < (1 + fall) / 2}
    end = np.select(
        [table.hidden == h for h in more], [np.where(higher, 4, 6)[table.seed] for higher in more.values()], 5
    )
    single = (table.init == LIGHT) & (luck < one)
    stable = np.where(table.init == LIGHT, 1, np.where(luck < several, 2, 1))
    return table.assign(fixed=np.where(single, 1, np.where(table.init == LIGHT, 3, end)), stable=stable)


def alike(rng: Generator, *, fixed: int, stable: int) -> pd.DataFrame:
    """The same numbers of points in every network: 1 and 1 of a constant map, several of the memoriser."""
    return counts(rng).assign(fixed=fixed, stable=stable)


CONTROLS = {
    "control: constant": partial(alike, fixed=1, stable=1),
    "control: memoriser": partial(alike, fixed=7, stable=4),
}
MAKERS: dict[str, Makers[pd.DataFrame]] = {
    part: {"true": counts, "false": partial(counts, **{part: false}), "threshold": partial(counts, **{part: threshold})}
    | (CONTROLS if part == "one" else {})
    for part, false, threshold in (("one", 0.6, 0.9), ("several", 0.3, 0.5), ("rise", -0.4, 0.0), ("fall", -0.4, 0.0))
}
