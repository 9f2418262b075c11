"""Entries of the model store as bytes: those that a cell may use on another machine, and those that it made there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from landscape import disk, entries
from landscape.away import Files, Packed, packed, unpack
from landscape.data import find
from landscape.entries import KEY, LOSSES, SNAPSHOTS, SPEC, WEIGHTS
from landscape.names import listed
from landscape.own_data import is_own
from landscape.parameters import Parameters, data_texts
from landscape.training import Recipe, stored, stored_recipe

MOST_DATA_BYTES = 1e9  # of a data set that is sent; a larger one must be on the machines of the cluster
NAMES = (SPEC, WEIGHTS, LOSSES, SNAPSHOTS)


def of_recipes(recipes: Iterable[Recipe], models: Path) -> dict[str, bytes]:
    """The files of the store that training by these recipes may read, by paths such as KEY/spec.json.

    These are the ensembles, or else ensembles with other seeds of the same networks, and checkpoints of a training that was
    stopped. An entry that another process removes meanwhile is left out."""
    found: dict[str, bytes] = {}
    for recipe in recipes:
        checkpoint = models / f"{recipe.key}.checkpoint"
        if (models / recipe.key / SPEC).exists():
            keys = [*entries.pieces_of(models, recipe.key), recipe.key]
        else:
            keys = [one.key for one in entries.with_members_of(recipe, models)]
            with suppress(OSError):
                found[checkpoint.name] = checkpoint.read_bytes()
        for key in keys:
            with suppress(OSError):
                found |= {f"{key}/{name}": content for name, content in packed(models / key).items() if name in NAMES}
    return found


def store(files: Files, models: Path) -> None:
    """Write the entries among the `files` into the store `models`; one that is there and whole is kept.

    Entries with networks of their own come first, as others are made of these. An entry that another process holds is left to
    that process."""
    made: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        key, _, name = path.partition("/")
        if KEY.fullmatch(key) and name in NAMES:
            made.setdefault(key, {})[name] = content
    (models / "locks").mkdir(parents=True, exist_ok=True)
    for key in sorted(made, key=lambda key: WEIGHTS not in made[key]):
        with suppress(disk.Busy), disk.locked(models / "locks" / key, wait=False):
            if not _is_whole(key, models):
                with disk.replacing(models / key) as part:
                    unpack(made[key], part)
            disk.remove(models / f"{key}.checkpoint")  # of an earlier training, which is done now


def data_of(study: Parameters) -> Mapping[str, Packed]:
    """The content of the user's data, and of files that other parameters name, by the texts that name them.

    Data of more than MOST_DATA_BYTES are left out."""
    texts = [text for _, text in data_texts(study) if is_own(text)]
    found: dict[str, Packed] = {}
    for text in dict.fromkeys([*texts, *(text for value in vars(study).values() for text in _paths(value))]):
        path = find(text)
        if path is None:
            continue
        size = sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path]))
        if size <= MOST_DATA_BYTES:
            found[text] = Packed(path.absolute(), packed(path))
    return found


def _paths(value: object) -> list[str]:
    """The texts of a parameter that may be paths of files or folders: those with an ending or a /, but for code."""
    values = value if isinstance(value, tuple) else (value,)
    texts = [text for one in values if isinstance(one, str) for text in listed(one)]
    return [text for text in texts if "/" in text or Path(text).suffix not in ("", ".py")]


def _is_whole(key: str, models: Path) -> bool:
    """Whether the entry `key` is in the store as it was written."""
    try:
        recipe = stored_recipe(key, models)
    except ValueError:
        return False
    return recipe is not None and stored(recipe, models) is not None
