"""Random starts, and data points with noise as starts."""

from __future__ import annotations

import pytest
import torch

from landscape.measures import Noise, starts
from tests.measures.dynamics.test_iteration import seeded


def test_starts_follow_the_text_and_the_code():
    uniform, normal, clipped, standard = (
        starts(kind, 3, 4999, 2, generator=seeded(), low=-1.0, high=1.0)
        for kind in ("uniform", "normal", "normal-clipped", "standard")
    )
    assert uniform.shape == (3, 4999, 2)
    assert uniform.abs().max() <= 1
    assert uniform.std().item() == pytest.approx(2 / 12**0.5, rel=0.02)
    assert (normal / 2).var().item() == pytest.approx(0.5, rel=0.03)  # variance ½ of the range of one
    assert normal.mean().item() == pytest.approx(0, abs=0.03)
    assert (clipped.abs() == 1).float().mean().item() == pytest.approx(0.317, abs=0.02)  # beyond one standard deviation
    assert standard.std().item() == pytest.approx(1, rel=0.02)
    assert torch.equal(
        standard, starts("standard", 3, 4999, 2, generator=seeded(), low=0.0, high=1.0)
    )  # whatever the range
    assert torch.equal(
        starts("normal", 5, 17, 2, generator=seeded())[:3], starts("normal", 3, 17, 2, generator=seeded())
    )


def test_data_starts_take_every_point_before_any_twice():
    data = torch.arange(5.0)[:, None].expand(5, 2)
    found = starts("data", 3, 13, 2, generator=seeded(), data=data)
    assert found.shape == (3, 13, 2)
    for member in found[..., 0]:
        assert sorted(member[:5].tolist()) == [0, 1, 2, 3, 4]
        assert torch.equal(member[:3], member[10:])
    own = starts("data", 3, 5, 2, generator=seeded(), data=torch.stack([data, data + 10, data + 20]))
    assert torch.equal(own.amin((1, 2)), torch.tensor([0.0, 10.0, 20.0]))


def test_data_starts_have_noise_of_the_given_amplitude():
    data = torch.full((1, 2), 0.5)
    off = starts("data", 3, 4999, 2, generator=seeded(), data=data, noise=Noise("normal", 0.1)) - 0.5
    assert off.std().item() == pytest.approx(0.1, rel=0.02)
    uniform = starts("data", 3, 997, 2, generator=seeded(), data=data, noise=Noise("uniform", 0.1)) - 0.5
    assert uniform.abs().max().item() == pytest.approx(0.1, rel=0.01)


def test_starts_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match=r"`start` must be one of 'data', .*; got 'normal-cliped'\. Did you mean"):
        starts("normal-cliped", 3, 5, 2, generator=seeded())
    with pytest.raises(ValueError, match="start 'data' takes its points from `data`, the others take none; got 'data'"):
        starts("data", 3, 5, 2, generator=seeded())
    with pytest.raises(ValueError, match="the others take none; got 'uniform'"):
        starts("uniform", 3, 5, 2, generator=seeded(), data=torch.zeros(7, 2))
    with pytest.raises(ValueError, match=r"`data` must be \(points, 2\) or \(3, points, 2\); got \(7, 3\)"):
        starts("data", 3, 5, 2, generator=seeded(), data=torch.zeros(7, 3))
