"""Members' tables of the study of memorisation in which P1 is true, false, at its thresholds, or a control's.

They have the size of the preset `states`: 30 seeds with a network at each of five numbers of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import presets
from landscape.results import Result
from landscape.studies.memorisation.study import Memorisation
from landscape.studies.parts.comparison import SHOWN_STATES, Comparison
from landscape.training import Site
from tests.certificates import Generator, Make

Shares = Sequence[tuple[float, float, float]]  # memorised, spurious and new samples, at each number of images
SEEDS, SAMPLES = 30, 300
COUNTS = (10, 30, 100, 300, 1000)
CONCENTRATION = 30.0  # of the shares of networks about their mean
MISSED = 0.02  # of networks do not fit
CONTROLS = ("memoriser", "constant", "identity", "untrained")
TRUE: Shares = ((0.85, 0.1, 0.05), (0.5, 0.4, 0.1), (0.2, 0.55, 0.2), (0.1, 0.3, 0.5), (0.05, 0.15, 0.75))
WITHOUT_SPURIOUS: Shares = ((0.85, 0.1, 0.05), (0.6, 0.1, 0.3), (0.4, 0.1, 0.5), (0.2, 0.1, 0.7), (0.1, 0.1, 0.8))
NEVER_NEW: Shares = (*TRUE[:3], (0.1, 0.5, 0.3), (0.05, 0.3, 0.4))
LATE: Shares = ((0.3, 0.6, 0.1), *TRUE[1:])  # never mostly memorised


def table_of(shares: Sequence[np.ndarray], loss: np.ndarray) -> pd.DataFrame:
    """A table of networks from their shares (seeds, states) at each number of images, and their training losses."""
    tables = []
    for count, own, losses in zip(COUNTS, shares, loss, strict=True):
        columns = dict(zip(SHOWN_STATES, own.T, strict=True))
        tables.append(pd.DataFrame({"count": count, "seed": range(SEEDS), "training_loss": losses, **columns}))
    words = {"data": "digits", "net": "mlp", "hidden": 3, "width": 100, "objective": "plain", "budget": 4000}
    return pd.concat(tables, ignore_index=True).assign(**words, status="stalled")


def losses(rng: Generator) -> np.ndarray:
    return np.where(rng.random((len(COUNTS), SEEDS)) < MISSED, 0.03, 1e-3)


def drawn(rng: Generator, shares: Shares, other: Shares = TRUE, part: float = 0.0) -> pd.DataFrame:
    """Networks whose expected shares are these, and in a `part` of the seeds the `other` ones.

    The shares of a network vary about the expected by a Dirichlet distribution; in half of the seeds, alike at every number of
    images."""
    kinds = (rng.random(SEEDS) < part).astype(int)
    luck, streams = rng.random(SEEDS) < 0.5, rng.integers(2**32, size=SEEDS)
    own = []
    for pair in zip(shares, other, strict=True):
        alphas = [CONCENTRATION * np.array([*expected, 1.001 - sum(expected)]) for expected in pair]
        chances = np.array(
            [
                np.random.default_rng(streams[seed]).dirichlet(alphas[kind]) if same else rng.dirichlet(alphas[kind])
                for seed, (kind, same) in enumerate(zip(kinds, luck, strict=True))
            ]
        )
        own.append(np.array([rng.multinomial(SAMPLES, row)[:3] / SAMPLES for row in chances]))
    return table_of(own, losses(rng))


@cache
def controls() -> pd.DataFrame:
    """The measured shares of control maps, in a row per control, number of images and seed."""
    own = {"count": COUNTS[:3], "hidden": (1,), "members": 5, "twins": False, "compared": 0}
    study = presets.make_study("memorisation", "quick", overrides=own)
    assert isinstance(study, Memorisation)
    tables = []
    for cell in study.cells():
        recipe = study.recipe(cell)
        training, kept = study.points(recipe, "cpu")
        against = Comparison.of(training, kept, study.held_out)
        tables.append(study._controls(recipe, against, Site()).assign(count=cell["count"]))
    return pd.concat(tables, ignore_index=True)


def control(rng: Generator, kind: str) -> pd.DataFrame:
    """A control in the place of all networks: its shares at more images than were measured are those at the most measured."""
    own = controls()[controls().control == kind]
    shares = []
    for count in COUNTS:
        rows = own[own["count"] == min(count, own["count"].max())][list(SHOWN_STATES)].to_numpy(float)
        shares.append(rows[rng.integers(0, len(rows), SEEDS)])
    return table_of(shares, np.full((len(COUNTS), SEEDS), 1e-3))


def result_of(table: pd.DataFrame) -> Result:
    return Result(Path(), {"parameters": {"drawn": True}}, {"members": table}, {})


# At the threshold half of the seeds are clearly of the claim's kind, and half are not in one of its parts.
FALSE = {"memorised": LATE, "spurious": WITHOUT_SPURIOUS, "new": NEVER_NEW}
MAKERS: dict[str, dict[str, Make[pd.DataFrame]]] = {
    part: {
        "true": partial(drawn, shares=TRUE),
        "false": partial(drawn, shares=false, part=0.3),
        "threshold": partial(drawn, shares=false, part=0.5),
        **{f"control: {name}": partial(control, kind=name) for name in CONTROLS},
    }
    for part, false in FALSE.items()
}
