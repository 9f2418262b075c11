"""Nothing hangs and nothing takes all memory: endless inputs, huge numbers, places that cannot hold a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from landscape import presets
from landscape.commands.sample import SampleOptions, _known
from landscape.data import DataSpec, load, load_data
from landscape.studies.parts import image_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

RUN = ("study", "toy-line", "--preset", "test", "--no-report")
posix = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pipes, devices and /proc are Linux's")


def refused(command: Command, *words: str) -> str:
    """The message, a single line, with which a command ends."""
    answer = command(*words)
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1), answer
    assert "unexpected" not in answer.err
    return answer.err


@posix
@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pipe", "is a pipe, and a regular file is needed"),
        ("/dev/zero", "is a device, and a regular file is needed"),
        ("/proc/self/mem", "cannot be read (Input/output error)"),
        ("loop", "cannot be read (Too many levels of symbolic links)"),
        ("x" * 300, "cannot be read (File name too long)"),
        ("", "is a folder, and a regular file is needed"),
    ],
)
def test_a_config_that_is_no_file_is_refused_at_once(command: Command, tmp_path: Path, kind: str, message: str) -> None:
    place = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "loop":
        place.symlink_to(place)
    assert message in refused(command, *RUN, "--config", str(place))


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"hidden = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"members = 1" + b"0" * 6000, "is not valid TOML"),
        (b"members = 1" + b"0" * 400, "`members` must be from 1 to 1000; got 1000"),
        (b"steps = 1" + b"0" * 400, "`steps` must be at most 9007199254740992; got 1000"),
        (b"lr = 1" + b"0" * 400, "`lr` must be a finite number; got inf"),
        (b"lr = 1e999", "`lr` must be a finite number; got inf"),
        (b"#" * 1_000_001, "is larger than 1 MB, the most that is read of such a file"),
        ("members = 2".encode("utf-16"), "is not valid TOML"),
        (bytes(range(256)), "is not valid TOML"),
    ],
)
def test_a_config_beyond_all_measure_is_refused(command: Command, tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / "mine.toml").write_bytes(text)
    assert message in refused(command, *RUN, "--config", str(tmp_path / "mine.toml"))


@pytest.mark.usefixtures("toy")
def test_a_config_may_begin_with_a_byte_order_mark(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("members = 7\r\n", encoding="utf-8-sig")
    assert "members = 7" in command("study", "toy-line", "--config", str(tmp_path / "mine.toml"), "--print-config").out


@posix
@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("kind", ["/proc", "/proc/self/mem", "file", "loop", "broken", "models", "pipe", "x" * 300])
def test_an_out_that_takes_no_runs_is_refused_before_any_work(command: Command, tmp_path: Path, kind: str) -> None:
    place = tmp_path / kind
    if kind == "file":
        place.touch()
    elif kind in ("loop", "broken"):
        place.symlink_to(place if kind == "loop" else tmp_path / "nowhere" / "below")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "models":
        place.mkdir()
        (place / "models").touch()
    message = refused(command, *RUN, "--out", str(place))
    assert ("choose another --out" if len(kind) < 256 else "cannot be used (File name too long)") in message
    assert kind == "models" or not list(tmp_path.glob("*/toy-line-*"))


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**63])
def test_whole_numbers_that_no_table_holds_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="`seed` must be at"):
        ToyLine(seed=value)


def test_a_check_of_large_data_makes_a_few_points_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    dataset = load._dataset

    def counted(spec: object, source: object, places: np.ndarray, members: int) -> object:
        made.append(places.size)
        return dataset(spec, source, places, members)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "_dataset", counted)
    settings = {"size": 1024, "net": "cnn", "count": 300}
    study = presets.make_study("memorisation", "test", overrides=settings)
    assert len(study.recipes(study.cells()[0])) == 2
    assert made == [16, 16, 1, 1]  # of 64 MB in all: for training, held out, and both for the twin
    assert image_study.CHECKED_BYTES == 4 * 1024**2 * 16


@posix
@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(("kind", "what"), [("pipe", "a pipe"), ("/dev/zero", "a device"), ("file", "a file")])
def test_what_is_no_folder_is_neither_a_run_nor_a_place_of_runs(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, what: str
) -> None:
    place = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "file":
        place.touch()
    monkeypatch.chdir(tmp_path)
    for name in (str(place), str(place / "run.json"), kind):
        for words in ("show", "report", "sample"):
            assert f"is {what}, and a run is a folder with run.json" in refused(command, words, name)
    for words in ("show", "report", "sample"):
        assert "no run in " in refused(command, words, str(place / "below" / "it"))
    for line in (("runs",), ("show", "toy"), ("report",), ("report", "toy"), ("sample", "toy")):
        assert f"is {what}, and runs are in a folder; choose another --out" in refused(
            command, *line, "--out", str(place)
        )
    assert f"is {what}, and runs need a folder; choose another --out" in refused(command, *RUN, "--out", str(place))


@posix
@pytest.mark.parametrize(("kind", "message"), [("pipe", "is a pipe"), ("/dev/zero", "is a device"), ("far.npy", "")])
def test_known_coordinates_come_from_a_file_of_numbers(tmp_path: Path, kind: str, message: str) -> None:
    place = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "far.npy":
        np.save(place, np.zeros((3, 2)))
        place.write_bytes(place.read_bytes().replace(b"(3, 2), }" + b" " * 13, b"(3" + b"0" * 13 + b", 2), }"))
    with pytest.raises(ValueError, match=rf"is no \.npy file of numbers \(.*{message}"):
        _known(str(place), load_data(DataSpec("two-points"), (0,)), None, SampleOptions())
