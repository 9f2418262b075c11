"""Every writer gives a file its final name only after the content has reached the disk."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape import disk, results
from landscape.commands.faults import terminable
from landscape.data import DataSpec
from landscape.ensemble import Checkpoint
from landscape.nets import MLP
from landscape.results import Measured
from landscape.training import FitSpec, Recipe, Site, trained

MEASURED = Measured({"members": pd.DataFrame({"member": [0]})})
RECIPE = Recipe(MLP(1, 3), DataSpec("two-points"), FitSpec(steps=2), (0, 1))
WRITERS: dict[str, Callable[[Path], object]] = {
    "cell": lambda place: results.save_cell(place, results.cell(hidden=1), MEASURED, 0.0),
    "record": lambda place: results.write_record(place, {}),
    "model": lambda place: trained(RECIPE, Site(models=place)),
    "checkpoint": lambda place: Checkpoint(place / "checkpoint", "key").save({"flat": torch.zeros(3)}, {}),
}


@pytest.mark.parametrize("folder", [False, True])
def test_every_file_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    part, final, synced, replace = tmp_path / "new.part", tmp_path / "new", [], os.replace

    def replaced(*names: Path) -> None:
        assert sorted(synced) == sorted(path.stat().st_ino for path in written)
        replace(*names)

    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_ino))
    monkeypatch.setattr(os, "replace", replaced)
    if folder:
        part.mkdir()
        (part / "a").write_text("a")
        (part / "b").write_text("b")
    else:
        part.write_text("a")
    written = [part, *part.glob("*")]
    disk.settle(part, final)
    assert final.exists()
    assert not part.exists()


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_cannot_be_flushed_does_not_get_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="Input/output"):
            WRITERS[name](tmp_path)
        assert {path.name for path in tmp_path.rglob("*")} <= {"cells", "locks", RECIPE.key}
        assert not (tmp_path / RECIPE.key).exists()
    WRITERS[name](tmp_path)


def test_a_pipe_a_device_and_a_folder_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path / "pipe", "a pipe"), (Path("/dev/zero"), "a device"), (tmp_path, "a folder")):
        with pytest.raises(ValueError, match=f"is {kind}, and a regular file is needed"):
            disk.read_regular(path, 10)


def test_a_file_above_its_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert disk.read_regular(tmp_path / "file", 5) == b"12345"
    with pytest.raises(ValueError, match="is larger than"):
        disk.read_regular(tmp_path / "file", 4)


@pytest.mark.parametrize("folder", [False, True])
def test_replacing_gives_the_name_at_the_end_and_leaves_nothing_after_a_failure(tmp_path: Path, folder: bool) -> None:
    final = tmp_path / "final"

    def write(path: Path, text: str) -> None:
        if folder:
            path.mkdir()
        (path / "inside" if folder else path).write_text(text)

    def content() -> str:
        return (final / "inside" if folder else final).read_text()

    with disk.replacing(final) as part:
        write(part, "one")
        assert not final.exists()
    assert content() == "one"
    with suppress(KeyError), disk.replacing(final) as part:
        write(part, "two")
        raise KeyError
    assert content() == "one"
    assert list(tmp_path.iterdir()) == [final]


def test_a_lock_has_a_single_holder_and_is_free_afterwards(tmp_path: Path) -> None:
    with disk.locked(tmp_path / "lock"), pytest.raises(disk.Busy), disk.locked(tmp_path / "lock", wait=False):
        pass
    with disk.locked(tmp_path / "lock", wait=False):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_an_uninterrupted_block_has_ended(number: signal.Signals) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    done = []

    def stopped_within() -> None:
        with disk.uninterrupted():
            os.kill(os.getpid(), number)
            done.append("block")
        done.append("after")

    with pytest.raises(KeyboardInterrupt), terminable():
        stopped_within()
    assert done == ["block"]
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler
