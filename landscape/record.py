"""The record of a run, run.json: what it must hold, and the digest that shows whether it was altered.

A record of format 2 has a field "sha256": the digest of all its other fields, as JSON with sorted keys and no blanks. An entry
of a finished cell has one, too: that of the cell's own list of files, cell.json. Records made before have neither and load as
unchecked."""

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

from landscape.disk import KINDS, read_regular, replacing

RECORD = "run.json"
FORMAT = 2  # the first with digests
LIMIT = 64_000_000  # bytes of a record that are read: a cell takes about 200
DEEPEST = 8  # lists and objects within each other
STATES = ("done", "failed", "waiting")
Scalar = str | int | float | bool | None


class RunError(ValueError):
    """A run folder that cannot be used, and what to do about it."""


class Damaged(RunError):
    """A run of which a finished cell is missing, or is not as it was written."""


@dataclass(frozen=True)
class Cell:
    """One combination of a study's swept parameters: the unit that is run, stored and resumed."""

    values: tuple[tuple[str, Scalar], ...]

    def __getitem__(self, name: str) -> Any:
        return dict(self.values)[name]

    @property
    def name(self) -> str:
        """For people: 'hidden=6 width=50'."""
        return " ".join(f"{key}={value}" for key, value in self.values)

    @property
    def key(self) -> str:
        """For files: sixteen hexadecimal digits of the values."""
        return hashlib.sha256(json.dumps(self.values).encode()).hexdigest()[:16]


def cell(**values: Scalar) -> Cell:
    """A cell from keyword arguments, in the order given."""
    return Cell(tuple(values.items()))


def cell_of(entry: Mapping[str, Any]) -> Cell:
    """The cell that an entry of the record's list is about."""
    return Cell(tuple((name, value) for name, value in entry["values"]))


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace run.json atomically, with the digest of what it holds."""
    content = json.loads(json.dumps({**record, "format": FORMAT}, default=list))
    content["sha256"] = _digest(content)
    with replacing(folder / RECORD) as part:
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any]:
    """run.json, as it was written. Raises RunError where it is missing, was altered, or a field is not what it must be."""
    path = folder / RECORD
    refuse_no_folder(folder, f"a run is a folder with {RECORD}; `landscape runs` lists the runs")
    try:
        record: dict[str, Any] = read_json(path, LIMIT)
        _check(record)
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(f"no run in {folder} (no {RECORD}); `landscape runs` lists the runs there are") from None
    except (ValueError, OSError) as error:
        raise RunError(f"{path} cannot be read ({error}); run the study again with --fresh") from None
    return record


def refuse_no_folder(path: Path, needed: str) -> None:
    """Raise RunError, which tells what is `needed`, where there is a file, a pipe, a device or a socket in a folder's place."""
    if os.path.exists(path) and not os.path.isdir(path):
        raise RunError(f"{path} is {KINDS.get(stat.S_IFMT(os.stat(path).st_mode), 'a file')}, and {needed}")


def unchecked(record: Mapping[str, Any]) -> bool:
    """Whether the record was made before records had digests."""
    return "format" not in record


def read_json(path: Path, limit: int) -> Any:
    """A file of JSON. Raises ValueError for what is no JSON, no regular file or larger than `limit` bytes, for numbers that are
    not finite or beyond 64 bits, for text that is not UTF-8, and for lists within lists within lists."""
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
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands in it twice")
    return found


def _whole(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"the number {text[:24]}{'…' if len(text) > 24 else ''} is beyond 64 bits")
    return int(text)


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refuse(text[:24])


def _check_nesting(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_nesting(one, depth + 1)


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
        _is_scalar(one) or (isinstance(one, list) and all(map(_is_scalar, one))) for one in value.values()
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_code(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_texts, value.values()))


def _is_values(value: Any) -> bool:
    pairs = isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value)
    return pairs and all(_is_name(name) and _is_scalar(one) for name, one in value) and len(dict(value)) == len(value)


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
    """Raise ValueError for the first field that is missing or is not what it must be, and where the digest is another."""
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


def _check_fields(found: Any, compulsory: Fields, optional: Fields, where: str) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"{f'`{where[:-1]}`' if where else 'it'} must hold fields by name; got {_short(found)}")
    for name, (fits, words) in {**compulsory, **optional}.items():
        if name not in found:
            if name in compulsory:
                raise ValueError(f"`{where}{name}` is missing")
        elif not fits(found[name]):
            raise ValueError(f"`{where}{name}` must be {words}; got {_short(found[name])}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
