"""Objectives, schedules and precisions: penalties in closed form, and members that do not depend on each other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from landscape.choices import OBJECTIVES, RATE_SCHEDULES
from landscape.data import DataSpec, load_data
from landscape.ensemble import Checkpoint, FitSpec, Fitted, build, fit
from landscape.ensemble.ensemble import views
from landscape.ensemble.objective import _change_on_repeat, _squared_slope, prepare
from landscape.nets import MLP
from landscape.training import Recipe

LINEAR = MLP(hidden=0, output="linear")
FIT = sys.modules["landscape.ensemble.fitting"]


def run(seeds: tuple[int, ...], net: MLP | None = None, **options: object) -> Fitted:
    net, points = net or MLP(2, 7), load_data(DataSpec("uniform", 9, 2), seeds).points
    return fit(build(net, 2, seeds), points, seeds=seeds, **({"steps": 60, "batch": 4} | options))


def train_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALONE_BYTES", "CACHE_BYTES"):
        monkeypatch.setattr(f"landscape.ensemble.block_size.{name}", 0)


def test_schedules_fall_from_the_rate_to_nothing() -> None:
    rates = {name: [FitSpec(steps=4, lr=2.0, schedule=name).rate(step) for step in range(5)] for name in RATE_SCHEDULES}
    assert rates["constant"] == [2.0] * 5
    assert rates["linear"] == pytest.approx([2, 1.5, 1, 0.5, 0])
    assert rates["cosine"] == pytest.approx([2, 1 + 0.5**0.5, 1, 1 - 0.5**0.5, 0])


def test_the_keys_of_plain_trainings_change_only_with_the_version() -> None:
    data, seeds = DataSpec("uniform", count=4, dim=2), tuple(range(30))
    first = FitSpec(steps=10_000, lr=1e-3, batch=1000, stop=False)
    assert Recipe(MLP(hidden=6, width=50), data, first, seeds).key == "b17c6b62c71966e3"
    assert first.spec() == FitSpec(steps=10_000, batch=1000, stop=False, strength=5.0).spec()  # plain: no strength
    changed = [{"keep": "last"}, {"schedule": "cosine"}, {"objective": "denoising"}, {"precision": "bfloat16"}]
    changed += [{"objective": "contractive", "strength": strength} for strength in (0.1, 0.2)]
    assert len({Recipe(MLP(), data, FitSpec(**one), seeds).key for one in [{}, *changed]}) == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"keep": "worst"},
        {"schedule": "cosin"},
        {"objective": "lazy"},
        {"precision": "half"},
        {"strength": -1.0},
        {"batch": 0},
    ],
)
def test_values_outside_the_choices_are_refused(wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=f"`{name}`"):
        FitSpec(**wrong)


def test_the_contractive_penalty_is_the_squared_jacobian() -> None:
    weight = torch.randn(3, 2, 2, generator=torch.Generator().manual_seed(0))
    points = torch.zeros(3, 40_000, 2)
    directions = torch.randn(points.shape, generator=torch.Generator().manual_seed(1))
    with torch.enable_grad():
        found = _squared_slope(lambda x: torch.bmm(x, weight), points, directions)
    torch.testing.assert_close(found.detach(), weight.square().sum((1, 2)) / 2, rtol=0.03, atol=0)


def test_the_idempotent_penalty_is_none_for_a_projection() -> None:
    points = torch.randn(3, 50, 2)
    assert torch.equal(_change_on_repeat(lambda x: x.clamp(0, 1), points), torch.zeros(3))
    torch.testing.assert_close(_change_on_repeat(lambda x: x / 2, points), points.square().mean((1, 2)) / 16)


def test_denoising_asks_the_noisy_point_for_the_clean_one() -> None:
    ensemble, points = build(LINEAR, 2, (0, 1, 2)), torch.rand(3, 5, 2)
    noise = torch.randn(3, 5, 2)
    flat = torch.zeros_like(ensemble.flat)
    how = FitSpec(objective="denoising", strength=0.3)
    step = prepare(how, LINEAR, ensemble.parameters, points, views(LINEAR, 2, flat), lambda _: noise)
    torch.testing.assert_close(step(), (ensemble(points + 0.3 * noise) - points).square().mean((1, 2)))
    assert flat.abs().max() > 0


def test_each_penalty_is_lower_where_it_is_asked_for() -> None:
    def slopes(fitted: Fitted) -> float:
        points = torch.rand(8, 200, 2, generator=torch.Generator().manual_seed(3))
        with torch.enable_grad():
            return float(_squared_slope(fitted.ensemble, points, torch.ones_like(points)).mean().detach())

    def repeats(fitted: Fitted) -> float:
        points = torch.rand(8, 200, 2, generator=torch.Generator().manual_seed(3))
        return float(_change_on_repeat(fitted.ensemble, points).mean())

    seeds, long = tuple(range(8)), {"steps": 400, "lr": 5e-3, "stop": False}
    plain = run(seeds, **long)
    assert slopes(run(seeds, objective="contractive", strength=0.1, **long)) < 0.5 * slopes(plain)
    assert slopes(run(seeds, objective="denoising", strength=0.5, **long)) < 0.5 * slopes(plain)
    assert repeats(run(seeds, objective="idempotent", strength=10.0, **long)) < 0.8 * repeats(plain)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("alone", [False, True])
def test_members_do_not_depend_on_each_other(objective: str, alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if alone:
        train_alone(monkeypatch)
    together = run((5, 6, 7, 8, 9), objective=objective, schedule="cosine")
    for place, seed in enumerate((5, 6, 7, 8, 9)):
        single = run((seed,), objective=objective, schedule="cosine")
        assert torch.equal(single.ensemble.flat[0], together.ensemble.flat[place])


def test_large_members_are_trained_alone_to_the_same_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    stacked = run((0, 1, 2), steps=300)
    train_alone(monkeypatch)
    one_by_one = run((0, 1, 2), steps=300, cores=2)
    torch.testing.assert_close(one_by_one.losses, stacked.losses, rtol=1e-3, atol=1e-6)
    assert FIT.members_per_block(build(MLP(2, 7), 2, [0]), 9) == 1
    monkeypatch.undo()
    assert FIT.members_per_block(build(MLP(10, 500), 784, [0]), 1000) == 1


@pytest.mark.parametrize("options", [{"objective": "denoising", "batch": None}, {"objective": "idempotent"}])
def test_a_killed_training_with_noise_resumes_to_the_same_bits(
    options: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run((0, 1, 2), steps=320, **options)
    monkeypatch.setattr(FIT, "PROGRESS_SECONDS", 0.0)
    path = tmp_path / "fit.checkpoint"
    calls = []

    def stop(*now: float) -> None:
        calls.append(now)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run((0, 1, 2), steps=320, checkpoint=Checkpoint(path, "key", seconds=0.0), progress=stop, **options)
    resumed = run((0, 1, 2), steps=320, checkpoint=Checkpoint(path, "key", seconds=0.0), **options)
    assert torch.equal(whole.ensemble.flat, resumed.ensemble.flat)


def test_bfloat16_trains_to_a_like_loss_with_weights_in_float32() -> None:
    exact, rough = (run((0, 1, 2, 3), steps=300, precision=name) for name in ("float32", "bfloat16"))
    assert rough.ensemble.flat.dtype == torch.float32
    assert not torch.equal(rough.ensemble.flat, exact.ensemble.flat)
    torch.testing.assert_close(rough.losses.mean(), exact.losses.mean(), rtol=0.2, atol=0)


def test_progress_reports_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FIT, "PROGRESS_SECONDS", 0.0)
    seen: list[tuple[float, ...]] = []
    run((0, 1, 2), steps=301, progress=lambda *now: seen.append(now))
    assert [now[0] for now in seen] == [0, 300, 600, 900]
    assert seen[-1][3] < seen[0][3]
