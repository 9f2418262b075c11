"""Writing a page: to a new file, or over an HTML page."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from landscape.disk import open_regular, replacing

BYTES_READ = 4096  # of the beginning of a file, which shows whether it is HTML
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)


def write_page(text: str, path: Path) -> None:
    """Write a page atomically, with the folders that it needs. Raises FileExistsError as `check_target` does."""
    check_target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path.resolve()) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")


def check_target(path: Path) -> None:
    """Raise FileExistsError if `path` exists, unless it is an HTML page, or an empty file named .html or .htm."""
    if not os.path.lexists(path):
        return
    try:
        with open_regular(path) as file:
            beginning = file.read(BYTES_READ)
    except FileNotFoundError:  # a link to a file that does not exist yet
        return
    except ValueError as error:
        raise FileExistsError(errno.EEXIST, f"{error} for a page", str(path)) from None
    page = _HTML.match(beginning) if beginning else path.resolve().suffix.lower() in (".html", ".htm")
    if not page:
        raise FileExistsError(errno.EEXIST, "it exists, is no HTML page, and would be lost", str(path))
