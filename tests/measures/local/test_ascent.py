"""The search for the corner of largest loss, against all corners."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import corner_ascent, corner_loss, loss_at
from landscape.measures.known_maps import Constant, Identity
from landscape.nets import MLP
from tests.measures.hand_built import Opaque


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("activation", "scale", "low"), [("relu", 1.0, 0.0), ("tanh", 3.0, -1.0), ("relu", 3.0, 0.0)])
def test_the_search_reaches_the_largest_corner_for_most_seeds_and_is_never_above_it(activation, scale, low):
    ensemble = build(MLP(hidden=2, width=20, activation=activation, scale=scale), 13, range(11))
    exact = corner_loss(ensemble, low=low).maximum
    found, where = corner_ascent(ensemble, generator=draw(), low=low)
    assert (found <= exact + 1e-12).all()
    assert ((exact - found) < 1e-9).sum() >= 9
    assert ((where == low) | (where == 1)).all()
    assert torch.allclose(loss_at(ensemble.to(dtype=torch.float64), where[:, None])[:, 0], found)


def test_few_restarts_are_still_a_lower_bound():
    ensemble = build(MLP(hidden=3, width=20, scale=3.0), 11, range(7))
    found, _ = corner_ascent(Opaque(ensemble), generator=draw(), restarts=1)
    exact = corner_loss(ensemble).maximum
    assert (found <= exact + 1e-12).all()
    assert (found >= 0.8 * exact).all()


def test_a_constant_is_worst_at_the_corner_opposite_in_many_dimensions():
    value = torch.rand(2, 784, generator=draw(1))
    found, where = corner_ascent(Constant(value), generator=draw(), restarts=3)
    assert torch.equal(where, (value <= 0.5).float())
    assert torch.allclose(found, torch.maximum(value, 1 - value).square().mean(-1).double())
    assert (corner_ascent(Identity(2, 40), generator=draw())[0] == 0).all()


def test_what_cannot_be_enumerated_is_refused_with_the_search_s_name():
    with pytest.raises(ValueError, match="corner_ascent"):
        corner_loss(Identity(2, 40))
    with pytest.raises(ValueError, match="`restarts` must be at least 1; got 0"):
        corner_ascent(Identity(2, 40), generator=draw(), restarts=0)


def test_a_diverged_member_has_no_largest_corner():
    ensemble = build(MLP(hidden=1, width=5), 4, range(2))
    ensemble.flat[1].fill_(torch.nan)
    found, _ = corner_ascent(ensemble, generator=draw())
    assert found[0].isfinite()
    assert found[1].isnan()


def test_more_rounds_reach_no_less():
    ensemble = build(MLP(hidden=3, width=20, scale=3.0), 40, range(3))
    none, some, all_ = (
        corner_ascent(ensemble, generator=draw(), restarts=2, rounds=rounds)[0] for rounds in (0, 1, 20)
    )
    assert (none <= some).all()
    assert (some <= all_).all()
    assert (none < all_).any()
    with pytest.raises(ValueError, match="`rounds` must be 0 or more; got -1"):
        corner_ascent(ensemble, generator=draw(), rounds=-1)
