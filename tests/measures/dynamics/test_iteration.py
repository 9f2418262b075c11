"""Orbits, burn-in and training points reached."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import Dynamics, Noise, iterate, orbits, starts
from landscape.measures.dynamics import burn_in, follow, near_radius, reached, share_near, visits
from landscape.measures.known_maps import Constant, Identity, Memoriser
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
    noise = Noise(kind, 0.1)
    steps = orbits(Constant(torch.zeros(3, 2)), torch.zeros(997, 2), 1, noise=noise, generator=seeded())[:, 1]
    assert steps.mean().item() == pytest.approx(mean, abs=0.006)
    assert steps.std().item() == pytest.approx(spread, rel=0.05)


def test_noise_on_the_identity_adds_up_as_a_random_walk():
    walk = orbits(Identity(3, 2), torch.zeros(1999, 2), 13, noise=Noise("normal", 0.1), generator=seeded())
    assert torch.allclose(walk.var((0, 2, 3)), 0.01 * torch.arange(14.0), rtol=0.05)


def test_noise_on_a_contraction_reaches_its_stationary_variance():
    path = orbits(CONTRACTION, CENTRE.expand(3, 4999, 2), 23, noise=Noise("normal", 0.1), generator=seeded())
    assert torch.allclose(path[:, -1].var((1, 2)), 0.01 / (1 - RATES**2), rtol=0.05)


def test_published_noise_is_biased_and_clipped_orbits_stay_in_the_box():
    options = {"noise": Noise("published", 0.1), "low": -1.0, "high": 1.0}
    zero = Constant(torch.zeros(3, 2))
    step = orbits(zero, torch.zeros(997, 2), 1, generator=seeded(), **options)[:, 1]
    assert step.mean().item() == pytest.approx(0.2, abs=0.005)  # U(1, 3)/10
    assert step.min() >= 0.1
    drift = orbits(Identity(3, 2), torch.zeros(997, 2), 13, generator=seeded(), **options)
    assert torch.allclose(drift.mean((0, 2, 3)), 0.2 * torch.arange(14.0), atol=0.02)
    clipped = orbits(Identity(3, 2), torch.zeros(997, 2), 13, generator=seeded(), clip=True, **options)
    assert (clipped[:, -1] == 1).all()


def test_noise_follows_its_schedule():
    amplitudes = (0.3, 0.0, 0.1)
    path = orbits(Identity(3, 2), torch.zeros(1999, 2), 3, noise=Noise("uniform", amplitudes), generator=seeded())
    moved = path.diff(dim=1)
    assert [moved[:, step].abs().max().item() for step in range(3)] == pytest.approx(amplitudes, rel=0.01)
    assert (moved[:, 1] == 0).all()


def test_noise_must_have_a_generator_and_fit_the_iterations():
    with pytest.raises(ValueError, match=r"`noise` needs a generator; got normal:0\.1 without one"):
        orbits(CONTRACTION, torch.zeros(5, 2), 1, noise=Noise("normal", 0.1))
    with pytest.raises(ValueError, match="noise has 2 amplitudes, and there are 3 iterations"):
        orbits(CONTRACTION, torch.zeros(5, 2), 3, noise=Noise("normal", (0.1, 0.1)), generator=seeded())


@pytest.mark.parametrize("members", [1, 3])
def test_a_step_leaves_the_starts_and_earlier_iterates_alone(members):
    for map in (Identity(members, 2), Constant(torch.zeros(members, 2))):
        begun = torch.rand(members, 5, 2, generator=seeded())
        before = begun.clone()
        first, second, _ = iterate(map, begun, 2, noise=Noise("normal", 0.1), generator=seeded(), clip=True)
        assert torch.equal(begun, before)
        assert torch.equal(first, before)
        assert not torch.equal(second, first)


@pytest.mark.parametrize("shape", [(2,), (11, 2), (3, 11, 2)])
def test_known_coordinates_stay_exact(shape):
    known = torch.full(shape, torch.nan)
    known[..., 1] = torch.rand(shape[:-1], generator=seeded(1))
    options = {"noise": Noise("normal", 0.1), "generator": seeded(2), "clip": True}
    path = orbits(CONTRACTION, torch.rand(3, 11, 2, generator=seeded()), 7, known=known, **options)
    assert torch.equal(path[..., 1], known[..., 1].expand(3, 11)[:, None].expand(3, 8, 11))


def test_the_other_coordinates_settle_given_the_known_ones():
    coupled = affine(torch.tensor([[0.5, 0.25], [0.0, 0.0]]).expand(3, 2, 2), torch.zeros(3, 2))
    path = orbits(coupled, torch.zeros(5, 2), 31, known=torch.tensor([torch.nan, 1.0]))
    assert torch.allclose(path[:, -1, :, 0], torch.tensor(0.5))  # x = x/2 + 1/4


def test_known_coordinates_must_fit_and_be_known():
    with pytest.raises(
        ValueError, match=r"`known` must be \(2,\), \(5, 2\) or \(3, 5, 2\), NaN where unknown; got \(3,\)"
    ):
        orbits(CONTRACTION, torch.zeros(3, 5, 2), 1, known=torch.zeros(3))
    with pytest.raises(ValueError, match=r"it is NaN everywhere\. Leave it out"):
        orbits(CONTRACTION, torch.zeros(3, 5, 2), 1, known=torch.full((2,), torch.nan))


def test_near_is_a_fiftieth_of_the_range_and_at_most_a_quarter_of_the_gap():
    data = torch.tensor([[0.2, 0.8, 0.9], [0.2, 0.8, 0.84], [0.5, 0.5, 0.5]])[..., None]
    assert torch.allclose(near_radius(data), torch.tensor([0.02, 0.01, 0.02]))
    assert torch.allclose(near_radius(data, -1.0, 1.0), torch.tensor([0.025, 0.01, 0.04]))
    assert torch.allclose(near_radius(data[:, :1]), torch.tensor(0.02))
    assert torch.allclose(near_radius(data, noise=0.001), torch.tensor([0.022, 0.01, 0.022]))  # wider by 2·a·√D


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
    begun, radius = starts("uniform", 3, 11, 2, generator=seeded()), torch.full((3,), 0.3)
    options = {"noise": Noise("normal", 0.2), "clip": True}
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
    found = follow(Memoriser(data), starts("uniform", 3, 499, 2, generator=seeded()), 7, data, near_radius(data))
    assert found.burn_in.value.tolist() == [1, 1, 1]
    assert reached(found.final, data, near_radius(data)).tolist() == [5, 5, 5]
    assert torch.equal(visits(found.final, data, near_radius(data)).sum(-1), torch.full((3,), 499))


def test_dynamics_are_given_as_an_object_or_by_their_fields():
    rule = Dynamics(noise="normal:0.1", clip=True, known=torch.tensor([0.25, torch.nan]))
    by_object = orbits(CONTRACTION, CENTRE, 7, dynamics=rule, generator=seeded())
    by_fields = orbits(
        CONTRACTION,
        CENTRE,
        7,
        noise=Noise("normal", 0.1),
        clip=True,
        known=torch.tensor([0.25, torch.nan]),
        generator=seeded(),
    )
    assert torch.equal(by_object, by_fields)
    assert (by_object[..., 0] == 0.25).all()
    with pytest.raises(ValueError, match="give `dynamics` or its fields, not both; got `dynamics` and clip, noise"):
        orbits(CONTRACTION, CENTRE, 7, dynamics=rule, noise="normal:0.1", clip=False)
    with pytest.raises(TypeError, match="nois"):
        orbits(CONTRACTION, CENTRE, 7, nois="normal:0.1")


def test_the_range_is_by_default_that_of_the_output():
    """A tanh net's range is [−1, 1]: clipping there changes nothing; clipping to [0, 1] cuts what is below 0."""
    net = build(MLP(2, 5, output="tanh"), 2, range(3))
    net.flat.mul_(20)
    begun = torch.rand(11, 2, generator=seeded())
    plain = orbits(net, begun, 3)
    assert plain.min() < 0
    assert torch.equal(orbits(net, begun, 3, clip=True), plain)
    assert torch.equal(orbits(net, begun, 1, clip=True, low=0.0), orbits(net, begun, 1).clamp_min(0))
