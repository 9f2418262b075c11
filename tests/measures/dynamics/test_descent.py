"""Descending the loss over the input."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import descend, loss_at
from landscape.measures.known_maps import Constant, Identity
from landscape.nets import MLP
from tests.measures.dynamics.test_iteration import seeded
from tests.measures.hand_built import affine

MATRIX = torch.tensor([[[0.5, 0.2], [0.1, -0.3]], [[3.0, 0.0], [0.5, -1.5]], [[0.0, 1.0], [-1.0, 0.0]]])
FIXED = torch.tensor([[0.3, 0.7], [0.5, 0.5], [0.9, 0.2]])
MAP = affine(MATRIX, FIXED - torch.einsum("eij,ej->ei", MATRIX, FIXED))  # one attracting, one repelling, one neither


def last(steps: object) -> torch.Tensor:
    *_, points = steps  # type: ignore[misc]
    return points


@pytest.mark.parametrize(("method", "steps", "rate"), [("adam", 150, 0.1), ("lbfgs", 12, 0.01)])
def test_descents_reach_the_fixed_point_of_an_affine_map(method, steps, rate):
    found = last(descend(MAP, torch.randn(3, 11, 2, generator=seeded()), steps, method=method, rate=rate))
    assert torch.allclose(found, FIXED[:, None].expand(3, 11, 2), atol=2e-2 if method == "adam" else 1e-4)


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_every_start_is_a_problem_of_its_own(method):
    ensemble = build(MLP(hidden=2, width=11), 2, range(3))
    begun = torch.randn(3, 7, 2, generator=seeded())
    together = torch.stack(list(descend(ensemble, begun, 13, method=method)), 1)
    assert together.shape == (3, 14, 7, 2)
    assert torch.equal(together[:, 0], begun)
    alone = torch.stack(list(descend(ensemble, begun[:, 4:5], 13, method=method)), 1)
    assert torch.allclose(together[:, :, 4:5], alone, atol=1e-5)


def test_lbfgs_never_rises_and_beats_the_plain_gradient():
    ensemble = build(MLP(hidden=3, width=17, activation="tanh"), 5, range(3))
    steps = list(descend(ensemble, torch.randn(3, 7, 5, generator=seeded()), 20, method="lbfgs"))
    losses = torch.stack([loss_at(ensemble, points) for points in steps])
    assert (losses.diff(dim=0) <= 0).all()
    assert (losses[-1] < 1e-8).all()


def test_adam_steps_in_closed_form():
    """For f = p the gradient is 2(x − p)/D. The first step is `rate` downhill; the second weighs both gradients."""
    target, begun, rate = torch.tensor([[0.5, 0.25]]), torch.tensor([[[0.9, 0.1], [0.0, 0.0]]]), 0.05
    _, first, second = descend(Constant(target), begun, 2, rate=rate)
    slope = begun - target
    assert torch.allclose(first, begun - rate * slope.sign(), atol=1e-6)
    again = first - target
    mean = (0.1 * 0.9 * slope + 0.1 * again) / (1 - 0.9**2)
    size = ((0.001 * 0.999 * slope**2 + 0.001 * again**2) / (1 - 0.999**2)).sqrt()
    assert torch.allclose(second, first - rate * mean / size, atol=1e-6)


@pytest.mark.parametrize(("method", "steps"), [("adam", 100), ("lbfgs", 10)])
def test_known_coordinates_stay_and_the_others_fit_them(method, steps):
    known = torch.tensor([torch.nan, 1.0])
    found = torch.stack(
        list(descend(MAP, torch.rand(5, 2, generator=seeded()), steps, method=method, rate=0.1, known=known))
    )
    assert (found[..., 1] == 1).all()
    residual = torch.eye(2) - MATRIX  # minimise ‖R x − R p‖² over x₁ with x₂ = 1
    shift = (residual @ FIXED[..., None])[..., 0] - residual[..., 1]
    best = (residual[..., 0] * shift).sum(-1) / residual[..., 0].square().sum(-1)
    assert torch.allclose(found[-1, ..., 0], best[:, None].expand(3, 5), atol=1e-2)


def test_clipped_descents_stay_in_the_box():
    outside = Constant(torch.full((3, 2), 2.0))
    steps = list(descend(outside, torch.rand(5, 2, generator=seeded()), 30, rate=0.05, clip=True))
    assert all((points <= 1).all() for points in steps)
    assert (steps[-1] == 1).all()


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_nothing_moves_where_the_loss_is_flat(method):
    begun = torch.rand(3, 5, 2, generator=seeded())
    assert torch.equal(last(descend(Identity(3, 2), begun, 7, method=method)), begun)


def test_descents_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match=r"`method` must be one of 'adam', 'lbfgs'; got 'adm'\. Did you mean 'adam'"):
        descend(MAP, torch.zeros(5, 2), 1, method="adm")
    with pytest.raises(ValueError, match="`clip` does not go with 'lbfgs'"):
        descend(MAP, torch.zeros(5, 2), 1, method="lbfgs", clip=True)
