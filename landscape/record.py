"""The record of a run, run.json: its fields, and the digest that shows whether it was altered.

A record of format 2 has a field "sha256": the digest of all its other fields, as JSON with sorted keys and no blanks. The entry
of a finished cell has a field "sha256", too: the digest of cell.json, the cell's list of files. Older records have neither and
load as unchecked."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landscape.disk import FILE_KINDS, read_regular, replacing

RECORD = "run.json"
PAGE = "report.html"  # the report of a run, in its folder
FORMAT = 2  # of records: the first format with digests
MAX_RECORD_BYTES = 64_000_000  # of a record: a cell takes about 200
MAX_NESTING = 8  # of lists and objects within each other
STATES = ("done", "failed", "waiting")
Scalar = str | int | float | bool | None


class RunError(ValueError):
    """A run folder cannot be used. The message says why, and what to do."""


class Damaged(RunError):
    """A finished cell of a run is missing, or is not as it was written."""


@dataclass(frozen=True)
class Cell:
    """One combination of a study's swept parameters: the unit that is run, stored and resumed."""

    values: tuple[tuple[str, Scalar], ...]

    def __getitem__(self, name: str) -> Any:
        return dict(self.values)[name]

    @property
    def name(self) -> str:
        """The name that people read: 'hidden=6 width=50'."""
        return " ".join(f"{key}={value}" for key, value in self.values)

    @property
    def key(self) -> str:
        """The name of the cell's folder: sixteen hexadecimal digits, a hash of the values."""
        return hashlib.sha256(json.dumps(self.values).encode()).hexdigest()[:16]


def cell(**values: Scalar) -> Cell:
    """A cell from keyword arguments, in the order given."""
    return Cell(tuple(values.items()))


def cell_of(entry: Mapping[str, Any]) -> Cell:
    """The cell of an entry in the record's list of cells."""
    return Cell(tuple((name, value) for name, value in entry["values"]))


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace run.json atomically, with the digest of its content."""
    content = json.loads(json.dumps({**record, "format": FORMAT}, default=list))
    content["sha256"] = _digest(content)
    with replacing(folder / RECORD) as part:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any]:
    """The content of run.json. Raises RunError if it is missing or was altered, or if a field is missing or invalid."""
    path = folder / RECORD
    refuse_no_folder(folder, f"a run is a folder with {RECORD}; `landscape runs` lists the runs")
    try:
        record: dict[str, Any] = read_json(path, MAX_RECORD_BYTES)
        _check(record)
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(f"no run in {folder} (no {RECORD}); `landscape runs` lists the runs there are") from None
    except (ValueError, OSError) as error:
        raise RunError(f"{path} cannot be read ({error}); run the study again with --fresh") from None
    return record


def refuse_no_folder(path: Path, needed: str) -> None:
    """Raise RunError, with the words `needed`, if `path` is a file, a pipe, a device or a socket instead of a folder."""
    if os.path.exists(path) and not os.path.isdir(path):
        raise RunError(f"{path} is {FILE_KINDS.get(stat.S_IFMT(os.stat(path).st_mode), 'a file')}, and {needed}")


def unchecked(record: Mapping[str, Any]) -> bool:
    """Whether the record was made before records had digests."""
    return "format" not in record


def read_json(path: Path, limit: int) -> Any:
    """The content of a JSON file of at most `limit` bytes.

    Raises ValueError for a file that is larger, not regular, not UTF-8 or not JSON, for numbers that are not finite or exceed
    64 bits, for a repeated field, and for nesting deeper than MAX_NESTING."""
    try:
        value = json.loads(
            read_regular(path, limit).decode(), parse_constant=_refuse, parse_int=_whole, parse_float=_finite,
            object_pairs_hook=_once,
        )  # fmt: skip
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _check_nesting(value, 0)
    return value


def _digest(record: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in record.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no finite number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field stands in it twice")
    return fields


def _whole(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"the number {text[:24]}{'…' if len(text) > 24 else ''} is beyond 64 bits")
    return int(text)


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refuse(text[:24])


def _check_nesting(value: Any, depth: int) -> None:
    if depth > MAX_NESTING:
        raise ValueError("it is nested too deeply")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_nesting(item, depth + 1)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w-]{1,80}", value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, Scalar)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _is_parameters(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is_scalar(item) or (isinstance(item, list) and all(map(_is_scalar, item))) for item in value.values()
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_code(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_texts, value.values()))


def _is_values(value: Any) -> bool:
    if not (isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)):
        return False
    return all(_is_name(name) and _is_scalar(item) for name, item in value) and len(dict(value)) == len(value)


Fields = Mapping[str, tuple[Callable[[Any], bool], str]]
COMPULSORY: Fields = {
    "study": (_is_name, "a name"),
    "version": (_is_count, "a whole number"),
    "parameters": (_is_parameters, "values by name"),
    "cells": (lambda value: isinstance(value, list) and len(value) > 0, "a list of cells"),
}
OPTIONAL: Fields = {
    "command": (_is_text, "text"),
    "started": (_is_text, "text"),
    "seconds": (_is_seconds, "a number of seconds"),
    "device": (_is_text, "text"),
    "versions": (_is_texts, "texts by name"),
    "commit": (_is_text, "text"),
    "title": (_is_text, "text"),
    "code": (_is_code, "texts by name, by name"),
    "data": (_is_texts, "texts by name"),
    "own_data": (_is_code, "texts by name, by name"),
    "format": (lambda value: _is_count(value) and value == FORMAT, f"{FORMAT}, or the run is of a newer landscape"),
    "sha256": (_is_digest, "64 hexadecimal digits"),
}
ENTRY: Fields = {
    "name": (_is_text, "text"),
    "values": (_is_values, "pairs of a name and a value"),
    "status": (lambda value: value in STATES, f"one of {', '.join(STATES)}"),
}
ENTRY_OPTIONAL: Fields = {"error": (_is_text, "text"), "sha256": (_is_digest, "64 hexadecimal digits")}


def _check(record: Any) -> None:
    """Raise ValueError for the first missing or invalid field, and for a digest that is not that of the content."""
    _check_fields(record, COMPULSORY, OPTIONAL, "")
    for place, entry in enumerate(record["cells"]):
        _check_fields(entry, ENTRY, ENTRY_OPTIONAL, f"cells[{place}].")
        if entry["status"] == "failed" and "error" not in entry:
            raise ValueError(f"`cells[{place}].error` is missing")
        if entry["status"] == "done" and "format" in record and "sha256" not in entry:
            raise ValueError(f"`cells[{place}].sha256` is missing")
    if len({cell_of(entry).key for entry in record["cells"]}) < len(record["cells"]):
        raise ValueError("two cells have the same values")
    if "format" not in record and any("sha256" in entry for entry in record["cells"]):
        raise ValueError("it was altered: its cells have digests, and it has none")
    if ("format" in record or "sha256" in record) and record.get("sha256") != _digest(record):
        raise ValueError("it was altered: its digest is not that of its content")


def _check_fields(content: Any, compulsory: Fields, optional: Fields, where: str) -> None:
    if not isinstance(content, dict):
        raise ValueError(f"{f'`{where[:-1]}`' if where else 'it'} must hold fields by name; got {_short(content)}")
    for name, (fits, words) in {**compulsory, **optional}.items():
        if name not in content:
            if name in compulsory:
                raise ValueError(f"`{where}{name}` is missing")
        elif not fits(content[name]):
            raise ValueError(f"`{where}{name}` must be {words}; got {_short(content[name])}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
