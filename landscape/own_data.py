"""Data of the user's own: registered by a name, or at a path; their plain names, and where their content is.

A set has a plain name, which stands in tables and on pages (pts.csv), and a digest of its content. Both together are the set:
where the file is does not enter a run's name. No torch is loaded here."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from landscape import outside
from landscape.choices import ARRAY_SUFFIXES, IMAGE_SETS, POINT_SETS, TABLE_SUFFIXES
from landscape.data_root import ROOT_VARIABLE, find, root
from landscape.names import last_names, unknown

NAMED = (*POINT_SETS, *IMAGE_SETS)
KINDS = f"a folder of images, or {', '.join((*ARRAY_SUFFIXES, *TABLE_SUFFIXES))}"
KEPT = "arrays"  # the folder, among those of the runs, of data that came from memory or from code
_KEPT_FOLDER = re.compile("[0-9a-f]{16}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")  # of data that are no file

_registered: dict[str, Any] = {}  # what `register_data` was given, by name
_sources: dict[str, outside.Source] = {}  # the code that registered it, if it was executed for `--import`
_files: dict[str, Path] = {}  # the file that holds the content of a registered set, once it is made
_places: dict[str, Path] = {}  # the file or folder of a content, by its digest
_as_given: set[str] = set()  # paths whose whole text is their name, as in runs of earlier versions
_importing: list[outside.Source] = []  # the code that is being executed for `--import`


def register_data(name: str, data: Any) -> None:
    """Make a data set known by a name, for `--data` of this process and its workers.

    `data` is a `landscape.Data`, an array (N, D), or a function of no arguments that gives one of these; it is called when the
    data are first used. A name that is registered again stands for the new data. Raises ValueError for the name of one of our
    sets, and for a name that is no word."""
    if not NAME.fullmatch(name) or name in NAMED:
        taken = "that is a set of ours" if name in NAMED else "it must be a word"
        raise ValueError(f"data cannot be registered as {name!r}: {taken} (letters, digits, - and _)")
    _registered[name] = data
    _files.pop(name, None)
    _sources.pop(name, None)
    if _importing:
        _sources[name] = _importing[-1]


def import_module(word: str) -> None:
    """Execute a module of the user's that registers data: the path of a file or folder, or a name that Python can import.

    A module that is not imported yet is looked for in the current folder first. Raises ValueError where there is none, and
    with the line where it cannot be executed."""
    beside = Path(f"{word.replace('.', '/')}.py")
    is_path = word.endswith(".py") or os.sep in word or Path(word).is_dir()
    path = Path(word) if is_path else beside if beside.is_file() else None
    if path is None and not all(part.isidentifier() for part in word.split(".")):
        raise ValueError(
            f"there is no file {word!r}; --import takes the path of a Python file, or the name of a module"
        )
    if path is not None:
        read = outside.read(path)
        with _executing(read):
            outside.load(read)
        return
    before = dict(_registered)
    try:
        importlib.import_module(word)
    except ModuleNotFoundError as error:
        if error.name != word.partition(".")[0] and error.name != word:
            raise ValueError(f"{word} imports {error.name!r}, which cannot be found; install it") from error
        raise ValueError(
            f"there is no module {word!r}, and no file {word}.py here; give the path of the file"
        ) from error
    except Exception as error:
        raise ValueError(f"{word} cannot be loaded: {outside.described(error)}") from error
    source = outside.imported(word)
    if source is not None:
        _sources.update({name: source for name, data in _registered.items() if before.get(name) is not data})


@contextmanager
def _executing(source: outside.Source) -> Iterator[None]:
    _importing.append(source)
    try:
        yield
    finally:
        _importing.pop()


def registered() -> list[str]:
    """The names of the data that are registered here, by `register_data` or by installed packages."""
    return sorted({*_registered, *outside.entries(outside.DATA)})


def is_registered(name: str) -> bool:
    """Whether a text is the name of registered data. A file or folder here goes before the data of an installed package."""
    return name in _registered or (name in outside.entries(outside.DATA) and find(name) is None)


def value_of(name: str) -> Any:
    """What is registered under a name. Raises ValueError where an entry point cannot be loaded."""
    return _registered[name] if name in _registered else outside.entry_value(outside.DATA, name)


def code_of(name: str) -> outside.Source | None:
    """The code that registered a set; None for data in memory and for paths."""
    if name in _sources or name in _registered:
        return _sources.get(name)
    if name not in outside.entries(outside.DATA):
        return None
    point = outside.entries(outside.DATA)[name]
    return outside.imported(point.value.partition(":")[0])


def file_of(name: str) -> Path | None:
    """The file that holds the content of a registered set, if it was made and is still there."""
    file = _files.get(name)
    return file if file is not None and file.exists() else None


def made(name: str, file: Path) -> None:
    """Note the file that holds the content of a registered set."""
    _files[name] = file


def check(flag: str, name: str, ours: Sequence[str] = NAMED) -> None:
    """Raise ValueError for a text that is neither the name of a set nor that of a file or folder, with the nearest name."""
    if name in NAMED or name in registered() or find(name) is not None:
        return
    raise ValueError(missing(name, flag, ours))


def missing(name: str, flag: str = "data", ours: Sequence[str] = NAMED, *, path: bool = False) -> str:
    """The message for a name of data that nothing has; `path` says that it is known to be one of a file or folder."""
    if not path and "/" not in name and "." not in name:
        return f"{unknown(flag, name, [*ours, *registered()])}; or give a path: {KINDS}"
    folder = root()
    here = (
        f"here or under the data root {folder}"
        if folder
        else f"here, and no data root is given (--data-root, {ROOT_VARIABLE})"
    )
    return f"there is no {name!r} {here}; give the path of {KINDS}"


def is_own(text: str) -> bool:
    """Whether a text names data of the user's own: it is no name of one of our sets."""
    return bool(text) and text not in NAMED


def plain_names(texts: Sequence[str]) -> dict[str, str]:
    """The plain name of each text: the last name of a path, or as many as tell it from the other texts and from our sets."""
    own = {text: _parts(text) for text in texts if is_own(text)}
    taken = {f"\0{name}": (name,) for name in NAMED}
    return {text: text for text in texts} | {
        text: name for text, name in last_names(own | taken).items() if text in own
    }


def _parts(text: str) -> tuple[str, ...]:
    """The names along a path, from the root; of a set that is registered or was kept by us, its name alone."""
    if is_registered(text) or text in _as_given:
        return (text,)
    path = Path(os.path.abspath(os.path.expanduser(text)))
    return (path.stem,) if is_kept(path) else path.parts


def is_kept(path: Path) -> bool:
    """Whether a file was kept by us: its content came from memory or from code."""
    return path.parent.parent.name == KEPT and _KEPT_FOLDER.fullmatch(path.parent.name) is not None


def form_words(count: int, shape: Sequence[int]) -> str:
    """The number of points and the shape of one in words: '40 points in 2 dimensions', '16 images of 8 × 8'."""
    if len(shape) > 1:
        return f"{count:,} image{'' if count == 1 else 's'} of {shape[0]} × {shape[1]}"
    dim = shape[0]
    return f"{count:,} point{'' if count == 1 else 's'} {f'in {dim:,} dimensions' if dim > 1 else 'on the line'}"


def keep_as_given(*texts: str) -> None:
    """From now on each whole text is the name of its data, as it was in runs of earlier versions."""
    _as_given.update(texts)


def remember(digest: str, path: Path) -> None:
    """Note where a content is, so that data are found by their digest."""
    if digest:
        _places[digest] = path


def place_of(digest: str) -> Path | None:
    """The file or folder of a content, if this process has seen it and it is still there."""
    path = _places.get(digest)
    return path if path is not None and path.exists() else None


def default_out() -> Path:
    """The default folder of runs: LANDSCAPE_OUT, else reports/ in the current folder."""
    return Path(os.environ.get("LANDSCAPE_OUT") or "reports")


def kept_folder(digest: str, out: Path) -> Path:
    """The folder under `out` for the content of this digest."""
    return out / KEPT / digest[:16]


def state() -> tuple[dict[str, Path], dict[str, Path], set[str]]:
    """What this process knows of data, for its worker processes to `restore`."""
    return dict(_files), dict(_places), set(_as_given)


def restore(found: tuple[Mapping[str, Path], Mapping[str, Path], set[str]]) -> None:
    """Know in this process what its parent's `state` was: registered data by the files of their content."""
    files, places, as_given = found
    _files.update(files)
    _registered.update({name: file for name, file in files.items() if name not in _registered})
    _places.update(places)
    _as_given.update(as_given)
