"""Snapshots of a training: the weights at given steps, which change neither the training nor the keys of other recipes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from landscape import training
from landscape.data import DataSpec, load_data
from landscape.ensemble import Checkpoint, Fitted, build, fit
from landscape.nets import MLP
from landscape.notes import Note
from landscape.training import FitSpec, Recipe, Site, stored, stored_recipe, trained

STEPS = (0, 1, 7, 100, 120)
DATA = DataSpec("tanh-four")
RECIPE = Recipe(MLP(1, 5), DataSpec("two-points"), FitSpec(steps=30, snapshots=(0, 3, 30)), (0, 1, 2))
SETTINGS = {"all points": None, "minibatches": 2}


def run(seeds: tuple[int, ...], **options: object) -> Fitted:
    points = load_data(DATA, seeds).points
    settings: dict[str, object] = {"steps": 120, "lr": 3e-3, "stop": False} | options
    net = build(MLP(3, 10, output="tanh"), points.shape[2], seeds)
    return fit(net, points, seeds=seeds, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_snapshot_is_what_a_training_of_so_many_steps_ends_with(setting: str) -> None:
    seeds, batch = tuple(range(5)), SETTINGS[setting]
    found = run(seeds, batch=batch, snapshots=STEPS)
    assert [step for step, _ in found.snapshots] == list(STEPS)
    untrained = build(MLP(3, 10, output="tanh"), found.ensemble.dim, seeds)
    assert torch.equal(found.snapshots[0][1].flat, untrained.flat)
    for step, ensemble in found.snapshots[1:]:
        assert torch.equal(ensemble.flat, run(seeds, batch=batch, steps=step, keep="last").ensemble.flat)


def test_snapshots_do_not_change_the_training() -> None:
    with_them, without = run((3, 1, 4), snapshots=STEPS), run((3, 1, 4))
    assert torch.equal(with_them.ensemble.flat, without.ensemble.flat)
    assert with_them.curves.equals(without.curves)
    assert without.snapshots == ()


def test_a_member_that_stops_keeps_its_last_weights_while_the_others_go_on() -> None:
    found = run(tuple(range(9)), tol=1e-3, stop=True, steps=450, lr=1e-2, keep="last", snapshots=(0, 10, 450))
    stopped = found.steps < 450
    assert stopped.any()
    assert not stopped.all()
    assert torch.equal(found.snapshots[-1][1].flat, found.ensemble.flat)  # with `keep` last
    alone = run((3,), tol=1e-3, stop=True, steps=450, lr=1e-2, keep="last", snapshots=(0, 10, 450))
    for (_, crowd), (_, one) in zip(found.snapshots, alone.snapshots, strict=True):
        assert torch.equal(crowd.flat[3], one.flat[0])


class Killed(Exception):
    pass


def test_snapshots_survive_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["landscape.ensemble.fitting"], "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(sys.modules["landscape.ensemble.fitting"], "members_per_block", lambda *_: 4)
    whole = run(tuple(range(7)), snapshots=STEPS)

    def kill(done: int, *_: int) -> None:
        if done > 5 * 120:  # in the second block
            raise Killed

    def checkpoint() -> Checkpoint:
        return Checkpoint(tmp_path / "fit.checkpoint", "the key", seconds=0.0)

    with pytest.raises(Killed):
        run(tuple(range(7)), snapshots=STEPS, checkpoint=checkpoint(), progress=kill)
    assert (tmp_path / "fit.checkpoint").exists()
    resumed = run(tuple(range(7)), snapshots=STEPS, checkpoint=checkpoint())
    for (step, one), (other, two) in zip(whole.snapshots, resumed.snapshots, strict=True):
        assert step == other
        assert torch.equal(one.flat, two.flat)


@pytest.mark.parametrize("wrong", [(3, 1), (2, 2), (-1,), (0, 31)])
def test_steps_that_are_not_ascending_or_beyond_the_training_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="`snapshots` must be different steps from 0 to 30, ascending; got"):
        FitSpec(steps=30, snapshots=wrong)


def test_only_recipes_with_snapshots_have_another_key() -> None:
    plain = replace(RECIPE, fit=FitSpec(steps=30))
    assert "snapshots" not in plain.spec()["fit"]
    assert len({plain.key, RECIPE.key, replace(RECIPE, fit=FitSpec(steps=30, snapshots=(0,))).key}) == 3
    assert Recipe.of(RECIPE.spec()) == RECIPE


def test_the_store_keeps_snapshots_and_sees_when_they_are_altered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(RECIPE, Site(models=tmp_path))
    file = tmp_path / RECIPE.key / "snapshots.safetensors"
    found = stored(RECIPE, tmp_path)
    assert found is not None
    assert stored_recipe(RECIPE.key, tmp_path) == RECIPE
    for (step, one), (other, two) in zip(first.snapshots, found.snapshots, strict=True):
        assert step == other
        assert torch.equal(one.flat, two.flat)
    whole = file.read_bytes()
    for worse in (whole[:-1] + b"!", whole[:20], b""):
        file.write_bytes(worse)
        assert stored(RECIPE, tmp_path) is None
    file.unlink()
    with pytest.warns(Note, match="were altered .*: they are trained again"):
        trained(RECIPE, Site(models=tmp_path))
    monkeypatch.setattr(training, "fit", None)  # a further training would fail
    assert len(trained(RECIPE, Site(models=tmp_path)).snapshots) == 3
