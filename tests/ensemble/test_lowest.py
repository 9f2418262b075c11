"""The weights that training keeps: those of the lowest loss over all data, or the last."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from landscape.data import DataSpec, load_data
from landscape.ensemble import FitSpec, Fitted, build, fit
from landscape.ensemble.block import Block
from landscape.ensemble.lowest import LONG_ROW, Lowest
from landscape.nets import MLP

SEEDS = tuple(range(5))
NET, ROUGH = MLP(2, 13), 3e-2  # at this rate the loss rises as often as it falls


def train(net: MLP = NET, data: str = "four-points", seeds: tuple[int, ...] = SEEDS, **options: object) -> Fitted:
    points = load_data(DataSpec(data), seeds).points
    settings: dict[str, object] = {"steps": 157, "lr": ROUGH, "stop": False} | options
    return fit(build(net, points.shape[2], seeds), points, seeds=seeds, **settings)  # type: ignore[arg-type]


def every_step(**options: object) -> tuple[Tensor, Tensor]:
    """All weights on the way and their losses over all data, the last included: (T+1, E, K) and (T+1, E)."""
    points = load_data(DataSpec("four-points"), SEEDS).points
    how = FitSpec(**({"steps": 157, "lr": ROUGH, "stop": False} | options))  # type: ignore[arg-type]
    ensemble = build(NET, 2, SEEDS)
    block = Block(ensemble, ensemble.flat, points, SEEDS, torch.arange(len(SEEDS)), how)
    weights, losses = [], []
    with torch.no_grad():
        for step in range(how.steps + 1):
            weights.append(block.flat[: len(SEEDS)].clone())
            last = step == how.steps
            whole = block.loss()
            found = block.gradient() if how.tells_loss or not last else whole
            losses.append((found if how.tells_loss else whole)[: len(SEEDS)].clone())
            if not last:
                block.update()
    return torch.stack(weights), torch.stack(losses)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({}, range(158)),
        ({"batch": 2}, (0, 100, 157)),
        ({"objective": "denoising"}, (0, 100, 157)),
        ({"precision": "bfloat16"}, (0, 100, 157)),
        ({"schedule": "cosine"}, range(158)),
    ],
    ids=str,
)
def test_the_kept_weights_are_those_of_the_lowest_loss_that_was_seen(options: dict[str, object], seen: range) -> None:
    weights, losses = every_step(**options)
    fitted = train(**options)
    for member in range(len(SEEDS)):
        at = min(reversed(seen), key=lambda step: float(losses[step, member]))  # the latest of ties
        assert int(fitted.kept_at[member]) == at
        assert torch.equal(fitted.ensemble.flat[member], weights[at, member])
        assert fitted.losses[member] == losses[at, member]
    assert fitted.steps.tolist() == [157] * len(SEEDS)
    assert torch.equal(fitted.last_losses, losses[-1])
    assert bool((fitted.losses <= fitted.last_losses).all())
    last = train(**options, keep="last")
    assert torch.equal(last.ensemble.flat, weights[-1])
    assert torch.equal(last.losses, losses[-1])
    assert last.kept_at.tolist() == [157] * len(SEEDS)


def test_at_a_rough_rate_the_best_step_is_seldom_the_last() -> None:
    fitted = train()
    assert len(set(fitted.kept_at.tolist())) > 1
    assert bool((fitted.losses < train(keep="last").losses).any())


def test_status_follows_the_weights_that_are_kept() -> None:
    tol = float(train().losses.max())
    best, last = train(tol=tol), train(tol=tol, keep="last")
    assert best.status == ("converged",) * len(SEEDS)
    assert [word == "converged" for word in last.status] == (last.losses <= tol).tolist()
    assert last.status.count("converged") < len(SEEDS)


def test_a_member_that_was_below_the_tolerance_between_checks_has_converged() -> None:
    fitted = train(steps=600, seeds=tuple(range(8)), tol=1e-4, stop=True)
    done = torch.tensor([word == "converged" for word in fitted.status])
    assert bool((fitted.steps[done] % 10 == 0).all())
    assert bool((fitted.kept_at[done] % 10 != 0).any())
    assert bool((fitted.kept_at <= fitted.steps).all())
    assert bool((fitted.last_losses[done] > 1e-4).any())  # it had risen again when it was looked at


def test_training_that_diverges_keeps_its_best_weights_and_shows_by_its_last_loss() -> None:
    fitted = train(MLP(1, 7, output="linear"), lr=1e25, steps=40)
    assert bool(fitted.ensemble.flat.isfinite().all())
    assert not bool(fitted.last_losses.isfinite().any())
    assert fitted.status == ("stalled",) * len(SEEDS)
    assert bool((fitted.steps < 40).all())
    last = train(MLP(1, 7, output="linear"), lr=1e25, steps=40, keep="last")
    assert last.status == ("diverged",) * len(SEEDS)


def test_a_loss_that_is_no_number_is_never_the_lowest_and_ties_go_to_the_later() -> None:
    one, two = torch.ones(4, 3), torch.full((4, 3), 2.0)
    lowest = Lowest(torch.zeros(4, 3))
    lowest.offer(one, torch.tensor([torch.nan, 1.0, 1.0, 2.0]), 10)
    lowest.offer(two, torch.tensor([torch.nan, 1.0, torch.nan, 3.0]), 20)
    assert lowest.steps.tolist() == [0, 20, 10, 10]
    assert lowest.flat[:, 0].tolist() == [0, 2, 1, 1]
    assert lowest.losses.tolist() == [torch.inf, 1, 1, 2]


@pytest.mark.parametrize("length", [3, LONG_ROW])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_both_ways_of_copying_keep_the_same(length: int, share: float) -> None:
    draw = torch.Generator().manual_seed(0)
    seen, unseen = Lowest(torch.zeros(7, length)), Lowest(torch.zeros(7, length))
    level = torch.ones(7)
    for step in range(12):
        flat, lower = torch.rand(7, length, generator=draw), torch.rand(7, generator=draw) < share
        losses = torch.where(lower, level := level - 0.01, level + 1)
        seen._offer_on_cpu(flat, losses, step)
        unseen._offer_on_device(flat, losses, step)
        assert all(torch.equal(seen.state()[name], value) for name, value in unseen.state().items())
