"""An item of work on a machine that sees none of the driver's folders: files come as bytes, and those it makes go back so."""

from __future__ import annotations

import hashlib
import socket
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from landscape import data_root, outside, own_data
from landscape.disk import DISK_ERRORS, is_locked, locked, remove
from landscape.notes import Note
from landscape.worker import Outcome, attempt, folder, sendable, unpickled

CODE = "landscape's code"
SAME_VERSIONS = (CODE, "torch", "numpy")  # on which results may depend
DATA, MADE = "data", "made"  # in the folder of an item: copies of the user's data; the files that it gets and makes
PREFIX, LOCK = (
    "landscape-work-",
    "lock",
)  # of the folder's name; in it, a file that is locked while the item is worked on
Files = Mapping[str, bytes]  # contents of files by their paths, relative to a folder, with / between names


class ClusterError(ValueError):
    """A cluster that cannot be used: it does not answer, lacks what the items need, or has other software."""


@dataclass(frozen=True)
class Packed:
    """The content of the file or folder `path`: by paths below a folder; of a single file, by its name."""

    path: Path
    files: Files = field(repr=False)


@dataclass(frozen=True)
class Known:
    """What the driver knows and a worker must know: the user's code and data, and the versions of packages.

    `data` is the content of the user's data, by the texts that name them."""

    code: Any
    data_state: Any
    data: Mapping[str, Packed]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Exchange:
    """The files that travel. `data` are for every item, by the texts that name them.

    `sent(item)` gives the further files that an item needs; it is asked when the item begins. `kept(files)` gets those that
    the item changed or made."""

    data: Mapping[str, Packed] = field(default_factory=dict)
    sent: Callable[[Any], Files] = lambda _: {}
    kept: Callable[[Files], None] = lambda _: None


def known(data: Mapping[str, Packed]) -> Known:
    """What this process, a driver, knows."""
    return Known(outside.state(), own_data.state(), data, versions())


def versions() -> dict[str, str]:
    """The versions that must be the same on all machines."""
    return {name: _version(name) for name in SAME_VERSIONS}


def work_away(
    work: bytes, files: Files, driver: Known, report: Callable[..., None]
) -> tuple[Outcome[Any, Any], Files, list[str]]:
    """In a worker: the outcome of an item, the files that it changed or made, and its notes to the user.

    The work finds its folder in `worker.folder`. A full disk of this machine is the error of this item alone. Raises
    ClusterError if this machine has other versions than the driver, TypeError if it cannot load the work."""
    for name, version in driver.versions.items():
        if (here := _version(name)) != version:
            raise ClusterError(
                f"{socket.gethostname()} has {name} {here}, and results could differ from those of {version} here; install "
                "the same version on all machines"
            )
    _sweep()
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as place,
        locked(Path(place) / LOCK),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always", Note)
        _restore(driver, Path(place) / DATA)
        made = Path(place) / MADE
        unpack(files, made)
        token = folder.set(made)
        try:
            function, item = unpickled(work)
            outcome = sendable(attempt(function, item, report))
        except OSError as error:
            if error.errno not in DISK_ERRORS:
                raise
            outcome = Outcome(item, None, error, 0.0)
        finally:
            folder.reset(token)
        return (
            outcome,
            _changed(files, packed(made)),
            [str(one.message) for one in said if issubclass(one.category, Note)],
        )


def packed(place: Path) -> dict[str, bytes]:
    """The content of a file by its name, or of all files of a folder by their paths below it."""
    if not place.is_dir():
        return {place.name: place.read_bytes()}
    files = (file for file in sorted(place.rglob("*")) if file.is_file())
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in files}


def unpack(files: Files, place: Path) -> None:
    """Write files below a folder, which is made if missing."""
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def _sweep() -> None:
    """Remove the folders of items whose workers were killed: their locks are free."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):  # another user's folder
            if not is_locked(lock):
                remove(lock.parent)


@cache
def _code_digest() -> str:
    """A digest of the package's code: two checkouts may have one version number."""
    here = Path(__file__).parent
    found = hashlib.sha256()
    for file in sorted(here.rglob("*.py")):
        found.update(f"{file.relative_to(here).as_posix()}\0".encode() + file.read_bytes())
    return found.hexdigest()[:12]


def _changed(before: Files, after: Files) -> dict[str, bytes]:
    """The files of the top-level folders in which a file is new or other than before: an entry is written as a whole."""
    tops = {name.partition("/")[0] for name, content in after.items() if before.get(name) != content}
    return {name: content for name, content in after.items() if name.partition("/")[0] in tops}


def _restore(driver: Known, place: Path) -> None:
    """Know in this process what the driver knows of the user's code and data; the data are copies below `place`."""
    outside.restore(driver.code)
    copies: dict[Path, Path] = {}
    for number, (text, content) in enumerate(driver.data.items()):
        top = place / str(number)
        copy = top / content.path.name
        unpack(content.files, top if set(content.files) == {content.path.name} else copy)
        copies[content.path] = copy
        data_root.use_copy(text, copy)
    files, places, as_given = driver.data_state
    files, places = ({name: copies.get(path, path) for name, path in known.items()} for known in (files, places))
    own_data.restore((files, places, as_given))


def _version(name: str) -> str:
    if name == CODE:
        return _code_digest()
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
