"""Arrays and weights that a caller has in memory, kept as files beside the runs, so that a run can read them again."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from landscape.disk import replacing

FOLDER = "arrays"  # in the folder of the runs
KEPT = re.compile(r"[^\s'\"]*\b" + FOLDER + r"[/\\][0-9a-f]{16}[/\\]([A-Za-z0-9_-]+)\.(npy|safetensors)")


def keep_array(array: np.ndarray, name: str, out: Path) -> str:
    """The path of the .npy file that holds `array`, as `keep` writes it."""
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(array), allow_pickle=False)
    return keep(content.getvalue(), f"{name}.npy", out)


def name_of(path: str | Path) -> str:
    """The name for people of a file that `keep` wrote, such as `data` or checkpoint 0; the name of any other path as it is."""
    return _named(str(path))


@contextmanager
def names_for_people() -> Iterator[None]:
    """Inside, the message of a ValueError names files that `keep` wrote as the caller knows them: `data`, checkpoint 0."""
    try:
        yield
    except ValueError as error:
        if error.args and isinstance(error.args[0], str):
            error.args = (_named(error.args[0]), *error.args[1:])
        raise


def _named(text: str) -> str:
    return KEPT.sub(lambda found: found[1].replace("-", " ") if found[2] != "npy" else f"`{found[1]}`", text)


def keep(content: bytes, name: str, out: Path) -> str:
    """The path of the file under `out` that holds `content`, written if it is not there yet.

    The folder is named by the digest of the content, the file by `name`, without signs that file systems may refuse."""
    stem, dot, suffix = name.rpartition(".")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-") or "array"
    file = out / FOLDER / hashlib.sha256(content).hexdigest()[:16] / f"{plain}{dot}{suffix}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as part:
            part.write_bytes(content)
    return str(file)
