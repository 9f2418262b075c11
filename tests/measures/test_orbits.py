"""Orbits, burn-in and training points reached."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import (
    Constant,
    Identity,
    Memoriser,
    burn_in,
    follow,
    near_radius,
    orbits,
    reached,
    share_near,
    starts,
    visits,
)
from landscape.nets import MLP
from tests.measures.hand_built import affine

RATES = torch.tensor([0.5, 0.25, -0.5])
CONTRACTION = affine(RATES[:, None, None] * torch.eye(2), (1 - RATES)[:, None] * 0.5)  # towards (½, ½)
CENTRE = torch.full((3, 1, 2), 0.5)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_orbits_of_a_contraction_in_closed_form():
    begun = torch.rand(3, 11, 2, generator=seeded())
    found = orbits(CONTRACTION, begun, 13)
    assert found.shape == (3, 14, 11, 2)
    powers = RATES[:, None] ** torch.arange(14)
    assert torch.allclose(found, 0.5 + powers[:, :, None, None] * (begun - 0.5)[:, None], atol=1e-6)


def test_shared_starts_are_each_members_starts():
    begun = torch.rand(11, 2, generator=seeded())
    assert torch.equal(orbits(Identity(3, 2), begun, 2), begun.expand(3, 3, 11, 2))


@pytest.mark.parametrize(("kind", "mean", "spread"), [("normal", 0.0, 0.1), ("uniform", 0.0, 0.1 / 3**0.5)])
def test_noise_has_no_mean_and_the_given_amplitude(kind, mean, spread):
    steps = orbits(Constant(torch.zeros(3, 2)), torch.zeros(997, 2), 1, noise=(kind, 0.1), generator=seeded())[:, 1]
    assert steps.mean().item() == pytest.approx(mean, abs=0.006)
    assert steps.std().item() == pytest.approx(spread, rel=0.05)


def test_published_noise_is_biased_and_clipped_orbits_stay_in_the_box():
    options = {"noise": ("published", 0.1), "low": -1.0, "high": 1.0}
    zero = Constant(torch.zeros(3, 2))
    step = orbits(zero, torch.zeros(997, 2), 1, generator=seeded(), **options)[:, 1]
    assert step.mean().item() == pytest.approx(0.2, abs=0.005)  # U(1, 3)/10
    assert step.min() >= 0.1
    clipped = orbits(Identity(3, 2), torch.zeros(997, 2), 13, generator=seeded(), clip=True, **options)
    assert (clipped[:, -1] == 1).all()


def test_noise_must_be_known_and_have_a_generator():
    with pytest.raises(ValueError, match="one of 'normal', 'uniform', 'published' with a generator; got 'pink'"):
        orbits(CONTRACTION, torch.zeros(5, 2), 1, noise=("pink", 0.1), generator=seeded())
    with pytest.raises(ValueError, match="with a generator; got 'normal'"):
        orbits(CONTRACTION, torch.zeros(5, 2), 1, noise=("normal", 0.1))


def test_starts_follow_the_text_and_the_code():
    uniform, normal, clipped = (
        starts(kind, 3, 4999, 2, seeded(), -1.0, 1.0) for kind in ("uniform", "normal", "normal-clipped")
    )
    assert uniform.shape == (3, 4999, 2)
    assert uniform.abs().max() <= 1
    assert uniform.std().item() == pytest.approx(2 / 12**0.5, rel=0.02)
    assert (normal / 2).var().item() == pytest.approx(0.5, rel=0.03)  # variance ½ of the range of one
    assert normal.mean().item() == pytest.approx(0, abs=0.03)
    assert ((clipped.abs() == 1).float().mean().item()) == pytest.approx(
        0.317, abs=0.02
    )  # beyond one standard deviation
    assert torch.equal(starts("normal", 5, 17, 2, seeded())[:3], starts("normal", 3, 17, 2, seeded()))
    with pytest.raises(ValueError, match="`kind` must be one of 'uniform', 'normal', 'normal-clipped'; got 'gauss'"):
        starts("gauss", 3, 5, 2, seeded())


def test_near_is_a_fiftieth_of_the_range_and_at_most_a_quarter_of_the_gap():
    data = torch.tensor([[0.2, 0.8, 0.9], [0.2, 0.8, 0.84], [0.5, 0.5, 0.5]])[..., None]
    assert torch.allclose(near_radius(data), torch.tensor([0.02, 0.01, 0.02]))
    assert torch.allclose(near_radius(data, -1.0, 1.0), torch.tensor([0.025, 0.01, 0.04]))
    assert torch.allclose(near_radius(data[:, :1]), torch.tensor(0.02))


def test_share_near_visits_and_reached_count_by_hand():
    data = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    points = torch.tensor([[[0.05, 0.0], [0.0, 0.0], [1.0, 0.2], [0.0, 1.0], [torch.nan, 0.0]]])
    radius = torch.tensor([0.1])
    assert share_near(points, data, radius).item() == pytest.approx(0.6)
    assert visits(points, data, radius).tolist() == [[2, 0, 1]]
    assert reached(points, data, radius).tolist() == [2]


def near_from(entries: list[int], length: int) -> torch.Tensor:
    """Orbits that come near at the given iterations and stay; a negative entry never settles."""
    times = torch.arange(length + 1)[:, None]
    inside = [times >= entry if entry >= 0 else times < length for entry in entries]
    return torch.cat(inside, 1)[None]


def test_burn_in_is_when_95_percent_of_the_settling_orbits_have_come_to_stay():
    found = burn_in(near_from([*range(20)], 31))
    assert (found.value.item(), found.censored.item(), found.settled.item()) == (18, False, 1)
    with_lost = burn_in(near_from([*range(20), -1, -1, -1, -1, -1], 31))
    assert (with_lost.value.item(), with_lost.settled.item()) == (18, pytest.approx(0.8))
    at_once = burn_in(near_from([0, 0, 0], 31))
    assert (at_once.value.item(), at_once.censored.item()) == (0, False)


def test_an_orbit_that_leaves_again_settles_when_it_returns():
    near = near_from([2], 13)
    near[0, 7] = False
    assert burn_in(near).value.item() == 8


def test_burn_in_is_censored_where_nothing_settles_or_the_end_comes_first():
    for entries in ([-1, -1], [13, 13], [2, 13]):
        found = burn_in(near_from(entries, 13))
        assert (found.value.item(), found.censored.item()) == (13, True)
    assert burn_in(near_from([-1, -1], 13)).settled.item() == 0


def test_following_a_contraction_gives_its_burn_in_in_closed_form():
    begun = CENTRE + torch.tensor([0.3, 0.0])
    found = follow(CONTRACTION, begun.expand(3, 11, 2), 13, CENTRE, torch.full((3,), 0.02))
    assert found.burn_in.value.tolist() == [4, 2, 4]  # 0.3·2⁻⁴ and 0.3·4⁻² are the first below 0.02
    assert not found.burn_in.censored.any()
    assert found.share_near.shape == (3, 14)
    assert found.share_near[0].tolist() == [0.0] * 4 + [1.0] * 10


def test_following_keeps_what_the_whole_orbits_say():
    ensemble = build(MLP(hidden=2, width=11), 2, range(3))
    data = torch.rand(3, 5, 2, generator=seeded(1))
    begun, radius = starts("uniform", 3, 11, 2, seeded()), torch.full((3,), 0.3)
    options = {"noise": ("normal", 0.2), "clip": True}
    whole = orbits(ensemble, begun, 13, generator=seeded(2), **options)
    found = follow(ensemble, begun, 13, data, radius, generator=seeded(2), **options)
    assert torch.equal(found.final, whole[:, -1])
    near = torch.stack([(torch.cdist(whole[:, t], data) <= 0.3).any(-1) for t in range(14)], 1)
    assert torch.allclose(found.share_near, near.float().mean(-1))
    assert torch.equal(found.near, near[:, -1])
    expected = burn_in(near)
    assert torch.equal(found.burn_in.value, expected.value)
    assert torch.equal(found.burn_in.censored, expected.censored)
    assert torch.equal(found.burn_in.settled, expected.settled)


def test_the_memoriser_settles_at_once_and_reaches_every_point():
    data = torch.rand(3, 5, 2, generator=seeded(1))
    found = follow(Memoriser(data), starts("uniform", 3, 499, 2, seeded()), 7, data, near_radius(data))
    assert found.burn_in.value.tolist() == [1, 1, 1]
    assert reached(found.final, data, near_radius(data)).tolist() == [5, 5, 5]
    assert torch.equal(visits(found.final, data, near_radius(data)).sum(-1), torch.full((3,), 499))
