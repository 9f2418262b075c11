"""Members' tables of the study of memorisation in which its claim is true, false, at the threshold, or a control's.

They have the size of the preset `digits`, which gives verdicts: `paper` trains one network a setting, an illustration. Rows are
drawn from a pool that the study measures: samplers and maps of known behaviour in the networks' place, on 50 digits each."""

from __future__ import annotations

from functools import cache, partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import presets
from landscape.results import Result
from landscape.studies.memorisation.study import COPY_SHARES, Memorisation
from landscape.studies.parts.comparison import Comparison
from landscape.training import Site
from tests.certificates import Generator, Make

SEEDS, POOL = 20, 8
SETTINGS = tuple(product((50, 200, 500), (1, 3, 6), (500, 4000)))  # training images, hidden layers, steps
COLUMNS = [
    "authenticity",
    "authenticity_null",
    "c_t",
    "precision",
    "precision_null",
    "copying",
    "variety",
    "training_loss",
]
MISSED = 0.1  # of networks do not fit


@cache
def pool() -> pd.DataFrame:
    """Measured rows by `kind`: samplers, control maps, and mixtures by their share of copies."""
    own = {"count": (50,), "hidden": (1,), "members": POOL}
    study = presets.make_study("memorisation", "quick", overrides=own)
    assert isinstance(study, Memorisation)
    recipe = study.recipe(study.cells()[0])
    training, kept = study.points(recipe, "cpu")
    against = Comparison.of(training, kept, study.held_out)
    samplers, maps = study._samplers(against), study._controls(recipe, against, Site())
    mixtures = pd.concat([study._mixtures(against, member) for member in range(POOL)], ignore_index=True)
    kinds = [samplers.assign(kind=samplers.sampler), maps.assign(kind=maps.control)]
    return pd.concat([*kinds, mixtures.assign(kind=mixtures.share.astype(str))], ignore_index=True)


def rows(rng: Generator, kind: str, other: str = "held-out", share: float = 0.0) -> pd.DataFrame:
    """Networks of a kind, a `share` of which, drawn by halves from the seed, is of the `other` kind."""
    cells = pd.DataFrame(SETTINGS, columns=["count", "hidden", "budget"])
    cells = cells.assign(data="digits", net="mlp", width=100, objective="plain")
    table = cells.merge(pd.DataFrame({"seed": range(SEEDS)}), how="cross").assign(status="stalled")
    alone, common = rng.random(len(table)), rng.random(SEEDS)[table.seed]
    changed = np.where(rng.random(len(table)) < 0.5, common, alone) < share
    picked = rng.integers(0, POOL, len(table))
    places = {name: np.flatnonzero(pool().kind == name)[picked] for name in (kind, other)}
    found = pool()[COLUMNS].iloc[np.where(changed, places[other], places[kind])].reset_index(drop=True)
    loss = found.training_loss.fillna(1e-3)
    missed = rng.random(len(table)) < MISSED
    return table.assign(member=table.seed).join(found.assign(training_loss=loss.mask(missed, 0.03)))


def result_of(table: pd.DataFrame) -> Result:
    copycats = pool()[pool().kind == "copycat"]
    samplers = [copycats.assign(data="digits", count=count) for count in table["count"].unique()]
    record = {"parameters": {"drawn": True}}
    return Result(Path(), record, {"members": table, "samplers": pd.concat(samplers)}, {})


# The claim counts networks: it is at its threshold if half of them copy and half make new images.
MAKERS: dict[str, Make[pd.DataFrame]] = {
    "true": partial(rows, kind="held-out"),
    "false": partial(rows, kind=str(COPY_SHARES[4]), share=0.3),
    "threshold": partial(rows, kind="copycat", share=0.5),
    **{f"control: {name}": partial(rows, kind=name) for name in ("copycat", "memoriser", "constant", "identity", "untrained")},
}  # fmt: skip
