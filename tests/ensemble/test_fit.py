"""Training: a member does not depend on the others, stops when it has converged, and survives a kill."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from landscape.data import Dataset, DataSpec, load_data
from landscape.ensemble import Checkpoint, Fitted, build, fit, members_per_block
from landscape.nets import MLP, NETS, make_net
from landscape.notes import Note

ODD = DataSpec("uniform", 3, 35)  # images of 5 × 7: nothing fills a cache line
NARROW = dict.fromkeys(("cnn", "cnn-bottleneck", "unet", "transformer"), 5)
NEWER = {
    f"{kind}, {activation}": (
        make_net(kind, (5, 7), hidden=3, width=NARROW.get(kind, 37), activation=activation),
        ODD,
        None,
    )
    for kind in NETS
    if kind != "mlp"
    for activation in ("relu", "tanh" if kind == "injective" else "sine")
}
SETTINGS = {
    "one point in 16 dimensions": (MLP(2, 50), DataSpec("uniform", 1, 16), None),
    "the paper's line": (MLP(6, 5), DataSpec("two-points"), None),
    "tanh": (MLP(3, 10, output="tanh"), DataSpec("tanh-four"), None),
    "minibatches": (MLP(2, 50), DataSpec("uniform", 30, 4), 8),
    "single-point batches": (MLP(2, 13), DataSpec("uniform", 3, 4), 1),
    "shared images in minibatches": (MLP(1, 20), DataSpec("digits", 23), 10),
    "autograd": (MLP(2, 11, "gelu"), DataSpec("four-points"), None),
}


def run(net: MLP, data: DataSpec, batch: int | None, seeds: tuple[int, ...], **options: object) -> Fitted:
    points = load_data(data, seeds).points
    settings: dict[str, object] = {"steps": 120, "lr": 3e-3, "tol": 1e-4} | options
    return fit(build(net, points.shape[2], seeds), points, seeds=seeds, batch=batch, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", NEWER)
def test_a_member_of_any_architecture_does_not_depend_on_the_other_members(setting: str) -> None:
    net, data, batch = NEWER[setting]
    assert not net.alone(35, 3)
    crowd, alone, three = (run(net, data, batch, seeds, steps=5) for seeds in (tuple(range(17)), (3,), (5, 3, 9)))
    assert torch.equal(crowd.ensemble.flat[3], alone.ensemble.flat[0])
    assert torch.equal(crowd.ensemble.flat[[5, 3, 9]], three.ensemble.flat)


def test_networks_that_gain_nothing_from_stacking_are_trained_one_by_one() -> None:
    net = make_net("cnn", (8, 8), hidden=2, width=32)
    large, small = (members_per_block(build(net, 64, [0]), count) for count in (100, 3))
    assert (large, small % 4) == (1, 0)
    crowd, alone = (run(net, DataSpec("digits", 100), None, seeds, steps=2) for seeds in ((5, 3, 9), (3,)))
    assert torch.equal(crowd.ensemble.flat[1], alone.ensemble.flat[0])


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_member_does_not_depend_on_the_other_members_to_the_last_bit(setting: str) -> None:
    net, data, batch = SETTINGS[setting]
    crowd = run(net, data, batch, tuple(range(17)))
    alone, three = run(net, data, batch, (3,)), run(net, data, batch, (5, 3, 9))
    assert torch.equal(crowd.ensemble.flat[3], alone.ensemble.flat[0])
    assert torch.equal(crowd.ensemble.flat[[5, 3, 9]], three.ensemble.flat)
    for name in ("losses", "kept_at", "steps", "last_losses"):
        assert torch.equal(getattr(crowd, name)[[3]], getattr(alone, name))
        assert torch.equal(getattr(crowd, name)[[5, 3, 9]], getattr(three, name))


def test_members_leave_at_different_steps_and_the_rest_go_on_unchanged() -> None:
    net, data, batch = SETTINGS["the paper's line"]
    crowd = run(net, data, batch, tuple(range(17)), steps=900, tol=1e-5)
    assert len(set(crowd.steps.tolist())) > 3
    last = int(crowd.steps.argmax())
    assert torch.equal(crowd.ensemble.flat[last], run(net, data, batch, (last,), steps=900, tol=1e-5).ensemble.flat[0])


def test_ensemble_equals_a_plain_loop_of_torch_modules() -> None:
    points, seeds = load_data(DataSpec("four-points"), (0, 1, 2)).points, (0, 1, 2)
    fitted = fit(build(MLP(2, 13), 2, seeds), points, seeds=seeds, steps=50, stop=False)
    for member, seed in enumerate(seeds):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(2, 13), torch.nn.ReLU(), torch.nn.Linear(13, 13), torch.nn.ReLU()]
        module = torch.nn.Sequential(*layers, torch.nn.Linear(13, 2), torch.nn.Sigmoid())
        optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)
        for _ in range(50):
            optimiser.zero_grad()
            loss = (module(points[member]) - points[member]).square().mean()
            loss.backward()
            optimiser.step()
        expected = (module(points[member]) - points[member]).square().mean()
        torch.testing.assert_close(fitted.losses[member], expected.detach(), rtol=1e-3, atol=1e-7)


def test_a_converged_member_stops_within_the_tolerance() -> None:
    fitted = run(*SETTINGS["one point in 16 dimensions"], tuple(range(5)), steps=2000, tol=1e-6)
    assert fitted.status == ("converged",) * 5
    assert bool((fitted.losses <= 1e-6).all())
    assert bool((fitted.steps < 2000).all())
    whole = run(*SETTINGS["one point in 16 dimensions"], tuple(range(5)), steps=300, tol=1e-6, stop=False)
    assert whole.steps.tolist() == [300] * 5


def test_a_member_that_is_not_finite_is_set_aside_as_diverged() -> None:
    points = load_data(DataSpec("four-points"), range(5)).points
    ensemble = build(MLP(1, 7), 2, range(5))
    ensemble.flat[2, 0] = torch.nan
    fitted = fit(ensemble, points, seeds=range(5), steps=20)
    assert fitted.status[2] == "diverged"
    assert "diverged" not in fitted.status[:2] + fitted.status[3:]
    assert fitted.steps.tolist() == [20, 20, 0, 20, 20]


def test_the_callers_ensemble_and_the_global_generator_are_untouched() -> None:
    points, ensemble = load_data(DataSpec("uniform", 7, 2), (0, 1)).points, build(MLP(1, 5), 2, (0, 1))
    before, state = ensemble.flat.clone(), torch.get_rng_state()
    fit(ensemble, points, seeds=(0, 1), steps=5, batch=3)
    assert torch.equal(ensemble.flat, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_curves_are_thinned_and_end_at_the_final_loss() -> None:
    fitted = run(*SETTINGS["minibatches"], (0, 1, 2), steps=500, stop=False)
    curve = fitted.curves[fitted.curves.member == 1]
    assert curve.step.is_monotonic_increasing
    assert len(curve) <= 63
    assert curve.iloc[-1].step == 500
    assert curve.iloc[-1].loss == pytest.approx(float(fitted.last_losses[1]))


class Killed(Exception):
    pass


@pytest.mark.parametrize("setting", ["minibatches", "the paper's line", "shared images in minibatches"])
def test_a_killed_training_resumes_to_the_same_bits(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = tuple(range(11))
    whole = run(*SETTINGS[setting], seeds, steps=450)
    monkeypatch.setattr(sys.modules["landscape.ensemble.fitting"], "PROGRESS_SECONDS", 0.0)
    calls = 0

    def kill(*_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise Killed

    def checkpoint() -> Checkpoint:
        return Checkpoint(tmp_path / "fit.checkpoint", "the key", seconds=0.0)

    with pytest.raises(Killed):
        run(*SETTINGS[setting], seeds, steps=450, checkpoint=checkpoint(), progress=kill)
    assert (tmp_path / "fit.checkpoint").exists()
    seen: list[int] = []
    resumed = run(
        *SETTINGS[setting], seeds, steps=450, checkpoint=checkpoint(), progress=lambda *now: seen.append(now[0])
    )
    assert seen[0] > 0  # it went on, and did not begin again
    assert torch.equal(whole.ensemble.flat, resumed.ensemble.flat)
    for name in ("losses", "kept_at", "steps", "last_losses"):
        assert torch.equal(getattr(whole, name), getattr(resumed, name))
    assert whole.status == resumed.status
    assert whole.curves.equals(resumed.curves)
    assert not (tmp_path / "fit.checkpoint").exists()


def test_a_resumed_training_keeps_the_blocks_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, setting, seeds = sys.modules["landscape.ensemble.fitting"], SETTINGS["tanh"], tuple(range(11))
    whole = run(*setting, seeds, stop=False)
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(module, "members_per_block", lambda *_: 4)

    def kill(done: int, *_: int) -> None:
        if done > 5 * 120:  # in the second block
            raise Killed

    def checkpoint() -> Checkpoint:
        return Checkpoint(tmp_path / "fit.checkpoint", "the key", seconds=0.0)

    with pytest.raises(Killed):
        run(*setting, seeds, stop=False, checkpoint=checkpoint(), progress=kill)
    monkeypatch.setattr(module, "members_per_block", lambda *_: 8)
    resumed = run(*setting, seeds, stop=False, checkpoint=checkpoint())
    assert torch.equal(whole.ensemble.flat, resumed.ensemble.flat)
    assert resumed.steps.tolist() == [120] * 11


def refused(path: Path, key: str = "one") -> None:
    with pytest.warns(Note, match="cannot be used .*: training starts from the beginning"):
        assert Checkpoint(path, key).load() is None


def test_a_foreign_or_damaged_checkpoint_is_ignored_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.checkpoint"
    assert Checkpoint(path, "one").load() is None
    Checkpoint(path, "one").save({"x": torch.ones(3)}, {"step": 1})
    tensors, state = Checkpoint(path, "one").load() or ({}, {})
    assert torch.equal(tensors.pop("x"), torch.ones(3))
    assert (tensors, state) == ({}, {"step": 1})
    refused(path, "other")
    whole = path.read_bytes()
    for content in (whole[:20], b"", whole + b"0", bytes(len(whole))):
        path.write_bytes(content)
        refused(path)
    path.unlink()
    path.mkdir()
    refused(path)


def test_every_flipped_bit_of_a_checkpoint_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.checkpoint"
    Checkpoint(path, "one").save({"x": torch.ones(3)}, {"step": 1})
    whole = path.read_bytes()
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        refused(path)


@pytest.mark.parametrize(
    "change",
    [
        {"flat": torch.zeros(4, 3)},
        {"rows": torch.tensor([90, 91])},
        {"final.flat": torch.zeros(2, 2)},
        {"lowest.losses": torch.zeros(8, dtype=torch.float64)},
        {"exp_avg": None},
    ],
    ids=str,
)
def test_a_checkpoint_that_does_not_fit_the_training_is_not_taken_up(
    change: dict[str, torch.Tensor | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, seeds = SETTINGS["the paper's line"], tuple(range(6))
    whole = run(*setting, seeds)
    saved: list[tuple[dict[str, torch.Tensor], dict[str, object]]] = []
    recorder = Checkpoint(tmp_path / "fit.checkpoint", "the key", seconds=0.0)
    monkeypatch.setattr(recorder, "save", lambda *state: saved.append(state))
    run(*setting, seeds, checkpoint=recorder)
    tensors, state = saved[3]
    changed = {name: value for name, value in (tensors | change).items() if value is not None}
    checkpoint = Checkpoint(tmp_path / "fit.checkpoint", "the key")
    checkpoint.save(changed, state)
    with pytest.warns(Note, match="cannot be used"):
        again = run(*setting, seeds, checkpoint=checkpoint)
    assert torch.equal(again.ensemble.flat, whole.ensemble.flat)
    assert torch.equal(again.losses, whole.losses)


def test_blocks_are_multiples_of_four_and_shrink_with_the_data() -> None:
    small, large = (members_per_block(build(MLP(2, 50), 16, [0]), count) for count in (4, 2048))
    assert small % 4 == large % 4 == 0
    assert small > large >= 4


def test_steps_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="`steps` and `batch` must be at least 1; got steps 0"):
        run(*SETTINGS["tanh"], (0,), steps=0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_training_on_a_gpu_reaches_the_same_kind_of_net() -> None:
    data: Dataset = load_data(DataSpec("four-points"), range(64))
    on_gpu = fit(build(MLP(2, 50), 2, range(64), "cuda"), data.points.cuda(), seeds=range(64), steps=1500)
    on_cpu = fit(build(MLP(2, 50), 2, range(64)), data.points, seeds=range(64), steps=1500)
    assert on_gpu.status.count("converged") == pytest.approx(on_cpu.status.count("converged"), abs=3)
    assert float(on_gpu.steps.float().mean()) == pytest.approx(float(on_cpu.steps.float().mean()), rel=0.1)
