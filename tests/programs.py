"""Programs that some tests need and that a machine may lack, and how subprocesses of tests take Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal

import pytest


def program(*names: str) -> str:
    """The path of the first of these programs that is on PATH. If there is none, the test is skipped.

    If LANDSCAPE_REQUIRE lists the first name, the test fails instead. .ci/run lists the programs that it has found or installed
    there, so that a test that could run is never skipped."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        required = names[0] in os.environ.get("LANDSCAPE_REQUIRE", "").split()
        (pytest.fail if required else pytest.skip)(
            f"{names[0]} is not on PATH{', and is required' if required else ''}"
        )
    return found


def interruptible() -> None:
    """Let Ctrl-C interrupt a subprocess, as its `preexec_fn`: jobs in a shell's background ignore it, and so would theirs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
