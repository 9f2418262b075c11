"""`landscape watch`: the overview of runs is right, safe, cheap, and never written over what is not ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from landscape import overview, results, sharing
from landscape.overview import FILES, INDEX, PICTURE, WORDS, Overview
from landscape.record import cell, read_record, write_record
from landscape.report.overview import is_overview
from tests.conftest import Command
from tests.programs import interruptible

pytestmark = pytest.mark.usefixtures("toy")
RUN = ("study", "toy-line", "--preset", "test", "--no-report", "--hidden")
HOSTILE = '<script>alert(1)</script> & "quoted"'


def run(command: Command, hidden: str = "1,2", *words: str) -> Path:
    done = command(*RUN, hidden, *words)
    return Path(str(re.search(r"^run +(\S+)$", done.out, re.MULTILINE)[1]))  # type: ignore[index]


def written(folder: Path) -> str:
    return (folder / INDEX).read_text(encoding="utf-8")


def change(folder: Path, **fields: object) -> None:
    write_record(folder, {**read_record(folder), **fields})


def test_each_run_has_its_card_newest_first(command: Command, out: Path) -> None:
    old, new = run(command, "1"), run(command, "1,2")
    change(old, started="2020-01-01T00:00:00+00:00")
    command("report", old.name)
    answer = command("watch", "--once")
    assert (answer.code, answer.out) == (0, f"index   {out / INDEX}\n")
    page = written(out)
    assert page.index(f'id="{new.name}"') < page.index(f'id="{old.name}"')
    assert "2 finished" in page
    assert f'href="./{old.name}/report.html"' in page
    assert f'href="./{new.name}/report.html"' not in page
    assert f"{read_record(old)['command']} --out {out}</code>" in page
    assert re.search(r"\d of 6 networks converged", page)


def test_hostile_titles_are_text(command: Command, out: Path) -> None:
    change(run(command), title=HOSTILE, command=HOSTILE)
    command("watch", "--once")
    page = written(out)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quoted&#34;") == 2


def test_the_page_loads_itself_again_only_while_a_run_is_in_progress(command: Command, out: Path) -> None:
    folder = run(command)
    command("watch", "--once", "--every", "7")
    assert 'http-equiv="refresh"' not in written(out)
    assert "data-seconds=" not in written(out)
    with sharing.claimed(folder, cell(hidden=2)):
        command("watch", "--once", "--every", "7")
    assert '<noscript><meta http-equiv="refresh" content="7"></noscript>' in written(out)
    assert '<body class="overview" data-seconds="7">' in written(out)


def test_a_run_in_progress_says_how_far_it_is(command: Command, out: Path) -> None:
    folder = run(command, "1,2,3", "--fail", "2")
    record = read_record(folder)
    record["cells"][2] = {key: record["cells"][2][key] for key in ("name", "values")} | {"status": "waiting"}
    began = time.time() - 60
    write_record(folder, {**record, "started": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(began))})
    with sharing.claimed(folder, cell(hidden=3)):
        command("watch", "--once")
    page = written(out)
    for words in ("1 running", "2 of 3 cells", "1 failed", "so far", "left", '<progress max="3" value="2"'):
        assert words in page
    assert re.search(r"about (5\d|6\d) s left|about 1 min left", page)
    command("watch", "--once")
    assert "1 stopped" in written(out)
    assert "left" not in re.sub(r"<style>.*</style>|<script>.*</script>", "", written(out), flags=re.DOTALL)


def test_unreadable_runs_are_named_and_hide_no_other(command: Command, out: Path) -> None:
    good, bad = run(command, "1"), run(command, "2")
    (bad / "run.json").write_text("{")
    assert command("watch", "--once").code == 0
    page = written(out)
    assert f'id="{good.name}"' in page
    assert f'id="{bad.name}"' not in page
    assert f"{bad / 'run.json'} cannot be read" in page


def test_words_are_made_once_and_again_for_a_run_that_changed(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run(command)
    made: list[str] = []
    usual = overview._made
    monkeypatch.setattr(overview, "_made", lambda folder, *rest: made.append(folder.name) or usual(folder, *rest))
    for _ in range(2):
        command("watch", "--once")
        assert made == [folder.name]
    change(folder, title="Another title")
    command("watch", "--once")
    assert made == [folder.name] * 2
    assert "Another title" in written(out)
    command("report", folder.name)  # makes the words with the page, so that nothing is left to make
    assert made == [folder.name] * 3
    command("watch", "--once")
    assert made == [folder.name] * 3


def test_kept_words_of_a_run_are_deleted_with_it_and_altered_ones_made_again(command: Command, out: Path) -> None:
    folder = run(command)
    command("watch", "--once")
    words = out / FILES / f"{folder.name}{WORDS}"
    (out / FILES / "notes.txt").write_text("not ours")
    for altered in ("{", "[]", json.dumps({"format": 1, "found": 3}), json.dumps({"format": 2})):
        words.write_text(altered)
        assert command("watch", "--once").code == 0
        assert json.loads(words.read_text())["record"] == read_record(folder)["sha256"]
    shutil.rmtree(folder)
    command("watch", "--once")
    assert "No runs yet" in written(out)
    assert [file.name for file in (out / FILES).iterdir()] == ["notes.txt"]


def test_a_run_whose_study_is_not_here_has_a_card_without_an_answer(command: Command, out: Path) -> None:
    change(run(command), study="elsewhere")
    assert command("watch", "--once").code == 0
    assert "Its answer cannot be shown: " in written(out)


def test_a_page_that_is_not_ours_is_never_written_over(command: Command, out: Path) -> None:
    run(command)
    (out / INDEX).write_text("<!doctype html><title>Mine</title>")
    answer = command("watch", "--once")
    assert (answer.code, answer.out) == (2, "")
    reason = "it exists, is not of `landscape watch`, and would be lost; move it, or choose another --out"
    assert answer.err == f"landscape: {out / INDEX}: {reason}\n"
    command(*RUN, "3")
    command("report")
    assert written(out) == "<!doctype html><title>Mine</title>"


def test_studies_and_reports_keep_a_page_that_is_there_and_make_one_in_the_usual_folder_alone(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(command, "1")
    assert not (out / INDEX).exists()
    command("watch", "--once")
    second = run(command, "2")
    assert f'id="{second.name}"' in written(out)
    command("report", first.name)
    assert f'href="./{first.name}/report.html"' in written(out)
    monkeypatch.chdir(tmp_path)
    answer = command(*RUN, "1", "--out", "reports")
    assert f"index   {Path('reports') / INDEX}\n" in answer.out
    assert is_overview(tmp_path / "reports" / INDEX)
    assert " --out " not in written(tmp_path / "reports").partition("<main>")[2]


def test_a_page_that_cannot_be_written_stops_no_study(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(command, "1")
    command("watch", "--once")
    monkeypatch.setattr(Overview, "write", lambda *_: 1 / 0)
    assert command(*RUN, "2").code == 0


def test_pictures_are_files_of_their_own(run_of_test_preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.undo()  # the package's studies
    made = run_of_test_preset("regions")
    shutil.copytree(made, tmp_path / made.name)
    found = Overview(tmp_path)
    assert found.lacking() == [tmp_path / made.name]
    found.make(tmp_path / made.name, results.load(tmp_path / made.name))
    assert found.lacking() == []
    found.write()
    picture = tmp_path / FILES / f"{made.name}{PICTURE}"
    assert f'src="{FILES}/{picture.name}"' in written(tmp_path)
    root = ElementTree.parse(picture).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = picture.read_text(encoding="utf-8")
    assert "color-scheme: light dark" in text
    assert "http" not in text.replace("http://www.w3.org/", "")
    assert not found.write()  # nothing has changed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--every", "0.1"), "`every` must be from 1 to 86400 seconds; got 0.1"),
        (("--every", "nan"), "`every` must be from 1 to 86400 seconds; got nan"),
        (
            ("--out", "nowhere"),
            "there is no folder nowhere, where runs would be; run a study first, or give another --out",
        ),
    ],
)
def test_wrong_input_is_one_line(command: Command, out: Path, words: tuple[str, ...], message: str) -> None:
    out.mkdir()
    answer = command("watch", *words)
    assert (answer.code, answer.err) == (2, f"landscape: {message}\n")


def test_a_file_in_place_of_the_folder_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = command("watch", "--out", str(tmp_path / "file"))
    assert (answer.code, answer.err.count("\n")) == (2, 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a process alone")
def test_ctrl_c_ends_it_with_130(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.toy", "watch", "--out", str(tmp_path), "--every", "1"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, preexec_fn=interruptible)
    try:
        assert process.stdout
        assert process.stdout.readline() == f"index   {tmp_path / INDEX}\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert said == f"landscape: stopped: {tmp_path / INDEX} is as it was last written; the runs themselves go on\n"
