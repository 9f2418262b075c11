"""A terminal shows something before torch is loaded, and nothing of it is left behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from landscape.commands.waiting import waiting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_is_erased_when_the_block_ends_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with waiting("loading"):
        assert screen.getvalue() == "loading …"
    assert screen.getvalue() == "loading …\r         \r"
    with pytest.raises(ZeroDivisionError), waiting("x"):
        raise ZeroDivisionError
    assert screen.getvalue().endswith("x …\r   \r")


def test_nothing_is_shown_in_quiet_nor_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for screen, quiet in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", screen)
        with waiting("loading", quiet=quiet):
            pass
        assert screen.getvalue() == ""


FIRST = """
import io, json, sys
from landscape import cli
class Terminal(io.StringIO):
    def isatty(self): return True
    def write(self, text):
        if text.strip():
            sys.stdout.write(json.dumps([text, "torch" in sys.modules, "pandas" in sys.modules]))
            sys.stdout.flush()
            import os
            os._exit(0)
        return len(text)
sys.stderr = Terminal()
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("study depth-sweep --dry-run", "depth-sweep: reading its parameters …"),
        ("study ./mine.py", "./mine.py: reading its parameters …"),
        ("sample", "loading libraries …"),
        ("runs", "loading libraries …"),
        ("export --to net.pt2", "loading libraries …"),
    ],
)
def test_something_stands_on_the_screen_before_torch_is_loaded(tmp_path: Path, words: str, line: str) -> None:
    (tmp_path / "mine.py").write_text("import torch\n")
    call = [sys.executable, "-c", FIRST, *words.split()]
    root = Path(__file__).parents[2]
    done = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(root), "PATH": ""})
    assert json.loads(done.stdout) == [line, False, False], done.stderr
