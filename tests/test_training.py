"""The model store: one training per recipe, verified when read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from landscape import training
from landscape.data import DataSpec
from landscape.nets import MLP
from landscape.training import FitSpec, Recipe, Site, members_table, trained

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
        "losses.parquet",
        "spec.json",
        "weights.safetensors",
    ]


@pytest.mark.parametrize("file", ["spec.json", "weights.safetensors", "losses.parquet"])
def test_a_damaged_entry_is_trained_anew(tmp_path: Path, file: str) -> None:
    site = Site(models=tmp_path)
    first = trained(RECIPE, site)
    damaged = tmp_path / RECIPE.key / file
    damaged.write_bytes(damaged.read_bytes()[:-9] + b"tampered!")
    assert torch.equal(first.ensemble.flat, trained(RECIPE, site).ensemble.flat)
    assert trained(RECIPE, site).losses.isfinite().all()


def test_the_key_depends_on_every_part_of_the_recipe() -> None:
    others = [
        Recipe(MLP(2, 5), RECIPE.data, RECIPE.fit, RECIPE.seeds),
        Recipe(RECIPE.net, DataSpec("one-point"), RECIPE.fit, RECIPE.seeds),
        Recipe(RECIPE.net, RECIPE.data, FitSpec(steps=31), RECIPE.seeds),
        Recipe(RECIPE.net, RECIPE.data, RECIPE.fit, (0, 1, 3)),
    ]
    assert len({RECIPE.key, *(other.key for other in others)}) == 5


def test_without_a_store_nothing_is_written(tmp_path: Path) -> None:
    trained(RECIPE, Site())
    assert list(tmp_path.iterdir()) == []


def test_the_members_table_has_a_row_a_member() -> None:
    table = members_table(RECIPE, trained(RECIPE, Site()))
    assert table.columns.tolist() == ["member", "seed", "status", "loss", "steps"]
    assert table.seed.tolist() == [0, 1, 2]
