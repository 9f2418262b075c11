"""A longer training goes on from the end of a shorter one, to the same bits as one without the pause."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
import torch

from landscape.data import DataSpec, dimension, load_data
from landscape.ensemble import Checkpoint, FitSpec, Fitted, build, fit, fitting
from landscape.nets import MLP

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "converged": {"tol": 1e-3, "lr": 0.01},
    "all steps, last weights": {"stop": False, "keep": "last"},
    "minibatches": {"batch": 3},
    "noise": {"objective": "denoising"},
    "sgd": {"optimizer": "sgd", "lr": 0.1, "weight_decay": 1e-4},
    "contractive": {"objective": "contractive"},
}
SEEDS, SHORT, LONG = tuple(range(9)), 137, 420
DATA = DataSpec("uniform", 7, 2)


def trained(steps: int, **settings: Any) -> Fitted:
    how = FitSpec(steps=steps, **{name: one for name, one in settings.items() if name in asdict(FitSpec())})
    more = {name: one for name, one in settings.items() if name not in asdict(FitSpec())}
    net = MLP(hidden=2, width=5)
    points = load_data(DATA, SEEDS).points
    return fit(build(net, dimension(DATA), SEEDS), points, seeds=SEEDS, **asdict(how), **more)


def assert_same(one: Fitted, two: Fitted) -> None:
    assert torch.equal(one.ensemble.flat, two.ensemble.flat)
    for name in ("losses", "kept_at", "steps", "last_losses"):
        assert torch.equal(getattr(one, name).nan_to_num(-1), getattr(two, name).nan_to_num(-1)), name
    assert one.status == two.status
    assert one.curves.equals(two.curves)


@pytest.mark.parametrize("blocks", ["one block", "several blocks"])
@pytest.mark.parametrize("way", WAYS)
def test_training_goes_on_as_if_it_had_not_ended(way: str, blocks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if blocks == "several blocks":
        monkeypatch.setattr(fitting, "members_per_block", lambda *_: 4)
    short = trained(SHORT, **WAYS[way])
    whole, steps = trained(LONG, **WAYS[way]), list[int]()
    longer = trained(LONG, **WAYS[way], begin=short.end)
    assert_same(longer, whole)
    again = trained(LONG + 50, **WAYS[way], begin=longer.end, progress=lambda done, *_: steps.append(done))
    assert_same(again, trained(LONG + 50, **WAYS[way]))
    assert all(done >= LONG for done in steps)  # nothing is done twice


def test_training_that_goes_on_is_resumed_where_it_was_killed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "members_per_block", lambda *_: 4)
    short = trained(SHORT)
    checkpoint = Checkpoint(tmp_path / "checkpoint", "key", seconds=0.0)

    class Killed(Exception):
        pass

    def kill(done: int, *_: Any) -> None:
        if done > 6 * LONG:
            raise Killed

    monkeypatch.setattr(fitting, "PROGRESS_SECONDS", 0.0)
    with pytest.raises(Killed):
        trained(LONG, begin=short.end, checkpoint=checkpoint, progress=kill)
    assert checkpoint.path.exists()
    resumed = trained(LONG, begin=short.end, checkpoint=checkpoint)
    assert_same(resumed, trained(LONG))
    assert resumed.end is None  # of blocks that ended before the kill nothing was written down


@pytest.mark.parametrize("settings", [{"schedule": "cosine"}, {"snapshots": (10,)}])
def test_a_training_that_no_longer_one_repeats_has_no_end(settings: dict[str, Any]) -> None:
    assert trained(SHORT, **settings).end is None


def test_a_large_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "END_BYTES", 100)
    assert trained(SHORT).end is None
