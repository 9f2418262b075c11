"""The course of samples: when they settle, what is shown of them, and in which class they end."""

from __future__ import annotations

import pytest
import torch

from landscape import measures
from landscape.studies.parts.courses import agreement, course, frames, image_radius, levels, settling, shown

E, N, D, S, T = 2, 5, 3, 7, 11


def test_a_sample_settles_after_its_last_long_step() -> None:
    residual = torch.full((1, T, 4), 0.001)
    residual[0, :3, 0] = 0.5  # the step from iteration 2 to 3 is the last long one
    residual[0, [0, 6], 1] = 0.5
    residual[0, -1, 2] = 0.5  # still moving at the end
    found = settling(residual)
    assert found.settled.tolist() == [0.75]
    assert found.value.tolist() == [7]
    assert found.censored.tolist() == [False]


def test_samples_that_never_rest_have_no_burn_in() -> None:
    found = settling(torch.full((E, T, S), 0.021))
    assert found.value.tolist() == [T, T]
    assert found.censored.all()
    assert not found.settled.any()
    assert settling(torch.full((E, T, S), 0.019)).value.tolist() == [0, 0]


def test_a_constant_map_settles_in_one_step_at_its_own_distance() -> None:
    data = torch.rand(E, N, D, generator=torch.Generator().manual_seed(0))
    value = torch.full((E, D), 0.5)
    starts = torch.zeros(E, S, D)
    found = course(measures.known_maps.Constant(value), starts, T, data, watched=4)
    assert found.residual.shape == (E, T, 4)
    assert torch.allclose(found.residual[:, 0], torch.tensor(0.5))
    assert found.residual[:, 1:].eq(0).all()
    assert found.burn_in.value.tolist() == [1, 1]
    assert found.final.shape == (E, S, D)
    expected = (data - 0.5).norm(dim=-1).amin(-1)
    assert torch.allclose(found.distance[:, -1], expected[:, None].expand(E, 4))


def test_residuals_are_shares_of_the_range() -> None:
    found = course(
        measures.known_maps.Constant(torch.ones(1, D)), -torch.ones(1, S, D), 2, torch.ones(1, N, D), watched=S, low=-1
    )
    assert found.residual[:, 0].eq(1).all()


def test_near_an_image_is_a_fiftieth_of_the_range_in_each_coordinate_or_a_quarter_of_the_gap() -> None:
    far = torch.eye(4)[None] * 9
    assert image_radius(far, -1.0, 1.0).tolist() == pytest.approx([0.02 * 2 * 2])
    close = torch.tensor([[[0.0, 0, 0, 0], [0.04, 0, 0, 0], [1, 1, 1, 1]]])
    assert image_radius(close).tolist() == pytest.approx([0.01])


def test_the_image_shown_is_the_maps_before_its_noise() -> None:
    value, noise = torch.full((E, D), 0.25), measures.Noise("normal", 0.3)
    steps = list(
        shown(measures.known_maps.Constant(value), torch.zeros(E, S, D), T, noise, torch.Generator().manual_seed(1))
    )
    assert len(steps) == T + 1
    assert steps[0].eq(0).all()
    assert torch.stack(steps[1:]).eq(0.25).all()


def test_under_the_identity_the_noise_of_one_step_is_shown_at_the_next() -> None:
    noise = measures.Noise("published", 0.1)  # U(0.1, 0.2) for the range [0, 1]
    first, second, third = shown(
        measures.known_maps.Identity(1, D), torch.zeros(1, S, D), 2, noise, torch.Generator().manual_seed(1)
    )
    assert torch.equal(first, second)
    assert ((third >= 0.1) & (third <= 0.2)).all()
    *_, last = shown(
        measures.known_maps.Identity(1, D), torch.zeros(1, S, D), 40, noise, torch.Generator().manual_seed(1)
    )
    assert last.eq(1).all()


def test_the_report_plays_every_iteration_at_first() -> None:
    assert frames(300) == [*range(21), *range(30, 300, 10), 300]
    assert frames(3) == [0, 1, 2, 3]
    assert frames(20) == list(range(21))
    assert frames(21) == [*range(21), 21]
    long = frames(5000)
    assert (len(long), long[0], long[-1], len(set(long))) == (60, 0, 5000, 60)


def test_points_are_kept_as_bytes_of_the_datas_range() -> None:
    points = torch.tensor([-1.0, 0.0, 1.0, 3.0, torch.nan])
    assert levels(points, -1, 1).tolist() == [0, 128, 255, 255, 128]


def test_agreement_is_the_share_of_equal_classes_and_its_mean_over_shuffles() -> None:
    starts, ends = torch.tensor([[0, 0, 1, 2]]), torch.tensor([[0, 1, 1, -1]])
    share, null = agreement(starts, ends)
    assert share.tolist() == [0.5]
    shuffled = [agreement(starts[:, order], ends)[0].item() for order in map(torch.tensor, _orders(4))]
    assert null.item() == pytest.approx(sum(shuffled) / len(shuffled))


def _orders(count: int) -> list[list[int]]:
    from itertools import permutations

    return [list(order) for order in permutations(range(count))]
