"""What the published code does with networks: its starts, its choice of weights, and what it returns as a sample."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from landscape import measures
from landscape.data import Dataset
from landscape.ensemble import Ensemble
from landscape.reproduce.made import Made
from landscape.results import Cell
from landscape.studies.depth_sweep.study import DepthSweep
from landscape.studies.kaleidoscope.study import Kaleidoscope
from landscape.studies.parts.courses import image_radius, shown
from landscape.studies.parts.image_parameters import START_KINDS
from landscape.studies.parts.streams import seeded_stream, stream
from landscape.training import Site, trained

EARLY = 5  # iterations after which samples are counted
UPPER_HALF = "upper half"  # starts that are uniform in [0, 1], half the range of a tanh network
CHOSEN_EVERY = 100  # steps: how often the published code looks for the best weights
PAPERS_NOISE, NOISY_ITERATIONS = 0.01, 100


def share_early(made: Made, cell: Cell, starts: str) -> np.ndarray:
    """The share of samples near a training point at iteration 5 from starts of a kind, of the run's stored networks: (E,)."""
    recipe = _sweep(made).recipe(cell)
    return _share_early(made, trained(recipe, _site(made)).ensemble, recipe.dataset(), starts)


def share_early_of_best_by_batch(made: Made, cell: Cell) -> np.ndarray:
    """The same for weights chosen as in the published code, from the study's starts: (E,).

    1. Every 100 steps the loss before the step is compared with the lowest so far.
    2. If it is lower, the weights after the step are kept.

    All data are in each batch. The networks are trained again with snapshots, once: the model store keeps them."""
    study = _sweep(made)
    plain = study.recipe(cell)
    looks = range(0, plain.fit.steps, CHOSEN_EVERY)
    fit = replace(plain.fit, stop=False, snapshots=tuple(sorted({*looks, *(look + 1 for look in looks)})))
    recipe, data = replace(plain, fit=fit), plain.dataset()
    snapshots = dict(trained(recipe, _site(made)).snapshots)
    losses = torch.stack([_loss(snapshots[look], data.points) for look in looks])
    best = losses.nan_to_num(torch.inf).argmin(0).tolist()
    rows = [snapshots[looks[place] + 1].flat[member] for member, place in enumerate(best)]
    return _share_early(made, replace(snapshots[1], flat=torch.stack(rows)), data, study.starts)


def shares_near_under_noise(made: Made, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """The share of samples near a training image after 100 iterations with zero-mean noise: (E,) of f(x), (E,) of f(x) + ε."""
    study = made.study
    assert isinstance(study, Kaleidoscope)
    recipe = study.recipe(cell)
    nets, (data, _) = trained(recipe, _site(made)).ensemble, study.points(recipe, "cpu")
    kind, size, box = study.start[0], (nets.members, study.samples, data.dim), (data.low, data.high)
    drawn = stream("kaleidoscope", "starts", START_KINDS.index(kind))
    begun = measures.starts(kind, *size, generator=drawn, low=data.low, high=data.high)
    noise, generator = measures.Noise("normal", PAPERS_NOISE), stream("kaleidoscope", "noise")
    (last,) = deque(shown(nets, begun, NOISY_ITERATIONS, noise, generator, *box), maxlen=1)
    added = noise.draw(tuple(last.shape), PAPERS_NOISE, generator, *box)
    radius = image_radius(data.points, *box)
    both = (last, (last + added).clamp(*box))
    near = [(measures.nearest(one, data.points)[0] <= radius[:, None]).double().mean(1).numpy() for one in both]
    return near[0], near[1]


def _share_early(made: Made, nets: Ensemble, data: Dataset, starts: str) -> np.ndarray:
    study = _sweep(made)
    generator, size = seeded_stream("depth-sweep", "starts", study.seed), (nets.members, study.samples, data.dim)
    if starts == UPPER_HALF:
        begun = torch.rand(*size, generator=generator)
    else:
        begun = measures.starts(starts, *size, generator=generator, low=data.low, high=data.high)
    near = measures.dynamics.near_radius(data.points, data.low, data.high)
    found: np.ndarray = measures.dynamics.follow(nets, begun, EARLY, data.points, near).share_near[:, -1].numpy()
    return found


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
