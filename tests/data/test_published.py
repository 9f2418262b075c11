"""MNIST and CIFAR-10 read from torchvision's layout; damaged files, pickles and false downloads refused."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from landscape.data import DataSpec, dimension, held_out, load_data, published
from tests.data.conftest import GIVEN, TEST, TRAIN, batch, idx, images, labels


def test_images_come_in_the_order_of_the_file_with_their_labels(mnist: Path) -> None:
    data = load_data(DataSpec("mnist", 5, skip=2), range(3))
    expected = torch.from_numpy(images(TRAIN, 1)[2:7].reshape(5, 784) / 255).float()
    assert torch.allclose(data.points, expected.expand(3, 5, 784))
    assert data.labels is not None
    assert data.labels[2].tolist() == labels(TRAIN)[2:7].tolist()
    assert (data.shape, data.classes[9]) == ((28, 28), "9")


def test_sets_are_at_hand_once_all_their_files_exist(mnist: Path, cifar: Path) -> None:
    assert published.at_hand("mnist")
    assert published.at_hand("cifar10")
    assert not published.at_hand("fashion-mnist")
    (mnist / "t10k-labels-idx1-ubyte").unlink()
    assert not published.at_hand("mnist")


def test_held_out_images_are_the_test_files_shuffled(mnist: Path) -> None:
    out = held_out(DataSpec("mnist", TRAIN, signed=True), (0,), TEST).points[0]
    expected = torch.from_numpy(images(TEST, 2).reshape(TEST, 784) / 127.5 - 1).float()
    assert not torch.allclose(out, expected)
    assert torch.allclose(out.sort(0).values, expected.sort(0).values, atol=1e-6)


@pytest.mark.parametrize(("size", "grey", "dim"), [(None, False, 3072), (16, False, 768), (None, True, 1024)])
def test_dimension_of_a_published_set_needs_no_file(size: int | None, grey: bool, dim: int) -> None:
    assert dimension(DataSpec("cifar10", size=size, grey=grey)) == dim


def test_batches_hold_planes_of_colour(cifar: Path) -> None:
    data = load_data(DataSpec("cifar10"), (0,))
    planes = pickle.loads(batch(2, 5))["data"][1].reshape(3, 32, 32)
    assert data.shape == (32, 32, 3)
    assert (data.points[0, 9].view(32, 32, 3).permute(2, 0, 1) * 255).round().byte().numpy().tolist() == planes.tolist()
    assert data.labels is not None
    assert data.classes[int(data.labels[0, 9])] == "frog"
    assert held_out(DataSpec("cifar10", 5), (0,), 3).count == 3


def test_the_archive_is_read_as_it_is(cifar: Path, root: Path) -> None:
    unpacked = load_data(DataSpec("cifar10"), (0,)).points
    with tarfile.open(root / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(cifar, cifar.name)
    cifar.rename(root / "aside")
    published._published.cache_clear()
    assert torch.equal(load_data(DataSpec("cifar10"), (0,)).points, unpacked)
    whole = (root / "cifar-10-python.tar.gz").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no archive"):
        (root / "cifar-10-python.tar.gz").write_bytes(damaged)
        published._published.cache_clear()
        with pytest.raises(ValueError, match=r"cifar-10-python.tar.gz.*; remove it, and it is downloaded anew"):
            load_data(DataSpec("cifar10"), (0,))


LAUGHS: list[object] = [0]  # a list of 2³⁰ numbers in a hundred bytes
for _ in range(30):
    LAUGHS = [LAUGHS, LAUGHS]


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch harmed",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({"data": Harm(), "labels": [0]}), r"it names \w+.system, and only NumPy arrays are taken"),
        (batch(2, 1)[:-900], "is no batch of CIFAR-10"),
        (b"\x80\x02}r\xff\xff\xff\x7f.", "it stores an object at memo index 2147483647"),
        (pickle.dumps({"data": LAUGHS, "labels": [0]}), "its data are no array of bytes"),
        (pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": LAUGHS}), "or its labels no whole numbers"),
        (pickle.dumps({"data": np.zeros((2, 3072)), "labels": [0, 1]}), "its data are no array of bytes"),
        (b"", "is no batch of CIFAR-10"),
        (pickle.dumps({"data": np.zeros((2, 3072), np.uint8)}), "is no batch of CIFAR-10 .*labels"),
        (pickle.dumps({"data": np.zeros((2, 10), np.uint8), "labels": [1, 2]}), "must hold rows of 3072 bytes, one a label"),
    ],
)  # fmt: skip
def test_a_batch_of_anything_but_images_and_labels_is_refused(
    content: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        published.read_batch(content, "data_batch_1")
    assert not (tmp_path / "harmed").exists()


LAYOUTS = [
    (folder, name)
    for folder in ("MNIST/raw", "MNIST", "mnist", "mnist/raw", "raw", ".")
    for name in ("{}-images-idx3-ubyte", "{}-images.idx3-ubyte", "{}-images-idx3-ubyte.gz", "{}-images.idx3-ubyte.gz")
] + [(".", "{0}-images-idx3-ubyte/{0}-images-idx3-ubyte"), (".", "{0}-images-idx3-ubyte/{0}-images.idx3-ubyte")]


def lay(place: Path, pattern: str, begin: tuple[int, ...] = ()) -> None:
    """MNIST's four files in that folder under names of that pattern; `begin` are the first labels."""
    for stem, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        own = np.array([*begin, *labels(count)])[:count]
        for array, kind in ((images(count, seed), ("images", "idx3")), (own, ("labels", "idx1"))):
            path = place / pattern.format(stem).replace("images", kind[0]).replace("idx3", kind[1])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(idx(array)) if path.suffix == ".gz" else idx(array))


@pytest.mark.parametrize(("folder", "pattern"), LAYOUTS)
def test_files_are_found_where_users_have_them(root: Path, folder: str, pattern: str) -> None:
    lay(root / folder, pattern)
    assert published.at_hand("mnist")
    source = published.published("mnist", True)
    assert (source.take(np.arange(TRAIN)) == images(TRAIN, 1).reshape(TRAIN, -1)).all()
    assert source.summary == "13 images of 28 × 28, grey, 10 classes → 784 coordinates"
    assert held_out(DataSpec("mnist", 3), (0,), TEST).count == TEST


def test_files_of_another_set_are_not_taken_for_it(root: Path) -> None:
    fashion = (9, 0, 0, 3, 0, 2, 7, 2, 5, 5)
    lay(root, "{}-images-idx3-ubyte", fashion)
    with pytest.raises(
        ValueError, match="train-labels-idx1-ubyte are those of fashion-mnist, not of mnist; use --data fash"
    ):
        load_data(DataSpec("mnist"), (0,))
    assert load_data(DataSpec("fashion-mnist"), (0,)).count == TRAIN


def test_a_file_that_unpacks_without_end_is_refused(root: Path, mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "MAX_IDX_BYTES", 10_000)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte.gz unpacks to more than .* GB.*; remove it"):
        load_data(DataSpec("mnist"), (0,))


def test_an_archive_that_unpacks_without_end_is_refused(
    root: Path, cifar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(root / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(cifar, cifar.name)
    cifar.rename(root / "aside")
    monkeypatch.setattr(published, "MAX_ARCHIVE_BYTES", 20_000)
    with pytest.raises(ValueError, match=r"python.tar.gz cannot be unpacked .it unpacks to more than 0 MB.; remove it"):
        load_data(DataSpec("cifar10"), (0,))


@pytest.mark.parametrize("file", ["MNIST/raw/train-images-idx3-ubyte.gz", "cifar-10-python.tar.gz"])
def test_pipes_in_the_place_of_files_are_refused(root: Path, mnist: Path, file: str) -> None:
    (root / file).unlink(missing_ok=True)
    os.mkfifo(root / file)
    with pytest.raises(ValueError, match=f"{file} is a pipe, and a regular file is needed"):
        load_data(DataSpec("mnist" if "MNIST" in file else "cifar10"), (0,))


WHOLE = idx(images(3, 1))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("a", WHOLE[:-1], "must hold 2352 bytes of data by its header; got 2351"),
        ("a", WHOLE + b"0", "must hold 2352 bytes of data by its header; got 2353"),
        ("a", WHOLE[:5], "is no IDX file of bytes with 3 axes"),
        ("a", idx(labels(3)), "is no IDX file of bytes with 3 axes"),
        ("a", idx(np.zeros((3, 27, 28))), "must hold images of 28×28; got 27×28"),
        ("a.gz", WHOLE, "cannot be unpacked .*; remove it, and it is downloaded anew"),
        ("a.gz", gzip.compress(WHOLE)[:-40], "cannot be unpacked"),
    ],
)
def test_a_damaged_idx_file_is_refused(file: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ValueError, match=f"{file} {message}"):
        published.read_idx(tmp_path / file, (28, 28))


def test_labels_that_do_not_fit_the_images_are_refused(mnist: Path) -> None:
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx(labels(TRAIN - 1)))
    with pytest.raises(ValueError, match="mnist: 13 images have 12 labels"):
        load_data(DataSpec("mnist"), (0,))


@pytest.fixture
def mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """Three mirrors of one small MNIST: one that is down, one that gives false files, one that gives the true ones."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    false, true = tmp_path / "false", tmp_path / "true"
    md5 = {}
    for folder in (false, true):
        folder.mkdir()
        for stem in ("train", "t10k"):
            for kind, array in (("images-idx3-ubyte", images(3, 1)), ("labels-idx1-ubyte", labels(3))):
                content = gzip.compress(idx(array + (folder is false)), mtime=0)
                (folder / f"{stem}-{kind}.gz").write_bytes(content)
                md5[f"{stem}-{kind}"] = hashlib.md5(content).hexdigest()
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(place))) for place in (false, true)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    names = tuple(f"http://127.0.0.1:{port}/" for port in (9, *(server.server_port for server in servers)))
    monkeypatch.setitem(published.SETS, "mnist", replace(published.SETS["mnist"], mirrors=names, md5=md5))
    yield {"false": false, "true": true}
    for server in servers:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


def test_missing_files_are_downloaded_from_the_first_mirror_that_gives_the_true_ones(
    mirrors: dict[str, Path], root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert load_data(DataSpec("mnist"), (0,)).count == 3
    found = sorted(path.name for path in (root / "MNIST" / "raw").iterdir())
    assert found == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    for path in (root / "MNIST" / "raw").iterdir():
        assert path.read_bytes() == (mirrors["true"] / path.name).read_bytes()
    told = capfd.readouterr().err.splitlines()  # two mirrors answer, of which the first gives false files
    assert [line.split(":")[0] for line in told] == [
        f"downloading {name} from 127.0.0.1" for name in found for _ in "12"
    ]
    published.fetch("mnist")
    assert published.at_hand("mnist")


def test_a_download_of_another_hash_is_thrown_away(mirrors: dict[str, Path], root: Path) -> None:
    for file in mirrors["true"].iterdir():
        file.unlink()
    with pytest.raises(
        ValueError, match=r"from 127.0.0.1:\d+ is not the published file \(md5 .*\) and was thrown away"
    ):
        load_data(DataSpec("mnist"), (0,))
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_offline_without_the_files_one_line_says_what_to_do(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    down = replace(published.SETS["mnist"], mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setitem(published.SETS, "mnist", down)
    with pytest.raises(
        ValueError, match=r"no mirror answered.*give --data-root .or LANDSCAPE_DATA. .*or use --data digits"
    ) as found:
        load_data(DataSpec("mnist"), (0,))
    assert "\n" not in str(found.value)
    assert str(root) in str(found.value)
    assert "the folder that holds MNIST/raw" in str(found.value)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not Path(GIVEN, "MNIST", "raw").is_dir() or not GIVEN, reason="LANDSCAPE_DATA holds no MNIST")
def test_mean_image_of_the_first_ten_thousand_has_the_published_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDSCAPE_DATA", GIVEN)
    points = load_data(DataSpec("mnist", 10_000, signed=True), (0,)).points[0]
    assert float((points - points.mean(0)).square().mean()) == pytest.approx(0.269, abs=0.001)


@pytest.mark.skipif(
    not Path(GIVEN, "cifar10-984.npz").is_file() or not GIVEN, reason="LANDSCAPE_DATA has no CIFAR-10 images"
)
def test_a_count_above_the_size_of_a_class_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDSCAPE_DATA", GIVEN)
    dogs = DataSpec("cifar10-984.npz", classes=("dog",))
    assert load_data(dogs, (0,)).points.shape == (1, 94, 3072)
    with pytest.raises(
        ValueError, match=r"cifar10-984.npz has 94 images of class dog; got count 1000. Ask for 1 to 94"
    ):
        load_data(replace(dogs, count=1000), (0,))
    with pytest.raises(ValueError, match=r"got 'dgo'. Did you mean 'dog'"):
        load_data(replace(dogs, classes=("dgo",)), (0,))
