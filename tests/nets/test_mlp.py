"""MLPs: the same maps and gradients as torch's own modules."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

from landscape.choices import ACTIVATIONS, INITIALISATIONS
from landscape.ensemble import build
from landscape.ensemble.ensemble import views
from landscape.nets import MLP, NETS, OUTPUTS, Net

SEEDS = (3, 1, 4)


def plain(net: MLP, dim: int, seed: int) -> torch.nn.Sequential:
    """The module a user would write, built after torch.manual_seed."""
    torch.manual_seed(seed)
    sizes = net.sizes(dim)
    modules: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        modules += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1], torch.nn.Sigmoid())


@pytest.mark.parametrize("hidden", [0, 1, 2, 6])
def test_member_equals_the_module_built_after_manual_seed(hidden: int) -> None:
    net = MLP(hidden=hidden, width=7)
    ensemble, points = build(net, 2, SEEDS), torch.rand(3, 5, 2)
    for member, seed in enumerate(SEEDS):
        expected = plain(net, 2, seed)(points[member])
        torch.testing.assert_close(ensemble(points)[member], expected, rtol=1e-5, atol=1e-6)


def test_parameters_are_counted_as_torch_counts_them() -> None:
    net = MLP(hidden=10, width=500)
    assert MLP(hidden=2, width=7).parameter_count(3) == sum(p.numel() for p in plain(MLP(2, 7), 3, 0).parameters())
    assert net.parameter_count(784) == 3_039_784  # the paper's MNIST network: 10 hidden layers by its code


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_written_out_gradient_equals_autograd(activation: str, output: str) -> None:
    net = MLP(hidden=2, width=7, activation=activation, output=output)
    ensemble, points, targets = build(net, 2, SEEDS), torch.rand(3, 5, 2), torch.rand(3, 5, 2)
    flats = torch.zeros(2, *ensemble.flat.shape)
    ours = net.prepare_gradient(ensemble.parameters, points, targets, views(net, 2, flats[0]))()
    theirs = Net.prepare_gradient(net, ensemble.parameters, points, targets, views(net, 2, flats[1]))()
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(flats[0], flats[1], rtol=1e-4, atol=1e-7)
    assert flats[0].abs().max() > 0


@pytest.mark.parametrize(("output", "low"), [("sigmoid", 0.0), ("tanh", -1.0), ("linear", -1.0)])
def test_identity_initialisation_starts_near_the_identity(output: str, low: float) -> None:
    points = low + (1 - low) * torch.rand(3, 50, 2)
    starts = {init: build(MLP(3, 11, "relu", output, init), 2, SEEDS) for init in INITIALISATIONS}
    losses = {init: float((one(points) - points).square().mean()) for init, one in starts.items()}
    assert losses["identity"] < 0.2 * losses["torch"]


def test_scale_multiplies_the_initial_weights_alone() -> None:
    one, two = (build(MLP(1, 5, scale=scale), 2, SEEDS).layers()[0] for scale in (1.0, 2.0))
    torch.testing.assert_close(2 * one.weight, two.weight)
    torch.testing.assert_close(one.bias, two.bias)


def test_unknown_initialisation_is_named() -> None:
    with pytest.raises(ValueError, match=r"`init` of mlp must be one of 'torch', 'he', .*'identity'; got 'xavier'"):
        build(MLP(init="xavier"), 1, [0])


@pytest.mark.parametrize(("init", "tail"), [("he-biased", 2.0), ("stable-1.5", 1.5), ("cauchy", 1.0)])
def test_random_weights_and_biases_have_the_quantiles_of_a_stable_law(init: str, tail: float) -> None:
    layer = build(MLP(1, 300, init=init), 200, [0]).layers()[0]
    levels = np.array([0.6, 0.75, 0.9])
    law = stats.levy_stable(tail, 0).ppf(levels)  # at index 2 it is N(0, 2)
    weights = np.quantile(layer.weight.numpy(), levels) / (np.sqrt(2) / (2 * 200) ** (1 / tail))
    biases = np.quantile(layer.bias.numpy(), levels) / (0.1 / 2 ** (1 / tail))
    np.testing.assert_allclose(weights, law, rtol=0.04)  # of 60,000 weights
    np.testing.assert_allclose(biases, law, rtol=0.5)  # of 300 biases


def test_he_with_random_biases_has_the_spreads_it_names() -> None:
    layer = build(MLP(1, 300, init="he-biased"), 200, [0]).layers()[0]
    assert float(layer.weight.std()) == pytest.approx(np.sqrt(2 / 200), rel=0.02)
    assert float(layer.bias.std()) == pytest.approx(0.1, rel=0.2)


@pytest.mark.parametrize("kind", NETS)
def test_every_net_has_a_json_form_that_names_it(kind: str) -> None:
    spec = NETS[kind]().spec()
    assert spec.pop("kind") == kind
    assert NETS[kind](**spec) == NETS[kind]()


def test_a_leaky_relu_of_another_slope_trains_by_the_written_out_gradient() -> None:
    net = MLP(hidden=2, width=5, activation="leaky(0.25)")
    ensemble = build(net, 3, [0, 1])
    points = torch.rand(2, 7, 3)
    flats = [torch.zeros_like(ensemble.flat) for _ in range(2)]
    ours = net.prepare_gradient(ensemble.parameters, points, points, views(net, 3, flats[0]))()
    theirs = Net.prepare_gradient(net, ensemble.parameters, points, points, views(net, 3, flats[1]))()
    assert torch.allclose(ours, theirs, atol=1e-7)
    assert torch.allclose(flats[0], flats[1], atol=1e-7)
    module = ensemble.module(1)
    assert [layer.negative_slope for layer in module.modules() if isinstance(layer, torch.nn.LeakyReLU)] == [0.25, 0.25]
    assert torch.allclose(module(points[1]), ensemble(points)[1], atol=1e-6)


@pytest.mark.parametrize("name", ["leaky(0)", "leaky(1)", "leaky(steep)"])
def test_a_leaky_relu_of_no_slope_is_one_clear_line(name: str) -> None:
    with pytest.raises(ValueError, match=r"a leaky ReLU has a slope between 0 and 1, as in 'leaky\(0.25\)'; got"):
        MLP(activation=name)
