"""Python code that is not ours: files and folders given by a path, and what installed packages offer by entry points.

A file or folder is read once. Its digest is that of the bytes that were read, and these bytes are what is executed: no cache of
compiled code is used, and a file that changes later changes nothing here. Worker processes get the same bytes."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from landscape import path_modules
from landscape.disk import read_regular
from landscape.names import unknown

OURS = "landscape.studies"  # the package of our own studies
STUDIES, NETS, MEASURES = "landscape.studies", "landscape.nets", "landscape.measures"  # entry-point groups
MODELS, DATA = "landscape.models", "landscape.data"  # the groups of networks to examine, and of data
STUDY, PACKAGE = "study.py", "__init__.py"  # one of them is in a folder with a study
MAX_BYTES = 4_000_000  # bytes of a Python file
MOST_FILES = 1000
REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<name>[^\W\d]\w*)")


@dataclass(frozen=True)
class Source:
    """Code as it was read: `files` are the names of Python files, relative to `path` where that is a folder, and their bytes.

    `module` is the name under which it is imported. `entry` is the name of its entry point, where a package is installed."""

    path: Path
    files: tuple[tuple[str, bytes], ...] = field(repr=False)
    module: str = ""
    entry: str = ""

    @cached_property
    def digest(self) -> str:
        """The sha256 of a file; of a folder, that of the lines which sha256sum prints for its Python files."""
        digests = [(name, hashlib.sha256(content).hexdigest()) for name, content in self.files]
        if self.path.suffix == ".py":
            return digests[0][1]
        return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in digests).encode()).hexdigest()

    @property
    def name(self) -> str:
        """The study's name: that of the entry point, of the folder, or of the file without its ending."""
        return self.entry or re.sub(r"[^\w-]+", "-", self.path.stem.replace("_", "-"))[:60].strip("-") or "study"

    @property
    def word(self) -> str:
        """What the command line calls it: the name of its entry point, or its path."""
        if self.entry:
            return self.entry
        here = Path.cwd()
        shown = str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)
        return shown if self.path.suffix == ".py" or os.sep in shown else f".{os.sep}{shown}"

    def record(self) -> dict[str, str]:
        """For a run's record: where the code was, and its digest."""
        return ({"entry": self.entry} if self.entry else {"path": str(self.path)}) | {"sha256": self.digest}


_known: dict[str, Source] = {}  # what this process has read, by digest


def is_path(word: str) -> bool:
    """Whether a study's word is a path rather than a name: ./mine.py, mine.toml, a folder."""
    return Path(word).suffix in (".py", ".toml") or os.sep in word or "/" in word or (Path(word) / STUDY).is_file()


def read(path: Path) -> Source:
    """The Python file or folder at a path that the user names, read but not executed.

    Raises ValueError where there is none."""
    return admit(peek(path))


def peek(path: Path) -> Source:
    """The code at a path, which cannot be imported before it is admitted. Raises ValueError where there is none."""
    place = Path(os.path.abspath(path.expanduser()))
    if not place.exists():
        folder = "" if path.suffix == ".py" else f", or of a folder with {STUDY}"
        raise ValueError(f"there is no file {path}; give the path of a Python file{folder}")
    if place.is_dir() and not any((place / name).is_file() for name in (STUDY, PACKAGE)):
        raise ValueError(f"the folder {path} has no {STUDY} (nor {PACKAGE}), which would hold a study")
    if not place.is_dir() and place.suffix != ".py":
        raise ValueError(f"{path} must be a Python file (.py), or a folder with {STUDY}")
    return _source(place)


def python_files(folder: Path) -> list[Path]:
    """The Python files of a folder, those of hidden folders left out; a file alone."""
    if not folder.is_dir():
        return [folder]
    found = [
        file
        for file in folder.rglob("*.py")
        if not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]
    if len(found) > MOST_FILES:
        raise ValueError(f"the folder {folder} has {len(found):,} Python files; a study may have {MOST_FILES:,}")
    return sorted(found)


def _source(place: Path, module: str = "", entry: str = "") -> Source:
    folder = place if place.is_dir() else place.parent
    try:
        files = python_files(place)
        content = tuple((file.relative_to(folder).as_posix(), read_regular(file, MAX_BYTES)) for file in files)
    except (OSError, ValueError) as error:
        raise ValueError(f"{place} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    source = Source(place, content, module, entry)
    if module:
        return source
    unique = hashlib.sha256(f"{place}\n{source.digest}".encode()).hexdigest()[:8]
    return replace(source, module=f"{path_modules.PREFIX}{source.name.replace('-', '_')}_{unique}")


def admit(source: Source) -> Source:
    """Make code importable that was read here, or in the process that started this one."""
    if source.module.startswith(path_modules.PREFIX):
        path_modules.offer(source.module, source.path, dict(source.files))
    _known.pop(source.digest, None)  # so that it is added at the end: the order is that of reading
    _known[source.digest] = source
    return source


def find(digest: str, name: str = "") -> Source | None:
    """The code of this digest, if this process has read it; else the one it has read last of a file or folder `name`."""
    named = [source for source in _known.values() if name and source.path.name == name]
    return _known.get(digest) or (named[-1] if named else None)


def load(source: Source) -> ModuleType:
    """The module, executed. Raises ValueError, with the line, for code that cannot be."""
    name = source.module
    if name.startswith(path_modules.PREFIX) and any(file == STUDY for file, _ in source.files) and source.path.is_dir():
        name = f"{name}.study"
    try:
        return import_module(name)
    except SyntaxError as error:
        raise ValueError(f"{error.filename}, line {error.lineno}, is not valid Python: {error.msg}") from error
    except ModuleNotFoundError as error:
        remedy = f"put files that belong together in a folder with {STUDY}, which imports them by `from . import …`"
        raise ValueError(
            f"{source.word} imports {error.name!r}, which cannot be found; install it, or {remedy}"
        ) from error
    except Exception as error:
        trace = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
        lines = [frame.lineno for frame in trace if str(source.path) in frame.filename]
        where = f", line {lines[-1]}" if lines else ""
        raise ValueError(f"{source.word}{where} cannot be loaded: {type(error).__name__}: {error}") from error


def described(error: BaseException) -> str:
    """An error in one text, which begins with the line of the user's code that raised it: mine.py:41: KeyError: 'width'."""
    place = place_of(error)
    return f"{place}: {type(error).__name__}: {error}" if place else f"{type(error).__name__}: {error}"


def place_of(error: BaseException) -> str:
    """The innermost line of the user's code in an error's traceback, as mine.py:41; "" where there is none."""
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        for source in _known.values():
            if file == source.path or source.path in file.parents:
                return f"{file.relative_to(source.path.parent).as_posix()}:{line}"
    return ""


def source_of(kind: type | Callable[..., Any]) -> Source | None:
    """The code that defines a study's class, if it is not one of ours; None for a class without a file, as in a notebook."""
    module = kind.__module__
    if module.startswith((f"{STUDIES}.", f"{OURS}.")):
        return None
    top = module.partition(".")[0]
    return next((source for source in _known.values() if source.module == top), None) or imported(module)


@cache
def imported(module: str) -> Source | None:
    """The code of a module that was imported as any other: a script, or an installed package."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file or not os.path.isfile(file):
        return None
    entry = next((one.name for one in entries(STUDIES).values() if one.value.partition(":")[0] == module), "")
    path = Path(os.path.abspath(file))
    place = path.parent if path.name in (STUDY, PACKAGE) else path
    return admit(_source(place, module, entry))


@cache
def entries(group: str) -> Mapping[str, Any]:
    """The entry points of a group that installed packages have, by name."""
    from importlib.metadata import entry_points

    return {one.name: one for one in entry_points(group=group)}


def entry_value(group: str, name: str) -> Any:
    """What an entry point stands for. Raises ValueError where it cannot be loaded."""
    point = entries(group)[name]
    try:
        return point.load()
    except Exception as error:
        package = point.dist.name if point.dist else "a package"
        raise ValueError(
            f"{name!r} of {package} ({point.value}) cannot be loaded: {type(error).__name__}: {error}"
        ) from error


_recalled: dict[str, Source] = {}  # the code that a parameter such as mine.py:make names, whatever file is there now


def recall(text: str, source: Source) -> None:
    """From now on `text`, a parameter, names this code, whatever file is at that path here."""
    _recalled[text] = source


@contextmanager
def pinned(texts: Iterable[str]) -> Iterator[None]:
    """Inside, parameters such as mine.py:make name the code that they name now: a run is of one state of a file."""
    before = dict(_recalled)
    _recalled.update({text: code_of(text)[0] for text in texts if is_reference(text)})
    try:
        yield
    finally:
        _recalled.clear()
        _recalled.update(before)


def state() -> tuple[tuple[Source, ...], dict[str, Source]]:
    """The code that this process knows, for its worker processes to `restore`."""
    return tuple(_known.values()), dict(_recalled)


def restore(found: tuple[tuple[Source, ...], dict[str, Source]]) -> None:
    """Know in this process what its parent's `state` was."""
    for source in found[0]:
        admit(source)
    _recalled.update(found[1])


def is_reference(text: str) -> bool:
    """Whether a text names something in a file, as mine.py:make does."""
    return REFERENCE.fullmatch(text) is not None


def code_of(text: str, group: str = "") -> tuple[Source | None, str]:
    """The code that FILE.py:NAME or an entry point of `group` names, and the name in it; nothing of it is executed but for an
    entry point. Raises ValueError where there is no such file."""
    if match := REFERENCE.fullmatch(text):
        return _recalled.get(text) or read(Path(match["file"])), match["name"]
    value = entry_value(group, text)
    return imported(value.__module__), value.__qualname__


def function(text: str, group: str = "") -> Callable[..., Any]:
    """The function that FILE.py:NAME or an entry point names. Raises ValueError where it is missing or cannot be called."""
    if not is_reference(text):
        if text not in entries(group):
            raise ValueError(
                f"{unknown('name', text, tuple(entries(group)))}; or give FILE.py:NAME, a function of yours"
            )
        value = entry_value(group, text)
    else:
        source, name = code_of(text)
        assert source is not None
        value = named(source, name)
    if not callable(value):
        raise ValueError(f"{text} must be a function; it is {value!r:.60}")
    return value  # type: ignore[no-any-return]


def named(source: Source, name: str) -> Any:
    """What a module calls `name`. Raises ValueError where there is nothing of that name."""
    module = load(source)
    if not hasattr(module, name):
        there = [key for key, value in vars(module).items() if _is_function_of(module, value)]
        if not there:
            raise ValueError(f"{source.path.name} has no {name!r}, and defines no function at all")
        raise ValueError(unknown(f"{source.path.name}:NAME", name, there))
    return getattr(module, name)


def _is_function_of(module: ModuleType, value: Any) -> bool:
    """Whether a value is a function that the module defines itself, rather than imports."""
    return inspect.isfunction(value) and value.__module__ == module.__name__ and not value.__name__.startswith("_")
