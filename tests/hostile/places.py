"""A folder of files that commands do not expect: pipes, devices, loops, damaged configurations and damaged runs."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

TOML = {
    "good.toml": "members = 2\nhidden = [1]\n",
    "bom.toml": "\ufeffmembers = 2\n",
    "empty.toml": "",
    "open.toml": "hidden = [",
    "nested.toml": f"hidden = {'[' * 5000}{']' * 5000}\n",
    "tables.toml": f"[{'.'.join('a' * 3000)}]\nx = 1\n",
    "table.toml": "[hidden]\nx = 1\n",
    "lists.toml": "hidden = [[1], [2]]\n",
    "mixed.toml": 'hidden = [1, "2", 3.5]\n',
    "dates.toml": "members = 1979-05-27\n",
    "large.toml": f"members = 1{'0' * 400}\n",
    "digits.toml": f"members = 1{'0' * 6000}\n",
    "infinite.toml": "lr = 1e999\n",
    "markup.toml": '"[/]" = 1\n',
    "key.toml": f"{'k' * 5000} = 1\n",
    "null.toml": 'data = "a\\u0000b"\n',
    "twice.toml": "members = 1\nmembers = 2\n",
    "long.toml": "# a comment\n" * 300_000,
}
DAMAGE = {
    "null": lambda record: dict.fromkeys(record),
    "cells": lambda record: record | {"cells": None},
    "cell": lambda record: record | {"cells": [None]},
    "entry": lambda record: record | {"cells": [{"name": "[/]", "values": [["hidden", 1]], "status": 7}]},
    "values": lambda record: record | {"cells": [{"name": "x", "values": {"hidden": 1}, "status": "done"}]},
    "parameters": lambda record: record | {"parameters": [1]},
    "parameter": lambda record: record | {"parameters": {**record["parameters"], "hidden": {"a": 1}}},
    "study": lambda record: record | {"study": ["toy-line"]},
    "name": lambda record: record | {"study": "../../etc"},
    "version": lambda record: record | {"version": "[/]"},
    "seconds": lambda record: record | {"seconds": "long"},
    "infinite": lambda record: record | {"seconds": float("inf")},
    "started": lambda record: record | {"started": ["[bold]"]},
    "device": lambda record: record | {"device": {"[/]": 1}},
    "command": lambda record: record | {"command": 3, "commit": [1], "versions": "many"},
}


def make_places(folder: Path, run: Path) -> list[str]:
    """Fill `folder`, with damaged copies of the finished run `run` among others, and return the names of its content."""
    for name, text in TOML.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "binary.toml").write_bytes(bytes(range(256)))
    (folder / "utf-16.toml").write_bytes("members = 2\n".encode("utf-16"))
    (folder / "empty").touch()
    for name in ("plain", "[/]", "[bold]x", "a,b", "é☃"):
        (folder / name).mkdir(parents=True)
    (folder / "models").write_text("no folder")
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "pipe.toml")
    for name, target in {
        "zero": "/dev/zero", "full": "/dev/full", "zero.toml": "/dev/zero", "memory": "/proc/self/mem",
        "broken": "nowhere", "loop": "loop", "up": "..", "system": "/proc",
    }.items():  # fmt: skip
        (folder / name).symlink_to(target)
    (folder / "blocked").mkdir()
    (folder / "blocked" / "models").write_text("no folder")
    os.mkfifo(folder / "plain" / "models")
    return [*sorted(os.listdir(folder)), *_damaged(folder / "damaged", run)]


def _damaged(folder: Path, run: Path) -> list[str]:
    """Copies of the run, each with a single fault."""
    record = json.loads((run / "run.json").read_text())
    record = {
        name: value for name, value in record.items() if name not in ("format", "sha256")
    }  # what is wrong is not its digest
    for name, change in DAMAGE.items():
        shutil.copytree(run, folder / name)
        (folder / name / "run.json").write_text(json.dumps(change(record)))
    for name, text in {
        "text": "{",
        "list": "[]",
        "deep": "[" * 100_000,
        "number": "1" * 5000,
        "bytes": "\ufeff{}",
    }.items():
        shutil.copytree(run, folder / name)
        (folder / name / "run.json").write_text(text, encoding="utf-8")
    for name in ("pipe", "folder", "zero"):
        shutil.copytree(run, folder / f"record-{name}")
        place = folder / f"record-{name}" / "run.json"
        place.unlink()
        os.mkfifo(place) if name == "pipe" else place.mkdir() if name == "folder" else place.symlink_to("/dev/zero")
    for name in ("members.parquet", "arrays.npz", "cell.json"):
        for kind in ("gone", "pipe", "short"):
            copy = folder / f"{name}-{kind}"
            shutil.copytree(run, copy)
            file = next(copy.glob(f"cells/*/{name}"))
            whole = file.read_bytes()
            file.unlink()
            if kind == "pipe":
                os.mkfifo(file)
            elif kind == "short":
                file.write_bytes(whole[: len(whole) // 2])
    return [f"damaged/{name}" for name in sorted(os.listdir(folder))]


def kinds(folder: Path) -> dict[str, int]:
    """The kind of file of each entry of the folder: no command may turn a pipe or a link into another kind."""
    return {name: stat.S_IFMT(os.lstat(folder / name).st_mode) for name in os.listdir(folder)}
