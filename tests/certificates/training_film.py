"""Members' tables of the study of training as a film in which its claim is true, false or at its threshold.

They have the size of the preset `paper`: 30 seeds, three sets in the plane, two depths. Networks of a seed share half of their
chance. One in twenty does not fit, and in one in twenty no point begins to attract between the first and the last snapshot."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from tests.certificates import Generator, Makers

SEEDS, MISSED = 30, 0.05
SETS = {"centre": 1, "four-points": 4, "tanh-square": 4}


def films(rng: Generator, share: float = 0.95) -> pd.DataFrame:
    """F1: in this share of the networks every point that begins to attract goes on to the end."""
    cells = [(name, count, hidden, 50) for name, count in SETS.items() for hidden in (2, 6)]
    table = pd.DataFrame(cells, columns=["data", "count", "hidden", "width"])
    table = table.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(status="converged")
    size = len(table)
    common = (rng.random(SEEDS) < share)[table.seed]
    keeps = np.where(rng.random(size) < 0.5, common, rng.random(size) < share)
    lost = rng.integers(1, table["count"].to_numpy() + 1) / table["count"]
    kept = np.where(rng.random(size) < MISSED, np.nan, np.where(keeps, 1.0, 1 - lost))
    return table.assign(kept=kept, loss=np.where(rng.random(size) < MISSED, 0.01, 1e-8))


MAKERS: Makers[pd.DataFrame] = {
    "true": films, "false": partial(films, share=0.6), "threshold": partial(films, share=0.8),
}  # fmt: skip
