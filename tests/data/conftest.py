"""Small files in the published formats, and an empty data root."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

GIVEN = os.environ.get("LANDSCAPE_DATA", "")  # the real data, if any, read before the fixtures hide it
TRAIN, TEST = 13, 7


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data root; the cache of downloads is hidden too."""
    folder = tmp_path / "root"
    folder.mkdir()
    monkeypatch.setenv("LANDSCAPE_DATA", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def idx(array: np.ndarray) -> bytes:
    """The array as an IDX file of bytes."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def images(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), np.uint8)


def labels(count: int) -> np.ndarray:
    return np.arange(count) * 3 % 10


@pytest.fixture
def mnist(root: Path) -> Path:
    """MNIST of 13 images and 7 for testing, half of the files gzipped."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for stem, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        (folder / f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images(count, seed))))
        (folder / f"{stem}-labels-idx1-ubyte").write_bytes(idx(labels(count)))
    return folder


@pytest.fixture
def cifar(root: Path) -> Path:
    """CIFAR-10 of five batches of two images and one of three for testing, unpacked, as Python 2 wrote them."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    for number in range(1, 6):
        (folder / f"data_batch_{number}").write_bytes(batch(2, number))
    (folder / "test_batch").write_bytes(batch(3, 9))
    return folder


def batch(count: int, seed: int) -> bytes:
    data = np.random.default_rng(seed).integers(0, 256, (count, 3072), np.uint8)
    return pickle.dumps({"data": data, "labels": [(seed + place) % 10 for place in range(count)]}, protocol=2)
