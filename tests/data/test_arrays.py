"""NumPy files: the forms that are understood, and those that are refused without being unpickled."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from landscape.data import DataSpec, load_data
from landscape.data.published import CIFAR10

PIXELS = np.random.default_rng(1).integers(0, 256, (5, 4, 7, 3), np.uint8)


def saved(root: Path, name: str = "own.npz", **arrays: Any) -> DataSpec:
    np.savez(root / name, **arrays)
    return DataSpec(name)


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (PIXELS, (4, 7, 3)),
        (PIXELS.transpose(0, 3, 1, 2), (4, 7, 3)),
        (PIXELS[..., :1], (4, 7)),
        (PIXELS[..., 0], (4, 7)),
        (PIXELS[:, 0, :, 0], (7,)),
        (PIXELS.astype(np.int64), (4, 7, 3)),
        (PIXELS / 255, (4, 7, 3)),
        (PIXELS > 99, (4, 7, 3)),
    ],
)
def test_each_form_gives_the_same_points_in_a_fixed_order(
    root: Path, array: np.ndarray, shape: tuple[int, ...]
) -> None:
    np.save(root / "own.npy", array)
    data = load_data(DataSpec("own.npy"), range(3))
    place = np.random.default_rng(0).permutation(5)[2]
    last = array.transpose(0, 2, 3, 1) if array.shape[1:] == (3, 4, 7) else array
    expected = torch.from_numpy(last[place].reshape(-1) / (1 if array.dtype.kind in "fb" else 255)).float()
    assert data.shape == shape
    assert torch.allclose(data.points[1, 2], expected)


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("arr_0", "y")])
def test_labels_are_found_beside_the_images(root: Path, names: tuple[str, str]) -> None:
    spec = saved(root, **{names[0]: PIXELS, names[1]: np.array([[7], [9], [7], [7], [9]])})
    data = load_data(spec, (0,))
    assert data.classes == ("7", "9")
    assert data.labels is not None
    assert data.labels[0].bincount().tolist() == [3, 2]


def test_classes_are_named_by_the_file_or_as_those_of_cifar10(root: Path) -> None:
    own = saved(root, x=PIXELS, y=[0, 2, 2, 0, 0], classes=np.array(["cat", "hen", "owl"]))
    assert load_data(own, (0,)).classes == ("cat", "hen", "owl")
    with pytest.raises(ValueError, match=r"own.npz has no images of class 'hen'; choose another class"):
        load_data(DataSpec("own.npz", classes=("hen",)), (0,))
    ten = saved(root, "cifar10-few.npz", x=np.zeros((10, 4, 4), np.uint8), y=np.arange(10))
    assert load_data(ten, (0,)).classes == CIFAR10
    assert load_data(saved(root, "cifar10-odd.npz", x=PIXELS, y=[0, 1, 2, 3, 3]), (0,)).classes == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": PIXELS}, "none of x, images, arr_0 among its arrays (z)"),
        (
            {"x": PIXELS.astype(object)},
            "it holds Python objects (a pickle), which could run any code; save plain numbers",
        ),
        ({"x": np.array([[0.5, -0.1]])}, "x is of float64 and must lie in [0, 1]; got -0.1 to 0.5. Scale it first"),
        ({"x": np.array([[7, 256]])}, "x is of int64 and must lie in [0, 255]; got 7 to 256. Scale it first"),
        ({"x": np.array([[0.5, 0.1], [np.nan, 1]])}, "x holds nan at (1, 0); finite numbers are needed"),
        ({"x": np.zeros(5)}, "x must be images (N, h, w) or (N, h, w, 3), or points (N, D); got (5,)"),
        (
            {"x": np.zeros((5, 4, 4, 4))},
            "x must be images (N, h, w) or (N, h, w, 3), or points (N, D); got (5, 4, 4, 4)",
        ),
        ({"x": np.zeros((0, 4, 4))}, "or points (N, D); got (0, 4, 4)"),
        ({"x": np.array([["a"]])}, "x must hold numbers; got <U1"),
        ({"x": PIXELS, "y": [1, 2, 3]}, "y must be 5 whole numbers or names, one an image; got int64 (3,)"),
        ({"x": PIXELS, "y": np.zeros(5)}, "y must be 5 whole numbers or names, one an image; got float64 (5,)"),
        (
            {"x": PIXELS, "y": [0, 1, 2, 1, 1], "classes": ["a", "b"]},
            "y must lie in 0 … 1, the places in `classes`; got 0 to 2",
        ),
        (
            {"x": PIXELS, "y": [0, 1, 1, 1, 1], "classes": "ab"},
            "`classes` must be names, one a class; got an array of shape ()",
        ),
    ],
)
def test_unusable_arrays_are_refused_in_one_line(root: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"own\.npz") as found:
        load_data(saved(root, **arrays), (0,))
    assert "\n" not in str(found.value)
    assert message in str(found.value)


def test_a_header_that_promises_more_than_memory_holds_is_refused(root: Path) -> None:
    np.save(root / "own.npy", PIXELS)
    whole = (root / "own.npy").read_bytes()
    written = whole.replace(b"(5, 4, 7, 3), }" + b" " * 15, b"(5" + b"0" * 15 + b", 4, 7, 3), }")
    assert written != whole
    (root / "own.npy").write_bytes(written)
    with pytest.raises(ValueError, match=r"own\.npy cannot be read as NumPy arrays \(.*\); is it whole\?"):
        load_data(DataSpec("own.npy"), (0,))


@pytest.mark.parametrize("name", ["own.npz", "own.npy"])
def test_truncated_files_pickles_and_others_are_refused(root: Path, name: str) -> None:
    (np.savez if name == "own.npz" else np.save)(root / name, PIXELS)
    whole = (root / name).read_bytes()
    for content, message in (
        (whole[:-300], "cannot be read as NumPy arrays"),
        (whole[:100] + b"zz" + whole[102:-50] + bytes(50), "cannot be read as NumPy arrays"),
        (pickle.dumps(PIXELS), "holds Python objects (a pickle)"),
        (b"not an array", "no NumPy file"),
        (b"", "no NumPy file"),
    ):
        if name == "own.npy" and content[100:102] == b"zz":
            continue  # a changed pixel of an .npy is a pixel
        (root / name).write_bytes(content)
        with pytest.raises(ValueError, match=name) as found:
            load_data(DataSpec(name), (0,))
        assert message in str(found.value)
        assert "\n" not in str(found.value)
