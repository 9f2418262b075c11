"""Estimates of a study's time and memory, from its recipes, what it measures, and a short timing of this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from landscape import results
from landscape.data import DataSpec, dimension, load_data
from landscape.ensemble import Ensemble, build, fit, members_per_block
from landscape.ensemble.ensemble import row_length
from landscape.machine import peak_memory
from landscape.nets import MLP, Net
from landscape.results import Cell
from landscape.study import Study
from landscape.sweep import all_cells
from landscape.training import Recipe, lacking

START_SECONDS = 7.0  # measured: the time from the start of a worker process to its first optimiser step, mostly imports
CELL_SECONDS = (
    0.5  # of a cell beside training and evaluations: 0.1 to 1.4 of one core in corners, depth-sweep, step-flatness
)
PILOT_MEMBERS, PILOT_STEPS, PILOTS = 4, 200, 8  # of the trials that show which networks converge within a few steps
PILOT_ABOVE_SECONDS = 5.0  # estimated work from which these trials pay: each takes about a tenth of a second
TRAINING_COPIES = 4  # copies of a member's parameters that a step reads: weights, gradient and Adam's two moments
LOWEST_LOSS_COPIES = 1  # a further copy of the parameters: those of the lowest loss
FLOAT_BYTES = 4  # bytes


@dataclass(frozen=True)
class Speed:
    """The speed of this machine: seconds per layer and step, per floating-point operation, and per number read or written."""

    layer: float
    operation: float
    number: float


@dataclass(frozen=True)
class CellEstimate:
    """A cell that is still to run: its members, its member-steps of training, and about its time and memory."""

    cell: Cell
    members: int
    steps: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """The work that is left of a study. `finished` counts cells, `stored` the ensembles already in the model store."""

    cells: tuple[CellEstimate, ...]
    finished: int
    stored: int

    @property
    def work(self) -> float:
        """The seconds that one process takes, about."""
        return sum(cell.seconds for cell in self.cells)

    def seconds(self, workers: int = 1) -> float:
        """The seconds until the last cell ends, with `workers` processes (1: this process alone)."""
        if workers == 1 or len(self.cells) < 2:
            return self.work
        return START_SECONDS + max(self.work / workers, max(cell.seconds for cell in self.cells))

    def seconds_by_name(self) -> dict[str, float]:
        """The seconds of each cell by its name."""
        return {one.cell.name: one.seconds for one in self.cells}

    def bytes(self, workers: int = 1) -> int:
        """The peak memory of all processes together: for each, the peak of this process so far, plus the largest cells."""
        largest = sorted((cell.bytes for cell in self.cells), reverse=True)[:workers]
        return peak_memory() * max(len(largest), 1) + sum(largest)


def estimate(
    study: Study,
    out: Path,
    *,
    device: str = "cpu",
    fresh: bool = False,
    speed: Speed | None = None,
    cells: Sequence[Cell] | None = None,
) -> Estimate:
    """The work that is left of `study` under `out`: its unfinished cells, without the members in the model store.

    With `cells`, those alone are to run. `speed` is that of the device; without it it is measured. An ensemble is counted in
    the first cell that trains it."""
    folder = study.folder(out)
    cells = list(all_cells(study) if cells is None else cells)
    waiting = cells if fresh else list(results.unfinished(folder, cells))
    speed = speed or (measure_speed(device) if waiting else Speed(0, 0, 0))
    asked = {cell: {recipe.key: recipe for recipe in study.recipes(cell)} for cell in waiting}
    first = {key: cell for cell in reversed(waiting) for key in asked[cell]}
    left = {key: lacking(asked[cell][key], out / "models") for key, cell in first.items()}
    whole = {recipe: training_seconds(recipe, speed, device) for recipe in left.values() if recipe}
    shares = shares_of_steps(whole, device)
    estimates = []
    for cell in waiting:
        recipes = study.recipes(cell)
        trained = [recipe for key in asked[cell] if first[key] == cell and (recipe := left[key])]
        seconds = CELL_SECONDS + sum(whole[recipe] * shares[recipe] for recipe in trained)
        steps = sum(recipe.fit.steps * len(recipe.seeds) for recipe in trained)
        seconds += _evaluation_seconds(recipes, study.evaluations(cell), speed)
        seconds += study.operations(cell) * speed.operation
        members = study.networks(cell)
        most = max([FLOAT_BYTES * study.held(cell), *(_bytes(recipe, device) for recipe in recipes)])
        estimates.append(CellEstimate(cell, members, steps, seconds, most))
    return Estimate(tuple(estimates), len(cells) - len(waiting), sum(recipe is None for recipe in left.values()))


def shares_of_steps(whole: Mapping[Recipe, float], device: str = "cpu") -> dict[Recipe, float]:
    """The share of its steps, from 0 to 1, that each recipe is expected to train, from trials of the costliest recipes.

    `whole` are the seconds of each recipe if no member stops early.

    1. Of the recipes whose members stop when they converge, a few members of the costliest train for a few steps.
    2. Where all of these converge, the share is that of the last of them. Else it is 1.
    3. Cheaper recipes get the largest share that was measured on the same data; without such a trial, 1."""
    shares = dict.fromkeys(whole, 1.0)
    if sum(whole.values()) < PILOT_ABOVE_SECONDS:
        return shares
    costliest = sorted(whole, key=lambda one: -whole[one])
    early = [
        one for one in costliest if one.fit.stop and one.fit.steps > PILOT_STEPS and one.fit.schedule == "constant"
    ]
    found = {recipe: _share_of_steps(recipe, device) for recipe in early[:PILOTS]}
    for recipe in early[PILOTS:]:
        found[recipe] = max((share for one, share in found.items() if one.data == recipe.data), default=1.0)
    return shares | found


def _share_of_steps(recipe: Recipe, device: str) -> float:
    seeds = recipe.seeds[:PILOT_MEMBERS]
    short = replace(recipe, seeds=seeds, fit=replace(recipe.fit, steps=PILOT_STEPS, snapshots=()))
    fitted = fit(short.untrained(device), short.dataset().points.to(device), seeds=seeds, **asdict(short.fit))
    if any(status != "converged" for status in fitted.status):
        return 1.0
    return int(fitted.steps.max()) / recipe.fit.steps


def training_seconds(recipe: Recipe, speed: Speed, device: str = "cpu") -> float:
    """The seconds that training takes if no member stops early."""
    points, members = _points_per_step(recipe), len(recipe.seeds)
    block = members_per_block(_empty(recipe.net, dimension(recipe.data), device), points)
    blocks = -(-members // block)
    per_step = _seconds_per_step(recipe.net, dimension(recipe.data), points, members, speed, blocks)
    return recipe.fit.steps * per_step


def measure_speed(device: str = "cpu") -> Speed:
    """The speed of this machine, from three short trainings: dominated by overhead, by memory traffic, and by arithmetic."""
    layer = _time(MLP(hidden=2, width=5), 1, 2, 4, 60, device) / 3
    wide, shape = MLP(hidden=2, width=50), (2, 2, 128)
    number = max(_time(wide, *shape, 25, device) - 3 * layer, 0) / _numbers(wide, *shape)
    deep, shape = MLP(hidden=6, width=50), (2, 256, 8)
    rest = _time(deep, *shape, 12, device) - 7 * layer - number * _numbers(deep, *shape)
    return Speed(layer, max(rest, 0) / _operations(deep, *shape), number)


def _time(net: Net, dim: int, points: int, members: int, steps: int, device: str) -> float:
    """Seconds per step, after a few steps to warm up.

    On a CPU these are seconds of one thread, as training takes there, whether or not other processes keep the machine busy."""
    data = load_data(DataSpec("uniform", points, dim), range(members)).points.to(device)
    ensemble = build(net, dim, range(members), device)
    fit(ensemble, data, seeds=range(members), steps=3, stop=False)
    clock = time.process_time if device == "cpu" else time.perf_counter
    began = clock()
    fit(ensemble, data, seeds=range(members), steps=steps, stop=False)
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return (clock() - began) / steps


def _seconds_per_step(net: Net, dim: int, points: int, members: int, speed: Speed, blocks: int) -> float:
    layers = sum(name.endswith("weight") for name in net.shapes(dim))
    shape = dim, points, members
    return (
        blocks * layers * speed.layer
        + _operations(net, *shape) * speed.operation
        + _numbers(net, *shape) * speed.number
    )


def _operations(net: Net, dim: int, points: int, members: int) -> float:
    """The operations of one step: per multiplication of the forward pass, two in that pass and four in the backward pass."""
    return 6.0 * net.operations_per_point(dim) * points * members


def _numbers(net: Net, dim: int, points: int, members: int) -> float:
    """The numbers read or written in one step: parameters, gradients, Adam's moments, and activations."""
    return float(members * (TRAINING_COPIES * net.parameter_count(dim) + points * net.activations_per_point(dim)))


def _evaluation_seconds(recipes: Sequence[Recipe], points: int, speed: Speed) -> float:
    """The seconds of evaluation at `points` points: a forward pass takes a third of a step's operations, half its numbers."""
    total = 0.0
    for recipe in recipes if points else ():
        net, dim, members = recipe.net, dimension(recipe.data), len(recipe.seeds)
        total += members * points * net.activations_per_point(dim) * speed.number / 2
        total += _operations(net, dim, points, members) * speed.operation / 3
    return total


def _points_per_step(recipe: Recipe) -> int:
    count = recipe.data.count
    if count is None:
        count = load_data(recipe.data, recipe.seeds[:1]).count
    return count if recipe.fit.batch is None else min(recipe.fit.batch, count)


def _bytes(recipe: Recipe, device: str) -> int:
    dim, points, members = dimension(recipe.data), _points_per_step(recipe), len(recipe.seeds)
    row = row_length(recipe.net, dim)
    block = min(members, members_per_block(_empty(recipe.net, dim, device), points))
    activations = 2 * points * recipe.net.activations_per_point(dim)
    data = members * (recipe.data.count or points) * dim
    return FLOAT_BYTES * (
        2 * members * row + block * ((TRAINING_COPIES + LOWEST_LOSS_COPIES) * row + activations) + data
    )


def _empty(net: Net, dim: int, device: str) -> Ensemble:
    return Ensemble(net, dim, torch.empty(0, row_length(net, dim), device=device))
