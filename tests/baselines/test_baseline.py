"""Baselines trained on the same data."""

from __future__ import annotations

import pytest
import torch

from landscape.baselines import BASELINES, baseline, train_baseline
from landscape.baselines.sampler import dense, descend
from landscape.measures import nearest


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def flat(count=211):
    """Points on a plane in 7 dimensions, in [0, 1]."""
    return 0.5 + torch.randn(count, 2, generator=seeded()) @ torch.randn(2, 7, generator=seeded(1)) / 16


@pytest.mark.parametrize("kind", BASELINES)
def test_a_baseline_depends_on_its_generator_alone(kind):
    torch.manual_seed(5)
    first = baseline(kind, flat(), 31, seeded(), steps=20)
    before = torch.random.get_rng_state()
    torch.manual_seed(6)
    assert torch.equal(first, baseline(kind, flat(), 31, seeded(), steps=20))
    assert not torch.equal(first, baseline(kind, flat(), 31, seeded(1), steps=20))
    torch.manual_seed(5)
    assert torch.equal(before, torch.random.get_rng_state())
    assert first.shape == (31, 7)
    assert first.dtype == torch.float32


@pytest.mark.parametrize("kind", BASELINES)
def test_a_baseline_learns_its_data(kind):
    """Samples lie near the data's plane, spread as the data are; signed data give the same in their own range."""
    data = flat()
    trained = train_baseline(kind, data, seeded(), steps=250)
    samples = trained.sample(500, seeded(2))
    away = (samples - data.mean(0)) - (samples - data.mean(0)) @ torch.linalg.pinv(data - data.mean(0)) @ (
        data - data.mean(0)
    )
    assert away.norm(dim=1).median() < 0.05
    assert trained.training_loss < 0.1 * float(data.var(0).mean())
    assert samples.var(0).mean() > 0.3 * data.var(0).mean()
    assert nearest(samples[None], data[None])[0].median() < 0.15
    signed = train_baseline(kind, 2 * data - 1, seeded(), low=-1.0, high=1.0, steps=250)
    assert signed.training_loss == pytest.approx(4 * trained.training_loss, rel=0.05)
    assert torch.allclose(signed.sample(500, seeded(2)), 2 * samples - 1, atol=0.02)


def test_descent_is_that_of_torch_s_adam():
    """Bitwise, with its schedule: the class is not used only because it loads torch's compiler."""

    def descended(by_torch):
        generator, data = seeded(), flat()
        net = dense((7, 16, 7), generator)

        def loss(batch):
            return (net(batch) - batch).square().mean()

        if not by_torch:
            descend(net.parameters(), loss, data, 23, generator, batch=32)
            return net
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / 23)
        for _ in range(23):
            minibatch = data[torch.randint(len(data), (32,), generator=generator)]
            optimiser.zero_grad()
            loss(minibatch).backward()
            optimiser.step()
            schedule.step()
        return net

    for ours, theirs in zip(descended(False).parameters(), descended(True).parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_gaussian_has_the_data_s_moments():
    data = 0.5 + torch.randn(5000, 3, generator=seeded()) * torch.tensor([0.1, 0.05, 0.02])
    samples = baseline("gaussian", data, 5000, seeded(1))
    assert torch.allclose(samples.mean(0), data.mean(0), atol=0.005)
    assert torch.allclose(samples.std(0)[:2], data.std(0)[:2], rtol=0.05)
    assert samples.std(0)[2] < 0.005  # the last component is beyond 95 % of the variance


def test_samples_are_clipped_to_the_range():
    data = (torch.randn(100, 5, generator=seeded()) > 0).float()
    samples = baseline("gaussian", data, 500, seeded())
    assert (float(samples.min()), float(samples.max())) == (0, 1)


def test_an_idempotent_network_leaves_its_own_outputs_nearly_as_they_are():
    trained = train_baseline("idempotent", flat(), seeded(), steps=250)
    unit = 2 * trained.sample(500, seeded(3)) - 1
    moved = trained.sampler.reconstruct(unit) - unit
    assert moved.square().mean() < 0.05 * unit.var(0).mean()


def test_bad_baselines_are_refused():
    with pytest.raises(ValueError, match="`baseline` must be one of 'gaussian', 'idempotent', 'vae'; got 'gan'"):
        baseline("gan", flat(), 5, seeded())
    with pytest.raises(ValueError, match="`training` must be two points at least for a baseline; got 1"):
        baseline("vae", flat(1), 5, seeded())
