"""Loss over all corners."""

from __future__ import annotations

import pytest
import torch

from landscape.choices import ACTIVATIONS
from landscape.cube import corners
from landscape.ensemble import build
from landscape.measures import corner_loss, loss_at
from landscape.measures.known_maps import Constant, Identity, Memoriser
from landscape.measures.local import top_corners
from landscape.nets import MLP
from tests.measures.hand_built import Opaque, half, identity


def test_identity_has_no_loss_and_constant_half_exactly_a_quarter():
    assert (corner_loss(identity(5)).maximum == 0).all()
    found = corner_loss(half(5))
    assert (found.maximum == 0.25).all()
    assert (found.mean == 0.25).all()
    assert found.argmax.shape == (3, 5)


def test_constant_is_worst_at_the_corner_opposite():
    value = torch.tensor([[0.25, 0.75, 0.625], [0.5, 0.125, 0.875]])
    found = corner_loss(Constant(value))
    assert torch.equal(found.argmax, (value <= 0.5).float())
    ceiling = torch.maximum(value, 1 - value).square().mean(-1)
    assert torch.allclose(found.maximum, ceiling.double())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("hidden", "output", "low"), [(0, "sigmoid", 0.0), (1, "linear", 0.0), (3, "tanh", -1.0)])
def test_streaming_equals_brute_force(activation, hidden, output, low):
    ensemble = build(MLP(hidden=hidden, width=11, activation=activation, output=output, scale=2.0), 7, range(3))
    exact = loss_at(ensemble.to(dtype=torch.float64), corners(7, low=low))
    for chunk in (None, 4, 8, 100, 1024):
        found = corner_loss(ensemble, 7, low=low, chunk=chunk)
        assert torch.allclose(found.maximum, exact.amax(-1), rtol=1e-7)
        assert torch.allclose(found.mean, exact.mean(-1), rtol=1e-6)
        assert torch.equal(found.argmax, corners(7, low=low)[exact.argmax(-1)])


def test_any_map_gives_what_its_chain_gives():
    ensemble = build(MLP(hidden=2, width=11), 7, range(3))
    fast, plain = corner_loss(ensemble, chunk=16), corner_loss(Opaque(ensemble), chunk=16)
    assert torch.allclose(fast.maximum, plain.maximum)
    assert torch.allclose(fast.mean, plain.mean)
    assert torch.equal(fast.argmax, plain.argmax)
    assert torch.equal(fast.top, plain.top)
    assert torch.equal(fast.top[:, 0], fast.argmax)


def test_controls_are_measured_alike():
    assert (corner_loss(Identity(3, 5)).maximum == 0).all()
    assert (corner_loss(Memoriser(corners(5).expand(3, -1, -1))).maximum == 0).all()


def test_top_corners_are_distinct_and_in_order():
    ensemble = build(MLP(hidden=2, width=11), 7, range(3))
    for chunk in (None, 4):
        top = top_corners(ensemble, 5, chunk=chunk)
        assert top.shape == (3, 5, 7)
        losses = loss_at(ensemble, top)
        assert (losses.diff(dim=-1) <= 1e-7).all()
        assert torch.allclose(losses[:, 0], loss_at(ensemble, corners(7)).amax(-1))
        assert all(len(member.unique(dim=0)) == 5 for member in top)
    assert top_corners(ensemble, 1000).shape == (3, 128, 7)


def test_a_diverged_member_is_nan_and_spoils_no_other():
    ensemble = build(MLP(hidden=2, width=5), 3, range(3))
    whole = corner_loss(ensemble)
    ensemble.flat[1] = torch.nan
    found = corner_loss(ensemble)
    assert found.maximum[1].isnan()
    assert found.mean[1].isnan()
    assert torch.equal(found.maximum[[0, 2]], whole.maximum[[0, 2]])


def test_dimensions_are_checked():
    with pytest.raises(ValueError, match=r"`dim` must be the map's own, 5; got 4. Leave it out"):
        corner_loss(identity(5), 4)
    with pytest.raises(ValueError, match="from 1 to 30"):
        corner_loss(Identity(1, 31))
