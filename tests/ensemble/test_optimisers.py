"""Optimisers and training losses: the steps of torch's own classes, members that do not depend on each other, and resume."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from landscape.data import DataSpec, load_data
from landscape.ensemble import Checkpoint, FitSpec, Fitted, build, fit
from landscape.nets import MLP
from landscape.training import Recipe

NET = MLP(2, 7)
OPTIMISERS: list[dict[str, Any]] = [
    {"optimizer": "adam", "weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 1.0},
    {"optimizer": "sgd", "lr": 0.3},
    {"optimizer": "sgd", "lr": 0.3, "momentum": 0.0, "weight_decay": 0.01},
]
OTHERS: list[dict[str, Any]] = [
    *OPTIMISERS,
    {"loss": "l1"},
    {"loss": "bce"},
    {"loss": "bce", "objective": "contractive"},
    {"loss": "l1", "objective": "idempotent", "batch": 4},
    {"loss": "bce", "precision": "bfloat16", "optimizer": "sgd"},
]


def words(options: dict[str, Any]) -> str:
    return " ".join(map(str, options.values()))


def run(seeds: tuple[int, ...], **options: Any) -> Fitted:
    points = load_data(DataSpec("uniform", 9, 2), seeds).points
    return fit(build(NET, 2, seeds), points, seeds=seeds, **({"steps": 60, "keep": "last", "stop": False} | options))


def by_torch(seed: int, options: dict[str, Any], steps: int) -> torch.Tensor:
    """The outputs at the data after training by torch's own modules, losses and optimisers."""
    module = build(NET, 2, (seed,)).module()
    points = load_data(DataSpec("uniform", 9, 2), (seed,)).points[0]
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    losses = {
        "mse": torch.nn.functional.mse_loss,
        "l1": torch.nn.functional.l1_loss,
        "bce": torch.nn.functional.binary_cross_entropy,
    }
    kind = options.get("optimizer", "adam")
    own = {"momentum": options.get("momentum", 0.9)} if kind == "sgd" else {}
    optimiser = kinds[kind](
        module.parameters(), lr=options.get("lr", 1e-3), weight_decay=options.get("weight_decay", 0.0), **own
    )
    for _ in range(steps):
        optimiser.zero_grad()
        losses[options.get("loss", "mse")](module(points), points).backward()
        optimiser.step()
    outputs: torch.Tensor = module(points).detach()
    return outputs


@pytest.mark.parametrize("options", [*OPTIMISERS, {"loss": "l1"}, {"loss": "bce", "lr": 0.01}], ids=words)
def test_training_takes_the_steps_of_torchs_own_classes(options: dict[str, Any]) -> None:
    found = run((3,), **options)
    points = load_data(DataSpec("uniform", 9, 2), (3,)).points
    expected = by_torch(3, options, 60)
    torch.testing.assert_close(found.ensemble(points)[0], expected, rtol=2e-4, atol=2e-5)
    assert not torch.allclose(run((3,)).ensemble(points)[0], expected, atol=1e-3)  # the usual training leads elsewhere
    torch.testing.assert_close(found.losses[0], (expected - points[0]).square().mean(), rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize("options", OTHERS, ids=words)
def test_members_do_not_depend_on_their_company(options: dict[str, Any]) -> None:
    together, alone = run((0, 1, 2, 3, 4), **options), run((3,), **options)
    assert torch.equal(together.ensemble.flat[3], alone.ensemble.flat[0])
    assert together.losses[3] == alone.losses[0]


@pytest.mark.parametrize("options", OPTIMISERS, ids=words)
def test_an_interrupted_training_goes_on_as_if_it_had_not_been(tmp_path: Path, options: dict[str, Any]) -> None:
    class Stopped(Exception):
        pass

    class Every(Checkpoint):
        def save(self, *state: Any) -> None:
            super().save(*state)
            if state[1]["step"] >= 30:
                raise Stopped

    path = tmp_path / "state"
    with pytest.raises(Stopped):
        run((0, 1, 2), checkpoint=Every(path, "key", seconds=0), **options)
    resumed = run((0, 1, 2), checkpoint=Checkpoint(path, "key"), **options)
    assert torch.equal(resumed.ensemble.flat, run((0, 1, 2), **options).ensemble.flat)


def test_members_that_end_early_leave_the_moments_of_the_others_alone() -> None:
    options = {"optimizer": "sgd", "lr": 0.5, "stop": True, "steps": 300}
    seeds = tuple(range(6))
    losses = run(seeds, **options | {"stop": False}).losses
    tol = float(losses.sort().values[2]) * 1.01
    ended = run(seeds, tol=tol, **options)
    assert {"converged", "stalled"} <= set(ended.status)
    for member in range(6):
        alone = run((member,), tol=tol, **options)
        assert torch.equal(ended.ensemble.flat[member], alone.ensemble.flat[0])


def test_the_cross_entropy_moves_outputs_that_are_saturated() -> None:
    seeds, points = (0,), torch.tensor([[[0.0, 0.0], [0.2, 0.2]]])
    begun = build(MLP(0, output="sigmoid"), 2, seeds)
    begun.flat.mul_(0).add_(200.0)  # outputs are 1 in float32, where the squared error has no slope
    options: dict[str, Any] = {"seeds": seeds, "steps": 5, "lr": 10.0, "optimizer": "sgd", "momentum": 0.0}
    moved = {loss: fit(begun, points, loss=loss, **options).ensemble.flat for loss in ("mse", "bce")}
    assert torch.equal(moved["mse"], begun.flat)
    assert (moved["bce"][:, :6] < begun.flat[:, :6]).any()


def test_the_key_has_what_differs_from_the_usual_training() -> None:
    data, seeds = DataSpec("uniform", count=4, dim=2), (0, 1)
    assert FitSpec().spec() == {"steps": 10_000, "lr": 1e-3, "batch": None, "tol": 1e-6, "stop": True}
    changed: list[dict[str, Any]] = [
        {"loss": "l1"}, {"loss": "bce"}, {"weight_decay": 0.1}, {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "sgd"}, {"optimizer": "sgd", "momentum": 0.5},
    ]  # fmt: skip
    recipes = [Recipe(MLP(), data, FitSpec(**one), seeds) for one in [{}, *changed]]
    assert len({recipe.key for recipe in recipes}) == 7
    assert [Recipe.of(recipe.spec()) for recipe in recipes] == recipes


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"loss": "hinge"}, "`loss` must be one of 'mse', 'l1', 'bce'; got 'hinge'"),
        ({"optimizer": "rmsprop"}, "`optimizer` must be one of 'adam', 'adamw', 'sgd'; got 'rmsprop'"),
        ({"weight_decay": -0.1}, "`weight_decay` must be a number from zero up; got -0.1"),
        ({"optimizer": "sgd", "momentum": 1.0}, "`momentum` must be from 0 up and below 1; got 1.0"),
        ({"momentum": 0.5}, "`momentum` is of sgd; got 0.5 for adam. Leave it out, or take sgd"),
        ({"optimizer": "adamw"}, "`weight-decay` must be above 0 for adamw, which is adam without it; got 0."),
    ],
    ids=lambda value: words(value) if isinstance(value, dict) else "",
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        FitSpec(**wrong)


def test_the_cross_entropy_is_refused_where_outputs_are_not_between_0_and_1() -> None:
    points = torch.zeros(1, 2, 2)
    with pytest.raises(ValueError, match=r"`loss` bce takes outputs between 0 and 1, .*; got one that ends in tanh"):
        fit(build(MLP(1, 4, output="tanh"), 2, (0,)), points, seeds=(0,), steps=1, loss="bce")
