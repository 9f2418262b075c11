"""The record of a run: a record with an invalid field is refused in a line that names the field."""

from __future__ import annotations

import copy
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from landscape import record as records
from landscape.record import RunError, cell, read_record, write_record
from tests.conftest import Command

ODD: list[Any] = [None, True, -1, 3.5, "", "[/]", "\u202e", [], {}, [[]], {"a": 1}, [None], 10**30, "x" * 10_000]
RECORD: dict[str, Any] = {
    "study": "toy-line",
    "version": 1,
    "parameters": {"seed": 0, "members": 2, "hidden": [1, 2], "lr": 0.01, "stop": True},
    "command": "landscape study toy-line",
    "started": "2024-01-02T03:04:05+00:00",
    "seconds": 1.5,
    "device": "cpu",
    "versions": {"torch": "2"},
    "commit": "0123",
    "cells": [
        {"name": "hidden=1", "values": [["hidden", 1]], "status": "failed", "error": "ValueError: no"},
        {"name": "hidden=2", "values": [["hidden", 2]], "status": "waiting"},
    ],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value within `value`."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in places(one, (*path, key)))]


def put(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    *way, last = path
    inner: Any = record
    for key in way:
        inner = inner[key]
    inner[last] = value


def take(record: dict[str, Any], path: tuple[Any, ...]) -> None:
    *way, last = path
    inner: Any = record
    for key in way:
        inner = inner[key]
    del inner[last]


def mutations() -> list[dict[str, Any]]:
    found = []
    for path in places(RECORD)[1:]:
        for odd in ODD:
            found.append(copy.deepcopy(RECORD))
            put(found[-1], path, odd)
        found.append(copy.deepcopy(RECORD))
        take(found[-1], path)
    return found


def read_or_refuse(folder: Path) -> bool:
    """Whether the record is read; a refusal is one line."""
    told = ""
    try:
        read_record(folder)
    except RunError as error:
        told = str(error)
    assert len(told.splitlines()) <= 1
    assert len(told) < 1000
    return not told


def test_records_of_every_odd_shape_are_read_or_refused_in_a_line(tmp_path: Path) -> None:
    read = 0
    for mutated in mutations():
        (tmp_path / "run.json").write_text(json.dumps(mutated))
        read += read_or_refuse(tmp_path)
    assert len(mutations()) > 300
    assert 0 < read < len(mutations()) / 3


def test_any_flip_of_a_record_is_noticed_or_harmless(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    file = tmp_path / "run.json"
    whole, before, chance, harmless = file.read_bytes(), read_record(tmp_path), random.Random(0), 0
    for _ in range(400):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        if read_or_refuse(tmp_path):
            assert read_record(tmp_path) == before
            harmless += 1
    assert harmless < 100


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"study": None}, "`study` must be a name; got null"),
        ({"version": True}, "`version` must be a whole number; got true"),
        ({"version": -1}, "`version` must be a whole number; got -1"),
        ({"parameters": [1]}, "`parameters` must be values by name; got [1]"),
        ({"parameters": {"hidden": {"a": 1}}}, "`parameters` must be values by name"),
        ({"seconds": "long"}, '`seconds` must be a number of seconds; got "long"'),
        ({"cells": []}, "`cells` must be a list of cells; got []"),
        ({"cells": ["one"]}, '`cells[0]` must hold fields by name; got "one"'),
        ({"cells": RECORD["cells"][:1] * 2}, "two cells have the same values"),
        (
            {"cells": [RECORD["cells"][1] | {"status": "doen"}]},
            "`cells[0].status` must be one of done, failed, waiting",
        ),
        ({"cells": [RECORD["cells"][1] | {"status": "failed"}]}, "`cells[0].error` is missing"),
        (
            {"cells": [RECORD["cells"][1] | {"values": [["hidden"]]}]},
            "`cells[0].values` must be pairs of a name and a value",
        ),
        ({"format": 3}, "`format` must be 2, or the run is of a newer landscape; got 3"),
        ({"sha256": "0" * 64}, "it was altered: its digest is not that of its content"),
        (
            {"cells": [RECORD["cells"][1] | {"sha256": "0" * 64}]},
            "it was altered: its cells have digests, and it has none",
        ),
        ({"data": {"a.csv": 3}}, '`data` must be texts by name; got {"a.csv": 3}'),
        ({"seconds": float("nan")}, "NaN is no finite number"),
        ({"seconds": 10**400}, "is beyond 64 bits"),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RECORD | change))
    with pytest.raises(RunError) as error:
        read_record(tmp_path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"study": ' * 5000, b"\xff\xfe", b"1e999", b"\x00", b'"' + b"\\ud800" + b'"'],
    ids=range(6),
)
def test_no_record_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    assert not read_or_refuse(tmp_path)


def test_a_field_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"study": "one", ' + json.dumps(RECORD)[1:])
    with pytest.raises(RunError, match="a field stands in it twice"):
        read_record(tmp_path)


def test_a_record_that_is_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(RunError, match="is a pipe, and a regular file is needed"):
        read_record(tmp_path)


def test_a_record_without_digests_is_unchecked(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RECORD))
    assert records.unchecked(read_record(tmp_path))
    write_record(tmp_path, RECORD)
    assert not records.unchecked(read_record(tmp_path))


def test_a_finished_cell_needs_its_digest(tmp_path: Path) -> None:
    entry = {"name": "hidden=1", "values": cell(hidden=1).values, "status": "done"}
    write_record(tmp_path, RECORD | {"cells": [entry]})
    with pytest.raises(RunError, match=r"`cells\[0\].sha256` is missing"):
        read_record(tmp_path)


@pytest.mark.usefixtures("toy")
def test_commands_end_in_a_line_whatever_the_record(command: Command, out: Path) -> None:
    folder = out / "toy-line-1"
    folder.mkdir(parents=True)
    chance = random.Random(1)
    for mutated in chance.sample(mutations(), 40):
        (folder / "run.json").write_text(json.dumps(mutated))
        for words in (("show", str(folder)), ("report", str(folder)), ("runs",)):
            answer = command(*words)
            assert answer.code in (0, 1, 2), answer
            assert "unexpected" not in answer.err, (mutated, answer)
            assert answer.code == 0 or len(answer.err.splitlines()) == 1, answer
