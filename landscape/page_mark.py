"""The mark in a run's page: a digest of what the page was made from, so that an equal page is not made again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from landscape.disk import open_regular
from landscape.provenance import versions
from landscape.results import Result

BYTES_READ = 4096  # of the beginning of a page, where its mark is
DRAWING = ("matplotlib", "pyvista", "jinja2")  # packages that a page depends on beside those of a run
_MARK = re.compile(rb'<meta name="landscape-page" content="([0-9a-f]{16})">')


def page_mark(runs: Sequence[Result], title: str | None = None, story: str = "") -> str:
    """The mark of the page about `runs` with this heading and story: sixteen hexadecimal digits.

    It is a digest of the runs' records, of the code of this package and of the versions of libraries. "" for runs without a
    digest, and for runs of which damaged cells were left out: their pages are always made again."""
    records = [result.record.get("sha256") for result in runs]
    if not all(records) or any(result.left_out for result in runs):
        return ""
    content = [records, title or "", story, code_digest(), versions(DRAWING)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def mark_of(page: Path) -> str:
    """The mark of the page in a file; "" if there is no such file, or it has no mark."""
    try:
        with open_regular(page) as file:
            found = _MARK.search(file.read(BYTES_READ))
    except (OSError, ValueError):
        return ""
    return found[1].decode() if found else ""


@lru_cache(maxsize=1)
def code_digest() -> str:
    """A digest of the files of this package: any change of its code changes it."""
    home, digest = Path(__file__).parent, hashlib.sha256()
    for file in sorted(home.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(home).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()
