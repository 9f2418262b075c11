"""Data files: the data root, files and folders by path, and the digests of their content."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from landscape.choices import ARRAY_SUFFIXES as ARRAY_SUFFIXES
from landscape.choices import TABLE_SUFFIXES as TABLE_SUFFIXES
from landscape.data.own import find as find
from landscape.data_root import ROOT_VARIABLE as ROOT_VARIABLE
from landscape.data_root import root as root
from landscape.disk import open_regular
from landscape.names import printable

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm")
SLOW_LOOK_SECONDS = 0.5  # a folder whose files take longer to examine is examined less often
MAX_FOLDERS = 100_000  # the most that are walked: links can form a maze without an end
_SEEN: dict[Path, tuple[str, float, float]] = {}  # by path: digest, time of the last examination, its duration


@runtime_checkable
class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Bounded:
    """A file that is unpacked while it is read, up to `limit` bytes: a small file can unpack to more than any disk holds.

    `read` raises ValueError, with the `message`, beyond the limit."""

    def __init__(self, file: Readable, limit: int, message: str) -> None:
        self.file, self.left, self.message = file, limit, message

    def read(self, size: int = -1, /) -> bytes:
        content = self.file.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise ValueError(self.message)
        return content


def digest(name: str) -> str:
    """The sha256, in hexadecimal, of a file's bytes, or of a folder's images with their paths; "" if `name` does not exist."""
    path = find(name)
    if path is None:
        return ""
    # Specs are made many times in a process. The content is read again only if sizes or times changed. If examining these
    # is slow, it is repeated only after twenty times its duration.
    began = time.monotonic()
    previous, examined, duration = _SEEN.get(path.absolute(), ("", 0.0, 0.0))
    if duration > SLOW_LOOK_SECONDS and began < examined + 20 * duration:
        return previous
    stamp = hashlib.sha256()
    for part in pictures(path) if path.is_dir() else [path]:
        state = _state(part)
        stamp.update(os.fsencode(part) + f"\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    examined = time.monotonic()
    current = _digest(path.absolute(), stamp.digest())
    _SEEN[path.absolute()] = current, examined, examined - began
    return current


@lru_cache(maxsize=64)
def _digest(path: Path, stamp: bytes) -> str:
    if not path.is_dir():
        return _file_digest(path)
    whole = hashlib.sha256()
    for part in pictures(path):
        whole.update(os.fsencode(part.relative_to(path).as_posix()) + f"\0{_file_digest(part)}\n".encode())
    return whole.hexdigest()


def _state(path: Path) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise ValueError(_unread(path, error)) from error


def _file_digest(path: Path) -> str:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # readinto is there
    except OSError as error:
        raise ValueError(_unread(path, error)) from error


def _unread(path: Path, error: OSError) -> str:
    name = printable(str(path))
    if path.is_symlink() and not path.exists():
        return f"{name} is a link that leads nowhere; mend it or remove it"
    return f"{name} cannot be read ({error.strerror}); check its permissions"


def pictures(folder: Path) -> list[Path]:
    """The paths of the images in a folder and its sub-folders, sorted; hidden files (a Mac's "._1.png") are left out.

    Links are followed, except those to a folder above. Raises ValueError for a folder that cannot be read, and for more than
    100,000 folders."""
    images: list[str] = []
    waiting: list[tuple[str, frozenset[tuple[int, int]]]] = [(str(folder), frozenset())]
    visited = 0
    while waiting:
        place, above = waiting.pop()
        visited += 1
        if visited > MAX_FOLDERS:
            raise ValueError(
                f"{printable(str(folder))} holds more than {MAX_FOLDERS:,} folders; give the folder of the images"
            )
        state = _state(Path(place))
        if (here := (state.st_dev, state.st_ino)) in above:
            continue
        try:
            names = [name for name in os.listdir(place) if not name.startswith(".")]
        except OSError as error:
            raise ValueError(_unread(Path(place), error)) from error
        below = {name for name in names if os.path.isdir(f"{place}/{name}")}
        waiting += [(f"{place}/{name}", above | {here}) for name in below]
        images += [f"{place}/{name}" for name in names if name.lower().endswith(PICTURE_SUFFIXES) and name not in below]
    return [Path(path) for path in sorted(images)]
