"""Trained networks by recipe: loaded from the model store, or trained and stored there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from landscape import disk, entries
from landscape.ensemble import Checkpoint, Ending, Fitted, fit
from landscape.ensemble import FitSpec as FitSpec
from landscape.entries import MAX_SPEC_BYTES, SPEC, DamagedEntry
from landscape.notes import note
from landscape.recipe import Recipe as Recipe
from landscape.recipe import Site as Site

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

    Members that an entry with other seeds has are taken from there, and only the others are trained: a member's result does not
    depend on its company. A training goes on from the end of a shorter one, to the same bits as without the pause. If several
    processes need the same recipe, one of them trains it. A damaged entry is trained again, with a note."""
    used = _used.get()
    if used is not None and recipe not in used:
        used.append(recipe)
    return _kept(recipe, site, site.models) if site.models else _train(recipe, site)


def _kept(recipe: Recipe, site: Site, models: Path) -> Fitted:
    folder = models / recipe.key
    (models / "locks").mkdir(parents=True, exist_ok=True)
    with disk.locked(models / "locks" / recipe.key):
        try:
            return entries.read(folder, recipe, site.device)
        except FileNotFoundError:
            pass
        except DamagedEntry as error:
            note(f"the networks in {folder} were altered ({error}): they are trained again")
            disk.remove(folder)
        # These are the remains of killed processes: only the process that holds the lock writes here.
        for remains in models.glob(f"{recipe.key}.*part"):
            disk.remove(remains)
        checkpoint = Checkpoint(models / f"{recipe.key}.checkpoint", recipe.key)
        parts = [] if checkpoint.path.exists() else _members_elsewhere(recipe, models, site.device)
        if parts:
            if rest := _without(recipe, [piece for piece, _ in parts]):
                parts.append((rest, _kept(rest, site, models)))
            with disk.replacing(folder) as part:
                entries.write_joined(part, recipe, [piece for piece, _ in parts])
            return entries.joined(recipe, parts)
        before = entries.shorter(recipe, models)
        fitted = _train(recipe, site, checkpoint, entries.end_of(before, models) if before else None)
        with disk.replacing(folder) as part:
            entries.write(part, recipe, fitted)
        return fitted


def _members_elsewhere(recipe: Recipe, models: Path, device: str) -> list[tuple[Recipe, Fitted]]:
    """Members of `recipe` in entries with other seeds. Entries that are not as they were written are left out."""
    found = ((piece, stored(piece, models, device)) for piece in entries.with_members_of(recipe, models))
    return [(piece, fitted) for piece, fitted in found if fitted is not None]


def lacking(recipe: Recipe, models: Path) -> Recipe | None:
    """The recipe of the members of `recipe` that are still to be trained; None if the model store has all of them.

    It has the steps that are left where the store has the end of a shorter training."""
    if (models / recipe.key / SPEC).exists():
        return None
    if (models / f"{recipe.key}.checkpoint").exists():
        return recipe
    rest = _without(recipe, entries.with_members_of(recipe, models))
    if rest and (before := entries.shorter(rest, models)):
        return replace(rest, fit=replace(rest.fit, steps=rest.fit.steps - before.fit.steps))
    return rest


def _without(recipe: Recipe, pieces: Iterable[Recipe]) -> Recipe | None:
    """The recipe of the members of `recipe` that none of the pieces has; None if there are none."""
    there = {seed for piece in pieces for seed in piece.seeds}
    left = tuple(seed for seed in recipe.seeds if seed not in there)
    return replace(recipe, seeds=left) if left else None


def stored(recipe: Recipe, models: Path, device: str = "cpu") -> Fitted | None:
    """The ensemble of `recipe` from the model store `models`; None if it is missing, or not as it was written."""
    try:
        return entries.read(models / recipe.key, recipe, device)
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


def _train(recipe: Recipe, site: Site, checkpoint: Checkpoint | None = None, begin: Ending | None = None) -> Fitted:
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
        begin=begin,
        **options,
    )
