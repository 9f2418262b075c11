"""The density exp(−β‖x − f(x)‖²): its temperature where it is a known normal, and distances of known size from it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torch import Tensor

from landscape import measures
from landscape.measures.dynamics.density import box_chances, expected_variation, inverse_temperature
from landscape.measures.known_maps import Constant, Identity, Memoriser

MEMBERS, SAMPLES = 3, 2003


def normal_samples(dim: int, beta: float, seed: int = 0) -> Tensor:
    """Draws from the density of the constant map ½ at this β, a normal of variance 1 / 2β about ½."""
    generator = torch.Generator().manual_seed(seed)
    return 0.5 + torch.randn(MEMBERS, SAMPLES, dim, generator=generator) / (2 * beta) ** 0.5


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("beta", [200.0, 5000.0])
def test_draws_from_the_normal_of_a_constant_map_have_its_temperature(dim: int, beta: float) -> None:
    samples = normal_samples(dim, beta)
    found = measures.dynamics.loss_density(Constant(torch.full((MEMBERS, dim), 0.5)), samples)
    exact = dim / (2 * (samples - 0.5).double().square().sum(2).mean(1))  # maximum likelihood for a variance
    torch.testing.assert_close(found.beta, exact, rtol=1e-3, atol=0)
    assert found.excess.abs().max() < 0.02
    assert (found.expected > 0).all()


def test_even_samples_are_as_hot_as_can_be() -> None:
    """Samples that are no denser where the loss is low have the lowest β, at which the density is all but uniform."""
    constant = Constant(torch.full((1, 1), 0.5))
    flat = measures.dynamics.loss_density(constant, torch.linspace(0, 1, 2001)[:, None])
    assert flat.beta.item() == pytest.approx(1e-3, rel=1e-5)
    assert flat.variation.item() < 2e-3
    energy = torch.linspace(0, 1, 4000, dtype=torch.float64).sub(0.5).square()[None]
    chances = box_chances(torch.tensor([1e-3], dtype=torch.float64), energy, 1)
    torch.testing.assert_close(chances, torch.full((1, 20), 0.05, dtype=torch.float64), rtol=1e-3, atol=0)


def test_half_of_the_samples_in_the_wrong_well_are_half_of_the_variation() -> None:
    """The two training points of a memoriser are equally likely. All samples at one of them are ½ from the density."""
    memoriser = Memoriser(torch.tensor([[[0.2], [0.8]]]))
    samples = 0.2 + torch.randn(1, SAMPLES, 1, generator=torch.Generator().manual_seed(0)) * 0.01
    found = measures.dynamics.loss_density(memoriser, samples)
    assert found.beta.item() == pytest.approx(5000, rel=0.1)
    assert found.excess.item() == pytest.approx(0.5, abs=0.02)


def test_the_temperature_is_the_one_whose_mean_energy_is_that_of_the_samples() -> None:
    energy = torch.rand(MEMBERS, 500, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    asked = torch.tensor([0.5, 1.0, 30.0], dtype=torch.float64)
    mean = (torch.softmax(-asked[:, None] * energy, 1) * energy).sum(1)
    torch.testing.assert_close(inverse_temperature(mean, energy), asked, rtol=1e-5, atol=0)


def test_the_identity_has_no_temperature_and_the_uniform_density() -> None:
    generator = torch.Generator().manual_seed(0)
    found = measures.dynamics.loss_density(Identity(MEMBERS, 2), torch.rand(MEMBERS, SAMPLES, 2, generator=generator))
    assert found.beta.isnan().all()
    assert found.excess.abs().max() < 0.02


def test_the_expected_variation_is_that_of_draws() -> None:
    chances = torch.tensor([[0.0, 0.001, 0.2, 0.3, 0.499], [0.0, 0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)
    size, rng = 97, np.random.default_rng(0)
    by_sum = [
        sum(float(np.abs(np.arange(size + 1) / size - p) @ binom.pmf(np.arange(size + 1), size, p)) for p in row) / 2
        for row in chances.tolist()
    ]
    torch.testing.assert_close(expected_variation(chances, size), torch.tensor(by_sum, dtype=torch.float64))
    draws = rng.multinomial(size, chances[0].numpy(), 20_000) / size
    assert np.abs(draws - chances[0].numpy()).sum(1).mean() / 2 == pytest.approx(by_sum[0], rel=0.01)


def test_wrong_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one or two dimensions; got 3"):
        measures.dynamics.loss_density(Constant(torch.zeros(1, 3)), torch.zeros(5, 3))
    with pytest.raises(ValueError, match=r"`samples` must lie within \[0, 1\]"):
        measures.dynamics.loss_density(Constant(torch.zeros(1, 1)), torch.full((5, 1), 1.5))
