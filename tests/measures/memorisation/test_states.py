"""Memorised, spurious and new samples: on points whose state is known, and on the limits of what counts as the same."""

import pytest
import torch

from landscape.measures.memorisation import STATES, sample_states


def known() -> tuple[torch.Tensor, torch.Tensor]:
    """Training points at 0, 1, …, 9, and held-out points at .5, 1.5, …, 8.5, each 1 from its nearest other."""
    return torch.arange(10.0).reshape(1, -1, 1), torch.arange(9.0).reshape(1, -1, 1) + 0.5


def test_each_sample_has_the_state_that_its_distances_say() -> None:
    training, held_out = known()
    # A copy, two samples at one place between the data, a far pair, a far sample, a sample between the data.
    samples = torch.tensor([2.0, 4.5, 4.5, 40.0, 40.1, -9.0, 7.3]).reshape(1, -1, 1)
    scaled = held_out / 4  # held-out points that are ¼ apart, and at most .375 from the training points
    found = sample_states(samples, training, scaled)
    assert found.same.item() == pytest.approx(0.25)
    words = found.table().state.tolist()
    assert words == [
        "memorised", "spurious", "spurious", "spurious", "spurious", "unlike the data", "new",
    ]  # fmt: skip
    assert [found.share(word).item() for word in STATES] == pytest.approx([1 / 7, 4 / 7, 1 / 7, 1 / 7])


def test_the_same_distance_does_not_depend_on_the_training_points() -> None:
    generator = torch.Generator().manual_seed(0)
    held_out, samples = torch.rand(2, 100, 3, generator=generator), torch.rand(2, 50, 3, generator=generator)
    few, many = (sample_states(samples, torch.rand(2, n, 3, generator=generator), held_out) for n in (5, 500))
    assert torch.equal(few.same, many.same)
    assert (few.far > many.far).all()


def test_held_out_points_are_new_and_repeated_ones_are_not() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(3, 700, 8, generator=generator)
    training, held_out, samples = points[:, :200], points[:, 200:500], points[:, 500:]
    assert (sample_states(samples, training, held_out).share("new") > 0.8).all()
    repeated = sample_states(samples[:, :20].repeat(1, 10, 1), training, held_out)
    assert (repeated.share("spurious") + repeated.share("memorised") == 1).all()
    assert (sample_states(training, training, held_out).share("memorised") == 1).all()
    noise = sample_states(10 * torch.rand(3, 200, 8, generator=generator), training, held_out)
    assert (noise.share("unlike the data") > 0.9).all()


def test_a_sample_that_is_not_finite_has_no_state() -> None:
    training, held_out = known()
    samples = torch.tensor([2.0, torch.nan, torch.inf]).reshape(1, -1, 1)
    found = sample_states(samples, training, held_out)
    assert found.state[0].tolist() == [STATES.index("memorised"), -1, -1]
    assert found.share("new").isnan().all()
    assert found.table().state.isna().tolist() == [False, True, True]


def test_one_point_has_no_other() -> None:
    training, held_out = known()
    with pytest.raises(ValueError, match="two points or more each; got 1 and 9"):
        sample_states(training[:, :1], training, held_out)
