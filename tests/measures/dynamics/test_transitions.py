"""Jumps and changes of mode on orbits made by hand."""

from __future__ import annotations

import pytest
import torch

from landscape.measures import Noise, iterate
from landscape.measures.dynamics import jumps
from landscape.measures.known_maps import Identity

# One member, three samples on the line: the first leaps at iterations 2 and 4, the second creeps, the third leaps at 1.
PATHS = torch.tensor(
    [[0.0, 0.05, 0.5, 0.5, 0.0, 0.0], [0.0, 0.09, 0.18, 0.27, 0.36, 0.45], [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
)
STEPS = PATHS.T[:, None, :, None]  # (T+1, E, S, D)


def test_long_steps_are_counted_by_hand():
    found = jumps(STEPS)
    assert found.steps == 5
    assert found.long.tolist() == [[2, 0, 1]]
    assert found.last.tolist() == [[4, -1, 1]]
    assert found.jumpiness.tolist() == pytest.approx([3 / 15])


def test_steps_of_the_burn_in_are_not_counted():
    found = jumps(STEPS, burn_in=2)
    assert (found.steps, found.long.tolist(), found.last.tolist()) == (3, [[1, 0, 0]], [[4, -1, 1]])


def test_the_diameter_is_that_of_the_box():
    assert jumps(STEPS, low=-2, high=3.01).long.tolist() == [[0, 0, 1]]  # a tenth is 0.501
    wide = STEPS.expand(6, 1, 3, 25)  # in 25 dimensions steps and diameter are both five times as long
    assert jumps(wide).long.tolist() == [[2, 0, 1]]
    assert jumps(torch.cat([STEPS, torch.zeros(6, 1, 3, 24)], -1)).long.tolist() == [[0, 0, 1]]  # a tenth is 0.5


def test_modes_change_only_on_arrival_at_another_training_point():
    data = torch.tensor([[[0.0], [1.0]]])
    #           at 0, away, back at 0, at 1, away, at 0, still
    path = torch.tensor([0.0, 0.3, 0.05, 0.95, 0.6, 0.02, 0.02])
    never, late = torch.full((7,), 0.5), torch.tensor([0.5, 0.5, 1.0, 0.5, 0.5, 1.0, 1.0])
    steps = torch.stack([path, never, late], 1)[:, None, :, None]
    found = jumps(steps, data=data, radius=torch.tensor([0.1]))
    assert found.changes is not None
    assert found.changes.tolist() == [[2, 0, 0]]
    assert found.mode_jumps.tolist() == pytest.approx([100 * 2 / 18])
    after = jumps(steps, data=data, radius=torch.tensor([0.1]), burn_in=3)
    assert after.changes is not None
    assert after.changes.tolist() == [[1, 0, 0]]


def test_without_a_radius_the_nearest_training_point_counts():
    steps = torch.tensor([0.0, 0.4, 0.6, 0.4])[:, None, None, None]
    found = jumps(steps, data=torch.tensor([[[0.0], [1.0]]]))
    assert found.mode_jumps.tolist() == pytest.approx([200 / 3])


def test_jumps_are_counted_as_iterates_come():
    steps = iterate(
        Identity(3, 2), torch.rand(11, 2), 7, noise=Noise("uniform", 0.3), generator=torch.Generator().manual_seed(0)
    )
    orbit = torch.stack(list(steps), 1)
    found = jumps(orbit.unbind(1))
    assert torch.equal(found.long, (orbit.diff(dim=1).norm(dim=-1) > 0.1 * 2**0.5).sum(1))


def test_an_orbit_without_steps_is_refused():
    with pytest.raises(ValueError, match="at least one step after the burn-in of 5; got 5 steps"):
        jumps(STEPS, burn_in=5)
    with pytest.raises(ValueError, match="give `data` to jumps"):
        jumps(STEPS).mode_jumps  # noqa: B018


def test_a_member_that_diverges_has_no_rates():
    steps = torch.zeros(4, 2, 3, 2)
    steps[2:, 0, 1] = torch.nan
    found = jumps(steps.unbind(0), data=torch.rand(2, 5, 2, generator=torch.Generator().manual_seed(0)))
    assert found.finite.tolist() == [False, True]
    for rates in (found.jumpiness, found.mode_jumps):
        assert rates.isnan().tolist() == [True, False]
