"""Downloads of published files: from the first mirror that answers, kept only if their md5 is the published one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from landscape.data import files

TIMEOUT = 20  # seconds without an answer before the next mirror is tried


def cache() -> Path:
    """The folder for downloads if no writable data root is set."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "landscape" / "data"


def places() -> list[Path]:
    """The folders that are searched for published files: the data root, if one is set, then the cache."""
    root = files.root()
    return [cache()] if root is None else [root, cache()]


def download(file: str, below: str, mirrors: Sequence[str], md5: str, holds: str = "") -> Path:
    """Download `file` from the first mirror that has it, to the folder `below` of the data root or the cache.

    `holds` names what a data root may hold instead, for the error message. Raises ValueError if no mirror answers, or if the
    download does not have the published md5; such a download is deleted."""
    folder = next(place for place in places() if place == cache() or os.access(place, os.W_OK)) / below
    try:
        import pooch
    except ImportError:  # a bare GPU box
        raise ValueError(_offline(file, holds or below, "pooch, which would download it, is not installed")) from None
    pooch.get_logger().setLevel("WARNING")  # at its usual level pooch prints a line for every mirror that it tries
    wrong, silent = [], []
    for mirror in mirrors:
        fetch = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=_Announcement(file, urlsplit(mirror).netloc))
        try:
            return Path(pooch.retrieve(mirror + file, f"md5:{md5}", fname=file, path=folder, downloader=fetch))
        except OSError as error:  # any failure of the network, or a full disk
            silent.append(f"{urlsplit(mirror).netloc}: {type(error).__name__}")
        except ValueError:
            wrong.append(urlsplit(mirror).netloc)
    if wrong:
        raise ValueError(
            f"{file} from {', '.join(wrong)} is not the published file (md5 {md5}) and was thrown away; try again later"
        )
    raise ValueError(_offline(file, holds or below, f"no mirror answered ({', '.join(silent)})"))


class _Announcement:
    """A progress bar for pooch that prints one line to stderr when the first bytes of a mirror arrive."""

    def __init__(self, file: str, mirror: str) -> None:
        self.line, self.total = f"downloading {file} from {mirror}", 0

    def update(self, size: int) -> None:
        if self.line:
            million = f" ({self.total / 1e6:,.1f} MB)" if self.total else ""
            print(f"{self.line}{million}", file=sys.stderr)
        self.line = ""

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


def _offline(file: str, holds: str, why: str) -> str:
    where = " or ".join(map(str, places()))
    return (
        f"{file} is not below {where}, and {why}; give --data-root (or {files.ROOT_VARIABLE}) the folder that holds {holds}, "
        "or use --data digits, which needs no files"
    )
