"""Published files fetched from the first mirror that gives them, and kept only with the pinned hash."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from landscape.data import files

TIMEOUT = 20  # seconds without an answer before the next mirror is tried


def cache() -> Path:
    """Where downloads go without a data root that can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "landscape" / "data"


def places() -> list[Path]:
    """The folders that are searched: the data root, where one is set, and the cache."""
    own = files.root()
    return [cache()] if own is None else [own, cache()]


def download(file: str, below: str, mirrors: Sequence[str], md5: str, holds: str = "") -> Path:
    """`file` from the first of the mirrors that has it, put into folder `below` of the data root or the cache.

    `holds` is what a data root may hold instead. Raises ValueError, telling what to do, where no mirror answers or what came
    has another md5 than the published file; such a download is thrown away."""
    folder = next(place for place in places() if place == cache() or os.access(place, os.W_OK)) / below
    try:
        import pooch
    except ImportError:  # a bare GPU box
        raise ValueError(_offline(file, holds or below, "pooch, which would download it, is not installed")) from None
    pooch.get_logger().setLevel("WARNING")  # it tells of every mirror it tries, whether that answers or not
    wrong, silent = [], []
    for mirror in mirrors:
        fetch = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=_Told(file, urlsplit(mirror).netloc))
        try:
            return Path(pooch.retrieve(mirror + file, f"md5:{md5}", fname=file, path=folder, downloader=fetch))
        except OSError as error:  # every fault of the network is one, and so is a full disk
            silent.append(f"{urlsplit(mirror).netloc}: {type(error).__name__}")
        except ValueError:
            wrong.append(urlsplit(mirror).netloc)
    if wrong:
        raise ValueError(
            f"{file} from {', '.join(wrong)} is not the published file (md5 {md5}) and was thrown away; try again later"
        )
    raise ValueError(_offline(file, holds or below, f"no mirror answered ({', '.join(silent)})"))


class _Told:
    """What pooch takes for a progress bar: one line on stderr when a mirror's first bytes are there."""

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
        f"{file} is not below {where}, and {why}; give --data-root (or {files.VARIABLE}) the folder that holds {holds}, "
        "or use --data digits, which needs no files"
    )
