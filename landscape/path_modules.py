"""Modules whose code is given as bytes: importable by name in this process, and in its workers once they are offered there."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

PREFIX = "landscape_outside_"  # of the names of such modules
_offered: dict[str, tuple[Path, Mapping[str, bytes]]] = {}


def offer(module: str, path: Path, files: Mapping[str, bytes]) -> None:
    """Make `module` importable: the file at `path`, or the package in the folder `path`, of which these are the files."""
    _offered[module] = (path, files)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds the modules that were offered."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        top, *below = fullname.split(".")
        if top not in _offered:
            return None
        place, files = _offered[top]
        if place.suffix == ".py":
            return None if below else _spec(fullname, place, files[place.name], package=False)
        stem = "/".join(below)
        package = "/".join([*below, "__init__.py"])
        if package in files:
            return _spec(fullname, place / package, files[package], package=True)
        if below and f"{stem}.py" in files:
            return _spec(fullname, place / f"{stem}.py", files[f"{stem}.py"], package=False)
        inner = not below or any(name.startswith(f"{stem}/") for name in files)
        return _spec(fullname, place / package, b"", package=True) if inner else None


def _spec(name: str, path: Path, content: bytes, *, package: bool) -> ModuleSpec | None:
    found = spec_from_loader(name, _Loader(path, content, package), origin=str(path), is_package=package)
    if found is not None:
        found.has_location = True
    return found


class _Loader(InspectLoader):
    """Executes bytes as the module of a file."""

    def __init__(self, path: Path, content: bytes, package: bool) -> None:
        self.path, self.content, self.package = path, content, package

    def is_package(self, fullname: str) -> bool:
        return self.package

    def get_source(self, fullname: str) -> str:
        return self.content.decode()

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.content, str(self.path), "exec", dont_inherit=True)
        return code
