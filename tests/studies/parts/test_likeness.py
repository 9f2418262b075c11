"""How like the data samples are, when copies, held-out points or a single image stand in for them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from landscape.data import Dataset, DataSpec, held_out, load_data
from landscape.studies.parts.likeness import chance_variation, likeness

SEEDS, COUNT, HELD = (0, 1), 97, 41


@pytest.fixture(scope="module", params=[False, True], ids=["shared", "drawn"])
def digits(request: pytest.FixtureRequest) -> tuple[Dataset, Dataset]:
    spec = DataSpec("digits", COUNT, drawn=request.param)
    return load_data(spec, SEEDS), held_out(spec, SEEDS, HELD)


def test_held_out_points_are_as_like_the_data_as_their_null(digits: tuple[Dataset, Dataset]) -> None:
    training, held = digits
    found = likeness({"uniform": held.points, "normal": held.points.flip(1)}, training, held)
    assert torch.equal(found["coverage"], found["coverage_held_out"])
    assert torch.equal(found["variation"], found["variation_held_out"])
    assert found["c_t"].abs().max() < 1e-6
    assert found["variation_starts"].eq(0).all()
    assert ((found["variation_chance"] > 0.05) & (found["variation_chance"] < 0.3)).all()


def test_copies_are_nearer_than_held_out_points(digits: tuple[Dataset, Dataset]) -> None:
    training, held = digits
    found = likeness({"normal": training.points[:, :HELD]}, training, held)
    assert (found["c_t"] < -3).all()
    assert "variation_starts" not in found


def test_one_image_covers_little_and_is_of_one_class(digits: tuple[Dataset, Dataset]) -> None:
    training, held = digits
    one = training.points[:, :1].expand(-1, HELD, -1)
    found = likeness({"uniform": one, "normal": one}, training, held)
    assert (found["coverage"] < 0.2 * found["coverage_held_out"]).all()
    assert (found["variation"] > 0.8).all()
    assert found["variation_chance"].eq(0).all()  # points of a single class are alike however they are divided


def test_a_diverged_member_has_no_numbers_of_its_own(digits: tuple[Dataset, Dataset]) -> None:
    training, held = digits
    ends = held.points.clone()
    ends[1, 3, 0] = torch.nan
    found = likeness({"uniform": ends}, training, held)
    assert found["coverage"].isnan().tolist() == [False, True]
    assert found["c_t"].isnan().tolist() == [False, True]
    assert not found["coverage_held_out"].isnan().any()


def test_few_points_have_no_coverage() -> None:
    spec = DataSpec("digits", 4)
    training, held = load_data(spec, SEEDS), held_out(spec, SEEDS, 3)
    assert likeness({"uniform": held.points}, training, held)["coverage"].isnan().all()


def test_chance_is_the_mean_over_every_division() -> None:
    first, second = np.array([2, 1, 0]), np.array([1, 2, 1])
    pool = [0, 0, 0, 1, 1, 1, 2]
    apart = []
    for chosen in combinations(range(7), 3):
        ours = np.bincount([pool[place] for place in chosen], minlength=3) / 3
        theirs = np.bincount([pool[place] for place in range(7) if place not in chosen], minlength=3) / 4
        apart.append(np.abs(ours - theirs).sum() / 2)
    assert chance_variation(first, second) == pytest.approx(np.mean(apart))
