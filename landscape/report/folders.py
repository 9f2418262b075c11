"""Pages that tell nothing of the disk on which they were made: files are named without the folders above the working folder."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from landscape.names import last_names, listed
from landscape.report.run_view import RunView

Value = TypeVar("Value")
CODE = re.compile(r"(?P<file>.+\.py):\w+")
NOTE = "Files from outside the working folder are named without their folders."


def without_folders(run: RunView) -> RunView:
    """The run with every path that its record holds as a page may show it.

    A path within the working folder becomes relative to it. Of any other path that is absolute, or begins with ~ or .., the
    last name is left, or as many names as tell it from the others; a line of the record then says so. Paths below the
    working folder and the home folder are shortened in all other texts, too, such as the messages of errors."""
    short = shown_paths(_paths_of(run.record))
    hidden = _Hidden(short)
    fields = {field.name: hidden(getattr(run, field.name)) for field in dataclasses.fields(run)}
    if any(not _within(path) for path in short):
        fields["record"] = {**fields["record"], "files": NOTE}
    return dataclasses.replace(run, **fields)


def shown_paths(paths: Iterable[str]) -> dict[str, str]:
    """What a page shows in place of each path that tells of folders outside the working folder, or is absolute."""
    telling = sorted({path for path in paths if _tells(path)})
    inside = {path: _place(path).relative_to(Path.cwd()).as_posix() for path in telling if _within(path)}
    return inside | last_names({path: _place(path).parts[1:] for path in telling if path not in inside})


def _place(path: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(path)))


def _within(path: str) -> bool:
    place = _place(path)
    return place != Path.cwd() and place.is_relative_to(Path.cwd())


def _tells(path: str) -> bool:
    """Whether a text is a path that says where it lies: absolute, or out of a home folder, or above the working folder."""
    plain = path.replace("\\", "/")
    return (os.path.isabs(path) or plain.startswith("~") or ".." in plain.split("/")) and bool(_place(path).name)


def _paths_of(record: Mapping[str, Any]) -> Iterator[str]:
    """All texts of a record that may be paths: of parameters and cells, one by one where they are lists, of code and data."""
    values = [record.get("parameters"), record.get("code"), list(record.get("data") or {})]
    values += [cell.get("values") for cell in record.get("cells") or () if isinstance(cell, Mapping)]
    for text in _texts(values):
        for part in {text, *listed(text)}:
            match = CODE.fullmatch(part)
            yield match["file"] if match else part


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (str(key), *_texts(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


class _Hidden:
    """Replaces paths in the texts of any value that a page shows; the value itself is not changed."""

    def __init__(self, short: Mapping[str, str]) -> None:
        self.short = dict(short)
        known = [re.escape(path) for path in sorted(short, key=len, reverse=True)]
        roots = [str(root) for root in (Path.cwd(), Path.home()) if len(root.parts) > 1]
        below = [re.escape(root) + r"[/\\][^\s'\"<>|:;,()]+" for root in sorted(roots, key=len, reverse=True)]
        self.pattern = re.compile(rf"(?<![\w/\\.])(?:(?:{'|'.join(known) or '(?!)'})(?![\w/\\])|{'|'.join(below)})")

    def __call__(self, value: Value) -> Value:
        return self._of(value)  # type: ignore[no-any-return]

    def _of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.pattern.sub(self._shown, value)
        if isinstance(value, pd.DataFrame):
            return self._table(value)
        if isinstance(value, Mapping):
            return {self._of(key): self._of(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._of(item) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return dataclasses.replace(value, **{name: self._of(item) for name, item in fields.items()})
        return value

    def _shown(self, match: re.Match[str]) -> str:
        path = match[0]
        return self.short[path] if path in self.short else shown_paths([path])[path]

    def _table(self, table: pd.DataFrame) -> pd.DataFrame:
        texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
        return table.assign(**{name: table[name].map(self._of) for name in texts}).rename(columns=self._of)
