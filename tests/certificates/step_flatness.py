"""Tables of the study of step flatness in which its claims are true, false or at their thresholds, and tables of its controls.

Each has the size of the preset `paper` at equal numbers of parameters. A twelfth of the networks collapse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from landscape import measures, presets
from landscape.claims import Claim
from landscape.results import Result, cell
from landscape.studies.parts.probes import control_rows
from landscape.studies.step_flatness.claims import LINEAR_SHARPNESS, claims_of
from landscape.studies.step_flatness.study import StepFlatness, line_ends
from tests.certificates import Generator, Make

CONTROLS = ("constant", "half", "identity", "untrained")
KEYS = ["data", "hidden", "width", "budget"]
MEASURED = 40  # members of each control, of which a draw takes as many as the preset has


def made(**overrides: object) -> StepFlatness:
    """The study as the preset `paper` makes it, with some other parameters."""
    study = presets.make_study("step-flatness", "paper", overrides=overrides)
    assert isinstance(study, StepFlatness)
    return study


@cache
def sizes() -> pd.DataFrame:
    """The cells of equal numbers of parameters: columns KEYS."""
    cells = [{name: one[name] for name in KEYS} for one in made().cells() if one["budget"]]
    return pd.DataFrame(cells)


def claim_of(table: pd.DataFrame, key: str) -> Claim:
    return next(claim for claim in claims_of(Result(Path(), {}, {"members": table}, {})) if claim.key == key)


def members(rng: Generator, slope: float = 1.0, deepest: float = 0.98) -> pd.DataFrame:
    """Sharpness rises by `slope` standard deviations per standard deviation of depth; `deepest` is the median of the deepest.

    The mean over a seed's deepest networks, S1b's estimand, lies .03 lower; S1a's is .3 at a slope of .32.
    Seeds have a part in common. Noise is heavy on the side of dull steps and centred at its median."""
    seeds = pd.DataFrame({"seed": range(made().members)})
    table = sizes().merge(seeds, how="cross").assign(status="converged")
    depth = table.hidden.to_numpy(float)
    high, spread = depth.max(), depth.std()
    seed, own = rng.normal(0, 0.4, len(seeds))[table.seed], rng.normal(0, 1, len(table))
    below = slope * (depth - high) / spread + seed + own
    scale = np.where(below > 0, 0.02, 0.1)
    table["sharpness"] = np.clip(deepest + scale * below, LINEAR_SHARPNESS, 1)
    lost = (depth < high) & (rng.random(len(table)) < 1 / 12)
    return table.assign(status=np.where(lost, "collapsed", "converged"), output_range=0.6)


def steps(rng: Generator) -> pd.DataFrame:
    """The nearest-neighbour memoriser, whose map is a step function, in the place of all networks."""
    return control(rng, "memoriser")


@cache
def measured(name: str) -> pd.DataFrame:
    """The rows of a control in the place of MEASURED networks, measured by the study itself, at three depths.

    All but the untrained networks are the same maps at every size of network and are measured once for each data set."""
    study = made(members=MEASURED, probes=16, lines=3, positions=101)
    places = sizes()[lambda cells: cells.hidden.isin([1, 4, 10]) & cells.budget.isin([700, 40_000])]
    by = KEYS if name == "untrained" else ["data"]
    tables = []
    for place in places.drop_duplicates(by).to_dict("records"):
        recipe = study.recipe(cell(**place))
        dataset, untrained = recipe.dataset(), recipe.untrained()
        map = measures.control(name, dataset, untrained)
        table, _ = study._columns(map, untrained, dataset, *line_ends(dataset, study.lines))
        rows = control_rows(map, dataset, recipe.fit.tol).join(table)
        tables.append(rows.assign(**{key: place[key] for key in by}, seed=range(MEASURED)))
    return places.merge(pd.concat(tables), on=by)


def control(rng: Generator, name: str) -> pd.DataFrame:
    """The rows of as many members of a control as the preset has networks."""
    table = measured(name)
    return table[table.seed.isin(rng.permutation(MEASURED)[: made().members])]


# For each claim: rows in which it is true, false, and exactly at its threshold.
MAKERS: Mapping[str, tuple[str, Mapping[str, Make[pd.DataFrame]]]] = {
    "S1a": (
        "S1a",
        {"true": members, "false": partial(members, slope=0.0), "threshold": partial(members, slope=0.32, deepest=0.5)},
    ),
    "S1b": (
        "S1b",
        {"true": members, "false": partial(members, deepest=0.6), "threshold": partial(members, deepest=0.931)},
    ),
    "S1b, the memoriser": (
        "S1b",
        {"true": steps, "false": partial(members, deepest=0.8), "threshold": partial(members, deepest=0.931)},
    ),
}
