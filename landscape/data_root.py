"""The data root, and files and folders by their path: relative to the working directory or to that root. No torch is loaded."""

from __future__ import annotations

import os
from pathlib import Path

ROOT_VARIABLE = "LANDSCAPE_DATA"
_copies: dict[str, Path] = {}  # copies of files and folders that are on another machine, by the texts that name them


def use_copy(name: str, copy: Path) -> None:
    """From now on the text `name` stands for `copy`: on a machine that does not have the file or folder itself."""
    _copies[name] = copy


def root() -> Path | None:
    """The data root named by LANDSCAPE_DATA; None if it is unset. Raises ValueError if it is no folder."""
    given = os.environ.get(ROOT_VARIABLE)
    if not given:
        return None
    folder = _home(given)
    if not os.path.isdir(folder):
        raise ValueError(
            f"the data root must be a folder that exists; got {given!r}. Mend --data-root or {ROOT_VARIABLE}"
        )
    return folder


def find(name: str) -> Path | None:
    """The file or folder at the path `name`, relative to the working directory or else to the data root; None if missing."""
    if name in _copies:
        return _copies[name]
    given = _home(name)
    if name and os.path.exists(given):
        return given
    folder = root() if name else None
    return folder / given if folder is not None and os.path.exists(folder / given) else None


def _home(name: str) -> Path:
    """The path, with ~ or ~user expanded to a home folder. The path of an unknown user stays as it is."""
    return Path(os.path.expanduser(name))
