"""Where a page is written: it replaces only another page or an empty file, and leaves no half-written file."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from landscape.report import check_target
from tests.conftest import Command

PAGES = ["", "<!DOCTYPE html><p>x", "\ufeff<!doctype HTML>", "\n <html lang=en>", "<!-- saved -->\n<!doctype html>"]
OTHERS = ["", "{}", "a,b\n1,2", "<svg></svg>", "<htmlx>", "words <html>", "\x00\x01"]
RUN = ("study", "toy-line", "--preset", "test", "--no-report")


@pytest.mark.parametrize("text", PAGES)
def test_pages_and_empty_files_may_be_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "file.html"
    check_target(file)
    file.write_text(text, encoding="utf-8")
    check_target(file)
    (tmp_path / "link").symlink_to(file)
    check_target(tmp_path / "link")


@pytest.mark.parametrize("text", OTHERS)
def test_other_files_are_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(FileExistsError, match="is no HTML page, and would be lost"):
        check_target(tmp_path / "file")


def test_devices_pipes_and_folders_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/full"), tmp_path / "link"):
        with pytest.raises(FileExistsError, match="and a regular file is needed for a page"):
            check_target(path)


@pytest.fixture
def run(toy: None, command: Command, out: Path) -> Path:
    assert command(*RUN).code == 0
    return next(out.glob("toy-line-*"))


def test_a_report_destroys_no_record_and_no_device(command: Command, run: Path) -> None:
    before = (run / "run.json").read_bytes()
    for target in (run / "run.json", next(run.glob("cells/*/cell.json")), Path("/dev/full"), run):
        answer = command("report", str(run), "--to", str(target))
        assert answer.code == 2
        assert answer.err.startswith(f"landscape: cannot write to {target} (")
        assert answer.err.endswith("choose another --to\n")
        assert len(answer.err.splitlines()) == 1
    assert (run / "run.json").read_bytes() == before
    assert Path("/dev/full").is_char_device()


def test_a_report_goes_to_standard_output(command: Command, run: Path) -> None:
    answer = command("report", str(run), "--to", "-")
    assert answer.code == 0
    assert answer.out.startswith("<!doctype html>")
    assert answer.out.endswith("</html>\n")
    assert not Path("-").exists()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_stays(
    command: Command, run: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", failing)
    answer = command("report", str(run))
    assert answer.code == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert len(answer.err.splitlines()) == 1
    assert not [path for path in run.iterdir() if "report" in path.name]


def test_a_run_made_before_digests_is_marked_everywhere(command: Command, run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    assert "unchecked" not in command("show", str(run)).out
    del record["format"], record["sha256"]
    for entry in record["cells"]:
        del entry["sha256"]
    (run / "run.json").write_text(json.dumps(record))
    assert "unchecked: the run was made before" in command("show", str(run)).out
    assert json.loads(command("runs", "--json").out)[0]["checked"] == "no"
    assert command("report", str(run)).code == 0
    assert "Unchecked: the run was made before" in (run / "report.html").read_text(encoding="utf-8")


def test_a_deleted_cell_is_named_by_every_command(command: Command, run: Path) -> None:
    place = next(run.glob("cells/*"))
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
    for words in (("show",), ("report",)):
        answer = command(*words, str(run))
        assert answer.code == 1
        assert "(its folder is missing)" in answer.err
    answers = [command("sample", str(run), "--where", f"hidden={hidden}", "--no-pictures") for hidden in (1, 2)]
    assert sorted(answer.code for answer in answers) == [0, 1]
