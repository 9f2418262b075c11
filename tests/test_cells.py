# ruff: noqa: F811
"""Finished cells are read only if their folder holds exactly the files that were written."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landscape import results
from landscape.results import Damaged, Measured, cell
from tests.test_results import ONE, TWO, folder, measured, record  # noqa: F401

Spoil = Callable[[Path, Path], object]  # the folders of cells ONE and TWO


def relisted(place: Path, **changes: object) -> None:
    note = json.loads((place / "cell.json").read_text())
    (place / "cell.json").write_text(json.dumps(note | changes))


def swapped(one: Path, two: Path) -> None:
    other = one.with_name("other")
    one.rename(other)
    two.rename(one)
    other.rename(two)


def piped(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


SPOILS: dict[str, tuple[Spoil, str]] = {
    "swapped": (swapped, "hidden=2 data=two-points (cell.json was altered), hidden=6 data=two-points (cell.json was"),
    "deleted": (lambda one, _: shutil.rmtree(one), "its folder is missing"),
    "a file": (lambda one, _: (shutil.rmtree(one), one.write_text("")), "its folder is missing"),
    "extra parquet": (
        lambda one, _: shutil.copy(one / "orbits.parquet", one / "extra.parquet"),
        "extra.parquet is not a",
    ),
    "extra npy": (
        lambda one, _: np.save(one / "extra.NPY", np.zeros(2)),
        "extra.NPY.npy is not a file that the run wrote",
    ),
    "no digests": (lambda one, _: relisted(one, sha256={}), "cell.json was altered"),
    "fifo list": (lambda one, _: piped(one / "cell.json"), "is a pipe, and a regular file is needed"),
    "fifo table": (lambda one, _: piped(one / "members.parquet"), "is a pipe, and a regular file is needed"),
    "nested list": (lambda one, _: (one / "cell.json").write_text("[" * 10**5), "cell.json was altered"),
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_spoilt_cell_is_named_and_only_left_out_when_asked(folder: Path, name: str) -> None:
    spoil, message = SPOILS[name]
    spoil(folder / "cells" / ONE.key, folder / "cells" / TWO.key)
    with pytest.raises(Damaged) as error:
        results.load(folder)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    found = results.load(folder, partial=True)
    assert ONE not in found.arrays
    assert ONE.name in found.left_out
    assert next(iter(results.unfinished(folder, [ONE, TWO]).values()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": {}}, "does not list members.parquet"),
        ({"sha256": None}, "lists no digests"),
        ({"sha256": {"members.parquet": "0", "arrays.npz": "0", "../../run.json": "0"}}, "which is no file of a cell"),
        ({"values": [["hidden", 3], ["data", "two-points"]]}, "its folder holds another cell"),
    ],
)
def test_a_list_is_checked_even_where_the_record_has_no_digest(
    folder: Path,
    changes: dict[str, object],
    message: str,
) -> None:
    unchecked(folder)
    relisted(folder / "cells" / ONE.key, **changes)
    with pytest.raises(Damaged) as error:
        results.load(folder)
    assert message in str(error.value)


def unchecked(folder: Path) -> None:
    """Turn the record into that of an earlier version, without digests."""
    there = results.read_record(folder)
    del there["format"], there["sha256"]
    for entry in there["cells"]:
        entry.pop("sha256", None)
    (folder / "run.json").write_text(json.dumps(there))


def test_a_run_made_before_digests_loads_unchecked(folder: Path) -> None:
    before = results.load(folder)
    assert not before.unchecked
    unchecked(folder)
    after = results.load(folder)
    assert after.unchecked
    assert after.table.equals(before.table)


def test_litter_of_file_managers_is_ignored(folder: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._members.parquet", "notes.txt"):
        (folder / "cells" / ONE.key / name).write_text("litter")
    assert len(results.load(folder).table) == 6


def test_a_cell_that_a_killed_process_did_not_note_is_read(folder: Path) -> None:
    done = results.digests(folder, [ONE])
    results.write_record(folder, record([]) | {"cells": results.entries([ONE, TWO], done, {})})
    found = results.load(folder)
    assert [entry["status"] for entry in found.record["cells"]] == ["done", "done"]
    assert len(found.arrays) == 2


def with_content(folder: Path, name: str, content: bytes) -> None:
    """Write `content` into a cell's file `name`, and correct all digests."""
    place = folder / "cells" / ONE.key
    (place / name).write_bytes(content)
    note = json.loads((place / "cell.json").read_text())
    note["sha256"][name] = hashlib.sha256(content).hexdigest()
    (place / "cell.json").write_text(json.dumps(note))
    done = results.digests(folder, [ONE, TWO])
    results.write_record(folder, record([]) | {"cells": results.entries([ONE, TWO], done, {})})


def huge_npz() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
        members.writestr("surface.npy", header.getvalue())
    return file.getvalue()


def huge_parquet() -> bytes:
    file, rows = io.BytesIO(), 2 * 10**6
    column = pa.array(np.zeros(rows, np.int8))
    pq.write_table(pa.table({f"c{place}": column for place in range(8)}), file, compression="zstd")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"), [("arrays.npz", huge_npz()), ("arrays.npz", b"PK"), ("members.parquet", b"PAR1")]
)
def test_what_cannot_be_decoded_is_refused_though_its_digest_is_right(
    folder: Path,
    name: str,
    content: bytes,
) -> None:
    with_content(folder, name, content)
    with pytest.raises(Damaged, match=f"{name} cannot be read"):
        results.load(folder)


def test_a_table_larger_than_memory_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_content(folder, "members.parquet", huge_parquet())
    monkeypatch.setattr("landscape.cells.free_memory", lambda: 10**8)
    with pytest.raises(
        Damaged, match=r"members.parquet cannot be read: it takes 0.1 GB of memory, and 0.1 GB are free"
    ):
        results.load(folder)


def test_saved_cells_of_one_content_have_one_digest(tmp_path: Path) -> None:
    plain = Measured({"members": pd.DataFrame({"member": [0]})})
    assert len({results.save_cell(tmp_path / name, cell(a=1), plain, 1.0) for name in "ab"}) == 1
