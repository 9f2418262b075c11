"""Final names for what is written whole, and errors of a disk that no other cell would escape."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_MORE = (*FULL, errno.EROFS)  # nothing more can be kept


def settle(part: Path, final: Path) -> None:
    """Rename a file, or a folder of files, once the disk holds its content: a power cut leaves nothing half written there."""
    for path in [*part.iterdir(), part] if part.is_dir() else [part]:
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    os.replace(part, final)
