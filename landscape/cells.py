"""Finished cells on disk: folders of tables and arrays, whose digests in cell.json are checked before anything is read."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landscape.disk import open_regular, replacing
from landscape.facts import Shown
from landscape.machine import free_memory, memory
from landscape.record import Cell, Damaged, read_json

LIST_FILE, MEMBERS_FILE, ARRAYS_FILE = "cell.json", "members.parquet", "arrays.npz"
RESULT_SUFFIXES = (".parquet", ".npz", ".npy")  # files with these suffixes must be listed in cell.json
MAX_LIST_BYTES = 1_000_000  # of cell.json
READ_CHUNK_BYTES = 2**20
RECIPE_KEY = re.compile("[0-9a-f]{16}")
READ_ERRORS = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    pa.ArrowException,
)


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Shown):
    """The results of one cell.

    tables["members"] has a row per member, with the columns member, seed and status, and a column per measurement. A user's
    study may leave columns out. Other tables have a column member, too. `arrays` hold surfaces, orbits and the like. `recipes`
    are the keys, in the model store, of the ensembles that the cell trained; the run fills them in."""

    tables: dict[str, pd.DataFrame]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    recipes: tuple[str, ...] = ()


def save_cell(folder: Path, cell: Cell, measured: Measured, seconds: float) -> str:
    """Write a finished cell to `folder`, whole or not at all: Parquet tables, an .npz and cell.json. Returns its digest."""
    with replacing(folder) as part:
        part.mkdir(parents=True)
        for name, table in measured.tables.items():
            table.to_parquet(part / f"{name}.parquet", index=False)
        np.savez_compressed(part / ARRAYS_FILE, **measured.arrays)  # type: ignore[arg-type]
        digests = {file.name: _digest(file) for file in sorted(part.iterdir())}
        trained = {"recipes": measured.recipes} if measured.recipes else {}
        note = json.dumps({"values": cell.values, "seconds": seconds, **trained, "sha256": digests}, indent=1)
        (part / LIST_FILE).write_text(note, encoding="utf-8")
    return hashlib.sha256(note.encode()).hexdigest()


def damage(folder: Path, cell: Cell, digest: str = "") -> str:
    """What is wrong with a cell's folder, in words; "" if it holds exactly the files that were written.

    `digest` is the digest of cell.json in the run's record. Without it, the folder is only checked against its cell.json."""
    try:
        for name, expected in _listed(folder, cell, digest).items():
            if _digest(folder / name) != expected:
                return f"{name} was altered"
    except FileNotFoundError as error:
        return f"{Path(str(error.filename)).name} is missing"
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def digest_of(folder: Path) -> str:
    """The digest of a cell: the sha256 of its cell.json. Raises OSError or ValueError if that file cannot be read."""
    return _digest(folder / LIST_FILE)


def recipes_of(folder: Path) -> list[str]:
    """The keys of the ensembles that a cell trained.

    The list is empty if an earlier version, which did not note the keys, wrote the cell, or if cell.json cannot be read."""
    try:
        found = read_json(folder / LIST_FILE, MAX_LIST_BYTES).get("recipes", [])
    except (OSError, ValueError, AttributeError):
        return []
    return (
        found
        if isinstance(found, list) and all(isinstance(key, str) and RECIPE_KEY.fullmatch(key) for key in found)
        else []
    )


def read_cell(folder: Path, cell: Cell, digest: str = "") -> Measured:
    """The results of a cell, read from `folder`.

    Raises Damaged, with the reason, if its files are not those that were written, or do not fit into the free memory."""
    if reason := damage(folder, cell, digest):
        raise Damaged(reason)
    tables: dict[str, pd.DataFrame] = {}
    arrays: dict[str, np.ndarray] = {}
    for name in _listed(folder, cell, digest):
        try:
            if name == ARRAYS_FILE:
                arrays = dict(_arrays(folder / name))
            elif name.endswith(".parquet"):
                tables[name.removesuffix(".parquet")] = _table(folder / name)
        except READ_ERRORS as error:
            raise Damaged(f"{name} cannot be read: {error}") from error
    return Measured(tables, arrays)


def is_litter(name: str) -> bool:
    """Whether `name` is that of a file which file managers add to folders, such as .DS_Store."""
    return name.startswith("._") or name.lower() in (".ds_store", "thumbs.db", "desktop.ini")


def _listed(folder: Path, cell: Cell, digest: str) -> dict[str, str]:
    """The files of a cell and their digests, from cell.json.

    Raises ValueError if cell.json was altered or belongs to another cell, and for a data file that it does not list."""
    if not folder.is_dir():
        raise ValueError("its folder is missing")
    if digest and digest_of(folder) != digest:
        raise ValueError(f"{LIST_FILE} was altered")
    note = read_json(folder / LIST_FILE, MAX_LIST_BYTES)
    listed = note.get("sha256") if isinstance(note, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(digest, str) for digest in listed.values()):
        raise ValueError(f"{LIST_FILE} lists no digests")
    if note.get("values") != json.loads(json.dumps(cell.values)):
        raise ValueError("its folder holds another cell")
    for name in (MEMBERS_FILE, ARRAYS_FILE):
        if name not in listed:
            raise ValueError(f"{LIST_FILE} does not list {name}")
    for name in listed:
        if Path(name).name != name or "\\" in name or name == LIST_FILE:
            raise ValueError(f"{LIST_FILE} lists {name!r}, which is no file of a cell")
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in RESULT_SUFFIXES and path.name not in listed and not is_litter(path.name):
            raise ValueError(f"{path.name} is not a file that the run wrote")
    return listed


def count_converged(folder: Path) -> tuple[int, int]:
    """The number of converged members of a finished cell, and of all its members. (0, 0) without a column `status`."""
    file = folder / "members.parquet"
    members = _table(file) if file.exists() else pd.DataFrame()
    return (int((members["status"] == "converged").sum()), len(members)) if "status" in members else (0, 0)


def median_loss(folder: Path) -> float:
    """The median training loss of a finished cell's members. NaN without a column `loss`."""
    file = folder / "members.parquet"
    members = _table(file) if file.exists() else pd.DataFrame()
    return float(members["loss"].median()) if "loss" in members else math.nan


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(file) as content:
        while chunk := content.read(READ_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _table(file: Path) -> pd.DataFrame:
    with open_regular(file) as content:
        metadata = pq.read_metadata(content)
        size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
        _check_room(max(size, 8 * metadata.num_rows * metadata.num_columns))
        content.seek(0)
        return pd.read_parquet(io.BytesIO(content.read()))


def _arrays(file: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of an .npz. All sizes are checked before any array is read."""
    with open_regular(file) as content:
        with zipfile.ZipFile(content) as members:
            _check_room(sum(member.file_size for member in members.infolist()))
            for member in members.infolist():
                with members.open(member) as array:
                    _check_header(array, member.file_size)
        content.seek(0)
        with np.load(content) as stored:
            yield from ((name, stored[name]) for name in stored.files)


def array_header(file: Any) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and type of the array in an open .npy file, from its header. Raises ValueError for a damaged header."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file)
    return shape, kind


def _check_header(file: Any, size: int) -> None:
    """Raise ValueError if the size of an array by its header is not that of its data in the file."""
    shape, kind = array_header(file)
    if file.tell() + math.prod(shape) * kind.itemsize != size:
        raise ValueError(f"its header says that it is an array {shape}, but its data have another size")


def _check_room(needed: int) -> None:
    free = memory() if (measured := free_memory()) is None else measured
    if needed > free:
        raise ValueError(f"it takes {needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free")
