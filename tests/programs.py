"""Programs that some tests need and a machine may lack."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str) -> str:
    """Where the first of these names is on PATH; without any the test is skipped, or fails if LANDSCAPE_REQUIRE has the first.

    .ci/run requires what it found or installed: tests skipped for want of it would leave it green."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        required = names[0] in os.environ.get("LANDSCAPE_REQUIRE", "").split()
        (pytest.fail if required else pytest.skip)(
            f"{names[0]} is not on PATH{', and is required' if required else ''}"
        )
    return found
