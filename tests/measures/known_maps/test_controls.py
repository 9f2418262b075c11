"""The maps that learn nothing."""

from __future__ import annotations

import pytest
import torch

from landscape.data import DataSpec, load_data
from landscape.ensemble import build
from landscape.measures import DifferentiatedMap, Map, control, loss_at
from landscape.measures.known_maps import CONTROLS, Constant, Identity, Memoriser
from landscape.nets import MLP

DATA = load_data(DataSpec("uniform", count=5, dim=2), range(3))
UNTRAINED = build(MLP(hidden=2, width=7), 2, range(3))
POINTS = torch.rand(3, 11, 2, generator=torch.Generator().manual_seed(0))
BUILT = [name for name in CONTROLS if name != "none"]


@pytest.mark.parametrize("name", BUILT)
def test_every_control_is_a_map_as_an_ensemble_is(name):
    map = control(name, DATA, UNTRAINED)
    assert isinstance(map, Map)
    assert (map.members, map.dim, map.device) == (3, 2, torch.device("cpu"))
    assert map(POINTS).shape == (3, 11, 2)
    some = map.select(slice(1, 3))
    assert some.members == 2
    assert torch.allclose(some(POINTS[1:]), map(POINTS)[1:], atol=1e-6)
    assert map.to(dtype=torch.float64)(POINTS.double()).dtype == torch.float64
    assert isinstance(map, DifferentiatedMap) == (name != "untrained")


@pytest.mark.parametrize("name", BUILT)
def test_every_control_is_on_the_device_of_the_untrained_ensemble_wherever_the_data_are(name):
    assert DATA.points.device.type == "cpu"
    assert control(name, DATA, UNTRAINED.to("meta")).device == torch.device("meta")


def test_constants_are_the_training_mean_and_the_middle_of_the_range():
    assert torch.equal(control("constant", DATA, UNTRAINED)(POINTS)[:, 3], DATA.points.mean(1))
    assert (control("half", DATA, UNTRAINED)(POINTS) == 0.5).all()
    tanh = load_data(DataSpec("tanh-four"), range(3))
    assert (control("half", tanh, UNTRAINED)(POINTS[..., :1]) == 0).all()


def test_memoriser_returns_the_nearest_training_point_and_each_training_point_itself():
    memoriser = Memoriser(DATA.points)
    assert torch.equal(memoriser(DATA.points), DATA.points)
    index = torch.cdist(POINTS, DATA.points).argmin(-1)
    for member in range(3):
        assert torch.equal(memoriser(POINTS)[member], DATA.points[member, index[member]])


def test_losses_of_the_controls_in_closed_form():
    assert (loss_at(Identity(3, 2), POINTS) == 0).all()
    assert (loss_at(Memoriser(DATA.points), DATA.points) == 0).all()
    assert torch.allclose(loss_at(Constant(torch.full((3, 2), 0.5)), POINTS), (POINTS - 0.5).square().mean(-1))


def test_untrained_is_the_ensemble_given_and_other_names_are_refused():
    assert control("untrained", DATA, UNTRAINED) is UNTRAINED
    with pytest.raises(ValueError, match="'none' means the trained net"):
        control("none", DATA, UNTRAINED)
    with pytest.raises(ValueError, match=r"`control` must be one of.*got 'identiti'. Did you mean 'identity'"):
        control("identiti", DATA, UNTRAINED)
