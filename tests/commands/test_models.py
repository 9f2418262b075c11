"""`landscape models`: what the store holds, which runs use it, and what `prune` removes and keeps."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from landscape import disk
from landscape.model_store import DAMAGED, STOPPED, entries
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
OTHER = "0123456789abcdef"
PRUNE = ("models", "prune", "--unused")


@pytest.fixture
def run(out: Path) -> Path:
    return run_study(ToyLine(steps=5, hidden=(1, 2)), out=out)


def keys(out: Path) -> set[str]:
    return {folder.name for folder in (out / "models").iterdir() if (folder / "spec.json").exists()}


def test_the_list_says_what_each_entry_holds_and_who_uses_it(run: Path, command: Command, out: Path) -> None:
    found = json.loads(command("models", "--json").out)
    assert {entry["key"] for entry in found} == keys(out)
    assert {entry["network"].split(", ")[1] for entry in found} == {"1 hidden", "2 hidden"}
    for entry in found:
        files = list((out / "models" / entry["key"]).iterdir())
        assert entry["bytes"] == sum(file.stat().st_size for file in files)
        assert entry["runs"] == [run.name]
        assert entry["members"] == 3
    answer = command("models")
    assert answer.code == 0
    assert "mlp, 1 hidden" in " ".join(answer.out.split())
    assert answer.out.splitlines()[-1].startswith("2 entries, ")


def test_an_empty_store_is_said_to_be_empty(command: Command, out: Path) -> None:
    answer = command("models")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"no networks in {out / 'models'}\n"
    assert json.loads(command("models", "--json").out) == []
    assert command(*PRUNE).out == "removed 0 entries, 0 bytes\n"


def test_prune_removes_what_no_run_uses_and_nothing_else(run: Path, command: Command, out: Path) -> None:
    before, second = keys(out), run_study(ToyLine(steps=7, hidden=(1,)), out=out)
    (unused,) = keys(out) - before
    (out / "models" / "notes.txt").write_text("mine")
    shutil.rmtree(second)
    size = sum(file.stat().st_size for file in (out / "models" / unused).iterdir())
    dry = command(*PRUNE, "--dry-run")
    assert dry.out.splitlines()[0].startswith(f"would remove {unused} (mlp, 1 hidden, ")
    assert dry.out.splitlines()[-1] == f"would remove 1 entry, {size:,} bytes"
    assert unused in keys(out)
    answer = command(*PRUNE)
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == f"removed 1 entry, {size:,} bytes"
    assert keys(out) == before
    assert (out / "models" / "notes.txt").read_text() == "mine"


def test_networks_that_a_larger_run_took_from_a_smaller_one_are_in_use(command: Command, out: Path) -> None:
    small = run_study(ToyLine(steps=5, hidden=(1,), members=2), out=out)
    (piece,) = keys(out)
    large = run_study(ToyLine(steps=5, hidden=(1,), members=5), out=out)
    shutil.rmtree(small)
    runs = {entry["key"]: entry["runs"] for entry in json.loads(command("models", "--json").out)}
    assert len(runs) == 3  # the first two members, the other three, and the list of both
    assert set(map(tuple, runs.values())) == {(large.name,)}
    assert command(*PRUNE).out == "removed 0 entries, 0 bytes\n"
    shutil.rmtree(large)
    assert command(*PRUNE).out.splitlines()[-1].startswith("removed 3 entries, ")
    assert piece not in keys(out)


def test_out_before_prune_counts_too(run: Path, command: Command, tmp_path: Path) -> None:
    answer = command("models", "--out", tmp_path / "elsewhere", "prune", "--unused")
    assert answer.out == "removed 0 entries, 0 bytes\n"
    assert keys(run.parent)


def test_networks_of_unfinished_cells_are_in_use(run: Path, command: Command, out: Path) -> None:
    before = keys(out)
    shutil.rmtree(next((run / "cells").iterdir()))
    assert command(*PRUNE).out == "removed 0 entries, 0 bytes\n"
    assert keys(out) == before


def test_a_study_that_trains_nothing_uses_nothing(
    run: Path, command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(run / "cells")
    monkeypatch.setattr(ToyLine, "trains", False)
    monkeypatch.setattr(ToyLine, "recipes", None)  # it would ask for a network that may be gone
    found = json.loads(command("models", "--json").out)
    assert [entry["runs"] for entry in found] == [[], []]


def test_entries_in_training_are_kept(run: Path, command: Command, out: Path) -> None:
    shutil.rmtree(run)
    first, second = sorted(keys(out))
    with disk.locked(out / "models" / "locks" / first):
        assert "in training" in command("models").out
        assert command(*PRUNE).code == 0
    assert keys(out) == {first}
    assert second not in keys(out)


@pytest.mark.parametrize("kind", ["file", "link", "other content"])
def test_what_is_not_the_stores_is_kept(run: Path, command: Command, out: Path, tmp_path: Path, kind: str) -> None:
    place = out / "models" / OTHER
    if kind == "file":
        place.write_text("mine")
    elif kind == "link":
        (tmp_path / "mine").mkdir()
        place.symlink_to(tmp_path / "mine")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("mine")
    assert command(*PRUNE).out == "removed 0 entries, 0 bytes\n"
    assert os.path.lexists(place)
    assert (tmp_path / "mine").exists() == (kind == "link")


def test_damaged_entries_and_remains_of_stopped_training_are_named_and_removed(
    run: Path, command: Command, out: Path
) -> None:
    models = out / "models"
    shutil.copytree(models / sorted(keys(out))[0], models / OTHER)  # the recipe is another's
    (models / f"{OTHER[::-1]}.checkpoint").write_bytes(b"state")
    states = {entry.key: entry.state for entry in entries(out)}
    assert states[OTHER] == DAMAGED
    assert states[OTHER[::-1]] == STOPPED
    assert f"removed {OTHER[::-1]} (stopped): 5 bytes" in command(*PRUNE).out
    assert not list(models.glob(f"{OTHER}*")) + list(models.glob("*.checkpoint"))


@pytest.mark.parametrize("words", [("models",), PRUNE])
def test_a_run_that_cannot_be_read_stops_both(run: Path, command: Command, out: Path, words: tuple[str, ...]) -> None:
    before = keys(out)
    (run / "run.json").write_text("{")
    answer = command(*words)
    assert answer.code == 2
    assert answer.err.startswith("landscape: which networks are in use is not known: ")
    assert answer.err.count("\n") == 1
    assert keys(out) == before


def test_prune_asks_what_to_remove(run: Path, command: Command) -> None:
    answer = command("models", "prune")
    assert answer.code == 2
    assert "`landscape models prune --unused` removes networks that no run uses" in answer.err
