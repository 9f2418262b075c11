"""Injective nets: orthogonal at the start, one-to-one by brute force, and a check that detects a broken net."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from landscape.ensemble import Ensemble, build, fit
from landscape.measures import one_to_one
from landscape.measures.local import jacobian_before_squash, layers_one_to_one
from landscape.nets import MLP, MONOTONE, Injective

SEEDS = (2, 7, 1)


def hidden(ensemble: Ensemble, points: torch.Tensor) -> torch.Tensor:
    assert isinstance(ensemble.net, Injective)
    return ensemble.net.hidden_map(ensemble.parameters, points)


def layers_of(ensemble: Ensemble) -> list:
    assert isinstance(ensemble.net, Injective)
    return ensemble.net.hidden_layers(ensemble.parameters)


def test_every_square_b_begins_orthogonal_and_the_slope_at_a_quarter() -> None:
    ensemble = build(Injective(hidden=3, width=11), 5, SEEDS)
    for index, layer in enumerate(layers_of(ensemble)):
        square = layer.matrix[:, :, :5] if index == 0 else layer.matrix
        eye = torch.eye(square.shape[2]).expand_as(square)
        torch.testing.assert_close(square @ square.mT, eye, atol=1e-5, rtol=0)
        torch.testing.assert_close(layer.inner * layer.outer, torch.full((3, 1, 11), 0.25))


def test_members_begin_with_different_orthogonal_matrices_spread_evenly() -> None:
    first = layers_of(build(Injective(hidden=1, width=2), 2, range(300)))[0].matrix
    angles = torch.atan2(
        first[:, 0, 1], first[:, 0, 0]
    )  # of the first row: uniform under Haar's measure, up to row signs
    assert 0.3 < float((angles.remainder(torch.pi) / torch.pi).std()) / 12**-0.5 < 1.5
    assert len(angles.unique()) == 300


@pytest.mark.parametrize("activation", MONOTONE)
@pytest.mark.parametrize("dim", [1, 2])
def test_no_two_points_share_a_hidden_image(dim: int, activation: str) -> None:
    ensemble = build(Injective(hidden=4, width=5, activation=activation), dim, SEEDS)
    data = torch.rand(3, 4, dim, generator=torch.Generator().manual_seed(0))
    trained = fit(ensemble, data, seeds=SEEDS, steps=60, lr=1e-2, stop=False).ensemble
    axis = torch.linspace(-1, 2, 241 if dim == 1 else 17)
    grid = axis[:, None] if dim == 1 else torch.cartesian_prod(axis, axis)
    for one in (ensemble, trained):
        image = hidden(one.to(dtype=torch.float64), grid.double().expand(3, -1, -1))
        apart = torch.cdist(grid.double(), grid.double()) + torch.eye(len(grid)) * 9
        ratio = (torch.cdist(image, image) + torch.eye(len(grid)) * 9) / apart
        least = ratio.flatten(1).amin(1)
        assert (least > 0).all()
        found = one_to_one(one)
        assert found.holds.all()
        if activation != "tanh":
            assert (found.margin > 0).all()
            assert (least >= found.margin * (1 - 1e-9)).all()


def test_the_margin_of_a_layer_with_a_closed_form_is_reached() -> None:
    ensemble = build(Injective(hidden=1, width=2), 2, SEEDS)
    torch.testing.assert_close(
        one_to_one(ensemble).margin, torch.full((3,), 0.25, dtype=torch.float64), rtol=1e-4, atol=0
    )


def test_the_slope_on_a_line_is_never_zero_where_an_mlps_is() -> None:
    points = torch.linspace(0, 1, 501)[:, None]
    mlps, ours = (build(net, 1, range(20)) for net in (MLP(6, 5), Injective(6, 5)))
    assert (jacobian_before_squash(mlps, points) == 0).any()
    assert (jacobian_before_squash(ours, points) != 0).all()


def test_a_broken_net_fails_the_check_and_its_neighbours_do_not() -> None:
    ensemble = build(Injective(hidden=3, width=5), 2, SEEDS)
    ensemble.parameters["layers.1.factors.weight"][1, 3, 3] = -200.0  # a zero on U's diagonal, in float32
    ensemble.parameters["layers.2.inner"][2, 0, 4] = torch.nan
    found = one_to_one(ensemble)
    assert found.holds.tolist() == [True, False, False]
    assert found.margin[0] > 0
    assert found.margin[1:].tolist() == [0, 0]


def test_a_negative_scale_fails_the_check() -> None:
    layers = layers_of(build(Injective(hidden=2, width=5), 2, SEEDS))
    flipped = layers[1].outer.clone()
    flipped[0, 0, 2] *= -1
    found = layers_one_to_one([layers[0], replace(layers[1], outer=flipped)])
    assert found.holds.tolist() == [False, True, True]
    assert found.scale[0] < 0


def test_other_nets_make_no_such_claim() -> None:
    with pytest.raises(ValueError, match=r"expected an ensemble of injective nets.*; got 'mlp'"):
        one_to_one(build(MLP(1, 5), 2, SEEDS))
