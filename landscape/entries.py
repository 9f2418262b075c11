"""Entries of the model store: how an ensemble is written to a folder, read back and checked, or made of several entries."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from landscape import disk
from landscape.data import dimension
from landscape.ensemble import STATUSES, Checkpoint, Ending, Ensemble, Fitted
from landscape.ensemble.ensemble import row_length
from landscape.recipe import Recipe

SPEC, WEIGHTS, LOSSES = "spec.json", "weights.safetensors", "losses.parquet"  # the files of an entry of the model store
SNAPSHOTS = "snapshots.safetensors"  # a further file, of recipes with snapshots
END = "end.checkpoint"  # a further file: where the training stood after its last step, for a longer one
KEY = re.compile("[0-9a-f]{16}")
PIECES = "pieces"  # in SPEC, of an entry without networks of its own: the keys of the entries that have them
MAX_SPEC_BYTES = 2**28  # bytes: a hundred thousand members take some megabytes
MEMBER_NUMBERS = {  # a number per member, stored beside the weights
    "losses": torch.float32,
    "kept_at": torch.int64,
    "steps": torch.int64,
    "last_losses": torch.float32,
}


class DamagedEntry(ValueError):
    """An entry of the model store was altered after it was written."""


def write(part: Path, recipe: Recipe, fitted: Fitted) -> None:
    """Write an entry to a new folder: weights, loss curves, and the recipe with the digests of all files."""
    part.mkdir()
    tensors = {"flat": fitted.ensemble.flat, **{name: getattr(fitted, name) for name in MEMBER_NUMBERS}}
    weights = save({name: value.cpu().contiguous() for name, value in tensors.items()})
    (part / WEIGHTS).write_bytes(weights)  # save_file would hide a full disk's OSError
    fitted.curves.to_parquet(part / LOSSES, index=False)
    if recipe.fit.snapshots:
        flat = torch.stack([ensemble.flat.cpu() for _, ensemble in fitted.snapshots])
        (part / SNAPSHOTS).write_bytes(save({"flat": flat}))
    if fitted.end:
        Checkpoint(part / END, course_of(recipe)).save(fitted.end.tensors, fitted.end.state)
    spec = {"recipe": recipe.spec(), "status": fitted.status, "seconds": fitted.seconds}
    spec["files"] = {name: _digest(part / name) for name in _files(recipe)}
    _write_spec(part, spec)


def write_joined(part: Path, recipe: Recipe, pieces: Sequence[Recipe]) -> None:
    """Write an entry without networks of its own to a new folder: its recipe, and the keys of the entries that have them."""
    part.mkdir()
    _write_spec(part, {"recipe": recipe.spec(), PIECES: [[one.key, list(one.seeds)] for one in pieces]})


def _write_spec(part: Path, spec: dict[str, Any]) -> None:
    (part / SPEC).write_text(json.dumps({**spec, "sha256": _digest_of(spec)}, indent=1))


def read(folder: Path, recipe: Recipe, device: str) -> Fitted:
    """The entry in `folder`. Raises FileNotFoundError if it is missing, DamagedEntry if it, or a piece of it, was altered."""
    if not (folder.exists() or folder.is_symlink()):
        raise FileNotFoundError(folder)
    try:
        spec = json.loads(disk.read_regular(folder / SPEC, MAX_SPEC_BYTES))
        digest = spec.pop("sha256")
        if digest != _digest_of(spec) or spec["recipe"] != recipe.spec():
            raise DamagedEntry(f"{SPEC} was altered or belongs to other networks")
        if PIECES in spec:
            return _read_joined(folder.parent, recipe, spec[PIECES], device)
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


def _read_joined(models: Path, recipe: Recipe, pieces: list[tuple[str, list[int]]], device: str) -> Fitted:
    """The entry made of `pieces`: keys with seeds. Raises DamagedEntry if one of them is missing or was altered."""
    parts = []
    for key, seeds in pieces:
        piece = replace(recipe, seeds=tuple(seeds))
        if piece.key != key:
            raise DamagedEntry(f"{SPEC} names networks of another recipe")
        try:
            parts.append((piece, read(models / key, piece, device)))
        except FileNotFoundError:
            raise DamagedEntry(f"the networks of {key}, which it needs, are missing") from None
    if not set(recipe.seeds) <= {seed for piece, _ in parts for seed in piece.seeds}:
        raise DamagedEntry(f"{SPEC} names no networks for some of its seeds")
    return joined(recipe, parts)


def joined(recipe: Recipe, parts: Sequence[tuple[Recipe, Fitted]]) -> Fitted:
    """The ensemble of `recipe`, whose members are in `parts`: ensembles of the same recipe with other seeds.

    Its `seconds` are those of the parts, by the shares of their members that it has."""
    place = {seed: (number, row) for number, (piece, _) in enumerate(parts) for row, seed in enumerate(piece.seeds)}
    of = [place[seed] for seed in recipe.seeds]
    found = [fitted for _, fitted in parts]

    def rows(tensors: Sequence[Tensor]) -> Tensor:
        return torch.stack([tensors[number][row] for number, row in of])

    curves = [
        fitted.curves.assign(member=fitted.curves.member.map({row: e for e, (n, row) in enumerate(of) if n == number}))
        for number, fitted in enumerate(found)
    ]
    table = pd.concat(curves).dropna(subset="member").astype({"member": np.int64})
    numbers: dict[str, Any] = {name: rows([getattr(one, name) for one in found]) for name in MEMBER_NUMBERS}
    ensembles = [one.ensemble for one in found]
    shares = [sum(number == one for one, _ in of) / len(piece.seeds) for number, (piece, _) in enumerate(parts)]
    return Fitted(
        replace(ensembles[0], flat=rows([one.flat for one in ensembles])),
        **numbers,
        status=tuple(found[number].status[row] for number, row in of),
        curves=table.sort_values(["member", "step"], ignore_index=True),
        seconds=sum(share * one.seconds for share, one in zip(shares, found, strict=True)),
        snapshots=tuple(
            (step, replace(one, flat=rows([part.snapshots[index][1].flat for part in found])))
            for index, (step, one) in enumerate(found[0].snapshots)
        ),
    )


def pieces_of(models: Path, key: str) -> list[str]:
    """The keys of the entries that have the networks of the entry `key`; empty if it has its own, or is not there."""
    try:
        spec = json.loads(disk.read_regular(models / key / SPEC, MAX_SPEC_BYTES))
        return [str(piece) for piece, _ in spec.get(PIECES, ())]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return []


def with_members_of(recipe: Recipe, models: Path) -> list[Recipe]:
    """The recipes of entries that have members of `recipe`, and differ from it by their seeds alone.

    Each has members that those before it lack. What was read once is not read again: an entry never changes."""
    family, candidates = _family(recipe.spec()), []
    for path in models.iterdir() if models.is_dir() else ():
        if KEY.fullmatch(path.name) and path.name != recipe.key:
            kind, seeds = _seeds_of(path)
            if kind == family and (path / SPEC).exists():
                candidates.append(seeds)
    left, chosen = set(recipe.seeds), []
    while best := max(candidates, key=lambda seeds: (len(left.intersection(seeds)), seeds), default=()):
        if not left.intersection(best):
            break
        left -= set(best)
        chosen.append(replace(recipe, seeds=best))
    return chosen


@lru_cache(maxsize=1_000_000)
def _seeds_of(folder: Path) -> tuple[str, tuple[int, ...]]:
    """A digest of an entry's recipe without its seeds, and the seeds. Nothing for an entry without networks of its own."""
    try:
        spec = json.loads(disk.read_regular(folder / SPEC, MAX_SPEC_BYTES))
        return ("", ()) if PIECES in spec else (_family(spec["recipe"]), tuple(map(int, spec["recipe"]["seeds"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "", ()


def course_of(recipe: Recipe) -> str:
    """What a training and a longer one have in common: a digest of the recipe without its number of steps."""
    return _course(recipe.spec())


def _course(spec: dict[str, Any]) -> str:
    how = {name: value for name, value in spec["fit"].items() if name != "steps"}
    return _digest_of({**spec, "fit": how})


def shorter(recipe: Recipe, models: Path) -> Recipe | None:
    """The recipe of the longest training that `recipe` can go on from: the same with fewer steps, whose end is kept."""
    if recipe.fit.schedule != "constant" or not models.is_dir():
        return None
    course = course_of(recipe)
    steps = [
        steps
        for path in models.iterdir()
        if KEY.fullmatch(path.name) and path.name != recipe.key and (path / END).exists()
        for kind, steps in (_course_and_steps(path),)
        if kind == course and steps < recipe.fit.steps
    ]
    return replace(recipe, fit=replace(recipe.fit, steps=max(steps))) if steps else None


def end_of(recipe: Recipe, models: Path) -> Ending | None:
    """Where the training of `recipe` stood after its last step; None if that was not kept or was altered, which a note says."""
    found = Checkpoint(models / recipe.key / END, course_of(recipe)).load()
    return Ending(*found) if found else None


@lru_cache(maxsize=1_000_000)
def _course_and_steps(folder: Path) -> tuple[str, int]:
    """The course of an entry's recipe and its steps; nothing for an entry that cannot be read."""
    try:
        spec = json.loads(disk.read_regular(folder / SPEC, MAX_SPEC_BYTES))["recipe"]
        return _course(spec), int(spec["fit"]["steps"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", 0


def _family(spec: dict[str, Any]) -> str:
    return _digest_of({name: value for name, value in spec.items() if name != "seeds"})


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


def _digest(path: Path) -> str:
    with disk.open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _digest_of(spec: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
