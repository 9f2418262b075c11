"""More members of the same cost only the difference: entries that are made of several, to the same bits as one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from landscape import entries, model_store, training
from landscape.data import DataSpec
from landscape.ensemble import Checkpoint, Fitted
from landscape.nets import MLP
from landscape.notes import Note
from landscape.training import FitSpec, Recipe, Site, lacking, stored, stored_recipe, trained

PLAIN = Recipe(MLP(1, 5), DataSpec("uniform", count=6, dim=2), FitSpec(steps=30), tuple(range(20)))
RECIPES = {
    "plain": PLAIN,
    "minibatches": replace(PLAIN, fit=FitSpec(steps=30, batch=4)),
    "own images": replace(PLAIN, data=DataSpec("digits", count=5, drawn=True)),
    "snapshots": replace(PLAIN, fit=FitSpec(steps=30, snapshots=(0, 7, 30))),
    "early stops": replace(PLAIN, fit=FitSpec(steps=300, lr=1e-2, tol=2e-2)),
    "noise": replace(PLAIN, fit=FitSpec(steps=30, objective="denoising", optimizer="sgd")),
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The seeds of each training."""
    seeds: list[tuple[int, ...]] = []
    fit = training.fit

    def counting(*given: Any, **options: Any) -> Fitted:
        seeds.append(tuple(options["seeds"]))
        return fit(*given, **options)

    monkeypatch.setattr(training, "fit", counting)
    return seeds


def with_seeds(recipe: Recipe, *seeds: int) -> Recipe:
    return replace(recipe, seeds=seeds)


def assert_equal(found: Fitted, expected: Fitted) -> None:
    for name in entries.MEMBER_NUMBERS:
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), rtol=0, atol=0, equal_nan=True)
    assert torch.equal(found.ensemble.flat, expected.ensemble.flat)
    assert found.status == expected.status
    assert found.curves.equals(expected.curves)
    assert [step for step, _ in found.snapshots] == [step for step, _ in expected.snapshots]
    for (_, one), (_, other) in zip(found.snapshots, expected.snapshots, strict=True):
        assert torch.equal(one.flat, other.flat)


@pytest.mark.parametrize("name", RECIPES)
def test_fifty_after_twenty_trains_thirty_and_equals_fifty_at_once(
    tmp_path: Path, counted: list[tuple[int, ...]], name: str
) -> None:
    few = RECIPES[name]
    many, at_once = replace(few, seeds=tuple(range(50))), Site(models=tmp_path / "once")
    trained(few, Site(models=tmp_path))
    left = lacking(many, tmp_path)
    assert left
    assert left.seeds == tuple(range(20, 50))
    found = trained(many, Site(models=tmp_path))
    assert counted == [few.seeds, tuple(range(20, 50))]
    assert lacking(many, tmp_path) is None
    expected = trained(many, at_once)
    assert_equal(found, expected)
    again = stored(many, tmp_path)
    assert again
    assert_equal(again, expected)
    assert stored_recipe(many.key, tmp_path) == many
    assert sum(path.stat().st_size for path in (tmp_path / many.key).iterdir()) < 10_000  # nothing is stored twice
    assert len(counted) == 3


def test_members_come_from_several_entries_in_the_order_of_the_seeds(
    tmp_path: Path, counted: list[tuple[int, ...]]
) -> None:
    site = Site(models=tmp_path)
    for seeds in ((3, 4, 5), (9, 1), (4,)):
        trained(with_seeds(PLAIN, *seeds), site)
    assert counted == [(3, 4, 5), (9, 1)]  # 4 was there
    mixed = with_seeds(PLAIN, 9, 7, 3, 5, 1)
    found = trained(mixed, site)
    assert counted[2:] == [(7,)]
    assert_equal(found, trained(mixed, Site()))
    part = with_seeds(PLAIN, 7, 9)  # of an entry that is made of others: from these
    assert_equal(trained(part, site), trained(part, Site()))
    assert counted[4:] == [(7, 9)]  # without a store
    assert sorted(entries.pieces_of(tmp_path, part.key)) == sorted(
        one.key for one in (with_seeds(PLAIN, 9, 1), with_seeds(PLAIN, 7))
    )


def test_networks_with_snapshots_are_the_stores(tmp_path: Path) -> None:
    recipe = replace(RECIPES["snapshots"], seeds=(0, 1))
    trained(recipe, Site(models=tmp_path))
    names = {path.name for path in model_store.files_of(tmp_path, recipe.key)}
    assert names == {"spec.json", "weights.safetensors", "losses.parquet", "snapshots.safetensors"}


def test_another_recipe_has_no_members_to_give(tmp_path: Path, counted: list[tuple[int, ...]]) -> None:
    site, few = Site(models=tmp_path), with_seeds(PLAIN, 0, 1)
    trained(few, site)
    for other in (
        replace(few, fit=FitSpec(steps=31)),
        replace(few, net=MLP(1, 6)),
        replace(few, data=DataSpec("uniform", count=7, dim=2)),
    ):
        trained(replace(other, seeds=(0, 1, 2)), site)
    assert counted == [(0, 1), *[(0, 1, 2)] * 3]


@pytest.mark.parametrize("gone", [True, False])
def test_a_piece_that_is_lost_or_altered_is_trained_again_alone(
    tmp_path: Path, counted: list[tuple[int, ...]], gone: bool
) -> None:
    site, few, many = Site(models=tmp_path), with_seeds(PLAIN, 0, 1), with_seeds(PLAIN, 0, 1, 2)
    trained(few, site)
    expected = trained(many, site)
    if gone:
        shutil.rmtree(tmp_path / few.key)
    else:
        (tmp_path / few.key / "weights.safetensors").write_bytes(b"tampered")
    assert stored(many, tmp_path) is None
    with pytest.warns(Note, match="were altered"):
        assert_equal(trained(many, site), expected)
    assert counted == [(0, 1), (2,), (0, 1)]
    assert_equal(trained(many, site), expected)


def test_a_list_of_pieces_that_was_altered_is_seen(tmp_path: Path) -> None:
    site, few, many = Site(models=tmp_path), with_seeds(PLAIN, 0, 1), with_seeds(PLAIN, 0, 1, 2)
    trained(few, site)
    expected = trained(many, site)
    path = tmp_path / many.key / "spec.json"
    good = json.loads(path.read_text())
    for pieces in (good["pieces"][:1], [[few.key, [0, 1, 2]]], [["../x", [0]]]):
        spec = {name: value for name, value in good.items() if name != "sha256"} | {"pieces": pieces}
        path.write_text(json.dumps(spec | {"sha256": entries._digest_of(spec)}))
        assert stored(many, tmp_path) is None
        with pytest.warns(Note, match="were altered"):
            assert_equal(trained(many, site), expected)


def test_a_training_that_was_stopped_goes_on_where_it_was(tmp_path: Path, counted: list[tuple[int, ...]]) -> None:
    few, many = with_seeds(PLAIN, 0, 1), with_seeds(PLAIN, 0, 1, 2)
    trained(few, Site(models=tmp_path))
    Checkpoint(tmp_path / f"{many.key}.checkpoint", many.key).save({}, {})
    assert lacking(many, tmp_path) == many
    with pytest.warns(Note, match="training starts from the beginning"):  # this one is empty
        trained(many, Site(models=tmp_path))
    assert counted == [(0, 1), (0, 1, 2)]


LONGER = {name: recipe for name, recipe in RECIPES.items() if name != "snapshots"}


def steps_of(recipe: Recipe, steps: int) -> Recipe:
    return replace(recipe, fit=replace(recipe.fit, steps=steps))


@pytest.mark.parametrize("kind", LONGER)
def test_a_longer_training_goes_on_from_the_longest_shorter_one(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, site = LONGER[kind], Site(models=tmp_path)
    steps = recipe.fit.steps
    for short in (steps - 9, steps):
        trained(steps_of(recipe, short), site)
    longer, begun = steps_of(recipe, steps + 25), list[int]()
    assert lacking(longer, tmp_path) == steps_of(recipe, 25)
    fit = training.fit

    def fitting(*given: Any, **options: Any) -> Fitted:
        begun.extend(state["step"] for state in options["begin"].state["blocks"])
        return fit(*given, **options)

    monkeypatch.setattr(training, "fit", fitting)
    found = trained(longer, site)
    assert set(begun) <= {steps}
    monkeypatch.setattr(training, "fit", fit)
    assert_equal(found, trained(longer, Site()))
    assert_equal(trained(longer, site), found)


def test_an_altered_end_is_not_gone_on_from(tmp_path: Path) -> None:
    trained(PLAIN, Site(models=tmp_path))
    file = tmp_path / PLAIN.key / entries.END
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    longer = steps_of(PLAIN, 50)
    with pytest.warns(Note, match="training starts from the beginning"):
        found = trained(longer, Site(models=tmp_path))
    assert_equal(found, trained(longer, Site()))


def test_a_training_whose_rate_falls_starts_anew(tmp_path: Path) -> None:
    falling = replace(PLAIN, fit=FitSpec(steps=30, schedule="cosine"))
    trained(falling, Site(models=tmp_path))
    assert not (tmp_path / falling.key / entries.END).exists()
    assert lacking(steps_of(falling, 50), tmp_path) == steps_of(falling, 50)
