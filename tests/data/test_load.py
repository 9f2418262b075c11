"""The data that a recipe chooses: ranges, classes, twins, drawn subsets, and held-out points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from landscape.choices import DRAWN_SETS
from landscape.data import DATASETS, Dataset, DataSpec, dimension, held_out, load_data

SEEDS = (5, 6, 7)


def rows(points: torch.Tensor) -> set[tuple[float, ...]]:
    return set(map(tuple, points.tolist()))


@pytest.fixture
def own(root: Path) -> str:
    """23 points on the line as an .npz, with three classes of 4, 8 and 11."""
    np.savez(root / "own.npz", x=np.linspace(0, 1, 23)[:, None], y=np.repeat(["a", "b", "c"], [4, 8, 11]))
    return "own.npz"


@pytest.mark.parametrize("name", ["digits", "own", "uniform", "clusters", "mnist"])
@pytest.mark.parametrize("drawn", [False, True])
def test_training_its_twin_and_the_held_out_share_no_point(
    name: str, drawn: bool, request: pytest.FixtureRequest
) -> None:
    name = request.getfixturevalue("own") if name == "own" else name
    if name == "mnist":
        request.getfixturevalue("mnist")
    spec = DataSpec(name, 5, 2 if name in DRAWN_SETS else None, clusters=2, drawn=drawn and name not in DRAWN_SETS)
    first, twin = load_data(spec, SEEDS), load_data(replace(spec, skip=5), SEEDS)
    out = [held_out(spec, SEEDS, 7), held_out(replace(spec, skip=5), SEEDS, 7)]
    for member in range(3):
        sets = [rows(one.points[member]) for one in (first, twin, out[0])]
        assert [len(one) for one in sets] == [5, 5, 7]
        assert len(set.union(*sets)) == 17
        assert not rows(out[1].points[member]) & rows(twin.points[member])


@pytest.mark.parametrize("name", ["digits", "own"])
def test_drawn_subsets_depend_on_the_seed_alone_and_are_nested(name: str, own: str) -> None:
    name = own if name == "own" else name
    seven, five = DataSpec(name, 7, drawn=True), DataSpec(name, 5, drawn=True)
    several, alone = load_data(seven, (5, 6)), load_data(five, (6,))
    assert torch.equal(several.points[1, :5], alone.points[0])
    assert several.labels is not None
    assert alone.labels is not None
    assert torch.equal(several.labels[1, :5], alone.labels[0])
    assert rows(several.points[0]) != rows(several.points[1])
    assert several.drawn


def test_held_out_points_are_nested_and_carry_their_labels(own: str) -> None:
    few, more = held_out(DataSpec(own, 3), SEEDS, 5), held_out(DataSpec(own, 3), SEEDS, 11)
    assert torch.equal(few.points, more.points[:, :5])
    assert more.points.stride(0) == 0
    assert more.labels is not None
    expected = np.digitize(more.points[..., 0].numpy() * 22, [3.5, 11.5])
    assert (more.labels.numpy() == expected).all()


@pytest.mark.parametrize("name", ["digits", "two-points", "uniform"])
def test_signed_data_are_the_data_in_zero_to_one_rescaled(name: str) -> None:
    spec = DataSpec(name, 2, 3 if name == "uniform" else None)
    plain, signed = load_data(spec, SEEDS), load_data(replace(spec, signed=True), SEEDS)
    assert torch.allclose(signed.points, 2 * plain.points - 1)
    assert (plain.low, signed.low, signed.high) == (0, -1, 1)


def test_signed_leaves_sets_of_that_range_as_they_are() -> None:
    assert torch.equal(
        load_data(DataSpec("tanh-four", signed=True), SEEDS).points, load_data(DataSpec("tanh-four"), SEEDS).points
    )


@pytest.mark.parametrize("classes", [("a", "C"), ("0", "2"), ("2", "a", "0")])
def test_classes_are_kept_by_name_or_number_and_renumbered(own: str, classes: tuple[str, ...]) -> None:
    data = load_data(DataSpec(own, classes=classes), SEEDS)
    assert data.classes == ("a", "c")
    assert data.labels is not None
    assert data.labels.shape == (3, 15)
    assert data.labels[2].bincount().tolist() == [4, 11]
    assert set(load_data(DataSpec(own, classes=classes, drawn=True), SEEDS).points[1, :, 0].tolist()) == set(
        data.points[0, :, 0].tolist()
    )


def test_shared_data_and_labels_are_not_copied_over_members(own: str) -> None:
    data = load_data(DataSpec(own), range(101))
    assert data.labels is not None
    assert data.points.stride(0) == data.labels.stride(0) == 0


def test_digits_can_be_resized() -> None:
    spec = DataSpec("digits", 3, size=4)
    assert (load_data(spec, SEEDS).shape, dimension(spec)) == ((4, 4), 16)


def test_decode_is_for_tables() -> None:
    data: Dataset = load_data(DataSpec("digits", 3), SEEDS)
    with pytest.raises(ValueError, match="digits is no table, so its points have no rows"):
        data.decode(data.points)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            DataSpec("digits", classes=("3",), count=1000),
            "digits has 183 images of class 3; got count 1000. Ask for 1 to 183",
        ),
        (
            DataSpec("digits", 900, skip=900),
            "1797 images and the first 900 are passed over; got count 900. Ask for 1 to 897",
        ),
        (DataSpec("digits", 1, skip=1797), "got count 1. None are left: take a smaller `count` or `skip`"),
        (DataSpec("digits", classes=("33",)), "`classes` must be one of '0', .*; got '33'"),
        (DataSpec("digits", skip=-1), "`skip` must be a whole number from 0; got -1"),
        (DataSpec("digits", size=0), "`size` must be a positive whole number of pixels; got 0"),
        (DataSpec("two-points", classes=("a",)), "`classes` is not for 'two-points' data"),
        (DataSpec("uniform", 3, 2, grey=True), "`grey` is not for 'uniform' data; leave it out, or choose 'digits'"),
        (DataSpec("two-points", skip=1), "`skip` is not for 'two-points' data"),
        (DataSpec("mnits"), "`data` must be one of .*; got 'mnits'. Did you mean 'mnist'.; or give a path: a folder"),
        (
            DataSpec("a/b.npz"),
            "there is no 'a/b.npz' here or under the data root .*; give the path of a folder of images, or",
        ),
    ],
)
def test_a_spec_that_the_set_cannot_satisfy_is_refused(asked: DataSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message) as found:
        load_data(asked, (0,))
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("asked", "count", "message"),
    [
        (DataSpec("digits", 800), 998, "1797 images, and training takes 800 of them; got 998 to hold out. Ask for 1 to 997"),
        (DataSpec("digits", 900), 898, "training takes 900 of them; got 898 to hold out. Ask for 1 to 897"),
        (DataSpec("digits"), 1, "training takes 1797 of them; got 1 to hold out. None are left"),
        (DataSpec("digits", 5), 0, "`count` of held-out points must be a positive whole number; got 0"),
        (DataSpec("two-points"), 1, "'two-points' is trained on whole: it has no points to hold out"),
        (DataSpec("mnist", 5), 8, "mnist has 7 images for testing; got 8 to hold out. Ask for 1 to 7"),
    ],
)  # fmt: skip
def test_more_held_out_points_than_the_set_has_are_refused(
    asked: DataSpec, count: int, message: str, mnist: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        held_out(asked, (0,), count)


def test_files_of_other_kinds_and_classes_without_labels_are_refused(root: Path) -> None:
    (root / "model.pt").write_bytes(b"\x80")
    with pytest.raises(
        ValueError, match=r"data must be a name or a folder of images, or .npz, .*; got the file .*model.pt"
    ):
        load_data(DataSpec("model.pt"), (0,))
    np.save(root / "x.npy", np.zeros((3, 4, 4)))
    with pytest.raises(ValueError, match=r"x.npy has no labels, so `classes` cannot choose among its images"):
        load_data(DataSpec("x.npy", classes=("dog",)), (0,))


def test_every_known_name_is_offered() -> None:
    assert {"mnist", "fashion-mnist", "cifar10", "digits", "uniform"} < set(DATASETS)
