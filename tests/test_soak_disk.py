"""Flipped bits in run folders, the model store and checkpoints are noticed or have no effect."""

from __future__ import annotations

import dataclasses
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from landscape import results
from landscape.data import DataSpec
from landscape.ensemble import Checkpoint, Fitted
from landscape.nets import MLP
from landscape.notes import Note
from landscape.results import Result, RunError
from landscape.running import run_study
from landscape.training import FitSpec, Recipe, Site, trained
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.slow
RUN_FLIPS, STORE_FLIPS, CHECKPOINT_FLIPS = 100, 40, 60  # of each file
RECIPE = Recipe(MLP(1, 5), DataSpec("two-points"), FitSpec(steps=60, stop=False), (0, 1, 2))


def flips(file: Path, count: int) -> Iterator[None]:
    """Yield `count` times, each time with a single bit of the file flipped, at places spread over it; then restore the file."""
    whole, chance = file.read_bytes(), random.Random(file.name)
    for place in np.linspace(0, len(whole) - 1, count).round().astype(int):
        content = bytearray(whole)
        content[place] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        yield
    file.write_bytes(whole)


def same_result(one: Result, two: Result) -> bool:
    tables = one.tables.keys() == two.tables.keys() and all(
        one.tables[key].equals(two.tables[key]) for key in one.tables
    )
    arrays = one.arrays.keys() == two.arrays.keys() and all(
        one.arrays[cell].keys() == two.arrays[cell].keys()
        and all(
            np.array_equal(one.arrays[cell][name], two.arrays[cell][name], equal_nan=True) for name in one.arrays[cell]
        )
        for cell in one.arrays
    )
    return tables and arrays and one.record == two.record


def same_fit(one: Fitted, two: Fitted) -> bool:
    return (
        torch.equal(one.ensemble.flat, two.ensemble.flat)
        and torch.equal(one.losses, two.losses)
        and torch.equal(one.steps, two.steps)
        and one.status == two.status
        and one.curves.equals(two.curves)
    )


def noted(holds: Callable[[], bool], place: str) -> bool:
    """Assert `holds()`, and return whether a Note was given meanwhile. `place` says in the error which bit was flipped."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", Note)
        assert holds(), place
    return any(issubclass(one.category, Note) for one in found)


def test_flips_in_a_run_folder_are_noticed_or_harmless(tmp_path: Path) -> None:
    folder = run_study(ToyLine(steps=5), out=tmp_path)
    whole, noticed, harmless = results.load(folder), 0, 0
    files = [folder / "run.json", *sorted(next(folder.glob("cells/*")).iterdir())]
    assert {file.name for file in files} == {"run.json", "cell.json", "members.parquet", "arrays.npz"}
    for file in files:
        for _ in flips(file, RUN_FLIPS):
            try:
                assert same_result(results.load(folder), whole), file
                harmless += 1
            except RunError:
                noticed += 1
    print(f"run folder: {noticed + harmless} flips, {noticed} noticed, {harmless} harmless")
    assert noticed + harmless == 4 * RUN_FLIPS
    assert harmless < RUN_FLIPS  # blanks of run.json


def test_flips_in_the_model_store_change_no_network(tmp_path: Path) -> None:
    site = Site(models=tmp_path)
    whole, count, told = trained(RECIPE, site), 0, 0
    store = tmp_path / RECIPE.key
    kept = {file.name: file.read_bytes() for file in store.iterdir()}
    for name in sorted(kept):
        for _ in flips(store / name, STORE_FLIPS):
            told += noted(lambda: same_fit(trained(RECIPE, site), whole), name)
            for other, content in kept.items():
                (store / other).write_bytes(content)
            count += 1
    print(f"model store: {count} flips, {told} noticed")
    assert count == STORE_FLIPS * len(kept)
    assert told > count - STORE_FLIPS  # the others are blanks of spec.json


def test_flips_in_a_checkpoint_change_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that was stopped continues from its checkpoint, or starts again if the checkpoint was altered."""
    long = dataclasses.replace(RECIPE, fit=dataclasses.replace(RECIPE.fit, steps=400))
    whole = trained(long, Site())
    interrupted(long, tmp_path / "first", monkeypatch)
    kept = {
        file.relative_to(tmp_path / "first"): file.read_bytes()
        for file in (tmp_path / "first").rglob("*")
        if "checkpoint" in str(file.relative_to(tmp_path / "first")) and file.is_file()
    }
    assert kept
    count = told = 0
    for place, content in kept.items():
        chance = random.Random(0)
        for at in np.linspace(0, len(content) - 1, CHECKPOINT_FLIPS).round().astype(int):
            shutil.rmtree(tmp_path / "again", ignore_errors=True)
            for name, other in kept.items():
                (tmp_path / "again" / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "again" / name).write_bytes(other)
            altered = bytearray(content)
            altered[at] ^= 1 << chance.randrange(8)
            (tmp_path / "again" / place).write_bytes(altered)
            again = Site(models=tmp_path / "again")
            told += noted(lambda again=again: same_fit(trained(long, again), whole), f"{place} at {at}")
            count += 1
    print(f"checkpoint: {count} flips, {told} noticed")
    assert told == count >= CHECKPOINT_FLIPS


def interrupted(recipe: Recipe, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train until the first checkpoint is written, and stop there."""
    save: Callable[..., None] = Checkpoint.save

    def once(self: Checkpoint, *arguments: object, **named: object) -> None:
        save(self, *arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "due", lambda _: True)
        patch.setattr(Checkpoint, "save", once)
        with pytest.raises(KeyboardInterrupt):
            trained(recipe, Site(models=models))
