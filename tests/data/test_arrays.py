"""NumPy files: the forms that are understood, and those that are refused without being unpickled."""

from __future__ import annotations

import os
import pickle
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from landscape.data import DataSpec, load_data
from landscape.data import arrays as reading
from landscape.data.load import _source
from landscape.data.published import CIFAR10

PIXELS = np.random.default_rng(1).integers(0, 256, (5, 4, 7, 3), np.uint8)
LABELS = np.array([7, 9, 7, 7, 9], np.uint8)


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


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"x_train": PIXELS, "y_train": LABELS}, "read from x_train and y_train, not from x_test, y_test"),  # Keras
        (
            {"train_images": PIXELS, "train_labels": LABELS},
            "read from train_images and train_labels, not from x_test, y_test",
        ),
        ({"X_train": PIXELS, "y_train": LABELS}, "read from X_train and y_train, not from x_test, y_test"),
        ({"x": PIXELS, "y": LABELS, "x_train": 0}, "read from x and y, not from x_train, x_test, y_test"),
        ({"arr_0": PIXELS}, "read from arr_0, not from x_test, y_test"),
    ],
)
def test_a_file_of_several_arrays_is_read_by_their_names_and_the_summary_names_the_rest(
    root: Path, others: dict[str, Any], said: str
) -> None:
    data = load_data(saved(root, **others, x_test=PIXELS[:2, ::-1], y_test=[1, 2]), (0,))
    assert data.count == 5
    assert said in data.summary
    assert data.classes == (("7", "9") if len(others) > 1 else ())
    assert float(data.points.sum()) == pytest.approx(PIXELS.sum() / 255)


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
        (
            {"z": PIXELS, "w": [1.5]},
            "own.npz has none of x, images, arr_0, x_train, train_images, X, X_train among its arrays (z (5, 4, 7, 3) of "
            "uint8, w (1,) of float64); save the images or points as x and their classes as y: np.savez(file, x=…, y=…)",
        ),
        ({f"z{place}": 1 for place in range(10)}, "z7 () of int64 and 2 more); save the images"),
        ({}, "among its arrays (none); save the images"),
        ({"x_train": np.array([[7, 256]])}, "x_train is of int64 and must lie in [0, 255]; got 7 to 256. Scale it"),
        ({"x_train": PIXELS, "y_train": [1]}, "y_train must be 5 whole numbers or names, one an image; got int64 (1,)"),
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
        ({"x": np.full((3, 2), 1j)}, "x must hold numbers; got complex128. Save its real and imaginary parts"),
        ({"x": np.zeros((3, 2), "M8[s]")}, "x must hold numbers; got datetime64[s]. Save whole numbers"),
        ({"x": np.zeros((3, 2), "V2")}, "x must hold numbers; got |V2. NumPy's files know no bfloat16; save x.astype("),
        ({"x": np.zeros((3, 2), "u1,f4")}, "Save its fields f0, f1 as columns of one array (N, D)"),
        (
            {"x": np.float32([[0.5, 1.0000001]])},
            "must lie in [0, 1]; got 0.5 to 1.0000001. np.clip(x, 0, 1) takes away",
        ),
        ({"x": np.array([[0.5, 1.0000001]])}, "must lie in [0, 1]; got 0.5 to 1.0000001. np.clip(x, 0, 1) takes away"),
        ({"x": np.array([[0.5, -1e-9]])}, "must lie in [0, 1]; got -1e-09 to 0.5. np.clip(x, 0, 1) takes away"),
        ({"x": np.float16([[0.5, 1.001]])}, "x is of float16 and must lie in [0, 1]; got 0.5 to 1.001. Scale it first"),
        ({"x": np.array([[0, 2**16 - 1]], np.uint16)}, "got 0 to 65535. Scale it first, for example by x / 65535"),
        ({"x": np.array([[0, 4095]], np.uint16)}, "got 0 to 4095. Scale it first, for example by x / 4095"),
        ({"x": np.array([[0, 2**64 - 1]], np.uint64)}, "must lie in [0, 255]; got 0 to 18446744073709551615"),
        ({"x": np.array([[-1, 1]], np.int8)}, "x is of int8 and must lie in [0, 255]; got -1 to 1. Scale it first"),
        ({"x": PIXELS > 99, "y": [1, 2, 3]}, "y must be 5 whole numbers or names, one an image; got int64 (3,)"),
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
def test_unusable_arrays_are_refused_with_a_line_of_text(root: Path, arrays: dict[str, Any], message: str) -> None:
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


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, ">i8", np.uint64])
@pytest.mark.parametrize("top", [1, 16, 63])
def test_whole_numbers_that_end_far_below_255_are_refused(root: Path, dtype: Any, top: int) -> None:
    values = np.arange(40).reshape(10, 4) % (top + 1)
    values[-1] = top
    with pytest.raises(ValueError, match=rf"its largest value is {top}; whole numbers are read as 0 … 255") as found:
        load_data(saved(root, x=values.astype(dtype)), (0,))
    remedy = "x.astype('float32')" if top == 1 else f"x / {top}"
    assert f"Save {remedy} if {top} is the brightest value" in str(found.value)
    (root / "own.npz").unlink()
    assert load_data(saved(root, "scaled.npz", x=values / top), (0,)).points.max() == 1


def test_dark_but_plausible_bytes_are_read_with_a_note(root: Path) -> None:
    spec = saved(root, x=np.array([[0, 64], [3, 7]], np.uint8))
    assert load_data(spec, (0,)).points.max() == pytest.approx(64 / 255)
    assert _source(spec).summary == "2 points, largest value 0.251 → 2 coordinates"


@pytest.mark.parametrize("dtype", [bool, np.float16, np.float32, np.float64, np.longdouble, ">f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_kind_of_real_number_gives_its_values(root: Path, dtype: Any, order: Any) -> None:
    values = (np.arange(5 * 4 * 7).reshape(5, 4, 7) % 2).astype(dtype, order=order)
    data = load_data(saved(root, x=values), (0,))
    assert data.points[0].numpy().tolist() == values.reshape(5, -1)[np.random.default_rng(0).permutation(5)].tolist()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, ">u2", np.uint32, ">i8"])
def test_every_kind_of_whole_number_gives_its_values(root: Path, dtype: Any) -> None:
    values = PIXELS.astype(np.int64) % 128 if dtype == np.int8 else PIXELS
    assert torch.equal(
        load_data(saved(root, x=values.astype(dtype)), (0,)).points,
        load_data(saved(root, "b.npz", x=PIXELS), (0,)).points,
    )


def test_the_summary_says_what_was_read(root: Path) -> None:
    spec = saved(root, x=PIXELS, y=[0, 1, 1, 0, 2])
    assert _source(spec).summary == "5 images of 4 × 7, colour, 3 classes → 84 coordinates"
    sized = DataSpec("own.npz", size=3, grey=True)
    assert _source(sized).summary == (
        "5 images of 4 × 7, colour, 3 classes, resized to 3 × 3, turned grey → 9 coordinates"
    )
    shown = DataSpec("own.npz", labelled=True)
    assert _source(shown).summary.endswith(", 2 rows of pixels below that show the class → 126 coordinates")


def test_an_archive_that_unpacks_without_end_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ARRAY_BYTES", 10_000)
    np.savez_compressed(root / "own.npz", x=np.zeros((50, 8, 8), np.uint8))
    assert load_data(DataSpec("own.npz"), (0,)).count == 50
    np.savez_compressed(root / "own.npz", x=np.zeros((5000, 8, 8), np.uint8))
    with pytest.raises(ValueError, match=r"an array takes more than .* and 20 times its file; save it with np.save"):
        load_data(DataSpec("own.npz"), (0,))
    with zipfile.ZipFile(root / "own.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(1_000_000))
    with pytest.raises(ValueError, match=r"cannot be read as NumPy arrays"):
        load_data(DataSpec("own.npz"), (0,))


def test_pipes_and_devices_are_refused(root: Path) -> None:
    os.mkfifo(root / "pipe.npz")
    (root / "zero.npy").symlink_to("/dev/zero")
    for name, kind in (("pipe.npz", "a pipe"), ("zero.npy", "a device"), ("/dev/zero", "a device")):
        with pytest.raises(ValueError, match=f"{name} is {kind}, and a regular file is needed"):
            DataSpec(name)


@pytest.mark.parametrize("kind", ["deflated", "stored", "npy"])
def test_damaged_bytes_give_an_array_or_an_error_of_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("own.npy" if kind == "npy" else "own.npz")
    {"deflated": np.savez_compressed, "stored": np.savez, "npy": np.save}[kind](path, PIXELS)
    whole, random = path.read_bytes(), np.random.default_rng(3)
    for number in range(150):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole) if number % 2 else 200, 3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        with suppress(ValueError):
            source = reading.read_arrays(path, f"{number}")
            assert source.take(np.arange(source.count)).max() <= 255


def test_names_in_bytes_are_texts(root: Path) -> None:
    names = np.array(["été".encode(), b"oak"])
    assert load_data(saved(root, x=PIXELS, y=names[[0, 1, 1, 0, 0]]), (0,)).classes == ("oak", "été")
    own = saved(root, "other.npz", x=PIXELS, y=[0, 1, 1, 0, 0], classes=names)
    assert load_data(own, (0,)).classes == ("été", "oak")


def test_two_classes_with_the_same_name_are_refused(root: Path) -> None:
    with pytest.raises(ValueError, match="`classes` must be names that differ; got a name twice"):
        load_data(saved(root, x=PIXELS, y=[0, 1, 1, 0, 0], classes=np.array(["oak", "oak"])), (0,))
