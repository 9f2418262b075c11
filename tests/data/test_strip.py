"""Images that carry their class in a strip of pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from landscape.data import DataSpec, dimension, held_out, load_data, strips


def test_blocks_are_squares_in_one_row_where_they_fit_else_single_pixels():
    wide = strips(7, 3)
    assert wide.shape == (3, 2, 7)  # blocks of two pixels
    assert wide.sum((1, 2)).tolist() == [4, 4, 4]
    assert wide[1, :, 2:4].all()
    narrow = strips(8, 10)
    assert narrow.shape == (10, 2, 8)
    assert narrow.sum((1, 2)).tolist() == [1] * 10
    assert narrow[9, 1, 1] == 1
    assert wide.sum(0).max() == narrow.sum(0).max() == 1  # no two classes share a pixel


@pytest.mark.parametrize("signed", [False, True])
def test_labelled_images_are_the_same_above_their_strip(signed: bool):
    plain, shown = (load_data(DataSpec("digits", 13, signed=signed, labelled=one), (0, 1)) for one in (False, True))
    assert shown.shape == (10, 8)
    assert shown.dim == dimension(DataSpec("digits", labelled=True)) == 80
    assert torch.equal(shown.points[..., :64], plain.points)
    assert plain.labels is not None
    below = (shown.points[0, :, 64:] - shown.low) / (shown.high - shown.low)
    assert below.argmax(-1).tolist() == plain.labels[0].tolist()
    assert below.sum(-1).tolist() == [1.0] * 13
    assert held_out(DataSpec("digits", 13, labelled=True), (0,), 5).shape == (10, 8)


def test_only_the_chosen_classes_have_a_block():
    spec = DataSpec("digits", 11, classes=("7", "2"), labelled=True)
    data = load_data(spec, (0,))
    assert data.strip == 4
    assert data.shape == (12, 8)
    assert data.classes == ("2", "7")
    assert data.labels is not None
    left = data.points[0, :, 64:].view(11, 4, 2, 4).mean((1, 3))
    assert left.argmax(-1).tolist() == data.labels[0].tolist()


def test_strips_of_colour_images_are_white(root: Path):
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 5, 3), np.uint8)
    np.savez(root / "own.npz", x=images, y=np.arange(6) % 2)
    data = load_data(DataSpec("own.npz", 6, labelled=True), (0,))
    assert data.shape == (5, 5, 3)
    strip = data.points[0].view(6, 5, 5, 3)[:, 3:]
    assert set(strip.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(strip[..., 0], strip[..., 2])


def test_the_dimension_of_a_published_set_is_known_without_its_files():
    assert dimension(DataSpec("mnist", labelled=True)) == 30 * 28
    assert dimension(DataSpec("cifar10", labelled=True, classes=("dog", "5", "cat"))) == (32 + 16) * 32 * 3


def test_what_has_no_classes_cannot_show_them(root: Path):
    np.save(root / "own.npy", np.zeros((4, 2, 2), np.uint8))
    with pytest.raises(
        ValueError, match=r"`labelled` shows the classes of images, and own.npy has no labels; leave it"
    ):
        load_data(DataSpec("own.npy", labelled=True), (0,))
    (root / "own.csv").write_text("size,class\n1,a\n2,b\n3,a\n")
    with pytest.raises(ValueError, match=r"and own.csv has rows in place of images; leave it out \(in a table"):
        load_data(DataSpec("own.csv", labelled=True), (0,))
    with pytest.raises(ValueError, match="`labelled` is not for 'uniform' data"):
        load_data(DataSpec("uniform", 3, 2, labelled=True), (0,))
