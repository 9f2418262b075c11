"""Sets that are compared with each other: read in the order of their files, and in one scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from landscape.data.together import DIGITS_TRAINING, read_features, read_together

IMAGES = np.random.default_rng(0).integers(0, 256, (31, 4, 3), np.uint8)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(**names: str) -> dict[str, str]:
    return {"samples": "s.npy", "training": "t.npy", "held_out": "h.npy"} | names


def save(**arrays: np.ndarray) -> None:
    for name, values in arrays.items():
        np.save(f"{name}.npy", values)


def test_points_keep_the_order_of_their_files() -> None:
    save(t=IMAGES, h=IMAGES[:7] / 255, s=IMAGES[7:])
    sets = read_together(given())
    assert list(sets) == ["samples", "training", "held_out"]
    assert np.array_equal(sets["training"].points, (IMAGES / np.float32(255)).reshape(31, 12))
    assert np.allclose(sets["held_out"].points, sets["training"].points[:7])
    assert all(one.unit and one.shape == (4, 3) for one in sets.values())


def test_floats_beyond_the_unit_are_taken_as_they_are() -> None:
    wide = np.random.default_rng(0).normal(size=(31, 5))
    save(t=wide, h=np.abs(wide[:7]) / 9, s=wide[7:])
    sets = read_together(given())
    assert np.array_equal(sets["training"].points, wide.astype(np.float32))
    assert [one.unit for one in sets.values()] == [False, False, True]
    assert "taken as they are → 5 coordinates" in sets["training"].summary


def test_what_rounding_left_is_clipped() -> None:
    save(t=IMAGES, h=IMAGES[:7], s=IMAGES[7:] / 255 + 1e-6)
    samples = read_together(given())["samples"]
    assert samples.unit
    assert samples.range[1] == 1


@pytest.mark.parametrize("training", [IMAGES, IMAGES / 255])
def test_images_in_two_scales_are_refused(training: np.ndarray) -> None:
    save(t=training, h=training[:7], s=IMAGES[7:] / 127.5 - 1)
    with pytest.raises(ValueError, match=r"s.npy holds numbers from -1 to 1, and t.npy is read in \[0, 1\]"):
        read_together(given())


def test_widths_must_be_one() -> None:
    save(t=IMAGES, h=IMAGES[:7], s=IMAGES[:, :3])
    with pytest.raises(ValueError, match=r"got s.npy 9 coordinates .*, t.npy 12 .* --size and --grey"):
        read_together(given())
    sets = read_together(given(), size=3)
    assert {one.points.shape[1] for one in sets.values()} == {9}


def test_a_table_is_scaled_as_the_training_table() -> None:
    Path("t.csv").write_text("size,kind\n0,a\n10,b\n4,a\n2,b\n")
    Path("h.csv").write_text("size,kind\n1,b\n5,a\n3,b\n")
    Path("s.csv").write_text("size,kind\n20,b\n-10,a\n5,b\n")
    sets = read_together({"samples": "s.csv", "held_out": "h.csv", "training": "t.csv"})
    assert sets["samples"].points[:, 0].tolist() == [2, -1, 0.5]
    assert sets["held_out"].points[:, 0].tolist() == pytest.approx([0.1, 0.5, 0.3])
    assert sets["held_out"].points[:, 1:].tolist() == [[0, 1], [1, 0], [0, 1]]
    assert "scaled as the training rows" in sets["samples"].summary


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("length,kind\n1,b\n5,a\n3,b\n", "s.csv must have the columns size, kind, in this order; it has length, kind"),
        ("size,kind\n1,b\n5,c\n3,b\n", "column 'kind' has the value 'c', unlike the training rows"),
        ("size,kind\n1,7\n5,8\n3,9\n", "column 'kind' has numbers in place of categories"),
    ],
)
def test_another_table_is_refused(rows: str, message: str) -> None:
    Path("t.csv").write_text("size,kind\n0,a\n10,b\n4,a\n2,b\n")
    Path("s.csv").write_text(rows)
    with pytest.raises(ValueError, match=message):
        read_together({"training": "t.csv", "samples": "s.csv"})


def test_digits_divide_by_themselves() -> None:
    sets = read_together({"training": "digits", "held_out": "digits"})
    assert (len(sets["training"].points), len(sets["held_out"].points)) == (DIGITS_TRAINING, 1797 - DIGITS_TRAINING)
    assert not set(map(bytes, sets["training"].points)) & set(map(bytes, sets["held_out"].points))
    assert sets["training"].classes == tuple(map(str, range(10)))


def test_features_are_three_arrays_of_one_width() -> None:
    arrays = {"samples": np.ones((5, 2, 3)), "training": np.zeros((7, 6)), "held_out": -9 * np.ones((3, 6))}
    np.savez("f.npz", **arrays)
    found = read_features("f.npz")
    assert [values.shape for values in found.values()] == [(5, 6), (7, 6), (3, 6)]
    assert found["held_out"].min() == -9
    np.savez("f.npz", **arrays | {"training": np.zeros((7, 5))})
    with pytest.raises(ValueError, match="features of one width; got samples 6, training 5, held_out 6"):
        read_features("f.npz")
    np.savez("f.npz", samples=arrays["samples"])
    with pytest.raises(ValueError, match=r"f.npz has no training and held_out among its arrays \(samples"):
        read_features("f.npz")
    np.save("f.npy", arrays["samples"])
    with pytest.raises(ValueError, match=r"must be pixels, pca, classifier or an \.npz file; got f\.npy"):
        read_features("f.npy")
