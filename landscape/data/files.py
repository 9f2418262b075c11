"""Where data lie: the data root, a user's file or folder found by its path, and what its content is known by."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path

from landscape import disk

VARIABLE = "LANDSCAPE_DATA"
ARRAYS, TABLES = (".npz", ".npy"), (".csv", ".tsv", ".parquet")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm")
SLOW = 0.5  # seconds that looking at a folder's files may take before it is done less often
_SEEN: dict[Path, tuple[str, float, float]] = {}  # digest, when it was looked at, seconds that the looking took


def root() -> Path | None:
    """The data root that LANDSCAPE_DATA names, None where it is unset. Raises ValueError where that is no folder."""
    given = os.environ.get(VARIABLE)
    if not given:
        return None
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise ValueError(f"the data root must be a folder that exists; got {given!r}. Mend --data-root or {VARIABLE}")
    return folder


def find(name: str) -> Path | None:
    """The file or folder of that path, from here or else from the data root; None where there is none."""
    given = Path(name).expanduser()
    if name and os.path.exists(given):
        return given
    folder = root() if name else None
    return folder / given if folder is not None and os.path.exists(folder / given) else None


def digest(name: str) -> str:
    """The sha256 of the file's bytes, or of a folder's images with their paths, in hexadecimal; "" where there is none."""
    path = find(name)
    if path is None:
        return ""
    # Specs are made many times in a process: content is read anew only where sizes or times changed, and a folder so large
    # that even looking takes a while is looked at for a twentieth of the time at most.
    began = time.monotonic()
    known, looked, took = _SEEN.get(path.absolute(), ("", 0.0, 0.0))
    if took > SLOW and began < looked + 20 * took:
        return known
    stamp = hashlib.sha256()
    for part in pictures(path) if path.is_dir() else [path]:
        state = os.stat(part)
        stamp.update(f"{part}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    looked = time.monotonic()
    found = _digest(path.absolute(), stamp.digest())
    _SEEN[path.absolute()] = found, looked, looked - began
    return found


@lru_cache(maxsize=64)
def _digest(path: Path, stamp: bytes) -> str:
    if not path.is_dir():
        return _file_digest(path)
    whole = hashlib.sha256()
    for part in pictures(path):
        whole.update(f"{part.relative_to(path).as_posix()}\0{_file_digest(part)}\n".encode())
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    try:
        with disk.open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); check its permissions") from error


def pictures(folder: Path) -> list[Path]:
    """The images in a folder and below it, by path; hidden files and folders (a Mac's "._1.png") are passed over."""
    found = []
    for place, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [f"{place}/{name}" for name in names if name.lower().endswith(PICTURES) and not name.startswith(".")]
    return [Path(path) for path in sorted(found)]
