"""A command survives closed streams, pipes without a reader, and encodings that lack a character."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from landscape.commands import faults, streams, summary
from tests.conftest import Command

HERE = Path(__file__).parent.parent
RUN = ("study", "toy-line", "--preset", "test", "--no-report")


def run_shell(shell: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which $LANDSCAPE is the command line with the toy registry."""
    words = f'set -o pipefail; landscape() {{ {sys.executable} -m tests.toy "$@"; }}; {shell}'
    return subprocess.run(
        ["bash", "-c", words], env=os.environ | {"PYTHONPATH": str(HERE)} | environment,
        capture_output=True, text=True, timeout=120, errors="replace", stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="a shell's redirections")
@pytest.mark.parametrize(
    ("shell", "code", "message"),
    [
        ("landscape study list | true", faults.UNREAD, ""),
        ("landscape study toy-line --print-config | head -0", faults.UNREAD, ""),
        ("landscape show nothing 2>&1 | true", faults.UNREAD, ""),
        ("landscape study list >&-", 0, ""),
        ("landscape show nothing <&- >&- 2>&-", 2, ""),
        (
            "landscape study list >/dev/full",
            2,
            "cannot be written (No space left on device)",
        ),
        ("PYTHONIOENCODING=ascii landscape study toy-line --help >&2", 0, "--preset"),
    ],
)
def test_streams_without_a_reader_are_silent(shell: str, code: int, message: str, tmp_path: Path) -> None:
    answer = run_shell(shell, LANDSCAPE_OUT=str(tmp_path))
    assert answer.returncode == code, answer
    assert message in answer.stderr
    assert len(answer.stderr.splitlines()) == bool(message) or message == "--preset"


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding, written in (("ascii", b"\\xd7 \xff \\u2713"), ("utf-8", "× ".encode() + b"\xff" + " ✓".encode())):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
        streams.prepare()
        print("× \udcff ✓", end="", flush=True)
        assert sys.stdout.buffer.getvalue() == written  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_json_stays_json_whatever_the_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    streams.prepare()
    summary.print_as_json({"name": "× \udcff ☃"})
    sys.stdout.flush()
    assert json.loads(sys.stdout.buffer.getvalue()) == {"name": "× \udcff ☃"}  # type: ignore[attr-defined]


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("name", ["[/]", "[bold]x", ":smile:"])
def test_paths_are_printed_as_they_are(command: Command, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    for words in ((*RUN, "--dry-run"), RUN, ("show", "toy"), ("runs",)):
        answer = command(*words, "--out", str(folder))
        assert answer.code == 0, answer
        assert name in answer.out or words == ("runs",)
