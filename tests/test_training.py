"""The model store: each recipe is trained once, and an entry is verified when it is read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

from landscape import entries, training
from landscape.data import DataSpec
from landscape.ensemble import Fitted
from landscape.nets import MLP
from landscape.notes import Note
from landscape.training import FitSpec, Recipe, Site, members_table, stored, trained

RECIPE = Recipe(MLP(1, 5), DataSpec("two-points"), FitSpec(steps=30), (0, 1, 2))


def test_a_recipe_is_trained_once_and_read_back_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(models=tmp_path)
    first = trained(RECIPE, site)
    monkeypatch.setattr(training, "fit", None)  # a second training would fail
    second = trained(RECIPE, site)
    assert torch.equal(first.ensemble.flat, second.ensemble.flat)
    assert first.status == second.status
    assert first.curves.equals(second.curves)
    assert sorted(file.name for file in (tmp_path / RECIPE.key).iterdir()) == [
        "end.checkpoint",
        "losses.parquet",
        "spec.json",
        "weights.safetensors",
    ]


def healed(models: Path, first: Fitted) -> None:
    """Assert that the entry is trained again, with a note, to the same bits, and is then read without a note."""
    with pytest.warns(Note, match="were altered .*: they are trained again") as told:
        again = trained(RECIPE, Site(models=models))
    assert len(told) == 1
    for found in (again, trained(RECIPE, Site(models=models))):
        assert torch.equal(first.ensemble.flat, found.ensemble.flat)
        assert found.curves.equals(first.curves)
        assert found.status == first.status


@pytest.mark.parametrize("file", ["spec.json", "weights.safetensors", "losses.parquet"])
def test_a_damaged_entry_is_trained_anew(tmp_path: Path, file: str) -> None:
    first = trained(RECIPE, Site(models=tmp_path))
    entry = tmp_path / RECIPE.key
    damaged = entry / file
    content = damaged.read_bytes()
    for worse in (content[:-9] + b"tampered!", content[:40], b"", None):
        damaged.unlink()
        if worse is not None:
            damaged.write_bytes(worse)
        assert stored(RECIPE, tmp_path) is None
        healed(tmp_path, first)
    damaged.unlink()
    os.mkfifo(damaged)
    healed(tmp_path, first)
    shutil.rmtree(entry)
    entry.write_text("no folder")
    healed(tmp_path, first)


def test_every_flipped_byte_of_an_entry_is_seen(tmp_path: Path) -> None:
    trained(RECIPE, Site(models=tmp_path))
    read = {
        path for path in (tmp_path / RECIPE.key).iterdir() if path.name != entries.END
    }  # a longer training alone reads that
    for path in sorted(read):
        whole = path.read_bytes()
        for place in range(0, len(whole), max(1, len(whole) // 60)):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
            found = stored(RECIPE, tmp_path)
            harmless = path.name == "spec.json" and json.loads(whole) == _json(
                path
            )  # another blank in place of a blank
            assert found is None or harmless, (path.name, place)
        path.write_bytes(whole)
    assert stored(RECIPE, tmp_path) is not None


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


def test_the_loss_curves_of_other_networks_are_not_taken(tmp_path: Path) -> None:
    other = replace(RECIPE, seeds=(5, 6, 7))
    first, _ = trained(RECIPE, Site(models=tmp_path)), trained(other, Site(models=tmp_path))
    shutil.copy(tmp_path / other.key / "losses.parquet", tmp_path / RECIPE.key / "losses.parquet")
    healed(tmp_path, first)


Parts = dict[str, Any]
CHANGES: dict[str, Callable[[Parts, dict[str, torch.Tensor], pd.DataFrame], pd.DataFrame | None]] = {
    "a status of no kind": lambda spec, *_: spec.update(status=["<script>", "stalled", "stalled"]),
    "too few statuses": lambda spec, *_: spec.update(status=["stalled"]),
    "statuses that are no list": lambda spec, *_: spec.update(status=3),
    "seconds that are no number": lambda spec, *_: spec.update(seconds="long"),
    "too few losses": lambda _, tensors, __: tensors.update(losses=tensors["losses"][:2]),
    "no steps": lambda _, tensors, __: tensors.update(steps=tensors["steps"][:0]),
    "steps that are no whole numbers": lambda _, tensors, __: tensors.update(steps=tensors["steps"].double()),
    "too few weights": lambda _, tensors, __: tensors.update(flat=tensors["flat"][:2]),
    "weights of other layers": lambda _, tensors, __: tensors.update(flat=tensors["flat"][:, :5].clone()),
    "no weights": lambda _, tensors, __: tensors.update(flat=tensors.pop("kept_at")),
    "curves of fewer members": lambda _, __, curves: curves[curves.member < 2],
    "curves without losses": lambda _, __, curves: curves[["member", "step"]],
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_entry_that_is_whole_but_does_not_fit_is_trained_anew(tmp_path: Path, change: str) -> None:
    first, entry = trained(RECIPE, Site(models=tmp_path)), tmp_path / RECIPE.key
    spec, tensors = json.loads((entry / "spec.json").read_bytes()), load_file(entry / "weights.safetensors")
    curves = CHANGES[change](spec, tensors, first.curves)
    save_file(tensors, entry / "weights.safetensors")
    if curves is not None:
        curves.to_parquet(entry / "losses.parquet", index=False)
    del spec["sha256"]
    spec["files"] = {name: entries._digest(entry / name) for name in spec["files"]}
    (entry / "spec.json").write_text(json.dumps({**spec, "sha256": entries._digest_of(spec)}))
    healed(tmp_path, first)


def test_a_damaged_checkpoint_gives_a_note_and_training_starts_again(tmp_path: Path) -> None:
    first = trained(RECIPE, Site())
    (tmp_path / f"{RECIPE.key}.checkpoint").write_bytes(b"nothing of use" * 9)
    with pytest.warns(Note, match="the checkpoint .* cannot be used"):
        again = trained(RECIPE, Site(models=tmp_path))
    assert torch.equal(first.ensemble.flat, again.ensemble.flat)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["locks", RECIPE.key])


def test_files_of_killed_processes_are_removed(tmp_path: Path) -> None:
    for name in ("77.part", "checkpoint.77.part"):
        (tmp_path / f"{RECIPE.key}.{name}").write_text("half")
    trained(RECIPE, Site(models=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["locks", RECIPE.key])


def test_the_key_depends_on_every_part_of_the_recipe() -> None:
    others = [
        Recipe(MLP(2, 5), RECIPE.data, RECIPE.fit, RECIPE.seeds),
        Recipe(RECIPE.net, DataSpec("one-point"), RECIPE.fit, RECIPE.seeds),
        Recipe(RECIPE.net, RECIPE.data, FitSpec(steps=31), RECIPE.seeds),
        Recipe(RECIPE.net, RECIPE.data, FitSpec(steps=30, keep="last"), RECIPE.seeds),
        Recipe(RECIPE.net, RECIPE.data, RECIPE.fit, (0, 1, 3)),
    ]
    assert len({RECIPE.key, *(other.key for other in others)}) == 6


def test_without_a_store_nothing_is_written(tmp_path: Path) -> None:
    trained(RECIPE, Site())
    assert list(tmp_path.iterdir()) == []


def test_the_members_table_has_a_row_a_member() -> None:
    table = members_table(RECIPE, trained(RECIPE, Site()))
    assert table.columns.tolist() == ["member", "seed", "status", "loss", "steps", "kept_at", "last_loss"]
    assert table.seed.tolist() == [0, 1, 2]
