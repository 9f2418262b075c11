"""Tables of pairs of generators in which claims I5 and I6 are true, false or at their thresholds, and tables of controls.

Each has the size of the preset `digits`. One network in forty is not trained enough."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import presets
from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.injective_gan.claims import LOG_QUARTER_MORE, claims_of
from landscape.studies.injective_gan.curves import WINDOWS
from tests.certificates import Generator, Make, of_key

CONTROLS = ("untrained", "constant", "diverging")
UNTRAINED_FRECHET = {"ordinary": 118.0, "injective": 69.0}  # of a trial on digits


def claim_of(result: Result, key: str) -> Claim:
    return of_key(claims_of(result), key)


def pairs(
    rng: Generator, codes: float = -0.4, images: float = 0.0, failing: float = 1 / 40, members: int = 0
) -> Result:
    """Pairs whose logarithms of injective / ordinary have the medians `codes` and `images`.

    Seeds have a part in common, which pairing takes away; what is left has heavy tails on one side, with its median at 0."""
    count = members or presets.make_study("injective-gan", "digits").members
    rows, curves = [], []
    ratios = {
        "code_distance": codes + 0.25 * _skewed(rng, count),
        "frechet": images + 0.12 * _skewed(rng, count),
    }
    common = {
        name: np.exp(middle + rng.normal(0, 0.4, count))
        for name, middle in {"code_distance": 0.3, "frechet": 1.8}.items()
    }
    for seed in range(count):
        for kind in ("ordinary", "injective"):
            own = {name: common[name][seed] * np.exp(ratios[name][seed] * (kind == "injective")) for name in ratios}
            fails = rng.random() < failing
            rows.append(
                {"generator": kind, "seed": seed, "status": "stalled" if fails else "converged", **own}
                | {"untrained_frechet": own["frechet"] * 3 if fails else UNTRAINED_FRECHET[kind] + 5 * own["frechet"]}
            )
            curves.append(pd.DataFrame({"generator": kind, "seed": seed, **_course(rng)}))
    return _result(pd.DataFrame(rows), pd.concat(curves))


def diverging(result: Result, seeds: int, generator: str = "injective", column: str = "frechet") -> Result:
    """The result in which the networks of the first seeds of a kind diverged, so that a number is not finite."""
    lost = (result.table.generator == generator) & (result.table.seed < seeds)
    table = result.table.assign(**{column: result.table[column].mask(lost)})
    return _result(table.assign(status=table.status.mask(lost, "diverged")), result.tables["curves"])


def control(rng: Generator, name: str) -> Result:
    """Pairs of generators that learnt nothing: 'untrained'; 'constant', whose images are all the same; or 'diverging', of whose
    injective ones more than half did so.

    Their codes and images are at once better in the injective place, so that the claims would be true of trained ones."""
    if name == "diverging":
        return diverging(pairs(rng, codes=-1.0, images=-1.0, failing=0), seeds=12)
    result = pairs(rng, codes=-1.0, images=-1.0, failing=0)
    table = result.table
    far = table.untrained_frechet if name == "untrained" else 0.5 * table.untrained_frechet
    return _result(table.assign(frechet=far, status="stalled"), result.tables["curves"])


def _course(rng: Generator) -> dict[str, np.ndarray]:
    """A critic's estimate that rises, falls and comes to rest."""
    steps = np.arange(1, WINDOWS + 1)
    estimate = np.exp(-steps / 2) + 0.05 + 0.005 * rng.normal(size=WINDOWS)
    return {"step": steps, "wasserstein": estimate}


def _skewed(rng: Generator, count: int) -> np.ndarray:
    values = rng.normal(0, 1, count)
    return np.where(values > 0, 1.5 * values, values)


def _result(table: pd.DataFrame, curves: pd.DataFrame) -> Result:
    tables = {"members": table.assign(data="digits", member=0), "curves": curves.assign(data="digits", member=0)}
    return Result(Path(), {}, tables, {})


# For each claim: results in which it is true, false, and exactly at its threshold.
MAKERS: Mapping[str, Mapping[str, Make[Result]]] = {
    "I5": {"true": pairs, "false": partial(pairs, codes=0.2), "threshold": partial(pairs, codes=0.0)},
    "I6": {
        "true": pairs,
        "false": partial(pairs, images=LOG_QUARTER_MORE + 0.1),
        "threshold": partial(pairs, images=LOG_QUARTER_MORE),
    },
}
