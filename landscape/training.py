"""Trained networks by recipe: loaded from the model store, or trained and put there."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from landscape.data import Dataset, DataSpec, dimension, load_data
from landscape.disk import settle
from landscape.ensemble import Checkpoint, Ensemble, Fitted, build, fit
from landscape.ensemble import FitSpec as FitSpec
from landscape.ensemble.ensemble import row_length
from landscape.nets import Net

RECIPE_VERSION = 1  # raised when the same recipe would train to different numbers
Progress = Callable[[int, int, int, float], None]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a trained ensemble; its `key` names it in the model store."""

    net: Net
    data: DataSpec
    fit: FitSpec
    seeds: tuple[int, ...]

    def spec(self) -> dict[str, Any]:
        """The JSON form that is hashed."""
        return {
            "version": RECIPE_VERSION,
            "net": self.net.spec(),
            "data": self.data.spec(),
            "fit": self.fit.spec(),
            "seeds": list(self.seeds),
        }

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits of the recipe's content."""
        return hashlib.sha256(json.dumps(self.spec(), sort_keys=True).encode()).hexdigest()[:16]

    def dataset(self) -> Dataset:
        """The training points of each member."""
        return load_data(self.data, self.seeds)

    def untrained(self, device: str | torch.device = "cpu") -> Ensemble:
        """The ensemble before its first step."""
        return build(self.net, dimension(self.data), self.seeds, device)


@dataclass(frozen=True)
class Site:
    """Where a cell runs. Nothing here may change a result.

    `models` is the model store; `cores` how many processor cores one large network may use; `progress(done, in all, members
    converged, median loss)` takes member-steps."""

    device: str = "cpu"
    models: Path | None = None
    cores: int = 1
    progress: Progress | None = field(default=None, compare=False)


def trained(recipe: Recipe, site: Site) -> Fitted:
    """The ensemble of `recipe`, from the model store if it is there, else trained on the site's device and stored.

    Two processes asking for one recipe train it once. A damaged entry is trained anew."""
    if site.models is None:
        return _train(recipe, site, None)
    folder = site.models / recipe.key
    (site.models / "locks").mkdir(parents=True, exist_ok=True)
    with _locked(site.models / "locks" / recipe.key):
        found = _load(folder, recipe, site.device)
        if found is None:
            found = _train(recipe, site, Checkpoint(site.models / f"{recipe.key}.checkpoint", recipe.key))
            _store(folder, recipe, found)
        return found


def stored(recipe: Recipe, models: Path, device: str = "cpu") -> Fitted | None:
    """The ensemble of `recipe` from the model store `models`; None where it is not there, or not as it was written."""
    return _load(models / recipe.key, recipe, device)


def members_table(recipe: Recipe, fitted: Fitted) -> pd.DataFrame:
    """A row a member: member, seed, status, training loss and optimiser steps taken."""
    return pd.DataFrame(
        {
            "member": range(len(recipe.seeds)),
            "seed": recipe.seeds,
            "status": fitted.status,
            "loss": fitted.losses.tolist(),
            "steps": fitted.steps.tolist(),
        }
    )


def _train(recipe: Recipe, site: Site, checkpoint: Checkpoint | None) -> Fitted:
    ensemble = recipe.untrained(site.device)
    points = recipe.dataset().points.to(site.device)
    options = asdict(recipe.fit)
    return fit(
        ensemble,
        points,
        seeds=recipe.seeds,
        cores=site.cores,
        checkpoint=checkpoint,
        progress=site.progress,
        **options,
    )


def _store(folder: Path, recipe: Recipe, fitted: Fitted) -> None:
    for stale in folder.parent.glob(f"{folder.name}.*.part"):  # of a killed process: the lock says none is alive
        shutil.rmtree(stale, ignore_errors=True)
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    try:
        _write(part, recipe, fitted)
        shutil.rmtree(folder, ignore_errors=True)
        settle(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write(part: Path, recipe: Recipe, fitted: Fitted) -> None:
    tensors = {"flat": fitted.ensemble.flat.cpu(), "losses": fitted.losses.cpu(), "steps": fitted.steps.cpu()}
    weights = save({name: value.contiguous() for name, value in tensors.items()})
    (part / "weights.safetensors").write_bytes(weights)  # save_file would hide a full disk's OSError
    fitted.curves.to_parquet(part / "losses.parquet", index=False)
    digest = hashlib.sha256(weights).hexdigest()
    spec = {"recipe": recipe.spec(), "status": fitted.status, "seconds": fitted.seconds, "sha256": digest}
    (part / "spec.json").write_text(json.dumps(spec, indent=1))


def _load(folder: Path, recipe: Recipe, device: str) -> Fitted | None:
    try:
        spec = json.loads((folder / "spec.json").read_text())
        weights = folder / "weights.safetensors"
        if spec["recipe"] != recipe.spec() or hashlib.sha256(weights.read_bytes()).hexdigest() != spec["sha256"]:
            return None
        tensors = load_file(weights)
        curves = pd.read_parquet(folder / "losses.parquet")
        flat, losses, steps = (tensors[name] for name in ("flat", "losses", "steps"))
        status, seconds = tuple(spec["status"]), spec["seconds"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None
    dim = dimension(recipe.data)
    widths = recipe.net.parameter_count(dim), row_length(recipe.net, dim)  # rows were not always padded
    if flat.ndim != 2 or len(flat) != len(recipe.seeds) or flat.shape[1] not in widths or not flat.is_floating_point():
        return None
    return Fitted(Ensemble(recipe.net, dim, flat.to(device)), losses, steps, status, curves, seconds)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an advisory lock; the kernel drops it when a process dies, so none is ever stale."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
