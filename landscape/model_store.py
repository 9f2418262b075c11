"""The entries of a model store: the networks in each, the runs that use it, and how unused entries are removed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landscape import disk, presets, results
from landscape.entries import END, KEY, LOSSES, MAX_SPEC_BYTES, SNAPSHOTS, SPEC, WEIGHTS, pieces_of
from landscape.record import RunError, cell_of

REST = re.compile(r"([0-9a-f]{16})\.(checkpoint|\d+\.part|checkpoint\.\d+\.part)")  # of training that was stopped
STORED, STOPPED, DAMAGED, TRAINING = "stored", "stopped", "damaged", "training"


@dataclass(frozen=True)
class Entry:
    """What the store holds under one key: networks, or the checkpoint of a training that was stopped.

    `bytes` counts its files, `changed` is the time of the newest of them (seconds since 1970). `runs` are the names of the
    runs that use it. `recipe` is empty where it cannot be read: the entry is damaged, or holds a checkpoint alone."""

    key: str
    state: str
    recipe: dict[str, Any]
    bytes: int
    changed: float
    runs: tuple[str, ...]

    @property
    def network(self) -> str:
        """The architecture in words: 'mlp, 6 hidden, width 50, relu'."""
        net = self.recipe.get("net", {})
        if net.get("kind") == "module":
            return f"{net.get('file')}:{net.get('name')}"
        sizes = [f"{net['hidden']} hidden", f"width {net['width']}", net["activation"]] if net else []
        return ", ".join([net.get("kind", ""), *sizes]) if net else ""

    @property
    def data(self) -> str:
        """The training data in words: 'mnist, 1,000 points'."""
        data = self.recipe.get("data", {})
        count = data.get("count")
        return f"{data.get('name', '')}{f', {count:,} points' if isinstance(count, int) else ''}"

    @property
    def members(self) -> int:
        """The number of networks; 0 where the recipe is not known."""
        return len(self.recipe.get("seeds", ()))


def entries(out: Path) -> list[Entry]:
    """The entries of the store of `out`, largest first. Files that are not the store's are left out.

    Raises ValueError if a run under `out` cannot say which networks it uses."""
    found, used = _files(out / "models"), _uses(out)
    made = [_entry(out / "models", key, files, used.get(key, [])) for key, files in found.items()]
    return sorted(made, key=lambda entry: (-entry.bytes, entry.key))


def prune(out: Path, unused: Iterable[Entry]) -> list[Entry]:
    """Remove entries that no run uses, and return those that were removed.

    An entry that a run uses, or whose lock another process holds, is kept, as are all files that are not the store's."""
    models = out / "models"
    (models / "locks").mkdir(parents=True, exist_ok=True)
    gone = []
    for entry in unused:
        if entry.runs or entry.state == TRAINING:
            continue
        try:
            with disk.locked(models / "locks" / entry.key, wait=False):
                for path in _files(models).get(entry.key, ()):
                    _remove(path)
        except disk.Busy:  # training has begun since
            continue
        gone.append(entry)
    return gone


def keys_of(folder: Path, record: dict[str, Any], cells: Iterable[results.Cell]) -> list[str]:
    """The keys of the networks that cells of a run use, and of the entries that they are made of, without repetitions.

    Raises ValueError if the run, of an earlier version, does not note them and its study cannot be made."""
    used = dict.fromkeys(key for cell in cells for key in _keys(folder, record, cell))
    models = folder.parent / "models"
    return list(dict.fromkeys(one for key in used for one in (*pieces_of(models, key), key)))


def files_of(models: Path, key: str) -> list[Path]:
    """The files of the networks `key` in the store `models`; empty if they are not there whole."""
    folder = models / key
    if not KEY.fullmatch(key) or folder.is_symlink() or not _is_ours(folder):
        return []
    whole = (folder / WEIGHTS).exists() or pieces_of(models, key)
    return sorted(folder.iterdir()) if whole else []


def _files(models: Path) -> dict[str, list[Path]]:
    """The folders and files of the store by key. Links, and folders with other files in them, are not the store's."""
    found: dict[str, list[Path]] = {}
    for path in sorted(models.iterdir()) if models.is_dir() else ():
        rest = REST.fullmatch(path.name)
        if path.is_symlink() or not (rest or (KEY.fullmatch(path.name) and _is_ours(path))):
            continue
        found.setdefault(rest[1] if rest else path.name, []).append(path)
    return found


def _is_ours(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    return names <= {SPEC, WEIGHTS, LOSSES, SNAPSHOTS, END} and not any((folder / name).is_symlink() for name in names)


def _remove(path: Path) -> None:
    """Delete a file or a folder of the store's; a folder into which something else was put meanwhile stays."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
    elif _is_ours(path):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    elif REST.fullmatch(path.name):
        disk.remove(path)


def _entry(models: Path, key: str, paths: Sequence[Path], runs: Sequence[str]) -> Entry:
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    recipe, state = {}, STOPPED
    if (models / key).is_dir():
        state = STORED
        try:
            recipe = json.loads(disk.read_regular(models / key / SPEC, MAX_SPEC_BYTES))["recipe"]
            if hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16] != key:
                state, recipe = DAMAGED, {}
        except (OSError, ValueError, KeyError, TypeError):
            state = DAMAGED
    if disk.is_locked(models / "locks" / key):  # a process loads or trains these networks now
        state = TRAINING
    sizes = [file.stat() for file in files]
    newest = max((size.st_mtime for size in sizes), default=0.0)
    return Entry(
        key, state, recipe if isinstance(recipe, dict) else {}, sum(size.st_size for size in sizes), newest, tuple(runs)
    )


def _uses(out: Path) -> dict[str, list[str]]:
    """The names of the runs under `out` by the keys of the networks that they use."""
    if reasons := results.unreadable(out):
        raise ValueError(f"which networks are in use is not known: {reasons[0]}. Repair that run, or delete its folder")
    used: dict[str, list[str]] = {}
    for folder, record in results.runs(out):
        for key in keys_of(folder, record, map(cell_of, record["cells"])):
            used.setdefault(key, []).append(folder.name)
    return used


def _keys(folder: Path, record: dict[str, Any], cell: results.Cell) -> list[str]:
    """The keys of the networks of a cell: as it notes them, or else as its study gives them."""
    if noted := results.recipes_of(folder, cell):
        return noted
    name = record["study"]
    if "study" not in record.get("code", {}) and name in presets.study_names() and not presets.study_class(name).trains:
        return []  # and its `recipes` would ask for networks and data that may be gone
    try:
        return [recipe.key for recipe in presets.study_of(record, folder).recipes(cell)]
    except (ValueError, RunError) as error:
        raise ValueError(
            f"which networks the run {folder.name} uses is not known ({error}); run it again, give --code, or delete the run"
        ) from None
