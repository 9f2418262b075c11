"""Upper estimates of a study's time and memory, from its recipes and a short timing of this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
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
from landscape.training import Recipe

START_SECONDS = 7.0  # measured: the time from the start of a worker process to its first optimiser step, mostly imports
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
    """A cell that is still to run: its members, its member-steps of training, and its time and memory at most."""

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
        """The seconds that one process takes at most: members that converge stop earlier."""
        return sum(cell.seconds for cell in self.cells)

    def seconds(self, workers: int = 1) -> float:
        """The seconds until the last cell ends, with `workers` processes (1: this process alone)."""
        if workers == 1 or len(self.cells) < 2:
            return self.work
        return START_SECONDS + max(self.work / workers, max(cell.seconds for cell in self.cells))

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
    """The work that is left of `study` under `out`: its unfinished cells, without the ensembles in the model store.

    With `cells`, those alone are to run. `speed` is that of the device; without it it is measured."""
    folder = study.folder(out)
    cells = all_cells(study) if cells is None else cells
    waiting = cells if fresh else list(results.unfinished(folder, cells))
    speed = speed or (measure_speed(device) if waiting else Speed(0, 0, 0))
    counted: set[str] = set()
    stored, estimates = 0, []
    for cell in waiting:
        recipes = study.recipes(cell)
        seconds, steps = 0.0, 0
        for recipe in recipes:
            if recipe.key in counted:
                continue
            counted.add(recipe.key)
            if (out / "models" / recipe.key / "spec.json").exists():
                stored += 1
                continue
            seconds += training_seconds(recipe, speed, device)
            steps += recipe.fit.steps * len(recipe.seeds)
        seconds += _evaluation_seconds(recipes, study.evaluations(cell), speed)
        seconds += study.operations(cell) * speed.operation
        members = sum(len(recipe.seeds) for recipe in recipes)
        most = max([FLOAT_BYTES * study.held(cell), *(_bytes(recipe, device) for recipe in recipes)])
        estimates.append(CellEstimate(cell, members, steps, seconds, most))
    return Estimate(tuple(estimates), len(cells) - len(waiting), stored)


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
    """Seconds per step, after a few steps to warm up."""
    data = load_data(DataSpec("uniform", points, dim), range(members)).points.to(device)
    ensemble = build(net, dim, range(members), device)
    fit(ensemble, data, seeds=range(members), steps=3, stop=False)
    began = time.perf_counter()
    fit(ensemble, data, seeds=range(members), steps=steps, stop=False)
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return (time.perf_counter() - began) / steps


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
