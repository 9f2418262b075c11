"""What the published code does with networks: its starts, its choice of weights, and what it returns as a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from landscape import measures
from landscape.ensemble import Ensemble
from landscape.reproduce.made import Made
from landscape.results import Cell
from landscape.studies.depth_sweep.study import DepthSweep
from landscape.studies.kaleidoscope.claims import IMAGE_RULE, PAPERS_NOISE
from landscape.studies.kaleidoscope.study import Kaleidoscope
from landscape.studies.parts.courses import under_noise
from landscape.studies.parts.streams import seeded_stream
from landscape.training import Site, trained

UPPER_HALF = "upper half"  # starts that are uniform in [0, 1], half the range of a tanh network
CHOSEN_EVERY = 100  # steps: how often the published code looks for the best weights


def from_starts(made: Made, cell: Cell, kind: str) -> pd.DataFrame:
    """The members of a cell of the depth sweep, measured again with starts of another kind. Their stored networks are taken."""
    study = _sweep(made)
    recipe = study.recipe(cell)
    dataset, size = recipe.dataset(), (len(recipe.seeds), study.samples)
    if kind == UPPER_HALF:
        begin = torch.rand(*size, dataset.dim, generator=seeded_stream("depth-sweep", "starts", study.seed))
    else:
        begin = study.begun(dataset, *size, kind)
    return _measured(made, cell, trained(recipe, _site(made)).ensemble, begin)


def best_by_batch(made: Made, cell: Cell) -> pd.DataFrame:
    """The members of a cell of the depth sweep, measured again with the weights that the published code would choose.

    1. Every 100 steps the loss before the step is compared with the lowest so far.
    2. If it is lower, the weights after the step are kept.

    All data are in each batch. The networks are trained again with snapshots, once: the model store keeps them. Their status
    stays that of the run's networks."""
    plain = _sweep(made).recipe(cell)
    looks = range(0, plain.fit.steps, CHOSEN_EVERY)
    fit = replace(plain.fit, stop=False, snapshots=tuple(sorted({*looks, *(look + 1 for look in looks)})))
    snapshots = dict(trained(replace(plain, fit=fit), _site(made)).snapshots)
    losses = torch.stack([_loss(snapshots[look], plain.dataset().points) for look in looks])
    best = losses.nan_to_num(torch.inf).argmin(0).tolist()
    rows = [snapshots[looks[place] + 1].flat[member] for member, place in enumerate(best)]
    return _measured(made, cell, replace(snapshots[1], flat=torch.stack(rows)), None)


def jumps_of_returned_samples(made: Made) -> pd.DataFrame:
    """The kaleidoscope's table of jumps, counted on the samples f(x) + ε that are returned, of networks and of the identity."""
    study = made.study
    assert isinstance(study, Kaleidoscope)
    tables = []
    for cell in (one for one in made.result.arrays if one["rule"] == IMAGE_RULE):
        recipe = study.recipe(cell)
        training, _ = study.points(recipe, "cpu")
        nets = trained(recipe, _site(made)).ensemble
        maps = {"none": nets, "identity": measures.control("identity", training, recipe.untrained("cpu"))}
        for name, map in maps.items():
            rates = study.jump_rates(map, training, (0.0, PAPERS_NOISE), _returned)
            tables.append(rates.assign(control=name, **dict(cell.values)))
    return pd.concat(tables, ignore_index=True)


def _returned(map: measures.Map, starts: Tensor, *given: Any) -> Iterator[Tensor]:
    """Yield the starts, then the samples of each iteration after noise is added."""
    yield starts
    for _, sample in under_noise(map, starts, *given):
        yield sample


def _measured(made: Made, cell: Cell, nets: Ensemble, begin: Tensor | None) -> pd.DataFrame:
    """The members' rows of a cell, with all that the study measures of networks replaced by that of `nets`."""
    study, rows = _sweep(made), made.result.whole
    for name, value in cell.values:
        rows = rows[rows[name] == value]
    recipe = study.recipe(cell)
    found, _ = study.measured(nets, recipe.untrained("cpu"), recipe.dataset(), begin)
    return rows.assign(**{str(name): found[name].loc[rows.member].to_numpy() for name in found})


def _loss(nets: Ensemble, points: Tensor) -> Tensor:
    """The training loss of each member: (E,)."""
    with torch.no_grad():
        return (nets(points) - points).square().mean((1, 2))


def _sweep(made: Made) -> DepthSweep:
    assert isinstance(made.study, DepthSweep)
    return made.study


def _site(made: Made) -> Site:
    """Where the networks of the run are stored."""
    return Site(models=made.result.path.parent / "models")
