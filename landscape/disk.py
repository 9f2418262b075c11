"""Errors of a disk that no other cell would escape."""

from __future__ import annotations

import errno

FULL = (errno.ENOSPC, errno.EDQUOT)
NO_MORE = (*FULL, errno.EROFS)  # nothing more can be kept
