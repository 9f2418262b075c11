"""Trained networks by recipe: loaded from the model store, or trained and stored there."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from landscape import disk
from landscape.data import Dataset, DataSpec, dimension, load_data
from landscape.ensemble import STATUSES, Checkpoint, Ensemble, Fitted, build, check_loss, fit
from landscape.ensemble import FitSpec as FitSpec
from landscape.ensemble.ensemble import row_length
from landscape.facts import Shown
from landscape.nets import Net, net_of
from landscape.notes import note

RECIPE_VERSION = 2  # raised when the same recipe would train to different numbers. 2: the best weights are kept
SPEC, WEIGHTS, LOSSES = "spec.json", "weights.safetensors", "losses.parquet"  # the files of an entry of the model store
SNAPSHOTS = "snapshots.safetensors"  # a further file, of recipes with snapshots
MAX_SPEC_BYTES = 2**28  # bytes: a hundred thousand members take some megabytes
MEMBER_NUMBERS = {  # a number per member, stored beside the weights
    "losses": torch.float32,
    "kept_at": torch.int64,
    "steps": torch.int64,
    "last_losses": torch.float32,
}
Progress = Callable[[int, int, int, float], None]


@dataclass(frozen=True, repr=False)
class Recipe(Shown):
    """Everything that determines a trained ensemble. Its `key` is the ensemble's name in the model store.

    Raises ValueError if the net's outputs are none that the loss can take."""

    net: Net
    data: DataSpec
    fit: FitSpec
    seeds: tuple[int, ...]
    version: int = RECIPE_VERSION  # lower in entries of the model store that an earlier version of the code wrote

    def __post_init__(self) -> None:
        check_loss(self.fit, self.net)

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Recipe:
        """The recipe from its JSON form. Raises ValueError if this version of the code no longer has a part of it."""
        parts = {name: {key: _tupled(value) for key, value in spec[name].items()} for name in ("data", "fit")}
        try:
            data, how = DataSpec(**parts["data"]), FitSpec(**parts["fit"])
            found = cls(net_of(spec["net"]), data, how, tuple(spec["seeds"]), spec["version"])
        except TypeError as error:
            raise ValueError(
                f"the networks were trained in a way that this version of landscape no longer has ({error})"
            ) from None
        if found.spec() != spec:
            raise ValueError(
                "the networks were trained in a way that this version of landscape no longer has: their recipe reads otherwise"
            )
        return found

    def spec(self) -> dict[str, Any]:
        """The JSON form that is hashed."""
        return {
            "version": self.version,
            "net": self.net.spec(),
            "data": self.data.spec(),
            "fit": self.fit.spec(),
            "seeds": list(self.seeds),
        }

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits, a hash of the recipe's content."""
        return hashlib.sha256(json.dumps(self.spec(), sort_keys=True).encode()).hexdigest()[:16]

    def dataset(self) -> Dataset:
        """The training points of each member."""
        return load_data(self.data, self.seeds)

    def untrained(self, device: str | torch.device = "cpu") -> Ensemble:
        """The ensemble before its first step."""
        return build(self.net, dimension(self.data), self.seeds, device)


@dataclass(frozen=True)
class Site:
    """The surroundings of a cell's run. They never change a result.

    `models` is the model store. `cores` is the number of processor cores for one large network. `progress(done, total, members
    converged, median loss)` counts member-steps."""

    device: str = "cpu"
    models: Path | None = None
    cores: int = 1
    progress: Progress | None = field(default=None, compare=False)


class DamagedEntry(ValueError):
    """An entry of the model store was altered after it was written."""


_used: ContextVar[list[Recipe] | None] = ContextVar("used", default=None)


@contextmanager
def recording() -> Iterator[list[Recipe]]:
    """Collect in a list, without repetitions, the recipes with which `trained` is called within the block."""
    used: list[Recipe] = []
    before = _used.set(used)
    try:
        yield used
    finally:
        _used.reset(before)


def trained(recipe: Recipe, site: Site) -> Fitted:
    """The ensemble of `recipe`: loaded from the model store, or else trained on the site's device and stored.

    If several processes need the same recipe, one of them trains it. A damaged entry is trained again, with a note."""
    used = _used.get()
    if used is not None and recipe not in used:
        used.append(recipe)
    if site.models is None:
        return _train(recipe, site, None)
    folder = site.models / recipe.key
    (site.models / "locks").mkdir(parents=True, exist_ok=True)
    with disk.locked(site.models / "locks" / recipe.key):
        try:
            return _load(folder, recipe, site.device)
        except FileNotFoundError:
            pass
        except DamagedEntry as error:
            note(f"the networks in {folder} were altered ({error}): they are trained again")
            disk.remove(folder)
        # These are the remains of killed processes: only the process that holds the lock writes here.
        for remains in site.models.glob(f"{recipe.key}.*part"):
            disk.remove(remains)
        fitted = _train(recipe, site, Checkpoint(site.models / f"{recipe.key}.checkpoint", recipe.key))
        with disk.replacing(folder) as part:
            _write(part, recipe, fitted)
        return fitted


def stored(recipe: Recipe, models: Path, device: str = "cpu") -> Fitted | None:
    """The ensemble of `recipe` from the model store `models`; None if it is missing, or not as it was written."""
    try:
        return _load(models / recipe.key, recipe, device)
    except (FileNotFoundError, DamagedEntry):
        return None


def stored_recipe(key: str, models: Path) -> Recipe | None:
    """The recipe of the entry `key` of the model store `models`; None if there is no such entry.

    Raises ValueError if the recipe was altered, or this version of the code cannot read it."""
    try:
        spec = json.loads(disk.read_regular(models / key / SPEC, MAX_SPEC_BYTES))["recipe"]
        digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:16]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{models / key / SPEC} cannot be read ({error})") from None
    if digest != key:
        raise ValueError(f"{models / key / SPEC} was altered")
    return Recipe.of(spec)


def members_table(recipe: Recipe, fitted: Fitted) -> pd.DataFrame:
    """A row per member: member, seed, status, loss, steps, kept_at, last_loss.

    `status` and `loss` (over all data) belong to the kept weights, which training reached after `kept_at` of its `steps`.
    `last_loss` is the loss after the last step; NaN if training diverged."""
    return pd.DataFrame(
        {
            "member": range(len(recipe.seeds)),
            "seed": recipe.seeds,
            "status": fitted.status,
            "loss": fitted.losses.tolist(),
            "steps": fitted.steps.tolist(),
            "kept_at": fitted.kept_at.tolist(),
            "last_loss": fitted.last_losses.tolist(),
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


def _write(part: Path, recipe: Recipe, fitted: Fitted) -> None:
    """Write an entry to a new folder: weights, loss curves, and the recipe with the digests of all files."""
    part.mkdir()
    tensors = {"flat": fitted.ensemble.flat, **{name: getattr(fitted, name) for name in MEMBER_NUMBERS}}
    weights = save({name: value.cpu().contiguous() for name, value in tensors.items()})
    (part / WEIGHTS).write_bytes(weights)  # save_file would hide a full disk's OSError
    fitted.curves.to_parquet(part / LOSSES, index=False)
    if recipe.fit.snapshots:
        flat = torch.stack([ensemble.flat.cpu() for _, ensemble in fitted.snapshots])
        (part / SNAPSHOTS).write_bytes(save({"flat": flat}))
    spec = {"recipe": recipe.spec(), "status": fitted.status, "seconds": fitted.seconds}
    spec["files"] = {name: _digest(part / name) for name in _files(recipe)}
    (part / SPEC).write_text(json.dumps({**spec, "sha256": _digest_of(spec)}, indent=1))


def _load(folder: Path, recipe: Recipe, device: str) -> Fitted:
    """The entry in `folder`. Raises FileNotFoundError if it is missing, DamagedEntry if it was altered."""
    if not (folder.exists() or folder.is_symlink()):
        raise FileNotFoundError(folder)
    try:
        spec = json.loads(disk.read_regular(folder / SPEC, MAX_SPEC_BYTES))
        digest = spec.pop("sha256")
        if digest != _digest_of(spec) or spec["recipe"] != recipe.spec():
            raise DamagedEntry(f"{SPEC} was altered or belongs to other networks")
        for name in _files(recipe):
            if _digest(folder / name) != spec["files"][name]:
                raise DamagedEntry(f"{name} was altered or belongs to other networks")
        tensors, curves = load_file(folder / WEIGHTS), pd.read_parquet(folder / LOSSES)
        fitted = _fitted(recipe, tensors, tuple(spec["status"]), curves, spec["seconds"])
        if recipe.fit.snapshots:
            flat = load_file(folder / SNAPSHOTS)["flat"]
            fitted = replace(fitted, snapshots=_snapshots(recipe, fitted.ensemble, flat, device))
    except DamagedEntry:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError) as error:
        raise DamagedEntry(f"{type(error).__name__}: {error}") from error
    return replace(fitted, ensemble=fitted.ensemble.to(device))


def _fitted(
    recipe: Recipe, tensors: dict[str, Tensor], status: tuple[str, ...], curves: pd.DataFrame, seconds: float
) -> Fitted:
    """The training result made of an entry's parts. Raises DamagedEntry if a part does not fit the recipe's members."""
    members, dim = len(recipe.seeds), dimension(recipe.data)
    flat = tensors["flat"]
    if flat.shape != (members, row_length(recipe.net, dim)) or flat.dtype != torch.float32:
        raise DamagedEntry(f"the weights are {flat.dtype} {tuple(flat.shape)}")
    for name, dtype in MEMBER_NUMBERS.items():
        if tensors[name].shape != (members,) or tensors[name].dtype != dtype:
            raise DamagedEntry(f"{name} is {tensors[name].dtype} {tuple(tensors[name].shape)}, of {members} members")
    if len(status) != members or not set(status) <= set(STATUSES):
        raise DamagedEntry(f"the statuses are not {members} of {', '.join(STATUSES)}")
    if (
        not math.isfinite(seconds)
        or list(curves) != ["member", "step", "loss"]
        or set(curves.member) != set(range(members))
    ):
        raise DamagedEntry("the loss curves are not those of its members")
    numbers: dict[str, Any] = {name: tensors[name] for name in MEMBER_NUMBERS}
    return Fitted(Ensemble(recipe.net, dim, flat), **numbers, status=status, curves=curves, seconds=seconds)


def _files(recipe: Recipe) -> tuple[str, ...]:
    """The files of a recipe's entry whose digests the file SPEC holds."""
    return (WEIGHTS, LOSSES, SNAPSHOTS) if recipe.fit.snapshots else (WEIGHTS, LOSSES)


def _snapshots(recipe: Recipe, ensemble: Ensemble, flat: Tensor, device: str) -> tuple[tuple[int, Ensemble], ...]:
    """The snapshots with the weights `flat` (K, E, parameters). Raises DamagedEntry if they do not fit the recipe."""
    steps = recipe.fit.snapshots
    if flat.shape != (len(steps), *ensemble.flat.shape) or flat.dtype != torch.float32:
        raise DamagedEntry(f"the snapshots are {flat.dtype} {tuple(flat.shape)}")
    return tuple((step, replace(ensemble, flat=weights).to(device)) for step, weights in zip(steps, flat, strict=True))


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _digest(path: Path) -> str:
    with disk.open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _digest_of(spec: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
